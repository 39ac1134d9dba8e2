//! The journal on a disk that is full, that fails, or that loses its power: at each single write
//! and sync, one after the other. Nothing that was acknowledged is lost, nothing that was refused
//! is there, and the journal goes on when the disk does.
#![cfg(test)]

mod altered;
mod calling;
#[path = "../dice/mod.rs"]
mod dice;
mod disk;
mod overfull;
mod power;
mod power_cuts;
mod reserve;

use std::ffi::c_int;
use std::path::PathBuf;

use rusqlite::ffi::{
    SQLITE_FULL, SQLITE_IOERR_DELETE, SQLITE_IOERR_FSYNC, SQLITE_IOERR_SHMMAP,
    SQLITE_IOERR_SHMSIZE, SQLITE_IOERR_TRUNCATE, SQLITE_IOERR_WRITE, SQLITE_READONLY,
};
use tempfile::TempDir;
use vigie::journal::{Batch, CommitError, Journal, JournalError, NewEntry, Reader, Verification};
use vigie::watch::time::{Moment, Mono, Utc};

use self::disk::Disk;
use self::power::Files;

/// What a disk can answer.
const CODES: [c_int; 8] = [
    SQLITE_FULL,
    SQLITE_READONLY,
    SQLITE_IOERR_WRITE,
    SQLITE_IOERR_FSYNC,
    SQLITE_IOERR_TRUNCATE,
    SQLITE_IOERR_DELETE,
    SQLITE_IOERR_SHMMAP,
    SQLITE_IOERR_SHMSIZE,
];
const COMMITS: u64 = 6;
/// So many failures in a row make the journal open its file again.
const REOPENED_AFTER: u32 = 3;

#[test]
fn a_disk_that_fills_up_or_fails_at_any_write_loses_nothing_and_the_journal_goes_on() {
    for code in CODES {
        // One failure of the device is like another, once it is known for one.
        let each = matches!(code, SQLITE_FULL | SQLITE_READONLY | SQLITE_IOERR_WRITE);
        for patience in if each { &[1, 2, 5][..] } else { &[4] } {
            let mut after = 0;
            while fails(after, code, *patience) {
                after += 1;
            }
            println!("code {code}, healed after {patience} refusals: {after} places to fail at");
            assert!(after > 15, "{after} places: the disk was never asked");
        }
    }
}

/// One life of a journal whose disk fails after so many writes, and is well again after so many
/// refusals. Returns whether there were that many writes.
fn fails(after: u32, code: c_int, patience: u32) -> bool {
    let site = Site::new();
    let disk = Disk::under(&site.path);
    let (journal, _) = Journal::open(&site.path).unwrap();
    disk.fail(after, code);
    let mut failed = false;
    for number in 1..=COMMITS {
        let mut refusals = 0;
        while let Err(error) = journal.commit_blocking(batch(number)) {
            refusals += 1;
            assert!(is_told_as(code, &error), "code {code}: {error}");
            // Once the file was opened again, what failed at its sync may be back from the log: then
            // the next try finds it there, once.
            // Between the two the file is nobody's, and a reader needs the disk as much as a start.
            let reopened = refusals >= REOPENED_AFTER;
            match site.try_count() {
                Ok(there) if reopened && there == number => {}
                Ok(there) => assert_eq!(there, number - 1, "what was refused is there"),
                Err(error) => assert!(reopened, "{error}"),
            }
            assert!(refusals <= patience, "the disk is well again, and still: {error}");
            if refusals == patience {
                failed |= disk.heal();
            }
        }
        assert_eq!(site.count(), number, "what was acknowledged is missing");
    }
    journal.close();
    failed |= disk.heal();
    drop(disk);
    assert!(matches!(site.verify(), Verification::Intact { entries: COMMITS, .. }));
    failed
}

fn is_full(code: c_int) -> bool {
    matches!(code, SQLITE_FULL | SQLITE_IOERR_SHMSIZE)
}

fn is_told_as(code: c_int, error: &CommitError) -> bool {
    let (full, read_only) = (is_full(code), code == SQLITE_READONLY);
    match error {
        CommitError::Full { .. } => full,
        CommitError::ReadOnly { .. } => read_only,
        CommitError::Io { .. } => !full && !read_only,
        CommitError::Reopen(_) => true,
        _ => false,
    }
}

/// What a start finds that comes after a crash: entries in the log, and some in the file.
fn after_a_crash() -> Files {
    let site = Site::new();
    let (journal, _) = Journal::open(&site.path).unwrap();
    for number in 1..=3 {
        journal.commit_blocking(batch(number)).unwrap();
    }
    let left = ["vigie.db", "vigie.db-wal"].map(|name| site.path.with_file_name(name));
    left.map(|file| (file.clone(), std::fs::read(file).unwrap())).into()
}

#[test]
fn a_start_on_a_disk_that_fails_is_refused_in_words_and_the_next_one_has_everything() {
    let crashed = after_a_crash();
    for (files, entries) in [(&Files::new(), 0), (&crashed, 3)] {
        for code in CODES {
            let mut refusals = 0;
            let mut after = 0;
            loop {
                let site = Site::with(files);
                let disk = Disk::under(&site.path);
                disk.fail(after, code);
                let opened = Journal::open(&site.path).map(|(journal, _)| journal.close());
                let failed = disk.heal();
                if let Err(error) = opened {
                    refusals += 1;
                    assert!(failed, "the disk is well: {error}");
                    assert!(start_is_told_as(code, &error), "code {code}, {after}: {error}");
                }
                let (journal, recovered) = Journal::open(&site.path).unwrap();
                assert_eq!(recovered.head().seq, entries, "code {code}, {after}");
                journal.commit_blocking(batch(entries + 1)).unwrap();
                journal.close();
                assert!(matches!(site.verify(), Verification::Intact { .. }));
                if !failed {
                    break;
                }
                after += 1;
            }
            println!("code {code}, {entries} entries: {refusals} refused of {after} places");
            assert!(after > 4 && refusals > 0, "{after} places: the disk was never asked");
        }
    }
}

fn start_is_told_as(code: c_int, error: &JournalError) -> bool {
    match error {
        JournalError::Full { .. } => is_full(code),
        JournalError::ReadOnly { .. } => code == SQLITE_READONLY,
        JournalError::Sqlite { .. } => true,
        _ => false,
    }
}

#[test]
fn a_disk_that_was_unplugged_and_came_back_is_used_again() {
    let site = Site::new();
    let disk = Disk::under(&site.path);
    let (journal, _) = Journal::open(&site.path).unwrap();
    journal.commit_blocking(batch(1)).unwrap();
    disk.unplug();
    for _ in 0..REOPENED_AFTER {
        let error = journal.commit_blocking(batch(2)).unwrap_err();
        assert!(matches!(error, CommitError::Io { .. }), "{error}");
    }
    assert_eq!(journal.commit_blocking(batch(2)).unwrap().seq, 2);
    journal.close();
    assert!(matches!(site.verify(), Verification::Intact { entries: 2, .. }));
}

/// A journal of its own.
struct Site {
    _directory: TempDir,
    path: PathBuf,
}

impl Site {
    fn empty() -> Self {
        Self::with(&Files::new())
    }

    /// With a journal that holds nothing yet.
    fn new() -> Self {
        let site = Self::empty();
        Journal::open(&site.path).unwrap().0.close();
        site
    }

    /// With these files, by the names that they have.
    fn with(files: &Files) -> Self {
        // In memory where the machine has such a place: how fast it syncs is not the question.
        let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let path = directory.path().canonicalize().unwrap().join("vigie.db");
        for (file, content) in files {
            std::fs::write(path.with_file_name(file.file_name().unwrap()), content).unwrap();
        }
        Self { _directory: directory, path }
    }

    fn count(&self) -> u64 {
        self.try_count().unwrap()
    }

    fn try_count(&self) -> Result<u64, JournalError> {
        let lines = Reader::open(&self.path)?.tail(usize::MAX)?;
        Ok(u64::try_from(lines.len()).unwrap())
    }

    fn verify(&self) -> Verification {
        Reader::open(&self.path).unwrap().verify().unwrap()
    }
}

fn batch(number: u64) -> Batch {
    let moment =
        Moment { utc: Utc::from_micros(0), mono: Mono::from_nanos(number), ..Moment::default() };
    // Some larger than a page, so that they are written in pieces.
    let text = "défaut ".repeat(usize::try_from(number % 3).unwrap() * 500);
    let body = format!(r#"{{"n":{number},"text":"{text}"}}"#).into_bytes();
    Batch {
        entries: vec![NewEntry { moment, kind: "signal", body, distress: false }],
        rows: Vec::new(),
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
