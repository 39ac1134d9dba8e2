//! The database: its tables, their numbered migrations, and the settings without which a
//! connection is not handed out.
//!
//! A file of another application, of a newer Vigie, or one that is damaged, is named and refused;
//! nothing in it is changed.
//!
//! **Decision (2026-11-23): WAL with `synchronous = FULL`, read back at start.** Of the settings
//! that we tried under power cuts, only this one never lost an acknowledged commit and is fast;
//! WAL guides recommend `NORMAL`, which lost hundreds. So the setting is read back, and Vigie does
//! not start on a database that did not take it.
//!
//! **Decision (2026-11-23): no secondary index.** An index halves or quarters what a storm may
//! bring in; questions about the past are rare and asked by people, who can wait for a scan.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::error::JournalError;
use super::{place, tables};

/// "Vigi": in the file's header, where `file` and other programs look.
const APPLICATION_ID: i64 = 0x5669_6769;

/// Step `n` leads from schema `n` to `n + 1`. Steps that were released are never changed.
const MIGRATIONS: &[&str] = &[include_str!("schema/1.sql"), include_str!("schema/2.sql")];

/// How long to wait for somebody with a shell on the database before a commit is refused.
const PATIENCE: Duration = Duration::from_secs(2);
/// The log is moved into the file when it has so many pages (16 MiB): at SQLite's own 4 MiB, each
/// commit of a storm would be followed by a second sync.
const LOG_PAGES: i64 = 4_096;
/// In the room of the reserve it is moved at so many (256 KiB): a page that many commits change
/// stands in the log once for each of them, and in the file once.
const LOG_PAGES_IN_RESERVE: i64 = 64;
/// What the write-ahead log is cut back to once its content is in the database: 64 MiB.
const LOG_KEPT: i64 = 64 * 1_024 * 1_024;

/// Builds an empty journal in the empty file at `path`.
pub(super) fn build(path: &Path) -> Result<(), JournalError> {
    let failed = |source| JournalError::from_sqlite("create", path, source);
    let mut store = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    store.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
    migrate(&mut store, MIGRATIONS).map_err(failed)?;
    store.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).map_err(failed)?;
    store.close().map_err(|(_, source)| failed(source))?;
    // Closing brought everything into the one file; the sync is SQLite's, this one is for the
    // case that it had nothing left to sync.
    File::open(path).and_then(|file| file.sync_all()).map_err(|source| JournalError::Refused {
        doing: "create",
        path: path.to_owned(),
        source,
    })
}

/// The connection that writes.
pub(super) fn open_to_write(path: &Path) -> Result<Connection, JournalError> {
    let failed = |source| JournalError::from_sqlite("open", path, source);
    let mut store = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    let found = recognise(&store, path)?;
    as_made(&store, path, found)?;
    if store.is_readonly("main").map_err(failed)? {
        return Err(JournalError::ReadOnly { path: path.to_owned() });
    }
    store.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).map_err(failed)?;
    store.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
    store.pragma_update(None, "foreign_keys", true).map_err(failed)?;
    pace_log(&store, false).map_err(failed)?;
    store
        .pragma_update_and_check(None, "journal_size_limit", LOG_KEPT, |_| Ok(()))
        .map_err(failed)?;
    must_be(&store, path, "journal_mode", "wal")?;
    must_be(&store, path, "synchronous", "2")?;
    must_be(&store, path, "foreign_keys", "1")?;
    let (_, missing) = MIGRATIONS.split_at(found);
    if !missing.is_empty() {
        migrate(&mut store, MIGRATIONS).map_err(failed)?;
    }
    Ok(store)
}

/// A connection that only reads, beside the one that writes or without it.
pub(super) fn open_to_read(path: &Path) -> Result<Connection, JournalError> {
    let failed = |source| JournalError::from_sqlite("open", path, source);
    let store = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
    match recognise(&store, path) {
        Ok(_) => Ok(store),
        Err(refusal) if place::is_in_use(path) => Err(refusal),
        // An auditor's copy on a medium that takes no files beside it, or on a full disk: nobody
        // writes it, so it can be read without the locks that would need such files.
        Err(
            JournalError::Sqlite { .. } | JournalError::ReadOnly { .. } | JournalError::Full { .. },
        ) => {
            let access = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            let store = connect(&place::immutable(path), access).map_err(failed)?;
            recognise(&store, path)?;
            Ok(store)
        }
        Err(refusal) => Err(refusal),
    }
}

/// Brings the write-ahead log to the disk, whatever was tried with it before.
///
/// After a crash it may hold a commit that was never synced and is read back all the same;
/// whatever is built on it now must not vanish with the next power cut. After a sync that failed it
/// may be read back from memory that is on no disk, and that no later sync brings there: Linux
/// takes the pages of a sync that failed for written. So the same bytes are written anew.
pub(super) fn renew_log(path: &Path) -> Result<(), JournalError> {
    let log = place::write_ahead_log(path);
    match write_anew(&log) {
        Ok(()) => Ok(()),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound => Ok(()),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Err(JournalError::ReadOnly { path: path.to_owned() })
            }
            _ => Err(JournalError::Refused { doing: "sync", path: log, source: error }),
        },
    }
}

fn write_anew(log: &Path) -> io::Result<()> {
    let file = File::options().read(true).write(true).open(log)?;
    let mut piece = vec![0; 64 * 1_024];
    let mut at = 0;
    loop {
        let length = file.read_at(&mut piece, at)?;
        let Some(bytes) = piece.get(..length).filter(|bytes| !bytes.is_empty()) else { break };
        match file.write_all_at(bytes, at) {
            // A file system that never writes in place has no room for the same again: a full
            // disk must not keep us from starting.
            Err(error) if error.kind() == io::ErrorKind::StorageFull => break,
            written => written?,
        }
        at = at.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
    }
    file.sync_all()
}

/// Moves what the write-ahead log holds into the database; `false` if a reader was in the way.
pub(super) fn empty_log(store: &Connection) -> rusqlite::Result<bool> {
    store.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| Ok(row.get::<_, i64>(0)? == 0))
}

/// How long the log may become before it is moved into the file.
pub(super) fn pace_log(store: &Connection, in_reserve: bool) -> rusqlite::Result<()> {
    let pages = if in_reserve { LOG_PAGES_IN_RESERVE } else { LOG_PAGES };
    store.pragma_update(None, "wal_autocheckpoint", pages)
}

fn connect(path: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    // Without CREATE: SQLite never makes a file where none was. The path is the true one, so a
    // link that appeared since is somebody's trick.
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let store = Connection::open_with_flags(path, flags)?;
    store.busy_timeout(PATIENCE)?;
    store.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;")?;
    Ok(store)
}

/// Which schema the file has, if it is ours and not newer than we are.
fn recognise(store: &Connection, path: &Path) -> Result<usize, JournalError> {
    let number = |name: &str| {
        store
            .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
            .map_err(|source| JournalError::from_sqlite("open", path, source))
    };
    let application = number("application_id")?;
    if application != APPLICATION_ID {
        return Err(JournalError::Foreign { path: path.to_owned(), found: application });
    }
    let found = number("user_version")?;
    match usize::try_from(found) {
        Ok(version) if version <= MIGRATIONS.len() => Ok(version),
        Ok(_) | Err(_) => {
            let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
            Err(JournalError::Newer { path: path.to_owned(), found, known })
        }
    }
}

/// Refuses a file whose tables are not as the steps that it has taken have made them.
pub(super) fn prove_tables(store: &Connection, path: &Path) -> Result<(), JournalError> {
    as_made(store, path, recognise(store, path)?)
}

/// Holds the tables against the steps that the file has taken.
fn as_made(store: &Connection, path: &Path, taken: usize) -> Result<(), JournalError> {
    let (taken, _) = MIGRATIONS.split_at_checked(taken).unwrap_or((MIGRATIONS, &[]));
    match tables::alteration(store, taken) {
        Ok(None) => Ok(()),
        Ok(Some(alteration)) => Err(JournalError::Altered { path: path.to_owned(), alteration }),
        Err(source) => Err(JournalError::from_sqlite("open", path, source)),
    }
}

fn must_be(
    store: &Connection,
    path: &Path,
    setting: &'static str,
    wanted: &'static str,
) -> Result<(), JournalError> {
    let found = store
        .pragma_query_value(None, setting, |row| {
            Ok(match row.get_ref(0)? {
                rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                other => String::from_utf8_lossy(other.as_bytes().unwrap_or_default()).into_owned(),
            })
        })
        .map_err(|source| JournalError::from_sqlite("open", path, source))?;
    if found == wanted {
        Ok(())
    } else {
        Err(JournalError::Setting { path: path.to_owned(), setting, wanted, found })
    }
}

/// Takes the steps that the file has not taken, all of them or none.
fn migrate(store: &mut Connection, steps: &[&str]) -> rusqlite::Result<()> {
    let step = store.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let taken: i64 = step.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for sql in steps.iter().skip(usize::try_from(taken).unwrap_or(usize::MAX)) {
        step.execute_batch(sql)?;
    }
    step.pragma_update(None, "user_version", i64::try_from(steps.len()).unwrap_or(i64::MAX))?;
    step.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_would_not_sync_each_commit_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().canonicalize().unwrap().join("vigie.db");
        File::create(&path).unwrap();
        build(&path).unwrap();
        let store = open_to_write(&path).unwrap();
        for weaker in ["OFF", "NORMAL"] {
            store.pragma_update(None, "synchronous", weaker).unwrap();
            let error = must_be(&store, &path, "synchronous", "2").unwrap_err().to_string();
            assert!(error.contains("cannot be kept safely: `synchronous` is"), "{error}");
        }
        assert_eq!(
            store.pragma_query_value(None, "journal_mode", |row| row.get(0)),
            Ok("wal".to_owned())
        );
    }

    #[test]
    fn what_a_sync_that_failed_left_in_memory_alone_is_written_anew() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("vigie.db");
        let log = directory.path().join("vigie.db-wal");
        renew_log(&path).unwrap();
        assert!(!log.exists(), "where there is none, none is made");
        let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(200_003).collect();
        std::fs::write(&log, &bytes).unwrap();
        let long_ago = std::time::UNIX_EPOCH;
        File::options().write(true).open(&log).unwrap().set_modified(long_ago).unwrap();
        renew_log(&path).unwrap();
        assert!(std::fs::read(&log).unwrap() == bytes, "not a byte is another");
        assert_ne!(std::fs::metadata(&log).unwrap().modified().unwrap(), long_ago);
    }

    #[test]
    fn a_journal_of_an_older_vigie_takes_the_steps_that_it_lacks_or_none() {
        let mut store = Connection::open_in_memory().unwrap();
        let version = |store: &Connection| {
            store.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).unwrap()
        };
        migrate(&mut store, &["CREATE TABLE one (a)"]).unwrap();
        migrate(&mut store, &["CREATE TABLE one (a)", "CREATE TABLE two (a)", "nonsense"])
            .unwrap_err();
        assert_eq!(version(&store), 1);
        migrate(&mut store, &["CREATE TABLE one (a)", "CREATE TABLE two (a)"]).unwrap();
        migrate(&mut store, &["CREATE TABLE one (a)", "CREATE TABLE two (a)"]).unwrap();
        assert_eq!(version(&store), 2);
        store.execute("INSERT INTO two VALUES (1)", ()).unwrap();
    }
}
