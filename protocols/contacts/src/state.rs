//! What a contact is: levels as a device shows them, and states as people need them.
//!
//! It keeps nothing and decides one thing only: what `closed` and `alarm` say of a contact in a fault (see the crate's decisions).

use std::fmt;

/// The level of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Level {
    /// Current flows. The normal level of a fail-safe contact: a cut wire is an alarm.
    #[default]
    Closed,
    /// No current flows.
    Open,
}

impl Level {
    /// The level of a device's bit that is set while the contact is closed.
    #[must_use]
    pub fn closed_if(bit: bool) -> Self {
        if bit { Self::Closed } else { Self::Open }
    }

    /// The other one.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Closed => Self::Open,
            Self::Open => Self::Closed,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "closed",
            Self::Open => "open",
        })
    }
}

/// Why a supervised contact has no position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The loop is shorted.
    Short,
    /// The loop is cut.
    Cut,
    /// The two contacts of a pair say the same.
    Discrepancy {
        /// What both say.
        both: Level,
    },
    /// The value is in no band, is no number, or is missing. One fault, not three: a sensor that dies in all these ways
    /// by turns would otherwise never hold one long enough.
    OutOfRange,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short => f.write_str("short"),
            Self::Cut => f.write_str("cut"),
            Self::Discrepancy { both } => write!(f, "discrepancy, both {both}"),
            Self::OutOfRange => f.write_str("out of range"),
        }
    }
}

/// Where a contact stands, whatever its wiring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Position {
    /// Where it stands while all is well.
    Normal,
    /// In the other one.
    Alarm,
    /// Nobody knows where.
    Fault(Fault),
}

impl Position {
    /// The position of a line that shows this level.
    pub(crate) fn of(level: Level, normally: Level) -> Self {
        if level == normally { Self::Normal } else { Self::Alarm }
    }

    /// Whether the wire itself is wrong.
    pub(crate) fn is_fault(self) -> bool {
        match self {
            Self::Normal | Self::Alarm => false,
            Self::Fault(_) => true,
        }
    }
}

/// The state of a contact that counts: debounced and agreed upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct State {
    position: Position,
    normally: Level,
}

impl State {
    /// This position of a contact that is so normally.
    pub(crate) fn new(position: Position, normally: Level) -> Self {
        Self { position, normally }
    }

    /// A contact in the other position than the normal one, whose level is given.
    #[must_use]
    pub fn in_alarm(normally: Level) -> Self {
        Self::new(Position::Alarm, normally)
    }

    /// Whether it is not known to be in its normal position: an alarm or a fault.
    #[must_use]
    pub fn is_alarm(self) -> bool {
        match self.position {
            Position::Normal => false,
            Position::Alarm | Position::Fault(_) => true,
        }
    }

    /// Whether the contact is closed; in a fault, what it is in an alarm.
    #[must_use]
    pub fn is_closed(self) -> bool {
        let level = if self.is_alarm() { self.normally.opposite() } else { self.normally };
        level == Level::Closed
    }

    /// What is wrong with the wiring, if anything is.
    #[must_use]
    pub fn fault(self) -> Option<Fault> {
        match self.position {
            Position::Normal | Position::Alarm => None,
            Position::Fault(fault) => Some(fault),
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Position::Normal => f.write_str("normal"),
            Position::Alarm => f.write_str("alarm"),
            Position::Fault(fault) => write!(f, "fault: {fault}"),
        }
    }
}
