//! What was heard last, so that a repetition is known: a sender repeats an inform whose answer was
//! lost, a network repeats a short message.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::signal::{Identity, Kind, Tells};
use super::time::Utc;

/// So many identities are remembered.
const LIMIT: usize = 8_192;
/// A sender gives up repeating an inform within minutes. A device that has booted meanwhile may
/// send another inform that is the same to the octet (request-id 1, uptime 0): that is news.
const REPEATING: Duration = Duration::from_secs(600);

/// The identities of what was heard last, and when.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Heard {
    known: HashMap<Identity, Utc>,
    order: VecDeque<Identity>,
}

impl Heard {
    /// Whether what is heard now is a repetition. That of a short message is known for as long as
    /// it is remembered: its identity has the service centre's time in it. A message of a broker is one
    /// only where the broker says so: it numbers messages anew every 65,535, and sensors say the same all day.
    pub(super) fn knows(&self, identity: Identity, kind: Kind, tells: Tells, now: Utc) -> bool {
        let Some(heard) = self.known.get(&identity) else { return false };
        match kind {
            Kind::Snmp => *heard <= now && heard.until(now) <= REPEATING,
            Kind::Mqtt => tells == Tells::Again,
            Kind::Gsm | Kind::Contacts | Kind::Vigie => true,
        }
    }

    pub(super) fn hear(&mut self, identity: Identity, now: Utc) {
        if self.known.insert(identity, now).is_none() {
            self.order.push_back(identity);
        }
        while self.order.len() > LIMIT {
            if let Some(oldest) = self.order.pop_front() {
                self.known.remove(&oldest);
            }
        }
    }

    /// How many are remembered.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// All, the oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Identity, Utc)> {
        self.order.iter().filter_map(|identity| Some((*identity, *self.known.get(identity)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_says_the_same_after_its_next_boot_is_heard_again() {
        let (inform, then) = (Identity(7), Utc::from_micros(0));
        let mut heard = Heard::default();
        heard.hear(inform, then);
        assert!(
            heard.knows(inform, Kind::Snmp, Tells::News, then.after(Duration::from_secs(30))),
            "a retry"
        );
        assert!(
            !heard.knows(inform, Kind::Snmp, Tells::News, then.after(Duration::from_secs(3_600))),
            "a boot"
        );
        assert!(
            heard.knows(inform, Kind::Gsm, Tells::News, then.after(Duration::from_secs(3_600))),
            "a message has its own time"
        );
    }

    #[test]
    fn a_message_of_a_broker_is_a_repetition_where_the_broker_says_so() {
        let (message, then) = (Identity(7), Utc::from_micros(0));
        let mut heard = Heard::default();
        heard.hear(message, then);
        let later = then.after(Duration::from_secs(86_400));
        assert!(heard.knows(message, Kind::Mqtt, Tells::Again, later), "after a long stop as well");
        assert!(
            !heard.knows(message, Kind::Mqtt, Tells::News, later),
            "the same number, another message"
        );
        assert!(!heard.knows(Identity(8), Kind::Mqtt, Tells::Again, later), "it never came before");
    }

    #[test]
    fn no_flood_makes_the_memory_grow() {
        let mut heard = Heard::default();
        (0..100_000).for_each(|number| heard.hear(Identity(number), Utc::from_micros(0)));
        assert_eq!((heard.known.len(), heard.iter().count(), heard.len()), (LIMIT, LIMIT, LIMIT));
    }
}
