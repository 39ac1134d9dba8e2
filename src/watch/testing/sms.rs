//! Test messages: a person at the keyboard has one sent to somebody, and sees what becomes of it (`vigie test sms`).
//!
//! It is owed like any other message: on the record before it leaves, by the modems that an alarm would take. It has no code, asks for
//! nothing and is about no alarm; no storm gathers it, and it keeps no alarm back. What its end says of a number counts as that of any
//! message does (three in a row that do not arrive are an alarm); one refusal, however, is told to those who look at it, and calls nobody.
//! Nobody has a second one on its way, nor more than five in an hour, whoever asks: the sixth is refused in words.
//!
//! # Decision (2026-11-27): what became of the latest tests is remembered step by step
//!
//! The state forgets a message at its end, and who looks at a test now and then must miss nothing of it: neither the modem that did
//! not take it nor why. So the steps of the last [`REMEMBERED`] tests are folded from the facts of their messages and stand in the
//! snapshot. Rejected: to look into the tables of the store, which in distress know nothing of what has left, and never a modem's reason.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::watch::decision::{Outcome, Refusal};
use crate::watch::draft::Draft;
use crate::watch::event::TestSms;
use crate::watch::name::{InputName, PersonId};
use crate::watch::notification::{Ending, Notification, NotificationId, Purpose};
use crate::watch::state::{PATIENCE, State};
use crate::watch::time::Utc;

/// For so long a test waits for a modem, its network tries, and somebody looks.
pub const LONGEST_SMS_TEST: Duration = Duration::from_secs(10 * 60);
/// The tests that a number gets are counted over this time.
const TESTING: Duration = Duration::from_secs(3_600);
/// So many tests are remembered.
const REMEMBERED: usize = 32;
/// So many steps of one; of more the latest stands for those before.
const STEPS: usize = 64;

/// A test message, and what became of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SmsTest {
    /// By which it is owed.
    notification: NotificationId,
    /// When it was asked for.
    asked: Utc,
    /// What became of it, in order.
    steps: Vec<Step>,
}

/// Something that became of a test message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Step {
    /// When.
    pub at: Utc,
    /// What.
    pub what: Course,
}

/// What becomes of a test message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Course {
    /// A modem has it in hand.
    Attempted {
        /// Which.
        by: InputName,
    },
    /// The network took it.
    Taken {
        /// By which modem.
        by: InputName,
        /// Under which references.
        references: Vec<u8>,
    },
    /// It was not taken, or nobody knows whether it was, and it goes again.
    Postponed {
        /// Why.
        why: Arc<str>,
        /// Whether it may have left all the same.
        may_have_left: bool,
    },
    /// It is at its end.
    Ended {
        /// Which.
        ending: Ending,
        /// Why it was refused, where a modem said it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<Arc<str>>,
    },
}

/// The latest test messages, the oldest first.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SmsTests(VecDeque<SmsTest>);

impl SmsTest {
    /// What became of it so far, in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether nothing more is to be seen of it: it is at its end, or was looked at for long enough.
    pub fn is_over(&self, now: Utc) -> bool {
        self.has_ended() || self.asked.until(now) >= LONGEST_SMS_TEST
    }

    fn has_ended(&self) -> bool {
        self.steps.last().is_some_and(|step| matches!(step.what, Course::Ended { .. }))
    }
}

impl SmsTests {
    /// The test by that message, while it is remembered.
    pub fn of(&self, notification: NotificationId) -> Option<&SmsTest> {
        self.0.iter().find(|test| test.notification == notification)
    }

    /// All of them, for a snapshot; `None`: there is nothing to keep.
    pub(in crate::watch) fn kept(&self) -> Option<Self> {
        (!self.0.is_empty()).then(|| self.clone())
    }

    /// A test is owed.
    pub(in crate::watch) fn owed(&mut self, owed: &Notification) {
        if self.0.len() >= REMEMBERED {
            self.0.pop_front();
        }
        let (notification, asked) = (owed.id, owed.created);
        self.0.push_back(SmsTest { notification, asked, steps: Vec::new() });
    }

    pub(in crate::watch) fn attempted(&mut self, id: NotificationId, by: &InputName, at: Utc) {
        self.step(id, at, || Course::Attempted { by: by.clone() });
    }

    pub(in crate::watch) fn taken(
        &mut self,
        id: NotificationId,
        by: &InputName,
        references: &[u8],
        at: Utc,
    ) {
        self.step(id, at, || Course::Taken { by: by.clone(), references: references.to_vec() });
    }

    pub(in crate::watch) fn postponed(
        &mut self,
        id: NotificationId,
        why: &Arc<str>,
        may_have_left: bool,
        at: Utc,
    ) {
        self.step(id, at, || Course::Postponed { why: Arc::clone(why), may_have_left });
    }

    pub(in crate::watch) fn ended(
        &mut self,
        id: NotificationId,
        ending: Ending,
        why: Option<&Arc<str>>,
        at: Utc,
    ) {
        self.step(id, at, || Course::Ended { ending, why: why.cloned() });
    }

    /// One more step of a test; of any other message nothing is remembered here.
    fn step(&mut self, id: NotificationId, at: Utc, what: impl FnOnce() -> Course) {
        let is_it = |test: &&mut SmsTest| test.notification == id && !test.has_ended();
        if let Some(test) = self.0.iter_mut().find(is_it) {
            test.steps.truncate(STEPS - 1);
            test.steps.push(Step { at, what: what() });
        }
    }
}

impl Draft<'_> {
    /// A person wants to see whether a message reaches somebody.
    pub(in crate::watch) fn test_sms(&mut self, asked: &TestSms) -> Outcome {
        let site = self.site;
        let mut both = [&asked.person, &asked.to].into_iter();
        if let Some(person) = both.find(|person| !site.people.contains_key(*person)) {
            return Outcome::Refused(Refusal(format!("no person is called `{person}`")));
        }
        if let Err(why) = self.may_be_tested(&asked.to) {
            return Outcome::Refused(Refusal(why));
        }
        let (to, until) = (&asked.to, self.now.wait(LONGEST_SMS_TEST));
        let text = self.wording(to).test_sms(&asked.person);
        match self.owe_until(to, Purpose::Test, text, until) {
            Some(owed) => {
                let sentence = format!("SMS to {to}, {}: \"{}\"", owed.phone, owed.text);
                Outcome::Owing(owed.id, sentence)
            }
            None => Outcome::Refused(Refusal(format!(
                "`{to}` has no `phone` in [people.{to}], so that no SMS can reach them"
            ))),
        }
    }

    /// One test after the other, and no more in an hour than help anybody: whoever has an account may ask for them, and the telephone of
    /// somebody who sleeps rings at each.
    fn may_be_tested(&self, to: &PersonId) -> Result<(), String> {
        let is_on_its_way = |owed: &Notification| {
            owed.purpose == Purpose::Test && owed.person == *to && !owed.is_with_the_network()
        };
        if self.state.notifications().any(is_on_its_way) {
            return Err(format!("a test to `{to}` is on its way: wait for its end"));
        }
        let phone = self.site.people.get(to).and_then(|person| person.phone.as_ref());
        let talk = phone.and_then(|phone| self.state.conversations.get(phone));
        if talk.is_some_and(|talk| self.lately(&talk.tested, TESTING) >= PATIENCE) {
            return Err(format!(
                "`{to}` was sent {PATIENCE} tests within the hour: wait until the first of them is an hour old"
            ));
        }
        Ok(())
    }
}

impl State {
    /// What became of the latest test messages.
    pub fn sms_tests(&self) -> &SmsTests {
        &self.sms_tests
    }
}
