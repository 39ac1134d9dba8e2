//! An alarm definition: which signals concern it, and what they say of which alarm.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use super::expression::{Condition, EvaluationError};
use super::flapping::FlappingRule;
use super::matching::{Match, Mismatch};
use super::name::{DefinitionName, InputName, PolicyName};
use super::signal::{Kind, Signal};
use super::site::Priority;
use super::suppression::{self, Causes};
use super::swap::Swap;
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
    /// Whose word that the cause is gone is taken.
    pub cleared_by: ClearedBy,
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
    /// When it flaps; `None`: never.
    pub flapping: Option<FlappingRule>,
    /// How often it must be heard, each key of it; `None`: it may be silent.
    pub heartbeat: Option<Duration>,
    /// The ladder; without one nobody is called.
    pub escalation: Option<PolicyName>,
    /// The group with which it goes to another ladder for a while.
    pub swap: Option<Swap>,
    /// The alarms that keep it quiet while they are active.
    pub suppressed_by: Vec<Suppressor>,
}

/// Whose word ends an alarm.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ClearedBy {
    /// Whoever may raise it.
    #[default]
    Anyone,
    /// Only who has proved who they are ([`Signal::is_authenticated`]); nobody else makes it milder, feeds its heartbeat, or says
    /// what keeps it quiet. Anybody may raise it: in doubt, it calls.
    Authenticated,
}

/// One entry of `suppressed-by`.
#[derive(Debug)]
pub struct Suppressor {
    /// The definition.
    pub definition: DefinitionName,
    /// The key of the alarm that is meant; `None`: any of them.
    pub key: Option<Template>,
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

/// A rendered key is no longer than this, in bytes.
pub const KEY_LIMIT: usize = 4_096;
/// A rendered text is no longer than this, in bytes.
pub const TEXT_LIMIT: usize = 16 * 1_024;

/// Why a signal ends no alarm, as people are told.
const UNPROVED: &str = "it says that the cause is gone, and its sender has not proved who it is (cleared-by = \"authenticated\")";

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

/// Why a definition does not select a signal: what `vigie explain` prints.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotSelected {
    /// It looks at other inputs.
    #[error("the input is `{input}`, wanted {wanted}")]
    Input {
        /// Where the signal came from.
        input: InputName,
        /// What `from` names.
        wanted: String,
    },
    /// The signal lacks a field of `match`.
    #[error("the signal has no field `{field}`, wanted {wanted}")]
    Absent {
        /// The field.
        field: Arc<str>,
        /// What it may be.
        wanted: String,
    },
    /// A field of `match` is something else.
    #[error("field `{field}` is `{value}`, wanted {wanted}")]
    Differs {
        /// The field.
        field: Arc<str>,
        /// What it is.
        value: String,
        /// What it may be.
        wanted: String,
    },
}

/// How much of a field's value a reason quotes, in letters.
const QUOTED: usize = 120;

impl Selector {
    /// Whether a signal came from there.
    pub fn names(&self, signal: &Signal) -> bool {
        self.means(signal.kind, signal.input.as_str())
    }

    /// Whether it means that input, which is one of that kind.
    pub fn means(&self, kind: Kind, input: &str) -> bool {
        match self {
            Self::Input(meant) => meant.as_str() == input,
            Self::Kind(meant) => *meant == kind,
        }
    }
}

impl std::fmt::Display for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Input(input) => f.write_str(input.as_str()),
            Self::Kind(kind) => f.write_str(kind.name()),
        }
    }
}

impl Definition {
    /// Whether it concerns a signal.
    pub fn concerns(&self, signal: &Signal) -> bool {
        self.from.iter().any(|selector| selector.names(signal)) && self.matches.admits(signal)
    }

    /// Whether it concerns a signal, and if not, why.
    pub fn selects(&self, signal: &Signal) -> Result<(), NotSelected> {
        if !self.from.iter().any(|selector| selector.names(signal)) {
            let wanted: Vec<String> =
                self.from.iter().map(|selector| format!("`{selector}`")).collect();
            return Err(NotSelected::Input {
                input: signal.input.clone(),
                wanted: wanted.join(" or "),
            });
        }
        match self.matches.mismatch(signal) {
            None => Ok(()),
            Some(Mismatch::Absent(asked)) => {
                Err(NotSelected::Absent { field: Arc::clone(&asked.field), wanted: asked.wanted() })
            }
            Some(Mismatch::Differs(asked)) => {
                let value =
                    signal.field(&asked.field).map(|field| field.to_string()).unwrap_or_default();
                Err(NotSelected::Differs {
                    field: Arc::clone(&asked.field),
                    value: value.chars().take(QUOTED).collect(),
                    wanted: asked.wanted(),
                })
            }
        }
    }

    /// What a signal that it selects says of which alarm.
    pub fn read(&self, signal: &Signal) -> Reading {
        let key = self.key.render(signal, KEY_LIMIT);
        let (condition, cut) = match self.says.read(signal) {
            Ok(Cause::Present) => {
                self.alarm(signal, |priority, text| Reported::Active { priority, text })
            }
            Ok(Cause::Happened) => {
                self.alarm(signal, |priority, text| Reported::Event { priority, text })
            }
            Ok(Cause::Gone) if self.believes(signal) => (Reported::Normal, false),
            Ok(Cause::Gone) => (Reported::Unreadable(UNPROVED.to_owned()), false),
            Ok(Cause::Untold) => (Reported::Unchanged, false),
            Err(reason) => (Reported::Unreadable(reason), false),
        };
        Reading { key: key.text, condition, cut: key.cut || cut }
    }

    /// The alarms that keep quiet the one that a signal speaks of.
    pub fn causes(&self, signal: &Signal) -> Option<Arc<Causes>> {
        let cause = |suppressor: &Suppressor| suppression::Cause {
            definition: suppressor.definition.clone(),
            key: suppressor.key.as_ref().map(|key| key.render(signal, KEY_LIMIT).text),
        };
        let has_any = !self.suppressed_by.is_empty();
        has_any.then(|| Arc::new(Causes(self.suppressed_by.iter().map(cause).collect())))
    }

    fn alarm(
        &self,
        signal: &Signal,
        report: impl FnOnce(Priority, Arc<str>) -> Reported,
    ) -> (Reported, bool) {
        let text = self.text.render(signal, TEXT_LIMIT);
        (report(self.priority(signal), text.text), text.cut)
    }

    /// The first grade that holds. One that cannot be told does not hold; where none does, the
    /// priority is the one of a definition that names none.
    fn priority(&self, signal: &Signal) -> Priority {
        let holds =
            |grade: &&Grade| grade.when.as_ref().is_none_or(|when| when.holds(signal) == Ok(true));
        self.priority.iter().find(holds).map_or_else(Priority::default, |grade| grade.is)
    }
}

/// What a signal says of the cause, before anybody has put it in words.
enum Cause {
    Present,
    Happened,
    Gone,
    Untold,
}

impl Says {
    fn read(&self, signal: &Signal) -> Result<Cause, String> {
        match self {
            Self::Momentary(None) => Ok(Cause::Happened),
            Self::Momentary(Some(condition)) => {
                Ok(if told("active", condition, signal)? { Cause::Happened } else { Cause::Untold })
            }
            // Where both hold, the cause is present: when in doubt, call.
            Self::State { active, .. } if told("active", active, signal)? => Ok(Cause::Present),
            Self::State { normal: None, .. } => Ok(Cause::Gone),
            Self::State { normal: Some(normal), .. } => {
                Ok(if told("normal", normal, signal)? { Cause::Gone } else { Cause::Untold })
            }
            Self::Unless(normal) => {
                Ok(if told("normal", normal, signal)? { Cause::Gone } else { Cause::Present })
            }
        }
    }

    /// Its conditions, each with the key under which it stands in the file.
    pub fn conditions(&self) -> impl Iterator<Item = (&'static str, &Condition)> {
        let (active, normal) = match self {
            Self::Momentary(condition) => (condition.as_ref(), None),
            Self::State { active, normal } => (Some(active), normal.as_ref()),
            Self::Unless(normal) => (None, Some(normal)),
        };
        let active = active.map(|condition| ("active", condition));
        active.into_iter().chain(normal.map(|condition| ("normal", condition)))
    }
}

fn told(key: &str, condition: &Condition, signal: &Signal) -> Result<bool, String> {
    condition
        .holds(signal)
        .map_err(|error: EvaluationError| format!("`{key}` cannot be told: {error}"))
}
