//! The folder of a site that is watched: its files, its store and its socket are there, and go with it.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A folder of the site's own.
pub(crate) struct SiteFolder(TempDir);

impl SiteFolder {
    pub(crate) fn new(prefix: &str) -> Self {
        let folder = tempfile::Builder::new().prefix(prefix).tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("store")).expect("a folder");
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.path().join("vigie.toml")
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.path().join("store/vigie.db")
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.path().join("vigie.sock")
    }

    /// Writes the file, all of it anew.
    pub(crate) fn write_file(&self, text: &str) {
        std::fs::write(self.file(), text).expect("room for the file");
    }
}

/// The beginning of addresses on the loopback that nobody but this process uses: a port that is free while the daemon is dead stays free,
/// whatever else runs on the machine.
pub(crate) fn network() -> String {
    let [.., high, low] = std::process::id().to_be_bytes();
    format!("127.{high}.{low}")
}
