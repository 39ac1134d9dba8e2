//! What is gathered is owed like a message that waits, and no more than it: what gets worse leaves at once, and what is no
//! longer owed does not leave (behaviour §5, §8).

use super::night::{Modem, Night};
use super::site::{Alarm, Files, NONE, SINGLE, WAIT, person, policy, steps};
use super::storming::{
    HOLD, SECOND, THREE, WINDOW, code, critical, everybody, fail, files, open, stormy, waiting,
};
use super::swapping::{HOUR, swap};
use crate::watch::alarm::{AlarmState, OccurrenceNumber};
use crate::watch::event::{Attempt, Happening};
use crate::watch::notification::Purpose;
use crate::watch::site::{Acknowledge, Policy, Priority};
use crate::watch::storm::Storm;
use crate::watch::suppression::{Request, Wish};

/// Each queue is too long at once.
const SLOW: Storm = Storm { messages: 3, window: WINDOW, reach_within: SECOND };

fn calls(names: &[&str], acknowledge: Acknowledge) -> Policy {
    let mut all = steps(&[names]);
    all[0].wait = 60 * WAIT;
    Policy { steps: all, ..policy(acknowledge) }
}

/// By its own ladder Marie alone is called, while swapped Karim alone.
fn swapped(own: Policy, other: Policy, storm: Storm) -> Night {
    Night::over(&Files { storm, ..Files::with(own) }.swaps_to("fitters", other))
}

fn shelve(night: &mut Night, which: &str) {
    quieten(night, which, Wish::Shelve { lasting: HOUR, once: false, reason: None });
}

fn quieten(night: &mut Night, which: &str, wish: Wish) {
    let which = which.parse().unwrap();
    let request = Request { person: person("karim"), account: "root".into(), which, wish };
    night.happens(Happening::Quieten(request));
}

fn texts(night: &Night, name: &str) -> Vec<String> {
    waiting(night, name).iter().map(|owed| owed.text.to_string()).collect()
}

#[test]
fn what_is_gathered_and_becomes_critical_leaves_at_once() {
    let mut night = stormy(THREE);
    fail(&mut night, 1..=6);
    night.phone("marie");
    critical(&mut night, "5");
    let told = night.phone("marie");
    assert_eq!(told.len(), 1, "she does not wait for the end of the window");
    let begins = "4 alarmes Nord: CRITIQUE: Pompe 5 2. HAUTE: Pompe 3 1; Pompe 4 1; Pompe 6 1. ";
    assert!(told[0].starts_with(begins), "{told:?}");
    assert_eq!(night.sms("marie", code(&told[0])), "4 à vous.");
}

#[test]
fn past_the_window_too_what_becomes_critical_leaves_at_once() {
    let mut night = stormy(THREE);
    fail(&mut night, 1..=6);
    night.pass(HOLD);
    fail(&mut night, 7..=8);
    night.phone("marie");
    critical(&mut night, "8");
    let told = night.phone("marie");
    assert!(told.len() == 1, "{told:?}");
    assert!(
        told[0].starts_with("2 alarmes Nord: CRITIQUE: Pompe 8 2. HAUTE: Pompe 7 1."),
        "{told:?}"
    );
    fail(&mut night, 9..=9);
    critical(&mut night, "9");
    assert!(night.phone("marie").is_empty(), "she was called about something as bad");
    night.pass(WINDOW);
    assert_eq!(night.phone("marie").len(), 1);
}

#[test]
fn what_waits_in_a_digest_and_becomes_critical_waits_no_longer_among_what_is_not() {
    let mut night = stormy(SLOW);
    night.modem = Modem::IsDown;
    fail(&mut night, 1..=8);
    night.pass(2 * SECOND);
    assert!(texts(&night, "marie")[0].starts_with("8 alarmes Nord: HAUTE: Pompe 1 1;"));
    critical(&mut night, "7");
    let worst = waiting(&night, "marie").into_iter().max_by_key(|owed| owed.priority).unwrap();
    assert!(
        worst.priority == Priority::Critical && worst.text.starts_with("CRITIQUE Nord: Pompe 7 2.")
    );
    night.pass(2 * SECOND);
    let waits = waiting(&night, "marie");
    assert_eq!(waits.len(), 1, "{waits:?}");
    assert!(waits[0].text.starts_with("8 alarmes Nord: CRITIQUE: Pompe 7 2. HAUTE: Pompe 1 1;"));
    assert_eq!(waits[0].priority, Priority::Critical);
}

#[test]
fn when_the_worst_message_will_not_leave_the_next_worst_does() {
    let mut night = stormy(THREE);
    fail(&mut night, 1..=2);
    night.pass(HOLD);
    night.phone("marie");
    night.modem = Modem::IsDown;
    critical(&mut night, "3");
    let first = waiting(&night, "marie").pop().unwrap();
    night.report(first.id, Attempt::Started { parts: 1 });
    critical(&mut night, "4");
    night.pass(SECOND);
    assert!(waiting(&night, "marie").is_empty(), "it is gathered: she is being told of one as bad");
    night.report(first.id, Attempt::Refused("unknown number".into()));
    night.pass(SECOND);
    let told = texts(&night, "marie");
    assert!(
        told.iter().any(|text| text.contains("CRITIQUE") && text.contains("Pompe 4 2")),
        "{told:?}"
    );
}

#[test]
fn what_is_gathered_of_those_who_are_called_anew_is_not_told_before_their_step() {
    let ladder = Policy { steps: steps(&[&["paul"], &["marie"]]), ..everybody(SINGLE) };
    let mut night = Night::over(&files(ladder, THREE));
    fail(&mut night, 1..=6);
    night.pass(WAIT - 3 * SECOND);
    night.phone("marie");
    critical(&mut night, "5");
    night.pass(HOLD);
    let told = night.phone("marie");
    assert!(told.iter().all(|text| !text.contains("Pompe 5 ")), "Paul is asked first: {told:?}");
    night.pass(WAIT);
    let told = night.phone("marie");
    assert!(
        told.iter().any(|text| text.contains("CRITIQUE") && text.contains("Pompe 5 2")),
        "{told:?}"
    );
}

#[test]
fn information_that_comes_again_and_again_is_not_held_for_ever() {
    let mut night = Night::over(&files(everybody(NONE), THREE));
    fail(&mut night, 1..=2);
    for _ in 0..6 {
        night.signal("pump", "3", true, 1);
        night.pass(HOLD / 4);
        night.signal("pump", "3", false, 1);
    }
    let told = night.phone("paul");
    assert!(told.iter().any(|text| text.contains("Pompe 3 1")), "{told:?}");
}

#[test]
fn what_is_gathered_for_one_team_is_told_to_the_other_when_its_group_is_swapped() {
    let mut night = swapped(calls(&["marie"], SINGLE), calls(&["karim"], SINGLE), THREE);
    fail(&mut night, 1..=6);
    assert_eq!(night.phone("marie").len(), 2);
    swap(&mut night, Some(HOUR));
    night.pass(WINDOW);
    let told = night.phone("marie");
    assert!(told.len() == 1 && told[0].contains("2 alarmes vont à fitters"), "{told:?}");
    let told = night.phone("karim").join("\n");
    for number in 1..=6 {
        assert!(told.contains(&format!("Pompe {number} 1")), "{told}");
    }
    swap(&mut night, None);
    night.pass(WINDOW + HOLD);
    assert!(night.phone("marie").iter().any(|text| text.contains("Pompe 6 1")), "and back");
}

/// Pumps go to the fitters while swapped, fans do not; a digest of both waits for Marie.
fn pumps_and_fans() -> Night {
    let mut files = Files { storm: SLOW, ..Files::with(calls(&["marie"], SINGLE)) }
        .swaps_to("fitters", calls(&["karim"], SINGLE));
    files.alarms.push(Alarm::named("fan"));
    let mut night = Night::over(&files);
    night.modem = Modem::IsDown;
    fail(&mut night, 1..=3);
    for key in ["8", "9"] {
        night.signal("fan", key, true, 1);
    }
    night.pass(2 * SECOND);
    assert!(texts(&night, "marie")[0].starts_with("5 alarmes Nord"));
    night
}

#[test]
fn a_digest_that_waits_is_worded_anew_without_what_has_moved() {
    let mut night = pumps_and_fans();
    swap(&mut night, Some(HOUR));
    let told = texts(&night, "marie");
    assert!(
        told.len() == 1 && told[0].starts_with("2 alarmes Nord: HAUTE: Pompe 8 1; Pompe 9 1."),
        "{told:?}"
    );
    night.pass(2 * SECOND);
    let told = texts(&night, "karim");
    assert!(
        told.len() == 1 && told[0].starts_with("3 alarmes Nord: HAUTE: Pompe 1 1;"),
        "{told:?}"
    );
}

#[test]
fn a_digest_that_a_modem_has_in_hand_does_not_leave_again_as_it_was() {
    let mut night = pumps_and_fans();
    let digest = waiting(&night, "marie").pop().unwrap();
    night.report(digest.id, Attempt::Started { parts: 1 });
    swap(&mut night, Some(HOUR));
    assert_eq!(night.thawed(), *night.watch.state(), "a snapshot has what was struck");
    night.report(digest.id, Attempt::Failed("no network".into()));
    night.pass(SECOND);
    let told = texts(&night, "marie");
    let told: Vec<&String> = told.iter().filter(|text| text.contains("Pompe")).collect();
    assert!(
        told.len() == 1 && told[0].starts_with("2 alarmes Nord: HAUTE: Pompe 8 1;"),
        "{told:?}"
    );
    let mut night = pumps_and_fans();
    let digest = waiting(&night, "marie").pop().unwrap();
    night.report(digest.id, Attempt::Started { parts: 1 });
    swap(&mut night, Some(HOUR));
    night.restart(60 * SECOND);
    night.pass(HOLD);
    assert_eq!(
        texts(&night, "marie")[0],
        *digest.text,
        "it may have left: it is said in the same words"
    );
}

#[test]
fn who_stands_on_both_ladders_is_told_of_what_has_moved_by_the_other() {
    let both = || calls(&["karim"], SINGLE);
    let mut night = swapped(both(), both(), SLOW);
    night.modem = Modem::IsDown;
    fail(&mut night, 1..=4);
    night.pass(2 * SECOND);
    swap(&mut night, Some(HOUR));
    night.pass(2 * SECOND);
    let told = texts(&night, "karim");
    assert!(told.len() == 1 && told[0].starts_with("4 alarmes Nord"), "{told:?}");
}

#[test]
fn what_waits_as_an_information_is_no_question() {
    for modem in [Modem::Works, Modem::IsDown] {
        let mut night = swapped(calls(&["karim"], NONE), calls(&["karim"], SINGLE), THREE);
        night.modem = modem;
        fail(&mut night, 1..=6);
        swap(&mut night, Some(HOUR));
        night.modem = Modem::Works;
        night.pass(WINDOW + HOLD);
        let told = night.phone("karim");
        assert!(told.last().unwrap().contains("Pour tout prendre"), "{told:?}");
        let asked = told.iter().filter(|text| !text.starts_with("Pour information"));
        let asked: Vec<&String> = asked.filter(|text| text.contains("Pompe 6 1")).collect();
        assert_eq!(asked.len(), 1, "{told:?}");
        assert_eq!(open(&night).len(), 6);
    }
}

#[test]
fn what_comes_back_and_goes_to_the_other_team_asks_who_has_its_information_waiting() {
    let files = Files::with(calls(&["karim"], NONE)).alarm(|alarm| alarm.latch = true);
    let mut night = Night::over(&files.swaps_to("fitters", calls(&["karim"], SINGLE)));
    night.modem = Modem::IsDown;
    night.active();
    night.normal();
    swap(&mut night, Some(HOUR));
    night.active();
    assert_eq!(night.state(), AlarmState::Unacknowledged);
    let purposes: Vec<Purpose> = waiting(&night, "karim").iter().map(|owed| owed.purpose).collect();
    assert_eq!(purposes, [Purpose::Call]);
}

#[test]
fn information_that_is_gathered_or_waits_in_a_digest_is_not_told_once_its_alarm_is_shelved() {
    for (storm, modem) in [(THREE, Modem::Works), (SLOW, Modem::IsDown)] {
        for momentary in [false, true] {
            let files = files(everybody(NONE), storm).alarm(|alarm| alarm.momentary = momentary);
            let mut night = Night::over(&files);
            night.modem = modem;
            fail(&mut night, 1..=6);
            if modem == Modem::IsDown {
                night.pass(2 * SECOND);
            }
            shelve(&mut night, "pump[5]");
            shelve(&mut night, "pump[6]");
            assert!(texts(&night, "paul").iter().all(|text| !text.contains("Pompe 5")), "at once");
            night.modem = Modem::Works;
            night.pass(HOLD);
            let told = night.phone("paul").join("\n");
            assert!(told.contains("Pompe 3 1; Pompe 4 1."), "{told}");
            assert!(!told.contains("Pompe 5") && !told.contains("Pompe 6"), "{told}");
        }
    }
}

#[test]
fn information_of_a_definition_that_is_out_of_service_is_not_told() {
    for momentary in [false, true] {
        let mut files = files(everybody(NONE), THREE);
        files.alarms.push(Alarm::named("fan"));
        files.alarms.iter_mut().for_each(|alarm| alarm.momentary = momentary);
        let mut night = Night::over(&files);
        fail(&mut night, 1..=5);
        night.signal("fan", "9", true, 1);
        night.phone("paul");
        quieten(&mut night, "pump", Wish::TakeOut { reason: None });
        night.pass(WINDOW);
        let told = night.phone("paul").join("\n");
        let informed = told.lines().filter(|text| text.contains("nformation"));
        let informed: Vec<&str> = informed.collect();
        assert!(informed.len() <= 1 && !informed.join("").contains("Pompe 5"), "{told}");
        assert!(told.contains("Pompe 9 1"), "{told}");
    }
}

#[test]
fn information_that_waits_is_not_told_once_its_cause_is_known() {
    for (storm, modem) in [(THREE, Modem::Works), (SLOW, Modem::IsDown)] {
        let mut files = files(everybody(NONE), storm);
        let link = Alarm { suppressed_by: vec![("switch", None)], ..Alarm::named("link") };
        files.alarms.extend([Alarm::named("switch"), link]);
        let mut night = Night::over(&files);
        night.modem = modem;
        fail(&mut night, 1..=3);
        night.signal("link", "8", true, 1);
        night.pass(2 * SECOND);
        night.signal("switch", "9", true, 1);
        night.pass(2 * SECOND);
        night.modem = Modem::Works;
        night.pass(HOLD);
        let told = night.phone("paul").join("\n");
        assert!(told.contains("Pompe 3 1; Pompe 9 1."), "{told}");
        assert!(!told.contains("Pompe 8 1"), "it is an effect: {told}");
    }
}

#[test]
fn information_that_waits_is_not_lost_when_more_joins_it() {
    let files = files(everybody(NONE), SLOW).alarm(|alarm| alarm.momentary = true);
    let mut night = Night::over(&files);
    night.modem = Modem::IsDown;
    for last in 1..=6 {
        fail(&mut night, last..=last);
        night.pass(2 * SECOND);
    }
    let told = texts(&night, "paul");
    let all = "6 alarmes Nord: HAUTE: Pompe 1 1; Pompe 2 1; Pompe 3 1; Pompe 4 1; Pompe 5 1;";
    assert!(told.len() == 1 && told[0].contains(all), "{told:?}");
}

#[test]
fn what_was_taken_back_stays_so_through_a_restart_and_a_snapshot() {
    let mut night = Night::over(&files(everybody(NONE), THREE));
    fail(&mut night, 1..=6);
    shelve(&mut night, "pump[5]");
    night.phone("paul");
    assert_eq!(night.thawed(), *night.watch.state());
    night.restart(20 * SECOND);
    night.pass(HOLD);
    let told = night.phone("paul").join("\n");
    assert!(told.contains("Pompe 3 1; Pompe 4 1; Pompe 6 1."), "{told}");
}

#[test]
fn a_digest_of_before_is_read_and_written_as_it_was() {
    let written = r#"{"kind":"ask","members":[{"occurrence":7,"run":0}],"since":3}"#;
    let digest: crate::watch::storm::Digest = serde_json::from_str(written).unwrap();
    assert!(digest.struck.is_empty());
    assert_eq!(serde_json::to_string(&digest).unwrap(), written);
}

#[test]
fn what_is_gathered_for_somebody_who_is_gone_from_the_files_is_dropped() {
    let mut files = files(everybody(SINGLE), THREE);
    let mut night = Night::over(&files);
    fail(&mut night, 1..=6);
    files.unreachable.push("marie".into());
    night.reload(&files);
    night.pass(HOLD);
    assert!(night.queued().is_empty());
    assert!(!night.watch.state().storms.will_call(&"marie".into(), OccurrenceNumber(4), 0));
}
