//! Every state that any history can lead to.
//!
//! From a fresh watch, breadth first, every event is tried in every state; states that differ in
//! times and numbers alone count as one. In each of them the promises of behaviour §2 to §6 must
//! hold, and each step must be the same from the record, and from a snapshot.

mod events;
mod likeness;
mod promises;

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use super::site::{CONFIRM_WITHIN, Files, NONE, SINGLE, double, policy, steps};
use crate::watch::Watch;
use crate::watch::alarm::Occurrence;
use crate::watch::decision::Decision;
use crate::watch::event::{Entropy, Event, Happening, Start};
use crate::watch::own_alarms::SelfSignal;
use crate::watch::site::{Acknowledge, ConfirmBy, OnReturn, Policy};
use crate::watch::state::State;
use crate::watch::time::{ClockQuality, Moment, Mono, Utc};

pub(super) const PEOPLE: [&str; 3] = ["marie", "karim", "paul"];

/// One state of a watch, and when.
#[derive(Clone)]
pub(super) struct Place {
    watch: Watch,
    now: Moment,
    people: &'static [&'static str],
    depth: u64,
}

/// How much of the modem's and the networks' behaviour is tried.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Modem {
    /// What is owed is sent before anything else happens; three people; every state.
    Calm,
    /// Anything may happen in between, and each attempt may fail in every way; two people. There
    /// are too many such states for a test that is run all day: those nearest to the beginning.
    Rough,
}

impl Modem {
    fn people(self) -> &'static [&'static str] {
        match self {
            Self::Calm => &PEOPLE,
            Self::Rough => &["marie", "karim"],
        }
    }

    fn most(self) -> usize {
        match self {
            Self::Calm => usize::MAX,
            Self::Rough => 1_000,
        }
    }
}

impl Place {
    fn beginning(files: &Files, modem: Modem) -> Self {
        let now = Moment {
            utc: Utc::from_micros(1_767_225_600_000_000),
            mono: Mono::from_nanos(1_000_000_000),
            quality: ClockQuality::Synchronised,
        };
        let mut place =
            Self { watch: Watch::new(files.site()), now, people: modem.people(), depth: 0 };
        place.decide(Happening::Started(Start { version: "0".into() }));
        place.decide(Happening::Configured);
        place
    }

    fn state(&self) -> &State {
        self.watch.state()
    }

    fn open(&self) -> Option<&Occurrence> {
        self.state().alarm("pump", "")?.open.as_deref()
    }

    fn entropy(&self) -> Entropy {
        Entropy(self.depth.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// One event, and what the watch finds out about itself.
    fn decide(&mut self, happening: Happening) -> Vec<Decision> {
        let mut decisions = Vec::new();
        let mut own: VecDeque<SelfSignal> = VecDeque::new();
        let mut next = Some(happening);
        while let Some(happening) = next {
            self.depth += 1;
            let event = Event { happening, entropy: self.entropy() };
            let decision = self.watch.decide(&event, self.now);
            own.extend(decision.own.iter().cloned());
            self.watch.apply(&decision);
            decisions.push(decision);
            assert!(decisions.len() < 10, "what the watch finds out about itself never ends");
            next = own.pop_front().map(Happening::Own);
        }
        decisions
    }

    /// What is due is decided, and on a calm night all that is owed is sent.
    fn rest(&mut self, modem: Modem) -> Vec<Decision> {
        let mut decisions = Vec::new();
        for _ in 0..50 {
            let before = decisions.len();
            if self.watch.next_deadline().is_some_and(|due| due <= self.now.mono) {
                decisions.extend(self.decide(Happening::Deadline));
            } else if modem == Modem::Calm {
                decisions.extend(events::all_sent(self));
            }
            if decisions.len() == before {
                return decisions;
            }
        }
        panic!("it never comes to rest");
    }

    /// Time passes until something is due.
    fn until_due(&mut self) -> bool {
        let Some(due) = self.watch.next_deadline() else { return false };
        if due > self.now.mono {
            self.now.utc = self.now.utc.after(self.now.mono.until(due));
            self.now.mono = due;
        }
        true
    }

    /// The state as a snapshot gives it again.
    fn after_a_snapshot(&self) -> State {
        let mut state = State::default();
        for piece in self.state().pieces() {
            let written = serde_json::to_string(&piece).unwrap();
            state.absorb(serde_json::from_str(&written).unwrap());
        }
        assert!(state == *self.state(), "the snapshot gives another state");
        state
    }
}

/// Tries every event in every state, and returns how many of each there were.
fn walk(files: &Files, modem: Modem) -> (usize, usize) {
    let beginning = Place::beginning(files, modem);
    let mut seen = HashSet::from([likeness::of(&beginning)]);
    let mut open = VecDeque::from([beginning]);
    let mut steps = 0;
    while let Some(place) = open.pop_front() {
        promises::hold_in(&place);
        let snapshot = place.after_a_snapshot();
        for event in events::possible_in(&place, modem) {
            steps += 1;
            let mut after = place.clone();
            let mut decisions = event.happens_to(&mut after);
            decisions.extend(after.rest(modem));
            promises::hold_for(&place, &event, &decisions);
            let found = seen.len() < modem.most() && seen.insert(likeness::of(&after));
            // Each step into a new state is replayed, and some of the others.
            if found || steps % 8 == 0 {
                let mut replayed = snapshot.clone();
                decisions.iter().for_each(|decision| replayed.take(decision));
                assert!(replayed == *after.state(), "{event:?}: the record gives another state");
            }
            if found {
                open.push_back(after);
            }
        }
    }
    (seen.len(), steps)
}

/// All that a definition and a policy can choose besides what people must answer.
fn walk_all(name: &str, acknowledge: Acknowledge) {
    let ladder = policy(acknowledge);
    let confirm_by = match acknowledge {
        Acknowledge::None | Acknowledge::Single { .. } => None,
        Acknowledge::Double { confirm_by, .. } => Some(confirm_by),
    };
    let close = Policy { on_return: OnReturn::Close, ..ladder.clone() };
    let hold = Policy { on_return: OnReturn::Hold, ..ladder };
    let latch = Files::with(close.clone()).alarm(|alarm| alarm.latch = true);
    let momentary = Files::with(close.clone()).alarm(|alarm| alarm.momentary = true);
    let mut variants = vec![("close", Files::with(close)), ("momentary", momentary)];
    // Under `double` these two differ from the others in what follows on a return alone, and that
    // does not depend on who confirms.
    if confirm_by.is_none_or(|by| by == ConfirmBy::Other) {
        variants.extend([("hold", Files::with(hold)), ("latch", latch)]);
    }
    for (variant, files) in variants {
        let (states, steps) = walk(&files, Modem::Calm);
        println!("{name}, {variant}: {states} states, {steps} steps");
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
    let two = Acknowledge::Single { responders: 2, expires: None };
    walk_all("single, two responders", two);
}

#[test]
fn nobody_waits_for_nobody_when_acknowledgements_expire() {
    let expires = Acknowledge::Single { responders: 1, expires: Some(CONFIRM_WITHIN) };
    walk_all("single, expires", expires);
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

#[test]
fn nobody_waits_for_nobody_through_both_delays() {
    let files = Files::with(policy(SINGLE)).alarm(|alarm| {
        alarm.on_delay = Duration::from_secs(30);
        alarm.off_delay = Duration::from_secs(60);
    });
    let (states, steps) = walk(&files, Modem::Calm);
    println!("delays: {states} states, {steps} steps");
}

fn rough(name: &str, acknowledge: Acknowledge) {
    let steps = steps(&[&["marie"], &["karim"]]);
    let (states, steps) = walk(&Files::with(Policy { steps, ..policy(acknowledge) }), Modem::Rough);
    println!("{name}, a rough modem: {states} states, {steps} steps");
}

#[test]
fn nobody_waits_for_nobody_while_the_modem_fails() {
    rough("single", SINGLE);
}

#[test]
fn nobody_waits_for_nobody_while_the_modem_fails_and_another_must_confirm() {
    rough("double, other", double(ConfirmBy::Other));
}
