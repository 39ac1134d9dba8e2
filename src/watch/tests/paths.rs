//! Paths: a message goes round from time to time, and is awaited.

use std::sync::Arc;
use std::time::Duration;

use super::night::{Modem, Night};
use super::site::{Files, MINUTE, SINGLE, person, policy};
use crate::watch::alarm::AlarmState;
use crate::watch::decision::Fact;
use crate::watch::event::{Attempt, Happening};
use crate::watch::notification::{Notification, Purpose};
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::paths::AWAITED;
use crate::watch::signal::Identity;

const HOUR: Duration = Duration::from_secs(3_600);
const FROM: &str = "gsm.orange";
const TO: &str = "gsm.sfr";

/// A site that tries the path from `gsm.orange` to `gsm.sfr` every six hours, and whose last resort is Paul.
fn files() -> Files {
    let mut last = policy(SINGLE);
    last.steps = super::site::steps(&[&["paul"]]);
    let mut files = Files::with(policy(SINGLE)).last_resort(last);
    files.path_to = Some(TO);
    files
}

/// Some seconds after its start, with its first message on its way or waiting.
fn begun(modem: Modem) -> Night {
    let mut night = Night::over(&files());
    night.modem = modem;
    assert_eq!(tests(&night).len(), 0);
    night.pass(Duration::from_secs(10));
    night
}

/// The messages that were ever owed for paths.
fn tests(night: &Night) -> Vec<Arc<Notification>> {
    let owed = |fact: &Fact| match fact {
        Fact::Owed { notification } if notification.purpose == Purpose::LoopBack => {
            Some(Arc::clone(notification))
        }
        _ => None,
    };
    night.facts().filter_map(owed).collect()
}

/// A modem receives the latest of them.
fn comes(night: &mut Night, modem: &str, identity: u64) {
    let text = tests(night).last().expect("one was owed").text.to_string();
    let Happening::Message(mut message) = night.message("nadia", &text, Some(identity)) else {
        panic!("not a message");
    };
    message.signal.input = modem.into();
    message.signal.identity = Some(Identity(identity));
    night.happens(Happening::Message(message));
}

fn alarm(night: &Night) -> AlarmState {
    night.says_of_itself("path-unknown", FROM)
}

fn took(night: &Night) -> Option<Duration> {
    let passage = night.watch.state().passage(&FROM.into()).expect("it is tried");
    passage.good().map(|good| good.took)
}

#[test]
fn a_message_goes_round_and_the_time_that_it_takes_is_kept() {
    let mut night = begun(Modem::Works);
    let test = tests(&night)[0].clone();
    assert_eq!(test.person.as_str(), TO);
    assert_eq!(test.prefer, Some(FROM.into()), "by that modem");
    night.pass(Duration::from_secs(7));
    night.now.utc = night.now.utc.after(HOUR);
    comes(&mut night, TO, 1);
    assert_eq!(took(&night), Some(Duration::from_secs(7)));
    assert!(night.watch.state().notification(test.id).is_none(), "it is done with");
    night.pass(6 * HOUR - Duration::from_secs(8));
    assert_eq!(tests(&night).len(), 1);
    night.pass(MINUTE);
    assert_eq!(tests(&night).len(), 2, "every six hours");
    let lot = |test: &Notification| test.text.rsplit(' ').next().map(str::to_owned);
    assert_ne!(lot(&tests(&night)[1]), lot(&test), "nobody can foresee it");
    assert_eq!(alarm(&night), AlarmState::Normal);
    assert_eq!(night.watch.state().counters().unclaimed, 0, "no message of somebody's");
}

#[test]
fn one_that_does_not_come_is_an_alarm_that_says_since_when_nothing_is_certain() {
    let mut night = begun(Modem::Works);
    comes(&mut night, TO, 1);
    night.pass(6 * HOUR);
    night.rung();
    night.pass(AWAITED);
    assert_eq!(alarm(&night), AlarmState::Unacknowledged);
    let told = night.phone("paul");
    let said = "l'essai de 06:00 n'est pas arrivé à gsm.sfr; rien n'est sûr depuis 00:00";
    assert!(told.iter().any(|text| text.contains(said)), "{told:?}");
    night.pass(6 * HOUR);
    assert_eq!(tests(&night).len(), 3);
    comes(&mut night, TO, 2);
    assert_ne!(alarm(&night), AlarmState::Unacknowledged, "the next one came");
}

#[test]
fn one_that_comes_late_ends_the_alarm_and_one_that_comes_twice_changes_nothing() {
    let mut night = begun(Modem::Works);
    night.pass(AWAITED + MINUTE);
    assert_eq!(alarm(&night), AlarmState::Unacknowledged);
    comes(&mut night, TO, 1);
    assert_ne!(alarm(&night), AlarmState::Unacknowledged);
    assert_eq!(took(&night), Some(AWAITED + MINUTE));
    let before = night.facts().filter(|fact| matches!(fact, Fact::Passing { .. })).count();
    comes(&mut night, TO, 2);
    let after = night.facts().filter(|fact| matches!(fact, Fact::Passing { .. })).count();
    assert_eq!(before, after);
    assert_eq!(night.watch.state().counters().unclaimed, 0);
}

#[test]
fn what_comes_at_another_modem_proves_nothing() {
    let mut night = begun(Modem::Works);
    comes(&mut night, FROM, 1);
    assert_eq!(took(&night), None);
    night.pass(AWAITED);
    assert_eq!(alarm(&night), AlarmState::Unacknowledged);
}

#[test]
fn a_modem_that_can_send_none_is_an_alarm_when_the_next_is_due() {
    let mut night = begun(Modem::IsDown);
    let first = tests(&night)[0].id;
    night.pass(6 * HOUR - MINUTE);
    assert_eq!(alarm(&night), AlarmState::Normal, "that the modem is lost is another alarm");
    night.pass(2 * MINUTE);
    assert_eq!(alarm(&night), AlarmState::Unacknowledged);
    assert!(night.watch.state().notification(first).is_none(), "none piles up");
    assert_eq!(night.queued().iter().filter(|owed| owed.purpose == Purpose::LoopBack).count(), 1);
}

#[test]
fn a_network_that_refuses_one_is_an_alarm_at_once_and_no_other() {
    let mut night = begun(Modem::IsDown);
    let test = tests(&night)[0].id;
    night.report(test, Attempt::Started { parts: 1 });
    night.report(test, Attempt::Refused("not allowed".into()));
    assert_eq!(alarm(&night), AlarmState::Unacknowledged);
    assert!(night.watch.state().alarm("sms-rejected", TO).is_none());
    night.modem = Modem::Works;
    night.pass(MINUTE);
    let told = night.phone("paul");
    assert!(told.iter().any(|text| text.contains("refuse l'essai (not allowed)")), "{told:?}");
}

#[test]
fn one_that_comes_before_the_network_says_that_it_took_it_counts() {
    let mut night = begun(Modem::IsDown);
    let test = tests(&night)[0].id;
    night.pass(MINUTE);
    night.report(test, Attempt::Started { parts: 1 });
    night.pass(Duration::from_secs(3));
    comes(&mut night, TO, 1);
    assert_eq!(took(&night), Some(Duration::from_secs(3)), "since it began to leave");
    night.report(test, Attempt::Sent(vec![7]));
    night.pass(AWAITED);
    assert_eq!(alarm(&night), AlarmState::Normal);
}

#[test]
fn one_that_failed_goes_again_as_long_as_it_is_awaited() {
    let mut night = begun(Modem::IsDown);
    let test = tests(&night)[0].id;
    let fail = |night: &mut Night| {
        night.report(test, Attempt::Started { parts: 1 });
        night.report(test, Attempt::Failed("no network".into()));
    };
    fail(&mut night);
    night.pass(MINUTE);
    assert!(night.queued().iter().any(|owed| owed.id == test));
    night.report(test, Attempt::Started { parts: 1 });
    night.report(test, Attempt::Unknown);
    comes(&mut night, TO, 1);
    assert!(night.watch.state().notification(test).is_none(), "it came: it need not leave again");
    night.pass(MINUTE);
    assert!(!night.queued().iter().any(|owed| owed.id == test));
}

#[test]
fn one_of_a_path_that_the_files_no_longer_name_does_not_go_again() {
    let mut night = begun(Modem::IsDown);
    let test = tests(&night)[0].id;
    night.report(test, Attempt::Started { parts: 1 });
    night.reload(&Files { path_to: None, ..files() });
    night.report(test, Attempt::Failed("no network".into()));
    assert!(night.watch.state().notification(test).is_none());
}

#[test]
fn a_path_is_awaited_through_a_restart_and_a_snapshot() {
    let mut night = begun(Modem::Works);
    let restored = night.thawed();
    assert_eq!(&restored, night.watch.state());
    // It was down for longer than it awaits a message: the modem may hold what came.
    night.restart(2 * AWAITED);
    night.pass(AWAITED - MINUTE);
    assert_eq!(alarm(&night), AlarmState::Normal);
    night.pass(2 * MINUTE);
    assert_eq!(alarm(&night), AlarmState::Unacknowledged);
    comes(&mut night, TO, 1);
    assert_eq!(took(&night), Some(3 * AWAITED + MINUTE), "by the wall clock");
}

#[test]
fn one_that_leaves_just_before_the_next_is_due_is_awaited_first() {
    let mut night = begun(Modem::IsDown);
    night.pass(6 * HOUR - MINUTE);
    night.modem = Modem::Works;
    night.pass(Duration::from_secs(5));
    night.pass(5 * MINUTE);
    assert_eq!((tests(&night).len(), alarm(&night)), (1, AlarmState::Normal));
    comes(&mut night, TO, 1);
    night.pass(Duration::from_secs(1));
    assert_eq!((tests(&night).len(), alarm(&night)), (2, AlarmState::Normal), "then the next");
}

#[test]
fn a_modem_that_is_known_to_be_at_fault_is_not_told_as_a_path_as_well() {
    for modem in [FROM, TO] {
        let mut night = begun(Modem::Works);
        let lost = SelfSignal::raised(SelfAlarm::ModemLost, modem, "it does not answer");
        night.happens(Happening::Own(lost));
        night.pass(AWAITED);
        assert_eq!(alarm(&night), AlarmState::Normal, "{modem}");
        night.happens(Happening::Own(SelfSignal::cleared(SelfAlarm::ModemLost, modem)));
        night.pass(6 * HOUR + AWAITED);
        assert_eq!(alarm(&night), AlarmState::Unacknowledged, "{modem}: the next one");
    }
}

#[test]
fn one_that_comes_when_the_next_is_on_its_way_is_nobody_s_message() {
    let mut night = begun(Modem::Works);
    let text = tests(&night)[0].text.to_string();
    night.pass(7 * HOUR);
    assert_eq!(tests(&night).len(), 2);
    let unclaimed = |night: &Night| night.watch.state().counters().unclaimed;
    let forged = "Vigie: essai 1 000000";
    for (identity, text, is_ours) in [(8, text.as_str(), true), (9, forged, false)] {
        let before = unclaimed(&night);
        let Happening::Message(mut message) = night.message("nadia", text, Some(identity)) else {
            panic!("not a message");
        };
        message.signal.input = TO.into();
        night.happens(Happening::Message(message));
        assert_eq!(unclaimed(&night) == before, is_ours, "{text}");
        assert_eq!(took(&night), None);
    }
}

#[test]
fn the_last_eight_that_did_not_come_are_known_again() {
    let mut night = begun(Modem::Works);
    night.pass(60 * HOUR);
    let texts: Vec<String> = tests(&night).iter().map(|test| test.text.to_string()).collect();
    assert_eq!(texts.len(), 11);
    let mut identity = 100;
    let mut is_ours = |text: &String| {
        identity += 1;
        let before = night.watch.state().counters().unclaimed;
        let Happening::Message(mut message) = night.message("nadia", text, Some(identity)) else {
            panic!("not a message");
        };
        message.signal.input = TO.into();
        night.happens(Happening::Message(message));
        night.watch.state().counters().unclaimed == before
    };
    let known: Vec<bool> = texts.iter().map(&mut is_ours).collect();
    assert_eq!(known.iter().filter(|known| **known).count(), 9, "and the one that is awaited");
    assert_eq!(known[..2], [false, false]);
}

#[test]
fn a_path_that_the_files_correct_is_tried_anew_and_its_message_is_withdrawn() {
    let mut night = begun(Modem::IsDown);
    let old = tests(&night)[0].id;
    night.reload(&Files { path_to: Some("gsm.free"), ..files() });
    assert!(night.watch.state().notification(old).is_none());
    night.pass(Duration::from_secs(10));
    let owed = tests(&night);
    assert_eq!((owed.len(), owed[1].person.as_str()), (2, "gsm.free"));
    night.reload(&Files { path_to: None, ..files() });
    assert!(!night.queued().iter().any(|owed| owed.purpose == Purpose::LoopBack));
}

#[test]
fn a_path_that_the_files_no_longer_name_is_forgotten_and_its_alarm_is_over() {
    let mut night = begun(Modem::Works);
    night.pass(AWAITED);
    assert_eq!(alarm(&night), AlarmState::Unacknowledged);
    let files = Files { path_to: None, ..files() };
    night.reload(&files);
    assert!(night.watch.state().passage(&FROM.into()).is_none());
    assert_ne!(alarm(&night), AlarmState::Unacknowledged);
    let before = tests(&night).len();
    night.pass(24 * HOUR);
    assert_eq!(tests(&night).len(), before);
    assert_eq!(night.phone(person("nadia").as_str()).len(), 0);
}
