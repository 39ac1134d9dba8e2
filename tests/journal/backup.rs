//! A copy of the store is whole, proved and nobody else's, or it is not there.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, Ordering};

use vigie::journal::{Journal, JournalError, Reader, Verification};

use super::snapshots::{content as state, keep};
use super::{Site, fill, replayed};

#[test]
fn a_copy_that_is_made_while_entries_are_written_is_the_record_as_it_stood() {
    let site = Site::new();
    let journal = site.open();
    let head = fill(&journal, 1, 300);
    keep(&journal, head, &["state"]);
    let over = AtomicBool::new(false);
    let copies: Vec<u64> = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut number = 301;
            while !over.load(Ordering::Relaxed) {
                fill(&journal, number, number);
                number += 1;
            }
        });
        let copies = (0..5).map(|number| {
            let copy = site.directory.path().join(format!("copy-{number}"));
            let verified = site.reader().back_up(&copy).unwrap();
            let Verification::Intact { entries, first: 1, head } = verified else { panic!() };
            assert_eq!(Reader::open(&copy).unwrap().verify().unwrap(), verified);
            assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(head.seq, entries);
            entries
        });
        let copies = copies.collect();
        over.store(true, Ordering::Relaxed);
        copies
    });
    assert!(copies.is_sorted() && copies.first() < copies.last(), "{copies:?}");
    // A daemon goes on from it.
    let last = site.directory.path().canonicalize().unwrap().join("copy-4");
    let (journal, recovered) = Journal::open(&last).unwrap();
    assert_eq!(state(&recovered), "state");
    assert_eq!(replayed(&recovered).last(), copies.last());
    let next = copies.last().unwrap() + 1;
    assert_eq!(fill(&journal, next, next).seq, next);
}

#[test]
fn nothing_is_written_over_and_nothing_is_left_where_a_copy_cannot_be_made() {
    let site = Site::with_entries(12);
    let there = |name: &str| site.directory.path().join(name);
    fs::write(there("other"), "somebody's").unwrap();
    let error = site.reader().back_up(&there("other")).unwrap_err();
    assert!(matches!(error, JournalError::Present { .. }), "{error}");
    assert_eq!(fs::read(there("other")).unwrap(), b"somebody's");
    let error = site.reader().back_up(&there("nowhere/copy")).unwrap_err();
    assert!(matches!(error, JournalError::NotADirectory { .. }), "{error}");
    let store = site.intruder();
    store.execute("UPDATE block SET body = replace(body, 'Pompe n° 5', 'Pompe n° 6')", ()).unwrap();
    let error = site.reader().back_up(&there("copy")).unwrap_err().to_string();
    assert!(error.contains("entry 5: it was altered"), "{error}");
    let left: Vec<String> = fs::read_dir(site.directory.path())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("copy") || name.contains("backup"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn no_copy_is_made_where_anybody_could_exchange_it() {
    let site = Site::with_entries(3);
    let folder = site.directory.path().join("copies");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    let error = site.reader().back_up(&folder.join("copy")).unwrap_err();
    let why = std::error::Error::source(&error).unwrap().to_string();
    assert!(why.contains("exchange the copy"), "{error}: {why}");
    assert!(why.contains("umask=077"), "a stick of FAT has no modes to change: {why}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o1777)).unwrap();
    site.reader().back_up(&folder.join("copy")).unwrap();
}

#[test]
fn a_copy_of_a_record_whose_beginning_was_let_go_proves_too() {
    let site = super::retention::thirty();
    super::retention::prune(&site.open(), 12).unwrap();
    let copy = site.directory.path().join("copy");
    let verified = site.reader().back_up(&copy).unwrap();
    assert!(matches!(verified, Verification::Intact { entries: 22, first: 10, .. }));
}
