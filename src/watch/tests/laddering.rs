//! Who is called, in which order, until somebody answers (behaviour §4).

use std::sync::Arc;

use super::night::{Modem, Night};
use super::site::{Files, MINUTE, SINGLE, WAIT, person, policy, steps};
use crate::watch::alarm::AlarmState;
use crate::watch::decision::{Decision, Fact};
use crate::watch::escalation::Rung;
use crate::watch::event::{Action, Attempt, Delivered, Entropy, Event, Happening};
use crate::watch::name::{GroupId, ScheduleId};
use crate::watch::own_alarms::SelfAlarm;
use crate::watch::site::{Policy, Recipient};

fn climbing(steps: Vec<crate::watch::site::Step>, repeat: u32) -> Files {
    Files::with(Policy { steps, repeat, ..policy(SINGLE) })
}

fn active(files: &Files) -> Night {
    let mut night = Night::over(files);
    night.active();
    night
}

#[test]
fn the_first_step_fires_when_the_occurrence_opens_and_silence_escalates() {
    let mut night = active(&Files::with(policy(SINGLE)));
    assert_eq!(night.rung(), ["marie"]);
    night.pass(WAIT - MINUTE);
    assert!(night.rung().is_empty());
    night.pass(MINUTE);
    assert_eq!(night.rung(), ["karim", "paul"]);
}

#[test]
fn without_a_last_resort_the_ladder_repeats_until_somebody_answers() {
    let mut night = active(&climbing(steps(&[&["marie"]]), 0));
    night.pass(10 * WAIT);
    assert_eq!(night.rung().len(), 11);
    night.answers("marie", "");
    night.rung();
    night.pass(10 * WAIT);
    assert!(night.rung().is_empty());
}

#[test]
fn repeat_two_means_three_passes_and_then_the_last_resort_until_somebody_answers() {
    let files = climbing(steps(&[&["marie"]]), 2)
        .last_resort(Policy { steps: steps(&[&["karim"], &["paul"]]), ..policy(SINGLE) });
    let mut night = active(&files);
    night.pass(6 * WAIT);
    assert_eq!(night.rung(), ["marie", "marie", "marie", "karim", "paul", "karim", "paul"]);
}

#[test]
fn the_last_resort_itself_repeats_until_somebody_answers() {
    let last = Policy { steps: steps(&[&["karim"]]), ..policy(SINGLE) };
    let files = climbing(steps(&[&["marie"]]), 0)
        .last_resort(last)
        .alarm(|alarm| alarm.escalation = Some("everybody"));
    let mut night = active(&files);
    night.pass(3 * WAIT);
    assert_eq!(night.rung(), ["karim"; 4]);
}

#[test]
fn the_code_is_the_same_through_all_passes_and_the_last_resort() {
    let files = climbing(steps(&[&["marie"]]), 1)
        .last_resort(Policy { steps: steps(&[&["marie"]]), ..policy(SINGLE) });
    let mut night = active(&files);
    let code = night.code("marie").to_string();
    night.pass(5 * WAIT);
    let told = night.phone("marie");
    assert!(told.len() == 6 && told.iter().all(|text| text.ends_with(&code)), "{told:?}");
}

#[test]
fn a_step_that_reaches_nobody_is_skipped_at_once_and_said_in_the_record() {
    let mut night = active(&climbing(steps(&[&["nadia"], &["marie"]]), 0));
    assert_eq!(night.rung(), ["marie"]);
    let skipped = |fact: &Fact| matches!(fact, Fact::Climbed { rung: Rung::Skipped { at }, .. } if at.step == 0);
    assert!(night.facts().any(skipped));
    assert_eq!(night.says_of_itself("nobody", "pump"), AlarmState::Normal);
}

#[test]
fn who_declined_is_skipped_in_every_pass() {
    let mut night = active(&climbing(steps(&[&["marie"], &["karim"]]), 0));
    night.rung();
    night.answers("marie", "non");
    night.pass(3 * WAIT);
    assert!(night.rung().iter().all(|who| who == "karim"));
}

#[test]
fn a_pass_in_which_nobody_can_be_called_is_an_alarm_and_is_tried_again_after_a_minute() {
    let mut files = climbing(steps(&[&["marie"], &["karim"]]), 0);
    files.unreachable = vec![person("marie"), person("karim")];
    let mut night = active(&files);
    assert!(night.rung().is_empty());
    assert_eq!(night.says_of_itself("nobody", "pump"), AlarmState::Acknowledged);
    let before = night.decisions.len();
    night.pass(MINUTE - MINUTE / 60);
    assert_eq!(night.decisions.len(), before, "nothing happens for a minute");
    files.unreachable.clear();
    night.reload(&files);
    night.pass(MINUTE / 60);
    assert_eq!(night.rung(), ["marie"]);
    assert_eq!(night.says_of_itself("nobody", "pump"), AlarmState::Normal);
}

#[test]
fn the_alarm_that_nobody_can_be_reached_goes_to_the_last_resort() {
    let mut files = climbing(steps(&[&["nadia"]]), 0)
        .last_resort(Policy { steps: steps(&[&["paul"]]), ..policy(SINGLE) });
    files.alarms[0].escalation = Some("technique");
    let mut night = active(&files);
    let told = night.phone("paul");
    assert!(told.len() == 1 && told[0].contains("technique"), "{told:?}");
    night.pass(MINUTE);
    assert_eq!(
        night.phone("paul").len(),
        2,
        "the occurrence itself, and that somebody is reached after all"
    );
}

#[test]
fn a_ladder_that_never_reaches_anybody_says_so_once_and_goes_on() {
    let mut night = active(&climbing(steps(&[&["nadia"]]), 0));
    night.pass(60 * MINUTE);
    let raised = night.facts().filter(|fact| matches!(fact, Fact::OwnRaised { .. })).count();
    assert_eq!(raised, 1);
    assert!(night.open().ladder.is_climbing());
}

#[test]
fn that_one_of_vigies_own_alarms_reaches_nobody_is_not_one_more_alarm() {
    let files = climbing(steps(&[&["nadia"]]), 0)
        .last_resort(Policy { steps: steps(&[&["nadia"]]), ..policy(SINGLE) });
    let mut night = active(&files);
    night.pass(60 * MINUTE);
    assert_eq!(raised(&night), [("nobody", "pump".into())]);
}

#[test]
fn a_refused_message_about_one_of_vigies_own_alarms_is_not_one_more_alarm() {
    let mut files = climbing(steps(&[&["nadia"]]), 0)
        .last_resort(Policy { steps: steps(&[&["paul"]]), ..policy(SINGLE) });
    files.alarms[0].escalation = Some("technique");
    let mut night = Night::over(&files);
    night.modem = Modem::IsDown;
    night.active();
    let about_itself = night
        .queued()
        .into_iter()
        .find(|owed| owed.text.contains("technique"))
        .expect("the last resort is told that nobody can be reached");
    night.report(about_itself.id, Attempt::Started { parts: 1 });
    night.report(about_itself.id, Attempt::Refused("no such number".into()));
    assert_eq!(raised(&night), [("nobody", "pump".into())]);
}

#[test]
fn that_nobody_can_be_reached_is_over_when_somebody_answers_all_the_same() {
    let mut files = climbing(steps(&[&["marie"]]), 0);
    files.unreachable = vec![person("marie")];
    let mut night = active(&files);
    assert_eq!(night.says_of_itself("nobody", "pump"), AlarmState::Acknowledged);
    night.command("paul", Action::Acknowledge);
    assert_eq!(night.says_of_itself("nobody", "pump"), AlarmState::Normal);
}

/// What Vigie has said of itself, and of what.
fn raised(night: &Night) -> Vec<(&'static str, String)> {
    let raised = |fact: &Fact| match fact {
        Fact::OwnRaised { alarm, subject, .. } => Some((alarm.name(), subject.to_string())),
        _ => None,
    };
    night.facts().filter_map(raised).collect()
}

#[test]
fn groups_and_schedules_are_resolved_when_the_step_fires_and_each_person_is_called_once() {
    let mut policy = policy(SINGLE);
    policy.steps[1].notify = vec![
        Recipient::Schedule(ScheduleId::new("technique")),
        Recipient::Group(GroupId::new("all")),
    ];
    let mut files = Files::with(policy);
    let mut night = active(&files);
    night.rung();
    files.on_call = vec![person("paul")];
    night.reload(&files);
    night.pass(WAIT);
    assert_eq!(night.rung(), ["paul", "marie", "karim"]);
}

#[test]
fn a_modem_that_is_down_makes_nobody_unreachable_and_saves_up_no_repetitions() {
    let mut night = Night::over(&climbing(steps(&[&["marie"], &["karim"]]), 0));
    night.modem = Modem::IsDown;
    night.active();
    night.pass(20 * WAIT);
    assert_eq!(night.queued().len(), 2, "one call to each, however long it lasts");
    night.modem = Modem::Works;
    night.pass(MINUTE);
    assert_eq!(night.rung(), ["marie", "karim"]);
}

#[test]
fn a_refused_message_to_the_only_one_called_shortens_the_wait() {
    let mut night = Night::over(&climbing(steps(&[&["marie"], &["karim"]]), 0));
    night.modem = Modem::IsDown;
    night.active();
    let marie = night.queued()[0].id;
    night.report(marie, Attempt::Started { parts: 1 });
    night.report(marie, Attempt::Refused("no such number".into()));
    night.modem = Modem::Works;
    night.pass(MINUTE / 60);
    assert_eq!(night.rung(), ["karim"]);
    assert_eq!(night.says_of_itself("sms-rejected", "marie"), AlarmState::Normal);
    assert!(night.watch.state().alarm("sms-rejected", "marie").is_some(), "and is an alarm");
}

#[test]
fn a_refused_message_to_one_of_two_leaves_the_other_time_to_answer() {
    let mut night = Night::over(&climbing(steps(&[&["marie", "paul"], &["karim"]]), 0));
    night.active();
    let marie = night.sent().into_iter().find(|owed| owed.person.as_str() == "marie").unwrap();
    night.rung();
    night.network(&marie, Delivered::Expired);
    assert!(night.rung().is_empty());
    night.pass(WAIT);
    assert_eq!(night.rung(), ["karim"]);
}

#[test]
fn a_delivered_message_neither_lengthens_nor_satisfies_a_wait() {
    let mut night = active(&climbing(steps(&[&["marie"], &["karim"]]), 0));
    night.rung();
    let marie = night.sent()[0].clone();
    night.pass(WAIT - MINUTE);
    night.network(&marie, Delivered::Delivered);
    night.pass(MINUTE);
    assert_eq!(night.rung(), ["karim"]);
}

#[test]
fn a_number_that_is_always_refused_is_not_called_as_fast_as_it_refuses() {
    let mut night = Night::over(&climbing(steps(&[&["marie"]]), 0));
    night.modem = Modem::IsDown;
    night.active();
    let mut calls = 0;
    for _ in 0..60 {
        while let Some(owed) = night.queued().first().cloned() {
            calls += 1;
            night.report(owed.id, Attempt::Started { parts: 1 });
            night.report(owed.id, Attempt::Refused("no such number".into()));
        }
        night.pass(MINUTE / 60);
    }
    assert!(calls <= 2, "{calls} calls in a minute");
    assert!(night.open().ladder.is_climbing());
}

#[test]
fn a_ladder_without_any_wait_still_leaves_a_minute_between_its_passes() {
    let mut all = steps(&[&["marie"], &["karim"]]);
    all.iter_mut().for_each(|step| step.wait = std::time::Duration::ZERO);
    let mut night = active(&climbing(all, 0));
    assert_eq!(night.rung(), ["marie", "karim"]);
    night.pass(MINUTE);
    assert_eq!(night.rung(), ["marie", "karim"]);
}

#[test]
fn the_ladder_is_frozen_when_the_occurrence_opens() {
    let mut files = climbing(steps(&[&["marie"], &["karim"]]), 0);
    let mut night = active(&files);
    night.rung();
    let other = Policy { steps: steps(&[&["paul"]]), ..policy(SINGLE) };
    files.policies.insert("technique".into(), Arc::new(other));
    night.reload(&files);
    night.pass(WAIT);
    assert_eq!(night.rung(), ["karim"]);
    night.command("karim", Action::Acknowledge);
    night.normal();
    night.rung();
    night.active();
    assert_eq!(night.rung(), ["paul"]);
}

#[test]
fn a_refused_message_of_the_last_step_calls_the_last_resort_at_once() {
    let files = climbing(steps(&[&["marie"]]), 0)
        .last_resort(Policy { steps: steps(&[&["karim"]]), ..policy(SINGLE) });
    let mut night = Night::over(&files);
    night.modem = Modem::IsDown;
    night.active();
    let marie = night.queued()[0].id;
    night.report(marie, Attempt::Started { parts: 1 });
    night.report(marie, Attempt::Refused("no such number".into()));
    night.pass(MINUTE / 60);
    assert!(night.queued().iter().any(|owed| {
        owed.person.as_str() == "karim" && owed.occurrence == Some(night.number())
    }));
}

#[test]
fn an_alarm_whose_ladder_is_not_on_record_is_told_and_climbed_again_after_a_minute() {
    let night = active(&climbing(steps(&[&["marie"]]), 0));
    let number = night.open().activation.policy.unwrap();
    let mut watch = night.watch.clone();
    let lost = vec![Fact::PolicyForgotten { number }];
    watch.apply(&Decision { facts: lost, ..Decision::nothing(night.now) });
    let mut now = night.now;
    now.mono = now.mono.after(WAIT);
    let happening = Happening::Deadline;
    let decision = watch.decide(&Event { happening, entropy: Entropy(1) }, now);
    assert!(decision.own.iter().any(|own| own.alarm == SelfAlarm::Nobody), "{decision:?}");
    watch.apply(&decision);
    assert_eq!(watch.next_deadline(), Some(now.mono.after(MINUTE)));
}

#[test]
fn a_pass_in_which_one_step_called_somebody_was_not_in_vain() {
    let mut night = active(&climbing(steps(&[&["marie"], &["karim"], &["paul"]]), 0));
    night.command("karim", Action::Decline);
    night.command("paul", Action::Decline);
    night.rung();
    night.pass(2 * WAIT);
    assert_eq!(night.rung(), ["marie", "marie"]);
    assert!(night.watch.state().alarm("nobody", "pump").is_none());
}

#[test]
fn a_call_says_for_how_long_its_step_waits() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.modem = Modem::IsDown;
    night.active();
    assert_eq!(night.queued()[0].answer_within, Some(WAIT));
}
