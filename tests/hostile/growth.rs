//! Twice as long a bomb costs twice as much memory, and no more: what each reader asks the allocator for is counted.

#![expect(
    unsafe_code,
    reason = "an allocator is unsafe by its contract; this one counts, and lets the system's do the work"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use vigie::adapters::mqtt;
use vigie::config;
use vigie::journal::ENTRY_LIMIT;
use vigie::watch::time::Utc;

use super::bombs::BOMBS;
use super::targets::reader;

/// Counts what this thread asks for.
struct Counting;

thread_local! {
    static ASKED: Cell<usize> = const { Cell::new(0) };
    static TIMES: Cell<usize> = const { Cell::new(0) };
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

fn count(more: usize, less: usize) {
    let grown = isize::try_from(more).unwrap_or(isize::MAX) - isize::try_from(less).unwrap_or(0);
    // A thread that ends has nothing to count any more.
    let _ = ASKED.try_with(|asked| asked.set(asked.get() + more));
    let _ = TIMES.try_with(|times| times.set(times.get() + usize::from(more > 0)));
    let _ = HELD.try_with(|held| {
        held.set(held.get() + grown);
        MOST.try_with(|most| most.set(most.get().max(held.get())))
    });
}

// SAFETY: every call is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        // SAFETY: as above.
        unsafe { System.realloc(place, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// What a reader asked for.
#[derive(Clone, Copy, Debug)]
struct Cost {
    /// So many octets in all.
    octets: usize,
    /// In so many times.
    times: usize,
    /// So many octets at once at most.
    at_once: usize,
}

fn cost(work: impl FnOnce()) -> Cost {
    let (asked, times, held) = (ASKED.get(), TIMES.get(), HELD.get());
    MOST.set(held);
    work();
    let at_once = usize::try_from(MOST.get() - held).unwrap_or(0);
    Cost { octets: ASKED.get() - asked, times: TIMES.get() - times, at_once }
}

/// Whether that is no more than twice as much, up to the steps in which tables grow.
fn is_twice(once: usize, twice: usize, step: usize) -> bool {
    twice <= once * 23 / 10 + step
}

#[test]
fn a_bomb_that_is_twice_as_long_costs_no_more_than_twice_the_memory() {
    let mut wrong = Vec::new();
    for bomb in BOMBS {
        let read = reader(bomb.reader);
        // The first time a reader makes what it keeps.
        read(&(bomb.make)(bomb.pieces));
        let costs = [1, 2, 4].map(|times| {
            let octets = (bomb.make)(bomb.pieces * times);
            (octets.len(), cost(|| _ = read(&octets)))
        });
        if std::env::var_os("VIGIE_SHOW").is_some() {
            println!("{} of {}: {costs:?}", bomb.called, bomb.reader);
        }
        for ((length, once), (_, twice)) in costs.iter().zip(costs.iter().skip(1)) {
            let grows = is_twice(once.octets, twice.octets, 64 * 1_024)
                && is_twice(once.times, twice.times, 512)
                && is_twice(once.at_once, twice.at_once, 64 * 1_024);
            if !grows || once.at_once > 400 * length + 1_024 * 1_024 {
                wrong.push(format!("{} of {}: {costs:?}", bomb.called, bomb.reader));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "cost more than they weigh:\n{}", wrong.join("\n"));
}

/// What is longer than the files admit is not read; what is as long as they admit, and of the letters that the record writes longest,
/// must have room in an entry.
#[test]
fn the_longest_message_of_a_broker_has_room_in_the_record() {
    let site = include_str!("../../fixtures/stores/site.toml").replace("@@", "/nowhere");
    let broker = |size: &str| {
        let text = format!(
            "[mqtt.plant]\nclient-id = \"vigie\"\nbroker = \"mqtt://127.0.0.1\"\ntopics = [\"#\"]\nmax-payload = \"{size}\"\n"
        );
        config::read_str(&[("vigie.toml", &site), ("mqtt.toml", &text)]).settings
    };
    assert!(broker("5 MiB").is_none(), "there may be no room for it");
    let settings = broker("4 MiB").expect("4 MiB are admitted").mqtt.remove(0);
    for letter in [b'\x01', b'"', b'\\'] {
        let payload = vec![letter; settings.max_payload];
        let message = (b"plant/a".to_vec(), Arc::from(payload), false);
        let signals = mqtt::signals_of(message, &settings, None, Utc::default());
        let written: usize =
            signals.iter().map(|signal| serde_json::to_vec(signal).unwrap().len()).sum();
        assert!(written > 8 << 20 && written < ENTRY_LIMIT * 3 / 4, "{written} bytes");
    }
}
