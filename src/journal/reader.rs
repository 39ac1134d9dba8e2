//! Reading the journal while the daemon writes it, and when no daemon runs; only the path is
//! needed. A reader changes nothing, and holds nothing that a commit would have to wait for.

use std::collections::VecDeque;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::blocks::{self, Blocks};
use super::chain::Head;
use super::error::JournalError;
use super::fault::{Broken, Fault};
use super::rows::{self, Alarms, NotificationRow, OccurrenceRow};
use super::{log, place, proof, retention, schema, snapshot};
use crate::watch::time::Utc;

/// A journal that is only read.
#[derive(Debug)]
pub struct Reader {
    /// A connection that only reads.
    pub(super) store: Connection,
    /// Where the file is.
    pub(super) path: PathBuf,
}

/// What a proof of the whole record found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verification {
    /// Every entry is what was written, in its place.
    Intact {
        /// How many there are.
        entries: u64,
        /// The first one's number; 0 if there is none. Those before it were let go, and the record says so.
        first: u64,
        /// The last one, and its hash: written down elsewhere, it proves this record later.
        head: Head,
    },
    /// This entry is the first that cannot be believed.
    Broken(Broken),
}

impl Reader {
    /// Opens the journal at `path` for reading.
    ///
    /// # Errors
    /// [`JournalError`] where there is none, or where the file is another's, a newer Vigie's or damaged.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let path = place::existing(path)?;
        Ok(Self { store: schema::open_to_read(&path)?, path })
    }

    /// The last `n` entries, the oldest first: their lines exactly as they were written.
    ///
    /// # Errors
    /// [`JournalError`] where the file cannot be read.
    pub fn tail(&self, n: usize) -> Result<Vec<Vec<u8>>, JournalError> {
        let mut tail = VecDeque::new();
        let wanted = u64::try_from(n).unwrap_or(u64::MAX);
        let head = blocks::head(&self.store).map_err(|error| self.blocks().failed(error))?;
        self.lines(head.seq.saturating_sub(wanted).saturating_add(1), |line| {
            tail.push_back(line.to_vec());
            if tail.len() > n {
                tail.pop_front();
            }
            Ok(())
        })?;
        Ok(tail.into())
    }

    /// Writes the entries from number `from` on, as JSON lines exactly as they stand in the file;
    /// returns how many. It proves nothing: [`Reader::verify`] does.
    ///
    /// # Errors
    /// [`JournalError`] where the file cannot be read, [`JournalError::Output`] where `out` takes no more.
    pub fn export(&self, from: u64, out: &mut impl Write) -> Result<u64, JournalError> {
        let mut written = 0;
        self.lines(from, |line| {
            out.write_all(line)
                .and_then(|()| out.write_all(b"\n"))
                .map_err(|source| JournalError::Output { source })?;
            written += 1;
            Ok(())
        })?;
        Ok(written)
    }

    /// The latest occurrence of each alarm, the most recent first, `limit` of them at most.
    ///
    /// # Errors
    /// [`JournalError`] where the file cannot be read.
    pub fn latest_occurrences(
        &self,
        alarms: Alarms,
        limit: u32,
    ) -> Result<Vec<OccurrenceRow>, JournalError> {
        rows::latest_occurrences(&self.store, alarms, limit)
            .map_err(|error| self.blocks().failed(error))
    }

    /// Hands out the occurrences that opened from `from` on and before `to`, in the order of their numbers.
    ///
    /// # Errors
    /// [`JournalError`] where the file cannot be read; what was handed out before stands.
    pub fn occurrences(
        &self,
        from: Utc,
        to: Utc,
        each: impl FnMut(OccurrenceRow),
    ) -> Result<(), JournalError> {
        rows::occurrences(&self.store, (from, to), each)
            .map_err(|error| self.blocks().failed(error))
    }

    /// Hands out the notifications that were made from `from` on and before `to`, and whether each ever left: the network had it, or may have.
    ///
    /// # Errors
    /// [`JournalError`] where the file cannot be read; what was handed out before stands.
    pub fn notifications(
        &self,
        from: Utc,
        to: Utc,
        each: impl FnMut(NotificationRow, bool),
    ) -> Result<(), JournalError> {
        rows::notifications(&self.store, (from, to), each)
            .map_err(|error| self.blocks().failed(error))
    }

    /// Hashes every entry again, from the first to the last.
    ///
    /// Only the record is proved: the tables for questions follow from it, and a snapshot only
    /// counts as a witness that the entry at which it was taken was there.
    ///
    /// # Errors
    /// [`JournalError::Broken`] names the first entry that cannot be believed; others say why the file cannot be read at all.
    pub fn verify(&self) -> Result<Verification, JournalError> {
        // While somebody writes it, the log is not the same from one read to the next.
        if let Err(damaged) = log::prove(&self.path)
            && !place::is_written(&self.path)
        {
            return Err(damaged);
        }
        let checkpoint = self.blocks().checkpoint()?;
        let mut head = checkpoint;
        // A record from which nothing was let go needs no word for it.
        let mut attested = checkpoint == Head::NONE;
        let walked = self.blocks().walk::<JournalError>(i64::MIN, |block| {
            head = proof::follow(block, head).map_err(|broken| self.blocks().broken(broken))?;
            let mut lines = proof::lines(block.body.unwrap_or_default());
            attested |= !attested && lines.any(|line| retention::attests(line, checkpoint));
            Ok(ControlFlow::Continue(()))
        });
        let attest = || {
            let broken = Broken { seq: 1, fault: Fault::Missing { to: checkpoint.seq } };
            if attested { Ok(()) } else { Err(self.blocks().broken(broken)) }
        };
        match walked.and_then(|()| attest()).and_then(|()| self.witnessed(head)) {
            Ok(()) => {
                let entries = head.seq.saturating_sub(checkpoint.seq);
                let first = if entries == 0 { 0 } else { checkpoint.seq.saturating_add(1) };
                Ok(Verification::Intact { entries, first, head })
            }
            Err(JournalError::Broken { broken, .. }) => Ok(Verification::Broken(broken)),
            Err(JournalError::Damaged { source, .. }) => {
                let fault = Fault::Database(source.to_string());
                Ok(Verification::Broken(Broken { seq: head.seq.saturating_add(1), fault }))
            }
            Err(other) => Err(other),
        }
    }

    /// Looks whether the tables are as Vigie made them: a record that is intact may stand in a file with which no Vigie starts.
    ///
    /// # Errors
    /// [`JournalError::Altered`] names what is not; others say why the file cannot be read.
    pub fn prove_tables(&self) -> Result<(), JournalError> {
        schema::prove_tables(&self.store, &self.path)
    }

    /// A record that was cut off at its end, by somebody who left the snapshots.
    fn witnessed(&self, head: Head) -> Result<(), JournalError> {
        let kept = snapshot::kept(&self.store).map_err(|error| self.blocks().failed(error))?;
        match kept.iter().map(|kept| kept.at.seq).max() {
            Some(to) if to > head.seq => {
                let broken =
                    Broken { seq: head.seq.saturating_add(1), fault: Fault::Missing { to } };
                Err(self.blocks().broken(broken))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The lines from entry `from` on, as they stand in the file.
    fn lines(
        &self,
        from: u64,
        mut each: impl FnMut(&[u8]) -> Result<(), JournalError>,
    ) -> Result<(), JournalError> {
        let (first, _) = self.blocks().before(from)?;
        self.blocks().walk(first.saturating_sub(1), |block| {
            let begin = u64::try_from(block.first).unwrap_or(0);
            let Some(body) = block.body else {
                return Err(self.blocks().broken(Broken { seq: begin, fault: Fault::TooLong }));
            };
            let skipped = usize::try_from(from.saturating_sub(begin)).unwrap_or(usize::MAX);
            proof::lines(body).skip(skipped).try_for_each(&mut each)?;
            Ok(ControlFlow::Continue(()))
        })
    }

    fn blocks(&self) -> Blocks<'_> {
        Blocks { store: &self.store, path: &self.path }
    }
}
