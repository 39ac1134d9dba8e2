//! A digest: one message that stands for several, and for exactly which.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::watch::alarm::{AlarmNumber, OccurrenceNumber};
use crate::watch::codes::Code;
use crate::watch::notification::NotificationId;

/// An occurrence in a run of its ladder.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Member {
    /// Which.
    pub occurrence: OccurrenceNumber,
    /// In which run.
    pub run: u32,
}

/// What makes a notification one of several.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Digest {
    /// What it is for.
    pub kind: Kind,
    /// Exactly those that its text names or counts, by number.
    pub members: Arc<[Member]>,
    /// Of information: of which alarms, each at the place of its member. What it is about may be over.
    #[serde(default = "none_known", skip_serializing_if = "is_none_known")]
    pub alarms: Arc<[AlarmNumber]>,
    /// The code that answers for all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// The oldest message that it stands for: by this it has its place among those of its priority.
    pub since: NotificationId,
    /// Those of them of which its person need not be told any more: it is worded anew, if it has not left by then.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub struck: BTreeSet<OccurrenceNumber>,
}

/// Digests of before this was kept do not say it.
fn none_known() -> Arc<[AlarmNumber]> {
    Arc::from([])
}

fn is_none_known(alarms: &Arc<[AlarmNumber]>) -> bool {
    alarms.is_empty()
}

impl Digest {
    /// In which run it stands for that occurrence, if it does.
    pub fn run_of(&self, occurrence: OccurrenceNumber) -> Option<u32> {
        self.place(occurrence).and_then(|place| self.members.get(place)).map(|member| member.run)
    }

    /// Of which alarm that occurrence is, where it says so.
    pub(super) fn alarm_of(&self, occurrence: OccurrenceNumber) -> Option<AlarmNumber> {
        self.place(occurrence).and_then(|place| self.alarms.get(place)).copied()
    }

    fn place(&self, occurrence: OccurrenceNumber) -> Option<usize> {
        self.members.binary_search_by_key(&occurrence, |member| member.occurrence).ok()
    }
}
