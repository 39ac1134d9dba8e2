//! Unproved: what a signal may do whose sender has proved nothing, where only who has may end the alarm (`cleared-by = "authenticated"`).
//!
//! It raises the alarm and makes it worse: when in doubt, call. It ends nothing, makes nothing milder, and is no sign that the device lives:
//! else whoever forges a trap would turn a critical alarm into a low one, or speak every so often in the place of a device that is dead.

use super::alarm::{Alarm, Pending};
use super::definition::{ClearedBy, Definition, Reported};
use super::signal::Signal;
use super::site::Priority;

impl Definition {
    /// Whether a signal is believed when it says that all is well, or better.
    pub(super) fn believes(&self, signal: &Signal) -> bool {
        match self.cleared_by {
            ClearedBy::Anyone => true,
            ClearedBy::Authenticated => signal.is_authenticated(),
        }
    }
}

impl Reported {
    /// The same, and for a signal that is not believed no milder than what is known of the alarm.
    pub(super) fn doubted(
        self,
        signal: &Signal,
        definition: &Definition,
        alarm: Option<&Alarm>,
    ) -> Self {
        match (self, alarm.and_then(Alarm::worst)) {
            (Self::Active { priority, text }, Some(worst)) if !definition.believes(signal) => {
                Self::Active { priority: priority.max(worst), text }
            }
            (Self::Event { priority, text }, Some(worst)) if !definition.believes(signal) => {
                Self::Event { priority: priority.max(worst), text }
            }
            (reported, _) => reported,
        }
    }
}

impl Alarm {
    /// How bad it is, open, on its way through a delay, or kept quiet.
    fn worst(&self) -> Option<Priority> {
        let open = self.open.as_deref().map(|open| open.activation.priority);
        let pending = self.pending.as_deref().and_then(|pending| match pending {
            Pending::Activation { as_, .. } => Some(as_.priority),
            Pending::Return { .. } => None,
        });
        let hidden = self.hidden().map(|hidden| hidden.activation.priority);
        [open, pending, hidden].into_iter().flatten().max()
    }
}
