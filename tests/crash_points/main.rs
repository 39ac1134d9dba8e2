//! Crash points: the real daemon is killed at a system call that touches its store or a wire, during a scripted night
//! with real senders; it is started again, the night goes on, and in the morning all is as after the night in which
//! it lived: the same alarms, the same holders, no message missing, and a message repeated only where nobody could
//! know whether it had left.
//!
//! An uncrashed night counts the calls. Each of them is a point twice: the daemon dies *before* it, so that it is never
//! made, and *after* it, so that it has taken effect and nobody knows. `cargo test` tries some of the points, by the
//! printed seed; all of them, and single ones again, by
//!
//!     VIGIE_CRASH_POINTS=all cargo test --test crash_points -- --nocapture
//!     VIGIE_CRASH_POINTS=before:117,after:203 cargo test --test crash_points -- --nocapture
//!
//! Seen red: with receipts given before the commit (an inform that was answered is unknown and calls nobody), and when
//! a message left before the record said so (who had read it was not told who took it).
//!
//! It does not cut the power: what the kernel was given is kept. That is `tests/power_cut`.

#![cfg(test)]

#[path = "../dice/mod.rs"]
mod dice;
#[path = "../end_to_end/house.rs"]
#[expect(dead_code, reason = "the rest serves the nights of end_to_end")]
mod house;
#[path = "../end_to_end/people.rs"]
mod people;
#[path = "../end_to_end/programs.rs"]
mod programs;
#[path = "../end_to_end/site.rs"]
mod site;

mod calls;
mod night;
mod tracer;
mod verdict;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::calls::Call;
use crate::dice::Dice;
use crate::night::{Morning, play};
use crate::tracer::Point;
use crate::verdict::compare;

/// So many points a plain `cargo test` tries.
const SAMPLE: usize = 16;
/// So many nights go on at the same time: a night waits more than it works.
const AT_ONCE: usize = 8;

/// What is known of the nights that are over.
#[derive(Debug, Default)]
struct Tally {
    /// The points at which the daemon died, by the call.
    died: BTreeMap<Call, usize>,
    /// Nights that were over before their point came.
    lived: usize,
    /// Messages that somebody had twice.
    repeats: usize,
    /// The points whose nights ended otherwise than they should.
    failed: Vec<Point>,
}

#[test]
fn wherever_the_daemon_dies_the_night_ends_as_if_it_had_lived() {
    let uncrashed = play(None);
    for (call, count) in count(&uncrashed.life.calls) {
        println!("{count:6}  {call}");
    }
    let points = points(uncrashed.life.calls.len());
    let (next, tally) = (AtomicUsize::new(0), Mutex::new(Tally::default()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(point) = points.get(next.fetch_add(1, Ordering::SeqCst)) {
                    if point.number() % 100 == 0 {
                        println!("{point}");
                    }
                    try_point(*point, &uncrashed, &tally);
                }
            });
        }
    });
    let tally = tally.into_inner().unwrap();
    println!("{} points of {}; deaths at:", points.len(), uncrashed.life.calls.len() * 2);
    for (call, count) in &tally.died {
        println!("{count:6}  {call}");
    }
    let Tally { lived, repeats, failed, .. } = &tally;
    println!("{lived} nights ended before their point; {repeats} messages were repeated");
    let failed: Vec<String> = failed.iter().map(Point::to_string).collect();
    assert!(failed.is_empty(), "again: VIGIE_CRASH_POINTS={}", failed.join(","));
}

fn count(calls: &[Call]) -> BTreeMap<Call, usize> {
    let mut counts = BTreeMap::new();
    for call in calls {
        *counts.entry(*call).or_default() += 1;
    }
    counts
}

/// The points that are asked for, among all those of so many calls.
fn points(calls: usize) -> Vec<Point> {
    let mut all: Vec<Point> =
        (1..=calls).flat_map(|number| [Point::Before(number), Point::After(number)]).collect();
    match std::env::var("VIGIE_CRASH_POINTS") {
        Ok(asked) if asked == "all" => all,
        Ok(asked) => asked.split(',').map(|point| point.parse().unwrap()).collect(),
        Err(_) => {
            let mut dice = Dice::new();
            (0..SAMPLE).map(|_| all.swap_remove(dice.below(all.len()))).collect()
        }
    }
}

fn try_point(point: Point, uncrashed: &Morning, tally: &Mutex<Tally>) {
    let night = catch_unwind(AssertUnwindSafe(|| {
        let crashed = play(Some(point));
        (compare(&crashed, uncrashed), crashed.life)
    }));
    let mut tally = tally.lock().unwrap();
    match night {
        Ok((repeats, life)) if life.cut => {
            let call = life.calls.last().expect("it died at a call");
            *tally.died.entry(*call).or_default() += 1;
            tally.repeats += repeats;
        }
        Ok(_) => tally.lived += 1,
        Err(_) => {
            println!("this was the night of {point}");
            tally.failed.push(point);
        }
    }
}
