//! Sending: one notification as one or several parts, and what became of it.
//!
//! It submits a part when the dialogue can take one, and ends with exactly one attempt that the watch is told. It
//! never sends a part again by itself: whether, when and by which modem is the watch's business.
//!
//! Decision (2026-11-23): a refusal that blames the SIM, its subscription or its settings fails the attempt and is an alarm of
//! its own, rather than refusing the message: the message is sound, and another modem may take it.
//!
//! Decision (2026-11-23): the same notification always travels under the same concatenation reference. A phone that has one part
//! of an attempt that broke off completes it from the next attempt.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use vigie_gsm::alphabet::Encoding;
use vigie_gsm::concatenation::{Width, split};
use vigie_gsm::dialogue::{Dialogue, Event, NetworkError, Sort};
use vigie_gsm::pdu::{Address, PduError, Submit, SubmitPdu};

use crate::watch::event::Attempt;
use crate::watch::notification::{Notification, Purpose};
use crate::watch::time::Utc;

/// A site cannot ask for UCS-2 yet: what the GSM alphabet lacks is transliterated.
const ENCODING: Encoding = Encoding::Gsm7;

/// One notification that is being sent.
#[derive(Debug)]
pub(super) struct Errand {
    /// What is sent.
    pub(super) notification: Arc<Notification>,
    waiting: VecDeque<SubmitPdu>,
    hand: Hand,
    references: Vec<u8>,
}

/// The part that the dialogue has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Hand {
    /// None.
    Empty,
    /// One that has not left.
    Held(u64),
    /// One that the modem was given: from here on it may have been sent.
    Given(u64),
}

/// What an event means for a notification.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// Nothing is to be told.
    On,
    /// The network took a part under this reference; others wait.
    Part(u8),
    /// The network took the last part, under this reference.
    Sent(u8, Attempt),
    /// It ended otherwise.
    Ended(Attempt),
    /// It ended because of the SIM or its settings, for this reason.
    SimRefused(Attempt, String),
}

impl Errand {
    /// Cuts a notification into parts.
    ///
    /// # Errors
    /// [`PduError`] if it cannot be a short message at all.
    pub(super) fn new(notification: Arc<Notification>, now: Utc) -> Result<Self, PduError> {
        let to: Address = notification.phone.as_str().parse()?;
        let [.., high, low] = notification.id.0.to_be_bytes();
        let reference = u16::from_be_bytes([high, low]);
        let validity = validity(&notification, now);
        let waiting = split(&notification.text, ENCODING, reference, Width::Octet)
            .into_iter()
            .map(|part| {
                let mut submit = Submit::new(to.clone(), part);
                submit.status_report = true;
                submit.validity = Some(validity);
                submit.encode()
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { notification, waiting, hand: Hand::Empty, references: Vec::new() })
    }

    /// How many parts have not left yet.
    pub(super) fn parts(&self) -> usize {
        self.waiting.len()
    }

    /// Whether the dialogue has none of its parts: nothing of what it says will end it.
    pub(super) fn has_empty_hand(&self) -> bool {
        self.hand == Hand::Empty
    }

    /// Gives the next part to the dialogue, if it can take one now. True if it did.
    pub(super) fn submit(&mut self, dialogue: &mut Dialogue, ticket: u64) -> bool {
        if self.hand != Hand::Empty || !dialogue.can_submit() {
            return false;
        }
        let Some(part) = self.waiting.pop_front() else { return false };
        let taken = if self.waiting.is_empty() {
            dialogue.submit(ticket, part.clone())
        } else {
            dialogue.submit_before_another(ticket, part.clone())
        };
        if taken.is_err() {
            self.waiting.push_front(part);
            return false;
        }
        self.hand = Hand::Held(ticket);
        true
    }

    /// What an event of the dialogue means for it.
    pub(super) fn happened(&mut self, event: &Event) -> Step {
        let mine = |ticket: &u64| match self.hand {
            Hand::Empty => false,
            Hand::Held(held) | Hand::Given(held) => held == *ticket,
        };
        match event {
            Event::Submitting { ticket } if mine(ticket) => {
                self.hand = Hand::Given(*ticket);
                Step::On
            }
            Event::Sent { ticket, reference } if mine(ticket) => {
                self.hand = Hand::Empty;
                self.references.push(*reference);
                if self.waiting.is_empty() {
                    Step::Sent(*reference, Attempt::Sent(std::mem::take(&mut self.references)))
                } else {
                    Step::Part(*reference)
                }
            }
            Event::Refused { ticket, error } if mine(ticket) => refused(*error),
            Event::Unknown { ticket, .. } if mine(ticket) => Step::Ended(Attempt::Unknown),
            Event::NotSubmitted { ticket, reason } if mine(ticket) => {
                Step::Ended(Attempt::Failed(Arc::from(reason.to_string())))
            }
            Event::Submitting { .. }
            | Event::Sent { .. }
            | Event::Refused { .. }
            | Event::Unknown { .. }
            | Event::NotSubmitted { .. }
            | Event::Ready(_)
            | Event::Registration(_)
            | Event::Signal(_)
            | Event::Operator { .. }
            | Event::NetworkTold(_)
            | Event::Received { .. }
            | Event::Unreadable { .. }
            | Event::DirectReport { .. }
            | Event::DirectMessage { .. }
            | Event::Called { .. }
            | Event::Mute
            | Event::Restarted
            | Event::SimOpen
            | Event::PinWanted { .. }
            | Event::SimPin(_)
            | Event::StorageFull { .. }
            | Event::Noise { .. } => Step::On,
        }
    }

    /// The modem is lost, or the house closes.
    pub(super) fn abandoned(&self, reason: &str) -> Attempt {
        match self.hand {
            Hand::Given(_) => Attempt::Unknown,
            Hand::Empty | Hand::Held(_) => Attempt::Failed(Arc::from(reason)),
        }
    }
}

fn refused(error: NetworkError) -> Step {
    let reason: Arc<str> = Arc::from(error.to_string());
    match error.sort() {
        Sort::Transient => Step::Ended(Attempt::Failed(reason)),
        Sort::Permanent => Step::Ended(Attempt::Refused(reason)),
        Sort::Configuration => {
            Step::SimRefused(Attempt::Failed(Arc::clone(&reason)), reason.to_string())
        }
    }
}

/// No network counts in shorter steps (23.040 9.2.3.12.1), in seconds.
const SHORTEST: u64 = 5 * 60;
/// For so many seconds a call is valid whose step says nothing.
const CALL: u64 = 10 * 60;

/// For how long the network is to try.
///
/// A call that cannot be delivered while its step waits for an answer is better given up: the ladder goes on, the
/// network's "expired" hastens it where it has not, and a page of yesterday in the morning wakes somebody for nothing.
/// Information that nobody must answer is still news after a night without reception. None is valid for longer than
/// the watch holds it to be of use. The network counts in steps of five minutes, rounded up.
fn validity(notification: &Notification, now: Utc) -> Duration {
    let longest = Duration::from_secs(match notification.purpose {
        Purpose::Call => {
            let wait = notification.answer_within.map_or(CALL, |wait| wait.as_secs());
            wait.clamp(SHORTEST, 24 * 3_600)
        }
        Purpose::Announcement | Purpose::Reminder | Purpose::Reply => 30 * 60,
        Purpose::LoopBack | Purpose::Drill | Purpose::Test => CALL,
        Purpose::LifeSign => 4 * 3_600,
        Purpose::Information | Purpose::Notice => 24 * 3_600,
    });
    notification.expires.map_or(longest, |wait| longest.min(now.until(wait.due)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::time::{Moment, Mono};

    fn notification(purpose: &str, expires: Option<u64>) -> Notification {
        let now =
            Moment { utc: Utc::from_micros(0), mono: Mono::from_nanos(0), ..Moment::default() };
        let expires = expires.map(|seconds| now.wait(Duration::from_secs(seconds)));
        serde_json::from_value(serde_json::json!({
            "id": 1, "person": "marie", "channel": "sms", "phone": "+33612345678", "purpose": purpose,
            "priority": "high", "text": "4711", "created": 0, "expires": expires, "state": "queued", "attempts": 0,
        }))
        .unwrap()
    }

    #[test]
    fn no_page_arrives_when_it_has_become_useless() {
        let start = Utc::from_micros(0);
        let minutes = |purpose, expires, now: Utc| {
            validity(&notification(purpose, expires), now).as_secs() / 60
        };
        assert_eq!(minutes("call", None, start), 10);
        for (wait, valid) in [(60, 5), (300, 5), (1_200, 20), (90_000, 24 * 60)] {
            let mut call = notification("call", None);
            call.answer_within = Some(Duration::from_secs(wait));
            assert_eq!(validity(&call, start).as_secs() / 60, valid, "a step of {wait} s");
        }
        assert_eq!(minutes("reply", Some(1_800), start), 30);
        assert_eq!(minutes("reply", Some(1_800), start.after(Duration::from_secs(1_200))), 10);
        assert_eq!(minutes("reply", Some(1_800), start.after(Duration::from_secs(9_999))), 0);
        assert_eq!(minutes("information", None, start), 24 * 60);
    }
}
