//! What can be wrong with an entry: one that is offered, and one that is read back.

use super::chain::ENTRY_LIMIT;

/// Why an entry is not accepted: only a bug can make one.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EntryFault {
    /// The kind is not a plain word.
    #[error("{kind:?} is not a kind of entry: up to 64 of a-z, 0-9, `.`, `_` and `-`")]
    Kind {
        /// The kind.
        kind: &'static str,
    },
    /// The body is not one JSON object on one line.
    #[error("the body of a {kind:?} entry is not one JSON object on one line")]
    NotAnObject {
        /// The kind.
        kind: &'static str,
    },
    /// The body is too long.
    #[error("the body of a {kind:?} entry has {length} bytes; up to {ENTRY_LIMIT} are kept")]
    TooLong {
        /// The kind.
        kind: &'static str,
        /// Its length.
        length: usize,
    },
}

/// The first entry that cannot be believed, and why.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("entry {seq}: {fault}")]
pub struct Broken {
    /// The number of the entry.
    pub seq: u64,
    /// What is wrong.
    pub fault: Fault,
}

/// What can be wrong with a record.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    /// Its bytes are not those of which the chain holds the hash.
    #[error("it was altered")]
    Altered,
    /// Its line cannot be read.
    #[error("it was altered, and cannot be read")]
    Unreadable,
    /// It and those up to `to` are gone.
    #[error("the entries from here to {to} were removed")]
    Missing {
        /// The last one that is gone.
        to: u64,
    },
    /// Another stands where it should.
    #[error("entry {found} stands in its place: entries were removed, repeated or reordered")]
    OutOfPlace {
        /// The one that stands there.
        found: i64,
    },
    /// Its block ends before it.
    #[error("its block was cut off")]
    CutOff,
    /// Its block goes on behind it.
    #[error("bytes were added behind it")]
    Surplus,
    /// Its block is longer than any that Vigie writes.
    #[error("its block is longer than Vigie writes")]
    TooLong,
    /// SQLite cannot read on.
    #[error("the database is damaged here ({0})")]
    Database(String),
}
