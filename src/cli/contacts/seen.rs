//! What was seen of the contacts since the watch began, and what is new of it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::cli::site_time::SiteTime;
use crate::cli::terminal::{Style, plain};
use crate::control::contacts::Seen;
use crate::watch::time::Utc;

/// All devices that are watched, as they are.
pub(super) struct Board {
    /// One device alone.
    only: Option<String>,
    seen: Seen,
    /// What each contact had counted when it was first seen.
    began: BTreeMap<String, (u64, u64)>,
    devices: Vec<Device>,
}

/// A device of contacts.
pub(super) struct Device {
    /// Its name, where it is, and how that goes.
    pub(super) heading: String,
    pub(super) is_up: bool,
    pub(super) contacts: Vec<Line>,
}

/// One contact, as it was at one time.
#[derive(Clone)]
pub(super) struct Line(Map<String, Value>);

impl Board {
    pub(super) fn of(only: Option<&str>) -> Self {
        let full = |name: &str| match name.strip_prefix("contacts.") {
            Some(_) => name.to_owned(),
            None => format!("contacts.{name}"),
        };
        let (seen, began) = (Seen::new(), BTreeMap::new());
        Self { only: only.map(full), seen, began, devices: Vec::new() }
    }

    /// What the source is told that is known already.
    pub(super) fn seen(&self) -> &Seen {
        &self.seen
    }

    pub(super) fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// Takes the devices as they are now; gives what is new, a line each. The error: there is none to be watched.
    pub(super) fn take(&mut self, devices: &[Value], now: Utc) -> Result<Vec<Line>, String> {
        let mut lines = Vec::new();
        let mut names = Vec::new();
        self.devices.clear();
        for device in devices {
            let name = text(device, "input");
            names.push(name.clone());
            let (version, last) = (number(device, "version"), number(device, "last"));
            let before = self.seen.insert(name.clone(), (version, last));
            if self.only.as_ref().is_some_and(|only| *only != name) {
                continue;
            }
            // A daemon that has started anew counts from the start.
            let before = before.filter(|(_, seen)| *seen <= last);
            let contacts = list(device, "contacts");
            match before {
                None => {
                    for contact in contacts {
                        let count = (number(contact, "changes"), number(contact, "edges"));
                        self.began.insert(text(contact, "contact"), count);
                        lines.push(self.line(&name, contact, Some(now)));
                    }
                }
                Some((_, seen)) => {
                    let news = list(device, "news");
                    let told = u64::try_from(news.len()).unwrap_or(u64::MAX);
                    let missed = last.saturating_sub(seen).saturating_sub(told);
                    if missed > 0 {
                        lines.push(Line::missed(&name, missed, now));
                    }
                    lines.extend(news.iter().map(|news| self.line(&name, news, None)));
                }
            }
            let contacts = contacts.iter().map(|contact| self.line(&name, contact, None)).collect();
            let (heading, is_up) = heading(device);
            self.devices.push(Device { heading, is_up, contacts });
        }
        match (&self.only, self.devices.is_empty()) {
            (Some(only), true) => Err(format!(
                "no device of contacts is called `{only}`; there are: {}",
                names.join(", ")
            )),
            (None, true) => {
                Err("there are no contacts: the files have no [contacts.NAME]".to_owned())
            }
            (_, false) => Ok(lines),
        }
    }

    /// A contact, with what was counted since the watch began; `now`: as it was found then.
    fn line(&self, input: &str, contact: &Value, now: Option<Utc>) -> Line {
        let mut line = contact.as_object().cloned().unwrap_or_default();
        let (changes, edges) =
            self.began.get(&text(contact, "contact")).copied().unwrap_or_default();
        for (key, before) in [("changes", changes), ("edges", edges)] {
            line.insert(key.to_owned(), json!(number(contact, key).saturating_sub(before)));
        }
        line.insert("input".to_owned(), json!(input));
        if let Some(now) = now {
            line.insert("at".to_owned(), json!(now.to_string()));
            line.insert("what".to_owned(), json!("is"));
        }
        Line(line)
    }
}

fn heading(device: &Value) -> (String, bool) {
    let state = device.get("state").cloned().unwrap_or_default();
    let is = text(&state, "is");
    let reason = text(&state, "reason");
    let reason = if reason.is_empty() { reason } else { format!(": {reason}") };
    let at: Vec<&str> = list(device, "at").iter().filter_map(Value::as_str).collect();
    let heading = format!("{}  {}  {is}{reason}", text(device, "input"), at.join(", "));
    (plain(&heading), is == "up")
}

impl Line {
    fn missed(input: &str, missed: u64, now: Utc) -> Self {
        let line =
            json!({"at": now.to_string(), "what": "missed", "input": input, "missed": missed});
        Self(line.as_object().cloned().unwrap_or_default())
    }

    fn get(&self, key: &str) -> String {
        match self.0.get(key) {
            Some(Value::String(text)) => plain(text),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        }
    }

    /// The stable object.
    pub(super) fn json(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }

    /// For a person.
    pub(super) fn words(&self, time: &SiteTime) -> String {
        let at = time.read(&self.get("at"));
        if self.0.contains_key("missed") {
            let (input, missed) = (self.get("input"), self.get("missed"));
            return format!("{at}  {input}: {missed} changes came too fast to be shown");
        }
        let what = match self.get("what").as_str() {
            "edge" => "edge; so far ",
            "pulsed" => "a pulse that no reading showed; ",
            "edges_lost" => "edges were lost; ",
            "quiet" => "no longer chattering; ",
            _ => "",
        };
        format!(
            "{at}  {}: {what}{} ({}; expected {}); changes {}, edges {}",
            self.get("contact"),
            self.means(),
            self.shows(),
            self.get("normally"),
            self.get("changes"),
            self.get("edges"),
        )
    }

    /// What the device shows, or where it would.
    fn shows(&self) -> String {
        let raw = self.get("raw");
        if raw.is_empty() { self.get("line") } else { raw }
    }

    /// What that means.
    fn means(&self) -> String {
        let level = self.get("level");
        match self.get("state").as_str() {
            "lost" => format!("lost: {}", self.get("reason")),
            "unknown" => "not seen yet".to_owned(),
            _ if self.0.get("chattering") == Some(&Value::Bool(true)) => "chattering".to_owned(),
            "fault" => format!("FAULT: {}", self.get("fault")),
            "alarm" => format!("ALARM, {level}"),
            state => format!("{state}, {level}"),
        }
    }

    /// Its cells in the table, and how its row stands out.
    pub(super) fn row(&self, now: Utc) -> ([String; 7], Style) {
        let since = self.get("since").parse::<jiff::Timestamp>();
        let since = since.map_or_else(|_| String::new(), |since| length(Utc::from(since), now));
        let means = self.means();
        let style = match means.split([',', ':', ' ']).next() {
            Some("normal") => Style::Good,
            Some("chattering") => Style::Warning,
            Some("not") => Style::Faint,
            _ => Style::Wrong,
        };
        let (contact, normally) = (self.get("contact"), self.get("normally"));
        let (changes, edges) = (self.get("changes"), self.get("edges"));
        ([contact, self.shows(), means, normally, since, changes, edges], style)
    }
}

/// `3s`, `2m 03s`, `5h 07m`
fn length(since: Utc, now: Utc) -> String {
    let seconds = since.until(now).as_secs();
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m {seconds:02}s"),
        (hours, minutes, _) => format!("{hours}h {minutes:02}m"),
    }
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn number(value: &Value, key: &str) -> u64 {
    value.get(key).and_then(Value::as_u64).unwrap_or_default()
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(state: &str, changes: u64, edges: u64) -> Value {
        json!({
            "contact": "cabinet.door", "line": "coil 3", "normally": "closed", "raw": "coil 3 = 0",
            "state": state, "level": "open", "fault": null, "chattering": false, "reason": null,
            "since": "2026-11-27T03:00:00Z", "changes": changes, "edges": edges,
        })
    }

    fn device(last: u64, contact: &Value, news: &[Value]) -> Value {
        json!({
            "input": "contacts.cabinet", "at": ["tcp://10.0.0.7:502"], "state": {"is": "up"},
            "version": last, "last": last, "contacts": [contact], "news": news,
        })
    }

    fn at(seconds: i64) -> Utc {
        Utc::from_micros((1_795_748_400 + seconds) * 1_000_000)
    }

    #[test]
    fn what_changes_is_a_line_that_counts_from_where_the_watch_began_and_what_went_by_is_told() {
        let time = SiteTime::named(Some("UTC"));
        let mut board = Board::of(Some("cabinet"));
        let begins = board.take(&[device(7, &contact("normal", 4, 90), &[])], at(0)).unwrap();
        assert_eq!(begins.len(), 1);
        assert!(begins[0].json().contains(r#""what":"is""#), "{}", begins[0].json());
        let mut changed = contact("alarm", 5, 93);
        changed["what"] = json!("changed");
        changed["at"] = json!("2026-11-27T03:00:05Z");
        let news = board.take(&[device(10, &changed, &[changed.clone()])], at(5)).unwrap();
        let words: Vec<String> = news.iter().map(|line| line.words(&time)).collect();
        assert_eq!(
            words,
            [
                "2026-11-27 03:00:05  contacts.cabinet: 2 changes came too fast to be shown",
                "2026-11-27 03:00:05  cabinet.door: ALARM, open (coil 3 = 0; expected closed); changes 1, edges 3",
            ]
        );
        let (cells, style) = board.devices()[0].contacts[0].row(at(65));
        assert_eq!(cells[4], "1m 05s");
        assert_eq!(style, Style::Wrong);
        // The daemon has started anew.
        let anew = board.take(&[device(1, &contact("normal", 0, 0), &[])], at(70)).unwrap();
        assert!(anew[0].json().contains(r#""what":"is""#));
    }

    #[test]
    fn a_device_that_is_not_there_is_named_with_those_that_are() {
        let mut board = Board::of(Some("cellar"));
        let none = board.take(&[device(1, &contact("normal", 0, 0), &[])], at(0)).err().unwrap();
        assert_eq!(
            none,
            "no device of contacts is called `contacts.cellar`; there are: contacts.cabinet"
        );
    }
}
