//! Distress (behaviour §5): the record cannot be written, and people are called from memory.
//!
//! Nobody gets a receipt meanwhile. What was decided is kept in order, up to a bound (`unwritten.rs`), and is the
//! first thing that is written when the disk takes it again, marked so. What only repeats is not kept: without receipts senders
//! repeat all the time, and would leave no room for news. What found no room is in force all the same: a snapshot makes it good.

use std::sync::Arc;
use std::time::Duration;

use tracing::{info, warn};

use super::flight::{DiskError, HANGS, before};
use super::snapshot::SnapshotError;
use super::{Round, Sequencer};
use crate::host::machine::Machine;
use crate::inbox::Receipt;
use crate::journal::{Batch, Head, Need};
use crate::watch::decision::Outcome;
use crate::watch::event::{Happening, Missing};
use crate::watch::own_alarms::{RECORD, SelfAlarm, SelfSignal};
use crate::watch::time::Moment;

/// What people read when what is decided finds no room in memory either.
pub(super) const NO_ROOM: &str = "nor keep it in memory: what is decided now is in force, and will be missing from it; do not restart Vigie";

/// How long a disk that refused is left alone.
const TRY_AGAIN: Duration = Duration::from_secs(1);
/// How long nobody tries to write the whole state again.
const SNAPSHOT_AGAIN: Duration = Duration::from_secs(30);
/// So long is what was decided written down without a look at what comes.
const AT_A_TIME: Duration = Duration::from_secs(10);
/// So long does everybody wait for a disk that is tried again; what takes longer is looked at with the next try.
pub(super) const PATIENCE: Duration = Duration::from_millis(500);

impl<M: Machine> Sequencer<M> {
    /// A start is not in distress, whatever the end of an earlier life left standing; whether the
    /// store refuses still, the next commit tells.
    pub(super) fn begin_in_peace(&mut self, now: Moment, round: &mut Round) {
        let own = SelfSignal::cleared(SelfAlarm::Store, RECORD);
        self.decide(Happening::Own(own), now, round);
    }

    /// The record cannot be written: that is itself an alarm, and people are called from memory.
    pub(super) async fn tell_of_refusal(&mut self) {
        let Some(reason) = self.refused.take() else { return };
        let now = self.machine.now();
        self.retry = Some(now.mono.after(TRY_AGAIN));
        let mut round = Round::default();
        let own = SelfSignal::raised(SelfAlarm::Store, RECORD, &reason);
        self.decide(Happening::Own(own), now, &mut round);
        round.rows(self.watch.state());
        self.keep(round).await;
    }

    /// Keeps what a round has decided in memory, acts upon it, and tries now and then to write all that waits.
    pub(super) async fn conclude_in_distress(&mut self, round: Round) {
        self.keep(round).await;
        self.tell_of_refusal().await;
        let now = self.machine.now();
        if self.retry.is_some_and(|retry| now.mono < retry) {
            return;
        }
        self.retry = Some(now.mono.after(TRY_AGAIN));
        while let Some(batch) = self.unwritten.first() {
            let began = self.machine.now().mono;
            if began > now.mono.after(AT_A_TIME) {
                // What came meanwhile has its turn.
                self.retry = Some(began);
                return;
            }
            match self.tried(&batch).await {
                Ok(head) => {
                    self.road.committed(began.until(self.machine.now().mono));
                    self.on_disk(head, &batch);
                    self.unwritten.first_is_written();
                }
                Err(error) => {
                    self.road.refused();
                    warn!(%error, unwritten = self.unwritten.entries(), "the record still cannot be written");
                    return;
                }
            }
        }
        if !self.makes_good().await {
            return;
        }
        info!(
            "the record can be written again; what was decided meanwhile is in it, marked as distress"
        );
        self.retry = None;
        let mut round = Round::default();
        let missing = self.unwritten.missing();
        if missing > 0 {
            round.batch.rows = self.unwritten.made_good();
            let said = Happening::Missing(Missing { decisions: missing });
            self.decide(said, now, &mut round);
            round.touched.all(self.watch.state());
        }
        let own = SelfSignal::cleared(SelfAlarm::Store, RECORD);
        self.decide(Happening::Own(own), now, &mut round);
        Box::pin(self.conclude(round)).await;
    }

    /// Has the first batch written, or looks what became of that, where it was asked for and the disk hangs.
    async fn tried(&mut self, batch: &Arc<Batch>) -> Result<Head, DiskError> {
        let (mut commit, patience) = match self.stuck.take() {
            Some(commit) if self.patience < HANGS => (commit, Duration::ZERO),
            Some(commit) => (commit, self.patience),
            None => (self.handed(Arc::clone(batch)), self.patience),
        };
        let limit = self.machine.now().mono.after(patience);
        match before(&self.machine, limit, &mut commit).await {
            Some(answer) => {
                self.hangs = false;
                Ok(answer?)
            }
            None => {
                self.stuck = Some(commit);
                self.hangs = true;
                Err(DiskError::Hangs)
            }
        }
    }

    /// What found no room in memory is in a snapshot, before anything is written that builds upon it; `false` where the disk refuses
    /// that too.
    async fn makes_good(&mut self) -> bool {
        if self.unwritten.missing() == 0 {
            return true;
        }
        match self.write_snapshot(Need::Only).await {
            Ok(()) => true,
            Err(error) => {
                self.road.refused();
                self.hangs |= matches!(error, SnapshotError::Disk(DiskError::Hangs));
                warn!(%error, missing = self.unwritten.missing(), "the snapshot that tells of what is missing cannot be written yet");
                self.retry = Some(self.machine.now().mono.after(SNAPSHOT_AGAIN));
                false
            }
        }
    }

    /// In distress: people are called, nobody gets a receipt.
    pub(super) async fn keep(&mut self, round: Round) {
        let Round { mut batch, after, .. } = round;
        batch.entries.iter_mut().for_each(|entry| entry.distress = true);
        if batch.entries.is_empty() {
            self.unwritten.holds_rows(batch.rows);
        } else {
            self.unwritten.push(batch);
        }
        self.outbox.order(after.orders).await;
        self.changes.tell(&after.changed);
        withhold(after.receipts);
    }
}

/// Nothing is on disk: no wire is told that it was received. A person at the keyboard is told what
/// is true, that it is in force and not yet on the record.
pub(super) fn withhold(receipts: Vec<(Receipt, Outcome)>) {
    for (receipt, outcome) in receipts {
        match outcome {
            Outcome::Taken | Outcome::Repeated => drop(receipt),
            Outcome::Refused(_) => receipt.give(outcome),
            Outcome::Done(sentence) => receipt.give(Outcome::Done(unwritten(&sentence))),
            Outcome::Testing(tests, sentence) => {
                receipt.give(Outcome::Testing(tests, unwritten(&sentence)));
            }
            Outcome::Owing(test, sentence) => {
                receipt.give(Outcome::Owing(test, unwritten(&sentence)));
            }
        }
    }
}

fn unwritten(sentence: &str) -> String {
    format!("{sentence} (in force; not on the record yet: the store refuses writes)")
}
