//! The disk of a simulated machine: a folder for each life of the daemon, and what of it is left
//! when the life is cut off.

use std::path::PathBuf;
use std::sync::OnceLock;

use rusqlite::ffi::SQLITE_IOERR;
use tempfile::TempDir;
use vigie::journal::Journal;

use crate::chance::Chance;
use crate::disk::Disk;
use crate::life::store_in;
use crate::power::{Files, Unsynced, after_power_cut};
use crate::world::Death;

pub(crate) struct Platter {
    folder: TempDir,
    turns: u32,
    /// What the files were when the present life began.
    base: Files,
    disk: Option<Disk>,
}

impl Platter {
    pub(crate) fn new(folder: TempDir) -> Self {
        Self { folder, turns: 0, base: Files::new(), disk: None }
    }

    /// Where the journal of the present life is.
    pub(crate) fn path(&self) -> PathBuf {
        let life = self.folder.path().join(format!("life-{:04}", self.turns));
        store_in(&life)
    }

    /// The files stand ready for a life; those of the last are gone.
    pub(crate) fn turn(&mut self) -> PathBuf {
        self.disk = None;
        let files: Vec<(String, Vec<u8>)> = if self.turns == 0 {
            vec![("vigie.db".to_owned(), empty_journal().clone())]
        } else {
            let name =
                |path: &PathBuf| path.file_name().expect("a file").to_string_lossy().into_owned();
            self.base.iter().map(|(path, content)| (name(path), content.clone())).collect()
        };
        let _ = std::fs::remove_dir_all(self.path().parent().expect("a folder"));
        self.turns += 1;
        let path = self.path();
        let folder = path.parent().expect("a folder");
        std::fs::create_dir(folder).expect("a folder of our own");
        self.base = Files::new();
        for (name, content) in files {
            std::fs::write(folder.join(&name), &content).expect("room in memory");
            self.base.insert(folder.join(name), content);
        }
        self.disk = Some(Disk::under(&path));
        path
    }

    pub(crate) fn fail(&self, after: u32, code: i32) {
        if let Some(disk) = &self.disk {
            disk.fail(after, code);
        }
    }

    pub(crate) fn heal(&self) {
        if let Some(disk) = &self.disk {
            disk.heal();
        }
    }

    /// After so many more writes nothing reaches the disk any more.
    pub(crate) fn cut_after(&self, after: u32) {
        self.fail(after, SQLITE_IOERR);
    }

    /// The daemon dies: what is left is what the disk has, or would have. `leave` ends the process.
    pub(crate) fn dies(&mut self, death: Death, chance: &mut Chance, leave: impl FnOnce()) {
        let kind = match death {
            Death::Killed => Unsynced::Kept,
            Death::PowerCut => Unsynced::Lost,
            Death::PowerCutTorn => Unsynced::Torn,
        };
        let log = self.disk.as_ref().map(Disk::log).unwrap_or_default();
        // A process that is killed writes no last word, and neither may the one that plays it.
        self.cut_after(0);
        leave();
        let (left, _) = after_power_cut(&self.base, &log, kind, &mut || chance.below(2) == 0);
        self.base = left;
        self.disk = None;
    }

    /// The power fails while the daemon closes.
    pub(crate) fn dies_closing(&mut self, chance: &mut Chance, close: impl FnOnce(&mut Chance)) {
        let after = u32::try_from(chance.below(40)).expect("a few");
        self.cut_after(after);
        close(chance);
        self.dies(Death::PowerCutTorn, chance, || {});
    }

    /// The daemon has let go of its files, in order.
    pub(crate) fn is_closed(&mut self) {
        self.disk = None;
        let path = self.path();
        self.base.clear();
        for suffix in ["", "-wal"] {
            let mut name = path.clone().into_os_string();
            name.push(suffix);
            let name = PathBuf::from(name);
            if let Ok(content) = std::fs::read(&name) {
                self.base.insert(name, content);
            }
        }
    }
}

/// A journal that holds nothing yet: made once, for all nights.
fn empty_journal() -> &'static Vec<u8> {
    static EMPTY: OnceLock<Vec<u8>> = OnceLock::new();
    EMPTY.get_or_init(|| {
        let folder = tempfile::tempdir().expect("room for a journal");
        let path = store_in(&folder.path().canonicalize().expect("a folder"));
        Journal::open(&path).expect("a new journal").0.close();
        std::fs::read(path).expect("a new journal")
    })
}
