//! Notices: those whom an order concerns hear who has swapped what, and until when.
//!
//! # Decision (2026-11-27): whoever is called first, by the one way or the other, is told of every order
//!
//! `SWAP` needs no code (behaviour §6), and the number of a message can be anybody's: a forged order would send alarms elsewhere, and only the
//! person in whose name it came would know. So both teams are told, at most [`MOST`] people, once each, after
//! whatever calls somebody, and as long as the order counts. Since a forged message costs nothing
//! and twenty people their sleep, a group obeys [`ORDERS`] messages an hour, and then the command line alone. Rejected: to be silent about an
//! order that comes too often, which is what a forger would bring about; and to ask back by a code, which the contract does not.

use std::time::Duration;

use crate::watch::draft::Draft;
use crate::watch::escalation::resolve;
use crate::watch::name::{PersonId, PolicyName, SwapGroup};
use crate::watch::time::Utc;

/// No order is told to more people.
const MOST: usize = 20;
/// So many orders by message a group obeys, and a schedule...
pub(in crate::watch) const ORDERS: usize = 5;
/// ... in that time.
const WITHIN: Duration = Duration::from_secs(3_600);

/// How a person has said it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::watch) enum Said {
    /// By a short message.
    Message,
    /// At the keyboard, where the account is known.
    Keyboard,
}

/// Whether an order of that instant still counts among those of now.
pub(in crate::watch) fn is_of_late(at: Utc, now: Utc) -> bool {
    at.is_within(WITHIN, now)
}

/// Whether what was ordered by these messages obeys no more of them for now.
pub(in crate::watch) fn is_ordered_too_often(by_message: &[Utc], said: Said, now: Utc) -> bool {
    match said {
        Said::Message => by_message.iter().filter(|at| is_of_late(**at, now)).count() >= ORDERS,
        Said::Keyboard => false,
    }
}

impl Draft<'_> {
    /// When the group was swapped by a message, of late.
    pub(super) fn ordered_by_message(&self, group: &SwapGroup) -> Vec<Utc> {
        let now = self.now.utc;
        let known = self.state.swap_of(group).map_or(&[][..], |known| &known.by_message);
        known.iter().copied().filter(|at| is_of_late(*at, now)).collect()
    }

    /// Those who are called first by any of the policies concerned, but for who has ordered it.
    pub(super) fn tell_of_order(&mut self, group: &SwapGroup, by: &PersonId, until: Option<Utc>) {
        for person in self.concerned(group, by) {
            let text = self.wording(&person).swap_notice(group, by, until);
            self.owe_notice(&person, text, until);
        }
    }

    fn concerned(&self, group: &SwapGroup, by: &PersonId) -> Vec<PersonId> {
        let swaps = self.site.definitions.configured().filter_map(|definition| {
            let swap = definition.swap.as_ref().filter(|swap| swap.group == *group)?;
            Some([definition.escalation.as_ref(), Some(&swap.escalation)])
        });
        let mut policies: Vec<&PolicyName> = Vec::new();
        for policy in swaps.flatten().flatten() {
            if !policies.contains(&policy) {
                policies.push(policy);
            }
        }
        let mut people: Vec<PersonId> = Vec::new();
        for policy in policies.into_iter().filter_map(|name| self.site.policies.get(name)) {
            let steps = policy.steps.iter();
            let mut called =
                steps.map(|step| resolve(self.site, self.state.roster(), step, self.now.utc));
            let first = called.find(|people| !people.is_empty()).unwrap_or_default();
            for person in first {
                if person != *by && !people.contains(&person) {
                    people.push(person);
                }
            }
        }
        people.truncate(MOST);
        people
    }
}
