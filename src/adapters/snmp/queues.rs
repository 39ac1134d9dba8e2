//! What was received and waits for the inbox: a queue for each source, served in turn.
//!
//! The kernel's buffer is one line for everybody: who sends much stands in it before who sends
//! little, and what does not fit is whoever comes next. So sockets are emptied into these queues
//! without delay, and the queues are served one datagram each, round and round: a source waits for
//! its own surplus, and never for another's.
//!
//! They hold [`ROOM`] octets in all and no more. A source that is alone may have all of it. When it
//! is used up, the newest of whoever holds most has to go, whoever it was that came: who sends
//! little loses nothing while another sends too much. What goes is handed out, to be counted.
//!
//! # Decision (2026-11-26): the longest queue gives, and no rate is set
//!
//! A limit in traps a second would have to be guessed for each site: too low, and it drops what
//! could have been recorded; too high, and it protects nobody. What is scarce is the room that waits
//! for the disk, so the limit is there: nothing is dropped that could have waited, and then it is the
//! flood that gives. Rejected: ceasing to receive when the room is used up, which leaves it to the
//! kernel whose traps are lost. The source is who sent the datagram, since that is known before it
//! is read; who forges addresses has as many queues as addresses, and `sources` is the remedy.
//!
//! # Decision (2026-11-27): an inform waits once
//!
//! Senders repeat what is not answered within a second. Where more waits than a second's work, each inform would wait several times, each
//! time be recorded and answered, and by that delay all others until they are repeated too: two thirds of the disk's work were repetitions
//! when 1,600 informs were under way. The answer to the first answers its copies, so that these need no place, and are not recorded again:
//! they are counted. Only those of v2c are known ([`peek`]; those of v3 bear another time and are read), that are the same to the octet, from
//! the same port and to the same address of ours, while the first waits here; what comes later is known by the watch, and on the record.
//! Rejected: leaving it to the watch alone, which knows a repetition only once its work is done.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::desk::Envelope;
use super::peek;
use crate::watch::time::Moment;

/// So many octets wait at most, with what each datagram costs beside its own: some 75,000 traps of
/// the usual size.
pub(super) const ROOM: usize = 32 * 1_024 * 1_024;
/// What a datagram that waits costs beside its octets.
const BESIDE: usize = 256;

/// A datagram that waits.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    /// By which socket it came.
    pub(super) place: usize,
    /// What was sent.
    pub(super) octets: Arc<[u8]>,
    /// By whom.
    pub(super) envelope: Envelope,
    /// When it was received.
    pub(super) received: Moment,
}

impl Waiting {
    /// Whose it is.
    pub(super) const fn source(&self) -> IpAddr {
        self.envelope.from.ip().to_canonical()
    }

    fn cost(&self) -> usize {
        self.octets.len().saturating_add(BESIDE)
    }

    /// What its copies have in common, if it is an inform.
    fn inform(&self) -> Option<Inform> {
        peek::is_inform(&self.octets)
            .then(|| (self.place, self.envelope.from, self.envelope.to, Arc::clone(&self.octets)))
    }
}

/// By which socket an inform came, from whom, to which of our addresses (the answer comes from it), and what was sent.
type Inform = (usize, SocketAddr, Option<IpAddr>, Arc<[u8]>);

/// What waits, by source.
pub(super) struct Queues {
    /// Of those who have something waiting, and of nobody else.
    of: HashMap<IpAddr, Queue>,
    /// Whose turn it is, the lowest number first; each who has something waiting stands there once.
    turns: BTreeMap<u64, IpAddr>,
    last_turn: u64,
    /// Who holds how much.
    shares: BTreeSet<(usize, IpAddr)>,
    room: usize,
    held: usize,
    waiting: usize,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    informs: HashSet<Inform>,
    cost: usize,
    turn: u64,
}

impl Queues {
    /// Nothing waits; so much may.
    pub(super) fn new(room: usize) -> Self {
        Self {
            of: HashMap::new(),
            turns: BTreeMap::new(),
            last_turn: 0,
            shares: BTreeSet::new(),
            room,
            held: 0,
            waiting: 0,
        }
    }

    /// How many wait.
    pub(super) const fn len(&self) -> usize {
        self.waiting
    }

    /// Whether nothing waits.
    pub(super) const fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// Whether this is a copy of an inform that waits: the answer to that one answers it.
    pub(super) fn has_already(&self, copy: &Waiting) -> bool {
        let queue = self.of.get(&copy.source()).filter(|queue| !queue.informs.is_empty());
        let known =
            |queue: &Queue| copy.inform().is_some_and(|inform| queue.informs.contains(&inform));
        queue.is_some_and(known)
    }

    /// Puts one behind those of its source.
    pub(super) fn put(&mut self, waiting: Waiting) {
        let (source, cost) = (waiting.source(), waiting.cost());
        if !self.of.contains_key(&source) {
            self.line_up(source);
        }
        let queue = self.of.entry(source).or_default();
        queue.informs.extend(waiting.inform());
        queue.waiting.push_back(waiting);
        let before = queue.cost;
        queue.cost = before.saturating_add(cost);
        let after = queue.cost;
        self.waiting = self.waiting.saturating_add(1);
        self.held = self.held.saturating_add(cost);
        self.share(source, before, after);
    }

    /// Whether one more of this source, so long, would have to go at once: it need not be put. What a
    /// flood sends beyond its share costs next to nothing by that.
    pub(super) fn has_no_place_for(&self, source: IpAddr, length: usize) -> bool {
        let cost = length.saturating_add(BESIDE);
        let Some((most, holder)) = self.shares.last() else { return false };
        // With this one it would still be the one that holds most, and its newest is this one.
        self.held.saturating_add(cost) > self.room && *holder == source && *most >= cost
    }

    /// What has to go because there is no room for it: the newest of whoever holds most.
    pub(super) fn surplus(&mut self) -> Option<Waiting> {
        if self.held <= self.room {
            return None;
        }
        let (_, source) = *self.shares.last()?;
        let gone = self.of.get_mut(&source)?.waiting.pop_back()?;
        self.taken(source, &gone);
        Some(gone)
    }

    /// The next in turn.
    pub(super) fn take(&mut self) -> Option<Waiting> {
        let (_, source) = self.turns.pop_first()?;
        self.line_up(source);
        let next = self.of.get_mut(&source)?.waiting.pop_front()?;
        self.taken(source, &next);
        Some(next)
    }

    /// It is this source's turn when all others have had theirs.
    fn line_up(&mut self, source: IpAddr) {
        self.last_turn = self.last_turn.wrapping_add(1);
        self.turns.insert(self.last_turn, source);
        self.of.entry(source).or_default().turn = self.last_turn;
    }

    /// One of this source's does not wait any more.
    fn taken(&mut self, source: IpAddr, gone: &Waiting) {
        let cost = gone.cost();
        self.waiting = self.waiting.saturating_sub(1);
        self.held = self.held.saturating_sub(cost);
        let Some(queue) = self.of.get_mut(&source) else { return };
        let before = queue.cost;
        let after = before.saturating_sub(cost);
        queue.cost = after;
        if !queue.informs.is_empty() {
            gone.inform().iter().for_each(|inform| _ = queue.informs.remove(inform));
        }
        if queue.waiting.is_empty() {
            self.turns.remove(&queue.turn);
            self.of.remove(&source);
        }
        self.share(source, before, after);
    }

    fn share(&mut self, source: IpAddr, before: usize, after: usize) {
        self.shares.remove(&(before, source));
        if after > 0 {
            self.shares.insert((after, source));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datagram(source: &str, octets: &[u8]) -> Waiting {
        let from = format!("{source}:1000").parse().unwrap();
        Waiting {
            place: 0,
            octets: Arc::from(octets),
            envelope: Envelope { from, to: None, dropped: None },
            received: Moment::default(),
        }
    }

    fn served(queues: &mut Queues) -> Vec<(String, Vec<u8>)> {
        std::iter::from_fn(|| queues.take())
            .map(|next| (next.source().to_string(), next.octets.to_vec()))
            .collect()
    }

    #[test]
    fn sources_are_served_in_turn_and_each_in_its_own_order() {
        let mut queues = Queues::new(ROOM);
        for octet in 1..=4 {
            queues.put(datagram("10.0.0.1", &[octet]));
        }
        queues.put(datagram("10.0.0.2", &[5]));
        // Written as IPv6, it is the same source.
        queues.put(datagram("[::ffff:10.0.0.2]", &[6]));
        assert_eq!(queues.len(), 6);
        let order: Vec<u8> = served(&mut queues).iter().map(|(_, octets)| octets[0]).collect();
        assert_eq!(order, [1, 5, 2, 6, 3, 4]);
        assert!(queues.is_empty() && queues.of.is_empty() && queues.turns.is_empty());
        assert!(queues.shares.is_empty() && queues.held == 0);
    }

    #[test]
    fn a_source_that_is_alone_has_all_the_room_and_then_its_newest_goes() {
        let mut queues = Queues::new(10 * (BESIDE + 1));
        for octet in 1..=12 {
            let source = "10.0.0.1".parse().unwrap();
            assert_eq!(queues.has_no_place_for(source, 1), octet > 10);
            assert!(!queues.has_no_place_for("10.0.0.2".parse().unwrap(), 1));
            queues.put(datagram("10.0.0.1", &[octet]));
            let gone = queues.surplus().map(|gone| gone.octets[0]);
            assert_eq!(gone, (octet > 10).then_some(octet), "what came last has to go");
        }
        assert_eq!(served(&mut queues).len(), 10, "nothing went that could wait");
    }

    #[test]
    fn who_sends_little_loses_nothing_to_who_sends_too_much() {
        let mut queues = Queues::new(100 * (BESIDE + 1));
        for _ in 0..1_000 {
            queues.put(datagram("10.0.0.1", &[1]));
            while let Some(gone) = queues.surplus() {
                assert_eq!(gone.source().to_string(), "10.0.0.1");
            }
        }
        for quiet in 2..=40 {
            queues.put(datagram(&format!("10.0.0.{quiet}"), &[quiet]));
            let gone = queues.surplus().expect("the room is used up");
            assert_eq!(gone.source().to_string(), "10.0.0.1", "the flood gives");
            assert!(queues.surplus().is_none(), "and gives no more than was needed");
        }
        let order = served(&mut queues);
        assert_eq!(order.len(), 100);
        let quiet = order.iter().take(40).filter(|(source, _)| source != "10.0.0.1").count();
        assert_eq!(quiet, 39, "one round serves everybody");
    }

    #[test]
    fn an_inform_waits_once_and_its_copy_is_known_until_it_is_taken() {
        let inform =
            |last: u8| [0x30, 0x0b, 2, 1, 1, 4, 4, b'a', b'b', b'c', b'd', 0xa6, last].to_vec();
        let mut queues = Queues::new(10_000);
        queues.put(datagram("10.0.0.1", &inform(0)));
        assert!(queues.has_already(&datagram("10.0.0.1", &inform(0))));
        assert!(!queues.has_already(&datagram("10.0.0.1", &inform(1))), "another inform");
        assert!(!queues.has_already(&datagram("10.0.0.2", &inform(0))), "of another source");
        let elsewhere = "10.0.0.1:1001".parse().unwrap();
        let mut other = datagram("10.0.0.1", &inform(0));
        other.envelope.from = elsewhere;
        assert!(!queues.has_already(&other), "the answer would go to another port");
        let ours = "10.0.0.99".parse().ok();
        let mut other = datagram("10.0.0.1", &inform(0));
        other.envelope.to = ours;
        assert!(!queues.has_already(&other), "the answer would come from another address of ours");
        queues.put(datagram("10.0.0.1", &[1]));
        assert!(!queues.has_already(&datagram("10.0.0.1", &[1])), "a trap happens again");
        assert_eq!(served(&mut queues).len(), 2);
        assert!(!queues.has_already(&datagram("10.0.0.1", &inform(0))), "the watch knows it now");
        assert!(queues.of.is_empty());
    }

    #[test]
    fn room_is_counted_in_octets_so_that_large_datagrams_go_before_small_ones() {
        let mut queues = Queues::new(200_000);
        for _ in 0..100 {
            queues.put(datagram("10.0.0.1", &[1]));
        }
        let mut gone = 0;
        for _ in 0..10 {
            queues.put(datagram("10.0.0.2", &[2; 60_000]));
            while let Some(surplus) = queues.surplus() {
                assert_eq!(surplus.octets.len(), 60_000);
                gone += 1;
            }
        }
        assert_eq!(gone, 8);
        assert!(queues.held <= 200_000);
    }

    #[test]
    fn a_datagram_that_finds_no_room_at_all_goes_and_leaves_no_trace() {
        let mut queues = Queues::new(1_000);
        queues.put(datagram("10.0.0.1", &[1; 2_000]));
        assert!(queues.surplus().is_some());
        assert!(queues.is_empty() && queues.turns.is_empty() && queues.shares.is_empty());
        assert!(queues.take().is_none());
    }
}
