//! For a signal that no definition selects: a definition that does, ready to be pasted.
//!
//! It is a beginning: it says which signal it was, which alarm it would be, and how its return is
//! known where that can be known: by what we know of a trap, or by what its MIB file says. Priority,
//! words and ladder are the operator's. Whatever the sender put into the signal, what comes out is
//! TOML, and compiles.

mod pairing;
mod pairs;
mod proposal;
mod quoting;
#[cfg(test)]
mod tests;
mod traps;

pub use traps::{Trap, TrapObject, definitions};

use super::field::Field;
use super::own_alarms::SelfAlarm;
use super::signal::{Kind, Signal, Value};
use pairs::pair;
use proposal::Proposal;
use quoting::{cel, toml};

/// A definition that selects this signal and those like it.
pub fn suggest(signal: &Signal) -> String {
    match signal.kind {
        Kind::Snmp => of_trap(signal),
        Kind::Gsm => of_message(signal),
        Kind::Mqtt => of_topic(signal),
        Kind::Contacts => of_contact(signal),
        Kind::Vigie => of_own(signal),
    }
}

/// The same for a trap that a MIB file names: as `vigie mib traps` has it, with what clears it and with the row of its table. `name` is what it
/// is called now, `module` has all the traps of its module. What is known of a trap without a file goes before that; and where
/// the file does not say what a trap carries that carries something, nobody knows by what one is told from another.
pub fn suggest_knowing(signal: &Signal, name: &str, module: &[Trap]) -> String {
    let carries = match signal.field("vars") {
        Some(Field::Value(Value::Map(vars))) => vars.iter().next().is_some(),
        Some(_) | None => false,
    };
    let is = |trap: &&Trap| name.split_once("::") == Some((&trap.module, &trap.name));
    let says_so = module.iter().find(is).is_some_and(|trap| !carries || !trap.objects.is_empty());
    let filed = || traps::definition_of(name, module, signal.input.as_str());
    let ours = pairs::is_known(name);
    (!ours && says_so).then(filed).flatten().unwrap_or_else(|| suggest(signal))
}

fn of_trap(signal: &Signal) -> String {
    let trap = text_of(signal, "trap").or_else(|| text_of(signal, "trap_oid")).unwrap_or_default();
    let pair = pair(trap);
    let known = pair.and_then(|pair| pair.raises.name.split("::").nth(1));
    let mut table = begun(known.or_else(|| trap.rsplit("::").next()).unwrap_or(trap), signal);
    match pair {
        Some(pair) => table.traps(&[pair.raises.as_in(trap), pair.clears.as_in(trap)]),
        None if trap.is_empty() => {
            table.line("match", format!("{{ source = {} }}", toml(&pattern(&signal.source))));
        }
        None => table.line("match", format!("{{ trap = {} }}", toml(&pattern(trap)))),
    }
    let has = |field: &&str| signal.field(field).is_some_and(|field| !field.to_string().is_empty());
    let fields = pair.and_then(|pair| pair.key).into_iter().chain(["ifIndex", "index"]);
    let instance = fields.filter(|_| pair.is_none_or(|pair| pair.is_of_many)).find(has);
    let key = instance.map_or("{source}".to_owned(), |field| format!("{{source}}/{{{field}}}"));
    table.line("key", toml(&key));
    match pair {
        Some(pair) => {
            table.line("active", toml(&format!("trap == {}", cel(pair.raises.as_in(trap)))));
            table.line("normal", toml(&pair.normal(pair.clears.as_in(trap))));
        }
        None => table.line("momentary", "true        # or say in `active` and `normal` which trap raises it, and which clears it"),
    }
    table.finished(match pair {
        Some(pair) => pair.text,
        None if trap.is_empty() => "{text}",
        None => pairs::text_of(trap),
    })
}

fn of_message(signal: &Signal) -> String {
    let sender = text_of(signal, "sender").unwrap_or(&signal.source);
    let mut table = begun(&format!("sms-{sender}"), signal);
    let word = signal.text.split_whitespace().next().unwrap_or_default();
    let plain = word.chars().take(20).all(char::is_alphanumeric) && !word.is_empty();
    let beginning: String = word.chars().take(20).collect();
    let text =
        if plain { format!(", text = {}", toml(&format!("{beginning}*"))) } else { String::new() };
    table.line("match", format!("{{ sender = {}{text} }}", toml(&pattern(sender))));
    table.line("momentary", "true");
    table.finished("{sender}: {text}")
}

fn of_topic(signal: &Signal) -> String {
    let levels: Vec<String> = match signal.field("topic") {
        Some(Field::Value(Value::List(levels))) => levels.iter().map(level).collect(),
        Some(_) | None => signal.source.split('/').map(|text| level(&Value::text(text))).collect(),
    };
    let name: Vec<&str> = levels.iter().rev().take(2).rev().map(String::as_str).collect();
    let mut table = begun(&name.join("-"), signal);
    table.line("match", format!("{{ topic = {} }}", toml(&filter(&levels))));
    let payload =
        text_of(signal, "payload").filter(|payload| payload.len() <= 64 && !payload.is_empty());
    match (signal.field("value"), payload) {
        (Some(Field::Value(number @ (Value::Int(_) | Value::UInt(_) | Value::Float(_)))), _) => {
            table.line(
                "active",
                format!(
                    "{}   # your threshold; with `normal` another for the return",
                    toml(&format!("value > {number}"))
                ),
            );
        }
        (_, Some(payload)) if signal.field("json").is_none() => {
            table.line("active", toml(&format!("payload == {}", cel(payload))));
        }
        _ => table.line(
            "momentary",
            "true        # or say in `active` when it is: 'json.state == \"alarm\"'",
        ),
    }
    table.finished(if signal.field("payload").is_some() {
        "{source}: {payload}"
    } else {
        "{source}: {text}"
    })
}

fn of_contact(signal: &Signal) -> String {
    let line = text_of(signal, "line").unwrap_or(&signal.source);
    let mut table = begun(line, signal);
    table.line("match", format!("{{ line = {} }}", toml(&pattern(line))));
    table.line("active", "\"alarm\"");
    table.finished("{line}")
}

fn of_own(signal: &Signal) -> String {
    let alarm = text_of(signal, "alarm").unwrap_or_default();
    let known = SelfAlarm::ALL.into_iter().find(|known| known.name() == alarm);
    let mut table = begun(alarm, signal);
    table.line("match", format!("{{ alarm = {} }}", toml(&pattern(alarm))));
    table.line("key", "\"{subject}\"");
    if known.is_none_or(SelfAlarm::is_momentary) {
        table.line("momentary", "true");
    } else {
        table.line("active", "\"active\"");
    }
    table.finished("{subject}: {reason}")
}

fn begun(name: &str, signal: &Signal) -> Proposal {
    Proposal::new(name, signal.kind.name(), signal.input.as_str())
}

fn text_of<'s>(signal: &'s Signal, field: &str) -> Option<&'s str> {
    match signal.field(field) {
        Some(Field::Text(text)) => Some(text),
        Some(Field::Value(Value::Text(text))) => Some(text),
        Some(Field::Value(_) | Field::Time(_)) | None => None,
    }
}

/// A pattern that a value satisfies: itself, or its beginning when it is too long to read.
fn pattern(value: &str) -> String {
    match value.char_indices().nth(100).and_then(|(end, _)| value.get(..end)) {
        Some(beginning) => format!("{beginning}*"),
        None => value.to_owned(),
    }
}

/// A level of a filter that the level of a topic passes.
fn level(value: &Value) -> String {
    match value {
        Value::Text(text) if text.len() <= 64 && !text.contains(['+', '#', '*', '/']) => {
            text.to_string()
        }
        Value::Text(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::UInt(_)
        | Value::Float(_)
        | Value::List(_)
        | Value::Map(_) => "+".to_owned(),
    }
}

/// The levels of a topic as a filter; one of many levels is left open.
fn filter(levels: &[String]) -> String {
    const SHOWN: usize = 12;
    let shown = levels.get(..SHOWN).map_or(levels, |shown| shown).join("/");
    if levels.len() > SHOWN { format!("{shown}/#") } else { shown }
}
