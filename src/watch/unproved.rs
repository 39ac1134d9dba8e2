//! Unproved: what a signal may do whose sender has proved nothing, where only who has may end the alarm (`cleared-by = "authenticated"`).
//!
//! It raises the alarm and makes it worse: when in doubt, call. It ends nothing, makes nothing milder, and is no sign that the device lives:
//! else whoever forges a trap would turn a critical alarm into a low one, or speak every so often in the place of a device that is dead.
//! Nor does it say what keeps the alarm quiet: what it raises nothing but a person or a window hides, and what is known, hidden, on its way
//! through the on-delay, or open, be its cause gone and back again, keeps its causes, and its text unless it gets worse.
//!
//! # Decision (2026-11-27): who has proved nothing brings an open alarm back, and does not word it
//!
//! The text of an occurrence is that of its latest activation (`condition.rs`). Where the device itself has said "Pump 1 is on fire", and that
//! has returned and still waits for its answer, whoever forges one trap would have it read "Pump 9 is being tested" behind the same code. So
//! such a re-activation counts, calls, and ends an acknowledgement as any other does, in the words that the occurrence has. Rejected: to
//! remember who chose the words, so that one forger may overwrite another.

use std::sync::Arc;

use super::alarm::{Activation, Alarm, Pending};
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
        let worst = alarm.and_then(Alarm::worst).filter(|_| !definition.believes(signal));
        let no_milder = |priority: Priority| worst.map_or(priority, |worst| priority.max(worst));
        match self {
            Self::Active { priority, text } => Self::Active { priority: no_milder(priority), text },
            Self::Event { priority, text } => Self::Event { priority: no_milder(priority), text },
            Self::Normal | Self::Unchanged | Self::Unreadable(_) => self,
        }
    }
}

impl Activation {
    /// As a signal says it, with the alarms that keep it quiet; `known` is what it was before, where anything stands of it.
    pub(super) fn said_by(
        self,
        signal: &Signal,
        definition: &Definition,
        known: Option<&Self>,
    ) -> Self {
        if definition.believes(signal) {
            return Self { causes: definition.causes(signal), ..self };
        }
        match known {
            None => Self { causes: None, ..self },
            Some(known) if self.priority > known.priority => {
                Self { causes: known.causes.clone(), ..self }
            }
            Some(known) => {
                Self { causes: known.causes.clone(), text: Arc::clone(&known.text), ..self }
            }
        }
    }
}

impl Alarm {
    /// How it will open when its on-delay is over, where one runs.
    fn waits_to_begin(&self) -> Option<&Activation> {
        match self.pending.as_deref()? {
            Pending::Activation { as_, .. } => Some(as_),
            Pending::Return { .. } => None,
        }
    }

    /// As what it is known while anything stands of it: how it will open, or how it is open.
    pub(super) fn as_known(&self) -> Option<&Activation> {
        self.waits_to_begin().or(self.open.as_deref().map(|open| &open.activation))
    }

    /// How bad it is, open, on its way through a delay, or kept quiet.
    fn worst(&self) -> Option<Priority> {
        let open = self.open.as_deref().map(|open| open.activation.priority);
        let pending = self.waits_to_begin().map(|as_| as_.priority);
        let hidden = self.hidden().map(|hidden| hidden.activation.priority);
        [open, pending, hidden].into_iter().flatten().max()
    }
}
