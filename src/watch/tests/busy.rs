//! Whoever holds what is not confirmed yet is called last for what is not worse, and is never left out for good.

use std::time::Duration;

use super::night::{Modem, Night};
use super::site::{CONFIRM_WITHIN, Files, SINGLE, WAIT, double, person, policy, steps};
use super::storming::{THREE, critical, fail};
use crate::watch::alarm::OccurrenceNumber;
use crate::watch::decision::Fact;
use crate::watch::escalation::{Ladder, Rung};
use crate::watch::event::{Action, Happening, Target};
use crate::watch::site::{Acknowledge, ConfirmBy, Policy, WhileBusy};
use crate::watch::storm::Storm;

/// Marie and Karim first, then Paul; two alarms of it, and Marie is at work on the first.
fn at_work(policy: Policy) -> Night {
    let mut night = Night::over(&Files::with(policy));
    night.signal("pump", "", true, 1);
    night.answers("marie", "");
    night.rung();
    night
}

fn both_then_paul(acknowledge: Acknowledge) -> Policy {
    Policy { steps: steps(&[&["marie", "karim"], &["paul"]]), ..policy(acknowledge) }
}

fn second(night: &mut Night) -> Vec<String> {
    night.signal("pump", "2", true, 1);
    night.rung()
}

fn answers(night: &mut Night, name: &str, words: &str) {
    let open = night.watch.state().alarm("pump", "2").and_then(|alarm| alarm.open.as_deref());
    let code = open.and_then(|open| open.code_of(&person(name))).expect("was called");
    night.sms(name, &format!("{code} {words}"));
    night.rung();
}

#[test]
fn who_is_at_work_on_an_alarm_is_called_one_step_later_for_the_next_one() {
    let mut night = at_work(both_then_paul(double(ConfirmBy::Same)));
    assert_eq!(second(&mut night), ["karim"]);
    night.pass(WAIT - Duration::from_secs(1));
    assert!(night.rung().is_empty());
    night.pass(Duration::from_secs(1));
    assert_eq!(night.rung(), ["paul", "marie"]);
}

#[test]
fn when_all_who_are_free_decline_who_is_at_work_is_called_at_once() {
    let mut night = at_work(both_then_paul(double(ConfirmBy::Same)));
    second(&mut night);
    let open = night.watch.state().alarm("pump", "2").unwrap().open.as_deref().unwrap();
    let code = open.code_of(&person("karim")).unwrap();
    night.sms("karim", &format!("{code} NON"));
    let rung = night.rung();
    assert!(rung.contains(&"marie".to_owned()) && rung.contains(&"paul".to_owned()), "{rung:?}");
}

#[test]
fn who_was_spared_is_called_next_even_if_they_are_free_by_then() {
    let mut night = at_work(both_then_paul(double(ConfirmBy::Same)));
    second(&mut night);
    night.answers("marie", "FIN");
    night.rung();
    night.pass(WAIT);
    assert_eq!(night.rung(), ["paul", "marie"]);
}

#[test]
fn nobody_is_spared_twice() {
    let steps = steps(&[&["marie", "karim"]]);
    let mut night = at_work(Policy { steps, repeat: 3, ..policy(double(ConfirmBy::Same)) });
    assert_eq!(second(&mut night), ["karim"]);
    for pass in 1..4 {
        night.pass(WAIT);
        assert_eq!(night.rung(), ["marie", "karim"], "pass {pass}");
    }
}

#[test]
fn where_all_are_at_work_all_are_called() {
    let mut night = at_work(both_then_paul(double(ConfirmBy::Same)));
    second(&mut night);
    answers(&mut night, "karim", "");
    night.signal("pump", "3", true, 1);
    assert_eq!(night.rung(), ["marie", "karim"]);
}

#[test]
fn nobody_is_spared_for_one_who_is_at_work_as_well() {
    let mut night = at_work(both_then_paul(double(ConfirmBy::Same)));
    second(&mut night);
    night.pass(WAIT);
    answers(&mut night, "paul", "");
    night.signal("pump", "3", true, 1);
    assert_eq!(night.rung(), ["karim"]);
    night.pass(WAIT);
    assert_eq!(night.rung(), ["paul", "marie"], "both are at work: neither waits for the other");
}

#[test]
fn for_what_is_worse_everybody_is_called() {
    let mut night = at_work(both_then_paul(double(ConfirmBy::Same)));
    night.signal("pump", "2", true, 2);
    assert_eq!(night.rung(), ["marie", "karim"]);
}

#[test]
fn where_two_must_come_nobody_is_spared_whom_that_takes() {
    let two = Acknowledge::Double {
        responders: 2,
        confirm_within: CONFIRM_WITHIN,
        confirm_by: ConfirmBy::Same,
    };
    let mut night = Night::over(&Files::with(both_then_paul(two)));
    night.signal("pump", "", true, 1);
    night.answers("marie", "");
    night.pass(WAIT);
    night.answers("paul", "");
    night.rung();
    assert_eq!(second(&mut night), ["marie", "karim"], "one free person is not enough");
}

#[test]
fn an_answer_that_owes_nothing_more_makes_nobody_busy() {
    let mut night = at_work(both_then_paul(SINGLE));
    assert_eq!(second(&mut night), ["marie", "karim"]);
    let mut night = at_work(both_then_paul(double(ConfirmBy::Same)));
    night.answers("marie", "FIN");
    night.rung();
    assert_eq!(second(&mut night), ["marie", "karim"]);
}

#[test]
fn a_policy_may_call_everybody_however_busy() {
    let normal =
        Policy { while_busy: WhileBusy::Normal, ..both_then_paul(double(ConfirmBy::Same)) };
    assert_eq!(second(&mut at_work(normal)), ["marie", "karim"]);
}

#[test]
fn a_test_makes_nobody_busy_and_calls_everybody_before_it_ends() {
    use crate::watch::event::Test;
    let steps = steps(&[&["marie", "karim"]]);
    let files = Files::with(Policy { steps, ..policy(double(ConfirmBy::Same)) });
    let mut night = Night::over(&files);
    let test = |night: &Night, key| {
        let signal = night.reading("pump", key, true, 1);
        Happening::Test(Test { person: person("paul"), account: "root".into(), signal })
    };
    let tested = test(&night, "");
    night.happens(tested);
    let number = night.watch.state().standing().map(|(_, open)| open.number).next().unwrap();
    let acknowledge =
        super::night::command("marie", Action::Acknowledge, Target::Occurrence(number));
    night.happens(acknowledge);
    night.rung();
    assert_eq!(second(&mut night), ["marie", "karim"], "a test is no work");
    answers(&mut night, "karim", "");
    let tested = test(&night, "3");
    night.happens(tested);
    assert_eq!(night.rung(), ["marie", "karim"], "no step follows that would call him");
}

#[test]
fn who_was_spared_is_called_through_a_restart_and_from_a_snapshot() {
    let mut night = at_work(both_then_paul(double(ConfirmBy::Same)));
    second(&mut night);
    let state = night.thawed();
    assert!(state == *night.watch.state());
    night.restart(Duration::from_secs(10));
    night.pass(WAIT);
    assert_eq!(night.rung(), ["paul", "marie"]);
    night.signal("pump", "4", true, 1);
    assert_eq!(night.rung(), ["karim"], "after a restart she is still at work");
}

#[test]
fn a_ladder_of_before_november_27_spares_nobody() {
    let written = r#"{"climbing":{"next":{"phase":"own","pass":0,"step":1},"due":{"since":0,"due":1,"mono":1},"fired":true,"called":["karim"],"seeks":"answer"}}"#;
    let ladder: Ladder = serde_json::from_str(written).unwrap();
    assert!(ladder.spared().is_empty());
    assert_eq!(serde_json::to_string(&ladder).unwrap(), written, "and is written as before");
}

#[test]
fn the_record_names_who_was_spared() {
    let mut night = at_work(both_then_paul(double(ConfirmBy::Same)));
    second(&mut night);
    let spared = night.facts().find_map(|fact| match fact {
        Fact::Climbed { rung: Rung::Fired { .. }, ladder, .. } if !ladder.spared().is_empty() => {
            Some(ladder.spared().to_vec())
        }
        _ => None,
    });
    assert_eq!(spared, Some(vec![person("marie")]));
}

/// Marie is at work on one alarm; she and Karim are called about four more, again and again.
fn in_a_storm(level: i64, modem: Modem) -> Night {
    let ladder = Policy {
        steps: steps(&[&["marie", "karim"]]),
        repeat: 9,
        ..policy(double(ConfirmBy::Same))
    };
    let mut night =
        Night::over(&Files { storm: Storm { messages: 2, ..THREE }, ..Files::with(ladder) });
    night.signal("pump", "", true, level);
    night.answers("marie", "");
    night.modem = modem;
    fail(&mut night, 2..=5);
    night
}

/// Whether Marie was called, rung by rung, about that occurrence.
fn marie_is_called(night: &Night, number: u64) -> Vec<bool> {
    let rungs = night.facts().filter_map(|fact| match fact {
        Fact::Climbed {
            occurrence: OccurrenceNumber(known),
            rung: Rung::Fired { people, .. },
            ..
        } => (*known == number).then(|| people.contains(&person("marie"))),
        _ => None,
    });
    rungs.collect()
}

#[test]
fn who_is_called_by_a_digest_alone_is_not_spared_at_every_second_step() {
    for modem in [Modem::Works, Modem::IsDown] {
        let mut night = in_a_storm(1, modem);
        night.pass(5 * WAIT);
        let open = night.watch.state().occurrence(OccurrenceNumber(4)).unwrap();
        assert!(open.code_of(&person("marie")).is_none(), "she was called by a digest");
        assert_eq!(marie_is_called(&night, 4), [false, true, true, true, true, true], "{modem:?}");
    }
}

#[test]
fn who_was_spared_is_called_when_it_becomes_worse() {
    let mut night = in_a_storm(2, Modem::Works);
    critical(&mut night, "4");
    assert_eq!(marie_is_called(&night, 4), [false, true], "spared once, never twice");
}
