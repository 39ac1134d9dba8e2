//! What a restart, and a wall clock that jumps, may change: nothing that anybody waits for
//! (behaviour §4, §10).

use std::time::Duration;

use super::night::{Modem, Night};
use super::site::{CONFIRM_WITHIN, Files, MINUTE, SINGLE, WAIT, double, policy, steps};
use super::storming::{SECOND, THREE, WINDOW, fail, stormy};
use crate::watch::NOTICEABLE;
use crate::watch::alarm::AlarmState;
use crate::watch::decision::Fact;
use crate::watch::event::{Action, Attempt};
use crate::watch::site::{ConfirmBy, Policy};

fn active(policy: Policy) -> Night {
    let mut night = Night::over(&Files::with(policy));
    night.active();
    night.rung();
    night
}

#[test]
fn a_short_restart_changes_nothing_and_tells_nobody() {
    let mut night = active(policy(SINGLE));
    night.restart(NOTICEABLE - Duration::from_micros(1));
    assert!(night.rung().is_empty());
    night.pass(WAIT - NOTICEABLE + Duration::from_micros(1));
    assert_eq!(night.rung(), ["karim", "paul"]);
}

#[test]
fn a_restart_that_lasts_half_a_minute_is_told() {
    let mut night = active(policy(SINGLE));
    night.restart(NOTICEABLE);
    assert_eq!(night.rung(), ["marie"]);
}

#[test]
fn one_message_sums_up_a_restart_that_interrupted_open_alarms() {
    let mut night = active(policy(SINGLE));
    night.signal("pump", "2", true, 1);
    night.rung();
    night.restart(2 * MINUTE);
    assert_eq!(
        night.phone("marie"),
        [
            "Vigie est de retour après 2 min au plus. Alarmes ouvertes pour vous: 2, sans réponse: 2. LISTE pour voir."
        ]
    );
}

#[test]
fn after_a_long_downtime_a_ladder_advances_one_step_for_the_lost_time() {
    let files = Policy { steps: steps(&[&["marie"], &["karim"], &["paul"]]), ..policy(SINGLE) };
    let mut night = active(files);
    night.restart(24 * 60 * MINUTE);
    assert_eq!(night.rung(), ["marie", "karim"], "the news of the restart, and the next step");
    night.pass(WAIT - MINUTE);
    assert!(night.rung().is_empty());
    night.pass(MINUTE);
    assert_eq!(night.rung(), ["paul"]);
}

#[test]
fn a_wall_clock_that_was_set_back_makes_nobody_wait_longer() {
    let mut night = active(policy(SINGLE));
    night.now.utc = night.now.utc.before(365 * 24 * 60 * MINUTE);
    night.restart_at_this_time();
    assert_eq!(night.rung(), ["karim", "paul"]);
}

#[test]
fn a_message_of_a_window_that_is_over_does_not_count_again_when_the_wall_clock_was_set_back() {
    let mut night = stormy(THREE);
    fail(&mut night, 1..=2);
    assert_eq!(night.phone("marie").len(), 2);
    night.pass(WINDOW);
    night.signal("pump", "1", true, 1);
    night.restart(20 * SECOND);
    night.now.utc = night.now.utc.before(WINDOW + 20 * SECOND);
    night.restart_at_this_time();
    fail(&mut night, 3..=3);
    let told = night.phone("marie");
    assert!(told.len() == 1 && told[0].starts_with("HAUTE Nord: Pompe 3"), "{told:?}");
}

#[test]
fn a_wall_clock_that_jumps_while_vigie_runs_changes_no_wait() {
    let mut night = active(policy(SINGLE));
    night.now.utc = night.now.utc.before(24 * 60 * MINUTE);
    night.pass(WAIT - MINUTE);
    assert!(night.rung().is_empty());
    night.pass(MINUTE);
    assert_eq!(night.rung(), ["karim", "paul"]);
}

#[test]
fn the_time_to_confirm_goes_on_through_a_restart() {
    let mut night = active(policy(double(ConfirmBy::Same)));
    night.answers("marie", "");
    night.restart(MINUTE);
    night.restart(MINUTE);
    assert_eq!(night.holder().as_deref(), Some("marie"));
    night.pass(CONFIRM_WITHIN - 2 * MINUTE);
    assert_eq!(night.state(), AlarmState::Unacknowledged);
}

#[test]
fn a_confirmation_that_was_due_while_vigie_was_down_is_asked_for_anew() {
    let mut night = active(policy(double(ConfirmBy::Same)));
    night.answers("marie", "");
    night.restart(2 * CONFIRM_WITHIN);
    assert_eq!(night.state(), AlarmState::Unacknowledged);
}

#[test]
fn a_delay_goes_on_through_a_restart() {
    let files = Files::with(policy(SINGLE)).alarm(|alarm| alarm.on_delay = 10 * MINUTE);
    let mut night = Night::over(&files);
    night.active();
    night.restart(4 * MINUTE);
    assert_eq!(night.decisions.last().unwrap().utc(), night.now.utc);
    assert_eq!(night.state(), AlarmState::Normal);
    night.pass(6 * MINUTE);
    assert_eq!(night.state(), AlarmState::Unacknowledged);
}

#[test]
fn a_message_that_was_under_way_is_said_again_with_the_same_code() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.modem = Modem::IsDown;
    night.active();
    let call = night.queued()[0].clone();
    night.report(call.id, Attempt::Started { parts: 1 });
    night.restart(MINUTE);
    night.pass(MINUTE);
    let again = night.queued()[0].clone();
    assert_eq!((again.id, again.text), (call.id, call.text));
}

#[test]
fn a_message_that_was_under_way_when_somebody_answered_is_not_said_again() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.modem = Modem::IsDown;
    night.active();
    let call = night.queued()[0].id;
    night.report(call, Attempt::Started { parts: 1 });
    night.command("karim", Action::Acknowledge);
    night.restart(MINUTE);
    assert!(night.watch.state().notification(call).is_none());
}

#[test]
fn a_lock_out_ends_on_time_through_a_restart() {
    let mut night = active(policy(SINGLE));
    for _ in 0..5 {
        night.sms("paul", "00000000");
    }
    assert_eq!(night.sms("paul", "LIST"), "");
    night.restart(59 * MINUTE);
    assert_eq!(night.sms("paul", "LIST"), "");
    night.pass(MINUTE);
    assert!(!night.sms("paul", "LIST").is_empty());
}

#[test]
fn an_entry_of_before_november_2026_left_in_one_message() {
    let written = r#"{"attempted":{"notification":7,"by":"gsm.orange"}}"#;
    let Fact::Attempted { parts, .. } = serde_json::from_str(written).unwrap() else {
        panic!("another fact");
    };
    assert_eq!(parts, 1);
}
