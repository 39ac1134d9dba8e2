//! What stands in the house itself, and why: the board has the latest reason, and nobody is called for it.

use std::time::Duration;

use vigie::watch::own_alarms::SelfSignal;
use vigie::watch::time::{Moment, Utc};

use super::Model;
use super::alarms::Cause;

/// So long a reason stands, twice as long each one after it, and none for longer than that.
const STANDS: [Duration; 2] = [Duration::from_secs(30), Duration::from_secs(3_600)];
/// After so long a rest the next is as the first.
const RESTED: Duration = Duration::from_secs(7_200);

/// Why a fault stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Why {
    pub(super) words: String,
    since: Utc,
    stands: Duration,
}

impl Why {
    /// It is said again; a wall clock that shows a time before it was said has lied, and holds nothing back.
    fn again(&mut self, words: &str, now: Utc) {
        let [first, longest] = STANDS;
        let stood = if now < self.since { RESTED } else { self.since.until(now) };
        if *words == self.words || stood < self.stands {
            return;
        }
        let stands = if stood < RESTED { (self.stands * 2).min(longest) } else { first };
        *self = Self { words: words.to_owned(), since: now, stands };
    }
}

impl Model {
    pub(super) fn own_signal(&mut self, own: &SelfSignal, now: Moment) {
        let tag = (own.alarm.name().to_owned(), own.subject.to_string());
        let cause = Cause::own(own.alarm.priority(), own.alarm.is_momentary());
        if own.alarm.is_momentary() {
            self.present(&tag, cause, now);
        } else if own.active {
            if let Some(why) = self.own.get_mut(&tag) {
                why.again(&own.reason, now.utc);
                return;
            }
            let words = own.reason.to_string();
            let [stands, _] = STANDS;
            self.own.insert(tag.clone(), Why { words, since: now.utc, stands });
            self.present(&tag, cause, now);
        } else if self.own.remove(&tag).is_some() {
            self.gone(&tag, Duration::ZERO, now);
        }
    }
}
