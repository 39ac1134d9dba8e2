//! What is remembered of modems through a restart.

use std::time::Duration;

use super::night::Night;
use super::site::{Files, SINGLE, policy};
use crate::watch::alarm::AlarmState;
use crate::watch::decision::Fact;
use crate::watch::event::Happening;
use crate::watch::modems::{Learned, Lesson, PinMark, Remembered, Trial};
use crate::watch::own_alarms::SelfAlarm;

const OLD: &str = "208011234567890";
const NEW: &str = "208109876543210";

fn lesson(modem: &str, learned: Learned) -> Happening {
    Happening::Learned(Lesson { modem: modem.into(), learned })
}

fn subscriber(modem: &str, number: &str) -> Happening {
    lesson(modem, Learned::Subscriber(number.into()))
}

fn mark(number: u8) -> PinMark {
    PinMark::of_digest(number)
}

fn changes(night: &Night) -> usize {
    let changed = |alarm: &&str| **alarm == *SelfAlarm::SimChanged.name();
    let opened = |fact: &Fact| match fact {
        Fact::Opened { alarm, .. } => {
            let alarm = night.watch.state().alarm_numbered(*alarm)?;
            Some(alarm.definition.as_str().to_owned())
        }
        _ => None,
    };
    let names: Vec<String> = night.facts().filter_map(opened).collect();
    names.iter().map(String::as_str).filter(changed).count()
}

#[test]
fn another_sim_is_told_also_when_it_was_changed_while_vigie_was_down() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.happens(subscriber("gsm.orange", OLD));
    night.happens(subscriber("gsm.sfr", NEW));
    night.happens(subscriber("gsm.orange", OLD));
    assert_eq!(changes(&night), 0, "the first SIM of a modem is no news");
    night.restart(Duration::from_secs(3_600));
    night.happens(subscriber("gsm.orange", NEW));
    assert_eq!(changes(&night), 1);
    assert_eq!(night.says_of_itself("sim-changed", "gsm.orange"), AlarmState::Normal);
    night.happens(subscriber("gsm.orange", NEW));
    assert_eq!(changes(&night), 1, "once");
}

#[test]
fn what_is_known_already_makes_no_entry() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    for happening in [
        subscriber("gsm.orange", OLD),
        lesson("gsm.orange", Learned::PinTried(mark(1))),
        lesson("gsm.orange", Learned::PinRefused(mark(1))),
        lesson("gsm.orange", Learned::SimOpen),
    ] {
        night.happens(happening.clone());
        assert_eq!(night.decisions.last().unwrap().facts.len(), 1, "{happening:?}");
        if happening != lesson("gsm.orange", Learned::PinTried(mark(1))) {
            night.happens(happening.clone());
            assert!(night.decisions.last().unwrap().facts.is_empty(), "{happening:?}");
        }
    }
}

#[test]
fn a_pin_is_tried_twice_at_most_and_once_where_it_was_refused() {
    let after = |lessons: &[Learned], pin: u8| {
        let mut known = Remembered::default();
        for learned in lessons {
            known.learn(learned);
        }
        known.trial_of(mark(pin))
    };
    let (tried, refused) =
        (|pin| Learned::PinTried(mark(pin)), |pin| Learned::PinRefused(mark(pin)));
    let open = Learned::SimOpen;
    assert_eq!(after(&[], 1), Trial::New);
    assert_eq!(after(&[tried(1)], 1), Trial::Again, "a power cut in between");
    assert_eq!(after(&[tried(1), tried(1)], 1), Trial::Exhausted);
    assert_eq!(after(&[tried(1), refused(1)], 1), Trial::Refused);
    assert_eq!(after(&[tried(1), refused(1)], 2), Trial::New, "another one in the files");
    assert_eq!(after(&[tried(1)], 2), Trial::New);
    assert_eq!(after(&[tried(1), refused(1), tried(2)], 2), Trial::Exhausted, "two are spent");
    assert_eq!(after(&[tried(1), refused(1), tried(2), refused(2)], 3), Trial::Exhausted);
    assert_eq!(after(&[tried(1), tried(1), open.clone()], 1), Trial::New);
    assert_eq!(after(&[tried(1), refused(1), open], 1), Trial::New);
}

#[test]
fn a_trial_is_made_where_enough_tries_are_left_or_nobody_knows() {
    for (trial, allowed) in [
        (Trial::New, [true, false, true, true]),
        (Trial::Again, [true, false, false, true]),
        (Trial::Refused, [false, false, false, true]),
        (Trial::Exhausted, [false, false, false, true]),
    ] {
        assert_eq!([None, Some(1), Some(2), Some(3)].map(|left| trial.allows(left)), allowed);
    }
}

#[test]
fn a_mark_is_six_bits_of_a_digest() {
    for (digest, same) in [(0x40, 0x00), (0xc1, 0x01), (0xff, 0x3f), (0x3f, 0x3f)] {
        assert_eq!(mark(digest), mark(same));
    }
    assert_ne!(mark(0), mark(1));
}

#[test]
fn a_snapshot_holds_what_is_remembered_of_modems() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.happens(subscriber("gsm.orange", OLD));
    night.happens(lesson("gsm.orange", Learned::PinTried(mark(200))));
    let restored = night.thawed();
    assert_eq!(&restored, night.watch.state());
    assert_eq!(restored.modem(&"gsm.orange".into()).trial_of(mark(200)), Trial::Again);
    assert_eq!(restored.modem(&"gsm.orange".into()).trial_of(mark(7)), Trial::New);
}
