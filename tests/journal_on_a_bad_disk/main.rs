//! The journal on a disk that is full, that fails, or that loses its power: at each single write
//! and sync, one after the other. Nothing that was acknowledged is lost, nothing that was refused
//! is there, and the journal goes on when the disk does.
#![cfg(test)]

#[path = "../dice/mod.rs"]
mod dice;
mod disk;

use std::collections::HashMap;
use std::ffi::c_int;
use std::path::{Path, PathBuf};

use rusqlite::ffi::{SQLITE_FULL, SQLITE_IOERR_FSYNC, SQLITE_IOERR_WRITE, SQLITE_READONLY};
use tempfile::TempDir;
use vigie::journal::{
    Batch, CommitError, Entry, Journal, JournalError, NewEntry, Reader, Verification,
};
use vigie::watch::time::{Moment, Mono, Utc};

use self::dice::Dice;
use self::disk::{Disk, Op};

const COMMITS: u64 = 6;
/// So many failures in a row make the journal open its file again.
const REOPENED_AFTER: u32 = 3;

#[test]
fn a_disk_that_fills_up_or_fails_at_any_write_loses_nothing_and_the_journal_goes_on() {
    for code in [SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC, SQLITE_READONLY] {
        for patience in [1, 2, 5] {
            let mut after = 0;
            while fails(after, code, patience) {
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
            let back = u64::from(refusals >= REOPENED_AFTER && site.count() == number);
            assert_eq!(site.count(), number - 1 + back, "what was refused is there");
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

fn is_told_as(code: c_int, error: &CommitError) -> bool {
    let (full, read_only) = (code == SQLITE_FULL, code == SQLITE_READONLY);
    match error {
        CommitError::Full { .. } => full,
        CommitError::ReadOnly { .. } => read_only,
        CommitError::Io { .. } => !full && !read_only,
        CommitError::Reopen(_) => true,
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

#[test]
fn a_power_cut_at_any_write_loses_nothing_that_was_acknowledged() {
    let site = Site::new();
    let disk = Disk::under(&site.path);
    let base = files(&site);
    for round in 0..3 {
        let (journal, recovered) = Journal::open(&site.path).unwrap();
        let head = recovered.head();
        drop(recovered);
        keep(&journal, head);
        for number in 1..=8 {
            let head = journal.commit_blocking(batch(round * 8 + number)).unwrap();
            disk.acknowledged(head.seq);
        }
        journal.close();
    }
    let log = disk.log();
    drop(disk);

    let mut dice = Dice::new();
    let mut cuts = 0;
    for cut in 0..=log.len() {
        for kind in [Unsynced::Lost, Unsynced::Torn, Unsynced::Kept] {
            let (left, acknowledged) = after_power_cut(&base, &log[..cut], kind, &mut dice);
            let after = Site::with(&left);
            let (journal, recovered) = Journal::open(&after.path).unwrap();
            let mut found = recovered.snapshot().map_or(0, |at| at.seq);
            recovered
                .entries(|entry: Entry<'_>| -> Result<(), JournalError> {
                    found = entry.seq;
                    Ok(())
                })
                .unwrap();
            assert!(
                found >= acknowledged,
                "cut {cut}, {kind:?}: {found} of {acknowledged} entries"
            );
            assert!(recovered.doubts().is_empty(), "cut {cut}, {kind:?}: {:?}", recovered.doubts());
            journal.commit_blocking(batch(found + 1)).unwrap();
            journal.close();
            let Verification::Intact { entries, .. } = after.verify() else {
                panic!("cut {cut}, {kind:?}")
            };
            assert_eq!(entries, found + 1);
            cuts += 1;
        }
    }
    println!("{cuts} power cuts, nothing lost");
    assert!(cuts > 300, "{cuts}");
}

/// What becomes of what was written and not synced.
#[derive(Clone, Copy, Debug)]
enum Unsynced {
    Lost,
    /// Some sectors of 512 bytes, and others not.
    Torn,
    Kept,
}

type Files = HashMap<PathBuf, Vec<u8>>;

/// The files after a power cut behind this log, and how many entries were acknowledged before.
fn after_power_cut(
    base: &Files,
    log: &[(PathBuf, Op)],
    kind: Unsynced,
    dice: &mut Dice,
) -> (Files, u64) {
    let mut synced = base.clone();
    let mut pending: HashMap<&Path, Vec<&Op>> = HashMap::new();
    let mut acknowledged = 0;
    for (file, op) in log {
        match op {
            Op::Acknowledged(entries) => acknowledged = *entries,
            Op::Write { .. } | Op::Truncate { .. } => pending.entry(file).or_default().push(op),
            Op::Sync => {
                let content = synced.entry(file.clone()).or_default();
                for op in pending.remove(&**file).unwrap_or_default() {
                    carry_out(content, op, |_| true);
                }
            }
            Op::Delete => {
                pending.remove(&**file);
                synced.remove(file);
            }
        }
    }
    for (file, ops) in pending {
        let content = synced.entry(file.to_owned()).or_default();
        for op in ops {
            match kind {
                Unsynced::Lost => {}
                Unsynced::Torn => carry_out(content, op, |_| dice.below(2) == 0),
                Unsynced::Kept => carry_out(content, op, |_| true),
            }
        }
    }
    (synced, acknowledged)
}

fn carry_out(content: &mut Vec<u8>, op: &Op, mut arrives: impl FnMut(usize) -> bool) {
    match op {
        Op::Truncate { length } => {
            if arrives(0) {
                content.resize(*length, 0);
            }
        }
        Op::Write { offset, bytes } => {
            let mut at = *offset;
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                let (sector, later) = rest.split_at(rest.len().min(512 - at % 512));
                if arrives(at) {
                    content.resize(content.len().max(at + sector.len()), 0);
                    content[at..at + sector.len()].copy_from_slice(sector);
                }
                at += sector.len();
                rest = later;
            }
        }
        Op::Sync | Op::Delete | Op::Acknowledged(_) => {}
    }
}

fn keep(journal: &Journal, at: vigie::journal::Head) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut draft = journal.begin_snapshot(at).await.unwrap();
        draft.chunk(vec![7; 9_000]).await.unwrap();
        draft.chunk(vec![8; 100]).await.unwrap();
        draft.finish().await.unwrap();
    });
}

/// A journal of its own.
struct Site {
    _directory: TempDir,
    path: PathBuf,
}

impl Site {
    /// With a journal that holds nothing yet.
    fn new() -> Self {
        let site = Self::with(&Files::new());
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
        u64::try_from(Reader::open(&self.path).unwrap().tail(usize::MAX).unwrap().len()).unwrap()
    }

    fn verify(&self) -> Verification {
        Reader::open(&self.path).unwrap().verify().unwrap()
    }
}

fn files(site: &Site) -> Files {
    HashMap::from([(site.path.clone(), std::fs::read(&site.path).unwrap())])
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
