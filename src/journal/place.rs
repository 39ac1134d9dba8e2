//! The place of the journal: which file it is, that nobody else writes it, that it stays there.
//!
//! It never removes, empties or replaces a file that could hold a record. A new journal is built
//! beside its place and moved there whole, so a crash at first start leaves either nothing or a
//! journal.
//!
//! **Decision (2026-11-23): an empty file is refused, an absent one is created.** Since a new
//! journal arrives whole, Vigie never leaves a file of zero bytes; one that is found was a record
//! that a file system lost, or a mistake. Beginning anew in it would hide that. Rejected: to treat
//! it as absent, as SQLite does. For the same reason a link to nothing is refused (the disk behind
//! it is not mounted), and so is a write-ahead log whose database is missing.
//!
//! **Decision (2026-11-23): the lock is a file beside the database.** Readers must work while the
//! daemon runs, so SQLite's own exclusive mode is out; and closing any descriptor of the database
//! file itself would drop SQLite's POSIX locks of the whole process.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;

use super::error::JournalError;
use super::schema;

/// The number of a process, with its line end, and room for those of other machines.
const LONGEST_NUMBER: u64 = 16;

/// The file, locked for this process.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    identity: (u64, u64),
    /// Held until the connection is closed; the system lets go of it when the process dies.
    lock: File,
}

impl Place {
    /// Locks the journal at `path`, and creates it if nothing is there.
    pub(super) fn take(path: &Path) -> Result<Self, JournalError> {
        let (path, _) = resolve(path)?;
        let lock = lock(&path)?;
        // Only now: until the lock was ours, another Vigie could be creating it.
        let (path, present) = resolve(&path)?;
        if !present {
            create(&path)?;
        }
        let identity = identity(&path).map_err(|source| refused("look at", &path, source))?;
        Ok(Self { path, identity, lock })
    }

    /// Where the file is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the number into the lock again, where it stands, and waits until it is on the disk: the same file system and the
    /// same device as the record. Not into the database: a commit without entries would wear the log and prove no more; nor a
    /// mere sync, which some file systems answer by themselves when nothing has changed.
    pub(super) fn reach(&self) -> io::Result<()> {
        self.lock.write_all_at(number().as_bytes(), 0)?;
        self.lock.sync_data()
    }

    /// Whether the file at the path is still the one that was taken. An entry written to a file
    /// that somebody removed would be lost with the last descriptor.
    pub(super) fn is_unmoved(&self) -> bool {
        identity(&self.path).is_ok_and(|found| found == self.identity)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Closing would do, but for a child process that is just being started and still shares
        // the descriptor: it would hold the lock a moment longer than we do.
        let _ = self.lock.unlock();
    }
}

/// The journal at `path`, for reading only: it must be there.
pub(super) fn existing(path: &Path) -> Result<PathBuf, JournalError> {
    match resolve(path)? {
        (path, true) => Ok(path),
        (path, false) => Err(JournalError::Absent { path }),
    }
}

/// The same file by its one true name, and whether it is there.
fn resolve(path: &Path) -> Result<(PathBuf, bool), JournalError> {
    let named = || path.to_owned();
    match fs::symlink_metadata(path) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return absent(path),
        Err(source) => return Err(refused("look at", path, source)),
    }
    let true_path = match path.canonicalize() {
        Ok(true_path) => true_path,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(JournalError::DanglingLink { path: named() });
        }
        Err(source) => return Err(refused("look at", path, source)),
    };
    let found = fs::metadata(&true_path).map_err(|source| refused("look at", path, source))?;
    if !found.is_file() {
        Err(JournalError::NotAFile { path: named() })
    } else if found.len() == 0 {
        Err(JournalError::Empty { path: named() })
    } else {
        Ok((true_path, true))
    }
}

/// The directory in which a file of this name is, or is to be made, as it was named.
pub(super) fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    }
}

fn absent(path: &Path) -> Result<(PathBuf, bool), JournalError> {
    let Some(name) = path.file_name() else {
        return Err(JournalError::NotAFile { path: path.to_owned() });
    };
    let directory = directory_of(path);
    let true_directory = match directory.canonicalize() {
        Ok(found) if found.is_dir() => found,
        Ok(_) => {
            return Err(JournalError::DirectoryAbsent { directory: directory.to_owned() });
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(JournalError::DirectoryAbsent { directory: directory.to_owned() });
        }
        Err(source) => return Err(refused("look at", directory, source)),
    };
    let path = true_directory.join(name);
    let left = beside(&path, "-wal");
    if fs::symlink_metadata(&left).is_ok_and(|found| found.len() > 0) {
        return Err(JournalError::LeftBehind { path, left });
    }
    Ok((path, false))
}

/// The lock beside the database. Whatever else has its name is neither followed nor emptied: in a folder where others may write it could
/// be a link to any file of ours.
fn lock(path: &Path) -> Result<File, JournalError> {
    let name = beside(path, "-lock");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits())
        .open(&name)
        .map_err(|source| refused("create", &name, source))?;
    if let Some(why) = no_lock(&mut file).map_err(|source| refused("look at", &name, source))? {
        let remedy = "if no Vigie runs, move it away";
        let (lock, old) = (name.display(), beside(&name, ".old"));
        let why = format!("{why}: {remedy} (mv {lock} {}) and start again", old.display());
        return Err(refused("lock", &name, io::Error::other(why)));
    }
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(JournalError::Locked { path: path.to_owned(), process: holder(&mut file) });
        }
        Err(TryLockError::Error(source)) => return Err(refused("lock", &name, source)),
    }
    // The number only serves a better complaint: a full disk must not keep us from starting.
    let _ = file.set_len(0).and_then(|()| file.write_all(number().as_bytes()));
    Ok(file)
}

/// Why a file is none of our locks. One that has a second name is where a number stands in it, as in a folder that was copied by links
/// (`cp -al`): both places share the lock then, as they share the record. Anything else that has one could be any file of ours.
fn no_lock(file: &mut File) -> io::Result<Option<&'static str>> {
    let about = file.metadata()?;
    if !about.is_file() || about.len() > LONGEST_NUMBER {
        return Ok(Some("it is no lock of Vigie's, so it is left as it is"));
    }
    if about.nlink() > 1 && holder(file).is_none() {
        return Ok(Some("another file is the same by a link, so it is left as it is"));
    }
    file.rewind()?;
    Ok(None)
}

/// What stands in the lock: whose it is.
fn number() -> String {
    format!("{}\n", std::process::id())
}

/// Whether a Vigie writes this journal now.
pub(super) fn is_written(path: &Path) -> bool {
    let flags = (OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits();
    let lock = OpenOptions::new().read(true).custom_flags(flags).open(beside(path, "-lock"));
    lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

fn holder(lock: &mut File) -> Option<u32> {
    let mut text = String::new();
    lock.take(LONGEST_NUMBER).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// Builds an empty journal beside its place, and moves it there when it is whole and on disk.
fn create(path: &Path) -> Result<(), JournalError> {
    let new = beside(path, "-new");
    for remains in ["", "-journal", "-wal", "-shm"].map(|suffix| beside(&new, suffix)) {
        match fs::remove_file(&remains) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(refused("remove", &remains, source)),
        }
    }
    // SQLite gives its companions (-wal, -shm) the mode of the database.
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new)
        .map_err(|source| refused("create", &new, source))?;
    schema::build(&new)?;
    fs::rename(&new, path).map_err(|source| refused("create", path, source))?;
    let directory = path.parent().unwrap_or(Path::new("/"));
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(|source| refused("create", path, source))
}

/// The write-ahead log that SQLite keeps beside the database.
pub(super) fn write_ahead_log(path: &Path) -> PathBuf {
    beside(path, "-wal")
}

/// The room that is kept back beside the database for the hour in which the disk is full.
pub(super) fn ballast(path: &Path) -> PathBuf {
    beside(path, "-ballast")
}

/// Whether there is anything beside the database that a writer keeps there.
pub(super) fn is_in_use(path: &Path) -> bool {
    ["-wal", "-shm"].iter().any(|suffix| fs::symlink_metadata(beside(path, suffix)).is_ok())
}

/// The name under which SQLite reads a file that it may take for unchanging.
pub(super) fn immutable(path: &Path) -> PathBuf {
    let mut name = String::from("file:");
    for byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(byte) {
            name.push(char::from(*byte));
        } else {
            name.push_str(&format!("%{byte:02X}"));
        }
    }
    name.push_str("?immutable=1");
    PathBuf::from(name)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    fs::metadata(path).map(|found| (found.dev(), found.ino()))
}

fn refused(doing: &'static str, path: &Path, source: io::Error) -> JournalError {
    JournalError::Refused { doing, path: path.to_owned(), source }
}
