//! Profiles: the conventions by which devices name their topics and write their payloads.
//!
//! A [`Profile`] is the name in the configuration. A [`Reader`] is a profile at work on one broker: it says which filters to
//! subscribe to, and reads each message into what it [means](crate::reading). It keeps what a convention needs from one message
//! to the next (births, counters, whose availability is watched), within fixed bounds, and nothing else; it forgets all of it
//! with the process, and learns it again from the messages. It has no clock: it counts messages.
//!
//! | profile | base topic | subscribes to | after |
//! |---|---|---|---|
//! | `zigbee2mqtt` | `zigbee2mqtt` | `BASE/#` | Zigbee2MQTT 1.17 to 2.x |
//! | `tasmota` | none | `tele/#` and `stat/#`, or `BASE/#` | Tasmota, its full topic with the prefix before or behind the device |
//! | `shelly` | none | `+/online`, `+/events/rpc`, `+/status/+`, each behind `BASE/` | Shelly from the second generation on |
//! | `chirpstack` | `application` | `BASE/+/device/+/event/+` | ChirpStack 4, JSON |
//! | `sparkplug-b` | `spBv1.0` | births, deaths and data beneath `BASE/+`, and `BASE/STATE/+` | Sparkplug 3.0 (and 2.2) |
//!
//! # Decision (2026-11-27): of Sparkplug all but the commands
//!
//! Whoever asks a node for its birth would hear his own command again (MQTT 3.1.1 cannot keep it from him), and those of all
//! other hosts. They say nothing about a device, and would be recorded one by one. Rejected: `BASE/#`.

mod chirpstack;
mod frame_counters;
mod shelly;
mod tasmota;
mod zigbee2mqtt;

use serde_json::{Map, Value as Json};

use crate::filter::{Filter, FilterError};
use crate::payload::{Limits, Payload};
use crate::reading::{Heard, Unread};
use crate::sparkplug::{self, Ask, NodeError, Tracker};
use crate::topic::Topic;

use frame_counters::FrameCounters;

/// A convention that devices follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Profile {
    /// Zigbee devices behind Zigbee2MQTT.
    Zigbee2Mqtt,
    /// Devices with the Tasmota firmware.
    Tasmota,
    /// Shelly devices from the second generation on.
    Shelly,
    /// LoRaWAN devices behind ChirpStack 4.
    ChirpStack,
    /// Industrial edge nodes that speak Sparkplug B.
    SparkplugB,
}

/// Why a base topic cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaseError {
    /// The profile has its topics beneath one.
    #[error("the profile `{0}` needs a base topic")]
    Needed(&'static str),
    /// A wildcard: several bases are several profiles.
    #[error("the base topic `{0}` holds a wildcard: write the base of one installation")]
    Wildcard(String),
    /// A slash too many, or another flaw.
    #[error("the base topic `{0}` begins or ends with a slash, or has two beside each other")]
    EmptyLevel(String),
    /// Not a topic.
    #[error("the base topic cannot be read: {0}")]
    NoFilter(#[from] FilterError),
}

/// A profile at work on one broker.
#[derive(Debug)]
pub struct Reader {
    base: Box<str>,
    convention: Convention,
}

/// How much a reader keeps in mind. What is beyond is read as far as one message tells it, or refused, and that is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The most devices: those behind Sparkplug nodes, those whose uplinks are counted, those of a Zigbee network.
    pub devices: usize,
    /// The most Sparkplug nodes. One that is gone makes room for another.
    pub nodes: usize,
    /// The most metrics of all Sparkplug nodes and devices together.
    pub metrics: usize,
    /// After so many messages of a Sparkplug node without the birth that it was asked for, it is asked again.
    pub ask_again: u32,
}

/// 10,000 devices, 1,000 nodes, 50,000 metrics; asked again after 256 messages.
impl Default for Bounds {
    fn default() -> Self {
        Self { devices: 10_000, nodes: 1_000, metrics: 50_000, ask_again: 256 }
    }
}

/// The most levels of a topic that a profile looks at.
const MOST_LEVELS: usize = 64;

#[derive(Debug)]
enum Convention {
    Zigbee2Mqtt(zigbee2mqtt::Network),
    Tasmota,
    Shelly,
    ChirpStack(FrameCounters),
    SparkplugB(Box<Tracker>),
}

/// One message, beneath the base topic.
pub(crate) struct Message<'m> {
    /// The levels behind the base.
    pub(crate) levels: &'m [&'m str],
    /// The payload, as it came.
    pub(crate) octets: &'m [u8],
    /// Whether the broker had kept it: then it tells how things stand.
    pub(crate) retained: bool,
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Zigbee2Mqtt, Self::Tasmota, Self::Shelly, Self::ChirpStack, Self::SparkplugB];

    /// Its name in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zigbee2Mqtt => "zigbee2mqtt",
            Self::Tasmota => "tasmota",
            Self::Shelly => "shelly",
            Self::ChirpStack => "chirpstack",
            Self::SparkplugB => "sparkplug-b",
        }
    }

    /// The profile of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name() == name)
    }

    /// The base topic where nobody has changed it; empty where the devices send at the root.
    pub fn default_base(self) -> &'static str {
        match self {
            Self::Zigbee2Mqtt => "zigbee2mqtt",
            Self::Tasmota | Self::Shelly => "",
            Self::ChirpStack => "application",
            Self::SparkplugB => sparkplug::NAMESPACE,
        }
    }
}

impl Reader {
    /// A profile at work beneath a base topic; `None` is the [default one](Profile::default_base).
    ///
    /// # Errors
    /// [`BaseError`] where the base is no plain topic, or is empty and the profile needs one.
    pub fn new(profile: Profile, base: Option<&str>) -> Result<Self, BaseError> {
        Self::with_bounds(profile, base, Bounds::default())
    }

    /// The same, with other bounds.
    ///
    /// # Errors
    /// [`BaseError`] where the base is no plain topic, or is empty and the profile needs one.
    pub fn with_bounds(
        profile: Profile,
        base: Option<&str>,
        bounds: Bounds,
    ) -> Result<Self, BaseError> {
        let base = base.unwrap_or(profile.default_base());
        if base.is_empty() && !profile.default_base().is_empty() {
            return Err(BaseError::Needed(profile.name()));
        }
        if !base.is_empty() {
            let filter = Filter::parse(base)?;
            if filter.levels().any(|level| matches!(level, "+" | "#")) {
                return Err(BaseError::Wildcard(base.to_owned()));
            }
            if filter.levels().any(str::is_empty) {
                return Err(BaseError::EmptyLevel(base.to_owned()));
            }
            // What is subscribed to beneath it must have room as well.
            Filter::parse(&format!("{base}/+/device/+/event/+"))?;
        }
        let convention = match profile {
            Profile::Zigbee2Mqtt => {
                Convention::Zigbee2Mqtt(zigbee2mqtt::Network::new(bounds.devices))
            }
            Profile::Tasmota => Convention::Tasmota,
            Profile::Shelly => Convention::Shelly,
            Profile::ChirpStack => Convention::ChirpStack(FrameCounters::new(bounds.devices)),
            Profile::SparkplugB => Convention::SparkplugB(Box::new(Tracker::new(base, bounds))),
        };
        Ok(Self { base: base.into(), convention })
    }

    /// Which convention it reads.
    pub fn profile(&self) -> Profile {
        match self.convention {
            Convention::Zigbee2Mqtt(_) => Profile::Zigbee2Mqtt,
            Convention::Tasmota => Profile::Tasmota,
            Convention::Shelly => Profile::Shelly,
            Convention::ChirpStack(_) => Profile::ChirpStack,
            Convention::SparkplugB(_) => Profile::SparkplugB,
        }
    }

    /// What to subscribe to. The filters of one profile never overlap, so that no broker delivers a message twice.
    pub fn filters(&self) -> Vec<Filter> {
        let ends: &[&str] = match self.convention {
            Convention::Zigbee2Mqtt(_) => &["#"],
            Convention::Tasmota if self.base.is_empty() => &["tele/#", "stat/#"],
            Convention::Tasmota => &["#"],
            Convention::Shelly => &["+/online", "+/events/rpc", "+/status/+"],
            Convention::ChirpStack(_) => &["+/device/+/event/+"],
            Convention::SparkplugB(_) => &sparkplug::FILTERS,
        };
        let beneath = |end: &&str| match &*self.base {
            "" => (*end).to_owned(),
            base => format!("{base}/{end}"),
        };
        ends.iter()
            .map(beneath)
            .map(|filter| Filter::parse(&filter).expect("`new` tried the longest of them"))
            .collect()
    }

    /// Reads a message.
    ///
    /// # Errors
    /// [`Unread`] where it tells nothing about a device; then it is still a plain MQTT message.
    pub fn read(&mut self, topic: &Topic, octets: &[u8], retained: bool) -> Result<Heard, Unread> {
        let elsewhere = Unread::Elsewhere(self.profile().name());
        let Some(levels) = beneath(&self.base, topic) else {
            return Err(elsewhere);
        };
        let limit = Limits::default().octets;
        if octets.len() > limit {
            return Err(Unread::TooLong { octets: octets.len(), limit });
        }
        let message = Message { levels: &levels, octets, retained };
        let heard = match &mut self.convention {
            Convention::Zigbee2Mqtt(network) => network.read(&message),
            Convention::Tasmota => tasmota::read(&message),
            Convention::Shelly => shelly::read(&message),
            Convention::ChirpStack(counters) => chirpstack::read(&message, counters),
            Convention::SparkplugB(tracker) => tracker.read(&message),
        };
        let mut heard = heard?.ok_or(elsewhere)?;
        for reading in &mut heard.readings {
            reading.retained = retained;
        }
        Ok(heard)
    }

    /// A Sparkplug node that is known to be there, `GROUP/NODE`: it is asked for its birth at each connection, heard of or not.
    ///
    /// # Errors
    /// [`NodeError`] where no node can have that name, or the profile has no nodes.
    pub fn expect(&mut self, node: &str) -> Result<(), NodeError> {
        match &mut self.convention {
            Convention::SparkplugB(tracker) => tracker.expect(node),
            Convention::Zigbee2Mqtt(_)
            | Convention::Tasmota
            | Convention::Shelly
            | Convention::ChirpStack(_) => Err(NodeError::NoNodes(self.profile().name())),
        }
    }

    /// To be called at each connection to the broker: what may have been missed meanwhile is no longer relied upon. Says what
    /// to ask for: the births of the Sparkplug nodes, which no broker keeps.
    pub fn connected(&mut self) -> Vec<Ask> {
        match &mut self.convention {
            Convention::SparkplugB(tracker) => tracker.connected(),
            Convention::Zigbee2Mqtt(_) | Convention::Tasmota | Convention::Shelly => Vec::new(),
            // The counters stay: what was sent meanwhile was delivered late or is lost, and is then told.
            Convention::ChirpStack(_) => Vec::new(),
        }
    }

    /// Whether a Sparkplug node, `GROUP/NODE`, owes its birth: then asking it again may help.
    pub fn owes_birth(&self, node: &str) -> bool {
        match &self.convention {
            Convention::SparkplugB(tracker) => tracker.owes_birth(node),
            Convention::Zigbee2Mqtt(_)
            | Convention::Tasmota
            | Convention::Shelly
            | Convention::ChirpStack(_) => false,
        }
    }
}

/// The levels of a topic behind the base; none where it is not beneath it, or has more levels than any device's.
fn beneath<'t>(base: &str, topic: &'t Topic) -> Option<Vec<&'t str>> {
    let rest = match base {
        "" => topic.as_str(),
        base => topic.as_str().strip_prefix(base)?.strip_prefix('/')?,
    };
    let levels: Vec<&str> = rest.split('/').take(MOST_LEVELS + 1).collect();
    (levels.len() <= MOST_LEVELS).then_some(levels)
}

impl Message<'_> {
    /// The payload as text, number and JSON.
    pub(crate) fn payload(&self) -> Payload {
        Payload::read(self.octets, &Limits::default())
    }

    /// The payload as a JSON object.
    pub(crate) fn object(&self) -> Result<Map<String, Json>, Unread> {
        let payload = self.payload();
        match (payload.json, payload.oddity) {
            (Some(Json::Object(fields)), _) => Ok(fields),
            (_, Some(oddity)) => Err(oddity.into()),
            (_, None) => Err(Unread::NotAsAgreed("a JSON object")),
        }
    }
}

/// The payload as facts: an object's own, anything else under one name.
fn fields(payload: Payload, name: &str) -> Map<String, Json> {
    match payload.json {
        Some(Json::Object(fields)) => fields,
        Some(json) => Map::from_iter([(name.to_owned(), json)]),
        None => Map::from_iter([(name.to_owned(), Json::String(payload.text))]),
    }
}

/// A text among facts.
fn text<'f>(fields: &'f Map<String, Json>, name: &str) -> Option<&'f str> {
    fields.get(name).and_then(Json::as_str)
}
