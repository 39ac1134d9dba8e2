//! Nights one after the other, each in its own folder; what is found is told as a story.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use vigie::watch::site::Site;

use crate::chance::Chance;
use crate::clocks::Clocks;
use crate::model::Tally;
use crate::night::Night;
use crate::site::Plan;
use crate::world::{Counts, Shared, World};

/// What came of a night.
pub(crate) struct Outcome {
    pub(crate) counts: Counts,
    pub(crate) length: Duration,
    pub(crate) found: Option<String>,
    pub(crate) story: Vec<String>,
}

/// What came of many nights.
#[derive(Clone, Debug, Default)]
pub(crate) struct Run {
    pub(crate) nights: u64,
    pub(crate) length: Duration,
    pub(crate) counts: Counts,
    pub(crate) found: Vec<(u64, String)>,
}

/// A site, and the same after its files were changed.
pub(crate) type Versions = [(Plan, Arc<Site>); 2];

/// The sites over which nights are played, read once: one without windows of maintenance, and one with.
pub(crate) fn sites() -> [Versions; 2] {
    [false, true].map(|maintained| {
        [false, true].map(|changed| {
            let plan = Plan::new(changed, maintained);
            let site = plan.read();
            (plan, site)
        })
    })
}

/// A seed that no run has had before, or the one that is asked for by `VIGIE_SEED`.
pub(crate) fn fresh_seed() -> u64 {
    let asked = std::env::var("VIGIE_SEED").ok().and_then(|seed| seed.parse().ok());
    asked.unwrap_or_else(|| vigie::host::entropy::entropy().0 % 1_000_000_000)
}

/// Plays the night of this seed; with its story, if somebody wants to read it.
pub(crate) fn play(seed: u64, sites: &[Versions; 2], tells: bool) -> Outcome {
    let clocks = Clocks::default();
    let shared = Shared::new(World::new(clocks.clone(), Chance::new(seed), tells));
    // In memory where the machine has such a place: how fast it syncs is not the question.
    let folder = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .expect("room for a night");
    let place = folder.path().display().to_string();
    let played = catch_unwind(AssertUnwindSafe(|| Night::new(seed, &shared, sites, folder).play()));
    let mut world = shared.after_all();
    // The one thing that is another in each run: the name of its folder.
    let story = std::mem::take(&mut world.story);
    let story = story.iter().map(|line| line.replace(&place, "/night")).collect();
    let (counts, found) = match played {
        Ok(counts) => (counts, None),
        Err(panic) => (world.counts, Some(sentence(panic.as_ref()))),
    };
    Outcome { counts, length: clocks.at(), found, story }
}

/// Plays nights from this seed on, on so many threads, until it is enough.
pub(crate) fn play_all(first: u64, threads: usize, enough: impl Fn(&Run) -> bool + Sync) -> Run {
    let sites = sites();
    let next = AtomicU64::new(first);
    let run = Mutex::new(Run::default());
    std::panic::set_hook(Box::new(|_| {}));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !enough(&run.lock().expect("nobody panics here")) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let outcome = play(seed, &sites, false);
                    run.lock().expect("nobody panics here").add(seed, outcome);
                }
            });
        }
    });
    drop(std::panic::take_hook());
    run.into_inner().expect("nobody panicked")
}

impl Run {
    fn add(&mut self, seed: u64, outcome: Outcome) {
        self.nights += 1;
        self.length += outcome.length;
        self.counts.add(&outcome.counts);
        self.found.extend(outcome.found.map(|found| (seed, found)));
    }

    /// What was found, and how to see it again.
    pub(crate) fn findings(&self) -> String {
        let finding = |(seed, found): &(u64, String)| {
            format!("{found}\n  again: cargo run --release --example simulate -- --seed {seed}")
        };
        self.found.iter().map(finding).collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts {
            events,
            signals,
            texts,
            calls,
            commits,
            deaths,
            stops,
            disk_faults,
            clock_jumps,
            checks,
            entries,
            tally: Tally { hidden, hushed, surfaced, moved, settled, taken, pruned },
        } = self.counts;
        let years = self.length.as_secs_f64() / (365.25 * 86_400.0);
        write!(
            f,
            "{} nights, {years:.2} years: {events} events, {signals} signals, {calls} messages out, {texts} in, \
             {commits} commits, {entries} entries, {deaths} deaths, {stops} stops, {disk_faults} disk failures, \
             {clock_jumps} clock jumps, {checks} looks, {hidden} hidden, {hushed} hushed, {surfaced} come up, {moved} moved, \
             {settled} settled, {taken} taken, {pruned} let go; {} findings",
            self.nights,
            self.found.len()
        )
    }
}

fn sentence(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "a panic".to_owned())
}
