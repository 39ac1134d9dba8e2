//! Devices that are read from time to time, and tell no edges: what counts is what readings show.

use crate::{NOTHING, debounce, ms, told};
use vigie_contacts::Level::{Closed, Open};
use vigie_contacts::{Contact, Latched, PairRule, Single};

/// A door of a board, closed at midnight.
fn door(rules: vigie_contacts::Rules) -> Contact<Single> {
    let mut door = Contact::single(Closed, rules.polled());
    let mut all = told(&door.read(Closed, ms(0)));
    all.extend(told(&door.read(Closed, ms(99))));
    assert_eq!(all, ["0 initial: normal"]);
    door
}

#[test]
fn a_wait_ends_with_a_reading_at_or_after_its_due_time_and_with_no_other() {
    for (second, counts) in [(149, false), (150, true), (151, true), (600, true)] {
        let mut door = door(debounce(50));
        assert_eq!(told(&door.read(Open, ms(100))), NOTHING);
        assert_eq!(door.due(), None, "no time replaces a reading");
        assert_eq!(told(&door.pass(ms(10_000))), NOTHING);
        let expected = if counts { vec!["100 changed: alarm"] } else { vec![] };
        assert_eq!(told(&door.read(Open, ms(second))), expected, "read again at {second}");
    }
}

#[test]
fn a_level_that_one_reading_alone_shows_never_was_however_long_ago_that_is() {
    let mut door = door(debounce(50));
    door.read(Open, ms(500));
    assert_eq!(told(&door.read(Closed, ms(1000))), NOTHING);
    assert_eq!(told(&door.read(Closed, ms(1500))), NOTHING);
}

#[test]
fn with_a_debounce_of_zero_a_change_counts_at_once() {
    let mut door = door(debounce(0));
    assert_eq!(told(&door.read(Open, ms(500))), ["500 changed: alarm"]);
    assert_eq!(told(&door.read(Closed, ms(1000))), ["1000 changed: normal"]);
}

#[test]
fn no_single_reading_gives_the_first_state_nor_that_after_a_loss() {
    for bounce in [0, 50] {
        // The board answers once before it has scanned its inputs.
        let mut door = Contact::single(Closed, debounce(bounce).polled());
        assert_eq!(told(&door.read(Open, ms(0))), NOTHING);
        assert_eq!(told(&door.read(Closed, ms(500))), NOTHING);
        assert_eq!(told(&door.read(Closed, ms(1000))), ["500 initial: normal"]);
        door.lost(ms(1000), ms(2000));
        assert_eq!(told(&door.read(Open, ms(5000))), NOTHING);
        assert_eq!(told(&door.read(Closed, ms(5500))), NOTHING);
        assert_eq!(told(&door.read(Closed, ms(6000))), ["5500 recovered: normal, was normal"]);
    }
}

#[test]
fn more_agreeing_readings_than_two_are_waited_for_at_the_start_too() {
    let mut door = Contact::single(Closed, debounce(0).with_agreeing(3).unwrap().polled());
    door.read(Closed, ms(0));
    assert_eq!(told(&door.read(Closed, ms(500))), NOTHING);
    assert_eq!(told(&door.read(Closed, ms(1000))), ["0 initial: normal"]);
}

#[test]
fn one_reading_that_catches_a_valve_between_its_contacts_is_no_fault() {
    let moving = |second: u64| {
        let rule = PairRule::new(Open, ms(500)).expect("it has time");
        let mut valve = Contact::pair(rule, debounce(50).polled());
        valve.read(Open, Closed, ms(0));
        valve.read(Open, Closed, ms(500));
        assert_eq!(told(&valve.read(Open, Open, ms(1000))), NOTHING);
        assert_eq!(told(&valve.pass(ms(second))), NOTHING);
        valve
    };
    for (at, counts) in [(1499, 0), (1500, 1), (1501, 1)] {
        assert_eq!(told(&moving(at).read(Open, Open, ms(at))).len(), counts, "still open at {at}");
        let mut valve = moving(at);
        assert_eq!(told(&valve.read(Closed, Open, ms(at))), NOTHING);
        let alarm = told(&valve.read(Closed, Open, ms(at + 50)));
        assert_eq!(alarm, [format!("{at} changed: alarm")]);
    }
}

#[test]
fn an_alarm_for_a_minimum_pulse_is_seen_by_readings_too() {
    for (second, counts) in [(299, false), (300, true)] {
        let mut door = door(debounce(50).with_minimum_pulse(ms(200)));
        door.read(Open, ms(100));
        assert_eq!(!told(&door.read(Open, ms(second))).is_empty(), counts, "{second}");
    }
}

#[test]
fn what_was_latched_before_the_first_state_returns_with_the_reading_that_follows_its_debounce() {
    for (bounce, expected) in [
        (0, vec!["0 initial: normal", "500 pulsed 1: alarm", "500 changed: normal"]),
        (50, vec!["0 initial: normal", "500 pulsed 1: alarm"]),
    ] {
        let mut door = Contact::single(Closed, debounce(bounce).polled());
        assert_eq!(told(&door.read_latched(Latched::Set, Closed, ms(0))), NOTHING);
        assert_eq!(told(&door.read_latched(Latched::Still, Closed, ms(500))), expected);
        let rest = told(&door.read_latched(Latched::Still, Closed, ms(1000)));
        let expected = if bounce == 0 { vec![] } else { vec!["500 changed: normal"] };
        assert_eq!(rest, expected);
    }
}
