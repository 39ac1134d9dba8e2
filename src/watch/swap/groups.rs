//! The groups as they stand, and the index of what would move with them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Standing, Swapped, Swapping};
use crate::watch::alarm::{Alarm, Occurrence, OccurrenceNumber};
use crate::watch::fold::requeue;
use crate::watch::name::SwapGroup;
use crate::watch::stage::Stage;
use crate::watch::state::{Owner, State};
use crate::watch::time::Moment;

/// How the groups stand, and which open occurrences would move with theirs.
#[derive(Clone, PartialEq, Debug, Default)]
pub(in crate::watch) struct Groups {
    standing: BTreeMap<SwapGroup, Standing>,
    /// Made of the alarms, as they change: what nobody holds, by its group and by which way it goes.
    movable: BTreeSet<(SwapGroup, bool, OccurrenceNumber)>,
}

impl Groups {
    /// An alarm is as it is now.
    pub(in crate::watch) fn note(&mut self, alarm: &Alarm) {
        if let Some(entry) = entry(alarm) {
            self.movable.insert(entry);
        }
    }

    /// An alarm is about to be otherwise.
    pub(in crate::watch) fn forget(&mut self, alarm: &Alarm) {
        if let Some(entry) = entry(alarm) {
            self.movable.remove(&entry);
        }
    }

    /// The groups of which anything is decided.
    pub(super) fn known(&self) -> impl Iterator<Item = &SwapGroup> {
        self.standing.keys()
    }

    /// How each of them stands.
    pub(in crate::watch) fn iter(&self) -> impl Iterator<Item = (&SwapGroup, &Standing)> {
        self.standing.iter()
    }

    /// What nobody holds of a group, and goes that way.
    pub(super) fn going(
        &self,
        group: &SwapGroup,
        away: bool,
    ) -> impl Iterator<Item = OccurrenceNumber> {
        let first = (group.clone(), away, OccurrenceNumber(0));
        let last = (group.clone(), away, OccurrenceNumber(u64::MAX));
        self.movable.range(first..=last).map(|(.., occurrence)| *occurrence)
    }
}

fn entry(alarm: &Alarm) -> Option<(SwapGroup, bool, OccurrenceNumber)> {
    let open = alarm.open.as_deref()?;
    let swap = open.activation.swap.as_deref()?;
    let moves = swap.own != swap.other && open.is_free_to_move();
    moves.then(|| (swap.group.clone(), swap.away, open.number))
}

impl Occurrence {
    /// Whether nobody holds it, and it still asks, tells or is there.
    pub(super) fn is_free_to_move(&self) -> bool {
        match &self.stage {
            Stage::Unacknowledged { so_far } => so_far.is_empty(),
            Stage::NotRequired => self.active || self.ladder.is_climbing(),
            Stage::Acknowledged { .. } | Stage::Confirmed { .. } => false,
        }
    }
}

impl State {
    /// How a group stands: whether it is swapped, until when.
    pub fn swapped(&self, group: &SwapGroup) -> Option<&Swapped> {
        self.swaps.standing.get(group)?.swapped.as_ref()
    }

    /// What is decided of a group.
    pub fn swap_of(&self, group: &SwapGroup) -> Option<&Standing> {
        self.swaps.standing.get(group)
    }

    /// How many open occurrences that nobody holds go the other way with that group.
    pub fn moved_with(&self, group: &SwapGroup) -> usize {
        self.swaps.going(group, true).count()
    }

    pub(in crate::watch) fn take_swapping(&mut self, swapping: &Swapping) {
        match swapping {
            Swapping::Group { group, standing } => {
                let standing = standing.clone();
                let queued = self.swaps.standing.remove(group).and_then(|known| known.queued);
                if let Some(due) = queued {
                    self.deadlines.remove(&(due, Owner::Swap(group.clone())));
                }
                if let Some(standing) = standing {
                    self.swaps.standing.insert(group.clone(), standing);
                    self.queue_swap(group);
                }
            }
            Swapping::Moved { occurrence, away, stage, ladder } => {
                self.on_open(*occurrence, |open| {
                    open.activation = open.activation.going(*away);
                    open.stage = stage.clone();
                    open.climbs(ladder);
                });
            }
        }
    }

    fn queue_swap(&mut self, group: &SwapGroup) {
        let Some(standing) = self.swaps.standing.get_mut(group) else { return };
        let due = standing.look.map(|look| look.mono);
        let owner = || Owner::Swap(group.clone());
        requeue(&mut self.deadlines, &mut standing.queued, due, owner);
    }

    /// Waits go on, on the clock of this boot.
    pub(in crate::watch) fn resume_swaps(&mut self, now: Moment) {
        let groups: Vec<SwapGroup> = self.swaps.standing.keys().cloned().collect();
        for group in groups {
            if let Some(standing) = self.swaps.standing.get_mut(&group) {
                standing.look = standing.look.map(|look| look.resumed(now));
                if let Some(order) = &mut standing.order {
                    order.until = order.until.resumed(now);
                }
            }
            self.queue_swap(&group);
        }
    }
}
