//! What must be heard every so often, and is told when it is not (behaviour §8).

use std::time::Duration;

use super::night::Night;
use super::site::{Alarm, Files, MINUTE, SINGLE, policy, steps};
use crate::watch::alarm::AlarmState;
use crate::watch::decision::{Fact, Outcome};
use crate::watch::event::{Action, Happening, Target};
use crate::watch::heartbeats::{Beat, KEYS_LIMIT};
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::signal::Tells;

const EVERY: Duration = Duration::from_secs(600);

fn files() -> Files {
    Files::with(policy(SINGLE))
        .last_resort(policy(SINGLE))
        .alarm(|alarm| alarm.heartbeat = Some(EVERY))
}

fn night() -> Night {
    Night::over(&files())
}

fn hears(night: &mut Night, key: &str) {
    night.signal("pump", key, false, 1);
}

fn is_silent(night: &Night, subject: &str) -> bool {
    let stands = night.watch.state().stands(SelfAlarm::HeartbeatMissed, subject);
    let told = night.says_of_itself("heartbeat-missed", subject) == AlarmState::Unacknowledged;
    assert_eq!(stands, told, "{subject}");
    stands
}

#[test]
fn what_was_never_heard_is_told_after_its_time_from_the_start_on() {
    let mut night = night();
    night.pass(EVERY - Duration::from_nanos(1));
    assert!(!is_silent(&night, "pump"));
    night.pass(Duration::from_nanos(1));
    assert!(is_silent(&night, "pump"));
    let told = night.phone("marie");
    assert!(told[0].contains("Silence de pump : jamais entendu, attendu sous 10 min."), "{told:?}");
    assert!(told[0].chars().count() <= 160);
    hears(&mut night, "1");
    assert!(!is_silent(&night, "pump"), "it is over at once when something is heard");
}

#[test]
fn once_it_was_heard_each_key_is_awaited_on_its_own() {
    let mut night = night();
    hears(&mut night, "1");
    night.pass(5 * MINUTE);
    hears(&mut night, "2");
    night.pass(5 * MINUTE);
    assert!(is_silent(&night, "pump[1]") && !is_silent(&night, "pump[2]"));
    let told = night.phone("marie");
    assert!(told[0].contains("Silence de pump[1] : rien depuis 00:00, attendu sous 10 min."));
    night.pass(5 * MINUTE);
    assert!(is_silent(&night, "pump[2]") && !is_silent(&night, "pump"));
    hears(&mut night, "1");
    assert!(!is_silent(&night, "pump[1]") && is_silent(&night, "pump[2]"));
}

#[test]
fn whatever_is_heard_counts_but_for_what_was_left_to_be_read() {
    let mut night = night();
    night.active();
    night.pass(9 * MINUTE);
    night.active();
    night.pass(9 * MINUTE);
    assert!(!is_silent(&night, "pump"), "an alarm says that somebody is there");
    let kept = crate::watch::signal::Signal {
        tells: Tells::Standing,
        ..night.reading("pump", "", false, 1)
    };
    night.happens(Happening::Signal(kept));
    night.pass(MINUTE);
    assert!(is_silent(&night, "pump"));
}

#[test]
fn a_silence_is_told_once_and_armed_anew_when_it_is_over() {
    let mut night = night();
    hears(&mut night, "");
    night.pass(24 * 60 * MINUTE);
    let silent = |fact: &&Fact| matches!(fact, Fact::Beat(Beat::Silent { .. }));
    assert_eq!(night.facts().filter(silent).count(), 1);
    hears(&mut night, "");
    night.pass(EVERY);
    assert_eq!(night.facts().filter(silent).count(), 2);
}

#[test]
fn after_a_restart_there_is_one_more_period_and_no_restart_gives_more_than_one() {
    let mut night = night();
    hears(&mut night, "");
    night.pass(8 * MINUTE);
    night.sms("marie", "LIST");
    night.restart(24 * 60 * MINUTE);
    assert!(!is_silent(&night, "pump"), "nobody heard what it sent meanwhile");
    night.pass(9 * MINUTE);
    night.sms("marie", "LIST");
    night.restart(MINUTE);
    night.pass(3 * MINUTE - Duration::from_nanos(1));
    assert!(!is_silent(&night, "pump"));
    night.pass(Duration::from_nanos(1));
    assert!(is_silent(&night, "pump"), "20 minutes of listening in vain, in three lives");
    night.restart(MINUTE);
    assert!(is_silent(&night, "pump"));
    hears(&mut night, "");
    assert!(!is_silent(&night, "pump"));
}

#[test]
fn a_snapshot_knows_what_is_awaited_and_what_is_silent() {
    let mut night = night();
    hears(&mut night, "1");
    night.pass(EVERY);
    hears(&mut night, "2");
    let restored = night.thawed();
    assert!(restored == *night.watch.state());
    assert_eq!(restored.heartbeats().len(), 2);
}

#[test]
fn while_its_inputs_are_lost_nothing_is_told_twice() {
    let files = Files { input_heartbeat: Some(EVERY), ..Files::with(policy(SINGLE)) };
    let mut night = Night::over(&files);
    let lost = SelfSignal::raised(SelfAlarm::InputLost, "mqtt.plant", "unplugged");
    night.happens(Happening::Own(lost));
    night.pass(3 * EVERY);
    assert!(!night.watch.state().stands(SelfAlarm::HeartbeatMissed, "mqtt.plant"));
    night.happens(Happening::Own(SelfSignal::cleared(SelfAlarm::InputLost, "mqtt.plant")));
    night.pass(EVERY);
    assert!(night.watch.state().stands(SelfAlarm::HeartbeatMissed, "mqtt.plant"));
    hears(&mut night, "whoever");
    assert!(!night.watch.state().stands(SelfAlarm::HeartbeatMissed, "mqtt.plant"));
}

#[test]
fn a_device_that_will_never_be_heard_again_is_let_go_by_a_reset() {
    let mut night = night();
    hears(&mut night, "1");
    hears(&mut night, "2");
    night.pass(EVERY);
    let silence = night.watch.state().alarm("heartbeat-missed", "pump[1]").unwrap();
    let target = Target::Occurrence(silence.open.as_deref().unwrap().number);
    let outcome = night.happens(super::night::command("marie", Action::Reset, target));
    let said = "pump[1] n'est plus attendu, sauf s'il se manifeste.".to_owned();
    assert_eq!(outcome, Outcome::Done(said));
    assert!(!is_silent(&night, "pump[1]") && is_silent(&night, "pump[2]"));
    hears(&mut night, "1");
    night.pass(EVERY);
    assert!(is_silent(&night, "pump[1]"), "it is heard again, and so awaited again");
}

#[test]
fn when_the_last_key_is_let_go_the_definition_is_awaited_as_a_whole() {
    let mut night = night();
    hears(&mut night, "1");
    night.pass(EVERY);
    let silence = night.watch.state().alarm("heartbeat-missed", "pump[1]").unwrap();
    let target = Target::Occurrence(silence.open.as_deref().unwrap().number);
    night.happens(super::night::command("marie", Action::Reset, target));
    night.pass(EVERY);
    assert!(is_silent(&night, "pump"));
}

#[test]
fn what_the_files_no_longer_await_is_over_and_another_time_counts_from_the_reload() {
    let mut night = night();
    hears(&mut night, "1");
    night.pass(EVERY);
    hears(&mut night, "2");
    assert!(is_silent(&night, "pump[1]"));
    night.reload(&files().alarm(|alarm| alarm.heartbeat = Some(2 * EVERY)));
    assert!(is_silent(&night, "pump[1]"), "it is still silent");
    night.pass(2 * EVERY - Duration::from_nanos(1));
    assert!(!is_silent(&night, "pump[2]"));
    night.reload(&files().alarm(|alarm| alarm.heartbeat = None));
    assert!(!is_silent(&night, "pump[1]"));
    night.pass(24 * 60 * MINUTE);
    assert!(!is_silent(&night, "pump[2]") && night.watch.state().heartbeats().is_empty());
}

#[test]
fn no_flood_of_keys_makes_the_memory_grow_and_that_is_told() {
    let mut night = night();
    for key in 0..KEYS_LIMIT / 4 {
        let signal = night.reading("pump", &key.to_string(), false, 1);
        night.one(Happening::Signal(signal));
    }
    hears(&mut night, "one more");
    assert_eq!(night.watch.state().heartbeats().len(), KEYS_LIMIT / 4);
    let full = "pump (heartbeat)";
    assert_eq!(night.says_of_itself("too-many-alarms", full), AlarmState::Unacknowledged);
    hears(&mut night, "7");
    night.signal("pump", "7", true, 1);
    night.signal("pump", "7", false, 1);
    assert_eq!(night.says_of_itself("too-many-alarms", full), AlarmState::Unacknowledged);
    night.reload(&files().alarm(|alarm| alarm.heartbeat = None));
    assert_eq!(night.says_of_itself("too-many-alarms", full), AlarmState::Normal);
}

#[test]
fn a_flood_of_keys_of_one_definition_leaves_those_of_another_awaited() {
    let mut files = files();
    files.alarms.push(Alarm { heartbeat: Some(EVERY), ..Alarm::named("door") });
    let mut night = Night::over(&files);
    for key in 0..KEYS_LIMIT / 4 + 10 {
        let signal = night.reading("pump", &key.to_string(), false, 1);
        night.one(Happening::Signal(signal));
    }
    let signal = night.reading("door", "north", false, 1);
    night.one(Happening::Signal(signal));
    let awaited = |fact: &Fact| matches!(fact, Fact::Beat(Beat::Heard { key: Some(key), .. }) if **key == *"north");
    assert!(night.facts().any(awaited), "and so its silence will be seen");
    assert_eq!(night.watch.state().heartbeats().len(), KEYS_LIMIT / 4 + 1);
}

#[test]
fn one_definition_that_is_silent_says_nothing_of_another() {
    let mut files = files();
    files.policies.insert(
        "all".into(),
        std::sync::Arc::new(crate::watch::site::Policy {
            steps: steps(&[&["marie"]]),
            ..policy(SINGLE)
        }),
    );
    files.alarms.push(Alarm { heartbeat: Some(EVERY), ..Alarm::named("door") });
    let mut night = Night::over(&files);
    night.pass(9 * MINUTE);
    hears(&mut night, "");
    night.pass(MINUTE);
    assert!(is_silent(&night, "door") && !is_silent(&night, "pump"));
}
