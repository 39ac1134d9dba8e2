//! Tables that somebody, or a disk, has altered: the start is refused in words that name what it is, and so is a copy; the record is
//! read and proved all the same.

use rusqlite::Connection;
use vigie::journal::{Journal, JournalError, Verification};

use super::{Site, content, fill};

#[test]
fn a_store_whose_tables_somebody_has_altered_is_refused_at_the_start_with_what_it_is() {
    let replaced = "DROP TRIGGER checkpoint_only_advances;
        CREATE TRIGGER checkpoint_only_advances BEFORE UPDATE ON checkpoint BEGIN SELECT 1; END";
    let nosy = "CREATE TRIGGER nosy AFTER INSERT ON Block BEGIN DELETE FROM notification; END";
    for (done, said) in [
        ("DROP TRIGGER block_is_never_updated", "its trigger `block_is_never_updated` is missing"),
        ("DROP TABLE attempt", "its table `attempt` is missing"),
        (replaced, "its trigger `checkpoint_only_advances` is not as Vigie made it"),
        (
            "ALTER TABLE occurrence ADD COLUMN note TEXT",
            "its table `occurrence` is not as Vigie made it",
        ),
        (
            "ALTER TABLE occurrence DROP COLUMN repeats",
            "its table `occurrence` is not as Vigie made it",
        ),
        (
            "CREATE UNIQUE INDEX by_key ON occurrence (key)",
            "the index `by_key` on its table `occurrence` is not Vigie's",
        ),
        (nosy, "the trigger `nosy` on its table `block` is not Vigie's"),
    ] {
        let site = Site::with_entries(12);
        Connection::open(&site.path).unwrap().execute_batch(done).unwrap();
        let before = content(site.directory.path());
        let refusal = site.refusal().to_string();
        let whole = format!(
            "{} is damaged: {said}; nothing was changed: undo that, restore a copy, or move it away to begin a new record",
            site.path.display()
        );
        assert_eq!(refusal, whole, "{done}");
        assert_eq!(content(site.directory.path()), before, "{done}");

        assert!(matches!(site.verify(), Verification::Intact { entries: 12, .. }), "{done}");
        assert_eq!(site.reader().prove_tables().unwrap_err().to_string(), whole, "{done}");
        let copy = site.directory.path().join("copy.db");
        let refused = site.reader().back_up(&copy).unwrap_err();
        assert!(matches!(refused, JournalError::Altered { .. }), "{done}: {refused}");
        assert!(!copy.exists(), "no Vigie would start with it");
    }
}

#[test]
fn what_somebody_keeps_beside_our_tables_keeps_nothing_from_the_record() {
    let site = Site::with_entries(12);
    let beside = "CREATE TABLE note (id INTEGER PRIMARY KEY AUTOINCREMENT, of INTEGER, text TEXT);
        CREATE INDEX note_of ON note (of); INSERT INTO note (of, text) VALUES (1, 'seen');
        CREATE VIEW night AS SELECT key, text FROM occurrence JOIN note ON of = number;
        ANALYZE; VACUUM;";
    Connection::open(&site.path).unwrap().execute_batch(beside).unwrap();
    fill(&site.open(), 13, 15);
    assert!(matches!(site.verify(), Verification::Intact { entries: 15, .. }));
    site.reader().prove_tables().unwrap();
    site.reader().back_up(&site.directory.path().join("copy.db")).unwrap();
}

#[test]
fn a_bit_that_flips_in_what_the_file_says_of_its_tables_is_found_at_the_start() {
    let site = Site::with_entries(12);
    let store = Connection::open(&site.path).unwrap();
    let mut statement = store.prepare("SELECT sql FROM sqlite_schema WHERE sql <> ''").unwrap();
    let texts = statement.query_map((), |row| row.get::<_, String>(0)).unwrap();
    let texts: Vec<String> = texts.map(Result::unwrap).collect();
    drop(statement);
    drop(store);
    let file = std::fs::read(&site.path).unwrap();
    let (other, mut flipped) = (Site::new(), 0);
    for text in texts {
        // What is longer than a page holds goes on elsewhere: its beginning stands here.
        let begins = text.as_bytes().get(..60).unwrap();
        let at = file.windows(begins.len()).position(|bytes| bytes == begins).unwrap();
        for (octet, bit) in (0..text.len()).step_by(5).zip((0..8).cycle()) {
            let mut altered = file.clone();
            if altered[at + octet] != text.as_bytes()[octet] {
                break;
            }
            altered[at + octet] ^= 1 << bit;
            std::fs::write(&other.path, &altered).unwrap();
            let refusal = Journal::open(&other.path).map(|_| ()).expect_err(&text);
            assert!(refusal.to_string().contains("is damaged"), "{refusal}");
            assert!(std::fs::read(&other.path).unwrap() == altered, "the file was changed");
            flipped += 1;
        }
    }
    assert!(flipped > 300, "{flipped}");
}
