//! `vigie check`: every complaint about the files, and whether the daemon would start with them.
//!
//! It opens no device and changes nothing; it asks a daemon only with `--against-running`.

use std::path::Path;

use super::arguments::Check;
use super::client;
use super::sysexit::Sysexit;
use super::terminal::{Style, Terminal, plain};
use crate::config::{self, Complaint, Reading, Settings, Severity};
use crate::control::protocol::{Answer, Request};
use crate::host::clock::Clock;
use crate::watch::plan::Plan;
use crate::watch::plan::changes::changes;
use crate::watch::site::Site;

/// Prints every complaint, then one line that sums up.
pub(super) fn check(path: &Path, asked: &Check, terminal: &mut Terminal) -> Sysexit {
    let reading =
        config::read_guarded(path, Path::new(config::THIS_PROGRAM), Clock::new().now().utc);
    complain(&reading, terminal);
    let refused = reading.settings.is_none() || (asked.strict && !reading.complaints.is_empty());
    let style = if refused { Style::Wrong } else { Style::Good };
    let summary = terminal.styled(style, summary(path, &reading));
    terminal.line(summary);
    match reading.settings {
        Some(settings) if asked.against_running && !refused => {
            against_running(path, &settings.site, terminal)
        }
        Some(_) | None if refused => Sysexit::Configuration,
        Some(_) | None => Sysexit::Ok,
    }
}

/// What a reload would change for people, in the words of the daemon's record.
fn against_running(path: &Path, site: &Site, terminal: &mut Terminal) -> Sysexit {
    let now = Clock::new().now().utc;
    let told = match client::ask(path, &Request::Plan(now), terminal) {
        Ok(Answer::Told(told)) => told,
        Ok(Answer::Done(_) | Answer::Refused(_)) => return Sysexit::Software,
        Err(exit) => return exit,
    };
    let running: Plan = match serde_json::from_str(told.get()) {
        Ok(running) => running,
        Err(error) => {
            terminal.complain(format_args!(
                "vigie: the daemon that runs speaks of its files in another way, perhaps that of another version: {error}"
            ));
            return Sysexit::Software;
        }
    };
    let changes = changes(&running, &Plan::of(site, now), &site.zone);
    if changes.is_empty() {
        terminal.line("A reload changes nothing in whom alarms call.");
        return Sysexit::Ok;
    }
    let heading = terminal.styled(Style::Strong, "A reload changes:");
    terminal.line(heading);
    for change in changes {
        terminal.line(format_args!("- {}", plain(&change)));
    }
    terminal.line("Alarms that are open keep the ladder with which they opened.");
    Sysexit::Ok
}

/// Every complaint about the files.
pub(super) fn complain(reading: &Reading, terminal: &mut Terminal) {
    print(&reading.complaints, terminal);
}

/// Complaints, one after the other.
pub(super) fn print(complaints: &[Complaint], terminal: &mut Terminal) {
    for complaint in complaints {
        let text = complaint.to_string();
        let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
        let style = match complaint.severity {
            Severity::Error => Style::Wrong,
            Severity::Warning => Style::Warning,
        };
        let first = terminal.styled_complaint(style, first);
        terminal.complain(first);
        if !rest.is_empty() {
            terminal.complain(rest);
        }
        terminal.complain("");
    }
}

/// The settings for a command that needs them; without them every complaint, and how it ends.
pub(super) fn settings(path: &Path, terminal: &mut Terminal) -> Result<Settings, Sysexit> {
    let reading = config::read(path);
    if reading.settings.is_none() {
        complain(&reading, terminal);
    }
    reading.settings.ok_or(Sysexit::Configuration)
}

fn summary(path: &Path, reading: &Reading) -> String {
    let count = |severity| {
        reading.complaints.iter().filter(|complaint| complaint.severity == severity).count()
    };
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let mut found = Vec::new();
    if errors > 0 {
        found.push(counted(errors, "error", "errors"));
    }
    if warnings > 0 {
        found.push(counted(warnings, "warning", "warnings"));
    }
    let found =
        if found.is_empty() { "nothing to complain of".to_owned() } else { found.join(", ") };
    let contents = reading.settings.as_ref().map(contents).unwrap_or_default();
    format!("{}: {contents}{found}", path.display())
}

fn contents(settings: &Settings) -> String {
    let alarms = counted(settings.site.definitions.configured().count(), "alarm", "alarms");
    let people = counted(settings.site.people.len(), "person", "people");
    let Settings { gsm, snmp, mqtt, contacts, .. } = settings;
    let inputs = [gsm.len(), snmp.len(), mqtt.len(), contacts.len()];
    let inputs = counted(inputs.into_iter().fold(0, usize::saturating_add), "input", "inputs");
    format!("{alarms}, {people}, {inputs}: ")
}

pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::super::terminal::paper::Paper;
    use super::*;

    fn checked(text: &str, strict: bool) -> (Sysexit, String, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vigie.toml");
        std::fs::write(&path, text).unwrap();
        let (out, err) = (Paper::default(), Paper::default());
        let mut terminal = Terminal::new(Box::new(out.clone()), Box::new(err.clone()));
        let exit = check(&path, &Check { strict, against_running: false }, &mut terminal);
        let exit = terminal.close(exit);
        (exit, out.text().replace(&folder.path().display().to_string(), ""), err.text())
    }

    const EXAMPLE: &str = include_str!("../../etc/vigie.toml");

    #[test]
    fn a_sound_file_ends_well_and_says_what_is_in_it() {
        let (exit, out, err) = checked(EXAMPLE, false);
        assert_eq!(exit, Sysexit::Ok, "{err}");
        assert!(out.starts_with("/vigie.toml: ") && out.contains("alarms, "), "{out}");
    }

    #[test]
    fn every_kind_of_input_is_counted() {
        let reading = config::read_str(&[("vigie.toml", EXAMPLE)]);
        let settings = reading.settings.unwrap();
        let Settings { gsm, snmp, mqtt, contacts, .. } = &settings;
        assert!(!mqtt.is_empty() || !contacts.is_empty(), "the example has them");
        let all = gsm.len() + snmp.len() + mqtt.len() + contacts.len();
        assert!(contents(&settings).ends_with(&format!(", {all} inputs: ")));
    }

    #[test]
    fn a_warning_is_an_error_where_strictness_is_asked_for() {
        let (exit, out, err) = checked(EXAMPLE, true);
        assert!(err.contains("warning: "), "{err}");
        assert!(out.ends_with(" warnings\n"), "{out}");
        assert_eq!(exit, Sysexit::Configuration);
    }

    #[test]
    fn a_file_that_is_refused_ends_with_78_and_every_complaint() {
        let (exit, out, err) = checked("[site]\nnmae = 3\n[peple]\n", false);
        assert_eq!((exit, exit.number()), (Sysexit::Configuration, 78));
        assert!(out.contains("errors") && !out.contains("alarms"), "{out}");
        assert!(err.contains("nmae") && err.contains("peple"), "{err}");
    }

    #[test]
    fn a_file_that_does_not_exist_is_a_complaint_like_any_other() {
        let (out, err) = (Paper::default(), Paper::default());
        let mut terminal = Terminal::new(Box::new(out), Box::new(err.clone()));
        let exit = check(
            Path::new("/nowhere/vigie.toml"),
            &Check { strict: false, against_running: false },
            &mut terminal,
        );
        assert_eq!(exit, Sysexit::Configuration);
        assert!(err.text().contains("--config PATH"), "{}", err.text());
    }
}
