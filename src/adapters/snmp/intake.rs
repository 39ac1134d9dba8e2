//! The intake: from the sockets into the queues, without delay and without waiting for anybody.
//!
//! It looks at nothing but who has sent a datagram. Whom `sources` does not admit gets no place in a
//! queue; what finds no room there is counted and told. What the receiver has to tell of itself
//! waits here for its letter, ahead of all datagrams.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::net::IpAddr;
use std::sync::Arc;
use std::task::Poll;

use super::admission::Sources;
use super::counts::{self, Leavings, Left};
use super::desk::Desk;
use super::drops::Drops;
use super::floods::{Floods, Surplus};
use super::lost::Lost;
use super::queues::{Queues, ROOM, Waiting};
use super::socket::Socket;
use crate::config::SnmpSettings;
use crate::health::Pulse;
use crate::host::clock::Clock;
use crate::watch::name::InputName;
use crate::watch::own_alarms::SelfSignal;
use crate::watch::time::Moment;

/// So often a socket is asked before the others have their turn, and before anything is handed on: some
/// two thousand datagrams, which take less time than it takes to hand on a portion.
const TURN: u32 = 64;
/// So many datagrams are handed on together, before the sockets are looked at again.
const PORTION: usize = 64;

/// What is handed on together.
pub(super) struct Portion {
    /// What the receiver has to tell of itself.
    pub(super) own: VecDeque<SelfSignal>,
    /// Datagrams, one of each source in turn.
    pub(super) datagrams: Vec<Waiting>,
}

/// The receiving end of a receiver.
pub(super) struct Intake<'s> {
    input: &'s InputName,
    sockets: &'s [Socket],
    sources: Sources,
    pulse: &'s Pulse,
    clock: Clock,
    desk: Desk,
    queues: Queues,
    own: VecDeque<SelfSignal>,
    leavings: Leavings,
    drops: Drops,
    floods: Floods,
    /// Which socket is asked first.
    first: usize,
    /// How many were last said to wait.
    said_waiting: usize,
    /// How many were handed on last.
    in_hand: usize,
    minutes: u64,
}

impl<'s> Intake<'s> {
    /// Receives from these sockets.
    pub(super) fn new(
        settings: &'s SnmpSettings,
        sockets: &'s [Socket],
        pulse: &'s Pulse,
        clock: Clock,
    ) -> Self {
        Self {
            input: &settings.name,
            sockets,
            sources: Sources::new(&settings.sources),
            pulse,
            clock,
            desk: Desk::new(),
            queues: Queues::new(ROOM),
            own: VecDeque::new(),
            leavings: Leavings::default(),
            drops: Drops::new(
                sockets.iter().map(|socket| socket.dropped().unwrap_or(0)).collect(),
                clock.now(),
            ),
            floods: Floods::new(&settings.name),
            first: 0,
            said_waiting: 0,
            in_hand: 0,
            minutes: 0,
        }
    }

    /// Waits until a socket has something, and gives its place. A socket that has failed has
    /// something: receiving from it says what.
    pub(super) async fn ready(&self) -> usize {
        poll_fn(|context| {
            let (before, after) = self.sockets.split_at(self.first.min(self.sockets.len()));
            let places = (self.first..).zip(after).chain((0..).zip(before));
            for (place, socket) in places {
                if socket.poll_ready(context).is_ready() {
                    return Poll::Ready(place);
                }
            }
            Poll::Pending
        })
        .await
    }

    /// Takes in what waits at all sockets, up to a bound for each.
    pub(super) fn take_all(&mut self) -> Result<(), Lost> {
        (0..self.sockets.len()).try_for_each(|place| self.take(place))
    }

    /// Takes in what waits at one socket, up to a bound.
    pub(super) fn take(&mut self, place: usize) -> Result<(), Lost> {
        self.first = place.saturating_add(1);
        let Some(socket) = self.sockets.get(place) else { return Ok(()) };
        for _ in 0..TURN {
            let received = socket.receive(&mut self.desk);
            received.map_err(|source| Lost::Socket { at: socket.at(), source })?;
            self.sort_in(place);
            if !self.desk.is_full() {
                break;
            }
        }
        Ok(())
    }

    /// From the desk into the queues.
    fn sort_in(&mut self, place: usize) {
        let received = self.clock.now();
        let (mut many, mut copies, mut dropped, mut lost) = (0_u64, 0_u64, None, Vec::new());
        for datagram in self.desk.datagrams() {
            many = many.saturating_add(1);
            dropped = datagram.envelope.dropped.or(dropped);
            let source = datagram.envelope.from.ip().to_canonical();
            // Asked before it is read as well: a stranger takes nobody's place.
            if !self.sources.takes(source) {
                let why = None::<&str>;
                self.leavings.count(Left::Stranger, source, why, self.input, self.pulse);
            } else if self.queues.has_no_place_for(source, datagram.octets.len()) {
                lost.push((source, Surplus::of(datagram.octets)));
            } else {
                let octets = Arc::from(datagram.octets);
                let waiting = Waiting { place, octets, envelope: datagram.envelope, received };
                if self.queues.has_already(&waiting) {
                    copies = copies.saturating_add(1);
                } else {
                    self.queues.put(waiting);
                }
            }
        }
        if many > 0 {
            self.pulse.add(counts::DATAGRAMS, many);
        }
        if copies > 0 {
            self.pulse.add(counts::COPIES, copies);
        }
        while let Some(surplus) = self.queues.surplus() {
            lost.push((surplus.source(), Surplus::of(&surplus.octets)));
        }
        self.lose(&lost, received);
        if dropped.is_some() {
            self.dropped(place, dropped, received);
        }
    }

    /// Counts what has found no room: whose it was, and whether it was an inform.
    fn lose(&mut self, lost: &[(IpAddr, Surplus)], now: Moment) {
        let (mut traps, mut informs) = (0_u64, 0_u64);
        for (source, surplus) in lost {
            let count = match surplus {
                Surplus::Inform => &mut informs,
                Surplus::Trap => &mut traps,
            };
            *count = count.saturating_add(1);
            self.own.extend(self.floods.happened(*source, *surplus, now.utc));
        }
        for (counter, count) in [(counts::LIMITED, traps), (counts::DEFERRED, informs)] {
            if count > 0 {
                self.pulse.add(counter, count);
            }
        }
    }

    /// The next to be handed on, in turn.
    pub(super) fn portion(&mut self) -> Portion {
        let datagrams: Vec<Waiting> =
            std::iter::from_fn(|| self.queues.take()).take(PORTION).collect();
        self.in_hand = datagrams.len();
        Portion { own: std::mem::take(&mut self.own), datagrams }
    }

    /// What the receiver has to tell of itself waits for its turn with the rest: nobody stands before a full inbox with it
    /// while the sockets fill.
    pub(super) fn tell(&mut self, own: Vec<SelfSignal>) {
        self.own.extend(own);
    }

    /// Whether there is nothing to hand on.
    pub(super) fn is_empty(&self) -> bool {
        self.own.is_empty() && self.queues.is_empty()
    }

    /// All that was handed on has found its place.
    pub(super) const fn handed_on(&mut self) {
        self.in_hand = 0;
    }

    /// Says how many wait, if that is not what was last said.
    pub(super) fn say_waiting(&mut self) {
        let waiting = self.waiting();
        if waiting != self.said_waiting {
            self.said_waiting = waiting;
            self.pulse.stands_at(counts::WAITING, u64::try_from(waiting).unwrap_or(u64::MAX));
        }
    }

    /// The kernel's count of what a socket has dropped, if it gives one; what is not told yet is told
    /// when it may be.
    fn dropped(&mut self, place: usize, count: Option<u32>, now: Moment) {
        let fresh = count.map_or(0, |count| self.drops.counted(place, count));
        if fresh > 0 {
            self.pulse.add(counts::DROPPED_BY_KERNEL, fresh);
        }
        self.own.extend(self.drops.due(self.input.as_str(), now));
    }

    /// A minute has passed: says what was not said at once.
    pub(super) fn minute(&mut self) {
        self.leavings.minute(self.input);
        let sockets = self.sockets;
        for (place, socket) in sockets.iter().enumerate() {
            self.dropped(place, socket.dropped(), self.clock.now());
        }
        self.own.extend(self.floods.minute());
        self.minutes = self.minutes.saturating_add(1);
    }

    /// How many minutes have passed.
    pub(super) const fn minutes(&self) -> u64 {
        self.minutes
    }

    /// Nothing more is received: what is left is handed on, and no flood outlives its receiver.
    pub(super) fn end(&mut self) {
        self.own.extend(self.floods.end());
    }

    /// The end has come before these were in the inbox, and what waits never will be: counted like what finds no room, a trap as
    /// dropped, an inform as one that its sender repeats. How many they are.
    pub(super) fn abandon(&mut self, stranded: &[Surplus]) -> usize {
        self.in_hand = 0;
        let waiting = std::iter::from_fn(|| self.queues.take());
        let kinds = waiting.map(|waiting| Surplus::of(&waiting.octets));
        let all: Vec<Surplus> = stranded.iter().copied().chain(kinds).collect();
        let informs = all.iter().filter(|surplus| **surplus == Surplus::Inform).count();
        let count = |many: usize| u64::try_from(many).unwrap_or(u64::MAX);
        self.pulse.add(counts::LIMITED, count(all.len().saturating_sub(informs)));
        self.pulse.add(counts::DEFERRED, count(informs));
        all.len()
    }

    /// How many wait, those in hand among them.
    pub(super) const fn waiting(&self) -> usize {
        self.queues.len().saturating_add(self.in_hand)
    }
}
