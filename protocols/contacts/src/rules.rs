//! How long a level must hold, and how often it must be read, before it counts.
//!
//! What is possible and merely unwise, such as a debounce shorter than the time between two readings, is not refused here.

use crate::{ChatterRule, RuleError};
use std::time::Duration;

/// What every contact has rules for, whatever its wiring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// For how long a position must hold before it counts.
    pub(crate) debounce: Duration,
    /// For how long the alarm position must hold, where that is another time.
    pub(crate) minimum_pulse: Option<Duration>,
    /// So many readings in a row must show a position; at least 1.
    pub(crate) agreeing: u8,
    /// The device tells no edges: a wait ends with a reading.
    pub(crate) polled: bool,
    /// When it changes too often; `None`: never.
    pub(crate) chatter: Option<ChatterRule>,
}

impl Rules {
    /// A level counts once it has held for so long; each bounce begins the wait anew.
    #[must_use]
    pub fn new(debounce: Duration) -> Self {
        Self { debounce, minimum_pulse: None, agreeing: 1, polled: false, chatter: None }
    }

    /// An alarm counts once it has held for so long, in place of the debounce: a shorter pulse is discarded, and one
    /// at least as long counts even if it is over.
    #[must_use]
    pub fn with_minimum_pulse(self, minimum_pulse: Duration) -> Self {
        Self { minimum_pulse: Some(minimum_pulse), ..self }
    }

    /// A level counts once so many readings in a row have shown it. An edge is one reading.
    ///
    /// # Errors
    /// Without any reading there would be no state.
    pub fn with_agreeing(self, readings: u8) -> Result<Self, RuleError> {
        if readings == 0 {
            return Err(RuleError::NoReadings);
        }
        Ok(Self { agreeing: readings, ..self })
    }

    /// The level is read from time to time, and nobody tells of the edges in between: time alone ends no wait, but a reading at or
    /// after its end that shows the same. Nor does a single reading give the first state.
    #[must_use]
    pub fn polled(self) -> Self {
        Self { polled: true, ..self }
    }

    /// When it changes so often that its changes are no longer told.
    #[must_use]
    pub fn with_chatter(self, rule: ChatterRule) -> Self {
        Self { chatter: Some(rule), ..self }
    }
}
