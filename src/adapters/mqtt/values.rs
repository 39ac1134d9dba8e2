//! What a reading, JSON and numbers are as values of fields, and how much room fields take up.
//!
//! It decides nothing. What it is handed was read within bounds already, so that nothing here is nested without end.

use serde_json::{Map, Value as Json};
use smol_str::SmolStr;
use vigie_mqtt::{Availability, Bridge, Number, What};

use crate::watch::signal::{Fields, Value};

/// What is told, in one word; whether it can be reached; what happened.
pub(super) fn told(what: &What) -> (&'static str, Option<bool>, Option<String>) {
    match what {
        What::Availability(availability) => ("availability", online(*availability), None),
        What::State => ("state", None, None),
        What::Change => ("change", None, None),
        What::Event(event) => ("event", None, Some(event.clone())),
        What::Birth => ("birth", Some(true), None),
        What::Death => ("death", Some(false), None),
        What::Data => ("data", None, None),
        What::Bridge(Bridge::Availability(availability)) => ("bridge", online(*availability), None),
        What::Bridge(Bridge::Event(event)) => ("bridge", None, Some(event.clone())),
        What::Bridge(Bridge::Log(_) | Bridge::Answer(_) | Bridge::Inventory) => {
            ("bridge", None, None)
        }
        What::Host(availability) => ("host", online(*availability), None),
        What::Cleared => ("cleared", None, None),
    }
}

const fn online(availability: Availability) -> Option<bool> {
    match availability {
        Availability::Online => Some(true),
        Availability::Offline => Some(false),
        Availability::Unknown => None,
    }
}

/// As narrow as it can be.
pub(super) const fn number(number: Number) -> Value {
    match number {
        Number::Int(number) => Value::Int(number),
        Number::UInt(number) => Value::UInt(number),
        Number::Float(number) => Value::Float(number),
    }
}

/// Under the same names.
pub(super) fn map(object: Map<String, Json>) -> Fields {
    object.into_iter().map(|(name, json)| (SmolStr::from(name), value(json))).collect()
}

/// Nested no deeper than the payload's reader admits.
pub(super) fn value(json: Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(truth),
        Json::Number(number) => number
            .as_i64()
            .map(Value::Int)
            .or_else(|| number.as_u64().map(Value::UInt))
            .or_else(|| number.as_f64().map(Value::Float))
            .unwrap_or(Value::Null),
        Json::String(text) => Value::text(text),
        Json::Array(items) => Value::List(items.into_iter().map(value).collect()),
        Json::Object(object) => Value::Map(map(object)),
    }
}

/// About so many bytes a value takes up in the journal.
pub(super) fn weight(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::UInt(_) | Value::Float(_) => 8,
        Value::Text(text) => text.len(),
        Value::List(values) => {
            values.iter().fold(8, |sum: usize, value| sum.saturating_add(weight(value)))
        }
        Value::Map(fields) => weight_of_all(fields),
    }
}

/// About so many bytes these fields take up in the journal.
pub(super) fn weight_of_all(fields: &Fields) -> usize {
    fields.iter().fold(8, |sum: usize, (name, value)| {
        sum.saturating_add(name.len()).saturating_add(weight(value))
    })
}
