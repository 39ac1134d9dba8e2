//! One line: its normal level, debounce, minimum pulse, agreeing readings.

use crate::{NOTHING, debounce, edge, ms, told};
use vigie_contacts::Level::{Closed, Open};
use vigie_contacts::{Contact, Level, Single};

/// A door, closed at midnight.
fn door(rules: vigie_contacts::Rules) -> Contact<Single> {
    let mut door = Contact::single(Closed, rules);
    let mut all = told(&door.read(Closed, ms(0)));
    all.extend(told(&door.pass(ms(50))));
    assert_eq!(all, ["0 initial: normal"]);
    door
}

#[test]
fn the_level_at_the_start_holds_for_its_debounce_like_any_other_and_is_told_as_no_change() {
    for (normally, level, state, closed, alarm) in [
        (Closed, Closed, "normal", true, false),
        (Closed, Open, "alarm", false, true),
        (Open, Open, "normal", false, false),
        (Open, Closed, "alarm", true, true),
    ] {
        let mut contact = Contact::single(normally, debounce(50));
        assert_eq!(contact.state(), None);
        assert_eq!(contact.due(), None);
        assert_eq!(told(&contact.read(level, ms(7))), NOTHING);
        assert_eq!(contact.due(), Some(ms(57)));
        assert_eq!(told(&contact.pass(ms(56))), NOTHING);
        assert_eq!(contact.state(), None, "a millisecond before");
        assert_eq!(told(&contact.pass(ms(57))), [format!("7 initial: {state}")]);
        let state = contact.state().unwrap();
        assert_eq!((state.is_closed(), state.is_alarm(), state.fault()), (closed, alarm, None));
        assert_eq!(contact.due(), None, "there is nothing to wait for");
    }
}

#[test]
fn a_cut_wire_is_an_alarm_where_nothing_else_is_said() {
    assert_eq!(Level::default(), Closed);
    let mut door = door(debounce(0));
    assert_eq!(told(&door.read(Open, ms(1))), ["1 changed: alarm"]);
}

#[test]
fn a_level_counts_when_it_has_held_for_the_debounce_and_not_a_millisecond_before() {
    let mut door = door(debounce(50));
    assert_eq!(told(&door.edge(edge(Open, 100), ms(100))), NOTHING);
    assert_eq!(door.due(), Some(ms(150)));
    assert_eq!(told(&door.pass(ms(149))), NOTHING);
    assert!(!door.state().unwrap().is_alarm());
    assert_eq!(told(&door.pass(ms(150))), ["100 changed: alarm"]);
    assert_eq!(told(&door.pass(ms(151))), NOTHING);
    assert_eq!(door.due(), None);
    assert_eq!(told(&door.edge(edge(Closed, 200), ms(200))), NOTHING);
    assert_eq!(told(&door.pass(ms(249))), NOTHING);
    assert_eq!(told(&door.pass(ms(251))), ["200 changed: normal"]);
}

#[test]
fn a_level_that_ends_a_millisecond_too_early_never_was() {
    for (ends, expected) in
        [(149, vec![]), (150, vec!["100 changed: alarm"]), (151, vec!["100 changed: alarm"])]
    {
        let mut door = door(debounce(50));
        door.edge(edge(Open, 100), ms(100));
        assert_eq!(told(&door.edge(edge(Closed, ends), ms(ends))), expected, "ends at {ends}");
    }
}

#[test]
fn each_bounce_begins_the_wait_anew() {
    let mut door = door(debounce(50));
    for bounce in 0..10 {
        let at = 100 + 6 * bounce;
        assert_eq!(told(&door.edge(edge(Open, at), ms(at))), NOTHING);
        assert_eq!(told(&door.edge(edge(Closed, at + 3), ms(at + 3))), NOTHING);
    }
    door.edge(edge(Open, 160), ms(160));
    assert_eq!(told(&door.pass(ms(209))), NOTHING);
    assert_eq!(told(&door.pass(ms(210))), ["160 changed: alarm"]);
}

#[test]
fn a_bounce_whose_opposite_edge_is_missing_begins_the_wait_anew_too() {
    let mut door = door(debounce(50));
    door.edge(edge(Open, 100), ms(100));
    door.edge(edge(Open, 130), ms(130));
    assert_eq!(told(&door.pass(ms(179))), NOTHING);
    assert_eq!(told(&door.pass(ms(180))), ["130 changed: alarm"]);
}

#[test]
fn a_drop_out_shorter_than_the_debounce_is_nothing() {
    let mut door = door(debounce(50));
    door.edge(edge(Open, 100), ms(100));
    assert_eq!(told(&door.edge(edge(Closed, 130), ms(130))), NOTHING);
    assert_eq!(told(&door.pass(ms(10_000))), NOTHING);
}

#[test]
fn what_a_device_shows_before_it_has_settled_is_no_state() {
    // A board that answers before it has scanned its inputs: closed contacts look open, for less than the debounce.
    for (ends, expected) in [
        (49, vec!["49 initial: normal"]),
        (50, vec!["0 initial: alarm", "50 changed: normal"]),
        (51, vec!["0 initial: alarm", "51 changed: normal"]),
    ] {
        let mut door = Contact::single(Closed, debounce(50));
        let mut all = told(&door.edge(edge(Open, 0), ms(0)));
        all.extend(told(&door.edge(edge(Closed, ends), ms(ends))));
        all.extend(told(&door.pass(ms(ends + 50))));
        assert_eq!(all, expected, "it settles after {ends} ms");
    }
}

#[test]
fn a_pulse_counts_from_its_minimum_on_and_is_discarded_a_millisecond_below() {
    for (length, counts) in [(19, false), (20, true), (21, true)] {
        let mut bell = door(debounce(50).with_minimum_pulse(ms(20)));
        let end = 100 + length;
        // Both edges are read long after the pulse.
        let mut all = told(&bell.edge(edge(Open, 100), ms(900)));
        all.extend(told(&bell.edge(edge(Closed, end), ms(900))));
        all.extend(told(&bell.pass(ms(900))));
        let expected = if counts {
            vec!["100 changed: alarm".to_owned(), format!("{end} changed: normal")]
        } else {
            Vec::new()
        };
        assert_eq!(all, expected, "a pulse of {length} ms");
    }
}

#[test]
fn an_alarm_is_not_told_before_its_minimum_pulse_is_over() {
    let mut bell = door(debounce(50).with_minimum_pulse(ms(200)));
    bell.edge(edge(Open, 100), ms(100));
    assert_eq!(told(&bell.pass(ms(299))), NOTHING);
    assert_eq!(told(&bell.pass(ms(300))), ["100 changed: alarm"]);
    // The way back waits for the debounce alone.
    bell.edge(edge(Closed, 400), ms(400));
    assert_eq!(told(&bell.pass(ms(449))), NOTHING);
    assert_eq!(told(&bell.pass(ms(450))), ["400 changed: normal"]);
}

#[test]
fn a_return_that_is_interrupted_is_no_return() {
    let mut bell = door(debounce(50).with_minimum_pulse(ms(10)));
    bell.edge(edge(Open, 100), ms(100));
    assert_eq!(told(&bell.edge(edge(Closed, 115), ms(115))), ["100 changed: alarm"]);
    assert_eq!(told(&bell.edge(edge(Open, 164), ms(164))), NOTHING);
    assert_eq!(told(&bell.edge(edge(Closed, 165), ms(165))), NOTHING);
    assert_eq!(told(&bell.pass(ms(214))), NOTHING);
    assert_eq!(told(&bell.pass(ms(215))), ["165 changed: normal"]);
}

#[test]
fn with_a_minimum_pulse_of_zero_the_shortest_one_counts() {
    let mut bell = door(debounce(50).with_minimum_pulse(ms(0)));
    assert_eq!(told(&bell.edge(edge(Open, 100), ms(100))), ["100 changed: alarm"]);
    assert_eq!(told(&bell.edge(edge(Closed, 100), ms(100))), NOTHING);
    assert_eq!(told(&bell.pass(ms(150))), ["100 changed: normal"]);
}

#[test]
fn one_false_reading_neither_raises_an_alarm_nor_ends_one() {
    let rules = debounce(0).with_agreeing(2).unwrap();
    let mut board = Contact::single(Closed, rules);
    assert_eq!(told(&board.read(Closed, ms(0))), NOTHING, "the first state is agreed upon too");
    assert_eq!(told(&board.read(Closed, ms(1000))), ["0 initial: normal"]);
    assert_eq!(told(&board.read(Open, ms(2000))), NOTHING);
    assert_eq!(board.due(), None, "no time replaces the second reading");
    assert_eq!(told(&board.read(Closed, ms(3000))), NOTHING);
    assert_eq!(told(&board.read(Open, ms(4000))), NOTHING);
    assert_eq!(told(&board.read(Open, ms(5000))), ["4000 changed: alarm"]);
    assert_eq!(told(&board.read(Closed, ms(6000))), NOTHING);
    assert_eq!(told(&board.read(Open, ms(7000))), NOTHING);
    assert_eq!(told(&board.read(Closed, ms(8000))), NOTHING);
    assert_eq!(told(&board.read(Closed, ms(9000))), ["8000 changed: normal"]);
}

#[test]
fn readings_that_agree_before_the_debounce_is_over_still_wait_for_it() {
    let mut board = Contact::single(Closed, debounce(50).with_agreeing(3).unwrap());
    for at in [0, 10, 50] {
        board.read(Closed, ms(at));
    }
    for at in [100, 110, 120] {
        assert_eq!(told(&board.read(Open, ms(at))), NOTHING);
    }
    assert_eq!(board.due(), Some(ms(150)));
    assert_eq!(told(&board.pass(ms(149))), NOTHING);
    assert_eq!(told(&board.pass(ms(150))), ["100 changed: alarm"]);
}
