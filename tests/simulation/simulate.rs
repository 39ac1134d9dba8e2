//! The long run: `simulate --years 1000` plays nights of fresh seeds until so many years have
//! passed in them, `--seconds 120` for so long; `--from N` says at which seed to begin; `--seed N`
//! plays one night and tells it. `--days 1` plays a day without an end, and looks every hour at what may not grow.
#![expect(
    clippy::print_stdout,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "it speaks to whoever runs it, and a panic is how a night says what it found"
)]

mod around;
mod chance;
mod checker;
mod clocks;
mod day;
mod devices;
#[path = "../journal_on_a_bad_disk/disk.rs"]
#[expect(dead_code, reason = "the journal's own tests ask more of it")]
mod disk;
mod life;
mod model;
mod night;
mod nights;
mod people;
mod platter;
#[path = "../journal_on_a_bad_disk/power.rs"]
#[expect(dead_code, reason = "the journal's own tests ask more of it")]
mod power;
mod record;
mod site;
mod tasks;
mod weather;
mod world;

use std::process::ExitCode;
use std::time::Duration;

use vigie::host::clock::Clock;

/// After so many findings a run has said enough, unless `--enough` says otherwise.
const ENOUGH: u64 = 10;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str| {
        let place = words.iter().position(|word| word == name)?;
        words.get(place + 1)?.parse::<u64>().ok()
    };
    let enough = usize::try_from(number("--enough").unwrap_or(ENOUGH)).unwrap_or(usize::MAX);
    let first = || number("--from").unwrap_or_else(nights::fresh_seed);
    if let Some(days) = number("--days") {
        return long(number("--seed").unwrap_or_else(nights::fresh_seed), days);
    }
    match (number("--seed"), number("--years"), number("--seconds")) {
        (Some(seed), ..) => tell(seed),
        (None, Some(years), _) => {
            let length = Duration::from_secs(years * 8_766 * 3_600);
            many(first(), enough, |played| played.length >= length)
        }
        (None, None, Some(seconds)) => {
            let clock = Clock::new();
            let end = clock.now().mono.after(Duration::from_secs(seconds));
            many(first(), enough, |_| clock.until(end).is_zero())
        }
        (None, None, None) => {
            println!(
                "usage: simulate --years N | --seconds N [--from SEED] | --seed SEED | --days N [--seed SEED]"
            );
            ExitCode::from(64)
        }
    }
}

/// Days in a row, looked at every hour, or every so many in many days.
fn long(seed: u64, days: u64) -> ExitCode {
    println!("{days} days from seed {seed} on");
    println!(
        "  hour    heart, bytes  stand     entries    let go      rows  store, KiB  process, KiB"
    );
    let [plans, _] = nights::sites();
    let mut looks = Vec::new();
    day::play(seed, days * 24, plans, |look| {
        let day::Look { hour, heart, for_days, standing, entries, let_go, rows, store, memory } =
            look;
        if hour % days == 0 {
            let store = store / 1_024;
            println!(
                "{hour:>6}{heart:>14}{for_days:>10}{standing:>7}{entries:>10}{let_go:>10}{rows:>9}{store:>12}{memory:>14}"
            );
        }
        looks.push(*look);
    });
    let grown = day::judged(&looks);
    grown.iter().for_each(|grown| println!("not flat: {grown}"));
    if grown.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn tell(seed: u64) -> ExitCode {
    let outcome = nights::play(seed, &nights::sites(), true);
    outcome.story.iter().for_each(|line| println!("{line}"));
    match outcome.found {
        Some(found) => {
            println!("{found}");
            ExitCode::FAILURE
        }
        None => ExitCode::SUCCESS,
    }
}

fn many(first: u64, enough: usize, over: impl Fn(&nights::Run) -> bool + Sync) -> ExitCode {
    println!("nights from seed {first} on");
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let run =
        nights::play_all(first, threads, |played| over(played) || played.found.len() >= enough);
    println!("{}\n{run}", run.findings());
    if run.found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
