//! What can go wrong with the journal, in the operator's words.
//!
//! Nothing here repairs anything: a damaged file is named and left as it is.

use std::io;
use std::path::{Path, PathBuf};

use super::chain::Head;
use super::fault::{Broken, EntryFault};
use super::tables::Alteration;

/// Why a journal cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The directory is not there.
    #[error(
        "the directory {} does not exist; create it, owned by the account of Vigie, or correct `path` in [store]",
        .directory.display()
    )]
    DirectoryAbsent {
        /// The directory.
        directory: PathBuf,
    },
    /// Something is where a copy is to be made.
    #[error("{} is there already; name another file: nothing is written over a copy", .path.display())]
    Present {
        /// The path.
        path: PathBuf,
    },
    /// A copy is to be made where no directory is.
    #[error("{} is no directory; create it, or name a file in another one", .directory.display())]
    NotADirectory {
        /// The directory.
        directory: PathBuf,
    },
    /// There is something else than a file at this path.
    #[error("{} is not a file; give the path of the journal's file in [store]", .path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The path is a link to nothing.
    #[error(
        "{} is a link to a file that does not exist; mount or restore what it leads to, or remove the link",
        .path.display()
    )]
    DanglingLink {
        /// The path.
        path: PathBuf,
    },
    /// There is no journal to read.
    #[error("{} does not exist; Vigie creates it when it starts for the first time", .path.display())]
    Absent {
        /// The path.
        path: PathBuf,
    },
    /// The file holds nothing, and Vigie never leaves such a file.
    #[error(
        "{} is empty, which Vigie never leaves behind: restore a copy, or remove the file to begin a new record",
        .path.display()
    )]
    Empty {
        /// The path.
        path: PathBuf,
    },
    /// The file is gone, and what was written last is still beside it.
    #[error(
        "{} is missing but {} is there: put the missing file back, or move the other away to begin a new record",
        .path.display(), .left.display()
    )]
    LeftBehind {
        /// The path.
        path: PathBuf,
        /// What is still there.
        left: PathBuf,
    },
    /// Another process writes this journal.
    #[error(
        "another Vigie{} already writes {}; stop it first",
        .process.map(|id| format!(" (process {id})")).unwrap_or_default(), .path.display()
    )]
    Locked {
        /// The path.
        path: PathBuf,
        /// The process that wrote its number into the lock, if it could.
        process: Option<u32>,
    },
    /// The machine refused something at this path.
    #[error("cannot {doing} {}", .path.display())]
    Refused {
        /// What was attempted: `create`, `lock`, `look at`.
        doing: &'static str,
        /// The path.
        path: PathBuf,
        /// The machine's reason.
        source: io::Error,
    },
    /// No space left.
    #[error("the disk that holds {} is full; make room, nothing else is needed", .path.display())]
    Full {
        /// The path.
        path: PathBuf,
    },
    /// The file may be read only.
    #[error(
        "{} cannot be written to; give the account of Vigie the right to write the file and its directory",
        .path.display()
    )]
    ReadOnly {
        /// The path.
        path: PathBuf,
    },
    /// The file is not a database at all.
    #[error(
        "{} is not a journal of Vigie: its beginning is not that of a database; restore a copy, or correct `path` in [store]",
        .path.display()
    )]
    NotADatabase {
        /// The path.
        path: PathBuf,
    },
    /// The file belongs to another application.
    #[error(
        "{} is a database of another application (identifier {found:#010x}); correct `path` in [store]",
        .path.display()
    )]
    Foreign {
        /// The path.
        path: PathBuf,
        /// The application identifier in the file.
        found: i64,
    },
    /// The file was written by a newer Vigie.
    #[error(
        "{} was written by a newer Vigie (schema {found}, this one knows up to {known}); install that version again",
        .path.display()
    )]
    Newer {
        /// The path.
        path: PathBuf,
        /// The schema in the file.
        found: i64,
        /// The newest schema known here.
        known: i64,
    },
    /// A setting on which the promises rest did not take.
    #[error(
        "{} cannot be kept safely: `{setting}` is {found:?} and must be {wanted:?}; is the file system local and writable?",
        .path.display()
    )]
    Setting {
        /// The path.
        path: PathBuf,
        /// Which setting.
        setting: &'static str,
        /// What it must be.
        wanted: &'static str,
        /// What it is.
        found: String,
    },
    /// The database is torn or altered below the level of entries.
    #[error(
        "{} is damaged; nothing was changed: keep it as it is, restore a copy, or move it away to begin a new record",
        .path.display()
    )]
    Damaged {
        /// The path.
        path: PathBuf,
        /// What SQLite found.
        source: rusqlite::Error,
    },
    /// The tables are not as Vigie made them.
    #[error(
        "{} is damaged: {alteration}; nothing was changed: undo that, restore a copy, or move it away to begin a new record",
        .path.display()
    )]
    Altered {
        /// The path.
        path: PathBuf,
        /// What was done to them.
        alteration: Alteration,
    },
    /// Commits in the write-ahead log stand behind a damage, where SQLite would pass them over.
    #[error(
        "{} is damaged, and entries that were on the disk stand behind the damage; keep it and the file beside it as they are, restore a copy, or move it away to go on without those entries",
        .path.display()
    )]
    LogDamaged {
        /// The log.
        path: PathBuf,
    },
    /// The chain of entries does not hold.
    #[error(
        "the record in {} is broken: {broken}; keep the file as it is, restore a copy, or move it away to begin a new record",
        .path.display()
    )]
    Broken {
        /// The path.
        path: PathBuf,
        /// Where, and what.
        broken: Broken,
    },
    /// The state cannot be built: no snapshot can be believed, and the entries before were let go.
    #[error(
        "no snapshot in {} can be believed, and the entries up to {through} were let go by `keep` in [store]; restore a copy, or move it away to begin a new record",
        .path.display()
    )]
    NoSnapshot {
        /// The path.
        path: PathBuf,
        /// The last entry that was let go.
        through: u64,
    },
    /// SQLite refused for another reason.
    #[error("cannot {doing} the journal {}", .path.display())]
    Sqlite {
        /// What was attempted.
        doing: &'static str,
        /// The path.
        path: PathBuf,
        /// SQLite's reason.
        source: rusqlite::Error,
    },
    /// The machine gave no thread to write with.
    #[error("cannot start the thread that writes {}", .path.display())]
    Thread {
        /// The path.
        path: PathBuf,
        /// The machine's reason.
        source: io::Error,
    },
    /// The entries could not be handed on.
    #[error("the entries cannot be written out")]
    Output {
        /// The reason.
        source: io::Error,
    },
}

/// Why a commit or a snapshot is not on the disk. The journal goes on as soon as the disk does.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// No space left.
    #[error("the disk that holds {} is full; make room, nothing else is needed", .path.display())]
    Full {
        /// The path.
        path: PathBuf,
    },
    /// The device failed.
    #[error("the disk that holds {} fails; look at the kernel's log and replace it", .path.display())]
    Io {
        /// The path.
        path: PathBuf,
        /// What SQLite met.
        source: rusqlite::Error,
    },
    /// The file may no longer be written.
    #[error("{} can no longer be written to; make its file system writable again", .path.display())]
    ReadOnly {
        /// The path.
        path: PathBuf,
    },
    /// Another program holds the database.
    #[error("another program holds {}; end it (`fuser` tells which)", .path.display())]
    Busy {
        /// The path.
        path: PathBuf,
    },
    /// The database is torn or altered.
    #[error("{} is damaged; stop Vigie, keep the file and restore a copy", .path.display())]
    Damaged {
        /// The path.
        path: PathBuf,
        /// What SQLite found.
        source: rusqlite::Error,
    },
    /// The file at this path is no longer the one that was opened.
    #[error("{} was moved, removed or replaced while Vigie ran; put it back, or restart Vigie", .path.display())]
    Moved {
        /// The path.
        path: PathBuf,
    },
    /// The journal does not stand where the writer of these entries believed.
    #[error("the journal stands at entry {}, and these entries follow entry {}", .found.seq, .expected.seq)]
    HeadMoved {
        /// Where the caller believed the journal to stand.
        expected: Head,
        /// Where it stands.
        found: Head,
    },
    /// An entry that could not be read back.
    #[error(transparent)]
    Entry(#[from] EntryFault),
    /// A snapshot that another one, or a failure, has ended.
    #[error("this snapshot was given up; begin another")]
    SnapshotGivenUp,
    /// A piece of a snapshot that could not be read back.
    #[error("a piece of a snapshot has {length} bytes; up to {limit} are kept")]
    ChunkTooLong {
        /// Its length.
        length: usize,
        /// The longest that is kept.
        limit: usize,
    },
    /// The file could not be opened again after a failure.
    #[error("the journal could not be opened again")]
    Reopen(#[source] Box<JournalError>),
    /// SQLite refused for another reason.
    #[error("cannot write the journal {}", .path.display())]
    Sqlite {
        /// The path.
        path: PathBuf,
        /// SQLite's reason.
        source: rusqlite::Error,
    },
    /// The journal is closed, or its thread has ended.
    #[error("the journal is closed")]
    Closed,
}

impl JournalError {
    pub(super) fn from_sqlite(doing: &'static str, path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match Cause::of(&source) {
            Cause::NotADatabase => Self::NotADatabase { path },
            Cause::Damaged => Self::Damaged { path, source },
            Cause::ReadOnly => Self::ReadOnly { path },
            Cause::Full => Self::Full { path },
            Cause::Io | Cause::Busy | Cause::Other => Self::Sqlite { doing, path, source },
        }
    }
}

impl CommitError {
    pub(super) fn from_sqlite(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match Cause::of(&source) {
            Cause::Full => Self::Full { path },
            Cause::Io => Self::Io { path, source },
            Cause::ReadOnly => Self::ReadOnly { path },
            Cause::Busy => Self::Busy { path },
            Cause::Damaged | Cause::NotADatabase => Self::Damaged { path, source },
            Cause::Other => Self::Sqlite { path, source },
        }
    }
}

/// What SQLite's many codes come down to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// There is no room.
    Full,
    /// The device failed.
    Io,
    /// It may not be written.
    ReadOnly,
    /// Another program has it.
    Busy,
    /// The database is torn or altered.
    Damaged,
    /// It is something else.
    NotADatabase,
    /// Whatever is none of these.
    Other,
}

impl Cause {
    pub(super) fn of(error: &rusqlite::Error) -> Self {
        use rusqlite::{Error, ErrorCode};
        if matches!(
            error,
            Error::InvalidColumnType(..)
                | Error::IntegralValueOutOfRange(..)
                | Error::FromSqlConversionFailure(..)
        ) {
            // The tables are STRICT: a value of another type was not put there by SQL.
            return Self::Damaged;
        }
        // The index of the log is made longer by a byte for each page: there is no room for it.
        if error.sqlite_extended_error_code() == Some(rusqlite::ffi::SQLITE_IOERR_SHMSIZE) {
            return Self::Full;
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => Self::Io,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged,
            // The statements are ours: one that the tables do not understand means that somebody has altered these.
            Some(ErrorCode::Unknown)
                if error.sqlite_extended_error_code() == Some(rusqlite::ffi::SQLITE_ERROR) =>
            {
                Self::Damaged
            }
            Some(ErrorCode::NotADatabase) => Self::NotADatabase,
            Some(_) | None => Self::Other,
        }
    }
}
