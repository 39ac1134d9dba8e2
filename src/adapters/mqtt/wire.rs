//! The seam to the MQTT client: one connection of either version, and nothing of its library beyond this folder.
//!
//! A [`Wire`] is polled and says what came; a [`Line`] is its other end, by which acknowledgements and subscriptions go out. Both
//! belong to one connection: when it is over they are thrown away, with everything that the library had queued for it. It never
//! acknowledges by itself, never connects again by itself, and decides nothing.
//!
//! # Decision (2026-11-27): a client for each connection
//!
//! The library can connect again by itself, and then hands out messages of the connection before, whose acknowledgements would
//! release others in the new one (the packet ids are the same). A client that lives as long as its connection has no before:
//! its age is the epoch. What it forgets is on the broker's side, where the session is. Rejected: clearing its queues on each error.
//!
//! # Decision (2026-11-27): every packet id counts as known
//!
//! A session may hold a delivery of QoS 2 that was begun by another program, or before a crash; the broker then goes on with a
//! PUBREL that the library refuses, at every connection anew. MQTT has the receiver answer any PUBREL (§4.3.3), so each new
//! state is told that every id may come. Nothing is lost by that: a message is taken when it comes, and known when it comes again.
//! It takes less than ten milliseconds at each resumed session. Rejected: to tell it of an id when its PUBREL comes, for the library
//! (0.25.1) refuses that before anybody hears of it, and its set of ids has no other door than a message.

//!
//! # Decision (2026-11-27): acknowledgements go out before more is read
//!
//! The library reads up to ten packets or sends one, by chance. From a broker that does not bound what is in flight (Mosquitto
//! 2.0.11 keeps to its `max_inflight_messages` until the first PUBACK of a resumed session alone, and then sends all that waits) acknowledgements fell behind by
//! tens of thousands, their queue ran over, and what was in it was never acknowledged in that connection. So with MQTT 3.1.1 the
//! library is given one at a time, which wakes it, and the others go out behind that one at once, in their order and with one flush; with MQTT 5 we
//! tell the broker how much may be in flight, and it must keep to that. An acknowledgement for which there is no room all the same ends the
//! connection: then all that was not acknowledged comes again. Rejected: a larger queue, which only moves the place.
//!
//! # Decision (2026-11-27): what is published here goes with QoS 0
//!
//! The one thing that an input publishes is the question to a Sparkplug node for its birth, which the specification has with QoS 0.
//! It takes no packet id and no place in flight: acknowledgements go out by the same queue, which the library no longer empties
//! while too much is in flight, so that one message of QoS 1 whose PUBACK stays away could stop them all. What is lost is asked
//! again. Rejected: a connection of its own for it, which may not be allowed what this one is, and QoS 1.

mod v4;
mod v5;

use std::sync::Arc;
use std::time::Duration;

use super::lost::Lost;
use super::tls::Tls;
use crate::config::{MqttSettings, MqttVersion};

/// No packet is larger: the largest payload that the files can admit, its topic and its properties.
const LARGEST: u32 = (16 << 20) + (128 << 10);
/// What we send is short: subscriptions, questions, the state of an alarm with its topic.
const LARGEST_SENT: usize = 1 << 20;
/// An acknowledgement for each packet id that there is, and what is said besides: a broker that keeps to the protocol never fills it.
const QUEUE: usize = 65_536 + 4_096;
/// So much may be in flight to us with MQTT 5.
const IN_FLIGHT: u16 = 4_096;
/// A broker that has not accepted us within so many seconds does not.
const PATIENCE: u64 = 10;

/// One connection.
pub(super) enum Wire {
    /// MQTT 3.1.1.
    V4(v4::Connection),
    /// MQTT 5.
    V5(Box<rumqttc::v5::EventLoop>),
}

/// The end by which something is sent.
#[derive(Clone)]
pub(super) enum Line {
    /// MQTT 3.1.1.
    V4(v4::Sender),
    /// MQTT 5.
    V5(rumqttc::v5::AsyncClient),
}

/// What came.
pub(super) enum Came {
    /// The broker has accepted us.
    Accepted {
        /// Whether it has kept our session.
        resumed: bool,
    },
    /// A message.
    Message(Message),
    /// The answer to a subscription: for each filter how it is served, or why not.
    Subscribed(Vec<Result<Served, &'static str>>),
    /// So many acknowledgements went out.
    Acknowledged(u64),
    /// What we had sent went out, or the broker is there.
    Sign,
    /// The broker has taken what we published; or why not.
    Published(Result<(), &'static str>),
    /// Our farewell went out.
    Farewell,
}

/// As whom a connection is made.
pub(super) struct Guise<'g> {
    /// The name by which the broker knows it.
    pub(super) client_id: &'g str,
    /// Whether the broker keeps a session under that name.
    pub(super) keeps_session: bool,
    /// What the broker is to say when we are gone without a farewell.
    pub(super) will: Option<Word>,
}

/// Something that is published.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Word {
    /// Its topic.
    pub(super) topic: String,
    /// What it says.
    pub(super) payload: Vec<u8>,
    /// Whether the broker keeps it for those who come later.
    pub(super) retained: bool,
}

/// How a subscription is served.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Served {
    /// As it was asked for.
    AsAsked,
    /// Only once, and perhaps not: the broker grants QoS 0.
    AtMostOnce,
}

/// A message as it came.
pub(super) struct Message {
    /// Its topic, in octets: MQTT 5 clients hand them out unread.
    pub(super) topic: Vec<u8>,
    /// What it says.
    pub(super) payload: Arc<[u8]>,
    /// Whether the broker had kept it.
    pub(super) retained: bool,
    /// Whether the broker says that it may have sent it before.
    pub(super) again: bool,
    /// By what it is acknowledged; `None` where nobody waits for that.
    pub(super) delivery: Option<Delivery>,
}

/// What is acknowledged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Delivery {
    /// The packet identifier.
    pub(super) id: u16,
    /// Whether it is one of QoS 2, which we never ask for.
    pub(super) exactly_once: bool,
}

/// There is no room for one more word: the broker breaks the protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Cut;

impl Wire {
    /// A connection that is not open yet: the first poll opens it.
    pub(super) fn new(
        settings: &MqttSettings,
        guise: Guise<'_>,
        password: Option<&str>,
        tls: Option<&Tls>,
    ) -> (Self, Line) {
        match settings.version {
            MqttVersion::V311 => v4::open(settings, guise, password, tls),
            MqttVersion::V5 => v5::open(settings, guise, password, tls),
        }
    }

    /// The next thing that comes. Not to be dropped half way but with the connection.
    pub(super) async fn next(&mut self) -> Result<Came, Lost> {
        // Pings go out at every keep-alive, and so something happens: more silence than that is a socket that takes nothing.
        let patience = self.keep_alive().saturating_mul(2).max(Duration::from_secs(PATIENCE * 2));
        let came = match self {
            Self::V4(wire) => tokio::time::timeout(patience, v4::next(wire)).await,
            Self::V5(wire) => tokio::time::timeout(patience, v5::next(wire)).await,
        };
        came.unwrap_or(Err(Lost::Unanswered))
    }

    fn keep_alive(&self) -> Duration {
        match self {
            Self::V4(wire) => wire.keep_alive(),
            Self::V5(wire) => wire.options.keep_alive(),
        }
    }
}

impl Line {
    /// Says that a message is on disk.
    pub(super) fn acknowledge(&self, delivery: Delivery) -> Result<(), Cut> {
        match self {
            Self::V4(line) => line.acknowledge(delivery),
            Self::V5(line) => v5::acknowledge(line, delivery),
        }
    }

    /// Asks for these topics, in one packet.
    pub(super) fn subscribe(&self, filters: &[&str], once: bool) -> Result<(), Cut> {
        match self {
            Self::V4(line) => v4::subscribe(&line.client, filters, once),
            Self::V5(line) => v5::subscribe(line, filters, once),
        }
    }

    /// Publishes something; whether the broker has taken it is told by [`Came::Published`], in the order of these calls.
    pub(super) fn publish(&self, word: Word) -> Result<(), Cut> {
        self.say(word, false)
    }

    /// Publishes something once, for whoever is there now.
    pub(super) fn say_once(&self, topic: &str, payload: Vec<u8>) -> Result<(), Cut> {
        self.say(Word { topic: topic.to_owned(), payload, retained: false }, true)
    }

    fn say(&self, word: Word, once: bool) -> Result<(), Cut> {
        match self {
            Self::V4(line) => v4::say(&line.client, word, once),
            Self::V5(line) => v5::say(line, word, once),
        }
    }

    /// Asks for this topic no longer.
    pub(super) fn unsubscribe(&self, filter: &str) -> Result<(), Cut> {
        match self {
            Self::V4(line) => line.client.try_unsubscribe(filter).map_err(|_| Cut),
            Self::V5(line) => line.try_unsubscribe(filter).map_err(|_| Cut),
        }
    }

    /// Takes leave: the session stays.
    pub(super) fn farewell(&self) -> Result<(), Cut> {
        match self {
            Self::V4(line) => line.client.try_disconnect().map_err(|_| Cut),
            Self::V5(line) => line.try_disconnect().map_err(|_| Cut),
        }
    }
}
