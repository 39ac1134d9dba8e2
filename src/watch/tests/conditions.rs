//! From signal to occurrence (behaviour §2).

use std::time::Duration;

use super::night::Night;
use super::site::{Files, MINUTE, NONE, SINGLE, WAIT, double, policy};
use crate::watch::alarm::AlarmState;
use crate::watch::event::{Action, Happening};
use crate::watch::signal::{Identity, Kind, Tells};
use crate::watch::site::{ConfirmBy, OnReturn, Priority};

fn delayed(on: Duration, off: Duration) -> Night {
    Night::over(&Files::with(policy(SINGLE)).alarm(|alarm| {
        alarm.on_delay = on;
        alarm.off_delay = off;
    }))
}

fn hold() -> crate::watch::site::Policy {
    crate::watch::site::Policy { on_return: OnReturn::Hold, ..policy(SINGLE) }
}

#[test]
fn an_alarm_is_active_until_it_returns_and_asks_until_it_is_acknowledged() {
    let mut night = Night::over(&Files::with(hold()));
    night.active();
    assert_eq!(night.state(), AlarmState::Unacknowledged);
    night.normal();
    assert_eq!(night.state(), AlarmState::ReturnedUnacknowledged);
    night.answers("marie", "");
    assert_eq!(night.state(), AlarmState::Normal);
}

#[test]
fn a_condition_that_holds_through_its_on_delay_opens_an_occurrence() {
    let mut night = delayed(MINUTE, Duration::ZERO);
    night.active();
    assert_eq!(night.state(), AlarmState::Normal);
    night.pass(MINUTE);
    assert_eq!(night.state(), AlarmState::Unacknowledged);
    assert_eq!(night.rung(), ["marie"]);
}

#[test]
fn a_condition_that_goes_within_its_on_delay_calls_nobody() {
    let mut night = delayed(MINUTE, Duration::ZERO);
    night.active();
    night.pass(MINUTE / 2);
    night.normal();
    night.pass(10 * MINUTE);
    assert_eq!(night.state(), AlarmState::Normal);
    assert!(night.rung().is_empty());
    assert!(night.watch.state().alarm("pump", "").is_none(), "nothing is remembered of it");
}

#[test]
fn what_is_worse_when_the_on_delay_ends_opens_as_bad_as_it_is() {
    let mut night = delayed(MINUTE, Duration::ZERO);
    night.active();
    night.pass(MINUTE / 2);
    night.worse();
    night.pass(MINUTE / 2);
    assert_eq!(night.open().activation.priority, Priority::Critical);
}

#[test]
fn a_cause_that_comes_back_is_not_lost_when_the_occurrence_is_acknowledged_in_the_on_delay() {
    let mut files = Files::with(hold()).alarm(|alarm| alarm.on_delay = MINUTE);
    files.alarms[0].off_delay = Duration::ZERO;
    let mut night = Night::over(&files);
    night.active();
    night.pass(MINUTE);
    night.normal();
    night.active();
    night.answers("marie", "");
    assert_eq!(night.state(), AlarmState::Normal, "what she answered to is over");
    night.rung();
    night.pass(MINUTE);
    assert_eq!(night.state(), AlarmState::Unacknowledged);
    assert_eq!(night.rung(), ["marie"]);
}

#[test]
fn an_off_delay_that_is_interrupted_is_no_return() {
    let mut night = delayed(Duration::ZERO, MINUTE);
    night.active();
    night.normal();
    night.pass(MINUTE / 2);
    night.active();
    night.pass(2 * MINUTE);
    assert_eq!(night.state(), AlarmState::Unacknowledged);
    night.normal();
    night.pass(MINUTE);
    assert_eq!(night.state(), AlarmState::Normal);
}

#[test]
fn a_repeated_signal_is_only_counted_and_wipes_nothing() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.active();
    night.answers("marie", "");
    night.active();
    night.active();
    assert_eq!(night.open().repeats, 2);
    assert_eq!(night.state(), AlarmState::Acknowledged);
    assert_eq!(night.holder().as_deref(), Some("marie"));
}

#[test]
fn the_same_inform_sent_twice_is_one_signal() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    for _ in 0..2 {
        let mut signal = night.reading("pump", "", true, 1);
        signal.kind = Kind::Snmp;
        signal.identity = Some(Identity(7));
        night.happens(Happening::Signal(signal));
    }
    assert_eq!(night.open().repeats, 0);
}

#[test]
fn a_return_before_any_acknowledgement_ends_it_and_tells_those_who_were_told() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.active();
    night.rung();
    night.normal();
    assert_eq!(night.state(), AlarmState::Normal);
    assert_eq!(night.rung(), ["marie"]);
}

#[test]
fn a_re_activation_after_an_acknowledgement_calls_anew_and_tells_the_former_holder() {
    let mut files = Files::with(policy(double(ConfirmBy::Same)));
    files.alarms[0].latch = true;
    let mut night = Night::over(&files);
    night.active();
    let (number, code) = (night.number(), night.code("marie"));
    night.answers("marie", "");
    night.normal();
    night.rung();
    night.active();
    assert_eq!(night.number(), number, "it keeps its number");
    assert_eq!(night.open().repeats, 1);
    assert_eq!(night.state(), AlarmState::Unacknowledged);
    assert_ne!(night.code("marie"), code, "a new run has new codes");
    let told = night.phone("marie");
    assert!(told[0].contains("ne vaut plus"), "{told:?}");
    assert!(told[1].ends_with(&night.code("marie").to_string()), "{told:?}");
    assert!(night.sms("marie", &code.to_string()).contains("ne vaut plus"));
    assert_eq!(night.state(), AlarmState::Unacknowledged);
}

#[test]
fn a_re_activation_before_any_acknowledgement_lets_the_ladder_go_on() {
    let mut night = Night::over(&Files::with(hold()));
    night.active();
    let code = night.code("marie");
    night.normal();
    night.pass(MINUTE);
    night.rung();
    night.active();
    assert_eq!(night.code("marie"), code);
    assert!(night.rung().is_empty());
    night.pass(WAIT - MINUTE);
    assert_eq!(night.rung(), ["karim", "paul"]);
}

#[test]
fn active_since_is_the_latest_activation() {
    let mut night = Night::over(&Files::with(hold()));
    night.active();
    let opened = night.open().active_since;
    night.normal();
    night.pass(MINUTE);
    night.active();
    assert_eq!(night.open().opened, opened);
    assert_eq!(opened.until(night.open().active_since), MINUTE);
}

#[test]
fn a_latched_alarm_stays_until_it_is_answered_and_reset() {
    let mut night = Night::over(&Files::with(policy(SINGLE)).alarm(|alarm| alarm.latch = true));
    night.active();
    night.command("marie", Action::Reset);
    assert_eq!(night.state(), AlarmState::Unacknowledged, "the cause is present");
    night.normal();
    assert_eq!(night.state(), AlarmState::LatchedUnacknowledged, "on-return is hold with latch");
    night.command("marie", Action::Reset);
    assert_eq!(night.state(), AlarmState::LatchedUnacknowledged, "nobody has answered");
    night.answers("marie", "");
    assert_eq!(night.state(), AlarmState::LatchedAcknowledged);
    night.command("karim", Action::Reset);
    assert_eq!(night.state(), AlarmState::Normal);
}

#[test]
fn a_reset_while_the_cause_is_present_does_nothing() {
    let mut night = Night::over(&Files::with(policy(SINGLE)).alarm(|alarm| alarm.latch = true));
    night.active();
    night.answers("marie", "");
    night.command("marie", Action::Reset);
    night.normal();
    assert_eq!(night.state(), AlarmState::LatchedAcknowledged);
}

#[test]
fn an_event_without_return_is_held_until_it_is_answered() {
    for (acknowledge, words) in [(SINGLE, ""), (double(ConfirmBy::Same), "FIN")] {
        let files = Files::with(policy(acknowledge)).alarm(|alarm| alarm.momentary = true);
        let mut night = Night::over(&files);
        night.active();
        assert_eq!(night.state(), AlarmState::ReturnedUnacknowledged);
        night.active();
        assert_eq!(night.open().repeats, 1, "only a repeat");
        night.pass(WAIT);
        assert_eq!(night.rung(), ["marie", "karim", "paul"]);
        night.answers("paul", words);
        assert_eq!(night.state(), AlarmState::Normal);
    }
}

#[test]
fn an_event_under_none_is_told_once_and_normal_at_once() {
    let files = Files::with(policy(NONE)).alarm(|alarm| alarm.momentary = true);
    let mut night = Night::over(&files);
    night.active();
    assert_eq!(night.state(), AlarmState::Normal);
    assert_eq!(night.watch.state().standing_count(), 0);
    night.pass(60 * MINUTE);
    assert_eq!(night.rung(), ["marie"]);
}

#[test]
fn without_an_escalation_nobody_is_called_and_nothing_is_unacknowledged() {
    let files = Files::with(policy(SINGLE)).alarm(|alarm| alarm.escalation = None);
    let mut night = Night::over(&files);
    night.active();
    assert_eq!(night.state(), AlarmState::Acknowledged);
    assert_eq!(night.holder(), None);
    night.pass(60 * MINUTE);
    night.normal();
    assert_eq!(night.state(), AlarmState::Normal);
    assert!(night.rung().is_empty());
}

#[test]
fn a_rise_in_priority_calls_again_from_the_first_step_with_the_same_codes() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.active();
    let code = night.code("marie");
    night.pass(WAIT);
    night.rung();
    night.worse();
    assert_eq!(night.code("marie"), code);
    let told = night.phone("marie");
    assert!(told.len() == 1 && told[0].starts_with("CRITIQUE"), "{told:?}");
}

#[test]
fn a_rise_in_priority_ends_an_acknowledgement_and_tells_the_holder() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.active();
    let code = night.code("marie");
    night.answers("marie", "");
    night.rung();
    night.worse();
    assert_eq!(night.state(), AlarmState::Unacknowledged);
    assert_ne!(night.code("marie"), code);
    let told = night.phone("marie");
    assert!(told.len() == 2 && told.iter().all(|text| text.contains("Pompe  2")), "{told:?}");
}

#[test]
fn what_is_less_bad_calls_nobody() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.worse();
    night.answers("marie", "");
    night.rung();
    night.active();
    assert_eq!(night.open().activation.priority, Priority::High);
    assert_eq!(night.state(), AlarmState::Acknowledged);
    assert!(night.rung().is_empty());
}

#[test]
fn each_key_is_an_alarm_of_its_own() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.signal("pump", "1", true, 1);
    night.signal("pump", "2", true, 1);
    assert_eq!(night.watch.state().standing_count(), 2);
    night.signal("pump", "1", false, 1);
    assert_eq!(night.watch.state().standing_count(), 1);
}

#[test]
fn what_nobody_claims_is_counted_and_shown_once() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.signal("valve", "1", true, 1);
    night.signal("valve", "2", true, 1);
    assert_eq!(night.watch.state().counters().unclaimed, 2);
    assert_eq!(night.watch.state().unclaimed().count(), 1);
}

/// The alarm's signal as somebody finds it when they begin to listen.
fn found(night: &mut Night, active: bool, level: i64) {
    let signal = night.reading("pump", "", active, level);
    let found = crate::watch::signal::Signal { tells: Tells::Standing, ..signal };
    night.happens(Happening::Signal(found));
}

#[test]
fn what_is_found_standing_is_an_alarm_and_found_again_no_repetition() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    found(&mut night, true, 1);
    assert_eq!(night.state(), AlarmState::Unacknowledged);
    assert_eq!(night.rung(), ["marie"]);
    for _ in 0..3 {
        found(&mut night, true, 1);
    }
    assert_eq!(night.open().repeats, 0, "nothing repeated itself: we asked again");
    assert!(night.rung().is_empty());
    found(&mut night, true, 2);
    assert_eq!(night.open().activation.priority, Priority::Critical, "worse is worse");
    found(&mut night, false, 1);
    assert_eq!(night.state(), AlarmState::Normal);
}

#[test]
fn an_event_that_somebody_left_to_be_read_happened_then_and_calls_nobody_now() {
    let mut night = Night::over(&Files::with(policy(SINGLE)).alarm(|alarm| alarm.momentary = true));
    found(&mut night, true, 1);
    assert!(night.watch.state().standing().next().is_none());
    assert!(night.rung().is_empty());
    night.active();
    assert_eq!(night.state(), AlarmState::ReturnedUnacknowledged);
    found(&mut night, true, 1);
    assert_eq!(night.open().repeats, 0);
}

#[test]
fn what_a_broker_sends_again_counts_once_and_what_only_looks_so_counts() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    let mut says = |tells| {
        let signal = night.reading("pump", "", true, 1);
        let identity = Some(Identity(7));
        let signal = crate::watch::signal::Signal { tells, identity, ..signal };
        night.happens(Happening::Signal(signal));
        night.open().repeats
    };
    assert_eq!(says(Tells::News), 0);
    assert_eq!(says(Tells::Again), 0, "sent again");
    assert_eq!(says(Tells::News), 1, "a number that has come round");
    assert_eq!(says(Tells::Again), 1);
}

#[test]
fn an_alarm_that_a_broker_sends_again_under_a_number_that_others_had_since_is_news() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    let mut says = |active, tells| {
        let signal = night.reading("pump", "", active, 1);
        let content = Identity(u64::from(active));
        let identity = Some(Identity::under(Identity(1), content, 0));
        let signal = crate::watch::signal::Signal { tells, identity, ..signal };
        night.happens(Happening::Signal(signal));
        night.watch.state().standing().any(|(_, open)| open.active)
    };
    assert!(says(true, Tells::News));
    assert!(!says(false, Tells::News));
    assert!(says(true, Tells::Again), "lost on its way the first time");
    assert!(says(true, Tells::Again), "known");
}
