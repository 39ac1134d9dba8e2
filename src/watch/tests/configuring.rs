//! What follows when the files say something else while alarms stand.

use std::sync::Arc;

use super::night::{Modem, Night};
use super::site::{Alarm, Files, MINUTE, SINGLE, WAIT, double, person, policy, steps};
use crate::watch::alarm::AlarmState;
use crate::watch::event::Action;
use crate::watch::event::Happening;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::site::{ConfirmBy, OnReturn, Policy};

#[test]
fn an_alarm_whose_definition_is_gone_still_asks_and_then_ends() {
    let mut files = Files::with(policy(SINGLE));
    let mut night = Night::over(&files);
    night.active();
    files.alarms.clear();
    night.reload(&files);
    assert_eq!(night.state(), AlarmState::ReturnedUnacknowledged);
    night.rung();
    night.pass(WAIT);
    assert_eq!(night.rung(), ["karim", "paul"]);
    night.answers("karim", "");
    assert_eq!(night.state(), AlarmState::Normal);
}

#[test]
fn an_alarm_that_became_momentary_does_not_stand_for_ever() {
    let mut files = Files::with(policy(SINGLE));
    let mut night = Night::over(&files);
    night.active();
    night.answers("marie", "");
    files.alarms[0].momentary = true;
    night.reload(&files);
    assert_eq!(night.state(), AlarmState::Normal);
}

#[test]
fn a_delay_of_a_definition_that_is_gone_opens_nothing() {
    let mut files = Files::with(policy(SINGLE)).alarm(|alarm| alarm.on_delay = MINUTE);
    let mut night = Night::over(&files);
    night.active();
    files.alarms.clear();
    night.reload(&files);
    night.pass(2 * MINUTE);
    assert_eq!(night.state(), AlarmState::Normal);
    assert!(night.watch.state().alarm("pump", "").is_none());
}

#[test]
fn the_ladder_is_that_of_the_opening_and_not_of_the_delay_before() {
    let mut files = Files::with(policy(SINGLE)).alarm(|alarm| alarm.on_delay = MINUTE);
    let mut night = Night::over(&files);
    night.active();
    let other = Policy { steps: steps(&[&["paul"]]), ..policy(SINGLE) };
    files.policies.insert("technique".into(), Arc::new(other));
    night.reload(&files);
    night.pass(MINUTE);
    assert_eq!(night.rung(), ["paul"]);
}

#[test]
fn ladders_that_nothing_needs_are_forgotten() {
    let mut files = Files::with(policy(SINGLE));
    let mut night = Night::over(&files);
    for repeat in 0..20 {
        let edited = Policy { repeat, ..policy(double(ConfirmBy::Same)) };
        files.policies.insert("technique".into(), Arc::new(edited));
        night.reload(&files);
    }
    assert!(night.watch.state().policies.len() <= 2);
}

#[test]
fn who_is_no_longer_in_the_files_is_called_no_more() {
    let mut files = Files::with(policy(SINGLE));
    let mut night = Night::over(&files);
    night.active();
    files.unreachable = vec![person("karim")];
    night.reload(&files);
    night.rung();
    night.pass(WAIT);
    assert_eq!(night.rung(), ["paul"]);
}

#[test]
fn a_fault_of_the_house_is_told_once_and_its_end_ends_it() {
    let files = Files::with(policy(SINGLE)).last_resort(policy(SINGLE));
    let mut night = Night::over(&files);
    let raised = SelfSignal::raised(SelfAlarm::ModemLost, "gsm.orange", "no answer");
    night.happens(Happening::Own(raised.clone()));
    night.happens(Happening::Own(raised));
    assert_eq!(night.rung(), ["marie"]);
    assert_eq!(night.says_of_itself("modem-lost", "gsm.orange"), AlarmState::Unacknowledged);
    night.happens(Happening::Own(SelfSignal::cleared(SelfAlarm::ModemLost, "gsm.orange")));
    assert_eq!(night.says_of_itself("modem-lost", "gsm.orange"), AlarmState::Normal);
}

#[test]
fn two_definitions_may_claim_one_signal_s_alarm_each() {
    let mut files = Files::with(Policy { on_return: OnReturn::Hold, ..policy(SINGLE) });
    files.alarms.push(Alarm { escalation: None, ..Alarm::named("pump") });
    files.alarms[1].name = "pump";
    let mut night = Night::over(&files);
    night.modem = Modem::IsDown;
    night.active();
    night.command("marie", Action::Acknowledge);
    assert_eq!(night.state(), AlarmState::Acknowledged);
}

#[test]
fn an_escalation_that_the_files_no_longer_have_takes_no_other_with_it() {
    let mut files = Files::with(policy(SINGLE)).last_resort(policy(SINGLE));
    let mut night = Night::over(&files);
    files.last_resort = None;
    files.policies.remove("everybody");
    night.reload(&files);
    night.active();
    assert_eq!(night.rung(), ["marie"]);
}
