//! Stages: what people have answered to an occurrence, and what is still owed (behaviour §3).
//!
//! A stage changes nothing by itself: `acknowledgement.rs` says what an answer makes of it,
//! `holding.rs` what time does.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::name::PersonId;
use super::site::{Acknowledge, ConfirmBy};
use super::time::{Moment, Utc, Wait};

/// What people have answered to an occurrence.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nobody has to.
    NotRequired,
    /// Somebody has to.
    Unacknowledged {
        /// Those who have, while more are asked for (`responders`).
        so_far: Vec<Holder>,
    },
    /// Somebody has it in hand.
    Acknowledged {
        /// Who, the latest last; never empty.
        holders: Vec<Holder>,
        /// What is still owed.
        owed: Owed,
    },
    /// It is dealt with.
    Confirmed {
        /// Who had it in hand.
        holders: Vec<Holder>,
        /// Who said so.
        by: PersonId,
        /// When.
        at: Utc,
    },
}

/// Somebody who has acknowledged, and since when.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Holder {
    /// Who.
    pub person: PersonId,
    /// Since when.
    pub since: Utc,
}

/// What is still owed after an acknowledgement.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owed {
    /// Nothing.
    Nothing,
    /// Nothing, but it holds only so long while the cause is there (`acknowledge-expires`).
    Expires(Wait),
    /// A confirmation.
    Confirmation {
        /// When the holder is reminded; `None`: done.
        reminder: Option<Wait>,
        /// When the acknowledgement is void.
        until: Wait,
        /// Who may confirm.
        by: ConfirmBy,
    },
}

impl Stage {
    /// What people have answered to an occurrence that has just opened.
    pub(super) fn at_opening(acknowledge: Option<Acknowledge>) -> Self {
        match acknowledge {
            None | Some(Acknowledge::None) => Self::NotRequired,
            Some(Acknowledge::Single { .. } | Acknowledge::Double { .. }) => {
                Self::Unacknowledged { so_far: Vec::new() }
            }
        }
    }

    /// Those who have it in hand, or have begun to.
    pub fn holders(&self) -> &[Holder] {
        match self {
            Self::NotRequired => &[],
            Self::Unacknowledged { so_far } => so_far,
            Self::Acknowledged { holders, .. } | Self::Confirmed { holders, .. } => holders,
        }
    }

    /// Whether that person has it in hand, or has begun to.
    pub fn is_held_by(&self, person: &PersonId) -> bool {
        self.holders().iter().any(|holder| holder.person == *person)
    }

    /// Whose acknowledgement ended the calls, and when.
    pub fn acknowledged(&self) -> Option<&Holder> {
        match self {
            Self::NotRequired | Self::Unacknowledged { .. } => None,
            Self::Acknowledged { holders, .. } | Self::Confirmed { holders, .. } => holders.last(),
        }
    }

    /// Whose acknowledgement ended the calls.
    pub fn acknowledged_by(&self) -> Option<&PersonId> {
        self.acknowledged().map(|holder| &holder.person)
    }

    /// Who confirmed, and when.
    pub fn confirmed(&self) -> Option<Holder> {
        match self {
            Self::Confirmed { by, at, .. } => Some(Holder { person: by.clone(), since: *at }),
            Self::NotRequired | Self::Unacknowledged { .. } | Self::Acknowledged { .. } => None,
        }
    }

    /// Who confirmed.
    pub fn confirmed_by(&self) -> Option<&PersonId> {
        match self {
            Self::Confirmed { by, .. } => Some(by),
            Self::NotRequired | Self::Unacknowledged { .. } | Self::Acknowledged { .. } => None,
        }
    }

    /// Whether somebody has to acknowledge, or more people have to than have.
    pub fn is_unacknowledged(&self) -> bool {
        matches!(self, Self::Unacknowledged { .. })
    }

    /// Whether somebody else than the holder has to confirm (`confirm-by = "other"`).
    pub(super) fn wants_another(&self) -> bool {
        matches!(
            self,
            Self::Acknowledged { owed: Owed::Confirmation { by: ConfirmBy::Other, .. }, .. }
        )
    }

    /// Whether an acknowledgement waits for its confirmation.
    pub fn owes_confirmation(&self) -> bool {
        matches!(self, Self::Acknowledged { owed: Owed::Confirmation { .. }, .. })
    }

    /// Whether a confirmation is owed that this person may give.
    pub fn may_be_confirmed_by(&self, person: &PersonId) -> bool {
        match self {
            Self::Acknowledged { owed: Owed::Confirmation { by, .. }, .. } => match by {
                ConfirmBy::Same => self.is_held_by(person),
                ConfirmBy::Other => !self.is_held_by(person),
                ConfirmBy::Anyone => true,
            },
            Self::NotRequired
            | Self::Unacknowledged { .. }
            | Self::Acknowledged { .. }
            | Self::Confirmed { .. } => false,
        }
    }

    /// When the holder is reminded.
    pub fn reminder(&self) -> Option<Wait> {
        match self {
            Self::Acknowledged { owed: Owed::Confirmation { reminder, .. }, .. } => *reminder,
            Self::NotRequired
            | Self::Unacknowledged { .. }
            | Self::Acknowledged { .. }
            | Self::Confirmed { .. } => None,
        }
    }

    /// When the acknowledgement is void.
    pub fn until(&self) -> Option<Wait> {
        match self {
            Self::Acknowledged {
                owed: Owed::Expires(until) | Owed::Confirmation { until, .. },
                ..
            } => Some(*until),
            Self::NotRequired
            | Self::Unacknowledged { .. }
            | Self::Acknowledged { .. }
            | Self::Confirmed { .. } => None,
        }
    }

    /// The same stage on the clock of this boot.
    pub(super) fn resume(&mut self, now: Moment) {
        match self {
            Self::Acknowledged { owed: Owed::Expires(until), .. } => *until = until.resumed(now),
            Self::Acknowledged { owed: Owed::Confirmation { reminder, until, .. }, .. } => {
                *until = until.resumed(now);
                *reminder = reminder.map(|reminder| reminder.resumed(now));
            }
            Self::NotRequired
            | Self::Unacknowledged { .. }
            | Self::Acknowledged { .. }
            | Self::Confirmed { .. } => {}
        }
    }
}

impl Owed {
    /// What is owed once somebody has taken it, under this policy.
    pub(super) fn after_acknowledgement(acknowledge: Acknowledge, now: Moment) -> Self {
        match acknowledge {
            Acknowledge::None | Acknowledge::Single { expires: None, .. } => Self::Nothing,
            Acknowledge::Single { expires: Some(expires), .. } => Self::Expires(now.wait(expires)),
            Acknowledge::Double { confirm_within, confirm_by, .. } => Self::Confirmation {
                reminder: Some(now.wait(two_thirds(confirm_within))),
                until: now.wait(confirm_within),
                by: confirm_by,
            },
        }
    }
}

/// The holder is reminded at two thirds of `confirm-within` (configuration, "Keys not shown above").
fn two_thirds(whole: Duration) -> Duration {
    whole.saturating_mul(2) / 3
}

impl Acknowledge {
    /// How many different people must acknowledge before the calls end.
    pub(super) fn responders(self) -> usize {
        match self {
            Self::None => 1,
            Self::Single { responders, .. } | Self::Double { responders, .. } => {
                usize::from(responders.max(1))
            }
        }
    }
}
