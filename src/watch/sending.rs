//! Sending: what the outbox and the networks tell of a message that is owed (behaviour §5).
//!
//! Only a person's answer satisfies a ladder: a message that arrived changes nothing, one that
//! never will shortens the wait. At least once: what may have been lost goes again, unless nobody
//! needs it any more.

use std::sync::Arc;
use std::time::Duration;

use super::alarm::Occurrence;
use super::decision::Fact;
use super::draft::Draft;
use super::escalation::{Ladder, Rung};
use super::event::{Attempt, Delivered, Delivery, Report};
use super::name::{InputName, PersonId};
use super::notification::{DOUBT, Ending, Notification, Progress, Purpose};
use super::own_alarms::{SelfAlarm, SelfSignal};
use super::stage::Stage;

/// For how long a network's word on a message is awaited.
const REPORT: Duration = Duration::from_secs(24 * 3_600);
/// The waits between attempts at one message; from then on [`LAST_RETRY`].
const RETRIES: [Duration; 3] =
    [Duration::from_secs(5), Duration::from_secs(15), Duration::from_secs(60)];
const LAST_RETRY: Duration = Duration::from_secs(120);
/// Why nobody knows whether a message left.
const SILENT: &str = "the modem fell silent after it had the message";

impl Draft<'_> {
    /// The outbox tells how an attempt went.
    pub(super) fn report(&mut self, report: &Report) {
        let state = self.state;
        let Some(owed) = state.notification(report.notification) else { return };
        match &report.attempt {
            Attempt::Started { parts } => self.attempted(owed, &report.by, *parts),
            Attempt::Sent(references) => self.sent(owed, &report.by, references),
            Attempt::Failed(why) => self.postpone(owed, why),
            Attempt::Yielded => self.yields(owed),
            Attempt::Unknown => self.doubt(owed, &report.by),
            Attempt::Refused(why) => {
                self.settle_because(owed.id, Ending::Refused, Some(Arc::clone(why)));
                self.refused(owed, why);
                self.hasten(owed);
            }
        }
    }

    /// Who is to know of it: of a test message those who look at it know already.
    fn refused(&mut self, owed: &Notification, why: &str) {
        match owed.purpose {
            Purpose::LoopBack => self.test_refused(owed, why),
            Purpose::Test => {}
            Purpose::Call
            | Purpose::Information
            | Purpose::Announcement
            | Purpose::Reminder
            | Purpose::Reply
            | Purpose::Notice
            | Purpose::Drill
            | Purpose::LifeSign => self.raise_rejected(owed, why),
        }
    }

    fn attempted(&mut self, owed: &Notification, by: &InputName, parts: u8) {
        self.fact(Fact::Attempted { notification: owed.id, by: by.clone(), parts });
    }

    fn sent(&mut self, owed: &Notification, by: &InputName, references: &[u8]) {
        match owed.state {
            Progress::Sending { .. } => {}
            // Its beginning was not told: it has left all the same.
            Progress::Queued | Progress::Postponed(_) | Progress::Doubtful(_) => {
                self.attempted(owed, by, 1);
            }
            Progress::Sent(_) => return,
        }
        self.left(owed, references.to_vec());
        self.mind_reports(by, &owed.person);
    }

    /// The network has it, under these references.
    fn left(&mut self, owed: &Notification, references: Vec<u8>) {
        let report = self.now.wait(REPORT);
        self.fact(Fact::Sent { notification: owed.id, references, report });
        if !owed.is_doubtful() {
            self.leaves_its_trace(owed);
        }
        self.test_left(owed);
    }

    fn postpone(&mut self, owed: &Notification, why: &str) {
        if self.is_needless(owed) || self.is_superseded(owed) {
            self.settle(owed.id, Ending::Cancelled);
            return;
        }
        let turn = usize::try_from(owed.attempts.saturating_sub(1)).unwrap_or(usize::MAX);
        let wait = self.now.wait(RETRIES.get(turn).copied().unwrap_or(LAST_RETRY));
        let (why, may_have_left) = (Arc::from(why), false);
        self.fact(Fact::Postponed { notification: owed.id, why, wait, may_have_left });
        self.mind_stale(owed);
    }

    /// It stood aside before it left: it is owed as before, if anybody needs it.
    fn yields(&mut self, owed: &Notification) {
        match owed.state {
            Progress::Sending { .. } if self.is_needless(owed) || self.is_superseded(owed) => {
                self.settle(owed.id, Ending::Cancelled);
            }
            Progress::Sending { .. } => self.fact(Fact::Released { notification: owed.id }),
            Progress::Queued
            | Progress::Postponed(_)
            | Progress::Doubtful(_)
            | Progress::Sent(_) => {}
        }
    }

    /// The modem fell silent after it had the message: what may have been lost goes again, with the
    /// same code, when the network has had the time to say that it was not.
    fn doubt(&mut self, owed: &Notification, by: &InputName) {
        if self.is_needless(owed) {
            self.settle(owed.id, Ending::Cancelled);
            return;
        }
        match owed.state {
            Progress::Sending { .. } => {}
            Progress::Queued | Progress::Postponed(_) => self.attempted(owed, by, 1),
            Progress::Doubtful(_) | Progress::Sent(_) => return,
        }
        let (why, wait) = (Arc::from(SILENT), self.now.wait(DOUBT));
        self.fact(Fact::Postponed { notification: owed.id, why, wait, may_have_left: true });
        self.leaves_its_trace(owed);
    }

    /// That the network refuses messages to a person is an alarm; that it refused the telling of
    /// one of Vigie's own is not, or each such alarm would be the next one's cause.
    fn raise_rejected(&mut self, owed: &Notification, why: &str) {
        let mut about =
            owed.about().map(|member| self.state.alarm_of(member.occurrence)).peekable();
        let own = about.peek().is_some()
            && about.all(|alarm| alarm.is_some_and(|alarm| self.is_own(alarm)));
        if !own {
            self.own(SelfSignal::raised(SelfAlarm::SmsRejected, owed.person.as_str(), why));
        }
    }

    /// What asks for an answer that nobody needs any more: it came while the message was under
    /// way.
    pub(super) fn is_needless(&self, owed: &Notification) -> bool {
        if owed.digest.is_some() {
            return !owed.about().any(|member| self.state.still_owes(owed, member));
        }
        let open = owed.occurrence.and_then(|number| self.state.occurrence(number));
        match owed.purpose {
            Purpose::Call => !open.is_some_and(|open| {
                open.run == owed.run
                    && open.stage.wants(&owed.person)
                    && !open.has_declined(&owed.person)
            }),
            Purpose::Reminder => {
                !open.is_some_and(|open| open.stage.owes_confirmation() && open.run == owed.run)
            }
            Purpose::LoopBack => !self.is_test_awaited(owed),
            Purpose::Drill => !self.state.drills().awaits(&owed.person),
            Purpose::LifeSign => !self.wants_life_sign(&owed.person),
            Purpose::Information
            | Purpose::Announcement
            | Purpose::Reply
            | Purpose::Notice
            | Purpose::Test => false,
        }
    }

    /// Whether a later message tells the same person of the same occurrence: it says what this one
    /// says, or how much worse it has become.
    pub(super) fn is_superseded(&self, owed: &Notification) -> bool {
        let number = owed.occurrence.filter(|_| owed.purpose.tells());
        let about = number.map(|number| self.state.notifications_about(number));
        about
            .into_iter()
            .flatten()
            .any(|other| other.id > owed.id && other.person == owed.person && other.purpose.tells())
    }

    /// A call that never arrives shortens the wait of its step; one that arrives changes nothing.
    fn hasten(&mut self, owed: &Notification) {
        let Purpose::Call = owed.purpose else { return };
        let state = self.state;
        for member in owed.about() {
            if let Some(open) = state.occurrence(member.occurrence)
                && open.run == member.run
            {
                self.hasten_one(owed, open);
            }
        }
    }

    fn hasten_one(&mut self, owed: &Notification, open: &Occurrence) {
        let mut after = open.clone();
        if owed.may_have_arrived() {
            after.not_reached(&owed.person);
        }
        let ladder = if open.ladder.is_climbing() {
            open.ladder.refused(&owed.person, self.now)
        } else {
            self.ladder_to_a_confirmer(&after, Some(owed.id))
        };
        self.hastened(open, ladder);
    }

    /// The ladder is climbed sooner than it stood.
    pub(super) fn hastened(&mut self, open: &Occurrence, ladder: Option<Ladder>) {
        if let Some(ladder) = ladder {
            self.fact(Fact::Climbed { occurrence: open.number, rung: Rung::Hastened, ladder });
        }
    }

    /// A network's word on a message that it took.
    pub(super) fn delivery(&mut self, delivery: &Delivery) {
        let state = self.state;
        let Some(owed) = state.notification_reported(delivery) else { return };
        self.reports_come(&delivery.by);
        match delivery.outcome {
            Delivered::Pending => {
                // The network has it after all.
                if matches!(&owed.state, Progress::Doubtful(doubt) if doubt.parts <= 1) {
                    self.left(owed, vec![delivery.reference]);
                }
            }
            Delivered::Delivered => self.part_delivered(owed, delivery.reference),
            Delivered::Failed => {
                self.settle(owed.id, Ending::Refused);
                self.hasten(owed);
            }
            Delivered::Expired => {
                self.settle(owed.id, Ending::Expired);
                self.hasten(owed);
            }
        }
    }

    fn part_delivered(&mut self, owed: &Notification, reference: u8) {
        let is_last = match &owed.state {
            Progress::Sent(sent) => sent.references.len() <= 1,
            Progress::Doubtful(doubt) => doubt.parts <= 1,
            Progress::Queued | Progress::Postponed(_) | Progress::Sending { .. } => false,
        };
        if is_last {
            self.settle(owed.id, Ending::Delivered);
        } else {
            self.fact(Fact::PartDelivered { notification: owed.id, reference });
        }
    }

    /// A wait of a notification is over.
    pub(super) fn due(&mut self, owed: &Notification) {
        let over = owed.expires.is_some_and(|wait| wait.mono <= self.now.mono);
        match &owed.state {
            Progress::Sent(_) => self.settle(owed.id, Ending::Unreported),
            Progress::Doubtful(_) if over => self.settle(owed.id, Ending::Unreported),
            Progress::Queued | Progress::Postponed(_) if over => {
                self.settle(owed.id, Ending::Expired);
            }
            Progress::Postponed(_) | Progress::Doubtful(_) => {
                self.fact(Fact::Released { notification: owed.id })
            }
            Progress::Queued | Progress::Sending { .. } => {}
        }
    }
}

impl Stage {
    /// Whether a call to this person still asks for something: nobody is enough yet and they have
    /// not taken it, or somebody else than the holder must confirm.
    pub(super) fn wants(&self, person: &PersonId) -> bool {
        (self.is_unacknowledged() || self.wants_another()) && !self.is_held_by(person)
    }
}
