//! One acknowledgement, or several (behaviour §3).

use std::time::Duration;

use super::night::{Modem, Night};
use super::site::{Files, MINUTE, NONE, SINGLE, WAIT, policy, steps};
use crate::watch::alarm::AlarmState;
use crate::watch::decision::Outcome;
use crate::watch::event::Action;
use crate::watch::site::{Acknowledge, OnReturn, Policy};

const TWO: Acknowledge = Acknowledge::Single { responders: 2, expires: None };
const EXPIRES: Acknowledge = Acknowledge::Single { responders: 1, expires: Some(MINUTE) };

#[test]
fn one_acknowledgement_ends_the_calls_and_everyone_who_was_told_hears_of_it_once() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.active();
    night.pass(WAIT);
    assert_eq!(night.rung(), ["marie", "karim", "paul"]);
    let reply = night.answers("karim", "ok");
    assert!(reply.contains("KARIM"), "{reply}");
    assert!(!reply.contains("confirmer"), "nothing is left to do: {reply}");
    assert_eq!(night.rung(), ["marie", "paul"]);
    night.pass(60 * MINUTE);
    assert!(night.rung().is_empty());
}

#[test]
fn who_was_not_told_yet_is_not_told_that_it_is_taken() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.active();
    night.modem = Modem::IsDown;
    night.pass(WAIT);
    assert_eq!(night.queued().len(), 2);
    night.rung();
    night.answers("marie", "");
    night.modem = Modem::Works;
    night.pass(MINUTE);
    assert_eq!(night.rung(), ["marie"], "her reply, and nothing to Karim and Paul");
}

#[test]
fn an_acknowledgement_cancels_what_is_queued_at_that_instant() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.modem = Modem::IsDown;
    night.active();
    night.command("karim", Action::Acknowledge);
    assert!(night.queued().is_empty(), "{:?}", night.queued());
}

#[test]
fn what_one_holds_another_does_not_take_away() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.active();
    night.pass(WAIT);
    night.answers("karim", "");
    let reply = night.answers("paul", "");
    assert!(reply.starts_with("Pris par KARIM depuis 00:05"), "{reply}");
    assert_eq!(night.holder().as_deref(), Some("karim"));
}

#[test]
fn nobody_is_counted_twice() {
    let mut night = Night::over(&Files::with(policy(TWO)));
    night.active();
    night.pass(WAIT);
    assert!(night.answers("marie", "").contains("encore 1"));
    assert!(night.answers("marie", "").contains("encore 1"));
    assert_eq!(night.state(), AlarmState::Unacknowledged);
    night.answers("karim", "");
    assert_eq!(night.state(), AlarmState::Acknowledged);
}

#[test]
fn while_more_people_are_asked_for_the_ladder_goes_on_without_those_who_came() {
    let mut night = Night::over(&Files::with(policy(TWO)));
    night.active();
    night.rung();
    night.answers("marie", "");
    assert_eq!(night.rung(), ["karim", "paul"], "nobody is left to wait for on the first step");
    night.pass(WAIT);
    assert_eq!(night.rung(), ["karim", "paul"], "Marie is not called again");
}

#[test]
fn an_acknowledgement_of_one_of_two_does_not_outlive_a_re_activation() {
    let hold = Policy { on_return: OnReturn::Hold, ..policy(TWO) };
    let mut night = Night::over(&Files::with(hold));
    night.active();
    night.answers("marie", "");
    night.normal();
    night.active();
    night.pass(WAIT);
    night.answers("karim", "");
    assert_eq!(night.state(), AlarmState::Unacknowledged, "Marie answered to what was before");
    night.answers("marie", "");
    assert_eq!(night.state(), AlarmState::Acknowledged);
}

#[test]
fn an_acknowledgement_that_expires_comes_back_while_the_cause_is_present() {
    let mut night = Night::over(&Files::with(policy(EXPIRES)));
    night.active();
    let code = night.code("marie");
    night.answers("marie", "");
    night.rung();
    night.pass(MINUTE);
    assert_eq!(night.state(), AlarmState::Unacknowledged);
    assert_ne!(night.code("marie"), code);
    assert_eq!(night.rung(), ["marie", "marie"], "it has expired, and the call");
}

#[test]
fn an_acknowledgement_does_not_expire_once_the_cause_is_gone() {
    let mut night = Night::over(&Files::with(policy(EXPIRES)).alarm(|alarm| alarm.latch = true));
    night.active();
    night.answers("marie", "");
    night.normal();
    night.pass(60 * MINUTE);
    assert_eq!(night.state(), AlarmState::LatchedAcknowledged);
    night.active();
    assert_eq!(night.state(), AlarmState::Unacknowledged);
}

#[test]
fn under_none_the_first_step_is_told_without_a_code_and_that_is_all() {
    let mut night = Night::over(&Files::with(policy(NONE)));
    night.active();
    assert_eq!(night.state(), AlarmState::Acknowledged);
    assert_eq!(night.holder(), None);
    let told = night.phone("marie");
    assert!(told.len() == 1 && !told[0].contains("Répondez"), "{told:?}");
    assert!(matches!(night.command("marie", Action::Acknowledge), Outcome::Refused(_)));
    night.pass(60 * MINUTE);
    assert!(night.rung().is_empty());
    night.normal();
    assert_eq!(night.rung(), ["marie"]);
    assert_eq!(night.state(), AlarmState::Normal);
}

#[test]
fn information_that_waits_for_the_modem_goes_out_and_so_does_its_end() {
    let mut night = Night::over(&Files::with(policy(NONE)));
    night.modem = Modem::IsDown;
    night.active();
    night.normal();
    night.modem = Modem::Works;
    night.pass(Duration::ZERO);
    assert_eq!(night.phone("marie").len(), 2);
}

#[test]
fn who_declines_is_out_and_the_next_step_starts_when_all_have() {
    let mut night = Night::over(&Files::with(Policy {
        steps: steps(&[&["marie", "karim"], &["paul"]]),
        ..policy(SINGLE)
    }));
    night.active();
    night.rung();
    night.answers("marie", "non");
    assert_eq!(night.rung(), ["marie"; 0], "Karim may still answer");
    night.answers("karim", "non");
    assert_eq!(night.rung(), ["paul"]);
    night.pass(WAIT);
    assert_eq!(night.rung(), ["paul"], "nobody else is left");
}

#[test]
fn the_holder_who_gives_it_back_is_out_and_others_are_called_at_once() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.active();
    night.answers("marie", "");
    night.rung();
    let reply = night.answers("marie", "non");
    assert!(reply.starts_with("Rendu"), "{reply}");
    assert_eq!(night.state(), AlarmState::Unacknowledged);
    assert_eq!(night.rung(), ["karim", "paul"]);
}

#[test]
fn when_one_of_two_gives_it_back_the_other_still_counts() {
    let mut night = Night::over(&Files::with(policy(TWO)));
    night.active();
    night.pass(WAIT);
    night.answers("marie", "");
    night.answers("karim", "");
    night.answers("marie", "non");
    assert_eq!(night.state(), AlarmState::Unacknowledged);
    night.rung();
    night.answers("paul", "");
    assert_eq!(night.state(), AlarmState::Acknowledged);
    assert!(night.open().stage.is_held_by(&super::site::person("karim")));
}

#[test]
fn who_declined_may_take_it_after_all() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.active();
    night.answers("marie", "non");
    night.answers("marie", "");
    assert_eq!(night.holder().as_deref(), Some("marie"));
    assert!(night.open().declined.is_empty());
}
