//! `vigie swap`, `vigie swaps`: alarms of a group go to their other escalation for a while.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::act;
use super::arguments::Swap as Asked;
use super::site_time::SiteTime;
use super::sysexit::Sysexit;
use super::tell;
use super::terminal::{Style, Terminal, plain};
use crate::control::protocol::{Request, Swap};
use crate::watch::answer::orders;

/// For how long a group is swapped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lasting {
    /// From now on for so long.
    For(Duration),
    /// No longer.
    Off,
}

/// Reads `4h`, `1h30`, `2d`, `off`.
pub(super) fn lasting(written: &str) -> Result<Lasting, String> {
    if written.eq_ignore_ascii_case("off") {
        return Ok(Lasting::Off);
    }
    orders::lasting(written)
        .map(Lasting::For)
        .ok_or_else(|| "write for example 90min, 4h, 1h30, 2d (a year at most), or off".to_owned())
}

/// Asks the daemon to do it.
pub(super) fn swap(path: &Path, asked: &Asked, terminal: &mut Terminal) -> Sysexit {
    let seconds = match asked.lasting {
        Lasting::For(lasting) => Some(lasting.as_secs()),
        Lasting::Off => None,
    };
    let (group, person) = (asked.group.clone(), asked.acting_as.clone());
    act::done(path, &Request::Swap(Swap { group, seconds, person }), terminal)
}

/// How the groups stand.
pub(super) fn swaps(path: &Path, json: bool, terminal: &mut Terminal) -> Sysexit {
    tell::told(path, &Request::Swaps, json, terminal, |told, time, terminal| {
        let groups = told.as_array().map(Vec::as_slice).unwrap_or_default();
        if groups.is_empty() {
            terminal.line("No alarm names a swap group.");
        }
        for group in groups {
            one_group(group, time, terminal);
        }
    })
}

fn one_group(group: &Value, time: &SiteTime, terminal: &mut Terminal) {
    let text = |key: &str| tell::text(group, key);
    let name = plain(&text("group"));
    let escalations = group.get("escalations").and_then(Value::as_array);
    let escalations: Vec<&str> =
        escalations.into_iter().flatten().filter_map(Value::as_str).collect();
    let others = plain(&escalations.join(", "));
    let by = match text("by") {
        by if by.is_empty() => "by the calendar".to_owned(),
        by => format!("by {}", plain(&by)),
    };
    let line = if group.get("swapped") == Some(&Value::Bool(true)) {
        let until = time.read(&text("until"));
        let moved = match group.get("moved").and_then(Value::as_u64) {
            None | Some(0) => String::new(),
            Some(count) => format!("; {count} open that nobody holds"),
        };
        terminal.styled(
            Style::Warning,
            format_args!("{name}: swapped {by} until {until}, to {others}{moved}"),
        )
    } else {
        let next = match text("next") {
            next if next.is_empty() => String::new(),
            next => format!(", by the calendar from {}", time.read(&next)),
        };
        terminal
            .styled(Style::Plain, format_args!("{name}: not swapped{next}; would go to {others}"))
    };
    terminal.line(line);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tell::tests::shown;
    use super::*;

    #[test]
    fn a_group_is_told_with_its_end_at_the_site_and_who_swapped_it() {
        let swapped = json!({
            "group": "cold", "swapped": true, "since": "2026-11-23T02:12:40Z", "until": "2026-11-23T06:12:40Z",
            "by": "marie", "next": null, "escalations": ["fitters"], "moved": 2,
        });
        assert_eq!(
            shown(|time, terminal| one_group(&swapped, time, terminal)),
            "cold: swapped by marie until 2026-11-23 07:12:40, to fitters; 2 open that nobody holds\n"
        );
        let waits = json!({
            "group": "cold", "swapped": false, "since": null, "until": null, "by": null,
            "next": "2026-12-07T07:00:00Z", "escalations": ["fitters"], "moved": 0,
        });
        assert_eq!(
            shown(|time, terminal| one_group(&waits, time, terminal)),
            "cold: not swapped, by the calendar from 2026-12-07 08:00:00; would go to fitters\n"
        );
    }

    #[test]
    fn how_long_is_written_as_in_an_sms() {
        assert_eq!(lasting("1h30"), Ok(Lasting::For(Duration::from_secs(5_400))));
        assert_eq!(lasting("2d"), Ok(Lasting::For(Duration::from_secs(172_800))));
        assert_eq!(lasting("OFF"), Ok(Lasting::Off));
        assert!(lasting("4").is_err() && lasting("tomorrow").is_err());
        assert!(lasting("1000d").is_err_and(|why| why.contains("a year at most")));
    }
}
