//! Codes and answers by SMS (behaviour §6).

use super::night::{Modem, Night, command};
use super::site::{Files, MINUTE, SINGLE, WAIT, double, policy};
use crate::watch::alarm::AlarmState;
use crate::watch::decision::{Fact, Outcome};
use crate::watch::event::{Action, Happening, Target};
use crate::watch::site::ConfirmBy;

fn active() -> Night {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.active();
    night
}

/// A code that this person never had.
fn wrong(night: &Night) -> String {
    let known = |code: &String| {
        night
            .open()
            .told
            .iter()
            .filter_map(|told| told.code)
            .any(|(live, _)| live.to_string() == *code)
    };
    (1000..9999).map(|code| code.to_string()).find(|code| !known(code)).unwrap()
}

#[test]
fn a_call_ends_with_its_code_on_its_own() {
    let mut night = active();
    let told = night.phone("marie");
    assert_eq!(told, [format!("HAUTE Nord: Pompe  1. Répondez {}", night.code("marie"))]);
}

#[test]
fn a_code_is_honoured_from_its_own_person_only() {
    let mut night = active();
    night.pass(WAIT);
    let code = night.code("marie").to_string();
    let reply = night.sms("karim", &code);
    assert!(reply.contains("pas un des vôtres"), "{reply}");
    assert_eq!(night.state(), AlarmState::Unacknowledged);
}

#[test]
fn a_stranger_gets_no_answer_and_silences_nothing() {
    let mut night = active();
    let code = night.code("marie").to_string();
    night.rung();
    let message = night.message("stranger", &code, None);
    night.happens(message);
    assert_eq!(night.state(), AlarmState::Unacknowledged);
    assert!(night.rung().is_empty());
    assert_eq!(night.watch.state().counters().unclaimed, 1, "but it is on the record");
}

#[test]
fn a_code_dies_with_its_occurrence_and_is_explained_for_a_day() {
    let mut night = active();
    let code = night.code("marie").to_string();
    night.normal();
    for _ in 0..3 {
        assert!(night.sms("marie", &code).contains("terminée"));
    }
    night.pass(25 * 60 * MINUTE);
    assert!(night.sms("marie", &code).contains("pas un des vôtres"));
}

#[test]
fn dead_codes_lock_nobody_out() {
    let mut night = active();
    let code = night.code("marie").to_string();
    night.normal();
    for _ in 0..20 {
        night.sms("marie", &code);
    }
    night.active();
    night.answers("marie", "");
    assert_eq!(night.holder().as_deref(), Some("marie"));
}

#[test]
fn an_acknowledgement_that_was_sent_before_an_activation_never_counts_for_it() {
    let mut night = active();
    let code = night.code("marie").to_string();
    night.normal();
    night.active();
    assert_ne!(night.code("marie").to_string(), code);
    night.sms("marie", &code);
    assert_eq!(night.state(), AlarmState::Unacknowledged);
}

#[test]
fn five_wrong_codes_lock_the_number_out_for_an_hour_and_raise_an_alarm() {
    let mut night = active();
    let wrong = wrong(&night);
    for _ in 0..4 {
        assert!(!night.sms("marie", &wrong).is_empty());
    }
    assert!(night.watch.state().alarm("number-locked-out", "marie").is_none());
    night.sms("marie", &wrong);
    assert!(night.watch.state().alarm("number-locked-out", "marie").is_some());
    assert_eq!(night.answers("marie", ""), "", "not listened to");
    assert_eq!(night.state(), AlarmState::Unacknowledged);
    night.pass(60 * MINUTE);
    night.answers("marie", "");
    assert_eq!(night.holder().as_deref(), Some("marie"));
}

#[test]
fn wrong_codes_far_apart_lock_nobody_out() {
    let mut night = active();
    let wrong = wrong(&night);
    for _ in 0..9 {
        night.sms("marie", &wrong);
        night.pass(3 * MINUTE);
    }
    night.answers("marie", "");
    assert_eq!(night.holder().as_deref(), Some("marie"));
}

#[test]
fn whoever_guesses_slowly_is_locked_out_at_the_tenth_wrong_code_of_a_day() {
    let mut night = Night::over(&Files::with(policy(SINGLE)).last_resort(policy(SINGLE)));
    night.active();
    let wrong = wrong(&night);
    for _ in 0..9 {
        night.sms("marie", &wrong);
        night.pass(150 * MINUTE);
    }
    night.restart(MINUTE);
    assert!(night.watch.state().alarm("number-locked-out", "marie").is_none());
    night.sms("marie", &wrong);
    let told = night.watch.state().alarm("number-locked-out", "marie").unwrap();
    let text = &*told.open.as_deref().expect("it stands, and calls").activation.text;
    assert!(text.contains("dix codes faux en un jour"), "{text}");
    assert_eq!(night.answers("marie", ""), "", "not listened to");
    night.pass(60 * MINUTE);
    night.sms("marie", &wrong);
    assert_eq!(night.answers("marie", ""), "", "the day is not over");
    night.pass(24 * 60 * MINUTE);
    night.sms("marie", &wrong);
    assert_ne!(night.answers("marie", ""), "");
}

#[test]
fn ten_wrong_codes_in_an_hour_are_told_whatever_the_numbers_that_they_come_from() {
    let mut night = Night::over(&Files::with(policy(SINGLE)).last_resort(policy(SINGLE)));
    night.active();
    let wrong = wrong(&night);
    let people = ["marie", "karim", "paul"];
    let guess = |night: &mut Night, count: usize| {
        for who in people.iter().cycle().take(count) {
            night.sms(who, &wrong);
            night.pass(MINUTE);
        }
    };
    guess(&mut night, 9);
    assert_eq!(night.says_of_itself("number-locked-out", ""), AlarmState::Normal);
    night.pass(60 * MINUTE);
    guess(&mut night, 9);
    assert_eq!(night.says_of_itself("number-locked-out", ""), AlarmState::Normal);
    let restored = night.thawed();
    let known = &night.watch.state().conversations;
    assert!(restored.conversations == *known, "a snapshot knows of them");
    night.restart(MINUTE);
    guess(&mut night, 1);
    let told = night.watch.state().alarm("number-locked-out", "").unwrap();
    let open = told.open.as_deref().unwrap();
    assert_eq!(
        &*open.activation.text,
        "Des codes sont devinés : dix codes faux en une heure, de tous les numéros ensemble"
    );
    guess(&mut night, 2);
    let told = night.watch.state().alarm("number-locked-out", "").unwrap();
    assert_eq!(told.open.as_deref().unwrap().repeats, 0, "while it goes on it is told once");
}

#[test]
fn mistakes_from_a_time_that_is_still_to_come_do_not_count() {
    let mut night = active();
    let wrong = wrong(&night);
    for _ in 0..4 {
        night.sms("marie", &wrong);
    }
    night.now.utc = night.now.utc.before(100 * 60 * MINUTE);
    night.sms("marie", &wrong);
    assert!(night.watch.state().alarm("number-locked-out", "marie").is_none());
}

#[test]
fn five_explanations_an_hour_and_no_more() {
    let mut night = active();
    let explained = (0..20).filter(|_| !night.sms("marie", "je suis au lit").is_empty()).count();
    assert_eq!(explained, 5);
    night.pass(61 * MINUTE);
    assert!(night.sms("marie", "je suis au lit").starts_with("Pas compris"));
}

#[test]
fn whoever_asks_without_end_is_answered_twelve_times_an_hour_and_acts_all_the_same() {
    let mut night = Night::over(&Files::with(policy(double(ConfirmBy::Same))));
    night.active();
    let code = night.code("marie").to_string();
    let procedure = format!("{code} ?");
    let questions = ["LIST", "ASTREINTE", &procedure, "liste", "ONCALL technique"];
    let ask = |night: &mut Night, count: usize| {
        let asked = questions.iter().cycle().take(count);
        asked.filter(|question| !night.sms("marie", question).is_empty()).count()
    };
    assert_eq!(ask(&mut night, 7), 7);
    let state = night.thawed();
    assert!(state == *night.watch.state(), "the snapshot gives another state");
    night.watch = crate::watch::Watch::resume(night.watch.site().clone(), state);
    assert_eq!(ask(&mut night, 30), 5, "a snapshot knows of them");
    let before = night.decisions.len();
    assert_eq!(night.sms("marie", "LIST"), "");
    assert!(night.decisions.len() > before, "but it is on the record");
    assert!(!night.sms("karim", "LIST").is_empty(), "each number has its own twelve");
    assert!(night.sms("marie", &code).starts_with("Pris en charge"), "what acts is answered");
    assert!(night.sms("marie", &code).contains("depuis"), "each time");
    night.restart(60 * MINUTE);
    night.pass(MINUTE);
    let again = (0..30).filter(|_| !night.sms("marie", "LIST").is_empty()).count();
    assert_eq!(again, 12);
}

#[test]
fn whoever_asks_for_the_procedures_of_a_digest_without_end_is_answered_twelve_times_an_hour() {
    use super::storming::{SECOND, THREE, WINDOW, code, fail, stormy};
    let mut night = stormy(THREE);
    fail(&mut night, 1..=6);
    night.pass(WINDOW + SECOND);
    let told = night.phone("marie");
    let digest = told.iter().find(|text| text.contains("alarmes")).expect("it has left");
    let question = format!("{} ?", code(digest));
    let answered = (0..30).filter(|_| !night.sms("marie", &question).is_empty()).count();
    assert_eq!(answered, 12);
}

#[test]
fn an_answer_that_the_network_repeats_counts_once() {
    let mut night = Night::over(&Files::with(policy(double(ConfirmBy::Same))));
    night.active();
    let code = night.code("marie").to_string();
    let message = night.message("marie", &code, Some(42));
    night.rung();
    night.happens(message.clone());
    assert_eq!(night.rung(), ["marie"]);
    assert_eq!(night.happens(message), Outcome::Repeated);
    assert!(night.rung().is_empty());
}

#[test]
fn the_procedure_and_the_list_change_nothing() {
    let mut night = active();
    assert_eq!(night.answers("marie", "?"), "Fermer la vanne");
    let list = night.sms("marie", "liste");
    assert!(list.contains("Pompe") && list.contains(&night.code("marie").to_string()), "{list}");
    assert!(night.sms("paul", "LIST").starts_with("Rien"));
    assert_eq!(night.state(), AlarmState::Unacknowledged);
}

#[test]
fn a_bare_number_at_the_keyboard_is_the_acting_person_s_own_code() {
    let mut night = active();
    night.pass(WAIT);
    let code = Target::Code(night.code("marie"));
    assert!(matches!(
        night.happens(command("karim", Action::Acknowledge, code)),
        Outcome::Refused(_)
    ));
    assert!(matches!(night.happens(command("marie", Action::Acknowledge, code)), Outcome::Done(_)));
    assert_eq!(night.holder().as_deref(), Some("marie"));
    assert!(matches!(
        night.happens(command("nobody", Action::Acknowledge, code)),
        Outcome::Refused(_)
    ));
}

#[test]
fn a_call_with_a_code_of_a_former_run_does_not_leave_again() {
    let files = Files::with(policy(double(ConfirmBy::Same))).alarm(|alarm| alarm.latch = true);
    let mut night = Night::over(&files);
    night.modem = Modem::IsDown;
    night.active();
    let old = night.queued()[0].clone();
    night.report(old.id, crate::watch::event::Attempt::Started { parts: 1 });
    night.command("marie", Action::Acknowledge);
    night.normal();
    night.active();
    night.report(old.id, crate::watch::event::Attempt::Failed("no network".into()));
    night.modem = Modem::Works;
    night.pass(MINUTE);
    let told = night.phone("marie");
    assert!(told.iter().all(|text| *text != *old.text), "{told:?}");
    assert!(told.iter().any(|text| text.ends_with(&night.code("marie").to_string())), "{told:?}");
}

#[test]
fn codes_are_unique_among_all_that_live() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    for key in 0..300 {
        night.signal("pump", &key.to_string(), true, 1);
    }
    night.pass(WAIT);
    let mut codes: Vec<_> = night
        .watch
        .state()
        .standing()
        .flat_map(|(_, open)| open.told.iter().filter_map(|told| told.code))
        .map(|(code, _)| code)
        .collect();
    assert_eq!(codes.len(), 900);
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), 900);
}

#[test]
fn a_message_of_a_known_person_that_a_definition_selects_is_an_alarm_and_not_explained() {
    let files = Files::with(policy(SINGLE));
    let site = std::sync::Arc::into_inner(files.site()).unwrap();
    let remote =
        "[alarms.remote]\nfrom = [\"gsm\"]\nmatch = { text = \"DEFAUT*\" }\ntext = \"{text}\"";
    let remote = crate::watch::expression::sample::definitions(remote).remove(0);
    let definitions = site.definitions.with(remote);
    let mut night = Night::over(&files);
    night.watch.adopt(std::sync::Arc::new(crate::watch::site::Site { definitions, ..site }));
    assert_eq!(night.sms("marie", "DEFAUT pompe 3"), "");
    assert!(night.watch.state().alarm("remote", "").is_some());
    assert!(night.sms("marie", "autre chose").starts_with("Pas compris"));
}

#[test]
fn a_number_is_listened_to_again_in_the_instant_in_which_its_lock_out_ends() {
    let mut night = active();
    for _ in 0..5 {
        let wrong = wrong(&night);
        night.sms("marie", &wrong);
    }
    let end = night.now.mono.after(60 * MINUTE);
    let early = crate::watch::time::Mono::from_nanos(end.nanos() - 1);
    for (at, heard) in [(early, false), (end, true)] {
        night.to(at);
        let list = night.message("marie", "LIST", None);
        let before = night.decisions.len();
        night.one(list);
        let owed = |fact: &Fact| matches!(fact, Fact::Owed { .. });
        let replies = night.decisions[before..].iter().flat_map(|decision| &decision.facts);
        assert_eq!(replies.filter(|fact| owed(fact)).count() > 0, heard);
    }
}

#[test]
fn two_alarms_that_one_signal_opens_have_two_codes() {
    let files = Files::with(policy(SINGLE));
    let site = std::sync::Arc::into_inner(files.site()).unwrap();
    let twin = "[alarms.twin]\nfrom = [\"mqtt\"]\nmatch = { alarm = \"pump\" }\nactive = \"active\"\ntext = \"x\"";
    let mut twin = crate::watch::expression::sample::definitions(twin).remove(0);
    twin.escalation = Some("technique".into());
    let definitions = site.definitions.with(twin);
    let mut night = Night::over(&files);
    night.watch.adopt(std::sync::Arc::new(crate::watch::site::Site { definitions, ..site }));
    night.signal("pump", "", true, 1);
    let marie = crate::watch::name::PersonId::new("marie");
    let open = night.watch.state().standing();
    let codes: Vec<_> = open.map(|(_, open)| open.code_of(&marie).unwrap()).collect();
    assert!(codes.len() == 2 && codes[0] != codes[1], "{codes:?}");
}

#[test]
fn a_person_whom_the_network_shows_without_their_country_is_heard() {
    for (shown, known) in [
        ("0600000001", true),
        ("600000001", true),
        ("0000001", false),
        ("0700000001", false),
        ("0600000x01", false),
    ] {
        let mut night = active();
        let code = night.code("marie").to_string();
        let Happening::Message(mut message) = night.message("marie", &code, None) else {
            panic!("not a message");
        };
        message.sender = None;
        message.national = Some(shown.into());
        night.happens(Happening::Message(message));
        assert_eq!(night.holder().is_some(), known, "{shown}");
    }
}
