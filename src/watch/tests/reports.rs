//! A network that used to report and does so no more is told of once, and one that never did is not.

use std::time::Duration;

use super::night::Night;
use super::site::{Files, MINUTE, SINGLE, policy};
use crate::watch::alarm::AlarmState;
use crate::watch::event::Delivered;

const HOUR: Duration = Duration::from_secs(3_600);

fn night() -> Night {
    Night::over(&Files::with(policy(SINGLE)).last_resort(policy(SINGLE)))
}

/// So many alarms, ten minutes apart: Marie is called by each and Karim by every second one. Whatever is sent is reported on, or not.
fn alarms(night: &mut Night, count: u32, reported: bool) {
    for number in 0..count {
        night.active();
        if number % 2 == 0 {
            night.pass(5 * MINUTE);
        }
        night.answers("marie", "");
        night.normal();
        if reported {
            for owed in night.sent() {
                night.network(&owed, Delivered::Delivered);
            }
        }
        night.pass(10 * MINUTE);
    }
}

fn stands(night: &Night) -> bool {
    night.says_of_itself("reports-missing", "gsm.orange") != AlarmState::Normal
}

#[test]
fn a_network_that_reported_and_is_silent_for_hours_is_told_of_and_the_first_report_ends_it() {
    let mut night = night();
    alarms(&mut night, 12, true);
    alarms(&mut night, 12, false);
    assert!(!stands(&night), "three hours are not long");
    alarms(&mut night, 30, false);
    assert!(stands(&night));
    let alarm = night.watch.state().alarm("reports-missing", "gsm.orange").unwrap();
    let text = alarm.open.as_deref().unwrap().activation.text.to_string();
    assert!(text.contains("Plus d'accusés de réception par le modem gsm.orange : "), "{text}");
    assert!(text.contains(" messages sans nouvelles depuis "), "{text}");
    let owed = night.sent().pop().unwrap();
    night.network(&owed, Delivered::Delivered);
    assert!(
        !night
            .watch
            .state()
            .stands(crate::watch::own_alarms::SelfAlarm::ReportsMissing, "gsm.orange")
    );
}

#[test]
fn a_network_that_never_reported_is_not_missed() {
    let mut night = night();
    alarms(&mut night, 60, false);
    assert!(!stands(&night));
}

#[test]
fn one_phone_that_is_off_is_no_network_that_is_silent() {
    let mut night = night();
    alarms(&mut night, 12, true);
    for _ in 0..60 {
        night.sms("marie", "LIST");
        night.pass(20 * MINUTE);
    }
    assert!(!stands(&night));
}

#[test]
fn what_was_reported_is_remembered_by_a_snapshot_and_through_a_restart() {
    let mut night = night();
    alarms(&mut night, 12, true);
    alarms(&mut night, 12, false);
    let restored = night.thawed();
    assert!(restored == *night.watch.state());
    night.restart(HOUR);
    alarms(&mut night, 30, false);
    assert!(stands(&night));
}
