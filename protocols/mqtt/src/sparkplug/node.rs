//! One edge node: whether it lives, the number of its last message, its devices, and whether its birth is owed.

use std::collections::BTreeMap;

use super::known::Known;
use crate::reading::Remark;

/// An edge node and what is known of it.
#[derive(Debug, Default)]
pub(super) struct Node {
    life: Life,
    own: Known,
    devices: BTreeMap<Box<str>, Device>,
    /// How many metrics all devices have, so that nobody need count them.
    metrics_of_devices: usize,
    /// How many devices were not born since the node's last birth.
    unnamed: usize,
    /// The number of its last message.
    seq: u8,
    asking: Asking,
    /// Whether its last birth was asked for, and its devices' births that follow belong to the answer.
    is_answering: bool,
}

/// Whether the node is to be asked for its birth; counted in messages of the node.
#[derive(Debug, Default)]
struct Asking {
    is_owed: bool,
    /// Messages since it was asked, while no birth has come.
    pending: Option<u32>,
    /// How often it was asked of late, and how many messages ago the last time was.
    lately: u32,
    since: u32,
}

/// So often a node is asked in a row, where births come and do not help; then only at the pace of one that does not answer.
const IN_A_ROW: u32 = 3;

/// Whether a node lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Life {
    /// Its birth was not heard.
    #[default]
    Awaited,
    /// It lives, in the session that its birth told, if it told one.
    Born { session: Option<u64> },
    /// It is gone.
    Dead,
    /// There was no room for its birth: what it sends is read as far as it bears names, and it is asked for nothing.
    NoRoom,
}

/// How much is kept for a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    /// How many devices.
    pub(super) devices: usize,
    /// How many metrics, its own and those of its devices.
    pub(super) metrics: usize,
}

/// A device behind a node.
#[derive(Debug)]
struct Device {
    known: Known,
    /// Whether it was born since the last birth of the node.
    named: bool,
}

impl Node {
    /// Whether it lives.
    pub(super) fn life(&self) -> Life {
        self.life
    }

    /// Whether it lives, and its birth is known.
    pub(super) fn is_born(&self) -> bool {
        matches!(self.life, Life::Born { .. })
    }

    /// How much is kept for it.
    pub(super) fn size(&self) -> Size {
        let metrics = self.own.len().saturating_add(self.metrics_of_devices);
        Size { devices: self.devices.len(), metrics }
    }

    /// What a birth of the node itself, or of that device, would replace.
    pub(super) fn replaced(&self, device: Option<&str>) -> Size {
        match device {
            None => Size { devices: 0, metrics: self.own.len() },
            Some(device) => match self.devices.get(device) {
                None => Size { devices: 0, metrics: 0 },
                Some(old) => Size { devices: 1, metrics: old.known.len() },
            },
        }
    }

    /// What is known of the node's own metrics, or of that device's; nothing before its birth.
    pub(super) fn known(&self, device: Option<&str>) -> Option<&Known> {
        match device {
            _ if !self.is_born() => None,
            None => Some(&self.own),
            Some(device) => {
                self.devices.get(device).filter(|device| device.named).map(|device| &device.known)
            }
        }
    }

    /// It is born: what was known is over, and its devices must be named again.
    pub(super) fn born(&mut self, session: Option<u64>, seq: u8, own: Known) {
        (self.life, self.own, self.seq) = (Life::Born { session }, own, seq);
        self.is_answering = self.asking.is_owed;
        (self.asking.is_owed, self.asking.pending) = (false, None);
        self.unname_devices();
    }

    /// What is known of it may be old: the connection to the broker was lost. Its devices are kept by name, and it is asked for
    /// its birth.
    pub(super) fn doubted(&mut self) {
        (self.life, self.own) = (Life::Awaited, Known::default());
        self.asking = Asking { is_owed: true, pending: Some(0), ..Asking::default() };
        self.unname_devices();
    }

    /// It is gone, or there is no room for it. Gives what was known of it and of its devices, and keeps nothing.
    pub(super) fn ended(&mut self, life: Life) -> (Known, BTreeMap<Box<str>, Known>) {
        let before = std::mem::replace(self, Self { life, ..Self::default() });
        (
            before.own,
            before.devices.into_iter().map(|(name, device)| (name, device.known)).collect(),
        )
    }

    fn unname_devices(&mut self) {
        for device in self.devices.values_mut() {
            device.named = false;
        }
        self.unnamed = self.devices.len();
    }

    /// A device is born.
    pub(super) fn device_born(&mut self, name: &str, known: Known) {
        self.device_gone(name);
        self.metrics_of_devices = self.metrics_of_devices.saturating_add(known.len());
        self.devices.insert(name.into(), Device { known, named: true });
    }

    /// A device is gone, or not followed any longer. Gives what was known of it.
    pub(super) fn device_gone(&mut self, name: &str) -> Known {
        let Some(device) = self.devices.remove(name) else {
            return Known::default();
        };
        self.metrics_of_devices = self.metrics_of_devices.saturating_sub(device.known.len());
        self.unnamed = self.unnamed.saturating_sub(usize::from(!device.named));
        device.known
    }

    /// The devices that a birth of the node did not name again. To be asked at its first data: all births come before
    /// (§6.4.20). After a gap nobody knows, and whoever speaks right now is there.
    pub(super) fn not_named_again(&mut self, speaks: Option<&str>) -> Vec<(Box<str>, Known)> {
        if self.unnamed == 0 || self.own.doubtful || !self.is_born() {
            return Vec::new();
        }
        let unnamed = self.devices.iter().filter(|(_, device)| !device.named);
        let unnamed: Vec<Box<str>> = unnamed.map(|(name, _)| name.clone()).collect();
        let gone = unnamed.into_iter().map(|name| {
            let known = self.device_gone(&name);
            (name, known)
        });
        let gone: Vec<_> = gone.collect();
        gone.into_iter().filter(|(name, _)| speaks != Some(name)).collect()
    }

    /// A message of a node that lives has this number; the remark says that others are missing before it. One without a number
    /// has 0, which some senders leave out.
    pub(super) fn follow(&mut self, seq: Option<u64>) -> Option<Remark> {
        if !self.is_born() {
            return None;
        }
        let expected = self.seq.wrapping_add(1);
        let came = seq.unwrap_or(0);
        self.seq = u8::try_from(came).unwrap_or(expected);
        if came == u64::from(expected) {
            return None;
        }
        self.own.doubtful = true;
        for device in self.devices.values_mut() {
            device.known.doubtful = true;
        }
        Some(Remark::Gap { expected, came })
    }

    /// Something was not understood, and a birth would help.
    pub(super) fn needs_birth(&mut self) {
        self.asking.is_owed = self.life != Life::NoRoom;
    }

    /// Whether its births answer a question of ours.
    pub(super) fn is_answering(&self) -> bool {
        self.is_answering
    }

    /// It speaks of something else: what is born from now on is born by itself.
    pub(super) fn has_answered(&mut self) {
        self.is_answering = false;
    }

    /// Whether a birth would help, and has not come.
    pub(super) fn owes_birth(&self) -> bool {
        self.asking.is_owed
    }

    /// Counts a message, and says whether the node is to be asked now.
    pub(super) fn is_to_be_asked(&mut self, again: u32) -> bool {
        let Asking { is_owed, pending, lately, since } = &mut self.asking;
        *pending = pending.map(|messages| messages.saturating_add(1));
        *since = since.saturating_add(1);
        if *since > again {
            *lately = 0;
        }
        let is_due = *is_owed && pending.map_or(*lately < IN_A_ROW, |messages| messages > again);
        if is_due {
            (*pending, *since) = (Some(0), 0);
            *lately = lately.saturating_add(1);
        }
        is_due
    }
}
