//! Owing: who is owed a message, and what is no longer owed (behaviour §5).

use std::sync::Arc;
use std::time::Duration;

use super::alarm::{AlarmNumber, Occurrence};
use super::decision::Fact;
use super::draft::Draft;
use super::name::{InputName, PersonId};
use super::notification::{Ending, Notification, NotificationId, Progress, Purpose};
use super::site::{Channel, Path, PhoneNumber, Priority};
use super::storm::{Digest, Kind, News};
use super::time::{Utc, Wait};

/// An announcement or a reply that is older than this helps nobody.
const STALE: Duration = Duration::from_secs(30 * 60);
/// A notice of an order helps nobody any more after this time, however long the order counts.
const NOTICED: Duration = Duration::from_secs(24 * 3_600);

impl Draft<'_> {
    /// Owes a person a message. A person whom the files do not know any more, or who has no
    /// number, is owed nothing: there is no way to pay.
    pub(super) fn owe(
        &mut self,
        person: &PersonId,
        purpose: Purpose,
        about: Option<&Occurrence>,
        text: String,
    ) {
        let id = self.next_notification();
        self.owe_as(id, person, purpose, about, text);
    }

    /// [`Draft::owe`] under a number that was taken before: by it messages of one priority leave.
    pub(super) fn owe_as(
        &mut self,
        id: NotificationId,
        person: &PersonId,
        purpose: Purpose,
        about: Option<&Occurrence>,
        text: String,
    ) {
        self.owe_for(id, person, (purpose, None), about, text);
    }

    /// Asks a person for an answer within that time.
    pub(super) fn ask(
        &mut self,
        person: &PersonId,
        open: &Occurrence,
        text: String,
        wait: Duration,
    ) {
        let id = self.next_notification();
        self.owe_for(id, person, (Purpose::Call, Some(wait)), Some(open), text);
    }

    fn owe_for(
        &mut self,
        id: NotificationId,
        person: &PersonId,
        (purpose, answer_within): (Purpose, Option<Duration>),
        about: Option<&Occurrence>,
        text: String,
    ) {
        let known = self.site.people.get(person);
        let Some(phone) = known.and_then(|person| person.phone.clone()) else { return };
        let prefer = known.and_then(|person| person.modem.clone());
        let message = self.unsent_message(id, person.clone(), phone, purpose, Arc::from(text));
        let message = Notification { answer_within, prefer, ..message };
        let notification = match about {
            None => message,
            Some(open) => Notification {
                priority: open.activation.priority,
                occurrence: Some(open.number),
                run: open.run,
                alarm: self.alarm_of_information(purpose, open),
                of_test: open.is_test(),
                ..message
            },
        };
        self.fact(Fact::Owed { notification: Arc::new(notification) });
    }

    /// Information always goes out, also when what it is about is over: then the occurrence no longer tells its alarm.
    fn alarm_of_information(&self, purpose: Purpose, open: &Occurrence) -> Option<AlarmNumber> {
        let alarm = self.state.alarm_of(open.number).map(|alarm| alarm.number);
        alarm.filter(|_| purpose == Purpose::Information)
    }

    /// Owes a person one message about several occurrences.
    pub(super) fn owe_for_several(
        &mut self,
        id: NotificationId,
        person: &PersonId,
        answer_within: Option<Duration>,
        priority: Priority,
        digest: Digest,
        text: String,
    ) {
        let known = self.site.people.get(person);
        let Some(phone) = known.and_then(|person| person.phone.clone()) else { return };
        let prefer = known.and_then(|person| person.modem.clone());
        let purpose = match digest.kind {
            Kind::Ask | Kind::Confirm => Purpose::Call,
            Kind::Remind => Purpose::Reminder,
            Kind::Inform => Purpose::Information,
        };
        let message = self.unsent_message(id, person.clone(), phone, purpose, Arc::from(text));
        let digest = Some(Box::new(digest));
        let notification = Notification { answer_within, prefer, priority, digest, ..message };
        self.fact(Fact::Owed { notification: Arc::new(notification) });
    }

    /// Owes a modem the message by which the path from another one is tried; that one alone may send it.
    pub(super) fn owe_test(
        &mut self,
        id: NotificationId,
        from: &InputName,
        path: &Path,
        text: Arc<str>,
    ) {
        let to = PersonId::new(path.to.as_str());
        let message = self.unsent_message(id, to, path.number.clone(), Purpose::LoopBack, text);
        let notification =
            Notification { priority: Priority::Low, prefer: Some(from.clone()), ..message };
        self.fact(Fact::Owed { notification: Arc::new(notification) });
    }

    /// Owes a person a message about no alarm, which is of use until then: after all that is about one. `None`: they have no number.
    pub(super) fn owe_until(
        &mut self,
        person: &PersonId,
        purpose: Purpose,
        text: String,
        until: Wait,
    ) -> Option<Arc<Notification>> {
        let known = self.site.people.get(person);
        let phone = known.and_then(|person| person.phone.clone())?;
        let (id, prefer) =
            (self.next_notification(), known.and_then(|person| person.modem.clone()));
        let message = self.unsent_message(id, person.clone(), phone, purpose, Arc::from(text));
        let notification =
            Notification { priority: Priority::Low, prefer, expires: Some(until), ..message };
        let notification = Arc::new(notification);
        self.fact(Fact::Owed { notification: Arc::clone(&notification) });
        Some(notification)
    }

    /// Owes a person the notice that somebody has ordered something that concerns them, and until when. Orders may be forged: it leaves
    /// after all that is about an alarm and takes no place from it, but is owed as long as the order counts (a day at most).
    pub(super) fn owe_notice(&mut self, person: &PersonId, text: String, until: Option<Utc>) {
        let lasting = until.map_or(NOTICED, |until| self.now.utc.until(until));
        let until = self.now.wait(lasting.clamp(STALE, NOTICED));
        self.owe_until(person, Purpose::Notice, text, until);
    }

    /// A message that waits for its turn: about no occurrence, by whichever modem.
    fn unsent_message(
        &self,
        id: NotificationId,
        person: PersonId,
        phone: PhoneNumber,
        purpose: Purpose,
        text: Arc<str>,
    ) -> Notification {
        let expires = match purpose {
            Purpose::Call
            | Purpose::Information
            | Purpose::LoopBack
            | Purpose::Notice
            | Purpose::Drill
            | Purpose::LifeSign
            | Purpose::Test => None,
            Purpose::Announcement | Purpose::Reminder | Purpose::Reply => {
                Some(self.now.wait(STALE))
            }
        };
        Notification {
            id,
            person,
            channel: Channel::Sms,
            phone,
            purpose,
            priority: Priority::Medium,
            occurrence: None,
            text,
            created: self.now.utc,
            answer_within: None,
            expires,
            state: Progress::Queued,
            attempts: 0,
            prefer: None,
            avoid: None,
            run: 0,
            alarm: None,
            of_test: false,
            digest: None,
            queued: None,
        }
    }

    /// Nothing that still asks for an answer to this occurrence leaves any more.
    pub(super) fn cancel_calls(&mut self, open: &Occurrence) {
        self.cancel(open, Notification::asks);
    }

    /// Nothing that still asks this person for an answer to it leaves any more.
    pub(super) fn cancel_calls_to(&mut self, open: &Occurrence, person: &PersonId) {
        self.cancel(open, |owed| owed.asks() && owed.person == *person);
    }

    /// What was to be said of the occurrence is no longer true: nothing of it leaves any more. A
    /// reply is owed to who has asked, and information to everybody.
    pub(super) fn cancel_all(&mut self, open: &Occurrence) {
        self.cancel(open, |owed| owed.asks() || owed.purpose == Purpose::Announcement);
    }

    fn cancel(&mut self, open: &Occurrence, which: impl Fn(&Notification) -> bool) {
        let state = self.state;
        for owed in state.notifications_about(open.number) {
            if owed.has_yet_to_leave() && which(owed) {
                match &owed.digest {
                    None => self.settle(owed.id, Ending::Cancelled),
                    Some(_) => self.withdraw_from(owed.id, open.number),
                }
            }
        }
    }

    /// Tells those who hold the occurrence.
    pub(super) fn tell_holders(&mut self, open: &Occurrence, told_of: &Occurrence, news: &News) {
        for holder in open.stage.holders() {
            self.tell_news(told_of, &holder.person, news.clone());
        }
    }
}
