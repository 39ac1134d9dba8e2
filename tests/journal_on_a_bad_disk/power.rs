//! What a disk holds when the power comes back: what was synced, and of the rest whatever it likes.
//!
//! A write that no sync followed may be there, be gone, or be there in some sectors of 512 bytes
//! and not in others; the same goes for a file that was deleted before its directory was synced.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::disk::Op;

/// The files on the disk, by the names that they have.
pub(crate) type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Whether it arrives or not, when nobody knows.
pub(crate) type Coin<'a> = &'a mut dyn FnMut() -> bool;

/// What becomes of what was written and not synced.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unsynced {
    Lost,
    /// Some sectors of 512 bytes, and others not.
    Torn,
    Kept,
}

impl Unsynced {
    pub(crate) const ALL: [Self; 3] = [Self::Lost, Self::Torn, Self::Kept];

    fn arrives(self, coin: Coin<'_>) -> bool {
        match self {
            Self::Lost => false,
            Self::Torn => coin(),
            Self::Kept => true,
        }
    }
}

/// One file between the disk and the memory of the machine.
#[derive(Default)]
struct File<'a> {
    synced: Vec<u8>,
    pending: Vec<&'a Op>,
    /// As who reads the file sees it, from memory if need be.
    seen: Vec<u8>,
}

impl<'a> File<'a> {
    fn holding(content: Vec<u8>) -> Self {
        Self { seen: content.clone(), synced: content, pending: Vec::new() }
    }

    fn change(&mut self, op: &'a Op) {
        carry_out(&mut self.seen, op, || true);
        self.pending.push(op);
    }

    /// Every byte is written anew, and synced.
    fn renew(&mut self) {
        *self = Self::holding(std::mem::take(&mut self.seen));
    }

    fn sync(&mut self) {
        for op in std::mem::take(&mut self.pending) {
            carry_out(&mut self.synced, op, || true);
        }
    }

    /// Linux takes the pages of a sync that failed for written.
    fn sync_failed(&mut self, kind: Unsynced, coin: Coin<'_>) {
        for op in std::mem::take(&mut self.pending) {
            carry_out(&mut self.synced, op, || kind.arrives(coin));
        }
    }

    fn after_power_cut(mut self, kind: Unsynced, coin: Coin<'_>) -> Vec<u8> {
        self.sync_failed(kind, coin);
        self.synced
    }
}

/// The files after a power cut behind this log, and how many entries were acknowledged before.
pub(crate) fn after_power_cut(
    base: &Files,
    log: &[(PathBuf, Op)],
    kind: Unsynced,
    coin: Coin<'_>,
) -> (Files, u64) {
    let settled =
        |(name, content): (&PathBuf, &Vec<u8>)| (name.clone(), File::holding(content.clone()));
    let mut files: BTreeMap<PathBuf, File<'_>> = base.iter().map(settled).collect();
    // Deleted, and nobody has synced the directory since.
    let mut unlinked: Vec<(PathBuf, File<'_>)> = Vec::new();
    let mut acknowledged = 0;
    for (name, op) in log {
        match op {
            Op::Acknowledged(entries) => acknowledged = *entries,
            Op::Write { .. } | Op::Truncate { .. } => {
                files.entry(name.clone()).or_default().change(op);
            }
            Op::Sync => {
                files.entry(name.clone()).or_default().sync();
                // The first sync of a file that was just made takes the directory with it.
                unlinked.retain(|(gone, _)| gone != name);
            }
            Op::SyncFailed => {
                files.entry(name.clone()).or_default().sync_failed(kind, coin);
            }
            Op::Delete => unlinked.extend(files.remove_entry(name)),
            Op::Opened => {
                let new = beside(name, "-new");
                if !files.contains_key(name) && files.contains_key(&new) {
                    // Moved to its place, and the directory synced, before it is opened there.
                    let moved = files.remove(&new).unwrap_or_default();
                    files.insert(name.clone(), moved);
                }
                // The journal does so before it opens its log, by itself and not through SQLite.
                if let Some(log) = files.get_mut(name).filter(|_| is_log(name)) {
                    log.renew();
                }
            }
            Op::Index => {}
        }
    }
    for (name, file) in unlinked {
        if !kind.arrives(coin) {
            files.insert(name, file);
        }
    }
    let left = files.into_iter().map(|(name, file)| (name, file.after_power_cut(kind, coin)));
    (left.collect(), acknowledged)
}

fn carry_out(content: &mut Vec<u8>, op: &Op, mut arrives: impl FnMut() -> bool) {
    match op {
        Op::Truncate { length } => {
            if arrives() {
                content.resize(*length, 0);
            }
        }
        Op::Write { offset, bytes } => {
            let mut at = *offset;
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                let (sector, later) = rest.split_at(rest.len().min(512 - at % 512));
                if arrives() {
                    content.resize(content.len().max(at + sector.len()), 0);
                    content[at..at + sector.len()].copy_from_slice(sector);
                }
                at += sector.len();
                rest = later;
            }
        }
        Op::Sync | Op::SyncFailed | Op::Delete | Op::Opened | Op::Index | Op::Acknowledged(_) => {}
    }
}

fn is_log(name: &Path) -> bool {
    name.to_string_lossy().ends_with(".db-wal")
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
