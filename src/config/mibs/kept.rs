//! The catalogue that is kept beside the store, so that a start need not compile.
//!
//! It is a copy of what the MIB files say, and nothing is lost with it: one that is cut, altered or of another version is as if it were not
//! there. It is replaced whole or not at all.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use vigie_snmp::names::Catalogue;

use super::folder::Stamp;

/// A kept catalogue is no larger than what the compiler may give.
const LARGEST: u64 = 256 * 1_024 * 1_024;

/// A catalogue and the state of the folders that it is of.
#[derive(Clone, Debug)]
pub struct Kept {
    path: PathBuf,
    stamp: Stamp,
    catalogue: Catalogue,
}

impl Kept {
    pub(super) fn new(
        store: &Path,
        folders: &[PathBuf],
        stamp: Stamp,
        catalogue: Catalogue,
    ) -> Self {
        Self { path: place(store, folders), stamp, catalogue }
    }

    /// The catalogue of these folders, of whichever state, if there is a sound one.
    pub(super) fn read(store: &Path, folders: &[PathBuf]) -> Option<Self> {
        let path = place(store, folders);
        let mut octets = Vec::new();
        std::fs::File::open(&path).ok()?.take(LARGEST).read_to_end(&mut octets).ok()?;
        let (stamp, catalogue) = octets.split_first_chunk()?;
        Some(Self { path, stamp: *stamp, catalogue: Catalogue::open(catalogue.into()).ok()? })
    }

    /// Whether it is of that state of the folders.
    pub(super) fn is_of(&self, stamp: &Stamp) -> bool {
        self.stamp == *stamp
    }

    /// The names in it.
    pub(super) fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Where it is kept.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts it beside the store, in the place of the one before.
    ///
    /// # Errors
    /// What the disk says; then the one before is still there.
    pub fn write(&self) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&self.stamp)?;
        file.write_all(self.catalogue.octets())?;
        file.as_file().sync_all()?;
        // Whoever may look at the folder may check with it: it holds what the MIB files hold.
        let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        file.as_file().set_permissions(readable)?;
        file.persist(&self.path).map_err(|error| error.error)?;
        Ok(())
    }
}

/// Where the catalogue of these folders is kept: one for each list of folders.
fn place(store: &Path, folders: &[PathBuf]) -> PathBuf {
    let mut hash = Sha256::new();
    for folder in folders {
        hash.update(folder.as_os_str().as_encoded_bytes());
        hash.update([0]);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let [a, b, c, d, ..] = digest;
    let mut name = store.as_os_str().to_owned();
    name.push(format!(".mibs-{a:02x}{b:02x}{c:02x}{d:02x}"));
    name.into()
}
