//! Configuration: what follows when the files say something else (behaviour §4, §10).
//!
//! A running ladder is not disturbed: it was frozen when its occurrence opened.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::alarm::{Alarm, Occurrence, Pending, PolicyNumber};
use super::decision::Fact;
use super::definition::Says;
use super::draft::Draft;
use super::escalation::FrozenPolicy;

impl Draft<'_> {
    /// The policies as the files have them now are frozen for what opens from now on; those that
    /// nothing needs are forgotten; an alarm whose definition is gone can no longer be seen.
    pub(super) fn configured(&mut self) {
        let site = self.site;
        let mut number = self.state.last_policy();
        for (name, policy) in &site.policies {
            let last_resort = site.last_resort.as_ref().filter(|last| *last != name);
            let last_resort = last_resort
                .and_then(|last| Some((last.clone(), site.policies.get(last)?.as_ref().clone())));
            let policy = policy.as_ref().clone();
            let frozen = FrozenPolicy { name: name.clone(), policy, last_resort };
            let known = self.state.current_policy(name).and_then(|known| self.state.policy(known));
            if known.is_none_or(|known| *known != frozen) {
                number = number.saturating_add(1);
                let policy = Arc::new(frozen);
                self.fact(Fact::PolicyFrozen { number: PolicyNumber(number), policy });
            }
        }
        self.forget_policies();
        self.withdraw();
        self.look_at_all();
        self.plan_list_anew();
        self.mind_faults();
        self.plan_paths();
        self.look_at_cover(self.state.roster());
        self.plan_swaps();
        self.plan_heartbeats();
        self.plan_drills();
        self.plan_life_sign();
        self.look_at_numbers();
    }

    fn forget_policies(&mut self) {
        let mut needed: BTreeSet<PolicyNumber> = BTreeSet::new();
        for alarm in self.state.alarms() {
            needed.extend(alarm.open.iter().flat_map(|open| open.activation.policies()));
            if let Some(Pending::Activation { as_, .. }) = alarm.pending.as_deref() {
                needed.extend(as_.policies());
            }
        }
        let state = self.state;
        for (number, policy) in &state.policies {
            let current = state.current_policy(&policy.name) == Some(*number);
            let in_files = self.site.policies.contains_key(&policy.name);
            let stands_in_files = current && in_files;
            if !stands_in_files && !needed.contains(number) {
                self.fact(Fact::PolicyForgotten { number: *number });
            }
        }
    }

    /// Nothing can say any more that the cause is gone: an active alarm counts as returned, and
    /// what nobody has answered is still asked for. A delay that runs is over.
    fn withdraw(&mut self) {
        let state = self.state;
        let mut unseen: Vec<&Alarm> =
            state.alarms().filter(|alarm| self.can_no_longer_be_seen(alarm)).collect();
        unseen.sort_unstable_by_key(|alarm| alarm.number);
        for alarm in unseen {
            if alarm.pending.is_some() {
                self.fact(Fact::PendingOver { alarm: alarm.number });
            }
            let Some(open) = alarm.open.as_deref().filter(|open| open.active) else { continue };
            if self.is_told_elsewhere(alarm) {
                self.has_returned(open);
            } else {
                self.fact(Fact::Withdrawn { occurrence: open.number });
                self.close_if_over(&Occurrence { active: false, ..open.clone() });
            }
        }
    }

    fn can_no_longer_be_seen(&self, alarm: &Alarm) -> bool {
        let waits = alarm.pending.is_some() || alarm.open.as_ref().is_some_and(|open| open.active);
        let definition = self.site.definitions.get(alarm.definition.as_str());
        let is_unseen =
            definition.is_none_or(|definition| matches!(definition.says, Says::Momentary(_)));
        waits && (is_unseen || self.is_told_elsewhere(alarm))
    }
}
