//! Chattering: when it begins, what is told meanwhile, when it ends.

use crate::{NOTHING, chattering, debounce, edge, ms, told};
use vigie_contacts::Level::{self, Closed, Open};
use vigie_contacts::{Contact, Rules, Single};

fn contact(rules: Rules) -> Contact<Single> {
    let mut contact = Contact::single(Closed, rules);
    contact.read(Closed, ms(0));
    contact.pass(ms(99));
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
fn whatever_moves_begins_the_quiet_time_anew_even_what_the_debounce_discards() {
    let mut contact = contact(debounce(20).with_chatter(chattering(1, 1000, 500)));
    change(&mut contact, Open, &[100, 130]);
    assert_eq!(told(&contact.pass(ms(150))), ["130 chatter began: normal"]);
    assert_eq!(contact.due(), Some(ms(650)));
    assert_eq!(change(&mut contact, Open, &[648, 649]), NOTHING);
    assert_eq!(contact.due(), Some(ms(1149)));
    assert_eq!(told(&contact.pass(ms(1148))), NOTHING);
    assert_eq!(told(&contact.pass(ms(1149))), ["1149 chatter ended: normal"]);
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

/// An alarm that buzzes with one movement every so many milliseconds; after how long that is told as chattering.
fn told_after(rules: Rules, every: u64) -> u64 {
    let mut contact = contact(rules);
    contact.pass(ms(10_000));
    let mut level = Open;
    for at in (10_000..100_000).step_by(usize::try_from(every).unwrap()) {
        let told = told(&contact.edge(edge(level, at), ms(at)));
        if !told.is_empty() {
            assert_eq!(told, [format!("{at} chatter began: normal")]);
            return at - 10_000;
        }
        level = level.opposite();
    }
    panic!("it buzzes in silence");
}

#[test]
fn an_alarm_that_buzzes_faster_than_its_debounce_is_told_after_twenty_debounces_or_five_seconds() {
    let rule = chattering(5, 60_000, 500);
    let rules = |bounce| debounce(bounce).with_chatter(rule);
    assert_eq!(told_after(rules(20), 10), 400);
    assert_eq!(told_after(rules(20), 19), 418, "the first movement after 400 ms");
    assert_eq!(told_after(rules(250), 100), 5000);
    assert_eq!(told_after(rules(2000), 100), 5000, "and no more than that");
    // So many movements at least as are chattering anyhow: the sixth.
    assert_eq!(told_after(rules(2000), 1500), 7500);
    // Or a whole window.
    assert_eq!(told_after(debounce(20).with_chatter(chattering(5, 399, 500)), 1), 399);
    assert_eq!(told_after(debounce(20).with_chatter(chattering(5, 401, 500)), 1), 400);
}

#[test]
fn a_buzzing_contact_that_comes_to_rest_is_told_in_its_true_state_when_it_was_quiet() {
    let mut contact = contact(debounce(20).with_chatter(chattering(5, 60_000, 500)));
    let buzzing: Vec<u64> = (0..=40).map(|step| 100 + 10 * step).collect();
    assert_eq!(change(&mut contact, Open, &buzzing), ["500 chatter began: normal"]);
    assert!(contact.is_chattering());
    // It rests in an alarm.
    assert_eq!(told(&contact.pass(ms(1019))), NOTHING);
    assert_eq!(told(&contact.pass(ms(1020))), ["1020 chatter ended: alarm"]);
    assert!(!contact.is_chattering());
}

#[test]
fn a_bounce_that_lasts_for_less_than_twenty_debounces_is_no_chattering() {
    for (last, began) in [(499, false), (500, true)] {
        let mut contact = contact(debounce(20).with_chatter(chattering(5, 60_000, 500)));
        let mut times: Vec<u64> = (0..=39).map(|step| 100 + 10 * step).collect();
        times.push(last);
        assert_eq!(change(&mut contact, Open, &times).is_empty(), !began, "until {last}");
    }
}

#[test]
fn a_pulse_that_is_too_short_to_count_is_no_buzzing_however_it_bounces_at_its_ends() {
    let rules = debounce(20).with_minimum_pulse(ms(5000)).with_chatter(chattering(5, 60_000, 500));
    let mut contact = contact(rules);
    let bouncing = [100, 102, 104, 106, 108, 4108, 4110, 4112, 4114, 4116];
    assert_eq!(change(&mut contact, Open, &bouncing), NOTHING);
    assert_eq!(told(&contact.pass(ms(60_000))), NOTHING);
}

#[test]
fn a_contact_that_buzzes_from_the_start_on_is_told_as_an_alarm_in_doubt() {
    let mut contact =
        Contact::single(Closed, debounce(20).with_chatter(chattering(5, 60_000, 500)));
    contact.read(Closed, ms(0));
    let buzzing: Vec<u64> = (1..=41).map(|step| 10 * step).collect();
    assert_eq!(
        change(&mut contact, Open, &buzzing),
        ["410 initial: alarm", "410 chatter began: alarm"]
    );
    assert_eq!(told(&contact.pass(ms(910))), ["910 chatter ended: alarm"]);
}

#[test]
fn a_contact_that_chattered_before_a_loss_chatters_after_it_and_says_so() {
    let mut contact = contact(debounce(0).with_chatter(chattering(1, 1000, 500)));
    change(&mut contact, Open, &[100, 101]);
    let lost = contact.lost(ms(200), ms(200));
    assert!(contact.is_chattering() && lost.iter().all(|report| report.is_chattering));
    let found = contact.read(Closed, ms(6000));
    assert_eq!(told(&found), ["6000 recovered: normal, was normal"]);
    assert!(found.iter().all(|report| report.is_chattering), "nobody has seen it quiet");
    assert_eq!(change(&mut contact, Open, &[6100]), NOTHING, "its changes are no longer told");
    let quiet = contact.pass(ms(6600));
    assert_eq!(told(&quiet), ["6600 chatter ended: alarm"]);
    assert!(!contact.is_chattering() && !quiet[0].is_chattering);
}

#[test]
fn a_contact_that_chattered_before_a_loss_and_buzzes_after_it_is_known_again_all_the_same() {
    let mut contact = contact(debounce(20).with_chatter(chattering(5, 60_000, 500)));
    let buzzing = |from: u64| -> Vec<u64> { (0..=40).map(|step| from + 10 * step).collect() };
    change(&mut contact, Open, &buzzing(100));
    contact.lost(ms(600), ms(600));
    contact.read(Closed, ms(1000));
    assert_eq!(
        change(&mut contact, Open, &buzzing(1010)),
        ["1410 recovered: alarm, was alarm"],
        "in doubt, and chattering as before"
    );
    assert!(contact.is_chattering());
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
    board.pass(ms(99));
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
