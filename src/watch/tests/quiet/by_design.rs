//! By design: an alarm is quiet while another is active.

use super::{HOUR, shelving};
use crate::watch::event::Action;
use crate::watch::flapping::FlappingRule;
use crate::watch::suppression::{GRACE, Wish};
use crate::watch::tests::night::Night;
use crate::watch::tests::site::{Alarm, Files, MINUTE, SINGLE, WAIT, policy};

/// A switch, the links behind it, and pumps behind the links.
fn files() -> Files {
    let link = Alarm {
        suppressed_by: vec![("switch", None), ("rack", Some("{key}"))],
        ..Alarm::named("link")
    };
    let alarms = vec![Alarm::named("switch"), Alarm::named("rack"), link];
    Files { alarms, ..Files::with(policy(SINGLE)) }
}

fn night() -> Night {
    Night::over(&files())
}

impl Night {
    fn is(&mut self, alarm: &str, key: &str, active: bool) {
        self.signal(alarm, key, active, 1);
    }
}

#[test]
fn effects_are_quiet_while_their_cause_is_active() {
    let mut night = night();
    night.is("switch", "a", true);
    assert_eq!(night.rung(), ["marie"], "the cause calls");
    night.is("link", "1", true);
    night.is("link", "2", true);
    night.is("link", "2", false);
    assert!(night.rung().is_empty());
    assert!(night.is_hidden("link", "1") && !night.is_hidden("link", "2"));
    night.is_in_snapshot();
    night.restart(MINUTE);
    night.rung();
    night.is("switch", "a", false);
    assert!(night.is_open("link", "1") && !night.is_open("link", "2"));
    assert!(night.rung().contains(&"marie".to_owned()), "what is still there calls");
}

#[test]
fn an_effect_that_was_heard_just_before_its_cause_is_closed_and_an_older_one_is_not() {
    let mut night = night();
    night.is("link", "old", true);
    night.pass(GRACE + MINUTE / 60);
    night.is("link", "new", true);
    night.is("link", "taken", true);
    let taken = night.alarm("link", "taken").unwrap().open.as_ref().unwrap().number;
    night.rung();
    night.happens(crate::watch::tests::night::command(
        "karim",
        Action::Acknowledge,
        crate::watch::event::Target::Occurrence(taken),
    ));
    night.rung();
    night.is("switch", "a", true);
    assert!(night.is_open("link", "old"), "nobody can say that it is an effect");
    assert!(night.is_open("link", "taken"), "what somebody holds stays with them");
    assert!(night.is_hidden("link", "new") && !night.is_open("link", "new"));
    let told = night.phone("marie");
    assert!(told.iter().any(|text| text.contains("effet d'une autre alarme")), "{told:?}");
    night.is_in_snapshot();
}

#[test]
fn what_somebody_holds_comes_back_in_silence_while_the_cause_is_active() {
    let mut night = Night::over(&files().alarm(|_| {}));
    night.is("link", "1", true);
    night.rung();
    let number = night.alarm("link", "1").unwrap().open.as_ref().unwrap().number;
    night.pass(GRACE + MINUTE);
    night.is("switch", "a", true);
    night.happens(crate::watch::tests::night::command(
        "karim",
        Action::Acknowledge,
        crate::watch::event::Target::Occurrence(number),
    ));
    night.rung();
    night.is("link", "1", false);
    night.is("link", "1", true);
    assert!(night.rung().is_empty());
}

#[test]
fn while_one_of_several_causes_is_active_its_effects_stay_quiet() {
    let mut night = night();
    night.is("switch", "a", true);
    night.is("switch", "b", true);
    night.is("rack", "1", true);
    night.is("link", "1", true);
    night.is("link", "2", true);
    night.rung();
    night.is("switch", "a", false);
    assert!(night.is_hidden("link", "1") && night.is_hidden("link", "2"));
    night.is("switch", "b", false);
    assert!(night.is_hidden("link", "1"), "its rack is down");
    assert!(night.is_open("link", "2"), "the rack of another is not its cause");
    night.is("rack", "1", false);
    assert!(night.is_open("link", "1"));
}

#[test]
fn a_shelved_cause_still_explains_its_effects_and_one_out_of_service_does_not() {
    let mut night = night();
    night.is("switch", "a", true);
    night.wishes("karim", "switch[a]", shelving(HOUR));
    night.is("link", "1", true);
    assert!(night.is_hidden("link", "1"), "the switch is down, whoever is called about it");
    night.rung();
    night.wishes("karim", "switch[a]", Wish::TakeOut { reason: None });
    assert!(night.is_open("link", "1"), "nobody vouches for what it says");
    night.rung();
    night.wishes("karim", "switch[a]", Wish::Return);
    night.is("link", "2", true);
    assert!(night.is_hidden("link", "2"));
    night.wishes("karim", "switch", Wish::TakeOut { reason: None });
    assert!(night.is_open("link", "2"));
    night.is_in_snapshot();
}

#[test]
fn what_the_files_no_longer_name_as_a_cause_hides_nothing() {
    let mut night = night();
    night.is("switch", "a", true);
    night.is("link", "1", true);
    night.rung();
    let alarms = vec![Alarm::named("switch"), Alarm::named("rack"), Alarm::named("link")];
    night.reload(&Files { alarms, ..files() });
    assert!(night.is_open("link", "1"));
}

#[test]
fn an_effect_that_is_shelved_stays_so_when_its_cause_ends() {
    let mut night = night();
    night.is("switch", "a", true);
    night.is("link", "1", true);
    night.wishes("karim", "link[1]", shelving(HOUR));
    night.is("switch", "a", false);
    night.rung();
    night.pass(HOUR - MINUTE);
    assert!(night.rung().is_empty() && night.is_hidden("link", "1"));
    night.pass(MINUTE + WAIT);
    assert_eq!(night.rung(), ["marie", "karim", "paul"]);
}

#[test]
fn no_decision_grows_with_the_number_of_effects() {
    let mut night = night();
    night.is("switch", "a", true);
    for key in 0..500 {
        night.is("link", &key.to_string(), true);
    }
    night.rung();
    let before = night.decisions.len();
    night.is("switch", "a", false);
    let most = night.decisions[before..].iter().map(|decision| decision.facts.len()).max();
    assert!(most.is_some_and(|most| most < 10), "{most:?}");
    assert_eq!(night.watch.state().standing_count(), 500);
}

#[test]
fn what_flapped_and_rests_while_its_cause_is_active_calls_when_the_cause_ends() {
    let mut files = files();
    files.alarms[2].flapping = Some(FlappingRule::default());
    let mut night = Night::over(&files);
    for _ in 0..4 {
        night.is("link", "1", true);
        night.pass(MINUTE / 6);
        night.is("link", "1", false);
        night.pass(MINUTE / 6);
    }
    night.is("link", "1", true);
    let flaps = |night: &Night| night.alarm("link", "1").is_some_and(|alarm| alarm.is_flapping());
    assert!(flaps(&night));
    let number = night.alarm("link", "1").unwrap().open.as_ref().unwrap().number;
    let target = crate::watch::event::Target::Occurrence(number);
    night.happens(crate::watch::tests::night::command("karim", Action::Acknowledge, target));
    night.is("switch", "a", true);
    night.pass(20 * MINUTE);
    assert!(!flaps(&night) && night.is_hidden("link", "1"));
    night.is_in_snapshot();
    night.rung();
    night.is("switch", "a", false);
    assert!(night.is_open("link", "1"), "what is still there is called");
    assert!(night.rung().contains(&"marie".to_owned()));
}

/// A switch that flaps, and has just come.
fn flapping_switch() -> Night {
    let mut files = files();
    files.alarms[0].flapping = Some(FlappingRule::default());
    let mut night = Night::over(&files);
    for _ in 0..3 {
        night.is("switch", "a", true);
        night.pass(MINUTE / 3);
        night.is("switch", "a", false);
        night.pass(MINUTE);
    }
    night.is("switch", "a", true);
    assert!(night.alarm("switch", "a").unwrap().is_flapping());
    night.rung();
    night
}

#[test]
fn what_begins_while_a_cause_that_flaps_is_away_calls_and_stays_when_the_cause_is_back() {
    let mut night = flapping_switch();
    night.is("switch", "a", false);
    night.pass(MINUTE / 2);
    night.is("link", "1", true);
    assert_eq!((night.is_open("link", "1"), night.rung()), (true, vec!["marie".to_owned()]));
    night.is("switch", "a", true);
    night.pass(MINUTE / 3);
    assert!(night.is_open("link", "1"), "it was there without its cause");
    night.is("link", "2", true);
    assert!(night.is_hidden("link", "2"), "its cause is there");
    night.is_in_snapshot();
}

#[test]
fn what_a_cause_that_flaps_hides_calls_when_that_was_gone_for_a_while() {
    let mut night = flapping_switch();
    night.is("link", "1", true);
    for _ in 0..20 {
        night.is("switch", "a", false);
        night.pass(MINUTE / 6);
        assert!(night.is_hidden("link", "1"), "it chatters");
        night.is("switch", "a", true);
        night.pass(MINUTE / 6);
    }
    night.is("link", "2", true);
    night.is("switch", "a", false);
    night.pass(MINUTE / 6);
    night.is_in_snapshot();
    night.restart(MINUTE / 60);
    night.is("link", "2", false);
    night.rung();
    night.pass(MINUTE / 6);
    assert!(night.alarm("switch", "a").unwrap().is_flapping(), "for as long as it is shown");
    assert!(night.is_open("link", "1") && night.rung().contains(&"marie".to_owned()));
    assert!(!night.is_open("link", "2"), "what hangs on its cause is gone with it");
}

#[test]
fn what_begins_after_a_cause_has_come_to_rest_calls() {
    let mut night = flapping_switch();
    night.is("switch", "a", false);
    night.pass(20 * MINUTE);
    night.is("link", "1", true);
    assert!(!night.alarm("switch", "a").is_some_and(|alarm| alarm.is_flapping()));
    assert!(night.is_open("link", "1"));
    night.is_in_snapshot();
}

/// A link says behind which switch it is: its level is that switch's key.
fn wandering() -> Files {
    let link = Alarm { suppressed_by: vec![("switch", Some("{level}"))], ..Alarm::named("link") };
    Files { alarms: vec![Alarm::named("switch"), link], ..Files::with(policy(SINGLE)) }
}

#[test]
fn what_names_another_cause_that_is_not_active_calls_at_once() {
    let mut night = Night::over(&wandering());
    night.is("switch", "0", true);
    night.rung();
    night.signal("link", "1", true, 0);
    assert!(night.is_hidden("link", "1"));
    night.signal("link", "1", true, 1);
    assert!(night.is_open("link", "1") && !night.is_hidden("link", "1"));
    assert_eq!(night.rung(), ["marie"]);
    night.is_in_snapshot();
}

#[test]
fn what_names_another_cause_that_is_active_as_well_is_quiet_until_that_one_ends() {
    let mut night = Night::over(&wandering());
    night.is("switch", "0", true);
    night.is("switch", "1", true);
    night.signal("link", "1", true, 0);
    night.signal("link", "1", true, 1);
    night.is("switch", "0", false);
    night.rung();
    assert!(night.is_hidden("link", "1"));
    night.is_in_snapshot();
    night.is("switch", "1", false);
    assert!(night.is_open("link", "1") && night.rung().contains(&"marie".to_owned()));
}
