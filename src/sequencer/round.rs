//! One round of the sequencer: what was decided together, and waits to be committed before anybody sees it.

use super::rows::Touched;
use crate::errand::Order;
use crate::inbox::{Proof, Question, Receipt, Room};
use crate::journal::Batch;
use crate::watch::alarm::AlarmNumber;
use crate::watch::decision::Outcome;
use crate::watch::state::State;

/// What waits for a commit.
#[derive(Debug, Default)]
pub(super) struct After {
    /// For the outbox.
    pub(super) orders: Vec<Order>,
    /// For those who wait to hear that their letter is on disk.
    pub(super) receipts: Vec<(Receipt, Outcome)>,
    /// Given back when the letters are on disk, or in the memory of distress.
    pub(super) rooms: Vec<Room>,
    /// The alarms that are no longer as they were.
    pub(super) changed: Vec<AlarmNumber>,
}

/// What one round has decided, and must commit before anybody sees it.
#[derive(Default)]
pub(super) struct Round {
    /// The entries and rows to be committed.
    pub(super) batch: Batch,
    /// What has another row now.
    pub(super) touched: Touched,
    /// What is given out when that is done.
    pub(super) after: After,
    /// Asked of the state between two rounds.
    pub(super) questions: Vec<Question>,
    /// Those who ask whether the road is open as far as the disk.
    pub(super) proofs: Vec<Proof>,
}

impl Round {
    /// What it changes in the tables, and the alarms that are no longer as they were.
    pub(super) fn rows(&mut self, state: &State) {
        self.batch.rows = self.touched.rows(state);
        self.after.changed = self.touched.alarms();
    }
}
