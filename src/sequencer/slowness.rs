//! A slow store: what people are told of a disk that takes too long for what it is asked to write (behaviour §9).
//!
//! It is found out when a write has come back. A disk that hangs altogether is the business of distress (`flight.rs`).

use std::time::Duration;

use super::{Round, Sequencer};
use crate::host::machine::Machine;
use crate::journal::Pace;
use crate::watch::event::Happening;
use crate::watch::own_alarms::{RECORD, SelfAlarm, SelfSignal};
use crate::watch::time::{Moment, Mono};

/// So long must it not have been slow before that is over.
const RESTS: Duration = Duration::from_secs(300);

/// What is remembered of a disk that was too slow.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Slowness {
    /// When it was last seen to be.
    seen: Option<Mono>,
    /// When it is looked at again.
    pub(super) due: Option<Mono>,
}

impl<M: Machine> Sequencer<M> {
    /// Looks at how long the disk takes, and tells of it where that has changed.
    pub(super) fn mind_slowness(&mut self, now: Moment, round: &mut Round) {
        self.slowness.due = None;
        let Some((signal, _)) = self.slowness_found(now.mono) else { return };
        self.decide(Happening::Own(signal), now, round);
    }

    /// A write has come back: whether that is to be told of soon.
    pub(super) fn look_at_slowness(&mut self) {
        let now = self.machine.now().mono;
        if let Some((_, due)) = self.slowness_found(now) {
            self.slowness.due = Some(due);
        }
    }

    fn slowness_found(&mut self, now: Mono) -> Option<(SelfSignal, Mono)> {
        let bound = self.watch.site().slow_store;
        let stands = self.watch.state().stands(SelfAlarm::StoreSlow, RECORD);
        match self.journal.pace(bound, now) {
            Pace::Slow { slow, of, longest } => {
                self.slowness.seen = Some(now);
                let reason = words(slow, of, longest, bound);
                let raised = SelfSignal::raised(SelfAlarm::StoreSlow, RECORD, &reason);
                (!stands).then_some((raised, now))
            }
            Pace::Quick if stands => {
                let rested = self.slowness.seen.map_or(now, |seen| seen.after(RESTS));
                if rested > now {
                    self.slowness.due = Some(rested);
                    return None;
                }
                Some((SelfSignal::cleared(SelfAlarm::StoreSlow, RECORD), now))
            }
            Pace::Quick | Pace::Unsure => None,
        }
    }
}

fn words(slow: usize, of: usize, longest: Duration, bound: Duration) -> String {
    let [longest, bound] = [longest, bound].map(|time| time.as_secs_f64());
    format!(
        "{slow} of the last {of} writes took up to {longest:.1} s, too long from {bound:.1} s; look at the disk"
    )
}
