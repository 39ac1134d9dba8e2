//! Tests that people ask for in the middle of a storm: told at once, by themselves, and in no true alarm's place.

use super::night::Night;
use super::site::{Files, MINUTE, SINGLE, person};
use super::storming::{HOLD, SECOND, THREE, WINDOW, code, critical, everybody, fail, files};
use crate::watch::Watch;
use crate::watch::event::{Happening, Test};
use crate::watch::notification::Purpose;
use crate::watch::site::Priority;

fn stormy() -> Night {
    Night::over(&files(everybody(SINGLE), THREE))
}

/// Somebody has the pump of this key tested; above level 1 it would be critical.
fn test(night: &mut Night, key: &str, level: i64) {
    let signal = night.reading("pump", key, true, level);
    night.happens(Happening::Test(Test { person: person("paul"), account: "root".into(), signal }));
}

fn of_tests(texts: &[String]) -> Vec<&String> {
    texts.iter().filter(|text| text.contains("TEST ")).collect()
}

#[test]
fn a_test_in_a_storm_is_told_at_once_and_by_itself_and_its_code_takes_no_true_alarm() {
    let mut night = stormy();
    fail(&mut night, 1..=9);
    night.rung();
    test(&mut night, "1", 1);
    let told = night.phone("marie");
    let [text] = told.as_slice() else { panic!("at once: {told:?}") };
    assert!(text.starts_with("TEST HAUTE Nord: Pompe 1 1. Répondez "), "{text}");
    let its_own = code(text).to_owned();
    night.pass(2 * WINDOW);
    let digests = night.phone("karim");
    assert!(digests.iter().any(|text| text.contains("alarmes")), "{digests:?}");
    assert!(of_tests(&digests).iter().all(|text| !text.contains("alarmes")), "{digests:?}");
    let open = || night.watch.state().standing();
    let (before, tests) = (open().count(), open().filter(|(alarm, _)| alarm.is_test).count());
    assert_eq!((before, tests), (10, 1));
    night.sms("marie", &its_own);
    let held = night.watch.state().standing().filter(|(_, open)| !open.unacknowledged()).count();
    assert_eq!((night.watch.state().standing_count(), held), (9, 0), "the test alone is over");
}

#[test]
fn a_code_of_a_digest_takes_no_test() {
    let mut night = stormy();
    fail(&mut night, 1..=5);
    test(&mut night, "1", 1);
    night.pass(WINDOW);
    let told = night.phone("marie");
    let digest = told.iter().find(|text| text.contains("alarmes")).expect("it has left");
    night.sms("marie", code(digest));
    let test = night.watch.state().standing().find(|(alarm, _)| alarm.is_test);
    assert!(test.is_none_or(|(_, open)| open.unacknowledged()), "{test:?}");
}

#[test]
fn tests_do_not_count_so_that_a_true_alarm_after_many_of_them_leaves_at_once() {
    let mut night = stormy();
    for key in 1..=6 {
        test(&mut night, &key.to_string(), 2);
        night.pass(SECOND);
    }
    assert_eq!(of_tests(&night.phone("marie")).len(), 6);
    fail(&mut night, 7..=7);
    assert_eq!(night.phone("marie").len(), 1, "no worse than the tests, and not kept back by them");
    fail(&mut night, 8..=9);
    night.phone("marie");
    critical(&mut night, "10");
    let told = night.phone("marie");
    assert!(
        told.iter().any(|text| text.contains("CRITIQUE")),
        "worse than all true ones: {told:?}"
    );
}

#[test]
fn what_is_told_of_the_end_of_a_test_is_not_gathered_with_that_of_true_alarms() {
    let mut night = stormy();
    fail(&mut night, 1..=9);
    test(&mut night, "1", 1);
    night.pass(HOLD);
    night.rung();
    night.pass(crate::watch::testing::LONGEST_TEST - HOLD - SECOND);
    night.rung();
    night.pass(MINUTE);
    let told = night.phone("marie");
    assert!(
        told.contains(&"TEST Pompe 1 1. Essai terminé, plus rien à faire.".to_owned()),
        "{told:?}"
    );
}

#[test]
fn a_snapshot_with_a_test_that_waits_for_a_modem_and_the_rest_of_the_record_give_the_whole() {
    let mut night = stormy();
    night.modem = super::night::Modem::IsDown;
    test(&mut night, "1", 2);
    fail(&mut night, 2..=6);
    let state = night.thawed();
    assert!(state == *night.watch.state(), "the snapshot gives another state");
    night.watch = Watch::resume(night.watch.site().clone(), state);
    night.modem = super::night::Modem::Works;
    night.pass(WINDOW);
    let told = night.phone("marie");
    assert_eq!(of_tests(&told).len(), 1, "{told:?}");
    let mut fresh = Night::over(&Files::with(everybody(SINGLE)));
    fresh.modem = super::night::Modem::IsDown;
    fresh.active();
    let owed = fresh.queued().remove(0);
    assert_eq!((owed.purpose, owed.priority), (Purpose::Call, Priority::High));
    let written = serde_json::to_string(&owed).unwrap();
    assert!(!written.contains("of_test"), "{written}");
}
