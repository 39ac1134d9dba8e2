//! How long the disk takes: what the writer measured of late, and whether that is too long.
//!
//! It decides nothing and is bounded: the last [`KEPT`] times, in place, and nothing is allocated for one. A commit is measured from its
//! first word to the writer until its sync has come back; the proof that the disk is reached, which the watchdog asks for, is measured
//! too, so that a disk on which nothing is written is known as well. What was refused is not: that is another alarm.
//!
//! # Decision (2026-11-27): three writes of the last eight, or a single one of fifteen times the bound
//!
//! A sync takes 5 to 50 ms on a good card or disk. A card that tidies up may stop for 250 to 500 ms by its standard, a cheap one for seconds
//! and once; a disk that sleeps spins up within 5 to 10 s. None of these is a fault, and none is told: one hiccup is one slow write, and what
//! waited meanwhile goes with the next. A disk that dies is slow again and again. The kernel gives a request 30 s before it says anything, and the
//! watchdog ends the daemon after 60 s: a single write of half of the former is told at once. Rejected: a share of all writes of some
//! minutes, which on a quiet site takes hours to move, and on a busy one forgets within a second; and the mean, which one hiccup moves.

use std::time::Duration;

use crate::watch::time::Mono;

/// So many times are kept.
const KEPT: usize = 128;
/// Of so many it is judged,
const JUDGED: usize = 8;
/// of which so many were too long,
const SLOW: usize = 3;
/// unless they are older than this: a disk that sleeps wakes up each morning.
const OF_LATE: Duration = Duration::from_secs(600);
/// A single one that takes so many times as long as it may is too long.
const AT_ONCE: u32 = 15;

/// What the writer measured of late.
#[derive(Clone, Debug)]
pub struct Latencies {
    /// In microseconds; the latest stands before `next`.
    kept: [u32; KEPT],
    next: usize,
    count: u64,
    /// The latest first, with when it ended.
    judged: [Option<(Mono, Duration)>; JUDGED],
}

/// How the disk is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pace {
    /// Too little is known, or it is neither.
    Unsure,
    /// All of the last few took less than half of what they may.
    Quick,
    /// It is too slow.
    Slow {
        /// How many took too long,
        slow: usize,
        /// of so many.
        of: usize,
        /// The longest of them.
        longest: Duration,
    },
}

/// What is told of the last [`KEPT`] writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Figures {
    /// How many were measured since the start.
    pub count: u64,
    /// The latest.
    pub last: Duration,
    /// Half of them took longer.
    pub median: Duration,
    /// Of a hundred, the longest but one.
    pub p99: Duration,
}

impl Default for Latencies {
    fn default() -> Self {
        Self { kept: [0; KEPT], next: 0, count: 0, judged: [None; JUDGED] }
    }
}

impl Latencies {
    /// A write came to its end at that moment.
    pub fn record(&mut self, took: Duration, at: Mono) {
        if let Some(place) = self.kept.get_mut(self.next) {
            *place = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
        }
        self.next = self.next.saturating_add(1) % KEPT;
        self.count = self.count.saturating_add(1);
        self.judged.rotate_right(1);
        self.judged[0] = Some((at, took));
    }

    /// How the disk is, where a write may take that long.
    pub fn pace(&self, bound: Duration, now: Mono) -> Pace {
        let of_late = self.judged.iter().flatten().filter(|(at, _)| at.until(now) <= OF_LATE);
        let took = || of_late.clone().map(|(_, took)| *took);
        let latest = took().next().unwrap_or_default();
        let slow = took().filter(|took| *took >= bound).count();
        if slow >= SLOW || (slow > 0 && latest >= bound.saturating_mul(AT_ONCE)) {
            let (of, longest) = (took().count(), took().max().unwrap_or_default());
            return Pace::Slow { slow, of, longest };
        }
        let is_quick =
            |judged: &Option<(Mono, Duration)>| judged.is_some_and(|(_, took)| took < bound / 2);
        if self.judged.iter().all(is_quick) { Pace::Quick } else { Pace::Unsure }
    }

    /// The figures; `None` before the first write.
    pub fn figures(&self) -> Option<Figures> {
        let known = usize::try_from(self.count).unwrap_or(KEPT).min(KEPT);
        let mut sorted = self.kept;
        let sorted = sorted.get_mut(..known)?;
        sorted.sort_unstable();
        let at = |place: usize| {
            let micros = sorted.get(place).copied().unwrap_or_default();
            Duration::from_micros(u64::from(micros))
        };
        let last = self.judged[0].map(|(_, took)| took)?;
        let p99 = known.saturating_mul(99).div_ceil(100).saturating_sub(1);
        Some(Figures { count: self.count, last, median: at(known / 2), p99: at(p99) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUND: Duration = Duration::from_secs(1);
    const QUICK: Duration = Duration::from_millis(20);

    struct Disk(Latencies, Mono);

    impl Disk {
        fn new() -> Self {
            Self(Latencies::default(), Mono::from_nanos(1))
        }

        /// It writes so often, once in ten seconds, and each time takes so long.
        fn writes(&mut self, times: usize, took: Duration) -> Pace {
            for _ in 0..times {
                self.1 = self.1.after(Duration::from_secs(10));
                self.0.record(took, self.1);
            }
            self.0.pace(BOUND, self.1)
        }
    }

    #[test]
    fn one_hiccup_says_nothing_and_three_in_a_row_do() {
        let mut disk = Disk::new();
        assert_eq!(disk.writes(7, QUICK), Pace::Unsure, "too few");
        assert_eq!(disk.writes(1, QUICK), Pace::Quick);
        assert_eq!(disk.writes(1, Duration::from_secs(9)), Pace::Unsure, "it has spun up");
        assert_eq!(disk.writes(8, QUICK), Pace::Quick);
        disk.writes(2, Duration::from_secs(2));
        let (slow, of, longest) = (3, 8, Duration::from_secs(2));
        assert_eq!(disk.writes(1, BOUND), Pace::Slow { slow, of, longest });
        assert_ne!(disk.writes(4, QUICK), Pace::Quick, "hysteresis");
        assert_eq!(disk.writes(4, QUICK), Pace::Quick);
        assert_eq!(disk.writes(8, Duration::from_millis(700)), Pace::Unsure, "neither");
    }

    #[test]
    fn a_single_write_of_half_the_kernels_patience_is_enough() {
        let mut disk = Disk::new();
        disk.writes(20, QUICK);
        assert_eq!(disk.writes(1, Duration::from_millis(14_999)), Pace::Unsure);
        disk.writes(20, QUICK);
        let longest = Duration::from_secs(15);
        assert_eq!(disk.writes(1, longest), Pace::Slow { slow: 1, of: 8, longest });
    }

    #[test]
    fn a_disk_that_wakes_up_once_a_morning_is_not_slow() {
        let mut disk = Disk::new();
        for _ in 0..10 {
            disk.1 = disk.1.after(Duration::from_secs(86_400));
            assert_eq!(disk.writes(1, Duration::from_secs(8)), Pace::Unsure);
        }
    }

    #[test]
    fn the_figures_are_those_of_the_last_few_and_take_no_more_room() {
        let mut disk = Disk::new();
        assert_eq!(disk.0.figures(), None);
        disk.writes(1, QUICK);
        let only = Figures { count: 1, last: QUICK, median: QUICK, p99: QUICK };
        assert_eq!(disk.0.figures(), Some(only));
        disk.writes(1_000, BOUND);
        disk.writes(126, QUICK);
        let figures = disk.0.figures().unwrap();
        assert_eq!((figures.count, figures.last, figures.median), (1_127, QUICK, QUICK));
        assert_eq!(figures.p99, BOUND);
        disk.writes(2, Duration::MAX);
        assert_eq!(disk.0.figures().unwrap().p99, Duration::from_micros(u64::from(u32::MAX)));
    }
}
