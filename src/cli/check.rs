//! `vigie check`: every complaint about the files, and whether the daemon would start with them.
//!
//! It opens no device and changes nothing; it asks a daemon only with `--against-running`.

use std::collections::BTreeSet;
use std::path::Path;

use super::arguments::Check;
use super::client;
use super::sysexit::Sysexit;
use super::terminal::{Style, Terminal, plain};
use crate::config::{self, Complaint, Reading, Settings, Severity};
use crate::control::protocol::{Answer, Request, Running};
use crate::host::clock::Clock;
use crate::watch::name::InputName;
use crate::watch::plan::Plan;
use crate::watch::plan::changes::changes;

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
            against_running(path, &settings, terminal)
        }
        Some(_) | None if refused => Sysexit::Configuration,
        Some(_) | None => Sysexit::Ok,
    }
}

/// What a reload would change for people, in the words of the daemon's record; or that it would be refused.
fn against_running(path: &Path, settings: &Settings, terminal: &mut Terminal) -> Sysexit {
    let site = &settings.site;
    let now = Clock::new().now().utc;
    let told = match client::ask(path, &Request::Plan(now), terminal) {
        Ok(Answer::Told(told)) => told,
        Ok(Answer::Done(_) | Answer::Refused(_)) => return Sysexit::Software,
        Err(exit) => {
            if exit == Sysexit::Unavailable {
                terminal.complain("note: it is asked where `control.socket` of these files says. If that was changed, the daemon that runs listens where it was: a reload refuses the change, a restart takes it");
            }
            return exit;
        }
    };
    let running: Running = match serde_json::from_str(told.get()) {
        Ok(running) => running,
        Err(error) => {
            terminal.complain(format_args!(
                "vigie: the daemon that runs speaks of its files in another way, perhaps that of another version: {error}"
            ));
            return Sysexit::Software;
        }
    };
    let is_refused = running.store != settings.store;
    if is_refused {
        let (now, next) = (running.store.display(), settings.store.display());
        let refused = format!(
            "A reload is refused: `store.path` is now {now}; to make it {next} needs a restart."
        );
        let refused = terminal.styled(Style::Wrong, refused);
        terminal.line(refused);
    }
    let mut changes = changes(&running.plan, &Plan::of(site, now), &site.zone);
    changes.extend(inputs(&running, settings));
    let what = if is_refused { "restart" } else { "reload" };
    if changes.is_empty() {
        terminal.line(format_args!("A {what} changes nothing in whom alarms call."));
    } else {
        let heading = terminal.styled(Style::Strong, format_args!("A {what} changes:"));
        terminal.line(heading);
        for change in changes {
            terminal.line(format_args!("- {}", plain(&change)));
        }
        terminal.line("Alarms that are open keep the ladder with which they opened.");
    }
    terminal.line(
        "What stands in the tables of inputs, outputs, [metrics] and [ping.*] is not compared.",
    );
    if is_refused { Sysexit::Configuration } else { Sysexit::Ok }
}

/// The inputs that come and go, and whether a modem is left.
fn inputs(running: &Running, settings: &Settings) -> Vec<String> {
    let Settings { gsm, snmp, mqtt, contacts, .. } = settings;
    let next: BTreeSet<&InputName> = gsm
        .iter()
        .map(|modem| &modem.name)
        .chain(snmp.iter().map(|receiver| &receiver.name))
        .chain(mqtt.iter().map(|connection| &connection.name))
        .chain(contacts.iter().map(|device| &device.name))
        .collect();
    let now: BTreeSet<&InputName> = running.inputs.iter().collect();
    let gone = now.difference(&next).map(|name| format!("input `{name}` is gone and is closed"));
    let new = next.difference(&now).map(|name| format!("input `{name}` is new and is opened"));
    let had_modem = now.iter().any(|name| name.as_str().starts_with("gsm."));
    let none = (had_modem && gsm.is_empty())
        .then(|| "no modem is left: nobody is sent an SMS any more".to_owned());
    gone.chain(new).chain(none).collect()
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
    use crate::watch::time::Utc;

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

    /// A site on which these alarms are.
    fn settings_of(tables: &str) -> Settings {
        const SITE: &str = "[site]\nname = \"Nord\"\ntime-zone = \"Europe/Paris\"\n[people.marie]\nphone = \"+33612345678\"\n\
            [escalations.duty]\nsteps = [{ notify = [\"person:marie\"], wait = \"5m\" }]\n\
            [snmp.network]\nlisten = [\"127.0.0.1:11162\"]\n";
        let reading = config::read_str(&[("vigie.toml", &format!("{SITE}{tables}"))]);
        let told: Vec<String> = reading.complaints.iter().map(ToString::to_string).collect();
        reading.settings.unwrap_or_else(|| panic!("{told:#?}"))
    }

    /// What a reload changes.
    fn compared(before: &str, after: &str) -> Vec<String> {
        let plan = |tables: &str| Plan::of(&settings_of(tables).site, at());
        changes(&plan(before), &plan(after), &jiff::tz::TimeZone::UTC)
    }

    fn at() -> Utc {
        Utc::from("2026-11-27T09:00:00Z".parse::<jiff::Timestamp>().unwrap())
    }

    const LINK: &str = "[alarms.link]\nfrom = [\"snmp.network\"]\nmatch = { trap = [\"IF-MIB::linkDown\", \"IF-MIB::linkUp\"] }\n\
        active = 'trap == \"IF-MIB::linkDown\"'\nnormal = 'trap == \"IF-MIB::linkUp\"'\ntext = \"Link\"\nescalation = \"duty\"\n";

    #[test]
    fn an_alarm_that_is_defined_otherwise_is_told_with_its_keys() {
        assert_eq!(compared(LINK, LINK), Vec::<String>::new());
        let told = |old: &str, new: &str| {
            assert!(LINK.contains(old), "{old}");
            compared(LINK, &LINK.replacen(old, new, 1))
        };
        for (old, new, keys) in [
            ("\"IF-MIB::linkUp\"]", "\"IF-MIB::linkUp\", \"1.3.6.1.4.1.9.9.1\"]", "match"),
            ("text = \"Link\"", "text = \"Links\"", "text"),
            ("text = \"Link\"", "text = \"Link\"\non-delay = \"5m\"", "on-delay"),
            ("text = \"Link\"", "text = \"Link\"\nkey = \"{source}\"", "key"),
            ("text = \"Link\"", "text = \"Link\"\npriority = \"low\"", "priority"),
            ("text = \"Link\"", "text = \"Link\"\nlatch = true", "latch"),
            ("'trap == \"IF-MIB::linkDown\"'", "'trap != \"IF-MIB::linkUp\"'", "active"),
            ("'trap == \"IF-MIB::linkUp\"'", "'trap != \"IF-MIB::linkDown\"'", "normal"),
            ("[\"snmp.network\"]", "[\"snmp\"]", "from"),
        ] {
            assert_eq!(
                told(old, new),
                [format!("alarm `link` is defined otherwise: {keys}")],
                "{new}"
            );
        }
    }

    #[test]
    fn what_keeps_alarms_quiet_or_sends_them_elsewhere_is_told() {
        let power = LINK.replace("alarms.link", "alarms.power");
        let both = format!("{LINK}{power}");
        let quiet = format!("{both}suppressed-by = [\"link\"]\n");
        assert_eq!(compared(&both, &quiet), ["alarm `power` is defined otherwise: suppressed-by"]);
        let window = |days: &str| {
            format!(
                "{LINK}[maintenance.wash]\nalarms = [\"link\"]\nhours = [\"{days} 08:00-10:00\"]\n"
            )
        };
        assert_eq!(compared(LINK, &window("mon")), ["[maintenance.wash] is new"]);
        assert_eq!(compared(&window("mon"), &window("tue")), ["[maintenance.wash] is another"]);
        assert_eq!(compared(&window("mon"), LINK), ["[maintenance.wash] is gone"]);
        let storm = format!("{LINK}[storm]\nmessages = 9\n");
        assert_eq!(compared(LINK, &storm), ["[storm] is another"]);
        let person = format!("{LINK}[people.karim]\nphone = \"+33698765432\"\n");
        let may = format!("{person}may = [\"shelve\"]\n");
        assert_eq!(compared(LINK, &person), Vec::<String>::new(), "no alarm calls karim yet");
        assert_eq!(compared(&person, &may), ["[people.karim] is another"]);
    }

    #[test]
    fn an_input_that_goes_is_told_and_that_no_modem_is_left() {
        let settings = settings_of(LINK);
        let names = ["snmp.network", "gsm.modem"].map(InputName::new);
        let plan = Plan::of(&settings.site, at());
        let running = Running { plan, store: settings.store.clone(), inputs: names.into() };
        assert_eq!(
            inputs(&running, &settings),
            [
                "input `gsm.modem` is gone and is closed",
                "no modem is left: nobody is sent an SMS any more"
            ]
        );
    }
}
