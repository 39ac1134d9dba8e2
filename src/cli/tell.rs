//! `vigie alarms`, `status`, `unclaimed`, `metrics`: what the daemon tells of itself, for people or as JSON.
//!
//! The JSON is the daemon's own, to the letter; what people read is made of it here.

mod drills;
mod quiet;
mod status;

use std::path::Path;

use serde_json::Value;

use super::client::{Places, ask};
use super::site_time::SiteTime;
use super::sysexit::Sysexit;
use super::terminal::{Style, Terminal, plain};
use crate::control::protocol::{Answer, Request};

pub(super) use self::drills::drills;
pub(super) use self::quiet::quiet;
pub(super) use self::status::status;

/// `vigie alarms`
pub(super) fn alarms(path: &Path, all: bool, json: bool, terminal: &mut Terminal) -> Sysexit {
    told(path, &Request::Alarms { all }, json, terminal, |told, time, terminal| {
        let alarms = told.as_array().map(Vec::as_slice).unwrap_or_default();
        if alarms.is_empty() {
            let nothing = terminal.styled(Style::Good, "Nothing stands.");
            terminal.line(nothing);
        }
        for alarm in alarms {
            one_alarm(alarm, time, terminal);
        }
    })
}

fn one_alarm(alarm: &Value, time: &SiteTime, terminal: &mut Terminal) {
    let state = text(alarm, "state");
    let style = match state.as_str() {
        "unacknowledged" | "returned_unacknowledged" | "latched_unacknowledged" => Style::Wrong,
        "acknowledged" | "latched_acknowledged" => Style::Warning,
        _ => Style::Faint,
    };
    let key = text(alarm, "key");
    let tag = if key.is_empty() {
        text(alarm, "definition")
    } else {
        format!("{}[{key}]", text(alarm, "definition"))
    };
    let number = match text(alarm, "occurrence").as_str() {
        "" => "-".to_owned(),
        number => format!("#{number}"),
    };
    let tag = if is_test(alarm) { format!("test of {tag}") } else { tag };
    let words = terminal.styled(style, state.replace('_', ", "));
    let priority = text(alarm, "priority");
    terminal
        .line(format_args!("{number:<7} {priority:<8} {words}  {}", plain(&text(alarm, "text"))));
    let mut rest =
        format!("        {} since {}", plain(&tag), time.read(&text(alarm, "active_since")));
    match text(alarm, "suppression").as_str() {
        "none" | "" => rest.push_str(&whose(alarm, &state)),
        suppression => rest.push_str(&format!(", {}", suppression.replace('_', " "))),
    }
    match alarm.get("repeats").and_then(Value::as_u64) {
        Some(0) | None => {}
        Some(1) => rest.push_str(", repeated once"),
        Some(times) => rest.push_str(&format!(", repeated {times} times")),
    }
    if alarm.get("flapping").and_then(Value::as_bool) == Some(true) {
        rest.push_str(", comes and goes without end");
    }
    let rest = terminal.styled(Style::Faint, rest);
    terminal.line(rest);
}

fn is_test(alarm: &Value) -> bool {
    alarm.get("test").and_then(Value::as_bool) == Some(true)
}

/// Who holds it; or why nobody does where nobody is awaited: what calls nobody stands as `acknowledged` like what somebody has taken.
fn whose(alarm: &Value, state: &str) -> String {
    let said = |key, phrase| {
        let person = alarm.get(key).and_then(Value::as_str);
        person.map(|person| format!(", {phrase} {person}"))
    };
    let taken = said("acknowledged_by", "taken by");
    let confirmed = said("confirmed_by", "confirmed by");
    if taken.is_some() || confirmed.is_some() {
        return [taken, confirmed].into_iter().flatten().collect();
    }
    let calls = alarm.get("escalation").is_some_and(Value::is_string);
    match (calls, state) {
        (false, _) => ", nobody is called".to_owned(),
        (true, "acknowledged" | "latched_acknowledged") => ", nobody need answer".to_owned(),
        (true, _) => String::new(),
    }
}

/// `vigie unclaimed`
pub(super) fn unclaimed(path: &Path, json: bool, terminal: &mut Terminal) -> Sysexit {
    told(path, &Request::Unclaimed, json, terminal, |told, time, terminal| {
        let groups = told.as_array().map(Vec::as_slice).unwrap_or_default();
        if groups.is_empty() {
            let nothing =
                terminal.styled(Style::Good, "# Every signal so far was claimed by a definition.");
            terminal.line(nothing);
        }
        for group in groups {
            let count = text(group, "count");
            let summary = format!(
                "# {}, last at {}: {}",
                if count == "1" { "once".to_owned() } else { format!("{count} times") },
                time.read(&text(group, "last")),
                plain(&group.get("signal").map(|signal| text(signal, "text")).unwrap_or_default())
            );
            let summary = terminal.styled(Style::Strong, summary);
            terminal.line(summary);
            match group.get("reason").and_then(Value::as_str) {
                Some(reason) => terminal
                    .line(format_args!("# selected, and not understood: {}\n", plain(reason))),
                None => terminal.line(text(group, "definition")),
            }
        }
    })
}

/// `vigie metrics`
pub(super) fn metrics(path: &Path, terminal: &mut Terminal) -> Sysexit {
    match ask(path, &Request::Metrics, terminal) {
        Ok(Answer::Told(told)) => match serde_json::from_str::<String>(told.get()) {
            Ok(page) => {
                terminal.line(page.trim_end());
                Sysexit::Ok
            }
            Err(_) => Sysexit::Software,
        },
        Ok(Answer::Done(_) | Answer::Refused(_)) => Sysexit::Software,
        Err(exit) => exit,
    }
}

pub(super) fn told(
    path: &Path,
    request: &Request,
    json: bool,
    terminal: &mut Terminal,
    show: impl FnOnce(&Value, &SiteTime, &mut Terminal),
) -> Sysexit {
    match ask(path, request, terminal) {
        Ok(Answer::Told(told)) if json => {
            terminal.json(told.get());
            Sysexit::Ok
        }
        Ok(Answer::Told(told)) => match serde_json::from_str(told.get()) {
            Ok(told) => {
                show(&told, &Places::of(path).time, terminal);
                Sysexit::Ok
            }
            Err(_) => Sysexit::Software,
        },
        Ok(Answer::Done(_) | Answer::Refused(_)) => Sysexit::Software,
        Err(exit) => exit,
    }
}

/// A value as people read it.
pub(super) fn text(value: &Value, key: &str) -> String {
    match value.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::super::terminal::paper::Paper;
    use super::*;

    pub(in crate::cli) fn shown(show: impl FnOnce(&SiteTime, &mut Terminal)) -> String {
        let (out, err) = (Paper::default(), Paper::default());
        let mut terminal = Terminal::new(Box::new(out.clone()), Box::new(err));
        show(&SiteTime::named(Some("Europe/Paris")), &mut terminal);
        assert_eq!(terminal.close(Sysexit::Ok), Sysexit::Ok);
        out.text()
    }

    #[test]
    fn an_alarm_is_told_with_who_has_it_and_the_time_at_the_site() {
        let alarm = json!({
            "definition": "link", "key": "10.0.0.1/7", "state": "returned_unacknowledged", "priority": "high",
            "text": "Link 7 down", "occurrence": 4, "active_since": "2026-11-23T02:12:40Z", "acknowledged_by": "karim", "repeats": 2,
            "escalation": "technique",
        });
        assert_eq!(
            shown(|time, terminal| one_alarm(&alarm, time, terminal)),
            "#4      high     returned, unacknowledged  Link 7 down\n        link[10.0.0.1/7] since 2026-11-23 03:12:40, taken by karim, repeated 2 times\n"
        );
    }

    #[test]
    fn an_alarm_that_nobody_took_says_whether_anybody_is_called_and_whether_anybody_must_answer() {
        for (state, escalation, whose) in [
            ("unacknowledged", json!("technique"), ""),
            ("acknowledged", json!("information"), ", nobody need answer"),
            ("latched_acknowledged", json!("information"), ", nobody need answer"),
            ("normal", json!("information"), ""),
            ("acknowledged", json!(null), ", nobody is called"),
            ("normal", json!(null), ", nobody is called"),
        ] {
            let alarm = json!({
                "definition": "link", "key": "", "state": state, "active_since": "2026-11-23T02:12:40Z",
                "escalation": escalation, "acknowledged_by": null, "confirmed_by": null, "repeats": 0,
            });
            let shown = shown(|time, terminal| one_alarm(&alarm, time, terminal));
            let line = format!("        link since 2026-11-23 03:12:40{whose}\n");
            assert!(shown.ends_with(&line), "{state}, {escalation}: {shown}");
        }
    }
}
