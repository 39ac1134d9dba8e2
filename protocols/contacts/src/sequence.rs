//! Edges as the kernel tells them: with their own time, and counted, so that a queue that overflowed is noticed.

use crate::{Instant, Level};

/// One edge of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// The level after it.
    pub level: Level,
    /// When it happened; it may be handed in much later.
    pub at: Instant,
    /// Its number among the edges of its line since the line was requested, from 1; `None` where edges are not counted.
    pub sequence: Option<u32>,
}

/// How far the edges of one line have been counted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sequence(u32);

/// Edges that nobody will ever see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gap {
    /// How many; `None` if the count went back, as after a request that we were not told of.
    pub(crate) edges: Option<u32>,
}

impl Sequence {
    /// Takes the number of an edge, and says if others should have come before it.
    pub(crate) fn follow(&mut self, number: Option<u32>) -> Option<Gap> {
        let number = number?;
        let step = number.wrapping_sub(self.0);
        self.0 = number;
        match step {
            1 => None,
            2..=0x7FFF_FFFF => Some(Gap { edges: Some(step.saturating_sub(1)) }),
            0 | 0x8000_0000..=u32::MAX => Some(Gap { edges: None }),
        }
    }
}
