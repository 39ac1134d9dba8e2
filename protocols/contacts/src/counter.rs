//! The counter registers of a board, read from time to time: what they counted in between.
//!
//! A register that wraps and a board that restarts both show a lower value than before. What tells them apart is how much the
//! counter may have counted at most. What is not plausible is [`Counted::Unknown`], and never a number.

use crate::{Level, RuleError};

/// How wide a counter is that goes on counting; after its highest value comes zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Width {
    /// One register.
    Bits16,
    /// Two registers, in whatever order the board has them.
    Bits32,
}

impl Width {
    fn highest(self) -> u32 {
        match self {
            Self::Bits16 => u32::from(u16::MAX),
            Self::Bits32 => u32::MAX,
        }
    }
}

/// Which edges a board counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counts {
    /// From open to closed.
    Closings,
    /// From closed to open.
    Openings,
    /// Both, as a serial port does (`TIOCGICOUNT`).
    Both,
}

impl Counts {
    /// How many pulses no reading showed, if so many edges were counted between two readings of the level.
    ///
    /// Whether the beginnings of pulses are counted or their ends: what the level does not show is one pulse each. Where both readings
    /// show an alarm, it went and came again.
    pub(crate) fn unseen(self, edges: u32, before: Level, after: Level) -> u32 {
        let reached = match self {
            Self::Closings => Level::Closed,
            Self::Openings => Level::Open,
            Self::Both => return edges.saturating_sub(u32::from(before != after)).div_ceil(2),
        };
        edges.saturating_sub(u32::from(before != after && after == reached))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Register {
    Running(Width),
    ClearedOnRead,
}

impl Register {
    fn holds(self, value: u32) -> bool {
        match self {
            Self::Running(width) => value <= width.highest(),
            Self::ClearedOnRead => true,
        }
    }
}

/// What a counter is, and what is plausible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CounterRule {
    register: Register,
    counts: Counts,
    most: u32,
}

impl CounterRule {
    /// A counter that goes on counting, by so many at most from one reading to the next.
    ///
    /// # Errors
    /// Zero counts nothing. More than half of what the counter can hold cannot be told from a restart.
    pub fn running(width: Width, counts: Counts, most: u32) -> Result<Self, RuleError> {
        let limit = width.highest() / 2;
        if most > limit {
            return Err(RuleError::Increment { most, limit });
        }
        Self::new(Register::Running(width), counts, most)
    }

    /// A counter that begins again from zero each time it is read.
    ///
    /// # Errors
    /// Zero counts nothing.
    pub fn cleared_on_read(counts: Counts, most: u32) -> Result<Self, RuleError> {
        Self::new(Register::ClearedOnRead, counts, most)
    }

    fn new(register: Register, counts: Counts, most: u32) -> Result<Self, RuleError> {
        if most == 0 {
            return Err(RuleError::NoIncrement);
        }
        Ok(Self { register, counts, most })
    }
}

/// What a counter has counted since the reading before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// There was no reading before: what it counted until now is old, and nobody knows how old.
    First,
    /// So many edges, of these kinds; also across a wrap.
    Rose {
        /// How many.
        by: u32,
        /// Which.
        counts: Counts,
    },
    /// The board restarted or was exchanged, or the value is wrong: pulses may be missing.
    Unknown,
}

/// The readings of one counter.
#[derive(Debug, Clone)]
pub struct Counter {
    rule: CounterRule,
    before: Option<u32>,
}

impl Counter {
    /// A counter that was not read yet.
    #[must_use]
    pub fn new(rule: CounterRule) -> Self {
        Self { rule, before: None }
    }

    /// Takes a reading.
    ///
    /// A device that was lost may have gone on counting meanwhile, so that the difference still holds.
    pub fn read(&mut self, value: u32) -> Counted {
        if !self.rule.register.holds(value) {
            // Modulo 65,536 the value of a wider register would look like one that wraps.
            self.before = None;
            return Counted::Unknown;
        }
        let Some(before) = self.before.replace(value) else {
            return Counted::First;
        };
        let by = match self.rule.register {
            Register::ClearedOnRead => value,
            Register::Running(width) => value.wrapping_sub(before) & width.highest(),
        };
        if by > self.rule.most {
            return Counted::Unknown;
        }
        Counted::Rose { by, counts: self.rule.counts }
    }
}
