//! A copy of the store, made while the daemon writes it: as it stood at one instant, proved, and on the disk before it has its name.
//!
//! **Decision (2026-11-27): `VACUUM INTO`, not SQLite's page by page backup.** That one begins again whenever another process commits,
//! and would not end in a storm. This one reads in one transaction, which no commit waits for; the log only grows meanwhile.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::error::JournalError;
use super::place;
use super::reader::{Reader, Verification};

impl Reader {
    /// Copies the store into a new file at `target`, and says what the proof of the copy found. What does not hold is not left there.
    ///
    /// # Errors
    /// Where there is a file already, no room, or a record that is broken; or tables with which no Vigie would start.
    pub fn back_up(&self, target: &Path) -> Result<Verification, JournalError> {
        let refused = |source: io::Error| match source.kind() {
            io::ErrorKind::StorageFull => JournalError::Full { path: target.to_owned() },
            _ => JournalError::Refused { doing: "create", path: target.to_owned(), source },
        };
        let directory = directory(target)?;
        if fs::symlink_metadata(target).is_ok() {
            return Err(JournalError::Present { path: target.to_owned() });
        }
        // Whoever may write there could put another file in its place, before or after it was proved.
        let mode = fs::metadata(&directory).map_err(refused)?.mode();
        if mode & 0o1002 == 0o002 {
            let why = "every account of this machine may write to its folder, and so exchange the copy (chmod o-w; of a stick that has no owners, mount it with umask=077)";
            return Err(refused(io::Error::other(why)));
        }
        // It holds texts and telephone numbers: nobody else's from its first byte on.
        let copy = tempfile::Builder::new()
            .prefix(".vigie-backup-")
            .permissions(Permissions::from_mode(0o600))
            .tempfile_in(&directory)
            .map_err(refused)?;
        self.prove_tables()?;
        self.copy_into(copy.path(), target)?;
        copy.as_file().sync_all().map_err(refused)?;
        let verified = Self::open(copy.path())?.verify()?;
        if let Verification::Broken(broken) = verified {
            return Err(JournalError::Broken { path: self.path.clone(), broken });
        }
        copy.persist_noclobber(target).map_err(|error| refused(error.error))?;
        File::open(&directory).and_then(|directory| directory.sync_all()).map_err(refused)?;
        Ok(verified)
    }

    fn copy_into(&self, copy: &Path, target: &Path) -> Result<(), JournalError> {
        let copied = self.store.execute("VACUUM INTO ?1", [copy.to_string_lossy()]);
        match copied.map_err(|source| JournalError::from_sqlite("copy", &self.path, source)) {
            // It is the other disk that is full.
            Err(JournalError::Full { .. }) => Err(JournalError::Full { path: target.to_owned() }),
            copied => copied.map(drop),
        }
    }
}

/// The directory of a file that is to be made.
fn directory(target: &Path) -> Result<PathBuf, JournalError> {
    let named = place::directory_of(target);
    match named.canonicalize() {
        Ok(found) if found.is_dir() => Ok(found),
        Ok(_) => Err(JournalError::NotADirectory { directory: named.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(JournalError::NotADirectory { directory: named.to_owned() })
        }
        Err(source) => {
            Err(JournalError::Refused { doing: "look at", path: named.to_owned(), source })
        }
    }
}
