//! The ballast: room on the disk that is kept back, and given up when the disk is full, so that the
//! record goes on for a while and people learn of it meanwhile.
//!
//! It promises nothing: no start and no commit fails for want of it, and what it cannot do it says
//! in the log. It never takes room that the disk does not have in plenty.
//!
//! **Decision (2026-11-26): 8 MiB in a file beside the database, without a key for its size.** A
//! full disk is found out by a commit that it refuses. Without a reserve that very commit is not on
//! the record, and its sender gets no receipt; with one it is repeated in the room of the reserve,
//! and the alarm `store` calls people before the record stops. While the reserve is in use the log
//! is moved into the database early and no snapshot is taken, so that an entry costs little more
//! than its own length: 8 MiB took 4,500 commits of one entry of 1,200 bytes, the decisions of a
//! bad night. It is laid where three times its length are free: once it lies there is twice as
//! much, so it is not given up and laid in turns.
//! Rejected: a key, since nobody can tell before the night what it should say, and too little room
//! is an alarm already; a sparse file, which keeps nothing back; the blocks that the file system
//! keeps for root (`tune2fs -r`), since Vigie does not run as root. A file system that compresses
//! or copies on write may keep less back than this; then the reserve is shorter, and nothing else.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::posix_fallocate;
use nix::sys::statvfs::statvfs;
use tokio::sync::watch;
use tracing::{info, warn};

/// How much is kept back.
const LENGTH: u64 = 8 * 1_024 * 1_024;
/// It is laid where so much is free.
const LAID_WHERE_FREE: u64 = 3 * LENGTH;

/// What became of the room that is kept back for the hour in which the disk is full.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reserve {
    /// Nobody has asked for one.
    Unasked,
    /// It lies beside the database.
    Kept,
    /// The disk is full: it was given up, and the record goes on in its room.
    InUse,
    /// There was too little room for it, or the disk refused it.
    NoRoom,
}

/// The one file, of which the writer alone disposes; others read how it is.
#[derive(Debug)]
pub(super) struct Ballast {
    path: PathBuf,
    is: watch::Sender<Reserve>,
}

impl Ballast {
    /// Of this database; nothing is laid yet.
    pub(super) fn of(database: &Path) -> (Self, watch::Receiver<Reserve>) {
        let (is, read) = watch::channel(Reserve::Unasked);
        (Self { path: super::place::ballast(database), is }, read)
    }

    pub(super) fn is_in_use(&self) -> bool {
        *self.is.borrow() == Reserve::InUse
    }

    /// Lays it, unless it lies there already or the disk has no room to spare.
    pub(super) fn lay(&self) -> Reserve {
        let before = *self.is.borrow();
        let now = match self.laid() {
            Ok(true) => Reserve::Kept,
            Ok(false) if before == Reserve::InUse => Reserve::InUse,
            Ok(false) => Reserve::NoRoom,
            Err(error) => {
                if before != Reserve::NoRoom {
                    warn!(ballast = %self.path.display(), %error, "no reserve can be kept for a full disk");
                }
                Reserve::NoRoom
            }
        };
        if now != before {
            info!(ballast = %self.path.display(), reserve = ?now, "the reserve for a full disk");
        }
        self.is.send_replace(now);
        now
    }

    /// The disk is full: lets go of the room. Returns whether there was any to let go of.
    pub(super) fn give_up(&self) -> bool {
        match fs::remove_file(&self.path) {
            Ok(()) => {
                // Some file systems give the room back only when they have written that down.
                let directory = self.path.parent().unwrap_or(Path::new("/"));
                let _ = File::open(directory).and_then(|directory| directory.sync_all());
                warn!(ballast = %self.path.display(), "the disk is full; the record goes on in the room of the reserve");
                self.is.send_replace(Reserve::InUse);
                true
            }
            Err(error) => {
                if *self.is.borrow() == Reserve::Kept {
                    warn!(ballast = %self.path.display(), %error, "the disk is full, and the reserve cannot be given up");
                    self.is.send_replace(Reserve::NoRoom);
                }
                false
            }
        }
    }

    /// Whether it lies there, at the end.
    fn laid(&self) -> io::Result<bool> {
        match fs::symlink_metadata(&self.path) {
            Ok(found)
                if found.is_file() && found.len() == LENGTH && allocated(&found) >= LENGTH =>
            {
                return Ok(true);
            }
            // Of another length, or sparse: a crash while it was laid left it.
            Ok(_) => fs::remove_file(&self.path)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let directory = self.path.parent().unwrap_or(Path::new("/"));
        if free(directory)? < LAID_WHERE_FREE {
            return Ok(false);
        }
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.path)?;
        // No sync: one that a power cut takes is laid again by the next start.
        if let Err(error) = posix_fallocate(&file, 0, LENGTH.try_into().unwrap_or(0)) {
            let _ = fs::remove_file(&self.path);
            return Err(error.into());
        }
        Ok(true)
    }
}

/// How much the file system has left for us.
fn free(directory: &Path) -> io::Result<u64> {
    let disk = statvfs(directory)?;
    Ok(wide(disk.blocks_available()).saturating_mul(wide(disk.fragment_size())))
}

/// The numbers of statvfs(3) are not as wide on every machine.
fn wide(count: impl Into<u64>) -> u64 {
    count.into()
}

/// What the file takes up on the disk (its blocks are of 512 bytes whatever the file system's are).
fn allocated(file: &fs::Metadata) -> u64 {
    file.blocks().saturating_mul(512)
}
