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
    /// Both.
    Both,
}

impl Counts {
    /// The level that is reached by what is counted; `None` where both are.
    fn reached(self) -> Option<Level> {
        match self {
            Self::Closings => Some(Level::Closed),
            Self::Openings => Some(Level::Open),
            Self::Both => None,
        }
    }
}

/// What the level has shown before it was counted.
///
/// The counter is read first: an edge between the two readings is shown by the level, and counted at the next reading. It is remembered
/// for that one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ahead(bool);

impl Ahead {
    /// How many pulses the level did not show, of so many edges of these kinds that were counted between two readings of the level.
    ///
    /// Whether the beginnings of pulses are counted or their ends: each is one pulse. Where both readings show an alarm, it went and
    /// came again.
    pub(crate) fn pulses(
        &mut self,
        edges: u32,
        counts: Counts,
        before: Level,
        after: Level,
    ) -> u32 {
        let Some(reached) = counts.reached() else {
            return self.movements(edges, before, after).div_ceil(2);
        };
        let shows = before != after && after == reached;
        let shown = u32::from(shows).saturating_add(u32::from(self.take()));
        self.0 = shows && edges < shown;
        edges.saturating_sub(shown)
    }

    /// How many movements the level did not show, of so many that were counted.
    ///
    /// An odd number of them changes the level, an even one does not: else one is still to be counted.
    pub(crate) fn movements(&mut self, edges: u32, before: Level, after: Level) -> u32 {
        let edges = edges.saturating_sub(u32::from(self.take()));
        let changed = before != after;
        self.0 = edges.is_multiple_of(2) == changed;
        edges.saturating_add(u32::from(self.0)).saturating_sub(u32::from(changed))
    }

    /// Forgets it: what was counted is not known.
    pub(crate) fn take(&mut self) -> bool {
        std::mem::take(&mut self.0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Register {
    /// It counts on and wraps at its width.
    Running(Width),
    /// Each reading sets it to 0: what it shows is what came since the last.
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

/// What a counter tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    /// Of edges that passed the filter of a board.
    Edges(Counts),
    /// Of whatever moved, bounces and all.
    Movements,
}

/// What a counter is, and what is plausible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CounterRule {
    register: Register,
    subject: Subject,
    most: u32,
}

impl CounterRule {
    /// A counter that goes on counting, by so many at most from one reading to the next.
    ///
    /// # Errors
    /// Zero counts nothing. More than half of what the counter can hold cannot be told from a restart.
    pub fn running(width: Width, counts: Counts, most: u32) -> Result<Self, RuleError> {
        Self::new(Register::Running(width), Subject::Edges(counts), most)
    }

    /// A counter that goes on counting too, but has no filter: it counts each movement of a line, as a serial port does
    /// (`TIOCGICOUNT`).
    ///
    /// # Errors
    /// As [`Self::running`].
    pub fn movements(width: Width, most: u32) -> Result<Self, RuleError> {
        Self::new(Register::Running(width), Subject::Movements, most)
    }

    /// A counter that begins again from zero each time it is read.
    ///
    /// # Errors
    /// Zero counts nothing.
    pub fn cleared_on_read(counts: Counts, most: u32) -> Result<Self, RuleError> {
        Self::new(Register::ClearedOnRead, Subject::Edges(counts), most)
    }

    fn new(register: Register, subject: Subject, most: u32) -> Result<Self, RuleError> {
        let limit = match register {
            Register::Running(width) => width.highest() / 2,
            Register::ClearedOnRead => u32::MAX,
        };
        if most > limit {
            return Err(RuleError::Increment { most, limit });
        }
        if most == 0 {
            return Err(RuleError::NoIncrement);
        }
        Ok(Self { register, subject, most })
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
    /// So many movements, bounces and all.
    Moved {
        /// How many.
        by: u32,
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
        match self.rule.subject {
            Subject::Edges(counts) => Counted::Rose { by, counts },
            Subject::Movements => Counted::Moved { by },
        }
    }
}
