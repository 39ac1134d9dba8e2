//! Escalation: who is called, in which order, until somebody answers (behaviour §4).
//!
//! A ladder stands at one rung with one deadline. When the deadline passes the rung fires:
//! recipients are resolved at that instant, or the rung is skipped at once. The ladder never ends
//! by itself: after the last rung it repeats, then runs the last resort, until somebody answers.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::name::{PersonId, PolicyName};
use super::roster::Roster;
use super::site::{Acknowledge, Channel, Policy, Recipient, Site, Step};
use super::time::{Moment, Utc, Wait};

/// A policy as it stood when it was frozen, with the last resort of that time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FrozenPolicy {
    /// Its name in the files.
    pub name: PolicyName,
    /// What it says.
    pub policy: Policy,
    /// What is climbed when this one was climbed in vain; `None`: itself, again and again.
    pub last_resort: Option<(PolicyName, Policy)>,
}

/// Where the ladder of an occurrence stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ladder {
    /// Nobody is to be called.
    Still,
    /// A rung fires when the wait is over.
    Climbing {
        /// Which rung.
        next: Position,
        /// When.
        due: Wait,
        /// Whether any rung of the present pass has fired.
        fired: bool,
        /// The people whom the latest rung that fired has called, and who have not dropped out.
        called: Vec<PersonId>,
        /// Those whom it left out because they are busy: the next one that fires calls them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        spared: Vec<PersonId>,
        /// When those who have declined are asked again, where a pass has called nobody on account of that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asks_again: Option<Wait>,
        /// What is asked of them.
        seeks: Seeks,
    },
}

/// What a ladder looks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seeks {
    /// Somebody who answers.
    Answer,
    /// Nobody in particular: one rung is to be told, and that is all (`acknowledge = "none"`).
    Witness,
    /// Somebody other than the holder, who can confirm (`confirm-by = "other"`).
    Confirmer,
}

/// A rung of a ladder.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Position {
    /// The policy's own ladder, or that of the last resort.
    pub phase: Phase,
    /// How many times it was climbed before.
    pub pass: u32,
    /// The step, from 0.
    pub step: usize,
}

impl Position {
    /// The first rung of all.
    pub(super) const BOTTOM: Self = Self { phase: Phase::Own, pass: 0, step: 0 };
}

/// Whose ladder is climbed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The policy's own.
    Own,
    /// The last resort's.
    LastResort,
}

/// What was done at a rung.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rung {
    /// These people were called.
    Fired {
        /// Which rung.
        at: Position,
        /// Whom.
        people: Vec<PersonId>,
    },
    /// There was nobody to call.
    Skipped {
        /// Which rung.
        at: Position,
    },
    /// All who were called have dropped out, or their messages were refused: the next is due.
    Hastened,
}

/// The pause after a pass in which nobody could be called.
pub(super) const PAUSE: Duration = Duration::from_secs(60);

impl Ladder {
    /// The bottom of the ladder, due at once.
    pub(super) fn from_the_start(now: Moment, seeks: Seeks) -> Self {
        Self::Climbing {
            next: Position::BOTTOM,
            due: now.at_once(),
            fired: false,
            called: Vec::new(),
            spared: Vec::new(),
            asks_again: None,
            seeks,
        }
    }

    /// Whether people are about to be called from its first rung on.
    pub(super) fn begins(&self) -> bool {
        match self {
            Self::Still => false,
            Self::Climbing { next, fired, seeks, .. } => {
                *next == Position::BOTTOM && !fired && *seeks != Seeks::Confirmer
            }
        }
    }

    /// When the next rung is due.
    pub fn due(&self) -> Option<Wait> {
        match self {
            Self::Still => None,
            Self::Climbing { due, .. } => Some(*due),
        }
    }

    /// When those who have declined are asked again, where nobody else was left.
    pub fn asks_again(&self) -> Option<Wait> {
        match self {
            Self::Still => None,
            Self::Climbing { asks_again, .. } => *asks_again,
        }
    }

    /// Whether somebody is, or will be, called.
    pub fn is_climbing(&self) -> bool {
        matches!(self, Self::Climbing { .. })
    }

    /// The same ladder on the clock of this boot.
    pub(super) fn resume(&mut self, now: Moment) {
        match self {
            Self::Still => {}
            Self::Climbing { due, asks_again, .. } => {
                *due = due.resumed(now);
                *asks_again = asks_again.map(|wait| wait.resumed(now));
            }
        }
    }

    /// The same ladder without this person among those who may still answer; due at once when
    /// nobody is left. `None` where that changes nothing.
    pub(super) fn without(&self, person: &PersonId, now: Moment) -> Option<Self> {
        let mut ladder = self.clone();
        let Self::Climbing { called, due, .. } = &mut ladder else { return None };
        let before = called.len();
        called.retain(|known| known != person);
        if called.len() == before {
            return None;
        }
        if called.is_empty() {
            *due = now.at_once();
        }
        Some(ladder)
    }

    /// The same for one whose message was refused. A number that is always refused must not be
    /// called as fast as the network can refuse: before the same steps are climbed again there is
    /// a pause.
    pub(super) fn refused(&self, person: &PersonId, now: Moment) -> Option<Self> {
        let before = self.due()?;
        let mut ladder = self.without(person, now)?;
        if let Self::Climbing { called, due, next, .. } = &mut ladder
            && called.is_empty()
            && next.step == 0
            && next.pass > 0
        {
            *due = [before, now.wait(PAUSE)].into_iter().min_by_key(|wait| wait.mono)?;
        }
        Some(ladder)
    }
}

impl FrozenPolicy {
    /// The step at that rung, if there is one.
    pub(super) fn step(&self, at: Position) -> Option<&Step> {
        self.of(at.phase).steps.get(at.step)
    }

    /// The rung after that one, and whether a pass ends in between.
    pub(super) fn after(&self, at: Position) -> (Position, bool) {
        let onward = Position { step: at.step.saturating_add(1), ..at };
        if self.step(onward).is_some() {
            return (onward, false);
        }
        let again = Position { step: 0, pass: at.pass.saturating_add(1), ..at };
        let exhausted = at.phase == Phase::Own && at.pass >= self.policy.repeat;
        if exhausted && self.last_resort.is_some() {
            return (Position { phase: Phase::LastResort, pass: 0, step: 0 }, true);
        }
        (again, true)
    }

    /// Whether what is climbed in this phase is climbed again and again, until somebody answers.
    pub(super) fn repeats_for_ever(&self, phase: Phase) -> bool {
        match phase {
            Phase::Own => self.last_resort.is_none(),
            Phase::LastResort => true,
        }
    }

    /// Whether that rung lies beyond the policy's own ladder and its repetitions.
    pub(super) fn is_climbed(&self, at: Position) -> bool {
        match at.phase {
            Phase::Own => at.pass > self.policy.repeat,
            Phase::LastResort => true,
        }
    }

    /// The name of the ladder that is climbed in this phase.
    pub(super) fn name_of(&self, phase: Phase) -> &PolicyName {
        match (&self.last_resort, phase) {
            (Some((name, _)), Phase::LastResort) => name,
            (None, Phase::LastResort) | (_, Phase::Own) => &self.name,
        }
    }

    /// What people must answer.
    pub(super) fn acknowledge(&self) -> Acknowledge {
        self.policy.acknowledge
    }
}

/// The people whom a step names at that instant, each once, in the order of the file.
pub fn resolve(site: &Site, roster: &Roster, step: &Step, at: Utc) -> Vec<PersonId> {
    resolve_all(site, roster, &step.notify, at)
}

/// The same, of recipients that no step names.
pub(super) fn resolve_all(
    site: &Site,
    roster: &Roster,
    notify: &[Recipient],
    at: Utc,
) -> Vec<PersonId> {
    let mut people: Vec<PersonId> = Vec::new();
    for recipient in notify {
        let on_call;
        let named: &[PersonId] = match recipient {
            Recipient::Person(person) => std::slice::from_ref(person),
            Recipient::Group(group) => site.groups.get(group).map_or(&[], Vec::as_slice),
            Recipient::Schedule(schedule) => {
                let in_force = |known| roster.in_force(site, schedule, known).on_call(at);
                on_call = site.schedules.get(schedule).map_or_else(Vec::new, in_force);
                &on_call
            }
        };
        for person in named {
            if !people.contains(person) {
                people.push(person.clone());
            }
        }
    }
    people
}

/// Whether the person has an address for any channel of the step.
pub fn reachable(site: &Site, person: &PersonId, by: &[Channel]) -> bool {
    site.people.get(person).is_some_and(|known| {
        by.iter().any(|channel| match channel {
            Channel::Sms => known.phone.is_some(),
        })
    })
}
