//! Signals and definitions for the tests of the watch.

use std::sync::Arc;

use super::Condition;
use crate::watch::definition::{ClearedBy, Definition, Grade, Says, Selector};
use crate::watch::matching::{Match, Pattern, Scalar};
use crate::watch::name::{DefinitionName, InputName};
use crate::watch::signal::{Fields, Kind, Signal, Tells, Value};
use crate::watch::site::Priority;
use crate::watch::template::Template;
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
        tells: Tells::News,
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
    let topic = ["plant", "north", "alarm", "temperature"].map(Value::text).to_vec();
    with(with(signal(Kind::Mqtt), "topic", Value::List(topic)), "value", value)
}

/// A trap about a link.
pub(crate) fn link(trap: &str, interface: i64) -> Signal {
    let mut vars = Fields::default();
    vars.set("1.3.6.1.2.1.2.2.1.7.3", Value::Int(interface));
    let signal = with(signal(Kind::Snmp), "trap", Value::text(trap));
    let signal = with(signal, "trap_oid", Value::text("1.3.6.1.6.3.1.1.5.3"));
    with(with(signal, "ifIndex", Value::Int(interface)), "vars", Value::Map(vars))
}

/// Definitions from the text of a file: what `config` does, without its complaints.
pub(crate) fn definitions(file: &str) -> Vec<Definition> {
    let file: toml::Table = toml::from_str(file).expect(file);
    let alarms = file.get("alarms").and_then(toml::Value::as_table).expect("alarms");
    alarms.iter().map(|(name, alarm)| definition(name, alarm)).collect()
}

fn definition(name: &str, alarm: &toml::Value) -> Definition {
    let text = |key: &str| alarm.get(key).and_then(toml::Value::as_str);
    let template = |key: &str| Template::parse(text(key).unwrap_or_default()).expect(key);
    let condition = |key: &str| text(key).map(|source| Condition::compile(source).expect(source));
    let from = alarm["from"].as_array().expect("from").iter().map(|from| {
        let from = from.as_str().expect("text");
        Kind::named(from).map_or_else(|| Selector::Input(InputName::new(from)), Selector::Kind)
    });
    let matches = alarm.get("match").and_then(toml::Value::as_table).into_iter().flatten();
    Definition {
        name: DefinitionName::new(name),
        from: from.collect(),
        matches: matches.fold(Match::everything(), |all, (field, wanted)| {
            all.and(field, patterns(field, wanted))
        }),
        key: template("key"),
        says: match (condition("active"), condition("normal")) {
            (Some(active), normal) => Says::State { active, normal },
            (None, Some(normal)) => Says::Unless(normal),
            (None, None) => Says::Momentary(None),
        },
        flapping: None,
        heartbeat: None,
        on_delay: std::time::Duration::ZERO,
        off_delay: std::time::Duration::ZERO,
        latch: false,
        priority: vec![Grade { when: None, is: Priority::Medium }],
        text: template("text"),
        procedure: None,
        escalation: None,
        swap: None,
        cleared_by: ClearedBy::Anyone,
        suppressed_by: Vec::new(),
    }
}

fn patterns(field: &str, wanted: &toml::Value) -> Vec<Pattern> {
    let scalar = |value: &toml::Value| match value {
        toml::Value::Integer(number) => Scalar::Int(*number),
        toml::Value::Float(number) => Scalar::Float(*number),
        toml::Value::Boolean(truth) => Scalar::Bool(*truth),
        other => Scalar::Text(other.as_str().expect("text").to_owned()),
    };
    let all = wanted
        .as_array()
        .map_or_else(|| vec![scalar(wanted)], |all| all.iter().map(scalar).collect());
    all.into_iter().map(|scalar| Pattern::new(field, scalar).expect(field)).collect()
}
