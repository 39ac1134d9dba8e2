//! `vigie status`: each input with what it has counted and who was heard, the modems, the brokers, the store.

use std::path::Path;

use serde_json::Value;

use super::super::site_time::SiteTime;
use super::super::sysexit::Sysexit;
use super::super::terminal::{Style, Terminal, plain};
use super::{text, told};
use crate::control::protocol::Request;

/// `vigie status`
pub(in crate::cli) fn status(path: &Path, json: bool, terminal: &mut Terminal) -> Sysexit {
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
        let slow =
            if is("/store/slow") { terminal.styled(Style::Wrong, ", SLOW") } else { String::new() };
        let writes = told.pointer("/store/writes").filter(|writes| writes.is_object());
        let writes = writes.map(|writes| {
            let ms = |key: &str| text(writes, key);
            format!("; writes take {} ms, {} at most", ms("median_ms"), ms("p99_ms"))
        });
        let writes = writes.unwrap_or_default();
        terminal.line(format_args!("store      {}, {store}{slow}{writes}", of("store", "path")));
        for input in told.get("inputs").and_then(Value::as_array).into_iter().flatten() {
            one_input(input, time, terminal);
        }
        for path in told.get("paths").and_then(Value::as_array).into_iter().flatten() {
            one_path(path, time, terminal);
        }
        for ping in told.get("pings").and_then(Value::as_array).into_iter().flatten() {
            one_ping(ping, time, terminal);
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

/// Whether a dead man's switch takes our life signs.
fn one_ping(ping: &Value, time: &SiteTime, terminal: &mut Terminal) {
    let reason = ping.pointer("/state/reason").and_then(Value::as_str);
    let is = match (ping.pointer("/state/is").and_then(Value::as_str), reason) {
        (Some("up"), _) => terminal.styled(Style::Good, "answered"),
        (_, Some(reason)) => {
            let lost = terminal.styled(Style::Wrong, "NOT ANSWERED");
            format!("{lost} since {}: {}", time.read(&text(ping, "since")), plain(reason))
        }
        _ => "not sent yet".to_owned(),
    };
    let last = ping.get("answered").and_then(Value::as_str);
    let last = last.map_or_else(|| "never".to_owned(), |at| time.read(at));
    let (name, at) = (text(ping, "name"), plain(&text(ping, "at")));
    terminal.line(format_args!("{name} {is}; {at}; last answered {last}"));
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
    for line in input.get("broker").map(broker_of).unwrap_or_default() {
        terminal.line(format_args!("           {}", plain(&line)));
    }
    for output in input.get("outputs").and_then(Value::as_array).into_iter().flatten() {
        let told = one_output(output, time, terminal);
        terminal.line(format_args!("           {told}"));
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

/// What a siren, a lamp or a relay shows and since when, or why it cannot be set.
fn one_output(output: &Value, time: &SiteTime, terminal: &Terminal) -> String {
    let (name, since) = (plain(&text(output, "name")), time.read(&text(output, "since")));
    match output.get("reason").and_then(Value::as_str) {
        Some(reason) => {
            let lost = terminal.styled(Style::Wrong, "LOST");
            format!("output {name} {lost} since {since}: {}", plain(reason))
        }
        None => {
            let is = match text(output, "is").as_str() {
                "on" => "on".to_owned(),
                "blinking" => "blinking".to_owned(),
                "silenced" => "silenced by a button".to_owned(),
                "ended" => "off, after as long as `at-most` says".to_owned(),
                "rest" => "at rest".to_owned(),
                _ => "not set yet".to_owned(),
            };
            format!("output {name} {is} since {since}")
        }
    }
}

/// The session at a broker, and what it gives us: what it does not give as asked is named.
fn broker_of(broker: &Value) -> Vec<String> {
    let session = match broker.get("session").and_then(Value::as_str) {
        Some("resumed") => "session resumed",
        Some("new") => "a new session",
        Some("lost") => "the broker had lost our session",
        Some(_) | None => "no session yet",
    };
    let all = broker.get("subscriptions").and_then(Value::as_array);
    let all = all.map(Vec::as_slice).unwrap_or_default();
    let is = |subscription: &Value, what: &str| subscription["is"] == what;
    let granted = all.iter().filter(|subscription| is(subscription, "granted")).count();
    let (version, id) = (text(broker, "version"), text(broker, "client_id"));
    let mut lines = vec![format!(
        "MQTT {version} as {id}, {session}; {granted} of {} subscriptions granted",
        all.len()
    )];
    if let Some(publishing) = broker.get("publishing").filter(|it| it.is_object()) {
        let is = publishing.pointer("/state/is").and_then(Value::as_str).unwrap_or("?");
        let reason = publishing.pointer("/state/reason").and_then(Value::as_str);
        let reason = reason.map_or_else(String::new, |reason| format!(": {reason}"));
        lines.push(format!("publishes beneath {}: {is}{reason}", text(publishing, "prefix")));
    }
    lines.extend(all.iter().filter(|subscription| !is(subscription, "granted")).take(8).map(
        |subscription| match subscription.get("reason").and_then(Value::as_str) {
            Some(reason) => format!("{} refused: {reason}", text(subscription, "topic")),
            None if is(subscription, "at_most_once") => {
                format!("{} served with QoS 0: what is lost is lost", text(subscription, "topic"))
            }
            None => format!("{} not answered yet", text(subscription, "topic")),
        },
    ));
    lines
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::shown;
    use super::*;

    #[test]
    fn a_broker_is_told_with_its_session_and_with_what_it_does_not_give() {
        let broker = serde_json::json!({
            "version": "5", "client_id": "vigie", "session": "resumed", "subscriptions": [
                {"topic": "a/#", "is": "granted"},
                {"topic": "b", "is": "at_most_once"},
                {"topic": "c", "is": "refused", "reason": "the account may not read it"},
                {"topic": "d", "is": "asked"},
            ],
        });
        assert_eq!(
            broker_of(&broker),
            [
                "MQTT 5 as vigie, session resumed; 1 of 4 subscriptions granted",
                "b served with QoS 0: what is lost is lost",
                "c refused: the account may not read it",
                "d not answered yet",
            ]
        );
        assert!(broker_of(&serde_json::json!({}))[0].contains("no session yet"));
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
    fn an_output_is_told_with_what_it_shows_and_since_when_or_with_why_it_is_lost() {
        let input = json!({
            "name": "contacts.cabinet", "state": {"is": "up"}, "at": ["/dev/gpiochip0"], "last_heard": "2026-11-23T02:12:40Z",
            "outputs": [
                {"name": "siren", "is": "silenced", "since": "2026-11-23T02:12:40Z"},
                {"name": "lamp", "is": "lost", "reason": "no such coil", "since": "2026-11-23T02:12:41Z"},
            ],
        });
        let told = shown(|time, terminal| one_input(&input, time, terminal));
        assert!(
            told.contains(
                "\n           output siren silenced by a button since 2026-11-23 03:12:40\n"
            ),
            "{told}"
        );
        assert!(
            told.contains(
                "\n           output lamp LOST since 2026-11-23 03:12:41: no such coil\n"
            ),
            "{told}"
        );
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
}
