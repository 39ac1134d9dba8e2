//! What comes and goes without end calls people once (behaviour §8).

use std::time::Duration;

use super::night::Night;
use super::site::{Files, MINUTE, NONE, SINGLE, double, person, policy};
use crate::watch::alarm::AlarmState;
use crate::watch::decision::{Fact, Outcome};
use crate::watch::event::Happening;
use crate::watch::flapping::{Flap, FlappingRule};
use crate::watch::site::{ConfirmBy, Policy};
use crate::watch::suppression::{Request, Which, Wish};

const TEN: Duration = Duration::from_secs(10);

fn files(policy: Policy) -> Files {
    Files::with(policy).alarm(|alarm| alarm.flapping = Some(FlappingRule::default()))
}

/// It came and went three times, and has come again: from now on it flaps.
fn flapping(policy: Policy) -> Night {
    let mut night = Night::over(&files(policy));
    comes_and_goes(&mut night, 3);
    night.rung();
    night.active();
    assert!(night.open().flapping);
    night
}

fn comes_and_goes(night: &mut Night, times: u32) {
    for _ in 0..times {
        night.active();
        night.pass(TEN);
        night.normal();
        night.pass(TEN);
    }
}

fn flaps(night: &Night) -> bool {
    night.watch.state().alarm("pump", "").is_some_and(|alarm| alarm.is_flapping())
}

#[test]
fn the_fourth_time_in_a_minute_people_read_that_it_is_unstable_and_nothing_more() {
    let mut night = flapping(policy(SINGLE));
    let told = night.phone("marie");
    assert!(told.len() == 1 && told[0].starts_with("INSTABLE HAUTE Nord: Pompe"), "{told:?}");
    assert!(told[0].chars().count() <= 160);
    let number = night.number();
    night.answers("marie", "");
    night.rung();
    night.pass(TEN);
    night.normal();
    comes_and_goes(&mut night, 30);
    assert_eq!(
        (night.rung(), night.number()),
        (vec![], number),
        "one occurrence, and nobody called"
    );
    assert_eq!(night.state(), AlarmState::Acknowledged);
    assert_eq!(night.open().repeats, 30);
    assert_eq!(night.holder().as_deref(), Some("marie"));
}

#[test]
fn nobody_who_is_asked_to_answer_is_let_off_because_it_flaps() {
    let mut night = flapping(policy(SINGLE));
    night.rung();
    night.normal();
    night.pass(5 * MINUTE);
    assert_eq!(night.rung(), ["karim", "paul"], "the ladder is climbed as for any alarm");
    assert_eq!(night.state(), AlarmState::Unacknowledged);
}

#[test]
fn when_it_rests_and_is_normal_it_has_returned_and_everybody_who_was_told_is_told() {
    let mut night = flapping(policy(SINGLE));
    night.phone("marie");
    night.normal();
    night.pass(15 * MINUTE - TEN);
    assert!(flaps(&night));
    night.pass(MINUTE);
    assert!(!flaps(&night));
    assert_eq!(night.state(), AlarmState::Normal);
    let told = night.phone("marie");
    let last = told.last().unwrap();
    assert!(last.starts_with("Retour à la normale à 00:"), "{told:?}");
}

#[test]
fn when_it_rests_and_is_active_it_is_unacknowledged_and_people_are_called() {
    let mut night = flapping(policy(SINGLE));
    night.answers("marie", "");
    let code = night.code("marie");
    night.phone("marie");
    night.pass(15 * MINUTE);
    assert!(!flaps(&night) && night.state() == AlarmState::Unacknowledged);
    let told = night.phone("marie");
    assert!(told[0].starts_with("Plus instable, toujours présent: Pompe"), "{told:?}");
    assert!(told[0].ends_with("Votre acquittement ne vaut plus.") && told.len() == 2);
    assert!(told[1].starts_with("HAUTE Nord: Pompe"), "{told:?}");
    assert_ne!(night.code("marie"), code, "what was read before stands for nothing now");
}

#[test]
fn under_double_what_rests_and_is_normal_goes_on_asking() {
    let mut night = Night::over(&files(policy(double(ConfirmBy::Same))));
    comes_and_goes(&mut night, 3);
    night.phone("marie");
    let code = night.code("marie");
    night.active();
    let told = night.phone("marie");
    let said = "Plus de message à chaque changement, tant que cela dure.";
    assert!(told.len() == 1 && told[0].starts_with("Instable: Pompe") && told[0].ends_with(said));
    assert_eq!(night.code("marie"), code, "the ladder goes on where it was");
    night.normal();
    night.pass(15 * MINUTE);
    assert_eq!(night.state(), AlarmState::ReturnedUnacknowledged);
    let told = night.phone("marie");
    assert!(told.iter().any(|text| text.starts_with("Plus instable, normal à 00:")), "{told:?}");
}

#[test]
fn an_acknowledgement_of_before_does_not_count_for_what_flaps_now() {
    let mut night = Night::over(&files(policy(double(ConfirmBy::Same))));
    comes_and_goes(&mut night, 3);
    night.answers("marie", "");
    night.phone("marie");
    night.active();
    let told = night.phone("marie");
    assert!(told.iter().any(|text| text.starts_with("INSTABLE HAUTE Nord: Pompe")), "{told:?}");
    assert_eq!(night.state(), AlarmState::Unacknowledged);
}

#[test]
fn what_gets_worse_while_it_flaps_calls_people_and_what_gets_better_does_not() {
    let mut night = flapping(policy(SINGLE));
    night.answers("marie", "");
    night.rung();
    night.normal();
    night.worse();
    assert_eq!(night.state(), AlarmState::Unacknowledged);
    night.answers("marie", "");
    night.rung();
    for _ in 0..5 {
        night.normal();
        night.active();
        night.normal();
        night.worse();
    }
    assert!(night.rung().is_empty());
}

#[test]
fn under_none_people_are_told_once_at_each_end() {
    let mut night = flapping(policy(NONE));
    assert_eq!(night.phone("marie").len(), 1);
    night.normal();
    comes_and_goes(&mut night, 10);
    assert!(night.rung().is_empty());
    night.pass(15 * MINUTE);
    assert_eq!(night.state(), AlarmState::Normal);
    assert!(night.phone("marie")[0].starts_with("Retour à la normale"));
}

#[test]
fn what_does_not_outlast_its_delay_is_no_change() {
    let mut files = files(policy(SINGLE)).alarm(|alarm| alarm.on_delay = MINUTE);
    files.alarms[0].off_delay = MINUTE;
    let mut night = Night::over(&files);
    comes_and_goes(&mut night, 20);
    assert!(night.rung().is_empty());
    night.active();
    night.pass(MINUTE);
    comes_and_goes(&mut night, 20);
    let passed = |fact: &&Fact| matches!(fact, Fact::Flap(_));
    assert!(!flaps(&night) && night.facts().filter(passed).count() == 0);
}

#[test]
fn the_delays_hold_while_it_flaps() {
    let mut files = files(policy(SINGLE));
    files.alarms[0].off_delay = 2 * TEN;
    let mut night = Night::over(&files);
    for _ in 0..3 {
        night.active();
        night.pass(TEN);
        night.normal();
        night.pass(2 * TEN);
    }
    night.active();
    assert!(flaps(&night));
    night.normal();
    night.active();
    let before = night.open().repeats;
    night.pass(15 * MINUTE);
    assert!(!flaps(&night) && night.open().active, "it was gone for less than its delay");
    assert_eq!(night.open().repeats, before);
}

#[test]
fn what_comes_every_few_minutes_does_not_flap_and_each_time_counts() {
    let mut night = Night::over(&files(policy(SINGLE)));
    for _ in 0..20 {
        night.active();
        night.pass(5 * MINUTE);
        night.normal();
        night.pass(5 * MINUTE);
    }
    assert!(!flaps(&night));
}

#[test]
fn an_alarm_that_came_and_went_once_costs_nothing() {
    let mut night = Night::over(&files(policy(SINGLE)));
    night.active();
    night.pass(60 * MINUTE);
    night.normal();
    night.pass(60 * MINUTE);
    night.active();
    assert!(!night.facts().any(|fact| matches!(fact, Fact::Flap(_))));
}

#[test]
fn an_event_without_end_is_told_once_and_when_it_no_longer_happens() {
    for acknowledge in [NONE, SINGLE] {
        let files = files(policy(acknowledge)).alarm(|alarm| alarm.momentary = true);
        let mut night = Night::over(&files);
        for _ in 0..6 {
            night.active();
            night.pass(TEN);
            if acknowledge == SINGLE {
                night.answers("marie", "");
            }
        }
        assert!(flaps(&night), "{acknowledge:?}");
        night.rung();
        for _ in 0..50 {
            night.active();
            night.pass(TEN);
        }
        assert!(night.rung().is_empty(), "{acknowledge:?}");
        assert_eq!(night.state(), AlarmState::Acknowledged);
        night.pass(20 * MINUTE);
        assert_eq!(night.state(), AlarmState::Normal, "{acknowledge:?}");
        let told = night.phone("marie");
        assert!(told[0].starts_with("Ne se répète plus (51 fois): Pompe"), "{told:?}");
    }
}

#[test]
fn an_event_that_nobody_has_answered_is_asked_about_until_somebody_does() {
    let files = files(policy(SINGLE)).alarm(|alarm| alarm.momentary = true);
    let mut night = Night::over(&files);
    for _ in 0..6 {
        night.answers_if_open("marie");
        night.active();
        night.pass(TEN);
    }
    assert!(flaps(&night));
    night.pass(60 * MINUTE);
    assert!(!flaps(&night) && night.state() == AlarmState::ReturnedUnacknowledged);
    night.answers("marie", "");
    assert_eq!(night.state(), AlarmState::Normal);
}

#[test]
fn it_comes_to_rest_through_a_restart_and_by_the_wall_clock() {
    let mut night = flapping(policy(SINGLE));
    night.normal();
    night.rung();
    night.restart(10 * MINUTE);
    assert!(flaps(&night));
    let restored = night.thawed();
    assert!(restored == *night.watch.state());
    night.pass(5 * MINUTE);
    assert!(!flaps(&night));
    assert_eq!(night.state(), AlarmState::Normal);
}

#[test]
fn files_that_no_longer_ask_for_it_let_it_come_to_rest() {
    let mut night = flapping(policy(SINGLE));
    night.reload(&Files::with(policy(SINGLE)));
    night.normal();
    comes_and_goes(&mut night, 3);
    assert!(flaps(&night));
    night.pass(15 * MINUTE);
    assert!(!flaps(&night) && night.state() == AlarmState::Normal);
    comes_and_goes(&mut night, 10);
    assert!(!flaps(&night));
}

#[test]
fn what_has_no_definition_any_more_comes_to_rest_and_is_over() {
    let mut night = flapping(policy(SINGLE));
    let mut without = Files::with(policy(SINGLE));
    without.alarms.clear();
    night.reload(&without);
    night.pass(15 * MINUTE);
    assert_eq!(night.state(), AlarmState::Normal);
}

#[test]
fn one_notice_at_each_end_is_on_the_record() {
    let mut night = flapping(policy(SINGLE));
    night.normal();
    night.pass(20 * MINUTE);
    let ends = night
        .facts()
        .filter(|fact| matches!(fact, Fact::Flap(Flap::Begun { .. } | Flap::Over { .. })));
    assert_eq!(ends.count(), 2);
}

#[test]
fn what_is_shelved_while_it_flaps_calls_nobody_when_it_has_come_to_rest() {
    let mut night = flapping(policy(SINGLE));
    night.answers("marie", "");
    let wish = Wish::Shelve { lasting: 60 * MINUTE, once: false, reason: None };
    let which: Which = format!("#{}", night.number().0).parse().unwrap();
    let request = Request { person: person("marie"), account: "root".into(), which, wish };
    let outcome = night.happens(Happening::Quieten(request));
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
    night.rung();
    night.pass(20 * MINUTE);
    let told = night.phone("marie");
    assert!(!flaps(&night) && told.is_empty(), "{told:?}");
}
