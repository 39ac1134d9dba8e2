//! A test message to people from time to time, and who answers it (behaviour §6, §9).

use std::num::NonZeroU32;
use std::time::Duration;

use jiff::civil::date;

use super::night::{Modem, Night, command};
use super::site::{Files, MINUTE, SINGLE, person, policy};
use crate::watch::alarm::AlarmState;
use crate::watch::drills::{Drill, Held, LEDGER};
use crate::watch::event::{Action, Attempt, Happening, Target};
use crate::watch::name::DrillName;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::schedule::{Every, Turns, Wall};
use crate::watch::site::Recipient;

const DAY: Duration = Duration::from_secs(86_400);
const HOUR: Duration = Duration::from_secs(3_600);

/// Each month at 09:00 from the second of January 2026 on; the night begins on the first at midnight.
fn monthly() -> Drill {
    let first = date(2026, 1, 2).at(9, 0, 0, 0);
    Drill {
        who: vec![Recipient::Schedule("technique".into()), Recipient::Person(person("karim"))],
        times: Turns { first, every: Every::Months(NonZeroU32::MIN) },
        wall: Wall::of(jiff::tz::TimeZone::UTC),
        answer_within: 30 * MINUTE,
        escalation: None,
    }
}

fn files(drill: Drill) -> Files {
    let mut files = Files::with(policy(SINGLE)).last_resort(policy(SINGLE));
    files.drills.insert(DrillName::new("monthly"), drill);
    files
}

/// The drill has begun.
fn begun() -> Night {
    let mut night = Night::over(&files(monthly()));
    night.pass(33 * HOUR);
    night
}

fn latest(night: &Night) -> Held {
    night.watch.state().drills().ledger().next().expect("one was held").clone()
}

fn code(night: &Night, name: &str) -> String {
    let held = latest(night);
    let asked = held.asked.iter().find(|asked| asked.person == person(name)).unwrap();
    asked.code.unwrap().to_string()
}

/// Whoever is asked answers, and what stands is taken: nobody is called any more.
fn all_is_answered(night: &mut Night) {
    for asked in latest(night).asked {
        let code = asked.code.unwrap().to_string();
        night.sms(asked.person.as_str(), &code);
    }
    all_is_taken(night);
}

fn all_is_taken(night: &mut Night) {
    let open: Vec<_> = night.watch.state().standing().map(|(_, open)| open.number).collect();
    for number in open {
        night.happens(command("marie", Action::Acknowledge, Target::Occurrence(number)));
    }
}

fn is_silent(night: &Night, name: &str) -> bool {
    night.watch.state().stands(SelfAlarm::DrillUnanswered, &format!("monthly/{name}"))
}

#[test]
fn at_its_time_everybody_gets_a_message_that_cannot_be_taken_for_an_alarm() {
    let mut night = Night::over(&files(monthly()));
    night.pass(33 * HOUR - Duration::from_millis(1));
    assert!(night.rung().is_empty());
    night.pass(Duration::from_millis(1));
    for name in ["marie", "karim"] {
        let told = night.phone(name);
        let wanted = format!(
            "EXERCICE Nord: pas d'alarme, on vérifie que vous êtes joignable. Avant 09:30, répondez {}",
            code(&night, name)
        );
        assert_eq!(told, [wanted]);
        assert!(told[0].chars().count() <= 160);
    }
    assert_ne!(code(&night, "marie"), code(&night, "karim"));
    assert_eq!(night.watch.state().standing_count(), 0, "a drill is no alarm");
}

#[test]
fn an_answer_is_the_bare_code_or_stop_test_and_is_confirmed() {
    let mut night = begun();
    night.pass(2 * MINUTE);
    let (marie, karim) = (code(&night, "marie"), code(&night, "karim"));
    assert_eq!(night.sms("marie", &marie), "Exercice: réponse bien arrivée à 09:02. Merci.");
    night.pass(MINUTE);
    let said = night.sms("karim", &format!("stop-test {karim}"));
    assert_eq!(said, "Exercice: réponse bien arrivée à 09:03. Merci.");
    let said = night.sms("marie", &marie);
    assert_eq!(said, "Exercice: réponse bien arrivée à 09:02. Merci.", "once is enough");
    night.pass(HOUR);
    assert!(!is_silent(&night, "marie") && !is_silent(&night, "karim"));
    let answered: Vec<bool> =
        latest(&night).asked.iter().map(|asked| asked.answered.is_some()).collect();
    assert_eq!(answered, [true, true]);
}

#[test]
fn who_does_not_answer_is_an_alarm_until_they_do() {
    let mut night = begun();
    let (marie, karim) = (code(&night, "marie"), code(&night, "karim"));
    night.sms("marie", &marie);
    night.rung();
    night.pass(30 * MINUTE);
    assert!(!is_silent(&night, "marie") && is_silent(&night, "karim"));
    let told = night.phone("marie");
    assert!(told[0].contains("Exercice sans réponse : KARIM, monthly de 09:00."), "{told:?}");
    night.pass(HOUR);
    night.sms("karim", &karim);
    assert!(!is_silent(&night, "karim"), "late is better than never");
    assert!(latest(&night).asked.iter().all(|asked| asked.answered.is_some()));
}

#[test]
fn a_code_is_honoured_from_its_own_number_alone_and_wrong_ones_count() {
    let mut night = begun();
    let marie = code(&night, "marie");
    let said = night.sms("karim", &marie);
    assert!(said.contains("n'est pas") || said.contains("aucun"), "{said}");
    assert!(latest(&night).asked.iter().all(|asked| asked.answered.is_none()));
    for _ in 0..4 {
        night.sms("karim", "STOP-TEST 00000000");
    }
    assert_eq!(night.sms("karim", "LIST"), "", "five wrong codes lock a number out");
}

#[test]
fn the_next_drill_that_is_answered_ends_the_silence_and_the_old_code_is_over() {
    let mut night = begun();
    let old = code(&night, "marie");
    night.pass(HOUR);
    assert!(is_silent(&night, "marie"));
    all_is_taken(&mut night);
    night.pass(31 * DAY - HOUR);
    assert_ne!(code(&night, "marie"), old);
    let said = night.sms("marie", &old);
    assert_eq!(said, "L'exercice de 02/01 09:00 est terminé, cette réponse ne compte plus.");
    assert!(is_silent(&night, "marie"));
    let new = code(&night, "marie");
    night.sms("marie", &new);
    assert!(!is_silent(&night, "marie"));
}

#[test]
fn nine_in_the_morning_stays_nine_in_the_morning() {
    let paris = jiff::tz::TimeZone::get("Europe/Paris").unwrap();
    let mut night = Night::over(&files(Drill { wall: Wall::of(paris.clone()), ..monthly() }));
    for month in 1..=12_i8 {
        let due = night.watch.state().drills().next().next().unwrap().1;
        let shown = due.timestamp().to_zoned(paris.clone());
        assert_eq!((shown.month(), shown.day(), shown.hour()), (month, 2, 9));
        night.pass(night.now.utc.until(due));
        all_is_answered(&mut night);
    }
}

#[test]
fn a_daemon_that_was_away_holds_it_within_the_hour_and_else_skips_it() {
    let mut night = Night::over(&files(monthly()));
    night.pass(30 * HOUR);
    night.restart(3 * HOUR + 59 * MINUTE);
    assert!(night.rung().contains(&"marie".to_owned()));
    assert!(latest(&night).began.is_some());
    let mut night = Night::over(&files(monthly()));
    night.pass(30 * HOUR);
    night.restart(4 * HOUR + MINUTE);
    assert!(night.rung().is_empty());
    let held = latest(&night);
    assert!(held.began.is_none() && held.asked.is_empty());
    night.pass(31 * DAY);
    assert!(latest(&night).began.is_some(), "the next one is held");
}

#[test]
fn a_drill_goes_on_through_a_restart_and_a_snapshot() {
    let mut night = begun();
    let marie = code(&night, "marie");
    night.restart(10 * MINUTE);
    let restored = night.thawed();
    assert!(restored == *night.watch.state());
    night.sms("marie", &marie);
    night.pass(20 * MINUTE);
    assert!(!is_silent(&night, "marie") && is_silent(&night, "karim"));
    assert!(latest(&night).until.is_none());
}

#[test]
fn a_clock_that_was_set_back_waits_for_the_time_of_the_drill() {
    let mut night = Night::over(&files(monthly()));
    night.now.utc = night.now.utc.before(2 * HOUR);
    night.pass(33 * HOUR);
    assert!(night.rung().is_empty());
    night.pass(2 * HOUR);
    assert_eq!(night.rung(), ["marie", "karim"]);
}

#[test]
fn a_message_that_no_modem_took_in_time_is_not_sent_later_and_nobody_has_answered() {
    let mut night = Night::over(&files(monthly()));
    night.modem = Modem::IsDown;
    night.pass(34 * HOUR);
    assert!(is_silent(&night, "marie") && is_silent(&night, "karim"));
    let drills = night.queued().iter().filter(|owed| owed.text.starts_with("EXERCICE")).count();
    assert_eq!(drills, 0);
}

#[test]
fn a_clock_that_was_put_right_brings_the_drill_when_it_shows_its_time() {
    let mut night = Night::over(&files(monthly()));
    night.pass(30 * HOUR);
    night.now.utc = night.now.utc.after(3 * HOUR - MINUTE);
    night.happens(Happening::Own(SelfSignal::raised(SelfAlarm::ClockStepped, "clock", "set")));
    assert!(night.watch.state().drills().ledger().next().is_none());
    night.pass(MINUTE);
    assert!(latest(&night).began.is_some());
}

#[test]
fn who_has_answered_is_not_asked_again_by_a_message_that_was_in_doubt() {
    let mut night = Night::over(&files(monthly()));
    night.modem = Modem::IsDown;
    night.pass(33 * HOUR);
    let owed = night.queued()[0].clone();
    night.report(owed.id, Attempt::Started { parts: 1 });
    let marie = code(&night, "marie");
    night.sms("marie", &marie);
    night.report(owed.id, Attempt::Failed("no network".into()));
    assert!(night.watch.state().notification(owed.id).is_none());
}

#[test]
fn a_drill_that_names_a_policy_calls_its_people_and_not_the_last_resort() {
    let drill = Drill { escalation: Some("technique".into()), ..monthly() };
    let mut files = files(drill);
    files.policies.insert(
        "technique".into(),
        std::sync::Arc::new(crate::watch::site::Policy {
            steps: super::site::steps(&[&["paul"]]),
            ..policy(SINGLE)
        }),
    );
    files.drills.insert(
        DrillName::new("other"),
        Drill { who: vec![Recipient::Person(person("paul"))], ..monthly() },
    );
    let mut night = Night::over(&files);
    night.pass(33 * HOUR);
    night.rung();
    night.pass(30 * MINUTE);
    let told = night.phone("paul");
    assert_eq!(told.iter().filter(|text| text.contains("monthly de 09:00")).count(), 2);
    let told = night.phone("marie");
    assert!(told.len() == 1 && told[0].contains("PAUL, other de 09:00"), "{told:?}");
    let alarm = night.watch.state().alarm("drill-unanswered:monthly", "monthly/karim").unwrap();
    assert_eq!(alarm.state(), AlarmState::Unacknowledged);
}

#[test]
fn a_silence_that_others_are_to_hear_of_from_now_on_ends_where_it_stands_and_begins_there() {
    let mut night = begun();
    night.pass(HOUR);
    let state_of = |night: &Night, name: &str, who: &str| {
        let alarm = night.watch.state().alarm(name, &format!("monthly/{who}"));
        alarm.map_or(AlarmState::Normal, |alarm| alarm.state())
    };
    let (general, named) = ("drill-unanswered", "drill-unanswered:monthly");
    assert_eq!(state_of(&night, general, "karim"), AlarmState::Unacknowledged);
    night.rung();
    let mut edited = files(Drill { escalation: Some("fitters".into()), ..monthly() });
    let steps = super::site::steps(&[&["paul"]]);
    let fitters = crate::watch::site::Policy { steps, ..policy(SINGLE) };
    edited.policies.insert("fitters".into(), std::sync::Arc::new(fitters));
    night.reload(&edited);
    assert_eq!(state_of(&night, general, "karim"), AlarmState::Normal);
    assert_eq!(state_of(&night, named, "karim"), AlarmState::Unacknowledged);
    assert!(night.rung().contains(&"paul".to_owned()));
    let before = night.watch.state().clone();
    night.reload(&edited);
    assert_eq!(night.watch.state().standing_count(), before.standing_count(), "once is enough");
    let karim = code(&night, "karim");
    night.sms("karim", &karim);
    assert_eq!(state_of(&night, named, "karim"), AlarmState::Normal);
    night.reload(&files(monthly()));
    assert_eq!(state_of(&night, named, "marie"), AlarmState::Normal);
    assert_eq!(state_of(&night, general, "marie"), AlarmState::Unacknowledged);
    assert_eq!(state_of(&night, general, "karim"), AlarmState::Normal, "he has answered");
    let marie = code(&night, "marie");
    night.sms("marie", &marie);
    assert_eq!(night.watch.state().standing_count(), 0);
}

#[test]
fn what_the_files_no_longer_hold_is_held_no_more_and_its_silences_are_over() {
    let mut night = begun();
    night.pass(HOUR);
    assert!(is_silent(&night, "karim"));
    let fewer = Drill { who: vec![Recipient::Person(person("marie"))], ..monthly() };
    night.reload(&files(fewer));
    assert!(is_silent(&night, "marie") && !is_silent(&night, "karim"));
    night.reload(&Files::with(policy(SINGLE)));
    assert!(!is_silent(&night, "marie"));
    night.rung();
    night.pass(40 * DAY);
    assert!(night.rung().is_empty());
    assert_eq!(night.watch.state().drills().ledger().count(), 1, "the ledger remembers it");
}

#[test]
fn the_ledger_is_bounded() {
    let first = date(2026, 1, 2).at(9, 0, 0, 0);
    let times = Turns { first, every: Every::Days(NonZeroU32::MIN) };
    let mut night = Night::over(&files(Drill { times, ..monthly() }));
    for _ in 0..LEDGER + 5 {
        night.pass(DAY);
        if night.watch.state().drills().ledger().next().is_some() {
            all_is_answered(&mut night);
        }
    }
    assert_eq!(night.watch.state().drills().ledger().count(), LEDGER);
}

#[test]
fn who_answers_a_drill_without_end_is_answered_as_often_as_any_question() {
    let mut night = begun();
    let code = code(&night, "marie");
    let answered = (0..30).filter(|_| !night.sms("marie", &code).is_empty()).count();
    assert_eq!(answered, 13, "the answer itself, and twelve more");
}
