//! Who is on call is changed by people, and never by nobody's word (behaviour §6, §7).

use std::time::Duration;

use jiff::civil::date;

use super::night::Night;
use super::site::{Files, MINUTE, SINGLE, WAIT, person, policy, turns};
use crate::watch::alarm::AlarmState;
use crate::watch::decision::{Fact, Outcome, Refusal};
use crate::watch::event::Happening;
use crate::watch::name::ScheduleId;
use crate::watch::roster::Wish;
use crate::watch::schedule::{Hours, Override, Schedule, Window};
use crate::watch::site::{Channel, Policy, Recipient, Step};
use crate::watch::time::Utc;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// Marie, then Karim, a day each from midnight on. The night begins on Thursday, 1 January 2026, with Marie.
pub(super) fn daily() -> Schedule {
    turns(&["marie", "karim"], 1, date(2026, 1, 1).at(0, 0, 0, 0))
}

fn files(schedule: Schedule) -> Files {
    let step = Step {
        notify: vec![Recipient::Schedule(ScheduleId::new("technique"))],
        by: vec![Channel::Sms],
        wait: WAIT,
    };
    let mut files = Files::with(Policy { steps: vec![step], ..policy(SINGLE) });
    files.schedule = Some(schedule);
    files
}

fn night() -> Night {
    Night::over(&files(daily()))
}

fn typed(night: &mut Night, name: &str, schedule: &str, lasting: Duration) -> Outcome {
    let (person, account) = (person(name), "root".into());
    night.happens(Happening::Rostering(Wish {
        person,
        account,
        schedule: schedule.into(),
        lasting,
    }))
}

fn on_call(night: &mut Night) -> Vec<String> {
    night.rung();
    night.active();
    let called = night.rung();
    let first = called.first().cloned().unwrap_or_default();
    night.answers(&first, "");
    night.normal();
    night.rung();
    called
}

#[test]
fn whoever_has_a_turn_takes_the_schedule_and_it_comes_back_by_itself() {
    let mut night = night();
    assert_eq!(on_call(&mut night), ["marie"]);
    let told = night.sms("karim", "PRENDS technique 30H");
    assert_eq!(told, "Vous êtes d'astreinte pour technique jusqu'à ven 06:00. Ensuite: KARIM.");
    assert_eq!(
        night.phone("marie"),
        ["KARIM prend l'astreinte technique jusqu'à ven 06:00. Ensuite: KARIM."]
    );
    assert_eq!(on_call(&mut night), ["karim"]);
    night.pass(29 * HOUR);
    assert!(night.rung().is_empty(), "nobody is told that it ends");
    let told = night.sms("marie", "take technique 2h");
    assert!(told.contains("jusqu'à 07:00. Ensuite: KARIM"), "{told}");
    assert_eq!(night.phone("karim").len(), 1);
    assert_eq!(on_call(&mut night), ["marie"], "the latest counts");
    night.pass(2 * HOUR);
    assert_eq!(on_call(&mut night), ["karim"], "whose turn it is");
}

#[test]
fn who_has_left_the_files_or_lost_their_number_stands_in_for_nobody() {
    let mut night = night();
    night.sms("karim", "PRENDS technique 30H");
    assert_eq!(on_call(&mut night), ["karim"]);
    night.reload(&Files { unreachable: vec![person("karim")], ..files(daily()) });
    assert_eq!(on_call(&mut night), ["marie"], "whose turn it is");
    night.reload(&files(daily()));
    assert_eq!(on_call(&mut night), ["karim"], "what was taken is kept");
}

#[test]
fn who_has_no_turn_is_refused_unless_they_have_the_right() {
    let mut night = night();
    let told = night.sms("paul", "TAKE technique 2H");
    assert!(told.contains("pas de tour dans technique"), "{told}");
    assert!(night.sms("marie", "TAKE standard 2H").contains("Il y a: technique"));
    assert_eq!(on_call(&mut night), ["marie"]);
    let mut night = Night::over(&Files { may_take: vec![person("paul")], ..files(daily()) });
    assert!(night.sms("paul", "TAKE technique 2H").contains("d'astreinte"));
    assert_eq!(on_call(&mut night), ["paul"]);
}

#[test]
fn what_is_taken_counts_above_the_overrides_of_the_files() {
    let mut schedule = daily();
    let from = Utc::from("2025-12-31T00:00:00Z".parse::<jiff::Timestamp>().unwrap());
    let until = from.after(30 * DAY);
    schedule.overrides = vec![Override { person: person("paul"), from, until }];
    let mut night = Night::over(&files(schedule));
    assert_eq!(on_call(&mut night), ["paul"]);
    night.sms("karim", "TAKE technique 2H");
    assert_eq!(on_call(&mut night), ["karim"]);
    night.pass(2 * HOUR);
    assert_eq!(on_call(&mut night), ["paul"]);
}

#[test]
fn a_schedule_is_taken_on_the_command_line_as_by_sms() {
    let mut night = night();
    let done = typed(&mut night, "karim", "Technique", HOUR);
    assert!(matches!(&done, Outcome::Done(told) if told.contains("01:00")), "{done:?}");
    assert_eq!(night.rung(), ["marie"], "who is relieved; who is at the keyboard reads it there");
    assert_eq!(on_call(&mut night), ["karim"]);
    let refused = typed(&mut night, "karim", "standard", HOUR);
    assert!(matches!(refused, Outcome::Refused(Refusal(_))));
    assert!(matches!(typed(&mut night, "nobody", "technique", HOUR), Outcome::Refused(_)));
}

#[test]
fn what_was_taken_outlives_a_restart_and_is_forgotten_when_it_is_past() {
    let mut night = night();
    night.sms("karim", "TAKE technique 20H");
    night.restart(MINUTE);
    assert_eq!(on_call(&mut night), ["karim"]);
    assert_eq!(night.thawed(), *night.watch.state(), "a snapshot holds it");
    night.pass(2 * DAY);
    night.sms("karim", "TAKE technique 1H");
    let written = serde_json::to_string(night.watch.state().roster()).unwrap();
    assert_eq!(written.matches("karim").count(), 1, "{written}");
}

#[test]
fn whoever_takes_a_schedule_by_forged_messages_without_end_wakes_nobody_without_end() {
    let mut night = night();
    for hours in 1..=5 {
        let told = night.sms("karim", &format!("TAKE technique {hours}H"));
        assert!(told.starts_with("Vous êtes d'astreinte"), "{told}");
    }
    assert_eq!(night.phone("marie").len(), 5);
    let counts = night
        .facts()
        .any(|fact| matches!(fact, Fact::Owed { notification } if notification.counts()));
    assert!(!counts, "nothing of it keeps back what calls her");
    night.restart(MINUTE);
    night.rung();
    let refused = night.sms("karim", "TAKE technique 9H");
    assert!(refused.contains("cinq fois par SMS en une heure: rien n'est changé"), "{refused}");
    assert!(night.phone("marie").is_empty());
    assert_eq!(night.thawed(), *night.watch.state(), "a snapshot holds it");
    typed(&mut night, "marie", "technique", HOUR);
    assert_eq!(on_call(&mut night), ["marie"], "the command line still can");
    night.pass(HOUR);
    night.rung();
    let told = night.sms("karim", "TAKE technique 1H");
    assert!(told.starts_with("Vous êtes d'astreinte"), "{told}");
    assert_eq!(night.thawed(), *night.watch.state(), "what is an hour old is forgotten");
}

#[test]
fn no_number_of_orders_makes_the_memory_grow() {
    let mut night = night();
    for _ in 0..200 {
        typed(&mut night, "karim", "technique", 20 * HOUR);
    }
    let written = serde_json::to_string(night.watch.state().roster()).unwrap();
    assert!(written.matches("karim").count() <= 64, "{}", written.len());
}

#[test]
fn who_is_on_call_is_told_to_who_asks() {
    let mut night = night();
    assert_eq!(night.sms("paul", "ASTREINTE"), "technique: MARIE jusqu'à ven 00:00");
    night.sms("karim", "TAKE technique 20H");
    assert_eq!(night.sms("paul", "oncall Technique"), "technique: KARIM jusqu'à 20:00");
    assert!(night.sms("paul", "ONCALL standard").contains("Pas de planning STANDARD"));
}

#[test]
fn two_shifts_are_traded_when_the_other_agrees() {
    let mut night = night();
    let asked = night.sms("marie", "ECHANGE karim 03/01");
    assert_eq!(
        asked,
        "Demandé à KARIM (technique): votre sam 03/01 00:00-dim 04/01 00:00 contre ven 02/01 00:00-sam 03/01 00:00. Rien ne change sans son accord."
    );
    let question = night.phone("karim").remove(0);
    let code = question.rsplit(' ').next().unwrap().to_owned();
    assert!(
        question.starts_with(
            "MARIE échange technique: sam 03/01 00:00-dim 04/01 00:00 contre votre ven 02/01"
        ),
        "{question}"
    );
    assert_eq!(on_call(&mut night), ["marie"]);
    assert!(night.sms("paul", &format!("{code} OK")).contains("pas un des vôtres"));
    night.restart(MINUTE);
    night.rung();
    let told = night.sms("karim", &format!("{code} ok"));
    assert!(told.starts_with("Échangé (technique): KARIM sam 03/01"), "{told}");
    assert_eq!(night.phone("marie"), [told]);
    let in_force = night
        .watch
        .state()
        .roster()
        .in_force(night.watch.site(), &"technique".into(), &daily())
        .into_owned();
    let days = [1, 2, 3, 4].map(|days| night.now.utc.after(days * DAY));
    let people = days.map(|day| in_force.on_call(day).remove(0).as_str().to_owned());
    assert_eq!(people, ["marie", "karim", "karim", "marie"]);
    assert!(night.sms("karim", &format!("{code} ok")).contains("terminée"), "it counts once");
}

#[test]
fn a_trade_that_is_declined_changes_nothing_and_is_told_to_both() {
    let mut night = night();
    night.sms("marie", "SWAP karim 3/1");
    let code = night.phone("karim").remove(0).rsplit(' ').next().unwrap().to_owned();
    assert!(night.sms("karim", &format!("{code} ?")).ends_with(&code), "the question again");
    let told = night.sms("karim", &format!("{code} NON"));
    assert_eq!(told, "KARIM ne veut pas échanger (technique): chacun garde son tour.");
    assert_eq!(night.phone("marie"), [told]);
    assert_eq!(
        serde_json::to_string(night.watch.state().roster()).unwrap().matches("taken").count(),
        0
    );
}

#[test]
fn a_question_that_nobody_answers_ends_before_a_shift_begins() {
    let mut night = night();
    night.sms("marie", "SWAP karim 3/1");
    night.rung();
    night.pass(24 * HOUR - MINUTE);
    assert!(night.rung().is_empty());
    night.pass(MINUTE);
    assert_eq!(night.phone("marie"), ["KARIM n'a pas répondu: pas d'échange (technique)."]);
}

#[test]
fn what_has_changed_meanwhile_is_not_traded() {
    let mut night = night();
    night.sms("marie", "SWAP karim 3/1");
    let code = night.phone("karim").remove(0).rsplit(' ').next().unwrap().to_owned();
    night.sms("karim", "TAKE technique 72H");
    night.phone("marie");
    let told = night.sms("karim", &format!("{code} OK"));
    assert_eq!(told, "Échange impossible: le planning technique a changé entre-temps.");
    assert_eq!(night.phone("marie"), [told]);
}

#[test]
fn what_cannot_be_traded_is_said() {
    let mut night = night();
    assert!(night.sms("marie", "SWAP karim 2/1").contains("Pas de tour à vous seul le 02/01"));
    assert!(night.sms("marie", "SWAP marie 3/1").contains("On ne peut pas échanger avec MARIE"));
    assert!(
        night.sms("marie", "SWAP nadia 3/1").contains("On ne peut pas échanger"),
        "she has no phone"
    );
    night.sms("marie", "SWAP karim 3/1");
    assert!(night.sms("marie", "SWAP karim 3/1").contains("Déjà demandé"));
}

#[test]
fn that_nobody_is_on_call_is_an_alarm_from_the_first_minute_on() {
    let mut schedule = daily();
    schedule.rotations[0].hours = Some(Hours(vec![Window {
        days: crate::watch::schedule::Days { weekdays: [true; 7], holidays: false },
        from: 8 * 60,
        until: 20 * 60,
    }]));
    let files = files(schedule).last_resort(policy(SINGLE));
    let mut night = Night::over(&files);
    let stands = |night: &Night| night.says_of_itself("schedule-uncovered", "technique");
    assert_eq!(stands(&night), AlarmState::Unacknowledged);
    let told = night.phone("marie");
    assert!(told[0].contains("Personne d'astreinte pour technique, jusqu'à 08:00"), "{told:?}");
    night.pass(8 * HOUR - MINUTE);
    assert_eq!(stands(&night), AlarmState::Unacknowledged);
    night.pass(MINUTE);
    assert_eq!(stands(&night), AlarmState::Normal);
    night.pass(12 * HOUR - MINUTE);
    assert_eq!(stands(&night), AlarmState::Normal);
    night.restart(Duration::from_secs(1));
    night.pass(MINUTE);
    assert_eq!(stands(&night), AlarmState::Unacknowledged);
    night.rung();
    night.sms("karim", "TAKE technique 5H");
    assert_eq!(stands(&night), AlarmState::Normal, "somebody has taken it");
    night.pass(5 * HOUR);
    assert_eq!(stands(&night), AlarmState::Unacknowledged);
    let other = Files { schedule: None, ..files };
    night.reload(&other);
    assert_eq!(stands(&night), AlarmState::Normal, "somebody is always on call now");
}

#[test]
fn every_message_about_a_schedule_is_one_sms() {
    let mut night = night();
    night.sms("marie", "SWAP karim 3/1");
    night.sms("karim", "TAKE technique 30H");
    night.sms("paul", "TAKE technique 30H");
    night.sms("paul", "ASTREINTE");
    let owed = night.facts().filter_map(|fact| match fact {
        Fact::Owed { notification } => Some(notification.text.to_string()),
        _ => None,
    });
    let texts: Vec<String> = owed.collect();
    assert!(texts.len() >= 5, "{texts:?}");
    for text in texts {
        // Names here have five letters; a first and a second one of twelve have room as well.
        let names = ["MARIE", "KARIM"].map(|name| text.matches(name).count()).iter().sum::<usize>();
        assert!(text.chars().count() + names * 7 <= 160, "{} {text}", text.chars().count());
    }
}

#[test]
fn a_shift_is_that_of_the_day_and_of_one_person_alone() {
    let schedule = daily();
    let at = |written: &str| Utc::from(written.parse::<jiff::Timestamp>().unwrap());
    assert_eq!(schedule.same_until(at("2026-01-01T05:00:00Z")), Some(at("2026-01-02T00:00:00Z")));
    let both = Schedule::always(vec![person("marie"), person("karim")]);
    assert_eq!(both.same_until(at("2026-01-01T05:00:00Z")), None);
    let mut night = Night::over(&files(both));
    assert!(night.sms("marie", "SWAP karim 3/1").contains("Pas de tour à vous seul"));
}
