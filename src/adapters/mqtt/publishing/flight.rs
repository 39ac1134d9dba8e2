//! What was said and not taken yet, and what a broker cannot take at all.
//!
//! A broker that cannot read a word closes the connection, and would close the next one for the same word: the one that it owes an
//! answer for longest when the connection ends is the one. After three times in a row it is set aside for as long as Vigie runs, so that
//! the others are said; `status` counts it, and the log names its topic.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use tracing::warn;

use crate::watch::time::Mono;

/// So many words are in flight at most: fewer than the library and the usual broker admit, so that no packet id comes round twice.
const MOST: usize = 16;
/// A broker that has not taken a word for so long takes none.
const PATIENCE: Duration = Duration::from_secs(60);
/// So many connections in a row that end on one word are no accident.
const DEATHS: u32 = 3;
/// So many words are set aside at most.
const MOST_ASIDE: usize = 256;

/// What is in flight. It outlives a connection for what it has learned of words.
#[derive(Debug, Default)]
pub(super) struct Flight {
    words: VecDeque<(String, Mono)>,
    /// On which topic the last connections ended, and how many of them.
    suspect: Option<(String, u32)>,
    aside: HashSet<String>,
}

impl Flight {
    /// Whether one more may be said before another is taken.
    pub(super) fn has_room(&self) -> bool {
        self.words.len() < MOST
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// A word is said.
    pub(super) fn begin(&mut self, topic: &str, now: Mono) {
        self.words.push_back((topic.to_owned(), now));
    }

    /// The broker has answered for the word that was said first.
    pub(super) fn end(&mut self) {
        let taken = self.words.pop_front();
        let is_suspect = |(suspect, _): &(String, u32)| {
            taken.as_ref().is_some_and(|(taken, _)| taken == suspect)
        };
        if self.suspect.as_ref().is_some_and(is_suspect) {
            self.suspect = None;
        }
    }

    /// Whether the broker owes an answer for too long.
    pub(super) fn is_late(&self, now: Mono) -> bool {
        self.words.front().is_some_and(|(_, said)| said.until(now) >= PATIENCE)
    }

    /// Whether no broker would take it.
    pub(super) fn is_set_aside(&self, topic: &str) -> bool {
        !self.aside.is_empty() && self.aside.contains(topic)
    }

    /// The connection is over; says whether a word was set aside for it. Whether we are there is always said.
    pub(super) fn is_over(&mut self, status: &str) -> bool {
        let oldest = self.words.pop_front().map(|(topic, _)| topic).filter(|topic| topic != status);
        self.words.clear();
        let Some(topic) = oldest else { return false };
        let before = self.suspect.take().filter(|(suspect, _)| *suspect == topic);
        let deaths = before.map_or(0, |(_, deaths)| deaths).saturating_add(1);
        if deaths < DEATHS || self.aside.len() >= MOST_ASIDE {
            self.suspect = Some((topic, deaths));
            return false;
        }
        warn!(%topic, "the broker ends the connection whenever this is published: it is set aside");
        self.aside.insert(topic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dies_on(flight: &mut Flight, words: &[&str]) -> bool {
        words.iter().for_each(|word| flight.begin(word, Mono::default()));
        flight.is_over("status")
    }

    #[test]
    fn a_word_on_which_three_connections_in_a_row_end_is_set_aside_and_no_other() {
        let mut flight = Flight::default();
        assert!(!dies_on(&mut flight, &["bad", "good"]));
        assert!(!dies_on(&mut flight, &["bad", "good"]));
        assert!(dies_on(&mut flight, &["bad", "good"]));
        assert!(flight.is_set_aside("bad") && !flight.is_set_aside("good"));
        for _ in 0..5 {
            assert!(
                !dies_on(&mut flight, &["status", "good"]),
                "a broker that is started anew, again and again"
            );
        }
        for _ in 0..2 {
            assert!(!dies_on(&mut flight, &["good"]));
        }
        flight.begin("good", Mono::default());
        flight.end();
        assert!(!dies_on(&mut flight, &["good"]), "it was taken in between");
    }

    #[test]
    fn a_broker_that_owes_an_answer_for_a_minute_takes_nothing() {
        let mut flight = Flight::default();
        flight.begin("a", Mono::from_nanos(0));
        assert!(!flight.is_late(Mono::from_nanos(59_999_000_000)));
        assert!(flight.is_late(Mono::from_nanos(60_000_000_000)));
        flight.end();
        assert!(flight.is_empty() && !flight.is_late(Mono::from_nanos(u64::MAX)));
    }
}
