//! Tasmota: `tele/DEVICE/LWT`, `tele/DEVICE/SENSOR`, `stat/DEVICE/RESULT` and their like.
//!
//! The full topic is `%prefix%/%topic%/` unless somebody changed it; `%topic%/%prefix%/` is as common, and both are read, with
//! devices of several levels. `LWT` is retained, `STATE` and `SENSOR` are not unless somebody said so. The times in a payload
//! are those of a wall clock whose zone it does not tell, unless it has an `Epoch`.

use serde_json::{Map, Value as Json};

use super::{Message, fields};
use crate::reading::{Availability, Heard, Reading, Remark, Unread, What};
use crate::time::SourceTime;

/// What the message tells; `None` where its topic is none of this convention; or why it cannot be read.
pub(super) fn read(message: &Message<'_>) -> Result<Option<Heard>, Unread> {
    let Some((device, prefix, part)) = parts(message.levels) else {
        return Ok(None);
    };
    if prefix == "cmnd" {
        return Err(Unread::Command);
    }
    let payload = message.payload();
    if part == "LWT" {
        return Ok(Some(availability(device, &payload.text).into()));
    }
    if payload.is_empty() {
        return Ok(Some(Reading::new(device, What::Cleared).of_part(part).into()));
    }
    let oddity = payload.oddity.clone().map(Remark::Payload);
    let fields = fields(payload, part);
    let time = source_time(&fields);
    let reading = Reading::new(device, what(part)).of_part(part).with(fields);
    Ok(Some(reading.at(time).remarked(oddity).into()))
}

/// Device, prefix and last level: `tele/DEVICE/STATE` or `DEVICE/tele/STATE`.
fn parts<'m>(levels: &[&'m str]) -> Option<(String, &'m str, &'m str)> {
    let is_prefix = |level: &str| matches!(level, "tele" | "stat" | "cmnd");
    match levels {
        [prefix, device @ .., part] if is_prefix(prefix) && !device.is_empty() => {
            Some((device.join("/"), *prefix, *part))
        }
        [device @ .., prefix, part] if is_prefix(prefix) && !device.is_empty() => {
            Some((device.join("/"), *prefix, *part))
        }
        _ => None,
    }
}

fn availability(device: String, text: &str) -> Reading {
    let known = Availability::from_words(text, "Online", "Offline");
    let remark = known.is_none().then(|| Remark::NoAvailability(crate::words::shown(text)));
    Reading::new(device, What::Availability(known.unwrap_or_default()))
        .of_part("LWT")
        .remarked(remark)
}

/// `RESULT` answers a command or tells of a button; `INFO1` to `INFO3` come when the device has started.
fn what(part: &str) -> What {
    match part {
        "RESULT" | "INFO1" | "INFO2" | "INFO3" | "EVENT" => What::Event(part.to_owned()),
        _ => What::State,
    }
}

fn source_time(fields: &Map<String, Json>) -> Option<SourceTime> {
    // `Time 4` counts milliseconds, `Time 2` and `Time 3` seconds.
    let epoch = fields.get("Epoch").and_then(Json::as_f64);
    let epoch = epoch.map(|count| if count < 1e11 { count } else { count / 1e3 });
    epoch
        .and_then(SourceTime::from_seconds)
        .or_else(|| fields.get("Time").and_then(Json::as_str).and_then(SourceTime::from_text))
}
