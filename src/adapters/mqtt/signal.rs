//! A message as signals: which fields they have.
//!
//! | field | what it holds |
//! |---|---|
//! | `source` | the topic, as it is written |
//! | `topic` | the topic as the list of its levels: `topic[1]` |
//! | `payload` | what was sent, as text; in hexadecimal where it is not UTF-8, and then of the first 4 KiB |
//! | `text` | the payload; of one longer than 4 KiB the beginning, with `…` |
//! | `value` | the number that the payload is as a whole; absent where it is none |
//! | `json` | the JSON that the payload is as a whole: an object's fields are `json.temperature`; absent where it is none |
//! | `retained` | whether the broker had kept it: then it tells how something stands, and is no news |
//! | `refused` | why it was not read: longer than `max-payload`, or under something that is no topic; there is no payload then |
//!
//! Where a `profile` is set and the message follows it, one signal for each thing that it tells, with these besides. The first alone
//! has `payload`, `json` and the bytes as they came; what all of them tell is bounded, and more is refused as one message.
//!
//! | field | what it holds |
//! |---|---|
//! | `device` | who it is about: `kitchen/lamp`, `tasmota_3D5E26`, a DevEUI; empty for the bridge itself |
//! | `device_name` | the name that people gave it, where the payload tells one |
//! | `part` | which part of it: `SENSOR`, `switch:0` |
//! | `reading` | what is told: `availability`, `state`, `change`, `event`, `birth`, `death`, `data`, `past`, `bridge`, `host`, `cleared` |
//! | `online` | whether it can be reached; absent where nobody knows, which is not offline |
//! | `event` | what happened: `single_push`, `join` |
//! | `facts` | what is told, as the sender names it: `facts.temperature`; of Sparkplug the metrics that can be relied upon: `facts['Inputs/Flood']` |
//! | `stale` | of Sparkplug: the names of metrics whose value nobody knows any more, as all of a node that is gone |
//! | `remarks` | what is odd about it, in words; absent where nothing is |
//!
//! A Sparkplug payload is octets: its signal has no `payload`, and its `text` says in words what was told.
//!
//! # Decision (2026-11-27): a message that was refused is a signal all the same
//!
//! It is under a topic that somebody watches, and something made its sender speak. It has no payload, so that no condition over
//! `value` or `json` can be misled; a definition that takes any message of the topic for an event rings. A needless call costs
//! sleep, a missed one the plant. Rejected: a line in the log alone.

use std::sync::Arc;

use vigie_mqtt::sparkplug::Ask;
use vigie_mqtt::{
    Heard, Limits, Oddity, Payload, Reader, Reading, SourceTime, Topic, Unread, What,
};

use super::identity;
use super::metrics::{self, Round, Rounds};
use super::values::{map, number, told, value, weight_of_all};
use super::wire::Message;
use crate::config::MqttSettings;
use crate::watch::name::InputName;
use crate::watch::signal::{Fields, Kind, Signal, Tells, Value};
use crate::watch::time::Utc;

/// What one message tells in all may weigh so many bytes: as much as the longest payload that the files can admit.
const MOST_TOLD: usize = 16 << 20;
/// A longer payload is not written twice.
const LONGEST_TEXT: usize = 4_096;

/// What was not read of a message, and why.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum Refused {
    /// Longer than the files admit.
    #[error("its payload has {octets} bytes, and `max-payload` is {limit}")]
    TooLong {
        /// How long.
        octets: usize,
        /// How long it may be.
        limit: usize,
    },
    /// It tells more than one message may, though its payload is short enough.
    #[error("it tells {readings} things at once, which come to more than 16 MiB in the record")]
    TooMuch {
        /// How many things it tells.
        readings: usize,
    },
    /// It came under something that is no topic.
    #[error("{0}")]
    NoTopic(String),
    /// A node says something that cannot be read, or for which there is no room: what depends on it would be silent.
    #[error("{0}")]
    Sparkplug(Unread),
}

/// What a message comes to.
#[derive(Default)]
pub(super) struct Understood {
    /// At least one; none of what we have published ourselves.
    pub(super) signals: Vec<Signal>,
    /// Why it was not read, if it was not.
    pub(super) refused: Option<Refused>,
    /// What is odd about its payload.
    pub(super) oddity: Option<Oddity>,
    /// Its topic, if it has one.
    pub(super) topic: Option<Topic>,
    /// Who is to be asked for its birth because of it.
    pub(super) ask: Option<Ask>,
}

/// Reads a message.
pub(super) fn of(
    message: &Message,
    settings: &MqttSettings,
    reader: Option<&mut Reader>,
    received: Utc,
) -> Understood {
    let topic = match Topic::from_octets(&message.topic) {
        Ok(topic) => topic,
        Err(error) => {
            let refused = Refused::NoTopic(error.to_string());
            return refuse(message, settings, received, refused, None);
        }
    };
    if message.payload.len() > settings.max_payload {
        let (octets, limit) = (message.payload.len(), settings.max_payload);
        let refused = Refused::TooLong { octets, limit };
        return refuse(message, settings, received, refused, Some(topic));
    }
    let limits = Limits { octets: settings.max_payload, ..Limits::default() };
    let payload = Payload::read(&message.payload, &limits);
    let mut oddity = payload.oddity.clone();
    let mut plain = plain(message, &topic, payload, &settings.name, received);
    let (mut refused, mut ask) = (None, None);
    let mut signals = match reader.map(|reader| read(reader, &topic, message)) {
        Some(Ok(heard)) if !heard.readings.is_empty() => {
            // What reads as its convention has it is not odd.
            (oddity, ask) = (None, heard.ask);
            let readings = heard.readings.len();
            match with_readings(&mut plain, heard.readings) {
                Some(signals) => signals,
                None => {
                    let refused = Refused::TooMuch { readings };
                    return refuse(message, settings, received, refused, Some(topic));
                }
            }
        }
        Some(Err(unread)) => {
            refused = of_sparkplug(unread, &mut plain);
            vec![plain]
        }
        Some(Ok(_)) | None => vec![plain],
    };
    for (place, signal) in signals.iter_mut().enumerate() {
        // One that its sender has numbered is known by that already.
        if signal.identity.is_none() {
            signal.identity = delivery(message, settings, place);
        }
    }
    Understood { signals, refused, oddity, topic: Some(topic), ask }
}

fn read(reader: &mut Reader, topic: &Topic, message: &Message) -> Result<Heard, Unread> {
    reader.read(topic, &message.payload, message.retained)
}

/// Why a message of a node tells nothing, where somebody must know: with a node that cannot be read its alarms are silent.
fn of_sparkplug(unread: Unread, plain: &mut Signal) -> Option<Refused> {
    let why = unread.to_string();
    let refused = match unread {
        Unread::Broken(_) | Unread::Full { .. } => Some(Refused::Sparkplug(unread)),
        Unread::OldDeath { .. } | Unread::Kept => None,
        Unread::Elsewhere(_)
        | Unread::Command
        | Unread::NotAsAgreed(_)
        | Unread::Payload(_)
        | Unread::TooLong { .. } => return None,
    };
    let field = if refused.is_some() {
        plain.text = format!("not read: {why}").into();
        "refused"
    } else {
        "remarks"
    };
    plain.fields.set(field, Value::text(why));
    refused
}

/// The signals of a message as a broker hands it on, by its topic, its payload and whether it was kept: at least one.
pub fn signals_of(
    (topic, payload, retained): (Vec<u8>, Arc<[u8]>, bool),
    settings: &MqttSettings,
    reader: Option<&mut Reader>,
    received: Utc,
) -> Vec<Signal> {
    let message = Message { topic, payload, retained, again: false, delivery: None };
    of(&message, settings, reader, received).signals
}

/// The signal of a message that somebody writes down, for a rehearsal; `None` where its topic is none.
pub fn message(
    input: &InputName,
    topic: &str,
    payload: &str,
    retained: bool,
    received: Utc,
) -> Option<Signal> {
    let topic = Topic::parse(topic).ok()?;
    let octets: Arc<[u8]> = Arc::from(payload.as_bytes());
    let read = Payload::read(&octets, &Limits::default());
    let message =
        Message { topic: Vec::new(), payload: octets, retained, again: false, delivery: None };
    Some(plain(&message, &topic, read, input, received))
}

fn delivery(
    message: &Message,
    settings: &MqttSettings,
    place: usize,
) -> Option<crate::watch::signal::Identity> {
    let packet = message.delivery?.id;
    let (topic, payload) = (&message.topic, &message.payload);
    Some(identity::of_delivery(&settings.name, &settings.client_id, packet, topic, payload, place))
}

fn tells(message: &Message) -> Tells {
    if message.retained {
        Tells::Standing
    } else if message.again {
        Tells::Again
    } else {
        Tells::News
    }
}

/// A message that is not read: its topic and why, and of its bytes none.
fn refuse(
    message: &Message,
    settings: &MqttSettings,
    received: Utc,
    refused: Refused,
    topic: Option<Topic>,
) -> Understood {
    let written = String::from_utf8_lossy(&message.topic);
    let mut fields = Fields::with_capacity(3);
    fields.set("topic", levels(&written));
    fields.set("retained", Value::Bool(message.retained));
    fields.set("refused", Value::text(refused.to_string()));
    let signal = Signal {
        input: settings.name.clone(),
        kind: Kind::Mqtt,
        source: Arc::from(&*written),
        fields,
        text: format!("not read: {refused}").into(),
        source_time: None,
        tells: tells(message),
        received,
        identity: delivery(message, settings, 0),
        raw: Arc::from([]),
    };
    Understood { signals: vec![signal], refused: Some(refused), oddity: None, topic, ask: None }
}

fn plain(
    message: &Message,
    topic: &Topic,
    payload: Payload,
    input: &InputName,
    received: Utc,
) -> Signal {
    let text: Arc<str> = payload.text.into();
    let mut fields = Fields::with_capacity(5);
    fields.set("topic", levels(topic.as_str()));
    fields.set("payload", Value::text(Arc::clone(&text)));
    if let Some(number) = payload.value {
        fields.set("value", self::number(number));
    }
    if let Some(json) = payload.json {
        fields.set("json", value(json));
    }
    fields.set("retained", Value::Bool(message.retained));
    Signal {
        input: input.clone(),
        kind: Kind::Mqtt,
        source: Arc::from(topic.as_str()),
        fields,
        text: shortened(text),
        source_time: None,
        tells: tells(message),
        received,
        identity: None,
        raw: Arc::clone(&message.payload),
    }
}

fn levels(topic: &str) -> Value {
    Value::List(topic.split('/').map(Value::text).collect())
}

fn shortened(text: Arc<str>) -> Arc<str> {
    if text.len() <= LONGEST_TEXT {
        return text;
    }
    let end = text.floor_char_boundary(LONGEST_TEXT);
    let (beginning, _) = text.split_at_checked(end).unwrap_or((&*text, ""));
    format!("{beginning}…").into()
}

/// The same signal for each of the things that it tells. What the message is as a whole stands in the first alone: a gateway tells
/// hundreds of things in a payload of a megabyte. `None` where all is too much even so.
fn with_readings(plain: &mut Signal, readings: Vec<Reading>) -> Option<Vec<Signal>> {
    let mut signals = Vec::with_capacity(readings.len());
    let mut told: usize = 0;
    for reading in readings {
        for mut signal in with_reading(plain, reading) {
            if !signals.is_empty() {
                without_whole(&mut signal);
                let weight = weight_of_all(&signal.fields).saturating_add(signal.text.len());
                told = told.saturating_add(weight);
            }
            if told > MOST_TOLD {
                return None;
            }
            signals.push(signal);
        }
        without_whole(plain);
    }
    Some(signals)
}

/// Takes away what the message is as a whole.
fn without_whole(signal: &mut Signal) {
    signal.fields.remove("payload");
    signal.fields.remove("json");
    signal.raw = Arc::from([]);
}

/// The same signal with one of the things that it tells; several where a Sparkplug message has several samples of one metric.
fn with_reading(plain: &Signal, reading: Reading) -> Vec<Signal> {
    let (kind, online, event) = told(&reading.what);
    if !matches!(reading.what, What::Birth | What::Death | What::Data) {
        return vec![with_facts(plain, reading, kind, (online, event))];
    }
    let Rounds { rounds, stale } = metrics::rounds(reading);
    let signal = |Round { reading, is_past }| {
        let kind = if is_past { "past" } else { kind };
        let text = metrics::in_words(&reading, kind);
        let mut signal = with_facts(plain, reading, kind, (online, None));
        signal.fields.remove("payload");
        signal.text = shortened(text.into());
        signal
    };
    let mut signals: Vec<Signal> = rounds.into_iter().map(signal).collect();
    if let Some(last) = signals.last_mut().filter(|_| !stale.is_empty()) {
        last.fields.set("stale", Value::List(stale.into_iter().map(Value::text).collect()));
    }
    signals
}

fn with_facts(
    plain: &Signal,
    reading: Reading,
    kind: &'static str,
    (online, event): (Option<bool>, Option<String>),
) -> Signal {
    let mut signal = plain.clone();
    let is_answer = reading.is_answer;
    let Reading { device, name, part, fields: facts, identity, source_time, remarks, .. } = reading;
    if let Some(event_id) = identity {
        signal.identity = Some(identity::of_event(&signal.input, &device, &event_id));
        // Its number says by itself that it is the same, whoever sends it again.
        if signal.tells == Tells::News {
            signal.tells = Tells::Again;
        }
    }
    if is_answer && signal.tells == Tells::News {
        signal.tells = Tells::Standing;
    }
    let fields = &mut signal.fields;
    fields.set("device", Value::text(device));
    fields.set("reading", Value::text(kind));
    for (field, text) in [("device_name", name), ("part", part), ("event", event)] {
        if let Some(text) = text {
            fields.set(field, Value::text(text));
        }
    }
    if let Some(online) = online {
        fields.set("online", Value::Bool(online));
    }
    if !facts.is_empty() {
        fields.set("facts", Value::Map(map(facts)));
    }
    if !remarks.is_empty() {
        let remarks = remarks.iter().map(|remark| Value::text(remark.to_string()));
        fields.set("remarks", Value::List(remarks.collect()));
    }
    if let Some(SourceTime::Instant(instant)) = source_time {
        signal.source_time = Some(Utc::from_micros(instant.as_microsecond()));
    }
    signal
}

#[cfg(test)]
pub(super) mod tests;
