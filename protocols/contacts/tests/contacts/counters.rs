//! Counters: the pulses that no reading of the level showed.

use crate::{NOTHING, chattering, debounce, ms, told};
use vigie_contacts::Level::{Closed, Open};
use vigie_contacts::{Contact, Counted, Counter, CounterRule, Counts, Rules, Single, Width};

fn rose(by: u32) -> Counted {
    Counted::Rose { by, counts: Counts::Openings }
}

fn contact(rules: Rules) -> Contact<Single> {
    let mut contact = Contact::single(Closed, rules);
    contact.read_counted(Counted::First, Closed, ms(0));
    contact.pass(ms(99));
    contact
}

#[test]
fn a_counter_wraps_at_its_width_and_at_no_other() {
    for (width, highest) in [(Width::Bits16, 0xFFFF_u32), (Width::Bits32, u32::MAX)] {
        let rule = CounterRule::running(width, Counts::Openings, 10).unwrap();
        let from = |before: u32, value: u32| {
            let mut counter = Counter::new(rule);
            assert_eq!(counter.read(before), Counted::First);
            counter.read(value)
        };
        assert_eq!(from(highest - 1, highest), rose(1));
        assert_eq!(from(highest, highest), rose(0));
        assert_eq!(from(highest, 0), rose(1));
        assert_eq!(from(highest, 1), rose(2));
        assert_eq!(from(highest - 9, 0), rose(10), "as much as is plausible");
        assert_eq!(from(highest - 10, 0), Counted::Unknown, "one more");
        assert_eq!(from(5, 15), rose(10));
        assert_eq!(from(5, 16), Counted::Unknown, "a leap");
        assert_eq!(from(5, 4), Counted::Unknown, "one less is a restart");
        assert_eq!(from(1000, 0), Counted::Unknown);
    }
}

#[test]
fn a_wider_value_than_the_counter_can_have_is_not_believed_nor_counted_from() {
    let mut counter =
        Counter::new(CounterRule::running(Width::Bits16, Counts::Openings, 10).unwrap());
    counter.read(0xFFFF);
    assert_eq!(counter.read(0x1_0000), Counted::Unknown);
    assert_eq!(counter.read(3), Counted::First);
    assert_eq!(counter.read(4), rose(1));
}

#[test]
fn after_a_restart_the_counter_is_counted_from_where_it_stands() {
    let mut counter =
        Counter::new(CounterRule::running(Width::Bits32, Counts::Openings, 10).unwrap());
    counter.read(5000);
    assert_eq!(counter.read(3), Counted::Unknown);
    assert_eq!(counter.read(5), rose(2));
}

#[test]
fn a_counter_that_is_cleared_by_being_read_counts_from_the_second_reading() {
    let mut counter = Counter::new(CounterRule::cleared_on_read(Counts::Openings, 10).unwrap());
    assert_eq!(counter.read(900), Counted::First, "what was counted before the start is old");
    assert_eq!(counter.read(0), rose(0));
    assert_eq!(counter.read(10), rose(10));
    assert_eq!(counter.read(11), Counted::Unknown);
    assert_eq!(counter.read(2), rose(2));
}

#[test]
fn pulses_between_two_readings_of_the_same_level_are_an_alarm_that_returns() {
    let mut contact = contact(debounce(50));
    assert_eq!(told(&contact.read_counted(rose(0), Closed, ms(1000))), NOTHING);
    assert_eq!(told(&contact.read_counted(rose(3), Closed, ms(2000))), ["2000 pulsed 3: alarm"]);
    assert!(contact.state().unwrap().is_alarm());
    assert_eq!(told(&contact.pass(ms(2049))), NOTHING);
    assert_eq!(told(&contact.pass(ms(2050))), ["2000 changed: normal"]);
}

#[test]
fn without_a_debounce_the_alarm_and_its_return_are_told_together() {
    let mut contact = contact(debounce(0));
    assert_eq!(
        told(&contact.read_counted(rose(1), Closed, ms(1000))),
        ["1000 pulsed 1: alarm", "1000 changed: normal"]
    );
}

#[test]
fn a_pulse_that_a_board_counted_is_long_enough_and_needs_no_second_reading() {
    let rules = debounce(50).with_minimum_pulse(ms(400)).with_agreeing(2).unwrap();
    let mut contact = contact(rules);
    contact.read(Closed, ms(500));
    assert_eq!(told(&contact.read_counted(rose(1), Closed, ms(1000))), ["1000 pulsed 1: alarm"]);
}

#[test]
fn a_change_that_the_level_shows_is_not_counted_twice() {
    let closings = |by| Counted::Rose { by, counts: Counts::Closings };
    let both = |by| Counted::Rose { by, counts: Counts::Both };
    // The level before and after, what was counted, and the pulses that nobody saw.
    for (before, after, counted, pulses) in [
        (Closed, Closed, rose(1), 1),
        (Closed, Closed, rose(2), 2),
        (Closed, Closed, closings(2), 2),
        (Closed, Closed, both(2), 1),
        (Closed, Closed, both(1), 1),
        (Closed, Closed, both(3), 2),
        (Closed, Closed, both(4), 2),
        (Closed, Open, rose(1), 0),
        (Closed, Open, rose(2), 1),
        (Closed, Open, closings(1), 1),
        (Closed, Open, closings(0), 0),
        (Closed, Open, both(1), 0),
        (Closed, Open, both(3), 1),
        // An alarm that stands is told already.
        (Open, Open, rose(7), 0),
        (Open, Closed, closings(1), 0),
        (Open, Closed, closings(2), 0),
    ] {
        let mut contact = Contact::single(Closed, debounce(50));
        contact.read(before, ms(0));
        contact.pass(ms(99));
        let told = told(&contact.read_counted(counted, after, ms(1000)));
        let expected =
            if pulses == 0 { vec![] } else { vec![format!("1000 pulsed {pulses}: alarm")] };
        assert_eq!(told, expected, "from {before} to {after}: {counted:?}");
    }
}

#[test]
fn a_pulse_while_the_return_waits_begins_its_wait_anew() {
    let mut contact = contact(debounce(1500));
    contact.pass(ms(1500));
    contact.read_counted(rose(1), Closed, ms(2000));
    assert_eq!(told(&contact.read_counted(rose(1), Closed, ms(3000))), NOTHING);
    assert_eq!(told(&contact.pass(ms(4499))), NOTHING);
    assert_eq!(told(&contact.pass(ms(4500))), ["3000 changed: normal"]);
}

#[test]
fn a_counter_that_restarted_is_told_as_lost_edges_and_raises_nothing() {
    let mut contact = contact(debounce(50));
    assert_eq!(
        told(&contact.read_counted(Counted::Unknown, Closed, ms(1000))),
        ["1000 edges lost: normal"]
    );
    assert!(!contact.wants_reading(), "the level came with it");
}

#[test]
fn counted_pulses_are_two_changes_each_for_chattering() {
    for (pulses, word) in
        [(2, "pulsed 2: alarm"), (3, "chatter began: alarm"), (u32::MAX, "chatter began: alarm")]
    {
        let mut contact = contact(debounce(50).with_chatter(chattering(4, 1000, 500)));
        let told = told(&contact.read_counted(rose(pulses), Closed, ms(1000)));
        assert_eq!(told, [format!("1000 {word}")]);
    }
    let mut contact = contact(debounce(50).with_chatter(chattering(4, 1000, 500)));
    contact.read_counted(rose(2), Closed, ms(1000));
    assert_eq!(told(&contact.pass(ms(1050))), ["1000 changed: normal"], "that was the fourth");
    assert_eq!(
        told(&contact.read_counted(rose(1), Closed, ms(1100))),
        ["1100 chatter began: alarm"]
    );
}

#[test]
fn pulses_into_a_standing_alarm_can_begin_chattering_and_are_not_told_otherwise() {
    let mut contact = Contact::single(Closed, debounce(50).with_chatter(chattering(4, 1000, 500)));
    contact.read(Open, ms(0));
    contact.pass(ms(99));
    assert_eq!(told(&contact.read_counted(rose(2), Open, ms(1000))), NOTHING);
    assert_eq!(told(&contact.read_counted(rose(1), Open, ms(1001))), ["1001 chatter began: alarm"]);
}

#[test]
fn what_is_counted_while_the_first_readings_agree_is_told_after_the_first_state() {
    let mut contact = Contact::single(Closed, debounce(50).with_agreeing(2).unwrap());
    assert_eq!(told(&contact.read_counted(Counted::First, Closed, ms(0))), NOTHING);
    assert_eq!(
        told(&contact.read_counted(rose(1), Closed, ms(1000))),
        ["0 initial: normal", "1000 pulsed 1: alarm"]
    );
}

#[test]
fn an_edge_that_the_level_showed_before_the_counter_did_is_not_told_twice() {
    let both = |by| Counted::Rose { by, counts: Counts::Both };
    let closings = |by| Counted::Rose { by, counts: Counts::Closings };
    // The door opens between the reading of the counter and that of the level, or closes there: the next reading counts it.
    for (before, after, now, next, pulses) in [
        (Closed, Open, rose(0), rose(1), 0),
        (Closed, Open, rose(0), rose(2), 1),
        (Closed, Open, both(0), both(1), 0),
        (Open, Closed, closings(0), closings(1), 0),
        (Open, Closed, closings(0), closings(3), 2),
        (Open, Closed, both(0), both(1), 0),
        (Open, Closed, both(0), both(3), 1),
        (Open, Closed, rose(0), rose(1), 1),
    ] {
        let mut contact = Contact::single(Closed, debounce(50));
        contact.read(before, ms(0));
        contact.pass(ms(50));
        let mut all = told(&contact.read_counted(now, after, ms(1000)));
        all.extend(told(&contact.pass(ms(1050))));
        all.extend(told(&contact.read_counted(next, after, ms(2000))));
        all.retain(|told| told.contains("pulsed"));
        // Where an alarm stands, another pulse into it tells nothing.
        let stands = after == Open;
        let expected = usize::from(pulses > 0 && !stands);
        assert_eq!(all.len(), expected, "from {before} to {after}: {now:?}, {next:?}: {all:?}");
        assert!(all.iter().all(|told| told.contains(&format!("pulsed {pulses}:"))), "{all:?}");
    }
}

#[test]
fn half_a_pulse_that_was_counted_is_one_and_its_other_half_no_second_one() {
    let both = |by| Counted::Rose { by, counts: Counts::Both };
    for (next, expected) in [(0, 0), (1, 0), (2, 1), (3, 1)] {
        let mut contact = contact(debounce(50));
        assert_eq!(told(&contact.read_counted(both(1), Closed, ms(1000))).len(), 1);
        contact.pass(ms(1050));
        let told = told(&contact.read_counted(both(next), Closed, ms(2000)));
        assert_eq!(told.len(), expected, "then {next} more: {told:?}");
    }
}

#[test]
fn an_edge_that_is_ahead_of_its_count_is_remembered_for_one_reading_and_no_longer() {
    let closings = |by| Counted::Rose { by, counts: Counts::Closings };
    let mut contact = Contact::single(Closed, debounce(50));
    contact.read(Open, ms(0));
    contact.pass(ms(50));
    contact.read_counted(closings(0), Closed, ms(1000));
    assert_eq!(told(&contact.pass(ms(1050))), ["1000 changed: normal"]);
    contact.read_counted(closings(0), Closed, ms(2000));
    assert_eq!(
        told(&contact.read_counted(closings(1), Closed, ms(3000))),
        ["3000 pulsed 1: alarm"]
    );
}

#[test]
fn a_counter_without_a_filter_counts_each_movement_and_wraps_and_restarts_like_any_other() {
    let moved = |by| Counted::Moved { by };
    let mut counter = Counter::new(CounterRule::movements(Width::Bits32, 10).unwrap());
    let read = [0xFFFF_FFFF, 0, 9, 9, 20].map(|value| counter.read(value));
    assert_eq!(read, [Counted::First, moved(1), moved(9), moved(0), Counted::Unknown]);
}

/// The door of a serial port, closed at midnight.
fn port(rules: Rules) -> Contact<Single> {
    let mut contact = Contact::single(Closed, rules.polled());
    contact.read_counted(Counted::First, Closed, ms(0));
    contact.read_counted(Counted::Moved { by: 0 }, Closed, ms(99));
    contact
}

#[test]
fn movements_that_only_an_unfiltered_counter_saw_are_no_pulse_and_begin_the_wait_anew() {
    let moved = |by| Counted::Moved { by };
    let mut door = port(debounce(50));
    assert_eq!(told(&door.read_counted(moved(2), Closed, ms(125))), NOTHING, "a blow");
    // It opens and bounces, and bounces once more while it waits.
    assert_eq!(told(&door.read_counted(moved(5), Open, ms(150))), NOTHING);
    assert_eq!(told(&door.read_counted(moved(2), Open, ms(175))), NOTHING);
    assert_eq!(told(&door.read_counted(moved(0), Open, ms(200))), NOTHING);
    assert_eq!(told(&door.read_counted(moved(0), Open, ms(224))), NOTHING);
    assert_eq!(told(&door.read_counted(moved(0), Open, ms(225))), ["175 changed: alarm"]);
    // A return that is interrupted is no return.
    assert_eq!(told(&door.read_counted(moved(1), Closed, ms(300))), NOTHING);
    assert_eq!(told(&door.read_counted(moved(2), Closed, ms(350))), NOTHING);
    assert_eq!(told(&door.read_counted(moved(0), Closed, ms(399))), NOTHING);
    assert_eq!(told(&door.read_counted(moved(0), Closed, ms(400))), ["350 changed: normal"]);
}

#[test]
fn they_are_pulses_where_the_shortest_one_is_asked_for_and_nowhere_else() {
    for (pulse, expected) in [(0, vec!["125 pulsed 1: alarm"]), (1, vec![])] {
        let mut bell = port(debounce(50).with_minimum_pulse(ms(pulse)));
        let told = told(&bell.read_counted(Counted::Moved { by: 2 }, Closed, ms(125)));
        assert_eq!(told, expected, "a minimum pulse of {pulse} ms");
    }
}

#[test]
fn an_edge_of_a_port_that_the_level_showed_first_is_no_movement_of_its_own() {
    let mut bell = port(debounce(50).with_minimum_pulse(ms(0)));
    let moved = |by| Counted::Moved { by };
    assert_eq!(told(&bell.read_counted(moved(0), Open, ms(125))), ["125 changed: alarm"]);
    assert_eq!(told(&bell.read_counted(moved(1), Open, ms(150))), NOTHING);
    assert_eq!(told(&bell.read_counted(moved(0), Closed, ms(175))), NOTHING);
    assert_eq!(told(&bell.read_counted(moved(1), Closed, ms(200))), NOTHING);
    assert_eq!(told(&bell.read_counted(moved(0), Closed, ms(225))), ["175 changed: normal"]);
}

#[test]
fn a_line_that_buzzes_between_its_readings_is_told_as_chattering_though_no_reading_shows_it() {
    let mut door = port(debounce(50).with_chatter(chattering(6, 60_000, 1000)));
    for at in (125..1125).step_by(25) {
        assert_eq!(told(&door.read_counted(Counted::Moved { by: 4 }, Closed, ms(at))), NOTHING);
    }
    assert_eq!(
        told(&door.read_counted(Counted::Moved { by: 4 }, Closed, ms(1125))),
        ["1125 chatter began: normal"]
    );
    assert_eq!(told(&door.read_counted(Counted::Moved { by: 0 }, Closed, ms(1200))), NOTHING);
    assert_eq!(told(&door.pass(ms(2124))), NOTHING);
    assert_eq!(told(&door.pass(ms(2125))), ["2125 chatter ended: normal"]);
}
