//! The blocks as they stand in the file, read one at a time so that memory stays bounded.

use std::ops::ControlFlow;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::chain::{BLOCK_LIMIT, Block, Hash, Head};
use super::error::JournalError;
use super::fault::Broken;
use super::proof::{self, Stored};
use super::retention;

/// So many blocks in one read transaction: a longer one would keep the writer's log from shrinking.
const PAGE: u32 = 256;

/// Reads the blocks of one journal.
#[derive(Clone, Copy)]
pub(super) struct Blocks<'a> {
    /// From which they are read.
    pub(super) store: &'a Connection,
    /// Which file that is, for errors.
    pub(super) path: &'a Path,
}

/// Where the chain stands, by the last block's own word.
pub(super) fn head(store: &Connection) -> rusqlite::Result<Head> {
    let sql = "SELECT last, head FROM block ORDER BY first DESC LIMIT 1";
    let head = store.prepare_cached(sql)?.query_row((), head_of).optional()?;
    Ok(head.unwrap_or(Head::NONE))
}

/// Puts a block behind all others, as a part of the transaction of its commit.
pub(super) fn insert(store: &Connection, block: &Block) -> rusqlite::Result<()> {
    store
        .prepare_cached("INSERT INTO block (first, last, head, body) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![block.first, block.head.seq, block.head.hash.bytes(), block.body])?;
    Ok(())
}

/// A head that cannot be one reads as one that fits nowhere.
pub(super) fn head_of(row: &Row<'_>) -> rusqlite::Result<Head> {
    let hash = Hash::from_stored(row.get_ref(1)?.as_bytes().unwrap_or_default());
    let seq = u64::try_from(row.get::<_, i64>(0)?).unwrap_or(u64::MAX);
    Ok(Head { seq, hash: hash.unwrap_or(Hash::NONE) })
}

fn stored<'a>(row: &'a Row<'_>) -> rusqlite::Result<Stored<'a>> {
    Ok(Stored {
        first: row.get(0)?,
        last: row.get(1)?,
        head: row.get_ref(2)?.as_bytes().unwrap_or_default(),
        body: row.get_ref(3)?.as_bytes().ok(),
    })
}

impl Blocks<'_> {
    /// Hands out the blocks that begin behind `after`, in order.
    pub(super) fn walk<E: From<JournalError>>(
        self,
        mut after: i64,
        mut each: impl FnMut(Stored<'_>) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        let sql = "SELECT first, last, head, CASE WHEN octet_length(body) <= ?2 THEN body END
            FROM block WHERE first > ?1 ORDER BY first LIMIT ?3";
        let mut statement = self.store.prepare_cached(sql).map_err(|error| self.failed(error))?;
        loop {
            let mut rows = statement
                .query(params![after, BLOCK_LIMIT, PAGE])
                .map_err(|error| self.failed(error))?;
            let mut found = 0;
            while let Some(row) = rows.next().map_err(|error| self.failed(error))? {
                let block = stored(row).map_err(|error| self.failed(error))?;
                after = block.first;
                found += 1;
                if each(block)?.is_break() {
                    return Ok(());
                }
            }
            if found < PAGE {
                return Ok(());
            }
        }
    }

    /// The entry behind which the record begins.
    pub(super) fn checkpoint(self) -> Result<Head, JournalError> {
        retention::checkpoint(self.store).map_err(|error| self.failed(error))
    }

    /// The beginning of the block that holds entry `seq`, or of the last one before it; and the
    /// head before that block, by the word of the block before.
    pub(super) fn before(self, seq: u64) -> Result<(i64, Head), JournalError> {
        let seq = i64::try_from(seq).unwrap_or(i64::MAX);
        let sql = "SELECT first FROM block WHERE first <= ?1 ORDER BY first DESC LIMIT 1";
        let first: Option<i64> = self
            .store
            .query_row(sql, [seq], |row| row.get(0))
            .optional()
            .map_err(|error| self.failed(error))?;
        let Some(first) = first else {
            return Ok((i64::MIN, self.checkpoint()?));
        };
        let sql = "SELECT last, head FROM block WHERE first < ?1 ORDER BY first DESC LIMIT 1";
        let before = self.store.query_row(sql, [first], head_of).optional();
        let before = match before.map_err(|error| self.failed(error))? {
            Some(before) => before,
            None => self.checkpoint()?,
        };
        Ok((first, before))
    }

    /// Proves the chain from the block that holds entry `seq` to its end, or until `each` has
    /// enough; `each` sees the lines of a block only when all of that block holds.
    pub(super) fn prove<E: From<JournalError>>(
        self,
        seq: u64,
        mut each: impl FnMut(u64, &[u8]) -> Result<ControlFlow<()>, E>,
    ) -> Result<Head, E> {
        let (first, mut head) = self.before(seq)?;
        self.walk::<E>(first.saturating_sub(1), |block| {
            let before = head;
            head = proof::follow(block, before).map_err(|broken| self.broken(broken))?;
            let lines = proof::lines(block.body.unwrap_or_default());
            for (seq, line) in (before.seq.saturating_add(1)..).zip(lines) {
                if each(seq, line)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(head)
    }

    /// The chain does not hold in this file.
    pub(super) fn broken(self, broken: Broken) -> JournalError {
        JournalError::Broken { path: self.path.to_owned(), broken }
    }

    /// This file could not be read.
    pub(super) fn failed(self, source: rusqlite::Error) -> JournalError {
        JournalError::from_sqlite("read", self.path, source)
    }
}
