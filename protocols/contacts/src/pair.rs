//! An antivalent pair: a make contact and a break contact of one device, of which exactly one is closed.
//!
//! While it moves, both say the same for a moment. For longer than the discrepancy time, a wire is cut or shorted: a fault.
//! That also goes for the start: a pair that is found moving has no state until it has moved.

use crate::point::Point;
use crate::seen::{Look, Waits};
use crate::sequence::Sequence;
use crate::state::Position;
use crate::{Contact, Edge, Fault, Instant, Level, Report, RuleError, Rules};
use std::time::Duration;

/// What a pair has rules for besides those of every contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairRule {
    normally: Level,
    discrepancy: Duration,
}

impl PairRule {
    /// A pair whose make contact has this level while all is well; both may say the same for less than the discrepancy time.
    ///
    /// # Errors
    /// Without any time, each passage would be a fault.
    pub fn new(normally: Level, discrepancy: Duration) -> Result<Self, RuleError> {
        if discrepancy.is_zero() {
            return Err(RuleError::NoDiscrepancy);
        }
        Ok(Self { normally, discrepancy })
    }

    fn position(self, make: Level, brk: Level) -> Position {
        if make == brk {
            return Position::Fault(Fault::Discrepancy { both: make });
        }
        Position::of(make, self.normally)
    }
}

/// One of the two contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Half {
    /// Open at rest (NO, form A).
    Make,
    /// Closed at rest (NC, form B).
    Break,
}

/// The wiring of an antivalent pair.
#[derive(Debug, Clone)]
pub struct Pair {
    rule: PairRule,
    make: Line,
    brk: Line,
}

#[derive(Debug, Clone, Default)]
struct Line {
    level: Option<Level>,
    sequence: Sequence,
}

impl Contact<Pair> {
    /// A pair of which nothing is known yet.
    #[must_use]
    pub fn pair(rule: PairRule, rules: Rules) -> Self {
        let waits = Waits::of(&rules).with_discrepancy(rule.discrepancy);
        let wiring = Pair { rule, make: Line::default(), brk: Line::default() };
        Self::wired(wiring, Point::new(rule.normally, waits, rules))
    }

    /// Takes both levels, read at the same time.
    pub fn read(&mut self, make: Level, brk: Level, now: Instant) -> Vec<Report> {
        self.stale = false;
        self.wiring.make.level = Some(make);
        self.wiring.brk.level = Some(brk);
        self.see(now, Look::Reading)
    }

    /// Takes an edge of one of the two, however late: all that wait, of both and in the order of their times.
    ///
    /// Before both levels have been read, an edge gives no state.
    pub fn edge(&mut self, half: Half, edge: Edge, now: Instant) -> Vec<Report> {
        let at = edge.at.min(now);
        let line = match half {
            Half::Make => &mut self.wiring.make,
            Half::Break => &mut self.wiring.brk,
        };
        line.level = Some(edge.level);
        let gap = line.sequence.follow(edge.sequence);
        let mut reports = self.missed(gap, at);
        reports.extend(self.see(at, Look::Edge));
        reports
    }

    /// The device does not answer since then, or is gone: the state is unknown until both levels are read.
    ///
    /// The lines are requested anew after that, so that edges count from 1 again.
    pub fn lost(&mut self, since: Instant, now: Instant) -> Vec<Report> {
        self.wiring.make = Line::default();
        self.wiring.brk = Line::default();
        self.point.lost(since, now)
    }

    fn see(&mut self, at: Instant, look: Look) -> Vec<Report> {
        let (Some(make), Some(brk)) = (self.wiring.make.level, self.wiring.brk.level) else {
            return Vec::new();
        };
        self.point.see(self.wiring.rule.position(make, brk), at, look)
    }
}
