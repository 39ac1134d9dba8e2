//! A snapshot shortens a start, and is never believed against the record.

use vigie::journal::{
    CommitError, Doubt, DoubtReason, Head, Journal, JournalError, Need, Recovered, Verification,
};

use super::{Site, batch, block_on, fill, replayed};

#[test]
fn a_snapshot_and_the_entries_after_it_are_the_whole() {
    let site = Site::new();
    let journal = site.open();
    let at = fill(&journal, 1, 7);
    keep(&journal, at, &["one ", "two ", "three"]);
    fill(&journal, 8, 12);
    journal.close();
    let recovered = site.recover();
    assert_eq!(recovered.snapshot(), Some(at));
    assert_eq!(content(&recovered), "one two three");
    assert_eq!(replayed(&recovered), (8..=12).collect::<Vec<_>>());
    assert!(recovered.doubts().is_empty());
}

#[test]
fn commits_go_on_while_a_snapshot_is_written() {
    let site = Site::new();
    let journal = site.open();
    let at = fill(&journal, 1, 4);
    block_on(async {
        let mut draft = journal.begin_snapshot(at, Need::Convenient).await.unwrap();
        draft.chunk(b"one".to_vec()).await.unwrap();
        journal.commit(batch(&[5, 6])).await.unwrap();
        draft.chunk(b"two".to_vec()).await.unwrap();
        draft.finish().await.unwrap();
    });
    journal.close();
    let recovered = site.recover();
    assert_eq!((recovered.snapshot(), replayed(&recovered)), (Some(at), vec![5, 6]));
    assert_eq!(content(&recovered), "onetwo");
}

#[test]
fn a_snapshot_without_pieces_or_without_entries_is_one_too() {
    let site = Site::new();
    let journal = site.open();
    keep(&journal, Head::NONE, &[]);
    fill(&journal, 1, 2);
    journal.close();
    let recovered = site.recover();
    assert_eq!((recovered.snapshot(), replayed(&recovered)), (Some(Head::NONE), vec![1, 2]));
}

#[test]
fn a_snapshot_that_was_not_finished_is_as_if_it_never_was() {
    let site = Site::new();
    let journal = site.open();
    let at = fill(&journal, 1, 3);
    keep(&journal, at, &["old"]);
    let at = fill(&journal, 4, 6);
    block_on(async {
        let mut draft = journal.begin_snapshot(at, Need::Convenient).await.unwrap();
        draft.chunk(vec![0; 2_000_000]).await.unwrap();
    });
    journal.close();
    assert_eq!(pieces(&site), 2, "the piece of the unfinished one is there");
    let (journal, recovered) = Journal::open(&site.path).unwrap();
    assert_eq!((content(&recovered), replayed(&recovered)), ("old".to_owned(), vec![4, 5, 6]));
    keep(&journal, at, &["newer", "still"]);
    assert_eq!(pieces(&site), 3, "the remains are gone");
}

#[test]
fn a_snapshot_that_another_one_ended_takes_nothing_more() {
    let site = Site::new();
    let journal = site.open();
    let at = fill(&journal, 1, 3);
    block_on(async {
        let mut first = journal.begin_snapshot(at, Need::Convenient).await.unwrap();
        let second = journal.begin_snapshot(at, Need::Convenient).await.unwrap();
        assert!(matches!(first.chunk(Vec::new()).await, Err(CommitError::SnapshotGivenUp)));
        assert!(matches!(first.finish().await, Err(CommitError::SnapshotGivenUp)));
        second.finish().await.unwrap();
    });
}

#[test]
fn a_snapshot_of_another_state_than_the_last_is_refused() {
    let site = Site::new();
    let journal = site.open();
    let three = fill(&journal, 1, 3);
    fill(&journal, 4, 4);
    let error = block_on(journal.begin_snapshot(three, Need::Convenient)).map(|_| ()).unwrap_err();
    assert!(matches!(error, CommitError::HeadMoved { .. }), "{error}");
}

#[test]
fn two_snapshots_are_kept() {
    let site = Site::new();
    let journal = site.open();
    for n in 1..=5 {
        let at = fill(&journal, n, n);
        keep(&journal, at, &["a", "b"]);
    }
    assert_eq!(pieces(&site), 4);
}

#[test]
fn a_snapshot_with_any_byte_altered_gives_way_to_the_one_before_and_then_to_the_record() {
    for alteration in [
        "UPDATE snapshot_chunk SET body = x'00' WHERE n = 1 AND snapshot = ?1",
        "UPDATE snapshot_chunk SET body = cast(body || x'00' AS BLOB) WHERE n = 0 AND snapshot = ?1",
        "DELETE FROM snapshot_chunk WHERE n = 2 AND snapshot = ?1",
        "UPDATE snapshot SET digest = zeroblob(32) WHERE id = ?1",
        "UPDATE snapshot SET digest = x'' WHERE id = ?1",
        "UPDATE snapshot SET chunks = 2 WHERE id = ?1",
        "UPDATE snapshot SET chunks = 9223372036854775807 WHERE id = ?1",
        "UPDATE snapshot SET seq = seq - 1 WHERE id = ?1",
        "UPDATE snapshot SET seq = 99 WHERE id = ?1",
        "UPDATE snapshot SET seq = -1 WHERE id = ?1",
        "UPDATE snapshot SET head = zeroblob(32) WHERE id = ?1",
    ] {
        let (site, second) = two_snapshots();
        let intruder = site.intruder();
        assert_eq!(intruder.execute(alteration, [2]).unwrap(), 1, "{alteration}");
        let recovered = site.recover();
        assert_eq!(content(&recovered), "first", "{alteration}");
        assert_eq!(replayed(&recovered), (4..=8).collect::<Vec<_>>(), "{alteration}");
        assert_eq!(recovered.doubts().len(), 1, "{alteration}");
        drop(recovered);
        intruder.execute("UPDATE snapshot_chunk SET body = x'01'", ()).unwrap();
        let recovered = site.recover();
        assert_eq!((recovered.snapshot(), recovered.doubts().len()), (None, 2), "{alteration}");
        assert_eq!(replayed(&recovered).len(), 8, "{alteration}");
        assert_ne!(Some(second), recovered.snapshot());
    }
}

#[test]
fn a_snapshot_whose_content_cannot_be_read_gives_way_too() {
    let (site, _) = two_snapshots();
    let mut recovered = site.recover();
    recovered.refuse_snapshot().unwrap();
    assert_eq!(recovered.doubts(), [Doubt { seq: 6, reason: DoubtReason::Unreadable }]);
    assert_eq!(content(&recovered), "first");
    recovered.refuse_snapshot().unwrap();
    recovered.refuse_snapshot().unwrap();
    assert_eq!((recovered.snapshot(), replayed(&recovered).len()), (None, 8));
}

#[test]
fn entries_cut_off_the_end_are_missed_by_the_snapshot_and_never_written_over() {
    for left in [3, 0] {
        let (site, _) = two_snapshots();
        site.intruder().execute("DELETE FROM block WHERE first > ?1", [left]).unwrap();
        let missing = format!("entry {}: the entries from here to 6 were removed", left + 1);
        let Verification::Broken(broken) = site.verify() else { panic!() };
        assert_eq!(broken.to_string(), missing);
        let before = std::fs::read(&site.path).unwrap();
        let refused = Journal::open(&site.path).expect_err("a record without its end");
        assert!(refused.to_string().contains(&missing), "{refused}");
        assert_eq!(std::fs::read(&site.path).unwrap(), before, "the file was changed");
    }
}

/// Eight entries, a snapshot after the third and one after the sixth.
fn two_snapshots() -> (Site, Head) {
    let site = Site::new();
    let journal = site.open();
    let first = fill(&journal, 1, 3);
    keep(&journal, first, &["fir", "st"]);
    let second = fill(&journal, 4, 6);
    keep(&journal, second, &["se", "co", "nd"]);
    fill(&journal, 7, 8);
    journal.close();
    (site, second)
}

pub(crate) fn keep(journal: &Journal, at: Head, chunks: &[&str]) {
    block_on(async {
        let mut draft = journal.begin_snapshot(at, Need::Convenient).await.unwrap();
        for chunk in chunks {
            draft.chunk(chunk.as_bytes().to_vec()).await.unwrap();
        }
        draft.finish().await.unwrap();
    });
}

pub(crate) fn content(recovered: &Recovered) -> String {
    let mut whole = Vec::new();
    recovered
        .chunks(|piece| -> Result<(), JournalError> {
            whole.extend_from_slice(piece);
            Ok(())
        })
        .unwrap();
    String::from_utf8(whole).unwrap()
}

fn pieces(site: &Site) -> i64 {
    let store = rusqlite::Connection::open(&site.path).unwrap();
    store.query_row("SELECT count(*) FROM snapshot_chunk", (), |row| row.get(0)).unwrap()
}
