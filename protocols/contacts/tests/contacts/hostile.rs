//! Whatever comes, in whatever order and at whatever time: nothing panics, loops, grows, or ends before it began.

use crate::dice::Dice;
use crate::{chattering, ms};
use std::fmt::Debug;
use std::time::Duration;
use vigie_contacts::Level::{self, Closed, Open};
use vigie_contacts::{
    Band, Contact, Counter, CounterRule, Counts, Edge, Half, Latched, Loop, LoopRule, Meaning,
    Outcome, Pair, PairRule, Report, Rules, Single, Width,
};

const CONTACTS: usize = 100;
const INPUTS: usize = 2_000;

/// Mostly a clock that goes on, sometimes one that has lost its mind.
fn time(dice: &mut Dice, now: &mut u64) -> Duration {
    *now = now.saturating_add(dice.below(40));
    match dice.below(60) {
        0 => Duration::ZERO,
        1 => Duration::MAX,
        2 => Duration::MAX.saturating_sub(ms(dice.below(100))),
        3 => ms(dice.number() >> 12),
        4..10 => ms(now.saturating_sub(dice.below(200))),
        _ => ms(*now),
    }
}

fn duration(dice: &mut Dice) -> Duration {
    match dice.below(20) {
        0 => Duration::MAX,
        1 => Duration::ZERO,
        _ => ms(dice.below(100)),
    }
}

fn rules(dice: &mut Dice) -> Rules {
    let mut rules = Rules::new(duration(dice))
        .with_agreeing(*dice.choose(&[1, 1, 2, 255]))
        .expect("one or more");
    if dice.one_in(2) {
        rules = rules.polled();
    }
    if dice.one_in(2) {
        rules = rules.with_minimum_pulse(duration(dice));
    }
    if !dice.one_in(3) {
        let changes = *dice.choose(&[1, 3, 20, 1000]);
        rules = rules.with_chatter(chattering(changes, 1 + dice.below(500), 1 + dice.below(500)));
    }
    rules
}

fn level(dice: &mut Dice) -> Level {
    *dice.choose(&[Closed, Open])
}

fn edge(dice: &mut Dice, now: &mut u64) -> Edge {
    let sequence = match dice.below(6) {
        0 => None,
        1 => u32::try_from(dice.number() >> 32).ok(),
        _ => u32::try_from(dice.below(50)).ok(),
    };
    Edge { level: level(dice), at: time(dice, now), sequence }
}

/// What was told until now, as far as one thing must come before another.
#[derive(Default)]
struct Course {
    first_told: bool,
    blind: bool,
    chatters: bool,
}

impl Course {
    fn follow(&mut self, reports: &[Report]) {
        assert!(reports.len() <= 8, "{reports:?}");
        for report in reports {
            match report.outcome {
                Outcome::ChatterBegan(_) => assert!(report.is_chattering),
                Outcome::Changed(_) | Outcome::Pulsed { .. } | Outcome::ChatterEnded(_) => {
                    assert!(!report.is_chattering);
                }
                Outcome::Initial(_)
                | Outcome::Lost
                | Outcome::Recovered { .. }
                | Outcome::EdgesLost { .. } => assert_eq!(report.is_chattering, self.chatters),
            }
            match report.outcome {
                Outcome::Initial(_) => {
                    assert!(!self.first_told && !self.blind, "a second beginning: {reports:?}");
                    self.first_told = true;
                }
                Outcome::Lost => {
                    assert!(!self.blind, "lost twice: {reports:?}");
                    self.blind = true;
                }
                Outcome::Recovered { before, .. } => {
                    assert!(self.blind && before.is_some() == self.first_told, "{reports:?}");
                    (self.blind, self.first_told) = (false, true);
                }
                Outcome::ChatterBegan(_) => {
                    assert!(!self.chatters && self.first_told && !self.blind, "{reports:?}");
                    self.chatters = true;
                }
                Outcome::ChatterEnded(_) => {
                    assert!(self.chatters && !self.blind, "{reports:?}");
                    self.chatters = false;
                }
                Outcome::Changed(_) | Outcome::Pulsed { .. } => {
                    assert!(!self.chatters && self.first_told && !self.blind, "{reports:?}");
                }
                Outcome::EdgesLost { state, .. } => {
                    assert_eq!(state.is_some(), self.first_told && !self.blind, "{reports:?}");
                }
            }
        }
    }
}

/// Feeds a contact; `input` hands in anything and returns what was told.
fn endure<W: Debug>(
    contact: &mut Contact<W>,
    dice: &mut Dice,
    mut input: impl FnMut(&mut Contact<W>, &mut Dice, &mut u64) -> Vec<Report>,
) {
    let mut course = Course::default();
    let mut now = 0;
    for _ in 0..INPUTS {
        course.follow(&input(contact, dice, &mut now));
        if dice.one_in(3) {
            let at = time(dice, &mut now);
            course.follow(&contact.pass(at));
            assert!(contact.due().is_none_or(|due| due > at), "due again at once: {contact:?}");
        }
        let known = contact.state().is_some();
        assert_eq!(known, course.first_told && !course.blind, "{contact:?}");
        assert_eq!(contact.is_chattering(), course.chatters, "{contact:?}");
    }
    // A thousand changes are remembered at most, each in some thirty characters.
    let size = format!("{contact:?}").len();
    assert!(size < 40_000, "it has grown to {size} characters");
}

fn single(
    contact: &mut Contact<Single>,
    counter: &mut Counter,
    dice: &mut Dice,
    now: &mut u64,
) -> Vec<Report> {
    let level = level(dice);
    match dice.below(12) {
        0 => contact.lost(time(dice, now), time(dice, now)),
        1 => {
            let latched = *dice.choose(&[Latched::Clear, Latched::Set, Latched::Still]);
            contact.read_latched(latched, level, time(dice, now))
        }
        2 | 3 => {
            let value = if dice.one_in(4) { dice.number() >> 32 } else { dice.below(30) };
            let counted = counter.read(u32::try_from(value).expect("32 bits"));
            contact.read_counted(counted, level, time(dice, now))
        }
        4..8 => contact.edge(edge(dice, now), time(dice, now)),
        _ => contact.read(level, time(dice, now)),
    }
}

fn pair(contact: &mut Contact<Pair>, dice: &mut Dice, now: &mut u64) -> Vec<Report> {
    match dice.below(12) {
        0 => contact.lost(time(dice, now), time(dice, now)),
        1..8 => {
            let half = *dice.choose(&[Half::Make, Half::Break]);
            contact.edge(half, edge(dice, now), time(dice, now))
        }
        _ => contact.read(level(dice), level(dice), time(dice, now)),
    }
}

fn supervised(contact: &mut Contact<Loop>, dice: &mut Dice, now: &mut u64) -> Vec<Report> {
    let value = match dice.below(8) {
        0 => None,
        1 => Some(f64::from_bits(dice.number())),
        _ => u32::try_from(dice.below(450)).ok().map(f64::from),
    };
    match dice.below(12) {
        0 => contact.lost(time(dice, now), time(dice, now)),
        _ => contact.read(value, time(dice, now)),
    }
}

#[test]
fn a_line_endures_anything() {
    let mut dice = Dice::new();
    for _ in 0..CONTACTS {
        let counts = *dice.choose(&[Counts::Closings, Counts::Openings, Counts::Both]);
        let rule = match dice.below(4) {
            3 => CounterRule::movements(Width::Bits32, 20),
            0 => CounterRule::running(Width::Bits16, counts, 20),
            1 => CounterRule::running(Width::Bits32, counts, 0x7FFF_FFFF),
            _ => CounterRule::cleared_on_read(counts, u32::MAX),
        };
        let mut counter = Counter::new(rule.expect("it can be kept"));
        let mut contact = Contact::single(level(&mut dice), rules(&mut dice));
        endure(&mut contact, &mut dice, |contact, dice, now| {
            single(contact, &mut counter, dice, now)
        });
    }
}

#[test]
fn a_pair_endures_anything() {
    let mut dice = Dice::new();
    for _ in 0..CONTACTS {
        let discrepancy = duration(&mut dice).max(ms(1));
        let rule = PairRule::new(level(&mut dice), discrepancy).expect("it has time");
        let mut contact = Contact::pair(rule, rules(&mut dice));
        endure(&mut contact, &mut dice, pair);
    }
}

#[test]
fn a_loop_endures_anything() {
    let mut dice = Dice::new();
    for _ in 0..CONTACTS {
        let band = |meaning, from, to| Band { meaning, from, to };
        let bands = vec![
            band(Meaning::Short, f64::NEG_INFINITY, 100.0),
            band(Meaning::Normal, 100.0, 200.0),
            band(Meaning::Alarm, 200.0, 300.0),
            band(Meaning::Cut, 350.0, f64::INFINITY),
        ];
        let hysteresis = *dice.choose(&[0.0, 1.0, 49.0]);
        let rule = LoopRule::new(level(&mut dice), bands, hysteresis).expect("it can be kept");
        let mut contact = Contact::supervised(rule, rules(&mut dice));
        endure(&mut contact, &mut dice, supervised);
    }
}
