//! Drills: from time to time each person of a schedule gets a test message with a code, and it is known who answers (behaviour §6, §9).
//!
//! A drill wakes nobody's alarm: it is no occurrence, its message says what it is with its first word, and a code of
//! it answers for nothing else. Who has not answered in time is the alarm `drill-unanswered`, one for each person, until they answer
//! late or answer the next one. Of a schedule everybody takes part who is ever on call. The ledger remembers the last [`LEDGER`] drills: who was asked,
//! who answered and when; the journal has all of them.
//!
//! # Decision (2026-11-27): a drill is held by the wall clock, and one that was missed by more than an hour is not made up for
//!
//! 09:00 stays 09:00 when clocks are put forward. A daemon that was away at that time holds it within [`LATE`] of it; later nobody
//! would expect it any more, perhaps at night, and so it is skipped, which the ledger says. Rejected: to hold it at the next start.
//!
//! # Decision (2026-11-27): codes of drills are kept here, and only their numbers are taken among the codes of occurrences
//!
//! They are bound to no run and no ladder, live until the next drill of that name begins, and count late too. What was answered is answered
//! for all time: nothing that is said of an occurrence can be said by mistake with the code of a drill.

mod course;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::codes::Code;
use super::definition::Definition;
use super::fold::requeue;
use super::matching::{Pattern, Scalar};
use super::name::{DefinitionName, DrillName, PersonId, PolicyName};
use super::own_alarms::SelfAlarm;
use super::schedule::{Turns, Wall};
use super::signal::Identity;
use super::site::{Language, Recipient};
use super::state::{Owner, State};
use super::time::{Moment, Mono, Utc, Wait};

/// So many drills are remembered, all names together.
pub const LEDGER: usize = 100;
/// A drill that is later than this is skipped.
const LATE: Duration = Duration::from_secs(3_600);
/// So far the two clocks may drift apart while a time of day is waited for, without being looked at again.
pub(super) const ADRIFT: Duration = Duration::from_secs(1);

/// `[drills.NAME]`
#[derive(Clone, PartialEq, Debug)]
pub struct Drill {
    /// Who takes part; of a schedule everybody.
    pub who: Vec<Recipient>,
    /// When, on the wall.
    pub times: Turns,
    /// In whose clocks.
    pub wall: Wall,
    /// How long they have to answer.
    pub answer_within: Duration,
    /// Whom the silence of somebody calls; `None`: the last resort.
    pub escalation: Option<PolicyName>,
}

/// One drill that was held, or skipped.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Held {
    /// Its name.
    pub drill: DrillName,
    /// When it was to be.
    pub due: Utc,
    /// When it began; `None`: it was skipped.
    pub began: Option<Utc>,
    /// Until when answers are in time, while they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Wait>,
    /// Who was asked.
    pub asked: Vec<Asked>,
}

/// Somebody who takes part in a drill.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Asked {
    /// Who.
    pub person: PersonId,
    /// Their code; `None`: they have no number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// When they answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<Utc>,
}

/// What becomes of a drill.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Course {
    /// It is held from now on, or at other times.
    Planned {
        /// Which.
        drill: DrillName,
        /// What the files say of its times.
        times: Identity,
        /// When next.
        next: Wait,
    },
    /// The wall clock does not show its time yet.
    Waits {
        /// Which.
        drill: DrillName,
        /// When next.
        next: Wait,
    },
    /// It begins.
    Begun {
        /// Which.
        drill: DrillName,
        /// When it was to be.
        due: Utc,
        /// Until when answers are in time.
        until: Wait,
        /// Who is asked.
        asked: Vec<Asked>,
        /// When the next one is.
        next: Wait,
    },
    /// It was missed.
    Skipped {
        /// Which.
        drill: DrillName,
        /// When it was to be.
        due: Utc,
        /// When the next one is.
        next: Wait,
    },
    /// Somebody has answered.
    Answered {
        /// Which.
        drill: DrillName,
        /// Who.
        person: PersonId,
    },
    /// The time to answer is over.
    Over {
        /// Which.
        drill: DrillName,
    },
    /// The files do not have it any more.
    Forgotten {
        /// Which.
        drill: DrillName,
    },
}

/// All drills.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Drills {
    planned: BTreeMap<DrillName, Planned>,
    /// The latest last.
    ledger: VecDeque<Held>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Planned {
    times: Identity,
    next: Wait,
    #[serde(skip)]
    queued: Option<Mono>,
}

/// A piece of a snapshot; of what was held, the earliest comes first.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// When the next one is.
    Planned(DrillName, Identity, Wait),
    /// One that was held.
    Held(Held),
}

impl Drills {
    /// Those that were held or skipped, the latest first.
    pub fn ledger(&self) -> impl Iterator<Item = &Held> {
        self.ledger.iter().rev()
    }

    /// When each is next.
    pub fn next(&self) -> impl Iterator<Item = (&DrillName, Utc)> {
        self.planned.iter().map(|(drill, planned)| (drill, planned.next.due))
    }

    /// The latest of that name that was held.
    fn latest(&self, drill: &DrillName) -> Option<&Held> {
        self.ledger().find(|held| held.drill == *drill && held.began.is_some())
    }

    fn latest_mut(&mut self, drill: &DrillName) -> Option<&mut Held> {
        self.ledger.iter_mut().rev().find(|held| held.drill == *drill && held.began.is_some())
    }

    /// Whether this person has yet to answer a drill in time.
    pub(super) fn awaits(&self, person: &PersonId) -> bool {
        let open = self.ledger.iter().filter(|held| held.until.is_some());
        open.flat_map(|held| &held.asked)
            .any(|asked| asked.person == *person && asked.answered.is_none())
    }

    /// The codes that count: of the latest drill of each name.
    pub(super) fn codes(&self) -> impl Iterator<Item = Code> {
        let latest = self.planned.keys().filter_map(|drill| self.latest(drill));
        latest.flat_map(|held| held.asked.iter().filter_map(|asked| asked.code))
    }

    /// All of it, for a snapshot.
    pub(super) fn kept(&self) -> impl Iterator<Item = Kept> {
        let planned = self.planned.iter();
        let planned = planned
            .map(|(drill, planned)| Kept::Planned(drill.clone(), planned.times, planned.next));
        planned.chain(self.ledger.iter().cloned().map(Kept::Held))
    }
}

impl State {
    /// Takes in what became of a drill.
    pub(super) fn drilled(&mut self, course: &Course, now: Utc) {
        match course {
            Course::Planned { drill, times, next } => self.plan_drill(drill, *times, *next),
            Course::Waits { drill, next } => self.on_drill(drill, |planned| planned.next = *next),
            Course::Begun { drill, due, until, asked, next } => {
                let (drill, due, until) = (drill.clone(), *due, Some(*until));
                let (began, asked) = (Some(now), asked.clone());
                self.hold(Held { drill: drill.clone(), due, began, until, asked });
                self.on_drill(&drill, |planned| planned.next = *next);
                self.keep_codes_apart();
            }
            Course::Skipped { drill, due, next } => {
                let (drill, due, asked) = (drill.clone(), *due, Vec::new());
                self.hold(Held { drill: drill.clone(), due, began: None, until: None, asked });
                self.on_drill(&drill, |planned| planned.next = *next);
            }
            Course::Answered { drill, person } => {
                let held = self.drills.latest_mut(drill);
                let asked = held.into_iter().flat_map(|held| &mut held.asked);
                for asked in asked.filter(|asked| asked.person == *person) {
                    asked.answered.get_or_insert(now);
                }
            }
            Course::Over { drill } => {
                if let Some(held) = self.drills.latest_mut(drill) {
                    held.until = None;
                }
                self.on_drill(drill, |_| {});
            }
            Course::Forgotten { drill } => {
                let queued = self.drills.planned.remove(drill).and_then(|planned| planned.queued);
                if let Some(due) = queued {
                    self.deadlines.remove(&(due, Owner::Drill(drill.clone())));
                }
                if let Some(held) = self.drills.latest_mut(drill) {
                    held.until = None;
                }
                self.keep_codes_apart();
            }
        }
    }

    fn plan_drill(&mut self, drill: &DrillName, times: Identity, next: Wait) {
        let queued = self.drills.planned.get(drill).and_then(|planned| planned.queued);
        self.drills.planned.insert(drill.clone(), Planned { times, next, queued });
        self.on_drill(drill, |_| {});
    }

    fn hold(&mut self, held: Held) {
        self.drills.ledger.push_back(held);
        while self.drills.ledger.len() > LEDGER {
            self.drills.ledger.pop_front();
        }
    }

    fn on_drill(&mut self, drill: &DrillName, change: impl FnOnce(&mut Planned)) {
        let until = self.drills.latest(drill).and_then(|held| held.until).map(|wait| wait.mono);
        let Some(planned) = self.drills.planned.get_mut(drill) else { return };
        change(planned);
        let due = std::iter::once(planned.next.mono).chain(until).min();
        requeue(&mut self.deadlines, &mut planned.queued, due, || Owner::Drill(drill.clone()));
    }

    /// All waits of drills on the clock of this boot.
    pub(super) fn resume_drills(&mut self, now: Moment) {
        for held in &mut self.drills.ledger {
            held.until = held.until.map(|until| until.resumed(now));
        }
        let drills: Vec<DrillName> = self.drills.planned.keys().cloned().collect();
        for drill in drills {
            self.on_drill(&drill, |planned| planned.next = planned.next.resumed(now));
        }
    }

    /// Takes one piece of a snapshot in.
    pub(super) fn absorb_drill(&mut self, kept: Kept) {
        match kept {
            Kept::Planned(drill, times, next) => self.plan_drill(&drill, times, next),
            Kept::Held(held) => {
                let drill = held.drill.clone();
                self.hold(held);
                self.on_drill(&drill, |_| {});
            }
        }
        self.keep_codes_apart();
    }
}

/// How the silence of one person at a drill is called.
fn subject(drill: &DrillName, person: &PersonId) -> String {
    format!("{drill}/{person}")
}

/// Vigie's own definitions, with one for each drill that says itself whom the silence of somebody calls.
pub fn with_drills(
    own: Vec<Definition>,
    language: Language,
    last_resort: Option<&PolicyName>,
    drills: &BTreeMap<DrillName, Drill>,
) -> Vec<Definition> {
    let of = |drill: &DrillName| Pattern::new("subject", Scalar::Text(format!("{drill}/*"))).ok();
    let (named, others): (Vec<_>, Vec<_>) =
        drills.iter().partition(|(_, drill)| drill.escalation.is_some());
    if named.is_empty() {
        return own;
    }
    let plain = |policy: Option<&PolicyName>| {
        SelfAlarm::DrillUnanswered.definition(language, policy.cloned())
    };
    let one = |name: String, policy: Option<&PolicyName>, subjects: Vec<Pattern>| {
        let plain = plain(policy);
        let matches = plain.matches.clone().and("subject", subjects);
        Definition { name: DefinitionName::new(&name), matches, ..plain }
    };
    let general = SelfAlarm::DrillUnanswered.name();
    let of_others: Vec<Pattern> = others.into_iter().filter_map(|(name, _)| of(name)).collect();
    let rest = (!of_others.is_empty()).then(|| one(general.to_owned(), last_resort, of_others));
    let named = named.into_iter().map(|(name, drill)| {
        let subjects = of(name).into_iter().collect();
        one(format!("{general}:{name}"), drill.escalation.as_ref(), subjects)
    });
    let own = own.into_iter().filter(|own| own.name.as_str() != general);
    own.chain(named).chain(rest).collect()
}
