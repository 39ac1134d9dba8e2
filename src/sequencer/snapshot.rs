//! Snapshots: the state written down now and then, so that a start need not fold the whole journal.
//!
//! One that fails costs nothing but the time of the next start: the journal holds everything, but for what found no room in distress. That a
//! snapshot alone holds, and nothing is accepted before it is written (`distress.rs`).

use std::time::Duration;

use tracing::{error, warn};

use super::Sequencer;
use super::flight::{DiskError, answered_before};
use crate::host::machine::Machine;
use crate::journal::Need;
use crate::watch::time::Mono;

/// A snapshot is taken after so many entries, or four for each thing in memory if that is more, but
/// after [`AT_LAST`] in any case.
const AFTER: u64 = 100_000;
/// A start folds no more entries than these, which takes about a second.
pub(super) const AT_LAST: u64 = 150_000;
/// Whoever waits for the end of distress waits no longer for the snapshot that makes good what is missing: the watchdog has sixty seconds.
const WITHIN: Duration = Duration::from_secs(20);
/// A snapshot is written in pieces of about this size.
const CHUNK: usize = 64 * 1_024;

/// Why there is no snapshot.
#[derive(Debug, thiserror::Error)]
pub(super) enum SnapshotError {
    /// The disk, or the journal, does not take it.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A piece of it cannot be written as JSON: a bug.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl<M: Machine> Sequencer<M> {
    /// Takes a snapshot where enough entries have come since the last.
    pub(super) async fn snapshot_if_due(&mut self) {
        let things = u64::try_from(self.watch.state().size()).unwrap_or(u64::MAX);
        if self.since_snapshot >= AFTER.max(things.saturating_mul(4)).min(AT_LAST) {
            self.snapshot().await;
        }
    }

    /// Writes the state down, so that a start need not fold the whole journal.
    pub(super) async fn snapshot(&mut self) {
        self.land().await;
        if !self.unwritten.is_empty() {
            return;
        }
        match self.write_snapshot(Need::Convenient).await {
            Ok(()) => {}
            // The journal holds everything; a start without this snapshot takes longer, that is all.
            Err(error) => {
                warn!(%error, "no snapshot could be written");
                self.since_snapshot = self.since_snapshot.saturating_sub(AFTER / 2);
                if let SnapshotError::Disk(error) = error {
                    self.tell_if_it_hangs(&error).await;
                }
            }
        }
    }

    /// Writes the state in pieces; whatever went wrong, the snapshot of before stays.
    pub(super) async fn write_snapshot(&mut self, need: Need) -> Result<(), SnapshotError> {
        let end = match need {
            Need::Convenient => Mono::from_nanos(u64::MAX),
            Need::Only => self.machine.now().mono.after(WITHIN),
        };
        let begun = self.journal.begin_snapshot(self.head, need);
        let mut draft = answered_before(&self.machine, end, begun).await?;
        let mut chunk = Vec::with_capacity(CHUNK);
        for piece in self.watch.state().pieces() {
            if let Err(error) = serde_json::to_writer(&mut chunk, &piece) {
                error!(%error, "a piece of a snapshot could not be written as JSON: please report this");
                return Err(error.into());
            }
            chunk.push(b'\n');
            if chunk.len() >= CHUNK {
                let full = std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK));
                answered_before(&self.machine, end, draft.chunk(full)).await?;
            }
        }
        answered_before(&self.machine, end, draft.chunk(chunk)).await?;
        answered_before(&self.machine, end, draft.finish()).await?;
        self.since_snapshot = 0;
        self.road.snapshot(self.machine.now().utc);
        Ok(())
    }
}
