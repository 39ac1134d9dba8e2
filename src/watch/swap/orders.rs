//! Orders and calendars: how a group stands, by the latest order and the files.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{
    AT_ONCE, Order, Said, Standing, Swapped, Swapping, is_on, is_ordered_too_often, next_change,
};
use crate::watch::answer::orders::plain;
use crate::watch::decision::{Fact, Outcome, Refusal};
use crate::watch::draft::Draft;
use crate::watch::event::SwapRequest;
use crate::watch::name::{PersonId, SwapGroup};
use crate::watch::site::Right;

impl Draft<'_> {
    /// How a group stands with that order, by the calendar of the files and the clock of now.
    fn judged(&self, group: &SwapGroup, order: Option<Order>) -> Option<Standing> {
        if !self.site.swaps.groups.contains_key(group) {
            return None;
        }
        let order = order.filter(|order| order.until.mono > self.now.mono);
        let calendar = self.site.swaps.calendar.get(group);
        let by_calendar = calendar.is_some_and(|calendar| is_on(calendar, self.now.utc));
        let change = calendar.and_then(|calendar| next_change(calendar, self.now.utc));
        let look = match &order {
            Some(order) => Some(order.until),
            None => change.map(|change| self.now.wait(self.now.utc.until(change))),
        };
        let on = order.as_ref().map_or(by_calendar, |order| order.on);
        let before = self.state.swapped(group).map(|swapped| swapped.since);
        let swapped = look
            .filter(|_| on)
            .map(|look| Swapped { since: before.unwrap_or(self.now.utc), until: look.due });
        let by_message = self.ordered_by_message(group);
        let is_something =
            order.is_some() || swapped.is_some() || look.is_some() || !by_message.is_empty();
        is_something.then_some(Standing { order, swapped, look, by_message, queued: None })
    }

    /// The group stands so; what stands elsewhere than it is moved next.
    fn stand(&mut self, group: &SwapGroup, standing: Option<Standing>) {
        let away = standing.as_ref().is_some_and(|standing| standing.swapped.is_some());
        let standing = if self.state.swaps.going(group, !away).next().is_some() {
            let standing = standing.unwrap_or_default();
            Some(Standing { look: Some(self.now.at_once()), ..standing })
        } else {
            standing
        };
        self.fact(Fact::Swapping(Swapping::Group { group: group.clone(), standing }));
    }

    /// The files say something of swaps: what the calendar says from now on.
    pub(in crate::watch) fn plan_swaps(&mut self) {
        let known = self.state.swaps.known();
        let groups: BTreeSet<SwapGroup> =
            self.site.swaps.groups.keys().chain(known).cloned().collect();
        for group in groups {
            let before = self.state.swap_of(&group);
            let after = self.judged(&group, before.and_then(|known| known.order.clone()));
            let told = |standing: Option<&Standing>| {
                standing.map(|standing| {
                    let look = standing.look.map(|look| look.due);
                    (standing.order.clone(), standing.swapped, look)
                })
            };
            if told(before) != told(after.as_ref()) {
                self.stand(&group, after);
            }
        }
    }

    /// A group is looked at: an order or a window may be over, and more may have to move.
    pub(in crate::watch) fn swap_due(&mut self, group: &SwapGroup) {
        let order = self.state.swap_of(group).and_then(|known| known.order.clone());
        let standing = self.judged(group, order);
        let away = standing.as_ref().is_some_and(|standing| standing.swapped.is_some());
        if self.state.swaps.going(group, !away).nth(AT_ONCE).is_some() {
            self.stand(group, standing.clone());
        } else {
            let standing = standing.clone();
            self.fact(Fact::Swapping(Swapping::Group { group: group.clone(), standing }));
        }
        self.move_over(group, away, standing.as_ref());
    }

    /// A person orders that a group be swapped for so long, or no longer. The outcome is the sentence that they are told.
    fn ordered(
        &mut self,
        group: &SwapGroup,
        person: &PersonId,
        lasting: Option<Duration>,
        said: Said,
    ) -> Result<String, String> {
        let wording = self.wording(person);
        let longest = self.site.swaps.longest;
        let order = match lasting {
            _ if is_ordered_too_often(&self.ordered_by_message(group), said, self.now.utc) => {
                return Err(wording.swapped_too_often(group));
            }
            Some(lasting) if lasting > longest => return Err(wording.swap_too_long(longest)),
            Some(lasting) => {
                let until = self.now.wait(lasting);
                Some(Order { by: person.clone(), on: true, until })
            }
            None if self.state.swapped(group).is_none() => {
                return Err(wording.not_swapped(group));
            }
            // Where the calendar would go on, it is off until that window is over.
            None => {
                let calendar = self.site.swaps.calendar.get(group);
                let window = calendar.filter(|calendar| is_on(calendar, self.now.utc));
                let end = window.and_then(|calendar| next_change(calendar, self.now.utc));
                end.map(|end| {
                    let until = self.now.wait(self.now.utc.until(end));
                    Order { by: person.clone(), on: false, until }
                })
            }
        };
        let mut standing = self.judged(group, order);
        let swapped = standing.as_ref().and_then(|standing| standing.swapped);
        if said == Said::Message {
            standing.get_or_insert_default().by_message.push(self.now.utc);
        }
        self.stand(group, standing);
        self.tell_of_order(group, person, swapped.map(|swapped| swapped.until));
        Ok(match swapped {
            Some(swapped) => wording.swapped(group, swapped.until),
            None => wording.swap_over(group),
        })
    }

    /// A person asks by name for a group.
    pub(in crate::watch) fn swap(
        &mut self,
        person: &PersonId,
        named: &str,
        lasting: Option<Duration>,
        said: Said,
    ) -> Result<String, String> {
        let known = self.site.people.get(person);
        if !known.is_some_and(|known| known.may.contains(&Right::Swap)) {
            return Err(self.wording(person).may_not_swap());
        }
        let groups = &self.site.swaps.groups;
        let named = plain(named);
        let found = groups.keys().find(|group| plain(group.as_str()) == named).cloned();
        match found {
            Some(group) => self.ordered(&group, person, lasting, said),
            None => Err(self.wording(person).no_such_group(&named)),
        }
    }

    /// A person swaps a group at the control socket.
    pub(in crate::watch) fn swap_command(&mut self, asked: &SwapRequest) -> Outcome {
        if !self.site.people.contains_key(&asked.person) {
            return Outcome::Refused(Refusal(format!("no person is called `{}`", asked.person)));
        }
        match self.swap(&asked.person, &asked.group, asked.lasting, Said::Keyboard) {
            Ok(sentence) => Outcome::Done(sentence),
            Err(sentence) => Outcome::Refused(Refusal(sentence)),
        }
    }
}
