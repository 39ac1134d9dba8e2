//! `vigie journal tail`, `export`, `verify`: the record, read from the file, with or without a
//! daemon.

use std::path::Path;

use super::arguments::Record;
use super::client::Places;
use super::sysexit::Sysexit;
use super::terminal::{Style, Terminal, plain};
use crate::journal::{Entry, JournalError, Reader, Verification};

/// Reads the record; never writes it.
pub(super) fn journal(path: &Path, asked: &Record, terminal: &mut Terminal) -> Sysexit {
    let store = Places::of(path).store;
    let done = Reader::open(&store).and_then(|reader| match asked {
        Record::Tail(tail) => {
            let lines = reader.tail(usize::try_from(tail.lines).unwrap_or(usize::MAX))?;
            lines.iter().for_each(|line| one_line(line, tail.json, terminal));
            Ok(Sysexit::Ok)
        }
        Record::Export => match reader.export(0, &mut terminal.output()) {
            // Who reads no further has what they wanted.
            Err(JournalError::Output { .. }) => Ok(Sysexit::Ok),
            exported => exported.map(|_| Sysexit::Ok),
        },
        Record::Verify => reader.verify().map(|verification| proof(&store, &verification, terminal)),
    });
    done.unwrap_or_else(|error| {
        terminal.complain(format_args!("vigie: {error}"));
        match error {
            JournalError::Absent { .. } => Sysexit::NoInput,
            _ => Sysexit::BadInput,
        }
    })
}

fn proof(store: &Path, verification: &Verification, terminal: &mut Terminal) -> Sysexit {
    match verification {
        Verification::Intact { entries, head, .. } => {
            let whole = terminal.styled(Style::Good, "intact");
            terminal.line(format_args!("{}: {whole}: {entries} entries, head {}", store.display(), head.hash));
            Sysexit::Ok
        }
        Verification::Broken(broken) => {
            let words = terminal.styled_complaint(Style::Wrong, "broken");
            terminal.complain(format_args!("{}: {words}: {broken}", store.display()));
            Sysexit::BadInput
        }
    }
}

/// An entry as people read it: when, what kind, what followed.
fn one_line(line: &[u8], json: bool, terminal: &mut Terminal) {
    let text = String::from_utf8_lossy(line);
    let Some(entry) = Entry::read(line).filter(|_| !json) else {
        terminal.line(text);
        return;
    };
    let body: serde_json::Value = serde_json::from_str(entry.body).unwrap_or_default();
    let facts = body.get("facts").and_then(serde_json::Value::as_array);
    let names: Vec<&str> =
        facts.into_iter().flatten().filter_map(|fact| fact.as_object()?.keys().next().map(String::as_str)).collect();
    let distress = if entry.distress { " (in distress)" } else { "" };
    let number = terminal.styled(Style::Faint, entry.seq);
    terminal.line(format_args!(
        "{number} {} {}{distress}: {}",
        entry.moment.utc,
        entry.kind,
        plain(&names.join(", ").replace('_', " "))
    ));
}
