//! What the files mean for people: whom every alarm calls, now and in the months to come.
//!
//! A plan is what two versions of the files are compared by ([`changes`]): before a reload by
//! `vigie check --against-running`, and at the reload itself, for the record. It holds no phone
//! number and no text of a message.
//!
//! # Decision (2026-11-27): changes are told by their cause, with the alarms that they concern
//!
//! One line of a schedule can change the recipients of a thousand alarms. So what is told is the
//! schedule, once, with from when, instead of whom, and which alarms it concerns. Rejected: a line
//! for each alarm, which nobody would read to the end.

pub mod changes;
mod tables;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::event::Reloaded;
use super::name::{DefinitionName, GroupId, PersonId, PolicyName, ScheduleId};
use super::schedule::Stretch;
use super::site::{PhoneNumber, Policy, Recipient, Site};
use super::swap::Swap;
use super::time::Utc;
use tables::Tables;

/// So far ahead a plan looks: twelve months.
pub const AHEAD: Duration = Duration::from_secs(366 * 86_400);

/// What the files mean for people, over a time.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// From this instant.
    pub from: Utc,
    /// Until this one.
    pub until: Utc,
    /// Who can be called: the SHA-256 of their number, which is compared and not shown; `None`:
    /// they have none.
    pub people: BTreeMap<PersonId, Option<[u8; 32]>>,
    /// The members of each group.
    pub groups: BTreeMap<GroupId, Vec<PersonId>>,
    /// Who is on call, without a gap.
    pub schedules: BTreeMap<ScheduleId, Vec<Stretch>>,
    /// The ladders.
    pub policies: BTreeMap<PolicyName, Policy>,
    /// The ladder of last resort.
    pub last_resort: Option<PolicyName>,
    /// The ladder of each alarm of the files; `None`: it calls nobody.
    pub alarms: BTreeMap<DefinitionName, Option<PolicyName>>,
    /// Those that go elsewhere while their group is swapped.
    pub swaps: BTreeMap<DefinitionName, Swap>,
    /// What else decides whether, how and when alarms call.
    pub tables: Tables,
}

/// What follows for people, from that instant on, where the files of this site take the place of
/// those of that one.
pub fn reloaded(before: &Site, after: &Site, now: Utc) -> Reloaded {
    let (old, new) = (Plan::of(before, now), Plan::of(after, now));
    let changes = changes::changes(&old, &new, &after.zone);
    Reloaded { changes: changes.into_iter().map(Arc::from).collect() }
}

impl Plan {
    /// What this site's files mean for people, from that instant on.
    pub fn of(site: &Site, from: Utc) -> Self {
        let until = from.after(AHEAD);
        let number = |phone: &PhoneNumber| -> [u8; 32] { Sha256::digest(phone.as_str()).into() };
        let people = site.people.iter();
        let schedules = site.schedules.iter();
        let policies = site.policies.iter();
        let alarms = site.definitions.configured();
        Self {
            from,
            until,
            people: people.map(|(id, who)| (id.clone(), who.phone.as_ref().map(number))).collect(),
            groups: site.groups.clone(),
            schedules: schedules
                .map(|(id, schedule)| (id.clone(), schedule.stretches(from, until)))
                .collect(),
            policies: policies.map(|(name, policy)| (name.clone(), (**policy).clone())).collect(),
            last_resort: site.last_resort.clone(),
            alarms: alarms.map(|alarm| (alarm.name.clone(), alarm.escalation.clone())).collect(),
            swaps: site
                .definitions
                .configured()
                .filter_map(|alarm| Some((alarm.name.clone(), alarm.swap.clone()?)))
                .collect(),
            tables: Tables::of(site),
        }
    }

    /// The alarms whose ladder, or the last resort after it, names somebody in a way that holds.
    fn alarms_that_call(&self, names: impl Fn(&Recipient) -> bool) -> BTreeSet<&DefinitionName> {
        let climbed = |policy: &PolicyName| {
            let steps = self.policies.get(policy).into_iter().flat_map(|policy| &policy.steps);
            steps.flat_map(|step| &step.notify).any(&names)
        };
        let in_the_end = self.last_resort.as_ref().is_some_and(climbed);
        let naming: BTreeSet<&PolicyName> =
            self.policies.keys().filter(|policy| climbed(policy)).collect();
        let calls = |policy: &PolicyName| in_the_end || naming.contains(policy);
        let calling = |(alarm, policy): (&DefinitionName, &Option<PolicyName>)| {
            let swapped = self.swaps.get(alarm).map(|swap| &swap.escalation);
            policy.as_ref().into_iter().chain(swapped).any(calls)
        };
        let alarms = self.alarms.iter();
        alarms.filter(|alarm| calling(*alarm)).map(|(alarm, _)| alarm).collect()
    }
}
