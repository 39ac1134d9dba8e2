//! What is said at the control socket: one JSON object on a line each way, then the connection ends.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::contacts::Watched;
use crate::watch::event::{Action, Target};
use crate::watch::name::InputName;
use crate::watch::notification::NotificationId;
use crate::watch::plan::Plan;
use crate::watch::suppression::{Which, Wish};
use crate::watch::testing::sms::Step;
use crate::watch::time::Utc;

/// What a peer asks.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// How everything is.
    Status,
    /// What stands; with `all`, what ever stood as well.
    Alarms {
        /// Alarms that are normal again as well.
        all: bool,
    },
    /// When drills are held, and who has answered.
    Drills,
    /// Signals that no definition claims.
    Unclaimed,
    /// What the files that are in force mean for people, from an instant on, and what only a restart changes ([`Running`]).
    Plan(Utc),
    /// A person acts.
    Act(Asked),
    /// A person takes a schedule.
    Take(Taking),
    /// Who is on call, over a time.
    OnCall(Asking),
    /// A person tests a contact.
    Test(Tested),
    /// How contacts are, as soon as they are not as the watcher knows them.
    Contacts(Watched),
    /// How these tests are.
    Tests(Vec<u64>),
    /// A person has a message sent to somebody, as a test.
    TestSms(SmsTested),
    /// What became of that message.
    SmsTest(NotificationId),
    /// A person swaps a group of alarms.
    Swap(Swap),
    /// How the groups stand.
    Swaps,
    /// A person wants an alarm to be quiet, or no longer.
    Quieten(Wished),
    /// All that is kept quiet.
    Quiet,
    /// The same numbers as `Status` and some more, as a page for Prometheus.
    Metrics,
}

/// The daemon that runs, to compare files with.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Running {
    /// What its files mean for people.
    pub plan: Plan,
    /// Where its record is: `store.path`.
    pub store: PathBuf,
    /// Its inputs, by name.
    pub inputs: BTreeSet<InputName>,
}

/// A person swaps a group of alarms.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Swap {
    /// Which group.
    pub group: String,
    /// For how many seconds; `None`: it is over.
    pub seconds: Option<u64>,
    /// For whom, where the account does not say it.
    pub person: Option<String>,
}

/// A person wants an alarm to be quiet, or no longer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Wished {
    /// Which alarm.
    pub which: Which,
    /// What is done to it.
    pub wish: Wish,
    /// For whom, where the account does not say it.
    pub person: Option<String>,
}

/// A person takes a schedule.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Taking {
    /// Which, as it is written.
    pub schedule: String,
    /// For so many seconds.
    pub seconds: u64,
    /// Who, where the account does not say it.
    pub person: Option<String>,
}

/// Who is on call, over a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Asking {
    /// From this instant.
    pub from: Utc,
    /// Until this one; `None`: as long as it is the same people, and who comes next.
    pub until: Option<Utc>,
}

/// A person tests a contact.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Tested {
    /// `cabinet.door`, or `door` where no other device has one.
    pub contact: String,
    /// For whom, where the account does not say it.
    pub person: Option<String>,
}

/// Tests have begun: one for each definition that the contact's alarm would raise.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Begun {
    /// Their occurrences, to ask after.
    pub occurrences: Vec<u64>,
    /// What each is, and why other definitions have none, a line each.
    pub sentence: String,
}

/// How a test is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TestView {
    /// Its occurrence.
    pub occurrence: u64,
    /// Whether it is over.
    pub over: bool,
    /// Who was to be told, and how far that is: `waiting`, `sending`, `sent`, `unknown`.
    pub told: BTreeMap<String, String>,
    /// Who has declined.
    pub declined: Vec<String>,
    /// Who has taken it.
    pub acknowledged_by: Option<String>,
    /// Who has confirmed it.
    pub confirmed_by: Option<String>,
}

/// A person has a message sent to somebody, as a test.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SmsTested {
    /// To whom.
    pub to: String,
    /// For whom, where the account does not say it.
    pub person: Option<String>,
}

/// A test message is owed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SmsBegun {
    /// By which it is asked after.
    pub notification: NotificationId,
    /// To whom, and what it says.
    pub sentence: String,
}

/// What became of a test message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SmsTestView {
    /// In order, from the first on.
    pub steps: Vec<Step>,
    /// Whether nothing more is to be seen of it.
    pub over: bool,
}

/// A person acts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Asked {
    /// What is done.
    pub action: Action,
    /// To which occurrence.
    pub target: Target,
    /// For whom, where the account does not say it.
    pub person: Option<String>,
}

/// What the daemon answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The documented JSON of that question, as it will be printed: a hundred thousand alarms are
    /// not built up as a tree first.
    Told(Box<RawValue>),
    /// It was done and is on disk; a sentence for the person.
    Done(String),
    /// It was not done.
    Refused(Refused),
}

/// Why something was not done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refused {
    /// By what the command ends: its exit status.
    pub sort: Sort,
    /// A sentence for the person who asked.
    pub sentence: String,
}

/// The sorts of refusal; each has its exit status.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// The request itself is wrong (EX_USAGE).
    Usage,
    /// This account may not (EX_NOPERM).
    NoPermission,
    /// It makes no sense as things stand: no such code, held by another (EX_DATAERR).
    NotDone,
    /// The record cannot be written, or the daemon is stopping (EX_TEMPFAIL).
    Unavailable,
}

impl Refused {
    /// What was asked is wrong in itself.
    pub(super) fn usage(sentence: String) -> Self {
        Self { sort: Sort::Usage, sentence }
    }

    /// This account may not.
    pub(super) fn no_permission(sentence: String) -> Self {
        Self { sort: Sort::NoPermission, sentence }
    }

    /// It makes no sense as things stand.
    pub(super) fn not_done(sentence: String) -> Self {
        Self { sort: Sort::NotDone, sentence }
    }

    /// Not now.
    pub(super) fn unavailable(sentence: String) -> Self {
        Self { sort: Sort::Unavailable, sentence }
    }
}
