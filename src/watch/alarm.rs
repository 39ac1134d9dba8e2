//! Alarms and their occurrences: what stands, and in which state (ISA-18.2, behaviour §2).
//!
//! An alarm keeps two independent memories, active and unacknowledged; the state that people see
//! is derived from them and stored nowhere.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::codes::Code;
use super::escalation::Ladder;
use super::flapping::Passages;
use super::name::{DefinitionName, PersonId};
use super::site::{OnReturn, Priority};
use super::stage::{Holder, Stage};
use super::suppression::{Causes, Filed, Quiet};
use super::swap::Swappable;
use super::time::{Mono, Utc, Wait};

/// With this the text of a test begins, in every language: on phones, on the board and on the record.
pub const TEST: &str = "TEST ";

/// An alarm's number, inside the daemon.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlarmNumber(pub u64);

/// An occurrence's number: `#4711` for people. Never used twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OccurrenceNumber(pub u64);

/// The number of a policy as it stood when it was frozen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PolicyNumber(pub u32);

/// A definition plus a key.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Alarm {
    /// Its number.
    pub number: AlarmNumber,
    /// The definition.
    pub definition: DefinitionName,
    /// The key; empty where the definition has none.
    pub key: Arc<str>,
    /// Whether it stands for tests of the alarm that bears the same name: no signal ever finds it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_test: bool,
    /// A change of condition that must hold a while before it counts; apart, since few have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Box<Pending>>,
    /// What stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<Box<Occurrence>>,
    /// The latest occurrence that ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Box<Ended>>,
    /// What keeps it quiet, and what of it is kept quiet; apart, since few have any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Box<Quiet>>,
    /// Its latest changes, where there were two of late; apart, since few have any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) passages: Option<Box<Passages>>,
    /// Under which deadline the watch's queue has this alarm.
    #[serde(skip)]
    pub(super) queued: Option<Mono>,
    /// How the index of suppressions has it.
    #[serde(skip)]
    pub(super) filed: Filed,
}

/// A change of condition that is being waited for (on-delay, off-delay).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pending {
    /// The cause is present; if it still is then, the alarm is active.
    Activation {
        /// Until when it must hold.
        wait: Wait,
        /// How the occurrence will open.
        as_: Activation,
    },
    /// The cause is gone; if it still is then, the alarm has returned.
    Return {
        /// Until when it must hold.
        wait: Wait,
    },
}

impl Pending {
    /// Until when the condition must hold.
    pub fn wait(&self) -> Wait {
        match self {
            Self::Activation { wait, .. } | Self::Return { wait } => *wait,
        }
    }
}

/// All that the opening of an occurrence needs, as the definition said it at that time.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Activation {
    /// How bad.
    pub priority: Priority,
    /// What people read.
    pub text: Arc<str>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub procedure: Option<Arc<str>>,
    /// The frozen ladder; without one nobody is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyNumber>,
    /// Whether the alarm stays when it has returned, until it is reset.
    pub latch: bool,
    /// Whether it is an event without a return.
    pub momentary: bool,
    /// What a return does before anybody has acknowledged.
    pub on_return: OnReturn,
    /// Its two ways, where its definition names a swap group; apart, since few do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swap: Option<Box<Swappable>>,
    /// That it is a test, where it is one; apart, since few are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub testing: Option<Box<Testing>>,
    /// The alarms that keep it quiet while they are active (`suppressed-by`), where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causes: Option<Arc<Causes>>,
}

/// What makes an occurrence a test.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Testing {
    /// Who asked for it.
    pub by: PersonId,
    /// When it ends by itself.
    pub until: Wait,
}

/// One passage of an alarm from inactive to active, until all that it asked for is done.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Occurrence {
    /// Its number.
    pub number: OccurrenceNumber,
    /// How it was (last) activated.
    pub activation: Activation,
    /// Whether the cause is present.
    pub active: bool,
    /// When it opened.
    pub opened: Utc,
    /// The latest activation.
    pub active_since: Utc,
    /// When the cause went, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<Utc>,
    /// Whether it waits for a reset.
    pub latched: bool,
    /// How many signals said the same again.
    pub repeats: u64,
    /// What people have answered.
    pub stage: Stage,
    /// Which run of the ladder; codes are bound to it.
    pub run: u32,
    /// Who is called next, and when.
    pub ladder: Ladder,
    /// Who is out for this occurrence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declined: Vec<PersonId>,
    /// Whether it stands for an alarm that comes and goes without end, and is active whatever that is now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flapping: bool,
    /// How bad it was when people were called, where it has become better since then: they still think so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallen_from: Option<Priority>,
    /// Who was called in any run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<Told>,
}

/// Somebody who was called about an occurrence.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Told {
    /// Who.
    pub person: PersonId,
    /// Their code, and the run of the ladder for which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<(Code, u32)>,
    /// In how many calls of the present run they may have read of it: what has left, or may have.
    /// A queued one that was cancelled told nobody, nor did one that was refused.
    pub reached: u32,
    /// Whether they may have read of it in an earlier run.
    #[serde(default)]
    pub before: bool,
}

/// What is remembered of an occurrence that ended.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Ended {
    /// Its number.
    pub number: OccurrenceNumber,
    /// How bad it was.
    pub priority: Priority,
    /// What people read.
    pub text: Arc<str>,
    /// When it opened.
    pub opened: Utc,
    /// The latest activation.
    pub active_since: Utc,
    /// When the cause went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<Utc>,
    /// When it ended.
    pub closed: Utc,
    /// Who acknowledged it, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Holder>,
    /// Who confirmed it, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<Holder>,
    /// How many signals said the same again.
    pub repeats: u64,
}

/// The state that people see (ISA-18.2, table of behaviour §2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmState {
    /// Nothing stands.
    Normal,
    /// Active, and somebody must answer.
    Unacknowledged,
    /// Somebody has it, or nobody needs to.
    Acknowledged,
    /// The cause is gone, and somebody must still answer.
    ReturnedUnacknowledged,
    /// The same, and a reset is due as well.
    LatchedUnacknowledged,
    /// The cause is gone, it was answered, a reset is due.
    LatchedAcknowledged,
}

impl AlarmState {
    /// As it stands in JSON and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Unacknowledged => "unacknowledged",
            Self::Acknowledged => "acknowledged",
            Self::ReturnedUnacknowledged => "returned_unacknowledged",
            Self::LatchedUnacknowledged => "latched_unacknowledged",
            Self::LatchedAcknowledged => "latched_acknowledged",
        }
    }
}

impl Alarm {
    /// An alarm of which nothing is known yet.
    pub(super) fn new(number: AlarmNumber, definition: DefinitionName, key: Arc<str>) -> Self {
        Self {
            number,
            definition,
            key,
            is_test: false,
            pending: None,
            open: None,
            last: None,
            quiet: None,
            passages: None,
            queued: None,
            filed: Filed::default(),
        }
    }

    /// What it is called where one word must do: `link[10.0.0.1/7]`; a test of it, `TEST:link[10.0.0.1/7]`.
    pub fn tag(&self) -> String {
        let test = if self.is_test { "TEST:" } else { "" };
        if self.key.is_empty() {
            format!("{test}{}", self.definition)
        } else {
            format!("{test}{}[{}]", self.definition, self.key)
        }
    }

    /// The state that people see.
    pub fn state(&self) -> AlarmState {
        self.open.as_ref().map_or(AlarmState::Normal, |open| open.state())
    }
}

impl Told {
    /// Whether they may have read of it, in this run or in an earlier one.
    pub fn was_reached(&self) -> bool {
        self.reached > 0 || self.before
    }
}

impl Occurrence {
    /// The state that people see.
    pub fn state(&self) -> AlarmState {
        match (self.active, self.unacknowledged(), self.latched) {
            (true, true, _) => AlarmState::Unacknowledged,
            (true, false, _) => AlarmState::Acknowledged,
            (false, true, false) => AlarmState::ReturnedUnacknowledged,
            (false, true, true) => AlarmState::LatchedUnacknowledged,
            (false, false, true) => AlarmState::LatchedAcknowledged,
            (false, false, false) if self.flapping || self.stage.owes_confirmation() => {
                AlarmState::Acknowledged
            }
            (false, false, false) => AlarmState::Normal,
        }
    }

    /// Whether somebody must answer.
    pub fn unacknowledged(&self) -> bool {
        self.stage.is_unacknowledged()
    }

    /// Whether it is a test: no cause, and no alarm for anything but the people who are called.
    pub fn is_test(&self) -> bool {
        self.activation.testing.is_some()
    }

    /// Whether nothing is asked for any more, so that it closes.
    pub fn is_over(&self) -> bool {
        self.state() == AlarmState::Normal && !self.ladder.is_climbing()
    }

    /// This person's entry among those who were told.
    pub fn told(&self, person: &PersonId) -> Option<&Told> {
        self.told.iter().find(|told| told.person == *person)
    }

    /// Whether this person is out for it.
    pub fn has_declined(&self, person: &PersonId) -> bool {
        self.declined.contains(person)
    }

    /// One message less in which this person may have read of it.
    pub(super) fn not_reached(&mut self, person: &PersonId) {
        if let Some(told) = self.told.iter_mut().find(|told| told.person == *person) {
            told.reached = told.reached.saturating_sub(1);
        }
    }

    /// This person's code for the present run.
    pub fn code_of(&self, person: &PersonId) -> Option<Code> {
        self.told(person)?.code.filter(|(_, run)| *run == self.run).map(|(code, _)| code)
    }

    /// What will be remembered of it.
    pub(super) fn ended(&self, closed: Utc) -> Ended {
        Ended {
            number: self.number,
            priority: self.activation.priority,
            text: self.activation.text.clone(),
            opened: self.opened,
            active_since: self.active_since,
            returned: self.returned,
            closed,
            acknowledged: self.stage.acknowledged().cloned(),
            confirmed: self.stage.confirmed(),
            repeats: self.repeats,
        }
    }

    /// When it next wants attention.
    pub(super) fn next_wait(&self) -> Option<Wait> {
        let over = self.activation.testing.as_ref().map(|testing| testing.until);
        [self.ladder.due(), self.stage.reminder(), self.stage.until(), over]
            .into_iter()
            .flatten()
            .min_by_key(|wait| wait.mono)
    }
}
