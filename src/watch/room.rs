//! Room: how many alarms stand at once, and that no definition takes the room of the others.
//!
//! # Decision (2026-11-27): a definition holds no more than a third of the room that is left beside all that stands
//!
//! Keys are what a wire sends, so that whoever may send traps under invented ones could make as many alarms of one definition as Vigie can
//! hold, and after that no contact would call anybody. By this rule one flood comes to a quarter of [`STANDING_LIMIT`] and stops, a second one
//! to a quarter of the rest: room becomes scarce and never ends. What is remembered as normal comes back without being asked, since it stood
//! before and must call: by that a flood comes to 20,000 more at the very most (`NORMAL_LIMIT`), and it takes nine floods and all of those to
//! leave nothing. A definition without a key is one alarm and always has its place. Rejected: a fixed share, of which a few floods use up all;
//! and room by input, since an input is as often the wire of those who are honest.

use super::alarm::AlarmNumber;
use super::definition::Definition;
use super::draft::Draft;
use super::own_alarms::{SelfAlarm, SelfSignal};
use super::state::State;

/// No more alarms than this stand at once; what would be one more of a definition than it has room for is told as the alarm
/// `too-many-alarms` of that definition, and recorded as unclaimed.
pub(super) const STANDING_LIMIT: usize = 250_000;
/// `too-many-alarms` is over when a tenth of what stands, and so many more, would find room: it must not flap at the edge.
const ROOM_AGAIN: usize = 100;

/// How many of that are one party's at most (a definition's, an input's), beside all that there are.
pub(crate) fn share(limit: usize, all: usize) -> usize {
    limit.saturating_sub(all) / 3
}

impl State {
    /// How many alarms are needed: they stand, or a delay of theirs runs.
    pub(super) fn needed_count(&self) -> usize {
        self.alarms.len().saturating_sub(self.normal.len())
    }

    /// How many of a definition are.
    fn needed_of(&self, definition: &str) -> usize {
        let known = self.by_key.get(definition).map_or(0, |keys| keys.len());
        known.saturating_sub(self.normal_of.get(definition).copied().unwrap_or(0))
    }

    /// Whether one more alarm of that definition can stand.
    pub(super) fn has_room(&self, definition: &Definition) -> bool {
        definition.key.source().is_empty()
            || self.needed_of(definition.name.as_str()) < share(STANDING_LIMIT, self.needed_count())
    }

    /// Whether it is not about to be full.
    fn has_ample_room(&self, definition: &str) -> bool {
        let its = self.needed_of(definition);
        let wanted = its.saturating_add(its / 9).saturating_add(ROOM_AGAIN);
        wanted <= share(STANDING_LIMIT, self.needed_count())
    }

    /// An alarm has come to those that are normal.
    pub(super) fn one_more_normal(&mut self, number: AlarmNumber) {
        let Some(alarm) = self.alarms.get(&number).filter(|alarm| !alarm.is_test) else { return };
        let count = self.normal_of.entry(alarm.definition.clone()).or_default();
        *count = count.saturating_add(1);
    }

    /// An alarm is none of those any more.
    pub(super) fn one_less_normal(&mut self, number: AlarmNumber) {
        let Some(alarm) = self.alarms.get(&number).filter(|alarm| !alarm.is_test) else { return };
        let Some(count) = self.normal_of.get_mut(&alarm.definition) else { return };
        *count = count.saturating_sub(1);
        if *count == 0 {
            self.normal_of.remove(&alarm.definition);
        }
    }
}

impl Draft<'_> {
    /// An alarm is needed no more, open, on its way through a delay or hidden: what had no room may have some.
    pub(super) fn there_may_be_room_again(&mut self) {
        let state = self.state;
        // As many as the files have definitions, at the very most.
        let full = state.subjects(SelfAlarm::TooManyAlarms);
        let over =
            full.filter(|subject| !is_of_heartbeats(subject) && state.has_ample_room(subject));
        for subject in over {
            self.own(SelfSignal::cleared(SelfAlarm::TooManyAlarms, subject));
        }
    }
}

/// What stands after the name of a definition of which more keys must be heard than can be awaited.
const OF_HEARTBEATS: &str = " (heartbeat)";

/// The subject of `too-many-alarms` where not alarms are too many but keys that must be heard.
pub(super) fn of_heartbeats(definition: &str) -> String {
    format!("{definition}{OF_HEARTBEATS}")
}

fn is_of_heartbeats(subject: &str) -> bool {
    subject.ends_with(OF_HEARTBEATS)
}
