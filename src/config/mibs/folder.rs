//! The files in the folders of `mibs`: which there are, and whether one has changed.
//!
//! It looks at names, sizes and times, and reads nothing. The number and size of files and the depth of folders are bounded; what is
//! beyond is told. A folder is looked into once, however many links lead to it: links among folders could lead in circles for hours.

use std::collections::HashSet;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use sha2::{Digest, Sha256};

use crate::config::regular::{folder_of, is_hidden};

/// What tells one state of the folders from another.
pub(super) type Stamp = [u8; 32];

/// So many files are looked at; all makers of the public collections together have 4,650.
const MOST_FILES: usize = 20_000;
/// Folders stand in one another no deeper.
const DEEPEST: usize = 8;
/// No MIB file is larger.
pub(super) const LARGEST: u64 = 32 * 1_024 * 1_024;
/// How the names of MIB files end; most end in nothing.
const ENDINGS: [&str; 8] = ["", "mib", "mi2", "my", "smi", "txt", "asn", "asn1"];
/// Another version of what is made of the files: another stamp.
const COMPILER: &str = concat!(
    "vigie ",
    env!("CARGO_PKG_VERSION"),
    ", catalogue 1 with what traps carry and whether files were left out, mib-rs 0.10"
);

/// The files of some folders, in the order of the folders and of their names.
#[derive(Debug, Default)]
pub struct Listing {
    files: Vec<(PathBuf, Metadata)>,
    unreadable: Vec<(PathBuf, io::Error)>,
    /// What is larger than any MIB file.
    outsized: Vec<PathBuf>,
    is_cut: bool,
    /// Device and number of each folder that was looked into.
    seen: HashSet<(u64, u64)>,
}

impl Listing {
    /// Looks into the folders.
    pub fn of(folders: &[PathBuf]) -> Self {
        let mut listing = Self::default();
        folders.iter().for_each(|folder| listing.look(folder, DEEPEST));
        listing
    }

    /// The files that lie beside that one.
    pub(super) fn beside(file: &Path) -> Self {
        let mut listing = Self::default();
        listing.look(folder_of(file), 1);
        listing.files.retain(|(path, _)| path != file);
        listing
    }

    fn look(&mut self, folder: &Path, depth: usize) {
        let Some(deeper) = depth.checked_sub(1) else {
            self.is_cut = true;
            return;
        };
        let about = std::fs::metadata(folder);
        if about.is_ok_and(|about| !self.seen.insert((about.dev(), about.ino()))) {
            return;
        }
        let mut entries: Vec<PathBuf> = match std::fs::read_dir(folder) {
            Ok(entries) => entries.filter_map(|entry| Some(entry.ok()?.path())).collect(),
            Err(error) => return self.unreadable.push((folder.to_owned(), error)),
        };
        entries.sort();
        for path in entries.into_iter().filter(|path| !is_hidden(path)) {
            if self.files.len() == MOST_FILES {
                self.is_cut = true;
                return;
            }
            match std::fs::metadata(&path) {
                Ok(about) if about.is_dir() => self.look(&path, deeper),
                Ok(about) if !about.is_file() || !is_mib(&path) => {}
                Ok(about) if about.len() > LARGEST => self.outsized.push(path),
                Ok(about) => self.files.push((path, about)),
                Err(error) => self.unreadable.push((path, error)),
            }
        }
    }

    /// The files.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|(path, _)| path.as_path())
    }

    /// How many octets they have together.
    pub fn octets(&self) -> u64 {
        self.files.iter().fold(0, |octets, (_, about)| about.len().saturating_add(octets))
    }

    /// Whether there is no file at all.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Whether something is not there that may hold names.
    pub(super) fn is_incomplete(&self) -> bool {
        self.is_cut || !self.unreadable.is_empty() || !self.outsized.is_empty()
    }

    /// What is to be told of the folders themselves.
    pub(super) fn notes(&self) -> Vec<String> {
        let unreadable = self
            .unreadable
            .iter()
            .map(|(path, error)| format!("{} cannot be looked into: {error}", path.display()));
        let cut = self.is_cut.then(|| {
            format!("there are more than {MOST_FILES} files, or folders deeper than {DEEPEST}: the rest is left out")
        });
        let outsized = self.outsized.iter().map(|path| {
            format!("{} is larger than {} MiB and is left out", path.display(), LARGEST >> 20)
        });
        unreadable.chain(outsized).chain(cut).collect()
    }

    /// What tells this state of the folders from another.
    pub(super) fn stamp(&self) -> Stamp {
        let mut hash = Sha256::new();
        hash.update(COMPILER);
        for (path, about) in &self.files {
            let changed = about.modified().ok();
            let changed = changed.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            let path = path.as_os_str().as_encoded_bytes();
            hash.update(u64::try_from(path.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(path);
            hash.update(about.len().to_le_bytes());
            hash.update(changed.unwrap_or_default().as_nanos().to_le_bytes());
        }
        hash.finalize().into()
    }
}

fn is_mib(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    ENDINGS.contains(&ending.as_deref().unwrap_or_default())
}
