//! Of every edge it is known what became of it, to the last one.

use crate::dice::Dice;
use crate::{chattering, debounce, edge, ms, told};
use vigie_contacts::Level::{self, Closed, Open};
use vigie_contacts::{Became, Contact, Outcome, Report, Rules, Single};

const NIGHTS: u64 = 400;
const EDGES: u64 = 300;

#[test]
fn a_bounce_is_two_edges_that_were_too_short() {
    let mut contact = Contact::single(Closed, debounce(50));
    contact.read(Closed, ms(0));
    contact.pass(ms(99));
    for (level, at) in [(Open, 100), (Closed, 101), (Open, 102)] {
        contact.edge(edge(level, at), ms(at));
    }
    assert_eq!(contact.became(), Became { too_short: 2, ..Became::default() }, "one waits");
    assert_eq!(told(&contact.pass(ms(200))), ["102 changed: alarm"]);
    assert_eq!(contact.became(), Became { told: 1, too_short: 2, in_chatter: 0 });
}

#[test]
fn what_counts_while_a_contact_chatters_is_counted_as_such() {
    let rules = debounce(0).with_chatter(chattering(1, 1000, 500));
    let mut contact = Contact::single(Closed, rules);
    contact.read(Closed, ms(0));
    contact.pass(ms(99));
    for (level, at) in [(Open, 100), (Closed, 200), (Open, 300), (Closed, 400), (Open, 500)] {
        contact.edge(edge(level, at), ms(at));
    }
    assert_eq!(contact.became(), Became { told: 2, too_short: 0, in_chatter: 3 });
}

#[test]
fn an_edge_that_waits_when_the_device_is_lost_was_too_short() {
    let mut contact = Contact::single(Closed, debounce(50));
    contact.read(Closed, ms(0));
    contact.pass(ms(99));
    contact.edge(edge(Open, 100), ms(100));
    assert_eq!(told(&contact.lost(ms(120), ms(120))), ["120 lost"]);
    assert_eq!(contact.became(), Became { too_short: 1, ..Became::default() });
}

/// How many of these are edges that were told.
fn changes(reports: &[Report]) -> u64 {
    let is_change = |report: &&Report| match report.outcome {
        Outcome::Changed(_) => true,
        Outcome::Initial(_)
        | Outcome::Pulsed { .. }
        | Outcome::ChatterBegan(_)
        | Outcome::ChatterEnded(_)
        | Outcome::EdgesLost { .. }
        | Outcome::Lost
        | Outcome::Recovered { .. } => false,
    };
    reports.iter().filter(is_change).map(|_| 1).sum()
}

fn rules(dice: &mut Dice) -> Rules {
    let mut rules = debounce(dice.below(60));
    if dice.one_in(2) {
        rules = rules.with_minimum_pulse(ms(dice.below(60)));
    }
    if dice.one_in(2) {
        let changes = *dice.choose(&[1, 3, 20]);
        rules = rules.with_chatter(chattering(changes, 1 + dice.below(2000), 1 + dice.below(500)));
    }
    if dice.one_in(2) {
        let agreeing = *dice.choose(&[1, 2, 3]);
        rules = rules.with_agreeing(agreeing).expect("one or more").polled();
    }
    rules
}

/// A night of a contact that is read, or that tells its edges; how many edges it had, and how many changes were told.
fn night(dice: &mut Dice, contact: &mut Contact<Single>, is_read: bool) -> (u64, u64) {
    let (mut now, mut level, mut edges, mut told) = (0, Closed, 0, 0);
    told += changes(&contact.read(level, ms(now)));
    for _ in 0..EDGES {
        let longest = *dice.choose(&[5, 40, 300]);
        now += 1 + dice.below(longest);
        let shown: Level = if dice.one_in(4) { level } else { level.opposite() };
        if !is_read && shown == level {
            continue;
        }
        edges += u64::from(shown != level);
        level = shown;
        told += if is_read {
            changes(&contact.read(level, ms(now)))
        } else {
            changes(&contact.edge(edge(level, now), ms(now)))
        };
        if dice.one_in(3) {
            told += changes(&contact.pass(ms(now)));
        }
    }
    // A quiet end: nothing waits any more.
    for _ in 0..100 {
        now += 50;
        told += changes(&contact.read(level, ms(now)));
        told += changes(&contact.pass(ms(now)));
    }
    (edges, told)
}

#[test]
fn every_edge_of_any_night_was_told_or_too_short_or_in_chatter() {
    let mut dice = Dice::new();
    for turn in 0..NIGHTS {
        let rules = rules(&mut dice);
        let mut contact = Contact::single(Closed, rules);
        let is_read = dice.one_in(2);
        let (edges, told) = night(&mut dice, &mut contact, is_read);
        let became = contact.became();
        let sum = became.told + became.too_short + became.in_chatter;
        assert_eq!(sum, edges, "night {turn}: {became:?} of {rules:?}");
        assert!(
            became.told >= told,
            "night {turn}: chattering begins with one: {became:?}, {told}"
        );
    }
}
