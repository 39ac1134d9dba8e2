//! Notifications: one message to one person by one channel, owed from the moment it is committed
//! until it is delivered, refused, too old, or no longer needed (behaviour §5).

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::alarm::{Occurrence, OccurrenceNumber};
use super::decision::Fact;
use super::draft::Draft;
use super::escalation::Rung;
use super::event::{Attempt, Delivered, Delivery, Report};
use super::name::{InputName, PersonId};
use super::own_alarms::{SelfAlarm, SelfSignal};
use super::site::{Channel, PhoneNumber, Priority};
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
    /// To whom.
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
    /// When it is too old to be of use; `None`: as long as the occurrence asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Wait>,
    /// Where it stands.
    pub state: Progress,
    /// How many attempts were made.
    pub attempts: u32,
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
    },
    /// The network has it, and will say what becomes of it.
    Sent {
        /// The modem that sent it.
        by: InputName,
        /// The references of the parts of which nothing was heard yet.
        references: Vec<u8>,
        /// For how long its word is awaited.
        report: Wait,
    },
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

/// An announcement or a reply that is older than this helps nobody.
const STALE: Duration = Duration::from_secs(30 * 60);
/// For how long a network's word on a message is awaited.
const REPORT: Duration = Duration::from_secs(24 * 3_600);
/// The waits between attempts at one message; the last one repeats.
const RETRIES: [Duration; 4] =
    [Duration::from_secs(5), Duration::from_secs(15), Duration::from_secs(60), Duration::from_secs(120)];
/// No text is longer than this many characters: three short messages.
pub(super) const LONGEST: usize = 450;

impl Notification {
    /// When it next wants attention.
    pub(super) fn next_wait(&self) -> Option<Wait> {
        let progress = match &self.state {
            Progress::Queued | Progress::Sending { .. } => None,
            Progress::Postponed(wait) => Some(*wait),
            Progress::Sent { report, .. } => Some(*report),
        };
        let expires = match &self.state {
            // What is on its way, or gone, is not called back.
            Progress::Sending { .. } | Progress::Sent { .. } => None,
            Progress::Queued | Progress::Postponed(_) => self.expires,
        };
        [progress, expires].into_iter().flatten().min_by_key(|wait| wait.mono)
    }

    /// Whether the outbox may send it now.
    pub fn is_ready(&self) -> bool {
        matches!(self.state, Progress::Queued)
    }

    /// Whether a network has it, whose word is awaited.
    pub fn is_with_the_network(&self) -> bool {
        matches!(self.state, Progress::Sent { .. })
    }

    /// Whether nobody can have read it yet.
    fn has_not_left(&self) -> bool {
        matches!(self.state, Progress::Queued | Progress::Postponed(_)) && self.attempts == 0
    }
}

impl Draft<'_> {
    /// Owes a person a message. A person whom the files do not know any more, or who has no
    /// number, is owed nothing: there is no way to pay.
    pub(super) fn owe(&mut self, person: &PersonId, purpose: Purpose, about: Option<&Occurrence>, text: String) {
        let Some(phone) = self.site.people.get(person).and_then(|person| person.phone.clone()) else { return };
        let expires = match purpose {
            Purpose::Call | Purpose::Information => None,
            Purpose::Announcement | Purpose::Reminder | Purpose::Reply => Some(self.now.wait(STALE)),
        };
        let notification = Notification {
            id: self.next_notification(),
            person: person.clone(),
            channel: Channel::Sms,
            phone,
            purpose,
            priority: about.map_or(Priority::Medium, |open| open.activation.priority),
            occurrence: about.map(|open| open.number),
            text: Arc::from(text),
            created: self.now.utc,
            expires,
            state: Progress::Queued,
            attempts: 0,
            queued: None,
        };
        self.fact(Fact::Owed { notification: Box::new(notification) });
    }

    /// Nothing that still asks for an answer to this occurrence leaves any more.
    pub(super) fn cancel_calls(&mut self, open: &Occurrence) {
        self.cancel(open.number, |_| true);
    }

    /// Nothing that still asks this person for an answer to it leaves any more.
    pub(super) fn cancel_calls_to(&mut self, open: &Occurrence, person: &PersonId) {
        self.cancel(open.number, |notification| notification.person == *person);
    }

    fn cancel(&mut self, occurrence: OccurrenceNumber, which: impl Fn(&Notification) -> bool) {
        let queued: Vec<NotificationId> = self
            .state
            .notifications_about(occurrence)
            .filter(|owed| match owed.purpose {
                Purpose::Call | Purpose::Reminder => true,
                Purpose::Information | Purpose::Announcement | Purpose::Reply => false,
            })
            .filter(|owed| matches!(owed.state, Progress::Queued | Progress::Postponed(_)) && which(owed))
            .map(|owed| owed.id)
            .collect();
        for notification in queued {
            self.fact(Fact::Settled { notification, ending: Ending::Cancelled });
        }
    }

    /// Tells those who hold the occurrence.
    pub(super) fn tell_holders(
        &mut self,
        open: &Occurrence,
        sentence: impl Fn(super::wording::Wording<'_>) -> String,
    ) {
        for holder in open.stage.holders() {
            let text = sentence(self.wording(&holder.person));
            self.owe(&holder.person, Purpose::Announcement, Some(open), text);
        }
    }

    /// The outbox tells how an attempt went.
    pub(super) fn report(&mut self, report: &Report) {
        let Some(owed) = self.state.notification(report.notification).cloned() else { return };
        let notification = owed.id;
        match &report.attempt {
            Attempt::Started => self.fact(Fact::Attempted { notification, by: report.by.clone() }),
            Attempt::Sent(references) => {
                self.fact(Fact::Sent { notification, references: references.clone(), report: self.now.wait(REPORT) });
            }
            Attempt::Failed(why) => self.postpone(&owed, why),
            // At least once: what may have been lost is sent again, with the same code.
            Attempt::Unknown => self.postpone(&owed, "the modem fell silent after it had the message"),
            Attempt::Refused(why) => {
                self.fact(Fact::Settled { notification, ending: Ending::Refused });
                self.own(SelfSignal::raised(SelfAlarm::SmsRejected, report.by.as_str(), why));
                self.hasten(&owed);
            }
        }
    }

    fn postpone(&mut self, owed: &Notification, why: &str) {
        if self.is_needless(owed) {
            self.fact(Fact::Settled { notification: owed.id, ending: Ending::Cancelled });
            return;
        }
        let turn = usize::try_from(owed.attempts.saturating_sub(1)).unwrap_or(usize::MAX);
        let pause = RETRIES.get(turn).or(RETRIES.last()).copied().unwrap_or(STALE);
        self.fact(Fact::Postponed { notification: owed.id, why: Arc::from(why), wait: self.now.wait(pause) });
    }

    /// A call whose occurrence asks for nobody any more: it was answered while this was under way.
    fn is_needless(&self, owed: &Notification) -> bool {
        match owed.purpose {
            Purpose::Call => !owed
                .occurrence
                .and_then(|number| self.state.occurrence(number))
                .is_some_and(|open| self.still_calls(open, &owed.person)),
            Purpose::Information | Purpose::Announcement | Purpose::Reminder | Purpose::Reply => false,
        }
    }

    fn still_calls(&self, open: &Occurrence, person: &PersonId) -> bool {
        let wanted = open.unacknowledged() || open.stage.may_be_confirmed_by(person);
        wanted && !open.declined.contains(person)
    }

    /// A call that never arrives shortens the wait of its step; one that arrives changes nothing.
    fn hasten(&mut self, owed: &Notification) {
        let Purpose::Call = owed.purpose else { return };
        let Some(open) = owed.occurrence.and_then(|number| self.state.occurrence(number)) else { return };
        if let Some(ladder) = open.ladder.without(&owed.person, self.now) {
            self.fact(Fact::Climbed { occurrence: open.number, rung: Rung::Hastened, ladder });
        }
    }

    /// A network's word on a message that it took.
    pub(super) fn delivery(&mut self, delivery: &Delivery) {
        let Some(owed) = self.state.notification_sent(&delivery.by, delivery.reference, &delivery.recipient).cloned()
        else {
            return;
        };
        let notification = owed.id;
        match delivery.outcome {
            Delivered::Pending => {}
            Delivered::Delivered => {
                let last = matches!(&owed.state, Progress::Sent { references, .. } if references.len() <= 1);
                if last {
                    self.fact(Fact::Settled { notification, ending: Ending::Delivered });
                } else {
                    self.fact(Fact::PartDelivered { notification, reference: delivery.reference });
                }
            }
            Delivered::Failed => {
                self.fact(Fact::Settled { notification, ending: Ending::Refused });
                self.hasten(&owed);
            }
            Delivered::Expired => {
                self.fact(Fact::Settled { notification, ending: Ending::Expired });
                self.hasten(&owed);
            }
        }
    }

    /// A wait of a notification is over.
    pub(super) fn due(&mut self, owed: &Notification) {
        let notification = owed.id;
        let over = |wait: &Wait| wait.mono <= self.now.mono;
        match &owed.state {
            Progress::Sent { .. } => self.fact(Fact::Settled { notification, ending: Ending::Unreported }),
            Progress::Queued | Progress::Postponed(_) | Progress::Sending { .. }
                if owed.expires.as_ref().is_some_and(over) =>
            {
                let ending = if owed.has_not_left() { Ending::Expired } else { Ending::Refused };
                self.fact(Fact::Settled { notification, ending });
            }
            Progress::Postponed(_) => self.fact(Fact::Released { notification }),
            Progress::Queued | Progress::Sending { .. } => {}
        }
    }
}
