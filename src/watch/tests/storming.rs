//! Storms (behaviour §5): many alarms at once become few messages, the worst first, and each of them can be answered.

use std::time::Duration;

use super::night::{Modem, Night, command};
use super::site::{Files, MINUTE, NONE, SINGLE, WAIT, double, phone, policy, steps};
use crate::watch::alarm::OccurrenceNumber;
use crate::watch::event::{Action, Attempt, Happening, Target};
use crate::watch::notification::{LONGEST, Notification, Purpose};
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::site::{ConfirmBy, OnReturn, Policy, Priority};
use crate::watch::storm::{Kind, LISTED, Storm};

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const WINDOW: Duration = Duration::from_secs(600);
/// The last of three is held for a tenth of the window, a minute.
pub(super) const HOLD: Duration = MINUTE;
/// Three messages in ten minutes, by modems that are quick enough.
pub(super) const THREE: Storm =
    Storm { messages: 3, window: WINDOW, reach_within: Duration::from_secs(1_000) };

/// Everybody is called at once, and for a long time nobody else.
pub(super) fn everybody(acknowledge: crate::watch::site::Acknowledge) -> Policy {
    let mut all = steps(&[&["marie", "karim", "paul"]]);
    all[0].wait = 60 * WAIT;
    Policy { steps: all, on_return: OnReturn::Hold, ..policy(acknowledge) }
}

pub(super) fn files(policy: Policy, storm: Storm) -> Files {
    Files { storm, ..Files::with(policy) }
}

pub(super) fn stormy(storm: Storm) -> Night {
    Night::over(&files(everybody(SINGLE), storm))
}

/// So many pumps fail, a second apart, those of these numbers.
pub(super) fn fail(night: &mut Night, numbers: std::ops::RangeInclusive<u32>) {
    for number in numbers {
        night.signal("pump", &number.to_string(), true, 1);
        night.pass(SECOND);
    }
}

pub(super) fn critical(night: &mut Night, key: &str) {
    night.signal("pump", key, true, 2);
}

/// The code at the end of a message.
pub(super) fn code(text: &str) -> &str {
    text.trim_end_matches(" FIN").rsplit(' ').next().expect("a code")
}

pub(super) fn open(night: &Night) -> Vec<OccurrenceNumber> {
    let asks = night.watch.state().standing().filter(|(_, open)| open.unacknowledged());
    asks.map(|(_, open)| open.number).collect()
}

pub(super) fn waiting(night: &Night, name: &str) -> Vec<Notification> {
    let all = night.queued().into_iter();
    all.filter(|owed| owed.person.as_str() == name && owed.purpose != Purpose::Reply).collect()
}

#[test]
fn past_the_messages_of_a_window_what_follows_is_told_in_one_message() {
    let mut night = stormy(THREE);
    fail(&mut night, 1..=10);
    let alone = night.phone("marie");
    assert!(alone.len() == 2 && alone.iter().all(|text| text.starts_with("HAUTE Nord: Pompe")));
    night.pass(HOLD);
    let told = night.phone("marie");
    assert_eq!(told.len(), 1, "{told:?}");
    let begins = "8 alarmes Nord: HAUTE: Pompe 3 1; Pompe 4 1; Pompe 5 1; Pompe 6 1; ";
    assert!(told[0].starts_with(begins), "{told:?}");
    assert!(told[0].contains("Pour tout prendre: répondez "), "{told:?}");
}

#[test]
fn the_code_of_a_digest_takes_exactly_those_that_it_tells_of() {
    let mut night = stormy(THREE);
    fail(&mut night, 1..=10);
    night.pass(HOLD);
    let told = night.phone("marie");
    fail(&mut night, 11..=11);
    let answer = night.sms("marie", code(&told[2]));
    assert_eq!(answer, "8 à vous.");
    let left: Vec<u64> = open(&night).iter().map(|number| number.0).collect();
    assert_eq!(left, [1, 2, 11], "those told alone, and the one that came later");
    assert!(night.sms("marie", code(&told[0])).starts_with("Pris en charge par MARIE"));
    assert_eq!(night.sms("marie", code(&told[2])), "8 à vous.", "twice is once");
    assert!(night.sms("karim", code(&told[2])).contains("n'est pas un des vôtres"));
}

#[test]
fn no_window_wherever_it_begins_holds_more_messages_than_it_may() {
    let mut night = stormy(THREE);
    let mut rung = Vec::new();
    for number in 1..=400 {
        night.signal("pump", &number.to_string(), true, 1);
        night.pass(5 * SECOND);
        let at = night.now.mono;
        rung.extend(night.phone("marie").iter().map(|_| at));
    }
    assert!(rung.len() >= 9, "{rung:?}");
    for four in rung.windows(4) {
        assert!(four[0].until(four[3]) >= WINDOW - 5 * SECOND, "{four:?}");
    }
}

#[test]
fn what_is_worse_than_all_before_leaves_at_once_and_takes_along_what_was_gathered() {
    let mut night = stormy(THREE);
    fail(&mut night, 1..=6);
    night.phone("marie");
    critical(&mut night, "7");
    let told = night.phone("marie");
    assert_eq!(told.len(), 1);
    assert!(
        told[0].starts_with("5 alarmes Nord: CRITIQUE: Pompe 7 2. HAUTE: Pompe 3 1;"),
        "{told:?}"
    );
    // The next one as bad waits for the window: three have come.
    critical(&mut night, "8");
    night.pass(HOLD * 2);
    assert!(night.phone("marie").is_empty());
    night.pass(WINDOW);
    let told = night.phone("marie");
    assert!(told.len() == 1 && told[0].starts_with("CRITIQUE Nord: Pompe 8 2."), "{told:?}");
}

#[test]
fn where_the_queue_is_too_long_what_waits_is_worded_anew_as_one_message() {
    let storm = Storm { messages: 5, reach_within: 8 * SECOND, ..THREE };
    let mut night = stormy(storm);
    night.modem = Modem::IsDown;
    fail(&mut night, 1..=30);
    for name in ["marie", "karim", "paul"] {
        let waits = waiting(&night, name);
        assert_eq!(waits.len(), 1, "{waits:?}");
        assert!(
            waits[0].text.starts_with("30 alarmes Nord: HAUTE: Pompe 1 1;"),
            "{:?}",
            waits[0].text
        );
        assert!(waits[0].text.chars().count() <= 155, "{:?}", waits[0].text);
    }
    critical(&mut night, "31");
    let worst = night.queued().into_iter().max_by_key(|owed| owed.priority).unwrap();
    assert_eq!((worst.priority, worst.digest.is_none()), (Priority::Critical, true), "at once");
    critical(&mut night, "32");
    night.pass(2 * SECOND);
    let waits = waiting(&night, "marie");
    assert_eq!(waits.len(), 1, "{waits:?}");
    let begins = "32 alarmes Nord: CRITIQUE: Pompe 31 2; Pompe 32 2. HAUTE: Pompe 1 1;";
    assert!(waits[0].text.starts_with(begins), "{:?}", waits[0].text);
    assert_eq!(
        waits[0].turn(),
        crate::watch::notification::NotificationId(1),
        "its place is the oldest's"
    );
}

#[test]
fn a_storm_of_critical_alarms_names_as_many_as_three_messages_hold_and_counts_the_rest() {
    let mut night = stormy(Storm { reach_within: SECOND, ..THREE });
    night.modem = Modem::IsDown;
    for number in 0..200 {
        critical(&mut night, &format!("de relevage numéro {number}"));
    }
    night.pass(2 * SECOND);
    let waits = waiting(&night, "marie");
    let text = &waits[0].text;
    assert!(waits.len() == 1 && text.starts_with("200 alarmes Nord: CRITIQUE: Pompe de"), "{text}");
    assert!(text.contains("; et 189 autres critiques: pump 189."), "{text}");
    assert!((300..=LONGEST).contains(&text.chars().count()), "{text}");
    night.modem = Modem::Works;
    night.pass(SECOND);
    let told = night.phone("marie");
    assert_eq!(night.sms("marie", code(&told[0])), "200 à vous.");
    assert!(open(&night).is_empty());
}

#[test]
fn what_was_answered_while_it_waited_is_not_told_any_more() {
    let mut night = stormy(Storm { reach_within: SECOND, ..THREE });
    night.modem = Modem::IsDown;
    fail(&mut night, 1..=4);
    night.pass(2 * SECOND);
    let acknowledge = |night: &mut Night, number: u64| {
        let target = Target::Occurrence(OccurrenceNumber(number));
        night.happens(command("karim", Action::Acknowledge, target));
    };
    acknowledge(&mut night, 2);
    night.pass(2 * SECOND);
    let waits = waiting(&night, "marie");
    assert!(
        waits.len() == 1
            && waits[0].text.starts_with("3 alarmes Nord: HAUTE: Pompe 1 1; Pompe 3 1")
    );
    acknowledge(&mut night, 1);
    acknowledge(&mut night, 3);
    night.pass(2 * SECOND);
    assert!(
        waiting(&night, "marie")[0].text.starts_with("HAUTE Nord: Pompe 4 1."),
        "one is told alone"
    );
    acknowledge(&mut night, 4);
    assert!(waiting(&night, "marie").is_empty(), "at that instant");
}

#[test]
fn who_was_told_of_many_is_told_in_one_message_who_has_taken_them() {
    let mut night = stormy(Storm { messages: 4, ..THREE });
    fail(&mut night, 1..=12);
    night.pass(HOLD);
    let told = night.phone("marie");
    night.phone("karim");
    assert_eq!(told.len(), 4);
    assert_eq!(night.sms("marie", code(&told[3])), "9 à vous.");
    assert!(night.phone("karim").is_empty(), "he has read four messages in ten minutes");
    night.pass(WINDOW);
    assert_eq!(night.phone("karim"), ["Alarmes: 9 prises par MARIE."]);
}

#[test]
fn an_answer_for_many_says_what_is_whose() {
    let mut night = stormy(THREE);
    fail(&mut night, 1..=8);
    night.pass(HOLD);
    let (marie, karim) = (night.phone("marie"), night.phone("karim"));
    let target = Target::Occurrence(OccurrenceNumber(5));
    night.happens(command("karim", Action::Acknowledge, target));
    assert_eq!(night.sms("marie", code(&marie[2])), "5 à vous; 1 tenue par KARIM depuis 00:01.");
    assert_eq!(
        night.sms("karim", &format!("{} NON", code(&karim[2]))),
        "5 tenues par MARIE depuis 00:01; 1 sans vous."
    );
    assert_eq!(open(&night).len(), 3, "the two told alone, and the one that was given back");
}

#[test]
fn under_double_one_code_takes_and_then_confirms_and_one_message_reminds() {
    let mut night = Night::over(&files(everybody(double(ConfirmBy::Same)), THREE));
    fail(&mut night, 1..=8);
    night.pass(HOLD);
    let told = night.phone("marie");
    let code = code(&told[2]).to_owned();
    assert_eq!(night.sms("marie", &code), format!("6 à vous. Quand tout est réglé: {code} FIN"));
    night.pass(31 * MINUTE);
    let reminded = night.phone("marie");
    let one = |text: &&String| text.starts_with("Rappel: ");
    let reminders: Vec<&String> = reminded.iter().filter(one).collect();
    assert!(reminders.len() <= 3, "{reminded:?}");
    let last = reminders.last().unwrap();
    assert!(last.contains("alarmes à confirmer") && last.ends_with(" FIN"), "{last}");
    assert_eq!(night.sms("marie", &format!("{code} FIN")), "6 réglées.");
}

#[test]
fn information_of_a_storm_is_told_in_one_message_without_a_code() {
    let files = files(everybody(NONE), THREE).alarm(|alarm| alarm.momentary = true);
    let mut night = Night::over(&files);
    fail(&mut night, 1..=9);
    assert_eq!(night.phone("paul").len(), 2);
    night.pass(HOLD);
    let told = night.phone("paul");
    assert_eq!(told.len(), 1);
    let begins = "Pour information, 7 alarmes Nord: HAUTE: Pompe 3 1; Pompe 4 1;";
    assert!(told[0].starts_with(begins) && told[0].ends_with('.'), "{told:?}");
}

#[test]
fn what_is_gathered_outlives_a_restart_and_a_snapshot() {
    let mut night = stormy(THREE);
    fail(&mut night, 1..=6);
    night.phone("marie");
    assert_eq!(night.thawed().storms, night.watch.state().storms);
    night.restart(20 * SECOND);
    fail(&mut night, 7..=7);
    assert!(night.phone("marie").is_empty());
    night.pass(HOLD);
    let told = night.phone("marie");
    assert!(told.len() == 1 && told[0].starts_with("5 alarmes Nord"), "{told:?}");
    assert_eq!(night.thawed(), *night.watch.state());
    night.restart(SECOND);
    assert_eq!(night.sms("marie", code(&told[0])), "5 à vous.");
}

#[test]
fn a_digest_that_is_refused_shortens_the_wait_of_each_that_it_tells_of() {
    let ladder = Policy { steps: steps(&[&["marie"], &["karim"]]), ..everybody(SINGLE) };
    let mut night = Night::over(&files(ladder, Storm { reach_within: SECOND, ..THREE }));
    night.modem = Modem::IsDown;
    fail(&mut night, 1..=4);
    night.pass(2 * SECOND);
    let digest = waiting(&night, "marie")[0].clone();
    night.report(digest.id, Attempt::Started { parts: 1 });
    night.report(digest.id, Attempt::Refused("unknown number".into()));
    night.pass(2 * SECOND);
    let karim = waiting(&night, "karim");
    assert!(karim.len() == 1 && karim[0].text.starts_with("4 alarmes Nord"), "{karim:?}");
}

#[test]
fn a_list_gives_each_alarm_of_a_storm_a_code_of_its_own() {
    let mut night = stormy(THREE);
    fail(&mut night, 1..=6);
    night.phone("marie");
    let list = night.sms("marie", "LISTE");
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 6, "{list}");
    assert!(night.sms("marie", code(lines[4])).starts_with("Pris en charge par MARIE"));
    let left: Vec<u64> = open(&night).iter().map(|number| number.0).collect();
    assert_eq!(left, [1, 2, 3, 4, 6]);
}

#[test]
fn a_question_about_many_tells_each_procedure_once() {
    let mut night = stormy(THREE);
    fail(&mut night, 1..=6);
    night.pass(HOLD);
    let told = night.phone("marie");
    assert_eq!(night.sms("marie", &format!("{} ?", code(&told[2]))), "Fermer la vanne");
}

#[test]
fn a_missed_call_of_somebody_who_was_told_of_many_takes_nothing_and_is_explained() {
    let mut night = stormy(THREE);
    fail(&mut night, 1..=6);
    night.pass(HOLD);
    night.phone("marie");
    let caller = Some(phone("marie").as_str().into());
    let call = crate::watch::event::Call { by: "gsm.orange".into(), caller };
    night.happens(Happening::Call(call));
    assert!(night.phone("marie")[0].contains("ne prend rien en charge"));
    assert_eq!(open(&night).len(), 6);
}

#[test]
fn a_code_of_a_digest_of_which_all_are_over_is_explained_and_does_not_count_as_wrong() {
    let mut night =
        Night::over(&files(Policy { on_return: OnReturn::Close, ..everybody(SINGLE) }, THREE));
    fail(&mut night, 1..=6);
    night.pass(HOLD);
    let told = night.phone("marie");
    for number in 1..=6 {
        night.signal("pump", &u32::to_string(&number), false, 1);
    }
    assert!(open(&night).is_empty());
    let answer = night.sms("marie", code(&told[2]));
    assert!(answer.contains("terminée"), "{answer}");
    assert!(
        !night.facts().any(|fact| matches!(fact, crate::watch::decision::Fact::WrongCode { .. }))
    );
}

#[test]
fn without_a_modem_a_storm_makes_one_message_that_holds_so_many_and_keeps_the_rest_in_numbers() {
    let mut night = stormy(THREE);
    night.happens(Happening::Own(SelfSignal::raised(SelfAlarm::ModemLost, "gsm.orange", "silent")));
    night.modem = Modem::IsDown;
    let fail = |night: &mut Night, numbers: std::ops::Range<usize>| {
        for number in numbers {
            let signal = night.reading("pump", &number.to_string(), true, 1);
            night.one(Happening::Signal(signal));
            night.one(Happening::Deadline);
        }
        night.pass(2 * SECOND);
    };
    fail(&mut night, 0..LISTED - 3);
    fail(&mut night, LISTED - 3..LISTED + 500);
    let waits = waiting(&night, "marie");
    assert!(waits.len() <= 3, "{}", waits.len());
    let state = night.watch.state();
    let told =
        state.standing().filter(|(_, open)| state.will_be_told(open, &"marie".into(), Kind::Ask));
    assert_eq!(told.count(), LISTED + 500, "and of each she will be told");
}
