//! Whoever alters the record is found out, and the entry is named.
//!
//! `VIGIE_SEED=7 cargo test` repeats a run; the seed is printed.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};
use vigie::journal::{Broken, Entry, Fault, Hash, Journal, JournalError, Reader, Verification};

use super::dice::Dice;
use super::{Site, content};

#[test]
fn any_altered_byte_of_the_record_is_found_and_its_entry_named() {
    let site = Site::with_entries(40);
    let intruder = site.intruder();
    let mut dice = Dice::new();
    for _ in 0..400 {
        let first = [1, 4, 7, 19, 37, 40][dice.below(6)];
        let body = body_of(&intruder, first);
        let at = dice.below(body.len());
        let mut altered = body.clone();
        altered[at] ^= u8::try_from(dice.below(255) + 1).unwrap();
        let entry = first
            + u64::try_from(body[..at].iter().filter(|byte| **byte == b'\n').count()).unwrap();

        put_body(&intruder, first, &altered);
        let Verification::Broken(broken) = site.verify() else {
            panic!("byte {at} of block {first} was altered: nobody noticed");
        };
        assert_eq!(broken.seq, entry, "byte {at} of block {first}: {broken}");
        assert!(refused_at_start(&site), "byte {at} of block {first}");
        put_body(&intruder, first, &body);
    }
    assert!(matches!(site.verify(), Verification::Intact { entries: 40, .. }));
}

#[test]
fn any_altered_byte_of_the_file_is_harmless_or_found_and_the_file_is_kept() {
    let site = Site::with_entries(60);
    let file = std::fs::read(&site.path).unwrap();
    let whole = site.lines();
    let other = Site::new();
    let mut dice = Dice::new();
    let mut found = BTreeSet::new();
    for _ in 0..400 {
        let at = dice.below(file.len());
        let mut altered = file.clone();
        altered[at] ^= u8::try_from(dice.below(255) + 1).unwrap();
        std::fs::write(&other.path, &altered).unwrap();
        match Reader::open(&other.path).and_then(|reader| reader.verify()) {
            Ok(Verification::Intact { .. }) => assert!(other.lines() == whole, "byte {at}"),
            Ok(Verification::Broken(broken)) => drop(found.insert(broken.to_string())),
            Err(error) => drop(found.insert(error.to_string())),
        }
        if Journal::open(&other.path).is_err() {
            assert!(
                std::fs::read(&other.path).unwrap() == altered,
                "byte {at}: the file was changed"
            );
        }
    }
    assert!(found.len() > 20, "{found:#?}");
}

#[test]
fn a_torn_file_is_named_and_kept() {
    let site = Site::with_entries(60);
    let file = std::fs::read(&site.path).unwrap();
    let other = Site::new();
    for length in (1..file.len()).step_by(1_021) {
        std::fs::write(&other.path, &file[..length]).unwrap();
        let proved = Reader::open(&other.path).and_then(|reader| reader.verify());
        assert!(
            !matches!(proved, Ok(Verification::Intact { .. })),
            "cut to {length} bytes: nobody noticed"
        );
        assert!(refused_at_start(&other), "cut to {length} bytes");
        assert!(std::fs::read(&other.path).unwrap() == file[..length], "cut to {length} bytes");
    }
}

#[test]
fn what_was_done_to_the_record_is_said() {
    let all_of = |what: &str| what.to_owned();
    let cases = [
        (
            "DELETE FROM block WHERE first = 4",
            all_of("entry 4: the entries from here to 6 were removed"),
        ),
        (
            "DELETE FROM block WHERE first < 7",
            all_of("entry 1: the entries from here to 6 were removed"),
        ),
        (
            "UPDATE block SET first = 5 WHERE first = 4",
            all_of("entry 4: the entries from here to 4 were removed"),
        ),
        (
            "UPDATE block SET first = -4 WHERE first = 4",
            all_of(
                "entry 1: entry -4 stands in its place: entries were removed, repeated or reordered",
            ),
        ),
        ("UPDATE block SET last = 7 WHERE first = 4", all_of("entry 7: its block was cut off")),
        (
            "UPDATE block SET last = 5 WHERE first = 4",
            all_of("entry 5: bytes were added behind it"),
        ),
        ("UPDATE block SET head = zeroblob(32) WHERE first = 4", all_of("entry 6: it was altered")),
        ("UPDATE block SET head = x'' WHERE first = 4", all_of("entry 6: it was altered")),
        ("UPDATE block SET body = '' WHERE first = 4", all_of("entry 4: its block was cut off")),
        (
            "UPDATE block SET body = body || 'x' WHERE first = 4",
            all_of("entry 6: bytes were added behind it"),
        ),
        (
            "UPDATE block SET body = substr(body, 1, 300) WHERE first = 4",
            all_of("entry 5: its block was cut off"),
        ),
        (
            "UPDATE block SET body = (SELECT body FROM block WHERE first = 1) WHERE first = 4",
            all_of(
                "entry 4: entry 1 stands in its place: entries were removed, repeated or reordered",
            ),
        ),
        (
            "UPDATE block SET body = cast(zeroblob(90000000) AS TEXT) WHERE first = 4",
            all_of("entry 4: its block is longer than Vigie writes"),
        ),
    ];
    for (sql, said) in cases {
        let site = Site::with_entries(12);
        site.intruder().execute(sql, ()).unwrap();
        let Verification::Broken(broken) = site.verify() else { panic!("{sql}: nobody noticed") };
        assert_eq!(broken.to_string(), said, "{sql}");
        assert!(refused_at_start(&site), "{sql}");
    }
}

#[test]
fn lines_that_changed_places_are_found() {
    let site = Site::with_entries(12);
    let intruder = site.intruder();
    let body = body_of(&intruder, 4);
    let lines: Vec<&[u8]> = body.split_inclusive(|byte| *byte == b'\n').collect();
    put_body(&intruder, 4, &[lines[0], lines[2], lines[1]].concat());
    let Verification::Broken(broken) = site.verify() else { panic!() };
    assert_eq!(broken, Broken { seq: 5, fault: Fault::OutOfPlace { found: 6 } });
}

#[test]
fn a_line_that_was_altered_with_its_successor_s_hash_is_found() {
    let site = Site::with_entries(12);
    let intruder = site.intruder();
    let body = String::from_utf8(body_of(&intruder, 4)).unwrap();
    let lines: Vec<&str> = body.lines().collect();
    let forged = lines[0].replace("n° 4", "n° 5");
    let old = Hash::of(lines[0].as_bytes()).to_string();
    let next = lines[1].replace(&old, &Hash::of(forged.as_bytes()).to_string());
    put_body(&intruder, 4, format!("{forged}\n{next}\n{}\n", lines[2]).as_bytes());
    let Verification::Broken(broken) = site.verify() else { panic!() };
    assert_eq!(broken, Broken { seq: 5, fault: Fault::Altered });
}

#[test]
fn tables_that_are_derived_are_no_part_of_the_proof() {
    let site = Site::with_entries(12);
    site.intruder().execute_batch("DROP TABLE occurrence; DROP TABLE attempt").unwrap();
    assert!(matches!(site.verify(), Verification::Intact { entries: 12, .. }));
}

/// Whether a start stops at the latest when it has replayed everything.
fn refused_at_start(site: &Site) -> bool {
    match Journal::open(&site.path) {
        Ok((_, recovered)) => {
            recovered.entries(|_: Entry<'_>| -> Result<(), JournalError> { Ok(()) }).is_err()
        }
        Err(_) => true,
    }
}

fn body_of(store: &Connection, first: u64) -> Vec<u8> {
    store
        .query_row("SELECT cast(body AS BLOB) FROM block WHERE first = ?1", [first], |row| {
            row.get(0)
        })
        .unwrap()
}

fn put_body(store: &Connection, first: u64, body: &[u8]) {
    let sql = "UPDATE block SET body = cast(?2 AS TEXT) WHERE first = ?1";
    assert_eq!(store.execute(sql, params![first, body]).unwrap(), 1);
}

#[test]
fn nothing_is_left_beside_a_file_that_was_refused() {
    let site = Site::new();
    std::fs::write(&site.path, "SQLite format 3\0 and then nothing of the kind").unwrap();
    let before = content(site.directory.path());
    assert!(Journal::open(&site.path).is_err());
    assert_eq!(content(site.directory.path()), before);
}
