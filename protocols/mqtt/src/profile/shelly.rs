//! Shelly, from the second generation on: `PREFIX/online`, `PREFIX/events/rpc`, `PREFIX/status/COMPONENT`.
//!
//! `PREFIX` is one level behind the base, and by default the device's identifier. `NotifyStatus` tells what changed, to be laid
//! over what is known: a key that is `null` is there no more. `NotifyEvent` tells of buttons and the like, one reading for each.
//! `PREFIX/status/COMPONENT` is the whole component, and off by default. `PREFIX/online` is retained, and the device's will.

use serde_json::{Map, Value as Json};

use super::{Message, fields, text};
use crate::reading::{Availability, Heard, Reading, Remark, Unread, What};
use crate::time::SourceTime;

/// The most events of one message that are told.
const MOST_EVENTS: usize = 64;

/// What the message tells; `None` where its topic is none of this convention; or why it cannot be read.
pub(super) fn read(message: &Message<'_>) -> Result<Option<Heard>, Unread> {
    match message.levels {
        [device, "online"] => Ok(Some(availability(device, message).into())),
        [device, "events", "rpc"] => notification(device, message).map(Some),
        [device, "status", component] => {
            let payload = message.payload();
            if payload.is_empty() {
                let cleared = Reading::new(*device, What::Cleared).of_part(*component);
                return Ok(Some(cleared.into()));
            }
            let oddity = payload.oddity.clone().map(Remark::Payload);
            let reading = Reading::new(*device, What::State).of_part(*component);
            Ok(Some(reading.with(fields(payload, component)).remarked(oddity).into()))
        }
        [_, "rpc" | "command"] | [_, "command", _] => Err(Unread::Command),
        _ => Ok(None),
    }
}

fn availability(device: &str, message: &Message<'_>) -> Reading {
    let payload = message.payload();
    let known = Availability::from_words(&payload.text, "true", "false");
    let remark =
        known.is_none().then(|| Remark::NoAvailability(crate::words::shown(&payload.text)));
    Reading::new(device, What::Availability(known.unwrap_or_default())).remarked(remark)
}

fn notification(device: &str, message: &Message<'_>) -> Result<Heard, Unread> {
    const FORM: Unread = Unread::NotAsAgreed("a notification of a Shelly device");
    let mut frame = message.object()?;
    let Some(Json::Object(mut params)) = frame.remove("params") else {
        return Err(FORM);
    };
    let time = source_time(&params);
    let change = match text(&frame, "method") {
        Some("NotifyStatus") => What::Change,
        Some("NotifyFullStatus") => What::State,
        Some("NotifyEvent") => {
            let Some(Json::Array(events)) = params.remove("events") else {
                return Err(FORM);
            };
            return happened(device, events, time);
        }
        Some(_) | None => return Err(FORM),
    };
    params.remove("ts");
    Ok(Reading::new(device, change).with(params).at(time).into())
}

fn happened(device: &str, events: Vec<Json>, time: Option<SourceTime>) -> Result<Heard, Unread> {
    let told = events.len();
    let read = |event: Json| {
        let Json::Object(mut fields) = event else {
            return None;
        };
        let name = text(&fields, "event")?.to_owned();
        let at = source_time(&fields).or(time);
        fields.remove("ts");
        let mut reading = Reading::new(device, What::Event(name)).at(at);
        reading.part = text(&fields, "component").map(str::to_owned);
        Some(reading.with(fields))
    };
    let mut readings: Vec<Reading> =
        events.into_iter().take(MOST_EVENTS).filter_map(read).collect();
    let Some(first) = readings.first_mut() else {
        return Err(Unread::NotAsAgreed("a list of named events"));
    };
    if told > MOST_EVENTS {
        first.remarks.push(Remark::ManyEvents(told));
    }
    Ok(Heard { readings, ask: None })
}

/// `ts`, which is `null` until the device has learnt the time.
fn source_time(fields: &Map<String, Json>) -> Option<SourceTime> {
    fields.get("ts").and_then(Json::as_f64).and_then(SourceTime::from_seconds)
}
