//! Snapshots: the watch's state at an entry, in pieces, so that a start need not read it all.
//!
//! A snapshot is a convenience, but where decisions found no room in distress, and proves nothing: it is believed only if its digest holds and the
//! entry at which it was taken bears the hash that it names. Otherwise the one before is used, or
//! the whole record. Two are kept. One that is whole and knows of entries behind the end of the
//! record is a witness: they were cut off, and nothing is written over them.
//!
//! **Decision (2026-11-23): a few pieces are a transaction, and the row that makes all of them a
//! snapshot comes in the last one.** One transaction around all of them would hold up the commits
//! of the meantime, or lose them with it; one for each would sync the disk for every 64 KiB. Pieces
//! without their row are remains, and go with the next snapshot.

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::chain::{Hash, Head};

/// One piece is no longer than this, in bytes.
pub(super) const CHUNK_LIMIT: usize = 16 * 1_024 * 1_024;
/// Pieces wait in memory until they are as long as this together, in bytes.
const FLUSH_AFTER: usize = 1_024 * 1_024;
/// So many snapshots stay.
const KEPT: u32 = 2;

/// A snapshot that is being written.
#[derive(Debug)]
pub(super) struct Draft {
    /// Its number, behind those of all before.
    pub(super) id: i64,
    at: Head,
    written: i64,
    waiting: Vec<Vec<u8>>,
    digest: Sha256,
}

/// A snapshot in the file; not believed yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    id: i64,
    /// The entry after which the state was so.
    pub(super) at: Head,
    chunks: i64,
    digest: Option<Hash>,
}

impl Draft {
    /// Clears away what earlier drafts left.
    pub(super) fn begin(store: &Connection, id: i64, at: Head) -> rusqlite::Result<Self> {
        store.execute(
            "DELETE FROM snapshot_chunk WHERE snapshot NOT IN (SELECT id FROM snapshot)",
            (),
        )?;
        let newest: Option<i64> =
            store.query_row("SELECT max(id) FROM snapshot", (), |row| row.get(0))?;
        let id = newest.unwrap_or(0).max(id).saturating_add(1);
        Ok(Self { id, at, written: 0, waiting: Vec::new(), digest: digest_of(at) })
    }

    /// Takes a piece; returns whether it is time to [`Draft::flush`].
    pub(super) fn add(&mut self, body: Vec<u8>) -> bool {
        add_piece(&mut self.digest, &body);
        self.waiting.push(body);
        self.waiting.iter().map(Vec::len).sum::<usize>() >= FLUSH_AFTER
    }

    /// Writes the pieces that wait.
    pub(super) fn flush(&mut self, store: &mut Connection) -> rusqlite::Result<()> {
        let step = store.transaction()?;
        self.write_waiting(&step)?;
        step.commit()
    }

    fn write_waiting(&mut self, store: &Connection) -> rusqlite::Result<()> {
        let sql = "INSERT INTO snapshot_chunk (snapshot, n, body) VALUES (?1, ?2, ?3)";
        let mut insert = store.prepare_cached(sql)?;
        for body in self.waiting.drain(..) {
            insert.execute(params![self.id, self.written, body])?;
            self.written += 1;
        }
        Ok(())
    }

    /// Makes the pieces a snapshot, and lets go of those that are too old; all in one transaction.
    pub(super) fn finish(mut self, store: &mut Connection) -> rusqlite::Result<Hash> {
        let step = store.transaction()?;
        self.write_waiting(&step)?;
        let digest = Hash::from_digest(self.digest);
        step.execute(
            "INSERT INTO snapshot (id, seq, head, chunks, digest) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![self.id, self.at.seq, self.at.hash.bytes(), self.written, digest.bytes()],
        )?;
        step.execute(
            "DELETE FROM snapshot WHERE id NOT IN (SELECT id FROM snapshot ORDER BY id DESC LIMIT ?1)",
            [KEPT],
        )?;
        step.execute(
            "DELETE FROM snapshot_chunk WHERE snapshot NOT IN (SELECT id FROM snapshot)",
            (),
        )?;
        step.commit()?;
        Ok(digest)
    }
}

/// The snapshots in the file, the newest first.
pub(super) fn kept(store: &Connection) -> rusqlite::Result<Vec<Kept>> {
    let sql = "SELECT id, seq, head, chunks, digest FROM snapshot ORDER BY id DESC LIMIT 16";
    let mut statement = store.prepare(sql)?;
    let rows = statement.query_map((), |row| {
        let hash = |column| {
            Ok::<_, rusqlite::Error>(Hash::from_stored(
                row.get_ref(column)?.as_bytes().unwrap_or_default(),
            ))
        };
        let at = Head {
            seq: u64::try_from(row.get::<_, i64>(1)?).unwrap_or(u64::MAX),
            hash: hash(2)?.unwrap_or(Hash::NONE),
        };
        Ok(Kept { id: row.get(0)?, at, chunks: row.get(3)?, digest: hash(4)? })
    })?;
    rows.collect()
}

impl Kept {
    /// Whether all its pieces are there, as they were written.
    pub(super) fn is_whole(&self, store: &Connection) -> rusqlite::Result<bool> {
        let mut digest = digest_of(self.at);
        for n in 0..self.chunks {
            let Some(body) = self.chunk(store, n)? else {
                return Ok(false);
            };
            add_piece(&mut digest, &body);
        }
        Ok(Some(Hash::from_digest(digest)) == self.digest)
    }

    /// The piece of this number; `None` behind the last, or if it is gone or longer than any.
    pub(super) fn chunk(&self, store: &Connection, n: i64) -> rusqlite::Result<Option<Vec<u8>>> {
        let sql =
            "SELECT body FROM snapshot_chunk WHERE snapshot = ?1 AND n = ?2 AND length(body) <= ?3";
        store
            .prepare_cached(sql)?
            .query_row(params![self.id, n, CHUNK_LIMIT], |row| row.get(0))
            .optional()
    }
}

fn digest_of(at: Head) -> Sha256 {
    Sha256::new().chain_update(at.seq.to_le_bytes()).chain_update(at.hash.bytes())
}

fn add_piece(digest: &mut Sha256, body: &[u8]) {
    let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
    digest.update(length.to_le_bytes());
    digest.update(body);
}
