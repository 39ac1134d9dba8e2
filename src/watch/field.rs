//! The fields of a signal by name, and how their values are written for people.
//!
//! `input`, `kind`, `source`, `received` and `text` belong to the signal itself; all others are
//! those that its adapter put in. It copies nothing: what nobody looks at costs nothing.

use std::fmt::{self, Display, Formatter, Write};

use super::signal::{Fields, Kind, Signal, Value};
use super::time::Utc;

/// One field of a signal, not copied.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Field<'s> {
    /// A field of every signal that is text: `input`, `kind`, `source`, `text`.
    Text(&'s str),
    /// `received`: in expressions and templates the text of RFC 3339, in UTC.
    Time(Utc),
    /// A field of this kind of signal.
    Value(&'s Value),
}

impl Signal {
    /// Whether whoever sent it has proved who they are: an SNMPv3 user with a passphrase has, by the level that the receiver has
    /// found. Of a broker it is taken that it lets in whom it knows, of a contact that it has a lock. A community, an address and the number of a
    /// short message can be anybody's.
    pub fn is_authenticated(&self) -> bool {
        match self.kind {
            Kind::Mqtt | Kind::Contacts | Kind::Vigie => true,
            Kind::Gsm => false,
            // The receiver's own fields come before all that a device has named: of v3 it always says the level.
            Kind::Snmp => {
                let is = |field: &str, any_of: &[&str]| match self.fields.get(field) {
                    Some(Value::Text(text)) => any_of.contains(&&**text),
                    Some(_) | None => false,
                };
                is("version", &["3"]) && is("level", &["authNoPriv", "authPriv"])
            }
        }
    }

    /// The field of that name. A field of every signal hides one that the adapter put in.
    pub fn field(&self, name: &str) -> Option<Field<'_>> {
        match name {
            "input" => Some(Field::Text(self.input.as_str())),
            "kind" => Some(Field::Text(self.kind.name())),
            "source" => Some(Field::Text(&self.source)),
            "text" => Some(Field::Text(&self.text)),
            "received" => Some(Field::Time(self.received)),
            _ => self.fields.get(name).map(Field::Value),
        }
    }
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Snmp, Self::Gsm, Self::Mqtt, Self::Contacts, Self::Vigie];

    /// Its name in `from` and in the field `kind`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Snmp => "snmp",
            Self::Gsm => "gsm",
            Self::Mqtt => "mqtt",
            Self::Contacts => "contacts",
            Self::Vigie => "vigie",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The fields that a signal of this kind can have, but for those of every signal. For `snmp`
    /// they are not all: see [`Kind::can_have`].
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Snmp => &[
                "trap",
                "trap_oid",
                "version",
                "community",
                "user",
                "level",
                "engine_id",
                "uptime",
                "vars",
                "index",
                "agent_addr",
                "proxy",
                "labels",
            ],
            Self::Gsm => &["sender", "modem", "sent_at", "incomplete"],
            Self::Mqtt => &[
                "topic",
                "payload",
                "value",
                "json",
                "retained",
                "refused",
                "device",
                "device_name",
                "part",
                "reading",
                "online",
                "event",
                "facts",
                "stale",
                "remarks",
            ],
            Self::Contacts => &["line", "closed", "alarm", "fault", "chattering", "edges_lost"],
            Self::Vigie => &["alarm", "subject", "reason", "active"],
        }
    }

    /// Whether a signal of this kind can have that field. A trap can have any: its varbinds are
    /// fields by their names, and only a MIB knows which there are.
    pub fn can_have(self, field: &str) -> bool {
        self == Self::Snmp || FIELDS_OF_ALL.contains(&field) || self.fields().contains(&field)
    }
}

/// What the values of a field are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sort {
    /// True or false.
    Truth,
    /// A number, whole or not.
    Number,
    /// Text.
    Text,
    /// A list.
    List,
    /// Values by name.
    Map,
}

impl Sort {
    /// What a value is; `None`: nothing.
    pub const fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Null => None,
            Value::Bool(_) => Some(Self::Truth),
            Value::Int(_) | Value::UInt(_) | Value::Float(_) => Some(Self::Number),
            Value::Text(_) => Some(Self::Text),
            Value::List(_) => Some(Self::List),
            Value::Map(_) => Some(Self::Map),
        }
    }
}

impl Value {
    /// The text, where it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::UInt(_)
            | Self::Float(_)
            | Self::List(_)
            | Self::Map(_) => None,
        }
    }
}

impl Kind {
    /// What the values of that field are in a signal of this kind, where that is always the same.
    pub fn sort_of(self, field: &str) -> Option<Sort> {
        if FIELDS_OF_ALL.contains(&field) {
            return Some(Sort::Text);
        }
        match (self, field) {
            (
                Self::Snmp,
                "trap" | "trap_oid" | "version" | "community" | "user" | "level" | "engine_id"
                | "index" | "agent_addr" | "proxy",
            )
            | (Self::Gsm, "sender" | "modem" | "sent_at")
            | (
                Self::Mqtt,
                "payload" | "refused" | "device" | "device_name" | "part" | "reading" | "event",
            )
            | (Self::Contacts, "line")
            | (Self::Vigie, "alarm" | "subject" | "reason") => Some(Sort::Text),
            (Self::Snmp, "uptime") | (Self::Mqtt, "value") => Some(Sort::Number),
            (Self::Gsm, "incomplete")
            | (Self::Mqtt, "retained" | "online")
            | (Self::Contacts, "closed" | "alarm" | "fault" | "chattering" | "edges_lost")
            | (Self::Vigie, "active") => Some(Sort::Truth),
            (Self::Mqtt, "topic" | "stale" | "remarks") => Some(Sort::List),
            (Self::Snmp, "vars" | "labels") | (Self::Mqtt, "facts") => Some(Sort::Map),
            (Self::Snmp | Self::Gsm | Self::Mqtt | Self::Contacts | Self::Vigie, _) => None,
        }
    }
}

/// The fields that every signal has.
pub const FIELDS_OF_ALL: &[&str] = &["input", "kind", "source", "received", "text"];

impl Display for Field<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Time(time) => time.fmt(f),
            Self::Value(value) => value.fmt(f),
        }
    }
}

/// As people write it: 8.0 is `8`, a list is `a, b`, and nothing is nothing.
impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Bool(truth) => truth.fmt(f),
            Self::Int(number) => number.fmt(f),
            Self::UInt(number) => number.fmt(f),
            Self::Float(number) => write_float(*number, f),
            Self::Text(text) => f.write_str(text),
            Self::List(values) => values.iter().enumerate().try_for_each(|(place, value)| {
                f.write_str(if place == 0 { "" } else { ", " })?;
                value.fmt(f)
            }),
            Self::Map(fields) => write_map(fields, f),
        }
    }
}

fn write_map(fields: &Fields, f: &mut Formatter<'_>) -> fmt::Result {
    fields.iter().enumerate().try_for_each(|(place, (name, value))| {
        f.write_str(if place == 0 { "" } else { ", " })?;
        f.write_str(name)?;
        f.write_str(": ")?;
        value.fmt(f)
    })
}

/// Twelve significant digits at most: 0.1 + 0.2 is `0.3` to everybody but the machine.
fn write_float(number: f64, f: &mut Formatter<'_>) -> fmt::Result {
    let size = number.abs();
    if number == 0.0 {
        return f.write_char('0');
    }
    if !number.is_finite() || !(1e-4..1e15).contains(&size) {
        return if number.is_finite() { write!(f, "{number:e}") } else { write!(f, "{number}") };
    }
    let mut decimals = 11_usize;
    let mut scaled = size;
    while scaled >= 10.0 && decimals > 0 {
        scaled /= 10.0;
        decimals -= 1;
    }
    while scaled < 1.0 {
        scaled *= 10.0;
        decimals += 1;
    }
    let written = format!("{number:.decimals$}");
    f.write_str(if decimals == 0 {
        &written
    } else {
        written.trim_end_matches('0').trim_end_matches('.')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_write_them() {
        for (number, written) in [
            (8.0, "8"),
            (8.25, "8.25"),
            (-0.5, "-0.5"),
            (0.0, "0"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.3"),
            (1_234_567.0, "1234567"),
            (123_456_789_012_345.0, "123456789012345"),
            (0.001, "0.001"),
            (1e300, "1e300"),
            (1e-9, "1e-9"),
            (9.999_999_999_999_9, "10"),
            // Twelve digits that mean something, wherever the point stands.
            (1_234.567_890_123_45, "1234.56789012"),
            (0.001_234_567_890_123_45, "0.00123456789012"),
            (123_456_789_012.345, "123456789012"),
            (1.234_567_890_123_45, "1.23456789012"),
        ] {
            assert_eq!(Value::Float(number).to_string(), written);
        }
        assert_eq!(
            Value::List(vec![Value::text("a"), Value::Int(2), Value::Bool(true)]).to_string(),
            "a, 2, true"
        );
        assert_eq!(Value::UInt(u64::MAX).to_string(), "18446744073709551615");
        assert_eq!(Value::Null.to_string(), "");
    }

    #[test]
    fn a_field_of_every_signal_hides_one_that_the_adapter_put_in() {
        let mut signal = crate::watch::expression::sample::signal(Kind::Gsm);
        signal.fields.set("text", Value::text("from the adapter"));
        assert_eq!(signal.field("text"), Some(Field::Text("sample")));
        assert_eq!(signal.field("nothing"), None);
    }
}
