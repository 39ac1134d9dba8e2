//! An alarm definition: which signals concern it, and what they say of which alarm.

use std::sync::Arc;
use std::time::Duration;

use super::expression::Condition;
use super::matching::Match;
use super::name::{DefinitionName, InputName, PolicyName};
use super::signal::{Kind, Signal};
use super::site::Priority;
use super::template::Template;

/// One `[alarms.NAME]`, read and compiled.
#[derive(Debug)]
pub struct Definition {
    /// Its name.
    pub name: DefinitionName,
    /// The inputs whose signals it looks at; never empty.
    pub from: Vec<Selector>,
    /// What a signal must bear to be selected.
    pub matches: Match,
    /// Which alarm a signal speaks of; up to [`KEY_LIMIT`] bytes once rendered.
    pub key: Template,
    /// What a signal says of the cause.
    pub says: Says,
    /// How long the condition must hold before the alarm is active.
    pub on_delay: Duration,
    /// How long the condition must be gone before the alarm has returned.
    pub off_delay: Duration,
    /// Whether a returned alarm stays until it is reset.
    pub latch: bool,
    /// How bad it is; the first grade whose condition holds. Never empty.
    pub priority: Vec<Grade>,
    /// What people read; up to [`TEXT_LIMIT`] bytes once rendered.
    pub text: Template,
    /// What to do about it.
    pub procedure: Option<Arc<str>>,
    /// The ladder; without one nobody is called.
    pub escalation: Option<PolicyName>,
}

/// One entry of `from`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Selector {
    /// One input: `snmp.network`.
    Input(InputName),
    /// Every input of a protocol: `snmp`.
    Kind(Kind),
}

/// What a signal says of the cause.
#[derive(Debug)]
pub enum Says {
    /// An event without a return. With a condition, only a signal that satisfies it counts.
    Momentary(Option<Condition>),
    /// Active or normal, and nothing changes where neither holds.
    State {
        /// Holds while the cause is present.
        active: Condition,
        /// Holds when it is gone; `None`: when `active` does not hold.
        normal: Option<Condition>,
    },
    /// Active is what `normal` denies.
    Unless(Condition),
}

/// One line of a graded priority.
#[derive(Debug)]
pub struct Grade {
    /// When it applies; `None`: always.
    pub when: Option<Condition>,
    /// The priority that it gives.
    pub is: Priority,
}

/// A rendered key is no longer than this.
pub const KEY_LIMIT: usize = 4_096;
/// A rendered text is no longer than this.
pub const TEXT_LIMIT: usize = 16 * 1_024;

/// What a definition makes of a signal that it selected.
#[derive(Clone, PartialEq, Debug)]
pub struct Reading {
    /// Which alarm.
    pub key: Arc<str>,
    /// What the signal says of it.
    pub condition: Reported,
    /// Whether the key or the text was longer than allowed, and cut.
    pub cut: bool,
}

/// What a signal says of an alarm's cause.
#[derive(Clone, PartialEq, Debug)]
pub enum Reported {
    /// The cause is present.
    Active {
        /// How bad.
        priority: Priority,
        /// What people read.
        text: Arc<str>,
    },
    /// An event without a return.
    Event {
        /// How bad.
        priority: Priority,
        /// What people read.
        text: Arc<str>,
    },
    /// The cause is gone.
    Normal,
    /// Neither: between the two thresholds, or a condition of a momentary alarm that does not hold.
    Unchanged,
    /// It cannot be told, for this reason; the alarm stays as it is.
    Unreadable(String),
}
