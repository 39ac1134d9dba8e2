//! The uplink counters of LoRaWAN devices: a number that is left out is an uplink that nobody received.
//!
//! A device counts its uplinks from 0 after each join, and a lost one is not sent again. The counters are kept for a fixed
//! number of devices; further ones are not followed, and that is said. Whoever hands the same uplink in twice is told so, and
//! nothing is counted as lost by it; but only the last uplink is known, so that a whole series that a broker delivers again
//! looks like a device that counts anew. The caller knows repetitions by their identity, and keeps them away from here.
//!
//! What comes first after a join, or at all, is where counting begins: how many uplinks were lost before is not known.

use std::collections::BTreeMap;

/// The last uplink of each device.
#[derive(Debug)]
pub(super) struct FrameCounters {
    /// `None` after a join, before the first uplink.
    last: BTreeMap<Box<str>, Option<u32>>,
    limit: usize,
}

/// How an uplink follows the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    /// The next one, or the first one of this device or since its join.
    InOrder,
    /// As many before it were lost.
    Lost(u32),
    /// The same one again.
    Again,
    /// A smaller number: the device was restarted, and did not join anew.
    Anew,
    /// There is no room for another device.
    NotFollowed,
}

/// The longest name of a device that is followed: an application's UUID, a slash and a DevEUI fit.
const LONGEST_NAME: usize = 128;

impl FrameCounters {
    /// Counters with room for so many devices.
    pub(super) fn new(limit: usize) -> Self {
        Self { last: BTreeMap::new(), limit }
    }

    /// How many devices there is room for.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// The device has joined: it counts from the beginning.
    pub(super) fn joined(&mut self, device: &str) {
        if let Some(last) = self.place(device) {
            *last = None;
        }
    }

    /// An uplink has come.
    pub(super) fn uplink(&mut self, device: &str, counter: u32) -> Count {
        let Some(last) = self.place(device) else {
            return Count::NotFollowed;
        };
        let Some(before) = last.replace(counter) else {
            return Count::InOrder;
        };
        match counter.checked_sub(before) {
            None => Count::Anew,
            Some(0) => Count::Again,
            Some(1) => Count::InOrder,
            Some(step) => Count::Lost(step.saturating_sub(1)),
        }
    }

    fn place(&mut self, device: &str) -> Option<&mut Option<u32>> {
        if !self.last.contains_key(device) {
            if self.last.len() >= self.limit || device.len() > LONGEST_NAME {
                return None;
            }
            self.last.insert(device.into(), None);
        }
        self.last.get_mut(device)
    }
}
