//! A site with a folder of MIB files, on a disk of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use vigie::config::{self, Reading};
use vigie::watch::time::Utc;
use vigie_snmp::names::Names;

/// The real program.
pub(crate) const VIGIE: &str = env!("CARGO_BIN_EXE_vigie");

/// A file of fixtures/mibs.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/mibs").join(name)
}

pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    /// With these files of fixtures/mibs in its folder.
    pub(crate) fn with(files: &[&str]) -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(place.mibs()).unwrap();
        files.iter().for_each(|file| place.add(file));
        place.write("");
        place
    }

    pub(crate) fn mibs(&self) -> PathBuf {
        self.folder.path().join("mibs")
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("vigie.toml")
    }

    /// Puts a file of fixtures/mibs into the folder.
    pub(crate) fn add(&self, file: &str) {
        std::fs::copy(fixture(file), self.mibs().join(file)).unwrap();
    }

    /// Writes the configuration, with these tables too.
    pub(crate) fn write(&self, more: &str) {
        let (folder, mibs) = (self.folder.path().display(), self.mibs());
        let mibs = mibs.display();
        let text = format!(
            r#"[site]
name = "Nord"
time-zone = "Europe/Paris"
last-resort = "night"
[store]
path = "{folder}/vigie.db"
[control]
socket = "{folder}/vigie.sock"
[people.marie]
phone = "+33612345678"
[escalations.night]
steps = [{{ notify = ["person:marie"], wait = "10m" }}]
[gsm.orange]
device = "/dev/ttyUSB0"
[snmp.network]
listen = ["127.0.0.1:1162"]
mibs = ["{mibs}"]
{more}"#
        );
        std::fs::write(self.file(), text).unwrap();
    }

    /// Reads it, and lets that program compile what has changed.
    pub(crate) fn read_by(&self, program: &str) -> Reading {
        config::read_compiling(&self.file(), Path::new(program), Utc::default())
    }

    pub(crate) fn read(&self) -> Reading {
        self.read_by(VIGIE)
    }

    /// `vigie check`, and what it says.
    pub(crate) fn check(&self) -> String {
        let mut command = Command::new(VIGIE);
        let said = command.arg("--config").arg(self.file()).arg("check").output().unwrap();
        let said = [said.stderr, said.stdout].concat();
        String::from_utf8(said).unwrap().replace(&self.folder.path().display().to_string(), "")
    }

    /// The catalogue that is kept beside the store.
    pub(crate) fn kept(&self) -> Option<PathBuf> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        let paths = files.map(|entry| entry.unwrap().path());
        let is_kept = |path: &PathBuf| path.display().to_string().contains("vigie.db.mibs-");
        let kept: Vec<PathBuf> = paths.filter(is_kept).collect();
        assert!(kept.len() < 2, "{kept:?}");
        kept.into_iter().next()
    }
}

/// The complaints, one after the other.
pub(crate) fn told(reading: &Reading) -> String {
    reading.complaints.iter().map(|complaint| format!("{complaint}\n")).collect()
}

/// The names of the one receiver.
pub(crate) fn names(reading: &Reading) -> &Names {
    let settings = reading.settings.as_ref().unwrap_or_else(|| panic!("{}", told(reading)));
    &settings.names["snmp.network"]
}

/// Puts the fresh catalogues beside the store, as the daemon does.
pub(crate) fn keep(reading: &Reading) {
    let settings = reading.settings.as_ref().unwrap();
    assert!(!settings.catalogues.is_empty());
    settings.catalogues.iter().for_each(|catalogue| catalogue.write().unwrap());
}
