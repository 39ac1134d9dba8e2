//! Swaps: while a group is swapped its alarms go to another escalation, that of the team which is at work on that machine.
//!
//! A swap always has an end. It begins and ends by a person's order (SMS, command line) or by the calendar of the files; the
//! latest order counts until its own end, and "off" also ends the calendar's window of now. What opens goes where the group
//! stands then; what stands open and nobody holds moves over, and back; the holder keeps his until he loses it.
//!
//! # Decision (2026-11-27): a move is no new run
//!
//! What moves climbs the other ladder from its first step, in the same run: codes that were given out live on, and whoever was
//! told before may still take it (behaviour §6 lists what begins a run; a code must not die because others are called). Those
//! who may have read of it are told once where it went, all that moved in one message. Where the other policy asks nobody,
//! nobody is asked any more, and back. Both policies are frozen when the occurrence opens, like any ladder; a test moves
//! nowhere. Rejected: a new occurrence, which would part one cause into two histories; new codes, which would make an answer
//! that is on its way count for nothing.
//!
//! # Decision (2026-11-27): the order is kept apart from the move
//!
//! An order only says how the group stands and is looked at again at once: whatever stands elsewhere than its group is then
//! moved, [`AT_ONCE`] at a time, out of an index that holds nothing else. So an order costs the same whatever stands, and a
//! power cut in the middle of a move goes on with the rest of it.

mod groups;
mod moving;
mod notices;
mod orders;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::alarm::{Activation, OccurrenceNumber, PolicyNumber};
use super::escalation::Ladder;
use super::name::{PersonId, PolicyName, SwapGroup};
use super::schedule::Schedule;
use super::site::OnReturn;
use super::stage::Stage;
use super::time::{Mono, Utc, Wait};

pub(super) use groups::Groups;
pub(super) use notices::{Said, is_of_late, is_ordered_too_often};

/// So many occurrences move in one decision; the rest follow in the next.
pub(super) const AT_ONCE: usize = 500;
/// The end of what a calendar says now is sought over so many of its changes.
const CHANGES: usize = 1_000;

/// What the files say of swaps.
#[derive(Clone, Debug)]
pub struct Swaps {
    /// The groups, as alarms name them: the escalations to which each sends its alarms.
    pub groups: BTreeMap<SwapGroup, BTreeSet<PolicyName>>,
    /// `[swaps.*]`: when each group is swapped. A calendar is a schedule, whose people stand for nobody.
    pub calendar: BTreeMap<SwapGroup, Schedule>,
    /// `site.longest-swap`: no order is for longer.
    pub longest: Duration,
}

impl Default for Swaps {
    fn default() -> Self {
        let day = Duration::from_secs(24 * 3_600);
        Self { groups: BTreeMap::new(), calendar: BTreeMap::new(), longest: day }
    }
}

impl Swaps {
    /// With which group the calendar has an alarm swapped then, and until when.
    pub fn by_calendar<'d>(&self, swap: Option<&'d Swap>, at: Utc) -> Option<(&'d Swap, Utc)> {
        let swap = swap?;
        let calendar = self.calendar.get(&swap.group).filter(|calendar| is_on(calendar, at))?;
        Some((swap, next_change(calendar, at)?))
    }
}

/// What one `[alarms.*]` says of swaps.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Swap {
    /// To which group it belongs.
    pub group: SwapGroup,
    /// Where it goes while that group is swapped.
    pub escalation: PolicyName,
}

/// The two ways of an occurrence, frozen when it opens.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Swappable {
    /// With which group it moves.
    pub group: SwapGroup,
    /// Whether it goes the other way now.
    pub away: bool,
    /// Its own.
    pub own: Way,
    /// That of its group's swaps.
    pub other: Way,
}

/// A policy, and what follows from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Way {
    /// The frozen ladder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyNumber>,
    /// What a return does before anybody has acknowledged.
    pub on_return: OnReturn,
}

/// What is decided of a group.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Standing {
    /// The latest order, while it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// Whether it is swapped, and until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swapped: Option<Swapped>,
    /// When it is looked at again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look: Option<Wait>,
    /// When it was ordered by a message, of late.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    by_message: Vec<Utc>,
    #[serde(skip)]
    queued: Option<Mono>,
}

/// What a person has ordered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Order {
    /// Who.
    pub by: PersonId,
    /// Whether the group is to be swapped.
    pub on: bool,
    /// How long that counts.
    pub until: Wait,
}

/// That a group is swapped.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Swapped {
    /// Since when.
    pub since: Utc,
    /// Until when, as far as is known now.
    pub until: Utc,
}

/// What changes of swaps.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Swapping {
    /// A group stands so from now on; `None`: as if it had never been swapped.
    Group {
        /// Which.
        group: SwapGroup,
        /// How.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        standing: Option<Standing>,
    },
    /// An occurrence goes the other way, or its own again.
    Moved {
        /// Which.
        occurrence: OccurrenceNumber,
        /// Whether it is the other.
        away: bool,
        /// What people must answer, then.
        stage: Stage,
        /// Who is called, then.
        ladder: Ladder,
    },
}

impl Activation {
    /// All the frozen policies that it may need.
    pub(super) fn policies(&self) -> impl Iterator<Item = PolicyNumber> {
        let ways = self.swap.iter().flat_map(|swap| [swap.own.policy, swap.other.policy]);
        ways.chain([self.policy]).flatten()
    }

    /// The same, by the other way or by its own.
    pub(super) fn going(&self, away: bool) -> Self {
        let mut swap = self.swap.clone();
        let way = swap.as_mut().map(|swap| {
            swap.away = away;
            if away { swap.other } else { swap.own }
        });
        let Way { policy, on_return } =
            way.unwrap_or(Way { policy: self.policy, on_return: self.on_return });
        Self { policy, on_return, swap, ..self.clone() }
    }
}

/// Whether a calendar has its group swapped.
pub fn is_on(calendar: &Schedule, at: Utc) -> bool {
    !calendar.on_call(at).is_empty()
}

/// When that is otherwise next, or where it is looked at again.
pub fn next_change(calendar: &Schedule, at: Utc) -> Option<Utc> {
    let now = is_on(calendar, at);
    let mut change = calendar.next_change(at)?;
    for _ in 0..CHANGES {
        if is_on(calendar, change) != now {
            return Some(change);
        }
        change = calendar.next_change(change)?;
    }
    Some(change)
}
