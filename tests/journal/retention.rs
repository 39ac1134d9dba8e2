//! The beginning of the record may be let go, when the record says so itself; what stays is proved as before.

use rusqlite::Connection;
use vigie::journal::{
    Batch, Hash, Head, Journal, JournalError, NewEntry, NotificationRow, OccurrenceRow, PRUNED,
    Reader, Row, Verification,
};
use vigie::watch::time::Utc;

use super::snapshots::{content as state, keep};
use super::{Site, batch, block_on, entry, fill, replayed};

#[test]
fn what_is_old_is_let_go_and_what_stays_is_proved() {
    let site = thirty();
    let journal = site.open();
    // By threes: the block of the entries 10 to 12 holds one that is not older.
    let through = prune(&journal, 12).expect("something is old");
    assert_eq!(through.seq, 9);
    assert_eq!(prune(&journal, 12), None, "and nothing else");
    fill(&journal, 32, 33);
    journal.close();
    let Verification::Intact { entries, first, head } = site.verify() else { panic!() };
    assert_eq!((entries, first, head.seq), (24, 10, 33));
    assert_eq!(site.lines().len(), 24);
    let recovered = site.recover();
    assert_eq!((state(&recovered).as_str(), replayed(&recovered).len()), ("second", 6));
}

#[test]
fn a_beginning_that_somebody_cut_off_is_missed() {
    for attested in ["no", "other entry", "other hash"] {
        let site = thirty();
        let head = head_at(&site, 9);
        if attested != "no" {
            let other = attested == "other entry";
            let through = if other { 6 } else { 9 };
            let hash = if other { head.hash } else { Hash::of(b"another") };
            site.open().commit_blocking(said(Head { seq: through, hash })).unwrap();
        }
        let intruder = site.intruder();
        intruder.execute("DELETE FROM block WHERE first <= 9", ()).unwrap();
        let broken = "entry 1: the entries from here to 9 were removed";
        let Verification::Broken(found) = site.verify() else { panic!("{attested}") };
        assert_eq!(found.to_string(), broken, "{attested}");
        // Whoever knows of the checkpoint moves it: the record does not bear it out.
        let sql = "UPDATE checkpoint SET seq = 9, head = ?1";
        intruder.execute(sql, [head.hash.bytes()]).unwrap();
        let Verification::Broken(found) = site.verify() else { panic!("{attested}") };
        assert_eq!(found.to_string(), broken, "{attested}");
    }
}

#[test]
fn a_kill_between_the_word_and_the_deed_costs_nothing() {
    let site = thirty();
    let journal = site.open();
    let through = block_on(journal.stale(time(12))).unwrap().unwrap();
    journal.commit_blocking(said(through)).unwrap();
    journal.close();
    assert!(matches!(site.verify(), Verification::Intact { entries: 31, first: 1, .. }));
    assert_eq!(prune(&site.open(), 12), Some(through));
    assert!(matches!(site.verify(), Verification::Intact { entries: 23, first: 10, .. }));
}

#[test]
fn nothing_goes_that_a_start_needs_or_that_was_not_named_as_it_is() {
    let site = Site::with_entries(30);
    let journal = site.open();
    assert_eq!(block_on(journal.stale(time(99))).unwrap(), None, "there is no snapshot");
    let head = fill(&journal, 31, 31);
    keep(&journal, head, &["first"]);
    assert_eq!(block_on(journal.stale(time(99))).unwrap(), None, "there is but one");
    let head = fill(&journal, 32, 34);
    keep(&journal, head, &["second"]);
    let stale = block_on(journal.stale(time(99))).unwrap().unwrap();
    assert_eq!(stale.seq, 31, "what is older than both");
    for wrong in [
        Head { seq: 31, hash: Hash::of(b"another") },
        Head { seq: 30, hash: stale.hash },
        Head { seq: 99, hash: stale.hash },
    ] {
        assert!(block_on(journal.prune(Some(wrong), time(99))).is_err(), "{wrong:?}");
    }
    assert!(matches!(site.verify(), Verification::Intact { entries: 34, first: 1, .. }));
}

#[test]
fn without_a_snapshot_that_can_be_believed_a_record_without_its_beginning_is_refused() {
    let site = thirty();
    prune(&site.open(), 12).unwrap();
    let intruder = site.intruder();
    intruder.execute("UPDATE snapshot_chunk SET body = x'00' WHERE snapshot = 2", ()).unwrap();
    assert_eq!(state(&site.recover()), "first", "there is the other one");
    intruder.execute("UPDATE snapshot_chunk SET body = x'00'", ()).unwrap();
    let refusal = site.refusal();
    assert!(matches!(refusal, JournalError::NoSnapshot { through: 9, .. }), "{refusal}");
    assert!(refusal.to_string().contains("restore a copy"), "{refusal}");
}

#[test]
fn the_record_can_be_cut_short_only_where_it_was_let_go() {
    let site = thirty();
    prune(&site.open(), 12).unwrap();
    let store = Connection::open(&site.path).unwrap();
    for sql in [
        "DELETE FROM block WHERE first = 10",
        "UPDATE checkpoint SET seq = 3",
        "UPDATE checkpoint SET seq = 99",
        "DELETE FROM checkpoint",
    ] {
        let error = store.execute(sql, ()).unwrap_err().to_string();
        assert!(error.contains("append-only"), "{sql}: {error}");
    }
}

#[test]
fn rows_of_what_was_over_before_go_too_and_what_is_open_stays() {
    let site = thirty();
    let journal = site.open();
    let rows = (1..=3_000).flat_map(|number| {
        let closed = (number % 1_000 != 0).then(|| time(number));
        [Row::Occurrence(occurrence(number, closed)), Row::Notification(call(number, closed))]
    });
    journal.commit_blocking(Batch { entries: Vec::new(), rows: rows.collect() }).unwrap();
    let mut looked = 1;
    while block_on(journal.prune(None, time(2_500))).unwrap() {
        looked += 1;
    }
    assert_eq!(looked, 3, "a little at a time");
    journal.close();
    let store = Connection::open(&site.path).unwrap();
    for (table, number) in [("occurrence", "number"), ("notification", "id")] {
        let sql = format!("SELECT count(*), min({number}) FROM {table}");
        let left: (i64, i64) =
            store.query_row(&sql, (), |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(left, (503, 1_000), "{table}: 2,500 to 3,000, and two that are open");
    }
}

#[test]
fn a_store_of_the_first_schema_is_read_as_it_is_and_takes_the_step_when_it_is_written() {
    let site = thirty();
    let old = Site::new();
    std::fs::copy(&site.path, &old.path).unwrap();
    let store = Connection::open(&old.path).unwrap();
    let made = "DROP TABLE checkpoint; DROP TRIGGER block_is_never_deleted;
        CREATE TRIGGER block_is_never_deleted BEFORE DELETE ON block
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
        PRAGMA user_version = 1;";
    store.execute_batch(made).unwrap();
    drop(store);
    let intact = |site: &Site| Reader::open(&site.path).unwrap().verify().unwrap();
    assert!(matches!(intact(&old), Verification::Intact { entries: 30, first: 1, .. }));
    let journal = old.open();
    fill(&journal, 31, 31);
    assert_eq!(prune(&journal, 12).unwrap().seq, 9);
    journal.close();
    assert!(matches!(intact(&old), Verification::Intact { entries: 23, first: 10, .. }));
}

/// Thirty entries, a microsecond after each other; snapshots after the 24th and the 27th.
pub(crate) fn thirty() -> Site {
    let site = Site::new();
    let journal = site.open();
    let head = fill(&journal, 1, 24);
    keep(&journal, head, &["first"]);
    let head = fill(&journal, 25, 27);
    keep(&journal, head, &["second"]);
    fill(&journal, 28, 30);
    journal.close();
    site
}

/// Lets go of what is older than this entry, as the sequencer does; through which one.
pub(crate) fn prune(journal: &Journal, older_than: u64) -> Option<Head> {
    let before = time(older_than);
    let stale = block_on(journal.stale(before)).unwrap();
    if let Some(through) = stale {
        journal.commit_blocking(said(through)).unwrap();
        block_on(journal.prune(stale, before)).unwrap();
    }
    stale
}

fn said(through: Head) -> Batch {
    let Head { seq, hash } = through;
    let body =
        format!(r#"{{"event":{{"pruned":{{"through":{seq},"hash":"{hash}"}}}},"facts":[]}}"#);
    let entry = NewEntry { kind: PRUNED, body: body.into_bytes(), ..entry(1_000) };
    Batch { entries: vec![entry], ..batch(&[]) }
}

fn head_at(site: &Site, seq: u64) -> Head {
    let lines = site.lines();
    let line = &lines[usize::try_from(seq).unwrap() - 1];
    Head { seq, hash: Hash::of(line) }
}

fn time(number: u64) -> Utc {
    entry(number).moment.utc
}

fn occurrence(number: u64, closed: Option<Utc>) -> OccurrenceRow {
    OccurrenceRow {
        number,
        definition: "link".to_owned(),
        key: String::new(),
        state: "normal".to_owned(),
        priority: "high".to_owned(),
        text: "Link".to_owned(),
        opened: time(number),
        active_since: time(number),
        returned: closed,
        acknowledged: None,
        acknowledged_by: None,
        confirmed: None,
        confirmed_by: None,
        closed,
        repeats: 0,
    }
}

fn call(id: u64, ended: Option<Utc>) -> NotificationRow {
    NotificationRow {
        id,
        occurrence: Some(id),
        person: "marie".to_owned(),
        channel: "sms".to_owned(),
        kind: "call".to_owned(),
        state: "sent".to_owned(),
        text: "Link".to_owned(),
        created: time(id),
        ended,
    }
}
