//! Every state that any history can lead to.
//!
//! From a fresh watch, breadth first, every event (`events.rs`) is tried in every state; states
//! that differ in times, numbers and codes alone count as one (`likeness.rs`). In each of them the
//! promises of behaviour §2 to §6 must hold (`promises.rs`), and for each decision on the way its
//! rules (`steps.rs`); each step must be the same from the record, and from a snapshot.
//!
//! # The bound
//!
//! Walked to the end, with a ladder of two steps that is climbed again and again: every way to
//! acknowledge (`none`, `single`, two responders, `acknowledge-expires`, `double` confirmed by the
//! same, another, anyone), where a return closes, holds or latches and for what is momentary
//! (holding and latching under `double` with `other` alone: they do not depend on who confirms);
//! `single` and `acknowledge-expires` through both delays. The cause comes, goes, repeats, gets
//! worse and less bad; two people answer, decline, confirm and reset, by SMS or at the keyboard;
//! time runs out; the daemon starts anew after ten seconds, after a day, and with a wall clock
//! that has lost a year.
//!
//! Walked as far as the 600 states nearest to the beginning: `double` with two responders, and
//! through both delays; a repetition and then the last resort, with Vigie's own alarm `nobody`;
//! files that withdraw the alarm, make it momentary, or change its ladder, and back; two alarms at
//! once; a modem and networks that fail, refuse, fall silent, deliver, or give up, at any instant.
//! As far as 1,000: every way to acknowledge, with three people who answer; as far as 1,200: two alarms and people who are
//! busy with one of them; a group that is swapped, and back; an alarm that is shelved, for a while and once, taken out of service,
//! itself and with its definition, and back, and windows of maintenance that open and close.
//!
//! Not walked: more than two alarms (`nights.rs` has them, at random); locked-out numbers and
//! texts that are no answer, which change no occurrence; steps without a wait, groups and
//! schedules; a wall clock that is set while the daemon runs.
//!
//! `cargo test --lib states -- --nocapture` prints how many states and steps there were.

mod answers;
mod causes;
mod events;
mod likeness;
mod promises;
mod quiets;
mod rungs;
mod steps;
mod walks;
mod witness;

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use super::night::thawed;
use super::site::{Alarm, Files};
use crate::watch::Watch;
use crate::watch::alarm::Occurrence;
use crate::watch::decision::Decision;
use crate::watch::event::{Entropy, Event, Happening, Start};
use crate::watch::own_alarms::SelfSignal;
use crate::watch::site::Site;
use crate::watch::state::State;
use crate::watch::time::{ClockQuality, Moment, Mono, Utc};
use steps::Step;
use witness::Witness;

pub(super) const PEOPLE: [&str; 3] = ["marie", "karim", "paul"];

/// What is walked: the files, and what is tried.
pub(super) struct Walk {
    name: String,
    /// Those that a reload may bring into force; the first are in force at the beginning.
    files: Vec<Files>,
    sites: Vec<Arc<Site>>,
    people: &'static [&'static str],
    /// The alarms, by their keys.
    keys: &'static [&'static str],
    /// How bad their causes may be.
    levels: &'static [i64],
    modem: Modem,
    /// Whether people keep the alarms quiet, too.
    quiet: bool,
    /// By the files, until when all alarms are quiet: from before the beginning on.
    windows: Vec<Option<Utc>>,
    /// No more states than this, those nearest to the beginning.
    most: usize,
}

/// How much of the modem's and the networks' behaviour is tried.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Modem {
    /// What is owed is sent before anything else happens.
    Calm,
    /// Anything may happen in between, and each attempt may go in every way.
    Rough,
}

/// One state of a watch, and when.
#[derive(Clone)]
pub(super) struct Place {
    walk: Arc<Walk>,
    watch: Watch,
    now: Moment,
    seen: Witness,
    /// Which of the walk's files are in force.
    in_force: usize,
    depth: u64,
}

impl Walk {
    /// Every state; one alarm, that may be as bad as `levels`; three people.
    fn over(name: &str, files: Files) -> Self {
        Self {
            name: name.to_owned(),
            sites: vec![files.site()],
            files: vec![files],
            people: &PEOPLE,
            keys: &[""],
            levels: &[1],
            modem: Modem::Calm,
            quiet: false,
            windows: Vec::new(),
            most: usize::MAX,
        }
    }

    /// Tries every event in every state, and says how many of each there were.
    fn walk(self) {
        let walk = Arc::new(self);
        let beginning = Place::beginning(&walk);
        let mut known = HashSet::from([likeness::of(&beginning)]);
        let mut open = VecDeque::from([beginning]);
        let mut steps = 0;
        while let Some(place) = open.pop_front() {
            promises::hold_in(&place);
            let snapshot = place.after_a_snapshot();
            for event in events::possible_in(&place) {
                steps += 1;
                let mut after = place.clone();
                let mut decisions = event.happens_to(&mut after);
                decisions.extend(after.rest());
                promises::hold_for(&place, &event, &decisions, &after);
                let found = known.len() < walk.most && known.insert(likeness::of(&after));
                // Each step into a new state is replayed, and some of the others.
                if found || steps % 8 == 0 {
                    let mut replayed = snapshot.clone();
                    decisions.iter().for_each(|decision| replayed.take(decision));
                    assert!(
                        replayed == *after.state(),
                        "{event:?}: the record gives another state"
                    );
                }
                if found {
                    open.push_back(after);
                }
            }
        }
        println!("{}: {} states, {steps} steps", walk.name, known.len());
    }
}

impl Place {
    fn beginning(walk: &Arc<Walk>) -> Self {
        let now = Moment {
            utc: Utc::from_micros(1_767_225_600_000_000),
            mono: Mono::from_nanos(1_000_000_000),
            quality: ClockQuality::Synchronised,
        };
        let mut place = Self {
            walk: Arc::clone(walk),
            watch: Watch::new(Arc::clone(&walk.sites[0])),
            now,
            seen: Witness::default(),
            in_force: 0,
            depth: 0,
        };
        place.starts();
        place
    }

    fn starts(&mut self) -> Vec<Decision> {
        let mut decisions = self.decide(Happening::Started(Start { version: "0".into() }));
        decisions.extend(self.decide(Happening::Configured));
        decisions
    }

    fn state(&self) -> &State {
        self.watch.state()
    }

    fn files(&self) -> &Files {
        &self.walk.files[self.in_force]
    }

    /// The alarm's definition, if the files that are in force have it.
    fn definition(&self) -> Option<&Alarm> {
        self.files().alarms.first()
    }

    fn standing(&self) -> impl Iterator<Item = &Occurrence> {
        self.state().standing().map(|(_, open)| open)
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
            let happening = &event.happening;
            steps::hold_for(Step { before: self, happening, decision: &decision });
            own.extend(decision.own.iter().cloned());
            self.seen.note(self.watch.state(), &decision);
            self.watch.apply(&decision);
            decisions.push(decision);
            assert!(decisions.len() < 10, "what the watch finds out about itself never ends");
            next = own.pop_front().map(Happening::Own);
        }
        decisions
    }

    /// What is due is decided, and on a calm night all that is owed is sent.
    fn rest(&mut self) -> Vec<Decision> {
        let mut decisions = Vec::new();
        for _ in 0..100 {
            let before = decisions.len();
            if self.watch.next_deadline().is_some_and(|due| due <= self.now.mono) {
                decisions.extend(self.decide(Happening::Deadline));
            } else if self.walk.modem == Modem::Calm {
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
        let state = thawed(self.state());
        assert!(state == *self.state(), "the snapshot gives another state");
        state
    }
}
