//! The journal, as an operator and an auditor meet it: what it accepts, what it refuses, what it
//! proves, and what is left when the process is killed.
#![cfg(test)]

mod backup;
mod crash;
#[path = "../dice/mod.rs"]
mod dice;
mod opening;
mod record;
mod retention;
mod snapshots;
mod tables;
mod tampering;

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use tempfile::TempDir;
use vigie::journal::{
    Batch, Entry, Hash, Head, Journal, JournalError, NewEntry, Reader, Recovered, Verification,
};
use vigie::watch::time::{ClockQuality, Moment, Mono, Utc};

/// A directory that goes away with the test, and the journal's place in it.
struct Site {
    directory: TempDir,
    path: PathBuf,
}

impl Site {
    fn new() -> Self {
        // In memory where the machine has such a place: how fast it syncs is not the question.
        let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let path = directory.path().canonicalize().unwrap().join("vigie.db");
        Self { directory, path }
    }

    /// A site whose journal holds this many entries, three in a commit.
    fn with_entries(count: u64) -> Self {
        let site = Self::new();
        let journal = site.open();
        fill(&journal, 1, count);
        journal.close();
        site
    }

    fn open(&self) -> Journal {
        Journal::open(&self.path).unwrap().0
    }

    fn recover(&self) -> Recovered {
        Journal::open(&self.path).unwrap().1
    }

    fn refusal(&self) -> JournalError {
        Journal::open(&self.path).map(|_| ()).unwrap_err()
    }

    fn reader(&self) -> Reader {
        Reader::open(&self.path).unwrap()
    }

    fn verify(&self) -> Verification {
        self.reader().verify().unwrap()
    }

    /// The database as somebody with a shell and bad intentions opens it: the triggers are there, and do nothing.
    fn intruder(&self) -> Connection {
        let store = Connection::open(&self.path).unwrap();
        let is_enabled = DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER;
        assert!(!store.set_db_config(is_enabled, false).unwrap());
        store
    }

    fn lines(&self) -> Vec<Vec<u8>> {
        self.reader().tail(usize::MAX).unwrap()
    }
}

fn fill(journal: &Journal, first: u64, last: u64) -> Head {
    let numbers: Vec<u64> = (first..=last).collect();
    let mut head = Head::NONE;
    for some in numbers.chunks(3) {
        head = journal.commit_blocking(batch(some)).unwrap();
    }
    head
}

fn batch(numbers: &[u64]) -> Batch {
    Batch { entries: numbers.iter().copied().map(entry).collect(), rows: Vec::new() }
}

fn entry(number: u64) -> NewEntry {
    NewEntry {
        moment: Moment {
            utc: Utc::from_micros(1_795_000_000_000_000 + i64::try_from(number).unwrap()),
            mono: Mono::from_nanos(number * 1_000),
            quality: ClockQuality::Synchronised,
        },
        kind: "signal",
        body: format!(r#"{{"n":{number},"text":"Pompe n° {number} en défaut"}}"#).into_bytes(),
        distress: false,
    }
}

fn replayed(recovered: &Recovered) -> Vec<u64> {
    let mut numbers = Vec::new();
    recovered
        .entries(|entry: Entry<'_>| -> Result<(), JournalError> {
            numbers.push(entry.seq);
            Ok(())
        })
        .unwrap();
    numbers
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// The files of a directory by name and hash, to see that nothing was touched. The lock, and what
/// a reader shares with the writer, may come and go.
fn content(directory: &Path) -> Vec<(PathBuf, Hash)> {
    let passing =
        |path: &Path| ["-lock", "-shm"].iter().any(|end| path.to_string_lossy().ends_with(end));
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| !passing(path))
        .map(|path| (path.clone(), Hash::of(&std::fs::read(&path).unwrap_or_default())))
        .filter(|(_, hash)| *hash != Hash::of(b""))
        .collect();
    files.sort_by(|one, other| one.0.cmp(&other.0));
    files
}
