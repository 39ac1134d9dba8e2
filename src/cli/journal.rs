//! `vigie journal tail`, `export`, `verify`: the record, read from the file, with or without a
//! daemon.

use std::error::Error;
use std::io::{ErrorKind, Write};
use std::path::Path;

use serde_json::Value;

use super::arguments::Record;
use super::client::Places;
use super::site_time::SiteTime;
use super::sysexit::Sysexit;
use super::terminal::{Style, Terminal, plain};
use crate::journal::{Entry, JournalError, Reader, Verification};

/// Reads the record; never writes it.
pub(super) fn journal(path: &Path, asked: &Record, terminal: &mut Terminal) -> Sysexit {
    let Places { store, time, .. } = match Places::of_store(path, terminal) {
        Ok(places) => places,
        Err(exit) => return exit,
    };
    let done = Reader::open(&store).and_then(|reader| match asked {
        Record::Tail(tail) => {
            let lines = reader.tail(usize::try_from(tail.lines).unwrap_or(usize::MAX))?;
            lines.iter().for_each(|line| one_line(line, tail.json, &time, terminal));
            Ok(Sysexit::Ok)
        }
        Record::Export if terminal.is_screen() => {
            let mut lines = Lines { terminal, begun: Vec::new() };
            exported(reader.export(0, &mut lines))
        }
        Record::Export => exported(reader.export(0, &mut terminal.output())),
        Record::Verify => {
            let proved = proof(&store, &reader.verify()?, terminal);
            // With an intact record no Vigie starts where the tables are not as they were made.
            reader.prove_tables().map(|()| proved)
        }
    });
    done.unwrap_or_else(|error| unread(&store, &error, terminal))
}

fn exported(exported: Result<u64, JournalError>) -> Result<Sysexit, JournalError> {
    match exported {
        // Who reads no further has what they wanted.
        Err(JournalError::Output { .. }) => Ok(Sysexit::Ok),
        exported => exported.map(|_| Sysexit::Ok),
    }
}

/// The lines of the record on their way to a screen.
struct Lines<'t> {
    terminal: &'t mut Terminal,
    /// A line that is not whole yet: none is longer than an entry.
    begun: Vec<u8>,
}

impl Write for Lines<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.terminal.is_closed() {
            return Err(ErrorKind::BrokenPipe.into());
        }
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            match part.strip_suffix(b"\n") {
                None => self.begun.extend_from_slice(part),
                Some(end) => {
                    self.begun.extend_from_slice(end);
                    self.terminal.record(&String::from_utf8_lossy(&self.begun));
                    self.begun.clear();
                }
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The record is Vigie's own account's alone: that is the commonest reason, and is said in words.
pub(super) fn unread(store: &Path, error: &JournalError, terminal: &mut Terminal) -> Sysexit {
    let opened = std::fs::File::open(store);
    if opened.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied) {
        let store = store.display();
        terminal.complain(format_args!(
            "vigie: this account may not read {store}; root and Vigie's own account may"
        ));
        return Sysexit::NoPermission;
    }
    let cause = error.source().map_or_else(String::new, |cause| format!(": {cause}"));
    terminal.complain(format_args!("vigie: {error}{cause}"));
    match error {
        JournalError::Absent { .. } | JournalError::DirectoryAbsent { .. } => Sysexit::NoInput,
        JournalError::NotAFile { .. }
        | JournalError::DanglingLink { .. }
        | JournalError::Empty { .. }
        | JournalError::LeftBehind { .. }
        | JournalError::Locked { .. }
        | JournalError::Refused { .. }
        | JournalError::Full { .. }
        | JournalError::ReadOnly { .. }
        | JournalError::NotADatabase { .. }
        | JournalError::Foreign { .. }
        | JournalError::Newer { .. }
        | JournalError::Setting { .. }
        | JournalError::Damaged { .. }
        | JournalError::Altered { .. }
        | JournalError::LogDamaged { .. }
        | JournalError::Broken { .. }
        | JournalError::NoSnapshot { .. }
        | JournalError::Present { .. }
        | JournalError::NotADirectory { .. }
        | JournalError::Sqlite { .. }
        | JournalError::Thread { .. }
        | JournalError::Output { .. } => Sysexit::BadInput,
    }
}

pub(super) fn proof(store: &Path, verification: &Verification, terminal: &mut Terminal) -> Sysexit {
    match verification {
        Verification::Intact { entries, first, head } => {
            let whole = terminal.styled(Style::Good, "intact");
            let since = match first {
                0 | 1 => String::new(),
                first => format!(
                    " from number {first} on (those before were let go, and the record says so)"
                ),
            };
            terminal.line(format_args!(
                "{}: {whole}: {entries} entries{since}, head {}",
                store.display(),
                head.hash
            ));
            Sysexit::Ok
        }
        Verification::Broken(broken) => {
            let words = terminal.styled_complaint(Style::Wrong, "broken");
            terminal.complain(format_args!("{}: {words}: {broken}", store.display()));
            Sysexit::BadInput
        }
    }
}

/// An entry as people read it: when, what happened, what followed.
fn one_line(line: &[u8], json: bool, time: &SiteTime, terminal: &mut Terminal) {
    let text = String::from_utf8_lossy(line);
    let Some(entry) = Entry::read(line).filter(|_| !json) else {
        terminal.record(&text);
        return;
    };
    let body: Value = serde_json::from_str(entry.body).unwrap_or_default();
    let facts = ["facts", "held"].map(|key| body.get(key).and_then(Value::as_array));
    let facts: Vec<String> = facts.into_iter().flatten().flatten().map(fact).collect();
    let (what, distress) = (happened(&body), if entry.distress { " (in distress)" } else { "" });
    let follows = if facts.is_empty() { "nothing follows".to_owned() } else { facts.join(", ") };
    let number = terminal.styled(Style::Faint, entry.seq);
    let at = time.show(entry.moment.utc.timestamp());
    terminal.line(format_args!(
        "{number} {at}  {}{}{distress}: {}",
        entry.kind,
        plain(&what),
        plain(&follows)
    ));
}

/// Where it came from, or who did it.
fn happened(body: &Value) -> String {
    let at = |path: &str| body.pointer(path).map(shown);
    let signal = |path: &str| {
        Some(format!(
            " of {} from {}",
            at(&format!("{path}/input"))?,
            at(&format!("{path}/source"))?
        ))
    };
    let command =
        || Some(format!(" {} by {}", at("/event/command/action")?, at("/event/command/person")?));
    let missing = || Some(format!(" {} decisions", at("/event/missing/decisions")?));
    let own = || Some(format!(" {} {}", at("/event/own/alarm")?, at("/event/own/subject")?));
    signal("/event/signal")
        .or_else(|| signal("/event/message/signal"))
        .or_else(command)
        .or_else(own)
        .or_else(missing)
        .unwrap_or_default()
}

/// One thing that followed: what, to which occurrence, for whom. Neither codes nor texts.
fn fact(fact: &Value) -> String {
    let Some((name, body)) = fact.as_object().and_then(|fact| fact.iter().next()) else {
        return shown(fact).replace('_', " ");
    };
    let mut words = name.replace('_', " ");
    for (paths, sign) in [
        (["/occurrence", "/notification/occurrence"], " #"),
        (["/person", "/notification/person"], " "),
        (["/notification/id", "/notification"], " message "),
    ] {
        let found =
            paths.iter().find_map(|path| body.pointer(path).filter(|found| !found.is_object()));
        if let Some(found) = found.filter(|found| !found.is_null()) {
            words.push_str(sign);
            words.push_str(&shown(found));
        }
    }
    words
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_followed_is_told_with_its_occurrence_and_its_person_and_without_its_code() {
        assert_eq!(fact(&json!("resumed")), "resumed");
        let drawn =
            json!({"code_drawn": {"code": "4711", "person": "marie", "occurrence": 7, "run": 0}});
        assert_eq!(fact(&drawn), "code drawn #7 marie");
        let owed = json!({"owed": {"notification": {"id": 3, "person": "karim", "occurrence": 7, "text": "HIGH"}}});
        assert_eq!(fact(&owed), "owed #7 karim message 3");
        assert_eq!(
            fact(&json!({"attempted": {"notification": 3, "by": "gsm.orange"}})),
            "attempted message 3"
        );
    }

    #[test]
    fn what_happened_is_told_with_who_did_it() {
        let signal = json!({"event": {"signal": {"input": "snmp.network", "source": "10.0.0.1"}}});
        assert_eq!(happened(&signal), " of snmp.network from 10.0.0.1");
        let message = json!({"event": {"message": {"signal": {"input": "gsm.orange", "source": "+33612345678"}}}});
        assert_eq!(happened(&message), " of gsm.orange from +33612345678");
        let command = json!({"event": {"command": {"person": "karim", "account": "root", "action": "acknowledge"}}});
        assert_eq!(happened(&command), " acknowledge by karim");
        assert_eq!(happened(&json!({"event": "deadline"})), "");
    }
}
