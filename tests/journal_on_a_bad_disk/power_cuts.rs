//! The power fails: behind every single write, sync, truncate and delete of a journal's life, from
//! its creation on, and again while it is opened after that.

use std::ffi::c_int;
use std::path::PathBuf;

use rusqlite::Connection;
use rusqlite::ffi::{SQLITE_FULL, SQLITE_IOERR_FSYNC, SQLITE_IOERR_WRITE};
use vigie::journal::{Entry, Head, Journal, JournalError, Need, Verification};

use super::dice::Dice;
use super::disk::{Disk, Op};
use super::power::{Files, Unsynced, after_power_cut};
use super::{Site, batch, block_on};

/// One in so many starts after a power cut meets further ones.
const CUT_AGAIN: usize = 24;
/// One in so many instants of the many lives on failing disks.
const CUT_HERE: usize = 24;

#[test]
fn a_power_cut_at_any_instant_loses_nothing_that_was_acknowledged_and_neither_does_a_second_one() {
    let site = Site::empty();
    let disk = Disk::under(&site.path);
    let mut number = 0;
    for _ in 0..2 {
        let (journal, _) = Journal::open(&site.path).unwrap();
        commit(&journal, &disk, &mut number, 2);
        keep(&journal, head_of(&site), &[9_000, 100]);
        commit(&journal, &disk, &mut number, 2);
        // As when the log is long enough: it is moved into the file, and begun anew behind that.
        checkpoint(&site, "PASSIVE");
        commit(&journal, &disk, &mut number, 3);
        // As when a start finds a log: moved, and cut to nothing.
        checkpoint(&site, "TRUNCATE");
        commit(&journal, &disk, &mut number, 2);
        journal.close();
    }
    let log = disk.log();
    drop(disk);
    assert_all_met(&log);

    let mut dice = Dice::new();
    let (mut cuts, mut second_cuts) = (0, 0);
    for cut in 0..=log.len() {
        for kind in Unsynced::ALL {
            let (left, acknowledged) =
                after_power_cut(&Files::new(), &log[..cut], kind, &mut || dice.below(2) == 0);
            let place = format!("cut {cut}, {kind:?}");
            cuts += 1;
            if dice.below(CUT_AGAIN) == 0 {
                second_cuts += cut_again(&left, acknowledged, &place, &mut dice);
            } else {
                goes_on(&left, acknowledged, &place);
            }
        }
    }
    println!("{cuts} power cuts, and {second_cuts} more during the start after one: nothing lost");
    assert!(cuts > 700 && second_cuts > 300, "{cuts}, {second_cuts}");
}

/// Every kind of thing that is done to a disk was done at least once.
fn assert_all_met(log: &[(PathBuf, Op)]) {
    let count = |wanted: fn(&Op) -> bool| log.iter().filter(|(_, op)| wanted(op)).count();
    let writes = count(|op| matches!(op, Op::Write { .. }));
    let syncs = count(|op| matches!(op, Op::Sync));
    let truncates = count(|op| matches!(op, Op::Truncate { .. }));
    let deletes = count(|op| matches!(op, Op::Delete));
    println!("{writes} writes, {syncs} syncs, {truncates} truncates, {deletes} deletes");
    assert!(writes > 100 && syncs > 30 && truncates > 4 && deletes > 2);
}

/// The journal opens with what is left, holds what was acknowledged, and takes more.
fn goes_on(left: &Files, acknowledged: u64, place: &str) {
    let after = Site::with(left);
    let (journal, found) = opened(&after, acknowledged, place);
    journal.commit_blocking(batch(found + 1)).unwrap();
    journal.close();
    whole(&after, found + 1, place);
}

/// The same, and the power fails again at each single step of that.
fn cut_again(left: &Files, acknowledged: u64, place: &str, dice: &mut Dice) -> usize {
    let after = Site::with(left);
    let disk = Disk::under(&after.path);
    let (journal, found) = opened(&after, acknowledged, place);
    disk.acknowledged(found);
    let head = journal.commit_blocking(batch(found + 1)).unwrap();
    disk.acknowledged(head.seq);
    journal.close();
    let log = disk.log();
    drop(disk);
    whole(&after, found + 1, place);
    let base = left.iter().map(|(name, content)| {
        (after.path.with_file_name(name.file_name().unwrap()), content.clone())
    });
    let base: Files = base.collect();
    for cut in 0..=log.len() {
        let kind = Unsynced::ALL[dice.below(3)];
        let (left, again) = after_power_cut(&base, &log[..cut], kind, &mut || dice.below(2) == 0);
        goes_on(&left, again.max(acknowledged), &format!("{place}, again {cut}, {kind:?}"));
    }
    log.len() + 1
}

fn opened(after: &Site, acknowledged: u64, place: &str) -> (Journal, u64) {
    let (journal, recovered) =
        Journal::open(&after.path).unwrap_or_else(|error| panic!("{place}: {error}"));
    let mut found = recovered.snapshot().map_or(0, |at| at.seq);
    recovered
        .entries(|entry: Entry<'_>| -> Result<(), JournalError> {
            found = entry.seq;
            Ok(())
        })
        .unwrap();
    assert!(found >= acknowledged, "{place}: {found} of {acknowledged} entries");
    assert!(recovered.doubts().is_empty(), "{place}: {:?}", recovered.doubts());
    (journal, found)
}

fn whole(after: &Site, wanted: u64, place: &str) {
    let Verification::Intact { entries, .. } = after.verify() else { panic!("{place}") };
    assert_eq!(entries, wanted, "{place}");
}

#[test]
fn a_power_cut_while_a_long_snapshot_is_written_costs_the_snapshot_at_most() {
    let site = Site::new();
    let base: Files = [(site.path.clone(), std::fs::read(&site.path).unwrap())].into();
    let disk = Disk::under(&site.path);
    let (journal, _) = Journal::open(&site.path).unwrap();
    let mut number = 0;
    commit(&journal, &disk, &mut number, 1);
    // Longer than one transaction of it, so that its first pieces are there before its row is.
    keep(&journal, head_of(&site), &[600_000, 600_000, 9_000]);
    commit(&journal, &disk, &mut number, 1);
    let log = disk.log();
    drop(disk);
    journal.close();

    let mut dice = Dice::new();
    let mut cuts = 0;
    for cut in 0..=log.len() {
        let near_a_sync = log[cut.saturating_sub(4)..log.len().min(cut + 4)]
            .iter()
            .any(|(_, op)| matches!(op, Op::Sync));
        // Between two syncs one page is like another.
        if near_a_sync || cut % 16 == 0 {
            let kind = Unsynced::ALL[dice.below(3)];
            let (left, acknowledged) =
                after_power_cut(&base, &log[..cut], kind, &mut || dice.below(2) == 0);
            goes_on(&left, acknowledged, &format!("cut {cut}, {kind:?}"));
            cuts += 1;
        }
    }
    println!("{cuts} power cuts while a snapshot is written: nothing lost");
    assert!(cuts > 50, "{cuts}");
}

#[test]
fn a_power_cut_on_a_disk_that_failed_before_loses_nothing_that_was_acknowledged_either() {
    let mut dice = Dice::new();
    let mut cuts = 0;
    for code in [SQLITE_IOERR_FSYNC, SQLITE_IOERR_WRITE, SQLITE_FULL] {
        for after in (0..36).step_by(2) {
            let log = life_on_a_failing_disk(after, code, 1 + dice.below(4));
            for cut in 0..=log.len() {
                if dice.below(CUT_HERE) == 0 {
                    let kind = Unsynced::ALL[dice.below(3)];
                    let (left, done) =
                        after_power_cut(&Files::new(), &log[..cut], kind, &mut || {
                            dice.below(2) == 0
                        });
                    goes_on(&left, done, &format!("code {code}, {after}, cut {cut}, {kind:?}"));
                    cuts += 1;
                }
            }
        }
    }
    println!("{cuts} power cuts on a disk that failed before: nothing lost");
    assert!(cuts > 300, "{cuts}");
}

/// A disk that fails after so many writes, and is well again after so many refusals: what was
/// refused leaves its remains in the log, behind what is written over its beginning.
fn life_on_a_failing_disk(after: u32, code: c_int, patience: usize) -> Vec<(PathBuf, Op)> {
    let site = Site::empty();
    let disk = Disk::under(&site.path);
    let (journal, _) = Journal::open(&site.path).unwrap();
    disk.fail(after, code);
    let mut refusals = 0;
    let mut refused = || {
        refusals += 1;
        if refusals == patience {
            disk.heal();
        }
    };
    for number in 1..=6 {
        let head = loop {
            match journal.commit_blocking(batch(number)) {
                Ok(head) => break head,
                Err(_) => refused(),
            }
        };
        disk.acknowledged(head.seq);
        // Longer than any commit, and not tried again when it is refused.
        block_on(async {
            let Ok(mut draft) = journal.begin_snapshot(head, Need::Convenient).await else {
                return refused();
            };
            if draft.chunk(vec![7; 20_000]).await.is_err() || draft.finish().await.is_err() {
                refused();
            }
        });
    }
    journal.close();
    disk.log()
}

fn commit(journal: &Journal, disk: &Disk, number: &mut u64, count: u64) {
    for _ in 0..count {
        *number += 1;
        let head = journal.commit_blocking(batch(*number)).unwrap();
        disk.acknowledged(head.seq);
    }
}

/// Where the journal stands, by a reader's word.
fn head_of(site: &Site) -> Head {
    let Verification::Intact { head, .. } = site.verify() else { panic!("it is whole") };
    head
}

fn checkpoint(site: &Site, kind: &str) {
    let store = Connection::open(&site.path).unwrap();
    let sql = format!("PRAGMA wal_checkpoint({kind})");
    let busy: i64 = store.query_row(&sql, (), |row| row.get(0)).unwrap();
    assert_eq!(busy, 0, "{kind}");
}

fn keep(journal: &Journal, at: Head, pieces: &[usize]) {
    block_on(async {
        let mut draft = journal.begin_snapshot(at, Need::Convenient).await.unwrap();
        for (piece, length) in (7..).zip(pieces) {
            draft.chunk(vec![piece; *length]).await.unwrap();
        }
        draft.finish().await.unwrap();
    });
}
