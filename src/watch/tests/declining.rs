//! Who has declined: out for the occurrence, and for no longer than somebody else is left (behaviour §3, §4; product, 2).

use std::time::Duration;

use super::night::Night;
use super::site::{CONFIRM_WITHIN, Files, MINUTE, SINGLE, WAIT, double, person, policy, steps};
use crate::watch::Watch;
use crate::watch::alarm::AlarmState;
use crate::watch::climbing::ASKED_AGAIN;
use crate::watch::decision::Fact;
use crate::watch::escalation::Ladder;
use crate::watch::event::Action;
use crate::watch::site::{Acknowledge, ConfirmBy, Policy};

const TWO: Acknowledge = Acknowledge::Single { responders: 2, expires: None };
const SECOND: Duration = Duration::from_secs(1);

fn climbing(names: &[&[&str]], acknowledge: Acknowledge) -> Files {
    Files::with(Policy { steps: steps(names), ..policy(acknowledge) })
}

/// A night in which these have been called, and have all declined.
fn all_declined(files: &Files, names: &[&str]) -> Night {
    let mut night = Night::over(files);
    night.active();
    for name in names {
        night.answers(name, "non");
    }
    night.rung();
    night
}

fn ended(night: &Night) -> usize {
    night.facts().filter(|fact| matches!(fact, Fact::DeclinesEnded { .. })).count()
}

#[test]
fn when_all_have_declined_they_are_asked_again_after_a_quarter_of_an_hour_with_the_codes_they_have()
{
    let mut night = all_declined(&climbing(&[&["marie"], &["karim"]], SINGLE), &["marie", "karim"]);
    let (marie, run) = (night.code("marie").to_string(), night.open().run);
    assert_eq!(night.says_of_itself("nobody", "pump"), AlarmState::Acknowledged, "and it is said");
    night.pass(ASKED_AGAIN - SECOND);
    assert!(night.rung().is_empty(), "who cannot is left alone for a while");
    night.pass(SECOND);
    let told = night.phone("marie");
    assert!(told.len() == 1 && told[0].ends_with(&marie), "{told:?}");
    assert_eq!((night.open().run, ended(&night)), (run, 1));
    assert_eq!(night.says_of_itself("nobody", "pump"), AlarmState::Normal);
    night.pass(WAIT);
    assert_eq!(night.rung(), ["karim"], "the ladder is climbed as ever");
    night.sms("marie", &marie);
    assert_eq!(night.holder().as_deref(), Some("marie"));
}

#[test]
fn who_declines_again_and_again_is_asked_again_and_again() {
    let mut night = all_declined(&climbing(&[&["marie"]], SINGLE), &["marie"]);
    for _ in 0..4 {
        night.pass(ASKED_AGAIN);
        assert_eq!(night.rung(), ["marie"]);
        night.answers("marie", "non");
    }
    assert_eq!(ended(&night), 4);
}

#[test]
fn the_declines_of_before_the_last_resort_end_when_it_calls_nobody_either() {
    let files = climbing(&[&["marie"]], SINGLE)
        .last_resort(Policy { steps: steps(&[&["marie", "karim"]]), ..policy(SINGLE) });
    let mut night = all_declined(&files, &["marie"]);
    night.pass(3 * ASKED_AGAIN);
    assert!(night.rung().iter().all(|who| who == "karim"), "as long as somebody is called");
    night.answers("karim", "non");
    night.rung();
    night.pass(ASKED_AGAIN);
    for who in ["marie", "karim"] {
        let told = night.phone(who);
        assert!(told.iter().any(|text| text.starts_with("HAUTE Nord: Pompe")), "{told:?}");
    }
    assert_eq!(ended(&night), 1);
}

#[test]
fn who_comes_on_call_while_all_have_declined_is_called_within_a_minute() {
    let mut files = climbing(&[&["marie"]], SINGLE);
    files.unreachable = vec![person("karim")];
    std::sync::Arc::make_mut(files.policies.get_mut("technique").unwrap()).steps =
        steps(&[&["marie", "karim"]]);
    let mut night = all_declined(&files, &["marie"]);
    night.pass(10 * MINUTE);
    assert!(night.rung().is_empty());
    files.unreachable.clear();
    night.reload(&files);
    night.pass(MINUTE);
    assert_eq!(night.rung(), ["karim"]);
    night.answers("karim", "non");
    night.rung();
    night.pass(ASKED_AGAIN - SECOND);
    assert!(night.rung().is_empty(), "the wait begins anew where somebody was called");
    night.pass(SECOND);
    assert_eq!(night.rung(), ["marie", "karim"]);
}

#[test]
fn what_gets_worse_and_better_again_does_not_put_off_that_people_are_asked_again() {
    let mut night = all_declined(&climbing(&[&["marie"]], SINGLE), &["marie"]);
    for _ in 0..5 {
        night.pass(ASKED_AGAIN / 5 - 2 * SECOND);
        night.worse();
        night.active();
    }
    assert_eq!(ended(&night), 0);
    // A pass begins each minute.
    night.pass(2 * MINUTE);
    assert_eq!((night.rung(), ended(&night)), (vec!["marie".to_owned()], 1));
}

#[test]
fn of_two_who_are_wanted_the_one_who_declined_is_asked_again_and_not_the_one_who_has_it() {
    let mut night = Night::over(&climbing(&[&["marie", "karim"]], TWO));
    night.active();
    night.answers("marie", "");
    night.answers("karim", "non");
    night.rung();
    night.pass(ASKED_AGAIN);
    assert_eq!(night.rung(), ["karim"]);
}

#[test]
fn who_declined_to_confirm_is_asked_again_where_nobody_else_can() {
    let files = climbing(&[&["marie", "karim"]], double(ConfirmBy::Other));
    let mut night = Night::over(&files);
    night.active();
    night.answers("marie", "");
    night.answers("karim", "non");
    night.rung();
    assert!(ASKED_AGAIN < CONFIRM_WITHIN);
    night.pass(ASKED_AGAIN);
    assert_eq!(night.rung(), ["karim"]);
    night.answers("karim", "fin");
    assert_eq!(night.open().stage.confirmed_by(), Some(&person("karim")));
}

#[test]
fn one_of_vigies_own_alarms_that_all_have_declined_calls_them_again() {
    let files = climbing(&[&["nadia"]], SINGLE)
        .last_resort(Policy { steps: steps(&[&["nadia"], &["paul"]]), ..policy(SINGLE) });
    let mut night = Night::over(&files);
    night.active();
    night.pass(MINUTE);
    night.answers("paul", "non");
    let own = |night: &Night| {
        let known = night.watch.state().alarm("nobody", "pump").expect("it is said");
        known.open.as_deref().and_then(|open| open.code_of(&person("paul")))
    };
    let code = own(&night).expect("and paul is told").to_string();
    night.sms("paul", &format!("{code} non"));
    night.rung();
    night.pass(ASKED_AGAIN - SECOND);
    assert!(night.rung().is_empty());
    night.pass(MINUTE);
    assert!(
        night.phone("paul").iter().any(|text| text.contains("Pompe  1. R")),
        "the alarm itself"
    );
    assert!(ended(&night) >= 1);
}

#[test]
fn a_restart_and_a_snapshot_while_all_have_declined_lose_nothing_of_the_wait() {
    let mut night = all_declined(&climbing(&[&["marie"]], SINGLE), &["marie"]);
    night.pass(10 * MINUTE);
    let state = night.thawed();
    assert!(state == *night.watch.state(), "the snapshot gives another state");
    night.watch = Watch::resume(night.watch.site().clone(), state);
    night.restart(ASKED_AGAIN - 10 * MINUTE - 20 * SECOND);
    night.pass(19 * SECOND);
    let called = |night: &mut Night| night.rung().into_iter().filter(|who| who == "marie").count();
    called(&mut night);
    assert_eq!(ended(&night), 0);
    night.pass(MINUTE);
    assert_eq!((called(&mut night), ended(&night)), (1, 1));
}

#[test]
fn a_ladder_of_before_declines_ended_is_read_as_it_was_meant() {
    let night = all_declined(&climbing(&[&["marie"]], SINGLE), &["marie"]);
    assert!(night.open().ladder.asks_again().is_some());
    let mut written = serde_json::to_value(&night.open().ladder).unwrap();
    written["climbing"].as_object_mut().unwrap().remove("asks_again").unwrap();
    let read: Ladder = serde_json::from_value(written).unwrap();
    assert_eq!(read.asks_again(), None);
    let mut fresh = Night::over(&climbing(&[&["marie"]], SINGLE));
    fresh.active();
    let written = serde_json::to_string(&fresh.open().ladder).unwrap();
    assert!(!written.contains("asks_again"), "{written}");
    fresh.command("marie", Action::Decline);
    assert!(fresh.open().ladder.asks_again().is_some());
}
