//! Chatter: a contact that changes so often that people are spared its changes.
//!
//! It remembers as many changes as it takes to begin, and no more. Beginning and end come by turns. It knows no states: what is
//! told at either end is the business of whoever asks.

use crate::{Instant, RuleError};
use std::collections::VecDeque;
use std::time::Duration;

/// No rule may wait for more changes: they are remembered, for each contact.
pub const MOST_CHANGES: u16 = 1000;

/// When chattering begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChatterRule {
    changes: u16,
    window: Duration,
    quiet: Duration,
}

impl ChatterRule {
    /// Chattering begins with more than so many changes within the window, and ends when there has been none for the quiet time.
    ///
    /// The window has both its ends in it. A contact that moves for a whole window without holding any level chatters too.
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

#[derive(Debug, Clone)]
enum Phase {
    Steady {
        /// The latest changes, the oldest first, no more than one above the rule.
        recent: VecDeque<Instant>,
        /// The first of the movements between which it found no rest.
        restless: Option<Instant>,
    },
    Chattering {
        /// The last change that counted.
        last: Instant,
    },
}

impl Phase {
    fn steady() -> Self {
        Self::Steady { recent: VecDeque::new(), restless: None }
    }
}

/// Whether one contact chatters.
#[derive(Debug, Clone)]
pub(crate) struct Chatter {
    rule: ChatterRule,
    phase: Phase,
}

impl Chatter {
    pub(crate) fn new(rule: ChatterRule) -> Self {
        Self { rule, phase: Phase::steady() }
    }

    /// Takes changes that count, all at the same time.
    pub(crate) fn change(&mut self, changes: u32, at: Instant) -> Telling {
        let recent = match &mut self.phase {
            Phase::Steady { recent, .. } => recent,
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

    /// Takes a movement, whether or not it comes to count, and says whether it is one too many without a rest.
    pub(crate) fn movement(&mut self, rested: bool, at: Instant) -> bool {
        let Phase::Steady { restless, .. } = &mut self.phase else {
            return false;
        };
        let first = restless.filter(|_| !rested).unwrap_or(at);
        *restless = Some(first);
        let begins = at.saturating_sub(first) >= self.rule.window;
        if begins {
            self.phase = Phase::Chattering { last: at };
        }
        begins
    }

    /// When chattering ends, if the level that has counted since then still stands. `None` if it does not chatter.
    pub(crate) fn ends(&self, rested: Instant) -> Option<Instant> {
        match &self.phase {
            Phase::Steady { .. } => None,
            Phase::Chattering { last } => Some(last.saturating_add(self.rule.quiet).max(rested)),
        }
    }

    /// It has been quiet for long enough.
    pub(crate) fn end(&mut self) {
        self.phase = Phase::steady();
    }

    /// Nobody was looking until now: that was no quiet time.
    pub(crate) fn resume(&mut self, at: Instant) {
        match &mut self.phase {
            Phase::Steady { restless, .. } => *restless = None,
            Phase::Chattering { last } => *last = at.max(*last),
        }
    }
}
