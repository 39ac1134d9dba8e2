//! Flapping: an alarm that comes and goes without end calls people once, and not at each turn (behaviour §8).
//!
//! What counts are passages: from inactive to active and back, after the delays, and each event of a momentary alarm. They
//! stand in twenty slots of which the newest weighs most; a passage takes a slot, and so does each twentieth of the window in
//! which nothing passes. Above `on` per cent of the whole weight an alarm flaps, from the next passage to active on; below `off` it
//! does no more, at the latest when the window has passed in silence: a deadline, and no event.
//!
//! While it flaps its occurrence stays open and is shown as active, passages are recorded and counted as repeats, a worse priority
//! calls people and a lesser one is not followed. There is one notice at each end: whoever is called reads that it is
//! unstable (an ordinary call, with a code, to be acknowledged as usual), who was called before is told so; and at the end the true
//! state counts as if it had just come about: still active, it is unacknowledged and people are told; normal, it has returned.
//! Whoever names it as their cause is not kept quiet by what is shown: once it has been gone for [`AWAY`] at a stretch, it is *away*, and
//! explains nothing until it comes back.
//!
//! # Decision (2026-11-27): a slot is a passage or a twentieth of the window, not a signal
//!
//! The algorithm of the field counts checks, which come at even times. Our signals do not: a sensor that repeats itself each second
//! would fill twenty slots in twenty seconds, and a trap comes only when something changes, so that a link that fails thrice a year
//! would flap. Rejected as well: slots of time alone, of which a contact that bounces a hundred times fills one.
//!
//! # Cost
//!
//! Nothing for an alarm that never changed twice within a window; some fifty bytes for one that did. A passage looks at its own
//! alarm alone.

mod settling;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub(super) use self::settling::Turn;
use super::alarm::{Alarm, AlarmNumber, OccurrenceNumber};
use super::state::State;
use super::time::{Moment, Mono, Wait};

/// So many slots there are.
const SLOTS: u32 = 20;
/// The weight of the newest slot, in parts of [`WHOLE`]; each older one weighs [`STEP`] less. The oldest weighs two thirds of it: from
/// 0.8 to 1.2 of the mean, as in the field.
const NEWEST: u32 = 114;
const STEP: u32 = 2;
/// The weight of all.
const WHOLE: u32 = 1_900;

/// After so long without its cause what flaps explains no other alarm. Long enough for what hangs on a contact that chatters; short, since
/// meanwhile what has begun by itself calls nobody.
pub(super) const AWAY: Duration = Duration::from_secs(15);

/// When an alarm flaps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FlappingRule {
    /// After so long without a passage nothing is left of those before.
    pub window: Duration,
    /// Above so many per cent it flaps.
    pub on: u32,
    /// Below so many it does no more; not more than `on`, and at least 1.
    pub off: u32,
}

impl Default for FlappingRule {
    fn default() -> Self {
        Self { window: Duration::from_secs(20 * 60), on: 30, off: 25 }
    }
}

/// Which of the last slots hold a passage; the lowest bit is the newest.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slots(u32);

impl Slots {
    /// One passage, now.
    const ONE: Self = Self(1);

    /// After so many slots in which nothing passed.
    fn aged(self, idle: u32) -> Self {
        let within = 1_u32.checked_shl(SLOTS).map_or(u32::MAX, |above| above.saturating_sub(1));
        Self(self.0.checked_shl(idle.min(SLOTS)).unwrap_or(0) & within)
    }

    /// One more passage, after so many slots without any.
    fn passed(self, idle: u32) -> Self {
        Self(self.aged(idle.saturating_add(1)).0 | 1)
    }

    fn weight(self) -> u32 {
        let weights = (0..SLOTS).map(|age| (age, NEWEST.saturating_sub(age.saturating_mul(STEP))));
        let filled = weights.filter(|(age, _)| self.0.checked_shr(*age).unwrap_or(0) & 1 == 1);
        filled.map(|(_, weight)| weight).sum()
    }

    fn is_above(self, percent: u32) -> bool {
        self.weight().saturating_mul(100) > percent.saturating_mul(WHOLE)
    }

    fn is_below(self, percent: u32) -> bool {
        self.weight().saturating_mul(100) < percent.saturating_mul(WHOLE)
    }
}

impl FlappingRule {
    /// As long as one slot.
    fn slot(self) -> Duration {
        (self.window / SLOTS).max(Duration::from_millis(1))
    }

    /// How many slots have passed in that time; no more than there are.
    fn slots_in(self, time: Duration) -> u32 {
        let slots = time.as_millis().checked_div(self.slot().as_millis()).unwrap_or(0);
        u32::try_from(slots).unwrap_or(SLOTS).min(SLOTS)
    }

    /// For how long it flaps if nothing passes any more.
    fn settles_in(self, slots: Slots) -> Duration {
        let rest = (0..SLOTS).find(|idle| slots.aged(*idle).is_below(self.off)).unwrap_or(SLOTS);
        self.slot().saturating_mul(rest)
    }
}

/// What is remembered of the passages of an alarm.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Passages {
    slots: Slots,
    /// Since the last passage. While the alarm flaps it ends when it flaps no more if nothing passes, else with the window.
    rest: Wait,
    /// Whether the cause is present; while the alarm flaps its occurrence does not show that.
    present: bool,
    /// When it is away, if it does not come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    leaves: Option<Wait>,
}

/// What becomes of an alarm that comes and goes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flap {
    /// A passage.
    Passed {
        /// Which alarm.
        alarm: AlarmNumber,
        /// The last slots.
        slots: Slots,
        /// When all is forgotten, or it flaps no more, if nothing passes.
        rest: Wait,
        /// Whether the cause is present.
        present: bool,
        /// When it is away, if it flaps, and its cause does not come back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        leaves: Option<Wait>,
    },
    /// It flaps, and its cause was gone for so long that it explains no other alarm.
    Away {
        /// Which alarm.
        alarm: AlarmNumber,
    },
    /// It flaps from now on.
    Begun {
        /// Which occurrence stands for it.
        occurrence: OccurrenceNumber,
    },
    /// It flaps no more.
    Over {
        /// Which occurrence stood for it.
        occurrence: OccurrenceNumber,
    },
}

impl Passages {
    /// How long ago the last passage was, as far as that is known.
    fn age(&self, now: Moment) -> Duration {
        self.rest.length().saturating_sub(now.mono.until(self.rest.mono))
    }

    /// The same on the clock of this boot.
    pub(super) fn resume(&mut self, now: Moment) {
        self.rest = self.rest.resumed(now);
        self.leaves = self.leaves.map(|wait| wait.resumed(now));
    }
}

impl Alarm {
    /// Whether it flaps.
    pub fn is_flapping(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.flapping)
    }

    /// Its passages, while it flaps.
    fn flaps(&self) -> Option<&Passages> {
        self.passages.as_deref().filter(|_| self.is_flapping())
    }

    /// When it flaps no more, if nothing passes.
    pub(super) fn settling(&self) -> Option<Mono> {
        self.flaps().map(|passages| passages.rest.mono)
    }

    /// When it is away, if its cause does not come back.
    pub(super) fn leaving(&self) -> Option<Mono> {
        self.flaps()?.leaves.map(|leaves| leaves.mono)
    }

    /// Whether it flaps, and its cause was gone for so long that it explains no other alarm.
    pub(super) fn is_away(&self) -> bool {
        self.flaps().is_some_and(|passages| !passages.present && passages.leaves.is_none())
    }

    /// Whether the cause is present, whatever is shown while it flaps.
    pub(super) fn cause_is_present(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.active)
            && self.flaps().is_none_or(|passages| passages.present)
    }
}

impl State {
    /// Takes in what became of an alarm that comes and goes.
    pub(super) fn flap(&mut self, flap: &Flap) {
        match flap {
            Flap::Passed { alarm, slots, rest, present, leaves } => {
                let (slots, rest, present, leaves) = (*slots, *rest, *present, *leaves);
                let passages = Passages { slots, rest, present, leaves };
                self.on_alarm(*alarm, |alarm| alarm.passages = Some(Box::new(passages)));
            }
            Flap::Away { alarm } => self.on_alarm(*alarm, |alarm| {
                if let Some(passages) = &mut alarm.passages {
                    passages.leaves = None;
                }
            }),
            Flap::Begun { occurrence } => self.on_alarm_of(*occurrence, |alarm| {
                // Without its passages nothing would ever end it.
                if let (Some(open), Some(_)) = (&mut alarm.open, &alarm.passages) {
                    open.flapping = true;
                }
            }),
            Flap::Over { occurrence } => self.on_alarm_of(*occurrence, |alarm| {
                let is_present = alarm.cause_is_present();
                alarm.passages = None;
                if let Some(open) = &mut alarm.open {
                    open.flapping = false;
                    // From here on it is shown as it is.
                    open.active = is_present;
                }
            }),
        }
    }

    fn on_alarm_of(&mut self, occurrence: OccurrenceNumber, change: impl FnOnce(&mut Alarm)) {
        if let Some(alarm) = self.alarm_of(occurrence).map(|alarm| alarm.number) {
            self.on_alarm(alarm, change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(newest: u32) -> Slots {
        (1..newest).fold(Slots::ONE, |slots, _| slots.passed(0))
    }

    #[test]
    fn the_slots_weigh_from_eight_tenths_to_twelve_tenths_of_their_mean() {
        assert_eq!(filled(SLOTS).weight(), WHOLE);
        assert_eq!(f64::from(Slots::ONE.weight()) / 95.0, 1.2);
        assert_eq!(f64::from(Slots::ONE.aged(19).weight()) / 95.0, 0.8);
        assert_eq!(Slots::ONE.aged(20).weight(), 0);
        assert_eq!(filled(500), filled(SLOTS));
    }

    #[test]
    fn six_passages_in_a_row_are_above_thirty_per_cent_and_five_are_not() {
        assert!(!filled(5).is_above(30) && filled(6).is_above(30));
        assert!(!filled(6).is_below(30));
    }

    #[test]
    fn whoever_has_flapped_for_long_is_calm_after_three_quarters_of_the_window() {
        let rule = FlappingRule::default();
        let minutes = |slots: Slots| rule.settles_in(slots).as_secs() / 60;
        assert_eq!((minutes(filled(SLOTS)), minutes(filled(6)), minutes(filled(4))), (15, 15, 0));
        assert_eq!(rule.slots_in(Duration::from_secs(119)), 1);
        assert_eq!(rule.slots_in(Duration::MAX), SLOTS);
        let never = FlappingRule { off: 1, ..rule };
        assert_eq!(never.settles_in(filled(SLOTS)), rule.window, "by its end at the latest");
    }

    #[test]
    fn what_passes_every_three_slots_flaps_and_what_passes_every_four_does_not() {
        let every = |idle: u32| (0..100).fold(Slots::ONE, |slots, _| slots.passed(idle));
        assert!(every(2).is_above(30));
        assert!(!every(3).is_above(30));
    }
}
