//! The flight of a batch: the commit that is under way while the next round is decided.
//!
//! What waits for it is given out when it has landed, never before; where the disk refuses, it goes
//! the way of distress.
//!
//! # Decision (2026-11-28): a disk that hangs is one that refuses
//!
//! A write that does not come back for [`HANGS`] goes the way of distress as well: people are called from memory, and the write is looked at now and
//! then until it has come back. It is never asked for twice, so that whichever way it ends nothing is on the record twice. Rejected: to wait for
//! the watchdog, which ends a daemon that no start can replace while its disk hangs, and with it what it had heard.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tracing::error;

use super::{After, Sequencer, distress, give};
use crate::host::machine::Machine;
use crate::journal::{Batch, CommitError, Head};
use crate::watch::time::Mono;

/// A disk that sleeps spins up within ten seconds, and one that tidies up has come back by then too.
pub(super) const HANGS: Duration = Duration::from_secs(15);
/// What people read of it.
pub(super) const HUNG: &str = "the disk does not answer; look at the kernel's log";

/// What the journal will say of a batch.
pub(super) struct Commit(Pin<Box<dyn Future<Output = Result<Head, CommitError>> + Send>>);

impl std::fmt::Debug for Commit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Commit").finish()
    }
}

impl Future for Commit {
    type Output = Result<Head, CommitError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

/// Why something was not done by the disk.
#[derive(Debug, thiserror::Error)]
pub(super) enum DiskError {
    /// It refuses, or the journal does.
    #[error(transparent)]
    Refuses(#[from] CommitError),
    /// It has not answered within [`HANGS`].
    #[error("{HUNG}")]
    Hangs,
}

/// Waits for something, and not beyond that time; what has come by then counts.
pub(super) async fn before<T>(
    machine: &impl Machine,
    limit: Mono,
    awaited: impl Future<Output = T>,
) -> Option<T> {
    tokio::select! {
        biased;
        came = awaited => Some(came),
        () = machine.sleep_until(limit) => None,
    }
}

/// Waits for what the disk is asked for, but not for ever.
pub(super) async fn answered<T>(
    machine: &impl Machine,
    asked: impl Future<Output = Result<T, CommitError>>,
) -> Result<T, DiskError> {
    answered_before(machine, Mono::from_nanos(u64::MAX), asked).await
}

/// The same, and not beyond that time either.
pub(super) async fn answered_before<T>(
    machine: &impl Machine,
    end: Mono,
    asked: impl Future<Output = Result<T, CommitError>>,
) -> Result<T, DiskError> {
    let limit = machine.now().mono.after(HANGS).min(end);
    Ok(before(machine, limit, asked).await.ok_or(DiskError::Hangs)??)
}

/// A commit that is under way. The next round is decided meanwhile; nobody sees either before its
/// own commit has landed.
#[derive(Debug)]
pub(super) struct Flight {
    batch: Arc<Batch>,
    after: After,
    /// When it was handed to the journal.
    began: Mono,
    commit: Commit,
}

impl<M: Machine> Sequencer<M> {
    /// Hands a batch to the journal's thread; while that writes, the next round is decided.
    pub(super) async fn take_off(&mut self, batch: Batch, after: After) {
        let (batch, began) = (Arc::new(batch), self.machine.now().mono);
        let mut commit = self.handed(Arc::clone(&batch));
        // Polled once, so that the request is with the journal before anything else is decided.
        let first =
            std::future::poll_fn(|context| Poll::Ready(Pin::new(&mut commit).poll(context))).await;
        self.flight = Some(Flight { batch, after, began, commit });
        if let Poll::Ready(landed) = first {
            self.landed(landed).await;
            self.tell_of_refusal().await;
        }
    }

    /// A batch for the journal.
    pub(super) fn handed(&self, batch: Arc<Batch>) -> Commit {
        let journal = Arc::clone(&self.journal);
        Commit(Box::pin(async move { journal.commit(batch).await }))
    }

    /// Waits for the commit that is under way, and tells of it if the disk refused.
    pub(super) async fn land(&mut self) {
        self.wait_for_landing().await;
        self.tell_of_refusal().await;
    }

    /// Waits for the commit that is under way. A refusal is still to be told of.
    pub(super) async fn wait_for_landing(&mut self) {
        let Some(limit) = self.flight_hangs() else { return };
        match before(&self.machine, limit, landing(&mut self.flight)).await {
            Some(landed) => self.landed(landed).await,
            None => self.hang_in_flight().await,
        }
    }

    /// When the disk is taken for one that hangs, if what is under way has not landed by then.
    pub(super) fn flight_hangs(&self) -> Option<Mono> {
        self.flight.as_ref().map(|flight| flight.began.after(HANGS))
    }

    /// The commit that is under way does not land: what it was to tell is told from memory, and it is awaited beside.
    pub(super) async fn hang_in_flight(&mut self) {
        // A machine that was suspended has shown it no time.
        let limit = self.machine.now().mono.after(distress::PATIENCE);
        if let Some(landed) = before(&self.machine, limit, landing(&mut self.flight)).await {
            return self.landed(landed).await;
        }
        let Some(Flight { batch, after, commit, .. }) = self.flight.take() else { return };
        self.stuck = Some(commit);
        self.does_not_answer();
        self.refuses(batch, after, HUNG.to_owned()).await;
    }

    /// The disk has not taken a batch: it goes the way of distress.
    async fn refuses(&mut self, batch: Arc<Batch>, after: After, reason: String) {
        self.road.refused();
        error!(error = %reason, "the record cannot be written; people are called from memory until it can");
        self.unwritten.refuses(batch);
        self.outbox.order(after.orders).await;
        self.changes.tell(&after.changed);
        distress::withhold(after.receipts);
        self.refused = Some(reason);
    }

    /// A batch is on the disk: the record now ends at its `head`, that many entries nearer the next snapshot.
    pub(super) fn on_disk(&mut self, head: Head, batch: &Batch) {
        (self.head, self.hangs) = (head, false);
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
            Err(error) => self.refuses(batch, after, error.to_string()).await,
        }
    }
}

/// The end of the commit that is under way; without one, never.
pub(super) async fn landing(flight: &mut Option<Flight>) -> Result<Head, CommitError> {
    match flight {
        Some(flight) => (&mut flight.commit).await,
        None => std::future::pending().await,
    }
}
