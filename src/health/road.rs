//! What has passed on the road since the daemon started: signals by input and by what became of them, commits and how long
//! they took, the end of the record, the last snapshot. For who counts (`vigie metrics`).
//!
//! The sequencer alone writes, and writes numbers that nobody locks: who reads them holds up no alarm, and may see one of them
//! a moment before the other. Nothing here is on the record; it begins at zero with the daemon.
//!
//! # Decision (2026-11-27): there is one lock, and it is taken once for each input
//!
//! Which inputs there are is known by what they send, since files come into force while the daemon lives. So the sequencer takes
//! the lock when it hears an input for the first time, and keeps the numbers at hand from then on; who reads takes it for as
//! long as it takes to copy some pointers. Rejected: a question to the sequencer, whose numbers the watch does not have; a lock
//! for each signal.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::watch::name::InputName;
use crate::watch::time::Utc;

/// What became of a signal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Became {
    /// An alarm's, or an answer of a person.
    Taken,
    /// It was known already.
    Repeated,
    /// No definition selects it.
    Unclaimed,
    /// A definition selects it, and could not make anything of it.
    Unreadable,
}

impl Became {
    /// All.
    pub const ALL: [Self; 4] = [Self::Taken, Self::Repeated, Self::Unclaimed, Self::Unreadable];

    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Repeated => "repeated",
            Self::Unclaimed => "unclaimed",
            Self::Unreadable => "unreadable",
        }
    }
}

/// A commit that took no longer than so many microseconds is counted under this bound, and beneath all longer ones.
pub const BOUNDS: [u64; 14] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    2_500_000, 5_000_000, 10_000_000,
];

/// The numbers; a copy writes and reads the same.
#[derive(Clone, Debug, Default)]
pub struct Road(Arc<Numbers>);

#[derive(Debug, Default)]
struct Numbers {
    inputs: Mutex<BTreeMap<InputName, Arc<Signals>>>,
    /// How many commits took so long: one number for each bound, and one for what took longer than all of them.
    took: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
    refused: AtomicU64,
    entries: AtomicU64,
    since_snapshot: AtomicU64,
    /// In microseconds; zero: there was none yet.
    snapshot: AtomicI64,
}

/// The signals of one input.
#[derive(Debug, Default)]
struct Signals([AtomicU64; Became::ALL.len()]);

/// The writing end: the sequencer's.
#[derive(Debug, Default)]
pub struct Counting {
    road: Road,
    known: HashMap<InputName, Arc<Signals>>,
}

/// All numbers at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Passed {
    /// By input: how many signals became what, in the order of [`Became::ALL`].
    pub signals: BTreeMap<InputName, [u64; Became::ALL.len()]>,
    /// How many commits took no longer than each of [`BOUNDS`], and how many there were; each counts those before it.
    pub commits: [u64; BOUNDS.len() + 1],
    /// How long they took together.
    pub took: Duration,
    /// How many the disk refused.
    pub refused: u64,
    /// The number of the last entry of the record.
    pub entries: u64,
    /// How many of them came after the last snapshot.
    pub since_snapshot: u64,
    /// When the last snapshot of this life was taken.
    pub snapshot: Option<Utc>,
}

impl Road {
    /// The writing end. There is one writer.
    pub fn counting(self) -> Counting {
        Counting { road: self, known: HashMap::new() }
    }

    /// All numbers now.
    pub fn now(&self) -> Passed {
        let inputs = self.0.inputs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        let signals =
            inputs.into_iter().map(|(input, signals)| (input, signals.0.each_ref().map(read)));
        let mut all = 0_u64;
        let commits = self.0.took.each_ref().map(|took| {
            all = all.saturating_add(read(took));
            all
        });
        let snapshot = self.0.snapshot.load(Ordering::Relaxed);
        Passed {
            signals: signals.collect(),
            commits,
            took: Duration::from_micros(read(&self.0.micros)),
            refused: read(&self.0.refused),
            entries: read(&self.0.entries),
            since_snapshot: read(&self.0.since_snapshot),
            snapshot: (snapshot != 0).then_some(Utc::from_micros(snapshot)),
        }
    }
}

impl Counting {
    /// Something was heard on an input.
    pub fn signal(&mut self, input: &InputName, became: Became) {
        let signals = match self.known.get(input) {
            Some(signals) => signals,
            None => {
                let numbers = &self.road.0;
                let mut inputs = numbers.inputs.lock().unwrap_or_else(PoisonError::into_inner);
                let signals = Arc::clone(inputs.entry(input.clone()).or_default());
                self.known.entry(input.clone()).or_insert(signals)
            }
        };
        let place = Became::ALL.iter().position(|known| *known == became);
        if let Some(number) = place.and_then(|place| signals.0.get(place)) {
            number.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A commit came to the disk after so long.
    pub fn committed(&self, took: Duration) {
        let numbers = &self.road.0;
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let place = BOUNDS.iter().position(|bound| micros <= *bound).unwrap_or(BOUNDS.len());
        if let Some(number) = numbers.took.get(place) {
            number.fetch_add(1, Ordering::Relaxed);
        }
        numbers.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// The disk has refused one.
    pub fn refused(&self) {
        self.road.0.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// The record ends at this entry, so many after the last snapshot.
    pub fn ends_at(&self, entries: u64, since_snapshot: u64) {
        self.road.0.entries.store(entries, Ordering::Relaxed);
        self.road.0.since_snapshot.store(since_snapshot, Ordering::Relaxed);
    }

    /// A snapshot was taken.
    pub fn snapshot(&self, at: Utc) {
        self.road.0.snapshot.store(at.micros(), Ordering::Relaxed);
        self.road.0.since_snapshot.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_signals_is_counted_for_each_input() {
        let road = Road::default();
        let mut counting = road.clone().counting();
        let (traps, modem) = (InputName::new("snmp.network"), InputName::new("gsm.orange"));
        for became in Became::ALL {
            counting.signal(&traps, became);
        }
        counting.signal(&traps, Became::Unclaimed);
        counting.signal(&modem, Became::Taken);
        let passed = road.now();
        assert_eq!(passed.signals.get(&traps), Some(&[1, 1, 2, 1]));
        assert_eq!(passed.signals.get(&modem), Some(&[1, 0, 0, 0]));
    }

    #[test]
    fn a_commit_counts_under_every_bound_that_it_kept() {
        let road = Road::default();
        let counting = road.clone().counting();
        for micros in [400, 500, 501, 30_000_000] {
            counting.committed(Duration::from_micros(micros));
        }
        let passed = road.now();
        assert_eq!((passed.commits[0], passed.commits[1]), (2, 3));
        assert_eq!((passed.commits[13], passed.commits[14]), (3, 4));
        assert_eq!(passed.took, Duration::from_micros(30_001_401));
    }

    #[test]
    fn the_end_of_the_record_is_told_with_how_far_it_is_from_the_last_snapshot() {
        let road = Road::default();
        let counting = road.clone().counting();
        counting.ends_at(120, 20);
        assert_eq!(
            (road.now().entries, road.now().since_snapshot, road.now().snapshot),
            (120, 20, None)
        );
        counting.snapshot(Utc::from_micros(7));
        assert_eq!(
            (road.now().since_snapshot, road.now().snapshot),
            (0, Some(Utc::from_micros(7)))
        );
    }
}
