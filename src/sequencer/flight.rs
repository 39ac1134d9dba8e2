//! The flight of a batch: the commit that is under way while the next round is decided.
//!
//! What waits for it is given out when it has landed, never before; where the disk refuses, it goes
//! the way of distress.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use tracing::error;

use super::{After, Sequencer, distress, give};
use crate::host::machine::Machine;
use crate::journal::{Batch, CommitError, Head};
use crate::watch::time::Mono;

/// A commit that is under way. The next round is decided meanwhile; nobody sees either before its
/// own commit has landed.
pub(super) struct Flight {
    batch: Arc<Batch>,
    after: After,
    /// When it was handed to the journal.
    began: Mono,
    commit: Pin<Box<dyn Future<Output = Result<Head, CommitError>> + Send>>,
}

impl std::fmt::Debug for Flight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flight").field("after", &self.after).finish_non_exhaustive()
    }
}

impl<M: Machine> Sequencer<M> {
    /// Hands a batch to the journal's thread; while that writes, the next round is decided.
    pub(super) async fn take_off(&mut self, batch: Batch, after: After) {
        let (batch, journal) = (Arc::new(batch), Arc::clone(&self.journal));
        let (handed, began) = (Arc::clone(&batch), self.machine.now().mono);
        let mut commit: Pin<Box<dyn Future<Output = _> + Send>> =
            Box::pin(async move { journal.commit(handed).await });
        // Polled once, so that the request is with the journal before anything else is decided.
        let first =
            std::future::poll_fn(|context| Poll::Ready(commit.as_mut().poll(context))).await;
        self.flight = Some(Flight { batch, after, began, commit });
        if let Poll::Ready(landed) = first {
            self.landed(landed).await;
            self.tell_of_refusal().await;
        }
    }

    /// Waits for the commit that is under way, and tells of it if the disk refused.
    pub(super) async fn land(&mut self) {
        self.wait_for_landing().await;
        self.tell_of_refusal().await;
    }

    /// Waits for the commit that is under way. A refusal is still to be told of.
    pub(super) async fn wait_for_landing(&mut self) {
        if self.flight.is_some() {
            let landed = landing(&mut self.flight).await;
            self.landed(landed).await;
        }
    }

    /// A batch is on the disk: the record now ends at its `head`, that many entries nearer the next snapshot.
    pub(super) fn on_disk(&mut self, head: Head, batch: &Batch) {
        self.head = head;
        let entries = u64::try_from(batch.entries.len()).unwrap_or(u64::MAX);
        self.since_snapshot = self.since_snapshot.saturating_add(entries);
        self.road.ends_at(self.head.seq, self.since_snapshot);
    }

    pub(super) async fn landed(&mut self, landed: Result<Head, CommitError>) {
        let Some(Flight { batch, after, began, .. }) = self.flight.take() else { return };
        match landed {
            Ok(head) => {
                self.road.committed(began.until(self.machine.now().mono));
                self.on_disk(head, &batch);
                self.outbox.order(after.orders).await;
                self.changes.tell(&after.changed);
                give(after.receipts);
                self.look_at_slowness();
                if self.reserve_has_changed() {
                    self.reserve_due = Some(self.machine.now().mono);
                }
            }
            Err(error) => {
                self.road.refused();
                error!(%error, "the record cannot be written; people are called from memory until it can");
                self.unwritten.push(batch);
                self.outbox.order(after.orders).await;
                self.changes.tell(&after.changed);
                distress::withhold(after.receipts);
                self.refused = Some(error.to_string());
            }
        }
    }
}

/// The end of the commit that is under way; without one, never.
pub(super) async fn landing(flight: &mut Option<Flight>) -> Result<Head, CommitError> {
    match flight {
        Some(flight) => flight.commit.as_mut().await,
        None => std::future::pending().await,
    }
}
