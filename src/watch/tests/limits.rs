//! What stands at the edges: what calls nobody, what has no room, and the words of the manual.

use super::night::Night;
use super::site::{Files, MINUTE, SINGLE, policy};
use crate::watch::alarm::{Alarm, AlarmNumber, AlarmState};
use crate::watch::event::Happening;
use crate::watch::state::STANDING_LIMIT;

#[test]
fn who_held_what_comes_back_worse_reads_how_it_is_now() {
    let files = Files::with(policy(SINGLE)).alarm(|alarm| alarm.latch = true);
    let mut night = Night::over(&files);
    night.active();
    night.answers("marie", "");
    night.normal();
    night.rung();
    night.worse();
    let told = night.phone("marie");
    assert!(told.len() == 2 && told.iter().all(|text| text.contains("Pompe  2")), "{told:?}");
}

#[test]
fn an_event_that_calls_nobody_stands_only_if_it_latches() {
    for latch in [false, true] {
        let files = Files::with(policy(SINGLE)).alarm(|alarm| {
            (alarm.escalation, alarm.momentary, alarm.latch) = (None, true, latch);
        });
        let mut night = Night::over(&files);
        night.active();
        assert_eq!(night.watch.state().standing_count(), usize::from(latch));
    }
}

#[test]
fn an_alarm_that_becomes_an_event_waits_for_no_delay() {
    let mut files = Files::with(policy(SINGLE)).alarm(|alarm| alarm.on_delay = MINUTE);
    let mut night = Night::over(&files);
    night.active();
    files.alarms[0].momentary = true;
    night.watch.adopt(files.site());
    night.active();
    assert_eq!(night.state(), AlarmState::ReturnedUnacknowledged);
}

#[test]
fn when_no_more_alarms_can_be_held_the_next_is_unclaimed_and_vigie_says_so() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    for number in 1_000..u64::try_from(STANDING_LIMIT).unwrap() + 1_000 {
        let number = AlarmNumber(number);
        let alarm = Alarm::new(number, "elsewhere".into(), "".into());
        night.watch.state.alarms.insert(number, alarm);
    }
    let signal = night.reading("pump", "", true, 1);
    night.one(Happening::Signal(signal));
    assert!(night.watch.state().alarm("pump", "").is_none());
    assert_eq!(night.watch.state().counters().unclaimed, 1);
    assert_eq!(night.says_of_itself("too-many-alarms", ""), AlarmState::Acknowledged);
}

#[test]
fn a_state_is_written_as_the_manual_says() {
    let all = [
        (AlarmState::Normal, "normal"),
        (AlarmState::Unacknowledged, "unacknowledged"),
        (AlarmState::Acknowledged, "acknowledged"),
        (AlarmState::ReturnedUnacknowledged, "returned_unacknowledged"),
        (AlarmState::LatchedUnacknowledged, "latched_unacknowledged"),
        (AlarmState::LatchedAcknowledged, "latched_acknowledged"),
    ];
    for (state, word) in all {
        assert_eq!(state.as_str(), word);
    }
}
