//! A witness beside the watch: which phones have shown what, and whom a ladder called last.
//!
//! It notes what leaves and what never arrives, and knows nothing of what the watch makes of it:
//! what the watch says of who was told is held against it.

use std::collections::{BTreeMap, BTreeSet};

use crate::watch::alarm::OccurrenceNumber;
use crate::watch::decision::{Decision, Fact};
use crate::watch::escalation::{Ladder, Position, Rung};
use crate::watch::name::PersonId;
use crate::watch::notification::{Ending, NotificationId};
use crate::watch::state::State;
use crate::watch::swap::Swapping;
use crate::watch::time::Mono;

#[derive(Clone, Default)]
pub(super) struct Witness {
    left: BTreeMap<NotificationId, Left>,
    fired: BTreeMap<OccurrenceNumber, Fired>,
}

/// A message that tells of an occurrence, and how often it may have been read.
#[derive(Clone)]
struct Left {
    occurrence: OccurrenceNumber,
    person: PersonId,
    times: u32,
}

/// The latest rung at which a ladder called somebody.
#[derive(Clone)]
pub(super) struct Fired {
    pub(super) at: Position,
    pub(super) people: Vec<PersonId>,
}

impl Witness {
    /// A decision is about to be taken in.
    pub(super) fn note(&mut self, before: &State, decision: &Decision) {
        for fact in &decision.facts {
            match fact {
                Fact::Sent { notification, .. }
                | Fact::Postponed { notification, may_have_left: true, .. } => {
                    self.leaves(before, *notification);
                }
                Fact::Resumed => {
                    let leaving = before.notifications().filter(|owed| owed.is_leaving());
                    leaving.for_each(|owed| self.leaves(before, owed.id));
                }
                // What had left, and never arrives.
                Fact::Settled {
                    notification, ending: Ending::Refused | Ending::Expired, ..
                } => {
                    let sent = before.notification(*notification);
                    let sent = sent.is_some_and(|owed| owed.may_have_arrived());
                    if let Some(left) = self.left.get_mut(notification).filter(|_| sent) {
                        left.times -= 1;
                    }
                }
                Fact::Climbed { occurrence, rung: Rung::Fired { at, people }, .. } => {
                    let fired = Fired { at: *at, people: people.clone() };
                    self.fired.insert(*occurrence, fired);
                }
                Fact::Staged { occurrence, ladder, .. }
                | Fact::Climbed { occurrence, ladder, .. }
                    if begins(ladder, decision.moment.mono) =>
                {
                    self.fired.remove(occurrence);
                }
                Fact::Swapping(Swapping::Moved { occurrence, ladder, .. })
                    if begins(ladder, decision.moment.mono) =>
                {
                    self.fired.remove(occurrence);
                }
                Fact::Closed { occurrence } => {
                    self.fired.remove(occurrence);
                    self.left.retain(|_, left| left.occurrence != *occurrence);
                }
                _ => {}
            }
        }
    }

    fn leaves(&mut self, before: &State, id: NotificationId) {
        let Some(owed) = before.notification(id).filter(|owed| owed.purpose.tells()) else {
            return;
        };
        let Some(occurrence) = owed.occurrence else { return };
        let person = owed.person.clone();
        self.left.entry(id).or_insert(Left { occurrence, person, times: 0 }).times += 1;
    }

    /// Whose phone may show a message that tells of the occurrence.
    pub(super) fn readers(&self, occurrence: OccurrenceNumber) -> BTreeSet<&PersonId> {
        self.ever(occurrence, 1)
    }

    /// The same, and those to whom such a message left and never arrived.
    pub(super) fn addressed(&self, occurrence: OccurrenceNumber) -> BTreeSet<&PersonId> {
        self.ever(occurrence, 0)
    }

    fn ever(&self, occurrence: OccurrenceNumber, least: u32) -> BTreeSet<&PersonId> {
        let about = |left: &&Left| left.occurrence == occurrence && left.times >= least;
        self.left.values().filter(about).map(|left| &left.person).collect()
    }

    /// The latest rung that fired since the ladder was last begun.
    pub(super) fn fired(&self, occurrence: OccurrenceNumber) -> Option<&Fired> {
        self.fired.get(&occurrence)
    }
}

/// Whether a ladder is climbed from its first step from now on.
fn begins(ladder: &Ladder, now: Mono) -> bool {
    match ladder {
        Ladder::Still => false,
        Ladder::Climbing { next, due, .. } => *next == Position::BOTTOM && due.mono == now,
    }
}
