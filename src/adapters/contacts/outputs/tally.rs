//! The tally: which alarms are shown by which output, and what of it is new.
//!
//! Of each alarm it keeps a few bytes, so that a flood costs what it changes, and nothing else.

use std::collections::HashMap;

use crate::config::Shows;
use crate::watch::alarm::{Alarm, AlarmNumber, OccurrenceNumber};

/// A bit for each output.
pub(super) type Bits = u64;

/// What is kept of an alarm that some output shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Counted {
    /// Its occurrence, and the run of its ladder: one passage to unacknowledged.
    pub(super) passage: (OccurrenceNumber, u32),
    /// Which outputs show it.
    pub(super) by: Bits,
}

/// Which outputs show this alarm as it is now; `None`: none does.
pub(super) fn counted(outputs: &[Shows], alarm: &Alarm) -> Option<Counted> {
    let open = alarm.open.as_deref()?;
    let shown = |shows: &Shows| match shows {
        Shows::Unacknowledged(what) => open.unacknowledged() && what.has(alarm, open),
        Shows::Standing(what) => what.has(alarm, open),
        Shows::Alive => false,
    };
    let mut by: Bits = 0;
    for (place, shows) in (0_u32..).zip(outputs) {
        if shown(shows) {
            by |= bit(place);
        }
    }
    (by != 0).then_some(Counted { passage: (open.number, open.run), by })
}

/// The bit of an output; there are no more outputs than bits, by the files.
fn bit(place: u32) -> Bits {
    1_u64.checked_shl(place).unwrap_or(0)
}

/// All alarms that some output shows.
#[derive(Debug, Default)]
pub(super) struct Tally {
    known: HashMap<AlarmNumber, Counted>,
    /// How many alarms each output shows.
    many: Vec<u64>,
}

impl Tally {
    pub(super) fn of(outputs: usize) -> Self {
        Self { known: HashMap::new(), many: vec![0; outputs] }
    }

    /// An alarm is so now; which outputs show something new.
    pub(super) fn take(&mut self, alarm: AlarmNumber, now: Option<Counted>) -> Bits {
        let before = match now {
            Some(now) => self.known.insert(alarm, now),
            None => self.known.remove(&alarm),
        };
        let (was, is) = (before.map_or(0, |before| before.by), now.map_or(0, |now| now.by));
        for (place, many) in (0_u32..).zip(&mut self.many) {
            let bit = bit(place);
            match (was & bit != 0, is & bit != 0) {
                (false, true) => *many = many.saturating_add(1),
                (true, false) => *many = many.saturating_sub(1),
                (true, true) | (false, false) => {}
            }
        }
        let is_same = before.map(|before| before.passage) == now.map(|now| now.passage);
        if is_same { is & !was } else { is }
    }

    /// These alarms are so now, and no other is shown.
    pub(super) fn take_all(&mut self, now: Vec<(AlarmNumber, Option<Counted>)>) -> Bits {
        let now: HashMap<AlarmNumber, Option<Counted>> = now.into_iter().collect();
        let gone: Vec<AlarmNumber> =
            self.known.keys().filter(|alarm| !now.contains_key(alarm)).copied().collect();
        let gone = gone.into_iter().map(|alarm| (alarm, None));
        gone.chain(now).fold(0, |new, (alarm, now)| new | self.take(alarm, now))
    }

    /// How many alarms an output shows.
    pub(super) fn many(&self, output: usize) -> u64 {
        self.many.get(output).copied().unwrap_or(0)
    }

    /// Whether something of this output is among what is new.
    pub(super) fn is_new(new: Bits, output: usize) -> bool {
        u32::try_from(output).is_ok_and(|output| new & bit(output) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(occurrence: u64, run: u32, by: Bits) -> Option<Counted> {
        Some(Counted { passage: (OccurrenceNumber(occurrence), run), by })
    }

    const ONE: AlarmNumber = AlarmNumber(1);
    const TWO: AlarmNumber = AlarmNumber(2);

    #[test]
    fn a_repeat_is_not_new_and_a_new_run_is() {
        let mut tally = Tally::of(2);
        assert_eq!(tally.take(ONE, counted(7, 0, 0b01)), 0b01);
        assert_eq!(tally.take(ONE, counted(7, 0, 0b01)), 0, "a repeat");
        assert_eq!(tally.take(ONE, counted(7, 0, 0b11)), 0b10, "it is worse: new to another");
        assert_eq!(tally.take(ONE, counted(7, 0, 0b10)), 0, "acknowledged");
        assert_eq!((tally.many(0), tally.many(1)), (0, 1));
        assert_eq!(tally.take(ONE, counted(7, 1, 0b11)), 0b11, "its acknowledgement has expired");
        assert_eq!(tally.take(ONE, None), 0);
        assert_eq!((tally.many(0), tally.many(1)), (0, 0));
        assert_eq!(tally.take(ONE, counted(8, 0, 0b11)), 0b11);
    }

    #[test]
    fn a_look_at_everything_forgets_what_stands_no_more_and_finds_what_is_new() {
        let mut tally = Tally::of(1);
        tally.take(ONE, counted(7, 0, 1));
        tally.take(TWO, counted(8, 0, 1));
        assert_eq!(tally.take_all(vec![(TWO, counted(8, 0, 1))]), 0);
        assert_eq!(tally.many(0), 1);
        let three = AlarmNumber(3);
        assert_eq!(tally.take_all(vec![(TWO, counted(8, 0, 1)), (three, counted(9, 0, 1))]), 1);
        assert!(Tally::is_new(1, 0) && !Tally::is_new(1, 1) && !Tally::is_new(1, 64));
        assert_eq!(tally.many(0), 2);
        assert_eq!(tally.take_all(Vec::new()), 0);
        assert_eq!((tally.many(0), tally.many(9)), (0, 0));
    }
}
