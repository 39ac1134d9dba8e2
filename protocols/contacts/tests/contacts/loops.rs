//! Supervised loops: bands, their borders, and what lies outside.

use crate::{NOTHING, chattering, debounce, ms, told};
use vigie_contacts::Level::{Closed, Open};
use vigie_contacts::{Band, Contact, Fault, Loop, LoopRule, Meaning};

fn band(meaning: Meaning, from: f64, to: f64) -> Band {
    Band { meaning, from, to }
}

/// 2.2 kΩ in series and 8.2 kΩ in parallel: 10.4 kΩ is normal, 2.2 kΩ an alarm; with gaps between the bands.
fn dual(hysteresis: f64) -> LoopRule {
    let bands = vec![
        band(Meaning::Normal, 9_000.0, 12_000.0),
        band(Meaning::Short, f64::NEG_INFINITY, 500.0),
        band(Meaning::Alarm, 1_800.0, 2_600.0),
        band(Meaning::Cut, 50_000.0, f64::INFINITY),
    ];
    LoopRule::new(Closed, bands, hysteresis).expect("it can be kept")
}

/// A normal band between a short and a cut, without gaps.
fn touching(hysteresis: f64) -> Contact<Loop> {
    let bands = vec![
        band(Meaning::Short, 0.0, 100.0),
        band(Meaning::Normal, 100.0, 200.0),
        band(Meaning::Alarm, 200.0, 300.0),
    ];
    Contact::supervised(
        LoopRule::new(Open, bands, hysteresis).expect("it can be kept"),
        debounce(0),
    )
}

#[test]
fn four_bands_say_normal_alarm_short_and_cut_and_between_them_is_a_fault() {
    let out_of_range = "fault: out of range";
    for (value, word) in [
        (Some(10_400.0), "normal"),
        (Some(2_200.0), "alarm"),
        (Some(0.0), "fault: short"),
        (Some(-1.0e300), "fault: short"),
        (Some(f64::NEG_INFINITY), "fault: short"),
        (Some(1.0e9), "fault: cut"),
        (Some(f64::INFINITY), "fault: cut"),
        (Some(5_000.0), out_of_range),
        (Some(500.0_f64.next_up()), out_of_range),
        (Some(500.0), "fault: short"),
        (Some(50_000.0), "fault: cut"),
        (Some(50_000.0_f64.next_down()), out_of_range),
        (Some(f64::NAN), out_of_range),
        (None, out_of_range),
    ] {
        let mut contact = Contact::supervised(dual(0.0), debounce(50));
        contact.read(value, ms(3));
        let told = told(&contact.pass(ms(53)));
        assert_eq!(told, [format!("3 initial: {word}")], "{value:?}");
    }
}

#[test]
fn two_bands_are_enough_where_the_open_loop_is_the_alarm() {
    let bands =
        vec![band(Meaning::Normal, 900.0, 1_100.0), band(Meaning::Alarm, 5_000.0, f64::INFINITY)];
    let rule = LoopRule::new(Closed, bands, 0.0).unwrap();
    let mut contact = Contact::supervised(rule, debounce(0));
    assert_eq!(told(&contact.read(Some(1_000.0), ms(0))), ["0 initial: normal"]);
    assert_eq!(told(&contact.read(Some(1.0e6), ms(1))), ["1 changed: alarm"]);
    assert_eq!(told(&contact.read(Some(0.0), ms(2))), ["2 changed: fault: out of range"]);
}

#[test]
fn a_fault_is_an_alarm_whatever_else_it_is() {
    for (value, fault) in [(0.0, Fault::Short), (1.0e9, Fault::Cut), (f64::NAN, Fault::OutOfRange)]
    {
        let mut contact = Contact::supervised(dual(0.0), debounce(0));
        contact.read(Some(value), ms(0));
        contact.pass(ms(99));
        let state = contact.state().unwrap();
        assert_eq!(state.fault(), Some(fault));
        assert!(state.is_alarm() && !state.is_closed(), "{fault} looks like an alarm");
    }
}

#[test]
fn a_wire_that_is_cut_during_an_alarm_does_not_end_it() {
    let mut contact = Contact::supervised(dual(0.0), debounce(0));
    contact.read(Some(2_200.0), ms(0));
    contact.pass(ms(99));
    assert_eq!(told(&contact.read(Some(1.0e9), ms(1))), ["1 changed: fault: cut"]);
    assert!(contact.state().unwrap().is_alarm());
}

#[test]
fn a_value_comes_back_to_normal_by_the_smallest_step_beyond_the_hysteresis() {
    for (from, edge_value, beyond, word) in [
        (250.0, 190.0, 190.0_f64.next_down(), "normal"),
        (250.0, 310.0, 310.0_f64.next_up(), "fault: out of range"),
        (50.0, 110.0, 110.0_f64.next_up(), "normal"),
        (50.0, -10.0, (-10.0_f64).next_down(), "fault: out of range"),
    ] {
        let mut contact = touching(10.0);
        contact.read(Some(from), ms(0));
        assert_eq!(told(&contact.read(Some(edge_value), ms(1))), NOTHING, "{from} to {edge_value}");
        assert_eq!(told(&contact.read(Some(beyond), ms(2))), [format!("2 changed: {word}")]);
    }
}

#[test]
fn no_hysteresis_hides_an_alarm() {
    for (edge_value, beyond, word) in
        [(200.0_f64.next_down(), 200.0, "alarm"), (100.0_f64.next_up(), 100.0, "fault: short")]
    {
        let mut contact = touching(10.0);
        contact.read(Some(150.0), ms(0));
        assert_eq!(told(&contact.read(Some(edge_value), ms(1))), NOTHING);
        assert_eq!(told(&contact.read(Some(beyond), ms(2))), [format!("2 changed: {word}")]);
    }
    // Beyond the normal band, where no other one is, it holds as well.
    let mut contact = Contact::supervised(dual(10.0), debounce(0));
    contact.read(Some(10_400.0), ms(0));
    assert_eq!(told(&contact.read(Some(12_010.0), ms(1))), NOTHING);
    let beyond = Some(12_010.0_f64.next_up());
    assert_eq!(told(&contact.read(beyond, ms(2))), ["2 changed: fault: out of range"]);
}

#[test]
fn a_value_enters_from_outside_at_the_border_itself() {
    let mut contact = touching(10.0);
    contact.read(Some(300.0_f64.next_up()), ms(0));
    contact.pass(ms(99));
    assert_eq!(contact.state().unwrap().fault(), Some(Fault::OutOfRange));
    assert_eq!(told(&contact.read(Some(300.0), ms(1))), ["1 changed: alarm"]);
}

#[test]
fn a_value_that_trembles_around_a_border_is_one_alarm() {
    let mut contact = touching(5.0);
    contact.read(Some(150.0), ms(0));
    assert_eq!(told(&contact.read(Some(200.0), ms(1))), ["1 changed: alarm"]);
    let trembling = [196.0, 204.0, 199.9, 205.0, 195.0, 201.0];
    for (at, value) in (2..).zip(trembling) {
        assert_eq!(told(&contact.read(Some(value), ms(at))), NOTHING, "{value}");
    }
}

#[test]
fn a_value_on_the_border_of_two_bands_is_in_the_one_that_is_not_normal() {
    for (value, word) in [(100.0, "fault: short"), (200.0, "alarm")] {
        assert_eq!(told(&touching(0.0).read(Some(value), ms(0))), [format!("0 initial: {word}")]);
    }
}

#[test]
fn no_hysteresis_outlives_a_missing_value() {
    let mut contact = touching(10.0);
    contact.read(Some(150.0), ms(0));
    contact.pass(ms(99));
    assert_eq!(told(&contact.read(None, ms(1))), ["1 changed: fault: out of range"]);
    assert_eq!(told(&contact.read(Some(205.0), ms(2))), ["2 changed: alarm"]);
}

#[test]
fn a_loop_is_debounced_like_a_line() {
    let mut contact = Contact::supervised(dual(0.0), debounce(50));
    contact.read(Some(10_400.0), ms(0));
    contact.pass(ms(99));
    assert_eq!(told(&contact.read(Some(2_200.0), ms(100))), NOTHING);
    assert_eq!(contact.due(), Some(ms(150)));
    assert_eq!(told(&contact.read(Some(2_300.0), ms(149))), NOTHING);
    assert_eq!(told(&contact.read(Some(2_100.0), ms(150))), ["100 changed: alarm"]);
    assert_eq!(told(&contact.read(None, ms(200))), NOTHING);
    assert_eq!(told(&contact.read(Some(2_200.0), ms(249))), NOTHING);
    assert_eq!(
        told(&contact.pass(ms(10_000))),
        NOTHING,
        "a value that was missing for 49 ms is nothing"
    );
}

#[test]
fn a_dying_sensor_is_one_fault_however_it_dies() {
    let mut contact = Contact::supervised(dual(0.0), debounce(50));
    contact.read(Some(10_400.0), ms(0));
    contact.pass(ms(99));
    let dying = [None, Some(1.0e9), Some(f64::NAN), Some(0.0), Some(5_000.0)];
    for (step, value) in (0..).zip(dying) {
        assert_eq!(told(&contact.read(value, ms(100 + 12 * step))), NOTHING);
    }
    assert_eq!(told(&contact.pass(ms(149))), NOTHING);
    assert_eq!(told(&contact.pass(ms(150))), ["100 changed: fault: out of range"]);
}

#[test]
fn a_fault_that_shows_itself_differently_for_a_moment_has_to_come_to_rest_again() {
    let mut contact =
        Contact::supervised(dual(0.0), debounce(20).with_chatter(chattering(1, 1000, 500)));
    let (short, cut) = (Some(0.0), Some(1.0e9));
    contact.read(short, ms(0));
    contact.pass(ms(99));
    contact.read(cut, ms(100));
    contact.read(short, ms(130));
    assert_eq!(told(&contact.pass(ms(150))), ["130 chatter began: fault: short"]);
    contact.read(cut, ms(648));
    contact.read(short, ms(649));
    assert_eq!(told(&contact.pass(ms(1148))), NOTHING);
    assert_eq!(told(&contact.pass(ms(1149))), ["1149 chatter ended: fault: short"]);
}
