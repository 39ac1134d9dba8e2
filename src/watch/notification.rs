//! Notifications: one message to one person by one channel, owed from the moment it is committed
//! until it is delivered, refused, too old, or no longer needed (behaviour §5).

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::alarm::{AlarmNumber, OccurrenceNumber};
use super::event::Delivery;
use super::name::{InputName, PersonId};
use super::site::{Channel, PhoneNumber, Priority};
use super::storm::{Digest, Member};
use super::time::{Mono, Utc, Wait};

/// A notification's number. Never used twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NotificationId(pub u64);

/// One message to one person by one channel.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Notification {
    /// Its number.
    pub id: NotificationId,
    /// To whom; of a message that goes round, the name of the modem that is to receive it.
    pub person: PersonId,
    /// By which channel.
    pub channel: Channel,
    /// Where it reaches them.
    pub phone: PhoneNumber,
    /// What it is for.
    pub purpose: Purpose,
    /// How bad what it tells of is: the order in which messages leave.
    pub priority: Priority,
    /// For which occurrence, if it is for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurrence: Option<OccurrenceNumber>,
    /// The message.
    pub text: Arc<str>,
    /// When it began to be owed.
    pub created: Utc,
    /// A call: for how long its step waits for an answer before others are called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_within: Option<Duration>,
    /// When it is too old to be of use; `None`: as long as the occurrence asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Wait>,
    /// Where it stands.
    pub state: Progress,
    /// How many attempts were made.
    pub attempts: u32,
    /// The modem that its person prefers: another one only where that one is out of service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefer: Option<InputName>,
    /// The modem on which the last attempt failed, or of which nobody knows what it did: another one
    /// is tried first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avoid: Option<InputName>,
    /// Which run of the ladder it belongs to: a call of an earlier run bears a code that is dead.
    #[serde(default)]
    pub(super) run: u32,
    /// Of which alarm, where what it tells of may be over before it leaves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) alarm: Option<AlarmNumber>,
    /// Whether it is about a test: it leaves by itself, and keeps no true alarm back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) of_test: bool,
    /// For which occurrences, where it is for several; apart, since few are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Box<Digest>>,
    /// Under which deadline the watch's queue has it.
    #[serde(skip)]
    pub(super) queued: Option<Mono>,
}

/// What a notification is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// It asks somebody to answer. The only one whose failure concerns the ladder.
    Call,
    /// It tells of something that nobody must answer (`acknowledge = "none"`).
    Information,
    /// It says who has it, or that it is over.
    Announcement,
    /// It asks the holder whether it is dealt with.
    Reminder,
    /// It answers what a person has sent.
    Reply,
    /// It goes from one modem of the site to another, to see whether it arrives.
    LoopBack,
    /// It tells whom an order concerns who has given it.
    Notice,
    /// It asks somebody to show that they can be reached, and is about no alarm.
    Drill,
    /// It says that Vigie watches, and asks for nothing.
    LifeSign,
    /// A person at the keyboard wants to see whether it arrives.
    Test,
}

/// Where a notification stands, while it is not at its end.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// It waits for its turn.
    Queued,
    /// The last attempt failed; it waits before the next.
    Postponed(Wait),
    /// An attempt is under way.
    Sending {
        /// By which modem or server.
        by: InputName,
        /// Since when.
        since: Utc,
        /// In how many short messages.
        #[serde(default = "super::decision::one")]
        parts: u8,
    },
    /// Nobody knows whether it left: the modem never said, or the daemon died before it heard.
    /// It is never said again blindly: the network's report has its chance first.
    Doubtful(Box<Doubt>),
    /// The network has it, and will say what becomes of it. Apart, since most that wait have not
    /// left yet, and in a storm they are very many.
    Sent(Box<Sent>),
}

/// What is remembered of a notification of which nobody knows whether it left.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Doubt {
    /// The modem that had it.
    pub by: InputName,
    /// When the attempt began.
    pub since: Utc,
    /// Of how many short messages nothing was heard yet.
    pub parts: u8,
    /// When it is said again, in the same words.
    pub until: Wait,
}

/// What is remembered of a notification that the network has.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sent {
    /// The modem that sent it.
    pub by: InputName,
    /// The references of the parts of which nothing was heard yet.
    pub references: Vec<u8>,
    /// For how long its word is awaited.
    pub report: Wait,
}

/// How a notification ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The phone has it.
    Delivered,
    /// The network had it, and never said more.
    Unreported,
    /// It was refused.
    Refused,
    /// It was too old.
    Expired,
    /// It was no longer needed before it left.
    Cancelled,
}

impl Ending {
    /// As it stands in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Unreported => "unknown",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }
}

/// For so long a message of which nobody knows whether it left waits for the network's report, before
/// it is said again. Reports come within seconds where the phone is on.
pub(super) const DOUBT: Duration = Duration::from_secs(30);
/// No text is longer than this many characters: three short messages.
pub(super) const LONGEST: usize = 450;

/// So far the clocks of a service centre and of this machine may differ.
const CLOCKS_DIFFER: Duration = Duration::from_secs(60);

impl Doubt {
    /// Whether that is the network's word on this message: one that the service centre took when this
    /// modem had it in hand, or a little later.
    pub(super) fn is_resolved_by(&self, delivery: &Delivery) -> bool {
        delivery.by == self.by
            && delivery.submitted.is_some_and(|submitted| {
                submitted >= self.since.before(CLOCKS_DIFFER)
                    && submitted <= self.until.due.after(CLOCKS_DIFFER)
            })
    }
}

impl Notification {
    /// When it next wants attention.
    pub(super) fn next_wait(&self) -> Option<Wait> {
        let progress = match &self.state {
            Progress::Queued | Progress::Sending { .. } => None,
            Progress::Postponed(wait) => Some(*wait),
            Progress::Doubtful(doubt) => Some(doubt.until),
            Progress::Sent(sent) => Some(sent.report),
        };
        let expires = match &self.state {
            // What is on its way, or gone, is not called back.
            Progress::Sending { .. } | Progress::Doubtful(_) | Progress::Sent(_) => None,
            Progress::Queued | Progress::Postponed(_) => self.expires,
        };
        [progress, expires].into_iter().flatten().min_by_key(|wait| wait.mono)
    }

    /// The occurrences that it tells of, each in the run of then.
    pub fn about(&self) -> impl Iterator<Item = Member> {
        let one = self.occurrence.map(|occurrence| Member { occurrence, run: self.run });
        let several = self.digest.as_ref().map(|digest| digest.members.iter().copied());
        one.into_iter().chain(several.into_iter().flatten())
    }

    /// In which run of its ladder it tells of that occurrence, if it does.
    pub(super) fn run_of(&self, occurrence: OccurrenceNumber) -> Option<u32> {
        match &self.digest {
            Some(digest) => digest.run_of(occurrence),
            None => (self.occurrence == Some(occurrence)).then_some(self.run),
        }
    }

    /// By what it has its place among the messages of its priority: the oldest leaves first.
    pub fn turn(&self) -> NotificationId {
        self.digest.as_ref().map_or(self.id, |digest| digest.since)
    }

    /// Whether the outbox may send it now.
    pub fn is_ready(&self) -> bool {
        matches!(self.state, Progress::Queued)
    }

    /// Whether a network has it, whose word is awaited.
    pub fn is_with_the_network(&self) -> bool {
        matches!(self.state, Progress::Sent(_))
    }

    /// Whether nobody knows whether it left.
    pub fn is_doubtful(&self) -> bool {
        matches!(self.state, Progress::Doubtful(_))
    }

    /// Whether it waits for its turn, or for another attempt.
    pub(super) fn has_yet_to_leave(&self) -> bool {
        matches!(self.state, Progress::Queued | Progress::Postponed(_) | Progress::Doubtful(_))
    }

    /// Whether it may be on its way, or in somebody's pocket.
    pub(super) fn may_have_arrived(&self) -> bool {
        matches!(self.state, Progress::Doubtful(_) | Progress::Sent(_))
    }

    /// Whether it asks for an answer.
    pub(super) fn asks(&self) -> bool {
        match self.purpose {
            Purpose::Call | Purpose::Reminder => true,
            Purpose::Information
            | Purpose::Announcement
            | Purpose::Reply
            | Purpose::LoopBack
            | Purpose::Notice
            | Purpose::Drill
            | Purpose::LifeSign
            | Purpose::Test => false,
        }
    }

    /// Whether an attempt is under way.
    pub(super) fn is_leaving(&self) -> bool {
        matches!(self.state, Progress::Sending { .. })
    }
}

impl Purpose {
    /// Whether it tells its reader of the occurrence, rather than of what others have answered.
    pub(super) fn tells(self) -> bool {
        match self {
            Self::Call | Self::Information => true,
            Self::Announcement
            | Self::Reminder
            | Self::Reply
            | Self::LoopBack
            | Self::Notice
            | Self::Drill
            | Self::LifeSign
            | Self::Test => false,
        }
    }
}
