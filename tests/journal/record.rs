//! What is written, how it reads, and what is not accepted.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use sha2::{Digest, Sha256};
use tokio::sync::oneshot;
use vigie::journal::{
    Alarms, AttemptRow, Batch, CommitError, ENTRY_LIMIT, Entry, Hash, Head, Journal, NewEntry,
    NotificationRow, OccurrenceRow, Row, Verification,
};
use vigie::watch::time::{ClockQuality, Moment, Mono, Utc};

use super::{Site, batch, block_on, entry, fill, replayed};

#[test]
fn an_entry_reads_as_it_was_written() {
    let site = Site::new();
    let journal = site.open();
    let moment = Moment {
        utc: Utc::from_micros(1_795_478_460_000_042),
        mono: Mono::from_nanos(7),
        quality: ClockQuality::Unsynchronised,
    };
    let body = br#"{"prev":"\"}","text":"\u00e9 \n"}"#.to_vec();
    let new = NewEntry { moment, kind: "alarm.active", body: body.clone(), distress: true };
    let head = journal.commit_blocking(Batch { entries: vec![new], rows: Vec::new() }).unwrap();

    let lines = site.lines();
    let zeros = "0".repeat(64);
    let expected = format!(
        r#"{{"seq":1,"utc":"2026-11-24T00:01:00.000042Z","mono":7,"clock":"unsynchronised","kind":"alarm.active","distress":true,"prev":"{zeros}","body":{}}}"#,
        String::from_utf8(body.clone()).unwrap()
    );
    assert_eq!(String::from_utf8(lines[0].clone()).unwrap(), expected);
    let read = Entry::read(&lines[0]).unwrap();
    assert_eq!(
        (read.seq, read.moment, read.kind, read.distress),
        (1, moment, "alarm.active", true)
    );
    assert_eq!((read.prev, read.body.as_bytes()), (Hash::NONE, &*body));
    assert_eq!(head, Head { seq: 1, hash: Hash::of(&lines[0]) });
    serde_json::from_slice::<serde_json::Value>(&lines[0]).unwrap();
}

#[test]
fn an_export_can_be_checked_without_vigie() {
    let site = Site::with_entries(10);
    let mut export = Vec::new();
    assert_eq!(site.reader().export(1, &mut export).unwrap(), 10);
    let mut prev = "0".repeat(64);
    for (n, line) in export.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\n").unwrap();
        let value: serde_json::Value = serde_json::from_slice(line).unwrap();
        assert_eq!(value["seq"], n + 1);
        assert_eq!(value["prev"], prev);
        prev = Sha256::digest(line).iter().map(|byte| format!("{byte:02x}")).collect();
    }
    let Verification::Intact { entries: 10, first: 1, head } = site.verify() else { panic!() };
    assert_eq!((head.seq, head.hash.to_string()), (10, prev));
}

#[test]
fn an_export_begins_where_it_is_asked_to() {
    let site = Site::with_entries(10);
    let all = site.lines();
    for from in 0..13 {
        let mut export = Vec::new();
        site.reader().export(from, &mut export).unwrap();
        let wanted: Vec<u8> = all
            .iter()
            .skip(usize::try_from(from.max(1)).unwrap() - 1)
            .flat_map(|line| [line, &b"\n"[..]].concat())
            .collect();
        assert_eq!(export, wanted, "from {from}");
    }
    for n in 0..13 {
        assert_eq!(
            site.reader().tail(n).unwrap(),
            all[10_usize.saturating_sub(n)..],
            "the last {n}"
        );
    }
}

#[test]
fn the_record_goes_on_after_a_restart() {
    let site = Site::with_entries(7);
    let (journal, recovered) = Journal::open(&site.path).unwrap();
    assert_eq!(recovered.head().seq, 7);
    assert_eq!(replayed(&recovered), (1..=7).collect::<Vec<_>>());
    fill(&journal, 8, 12);
    assert_eq!(replayed(&recovered).len(), 7, "a replay ends where the start found the journal");
    journal.close();
    assert!(matches!(site.verify(), Verification::Intact { entries: 12, .. }));
}

#[test]
fn an_empty_record_is_intact() {
    let site = Site::new();
    site.open().close();
    assert_eq!(site.verify(), Verification::Intact { entries: 0, first: 0, head: Head::NONE });
    assert!(site.lines().is_empty());
}

#[test]
fn the_record_can_be_read_and_proved_while_the_daemon_writes() {
    let site = Site::new();
    let journal = site.open();
    fill(&journal, 1, 5);
    let reader = site.reader();
    assert_eq!(reader.tail(9).unwrap().len(), 5);
    fill(&journal, 6, 8);
    assert_eq!(reader.tail(9).unwrap().len(), 8);
    assert!(matches!(reader.verify().unwrap(), Verification::Intact { entries: 8, .. }));
}

#[test]
fn an_append_to_a_head_that_has_moved_is_refused_and_keeps_nothing() {
    let site = Site::new();
    let journal = site.open();
    let three = fill(&journal, 1, 3);
    let four = block_on(journal.append(three, batch(&[4]))).unwrap();
    let error = block_on(journal.append(three, batch(&[5]))).unwrap_err();
    let CommitError::HeadMoved { expected, found } = error else { panic!("{error}") };
    assert_eq!((expected, found), (three, four));
    assert_eq!(site.lines().len(), 4);
}

#[test]
fn an_append_whose_answer_was_lost_can_be_repeated() {
    let site = Site::new();
    let journal = site.open();
    let three = fill(&journal, 1, 3);
    let four = block_on(journal.append(three, batch(&[4]))).unwrap();
    assert_eq!(block_on(journal.append(three, batch(&[4]))).unwrap(), four);
    assert_eq!(site.lines().len(), 4);
}

#[test]
fn an_entry_that_could_not_be_read_back_is_refused_with_its_whole_batch() {
    let site = Site::new();
    let journal = site.open();
    let bad: [&[u8]; 7] = [b"", b"7", b"{", b"{}\n", b"{\"a\":1}{}", b"{\"a\":\"\xff\"}", b" {}"];
    for body in bad {
        let mut batch = batch(&[1, 2]);
        batch.entries[1].body = body.to_vec();
        let error = journal.commit_blocking(batch).unwrap_err();
        assert!(matches!(error, CommitError::Entry(_)), "{body:?}: {error}");
    }
    for kind in ["", "two words", "quote\"", "é"] {
        let mut batch = batch(&[1]);
        batch.entries[0].kind = kind;
        assert!(matches!(journal.commit_blocking(batch), Err(CommitError::Entry(_))), "{kind:?}");
    }
    let mut long = batch(&[1]);
    long.entries[0].body = format!("{{\"a\":\"{}\"}}", "a".repeat(ENTRY_LIMIT)).into_bytes();
    assert!(matches!(journal.commit_blocking(long), Err(CommitError::Entry(_))));
    assert_eq!(fill(&journal, 1, 3).seq, 3, "nothing of the refused batches is there");
}

#[test]
fn a_commit_of_any_length_is_one_commit() {
    let site = Site::new();
    let journal = site.open();
    let mut batch = batch(&[1, 2, 3, 4, 5, 6, 7]);
    for entry in &mut batch.entries {
        entry.body = format!("{{\"a\":\"{}\"}}", "a".repeat(3 * 1_024 * 1_024)).into_bytes();
    }
    assert_eq!(journal.commit_blocking(batch).unwrap().seq, 7);
    journal.close();
    assert!(matches!(site.verify(), Verification::Intact { entries: 7, .. }));
    assert_eq!(replayed(&site.recover()).len(), 7);
}

#[test]
fn the_record_can_neither_be_changed_nor_shortened_by_sql() {
    let site = Site::with_entries(6);
    let store = rusqlite::Connection::open(&site.path).unwrap();
    for sql in [
        "UPDATE block SET body = body",
        "DELETE FROM block",
        "INSERT OR REPLACE INTO block SELECT * FROM block WHERE first = 1",
        "INSERT INTO block SELECT 9, 9, head, body FROM block WHERE first = 1",
    ] {
        let error = store.execute(sql, ()).unwrap_err().to_string();
        assert_eq!(error, "the journal is append-only", "{sql}");
    }
}

#[test]
fn the_last_word_on_each_occurrence_counts() {
    let site = Site::new();
    let journal = site.open();
    let rows = vec![
        Row::Occurrence(occurrence(1, "pump-1", None)),
        Row::Notification(notification("queued")),
        Row::Attempt(attempt(None)),
        Row::Notification(notification("sent")),
        Row::Occurrence(occurrence(1, "pump-1", Some(9))),
    ];
    journal.commit_blocking(Batch { entries: vec![entry(1)], rows }).unwrap();
    let rows = vec![
        Row::Occurrence(occurrence(2, "pump-2", None)),
        Row::Occurrence(occurrence(3, "pump-1", Some(12))),
        Row::Attempt(attempt(Some("sent"))),
    ];
    journal.commit_blocking(Batch { entries: vec![entry(2)], rows }).unwrap();

    let reader = site.reader();
    let ever = reader.latest_occurrences(Alarms::EverActive, 10).unwrap();
    assert_eq!(ever, [occurrence(3, "pump-1", Some(12)), occurrence(2, "pump-2", None)]);
    assert_eq!(reader.latest_occurrences(Alarms::EverActive, 1).unwrap().len(), 1);
    assert_eq!(
        reader.latest_occurrences(Alarms::NowNormal, 10).unwrap(),
        [occurrence(3, "pump-1", Some(12))]
    );
    let store = rusqlite::Connection::open(&site.path).unwrap();
    let sent = "SELECT (SELECT group_concat(state) FROM notification), (SELECT group_concat(outcome) FROM attempt)";
    let found: (String, String) =
        store.query_row(sent, (), |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(found, ("sent".to_owned(), "sent".to_owned()));
}

#[test]
fn an_alarm_that_is_active_again_is_not_normal() {
    let site = Site::new();
    let rows = vec![
        Row::Occurrence(occurrence(1, "pump-1", Some(9))),
        Row::Occurrence(occurrence(2, "pump-1", None)),
    ];
    site.open().commit_blocking(Batch { entries: vec![entry(1)], rows }).unwrap();
    assert!(site.reader().latest_occurrences(Alarms::NowNormal, 10).unwrap().is_empty());
}

fn occurrence(number: u64, key: &str, closed: Option<i64>) -> OccurrenceRow {
    OccurrenceRow {
        number,
        definition: "pump".to_owned(),
        key: key.to_owned(),
        state: if closed.is_some() { "normal" } else { "unacknowledged" }.to_owned(),
        priority: "high".to_owned(),
        text: "Défaut".to_owned(),
        opened: Utc::from_micros(1),
        active_since: Utc::from_micros(2),
        returned: closed.map(Utc::from_micros),
        acknowledged: closed.map(Utc::from_micros),
        acknowledged_by: closed.map(|_| "karim".to_owned()),
        confirmed: None,
        confirmed_by: None,
        closed: closed.map(Utc::from_micros),
        repeats: 3,
    }
}

fn notification(state: &str) -> NotificationRow {
    NotificationRow {
        id: 1,
        occurrence: Some(1),
        person: "karim".to_owned(),
        channel: "sms".to_owned(),
        kind: "call".to_owned(),
        state: state.to_owned(),
        text: "Défaut 4711".to_owned(),
        created: Utc::from_micros(1),
        ended: None,
    }
}

fn attempt(outcome: Option<&str>) -> AttemptRow {
    AttemptRow {
        notification: 1,
        number: 1,
        input: "gsm.orange".to_owned(),
        started: Utc::from_micros(1),
        ended: outcome.map(|_| Utc::from_micros(2)),
        outcome: outcome.map(str::to_owned),
        reference: None,
    }
}

#[test]
fn a_message_has_left_when_the_network_had_it_once_whatever_became_of_it() {
    let site = Site::new();
    let journal = site.open();
    let numbered = |id, state| NotificationRow { id, ..notification(state) };
    let tried = |notification, outcome| AttemptRow { notification, ..attempt(outcome) };
    let states = ["queued", "sending", "sent", "delivered", "unknown", "refused", "expired"];
    let mut rows: Vec<Row> =
        (1..).zip(states).map(|(id, state)| Row::Notification(numbered(id, state))).collect();
    rows.extend(
        [tried(1, Some("the modem is lost")), tried(2, None), tried(7, Some("refused"))]
            .map(Row::Attempt),
    );
    rows.push(Row::Notification(numbered(8, "expired")));
    rows.push(Row::Attempt(tried(8, Some("sent"))));
    journal.commit_blocking(Batch { entries: vec![entry(1)], rows }).unwrap();
    let mut left = Vec::new();
    let each = |row: NotificationRow, has_left: bool| left.extend(has_left.then_some(row.id));
    site.reader().notifications(Utc::from_micros(0), Utc::from_micros(9), each).unwrap();
    assert_eq!(left, [3, 4, 5, 8]);
}

#[test]
fn a_proof_comes_behind_what_was_asked_for_before_it_and_puts_nothing_on_the_record() {
    let site = Site::with_entries(3);
    let (journal, recovered, mut writer) = Journal::open_by_hand(&site.path).unwrap();
    let head = recovered.head();
    drop(recovered);
    let (proof, mut proved) = oneshot::channel();
    let (committed, later) = block_on(async {
        let asked = async {
            let commit = journal.commit(batch(&[4]));
            let proof = async { journal.prove(proof) };
            tokio::join!(biased; commit, proof).0
        };
        tokio::pin!(asked);
        let waiting = std::future::poll_fn(|context| Poll::Ready(asked.as_mut().poll(context)));
        assert!(waiting.await.is_pending());
        assert!(proved.try_recv().is_err(), "the disk was not reached");
        assert!(writer.turn());
        let committed = asked.await.unwrap();
        (committed, proved.try_recv())
    });
    assert_eq!(committed.seq, head.seq + 1);
    assert!(later.is_err(), "the commit alone is done");
    let before = std::fs::read(&site.path).unwrap();
    assert!(writer.turn());
    assert!(matches!(proved.try_recv(), Ok(Ok(()))));
    assert!(std::fs::read(&site.path).unwrap() == before);
    drop((journal, writer));
    assert_eq!(site.recover().head(), committed);
}

#[test]
fn a_writer_that_panics_is_seen_to_have_ended_and_is_not_taken_for_a_disk_that_refuses() {
    let site = Site::with_entries(3);
    let journal = site.open();
    let mut ended = pin!(journal.ended());
    let ends = |ended: Pin<&mut dyn Future<Output = ()>>| {
        ended.poll(&mut Context::from_waker(Waker::noop())).is_ready()
    };
    assert!(!ends(ended.as_mut()));
    block_on(async {
        journal.measure_by(|| panic!("the test wants it")).await;
        assert!(matches!(journal.commit(batch(&[4])).await, Err(CommitError::Closed)));
    });
    // The answer is dropped a moment before the thread is over, which this waits for.
    block_on(ended);
    journal.close();
    assert_eq!(site.recover().head().seq, 3, "what was not answered is not promised");
    let journal = site.open();
    let ended = journal.ended();
    journal.close();
    block_on(ended);
}
