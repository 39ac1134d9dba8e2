//! An annunciator (ISA-18.1): what a siren, a lamp or a life relay shows, and since when.
//!
//! It is told whether there is something to show, what of it is new, and when somebody has silenced it; it says what to show, and when it
//! wants to be asked again. It knows neither alarms nor devices, and remembers nothing of what it showed before.
//!
//! # Decision (2026-11-27): what is new is heard, whatever was silenced
//!
//! Silence and `at-most` end with the first new thing, not with the last old one: a siren that somebody has silenced at midnight and that stays
//! silent for the fire at three is worse than none. What is new starts the time of `at-most` again. Rejected: silence for so long by the clock,
//! after which an alarm that everybody has heard sounds again.

use crate::{Instant, RuleError};
use std::time::Duration;

/// How something is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ShowRule {
    blink: Option<Duration>,
    at_most: Option<Duration>,
}

impl ShowRule {
    /// Shown without a pause, for as long as there is something to show.
    #[must_use]
    pub fn steady() -> Self {
        Self::default()
    }

    /// So long on, and so long off.
    ///
    /// # Errors
    /// No time at all.
    pub fn with_blink(self, blink: Duration) -> Result<Self, RuleError> {
        if blink.is_zero() {
            return Err(RuleError::NoTime);
        }
        Ok(Self { blink: Some(blink), ..self })
    }

    /// It stops by itself after so long, until something new comes.
    ///
    /// # Errors
    /// No time at all.
    pub fn with_at_most(self, at_most: Duration) -> Result<Self, RuleError> {
        if at_most.is_zero() {
            return Err(RuleError::NoTime);
        }
        Ok(Self { at_most: Some(at_most), ..self })
    }

    /// Whether it goes on and off.
    #[must_use]
    pub fn blinks(&self) -> bool {
        self.blink.is_some()
    }
}

/// What there is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// Nothing.
    Nothing,
    /// What was there before, or less of it.
    AsBefore,
    /// Something that was not there before.
    New,
}

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Showing {
    /// There is nothing to show.
    Rest,
    /// It is shown.
    On,
    /// There is something, and somebody has silenced it.
    Silenced,
    /// There is something, and it was shown for long enough.
    Ended,
}

/// One siren, lamp or relay.
#[derive(Debug, Clone)]
pub struct Annunciator {
    rule: ShowRule,
    showing: Showing,
    /// Since when that is so; of what is shown, since when without a pause: by this it blinks.
    since: Instant,
    /// When the latest new thing came.
    newest: Instant,
    /// The latest time that it was told.
    seen: Instant,
}

impl Annunciator {
    /// One that shows nothing.
    #[must_use]
    pub fn new(rule: ShowRule, now: Instant) -> Self {
        Self { rule, showing: Showing::Rest, since: now, newest: now, seen: now }
    }

    /// What there is to show from now on.
    pub fn demand(&mut self, demand: Demand, now: Instant) {
        let now = self.pass(now);
        match (demand, self.showing) {
            (Demand::Nothing, _) => self.turn(Showing::Rest, now),
            (Demand::New, _) => {
                self.newest = now;
                self.turn(Showing::On, now);
            }
            // There is something after all: who was not told that it is new must not lose it.
            (Demand::AsBefore, Showing::Rest) => {
                self.newest = now;
                self.turn(Showing::On, now);
            }
            (Demand::AsBefore, Showing::On | Showing::Silenced | Showing::Ended) => {}
        }
    }

    /// Somebody has heard it.
    pub fn silence(&mut self, now: Instant) {
        let now = self.pass(now);
        match self.showing {
            Showing::On => self.turn(Showing::Silenced, now),
            Showing::Rest | Showing::Silenced | Showing::Ended => {}
        }
    }

    /// Lets time pass, and says what is shown.
    pub fn shown(&mut self, now: Instant) -> Showing {
        self.pass(now);
        self.showing
    }

    /// Whether the relay, lamp or siren is to be on now: blinking, it is off half of the time.
    pub fn is_on(&mut self, now: Instant) -> bool {
        let now = self.pass(now);
        match self.showing {
            Showing::Rest | Showing::Silenced | Showing::Ended => false,
            Showing::On => {
                self.rule.blink.is_none_or(|blink| self.turns(blink, now).is_multiple_of(2))
            }
        }
    }

    /// Since when what is shown is shown.
    #[must_use]
    pub fn since(&self) -> Instant {
        self.since
    }

    /// When it wants to be asked again.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        match self.showing {
            Showing::Rest | Showing::Silenced | Showing::Ended => None,
            Showing::On => [self.end(), self.next_turn()].into_iter().flatten().min(),
        }
    }

    /// When it has been shown for long enough.
    fn end(&self) -> Option<Instant> {
        self.rule.at_most.map(|at_most| self.newest.saturating_add(at_most))
    }

    /// When it goes on or off next.
    fn next_turn(&self) -> Option<Instant> {
        let blink = self.rule.blink?;
        let turns = self.turns(blink, self.seen).saturating_add(1);
        let whole = blink.as_nanos().saturating_mul(turns);
        Some(
            self.since
                .saturating_add(Duration::from_nanos(u64::try_from(whole).unwrap_or(u64::MAX))),
        )
    }

    /// How many times it has gone on or off.
    fn turns(&self, blink: Duration, now: Instant) -> u128 {
        let shown = now.saturating_sub(self.since);
        shown.as_nanos().checked_div(blink.as_nanos()).unwrap_or(0)
    }

    fn turn(&mut self, to: Showing, now: Instant) {
        if self.showing != to {
            (self.showing, self.since) = (to, now);
        }
    }

    /// A time that is earlier than what was seen counts as just seen.
    fn pass(&mut self, now: Instant) -> Instant {
        self.seen = self.seen.max(now);
        if self.showing == Showing::On
            && let Some(end) = self.end().filter(|end| *end <= self.seen)
        {
            self.turn(Showing::Ended, end);
        }
        self.seen
    }
}
