//! Which files are opened, created or refused; a refusal changes nothing.

use std::os::unix::fs::PermissionsExt;

use rusqlite::Connection;
use vigie::journal::{Batch, CommitError, Head, Journal, JournalError, Reader};

use super::{Site, batch, content, fill};

#[test]
fn an_absent_journal_is_created_for_its_owner_alone() {
    let site = Site::new();
    let (journal, recovered) = Journal::open(&site.path).unwrap();
    assert_eq!(recovered.head(), Head::NONE);
    fill(&journal, 1, 3);
    for (file, _) in content(site.directory.path()) {
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
}

#[test]
fn what_a_crash_at_first_start_left_is_cleared_away() {
    let site = Site::new();
    std::fs::write(site.directory.path().join("vigie.db-new"), "half").unwrap();
    std::fs::write(site.directory.path().join("vigie.db-new-journal"), "half").unwrap();
    fill(&site.open(), 1, 3);
    assert_eq!(site.recover().head().seq, 3);
    assert!(
        content(site.directory.path())
            .iter()
            .all(|(file, _)| !file.to_string_lossy().contains("-new"))
    );
}

#[test]
fn an_absent_directory_is_named() {
    let site = Site::new();
    let path = site.directory.path().join("nowhere/vigie.db");
    let error = Journal::open(&path).unwrap_err();
    assert!(matches!(error, JournalError::DirectoryAbsent { .. }), "{error}");
    assert!(error.to_string().contains("nowhere does not exist; create it"), "{error}");
}

#[test]
fn an_empty_file_is_refused_and_stays_empty() {
    let site = Site::new();
    std::fs::write(&site.path, "").unwrap();
    assert!(matches!(site.refusal(), JournalError::Empty { .. }));
    assert_eq!(std::fs::read(&site.path).unwrap(), b"");
}

#[test]
fn a_link_to_a_disk_that_is_not_mounted_is_refused() {
    let site = Site::new();
    std::os::unix::fs::symlink("/nowhere/vigie.db", &site.path).unwrap();
    assert!(matches!(site.refusal(), JournalError::DanglingLink { .. }));
}

#[test]
fn a_link_to_the_journal_is_the_same_journal() {
    let site = Site::with_entries(3);
    let link = site.directory.path().join("link.db");
    std::os::unix::fs::symlink(&site.path, &link).unwrap();
    let _journal = site.open();
    assert!(matches!(Journal::open(&link).unwrap_err(), JournalError::Locked { .. }));
    assert_eq!(Reader::open(&link).unwrap().tail(9).unwrap().len(), 3);
}

#[test]
fn a_directory_in_the_place_of_the_file_is_refused() {
    let site = Site::new();
    std::fs::create_dir(&site.path).unwrap();
    assert!(matches!(site.refusal(), JournalError::NotAFile { .. }));
}

#[test]
fn a_log_whose_database_is_missing_is_not_overwritten() {
    let site = Site::new();
    let log = site.directory.path().join("vigie.db-wal");
    std::fs::write(&log, "the last entries").unwrap();
    assert!(matches!(site.refusal(), JournalError::LeftBehind { .. }));
    assert_eq!(std::fs::read(&log).unwrap(), b"the last entries");
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let site = Site::new();
    std::fs::write(&site.path, "[site]\nname = \"Station de pompage Nord\"\n".repeat(100)).unwrap();
    let before = content(site.directory.path());
    assert!(matches!(site.refusal(), JournalError::NotADatabase { .. }));
    assert!(matches!(Reader::open(&site.path).unwrap_err(), JournalError::NotADatabase { .. }));
    assert_eq!(content(site.directory.path()), before);
}

#[test]
fn the_database_of_another_application_is_refused_and_left_alone() {
    let site = Site::new();
    let other = Connection::open(&site.path).unwrap();
    other.execute_batch("PRAGMA application_id = 7; CREATE TABLE wine (year)").unwrap();
    drop(other);
    let before = content(site.directory.path());
    let error = site.refusal();
    assert!(matches!(error, JournalError::Foreign { found: 7, .. }), "{error}");
    assert_eq!(content(site.directory.path()), before);
}

#[test]
fn a_journal_of_a_newer_vigie_is_refused_and_left_alone() {
    let site = Site::with_entries(3);
    Connection::open(&site.path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = content(site.directory.path());
    let error = site.refusal().to_string();
    assert!(
        error.contains("written by a newer Vigie (schema 99, this one knows up to 2)"),
        "{error}"
    );
    assert!(matches!(Reader::open(&site.path).unwrap_err(), JournalError::Newer { .. }));
    assert_eq!(content(site.directory.path()), before);
}

#[test]
fn two_daemons_never_share_a_journal() {
    let site = Site::new();
    let first = site.open();
    let error = site.refusal().to_string();
    let expected = format!("another Vigie (process {}) already writes", std::process::id());
    assert!(error.starts_with(&expected), "{error}");
    first.close();
    site.open().close();
}

#[test]
fn a_link_or_another_file_in_the_place_of_the_lock_is_neither_followed_nor_emptied() {
    let site = Site::new();
    let [lock, other] = ["vigie.db-lock", "other"].map(|name| site.directory.path().join(name));
    let why = |refusal: &JournalError| std::error::Error::source(refusal).unwrap().to_string();
    let remedy = |cause: &str| {
        let lock = lock.display();
        format!(
            "{cause}, so it is left as it is: if no Vigie runs, move it away (mv {lock} {lock}.old) and start again"
        )
    };
    let whole = "a PIN: 4711";
    std::fs::write(&other, whole).unwrap();
    for is_hard in [false, true] {
        if is_hard {
            std::fs::hard_link(&other, &lock).unwrap();
        } else {
            std::os::unix::fs::symlink(&other, &lock).unwrap();
        }
        let refusal = site.refusal();
        assert!(matches!(refusal, JournalError::Refused { .. }));
        if is_hard {
            assert_eq!(why(&refusal), remedy("another file is the same by a link"));
        }
        assert_eq!(std::fs::read_to_string(&other).unwrap(), whole);
        std::fs::remove_file(&lock).unwrap();
    }
    let long = "a file of Vigie's account that must stay as it is";
    std::fs::write(&lock, long).unwrap();
    assert_eq!(why(&site.refusal()), remedy("it is no lock of Vigie's"));
    assert_eq!(std::fs::read_to_string(&lock).unwrap(), long);
    std::fs::write(&lock, "4711\n").unwrap();
    fill(&site.open(), 1, 3);
}

#[test]
fn a_folder_that_was_copied_by_links_starts_and_never_twice_at_once() {
    let site = Site::with_entries(3);
    let copy = site.directory.path().join("copy");
    std::fs::create_dir(&copy).unwrap();
    for name in ["vigie.db", "vigie.db-lock"] {
        std::fs::hard_link(site.directory.path().join(name), copy.join(name)).unwrap();
    }
    let open = site.open();
    let error = Journal::open(&copy.join("vigie.db")).unwrap_err();
    assert!(matches!(error, JournalError::Locked { process: Some(_), .. }), "{error}");
    open.close();
}

#[test]
fn a_file_that_may_only_be_read_is_refused_and_can_still_be_read() {
    let site = Site::with_entries(3);
    let permissions = std::fs::Permissions::from_mode(0o444);
    std::fs::set_permissions(&site.path, permissions).unwrap();
    std::fs::remove_file(site.directory.path().join("vigie.db-lock")).unwrap();
    for (mode, written) in [(0o777, "cannot be written to"), (0o555, "cannot be locked")] {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(site.directory.path(), permissions).unwrap();
        let said = super::crash::as_somebody_else("read-only", &site.path);
        assert_eq!(said, format!("{written}, 3 entries can be read\n"));
        for left in ["vigie.db-lock", "vigie.db-wal", "vigie.db-shm"] {
            let _ = std::fs::remove_file(site.directory.path().join(left));
        }
    }
}

/// What the child of the test above does, without the rights of the file's owner.
pub(crate) fn say_what_can_be_done(path: &std::path::Path) -> String {
    let written = match Journal::open(path).unwrap_err() {
        JournalError::ReadOnly { .. } => "cannot be written to",
        JournalError::Refused { .. } => "cannot be locked",
        _ => "something else",
    };
    let read = Reader::open(path).unwrap().tail(9).unwrap().len();
    format!("{written}, {read} entries can be read")
}

#[test]
fn a_journal_that_is_not_there_is_not_created_by_reading() {
    let site = Site::new();
    assert!(matches!(Reader::open(&site.path).unwrap_err(), JournalError::Absent { .. }));
    assert!(content(site.directory.path()).is_empty());
}

#[test]
fn entries_are_refused_once_the_file_was_removed_under_the_daemon() {
    let site = Site::new();
    let journal = site.open();
    fill(&journal, 1, 3);
    std::fs::remove_file(&site.path).unwrap();
    let error = journal.commit_blocking(batch(&[4])).unwrap_err();
    assert!(matches!(error, CommitError::Moved { .. }), "{error}");
    let nothing = journal.commit_blocking(Batch::default()).unwrap_err();
    assert!(matches!(nothing, CommitError::Moved { .. }), "{nothing}");
}
