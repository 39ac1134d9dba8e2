//! A device that is lost and found: nothing is known meanwhile, and nothing is invented.

use crate::{NOTHING, chattering, debounce, edge, ms, told};
use vigie_contacts::Level::{Closed, Open};
use vigie_contacts::{Band, Contact, Counted, Counts, Edge, Half, LoopRule, Meaning, PairRule};

#[test]
fn a_lost_device_is_told_once_with_since_when_and_its_state_is_unknown() {
    let mut contact = Contact::single(Closed, debounce(50));
    contact.read(Closed, ms(0));
    contact.pass(ms(99));
    assert_eq!(told(&contact.lost(ms(1000), ms(4000))), ["1000 lost"]);
    assert_eq!((contact.state(), contact.due()), (None, None));
    assert_eq!(told(&contact.lost(ms(5000), ms(6000))), NOTHING);
    assert_eq!(told(&contact.pass(ms(100_000))), NOTHING);
}

#[test]
fn the_level_that_is_found_is_compared_with_the_one_before_once_it_has_held_for_the_debounce() {
    for (before, after, words) in [
        (Closed, Closed, "recovered: normal, was normal"),
        (Closed, Open, "recovered: alarm, was normal"),
        (Open, Closed, "recovered: normal, was alarm"),
        (Open, Open, "recovered: alarm, was alarm"),
    ] {
        let mut contact = Contact::single(Closed, debounce(50));
        contact.read(before, ms(0));
        contact.pass(ms(99));
        contact.lost(ms(1000), ms(4000));
        assert_eq!(told(&contact.read(after, ms(9000))), NOTHING);
        assert_eq!(told(&contact.pass(ms(9049))), NOTHING);
        assert_eq!(contact.state(), None);
        assert_eq!(told(&contact.pass(ms(9050))), [format!("9000 {words}")]);
        assert_eq!(told(&contact.pass(ms(10_000))), NOTHING);
    }
}

#[test]
fn a_device_that_is_lost_before_it_was_ever_read_has_no_state_to_compare_with() {
    let mut contact = Contact::single(Closed, debounce(50));
    assert_eq!(told(&contact.lost(ms(0), ms(4000))), ["0 lost"]);
    contact.read(Open, ms(9000));
    assert_eq!(told(&contact.pass(ms(9050))), ["9000 recovered: alarm, was unknown"]);
}

#[test]
fn what_was_waiting_when_the_device_was_lost_never_comes_to_count() {
    let mut contact = Contact::single(Closed, debounce(50));
    contact.read(Closed, ms(0));
    contact.pass(ms(99));
    contact.read(Open, ms(100));
    assert_eq!(told(&contact.lost(ms(149), ms(4000))), ["149 lost"]);
    contact.read(Closed, ms(9000));
    assert_eq!(told(&contact.pass(ms(9050))), ["9000 recovered: normal, was normal"]);
}

#[test]
fn what_had_held_when_the_device_was_lost_counts() {
    let mut contact = Contact::single(Closed, debounce(50));
    contact.read(Closed, ms(0));
    contact.pass(ms(99));
    contact.read(Open, ms(100));
    assert_eq!(told(&contact.lost(ms(150), ms(4000))), ["100 changed: alarm", "150 lost"]);
}

#[test]
fn a_device_cannot_be_lost_in_the_future() {
    let mut contact = Contact::single(Closed, debounce(50));
    contact.read(Closed, ms(0));
    contact.pass(ms(99));
    assert_eq!(told(&contact.lost(ms(9000), ms(4000))), ["4000 lost"]);
}

#[test]
fn after_a_loss_too_readings_have_to_agree() {
    let mut contact = Contact::single(Closed, debounce(0).with_agreeing(2).unwrap());
    contact.read(Closed, ms(0));
    contact.pass(ms(99));
    contact.read(Closed, ms(1));
    contact.lost(ms(1000), ms(4000));
    assert_eq!(told(&contact.read(Open, ms(9000))), NOTHING);
    assert_eq!(contact.state(), None);
    assert_eq!(told(&contact.read(Closed, ms(9001))), NOTHING);
    assert_eq!(told(&contact.read(Closed, ms(9002))), ["9001 recovered: normal, was normal"]);
}

#[test]
fn edges_are_counted_from_the_first_again_after_a_loss() {
    let mut contact = Contact::single(Closed, debounce(0));
    contact.read(Closed, ms(0));
    contact.pass(ms(99));
    let numbered = |level, at, number| Edge { sequence: Some(number), ..edge(level, at) };
    contact.edge(numbered(Open, 100, 1), ms(100));
    contact.edge(numbered(Closed, 200, 2), ms(200));
    contact.lost(ms(1000), ms(1000));
    contact.read(Closed, ms(2000));
    assert_eq!(told(&contact.edge(numbered(Open, 2100, 1), ms(2100))), ["2100 changed: alarm"]);
}

#[test]
fn a_half_of_a_lost_pair_says_nothing_until_both_have_been_read_and_its_edges_are_counted_anew() {
    let mut valve = Contact::pair(PairRule::new(Open, ms(300)).unwrap(), debounce(0));
    valve.read(Open, Closed, ms(0));
    valve.pass(ms(99));
    let numbered = |at, number| Edge { sequence: Some(number), ..edge(Open, at) };
    valve.edge(Half::Break, numbered(100, 1), ms(100));
    valve.lost(ms(200), ms(200));
    assert_eq!(told(&valve.edge(Half::Break, numbered(300, 1), ms(300))), NOTHING);
    assert_eq!(told(&valve.pass(ms(9000))), NOTHING);
    assert_eq!(told(&valve.read(Closed, Open, ms(9000))), ["9000 recovered: alarm, was normal"]);
}

#[test]
fn a_contact_that_buzzed_before_a_loss_and_buzzes_after_it_was_not_seen_to_buzz_in_between() {
    let mut contact = Contact::single(Closed, debounce(20).with_chatter(chattering(9, 1000, 500)));
    contact.read(Closed, ms(0));
    contact.pass(ms(99));
    contact.edge(edge(Open, 100), ms(100));
    contact.edge(edge(Closed, 110), ms(110));
    contact.lost(ms(115), ms(200));
    contact.read(Closed, ms(2000));
    assert_eq!(told(&contact.edge(edge(Open, 2010), ms(2010))), NOTHING);
}

#[test]
fn chattering_goes_on_across_a_loss_and_ends_when_it_was_quiet_and_seen_to_be() {
    let mut contact = Contact::single(Closed, debounce(0).with_chatter(chattering(1, 1000, 500)));
    contact.read(Closed, ms(0));
    contact.pass(ms(99));
    contact.read(Open, ms(100));
    assert_eq!(told(&contact.read(Closed, ms(110))), ["110 chatter began: normal"]);
    contact.lost(ms(200), ms(300));
    assert_eq!(told(&contact.pass(ms(5000))), NOTHING, "nobody knows whether it is quiet");
    assert_eq!(told(&contact.read(Open, ms(6000))), ["6000 recovered: alarm, was normal"]);
    assert_eq!(told(&contact.pass(ms(6499))), NOTHING);
    assert_eq!(told(&contact.pass(ms(6500))), ["6500 chatter ended: alarm"]);
}

#[test]
fn what_the_board_counted_meanwhile_is_not_invented_and_is_told_when_it_is_found() {
    let mut contact = Contact::single(Closed, debounce(50).with_agreeing(2).unwrap());
    contact.read(Closed, ms(0));
    contact.pass(ms(99));
    contact.read(Closed, ms(1));
    contact.lost(ms(1000), ms(4000));
    let counted = Counted::Rose { by: 2, counts: Counts::Openings };
    assert_eq!(told(&contact.read_counted(counted, Closed, ms(9000))), NOTHING);
    let nothing = Counted::Rose { by: 0, counts: Counts::Openings };
    assert_eq!(
        told(&contact.read_counted(nothing, Closed, ms(10_000))),
        ["9000 recovered: normal, was normal", "10000 pulsed 2: alarm"]
    );
    assert_eq!(told(&contact.pass(ms(10_050))), ["10000 changed: normal"]);
}

#[test]
fn a_pair_that_is_found_moving_stays_unknown_until_it_has_moved() {
    let mut valve = Contact::pair(PairRule::new(Open, ms(300)).unwrap(), debounce(50));
    valve.read(Open, Closed, ms(0));
    valve.pass(ms(99));
    assert_eq!(told(&valve.lost(ms(1000), ms(1000))), ["1000 lost"]);
    assert_eq!(told(&valve.read(Open, Open, ms(2000))), NOTHING);
    assert_eq!(told(&valve.pass(ms(2299))), NOTHING);
    assert_eq!(
        told(&valve.pass(ms(2300))),
        ["2000 recovered: fault: discrepancy, both open, was normal"]
    );
}

#[test]
fn a_loop_that_is_found_again_has_forgotten_its_band() {
    let bands = vec![
        Band { meaning: Meaning::Normal, from: 100.0, to: 200.0 },
        Band { meaning: Meaning::Alarm, from: 200.0, to: 300.0 },
    ];
    let mut contact =
        Contact::supervised(LoopRule::new(Closed, bands, 10.0).unwrap(), debounce(50));
    contact.read(Some(150.0), ms(0));
    contact.pass(ms(99));
    contact.lost(ms(1000), ms(1000));
    contact.read(Some(205.0), ms(2000));
    assert_eq!(told(&contact.pass(ms(2050))), ["2000 recovered: alarm, was normal"]);
}
