//! The walks: what a definition, a policy, a night and its modem can be. The bound is stated in
//! `states.rs`.

use std::sync::Arc;
use std::time::Duration;

use super::{Modem, Walk};
use crate::watch::site::{Acknowledge, ConfirmBy, OnReturn, Policy};
use crate::watch::suppression::{Maintenance, Times};
use crate::watch::tests::site::{
    BEGINNING, CONFIRM_WITHIN, Files, NONE, SINGLE, WAIT, double, policy, steps,
};
use crate::watch::time::Utc;

const TWO: Acknowledge = Acknowledge::Single { responders: 2, expires: None };
const EXPIRES: Acknowledge = Acknowledge::Single { responders: 1, expires: Some(CONFIRM_WITHIN) };

const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// How many states are walked of those nights of which there are too many for a test that is run
/// all day.
const NEAREST: usize = 600;

fn close(acknowledge: Acknowledge) -> Policy {
    Policy { on_return: OnReturn::Close, ..policy(acknowledge) }
}

fn hold(acknowledge: Acknowledge) -> Policy {
    Policy { on_return: OnReturn::Hold, ..policy(acknowledge) }
}

/// Two of the three people answer, and the cause gets worse and less bad.
fn graded(name: &str, files: Files) {
    let walk = Walk::over(name, files);
    Walk { people: &["marie", "karim"], levels: &[1, 2], ..walk }.walk();
}

/// All that a definition and a policy can choose besides what people must answer.
fn walk_all(name: &str, acknowledge: Acknowledge) {
    let files = || Files::with(close(acknowledge));
    let three = Walk::over(&format!("{name}, close, three people"), files());
    Walk { most: 1_000, ..three }.walk();
    graded(&format!("{name}, close"), files());
    graded(&format!("{name}, momentary"), files().alarm(|alarm| alarm.momentary = true));
    // Under `double` these two differ from the others in what follows on a return alone, and that
    // does not depend on who confirms.
    match acknowledge {
        Acknowledge::Double { confirm_by: ConfirmBy::Same | ConfirmBy::Anyone, .. } => {}
        Acknowledge::None
        | Acknowledge::Single { .. }
        | Acknowledge::Double { confirm_by: ConfirmBy::Other, .. } => {
            graded(&format!("{name}, hold"), Files::with(hold(acknowledge)));
            graded(&format!("{name}, latch"), files().alarm(|alarm| alarm.latch = true));
        }
    }
}

#[test]
fn nobody_waits_for_nobody_under_none() {
    walk_all("none", NONE);
}

#[test]
fn nobody_waits_for_nobody_under_single() {
    walk_all("single", SINGLE);
}

#[test]
fn nobody_waits_for_nobody_with_two_responders() {
    walk_all("single, two responders", TWO);
}

#[test]
fn nobody_waits_for_nobody_when_one_of_two_responders_confirms() {
    let two = Acknowledge::Double {
        responders: 2,
        confirm_within: CONFIRM_WITHIN,
        confirm_by: ConfirmBy::Same,
    };
    let walk = Walk::over("double, two responders", Files::with(close(two)));
    Walk { most: NEAREST, ..walk }.walk();
}

#[test]
fn nobody_waits_for_nobody_when_acknowledgements_expire() {
    walk_all("single, expires", EXPIRES);
}

#[test]
fn nobody_waits_for_nobody_when_the_same_confirms() {
    walk_all("double, same", double(ConfirmBy::Same));
}

#[test]
fn nobody_waits_for_nobody_when_another_confirms() {
    walk_all("double, other", double(ConfirmBy::Other));
}

#[test]
fn nobody_waits_for_nobody_when_anyone_confirms() {
    walk_all("double, anyone", double(ConfirmBy::Anyone));
}

fn delayed(files: Files) -> Files {
    files.alarm(|alarm| {
        alarm.on_delay = Duration::from_secs(30);
        alarm.off_delay = Duration::from_secs(60);
    })
}

#[test]
fn nobody_waits_for_nobody_through_both_delays() {
    graded("delays, close", delayed(Files::with(close(SINGLE))));
    graded("delays, hold", delayed(Files::with(hold(SINGLE))));
    let latch = delayed(Files::with(close(EXPIRES))).alarm(|alarm| alarm.latch = true);
    graded("delays, expires, latch", latch);
}

#[test]
fn nobody_waits_for_nobody_through_both_delays_when_another_confirms() {
    let files = delayed(Files::with(hold(double(ConfirmBy::Other))));
    let walk = Walk::over("delays, double, other, latch", files.alarm(|alarm| alarm.latch = true));
    Walk { people: &["marie", "karim"], most: NEAREST, ..walk }.walk();
}

#[test]
fn nobody_waits_for_nobody_through_repetitions_and_the_last_resort() {
    let own = Policy { repeat: 1, ..close(SINGLE) };
    let everybody = Policy { steps: steps(&[&["marie", "karim", "paul"]]), ..close(SINGLE) };
    let walk = Walk::over("last resort", Files::with(own).last_resort(everybody));
    Walk { most: NEAREST, ..walk }.walk();
}

#[test]
fn nobody_waits_for_nobody_while_the_files_change() {
    let here = Files::with(hold(SINGLE));
    let mut withdrawn = here.clone();
    withdrawn.alarms.clear();
    let momentary = here.clone().alarm(|alarm| alarm.momentary = true);
    let mut edited = Files::with(close(double(ConfirmBy::Same)));
    edited.policies.insert(
        "technique".into(),
        Arc::new(Policy { steps: steps(&[&["karim", "paul"]]), ..close(double(ConfirmBy::Same)) }),
    );
    let files = vec![here.clone(), withdrawn, momentary, edited];
    let sites = files.iter().map(Files::site).collect();
    Walk { files, sites, most: NEAREST, ..Walk::over("reload", here) }.walk();
}

#[test]
fn nobody_waits_for_nobody_when_two_alarms_stand() {
    for (name, acknowledge) in [("single", SINGLE), ("double, same", double(ConfirmBy::Same))] {
        let files =
            Files::with(Policy { steps: steps(&[&["marie"], &["karim"]]), ..close(acknowledge) });
        let walk = Walk::over(&format!("{name}, two alarms"), files);
        Walk { keys: &["1", "2"], people: &["marie", "karim"], most: NEAREST, ..walk }.walk();
    }
}

#[test]
fn nobody_waits_for_nobody_while_people_are_busy_with_another_alarm() {
    let two = Acknowledge::Double {
        responders: 2,
        confirm_within: CONFIRM_WITHIN,
        confirm_by: ConfirmBy::Same,
    };
    for (name, acknowledge) in [("same", double(ConfirmBy::Same)), ("two responders", two)] {
        let steps = steps(&[&["marie", "karim"], &["paul"]]);
        let files = Files::with(Policy { steps, ..close(acknowledge) });
        let walk = Walk::over(&format!("busy, double, {name}"), files);
        let people: &[&str] = if acknowledge == two { &super::PEOPLE } else { &["marie", "karim"] };
        Walk { keys: &["1", "2"], levels: &[1, 2], people, most: 2 * NEAREST, ..walk }.walk();
    }
}

#[test]
fn nobody_waits_for_nobody_while_a_group_is_swapped_and_back() {
    let other = |acknowledge| Policy { steps: steps(&[&["karim"]]), ..hold(acknowledge) };
    for (name, own, fitters) in [
        ("double to single", double(ConfirmBy::Same), other(SINGLE)),
        ("expires to four eyes", EXPIRES, other(double(ConfirmBy::Other))),
        ("two responders", TWO, other(SINGLE)),
    ] {
        let files = Files::with(close(own)).swaps_to("fitters", fitters);
        let walk = Walk::over(&format!("swapped, {name}"), files);
        Walk { people: &["marie", "karim"], most: 2 * NEAREST, ..walk }.walk();
    }
}

/// A window for all alarms that is open at the beginning, and closes then.
fn window(files: Files, until: Utc) -> Files {
    let times = Times::Once { from: BEGINNING.before(10 * YEAR), until };
    let mut files = files;
    files.maintenance.add(None, Maintenance { name: "works".into(), times });
    files
}

#[test]
fn nobody_waits_for_nobody_while_people_keep_alarms_quiet() {
    let double = double(ConfirmBy::Other);
    for (name, files) in [
        ("single", Files::with(close(SINGLE))),
        ("none", Files::with(close(NONE))),
        ("four eyes, latch", Files::with(hold(double)).alarm(|alarm| alarm.latch = true)),
        ("expires, momentary", Files::with(hold(EXPIRES)).alarm(|alarm| alarm.momentary = true)),
        ("delays", delayed(Files::with(hold(SINGLE)))),
        ("swapped", Files::with(close(TWO)).swaps_to("fitters", hold(SINGLE))),
    ] {
        let walk = Walk::over(&format!("kept quiet, {name}"), files);
        let people: &[&str] = &["marie", "karim"];
        Walk { quiet: true, levels: &[1, 2], people, most: NEAREST, ..walk }.walk();
    }
}

#[test]
fn nobody_waits_for_nobody_while_windows_of_maintenance_open_and_close() {
    for (name, here) in [
        ("double, same", Files::with(hold(double(ConfirmBy::Same)))),
        ("delays", delayed(Files::with(close(EXPIRES)))),
    ] {
        let (soon, late) = (BEGINNING.after(WAIT), BEGINNING.after(10 * YEAR));
        let (until_soon, until_late) = (window(here.clone(), soon), window(here.clone(), late));
        let files = vec![until_soon.clone(), here, until_late];
        let sites = files.iter().map(Files::site).collect();
        let windows = vec![Some(soon), None, Some(late)];
        let walk = Walk::over(&format!("windows, {name}"), until_soon);
        let people: &[&str] = &["marie", "karim"];
        Walk { quiet: true, files, sites, windows, people, most: NEAREST, ..walk }.walk();
    }
}

fn rough(name: &str, acknowledge: Acknowledge) {
    let steps = steps(&[&["marie"], &["karim"]]);
    let files = Files::with(Policy { steps, ..policy(acknowledge) });
    let walk = Walk::over(&format!("{name}, a rough modem"), files);
    let walk = Walk { modem: Modem::Rough, levels: &[1, 2], most: NEAREST, ..walk };
    Walk { people: &["marie", "karim"], ..walk }.walk();
}

#[test]
fn nobody_waits_for_nobody_while_the_modem_fails() {
    rough("none", NONE);
    rough("single", SINGLE);
}

#[test]
fn nobody_waits_for_nobody_while_the_modem_fails_and_two_must_come() {
    rough("single, two responders", TWO);
}

#[test]
fn nobody_waits_for_nobody_while_the_modem_fails_and_another_must_confirm() {
    rough("double, other", double(ConfirmBy::Other));
}
