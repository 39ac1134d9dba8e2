//! Sparkplug B (Eclipse Sparkplug 3.0): industrial edge nodes and their devices, with births, deaths and numbered messages.
//!
//! Topics are `spBv1.0/GROUP/TYPE/NODE[/DEVICE]`, and a payload is Protocol Buffers. A *birth* names all metrics and may give
//! each an alias, which is all that later data bears; a *death* is the will that the broker publishes. Nothing of it is kept by
//! the broker, so that whoever begins to listen knows nothing, and asks the node for its birth. A [`Reader`](crate::Reader) of
//! the profile `sparkplug-b` keeps what births say, within [`Bounds`](crate::Bounds), and says when to ask:
//!
//! - All messages of a node but its death are numbered, from the birth's number, which is 0, to 255 and on with 0. A gap, a
//!   metric that no birth has named, and data before a birth make it ask for a rebirth. What was sent late by an unordered
//!   connection looks like a gap as well: there is no clock here to wait for it.
//! - After a gap a birth may have been among what was lost, so that an alias may mean another metric: values that are known by
//!   alias alone are given as stale until the next birth. Those that bear their name are not.
//! - A death counts unless its session (`bdSeq`) is another than that of the birth: the broker may tell late of a connection
//!   that the node has long replaced. With the node all of its devices are gone, and each is told.
//! - A device that a node does not name again after a birth of its own is gone. That is told at the first data after the births.
//!
//! # Decision (2026-11-27): a death is believed where no birth was heard
//!
//! After a start of ours nothing is known to compare a death with. If it is an old one, the node's next message is data before a
//! birth, and puts it right within seconds; if it is not, it is the only word that there will ever be.
//!
//! # Decision (2026-11-27): at a new connection those that are gone are asked as well
//!
//! A node that was born again while nobody listened may be silent for days, and its alarms with it. One command that nobody
//! takes is the price; one that does not answer stays gone. Rejected: to ask those alone that lived.
//!
//! # Decision (2026-11-27): asked once, and once more after 256 messages without a birth
//!
//! A rebirth makes a node send all that it knows, so that it is asked at most once until the next birth. But commands go with
//! QoS 0 and may be lost, and a node that was never asked again would be unreadable until somebody restarts it. The messages of
//! the node itself are counted, so that no clock is needed and a silent node is not asked. A node whose births do not help (it
//! numbers all messages 0, or sends metrics that it never names) is asked three times in a row, and then at the same slow pace:
//! otherwise each of its messages would be answered with a command, and that with hundreds of metrics.

mod known;
mod metric;
mod node;
mod payload;
mod tracker;
mod wire;

use jiff::Timestamp;

pub use metric::{Metric, MetricValue};
pub(crate) use tracker::Tracker;

use crate::topic::{Topic, TopicError};
use wire::Writer;

/// The first level of all topics.
pub const NAMESPACE: &str = "spBv1.0";

/// Why a payload cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Fewer octets than it says.
    #[error("it breaks off")]
    Unfinished,
    /// A number of more than ten octets.
    #[error("it holds a number that does not end")]
    LongNumber,
    /// A field number that does not exist.
    #[error("it holds a field of number 0, which does not exist")]
    FieldZero,
    /// A kind of field that does not exist, or that Sparkplug does not use.
    #[error("it holds a field of kind {0}, which Sparkplug does not have")]
    Kind(u64),
    /// More templates inside each other than are read.
    #[error("it holds templates nested deeper than 8 levels")]
    TooDeep,
    /// More metrics than are read.
    #[error("it holds more than 20000 metrics")]
    TooManyMetrics,
    /// A name longer than is kept.
    #[error("it holds a name longer than 512 octets")]
    LongName,
    /// Metrics that were compressed.
    #[error("its metrics are compressed: turn compression off at the node")]
    Compressed,
}

/// What nodes and devices say, beneath the base topic; and which host applications are there.
pub(crate) const FILTERS: [&str; 7] = [
    "+/NBIRTH/+",
    "+/NDEATH/+",
    "+/NDATA/+",
    "+/DBIRTH/+/+",
    "+/DDEATH/+/+",
    "+/DDATA/+/+",
    "STATE/+",
];

/// What a node is to be asked for: its birth, once more. To be published with QoS 0, and not retained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The node: `GROUP/NODE`.
    pub node: String,
    /// The topic of its commands.
    pub topic: Topic,
    /// Whether the node is known to be gone: then it need not answer.
    pub is_gone: bool,
}

/// Why something is no name of a node.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NodeError {
    /// Not a group and a node.
    #[error("`{0}` is no GROUP/NODE")]
    Shape(String),
    /// A part of it that no topic can hold.
    #[error(transparent)]
    Topic(#[from] TopicError),
    /// Longer than is kept.
    #[error("a name has more than 512 octets")]
    LongName,
    /// Another convention.
    #[error("{0} devices have no nodes that could be asked for their birth")]
    NoNodes(&'static str),
    /// More than are followed.
    #[error("up to {0} nodes are followed")]
    TooMany(usize),
}

impl Ask {
    /// The payload: the command `Node Control/Rebirth`, which every node must know by that name (§6.4.19).
    pub fn payload(&self, now: Timestamp) -> Vec<u8> {
        const BOOLEAN: u64 = 11;
        let milliseconds = u64::try_from(now.as_millisecond()).unwrap_or(0);
        let metric = Writer::default()
            .octets(1, b"Node Control/Rebirth")
            .number(3, milliseconds)
            .number(4, BOOLEAN)
            .number(14, 1)
            .finish();
        Writer::default().number(1, milliseconds).octets(2, &metric).finish()
    }
}
