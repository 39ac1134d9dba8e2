//! Where only who has proved who they are may end an alarm: what a forged trap may do and what it may not.

use std::time::Duration;

use super::night::Night;
use super::site::{Files, MINUTE, SINGLE, policy};
use crate::watch::definition::ClearedBy;
use crate::watch::event::Happening;
use crate::watch::own_alarms::SelfAlarm;
use crate::watch::signal::{Kind, Signal, Value};
use crate::watch::site::Priority;

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
