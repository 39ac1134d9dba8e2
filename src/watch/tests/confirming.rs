//! Acknowledge, then confirm (behaviour §3).

use super::night::{Modem, Night};
use super::site::{CONFIRM_WITHIN, Files, MINUTE, SINGLE, WAIT, double, policy, steps};
use crate::watch::alarm::AlarmState;
use crate::watch::event::{Action, Attempt, Delivered};
use crate::watch::notification::{NotificationId, Purpose};
use crate::watch::site::{Acknowledge, ConfirmBy, OnReturn, Policy};

fn night(confirm_by: ConfirmBy) -> Night {
    let mut night = Night::over(&Files::with(policy(double(confirm_by))));
    night.active();
    night
}

#[test]
fn a_bare_code_acknowledges_and_never_confirms() {
    let mut night = night(ConfirmBy::Same);
    assert!(night.answers("marie", "").contains("FIN"));
    let again = night.answers("marie", "");
    assert!(again.starts_with("À vous depuis 00:00"), "{again}");
    assert!(again.ends_with(&format!("{} FIN", night.code("marie"))), "{again}");
    assert!(night.open().stage.owes_confirmation());
    assert!(night.answers("marie", "FIN").starts_with("Réglé"));
    assert_eq!(night.open().stage.confirmed_by().unwrap().as_str(), "marie");
    night.normal();
    assert_eq!(night.state(), AlarmState::Normal);
}

#[test]
fn fin_on_what_nobody_holds_acknowledges_and_confirms_with_one_message_to_each() {
    for confirm_by in [ConfirmBy::Same, ConfirmBy::Anyone] {
        let mut night = night(confirm_by);
        night.pass(WAIT);
        night.rung();
        night.answers("karim", "FIN");
        assert_eq!(night.rung(), ["marie", "paul"]);
        assert_eq!(night.holder().as_deref(), Some("karim"));
        assert_eq!(night.open().stage.confirmed_by().unwrap().as_str(), "karim");
    }
}

#[test]
fn fin_on_single_acknowledges() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.active();
    night.answers("marie", "FIN");
    assert_eq!(night.holder().as_deref(), Some("marie"));
    assert_eq!(night.open().stage.confirmed_by(), None);
}

#[test]
fn the_holder_is_reminded_and_then_everybody_is_called_again() {
    let mut night = night(ConfirmBy::Same);
    let code = night.code("marie");
    night.answers("marie", "");
    night.rung();
    night.pass(CONFIRM_WITHIN * 2 / 3);
    let reminder = night.phone("marie");
    assert!(reminder.len() == 1 && reminder[0].starts_with("Rappel"), "{reminder:?}");
    night.pass(CONFIRM_WITHIN / 3);
    assert_eq!(night.state(), AlarmState::Unacknowledged);
    assert_ne!(night.code("marie"), code);
    assert_eq!(night.rung(), ["marie", "marie"], "not confirmed in time, and the call");
    night.pass(WAIT);
    assert_eq!(night.rung(), ["karim", "paul"]);
}

#[test]
fn only_the_holder_confirms_under_same() {
    let mut night = night(ConfirmBy::Same);
    night.pass(WAIT);
    night.answers("marie", "");
    assert!(night.answers("karim", "FIN").contains("seul MARIE"));
    assert!(night.open().stage.owes_confirmation());
}

#[test]
fn anyone_who_was_told_confirms_under_anyone() {
    let mut night = night(ConfirmBy::Anyone);
    night.pass(WAIT);
    night.answers("marie", "");
    night.rung();
    night.answers("karim", "FIN");
    assert_eq!(night.open().stage.confirmed_by().unwrap().as_str(), "karim");
    assert_eq!(night.rung(), ["marie"], "the holder is told");
}

#[test]
fn four_eyes_never_are_two() {
    let mut night = night(ConfirmBy::Other);
    night.pass(WAIT);
    night.answers("marie", "FIN");
    assert!(night.open().stage.owes_confirmation(), "FIN only acknowledges");
    assert!(night.answers("marie", "FIN").contains("autre personne"));
    night.answers("paul", "FIN");
    assert_eq!(night.open().stage.confirmed_by().unwrap().as_str(), "paul");
}

#[test]
fn when_only_the_holder_was_told_the_next_step_is_asked_at_once_to_confirm() {
    let mut night = night(ConfirmBy::Other);
    night.rung();
    night.answers("marie", "");
    assert_eq!(night.rung(), ["karim", "paul"]);
    night.answers("karim", "FIN");
    assert_eq!(night.open().stage.confirmed_by().unwrap().as_str(), "karim");
}

#[test]
fn those_who_were_told_already_are_not_asked_again_to_confirm() {
    let mut night = night(ConfirmBy::Other);
    night.pass(WAIT);
    night.rung();
    night.answers("marie", "");
    let karim = night.phone("karim");
    assert!(karim.len() == 1 && !karim[0].contains("Répondez"), "{karim:?}");
    night.pass(WAIT);
    assert!(night.phone("karim").is_empty());
}

#[test]
fn a_confirmer_who_declines_is_replaced_by_the_next_who_can() {
    let files = Files::with(Policy {
        steps: steps(&[&["marie"], &["karim"], &["paul"]]),
        ..policy(double(ConfirmBy::Other))
    });
    let mut night = Night::over(&files);
    night.active();
    night.answers("marie", "");
    night.rung();
    night.answers("karim", "non");
    assert_eq!(night.rung(), ["paul"]);
    night.answers("paul", "FIN");
    assert_eq!(night.open().stage.confirmed_by().unwrap().as_str(), "paul");
}

#[test]
fn a_confirmer_who_declines_before_the_call_has_left_is_replaced_too() {
    let files = Files::with(Policy {
        steps: steps(&[&["marie"], &["karim"], &["paul"]]),
        ..policy(double(ConfirmBy::Other))
    });
    let mut night = Night::over(&files);
    night.active();
    night.modem = Modem::IsDown;
    night.answers("marie", "");
    night.command("karim", Action::Decline);
    let asked = night.queued();
    assert!(asked.iter().any(|owed| owed.person.as_str() == "paul"), "{asked:?}");
    assert!(asked.iter().all(|owed| owed.person.as_str() != "karim"), "{asked:?}");
}

#[test]
fn a_confirmer_whose_message_is_refused_is_replaced_too() {
    let files = Files::with(Policy {
        steps: steps(&[&["marie"], &["karim"], &["paul"]]),
        ..policy(double(ConfirmBy::Other))
    });
    let mut night = Night::over(&files);
    night.active();
    night.modem = Modem::IsDown;
    night.answers("marie", "");
    let karim = night.queued().into_iter().find(|owed| owed.person.as_str() == "karim").unwrap();
    night.report(karim.id, Attempt::Started { parts: 1 });
    night.report(karim.id, Attempt::Refused("no such number".into()));
    night.pass(MINUTE);
    assert!(night.queued().iter().any(|owed| owed.person.as_str() == "paul"));
}

#[test]
fn when_the_one_other_who_was_told_turns_out_not_to_be_somebody_else_is() {
    let files = Files::with(Policy {
        steps: steps(&[&["marie", "karim"], &["paul"]]),
        ..policy(double(ConfirmBy::Other))
    });
    let mut night = Night::over(&files);
    night.active();
    let karim = night.sent().into_iter().find(|owed| owed.person.as_str() == "karim").unwrap();
    night.answers("marie", "");
    night.rung();
    night.network(&karim, Delivered::Failed);
    assert_eq!(night.rung(), ["karim"], "the ladder is climbed again");
    night.pass(CONFIRM_WITHIN);
    assert_eq!(night.state(), AlarmState::Unacknowledged);
}

#[test]
fn what_returns_between_acknowledge_and_confirm_keeps_its_holder_and_its_time() {
    let files =
        Files::with(Policy { on_return: OnReturn::Close, ..policy(double(ConfirmBy::Same)) });
    let mut night = Night::over(&files);
    night.active();
    night.answers("marie", "");
    night.normal();
    assert_eq!(night.state(), AlarmState::Acknowledged);
    assert_eq!(night.holder().as_deref(), Some("marie"));
    night.pass(CONFIRM_WITHIN);
    assert_eq!(night.state(), AlarmState::ReturnedUnacknowledged);
    night.answers("marie", "FIN");
    assert_eq!(night.state(), AlarmState::Normal);
}

#[test]
fn a_confirmation_does_not_outlive_a_re_activation() {
    let mut night = Night::over(
        &Files::with(policy(double(ConfirmBy::Same))).alarm(|alarm| alarm.latch = true),
    );
    night.active();
    night.answers("marie", "FIN");
    night.normal();
    assert_eq!(night.state(), AlarmState::LatchedAcknowledged);
    night.active();
    assert_eq!(night.state(), AlarmState::Unacknowledged);
}

#[test]
fn two_responders_and_one_confirmation() {
    let two = Acknowledge::Double {
        responders: 2,
        confirm_within: CONFIRM_WITHIN,
        confirm_by: ConfirmBy::Same,
    };
    let mut night = Night::over(&Files::with(policy(two)));
    night.active();
    night.pass(WAIT);
    assert!(night.answers("marie", "FIN").contains("encore 1"), "FIN counts as one of two");
    assert_eq!(night.state(), AlarmState::Unacknowledged);
    night.rung();
    night.answers("karim", "FIN");
    assert_eq!(night.open().stage.confirmed_by().unwrap().as_str(), "karim");
    assert_eq!(night.rung(), ["marie", "paul"], "one message to each");
}

/// Marie holds it, and the reminder to her is under way.
fn reminded() -> (Night, NotificationId) {
    let mut night = night(ConfirmBy::Same);
    night.answers("marie", "");
    night.modem = Modem::IsDown;
    night.pass(CONFIRM_WITHIN * 2 / 3);
    let reminder = night.queued()[0].id;
    night.report(reminder, Attempt::Started { parts: 1 });
    (night, reminder)
}

#[test]
fn a_reminder_that_failed_goes_again_as_long_as_it_is_of_use() {
    let failed = || Attempt::Failed("no network".into());
    let (mut night, reminder) = reminded();
    night.report(reminder, failed());
    night.pass(MINUTE);
    assert!(night.queued().iter().any(|owed| owed.id == reminder));

    let (mut night, reminder) = reminded();
    night.command("marie", Action::Confirm);
    night.report(reminder, failed());
    assert!(night.watch.state().notification(reminder).is_none(), "it is dealt with");

    let (mut night, reminder) = reminded();
    night.pass(CONFIRM_WITHIN);
    night.command("marie", Action::Acknowledge);
    night.report(reminder, failed());
    assert!(night.watch.state().notification(reminder).is_none(), "she has taken it anew");
}

/// Karim is being called when Marie takes it, and somebody else than she must confirm.
fn karim_is_being_called() -> (Night, NotificationId) {
    let files = Files::with(Policy {
        steps: steps(&[&["marie"], &["karim"], &["paul"]]),
        ..policy(double(ConfirmBy::Other))
    });
    let mut night = Night::over(&files);
    night.active();
    night.modem = Modem::IsDown;
    night.pass(WAIT);
    let karim = night.queued()[0].id;
    night.report(karim, Attempt::Started { parts: 1 });
    night.command("marie", Action::Acknowledge);
    (night, karim)
}

fn calls(night: &Night) -> usize {
    night.queued().iter().filter(|owed| owed.purpose == Purpose::Call).count()
}

#[test]
fn while_somebody_else_is_being_called_nobody_more_is_asked_to_confirm() {
    let (mut night, karim) = karim_is_being_called();
    night.pass(MINUTE);
    assert_eq!(calls(&night), 0);
    night.report(karim, Attempt::Sent(vec![7]));
    night.pass(MINUTE);
    assert_eq!(calls(&night), 0);
    night.answers("karim", "FIN");
    assert_eq!(night.open().stage.confirmed_by().unwrap().as_str(), "karim");
}

#[test]
fn the_news_that_it_is_taken_does_not_stand_in_for_the_call_to_who_must_confirm() {
    let (mut night, karim) = karim_is_being_called();
    night.report(karim, Attempt::Failed("no network".into()));
    night.pass(MINUTE);
    assert!(night.queued().iter().any(|owed| owed.id == karim));
}

#[test]
fn when_the_call_to_who_could_confirm_is_refused_somebody_is_asked_after_all() {
    let (mut night, karim) = karim_is_being_called();
    night.report(karim, Attempt::Refused("no such number".into()));
    night.pass(MINUTE);
    assert!(calls(&night) > 0, "{:?}", night.queued());
}

#[test]
fn what_is_over_is_remembered_with_who_took_it_and_who_confirmed() {
    let mut night = night(ConfirmBy::Anyone);
    night.pass(WAIT);
    night.answers("marie", "");
    night.pass(MINUTE);
    night.answers("karim", "FIN");
    night.normal();
    let last = night.watch.state().alarm("pump", "").unwrap().last.clone().unwrap();
    let (taken, confirmed) = (last.acknowledged.unwrap(), last.confirmed.unwrap());
    assert_eq!((taken.person.as_str(), confirmed.person.as_str()), ("marie", "karim"));
    assert_eq!(taken.since.until(confirmed.since), MINUTE);
}

#[test]
fn what_was_let_go_before_it_was_confirmed_ends_with_the_confirmation() {
    let files = Files::with(policy(double(ConfirmBy::Same))).alarm(|alarm| alarm.latch = true);
    let mut night = Night::over(&files);
    night.active();
    night.answers("marie", "");
    night.normal();
    night.command("marie", Action::Reset);
    assert_eq!(night.state(), AlarmState::Acknowledged, "it still owes its confirmation");
    night.answers("marie", "FIN");
    assert_eq!(night.state(), AlarmState::Normal);
    assert_eq!(night.watch.state().standing_count(), 0);
}
