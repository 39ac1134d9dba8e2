//! `vigie drills`: who answered when, and when the next ones are.

use std::path::Path;

use serde_json::Value;

use super::{text, told};
use crate::cli::site_time::SiteTime;
use crate::cli::sysexit::Sysexit;
use crate::cli::terminal::{Style, Terminal, plain};
use crate::control::protocol::Request;

/// `vigie drills`
pub(in crate::cli) fn drills(path: &Path, json: bool, terminal: &mut Terminal) -> Sysexit {
    told(path, &Request::Drills, json, terminal, show)
}

fn show(told: &Value, time: &SiteTime, terminal: &mut Terminal) {
    let (next, ledger) = (list(told, "next"), list(told, "ledger"));
    if next.is_empty() && ledger.is_empty() {
        let none =
            terminal.styled(Style::Faint, "No [drills.NAME] in the files, and none was held.");
        terminal.line(none);
    }
    for held in ledger {
        one(held, time, terminal);
    }
    for drill in next {
        let (name, at) = (plain(&text(drill, "drill")), time.read(&text(drill, "at")));
        let line = terminal.styled(Style::Faint, format!("{name} is next on {at}"));
        terminal.line(line);
    }
}

fn one(held: &Value, time: &SiteTime, terminal: &mut Terminal) {
    let (name, due) = (plain(&text(held, "drill")), time.read(&text(held, "due")));
    let asked = list(held, "asked");
    if held.get("began").is_none_or(Value::is_null) {
        let line = format!("{name} of {due}: skipped, Vigie was away");
        let line = terminal.styled(Style::Warning, line);
        terminal.line(line);
        return;
    }
    let answered = asked.iter().filter(|asked| text(asked, "state") == "answered").count();
    let until = text(held, "until");
    let is_open =
        if until.is_empty() { String::new() } else { format!(", until {}", time.read(&until)) };
    let style = if answered == asked.len() { Style::Good } else { Style::Wrong };
    let line = format!("{name} of {due}: {answered} of {} answered{is_open}", asked.len());
    let line = terminal.styled(style, line);
    terminal.line(line);
    for asked in asked {
        let person = plain(&text(asked, "person"));
        let how = match text(asked, "state").as_str() {
            "answered" => {
                let took = asked.get("took").and_then(Value::as_u64).unwrap_or_default();
                format!("{}, after {}", time.read(&text(asked, "answered")), after(took))
            }
            "awaited" => "awaited".to_owned(),
            "no_number" => "has no number".to_owned(),
            _ => "did not answer".to_owned(),
        };
        terminal.line(format_args!("        {person:<16} {how}"));
    }
}

fn after(seconds: u64) -> String {
    let (hours, minutes) = (seconds / 3_600, seconds % 3_600 / 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::shown;
    use super::show;

    #[test]
    fn the_ledger_says_who_answered_when_and_what_comes_next() {
        let told = json!({
            "next": [{ "drill": "monthly", "at": "2027-01-01T08:00:00Z" }],
            "ledger": [
                { "drill": "monthly", "due": "2026-12-01T08:00:00Z", "began": "2026-12-01T08:00:00Z", "until": null, "asked": [
                    { "person": "marie", "state": "answered", "answered": "2026-12-01T08:03:10Z", "took": 190 },
                    { "person": "karim", "state": "unanswered", "answered": null, "took": null },
                ]},
                { "drill": "monthly", "due": "2026-11-01T08:00:00Z", "began": null, "until": null, "asked": [] },
            ],
        });
        let shown = shown(|time, terminal| show(&told, time, terminal));
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[0], "monthly of 2026-12-01 09:00:00: 1 of 2 answered");
        assert_eq!(lines[1], "        marie            2026-12-01 09:03:10, after 3 min");
        assert_eq!(lines[2], "        karim            did not answer");
        assert_eq!(lines[3], "monthly of 2026-11-01 09:00:00: skipped, Vigie was away");
        assert_eq!(lines[4], "monthly is next on 2027-01-01 09:00:00");
    }
}
