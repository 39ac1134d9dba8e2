//! Simulated nights: the real watch, sequencer, outbox and journal, on a machine whose clocks and
//! randomness come from a seed, among people who answer late, wrongly, twice or never, modems that
//! lose, repeat, delay, refuse and hang, a process that dies before, during and after each commit,
//! clocks that jump and disks that refuse. A checker that knows only what went in and what came out
//! holds the promises (`checker`), and says which was broken.
//!
//! What is played is in `night`, how often what goes wrong in `weather`, who answers in `people`.
//!
//! - `cargo test --test simulation` plays some nights of fresh seeds, for [`HOW_LONG`] or for
//!   `VIGIE_SIMULATE` seconds.
//! - `cargo run --release --example simulate -- --years 1000` is the long run.
//! - `cargo run --release --example simulate -- --seed 7` plays one night again, the same to the
//!   byte, and tells it as a story.
//! - `tests/simulation/bite` puts one deliberate bug after the other into the sources, and shows
//!   that each is found within a minute.
#![cfg(test)]

mod around;
mod chance;
mod checker;
mod clocks;
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

use std::time::Duration;

use vigie::host::clock::Clock;

/// For so long `cargo test` plays; CI plays longer.
const HOW_LONG: Duration = Duration::from_secs(10);

#[test]
fn whatever_happens_in_a_night_the_promises_hold() {
    let how_long = std::env::var("VIGIE_SIMULATE").ok().and_then(|seconds| seconds.parse().ok());
    let how_long = how_long.map_or(HOW_LONG, Duration::from_secs);
    let clock = Clock::new();
    let end = clock.now().mono.after(how_long);
    let first = nights::fresh_seed();
    println!("nights from seed {first} on");
    let run =
        nights::play_all(first, 2, |played| clock.until(end).is_zero() || !played.found.is_empty());
    println!("{run}");
    assert!(run.nights > 0, "no night was played");
    assert!(run.found.is_empty(), "{}", run.findings());
}

#[test]
fn the_same_seed_is_the_same_night() {
    let sites = nights::sites();
    for seed in 1..4 {
        let stories = [(); 2].map(|()| nights::play(seed, &sites, true));
        assert_eq!(stories[0].story, stories[1].story, "seed {seed}");
        assert!(stories[0].story.len() > 20, "a night in which nothing happens proves nothing");
    }
}
