//! Silence: whether somebody is called, and what is owed leaves, as long as a modem has nothing else
//! to do.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use vigie::watch::alarm::{Occurrence, OccurrenceNumber};
use vigie::watch::notification::Purpose;

use super::Checker;
use crate::clocks::At;
use crate::world::Spare;

/// `storm.window` of the sites.
const WINDOW: Duration = Duration::from_secs(600);
/// Where all have declined they are asked again after this time, at the next pass.
const ASKED_AGAIN: Duration = Duration::from_secs(17 * 60);
/// A message that may leave does so within this time, whatever failed before.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// Since when somebody could have been called, and was not.
#[derive(Default)]
pub(super) struct Silence {
    pub(super) spare_since: Option<At>,
    /// The same of the modem whose path is tried: its messages leave by no other.
    pub(super) tried_since: Option<At>,
    pub(super) since: BTreeMap<OccurrenceNumber, At>,
    /// When each message that is owed was first seen, or last handed to a modem.
    pub(super) owed: BTreeMap<u64, At>,
}

impl Checker {
    /// An alarm that needs a person is never silent for longer than the longest wait, while a
    /// modem has nothing else to do and somebody is left to call; nor much longer where all have declined.
    pub(super) fn somebody_is_called(&mut self, at: At, spare: Spare) {
        let since = self.silence.tried_since.unwrap_or(at);
        self.silence.tried_since = spare.tried.then_some(since);
        if !spare.any {
            self.silence.spare_since = None;
            return;
        }
        let spare_since = *self.silence.spare_since.get_or_insert(at);
        // Past the messages of a window they are told when the window lets them (behaviour §5, storm).
        let patience = self.plan.longest_wait() + Duration::from_secs(240) + WINDOW;
        let mut since = BTreeMap::new();
        for (alarm, open) in self.record.fold.standing() {
            let again = if self.somebody_is_left(open) { Duration::ZERO } else { ASKED_AGAIN };
            if !open.unacknowledged() || !self.somebody_can_be_asked(open) {
                continue;
            }
            let last = self.silence.since.get(&open.number).copied().unwrap_or(at);
            let silent = at.saturating_sub(last.max(spare_since));
            assert!(
                silent <= patience + again,
                "[somebody is called] nobody for {silent:?} about {}: {open:#?}",
                alarm.tag()
            );
            since.insert(open.number, last);
        }
        self.silence.since = since;
        self.what_is_owed_leaves(at, spare_since);
    }

    /// A message waits for a modem, or for another attempt, never for nothing.
    fn what_is_owed_leaves(&mut self, at: At, spare_since: At) {
        let mut still = BTreeMap::new();
        for owed in self.record.fold.notifications().filter(|owed| !owed.is_with_the_network()) {
            let spare_since = match owed.purpose {
                Purpose::LoopBack => self.silence.tried_since.unwrap_or(at),
                _ => spare_since,
            };
            let last = self.silence.owed.get(&owed.id.0).copied().unwrap_or(at);
            let waits = at.saturating_sub(last.max(spare_since));
            assert!(waits <= LONGEST_PAUSE, "[what is owed leaves] not for {waits:?}: {owed:?}");
            still.insert(owed.id.0, last);
        }
        self.silence.owed = still;
    }

    /// Whether people can end it: one who takes it, and where the policy says so another.
    pub(super) fn enough_are_left(&self, open: &Occurrence) -> bool {
        let ladder: BTreeSet<&str> = self.model.on_the_ladder(open.number).into_iter().collect();
        let left = ladder.into_iter().filter(|person| {
            self.plan.people.iter().any(|(name, phone)| name == person && phone.is_some())
        });
        left.count() >= self.model.takes(open.number)
    }

    /// Whether anybody has not taken it already, of those whom what is climbed again and again calls. If not, that is an alarm
    /// of its own.
    pub(super) fn somebody_can_be_asked(&self, open: &Occurrence) -> bool {
        self.somebody_is_left(open)
            || self.model.at_last(open.number).into_iter().any(|person| {
                let known =
                    self.plan.people.iter().any(|(name, phone)| *name == person && phone.is_some());
                known && !open.stage.is_held_by(&person.into())
            })
    }

    /// Whether anybody is left on its ladder who has neither declined nor taken it already.
    fn somebody_is_left(&self, open: &Occurrence) -> bool {
        self.model.on_the_ladder(open.number).into_iter().any(|person| {
            let known =
                self.plan.people.iter().any(|(name, phone)| *name == person && phone.is_some());
            let person = person.into();
            known && !open.has_declined(&person) && !open.stage.is_held_by(&person)
        })
    }
}
