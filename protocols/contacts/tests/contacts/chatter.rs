//! Chattering: when it begins, what is told meanwhile, when it ends.

use crate::{NOTHING, chattering, debounce, edge, ms, told};
use vigie_contacts::Level::{self, Closed, Open};
use vigie_contacts::{Contact, Rules, Single};

fn contact(rules: Rules) -> Contact<Single> {
    let mut contact = Contact::single(Closed, rules);
    contact.read(Closed, ms(0));
    contact
}

/// Changes at these times, beginning with an alarm, and what was told.
fn change(contact: &mut Contact<Single>, first: Level, times: &[u64]) -> Vec<String> {
    let mut level = first;
    let mut all = Vec::new();
    for at in times {
        all.extend(told(&contact.edge(edge(level, *at), ms(*at))));
        level = level.opposite();
    }
    all
}

#[test]
fn as_many_changes_as_are_allowed_are_told_and_one_more_begins_chattering() {
    let mut contact = contact(debounce(0).with_chatter(chattering(3, 1000, 500)));
    assert_eq!(
        change(&mut contact, Open, &[100, 200, 300]),
        ["100 changed: alarm", "200 changed: normal", "300 changed: alarm"]
    );
    assert_eq!(change(&mut contact, Closed, &[400]), ["400 chatter began: normal"]);
    assert_eq!(change(&mut contact, Open, &[410, 420, 430]), NOTHING, "single changes are spared");
    assert!(contact.state().unwrap().is_alarm(), "and yet known");
}

#[test]
fn changes_a_millisecond_more_than_the_window_apart_are_no_chattering() {
    for (last, word) in [
        (1099, "chatter began: normal"),
        (1100, "chatter began: normal"),
        (1101, "changed: normal"),
    ] {
        let mut contact = contact(debounce(0).with_chatter(chattering(3, 1000, 500)));
        change(&mut contact, Open, &[100, 200, 300]);
        assert_eq!(change(&mut contact, Closed, &[last]), [format!("{last} {word}")]);
    }
}

#[test]
fn chattering_ends_in_the_true_state_when_it_was_quiet_long_enough() {
    for (level, state) in [(Closed, "normal"), (Open, "alarm")] {
        let mut contact = contact(debounce(0).with_chatter(chattering(1, 1000, 500)));
        change(&mut contact, Open, &[100, 101]);
        change(&mut contact, Open, &[110, 111]);
        if level == Open {
            change(&mut contact, Open, &[111]);
        }
        assert_eq!(contact.due(), Some(ms(611)));
        assert_eq!(told(&contact.pass(ms(610))), NOTHING);
        assert_eq!(told(&contact.pass(ms(611))), [format!("611 chatter ended: {state}")]);
        assert_eq!(told(&contact.pass(ms(612))), NOTHING);
        assert_eq!(contact.due(), None);
        assert_eq!(
            change(&mut contact, level.opposite(), &[613]).len(),
            1,
            "changes are told again"
        );
    }
}

#[test]
fn a_change_a_millisecond_before_the_end_puts_it_off() {
    for (at, expected) in
        [(600, vec![]), (601, vec!["601 chatter ended: normal", "601 changed: alarm"])]
    {
        let mut contact = contact(debounce(0).with_chatter(chattering(1, 1000, 500)));
        change(&mut contact, Open, &[100, 101]);
        assert_eq!(change(&mut contact, Open, &[at]), expected);
    }
}

#[test]
fn what_began_chattering_does_not_count_for_the_next_time() {
    let mut contact = contact(debounce(0).with_chatter(chattering(2, 10_000, 50)));
    change(&mut contact, Open, &[100, 101, 102]);
    contact.pass(ms(152));
    let all = change(&mut contact, Closed, &[200, 201, 202]);
    assert_eq!(all, ["200 changed: normal", "201 changed: alarm", "202 chatter began: normal"]);
}

#[test]
fn a_glitch_that_the_debounce_discards_puts_the_end_off_by_no_more_than_the_debounce() {
    let mut contact = contact(debounce(20).with_chatter(chattering(1, 1000, 500)));
    change(&mut contact, Open, &[100, 130]);
    assert_eq!(told(&contact.pass(ms(150))), ["130 chatter began: normal"]);
    assert_eq!(contact.due(), Some(ms(650)));
    assert_eq!(change(&mut contact, Open, &[648, 649]), NOTHING);
    assert_eq!(contact.due(), Some(ms(669)));
    assert_eq!(told(&contact.pass(ms(668))), NOTHING);
    assert_eq!(told(&contact.pass(ms(669))), ["669 chatter ended: normal"]);
}

#[test]
fn a_contact_on_its_way_to_another_state_is_not_quiet() {
    let mut contact = contact(debounce(20).with_chatter(chattering(1, 1000, 500)));
    change(&mut contact, Open, &[100, 130]);
    contact.pass(ms(150));
    assert_eq!(change(&mut contact, Open, &[640]), NOTHING);
    assert_eq!(contact.due(), Some(ms(660)));
    assert_eq!(told(&contact.pass(ms(1159))), NOTHING);
    assert_eq!(told(&contact.pass(ms(1160))), ["1160 chatter ended: alarm"]);
}

#[test]
fn a_contact_that_buzzes_faster_than_the_debounce_for_a_whole_window_chatters() {
    // A movement every 10 ms: nothing ever holds for 20 ms.
    let buzzing: Vec<u64> = (0..=100).map(|step| 100 + 10 * step).collect();
    let (last, before) = buzzing.split_last().unwrap();
    let mut contact = contact(debounce(20).with_chatter(chattering(5, 1000, 500)));
    assert_eq!(change(&mut contact, Open, before), NOTHING);
    assert_eq!(change(&mut contact, Open, &[*last]), ["1100 chatter began: normal"]);
    // It rests at last, in an alarm: that is told when it has been quiet.
    assert_eq!(told(&contact.pass(ms(1619))), NOTHING);
    assert_eq!(told(&contact.pass(ms(1620))), ["1620 chatter ended: alarm"]);
}

#[test]
fn a_contact_that_rests_for_the_debounce_once_in_a_window_does_not_chatter() {
    for (rest, began) in [(19, true), (20, false)] {
        let mut contact = contact(debounce(20).with_chatter(chattering(50, 100, 500)));
        // It rests in its normal position, so that nothing changes.
        change(&mut contact, Open, &[100, 110, 120, 130]);
        let again = 130 + rest;
        let times: Vec<u64> = (0..6).map(|step| again + 10 * step).collect();
        let all = change(&mut contact, Open, &times);
        let also: Vec<String> = change(&mut contact, Open, &[again + 60]);
        assert_eq!(
            all.is_empty() && also.is_empty(),
            !began,
            "a rest of {rest} ms: {all:?} {also:?}"
        );
    }
}

#[test]
fn readings_that_never_agree_are_chattering_too() {
    let rules = debounce(0).with_agreeing(2).unwrap().with_chatter(chattering(5, 4000, 500));
    let mut board = Contact::single(Closed, rules);
    board.read(Closed, ms(0));
    board.read(Closed, ms(1000));
    let mut all = Vec::new();
    let mut level = Open;
    for at in (2000..=6000).step_by(1000) {
        all.extend(told(&board.read(level, ms(at))));
        level = level.opposite();
    }
    assert_eq!(all, ["6000 chatter began: normal"]);
    assert_eq!(told(&board.pass(ms(60_000))), NOTHING, "and it does not end before two agree");
    assert_eq!(told(&board.read(Open, ms(61_000))), NOTHING);
    assert_eq!(told(&board.pass(ms(61_500))), ["61500 chatter ended: alarm"]);
}

#[test]
fn without_a_rule_every_change_is_told() {
    let mut contact = contact(debounce(0));
    let times: Vec<u64> = (1..=1000).collect();
    assert_eq!(change(&mut contact, Open, &times).len(), 1000);
}
