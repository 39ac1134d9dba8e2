//! What a start gets out of the journal: the newest snapshot that can be believed, and the entries
//! after it, one by one, each proved before it is handed out.
//!
//! It never repairs: a record that does not hold is an error that names the entry.

use std::ops::ControlFlow;
use std::path::PathBuf;

use rusqlite::Connection;

use super::blocks::Blocks;
use super::chain::{Hash, Head};
use super::entry::Entry;
use super::error::JournalError;
use super::fault::{Broken, Fault};
use super::snapshot::{self, Kept};

/// What the journal held when it was opened.
#[derive(Debug)]
pub struct Recovered {
    store: Connection,
    path: PathBuf,
    head: Head,
    /// The newest first; the first is the one that is used.
    snapshots: Vec<Kept>,
    doubts: Vec<Doubt>,
}

/// A snapshot that was passed over. The record is not concerned; somebody should be told.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the snapshot at entry {seq} was ignored: {reason}")]
pub struct Doubt {
    /// The entry at which it says that it was taken.
    pub seq: u64,
    /// Why it is not believed.
    pub reason: DoubtReason,
}

/// Why a snapshot is not believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DoubtReason {
    /// A piece is missing or was altered.
    #[error("a piece of it is missing or was altered")]
    NotWhole,
    /// The entry that it names is not in the record, or is another one.
    #[error("the record does not hold the entry at which it was taken")]
    NotInTheRecord,
    /// The caller could make nothing of it.
    #[error("its content could not be read")]
    Unreadable,
}

impl Recovered {
    pub(super) fn new(store: Connection, path: PathBuf) -> Result<Self, JournalError> {
        let blocks = Blocks { store: &store, path: &path };
        // The last block is proved and linked to the one before it, whatever comes after.
        let head = blocks.prove::<JournalError>(u64::MAX, |_, _| Ok(ControlFlow::Continue(())))?;
        let snapshots = snapshot::kept(&store).map_err(|error| blocks.failed(error))?;
        let mut recovered = Self { store, path, head, snapshots, doubts: Vec::new() };
        recovered.missed()?;
        recovered.find_snapshot()?;
        Ok(recovered)
    }

    /// A snapshot is taken of what is committed: one that knows more than the record says that the
    /// end was cut off. To go on from here would write other entries over those numbers, and forget
    /// the alarms that stood.
    fn missed(&self) -> Result<(), JournalError> {
        for kept in self.snapshots.iter().filter(|kept| kept.at.seq > self.head.seq) {
            if kept.is_whole(&self.store).map_err(|error| self.blocks().failed(error))? {
                let fault = Fault::Missing { to: kept.at.seq };
                let seq = self.head.seq.saturating_add(1);
                return Err(self.blocks().broken(Broken { seq, fault }));
            }
        }
        Ok(())
    }

    /// Where the journal stands.
    pub fn head(&self) -> Head {
        self.head
    }

    /// Where the snapshot was taken that is used; `None`: there is none, everything is replayed.
    pub fn snapshot(&self) -> Option<Head> {
        self.snapshots.first().map(|kept| kept.at)
    }

    /// The snapshots that were passed over.
    pub fn doubts(&self) -> &[Doubt] {
        &self.doubts
    }

    /// Passes over the snapshot, because its content cannot be read; the one before it is used, or
    /// none.
    pub fn refuse_snapshot(&mut self) -> Result<(), JournalError> {
        self.doubt(DoubtReason::Unreadable);
        self.find_snapshot()
    }

    /// Hands out the pieces of the snapshot in order.
    ///
    /// # Errors
    /// Where the file cannot be read, or as soon as `each` has had enough.
    pub fn chunks<E: From<JournalError>>(
        &self,
        mut each: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(kept) = self.snapshots.first() else {
            return Ok(());
        };
        let mut n = 0;
        while let Some(body) =
            kept.chunk(&self.store, n).map_err(|error| self.blocks().failed(error))?
        {
            each(&body)?;
            n += 1;
        }
        Ok(())
    }

    /// Hands out the entries after the snapshot in order, each when its block is proved.
    ///
    /// # Errors
    /// [`JournalError::Broken`] where a block does not hold: nothing of it is handed out. Or as soon as `each` has had enough.
    pub fn entries<E: From<JournalError>>(
        &self,
        mut each: impl FnMut(Entry<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let since = self.snapshot().map_or(0, |at| at.seq);
        let mut reached = since;
        self.blocks().prove::<E>(since, |seq, line| {
            if seq > self.head.seq {
                return Ok(ControlFlow::Break(())); // written since
            }
            if seq > since {
                let unreadable = Broken { seq, fault: Fault::Unreadable };
                each(Entry::read(line).ok_or_else(|| self.blocks().broken(unreadable))?)?;
                reached = seq;
            }
            Ok(ControlFlow::Continue(()))
        })?;
        if reached < self.head.seq {
            let fault = Fault::Missing { to: self.head.seq };
            return Err(self
                .blocks()
                .broken(Broken { seq: reached.saturating_add(1), fault })
                .into());
        }
        Ok(())
    }

    fn find_snapshot(&mut self) -> Result<(), JournalError> {
        while let Some(kept) = self.snapshots.first().copied() {
            match self.doubts_about(kept)? {
                None => return Ok(()),
                Some(reason) => self.doubt(reason),
            }
        }
        match self.blocks().checkpoint()?.seq {
            0 => Ok(()),
            through => Err(JournalError::NoSnapshot { path: self.path.clone(), through }),
        }
    }

    fn doubts_about(&self, kept: Kept) -> Result<Option<DoubtReason>, JournalError> {
        let checkpoint = self.blocks().checkpoint()?;
        let known = match kept.at.seq {
            seq if seq <= checkpoint.seq => kept.at == checkpoint,
            seq => self.hash_of(seq)? == Some(kept.at.hash),
        };
        if !known {
            return Ok(Some(DoubtReason::NotInTheRecord));
        }
        let whole = kept.is_whole(&self.store).map_err(|error| self.blocks().failed(error))?;
        Ok((!whole).then_some(DoubtReason::NotWhole))
    }

    /// The hash of one entry, if the record holds it.
    fn hash_of(&self, wanted: u64) -> Result<Option<Hash>, JournalError> {
        let mut hash = None;
        self.blocks().prove::<JournalError>(wanted, |seq, line| {
            if seq == wanted {
                hash = Some(Hash::of(line));
            }
            Ok(if seq < wanted { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        Ok(hash)
    }

    fn doubt(&mut self, reason: DoubtReason) {
        if !self.snapshots.is_empty() {
            let kept = self.snapshots.remove(0);
            self.doubts.push(Doubt { seq: kept.at.seq, reason });
        }
    }

    fn blocks(&self) -> Blocks<'_> {
        Blocks { store: &self.store, path: &self.path }
    }
}
