//! Retention (`[store] keep`): the beginning of the record is let go, a little at a time, at a checkpoint behind which the proof still
//! holds.
//!
//! **Decision (2026-11-27): the record says itself what was let go.** Before anything is deleted, an entry of the kind `pruned` is
//! committed that names the last entry that goes and its hash; then the blocks go and the checkpoint advances, in one transaction.
//! Whoever cuts off the beginning by hand has no such entry, and the proof says so. A crash in between leaves the entry without
//! the deed, which is done with the next one. Rejected: files of a month each, which are easy to drop and whose seams
//! every reader would have to know; and vacuuming, which would copy the whole file and hold up alarms: what is free is used again,
//! so that the file stops growing but does not shrink.
//!
//! Nothing goes that a start may need: a snapshot holds the state behind it, and both that are kept do.

use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};

use super::chain::{Hash, Head};
use super::entry::Entry;
use super::{blocks, proof, snapshot};
use crate::watch::time::Utc;

/// The kind of the entries that say what is let go.
pub const PRUNED: &str = "pruned";

/// So many blocks go together, or blocks of about so many bytes: a commit of the meantime waits for no more.
const BLOCKS: u32 = 256;
const BYTES: usize = 4 * 1_024 * 1_024;
/// So many rows of a table for questions are looked at together.
const ROWS: u32 = 1_024;

/// What the entry says that goes before.
#[derive(serde::Deserialize)]
struct Said {
    event: Event,
}

#[derive(serde::Deserialize)]
struct Event {
    pruned: Attested,
}

#[derive(serde::Deserialize)]
struct Attested {
    through: u64,
    hash: String,
}

/// The entry behind which the record begins: [`Head::NONE`] while it is whole.
pub(super) fn checkpoint(store: &Connection) -> rusqlite::Result<Head> {
    let schema: i64 = store.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if schema < 2 {
        return Ok(Head::NONE);
    }
    let sql = "SELECT seq, head FROM checkpoint";
    let found = store.prepare_cached(sql)?.query_row((), blocks::head_of).optional()?;
    Ok(found.unwrap_or(Head::NONE))
}

/// Whether this line says that the record was let go up to this checkpoint.
pub(super) fn attests(line: &[u8], checkpoint: Head) -> bool {
    let Some(entry) = Entry::read(line).filter(|entry| entry.kind == PRUNED) else { return false };
    serde_json::from_str(entry.body).is_ok_and(|said: Said| {
        let Attested { through, hash } = said.event.pruned;
        through == checkpoint.seq && Hash::parse(hash.as_bytes()) == Some(checkpoint.hash)
    })
}

/// The last entry that may go together with those before it: all of them older than `before`, and no start needs them. `None`: nothing
/// may go.
pub(super) fn stale(store: &Connection, before: Utc) -> rusqlite::Result<Option<Head>> {
    // Two: where one cannot be believed, a start goes on from the other.
    let kept = snapshot::kept(store)?;
    let [_, .., older] = kept.as_slice() else { return Ok(None) };
    let needed = older.at.seq;
    let sql = "SELECT last, head, body FROM block ORDER BY first LIMIT ?1";
    let mut statement = store.prepare_cached(sql)?;
    let mut rows = statement.query([BLOCKS])?;
    let (mut stale, mut bytes) = (None, 0_usize);
    while let Some(row) = rows.next()?
        && bytes < BYTES
    {
        let body = row.get_ref(2)?.as_bytes().unwrap_or_default();
        let last = blocks::head_of(row)?;
        if last.seq > needed || !is_older(body, before) {
            break;
        }
        bytes = bytes.saturating_add(body.len());
        stale = Some(last);
    }
    Ok(stale)
}

/// By its last entry. What cannot be read is not let go: somebody must see it.
fn is_older(body: &[u8], before: Utc) -> bool {
    proof::lines(body).last().and_then(Entry::read).is_some_and(|entry| entry.moment.utc < before)
}

/// Lets go of the blocks up to `through`, which must be the last entry of one.
///
/// `Ok(false)`: the record does not hold that entry there, and nothing was done.
pub(super) fn prune(store: &mut Connection, through: Head) -> rusqlite::Result<bool> {
    let step = store.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let seq = through.seq;
    let sql = "SELECT last, head FROM block WHERE first <= ?1 ORDER BY first DESC LIMIT 1";
    let found = step.query_row(sql, [seq], blocks::head_of).optional()?;
    if found != Some(through) {
        return Ok(false);
    }
    step.execute("UPDATE checkpoint SET seq = ?1, head = ?2", params![seq, through.hash.bytes()])?;
    step.execute("DELETE FROM block WHERE first <= ?1", [seq])?;
    step.commit()?;
    Ok(true)
}

/// How far the tables for questions have been looked through.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Rows {
    occurrence: i64,
    notification: i64,
}

impl Rows {
    /// Lets go of the next rows about what was over before `before`; says whether there may be more. An occurrence that is open stays,
    /// however old it is.
    pub(super) fn prune(&mut self, store: &mut Connection, before: Utc) -> rusqlite::Result<bool> {
        let step = store.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let limit = before.micros();
        let occurrences = page(&step, OCCURRENCES, self.occurrence, limit)?;
        let range = params![self.occurrence, occurrences.last, limit];
        let closed = "DELETE FROM occurrence WHERE number > ?1 AND number <= ?2 AND closed < ?3";
        step.execute(closed, range)?;
        let notifications = page(&step, NOTIFICATIONS, self.notification, limit)?;
        let range = params![self.notification, notifications.last, limit];
        let ended = "SELECT id FROM notification WHERE id > ?1 AND id <= ?2 AND ended < ?3";
        step.execute(&format!("DELETE FROM attempt WHERE notification IN ({ended})"), range)?;
        step.execute(&format!("DELETE FROM notification WHERE id IN ({ended})"), range)?;
        step.commit()?;
        let more = occurrences.more || notifications.more;
        let next = Self { occurrence: occurrences.last, notification: notifications.last };
        // The next pass begins at the beginning: what was open has closed meanwhile.
        *self = if more { next } else { Self::default() };
        Ok(more)
    }
}

const OCCURRENCES: &str =
    "SELECT number, opened FROM occurrence WHERE number > ?1 ORDER BY number LIMIT ?2";
const NOTIFICATIONS: &str =
    "SELECT id, created FROM notification WHERE id > ?1 ORDER BY id LIMIT ?2";

/// Some rows of a table, in the order of their numbers.
struct Page {
    last: i64,
    /// It is full, and all of it is old.
    more: bool,
}

fn page(store: &Connection, sql: &str, after: i64, limit: i64) -> rusqlite::Result<Page> {
    let numbered = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
    let mut statement = store.prepare_cached(sql)?;
    let rows: Vec<_> =
        statement.query_map(params![after, ROWS], numbered)?.collect::<Result<_, _>>()?;
    let full = u32::try_from(rows.len()).is_ok_and(|many| many == ROWS);
    let is_old = rows.last().is_some_and(|(_, begun)| *begun < limit);
    Ok(Page { last: rows.last().map_or(after, |(number, _)| *number), more: full && is_old })
}
