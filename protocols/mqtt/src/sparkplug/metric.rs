//! Metrics: what a Sparkplug node or device measures, with name, value and time.
//!
//! The wire has only unsigned whole numbers and leaves it to the type whether 4294967295 is -1; the type stands in the birth.
//! Without one a whole number is taken as unsigned. A value that does not fit its type is given as the wire has it.

use jiff::Timestamp;
use serde_json::Value as Json;

use super::payload::{RawMetric, RawValue};
use crate::time;

/// One metric of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Its name; the member of a template stands behind the template's name and a slash.
    pub name: String,
    /// Its value; [`MetricValue::Null`] where there is none.
    pub value: MetricValue,
    /// Whether the value is not to be relied upon: the device is gone, it says so itself (quality stale or bad), or an alias was
    /// read after messages were lost, so that it may mean another metric by now.
    pub stale: bool,
    /// Whether it is a value of the past, sent late: it says nothing about now.
    pub historical: bool,
    /// When it was measured.
    pub timestamp: Option<Timestamp>,
}

/// The value of a metric.
#[derive(Debug, Clone, PartialEq)]
pub enum MetricValue {
    /// None.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number of a signed type.
    Int(i64),
    /// A whole number of an unsigned type, or of an unknown one.
    UInt(u64),
    /// A number with a fraction; it may be infinite or no number.
    Float(f64),
    /// Text.
    Text(String),
    /// An instant.
    Time(Timestamp),
    /// Octets, files and arrays, as hexadecimal digits.
    Octets(String),
    /// A kind of value that is not read; which one.
    Unread(&'static str),
}

/// What a type makes of a value (Sparkplug 3.0 §6.4.16).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// Signed, of 8 bits, as are the next three of theirs.
    Int8,
    Int16,
    Int32,
    Int64,
    Boolean,
    DateTime,
    /// Those whose value says all, and those that we do not know.
    Plain,
}

impl Type {
    pub(super) fn from_number(number: u64) -> Self {
        match number {
            1 => Self::Int8,
            2 => Self::Int16,
            3 => Self::Int32,
            4 => Self::Int64,
            11 => Self::Boolean,
            13 => Self::DateTime,
            _ => Self::Plain,
        }
    }
}

impl MetricValue {
    pub(super) fn read(metric: &RawMetric, datatype: Option<Type>) -> Self {
        if metric.null {
            return Self::Null;
        }
        match &metric.value {
            RawValue::Absent => Self::Null,
            RawValue::Int(number) => whole(*number, datatype.unwrap_or(Type::Plain)),
            RawValue::Float(number) => Self::Float(shortest(*number)),
            RawValue::Double(number) => Self::Float(*number),
            RawValue::Boolean(truth) => Self::Bool(*truth),
            RawValue::Text(text) => Self::Text(text.clone()),
            RawValue::Octets(digits) => Self::Octets(digits.clone()),
            RawValue::DataSet => Self::Unread("data set"),
            RawValue::Template(_) => Self::Unread("template"),
        }
    }

    /// As JSON: numbers stay exact, a number that is none becomes null, an instant a text after RFC 3339.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null | Self::Unread(_) => Json::Null,
            Self::Bool(truth) => Json::from(*truth),
            Self::Int(number) => Json::from(*number),
            Self::UInt(number) => Json::from(*number),
            Self::Float(number) => Json::from(*number),
            Self::Text(text) | Self::Octets(text) => Json::from(text.as_str()),
            Self::Time(instant) => Json::from(instant.to_string()),
        }
    }
}

/// The lowest octets decide: some senders extend the sign to 64 bits, and some do not.
fn whole(number: u64, datatype: Type) -> MetricValue {
    let [a, b, c, d, ..] = number.to_le_bytes();
    match datatype {
        Type::Int8 => MetricValue::Int(i8::from_le_bytes([a]).into()),
        Type::Int16 => MetricValue::Int(i16::from_le_bytes([a, b]).into()),
        Type::Int32 => MetricValue::Int(i32::from_le_bytes([a, b, c, d]).into()),
        Type::Int64 => MetricValue::Int(i64::from_le_bytes(number.to_le_bytes())),
        Type::Boolean => MetricValue::Bool(number != 0),
        Type::DateTime => {
            time::instant(number).map_or(MetricValue::UInt(number), MetricValue::Time)
        }
        Type::Plain => MetricValue::UInt(number),
    }
}

/// 12.1 in 32 bits is 12.1 for the people who wrote it, and not 12.100000381469727.
fn shortest(number: f32) -> f64 {
    number.to_string().parse().unwrap_or_else(|_| number.into())
}
