//! A number that works no more is an alarm before the night in which it is needed.

use super::night::{Modem, Night, reference};
use super::site::{Files, MINUTE, SINGLE, phone, policy, steps};
use crate::watch::alarm::AlarmState;
use crate::watch::event::{Attempt, Delivered};
use crate::watch::own_alarms::SelfAlarm;
use crate::watch::site::Policy;

fn night() -> Night {
    let mut night =
        Night::over(&Files::with(Policy { steps: steps(&[&["marie"]]), ..policy(SINGLE) }));
    night.modem = Modem::IsDown;
    night
}

fn stands(night: &Night) -> bool {
    night.watch.state().stands(SelfAlarm::PersonUnreachable, "marie")
}

/// An alarm calls Marie, and her message is refused.
fn refused(night: &mut Night, key: &str) {
    night.signal("pump", key, true, 1);
    let id = night.queued().last().unwrap().id;
    night.report(id, Attempt::Started { parts: 1 });
    night.report(id, Attempt::Refused("no such number".into()));
    night.signal("pump", key, false, 1);
    night.pass(2 * MINUTE);
}

#[test]
fn the_third_message_in_a_row_that_does_not_arrive_is_an_alarm() {
    let mut night = night();
    refused(&mut night, "1");
    refused(&mut night, "2");
    assert!(!stands(&night));
    night.restart(MINUTE);
    refused(&mut night, "3");
    assert!(stands(&night));
    assert_eq!(night.says_of_itself("person-unreachable", "marie"), AlarmState::Acknowledged);
}

#[test]
fn what_arrives_or_an_answer_ends_it() {
    let mut night = night();
    for key in ["1", "2", "3"] {
        refused(&mut night, key);
    }
    night.signal("pump", "4", true, 1);
    let owed = night.queued().last().unwrap().clone();
    night.report(owed.id, Attempt::Started { parts: 1 });
    night.report(owed.id, Attempt::Sent(vec![reference(owed.id)]));
    assert!(stands(&night), "that a network took it says nothing yet");
    let sent = night.sent().last().unwrap().clone();
    night.network(&sent, Delivered::Delivered);
    assert!(!stands(&night));
    for key in ["5", "6", "7"] {
        refused(&mut night, key);
    }
    assert!(stands(&night));
    night.sms("marie", "LISTE");
    assert!(!stands(&night));
    refused(&mut night, "8");
    assert!(!stands(&night), "a row begins anew");
}

#[test]
fn another_number_in_the_files_ends_it() {
    let mut night = night();
    for key in ["1", "2", "3"] {
        refused(&mut night, key);
    }
    let mut files = Files::with(Policy { steps: steps(&[&["marie"]]), ..policy(SINGLE) });
    night.reload(&files);
    assert!(stands(&night), "{}", phone("marie"));
    files.unreachable.push(super::site::person("marie"));
    night.reload(&files);
    assert!(!stands(&night));
}

#[test]
fn a_number_that_the_files_name_no_more_is_nobodys_trouble() {
    let mut night = night();
    refused(&mut night, "1");
    refused(&mut night, "2");
    night.signal("pump", "3", true, 1);
    let owed = night.queued().last().unwrap().clone();
    let mut files = Files::with(Policy { steps: steps(&[&["marie"]]), ..policy(SINGLE) });
    files.unreachable.push(super::site::person("marie"));
    night.reload(&files);
    night.report(owed.id, Attempt::Started { parts: 1 });
    night.report(owed.id, Attempt::Refused("no such number".into()));
    assert!(!stands(&night));
}
