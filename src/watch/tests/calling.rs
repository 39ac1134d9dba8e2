//! Missed calls: one touch in the dark, where it can mean one thing only.

use super::night::{Modem, Night};
use super::site::{Files, MINUTE, NONE, SINGLE, double, phone, policy};
use crate::watch::alarm::AlarmState;
use crate::watch::event::{Action, Call, Happening};
use crate::watch::site::{Acknowledge, ConfirmBy, MissedCall, Policy};

fn listening(acknowledge: Acknowledge) -> Files {
    Files::with(Policy { missed_call: MissedCall::Acknowledge, ..policy(acknowledge) })
}

/// A night in which Marie has just been called.
fn called(files: &Files) -> Night {
    let mut night = Night::over(files);
    night.active();
    night.rung();
    night
}

/// Somebody rings up; what the phone of that person then shows.
fn rings(night: &mut Night, caller: Option<&str>, person: &str) -> Vec<String> {
    night.phone(person);
    let caller = caller.map(|caller| caller.into());
    night.happens(Happening::Call(Call { by: "gsm.orange".into(), caller }));
    night.phone(person)
}

fn marie_rings(night: &mut Night) -> Vec<String> {
    let number = phone("marie");
    rings(night, Some(number.as_str()), "marie")
}

#[test]
fn a_missed_call_of_who_was_asked_about_one_alarm_takes_it_where_the_policy_says_so() {
    for acknowledge in [SINGLE, double(ConfirmBy::Same)] {
        let mut night = called(&listening(acknowledge));
        let told = marie_rings(&mut night);
        assert_eq!(night.holder().as_deref(), Some("marie"));
        assert_eq!(night.state(), AlarmState::Acknowledged);
        assert!(told.len() == 1 && told[0].contains("MARIE"), "she is told: {told:?}");
    }
}

#[test]
fn a_second_call_confirms_nothing_and_says_nothing() {
    let mut night = called(&listening(double(ConfirmBy::Same)));
    marie_rings(&mut night);
    assert!(marie_rings(&mut night).is_empty());
    assert_eq!(night.state(), AlarmState::Acknowledged);
    assert!(night.watch.state().standing().all(|(_, open)| open.stage.owes_confirmation()));
}

#[test]
fn without_the_policys_word_a_call_is_on_record_and_its_caller_told_that_it_takes_nothing() {
    let mut night = called(&Files::with(policy(SINGLE)));
    let told = marie_rings(&mut night);
    assert!(told.len() == 1 && told[0].contains("LISTE"), "{told:?}");
    assert_eq!(night.state(), AlarmState::Unacknowledged);
    assert_eq!(night.holder(), None);
}

#[test]
fn a_call_that_could_mean_two_alarms_takes_neither() {
    let mut night = called(&listening(SINGLE));
    night.signal("pump", "2", true, 1);
    let told = marie_rings(&mut night);
    assert!(told.iter().any(|text| text.contains("LISTE")), "{told:?}");
    assert!(night.watch.state().standing().all(|(_, open)| open.unacknowledged()));
}

#[test]
fn who_was_not_asked_or_has_said_no_or_has_not_been_reached_takes_nothing_by_a_call() {
    let mut night = called(&listening(SINGLE));
    let karim = phone("karim");
    assert!(rings(&mut night, Some(karim.as_str()), "karim").is_empty());
    night.command("marie", Action::Decline);
    assert!(marie_rings(&mut night).is_empty());
    assert_eq!(night.holder(), None);

    let mut night = Night::over(&listening(SINGLE));
    night.modem = Modem::IsDown;
    night.active();
    assert!(marie_rings(&mut night).is_empty());
    assert_eq!(night.holder(), None, "nobody has told her yet");
}

#[test]
fn what_nobody_must_answer_is_not_answered_by_a_call() {
    let mut night = called(&listening(NONE));
    assert!(marie_rings(&mut night).is_empty());
}

#[test]
fn a_number_that_is_shown_as_in_its_country_is_known_by_its_end() {
    let whole = phone("marie");
    let national = |digits: usize| {
        let number: Vec<char> = whole.as_str().chars().collect();
        format!("0{}", number[number.len() - digits..].iter().collect::<String>())
    };
    for (caller, known) in [
        (whole.as_str().to_owned(), true),
        (national(9), true),
        (national(8), true),
        (national(7), false),
        (whole.as_str().replace('+', "00"), true),
        (national(9).replacen('6', "x", 1), false),
        (whole.as_str().replace("+33", "+44"), false),
        (String::new(), false),
    ] {
        let mut night = called(&listening(SINGLE));
        rings(&mut night, Some(&caller), "marie");
        assert_eq!(night.holder().is_some(), known, "{caller}");
    }
    let mut night = called(&listening(SINGLE));
    assert!(rings(&mut night, None, "marie").is_empty());
    assert_eq!(night.holder(), None, "a call without a number is nobody's");
}

#[test]
fn a_number_that_is_locked_out_takes_nothing_by_a_call() {
    let mut night = called(&listening(SINGLE));
    for _ in 0..5 {
        night.sms("marie", "00000000");
    }
    assert!(marie_rings(&mut night).is_empty());
    assert_eq!(night.holder(), None);
    night.pass(61 * MINUTE);
    marie_rings(&mut night);
    assert_eq!(night.holder().as_deref(), Some("marie"));
}

#[test]
fn a_call_of_an_earlier_run_does_not_count_for_the_next() {
    let mut night = called(&listening(SINGLE));
    marie_rings(&mut night);
    night.normal();
    night.modem = Modem::IsDown;
    night.active();
    marie_rings(&mut night);
    assert_eq!(night.holder(), None, "the new call has not left yet");
}
