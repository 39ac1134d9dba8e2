//! Signals for the tests of the watch.

use std::sync::Arc;

use crate::watch::name::InputName;
use crate::watch::signal::{Fields, Kind, Signal, Value};
use crate::watch::time::Utc;

/// A signal of that kind without fields.
pub(crate) fn signal(kind: Kind) -> Signal {
    let input = match kind {
        Kind::Snmp => "snmp.network",
        Kind::Gsm => "gsm.orange",
        Kind::Mqtt => "mqtt.plant",
        Kind::Contacts => "contacts.cabinet",
        Kind::Vigie => "vigie",
    };
    Signal {
        input: InputName::new(input),
        kind,
        source: Arc::from("10.1.2.3"),
        fields: Fields::default(),
        text: Arc::from("sample"),
        source_time: None,
        received: Utc::from_micros(1_767_225_600_000_000),
        identity: None,
        raw: Arc::from([]),
    }
}

/// With one more field.
pub(crate) fn with(mut signal: Signal, field: &str, value: Value) -> Signal {
    signal.fields.set(field, value);
    signal
}

/// A reading of a plant.
pub(crate) fn reading(value: Value) -> Signal {
    let topic = ["plant", "north", "alarm", "temperature"]
        .map(Value::text)
        .to_vec();
    with(
        with(signal(Kind::Mqtt), "topic", Value::List(topic)),
        "value",
        value,
    )
}

/// A trap about a link.
pub(crate) fn link(trap: &str, interface: i64) -> Signal {
    let mut vars = Fields::default();
    vars.set("1.3.6.1.2.1.2.2.1.7.3", Value::Int(interface));
    let signal = with(signal(Kind::Snmp), "trap", Value::text(trap));
    let signal = with(signal, "trap_oid", Value::text("1.3.6.1.6.3.1.1.5.3"));
    with(
        with(signal, "ifIndex", Value::Int(interface)),
        "vars",
        Value::Map(vars),
    )
}
