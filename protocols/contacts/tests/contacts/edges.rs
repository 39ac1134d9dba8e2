//! Edges as kernels tell them: late, in bulk, with their own time, and sometimes not at all.

use crate::{NOTHING, debounce, edge, ms, told};
use std::time::Duration;
use vigie_contacts::Level::{self, Closed, Open};
use vigie_contacts::{Contact, Edge, Single};

fn counted(level: Level, at: u64, sequence: u32) -> Edge {
    Edge { level, at: ms(at), sequence: Some(sequence) }
}

fn line() -> Contact<Single> {
    let mut line = Contact::single(Closed, debounce(50));
    line.read(Closed, ms(0));
    line.pass(ms(99));
    line
}

#[test]
fn a_pulse_whose_edges_come_together_and_late_is_told_with_both_its_ends() {
    let mut line = line();
    let mut all = told(&line.edge(counted(Open, 100, 1), ms(5000)));
    all.extend(told(&line.edge(counted(Closed, 160, 2), ms(5000))));
    all.extend(told(&line.pass(ms(5000))));
    assert_eq!(all, ["100 changed: alarm", "160 changed: normal"]);
}

#[test]
fn a_level_read_in_between_does_not_shorten_a_pulse_whose_edges_come_late() {
    let mut line = Contact::single(Closed, debounce(50).with_minimum_pulse(ms(10)));
    line.read(Closed, ms(0));
    line.pass(ms(99));
    line.read(Closed, ms(100));
    line.pass(ms(100));
    line.edge(edge(Open, 80), ms(105));
    assert_eq!(told(&line.edge(edge(Closed, 90), ms(105))), ["80 changed: alarm"]);
}

#[test]
fn a_reading_that_shows_an_alarm_before_its_edge_is_handed_in_does_not_cut_the_pulse_short() {
    for (ends, counts) in [(99, false), (100, true), (101, true)] {
        let mut line = Contact::single(Closed, debounce(50).with_minimum_pulse(ms(20)));
        line.read(Closed, ms(0));
        line.pass(ms(50));
        // The line was read at 90, and its edges of 80 and later are handed in after that.
        assert_eq!(told(&line.read(Open, ms(105))), NOTHING);
        assert_eq!(told(&line.edge(edge(Open, 80), ms(106))), NOTHING);
        let told = told(&line.edge(edge(Closed, ends), ms(106)));
        let expected = if counts { vec!["80 changed: alarm"] } else { vec![] };
        assert_eq!(told, expected, "a pulse from 80 to {ends}");
    }
}

#[test]
fn an_edge_that_a_reading_has_shown_counts_from_its_own_time_but_not_from_before_another_movement()
{
    let mut line = line();
    line.edge(edge(Open, 100), ms(100));
    line.edge(edge(Closed, 120), ms(120));
    line.read(Open, ms(150));
    line.edge(edge(Open, 110), ms(151));
    assert_eq!(line.due(), Some(ms(170)), "just after the movement of 120");
    assert_eq!(told(&line.pass(ms(170))), ["120 changed: alarm"]);
}

#[test]
fn a_reading_that_shows_a_return_interrupted_does_not_tell_it() {
    let mut line = line();
    line.edge(edge(Open, 100), ms(100));
    line.pass(ms(150));
    line.edge(edge(Closed, 200), ms(200));
    // It opens again at 249; the reading of 260 comes before that edge.
    assert_eq!(told(&line.read(Open, ms(260))), NOTHING);
    assert_eq!(told(&line.edge(edge(Open, 249), ms(261))), NOTHING);
    assert_eq!(told(&line.pass(ms(10_000))), NOTHING, "the alarm stands");
    // An alarm that held for as far as anybody knows counts.
    line.edge(edge(Closed, 11_000), ms(11_000));
    line.pass(ms(11_050));
    line.edge(edge(Open, 12_000), ms(12_000));
    assert_eq!(told(&line.read(Closed, ms(12_050))), ["12000 changed: alarm"]);
}

#[test]
fn what_was_told_stays_told_when_an_edge_comes_too_late_to_prevent_it() {
    let mut line = line();
    line.edge(edge(Open, 100), ms(100));
    assert_eq!(told(&line.pass(ms(150))), ["100 changed: alarm"]);
    assert_eq!(told(&line.edge(edge(Closed, 149), ms(151))), NOTHING);
    assert_eq!(told(&line.pass(ms(199))), ["149 changed: normal"]);
}

#[test]
fn an_edge_that_is_earlier_than_the_one_before_counts_as_just_after_it() {
    let mut line = line();
    line.edge(edge(Open, 100), ms(100));
    assert_eq!(told(&line.edge(edge(Closed, 40), ms(110))), NOTHING);
    assert_eq!(told(&line.edge(edge(Open, 20), ms(110))), NOTHING);
    assert_eq!(line.due(), Some(ms(150)));
    assert_eq!(told(&line.pass(ms(150))), ["100 changed: alarm"]);
}

#[test]
fn an_edge_from_the_future_makes_nobody_deaf() {
    let mut line = line();
    line.edge(Edge { level: Open, at: Duration::MAX, sequence: None }, ms(100));
    assert_eq!(line.due(), Some(ms(150)));
    assert_eq!(told(&line.pass(ms(150))), ["100 changed: alarm"]);
}

#[test]
fn the_first_edges_after_a_queue_overflowed_say_how_many_are_missing() {
    let mut line = line();
    assert!(!line.wants_reading());
    assert_eq!(told(&line.edge(counted(Open, 100, 46), ms(100))), ["100 edges lost 45: normal"]);
    assert!(line.wants_reading());
    assert_eq!(told(&line.edge(counted(Closed, 103, 47), ms(103))), NOTHING);
    assert!(line.wants_reading(), "an edge is no reading");
    assert_eq!(told(&line.read(Open, ms(104))), NOTHING);
    assert!(!line.wants_reading());
    assert_eq!(told(&line.pass(ms(153))), NOTHING);
    assert_eq!(told(&line.pass(ms(154))), ["104 changed: alarm"]);
}

#[test]
fn one_missing_edge_is_a_gap_and_none_is_not() {
    let mut line = line();
    assert_eq!(told(&line.edge(counted(Open, 100, 1), ms(100))), NOTHING);
    assert_eq!(told(&line.edge(counted(Closed, 110, 2), ms(110))), NOTHING);
    assert_eq!(told(&line.edge(counted(Closed, 120, 4), ms(120))), ["120 edges lost 1: normal"]);
}

#[test]
fn edges_that_are_numbered_backwards_or_twice_are_lost_without_a_number() {
    let mut line = line();
    line.edge(counted(Open, 100, 1), ms(100));
    line.edge(counted(Closed, 110, 2), ms(110));
    assert_eq!(told(&line.edge(counted(Closed, 120, 2), ms(120))), ["120 edges lost: normal"]);
    assert_eq!(told(&line.edge(counted(Open, 130, 1), ms(130))), ["130 edges lost: normal"]);
}

#[test]
fn the_number_of_an_edge_may_pass_its_highest_value() {
    let mut line = line();
    let mut number = 0_u32;
    // Two steps of half the range are told as gaps; the one across the end is none.
    for step in [0x7FFF_FFFF, 0x7FFF_FFFF, 1] {
        number = number.wrapping_add(step);
        line.edge(counted(Closed, 1, number), ms(1));
    }
    assert_eq!(number, u32::MAX);
    assert_eq!(told(&line.edge(counted(Closed, 2, 0), ms(2))), NOTHING);
    assert_eq!(told(&line.edge(counted(Closed, 3, 2), ms(3))), ["3 edges lost 1: normal"]);
}

#[test]
fn in_doubt_an_alarm_held_across_lost_edges_and_a_return_did_not() {
    let mut line = line();
    line.edge(counted(Open, 100, 1), ms(200));
    assert_eq!(
        told(&line.edge(counted(Closed, 200, 9), ms(200))),
        ["100 changed: alarm", "200 edges lost 7: alarm"]
    );
    assert_eq!(told(&line.edge(counted(Closed, 300, 17), ms(300))), ["300 edges lost 7: alarm"]);
    assert_eq!(told(&line.pass(ms(349))), NOTHING);
    assert_eq!(told(&line.pass(ms(350))), ["300 changed: normal"]);
}
