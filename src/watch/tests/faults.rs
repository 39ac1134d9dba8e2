//! What stands in Vigie's own house is shown in the words of now, and nobody is called for the words.

use std::sync::Arc;
use std::time::Duration;

use super::night::{Night, command};
use super::site::{Files, MINUTE, SINGLE, policy};
use crate::watch::alarm::{AlarmState, Occurrence};
use crate::watch::decision::{Decision, Fact};
use crate::watch::definitions::Definitions;
use crate::watch::event::{Action, Happening, Target};
use crate::watch::own_alarms::{SelfAlarm, SelfSignal, own_definitions};
use crate::watch::site::Language;
use crate::watch::snapshot::Piece;
use crate::watch::state::State;
use crate::watch::template::Template;
use crate::watch::time::Moment;

const SWITCH: &str = "10.0.0.7 to snmp.network";
const HOUR: Duration = Duration::from_secs(3_600);

fn files() -> Files {
    Files::with(policy(SINGLE)).last_resort(policy(SINGLE))
}

fn night() -> Night {
    Night::over(&files())
}

fn found(night: &mut Night, subject: &str, reason: &str) {
    let raised = SelfSignal::raised(SelfAlarm::CredentialsWrong, subject, reason);
    night.happens(Happening::Own(raised));
}

/// The occurrence that stands for this key.
fn open<'n>(night: &'n Night, key: &str) -> &'n Occurrence {
    let alarm = night.watch.state().alarm("credentials-wrong", key).expect("it is known");
    alarm.open.as_deref().expect("it stands")
}

fn text(night: &Night) -> &str {
    &open(night, SWITCH).activation.text
}

#[test]
fn a_fault_that_stands_shows_its_latest_reason_and_calls_nobody_for_it() {
    let mut night = night();
    found(&mut night, SWITCH, "unknown user");
    assert_eq!(night.rung(), ["marie"]);
    let number = open(&night, SWITCH).number;
    night.happens(command("marie", Action::Acknowledge, Target::Occurrence(number)));
    night.pass(MINUTE);
    night.rung();
    let before = open(&night, SWITCH).clone();
    found(&mut night, SWITCH, "wrong passphrase");
    assert_eq!(text(&night), "SNMPv3 de 10.0.0.7 to snmp.network non accepté : wrong passphrase");
    let shown = open(&night, SWITCH);
    let words = shown.activation.clone();
    assert_eq!(*shown, Occurrence { activation: words, ..before }, "and nothing else has changed");
    assert_eq!(night.rung(), [""; 0]);
    assert_eq!(night.says_of_itself("credentials-wrong", SWITCH), AlarmState::Acknowledged);
    let recorded = night.decisions.last().expect("it is on the record");
    assert!(matches!(*recorded.facts, [Fact::OwnRenewed { .. }, Fact::Graded { .. }]));
    night.happens(Happening::Own(SelfSignal::cleared(SelfAlarm::CredentialsWrong, SWITCH)));
    assert_eq!(night.says_of_itself("credentials-wrong", SWITCH), AlarmState::Normal);
}

#[test]
fn the_same_reason_again_leaves_nothing_on_the_record() {
    let mut night = night();
    found(&mut night, SWITCH, "unknown user");
    night.pass(HOUR);
    found(&mut night, SWITCH, "unknown user");
    assert_eq!(night.decisions.last().map(|decision| decision.facts.len()), Some(0));
}

#[test]
fn a_reason_that_changes_with_every_breath_fills_no_record_and_one_that_has_rested_is_renewed_at_once()
 {
    let mut night = night();
    let renewals = |night: &Night| {
        night.facts().filter(|fact| matches!(fact, Fact::OwnRenewed { .. })).count()
    };
    for second in 0..86_400 / 10 {
        found(&mut night, SWITCH, &format!("forged name {second}"));
        night.pass(Duration::from_secs(10));
    }
    let in_a_day = renewals(&night);
    assert!((24..40).contains(&in_a_day), "{in_a_day}");
    night.pass(2 * HOUR);
    for (renewed, reason) in [(1, "unknown user"), (2, "wrong passphrase")] {
        found(&mut night, SWITCH, reason);
        assert_eq!(renewals(&night), in_a_day + renewed);
        assert!(text(&night).ends_with(reason), "{}", text(&night));
        night.pass(MINUTE);
    }
}

#[test]
fn a_wall_clock_that_was_set_back_keeps_no_reason_from_the_board() {
    let mut night = night();
    found(&mut night, SWITCH, "unknown user");
    night.now.utc = night.now.utc.before(HOUR);
    found(&mut night, SWITCH, "wrong passphrase");
    assert!(text(&night).ends_with("wrong passphrase"));
}

#[test]
fn an_alarm_of_many_subjects_never_turns_from_the_one_into_another_behind_a_code() {
    let mut night = night();
    let mut own = own_definitions(Language::French, Some(&"everybody".into()));
    let wrong = own.iter_mut().find(|own| own.name.as_str() == "credentials-wrong").unwrap();
    wrong.key = Template::parse("").unwrap();
    let mut site = Arc::into_inner(files().site()).unwrap();
    site.definitions = Definitions::new(Vec::new()).with_own(own);
    night.watch.adopt(Arc::new(site));
    night.happens(Happening::Configured);
    found(&mut night, SWITCH, "unknown user");
    found(&mut night, "10.0.0.8 to snmp.network", "unknown user");
    night.pass(MINUTE);
    found(&mut night, "10.0.0.8 to snmp.network", "wrong passphrase");
    let shown = |night: &Night| open(night, "").activation.text.to_string();
    assert_eq!(shown(&night), "SNMPv3 de 10.0.0.7 to snmp.network non accepté : unknown user");
    found(&mut night, SWITCH, "wrong passphrase");
    assert!(shown(&night).contains("10.0.0.7") && shown(&night).ends_with("wrong passphrase"));
}

#[test]
fn a_fault_that_the_files_tell_of_themselves_from_now_on_ends_where_it_stands_and_begins_there() {
    let mut night = night();
    found(&mut night, SWITCH, "unknown user");
    assert_eq!(night.rung(), ["marie"]);
    let own = || own_definitions(Language::French, Some(&"everybody".into()));
    let mut mine = own().into_iter().find(|own| own.name.as_str() == "credentials-wrong").unwrap();
    mine.name = "mine".into();
    let mut site = Arc::into_inner(files().site()).unwrap();
    site.definitions = Definitions::new(vec![mine]).with_own(own());
    let site = Arc::new(site);
    for _ in 0..2 {
        night.watch.adopt(Arc::clone(&site));
        night.happens(Happening::Configured);
        assert_eq!(night.says_of_itself("credentials-wrong", SWITCH), AlarmState::Normal);
        assert_eq!(night.says_of_itself("mine", SWITCH), AlarmState::Unacknowledged);
    }
    assert!(night.rung().contains(&"marie".to_owned()), "by the ladder of now");
    night.reload(&files());
    let mine = night.says_of_itself("mine", SWITCH);
    assert_eq!(mine, AlarmState::ReturnedUnacknowledged, "as any that the files name no more");
    assert_eq!(night.says_of_itself("credentials-wrong", SWITCH), AlarmState::Unacknowledged);
    night.happens(Happening::Own(SelfSignal::cleared(SelfAlarm::CredentialsWrong, SWITCH)));
    assert_eq!(night.says_of_itself("credentials-wrong", SWITCH), AlarmState::Normal);
}

#[test]
fn a_fault_on_a_record_of_before_reasons_stands_is_renewed_without_its_text_and_ends() {
    let fact =
        r#"{"own_raised":{"alarm":"credentials-wrong","subject":"10.0.0.7 to snmp.network"}}"#;
    let fact: Fact = serde_json::from_str(fact).unwrap();
    let mut folded = State::default();
    folded.take(&Decision { facts: vec![fact], ..Decision::nothing(Moment::default()) });
    let piece = r#"{"own":["credentials-wrong","10.0.0.7 to snmp.network"]}"#;
    let mut absorbed = State::default();
    absorbed.take(&Decision::nothing(Moment::default()));
    absorbed.absorb(serde_json::from_str::<Piece>(piece).unwrap());
    assert_eq!(absorbed, folded);
    let mut night = night();
    night.watch.state = folded;
    night.one(Happening::Own(SelfSignal::raised(SelfAlarm::CredentialsWrong, SWITCH, "now")));
    let renewed = night.decisions.last().map(|decision| &*decision.facts);
    assert!(matches!(renewed, Some([Fact::OwnRenewed { .. }])), "{renewed:?}");
    night.one(Happening::Own(SelfSignal::cleared(SelfAlarm::CredentialsWrong, SWITCH)));
    assert!(!night.watch.state().stands(SelfAlarm::CredentialsWrong, SWITCH));
}
