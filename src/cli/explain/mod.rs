//! `vigie explain`: which definitions a signal selects, what they say of it, why the others do not,
//! and what would then happen.
//!
//! The watch reads the signal on paper: nothing stands before, nothing is sent, and no daemon is
//! asked. What happens is therefore what would happen at a site where all is well.

mod reading;
pub mod written;

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use super::arguments::Explain;
use super::check;
use super::rehearse::night::{Night, NightError};
use super::sysexit::Sysexit;
use super::terminal::{Style, Terminal, plain};
use crate::config::mibs::Proposals;
use crate::host::clock::Clock;
use crate::watch::signal::{Fields, Signal};
use reading::{Explained, Said};
use written::SignalError;

/// A signal is no longer than this as JSON.
const LONGEST: u64 = 16 * 1_024 * 1_024;

/// Everything, for `--json`.
#[derive(Serialize)]
struct Explanation<'a> {
    signal: Shown<'a>,
    definitions: &'a [Explained],
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestion: Option<String>,
}

/// The signal as it was understood.
#[derive(Serialize)]
struct Shown<'a> {
    input: &'a str,
    kind: &'a str,
    source: &'a str,
    text: &'a str,
    received: String,
    fields: &'a Fields,
}

/// Explains one signal.
pub(super) fn explain(config: &Path, asked: &Explain, terminal: &mut Terminal) -> Sysexit {
    let text = match text_of(&asked.signal) {
        Ok(text) => text,
        Err(error) => {
            terminal
                .complain(format_args!("vigie: {} cannot be read: {error}", plain(&asked.signal)));
            return Sysexit::NoInput;
        }
    };
    let signal = match written::read(&text, Clock::new().now().utc) {
        Ok(signal) => signal,
        Err(error) => return refuse(&error, terminal),
    };
    let settings = match check::settings(config, terminal) {
        Ok(settings) => settings,
        Err(exit) => return exit,
    };
    let inputs: Vec<&str> = settings
        .gsm
        .iter()
        .map(|modem| modem.name.as_str())
        .chain(settings.snmp.iter().map(|receiver| receiver.name.as_str()))
        .chain(settings.mqtt.iter().map(|connection| connection.name.as_str()))
        .chain(settings.contacts.iter().map(|device| device.name.as_str()))
        .collect();
    if !inputs.contains(&signal.input.as_str()) {
        let known = inputs.join(", ");
        terminal.complain(format_args!(
            "note: no input is called `{}`; there are: {known}",
            signal.input
        ));
    }
    let proposals = Proposals::new(settings.names);
    let modems = settings.gsm.iter().map(|modem| modem.name.clone()).collect();
    let night = Night::new(Arc::new(settings.site), modems, signal.received);
    match night.and_then(|night| tell(night, &signal, proposals, asked.json, terminal)) {
        Ok(()) => Sysexit::Ok,
        Err(error) => {
            terminal.complain(format_args!("vigie: {error}"));
            Sysexit::Software
        }
    }
}

/// JSON begins with a brace; `-` is the standard input; anything else is a file.
fn text_of(written: &str) -> std::io::Result<String> {
    if written.trim_start().starts_with('{') {
        return Ok(written.to_owned());
    }
    let mut text = String::new();
    if written == "-" {
        std::io::stdin().lock().take(LONGEST).read_to_string(&mut text)?;
    } else {
        std::fs::File::open(written)?.take(LONGEST).read_to_string(&mut text)?;
    }
    Ok(text)
}

fn refuse(error: &SignalError, terminal: &mut Terminal) -> Sysexit {
    terminal.complain(format_args!("vigie: {error}"));
    Sysexit::BadInput
}

fn tell(
    mut night: Night,
    signal: &Signal,
    mut proposals: Proposals,
    json: bool,
    terminal: &mut Terminal,
) -> Result<(), NightError> {
    let explained = reading::explain(&mut night, signal)?;
    let unclaimed = explained.iter().all(|explained| explained.selected.is_none());
    let suggestion = unclaimed.then(|| proposals.of(signal));
    if json {
        let explanation =
            Explanation { signal: shown(signal), definitions: &explained, suggestion };
        terminal.json(&serde_json::to_string_pretty(&explanation)?);
        return Ok(());
    }
    heading(signal, terminal);
    for explained in &explained {
        definition(explained, terminal);
    }
    if let Some(suggestion) = suggestion {
        let unclaimed =
            terminal.styled(Style::Warning, "No definition selects it. One that would:");
        terminal.line(format_args!("\n{unclaimed}\n\n{}", suggestion.trim_end()));
    }
    Ok(())
}

fn shown(signal: &Signal) -> Shown<'_> {
    Shown {
        input: signal.input.as_str(),
        kind: signal.kind.name(),
        source: &signal.source,
        text: &signal.text,
        received: signal.received.to_string(),
        fields: &signal.fields,
    }
}

fn heading(signal: &Signal, terminal: &mut Terminal) {
    let heading = format!("A signal of {} from {}", signal.input, plain(&signal.source));
    let heading = terminal.styled(Style::Strong, heading);
    terminal.line(heading);
    if !signal.text.is_empty() {
        terminal.line(format_args!("  text = \"{}\"", plain(&signal.text)));
    }
    for (name, value) in signal.fields.iter() {
        terminal.line(format_args!("  {} = {}", plain(name), plain(&value.to_string())));
    }
}

fn definition(explained: &Explained, terminal: &mut Terminal) {
    let Some(selected) = &explained.selected else {
        let why = explained.why_not.as_deref().unwrap_or("another definition comes first");
        let line = format!("{}: not selected: {}", explained.definition, plain(why));
        let line = terminal.styled(Style::Faint, line);
        terminal.line(line);
        return;
    };
    let name = terminal.styled(Style::Strong, format_args!("{}: selected", explained.definition));
    terminal.line(name);
    if !selected.key.is_empty() {
        terminal.line(format_args!("  key       {}", plain(&selected.key)));
    }
    let (style, says) = match &selected.says {
        Said::Active { priority, text } => {
            (Style::Wrong, format!("active, {priority}: \"{}\"", plain(text)))
        }
        Said::Event { priority, text } => {
            (Style::Wrong, format!("an event, {priority}: \"{}\"", plain(text)))
        }
        Said::Normal => (Style::Good, "normal".to_owned()),
        Said::Unchanged => {
            (Style::Plain, "unchanged: neither `active` nor `normal` holds".to_owned())
        }
        Said::Unreadable { reason } => (Style::Warning, format!("unreadable: {}", plain(reason))),
    };
    let says = terminal.styled(style, says);
    terminal.line(format_args!("  says      {says}"));
    terminal.line(format_args!("  then      {}", plain(&selected.then)));
    if !selected.calls.is_empty() {
        terminal.line(format_args!("  calls     {}", selected.calls.join(", ")));
    }
}

#[cfg(test)]
mod tests {
    use super::super::terminal::paper::Paper;
    use super::*;

    const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/etc/vigie.toml");

    fn explained(signal: &str, json: bool) -> (Sysexit, String, String) {
        let (out, err) = (Paper::default(), Paper::default());
        let mut terminal = Terminal::new(Box::new(out.clone()), Box::new(err.clone()));
        let exit = explain(
            Path::new(EXAMPLE),
            &Explain { signal: signal.to_owned(), json },
            &mut terminal,
        );
        (terminal.close(exit), out.text(), err.text())
    }

    const DOWN: &str = r#"{"input": "snmp.reseau", "trap": "IF-MIB::linkDown", "source": "10.0.0.1", "ifIndex": 7, "received": "2026-01-06T09:00:00Z"}"#;

    #[test]
    fn a_signal_is_explained_by_every_definition() {
        let (exit, out, err) = explained(DOWN, false);
        assert_eq!((exit, err.as_str()), (Sysexit::Ok, ""));
        for shown in [
            "lien: selected",
            "key       10.0.0.1/7",
            "says      active, high: \"Lien 7 coupé sur 10.0.0.1\"",
            "if it lasts 30s; then step 1 of escalation `technique`",
            "calls     ",
            "site-distant: not selected: the input is `snmp.reseau`, wanted `gsm.orange`",
        ] {
            assert!(out.contains(shown), "{shown}: {out}");
        }
    }

    #[test]
    fn the_same_is_told_as_json() {
        let (_, out, _) = explained(DOWN, true);
        let told: serde_json::Value = serde_json::from_str(&out).unwrap();
        let first = told.pointer("/definitions/0").unwrap();
        assert_eq!(first.get("says").unwrap(), "active");
        assert_eq!(first.get("selected").unwrap(), true);
        assert_eq!(told.pointer("/definitions/1/selected").unwrap(), false);
        assert_eq!(told.pointer("/signal/fields/ifIndex").unwrap(), 7);
    }

    #[test]
    fn what_no_definition_selects_comes_with_one_that_would() {
        let (exit, out, _) =
            explained(r#"{"input": "snmp.reseau", "trap": "1.3.6.1.4.1.9.9"}"#, false);
        assert!(
            exit == Sysexit::Ok
                && out.contains("[alarms.")
                && out.contains("No definition selects it"),
            "{out}"
        );
    }

    #[test]
    fn an_unknown_input_is_noted_and_hostile_text_is_shown_harmlessly() {
        let (_, out, err) =
            explained(r#"{"input": "snmp.nowhere", "text": "\u001b[2J\nx"}"#, false);
        assert!(err.contains("no input is called `snmp.nowhere`"), "{err}");
        assert!(!out.contains('\x1b'), "{out}");
    }

    #[test]
    fn what_cannot_be_read_ends_with_its_status() {
        assert_eq!(explained("/nowhere/signal.json", false).0, Sysexit::NoInput);
        let (exit, _, err) = explained("{\"input\": ", false);
        assert_eq!(exit, Sysexit::BadInput);
        assert!(err.contains("line 1 column"), "{err}");
    }
}
