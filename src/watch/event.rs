//! All that can happen: what the watch is asked to decide about.
//!
//! An event carries everything that its decision needs and the watch has not: above all the
//! randomness, so that `decide` stays a function.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::alarm::OccurrenceNumber;
use super::engines::EngineNote;
use super::modems::Lesson;
use super::name::{InputName, PersonId};
use super::notification::NotificationId;
use super::own_alarms::SelfSignal;
use super::roster::Wish;
use super::signal::{Identity, Signal};
use super::site::PhoneNumber;
use super::suppression::Request;
use super::time::Utc;

/// Something that happened, and the randomness that came in with it.
#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    /// What happened.
    pub happening: Happening,
    /// From the system's generator; codes are drawn from it. Never recorded.
    pub entropy: Entropy,
}

/// Randomness for one event.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Entropy(pub u64);

impl std::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Entropy(..)")
    }
}

/// What can happen.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    /// An input received something that may concern an alarm.
    Signal(Signal),
    /// A modem received a short message: an answer, an alarm, or noise.
    Message(ShortMessage),
    /// Somebody has rung a modem up. Nobody picked up.
    Call(Call),
    /// A person acts through the control socket.
    Command(Command),
    /// Somebody has silenced the sirens by a button. It changes no alarm: it is on the record.
    Silenced(Silenced),
    /// A person wants to see whom a signal would call.
    Test(Test),
    /// A person wants to see whether a short message reaches somebody.
    TestSms(TestSms),
    /// A person takes a schedule through the control socket.
    Rostering(Wish),
    /// A person wants an alarm to be quiet, or no longer.
    Quieten(Request),
    /// The outbox tells how an attempt went.
    Report(Report),
    /// A network tells what became of a message that it took.
    Delivery(Delivery),
    /// Vigie has found something out about itself.
    Own(SelfSignal),
    /// A modem's adapter has learned something that must outlive it, or is about to do such a thing.
    Learned(Lesson),
    /// An adapter tells of an SNMP engine what must outlive it, or that ours is about to start.
    EngineNoted(EngineNote),
    /// A person swaps a group of alarms through the control socket.
    Swap(SwapRequest),
    /// The daemon has started: waits are resumed, what was being sent is sent again.
    Started(Start),
    /// The daemon stops, as asked.
    Stopped,
    /// The daemon has started with the files as they are.
    Configured,
    /// The files were read anew, and hold.
    Reloaded(Reloaded),
    /// The beginning of the record is about to be let go. It changes no alarm: it is on the record.
    Pruned(Pruned),
    /// The record can be written again after so long that not all could be kept. It changes no alarm: it is on the record.
    Missing(Missing),
    /// The earliest deadline has passed.
    Deadline,
}

/// The first event after the journal was replayed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Start {
    /// The version of the program.
    pub version: Arc<str>,
}

/// What other files mean for people.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Reloaded {
    /// What changes, a sentence each; for the record.
    pub changes: Vec<Arc<str>>,
}

/// What of the record is about to be let go.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pruned {
    /// The last entry that goes, with all before it.
    pub through: u64,
    /// The SHA-256 of its line, to which the first one that stays is chained.
    pub hash: Arc<str>,
    /// All of them are older than this.
    pub before: Utc,
}

/// What the record lacks: it could not be written, and memory was full.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Missing {
    /// So many decisions were taken, are in force and stand nowhere.
    pub decisions: u64,
}

/// A short message as a modem received it, whole.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ShortMessage {
    /// The same as a signal: an SMS can be an alarm, and is one when a definition selects it.
    pub signal: Signal,
    /// The sender, where it is a phone number in international form.
    pub sender: Option<PhoneNumber>,
    /// The sender's digits, where the network gave a number without the country's code. A name, whatever it reads like,
    /// is none: anybody can send under any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub national: Option<Arc<str>>,
}

impl ShortMessage {
    /// By what a repetition by the network is known.
    pub fn identity(&self) -> Option<Identity> {
        self.signal.identity
    }
}

/// A call that came in and was ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Call {
    /// The modem that rang.
    pub by: InputName,
    /// The number as the network showed it, with `+` if it is international; `None`: none was shown.
    pub caller: Option<Arc<str>>,
}

/// What a person asks for through the control socket.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Command {
    /// Who acts.
    pub person: PersonId,
    /// The account that acts for them, for the record.
    pub account: Arc<str>,
    /// What they do.
    pub action: Action,
    /// To which occurrence.
    pub target: Target,
}

/// Who silenced the sirens.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Silenced {
    /// The button: `contacts.cabinet.button`.
    pub by: Arc<str>,
}

/// A signal that nothing has sent: what it would call for is done as in earnest, and marked as a test.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Test {
    /// Who asks for it.
    pub person: PersonId,
    /// The account that acts for them, for the record.
    pub account: Arc<str>,
    /// What would have been received.
    pub signal: Signal,
}

/// A short message that says nothing but that it is a test.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TestSms {
    /// Who asks for it.
    pub person: PersonId,
    /// The account that acts for them, for the record.
    pub account: Arc<str>,
    /// To whom it goes.
    pub to: PersonId,
}

/// What a person orders of a group of alarms.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SwapRequest {
    /// Who orders it.
    pub person: PersonId,
    /// The account that acts for them, for the record.
    pub account: Arc<str>,
    /// The group, as they name it.
    pub group: Arc<str>,
    /// For how long; `None`: it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lasting: Option<Duration>,
}

/// What a person does to an occurrence.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// "I take it."
    Acknowledge,
    /// "It is dealt with."
    Confirm,
    /// "I cannot."
    Decline,
    /// Let go of a latched alarm whose cause is gone.
    Reset,
}

/// By what an occurrence is named.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A code of the acting person's.
    Code(super::codes::Code),
    /// Its number.
    Occurrence(OccurrenceNumber),
}

/// Why something names no occurrence.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TargetError {
    /// A `#` and no number.
    #[error("`{0}` is not the number of an occurrence")]
    Number(String),
    /// Anything else.
    #[error("`{0}` is neither a code of 4 to 8 digits nor an occurrence such as '#4711'")]
    Neither(String),
}

/// A bare number is always a code; an occurrence is written with its `#`.
impl FromStr for Target {
    type Err = TargetError;

    fn from_str(written: &str) -> Result<Self, TargetError> {
        if let Some(number) = written.strip_prefix('#') {
            let number = number.parse().map_err(|_| TargetError::Number(written.to_owned()))?;
            return Ok(Self::Occurrence(OccurrenceNumber(number)));
        }
        let code = super::codes::Code::parse(written).map(Self::Code);
        code.ok_or_else(|| TargetError::Neither(written.to_owned()))
    }
}

/// How an attempt to send a notification goes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Report {
    /// Which notification.
    pub notification: NotificationId,
    /// By which modem or server.
    pub by: InputName,
    /// How it went.
    pub attempt: Attempt,
}

/// How an attempt goes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attempt {
    /// The first byte is about to leave.
    Started {
        /// In how many short messages it leaves: so many reports will prove that it arrived.
        parts: u8,
    },
    /// The network took it, under these message references (23.040 §9.2.3.6), one a part.
    Sent(Vec<u8>),
    /// It was not taken, and may be later or elsewhere.
    Failed(Arc<str>),
    /// It has not left: while its start was recorded, what is worse came, or what makes it needless. It is owed as before.
    Yielded,
    /// It was refused, and will be refused again.
    Refused(Arc<str>),
    /// Nobody knows: the modem fell silent after the message had been handed over.
    Unknown,
}

/// A network's word on a message that it took (SMS-STATUS-REPORT).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Delivery {
    /// The modem that sent the message and received the report.
    pub by: InputName,
    /// The message reference that the network gave.
    pub reference: u8,
    /// To whom the message went.
    pub recipient: PhoneNumber,
    /// What became of it.
    pub outcome: Delivered,
    /// When the service centre took the message, by its own clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted: Option<Utc>,
    /// When that became of it, by the service centre.
    pub discharged: Option<Utc>,
    /// By what a repetition of the report is known.
    pub identity: Option<Identity>,
}

/// What became of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivered {
    /// The phone has it.
    Delivered,
    /// The service centre still tries.
    Pending,
    /// It never will be delivered.
    Failed,
    /// Its validity ran out.
    Expired,
}
