//! What stands in the two versions of the files.

use std::time::Duration;

use jiff::civil::date;

use super::hours::{When, Window};
use super::{Answers, By, Cause, Definition, EVERYBODY, Flapping, MINUTE, ON_DUTY, Policy};

const SECOND: Duration = Duration::from_secs(1);

pub(super) fn policies(changed: bool) -> Vec<Policy> {
    let minutes = |minutes: u32| MINUTE * minutes;
    let first = if changed { minutes(4) } else { minutes(5) };
    let double = |by| Answers::Double { responders: 1, within: minutes(45), by };
    let single = Answers::Single { responders: 1, expires: None };
    let policy =
        |name, answers, closes, repeat, steps| Policy { name, answers, closes, repeat, steps };
    vec![
        policy(
            "technique",
            double(By::Same),
            false,
            1,
            vec![
                (vec!["marie"], first),
                (vec!["karim"], minutes(5)),
                (vec!["lea", "paul"], minutes(10)),
            ],
        ),
        policy(
            "plain",
            single,
            true,
            0,
            vec![(vec!["karim"], first), (vec!["marie", "lea"], minutes(5))],
        ),
        policy(
            "lapsing",
            Answers::Single { responders: 1, expires: Some(minutes(90)) },
            false,
            2,
            vec![(vec!["lea"], minutes(3))],
        ),
        policy(
            "four-eyes",
            double(By::Other),
            false,
            0,
            vec![(vec!["marie", "karim"], minutes(10))],
        ),
        policy("anyone", double(By::Anyone), true, 0, vec![(vec!["paul", "lea"], minutes(8))]),
        policy(
            "two",
            Answers::Single { responders: 2, expires: None },
            false,
            0,
            vec![(vec!["marie", "paul"], minutes(7)), (vec!["karim", "lea"], minutes(7))],
        ),
        policy("told", Answers::None, true, 0, vec![(vec!["lea"], first)]),
        policy(
            "fitters",
            single,
            true,
            1,
            vec![(vec!["paul", "lea"], minutes(6)), (vec!["karim"], minutes(6))],
        ),
        policy(
            "on-duty",
            single,
            true,
            1,
            vec![(vec![ON_DUTY], first), (vec![ON_DUTY, "marie"], minutes(5))],
        ),
        policy(
            "gap",
            single,
            false,
            1,
            vec![(vec!["paul"], minutes(5)), (vec!["lea", "paul"], first)],
        ),
        policy(
            EVERYBODY,
            single,
            true,
            0,
            vec![(vec!["marie", "karim", "lea", "paul"], minutes(10))],
        ),
    ]
}

pub(super) fn definitions() -> Vec<Definition> {
    let plain = |name, policy| Definition {
        number: 0,
        name,
        policy: Some(policy),
        momentary: false,
        latch: false,
        on_delay: Duration::ZERO,
        off_delay: Duration::ZERO,
        swap: None,
        flapping: None,
        causes: Vec::new(),
    };
    let swapped = |name, policy, to| Definition { swap: Some(("hvac", to)), ..plain(name, policy) };
    let flaps = |name, policy, minutes| {
        let flapping = Flapping { window: MINUTE * minutes, on: 30, off: 25 };
        Definition { flapping: Some(flapping), ..plain(name, policy) }
    };
    let explained = |name, policy, cause, by_key| {
        let causes = vec![Cause { name: cause, by_key }];
        Definition { causes, ..plain(name, policy) }
    };
    let mut all = vec![
        plain("link", "technique"),
        plain("pump", "plain"),
        plain("fire", "lapsing"),
        plain("gate", "four-eyes"),
        Definition { swap: Some(("lights", "plain")), ..plain("lamp", "anyone") },
        plain("flood", "two"),
        plain("door", "told"),
        plain("valve", "gap"),
        Definition { latch: true, ..plain("fuse", "technique") },
        Definition { latch: true, ..plain("breaker", "plain") },
        Definition { momentary: true, ..plain("boot", "plain") },
        Definition { momentary: true, ..plain("intrusion", "technique") },
        Definition { on_delay: MINUTE, off_delay: 2 * MINUTE, ..plain("cold", "technique") },
        Definition { off_delay: MINUTE, ..plain("damp", "plain") },
        Definition { policy: None, ..plain("quiet", "plain") },
        Definition { momentary: true, ..plain("remote", "plain") },
        plain("lift", "on-duty"),
        swapped("chiller", "technique", "fitters"),
        swapped("fan", "told", "plain"),
        Definition { latch: true, ..swapped("boiler", "lapsing", "told") },
        swapped("heater", "two", "four-eyes"),
        Definition { policy: None, ..swapped("duct", "plain", "fitters") },
        flaps("relay", "technique", 20),
        Definition { on_delay: SECOND * 10, off_delay: SECOND * 20, ..flaps("float", "plain", 40) },
        Definition { momentary: true, ..flaps("buzzer", "plain", 60) },
        Definition { swap: Some(("hvac", "fitters")), latch: true, ..flaps("damper", "told", 20) },
        plain("mains", "technique"),
        explained("socket", "plain", "mains", false),
        plain("hub", "two"),
        Definition { off_delay: MINUTE, ..explained("tap", "four-eyes", "hub", true) },
        explained("meter", "technique", "relay", true),
        explained("pit", "plain", "float", false),
    ];
    all.iter_mut().enumerate().for_each(|(number, definition)| definition.number = number);
    all
}

pub(super) fn windows(changed: bool) -> Vec<Window> {
    let thursday = date(2026, 11, 26);
    let until = if changed { thursday.at(23, 0, 0, 0) } else { date(2026, 11, 27).at(2, 0, 0, 0) };
    vec![
        Window {
            name: "updates",
            alarms: vec!["pump", "link", "relay", "boot"],
            when: When::Once { from: thursday.at(20, 30, 0, 0), until },
        },
        Window {
            name: "cleaning",
            alarms: vec!["cold", "valve", "fan", "breaker"],
            when: When::Nightly { from: 20, until: 23 },
        },
    ]
}
