//! Shelving: for a while, or until it next returns.

use std::time::Duration;

use super::{HOUR, calling, shelving};
use crate::watch::alarm::AlarmState;
use crate::watch::event::Action;
use crate::watch::site::ConfirmBy;
use crate::watch::suppression::Wish;
use crate::watch::tests::night::Night;
use crate::watch::tests::site::{Alarm, Files, MINUTE, SINGLE, WAIT, double, policy};

const ONCE: Wish = Wish::Shelve { lasting: HOUR, once: true, reason: None };

#[test]
fn who_shelves_by_sms_is_told_until_when_and_nobody_is_called_any_more() {
    let mut night = calling();
    let told = night.answers("marie", "");
    assert!(told.starts_with("Pris en charge"), "{told}");
    let mut night = calling();
    let code = night.code("marie");
    let told = night.sms("marie", &format!("MASQUE {code} 2H"));
    assert_eq!(told, "Masqué par MARIE jusqu'à 02:00: Pompe  1.");
    night.pass(HOUR);
    assert!(night.rung().is_empty(), "nobody is called");
    assert!(!night.is_open("pump", "") && night.is_hidden("pump", ""));
    night.is_in_snapshot();
    let again = night.sms("marie", &code.to_string());
    assert_eq!(again, "Masqué par MARIE jusqu'à 02:00: Pompe  1.", "the code is dead, and why");
    let longer = night.sms("marie", &format!("SHELVE {code} 9H"));
    assert_eq!(longer, again, "a code that is dead prolongs nothing");
}

#[test]
fn what_is_still_there_at_the_end_calls_people_by_the_ordinary_road() {
    let mut night = calling();
    night.wishes("karim", "#1", shelving(HOUR));
    night.rung();
    night.pass(HOUR - MINUTE);
    assert!(night.rung().is_empty());
    night.pass(MINUTE);
    assert_eq!(night.rung(), ["marie"]);
    assert_eq!((night.number().0, night.state()), (2, AlarmState::Unacknowledged));
    assert!(night.alarm("pump", "").unwrap().quiet.is_none(), "nothing is left to remember");
    night.pass(WAIT);
    assert_eq!(night.rung(), ["karim", "paul"], "the ladder is climbed from the start");
}

#[test]
fn what_came_and_went_inside_is_silence() {
    let mut night = calling();
    night.wishes("karim", "#1", shelving(HOUR));
    night.rung();
    night.normal();
    night.active();
    night.active();
    let alarm = night.alarm("pump", "").unwrap();
    let hidden = alarm.hidden().unwrap();
    assert_eq!((hidden.repeats, alarm.quiet.as_ref().unwrap().came), (1, 1), "it is counted");
    night.normal();
    night.pass(2 * HOUR);
    assert!(night.rung().is_empty());
    night.active();
    assert_eq!(night.rung(), ["marie"], "and then it calls as ever");
}

#[test]
fn those_who_were_told_and_the_holder_are_told_once_who_shelved_it_and_until_when() {
    let mut night = Night::over(&Files::with(policy(double(ConfirmBy::Same))));
    night.active();
    night.pass(WAIT);
    night.rung();
    night.answers("karim", "");
    night.rung();
    night.wishes("marie", "pump[]", shelving(HOUR));
    assert_eq!(night.phone("karim"), ["Masqué par MARIE jusqu'à 01:05: Pompe  1."]);
    assert_eq!(night.phone("paul"), ["Masqué par MARIE jusqu'à 01:05: Pompe  1."]);
    assert!(night.phone("marie").is_empty(), "who did it knows");
    night.pass(HOUR - MINUTE);
    assert!(night.rung().is_empty(), "no reminder of what is closed");
}

#[test]
fn who_has_not_the_right_is_refused_and_the_alarm_goes_on_calling() {
    let mut night = calling();
    night.pass(WAIT);
    night.rung();
    let told = night.answers("paul", "");
    assert!(told.starts_with("Pris en charge"), "{told}");
    let mut night = calling();
    night.pass(WAIT);
    night.rung();
    let code = night.code("paul");
    let told = night.sms("paul", &format!("MASQUE {code} 2H"));
    assert_eq!(told, "Refusé: vous n'avez pas le droit de masquer. L'alarme continue.");
    assert_eq!(night.state(), AlarmState::Unacknowledged);
    night.is_refused("paul", "#1", shelving(HOUR));
    night.is_refused("nobody", "#1", shelving(HOUR));
}

#[test]
fn nobody_shelves_for_longer_than_the_site_allows() {
    let mut night = calling();
    let told = night.wishes("karim", "#1", shelving(100 * HOUR));
    assert_eq!(told, "Masqué par KARIM jusqu'à 12:00: Pompe  1.");
    night.rung();
    night.pass(12 * HOUR);
    assert_eq!(night.rung(), ["marie"]);
}

#[test]
fn what_is_shelved_once_comes_back_after_its_next_return() {
    let mut night = calling();
    let told = night.wishes("karim", "#1", ONCE);
    assert_eq!(told, "Masqué par KARIM jusqu'au retour, 01:00 au plus tard: Pompe  1.");
    night.rung();
    night.normal();
    assert!(night.alarm("pump", "").unwrap().quiet.is_none());
    night.active();
    assert_eq!(night.rung(), ["marie"]);
    night.wishes("karim", "pump[]", ONCE);
    night.rung();
    night.pass(HOUR);
    assert_eq!(night.rung(), ["marie"], "never longer than its time, returned or not");
}

#[test]
fn what_never_was_active_can_be_shelved_by_its_name_and_key() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    let told = night.wishes("marie", "pump[west]", shelving(HOUR));
    assert_eq!(told, "Masqué par MARIE jusqu'à 01:00: pump[west].");
    night.signal("pump", "west", true, 1);
    assert!(night.rung().is_empty() && night.is_hidden("pump", "west"));
    night.signal("pump", "east", true, 1);
    assert_eq!(night.rung(), ["marie"], "the other calls");
    night.signal("pump", "west", false, 1);
    night.pass(HOUR);
    assert!(night.alarm("pump", "west").is_none(), "what never called is not remembered");
    night.is_in_snapshot();
}

#[test]
fn what_is_written_wrongly_is_refused_with_a_reason() {
    let mut night = calling();
    for (which, said) in [
        ("pomp", "Aucune alarme ne s'appelle `pomp` dans les fichiers."),
        ("pump", "Il y a plusieurs alarmes `pump`: écrivez laquelle, `pump[CLÉ]`."),
        ("#7", "Aucune occurrence ouverte #7."),
    ] {
        assert_eq!(night.is_refused("marie", which, shelving(HOUR)), said);
    }
    assert_eq!(
        night.is_refused("marie", "pump[]", Wish::Unshelve),
        "Cette alarme n'est pas masquée."
    );
    assert_eq!(night.state(), AlarmState::Unacknowledged);
}

#[test]
fn a_person_brings_it_back_before_its_time() {
    let mut night = calling();
    night.wishes("karim", "#1", shelving(HOUR));
    night.rung();
    assert_eq!(night.wishes("marie", "pump[]", Wish::Unshelve), "Plus masqué: Pompe  1.");
    assert_eq!(night.rung(), ["marie"]);
}

#[test]
fn delays_go_on_while_it_is_shelved() {
    let files = Files::with(policy(SINGLE))
        .alarm(|alarm| (alarm.on_delay, alarm.off_delay) = (MINUTE, 2 * MINUTE));
    let mut night = Night::over(&files);
    night.wishes("marie", "pump[]", shelving(HOUR));
    night.active();
    assert!(!night.is_hidden("pump", ""), "the on-delay runs");
    night.pass(MINUTE);
    assert!(night.is_hidden("pump", ""));
    night.normal();
    night.pass(MINUTE);
    night.active();
    night.pass(5 * MINUTE);
    assert!(night.is_hidden("pump", ""), "it did not last");
    night.pass(HOUR - 8 * MINUTE);
    night.normal();
    night.pass(MINUTE + MINUTE / 2);
    assert!(night.rung().is_empty(), "the time is up, and it is about to be gone");
    night.active();
    assert_eq!(night.rung(), ["marie"], "it was not");
    night.normal();
    night.pass(2 * MINUTE);
    assert_eq!(night.state(), AlarmState::Normal);
}

#[test]
fn an_event_that_is_shelved_happens_in_silence() {
    let files = Files::with(policy(SINGLE)).alarm(|alarm| alarm.momentary = true);
    let mut night = Night::over(&files);
    night.wishes("marie", "pump[]", ONCE);
    night.active();
    assert!(night.rung().is_empty() && !night.is_open("pump", ""));
    night.active();
    assert_eq!(night.rung(), ["marie"], "once is once");
}

#[test]
fn a_restart_in_the_middle_changes_nothing() {
    let mut night = calling();
    night.wishes("karim", "#1", shelving(HOUR));
    night.rung();
    night.restart(HOUR / 2);
    assert!(night.rung().is_empty() && night.is_hidden("pump", ""));
    night.pass(HOUR / 2 - MINUTE);
    assert!(night.rung().is_empty());
    night.pass(MINUTE);
    assert_eq!(night.rung(), ["marie"]);
}

#[test]
fn time_that_ran_out_while_vigie_was_away_calls_at_the_start() {
    let mut night = calling();
    night.wishes("karim", "#1", shelving(HOUR));
    night.rung();
    night.restart(2 * HOUR);
    assert_eq!(night.rung(), ["marie"]);
}

#[test]
fn a_definition_that_is_gone_has_nothing_hidden_left_to_say() {
    let mut night = calling();
    night.wishes("karim", "#1", shelving(HOUR));
    night.rung();
    night.reload(&Files { alarms: vec![Alarm::named("other")], ..Files::with(policy(SINGLE)) });
    assert!(!night.is_hidden("pump", ""));
    night.pass(2 * HOUR);
    assert!(night.rung().is_empty());
}

#[test]
fn a_test_is_not_shelved_and_goes_on_while_its_alarm_is() {
    let mut night = calling();
    night.wishes("karim", "#1", shelving(HOUR));
    night.rung();
    let signal = night.reading("pump", "", true, 1);
    let test = crate::watch::event::Test {
        person: crate::watch::tests::site::person("paul"),
        account: "root".into(),
        signal,
    };
    night.happens(crate::watch::event::Happening::Test(test));
    assert_eq!(night.rung(), ["marie"], "whom it calls is seen all the same");
    let told = night.is_refused("marie", "#2", shelving(HOUR));
    assert_eq!(told, "Un essai ne se masque pas: acquittez-le.");
}

#[test]
fn what_is_shelved_again_is_shelved_anew() {
    let mut night = calling();
    night.wishes("karim", "#1", shelving(HOUR));
    night.rung();
    night.pass(HOUR / 2);
    night.wishes("marie", "pump[]", shelving(HOUR));
    night.pass(HOUR - Duration::from_secs(1));
    assert!(night.rung().is_empty());
    night.pass(Duration::from_secs(1));
    assert_eq!(night.rung(), ["marie"]);
    let _ = night.command("marie", Action::Acknowledge);
}
