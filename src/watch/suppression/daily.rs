//! The daily list: what is out of service is told every day, for nobody else will bring it back (behaviour §8).
//!
//! # Decision (2026-11-27): it goes to those who can act on it
//!
//! One message a day, at the site's `daily-list`, to each person who may return alarms to service; where the files name none
//! any more, to the first step of the last resort. It says how many are out of service and which, and how many are shelved.
//! While nothing is out of service there is no message, and nothing is planned.

use std::time::Duration;

use super::Quieting;
use crate::watch::draft::Draft;
use crate::watch::escalation::resolve;
use crate::watch::name::PersonId;
use crate::watch::notification::Purpose;
use crate::watch::site::Right;
use crate::watch::time::{Utc, Wait};

const A_DAY: Duration = Duration::from_secs(86_400);

impl Draft<'_> {
    /// Something is out of service from now on: it will be listed.
    pub(super) fn plan_list(&mut self) {
        if self.state.quiet.next_list().is_none() {
            self.listed(true);
        }
    }

    /// The files may name another time. A list that is late already is due all the same.
    pub(in crate::watch) fn plan_list_anew(&mut self) {
        let state = self.state;
        let is_late = state.quiet.next_list().is_some_and(|list| list.due <= self.now.utc);
        let is_right = state.quiet.next_list().map(|list| list.due) == Some(self.next_time());
        if !is_late && !is_right && self.is_anything_out() {
            self.listed(true);
        }
    }

    /// It is time for the list.
    pub(in crate::watch) fn list_due(&mut self) {
        let state = self.state;
        let definitions = state.quiet.definitions().map(|(name, _)| name.to_string());
        let alarms = || state.quiet.alarms().filter_map(|number| state.alarm_numbered(number));
        let out = alarms().filter(|alarm| alarm.service().is_some()).map(|alarm| alarm.tag());
        let out: Vec<String> = definitions.chain(out).collect();
        if !out.is_empty() {
            let shelved = alarms().filter(|alarm| alarm.shelf().is_some()).count();
            for person in self.who_is_told() {
                let text = self.wording(&person).daily_list(&out, shelved);
                self.owe(&person, Purpose::Announcement, None, text);
            }
        }
        self.listed(!out.is_empty());
    }

    fn listed(&mut self, again: bool) {
        let next = again.then(|| {
            let (now, due) = (self.now, self.next_time());
            Wait { since: now.utc, due, mono: now.mono.after(now.utc.until(due)) }
        });
        self.quieting(Quieting::Listed { next });
    }

    fn is_anything_out(&self) -> bool {
        let state = self.state;
        let mut alarms = state.quiet.alarms().filter_map(|number| state.alarm_numbered(number));
        state.quiet.definitions().next().is_some() || alarms.any(|alarm| alarm.service().is_some())
    }

    /// When it is that time of day again, by the clock on the wall of the site.
    fn next_time(&self) -> Utc {
        let now = self.now.utc.timestamp().to_zoned(self.site.zone.clone());
        let at = |date: jiff::civil::Date| {
            let there = date.to_datetime(self.site.daily_list).to_zoned(self.site.zone.clone());
            there.ok().map(|there| Utc::from(there.timestamp()))
        };
        let today = at(now.date()).filter(|at| *at > self.now.utc);
        let tomorrow = || now.date().tomorrow().ok().and_then(at);
        today.or_else(tomorrow).unwrap_or_else(|| self.now.utc.after(A_DAY))
    }

    fn who_is_told(&self) -> Vec<PersonId> {
        let may = self.site.people.iter().filter(|(_, person)| {
            person.may.contains(&Right::OutOfService) && person.phone.is_some()
        });
        let people: Vec<PersonId> = may.map(|(id, _)| id.clone()).collect();
        if !people.is_empty() {
            return people;
        }
        let last = self.site.last_resort.as_ref().and_then(|name| self.site.policies.get(name));
        let step = last.and_then(|policy| policy.steps.first());
        step.map(|step| resolve(self.site, self.state.roster(), step, self.now.utc))
            .unwrap_or_default()
    }
}
