//! One round of the sequencer: what was decided together, and waits to be committed before anybody sees it.

use std::sync::Arc;

use super::rows::Touched;
use crate::errand::Order;
use crate::inbox::{Proof, Question, Receipt, Room};
use crate::journal::Batch;
use crate::watch::alarm::AlarmNumber;
use crate::watch::decision::{Decision, Fact, Outcome};
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

impl After {
    /// What the outbox is to do by this decision, which the state has taken in.
    pub(super) fn order(&mut self, state: &State, decision: &Decision) {
        for fact in &decision.facts {
            let order = match fact {
                Fact::Owed { notification } => Some(Order::Owe(Arc::clone(notification))),
                Fact::Settled { notification, .. } => Some(Order::Cancel(*notification)),
                Fact::Released { notification } => state.owed(*notification).map(Order::Owe),
                Fact::Heard { .. }
                | Fact::Unclaimed { .. }
                | Fact::Cut { .. }
                | Fact::AlarmKnown { .. }
                | Fact::Pending { .. }
                | Fact::PendingOver { .. }
                | Fact::Opened { .. }
                | Fact::Reactivated { .. }
                | Fact::Repeated { .. }
                | Fact::Graded { .. }
                | Fact::Returned { .. }
                | Fact::Reset { .. }
                | Fact::Closed { .. }
                | Fact::Staged { .. }
                | Fact::Climbed { .. }
                | Fact::Declined { .. }
                | Fact::DeclinesEnded { .. }
                | Fact::CodeDrawn { .. }
                | Fact::Attempted { .. }
                | Fact::Sent { .. }
                | Fact::PartDelivered { .. }
                | Fact::Postponed { .. }
                | Fact::WrongCode { .. }
                | Fact::LockedOut { .. }
                | Fact::Unlocked { .. }
                | Fact::Explained { .. }
                | Fact::Answered { .. }
                | Fact::PolicyFrozen { .. }
                | Fact::PolicyForgotten { .. }
                | Fact::OwnRaised { .. }
                | Fact::OwnRenewed { .. }
                | Fact::OwnCleared { .. }
                | Fact::Learned(_)
                | Fact::EngineNoted(_)
                | Fact::Rostered(_)
                | Fact::Quieted(_)
                | Fact::Passing { .. }
                | Fact::Storm(_)
                | Fact::Swapping(_)
                | Fact::Beat(_)
                | Fact::Drill(_)
                | Fact::LifeSign(_)
                | Fact::Flap(_)
                | Fact::Resumed
                | Fact::Withdrawn { .. } => None,
            };
            self.orders.extend(order);
        }
    }
}

impl Round {
    /// What it changes in the tables, and the alarms that are no longer as they were.
    pub(super) fn rows(&mut self, state: &State) {
        self.batch.rows.extend(self.touched.rows(state));
        self.after.changed = self.touched.alarms();
    }
}
