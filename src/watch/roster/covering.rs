//! Covering: that somebody is on call for every schedule that a step names, or an alarm that nobody is.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Change, Roster, TradeEnding};
use crate::watch::codes::Code;
use crate::watch::draft::Draft;
use crate::watch::name::ScheduleId;
use crate::watch::notification::Purpose;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::schedule::Schedule;
use crate::watch::site::{Recipient, Step};
use crate::watch::time::Utc;

/// No look is further away than this.
const LOOK: Duration = Duration::from_secs(86_400);
/// Nor are more changes looked at for it.
const CHANGES: usize = 500;

impl<'a> Draft<'a> {
    /// Something of the roster is due: an answer that did not come, or a look at who is on call.
    pub(in crate::watch) fn roster_due(&mut self) {
        let roster = self.state.roster();
        let is_over = |wait: crate::watch::time::Wait| wait.mono <= self.now.mono;
        let live = roster.trades.iter().filter(|(_, trade)| trade.over.is_none());
        let late: Vec<Code> =
            live.filter(|(_, trade)| is_over(trade.until)).map(|(code, _)| *code).collect();
        let is_look_due = roster.look.is_some_and(is_over);
        for code in late {
            let Some(trade) = self.state.roster().trades.get(&code) else { continue };
            self.rostered(Change::Answered { code, ending: TradeEnding::Late });
            let text = self.wording(&trade.asker).trade_unanswered(trade);
            self.owe(&trade.asker, Purpose::Announcement, None, text);
        }
        if is_look_due {
            self.look_at_cover(self.state.roster());
        }
    }

    /// Whether somebody is on call for every schedule that a step names; and when to look again.
    pub(in crate::watch) fn look_at_cover(&mut self, roster: &Roster) {
        let (site, now) = (self.site, self.now.utc);
        let named = self.named_schedules();
        let mut next: Option<Utc> = None;
        for (id, schedule) in site.schedules.iter().filter(|(id, _)| named.contains(id)) {
            let schedule = roster.in_force(site, id, schedule);
            let is_covered = !schedule.on_call(now).is_empty();
            self.tell_cover(id, &schedule, is_covered);
            let last = next.unwrap_or(now.after(LOOK));
            next = turns(&schedule, is_covered, now, last).or(next);
        }
        let gone = self
            .state
            .subjects(SelfAlarm::ScheduleUncovered)
            .filter(|subject| !named.iter().any(|id| id.as_str() == *subject));
        let gone: Vec<String> = gone.map(str::to_owned).collect();
        for subject in gone {
            self.own(SelfSignal::cleared(SelfAlarm::ScheduleUncovered, &subject));
        }
        let next = next.map(|next| self.now.wait(now.until(next)));
        if next.is_some() || roster.look.is_some() {
            self.rostered(Change::Looked { next });
        }
    }

    /// A step finds nobody: also where the clock was set and no look came in time, that is told.
    pub(in crate::watch) fn found_nobody(&mut self, step: Option<&Step>) {
        for recipient in step.map(|step| step.notify.as_slice()).unwrap_or_default() {
            if let Recipient::Schedule(id) = recipient
                && let Some(schedule) = self.site.schedules.get(id)
            {
                let schedule = self.state.roster().in_force(self.site, id, schedule);
                if schedule.on_call(self.now.utc).is_empty() {
                    self.tell_cover(id, &schedule, false);
                }
            }
        }
    }

    fn tell_cover(&mut self, id: &ScheduleId, schedule: &Schedule, is_covered: bool) {
        let stands = self.state.stands(SelfAlarm::ScheduleUncovered, id.as_str());
        match (stands, is_covered) {
            (false, false) => {
                let until = schedule.same_until(self.now.utc);
                let reason = self.site_wording().nobody_until(schedule, until);
                self.own(SelfSignal::raised(SelfAlarm::ScheduleUncovered, id.as_str(), &reason));
            }
            (true, true) => {
                self.own(SelfSignal::cleared(SelfAlarm::ScheduleUncovered, id.as_str()))
            }
            (true, false) | (false, true) => {}
        }
    }

    fn named_schedules(&self) -> BTreeSet<&'a ScheduleId> {
        let steps = self.site.policies.values().flat_map(|policy| &policy.steps);
        let named = steps.flat_map(|step| &step.notify).filter_map(|recipient| match recipient {
            Recipient::Schedule(id) => Some(id),
            Recipient::Person(_) | Recipient::Group(_) => None,
        });
        named.collect()
    }
}

/// When somebody is on call after nobody, or nobody after somebody; not after that instant. `None`: it stays as it is.
fn turns(schedule: &Schedule, is_covered: bool, now: Utc, last: Utc) -> Option<Utc> {
    let mut at = now;
    for _ in 0..CHANGES {
        let next = schedule.next_change(at)?;
        if next >= last {
            return Some(last);
        }
        if schedule.on_call(next).is_empty() == is_covered {
            return Some(next);
        }
        at = next;
    }
    Some(at)
}
