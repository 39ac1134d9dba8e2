//! Latches: the pulses that a board keeps until somebody clears them.

use crate::{NOTHING, chattering, debounce, edge, ms, told};
use vigie_contacts::Latched::{Clear, Set, Still};
use vigie_contacts::Level::{Closed, Open};
use vigie_contacts::{Contact, Latch, Rules, Single};

fn contact(rules: Rules) -> Contact<Single> {
    let mut contact = Contact::single(Closed, rules);
    for _ in 0..3 {
        contact.read(Closed, ms(0));
        contact.pass(ms(99));
    }
    contact
}

#[test]
fn a_latch_is_one_pulse_from_being_set_until_it_is_seen_clear() {
    let mut latch = Latch::default();
    let read: Vec<_> = [false, true, true, true, false, false, true, false, true]
        .map(|is_set| latch.read(is_set))
        .into();
    assert_eq!(read, [Clear, Set, Still, Still, Clear, Clear, Set, Clear, Set]);
    assert!(latch.is_set());
    assert_eq!(Latch::default().read(true), Set, "found set at the start");
}

#[test]
fn a_pulse_that_was_not_told_for_good_is_told_again() {
    let mut latch = Latch::default();
    assert_eq!(latch.read(true), Set);
    latch.forget();
    assert_eq!((latch.read(true), latch.read(true)), (Set, Still));
    latch.forget();
    assert_eq!(latch.read(false), Clear, "unless it is gone");
}

#[test]
fn a_latch_that_the_level_does_not_explain_is_a_pulse_and_told_once() {
    let mut contact = contact(debounce(50));
    assert_eq!(told(&contact.read_latched(Clear, Closed, ms(1000))), NOTHING);
    assert_eq!(told(&contact.read_latched(Set, Closed, ms(2000))), ["2000 pulsed 1: alarm"]);
    assert_eq!(told(&contact.read_latched(Still, Closed, ms(2049))), NOTHING);
    assert_eq!(told(&contact.read_latched(Still, Closed, ms(2050))), ["2000 changed: normal"]);
    for later in [3000, 4000, 5000] {
        assert_eq!(told(&contact.read_latched(Still, Closed, ms(later))), NOTHING);
    }
    assert_eq!(told(&contact.read_latched(Set, Closed, ms(6000))), ["6000 pulsed 1: alarm"]);
}

#[test]
fn an_alarm_that_a_latch_vouches_for_counts_at_once_however_short_it_is() {
    let mut contact = contact(debounce(50).with_minimum_pulse(ms(5000)).with_agreeing(3).unwrap());
    assert_eq!(told(&contact.read_latched(Set, Open, ms(1000))), ["1000 changed: alarm"]);
    // The level alone would never have counted: it is over at the next reading.
    for reading in [1500, 2000] {
        assert_eq!(told(&contact.read_latched(Still, Closed, ms(reading))), NOTHING);
    }
    assert_eq!(told(&contact.read_latched(Clear, Closed, ms(2500))), ["1500 changed: normal"]);
    // Without the latch, the same level is not believed.
    assert_eq!(told(&contact.read_latched(Clear, Open, ms(3000))), NOTHING);
    assert_eq!(told(&contact.read_latched(Clear, Closed, ms(3500))), NOTHING);
}

#[test]
fn a_latch_into_a_standing_alarm_tells_nothing_and_can_begin_chattering() {
    let mut contact = contact(debounce(0));
    assert_eq!(told(&contact.read(Open, ms(1000))), ["1000 changed: alarm"]);
    assert_eq!(told(&contact.read_latched(Set, Open, ms(2000))), NOTHING);
    let mut contact = Contact::single(Closed, debounce(0).with_chatter(chattering(4, 5000, 500)));
    contact.read(Closed, ms(0));
    contact.pass(ms(99));
    assert_eq!(told(&contact.read_latched(Set, Closed, ms(1000))).len(), 2);
    assert_eq!(told(&contact.read_latched(Set, Closed, ms(1100))).len(), 2);
    assert_eq!(
        told(&contact.read_latched(Set, Closed, ms(1200))),
        ["1200 chatter began: alarm"],
        "the fifth change within the window"
    );
}

#[test]
fn what_is_found_latched_at_the_start_is_told_after_the_first_state() {
    let mut first = Contact::single(Closed, debounce(50));
    assert_eq!(told(&first.read_latched(Set, Closed, ms(0))), NOTHING);
    assert_eq!(told(&first.pass(ms(49))), NOTHING);
    assert_eq!(told(&first.pass(ms(50))), ["0 initial: normal", "50 pulsed 1: alarm"]);
    assert_eq!(told(&first.pass(ms(99))), NOTHING);
    assert_eq!(told(&first.pass(ms(100))), ["50 changed: normal"]);
    // Two readings have to agree, and the level that the latch vouched for is gone by then.
    let mut second = Contact::single(Closed, debounce(0).with_agreeing(2).unwrap());
    assert_eq!(told(&second.read_latched(Set, Open, ms(0))), NOTHING);
    assert_eq!(told(&second.read_latched(Still, Closed, ms(500))), NOTHING);
    assert_eq!(
        told(&second.read_latched(Still, Closed, ms(1000))),
        ["500 initial: normal", "1000 pulsed 1: alarm", "1000 changed: normal"]
    );
    // An alarm that stands from the start is what the latch tells, too.
    let mut third = Contact::single(Closed, debounce(50));
    assert_eq!(told(&third.read_latched(Set, Open, ms(0))), NOTHING);
    assert_eq!(told(&third.read_latched(Still, Open, ms(500))), ["0 initial: alarm"]);
    assert_eq!(told(&third.read_latched(Still, Open, ms(1000))), NOTHING);
}

#[test]
fn what_a_board_latched_while_it_was_lost_is_told_when_it_is_back() {
    let mut contact = contact(debounce(50));
    contact.lost(ms(1000), ms(1000));
    assert_eq!(told(&contact.read_latched(Set, Closed, ms(9000))), NOTHING);
    assert_eq!(
        told(&contact.pass(ms(9050))),
        ["9000 recovered: normal, was normal", "9050 pulsed 1: alarm"]
    );
}

#[test]
fn a_latch_that_is_read_at_an_earlier_time_than_the_last_edge_counts_as_just_after_it() {
    let mut contact = contact(debounce(50));
    contact.edge(edge(Open, 2000), ms(2000));
    contact.edge(edge(Closed, 2010), ms(2010));
    assert_eq!(told(&contact.read_latched(Set, Closed, ms(1000))), ["2010 pulsed 1: alarm"]);
    assert_eq!(told(&contact.pass(ms(2059))), NOTHING);
    assert_eq!(told(&contact.pass(ms(2060))), ["2010 changed: normal"]);
}
