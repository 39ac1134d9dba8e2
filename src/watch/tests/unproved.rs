//! Where only who has proved who they are may end an alarm: what a forged trap may do and what it may not.

use std::time::Duration;

use super::night::Night;
use super::site::{Alarm as Defined, Files, MINUTE, SINGLE, double, policy};
use crate::watch::alarm::AlarmState;
use crate::watch::definition::ClearedBy;
use crate::watch::event::Happening;
use crate::watch::own_alarms::SelfAlarm;
use crate::watch::signal::{Kind, Signal, Value};
use crate::watch::site::{ConfirmBy, OnReturn, Policy, Priority};

fn files() -> Files {
    Files::with(policy(SINGLE))
        .last_resort(policy(SINGLE))
        .alarm(|alarm| alarm.cleared_by = ClearedBy::Authenticated)
}

/// A trap of v2c that anybody can send; above level 1 it is critical.
fn forged(night: &mut Night, active: bool, level: i64) {
    let mut trap = trap(night, active, level);
    trap.fields.set("version", Value::text("2c"));
    night.happens(Happening::Signal(trap));
}

/// A trap of an SNMPv3 user with a passphrase.
fn proved(night: &mut Night, active: bool) {
    let mut trap = trap(night, active, 1);
    trap.fields.set("version", Value::text("3"));
    trap.fields.set("level", Value::text("authPriv"));
    night.happens(Happening::Signal(trap));
}

fn trap(night: &Night, active: bool, level: i64) -> Signal {
    let reading = night.reading("pump", "", active, level);
    Signal { input: "snmp.network".into(), kind: Kind::Snmp, ..reading }
}

fn priority(night: &Night) -> Priority {
    night.open().activation.priority
}

#[test]
fn a_forged_trap_makes_an_alarm_worse_and_never_milder() {
    let mut night = Night::over(&files());
    forged(&mut night, true, 1);
    assert_eq!(priority(&night), Priority::High);
    forged(&mut night, true, 2);
    assert_eq!(priority(&night), Priority::Critical, "when in doubt, call");
    forged(&mut night, true, 1);
    assert_eq!(priority(&night), Priority::Critical);
    proved(&mut night, true);
    assert_eq!(priority(&night), Priority::High, "the device itself may say that it is better");
    let mut open_to_all = Night::over(&files().alarm(|alarm| alarm.cleared_by = ClearedBy::Anyone));
    forged(&mut open_to_all, true, 2);
    forged(&mut open_to_all, true, 1);
    assert_eq!(priority(&open_to_all), Priority::High);
}

#[test]
fn a_forged_trap_makes_no_milder_what_waits_for_its_delay() {
    let mut night = Night::over(&files().alarm(|alarm| alarm.on_delay = 2 * MINUTE));
    forged(&mut night, true, 2);
    night.pass(MINUTE);
    forged(&mut night, true, 1);
    night.pass(MINUTE);
    assert_eq!(priority(&night), Priority::Critical);
}

#[test]
fn a_forged_trap_is_no_sign_that_a_device_lives() {
    const EVERY: Duration = Duration::from_secs(600);
    let mut night = Night::over(&files().alarm(|alarm| alarm.heartbeat = Some(EVERY)));
    let is_silent = |night: &Night, subject: &str| {
        night.watch.state().stands(SelfAlarm::HeartbeatMissed, subject)
    };
    proved(&mut night, false);
    night.pass(9 * MINUTE);
    forged(&mut night, false, 1);
    forged(&mut night, true, 1);
    night.pass(MINUTE);
    assert!(is_silent(&night, "pump"), "it is the device that must be heard");
    forged(&mut night, true, 1);
    assert!(is_silent(&night, "pump"));
    proved(&mut night, true);
    assert!(!is_silent(&night, "pump"));
}

/// The pump says behind which of two switches it is, both of them down.
fn behind_a_switch(cleared_by: ClearedBy, on_delay: Duration) -> Night {
    let mut files = files().alarm(|alarm| {
        (alarm.cleared_by, alarm.on_delay) = (cleared_by, on_delay);
        alarm.suppressed_by = vec![("switch", Some("{upstream}"))];
    });
    files.alarms.push(Defined { escalation: None, ..Defined::named("switch") });
    let mut night = Night::over(&files);
    for key in ["east", "west"] {
        night.signal("switch", key, true, 1);
    }
    night
}

/// A trap that names the switch: of the device itself, or of anybody with a level.
fn behind(night: &mut Night, switch: &str, forged: Option<i64>) {
    let mut trap = trap(night, true, forged.unwrap_or(1));
    trap.fields.set("version", Value::text(if forged.is_some() { "2c" } else { "3" }));
    if forged.is_none() {
        trap.fields.set("level", Value::text("authPriv"));
    }
    trap.fields.set("upstream", Value::text(switch));
    night.happens(Happening::Signal(trap));
}

fn is_hidden(night: &Night) -> bool {
    night.watch.state().alarm("pump", "").is_some_and(|alarm| alarm.hidden().is_some())
}

/// What the device itself says: its text has the level of its words in place of a number.
const ITS_OWN_WORDS: &str = "Pompe  authPriv";

#[test]
fn a_forged_trap_moves_nothing_that_is_hidden_behind_another_cause() {
    for (cleared_by, moves) in [(ClearedBy::Authenticated, false), (ClearedBy::Anyone, true)] {
        let mut night = behind_a_switch(cleared_by, Duration::ZERO);
        behind(&mut night, "east", None);
        behind(&mut night, "west", Some(1));
        assert!(is_hidden(&night));
        night.rung();
        night.signal("switch", "east", false, 1);
        assert_eq!(is_hidden(&night), moves);
        if !moves {
            assert_eq!(&*night.open().activation.text, ITS_OWN_WORDS);
            assert!(night.rung().contains(&"marie".to_owned()));
        }
    }
}

#[test]
fn a_forged_trap_makes_worse_what_is_hidden_and_leaves_it_behind_its_cause() {
    let mut night = behind_a_switch(ClearedBy::Authenticated, Duration::ZERO);
    behind(&mut night, "east", None);
    behind(&mut night, "west", Some(2));
    assert!(is_hidden(&night), "its switch is down");
    night.signal("switch", "east", false, 1);
    let worse = &night.open().activation;
    assert_eq!((worse.priority, &*worse.text), (Priority::Critical, "Pompe  2"));
}

#[test]
fn a_forged_trap_puts_nothing_that_waits_for_its_delay_behind_another_cause() {
    for (cleared_by, moves) in [(ClearedBy::Authenticated, false), (ClearedBy::Anyone, true)] {
        let mut night = behind_a_switch(cleared_by, 2 * MINUTE);
        night.signal("switch", "east", false, 1);
        behind(&mut night, "east", None);
        night.pass(MINUTE);
        behind(&mut night, "west", Some(1));
        night.pass(MINUTE);
        assert_eq!(is_hidden(&night), moves);
        if !moves {
            assert_eq!(&*night.open().activation.text, ITS_OWN_WORDS);
            assert!(night.rung().contains(&"marie".to_owned()));
        }
    }
}

#[test]
fn whoever_forges_the_first_trap_does_not_choose_what_keeps_it_quiet() {
    for (cleared_by, chooses) in [(ClearedBy::Authenticated, false), (ClearedBy::Anyone, true)] {
        let mut night = behind_a_switch(cleared_by, Duration::ZERO);
        behind(&mut night, "west", Some(1));
        assert_eq!(is_hidden(&night), chooses, "when in doubt, call");
        assert_eq!(night.rung().contains(&"marie".to_owned()), !chooses);
    }
    let mut late = behind_a_switch(ClearedBy::Authenticated, 2 * MINUTE);
    behind(&mut late, "west", Some(1));
    late.pass(MINUTE);
    behind(&mut late, "west", None);
    late.pass(MINUTE);
    assert!(is_hidden(&late), "the device itself says behind which switch it is");
}

/// What holds until it is answered, and of what kind it is.
fn held(momentary: bool, on_delay: Duration) -> Night {
    let hold = Policy { on_return: OnReturn::Hold, ..policy(double(ConfirmBy::Same)) };
    let files = Files::with(hold).alarm(|alarm| {
        (alarm.cleared_by, alarm.on_delay) = (ClearedBy::Authenticated, on_delay);
        alarm.momentary = momentary;
    });
    Night::over(&files)
}

#[test]
fn a_forged_trap_brings_back_what_has_returned_and_does_not_choose_its_words() {
    for on_delay in [Duration::ZERO, MINUTE] {
        let mut night = held(false, on_delay);
        proved(&mut night, true);
        night.pass(on_delay);
        proved(&mut night, false);
        assert_eq!(night.state(), AlarmState::ReturnedUnacknowledged);
        forged(&mut night, true, 0);
        night.pass(on_delay);
        assert_eq!(night.state(), AlarmState::Unacknowledged, "it is back");
        assert_eq!(&*night.open().activation.text, ITS_OWN_WORDS, "after {on_delay:?}");
        assert_eq!(night.open().repeats, 1);
        proved(&mut night, false);
        forged(&mut night, true, 2);
        night.pass(on_delay);
        let worse = &night.open().activation;
        assert_eq!((worse.priority, &*worse.text), (Priority::Critical, "Pompe  2"), "worse");
    }
}

#[test]
fn a_forged_event_calls_again_for_what_somebody_holds_and_does_not_choose_its_words() {
    let mut night = held(true, Duration::ZERO);
    proved(&mut night, true);
    night.answers("marie", "");
    forged(&mut night, true, 0);
    assert!(night.open().unacknowledged(), "the acknowledgement was for what was before");
    assert_eq!(&*night.open().activation.text, ITS_OWN_WORDS);
    night.answers("marie", "fin");
    forged(&mut night, true, 0);
    assert_eq!(
        &*night.open().activation.text,
        "Pompe  0",
        "of a new occurrence nobody else has spoken"
    );
}

#[test]
fn a_forged_trap_moves_nothing_that_has_returned_behind_another_cause() {
    let hold = Policy { on_return: OnReturn::Hold, ..policy(double(ConfirmBy::Same)) };
    let mut files = Files::with(hold).alarm(|alarm| {
        alarm.cleared_by = ClearedBy::Authenticated;
        alarm.suppressed_by = vec![("switch", Some("{upstream}"))];
    });
    files.alarms.push(Defined { escalation: None, ..Defined::named("switch") });
    let mut night = Night::over(&files);
    night.signal("switch", "west", true, 1);
    behind(&mut night, "east", None);
    night.answers("marie", "");
    proved(&mut night, false);
    night.rung();
    behind(&mut night, "west", Some(1));
    assert!(!is_hidden(&night), "its own switch is up");
    assert!(night.rung().contains(&"marie".to_owned()));
}
