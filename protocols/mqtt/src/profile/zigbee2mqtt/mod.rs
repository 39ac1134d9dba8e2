//! Zigbee2MQTT: `BASE/NAME` is the state of a device, `BASE/NAME/availability` whether it can be reached, `BASE/bridge/...` the
//! bridge itself. A name may have several levels.
//!
//! The availability comes in two forms, `online` and `{"state":"online"}`. Without it a device is unknown, not offline: the
//! feature is off unless somebody turned it on, for all devices or for one. Where it was turned off again, what the broker had
//! kept stays there for ever, so that a retained availability counts only where `bridge/info` does not say that nobody watches
//! that device. The two come in any order: what was told of such a device before is taken back when `bridge/info` comes.
//!
//! An `action` that is not retained is an event; it goes with the rest of the state. A payload that is no object is one
//! attribute of the device, for who has set `output: attribute`.

mod watched;

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::{Message, fields, text};
use crate::reading::{Availability, Bridge, Heard, Reading, Remark, Unread, What};
use crate::time::SourceTime;
use crate::words::shown;
use watched::Watched;

/// What must be known from one message to the next.
#[derive(Debug)]
pub(super) struct Network {
    watched: Watched,
    /// The devices that a retained message called unavailable.
    kept_offline: BTreeSet<String>,
    /// The most devices that are kept in mind.
    limit: usize,
}

impl Network {
    pub(super) fn new(limit: usize) -> Self {
        Self { watched: Watched::default(), kept_offline: BTreeSet::new(), limit }
    }

    /// What the message tells; `None` where its topic is none of this convention; or why it cannot be read.
    pub(super) fn read(&mut self, message: &Message<'_>) -> Result<Option<Heard>, Unread> {
        match message.levels {
            ["bridge", topic @ ..] => self.bridge(topic, message),
            [name @ .., "availability"] if !name.is_empty() => {
                Ok(Some(self.availability(name.join("/"), message).into()))
            }
            [_, .., "set" | "get"] | [_, .., "set" | "get", _] => Err(Unread::Command),
            name => state(name, message).map(|reading| Some(reading.into())),
        }
    }

    fn availability(&mut self, name: String, message: &Message<'_>) -> Reading {
        let (known, remark) = availability(message);
        self.kept_offline.remove(&name);
        if message.retained && self.watched.watches(&name) == Some(false) {
            return unwatched(&name);
        }
        let is_kept = message.retained && known == Availability::Offline;
        if is_kept && self.kept_offline.len() < self.limit {
            self.kept_offline.insert(name.clone());
        }
        Reading::new(name, What::Availability(known)).remarked(remark)
    }

    fn bridge(&mut self, topic: &[&str], message: &Message<'_>) -> Result<Option<Heard>, Unread> {
        let reading = match topic {
            ["state"] => {
                let (known, remark) = availability(message);
                Reading::new("", What::Bridge(Bridge::Availability(known))).remarked(remark)
            }
            ["request", ..] => return Err(Unread::Command),
            ["info"] if !message.octets.is_empty() => return self.settings(message).map(Some),
            ["event"] => happened(message.object()?)?,
            ["logging"] => {
                let fields = message.object()?;
                let level = text(&fields, "level").unwrap_or("unknown").to_owned();
                Reading::new("", What::Bridge(Bridge::Log(level))).with(fields)
            }
            ["response", request @ ..] => {
                let fields = message.object()?;
                let went_well = text(&fields, "status") == Some("ok");
                let answer = What::Bridge(Bridge::Answer(went_well));
                Reading::new("", answer).of_part(request.join("/")).with(fields)
            }
            ["health"] => Reading::new("", What::Bridge(Bridge::Inventory))
                .of_part("health")
                .with(message.object()?),
            [] => return Ok(None),
            // `devices`, `groups`, `definitions`: long, and nothing that an alarm could be made of.
            other => Reading::new("", What::Bridge(Bridge::Inventory)).of_part(other.join("/")),
        };
        Ok(Some(reading.into()))
    }

    /// `bridge/info`: takes back what was told of devices that nobody watches.
    fn settings(&mut self, message: &Message<'_>) -> Result<Heard, Unread> {
        self.watched = Watched::read(&message.object()?, self.limit);
        let mut readings = vec![Reading::new("", What::Bridge(Bridge::Inventory)).of_part("info")];
        let Self { watched, kept_offline, .. } = self;
        kept_offline.retain(|name| {
            let is_old = watched.watches(name) == Some(false);
            if is_old {
                readings.push(unwatched(name));
            }
            !is_old
        });
        Ok(Heard { readings, ask: None })
    }
}

fn unwatched(name: &str) -> Reading {
    Reading::new(name, What::Availability(Availability::Unknown)).remarked(Remark::Unwatched)
}

/// Both forms. What is neither is unknown: that the feature speaks another language is no reason to call somebody.
fn availability(message: &Message<'_>) -> (Availability, Option<Remark>) {
    let payload = message.payload();
    let state = payload.json.as_ref().and_then(|json| json.get("state")).and_then(Json::as_str);
    let word = state.unwrap_or(&payload.text);
    match Availability::from_words(word, "online", "offline") {
        Some(known) => (known, None),
        None => (Availability::Unknown, Some(Remark::NoAvailability(shown(word)))),
    }
}

fn state(name: &[&str], message: &Message<'_>) -> Result<Reading, Unread> {
    let payload = message.payload();
    if payload.is_empty() {
        return Ok(Reading::new(name.join("/"), What::Cleared));
    }
    if let Some(Json::Object(state)) = payload.json {
        let time = last_seen(&state);
        let action =
            text(&state, "action").filter(|action| !action.is_empty() && !message.retained);
        let what = action.map_or(What::State, |action| What::Event(action.to_owned()));
        return Ok(Reading::new(name.join("/"), what).with(state).at(time));
    }
    let [device @ .., attribute] = name else {
        return Err(Unread::NotAsAgreed("a JSON object"));
    };
    if device.is_empty() {
        return Err(Unread::NotAsAgreed("a JSON object"));
    }
    let oddity = payload.oddity.clone().map(Remark::Payload);
    let reading = Reading::new(device.join("/"), What::Change).of_part(*attribute);
    Ok(reading.with(fields(payload, attribute)).remarked(oddity))
}

/// `last_seen`, which is there only where somebody has turned it on, in one of three forms.
fn last_seen(state: &Map<String, Json>) -> Option<SourceTime> {
    let seen = state.get("last_seen")?;
    match seen.as_u64() {
        Some(count) => SourceTime::from_milliseconds(count),
        None => seen.as_str().and_then(SourceTime::from_text),
    }
}

/// `bridge/event`: what happened on the network, and to which device.
fn happened(mut fields: Map<String, Json>) -> Result<Reading, Unread> {
    let Some(kind) = text(&fields, "type").map(str::to_owned) else {
        return Err(Unread::NotAsAgreed("an event of Zigbee2MQTT"));
    };
    let about = match fields.remove("data") {
        Some(Json::Object(about)) => about,
        Some(_) | None => Map::new(),
    };
    let device = text(&about, "friendly_name").unwrap_or_default().to_owned();
    Ok(Reading::new(device, What::Bridge(Bridge::Event(kind))).with(about))
}
