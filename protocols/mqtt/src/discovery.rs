//! Home Assistant discovery: the message that makes a binary sensor appear there by itself.
//!
//! It writes the topic and the JSON of `PREFIX/binary_sensor/NODE/OBJECT/config`, to be published retained; nothing is published
//! here. The state itself is whatever the state topic bears, and `value_template` says how to read it. An empty retained message
//! under [the same topic](topic) removes the sensor.
//!
//! Home Assistant allows letters, digits, `_` and `-` in identifiers, and silently ignores a message with others. Each other
//! character becomes `_`; since two names may then look alike (`pump/1`, `pump 1`), and one sensor would overwrite the other, an
//! identifier that had to be changed ends in a sum of the name as it was.

use serde_json::{Map, Value as Json, json};

use crate::filter::Filter;
use crate::topic::{Topic, TopicError};

/// The device under which Home Assistant lists the sensors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device<'d> {
    /// What tells it from all other devices.
    pub identifier: &'d str,
    /// Its name for people.
    pub name: &'d str,
    /// Who makes it.
    pub manufacturer: Option<&'d str>,
    /// Which model it is.
    pub model: Option<&'d str>,
    /// The version of its software.
    pub sw_version: Option<&'d str>,
}

/// A binary sensor: what Home Assistant is to show, and where its state is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BinarySensor<'s> {
    /// The first levels of the topic, which Home Assistant has in its settings: `homeassistant`.
    pub prefix: &'s str,
    /// Whose sensor it is; one for each sender.
    pub node: &'s str,
    /// Which sensor it is among those of the node.
    pub object: &'s str,
    /// Its name for people.
    pub name: &'s str,
    /// Where its state is published.
    pub state_topic: &'s Topic,
    /// A template that makes `ON` or `OFF` of the state; without one the payload itself is one of the two.
    pub value_template: Option<&'s str>,
    /// Where a JSON object with further facts is published.
    pub attributes_topic: Option<&'s Topic>,
    /// Where `online` or `offline` is published.
    pub availability_topic: Option<&'s Topic>,
    /// What it measures, as Home Assistant names it: `problem`.
    pub device_class: Option<&'s str>,
    /// The device that it belongs to.
    pub device: Device<'s>,
}

/// A message that makes the sensor appear. To be published retained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovery {
    /// Its topic.
    pub topic: Topic,
    /// Its payload, JSON.
    pub payload: String,
}

/// Writes the message.
///
/// # Errors
/// [`TopicError`] where the prefix is no topic.
pub fn discovery(sensor: &BinarySensor<'_>) -> Result<Discovery, TopicError> {
    let (node, object) = (identifier(sensor.node), identifier(sensor.object));
    let mut config = Map::new();
    let mut set = |key: &str, value: Option<&str>| {
        config.extend(value.map(|value| (key.to_owned(), Json::from(value))));
    };
    set("name", Some(sensor.name));
    set("unique_id", Some(&format!("{node}_{object}")));
    set("state_topic", Some(sensor.state_topic.as_str()));
    set("value_template", sensor.value_template);
    set("payload_on", Some("ON"));
    set("payload_off", Some("OFF"));
    set("device_class", sensor.device_class);
    set("json_attributes_topic", sensor.attributes_topic.map(Topic::as_str));
    if let Some(topic) = sensor.availability_topic {
        set("availability_topic", Some(topic.as_str()));
        set("payload_available", Some("online"));
        set("payload_not_available", Some("offline"));
    }
    config.insert("qos".to_owned(), json!(1));
    config.insert("device".to_owned(), device(&sensor.device));
    let topic = topic(sensor.prefix, sensor.node, sensor.object)?;
    Ok(Discovery { topic, payload: Json::Object(config).to_string() })
}

/// The topic of the message: an empty retained payload under it removes the sensor.
///
/// # Errors
/// [`TopicError`] where the prefix is no topic.
pub fn topic(prefix: &str, node: &str, object: &str) -> Result<Topic, TopicError> {
    let (node, object) = (identifier(node), identifier(object));
    Topic::parse(&format!("{prefix}/binary_sensor/{node}/{object}/config"))
}

/// Where Home Assistant says `online` when it has started, and wants all that is not retained once more.
///
/// # Errors
/// [`TopicError`] where the prefix is no topic.
pub fn birth(prefix: &str) -> Result<Filter, TopicError> {
    Topic::parse(&format!("{prefix}/status")).map(|topic| Filter::of(&topic))
}

/// The longest identifier before its sum.
const LONGEST: usize = 64;

/// A name as an identifier.
pub fn identifier(name: &str) -> String {
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    let allowed = name.chars().take(LONGEST);
    let allowed: String =
        allowed.map(|letter| if is_allowed(letter) { letter } else { '_' }).collect();
    if allowed == name && !name.is_empty() {
        return allowed;
    }
    format!("{allowed}_{:08x}", sum(name))
}

/// FNV-1a: short, and the same in each version of ours, since identifiers must stay.
fn sum(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |sum, octet| (sum ^ u32::from(octet)).wrapping_mul(0x0100_0193))
}

fn device(device: &Device<'_>) -> Json {
    let mut about = Map::new();
    about.insert("identifiers".to_owned(), json!([device.identifier]));
    about.insert("name".to_owned(), json!(device.name));
    let further = [
        ("manufacturer", device.manufacturer),
        ("model", device.model),
        ("sw_version", device.sw_version),
    ];
    for (key, value) in further {
        about.extend(value.map(|value| (key.to_owned(), Json::from(value))));
    }
    Json::Object(about)
}
