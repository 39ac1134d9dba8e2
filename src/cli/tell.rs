//! `vigie alarms`, `status`, `unclaimed`: what the daemon tells of itself, for people or as JSON.
//!
//! The JSON is the daemon's own, to the letter; what people read is made of it here.

use std::path::Path;

use serde_json::Value;

use super::client::ask;
use super::sysexit::Sysexit;
use super::terminal::{Style, Terminal, plain};
use crate::control::protocol::{Answer, Request};

/// `vigie alarms`
pub(super) fn alarms(path: &Path, all: bool, json: bool, terminal: &mut Terminal) -> Sysexit {
    told(path, &Request::Alarms { all }, json, terminal, |told, terminal| {
        let alarms = told.as_array().map(Vec::as_slice).unwrap_or_default();
        if alarms.is_empty() {
            let nothing = terminal.styled(Style::Good, "Nothing stands.");
            terminal.line(nothing);
        }
        for alarm in alarms {
            one_alarm(alarm, terminal);
        }
    })
}

fn one_alarm(alarm: &Value, terminal: &mut Terminal) {
    let state = text(alarm, "state");
    let style = match state.as_str() {
        "unacknowledged" | "returned_unacknowledged" | "latched_unacknowledged" => Style::Wrong,
        "acknowledged" | "latched_acknowledged" => Style::Warning,
        _ => Style::Faint,
    };
    let key = text(alarm, "key");
    let tag = if key.is_empty() { text(alarm, "definition") } else { format!("{}[{key}]", text(alarm, "definition")) };
    let number = format!("#{}", text(alarm, "occurrence"));
    let words = terminal.styled(style, state.replace('_', ", "));
    let priority = text(alarm, "priority");
    terminal.line(format_args!("{number:<7} {priority:<8} {words}  {}", plain(&text(alarm, "text"))));
    let mut rest = format!("        {} since {}", plain(&tag), text(alarm, "active_since"));
    for (key, phrase) in [("acknowledged_by", "taken by"), ("confirmed_by", "confirmed by")] {
        if let Some(person) = alarm.get(key).and_then(Value::as_str) {
            rest.push_str(&format!(", {phrase} {person}"));
        }
    }
    match alarm.get("repeats").and_then(Value::as_u64) {
        Some(0) | None => {}
        Some(1) => rest.push_str(", repeated once"),
        Some(times) => rest.push_str(&format!(", repeated {times} times")),
    }
    let rest = terminal.styled(Style::Faint, rest);
    terminal.line(rest);
}

/// `vigie unclaimed`
pub(super) fn unclaimed(path: &Path, json: bool, terminal: &mut Terminal) -> Sysexit {
    told(path, &Request::Unclaimed, json, terminal, |told, terminal| {
        let groups = told.as_array().map(Vec::as_slice).unwrap_or_default();
        if groups.is_empty() {
            let nothing = terminal.styled(Style::Good, "# Every signal so far was claimed by a definition.");
            terminal.line(nothing);
        }
        for group in groups {
            let summary = format!(
                "# {} times, last {}: {}",
                text(group, "count"),
                text(group, "last"),
                plain(&group.get("signal").map(|signal| text(signal, "text")).unwrap_or_default())
            );
            let summary = terminal.styled(Style::Strong, summary);
            terminal.line(summary);
            match group.get("reason").and_then(Value::as_str) {
                Some(reason) => terminal.line(format_args!("# selected, and not understood: {}\n", plain(reason))),
                None => terminal.line(text(group, "definition")),
            }
        }
    })
}

/// `vigie status`
pub(super) fn status(path: &Path, json: bool, terminal: &mut Terminal) -> Sysexit {
    told(path, &Request::Status, json, terminal, |told, terminal| {
        let of = |section: &str, key: &str| told.get(section).map(|section| text(section, key)).unwrap_or_default();
        let title = format!("Vigie {} watches {}", text(told, "version"), plain(&text(told, "site")));
        let title = terminal.styled(Style::Strong, title);
        terminal.line(format_args!("{title}, since {}", text(told, "started")));
        terminal.line(format_args!(
            "alarms     {} standing, {} unacknowledged; {} signals unclaimed so far",
            of("alarms", "standing"),
            of("alarms", "unacknowledged"),
            text(told, "unclaimed")
        ));
        terminal.line(format_args!(
            "messages   {} waiting for a modem, {} owed in all, {} whose report is awaited",
            of("notifications", "waiting"),
            of("notifications", "owed"),
            of("notifications", "unreported")
        ));
        let refuses = told.pointer("/store/refuses_writes") == Some(&Value::Bool(true));
        let store = if refuses {
            terminal.styled(Style::Wrong, "REFUSES WRITES; people are called from memory")
        } else {
            format!("{} bytes", of("store", "bytes"))
        };
        terminal.line(format_args!("store      {}, {store}", of("store", "path")));
        for input in told.get("inputs").and_then(Value::as_array).into_iter().flatten() {
            one_input(input, terminal);
        }
    })
}

fn one_input(input: &Value, terminal: &mut Terminal) {
    let is = input.pointer("/state/is").and_then(Value::as_str).unwrap_or("?");
    let reason = input.pointer("/state/reason").and_then(Value::as_str).unwrap_or_default();
    let style = match is {
        "up" => Style::Good,
        "starting" => Style::Warning,
        _ => Style::Wrong,
    };
    let state = terminal.styled(style, is);
    let heard = input.get("last_heard").and_then(Value::as_str).unwrap_or("never");
    let at: Vec<&str> = input.get("at").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let name = text(input, "name");
    terminal.line(format_args!("{name:<10} {state} {} {}, last heard {heard}", plain(&at.join(" ")), plain(reason)));
    if let Some(modem) = input.get("modem").and_then(Value::as_object) {
        let known: Vec<String> =
            modem.iter().filter(|(_, value)| !value.is_null()).map(|(key, _)| text(&input["modem"], key)).collect();
        terminal.line(format_args!("           {}", plain(&known.join(", "))));
    }
    let counters = input.get("counters").and_then(Value::as_object);
    let counted: Vec<String> =
        counters.into_iter().flatten().map(|(name, count)| format!("{} {count}", name.replace('_', " "))).collect();
    if !counted.is_empty() {
        let counted = terminal.styled(Style::Faint, counted.join(", "));
        terminal.line(format_args!("           {counted}"));
    }
}

fn told(
    path: &Path,
    request: &Request,
    json: bool,
    terminal: &mut Terminal,
    show: impl FnOnce(&Value, &mut Terminal),
) -> Sysexit {
    match ask(path, request, terminal) {
        Ok(Answer::Told(told)) if json => {
            terminal.line(told.get());
            Sysexit::Ok
        }
        Ok(Answer::Told(told)) => match serde_json::from_str(told.get()) {
            Ok(told) => {
                show(&told, terminal);
                Sysexit::Ok
            }
            Err(_) => Sysexit::Software,
        },
        Ok(Answer::Done(_) | Answer::Refused(_)) => Sysexit::Software,
        Err(exit) => exit,
    }
}

/// A value as people read it.
fn text(value: &Value, key: &str) -> String {
    match value.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}
