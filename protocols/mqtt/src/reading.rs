//! What one message means, in the words of the convention that its sender follows.
//!
//! A [`Reading`] says which device, [what](What) about it, and with which facts. It never says whether that is an alarm, and
//! never that a device is offline unless somebody said so: whoever has not spoken is [`Availability::Unknown`]. What was odd
//! about the message stands beside it as [`Remark`]s, in words for an operator; a message that tells nothing about a device is
//! [`Unread`], with the reason, and its topic and payload are still there for who selects them as plain MQTT.

use serde_json::{Map, Value as Json};

use crate::payload::Oddity;
use crate::sparkplug::{Ask, Broken, Metric};
use crate::time::SourceTime;

/// What one message means.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// What it tells: one reading, or several where one message tells of several events or devices. Never empty.
    pub readings: Vec<Reading>,
    /// What the sender is to be asked for: a Sparkplug edge node for its birth.
    pub ask: Option<Ask>,
}

/// One thing that a message tells of one device.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Who it is about: the name by which its topics know it. `kitchen/lamp`, `tasmota_3D5E26`, a DevEUI, `GROUP/NODE/DEVICE`.
    /// Empty for the bridge itself.
    pub device: String,
    /// The name that people gave it, where the payload tells one besides.
    pub name: Option<String>,
    /// What it tells.
    pub what: What,
    /// Which part of the device, where the topic or the payload says so: `SENSOR`, `switch:0`.
    pub part: Option<String>,
    /// The facts, as the sender names them.
    pub fields: Map<String, Json>,
    /// The facts of a Sparkplug message.
    pub metrics: Vec<Metric>,
    /// By what a repetition of it is known: the same text, the same event.
    pub identity: Option<String>,
    /// When it was, by the sender's clock.
    pub source_time: Option<SourceTime>,
    /// Whether the broker had kept it: then it is a state, and no news.
    pub retained: bool,
    /// Whether it answers a question of ours: a Sparkplug birth that was asked for tells how things stand, and is no news.
    pub is_answer: bool,
    /// What was odd.
    pub remarks: Vec<Remark>,
}

/// What a reading tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Whether the device can be reached.
    Availability(Availability),
    /// How the device, or the part of it, is.
    State,
    /// What changed about it; what is not in it is as it was before, and what is `null` is there no more.
    Change,
    /// Something happened: `single_push`, `join`.
    Event(String),
    /// A Sparkplug node or device is there, with all of its metrics.
    Birth,
    /// A Sparkplug node or device is gone; the values of its metrics are stale.
    Death,
    /// Measured values.
    Data,
    /// The bridge between the devices and the broker speaks of itself.
    Bridge(Bridge),
    /// A Sparkplug host application is there or not.
    Host(Availability),
    /// What the broker had kept under this topic was cleared; it tells nothing about the device.
    Cleared,
}

/// Whether somebody can be reached, as far as anybody said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Availability {
    /// It can.
    Online,
    /// It cannot.
    Offline,
    /// Nobody watches it, or nobody has said.
    #[default]
    Unknown,
}

/// What a bridge tells of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bridge {
    /// Whether it runs. While it does not, what it said about its devices is old.
    Availability(Availability),
    /// Something happened on its network; the device, if it is one's, is the reading's.
    Event(String),
    /// A line of its log, with the level.
    Log(String),
    /// Its answer to somebody's request; an answer of `false` says that the request failed.
    Answer(bool),
    /// Lists of its devices, settings and the like.
    Inventory,
}

/// What was odd about a message, or is worth knowing about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Remark {
    /// The payload did not read as it promised.
    #[error(transparent)]
    Payload(#[from] Oddity),
    /// An availability in words that the convention does not have.
    #[error("`{0}` is neither online nor offline, so that nobody knows")]
    NoAvailability(String),
    /// Zigbee2MQTT does not watch whether this device can be reached.
    #[error(
        "Zigbee2MQTT does not watch whether this device is available: what the broker kept about it is old"
    )]
    Unwatched,
    /// Uplinks of a LoRaWAN device that nobody received.
    #[error("uplinks lost before this one: {0}")]
    LostUplinks(u32),
    /// The uplink counter of a LoRaWAN device began anew without a join.
    #[error("the device counts its uplinks from {0} again")]
    CountedAnew(u32),
    /// The same uplink once more.
    #[error("the uplink {0} came once more")]
    UplinkAgain(u32),
    /// No room to follow one more.
    #[error("{what} are followed up to {limit}; this one is not")]
    NotFollowed {
        /// More of what.
        what: &'static str,
        /// How many there is room for.
        limit: usize,
    },
    /// More events in one message than are told.
    #[error("the message holds {0} events; the first are told")]
    ManyEvents(usize),
    /// Messages of a Sparkplug node are missing.
    #[error("messages of the node are missing: number {expected} was due and {came} came")]
    Gap {
        /// The number that was due.
        expected: u8,
        /// The number that came.
        came: u64,
    },
    /// Metrics that no birth has named.
    #[error("metrics that no birth has named: {0}")]
    UnknownMetrics(usize),
    /// Data of a node or device whose birth was not heard.
    #[error("its birth was not heard")]
    BeforeBirth,
    /// A birth whose number is not 0.
    #[error("the birth has the number {0}, where 0 is due")]
    BirthNumber(u64),
    /// A death that cannot be held against a birth.
    #[error("no birth was heard that this death could be compared with, and it is believed")]
    DeathWithoutBirth,
    /// The node was born anew, and goes on without this device.
    #[error("the node began anew, and did not name this device again")]
    NotNamedAgain,
    /// The device went with its node.
    #[error("its node is gone")]
    WithItsNode,
}

/// Why a message tells nothing about a device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// A topic that is none of the profile's.
    #[error("the topic is none that {0} devices send under")]
    Elsewhere(&'static str),
    /// Somebody commands a device; the device has said nothing.
    #[error("this is a command to a device, and nothing that the device said")]
    Command,
    /// A payload of another shape than the convention has under this topic.
    #[error("the payload is not {0}, which belongs under this topic")]
    NotAsAgreed(&'static str),
    /// A payload that does not read as its beginning promises.
    #[error(transparent)]
    Payload(#[from] Oddity),
    /// More octets than are read.
    #[error("the payload has {octets} octets; up to {limit} are read")]
    TooLong {
        /// How many it has.
        octets: usize,
        /// How many are read.
        limit: usize,
    },
    /// A Sparkplug death of a session that is over: the node has been born since.
    #[error("this is the death of an earlier session ({told}); the node lives in session {lives}")]
    OldDeath {
        /// The death's bdSeq.
        told: u64,
        /// The bdSeq of the birth.
        lives: u64,
    },
    /// A Sparkplug message that the broker had kept: a life that may long be over.
    #[error(
        "the broker had kept this message, which Sparkplug forbids: what it tells may long be over"
    )]
    Kept,
    /// A Sparkplug payload that does not hold together.
    #[error("the Sparkplug payload cannot be read: {0}")]
    Broken(#[from] Broken),
    /// No room for one more.
    #[error("{what} are followed up to {limit}; the birth is not taken")]
    Full {
        /// More of what.
        what: &'static str,
        /// How many there is room for.
        limit: usize,
    },
}

impl Reading {
    /// What this device tells, and nothing beside it.
    pub(crate) fn new(device: impl Into<String>, what: What) -> Self {
        Self {
            device: device.into(),
            name: None,
            what,
            part: None,
            fields: Map::new(),
            metrics: Vec::new(),
            identity: None,
            source_time: None,
            retained: false,
            is_answer: false,
            remarks: Vec::new(),
        }
    }

    /// It is about that part of the device.
    pub(crate) fn of_part(mut self, part: impl Into<String>) -> Self {
        self.part = Some(part.into());
        self
    }

    /// With these fields in place of any before.
    pub(crate) fn with(mut self, fields: Map<String, Json>) -> Self {
        self.fields = fields;
        self
    }

    /// With the time that the payload gives, if it gives one.
    pub(crate) fn at(mut self, time: Option<SourceTime>) -> Self {
        self.source_time = time;
        self
    }

    /// With what was odd about it, if anything was.
    pub(crate) fn remarked(mut self, remark: impl Into<Option<Remark>>) -> Self {
        self.remarks.extend(remark.into());
        self
    }
}

impl From<Reading> for Heard {
    fn from(reading: Reading) -> Self {
        Self { readings: vec![reading], ask: None }
    }
}

impl Availability {
    /// From one of two words, in any capitals.
    pub(crate) fn from_words(text: &str, online: &str, offline: &str) -> Option<Self> {
        match text.trim_ascii() {
            word if word.eq_ignore_ascii_case(online) => Some(Self::Online),
            word if word.eq_ignore_ascii_case(offline) => Some(Self::Offline),
            "" => Some(Self::Unknown),
            _ => None,
        }
    }

    /// From the truth about it; nobody has said where there is none.
    pub(crate) fn from_truth(online: Option<bool>) -> Self {
        match online {
            Some(true) => Self::Online,
            Some(false) => Self::Offline,
            None => Self::Unknown,
        }
    }
}
