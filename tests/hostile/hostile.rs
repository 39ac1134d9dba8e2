//! Hostile bytes on any compiler: the corpora of `fuzz/corpus`, and then what chance makes of them, thrown at every reader.
//!
//! `cargo run --example hostile -- --seconds 60` takes a minute for each reader, as many at once as there are processors (behind it may
//! stand the names of those that are wanted). Before that, bombs: four times as much may take four times as long. A reader that panics, takes longer than [`SLOW`], or makes the process grow beyond [`LARGE`] is a finding: what did it is kept in
//! target/hostile, and belongs into the corpus when the reader is mended. `cargo fuzz` (fuzz/README.md) searches the same readers by coverage.

#![expect(
    clippy::print_stdout,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "it speaks to whoever runs it, and a panic is how a reader says what it found"
)]

mod bombs;
#[path = "../dice/mod.rs"]
mod dice;
mod pace;
mod targets;

use std::collections::VecDeque;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;

use dice::Dice;
use targets::{Read, TARGETS};
use vigie::host::clock::Clock;

/// No input may take longer: none of these is longer than 64 KiB.
const SLOW: Duration = Duration::from_secs(2);
/// Nor may all of them together make the process larger, in KiB.
const LARGE: u64 = 1_024 * 1_024;
/// What chance makes is no longer.
const LONGEST: usize = 64 * 1_024;
/// So many inputs that chance has made are made into others.
const KEPT: usize = 256;

/// What became of a reader.
struct Outcome {
    name: &'static str,
    /// So many inputs of its corpus it could read.
    understood: usize,
    thrown: u64,
    slowest: Duration,
    findings: Vec<PathBuf>,
    clock: Clock,
}

fn main() -> ExitCode {
    let seconds = seconds().unwrap_or(1);
    let named: Vec<String> = std::env::args().collect();
    let is_named = |(name, _): &(&str, Read)| named.iter().any(|named| named == name);
    let wanted: VecDeque<(&'static str, Read)> = if TARGETS.iter().any(is_named) {
        TARGETS.into_iter().filter(is_named).collect()
    } else {
        TARGETS.into()
    };
    let names: Vec<&str> = wanted.iter().map(|(name, _)| *name).collect();
    let slow = pace::too_slow(&names);
    slow.iter().for_each(|slow| println!("{slow}"));
    let work = Mutex::new(wanted);
    let outcomes: Mutex<Vec<Outcome>> = Mutex::default();
    let many = std::thread::available_parallelism().map_or(1, usize::from);
    let dice = Dice::new();
    std::thread::scope(|scope| {
        for _ in 0..many {
            scope.spawn(|| {
                loop {
                    let Some((name, read)) =
                        work.lock().expect("nobody panics with it").pop_front()
                    else {
                        return;
                    };
                    let outcome = attack(name, read, Duration::from_secs(seconds), dice.clone());
                    outcomes.lock().expect("nobody panics with it").push(outcome);
                }
            });
        }
    });
    let outcomes = outcomes.into_inner().expect("nobody panics with it");
    let told = report(&outcomes);
    if slow.is_empty() { told } else { ExitCode::FAILURE }
}

fn seconds() -> Option<u64> {
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        if word == "--seconds" {
            return words.next()?.parse().ok();
        }
    }
    None
}

fn report(outcomes: &[Outcome]) -> ExitCode {
    let mut is_well = true;
    for outcome in outcomes {
        let Outcome { name, understood, thrown, slowest, findings, clock: _ } = outcome;
        println!(
            "{name:16} {understood:5} of the corpus understood, {thrown:10} by chance, the slowest {slowest:9.1?}, {} findings",
            findings.len()
        );
        for finding in findings {
            println!("  {}", finding.display());
        }
        is_well &= findings.is_empty() && *understood > 0;
        if *understood == 0 {
            println!(
                "  it understands nothing of fuzz/corpus/{name}: what is beyond its first refusal is not searched"
            );
        }
    }
    let large = peak().unwrap_or(0);
    println!("the process was {} MiB large at most", large / 1_024);
    if is_well && large < LARGE { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The most memory that this process has had, in KiB.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    files.sort();
    files.into_iter().filter_map(|file| fs::read(file).ok()).collect()
}

fn attack(name: &'static str, read: Read, time: Duration, mut dice: Dice) -> Outcome {
    let kept = corpus(name);
    let mut outcome = Outcome {
        name,
        understood: 0,
        thrown: 0,
        slowest: Duration::ZERO,
        findings: Vec::new(),
        clock: Clock::new(),
    };
    for octets in &kept {
        outcome.understood += usize::from(outcome.throw(read, octets));
    }
    let mut pool: VecDeque<Vec<u8>> = kept.iter().cloned().collect();
    pool.push_back(Vec::new());
    let end = outcome.clock.now().mono.after(time);
    while !outcome.clock.until(end).is_zero() && outcome.findings.len() < 10 {
        let place = dice.below(pool.len());
        let Some(mut octets) = pool.get(place).cloned() else { break };
        for _ in 0..=dice.below(5) {
            spoil(&mut octets, &kept, &mut dice);
        }
        octets.truncate(LONGEST);
        outcome.throw(read, &octets);
        outcome.thrown += 1;
        if dice.below(64) == 0 {
            pool.push_back(octets);
            if pool.len() > kept.len() + KEPT {
                pool.remove(kept.len());
            }
        }
    }
    outcome
}

impl Outcome {
    /// Whether it was understood.
    fn throw(&mut self, read: Read, octets: &[u8]) -> bool {
        let begun = self.clock.now().mono;
        let came_back = catch_unwind(AssertUnwindSafe(|| read(octets)));
        let took = begun.until(self.clock.now().mono);
        self.slowest = self.slowest.max(took);
        if let (Ok(understood), true) = (&came_back, took < SLOW) {
            return *understood;
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/hostile");
        let file = folder.join(format!("{}-{}", self.name, self.findings.len()));
        let kept = fs::create_dir_all(&folder).and_then(|()| fs::write(&file, octets));
        kept.expect("a finding must be kept");
        self.findings.push(file);
        false
    }
}

/// One mistake: a bit, an octet, an end, a double, a limit, a piece of another.
fn spoil(octets: &mut Vec<u8>, others: &[Vec<u8>], dice: &mut Dice) {
    let place = dice.below(octets.len() + 1);
    let chance = u8::try_from(dice.below(256)).unwrap_or(0);
    match dice.below(9) {
        0 => octets.truncate(place),
        1 => octets.insert(place, chance),
        2 if place < octets.len() => drop(octets.remove(place)),
        3 => {
            let end = place + dice.below((octets.len() - place).min(64) + 1);
            let double = octets.get(place..end).unwrap_or_default().to_vec();
            for _ in 0..=dice.below(40) {
                octets.splice(place..place, double.iter().copied());
            }
        }
        4 => {
            if let Some(other) = others.get(dice.below(others.len().max(1))) {
                let from = dice.below(other.len() + 1);
                let until = from + dice.below(other.len() - from + 1);
                octets.splice(
                    place..place,
                    other.get(from..until).unwrap_or_default().iter().copied(),
                );
            }
        }
        5 => {
            let digits = ["0", "-1", "255", "65536", "4294967296", "99999999999999999999", "1e999"];
            octets.splice(place..place, digits[dice.below(digits.len())].bytes());
        }
        6 if place < octets.len() => octets[place] ^= 1 << (chance % 8),
        _ if place < octets.len() => {
            let limits = [0, 0xFF, 0x7F, 0x80, b'(', b'{', b'*', b'"', b'\n', chance];
            octets[place] = limits[dice.below(limits.len())];
        }
        _ => octets.push(chance),
    }
}
