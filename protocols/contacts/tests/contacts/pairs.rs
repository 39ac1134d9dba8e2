//! Antivalent pairs: two states, two faults, and the time it takes to move.

use crate::{NOTHING, debounce, edge, ms, told};
use vigie_contacts::Level::{Closed, Open};
use vigie_contacts::{Contact, Edge, Fault, Half, Pair, PairRule};

const DISCREPANCY: u64 = 300;

fn unread_valve() -> Contact<Pair> {
    Contact::pair(PairRule::new(Open, ms(DISCREPANCY)).expect("it has time"), debounce(50))
}

/// A valve at rest: the make contact open, the break contact closed.
fn valve() -> Contact<Pair> {
    let mut valve = unread_valve();
    assert_eq!(told(&valve.read(Open, Closed, ms(0))), NOTHING);
    assert_eq!(told(&valve.pass(ms(50))), ["0 initial: normal"]);
    valve
}

#[test]
fn a_pair_that_disagrees_properly_has_a_state() {
    let mut valve = valve();
    assert!(!valve.state().unwrap().is_closed());
    assert_eq!(told(&valve.read(Closed, Open, ms(100))), NOTHING);
    assert_eq!(told(&valve.pass(ms(149))), NOTHING);
    assert_eq!(told(&valve.pass(ms(150))), ["100 changed: alarm"]);
    assert!(valve.state().unwrap().is_closed(), "the make contact speaks for the pair");
}

#[test]
fn a_pair_may_be_actuated_while_all_is_well() {
    let mut pump = Contact::pair(PairRule::new(Closed, ms(DISCREPANCY)).unwrap(), debounce(0));
    assert_eq!(told(&pump.read(Closed, Open, ms(0))), ["0 initial: normal"]);
    assert_eq!(told(&pump.read(Open, Closed, ms(1))), ["1 changed: alarm"]);
}

#[test]
fn a_pair_that_says_the_same_for_the_discrepancy_time_is_a_fault_and_a_millisecond_less_is_nothing()
{
    for (level, word) in [(Closed, "closed"), (Open, "open")] {
        let mut valve = valve();
        assert_eq!(told(&valve.read(level, level, ms(100))), NOTHING);
        assert_eq!(valve.due(), Some(ms(400)));
        assert_eq!(told(&valve.pass(ms(399))), NOTHING);
        let fault = format!("100 changed: fault: discrepancy, both {word}");
        assert_eq!(told(&valve.pass(ms(400))), [fault]);
        let state = valve.state().unwrap();
        assert_eq!(state.fault(), Some(Fault::Discrepancy { both: level }));
        assert!(state.is_alarm() && state.is_closed());
        assert_eq!(told(&valve.pass(ms(401))), NOTHING);
    }
    for (ends, expected) in [(399, 0), (400, 1), (401, 1)] {
        let mut valve = valve();
        valve.read(Open, Open, ms(100));
        assert_eq!(told(&valve.read(Open, Closed, ms(ends))).len(), expected, "ends at {ends}");
    }
}

#[test]
fn a_fault_that_ends_gives_way_to_the_state_that_is_found_then() {
    let mut valve = valve();
    valve.read(Open, Open, ms(100));
    valve.pass(ms(400));
    assert_eq!(told(&valve.read(Closed, Open, ms(1000))), NOTHING);
    assert_eq!(told(&valve.pass(ms(1049))), NOTHING);
    assert_eq!(told(&valve.pass(ms(1050))), ["1000 changed: alarm"]);
}

#[test]
fn a_passage_through_the_middle_is_one_change() {
    let mut valve = valve();
    valve.edge(Half::Break, edge(Open, 100), ms(100));
    assert_eq!(told(&valve.edge(Half::Make, edge(Closed, 399), ms(399))), NOTHING);
    assert_eq!(told(&valve.pass(ms(449))), ["399 changed: alarm"]);
}

#[test]
fn a_pair_that_goes_from_one_discrepancy_to_the_other_has_been_faulty_since_the_first() {
    let mut valve = valve();
    valve.read(Open, Open, ms(100));
    valve.read(Closed, Closed, ms(390));
    assert_eq!(told(&valve.pass(ms(399))), NOTHING);
    assert_eq!(told(&valve.pass(ms(400))), ["100 changed: fault: discrepancy, both closed"]);
    // From now on the other discrepancy is another state, and has to hold by itself.
    valve.read(Open, Open, ms(500));
    assert_eq!(told(&valve.pass(ms(799))), NOTHING);
    assert_eq!(told(&valve.pass(ms(800))), ["500 changed: fault: discrepancy, both open"]);
}

#[test]
fn a_pair_that_is_found_moving_has_no_state_until_it_has_moved() {
    let mut moving = unread_valve();
    assert_eq!(told(&moving.read(Open, Open, ms(0))), NOTHING);
    assert_eq!(told(&moving.pass(ms(299))), NOTHING);
    assert_eq!(told(&moving.read(Closed, Open, ms(299))), NOTHING);
    assert_eq!(told(&moving.pass(ms(348))), NOTHING);
    assert_eq!(told(&moving.pass(ms(349))), ["299 initial: alarm"]);
    let mut stuck = unread_valve();
    stuck.read(Open, Open, ms(0));
    stuck.pass(ms(99));
    assert_eq!(told(&stuck.pass(ms(300))), ["0 initial: fault: discrepancy, both open"]);
}

#[test]
fn an_edge_of_one_half_says_nothing_before_both_have_been_read() {
    let mut valve = unread_valve();
    assert_eq!(told(&valve.edge(Half::Make, edge(Closed, 5), ms(5))), NOTHING);
    assert_eq!(told(&valve.pass(ms(10_000))), NOTHING);
    assert_eq!(told(&valve.edge(Half::Break, edge(Open, 20_000), ms(20_000))), NOTHING);
    assert_eq!(told(&valve.pass(ms(20_049))), NOTHING);
    assert_eq!(told(&valve.pass(ms(20_050))), ["20000 initial: alarm"]);
}

#[test]
fn the_edges_of_each_half_are_counted_by_themselves() {
    let mut valve = valve();
    let numbered = |level, at, number| Edge { sequence: Some(number), ..edge(level, at) };
    assert_eq!(told(&valve.edge(Half::Break, numbered(Open, 100, 1), ms(100))), NOTHING);
    assert_eq!(told(&valve.edge(Half::Make, numbered(Closed, 110, 1), ms(110))), NOTHING);
    assert_eq!(
        told(&valve.edge(Half::Make, numbered(Open, 120, 4), ms(120))),
        ["120 edges lost 2: normal"]
    );
    assert!(valve.wants_reading());
    valve.read(Open, Closed, ms(130));
    assert!(!valve.wants_reading());
}

#[test]
fn an_edge_of_a_pair_from_the_future_makes_nobody_deaf() {
    let mut valve = valve();
    let future = Edge { at: std::time::Duration::MAX, ..edge(Open, 0) };
    valve.edge(Half::Break, future, ms(100));
    assert_eq!(told(&valve.edge(Half::Make, edge(Closed, 110), ms(110))), NOTHING);
    assert_eq!(told(&valve.pass(ms(160))), ["110 changed: alarm"]);
}
