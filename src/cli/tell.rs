//! `vigie alarms`, `status`, `unclaimed`: what the daemon tells of itself, for people or as JSON.
//!
//! The JSON is the daemon's own, to the letter; what people read is made of it here.

use std::path::Path;

use serde_json::Value;

use super::client::{Places, ask};
use super::site_time::SiteTime;
use super::sysexit::Sysexit;
use super::terminal::{Style, Terminal, plain};
use crate::control::protocol::{Answer, Request};

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
    let number = format!("#{}", text(alarm, "occurrence"));
    let words = terminal.styled(style, state.replace('_', ", "));
    let priority = text(alarm, "priority");
    terminal
        .line(format_args!("{number:<7} {priority:<8} {words}  {}", plain(&text(alarm, "text"))));
    let mut rest =
        format!("        {} since {}", plain(&tag), time.read(&text(alarm, "active_since")));
    rest.push_str(&whose(alarm, &state));
    match alarm.get("repeats").and_then(Value::as_u64) {
        Some(0) | None => {}
        Some(1) => rest.push_str(", repeated once"),
        Some(times) => rest.push_str(&format!(", repeated {times} times")),
    }
    let rest = terminal.styled(Style::Faint, rest);
    terminal.line(rest);
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

/// `vigie status`
pub(super) fn status(path: &Path, json: bool, terminal: &mut Terminal) -> Sysexit {
    told(path, &Request::Status, json, terminal, |told, time, terminal| {
        let of = |section: &str, key: &str| {
            told.get(section).map(|section| text(section, key)).unwrap_or_default()
        };
        let title =
            format!("Vigie {} watches {}", text(told, "version"), plain(&text(told, "site")));
        let title = terminal.styled(Style::Strong, title);
        terminal.line(format_args!("{title}, since {}", time.read(&text(told, "started"))));
        terminal.line(format_args!(
            "alarms     {} standing, {} unacknowledged; unclaimed signals so far: {}",
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
        let unknown = of("notifications", "unknown");
        if unknown != "0" {
            let doubt = format!("{unknown} of which nobody knows whether they left");
            terminal.line(format_args!("           {}", terminal.styled(Style::Wrong, doubt)));
        }
        let is = |what: &str| told.pointer(what) == Some(&Value::Bool(true));
        let store = if is("/store/refuses_writes") {
            terminal.styled(Style::Wrong, "REFUSES WRITES; people are called from memory")
        } else if is("/store/short_of_room") {
            let short = terminal.styled(Style::Wrong, "SHORT OF ROOM");
            format!("{} bytes, {short}; make room on its disk", of("store", "bytes"))
        } else {
            format!("{} bytes", of("store", "bytes"))
        };
        terminal.line(format_args!("store      {}, {store}", of("store", "path")));
        for input in told.get("inputs").and_then(Value::as_array).into_iter().flatten() {
            one_input(input, time, terminal);
        }
        for path in told.get("paths").and_then(Value::as_array).into_iter().flatten() {
            one_path(path, time, terminal);
        }
    })
}

/// When a message last went from one modem to another, and how long it took.
fn one_path(path: &Value, time: &SiteTime, terminal: &mut Terminal) {
    let (from, to) = (text(path, "from"), text(path, "to"));
    let seconds = path.get("took_ms").and_then(Value::as_f64).map(|took| took / 1_000.0);
    let last = match (path.get("arrived").and_then(Value::as_str), seconds) {
        (Some(at), Some(seconds)) => {
            format!("the last test came {}, after {seconds:.1} s", time.read(at))
        }
        _ => "no test has come yet".to_owned(),
    };
    let unknown = path.get("unknown") == Some(&Value::Bool(true));
    let unknown = if unknown { terminal.styled(Style::Wrong, "UNKNOWN; ") } else { String::new() };
    terminal.line(format_args!("path       {from} to {to}: {unknown}{last}"));
}

fn one_input(input: &Value, time: &SiteTime, terminal: &mut Terminal) {
    let is = input.pointer("/state/is").and_then(Value::as_str).unwrap_or("?");
    let reason = input.pointer("/state/reason").and_then(Value::as_str).unwrap_or_default();
    let style = match is {
        "up" => Style::Good,
        "starting" => Style::Warning,
        _ => Style::Wrong,
    };
    let state = terminal.styled(style, is);
    let heard = input
        .get("last_heard")
        .and_then(Value::as_str)
        .map_or_else(|| "never".to_owned(), |at| time.read(at));
    let at: Vec<&str> = input
        .get("at")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let name = text(input, "name");
    let reason = if reason.is_empty() { String::new() } else { format!(": {}", plain(reason)) };
    terminal.line(format_args!(
        "{name:<10} {state}{reason}; {}; last heard {heard}",
        plain(&at.join(" "))
    ));
    if let Some(modem) = input.get("modem").filter(|modem| modem.is_object()) {
        terminal.line(format_args!("           {}", plain(&one_modem(modem))));
    }
    if let Some(engine) = input.get("engine_id").and_then(Value::as_str) {
        terminal.line(format_args!("           engine ID {}", plain(engine)));
    }
    let counters = input.get("counters").and_then(Value::as_object);
    let counted: Vec<String> = counters
        .into_iter()
        .flatten()
        .map(|(name, count)| format!("{} {count}", name.replace('_', " ")))
        .collect();
    if !counted.is_empty() {
        let counted = terminal.styled(Style::Faint, counted.join(", "));
        terminal.line(format_args!("           {counted}"));
    }
    for line in input.get("sources").map(|sources| sources_of(sources, time)).unwrap_or_default() {
        terminal.line(format_args!("           {}", plain(&line)));
    }
}

/// Who was heard, the latest first; of many, the first few and how many more there are.
fn sources_of(sources: &Value, time: &SiteTime) -> Vec<String> {
    const SHOWN: usize = 8;
    let all = sources.get("heard").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let one = |source: &Value| {
        let times = match text(source, "times") {
            once if once == "1" => "once".to_owned(),
            times => format!("{times} times"),
        };
        let at = time.read(&text(source, "last_heard"));
        format!("{} heard {times}, last {at}", text(source, "source"))
    };
    let mut lines: Vec<String> = all.iter().take(SHOWN).map(one).collect();
    let more = all.len().saturating_sub(SHOWN);
    if more > 0 {
        let forgotten = text(sources, "forgotten");
        let forgotten = if forgotten == "0" {
            String::new()
        } else {
            format!("; {forgotten} that were heard before them are forgotten")
        };
        lines.push(format!("and {more} more sources: --json lists them{forgotten}"));
    }
    lines
}

/// Which modem it is, on which network, and how well it hears it.
fn one_modem(modem: &Value) -> String {
    let of = |key: &str, unit: &str| {
        let value = text(modem, key);
        if value.is_empty() { value } else { format!("{value}{unit}") }
    };
    let device = [of("manufacturer", ""), of("model", "")].join(" ").trim().to_owned();
    let trend = modem.get("signal_trend_db").and_then(Value::as_i64).unwrap_or(0);
    let trend = if trend == 0 { String::new() } else { format!(" ({trend:+} dB in an hour)") };
    let network = [
        of("operator", ""),
        of("registration", ""),
        of("technology", ""),
        of("signal_dbm", &format!(" dBm{trend}")),
        of("number", ""),
        of("credit", " left"),
    ];
    let known = std::iter::once(device).chain(network).filter(|part| !part.is_empty());
    known.collect::<Vec<String>>().join(", ")
}

fn told(
    path: &Path,
    request: &Request,
    json: bool,
    terminal: &mut Terminal,
    show: impl FnOnce(&Value, &SiteTime, &mut Terminal),
) -> Sysexit {
    match ask(path, request, terminal) {
        Ok(Answer::Told(told)) if json => {
            terminal.line(told.get());
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
fn text(value: &Value, key: &str) -> String {
    match value.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::terminal::paper::Paper;
    use super::*;

    fn shown(show: impl FnOnce(&SiteTime, &mut Terminal)) -> String {
        let (out, err) = (Paper::default(), Paper::default());
        let mut terminal = Terminal::new(Box::new(out.clone()), Box::new(err));
        show(&SiteTime::named(Some("Europe/Paris")), &mut terminal);
        assert_eq!(terminal.close(Sysexit::Ok), Sysexit::Ok);
        out.text()
    }

    #[test]
    fn an_input_is_told_with_its_reason_and_the_time_at_the_site() {
        let mut input = json!({
            "name": "gsm.orange", "state": {"is": "up"}, "at": ["/dev/ttyUSB2"], "last_heard": "2026-11-23T02:12:40Z",
            "modem": {"manufacturer": "Quectel", "model": "EG25", "operator": null, "signal_dbm": -79, "technology": "4G"},
            "counters": {"sent": 3},
        });
        let up = "gsm.orange up; /dev/ttyUSB2; last heard 2026-11-23 03:12:40\n           Quectel EG25, 4G, -79 dBm\n           sent 3\n";
        assert_eq!(shown(|time, terminal| one_input(&input, time, terminal)), up);
        input["state"] = json!({"is": "down", "reason": "unplugged"});
        let down = shown(|time, terminal| one_input(&input, time, terminal));
        assert!(down.starts_with("gsm.orange down: unplugged; /dev/ttyUSB2;"), "{down}");
    }

    #[test]
    fn who_was_heard_is_told_the_latest_first_and_of_many_the_first_few() {
        let source = |number: u32, times: u32| json!({"source": format!("10.0.0.{number}"), "last_heard": "2026-11-23T02:12:40Z", "times": times});
        let time = SiteTime::named(Some("Europe/Paris"));
        let two = json!({"heard": [source(1, 1), source(2, 7)], "forgotten": 0});
        assert_eq!(
            sources_of(&two, &time),
            [
                "10.0.0.1 heard once, last 2026-11-23 03:12:40",
                "10.0.0.2 heard 7 times, last 2026-11-23 03:12:40"
            ]
        );
        let many = json!({"heard": (0..50).map(|number| source(number, 1)).collect::<Vec<_>>(), "forgotten": 3});
        let told = sources_of(&many, &time);
        assert_eq!(told.len(), 9);
        assert_eq!(
            told[8],
            "and 42 more sources: --json lists them; 3 that were heard before them are forgotten"
        );
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
