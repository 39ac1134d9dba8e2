//! Busy people: whoever holds what still owes its confirmation is at work on it, and is called last for what is not worse.
//!
//! At a rung those who are busy are left out while enough others of it are free. They are spared for that one rung and no
//! longer: the next one that fires calls them too, whomever it names and whether or not they are free by then.
//!
//! # Decision (2026-11-27): spared once, never twice
//!
//! Who was called already in this run is called with everybody, busy or not; so is who was spared, at the next rung that fires.
//! So no ladder, however short, leaves anybody out for good, and all free people declining brings the busy ones at once.
//! A test makes nobody busy: it must change nothing for what is in earnest. Rejected: sparing people for as long as they are
//! busy, which leaves an alarm to one person who sleeps.

use std::collections::BTreeSet;

use super::alarm::{Alarm, Occurrence, OccurrenceNumber};
use super::draft::Draft;
use super::escalation::{FrozenPolicy, Ladder, Phase, Position, Seeks};
use super::name::PersonId;
use super::site::{Policy, Priority, WhileBusy};
use super::state::State;
use super::time::Moment;

/// Who holds what owes its confirmation, and how bad that is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Busy(BTreeSet<(PersonId, Priority, OccurrenceNumber)>);

impl Busy {
    /// An alarm is as it is now.
    pub(super) fn note(&mut self, alarm: &Alarm) {
        each(alarm, |entry| {
            self.0.insert(entry);
        });
    }

    /// An alarm is about to be otherwise.
    pub(super) fn forget(&mut self, alarm: &Alarm) {
        each(alarm, |entry| {
            self.0.remove(&entry);
        });
    }
}

fn each(alarm: &Alarm, mut what: impl FnMut((PersonId, Priority, OccurrenceNumber))) {
    let Some(open) = alarm.open.as_deref() else { return };
    if open.stage.owes_confirmation() && !open.is_test() {
        for holder in open.stage.holders() {
            what((holder.person.clone(), open.activation.priority, open.number));
        }
    }
}

impl State {
    /// What this person is at work on that is at least as bad as that; the least bad of it.
    pub fn keeps_busy(&self, person: &PersonId, priority: Priority) -> Option<OccurrenceNumber> {
        let first = (person.clone(), priority, OccurrenceNumber(0));
        let last = (person.clone(), Priority::Critical, OccurrenceNumber(u64::MAX));
        self.busy.0.range(first..=last).next().map(|(_, _, occurrence)| *occurrence)
    }
}

impl Draft<'_> {
    /// Of the people of a rung, those who are called now; the others are spared.
    pub(super) fn without_the_busy(
        &self,
        open: &Occurrence,
        policy: &FrozenPolicy,
        at: Position,
        people: Vec<PersonId>,
    ) -> (Vec<PersonId>, Vec<PersonId>) {
        match policy.of(at.phase).while_busy {
            WhileBusy::Normal => return (people, Vec::new()),
            WhileBusy::Last => {}
        }
        let priority = open.activation.priority;
        let (busy, free): (Vec<&PersonId>, Vec<&PersonId>) =
            people.iter().partition(|person| self.state.keeps_busy(person, priority).is_some());
        let wanted = policy.acknowledge().responders().saturating_sub(open.stage.holders().len());
        if free.len() < wanted.max(1) {
            return (people, Vec::new());
        }
        let before = open.ladder.spared();
        // Who was told by a digest has no code of their own.
        let was_called = |person: &PersonId| {
            open.code_of(person).is_some() || self.state.was_called(open, person)
        };
        let may_wait = |person: &PersonId| {
            busy.contains(&person) && !was_called(person) && !before.contains(person)
        };
        let (spared, called) = people.iter().cloned().partition(may_wait);
        (called, spared)
    }
}

impl Ladder {
    /// The same ladder from its first rung on; whoever was spared at the latest is called at that. What gets worse and better again
    /// does not put off that those who have declined are asked again.
    pub(super) fn restarted(&self, now: Moment, seeks: Seeks) -> Self {
        let mut ladder = Self::from_the_start(now, seeks);
        if let (Self::Climbing { spared, asks_again, .. }, Seeks::Answer) = (&mut ladder, seeks) {
            *spared = self.spared().to_vec();
            *asks_again = self.asks_again();
        }
        ladder
    }

    /// Those whom the latest rung has left out because they are busy.
    pub fn spared(&self) -> &[PersonId] {
        match self {
            Self::Still => &[],
            Self::Climbing { spared, .. } => spared,
        }
    }

    /// Those of them whom the next rung does not name itself.
    pub(super) fn spared_besides(&self, named: &[PersonId]) -> Vec<PersonId> {
        let others = self.spared().iter().filter(|person| !named.contains(person));
        others.cloned().collect()
    }
}

impl FrozenPolicy {
    /// Whose ladder is climbed in this phase.
    pub fn of(&self, phase: Phase) -> &Policy {
        match phase {
            Phase::Own => &self.policy,
            Phase::LastResort => {
                self.last_resort.as_ref().map_or(&self.policy, |(_, policy)| policy)
            }
        }
    }
}
