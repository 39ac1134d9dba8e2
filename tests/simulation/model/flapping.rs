//! Flapping, written a second time: twenty slots of which the newest weighs most (behaviour §8).
//!
//! A slot is a passage, or a twentieth of the window without one.

use std::time::Duration;

use vigie::watch::time::Moment;

use super::alarms::{Alarm, Cause};
use super::{Model, Span, Tag};
use crate::site::Flapping;

/// So many slots there are.
const SLOTS: u32 = 20;

/// What flaps explains nothing any more after so long without its cause.
const AWAY: Duration = Duration::from_secs(15);

/// The passages of an alarm.
#[derive(Clone, Debug)]
pub(super) struct Passages {
    /// In which slots they stand; the newest is 0.
    slots: Vec<u32>,
    /// Since the last of them.
    pub(super) rest: Span,
    /// Whether the cause is present.
    present: bool,
    /// When it is away, unless it comes back before.
    pub(super) leaves: Option<Span>,
}

/// What a passage to active does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Turn {
    Calls,
    /// The same, and it flaps from now on.
    Flaps,
    /// Nothing: it flaps.
    Counts,
}

impl Flapping {
    fn slot(self) -> Duration {
        self.window / SLOTS
    }

    fn slots_in(self, time: Duration) -> u32 {
        let slots = time.as_millis() / self.slot().as_millis();
        u32::try_from(slots).unwrap_or(SLOTS).min(SLOTS)
    }

    /// For how long it goes on if nothing passes any more.
    fn settles_in(self, slots: &[u32]) -> Duration {
        let is_below = |idle: &u32| hundredths(&aged(slots, *idle)) < self.off * WHOLE;
        self.slot() * (0..SLOTS).find(is_below).unwrap_or(SLOTS)
    }
}

/// The weight of all slots: from 1.2 to 0.8 of their mean, which is 95.
const WHOLE: u32 = 20 * 95;

/// A hundred times the weight of these slots.
fn hundredths(slots: &[u32]) -> u32 {
    slots.iter().map(|slot| (114 - 2 * slot) * 100).sum()
}

fn aged(slots: &[u32], by: u32) -> Vec<u32> {
    slots.iter().map(|slot| slot + by).filter(|slot| *slot < SLOTS).collect()
}

impl Alarm {
    /// Whether the cause is present, whatever is shown while it flaps.
    pub(super) fn is_present(&self) -> bool {
        let Some(open) = self.open.as_ref().filter(|open| open.active) else { return false };
        !open.flapping || self.passages.as_ref().is_none_or(|passages| passages.present)
    }

    pub(super) fn is_flapping(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.flapping)
    }

    /// Whether it flaps, and its cause was gone for so long that it explains nothing.
    pub(super) fn is_away(&self) -> bool {
        let passages = self.passages.as_ref().filter(|_| self.is_flapping());
        passages.is_some_and(|passages| !passages.present && passages.leaves.is_none())
    }

    /// How long ago it came or went, as its occurrences tell.
    fn since_the_latest(&self, now: Moment) -> Option<Duration> {
        let both = [&self.open, &self.last].into_iter().flatten();
        let latest = both.flat_map(|open| [Some(open.since), open.returned]).flatten().max()?;
        Some(latest.until(now.utc))
    }

    /// One more passage; whether the weight of all is above the bound then.
    fn passes(
        &mut self,
        rule: Option<Flapping>,
        present: bool,
        begins: bool,
        now: Moment,
    ) -> Option<bool> {
        let is_flapping = self.is_flapping();
        let leaves = match &self.passages {
            Some(_) if is_flapping && self.is_present() && !present => Some(Span::new(now, AWAY)),
            Some(known) if is_flapping && !present => known.leaves,
            Some(_) | None => None,
        };
        let Some(rule) = rule else {
            if let Some(passages) = self.passages.as_mut().filter(|_| is_flapping) {
                (passages.present, passages.leaves) = (present, leaves);
            }
            return None;
        };
        let (before, age) = match &self.passages {
            Some(known) => (known.slots.clone(), known.rest.age(now)),
            None => (vec![0], self.since_the_latest(now).filter(|age| *age < rule.window)?),
        };
        let mut slots = aged(&before, rule.slots_in(age) + 1);
        slots.push(0);
        let is_above = hundredths(&slots) > rule.on * WHOLE;
        let flaps = is_flapping || (begins && is_above);
        let rest = if flaps { rule.settles_in(&slots) } else { rule.window };
        self.passages = Some(Passages { slots, rest: Span::new(now, rest), present, leaves });
        Some(is_above)
    }
}

impl Model {
    /// An alarm passes to active.
    pub(super) fn comes(&mut self, tag: &Tag, cause: &Cause, now: Moment) -> Turn {
        let rule = self.plan.definition(&tag.0).and_then(|definition| definition.flapping);
        let alarm = self.alarms.get_mut(tag).expect("it is present");
        let begins = !cause.momentary || cause.policy.is_some();
        let is_above = alarm.passes(rule, !cause.momentary, begins, now);
        if alarm.is_flapping() {
            return Turn::Counts;
        }
        if is_above == Some(true) && begins { Turn::Flaps } else { Turn::Calls }
    }

    /// It passes to inactive; whether that only counts, because it flaps.
    pub(super) fn goes(&mut self, tag: &Tag, now: Moment) -> bool {
        let rule = self.plan.definition(&tag.0).and_then(|definition| definition.flapping);
        let alarm = self.alarms.get_mut(tag).expect("it was present");
        alarm.passes(rule, false, false, now);
        alarm.is_flapping()
    }

    /// It flaps, and its cause was gone for long.
    pub(super) fn goes_away(&mut self, tag: &Tag, now: Moment) {
        let alarm = self.alarms.get_mut(tag).expect("[no deadline comes by itself] it is known");
        let passages = alarm.passages.as_mut().expect("[no deadline comes by itself] it passes");
        let leaves = passages.leaves.take().expect("[no deadline comes by itself] it has gone");
        assert!(
            leaves.mono <= now.mono,
            "[no deadline comes early] {tag:?}: {leaves:?} at {now:?}"
        );
    }

    /// It has come to rest: the true state counts.
    pub(super) fn settles(&mut self, tag: &Tag, now: Moment) {
        let because = self.because(tag, now);
        let alarm = self.alarms.get_mut(tag).expect("[no deadline comes by itself] it is known");
        let is_present = alarm.is_present();
        let passages = alarm.passages.take().expect("[no deadline comes by itself] it passes");
        let open = alarm.open.as_mut().expect("[no deadline comes by itself] it is open");
        assert!(open.flapping, "[no deadline comes by itself] it does not flap: {open:?}");
        let rest = passages.rest;
        assert!(rest.mono <= now.mono, "[no deadline comes early] {tag:?}: {rest:?} at {now:?}");
        open.flapping = false;
        self.counts.settled += 1;
        if open.momentary {
            self.close_if_over(tag, now);
        } else if !is_present {
            self.has_returned(tag, now);
        } else if because.is_none() {
            open.stays(now);
        } else if !open.is_asked() {
            // Whoever is asked already goes on being asked; that it is there all else hides.
            self.settles_unseen(tag, because, now);
        }
        self.buries(now);
    }
}
