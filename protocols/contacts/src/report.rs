//! What a contact tells.
//!
//! Each thing is told once, when it comes to count. What begins (chattering, being lost) is told before it ends.

use crate::{Instant, State};

/// One thing that a contact tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Since when it is so: of a change, the edge or the reading that began it, not the end of the wait after it.
    pub since: Instant,
    /// What is so.
    pub outcome: Outcome,
    /// Whether the contact chatters while this is told: its state is then only what it happened to be last.
    pub is_chattering: bool,
}

/// What came of what was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The first state: what was found at the start and held, which is no change.
    Initial(State),
    /// Another state than before.
    Changed(State),
    /// An alarm that no reading of the level showed, from a latch or a counter; its return is told as a change.
    Pulsed {
        /// The alarm.
        state: State,
        /// How many pulses there were; a latch knows of one.
        pulses: u32,
    },
    /// It changes so often that its changes are no longer told.
    ChatterBegan(State),
    /// It has been quiet for long enough, in this state; changes are told again.
    ChatterEnded(State),
    /// What happened in between nobody saw: pulses may be missing. See [`wants_reading`](crate::Contact::wants_reading).
    EdgesLost {
        /// How many, where that is known.
        edges: Option<u32>,
        /// What counts until a fresh level is read.
        state: Option<State>,
    },
    /// The device does not answer, or is gone: nobody knows the state.
    Lost,
    /// The device is there again.
    Recovered {
        /// The state now.
        state: State,
        /// The state before the device was lost. What may have been in between is not invented.
        before: Option<State>,
    },
}

impl Outcome {
    /// The state of the contact now, where it is known.
    #[must_use]
    pub fn state(self) -> Option<State> {
        match self {
            Self::Initial(state)
            | Self::Changed(state)
            | Self::Pulsed { state, .. }
            | Self::ChatterBegan(state)
            | Self::ChatterEnded(state)
            | Self::Recovered { state, .. } => Some(state),
            Self::EdgesLost { state, .. } => state,
            Self::Lost => None,
        }
    }
}
