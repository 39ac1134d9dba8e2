//! Windows of maintenance: what begins inside is quiet, once or every week.

use std::time::Duration;

use super::HOUR;
use crate::watch::alarm::AlarmState;
use crate::watch::event::Happening;
use crate::watch::flapping::FlappingRule;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::schedule::{Days, Hours, Wall, Window};
use crate::watch::site::{Acknowledge, ConfirmBy, Policy};
use crate::watch::suppression::{Maintenance, Times};
use crate::watch::tests::night::Night;
use crate::watch::tests::site::{Alarm, Files, MINUTE, NONE, SINGLE, policy, steps};
use crate::watch::time::Utc;

/// 2026-01-01T00:00:00Z, a Thursday: when these nights begin.
const BEGINNING: Utc = Utc::from_micros(1_767_225_600_000_000);

fn once() -> Times {
    Times::Once { from: BEGINNING.after(HOUR), until: BEGINNING.after(2 * HOUR) }
}

/// Every Thursday from 01:00 to 02:00.
fn weekly() -> Times {
    let weekdays = [false, false, false, true, false, false, false];
    let window = Window { days: Days { weekdays, holidays: false }, from: 60, until: 120 };
    Times::Weekly(Hours(vec![window]), Wall::of(jiff::tz::TimeZone::UTC))
}

fn during(files: Files, times: Times, alarms: Option<&[&str]>) -> Night {
    let mut files = files;
    let alarms = alarms.map(|names| names.iter().map(|name| (*name).into()).collect());
    files.maintenance.add(alarms, Maintenance { name: "works".into(), times });
    Night::over(&files)
}

fn night(times: Times, alarms: Option<&[&str]>) -> Night {
    during(Files::with(policy(SINGLE)), times, alarms)
}

#[test]
fn what_begins_inside_is_quiet_and_what_is_still_there_at_the_end_calls() {
    for times in [once(), weekly()] {
        let mut night = night(times, Some(&["pump"]));
        night.pass(HOUR);
        night.active();
        night.signal("pump", "west", true, 1);
        night.pass(HOUR / 2);
        night.signal("pump", "west", false, 1);
        assert!(night.rung().is_empty() && night.is_hidden("pump", ""));
        let kept = night.watch.kept_quiet();
        assert_eq!(kept.first().and_then(|kept| kept.window).map(|name| &**name), Some("works"));
        night.is_in_snapshot();
        night.restart(MINUTE);
        night.pass(HOUR / 2 - 2 * MINUTE);
        assert!(night.rung().is_empty());
        night.pass(MINUTE);
        assert_eq!(night.rung(), ["marie"]);
        assert!(night.is_open("pump", "") && !night.is_open("pump", "west"));
    }
}

#[test]
fn what_called_people_before_the_window_goes_on() {
    let mut night = night(once(), None);
    night.pass(HOUR - MINUTE);
    night.active();
    night.rung();
    night.pass(6 * MINUTE);
    assert_eq!(night.rung(), ["karim", "paul"], "the ladder is climbed");
}

#[test]
fn every_week_is_every_week() {
    let mut night = night(weekly(), None);
    night.pass(7 * 24 * HOUR + HOUR);
    night.active();
    assert!(night.rung().is_empty());
    night.normal();
    night.pass(HOUR);
    night.active();
    assert_eq!(night.rung(), ["marie"]);
}

#[test]
fn vigie_itself_is_quiet_only_where_it_is_named() {
    let named = (Some(&["modem-lost"][..]), AlarmState::Normal);
    for (alarms, state) in [(None, AlarmState::Unacknowledged), named] {
        let files = Files::with(policy(SINGLE)).last_resort(policy(SINGLE));
        let mut night = during(files, once(), alarms);
        night.pass(HOUR);
        let raised = SelfSignal::raised(SelfAlarm::ModemLost, "gsm.orange", "no answer");
        night.happens(Happening::Own(raised));
        assert_eq!(night.says_of_itself("modem-lost", "gsm.orange"), state);
    }
}

#[test]
fn a_window_that_the_files_take_back_hides_nothing_any_more() {
    let mut night = night(once(), None);
    night.pass(HOUR);
    night.active();
    assert!(night.rung().is_empty());
    night.reload(&Files::with(policy(SINGLE)));
    assert_eq!(night.rung(), ["marie"]);
}

#[test]
fn what_the_files_take_out_of_a_window_is_called_by_the_ladder_that_they_give_it_in_the_same_edit()
{
    let mut night = night(once(), None);
    night.pass(HOUR);
    night.active();
    assert!(night.rung().is_empty());
    let mut edited = Files::with(policy(SINGLE)).alarm(|alarm| alarm.escalation = Some("other"));
    let karim = Policy { steps: steps(&[&["karim"]]), ..policy(SINGLE) };
    edited.policies.insert("other".into(), std::sync::Arc::new(karim));
    night.reload(&edited);
    assert_eq!(night.rung(), ["karim"]);
    assert_eq!(night.state(), AlarmState::Unacknowledged);
}

/// Whoever takes it may be at work on it for longer than the window lasts.
const SLOWLY: Acknowledge = Acknowledge::Double {
    responders: 1,
    confirm_within: Duration::from_secs(5 * 3_600),
    confirm_by: ConfirmBy::Same,
};

/// It flaps, Marie has taken it, and the window of an hour opens before it has come to rest, active.
fn rests_inside(policy: Policy) -> Night {
    let files = Files::with(policy).alarm(|alarm| alarm.flapping = Some(FlappingRule::default()));
    let mut night = during(files, once(), None);
    night.pass(HOUR - 5 * MINUTE);
    for _ in 0..4 {
        night.active();
        night.pass(MINUTE / 6);
        night.normal();
        night.pass(MINUTE / 6);
    }
    night.active();
    assert!(night.open().flapping);
    if night.state() == AlarmState::Unacknowledged {
        night.answers("marie", "");
    }
    night.pass(30 * MINUTE);
    night.rung();
    assert!(!night.alarm("pump", "").unwrap().is_flapping());
    night
}

#[test]
fn what_flapped_and_rests_inside_is_unacknowledged_at_the_end_and_people_are_told() {
    for acknowledge in [SINGLE, SLOWLY, NONE] {
        let mut night = rests_inside(policy(acknowledge));
        assert!(night.is_hidden("pump", ""), "{acknowledge:?}");
        let held = night.is_open("pump", "");
        assert_eq!(
            held,
            matches!(acknowledge, Acknowledge::Double { .. }),
            "what owes its confirmation"
        );
        night.is_in_snapshot();
        night.restart(MINUTE);
        night.rung();
        night.pass(33 * MINUTE);
        assert!(!night.is_hidden("pump", "") && night.open().active);
        let rung = night.rung();
        assert!(!rung.is_empty() && rung.iter().all(|name| name == "marie"), "{rung:?}");
        let asked = night.state() == AlarmState::Unacknowledged;
        assert_eq!(asked, acknowledge != NONE, "{acknowledge:?}");
    }
}

#[test]
fn what_flapped_and_rests_inside_and_goes_before_the_end_is_silence() {
    for acknowledge in [SINGLE, SLOWLY, NONE] {
        let mut night = rests_inside(policy(acknowledge));
        night.normal();
        if night.is_open("pump", "") {
            night.answers("marie", "FIN");
        }
        night.rung();
        assert!(!night.is_open("pump", "") && !night.is_hidden("pump", ""), "{acknowledge:?}");
        night.pass(2 * HOUR);
        assert!(night.rung().is_empty(), "{acknowledge:?}");
    }
}

#[test]
fn what_flapped_and_nobody_has_taken_goes_on_calling_when_it_rests_inside() {
    let files =
        Files::with(policy(SINGLE)).alarm(|alarm| alarm.flapping = Some(FlappingRule::default()));
    let mut night = during(files, once(), None);
    night.pass(HOUR - 5 * MINUTE);
    for _ in 0..4 {
        night.active();
        night.normal();
    }
    night.active();
    night.pass(30 * MINUTE);
    assert!(!night.open().flapping && night.open().active);
    assert_eq!(night.state(), AlarmState::Unacknowledged);
}

#[test]
fn what_names_another_cause_inside_a_window_calls_when_the_window_closes() {
    let link = Alarm { suppressed_by: vec![("switch", Some("{level}"))], ..Alarm::named("link") };
    let alarms = vec![Alarm::named("switch"), link];
    let files = Files { alarms, ..Files::with(policy(SINGLE)) };
    let mut night = during(files, once(), Some(&["link"]));
    night.signal("switch", "0", true, 1);
    night.signal("link", "1", true, 0);
    night.pass(HOUR + MINUTE);
    night.rung();
    night.signal("link", "1", true, 1);
    assert!(night.is_hidden("link", "1") && night.rung().is_empty());
    night.is_in_snapshot();
    night.pass(HOUR - 2 * MINUTE);
    assert!(night.is_hidden("link", "1"));
    night.rung();
    night.pass(MINUTE);
    assert!(night.is_open("link", "1") && night.rung().contains(&"marie".to_owned()));
}
