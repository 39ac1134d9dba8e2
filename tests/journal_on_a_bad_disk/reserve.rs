//! The disk is full, and there is a reserve: the record goes on in its room.

use std::os::unix::fs::{MetadataExt, PermissionsExt};

use rusqlite::ffi::SQLITE_FULL;
use vigie::journal::{CommitError, Journal, Need, Reserve, Verification};

use super::disk::Disk;
use super::{Site, after_a_crash, batch, block_on};

#[test]
fn the_commit_that_a_full_disk_refuses_is_made_in_the_room_of_the_reserve() {
    let site = Site::new();
    let ballast = site.path.with_file_name("vigie.db-ballast");
    let disk = Disk::under(&site.path);
    let (journal, _) = Journal::open(&site.path).unwrap();
    assert_eq!(journal.reserve(), Reserve::Unasked);
    assert_eq!(block_on(journal.lay_reserve()).unwrap(), Reserve::Kept);
    let laid = std::fs::metadata(&ballast).unwrap();
    assert_eq!(laid.permissions().mode() & 0o777, 0o600);
    assert!(laid.blocks() * 512 >= laid.len() && laid.len() > 1_000_000, "it keeps room back");
    journal.commit_blocking(batch(1)).unwrap();

    disk.fill_until_gone(&ballast);
    assert_eq!(journal.commit_blocking(batch(2)).unwrap().seq, 2, "the record goes on");
    assert!(!ballast.exists());
    assert_eq!(journal.reserve(), Reserve::InUse);
    let at = journal.commit_blocking(batch(3)).unwrap();
    let snapshot =
        block_on(async { journal.begin_snapshot(at, Need::Convenient).await.map(|_| ()) });
    assert!(matches!(snapshot, Err(CommitError::Full { .. })), "the room is for the record");

    disk.fail(0, SQLITE_FULL);
    let error = journal.commit_blocking(batch(4)).unwrap_err();
    assert!(matches!(error, CommitError::Full { .. }), "the room is used up: {error}");
    disk.heal();
    assert_eq!(block_on(journal.lay_reserve()).unwrap(), Reserve::Kept, "there is room again");
    journal.commit_blocking(batch(4)).unwrap();
    journal.close();
    assert!(ballast.exists(), "it outlives the daemon");
    assert!(matches!(site.verify(), Verification::Intact { entries: 4, .. }));
}

#[test]
fn a_start_on_a_full_disk_takes_the_room_that_it_needs_from_the_reserve() {
    let site = Site::with(&after_a_crash());
    let ballast = site.path.with_file_name("vigie.db-ballast");
    std::fs::write(&ballast, "kept back by an earlier life").unwrap();
    let disk = Disk::under(&site.path);
    disk.fill_until_gone(&ballast);
    let (journal, recovered) = Journal::open(&site.path).unwrap();
    assert_eq!((recovered.head().seq, journal.reserve()), (3, Reserve::InUse));
    journal.commit_blocking(batch(4)).unwrap();
}
