//! Signals that wait for room in the inbox, in order, and not without bound.
//!
//! When there are too many, an older one of the same contact goes: the newest state of each contact always has a
//! place. What goes is handed back, to be counted. What is told of the device
//! itself waits before all of them, the latest of each kind.

use std::collections::VecDeque;

use crate::watch::own_alarms::SelfSignal;
use crate::watch::signal::Signal;
use crate::watch::time::Moment;

/// So many wait before an older one of the same contact has to go.
const PLACES: usize = 1_024;

/// What waits.
#[derive(Debug)]
pub(super) struct Waiting {
    /// Of which contact, what, since when.
    queue: VecDeque<(usize, Signal, Moment)>,
    places: usize,
    /// What is told of the device itself.
    own: VecDeque<(SelfSignal, Moment)>,
}

impl Default for Waiting {
    fn default() -> Self {
        Self::with_places(PLACES)
    }
}

impl Waiting {
    fn with_places(places: usize) -> Self {
        Self { queue: VecDeque::new(), places, own: VecDeque::new() }
    }

    /// Puts one behind the others; an older one that had to go for it.
    pub(super) fn put(&mut self, contact: usize, signal: Signal, now: Moment) -> Option<Signal> {
        let full = self.queue.len() >= self.places;
        let older = self.queue.iter().position(|(of, ..)| full && *of == contact);
        let gone = older.and_then(|older| self.queue.remove(older));
        self.queue.push_back((contact, signal, now));
        gone.map(|(_, signal, _)| signal)
    }

    /// The first, and of which contact it is.
    pub(super) fn first(&self) -> Option<(usize, Signal, Moment)> {
        self.queue.front().map(|(of, signal, now)| (*of, signal.clone(), *now))
    }

    /// The first is in the inbox.
    pub(super) fn sent(&mut self) {
        self.queue.pop_front();
    }

    /// Something is to be told of the device itself; what was of the same kind is no longer so.
    pub(super) fn put_own(&mut self, own: SelfSignal, now: Moment) {
        self.own.retain(|(waits, _)| waits.alarm != own.alarm);
        self.own.push_back((own, now));
    }

    /// What is to be told first of the device itself.
    pub(super) fn first_own(&self) -> Option<(SelfSignal, Moment)> {
        self.own.front().cloned()
    }

    /// The first of these is in the inbox.
    pub(super) fn sent_own(&mut self) {
        self.own.pop_front();
    }

    /// How many signals of contacts wait.
    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.own.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::expression::sample;
    use crate::watch::signal::Kind;

    #[test]
    fn the_newest_state_of_each_contact_has_a_place_and_what_goes_is_handed_back() {
        let mut waiting = Waiting::with_places(3);
        let signal = |text: &str| Signal { text: text.into(), ..sample::signal(Kind::Contacts) };
        let mut gone = Vec::new();
        for (contact, text) in
            [(0, "a1"), (1, "b1"), (0, "a2"), (0, "a3"), (2, "c1"), (1, "b2"), (2, "c2")]
        {
            let went = waiting.put(contact, signal(text), Moment::default());
            gone.extend(went.map(|signal| signal.text.to_string()));
        }
        assert_eq!(gone, ["a1", "b1", "c1"], "one of the same contact, and none of another");
        let mut left = Vec::new();
        while let Some((_, signal, _)) = waiting.first() {
            left.push(signal.text.to_string());
            waiting.sent();
        }
        assert_eq!(left, ["a2", "a3", "b2", "c2"], "in their order");
        assert!(waiting.is_empty());
    }
}
