//! ChirpStack 4: `application/ID/device/EUI/event/EVENT`, in JSON.
//!
//! The device is the DevEUI of the topic, in small letters; `deviceInfo.deviceName` is the name. An `up` is [`What::Data`], a
//! `status` a state, all others are events by their names. The JSON is that of Protocol Buffers: what is 0, false or empty may
//! be missing, so that an `up` without `fCnt` has the frame counter 0, and a `log` without `level` is of level INFO.
//!
//! The identity is the event's name and `deduplicationId` together: one radio frame bears one identifier and may give an `up`
//! and a `status`. A `txack` and a `log` have none, and are never taken for repetitions.

use serde_json::{Map, Value as Json};

use super::frame_counters::{Count, FrameCounters};
use super::{Message, text};
use crate::reading::{Heard, Reading, Remark, Unread, What};
use crate::time::SourceTime;

/// What the message tells; `None` where its topic is none of this convention; or why it cannot be read.
pub(super) fn read(
    message: &Message<'_>,
    counters: &mut FrameCounters,
) -> Result<Option<Heard>, Unread> {
    let (application, eui, event) = match message.levels {
        [application, "device", eui, "event", event] => (application, eui, *event),
        [_, "device", _, "command", _] => return Err(Unread::Command),
        _ => return Ok(None),
    };
    let device = eui.to_ascii_lowercase();
    if message.octets.is_empty() {
        return Ok(Some(Reading::new(device, What::Cleared).of_part(event).into()));
    }
    let fields = message.object()?;
    let time = text(&fields, "time").and_then(SourceTime::from_text);
    let name = fields.get("deviceInfo").and_then(|about| about.get("deviceName"));
    let name = name.and_then(Json::as_str).map(str::to_owned);
    let identity = text(&fields, "deduplicationId").map(|id| format!("{event}/{id}"));
    // The same device may be moved to another application, and is then counted there.
    let remark = count(&format!("{application}/{device}"), event, &fields, message, counters);
    let mut reading = Reading::new(device, what(event)).of_part(event).with(fields).at(time);
    (reading.name, reading.identity) = (name, identity);
    Ok(Some(reading.remarked(remark).into()))
}

fn what(event: &str) -> What {
    match event {
        "up" => What::Data,
        "status" => What::State,
        _ => What::Event(event.to_owned()),
    }
}

fn count(
    device: &str,
    event: &str,
    fields: &Map<String, Json>,
    message: &Message<'_>,
    counters: &mut FrameCounters,
) -> Option<Remark> {
    // A retained uplink is one that was counted long ago.
    if message.retained {
        return None;
    }
    match event {
        "join" => {
            counters.joined(device);
            None
        }
        "up" => {
            let counter = match fields.get("fCnt") {
                None => 0,
                Some(count) => count.as_u64().and_then(|count| u32::try_from(count).ok())?,
            };
            match counters.uplink(device, counter) {
                Count::InOrder => None,
                Count::Lost(lost) => Some(Remark::LostUplinks(lost)),
                Count::Again => Some(Remark::UplinkAgain(counter)),
                Count::Anew => Some(Remark::CountedAnew(counter)),
                Count::NotFollowed => {
                    let limit = counters.limit();
                    Some(Remark::NotFollowed { what: "LoRaWAN devices", limit })
                }
            }
        }
        _ => None,
    }
}
