//! Test messages that people ask for: as real as any, in nobody's way, and told to their end.

use std::time::Duration;

use super::night::{Modem, Night, reference};
use super::site::{Files, MINUTE, SINGLE, person, policy};
use super::storming::{THREE, everybody, fail, files, stormy};
use crate::watch::decision::{Fact, Outcome, Refusal};
use crate::watch::event::{Attempt, Delivered, Happening, TestSms};
use crate::watch::notification::{Ending, Notification, NotificationId, Purpose};
use crate::watch::own_alarms::SelfAlarm;
use crate::watch::site::Priority;
use crate::watch::testing::sms::{Course, LONGEST_SMS_TEST, SmsTest};

const HOUR: Duration = Duration::from_secs(3_600);

fn asked(by: &str, to: &str) -> Happening {
    Happening::TestSms(TestSms { person: person(by), account: "root".into(), to: person(to) })
}

impl Night {
    fn tests_sms(&mut self, to: &str) -> NotificationId {
        match self.happens(asked("paul", to)) {
            Outcome::Owing(number, _) => number,
            other => panic!("{other:?}"),
        }
    }

    fn refuses_to_test(&mut self, by: &str, to: &str) -> String {
        match self.happens(asked(by, to)) {
            Outcome::Refused(Refusal(sentence)) => sentence,
            other => panic!("{other:?}"),
        }
    }

    fn sms_test(&self, number: NotificationId) -> &SmsTest {
        self.watch.state().sms_tests().of(number).expect("it is remembered")
    }

    fn courses(&self, number: NotificationId) -> Vec<Course> {
        self.sms_test(number).steps().iter().map(|step| step.what.clone()).collect()
    }

    fn owed(&self, number: NotificationId) -> Option<&Notification> {
        self.watch.state().notification(number)
    }
}

fn quiet() -> Night {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.modem = Modem::IsDown;
    night
}

fn attempted() -> Course {
    Course::Attempted { by: "gsm.orange".into() }
}

fn ended(ending: Ending) -> Course {
    Course::Ended { ending, why: None }
}

#[test]
fn a_test_message_arrives_asks_for_nothing_and_each_of_its_steps_is_told() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    let number = night.tests_sms("marie");
    assert_eq!(
        night.phone("marie"),
        ["TEST Vigie Nord, 00:00: message d'essai demandé par PAUL, rien à faire."]
    );
    let taken = Course::Taken { by: "gsm.orange".into(), references: vec![reference(number)] };
    assert_eq!(night.courses(number), [attempted(), taken.clone()]);
    assert!(!night.sms_test(number).is_over(night.now.utc), "its report is awaited");
    let owed = night.owed(number).unwrap().clone();
    night.network(&owed, Delivered::Delivered);
    assert_eq!(night.courses(number), [attempted(), taken, ended(Ending::Delivered)]);
    assert!(night.sms_test(number).is_over(night.now.utc));
    assert_eq!(night.watch.state().standing_count(), 0);
    night.pass(24 * 60 * MINUTE);
    assert!(night.rung().is_empty());
}

#[test]
fn a_refused_test_says_why_calls_nobody_and_only_the_third_in_a_row_is_an_alarm() {
    let mut night = quiet();
    let unreachable =
        |night: &Night| night.watch.state().stands(SelfAlarm::PersonUnreachable, "marie");
    for turn in 1..=3 {
        assert!(!unreachable(&night));
        let number = night.tests_sms("marie");
        night.report(number, Attempt::Started { parts: 1 });
        night.report(number, Attempt::Refused("+CMS ERROR: 28".into()));
        let why = Some("+CMS ERROR: 28".into());
        let refused = Course::Ended { ending: Ending::Refused, why };
        assert_eq!(night.courses(number), [attempted(), refused]);
        assert!(night.watch.state().alarm("sms-rejected", "marie").is_none(), "{turn}");
    }
    assert!(unreachable(&night), "as of any messages");
    // That a network took one says nothing; that it arrived does.
    night.modem = Modem::Works;
    let number = night.tests_sms("marie");
    assert!(unreachable(&night));
    let owed = night.owed(number).unwrap().clone();
    night.network(&owed, Delivered::Delivered);
    assert!(!unreachable(&night));
}

#[test]
fn a_storm_gathers_no_test_and_a_test_takes_no_alarms_place() {
    let mut night = stormy(THREE);
    fail(&mut night, 1..=9);
    let before = night.phone("marie").len();
    night.tests_sms("marie");
    assert_eq!(night.phone("marie").len(), 1, "after {before}, and all the same at once");
    // What a window has room for is for alarms.
    let mut night = Night::over(&files(everybody(SINGLE), THREE));
    fail(&mut night, 1..=1);
    for _ in 0..5 {
        night.tests_sms("marie");
    }
    assert_eq!(night.phone("marie").len(), 6);
    fail(&mut night, 2..=2);
    let call = night.phone("marie");
    assert!(call.len() == 1 && call[0].starts_with("HAUTE Nord: Pompe 2"), "{call:?}");
}

#[test]
fn whoever_is_called_is_called_before_a_test_leaves() {
    let mut night = quiet();
    let number = night.tests_sms("marie");
    night.active();
    let test = night.owed(number).unwrap();
    assert_eq!((test.purpose, test.priority), (Purpose::Test, Priority::Low));
    assert!(night.queued().iter().any(|owed| owed.priority > test.priority));
}

#[test]
fn a_test_that_no_modem_sends_within_its_time_never_leaves() {
    let mut night = quiet();
    let number = night.tests_sms("marie");
    night.report(number, Attempt::Started { parts: 1 });
    night.report(number, Attempt::Failed("no network".into()));
    night.pass(LONGEST_SMS_TEST - MINUTE);
    assert!(!night.sms_test(number).is_over(night.now.utc));
    night.pass(MINUTE);
    assert!(night.sms_test(number).is_over(night.now.utc));
    let postponed = Course::Postponed { why: "no network".into(), may_have_left: false };
    assert_eq!(night.courses(number), [attempted(), postponed, ended(Ending::Expired)]);
    night.modem = Modem::Works;
    night.pass(MINUTE);
    assert!(night.rung().is_empty());
}

#[test]
fn a_test_whose_network_never_reports_is_looked_at_no_longer_than_its_time() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    let number = night.tests_sms("marie");
    night.pass(LONGEST_SMS_TEST);
    assert!(night.sms_test(number).is_over(night.now.utc));
    assert_eq!(night.courses(number).len(), 2, "nobody says that it arrived");
}

#[test]
fn nobody_is_tested_who_is_not_in_the_files_or_has_no_number() {
    let mut night = quiet();
    assert_eq!(night.refuses_to_test("paul", "nemo"), "no person is called `nemo`");
    assert_eq!(night.refuses_to_test("nemo", "marie"), "no person is called `nemo`");
    let said = night.refuses_to_test("paul", "nadia");
    assert_eq!(said, "`nadia` has no `phone` in [people.nadia], so that no SMS can reach them");
    assert!(night.queued().is_empty());
}

#[test]
fn a_second_test_to_somebody_waits_for_the_end_of_the_first_and_others_do_not() {
    let on_its_way = "a test to `marie` is on its way: wait for its end";
    let mut night = quiet();
    let number = night.tests_sms("marie");
    assert_eq!(night.refuses_to_test("paul", "marie"), on_its_way, "it waits for a modem");
    night.report(number, Attempt::Started { parts: 1 });
    assert_eq!(night.refuses_to_test("marie", "marie"), on_its_way, "whoever asks");
    night.report(number, Attempt::Failed("no network".into()));
    assert_eq!(night.refuses_to_test("paul", "marie"), on_its_way, "it goes again");
    night.tests_sms("karim");
    night.restart(Duration::from_secs(5));
    assert_eq!(night.refuses_to_test("paul", "marie"), on_its_way, "a restart forgets nothing");
    night.modem = Modem::Works;
    night.pass(MINUTE);
    assert!(night.owed(number).unwrap().is_with_the_network(), "its report is awaited");
    night.tests_sms("marie");
}

#[test]
fn nobody_gets_more_than_five_tests_an_hour_whatever_becomes_of_them() {
    let too_many =
        "`marie` was sent 5 tests within the hour: wait until the first of them is an hour old";
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    for turn in 0..5 {
        night.pass(5 * MINUTE);
        let number = night.tests_sms("marie");
        let owed = night.owed(number).unwrap().clone();
        let outcome = if turn % 2 == 0 { Delivered::Delivered } else { Delivered::Failed };
        night.network(&owed, outcome);
    }
    night.rung();
    assert_eq!(night.refuses_to_test("paul", "marie"), too_many);
    assert!(night.thawed() == *night.watch.state(), "a snapshot knows of all five");
    night.restart(Duration::from_secs(5));
    assert_eq!(night.refuses_to_test("marie", "marie"), too_many, "a restart forgets none");
    night.tests_sms("karim");
    assert_eq!(night.rung(), ["karim"], "and nothing left for her");
    night.pass(HOUR - 20 * MINUTE);
    night.tests_sms("marie");
    assert_eq!(night.refuses_to_test("paul", "marie"), too_many, "the first alone is so long ago");
}

#[test]
fn a_restart_in_the_middle_of_a_test_goes_on_with_it() {
    let mut night = quiet();
    let number = night.tests_sms("marie");
    night.report(number, Attempt::Started { parts: 1 });
    night.restart(Duration::from_secs(5));
    night.modem = Modem::Works;
    night.pass(MINUTE);
    assert_eq!(night.rung(), ["marie"]);
    let owed = night.owed(number).unwrap().clone();
    night.network(&owed, Delivered::Delivered);
    assert_eq!(night.courses(number).last(), Some(&ended(Ending::Delivered)));
}

#[test]
fn a_snapshot_in_the_middle_of_a_test_and_the_rest_of_the_record_give_the_whole() {
    let mut night = quiet();
    let number = night.tests_sms("marie");
    night.report(number, Attempt::Started { parts: 1 });
    let (mut state, taken) = (night.thawed(), night.decisions.len());
    assert!(state == *night.watch.state(), "the snapshot gives another state");
    night.report(number, Attempt::Refused("+CMS ERROR: 28".into()));
    night.tests_sms("karim");
    for decision in &night.decisions[taken..] {
        state.take(decision);
    }
    assert!(state == *night.watch.state());
    assert_eq!(state.sms_tests(), night.watch.state().sms_tests());
    assert!(night.thawed() == *night.watch.state());
}

#[test]
fn a_record_of_before_there_were_tests_of_telephones_is_read_as_it_is_meant() {
    let night = quiet();
    let pieces = night.watch.state().pieces();
    let written: Vec<String> = pieces.map(|piece| serde_json::to_string(&piece).unwrap()).collect();
    assert!(!written.iter().any(|piece| piece.contains("sms_tests")), "{written:?}");
    let settled = r#"{"settled":{"notification":7,"ending":"refused"}}"#;
    let fact: Fact = serde_json::from_str(settled).unwrap();
    assert!(matches!(fact, Fact::Settled { why: None, .. }), "{fact:?}");
    assert_eq!(serde_json::to_string(&fact).unwrap(), settled);
}

#[test]
fn however_many_tests_there_are_only_the_latest_are_remembered_and_of_each_so_many_steps() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    let first = night.tests_sms("marie");
    let mut numbers = Vec::new();
    for _ in 0..40 {
        night.pass(HOUR / 4);
        night.modem = if numbers.len() == 39 { Modem::IsDown } else { Modem::Works };
        numbers.push(night.tests_sms("karim"));
    }
    assert!(night.watch.state().sms_tests().of(first).is_none());
    let remembered =
        numbers.iter().filter(|number| night.watch.state().sms_tests().of(**number).is_some());
    assert_eq!(remembered.count(), 32);
    let last = *numbers.last().unwrap();
    for _ in 0..100 {
        night.report(last, Attempt::Started { parts: 1 });
        night.report(last, Attempt::Failed("no network".into()));
    }
    night.report(last, Attempt::Refused("no such number".into()));
    let steps = night.courses(last);
    assert_eq!(steps.len(), 64);
    assert!(matches!(steps[63], Course::Ended { .. }), "its end is never left out");
}

#[test]
fn whatever_site_and_people_are_called_a_test_is_one_message() {
    for name in ["Nord", "Station d'épuration de Villeneuve-lès-Avignon", &"€".repeat(80)] {
        let files = Files { name: name.into(), ..Files::with(policy(SINGLE)) };
        let mut night = Night::over(&files);
        night.tests_sms("marie");
        let told = night.phone("marie");
        let letters = told[0].chars().count() + told[0].matches('€').count();
        assert!(letters <= 160, "{letters}: {told:?}");
    }
}
