//! Chatter: a contact that changes so often that people are spared its changes.
//!
//! It remembers as many changes as it takes to begin, and no more. Beginning and end come by turns. It knows no states: what is
//! told at either end is the business of whoever asks.

use crate::became::Fate;
use crate::{Instant, RuleError};
use std::collections::VecDeque;
use std::time::Duration;

/// No rule may wait for more changes: they are remembered, for each contact.
pub const MOST_CHANGES: u16 = 1000;
/// What has buzzed for so many debounces is told, and after this time at the latest.
const DEBOUNCES: u32 = 20;
const PATIENCE: Duration = Duration::from_secs(5);

/// When chattering begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChatterRule {
    changes: u16,
    window: Duration,
    quiet: Duration,
}

impl ChatterRule {
    /// Chattering begins with more than so many changes within the window, and ends when nothing has moved for the quiet time.
    ///
    /// The window has both its ends in it. A contact that moves for a whole window without holding any level chatters too, and so does
    /// one that moves more than so many times without holding any for the debounce, for twenty debounces or five seconds.
    ///
    /// # Errors
    /// Zero changes, or more than [`MOST_CHANGES`]; no window; no quiet time.
    pub fn new(changes: u16, window: Duration, quiet: Duration) -> Result<Self, RuleError> {
        if changes == 0 || changes > MOST_CHANGES {
            return Err(RuleError::Changes(changes));
        }
        if window.is_zero() {
            return Err(RuleError::NoWindow);
        }
        if quiet.is_zero() {
            return Err(RuleError::NoQuiet);
        }
        Ok(Self { changes, window, quiet })
    }
}

/// How a change is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Telling {
    /// By itself.
    Singly,
    /// As the one that begins chattering.
    AsBeginning,
    /// Not at all.
    Untold,
}

impl Telling {
    /// What became of the edge, where the change was one.
    pub(crate) fn of_an_edge(self) -> Fate {
        match self {
            Self::Singly | Self::AsBeginning => Fate::Told,
            Self::Untold => Fate::InChatter,
        }
    }
}

#[derive(Debug, Clone)]
enum Phase {
    /// The latest changes, the oldest first, no more than one above the rule.
    Steady(VecDeque<Instant>),
    /// More than the rule allows, until nothing has moved for its quiet time.
    Chattering {
        /// The last movement.
        last: Instant,
    },
}

/// Movements without a rest between them.
#[derive(Debug, Clone, Copy, Default)]
struct Unrest {
    first: Instant,
    movements: u32,
}

impl Unrest {
    fn after(self, rested: bool, movements: u32, at: Instant) -> Self {
        if rested || self.movements == 0 {
            return Self { first: at, movements };
        }
        Self { movements: self.movements.saturating_add(movements), ..self }
    }

    fn lasts(self, now: Instant) -> Duration {
        now.saturating_sub(self.first)
    }
}

/// Whether one contact chatters.
#[derive(Debug, Clone)]
pub(crate) struct Chatter {
    rule: ChatterRule,
    /// How long it may buzz before that is told.
    patience: Duration,
    phase: Phase,
    /// Between these, no position held long enough to count.
    restless: Unrest,
    /// Between these, none even held for the debounce.
    buzzing: Unrest,
}

impl Chatter {
    /// Steady, and nothing has moved yet.
    pub(crate) fn new(rule: ChatterRule, debounce: Duration) -> Self {
        let phase = Phase::Steady(VecDeque::new());
        let patience = debounce.saturating_mul(DEBOUNCES).min(PATIENCE);
        let (restless, buzzing) = (Unrest::default(), Unrest::default());
        Self { rule, patience, phase, restless, buzzing }
    }

    /// Whether it has begun and not ended.
    pub(crate) fn is_chattering(&self) -> bool {
        match self.phase {
            Phase::Steady(_) => false,
            Phase::Chattering { .. } => true,
        }
    }

    /// Takes changes that count, all at the same time.
    pub(crate) fn change(&mut self, changes: u32, at: Instant) -> Telling {
        let recent = match &mut self.phase {
            Phase::Steady(recent) => recent,
            Phase::Chattering { last } => {
                *last = at.max(*last);
                return Telling::Untold;
            }
        };
        let needed = usize::from(self.rule.changes).saturating_add(1);
        for _ in 0..usize::try_from(changes).unwrap_or(usize::MAX).min(needed) {
            if recent.len() == needed {
                recent.pop_front();
            }
            recent.push_back(at);
        }
        let oldest = recent.front().filter(|_| recent.len() == needed);
        if oldest.is_some_and(|oldest| at.saturating_sub(*oldest) <= self.rule.window) {
            self.phase = Phase::Chattering { last: at };
            return Telling::AsBeginning;
        }
        Telling::Singly
    }

    /// Takes movements, whether or not they come to count, and says whether they are too many without a rest.
    ///
    /// What was left had rested if it held long enough to count, and was steady if it held for the debounce.
    pub(crate) fn movement(
        &mut self,
        rested: bool,
        steady: bool,
        movements: u32,
        at: Instant,
    ) -> bool {
        self.stir(at);
        self.restless = self.restless.after(rested, movements, at);
        self.buzzing = self.buzzing.after(steady, movements, at);
        let buzzes = self.buzzing.movements > u32::from(self.rule.changes)
            && self.buzzing.lasts(at) >= self.patience;
        buzzes || self.restless.lasts(at) >= self.rule.window
    }

    /// Chattering begins, if it has not begun already.
    pub(crate) fn begin(&mut self, at: Instant) -> bool {
        let begins = !self.is_chattering();
        if begins {
            self.phase = Phase::Chattering { last: at };
        }
        begins
    }

    /// When chattering ends, if the level that has counted since then still stands. `None` if it does not chatter.
    pub(crate) fn ends(&self, rested: Instant) -> Option<Instant> {
        match &self.phase {
            Phase::Steady(_) => None,
            Phase::Chattering { last } => Some(last.saturating_add(self.rule.quiet).max(rested)),
        }
    }

    /// It has been quiet for long enough.
    pub(crate) fn end(&mut self) {
        self.phase = Phase::Steady(VecDeque::new());
    }

    /// Until now it was not quiet, or nobody knows that it was.
    pub(crate) fn stir(&mut self, at: Instant) {
        match &mut self.phase {
            Phase::Steady(_) => {}
            Phase::Chattering { last } => *last = at.max(*last),
        }
    }

    /// Nobody looks any more: what moves later was not seen to move meanwhile.
    pub(crate) fn lose_sight(&mut self) {
        (self.restless, self.buzzing) = (Unrest::default(), Unrest::default());
    }
}
