//! What was heard last, so that a repetition is known: a sender repeats an inform whose answer was
//! lost, a network repeats a short message.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::signal::{Identity, Kind, Tells};
use super::time::Utc;

/// So many identities are remembered.
const LIMIT: usize = 8_192;
/// A sender gives up repeating an inform within minutes. A device that has booted meanwhile may
/// send another inform that is the same to the octet (request-id 1, uptime 0): that is news.
const REPEATING: Duration = Duration::from_secs(600);

/// The identities of what was heard last, and when.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard {
    known: HashMap<Identity, (Utc, u64)>,
    /// The oldest first, by the turns in which they were heard.
    order: BTreeMap<u64, Identity>,
    turn: u64,
    /// What came last under each number that is used anew; follows from the order.
    last: HashMap<u64, u64>,
}

impl PartialEq for Heard {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Heard {}

impl Heard {
    /// Whether what is heard now is a repetition. That of a short message is known for as long as
    /// it is remembered: its identity has the service centre's time in it. A message of a broker is one
    /// only where the broker says so, and only of what came last under its number: brokers use numbers
    /// anew, and sensors say the same all day.
    pub(super) fn knows(&self, identity: Identity, kind: Kind, tells: Tells, now: Utc) -> bool {
        let Some((heard, _)) = self.known.get(&identity) else { return false };
        match kind {
            Kind::Snmp => *heard <= now && heard.until(now) <= REPEATING,
            Kind::Mqtt => tells == Tells::Again && self.is_last(identity),
            Kind::Gsm | Kind::Contacts | Kind::Vigie => true,
        }
    }

    fn is_last(&self, identity: Identity) -> bool {
        let Some((number, content)) = identity.numbered() else { return true };
        self.last.get(&number) == Some(&content)
    }

    /// Remembers it; what was heard longest ago makes room.
    pub(super) fn hear(&mut self, identity: Identity, now: Utc) {
        self.turn = self.turn.saturating_add(1);
        if let Some((_, earlier)) = self.known.insert(identity, (now, self.turn)) {
            self.order.remove(&earlier);
        }
        self.order.insert(self.turn, identity);
        if let Some((number, content)) = identity.numbered() {
            self.last.insert(number, content);
        }
        while self.order.len() > LIMIT {
            let Some((_, oldest)) = self.order.pop_first() else { return };
            self.known.remove(&oldest);
            let under = oldest.numbered();
            if let Some((number, _)) = under.filter(|_| self.is_last(oldest)) {
                self.last.remove(&number);
            }
        }
    }

    /// How many are remembered.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// All, the oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Identity, Utc)> {
        self.order.values().filter_map(|identity| Some((*identity, self.known.get(identity)?.0)))
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
    fn what_a_broker_sends_again_is_known_only_where_nothing_else_came_under_its_number_since() {
        let then = Utc::from_micros(0);
        let one = |content, place| Identity::under(Identity(1), Identity(content), place);
        let (off, on) = (7, 8);
        let mut heard = Heard::default();
        let knows = |heard: &Heard, said| heard.knows(said, Kind::Mqtt, Tells::Again, then);
        heard.hear(one(off, 0), then);
        heard.hear(one(off, 1), then);
        heard.hear(Identity::under(Identity(2), Identity(on), 0), then);
        assert!(
            knows(&heard, one(off, 0)) && knows(&heard, one(off, 1)),
            "each thing that it says"
        );
        heard.hear(one(on, 0), then);
        assert!(knows(&heard, one(on, 0)));
        assert!(!knows(&heard, one(off, 0)) && !knows(&heard, one(off, 1)), "it is news");
        heard.hear(one(off, 0), then);
        assert!(knows(&heard, one(off, 0)) && !knows(&heard, one(on, 0)));
        let mut restarted = Heard::default();
        heard.iter().for_each(|(identity, at)| restarted.hear(identity, at));
        assert_eq!((&restarted, &restarted.last), (&heard, &heard.last));
    }

    #[test]
    fn no_flood_makes_the_memory_grow() {
        let mut heard = Heard::default();
        (0..100_000).for_each(|number| heard.hear(Identity(number), Utc::from_micros(0)));
        for number in 0..100_000 {
            let number = Identity::under(Identity(number), Identity(number), 0);
            heard.hear(number, Utc::from_micros(0));
        }
        assert!(heard.last.len() <= LIMIT);
        assert_eq!((heard.known.len(), heard.iter().count(), heard.len()), (LIMIT, LIMIT, LIMIT));
    }
}
