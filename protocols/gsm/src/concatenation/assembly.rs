//! Parts that wait for the rest of their message.
//!
//! It holds a bounded number of messages for a bounded time, and never a clock: the caller says what time it is.
//! Whatever has to leave, because it is old or because there is no room, leaves as a message that says what is
//! missing. A part that comes twice is given back at once, so that nothing grows with it.

use super::Message;
use crate::pdu::{Address, Body, Concatenation, Deliver, Reference, TimeStamp};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// How much may wait, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long the first part of a message waits for the last. Networks bring parts within seconds; when a phone
    /// loses its network between two, within minutes.
    pub age: Duration,
    /// How many incomplete messages may wait, at least one. One of them has at most 255 parts.
    pub messages: usize,
}

impl Default for Limits {
    /// Ten minutes, 64 messages.
    fn default() -> Self {
        Self { age: Duration::from_secs(600), messages: 64 }
    }
}

/// What came of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<T> {
    /// A message is to be read; [`Message::is_complete`] says whether it is whole.
    Message(Message<T>),
    /// The network brought a part again that waits already, or whose message has been handed over. Its text is
    /// nowhere else needed. Who keeps parts on a SIM must not offer one slot twice: this would be its own token.
    Repeated(T),
}

/// What the parts of one message have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    sender: Address,
    reference: Reference,
    total: u8,
}

/// A message of which not all parts are there; never without any.
#[derive(Debug)]
struct Waiting<T> {
    key: Key,
    /// When its first part came.
    since: Duration,
    parts: BTreeMap<u8, (Deliver, T)>,
}

/// What tells a part that the network repeats from a new one with the same reference: a new one has a later
/// time stamp.
type Trace = (u8, TimeStamp, Body);

/// A message that was handed over, remembered for those of its parts that come again.
#[derive(Debug)]
struct Done {
    key: Key,
    at: Duration,
    traces: Vec<Trace>,
}

/// The parts that wait. `T` is the caller's mark on a part, such as the slot on the SIM that holds it.
#[derive(Debug)]
pub struct Assembly<T> {
    limits: Limits,
    /// The oldest first.
    waiting: Vec<Waiting<T>>,
    /// The oldest first, no more than may wait.
    done: VecDeque<Done>,
}

impl<T> Assembly<T> {
    /// Nothing waits yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, waiting: Vec::new(), done: VecDeque::new() }
    }

    /// Takes a message or a part of one, at a time counted from any origin that stays the same.
    ///
    /// What stands alone comes back at once, a whole message with its last part. Others may come back with it:
    /// those that have become too old, or had to make room.
    pub fn accept(&mut self, deliver: Deliver, token: T, now: Duration) -> Vec<Outcome<T>> {
        let mut outcomes: Vec<_> = self.expire(now).into_iter().map(Outcome::Message).collect();
        let Some(part) = deliver.user_data.concatenation().filter(|part| part.total() > 1) else {
            outcomes.push(Outcome::Message(Message::alone(&deliver, token)));
            return outcomes;
        };
        let key = Key {
            sender: deliver.sender.clone(),
            reference: part.reference(),
            total: part.total(),
        };
        if self.is_repeated(&key, part, &deliver) {
            outcomes.push(Outcome::Repeated(token));
            return outcomes;
        }
        let ready = self.join(key, part, deliver, token, now);
        outcomes.extend(ready.map(Outcome::Message));
        outcomes
    }

    /// Hands over what has waited too long, as far as it is there.
    pub fn expire(&mut self, now: Duration) -> Vec<Message<T>> {
        let age = self.limits.age;
        self.done.retain(|done| now.saturating_sub(done.at) < age);
        let is_old = |waiting: &mut Waiting<T>| now.saturating_sub(waiting.since) >= age;
        let expired: Vec<_> = self.waiting.extract_if(.., is_old).collect();
        expired.into_iter().filter_map(|waiting| self.hand_over(waiting, now)).collect()
    }

    /// Hands over all that waits, as when the daemon stops or the SIM is taken out.
    pub fn flush(&mut self, now: Duration) -> Vec<Message<T>> {
        let all = std::mem::take(&mut self.waiting);
        all.into_iter().filter_map(|waiting| self.hand_over(waiting, now)).collect()
    }

    /// When [`Self::expire`] has something to do next.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Duration> {
        self.waiting.iter().map(|waiting| waiting.since.saturating_add(self.limits.age)).min()
    }

    /// How many messages wait for parts.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Puts a part to its message, and hands over what has to leave for it.
    fn join(
        &mut self,
        key: Key,
        part: Concatenation,
        deliver: Deliver,
        token: T,
        now: Duration,
    ) -> Option<Message<T>> {
        let number = part.sequence();
        let known = self.waiting.iter().position(|waiting| waiting.key == key);
        match known.map(|position| (position, self.waiting.remove(position))) {
            Some((position, mut waiting)) if !waiting.parts.contains_key(&number) => {
                waiting.parts.insert(number, (deliver, token));
                if waiting.parts.len() == usize::from(part.total()) {
                    return self.hand_over(waiting, now);
                }
                self.waiting.insert(position, waiting);
                None
            }
            // The reference has come round before its first message was whole, or there is no room for another.
            former => {
                let full = self.waiting.len() >= self.limits.messages.max(1);
                let leaves = match former {
                    Some((_, former)) => Some(former),
                    None => full.then(|| self.waiting.remove(0)),
                };
                let parts = BTreeMap::from([(number, (deliver, token))]);
                self.waiting.push(Waiting { key, since: now, parts });
                leaves.and_then(|leaves| self.hand_over(leaves, now))
            }
        }
    }

    fn is_repeated(&self, key: &Key, part: Concatenation, deliver: &Deliver) -> bool {
        let body = deliver.user_data.body();
        let waits = self.waiting.iter().filter(|waiting| waiting.key == *key).any(|waiting| {
            waiting
                .parts
                .get(&part.sequence())
                .is_some_and(|(known, _)| known.user_data.body() == body)
        });
        waits
            || self.done.iter().filter(|done| done.key == *key).any(|done| {
                done.traces.iter().any(|(sequence, time, known)| {
                    *sequence == part.sequence() && *time == deliver.time && known == body
                })
            })
    }

    /// Makes a message of what is there, and remembers that it did.
    fn hand_over(&mut self, waiting: Waiting<T>, now: Duration) -> Option<Message<T>> {
        let Waiting { key, parts, .. } = waiting;
        let traces = parts
            .iter()
            .map(|(number, (deliver, _))| (*number, deliver.time, deliver.user_data.body().clone()))
            .collect();
        let total = key.total;
        self.done.push_back(Done { key, at: now, traces });
        if self.done.len() > self.limits.messages.max(1) {
            self.done.pop_front();
        }
        Message::of_parts(total, parts)
    }
}
