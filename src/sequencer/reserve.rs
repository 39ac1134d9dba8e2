//! The reserve: what people are told of the room that the journal keeps back for a full disk.
//!
//! It is an alarm as soon as it is in use, while the record still goes on: whoever is called has
//! the time that the reserve lasts. It is one as well when there is no room to keep any back, since
//! then the disk is nearly full. It is over when the room is kept back again.

use std::time::Duration;

use super::flight::{DiskError, answered};
use super::{Round, Sequencer};
use crate::host::machine::Machine;
use crate::journal::Reserve;
use crate::watch::event::Happening;
use crate::watch::own_alarms::{RESERVE, SelfAlarm, SelfSignal};
use crate::watch::time::Moment;

/// How often the disk is asked whether it has room again.
const ASK_AGAIN: Duration = Duration::from_secs(5);

impl<M: Machine> Sequencer<M> {
    /// Whether the journal says something else of its reserve than people were told.
    pub(super) fn reserve_has_changed(&self) -> bool {
        self.journal.reserve() != self.reserve
    }

    /// Tells what became of the reserve, and asks for one where there is none.
    pub(super) async fn mind_reserve(&mut self, now: Moment, round: &mut Round) {
        if self.reserve_due.is_some_and(|due| due <= now.mono) && self.unwritten.is_empty() {
            self.reserve_due = Some(now.mono.after(ASK_AGAIN));
            // Who cannot lay it cannot commit either, and that is told.
            if let Err(DiskError::Hangs) = answered(&self.machine, self.journal.lay_reserve()).await
            {
                self.does_not_answer();
            }
        }
        if self.reserve_has_changed() {
            self.reserve = self.journal.reserve();
            self.tell_of_reserve(now, round);
        }
    }

    /// What stands of an earlier life is told anew, or is over.
    pub(super) fn tell_of_reserve(&mut self, now: Moment, round: &mut Round) {
        let own = |reason| SelfSignal::raised(SelfAlarm::Store, RESERVE, reason);
        let (own, due) = match self.reserve {
            Reserve::Unasked => return,
            Reserve::Kept => (SelfSignal::cleared(SelfAlarm::Store, RESERVE), None),
            Reserve::InUse => {
                (own("the disk is full, and the reserve is being used; make room"), Some(ASK_AGAIN))
            }
            Reserve::NoRoom => {
                (own("no reserve can be kept for a full disk; make room"), Some(ASK_AGAIN))
            }
        };
        self.reserve_due = due.map(|wait| now.mono.after(wait));
        self.decide(Happening::Own(own), now, round);
    }
}
