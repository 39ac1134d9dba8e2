//! Tests that people ask for: as in earnest, and never in its place.

use super::night::Night;
use super::site::{Files, MINUTE, NONE, SINGLE, WAIT, double, person, policy};
use crate::watch::alarm::{Alarm, AlarmState, Occurrence, OccurrenceNumber};
use crate::watch::codes::Code;
use crate::watch::decision::{Fact, Outcome, Refusal};
use crate::watch::event::{Happening, Test};
use crate::watch::own_alarms::SelfAlarm;
use crate::watch::site::{ConfirmBy, OnReturn, Policy, Priority};
use crate::watch::testing::LONGEST_TEST;

fn hold() -> Policy {
    Policy { on_return: OnReturn::Hold, ..policy(SINGLE) }
}

fn asked(night: &Night, alarm: &str, active: bool) -> Happening {
    let signal = night.reading(alarm, "", active, 1);
    Happening::Test(Test { person: person("paul"), account: "root".into(), signal })
}

impl Night {
    fn tests(&mut self) -> Vec<OccurrenceNumber> {
        let asked = asked(self, "pump", true);
        match self.happens(asked) {
            Outcome::Testing(begun, _) => begun,
            other => panic!("{other:?}"),
        }
    }

    fn refused(&mut self, alarm: &str, active: bool) -> String {
        let asked = asked(self, alarm, active);
        match self.happens(asked) {
            Outcome::Refused(Refusal(sentence)) => sentence,
            other => panic!("{other:?}"),
        }
    }

    fn test(&self) -> Option<(&Alarm, &Occurrence)> {
        self.watch.state().standing().find(|(alarm, _)| alarm.is_test)
    }

    fn test_code(&self, name: &str) -> Code {
        self.test().unwrap().1.code_of(&person(name)).unwrap()
    }
}

#[test]
fn a_test_calls_those_whom_the_alarm_would_call_in_a_text_that_begins_with_test() {
    let mut night = Night::over(&Files::with(hold()));
    night.tests();
    let code = night.test_code("marie");
    assert_eq!(night.phone("marie"), [format!("TEST HAUTE Nord: Pompe  1. Répondez {code}")]);
    night.pass(WAIT);
    assert_eq!(night.rung(), ["karim", "paul"], "the ladder is climbed");
    let (alarm, open) = night.test().unwrap();
    assert_eq!((&*open.activation.text, alarm.tag().as_str()), ("TEST Pompe  1", "TEST:pump"));
    assert_eq!(alarm.state(), AlarmState::ReturnedUnacknowledged, "it has no cause");
}

#[test]
fn a_test_is_over_when_it_is_acknowledged_and_everybody_who_was_told_is_told() {
    let mut night = Night::over(&Files::with(hold()));
    let begun = night.tests();
    night.pass(WAIT);
    night.rung();
    let code = night.test_code("karim");
    assert!(night.sms("karim", &code.to_string()).starts_with("Pris en charge par KARIM"));
    assert!(night.test().is_none(), "single: that is all");
    assert_eq!((night.phone("marie").len(), night.phone("paul").len()), (1, 1));
    let known = night.watch.state().tested(begun[0]).unwrap();
    assert_eq!(known.last.as_ref().unwrap().acknowledged.as_ref().unwrap().person, person("karim"));
    night.pass(24 * 60 * MINUTE);
    assert!(night.rung().is_empty());
}

#[test]
fn under_double_a_test_is_over_when_it_is_confirmed() {
    let mut night = Night::over(&Files::with(policy(double(ConfirmBy::Same))));
    night.tests();
    let code = night.test_code("marie");
    night.sms("marie", &code.to_string());
    assert_eq!(night.test().unwrap().0.state(), AlarmState::Acknowledged);
    night.sms("marie", &format!("{code} FIN"));
    assert!(night.test().is_none());
}

#[test]
fn a_test_that_nobody_answers_climbs_its_own_ladder_once_and_ends_by_itself() {
    let files = Files::with(hold())
        .last_resort(Policy { steps: super::site::steps(&[&["paul"]]), ..policy(SINGLE) });
    let mut night = Night::over(&files);
    night.tests();
    night.pass(LONGEST_TEST - MINUTE);
    assert_eq!(night.rung(), ["marie", "karim", "paul"], "and the last resort is not called");
    assert!(night.test().is_some());
    night.pass(MINUTE);
    assert!(night.test().is_none(), "it ends by itself");
    let told = night.phone("marie");
    assert_eq!(told, ["TEST Pompe  1. Essai terminé, plus rien à faire."]);
    assert_eq!(night.rung(), ["karim", "paul"]);
    night.pass(24 * 60 * MINUTE);
    assert!(night.rung().is_empty() && night.watch.state().standing_count() == 0);
}

#[test]
fn a_test_neither_masks_nor_ends_nor_acknowledges_the_true_alarm() {
    let mut night = Night::over(&Files::with(hold()));
    night.tests();
    // The true alarm comes while its test stands.
    night.active();
    assert_eq!(night.state(), AlarmState::Unacknowledged);
    assert_eq!(night.phone("marie").len(), 2, "she is called for both");
    let (test, true_one) = (night.test_code("marie"), night.code("marie"));
    assert_ne!(test, true_one);
    night.sms("marie", &test.to_string());
    assert!(night.test().is_none());
    assert_eq!(
        night.state(),
        AlarmState::Unacknowledged,
        "the test was acknowledged, and not the alarm"
    );
    night.pass(WAIT);
    assert!(night.phone("karim").iter().any(|text| text.starts_with("HAUTE Nord: Pompe")));
    // A test of what stands changes nothing of it, and the cause that goes ends no test.
    night.tests();
    night.normal();
    assert_eq!(night.state(), AlarmState::ReturnedUnacknowledged);
    assert!(night.test().is_some());
    night.answers("marie", "");
    assert_eq!(night.state(), AlarmState::Normal);
    assert!(night.test().is_some(), "nor does an answer to the alarm answer the test");
    night.worse();
    assert_eq!(night.open().activation.priority, Priority::Critical);
}

#[test]
fn a_signal_that_no_definition_selects_is_refused_with_the_reason_of_each() {
    let mut night = Night::over(&Files::with(hold()));
    let said = night.refused("valve", true);
    assert!(said.starts_with("no alarm definition selects plant (mqtt.plant)"), "{said}");
    assert!(said.contains("`pump` not selected: field `alarm` is `valve`, wanted"), "{said}");
    assert_eq!(night.refused("pump", false), "`pump`: selected, and normal all the same");
    assert_eq!(night.watch.state().counters().unclaimed, 0, "nothing was received");
    assert!(night.rung().is_empty());
}

#[test]
fn what_calls_nobody_cannot_be_tested_and_a_test_that_runs_is_not_begun_again() {
    let mut night = Night::over(&Files::with(hold()).alarm(|alarm| alarm.escalation = None));
    assert_eq!(night.refused("pump", true), "`pump`: it has no `escalation`, nobody is called");
    let mut night = Night::over(&Files::with(hold()));
    let number = night.tests()[0].0;
    assert_eq!(
        night.refused("pump", true),
        format!("`pump`: a test of it runs already, #{number}")
    );
    assert_eq!(night.rung(), ["marie"]);
}

#[test]
fn under_none_a_test_informs_and_is_over() {
    let mut night = Night::over(&Files::with(policy(NONE)));
    night.tests();
    assert_eq!(night.phone("marie"), ["TEST HAUTE Nord: Pompe  1."]);
    assert!(night.test().is_none());
}

#[test]
fn a_test_that_reaches_nobody_is_over_at_once_and_is_no_alarm_of_vigies() {
    let mut files = Files::with(hold());
    files.unreachable = ["marie", "karim", "paul"].map(person).into();
    let mut night = Night::over(&files);
    night.tests();
    assert!(night.test().is_none());
    assert!(!night.watch.state().stands(SelfAlarm::Nobody, "TEST:pump"));
    // The true one says so of itself; a test of it ends nothing of that.
    night.active();
    night.pass(2 * MINUTE);
    assert!(night.watch.state().stands(SelfAlarm::Nobody, "pump"));
    night.tests();
    assert!(night.watch.state().stands(SelfAlarm::Nobody, "pump"));
}

#[test]
fn a_test_of_a_latched_alarm_or_through_a_delay_begins_at_once_and_leaves_nothing_to_reset() {
    let mut night = Night::over(&Files::with(hold()).alarm(|alarm| {
        alarm.latch = true;
        alarm.on_delay = MINUTE;
    }));
    night.tests();
    assert_eq!(night.rung(), ["marie"]);
    let code = night.test_code("marie");
    night.sms("marie", &code.to_string());
    assert!(night.test().is_none());
}

#[test]
fn a_restart_and_other_files_leave_a_test_its_time() {
    let mut night = Night::over(&Files::with(hold()));
    night.tests();
    night.restart(LONGEST_TEST - MINUTE);
    night.pass(MINUTE / 2);
    assert!(night.test().is_some());
    let mut without = Files::with(hold());
    without.alarms.clear();
    night.reload(&without);
    assert!(night.test().is_some(), "its ladder was frozen");
    night.pass(MINUTE);
    assert!(night.test().is_none());
}

#[test]
fn a_snapshot_and_a_record_of_before_there_were_tests_are_read_as_they_are_meant() {
    let mut night = Night::over(&Files::with(hold()));
    night.active();
    night.tests();
    let state = night.thawed();
    assert!(state == *night.watch.state(), "the snapshot gives another state");
    let known = r#"{"alarm_known":{"alarm":7,"definition":"pump","key":"a"}}"#;
    let known: Fact = serde_json::from_str(known).unwrap();
    assert!(matches!(known, Fact::AlarmKnown { is_test: false, .. }), "{known:?}");
    let written = serde_json::to_string(&night.open().activation).unwrap();
    assert!(!written.contains("test"), "{written}");
}

#[test]
fn what_fits_into_one_message_in_earnest_does_so_in_a_test() {
    for length in 100..=140 {
        let mut night = Night::over(&Files::with(hold()));
        let key = "x".repeat(length);
        night.signal("pump", &key, true, 1);
        let signal = night.reading("pump", &key, true, 1);
        let (person, account) = (person("paul"), "root".into());
        night.happens(Happening::Test(Test { person, account, signal }));
        let told = night.phone("marie");
        let [call, test] = told.as_slice() else { panic!("{told:?}") };
        assert!(test.starts_with("TEST ") && !call.starts_with("TEST "));
        let fits = |text: &String| text.chars().count() <= 160;
        assert!(fits(test) || !fits(call), "{length}: {test}");
    }
}
