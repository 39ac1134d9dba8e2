//! What changes for people between two plans, in words.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::tz::TimeZone;

use super::super::name::{DefinitionName, PersonId, PolicyName, ScheduleId};
use super::super::schedule::Stretch;
use super::super::site::{Policy, Recipient, Step};
use super::super::time::Utc;
use super::Plan;
use super::words::{asks, be, called_by, channels, concerned, listed, people, recipients, span};

/// No more sentences are told; the last one then says how many there are besides.
const MOST: usize = 100;

/// What changes when this plan comes into force in the place of that one, a sentence each; empty:
/// nothing that concerns people. Times are those of this zone.
pub fn changes(before: &Plan, after: &Plan, zone: &TimeZone) -> Vec<String> {
    let both = Both { before, after, zone };
    let mut said = Vec::new();
    both.alarms(&mut said);
    both.policies(&mut said);
    both.groups(&mut said);
    both.schedules(&mut said);
    both.people(&mut said);
    after.tables.changes(&before.tables, &mut said);
    if said.len() > MOST {
        let besides = said.len().saturating_sub(MOST);
        said.truncate(MOST);
        said.push(format!("and {besides} changes besides"));
    }
    said
}

struct Both<'a> {
    before: &'a Plan,
    after: &'a Plan,
    zone: &'a TimeZone,
}

/// Alarms by their ladder.
type Alarms<'a> = BTreeMap<Option<&'a PolicyName>, Vec<&'a DefinitionName>>;

/// Other people than before are on call.
struct Difference<'a> {
    from: Utc,
    until: Utc,
    before: &'a [PersonId],
    after: &'a [PersonId],
}

impl Both<'_> {
    /// Alarms that come, go, or are called by another ladder; told together where it is the same ladder.
    fn alarms(&self, said: &mut Vec<String>) {
        let (mut new, mut moved) = (Alarms::new(), BTreeMap::new());
        for (alarm, ladder) in &self.after.alarms {
            let ladder = ladder.as_ref();
            match self.before.alarms.get(alarm).map(Option::as_ref) {
                None => new.entry(ladder).or_default().push(alarm),
                Some(before) if before != ladder => {
                    let moved: &mut Alarms<'_> = moved.entry(before).or_default();
                    moved.entry(ladder).or_default().push(alarm);
                }
                Some(_) => {}
            }
        }
        for (ladder, alarms) in new {
            said.push(format!("{} new: {}", be(&alarms), called_by(ladder)));
        }
        let was = self.before.alarms.keys();
        let gone: Vec<_> = was.filter(|alarm| !self.after.alarms.contains_key(*alarm)).collect();
        if !gone.is_empty() {
            let what = "what stands of it counts as returned, since nothing can say so any more";
            said.push(format!("{} gone: {what}", be(&gone)));
        }
        self.swaps(said);
        for (before, moved) in moved {
            for (ladder, alarms) in moved {
                let (now, then) = (called_by(ladder), called_by(before));
                said.push(format!("{} now {now}; before: {then}", be(&alarms)));
            }
        }
    }

    /// Alarms that go elsewhere than before while their group is swapped; told together where it is the same group and ladder.
    fn swaps(&self, said: &mut Vec<String>) {
        let mut changed: BTreeMap<String, Vec<&DefinitionName>> = BTreeMap::new();
        for alarm in self.after.alarms.keys() {
            let (before, after) = (self.before.swaps.get(alarm), self.after.swaps.get(alarm));
            if before != after && self.before.alarms.contains_key(alarm) {
                let what = match after {
                    Some(swap) => {
                        let (ladder, group) = (Some(&swap.escalation), &swap.group);
                        format!("{} while `{group}` is swapped", called_by(ladder))
                    }
                    None => "in no swap group any more".to_owned(),
                };
                changed.entry(what).or_default().push(alarm);
            }
        }
        said.extend(changed.iter().map(|(what, alarms)| format!("{} now {what}", be(alarms))));
    }

    /// Ladders that ask for something else, or call somebody else.
    fn policies(&self, said: &mut Vec<String>) {
        for (name, new) in &self.after.policies {
            let Some(old) = self.before.policies.get(name).filter(|old| *old != new) else {
                continue;
            };
            let what = differences(old, new);
            if !what.is_empty() {
                let last = self.after.last_resort.as_ref() == Some(name);
                let by = self.after.alarms.iter();
                let swapped = |alarm| {
                    self.after.swaps.get(alarm).is_some_and(|swap| swap.escalation == *name)
                };
                let on_it = by.filter(|(alarm, policy)| {
                    last || policy.as_ref() == Some(name) || swapped(*alarm)
                });
                let alarms = on_it.map(|(alarm, _)| alarm).collect();
                said.push(format!(
                    "escalation `{name}`: {}{}",
                    what.join("; "),
                    concerned(&alarms)
                ));
            }
        }
        if self.before.last_resort != self.after.last_resort {
            let ladder = |policy: &Option<PolicyName>| {
                policy.as_ref().map_or("none".to_owned(), |policy| format!("`{policy}`"))
            };
            let (now, then) = (ladder(&self.after.last_resort), ladder(&self.before.last_resort));
            said.push(format!("the last resort is {now}; before: {then}"));
        }
    }

    fn groups(&self, said: &mut Vec<String>) {
        for (name, new) in &self.after.groups {
            let Some(old) = self.before.groups.get(name) else { continue };
            let joins: Vec<_> = new.iter().filter(|person| !old.contains(person)).collect();
            let leaves: Vec<_> = old.iter().filter(|person| !new.contains(person)).collect();
            let mut what = Vec::new();
            if !joins.is_empty() {
                what.push(format!("{} joins", listed(&joins)));
            }
            if !leaves.is_empty() {
                what.push(format!("{} leaves", listed(&leaves)));
            }
            if !what.is_empty() {
                let alarms = self.after.alarms_that_call(
                    |recipient| matches!(recipient, Recipient::Group(group) if group == name),
                );
                said.push(format!("group `{name}`: {}{}", what.join(", "), concerned(&alarms)));
            }
        }
    }

    fn schedules(&self, said: &mut Vec<String>) {
        for (name, new) in &self.after.schedules {
            let Some(old) = self.before.schedules.get(name) else { continue };
            let differences = self.on_call_instead(old, new);
            let Some(first) = differences.first() else { continue };
            let alarms = concerned(&self.naming(name));
            let when = self.when(first.from, first.until);
            let (now, then) = (people(first.after), people(first.before));
            let mut sentence = format!("schedule `{name}`: {now} instead of {then} {when}");
            let later = differences.len().saturating_sub(1);
            if later > 0 {
                let day = self.shown(self.end());
                sentence.push_str(&format!(", and {later} later differences until {day}"));
            }
            said.push(format!("{sentence}{alarms}"));
            self.uncovered(name, &differences, said);
        }
    }

    /// The hours that somebody covered and nobody covers any more.
    fn uncovered(&self, name: &ScheduleId, differences: &[Difference<'_>], said: &mut Vec<String>) {
        let bare = |one: &&Difference<'_>| one.after.is_empty() && !one.before.is_empty();
        let uncovered: Vec<_> = differences.iter().filter(bare).collect();
        let Some(first) = uncovered.first() else { return };
        let whole = uncovered.iter().map(|one| one.from.until(one.until)).sum::<Duration>();
        let times = match uncovered.len() {
            1 => String::new(),
            many => format!(", {many} times in all"),
        };
        let when = self.when(first.from, first.until);
        let hours = whole.as_secs().div_ceil(3_600);
        let alarms = concerned(&self.naming(name));
        said.push(format!(
            "schedule `{name}` becomes uncovered {when}{times}, {hours} hours together{alarms}"
        ));
    }

    fn people(&self, said: &mut Vec<String>) {
        for (person, number) in &self.after.people {
            let Some(before) = self.before.people.get(person).filter(|before| *before != number)
            else {
                continue;
            };
            said.push(match (before, number) {
                (Some(_), Some(_)) => format!("{person} is called at another number"),
                (None, Some(_)) => format!("{person} has a number now, and can be called"),
                (Some(_) | None, None) => {
                    format!("{person} has no number any more, and is not called")
                }
            });
        }
    }

    fn naming(&self, name: &ScheduleId) -> BTreeSet<&DefinitionName> {
        let names = |recipient: &Recipient| match recipient {
            Recipient::Schedule(schedule) => schedule == name,
            Recipient::Person(_) | Recipient::Group(_) => false,
        };
        self.after.alarms_that_call(names)
    }

    /// Where two lists of stretches name other people.
    fn on_call_instead<'a>(&self, old: &'a [Stretch], new: &'a [Stretch]) -> Vec<Difference<'a>> {
        let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
        let mut at = self.before.from.max(self.after.from);
        let mut found: Vec<Difference<'a>> = Vec::new();
        while let (Some(before), Some(after)) = (old.peek(), new.peek()) {
            let until = before.until.min(after.until);
            if until > at && before.people != after.people {
                let (before, after) = (&*before.people, &*after.people);
                let goes_on = found.last_mut().filter(|last| {
                    last.until == at && last.before == before && last.after == after
                });
                match goes_on {
                    Some(last) => last.until = until,
                    None => found.push(Difference { from: at, until, before, after }),
                }
            }
            at = at.max(until);
            if before.until <= until {
                old.next();
            }
            if new.peek().is_some_and(|after| after.until <= until) {
                new.next();
            }
        }
        found
    }

    fn end(&self) -> Utc {
        self.before.until.min(self.after.until)
    }

    fn when(&self, from: Utc, until: Utc) -> String {
        let now = self.before.from.max(self.after.from);
        let from =
            if from <= now { "at once".to_owned() } else { format!("from {}", self.shown(from)) };
        if until >= self.end() {
            format!("{from} and for good")
        } else {
            format!("{from} until {}", self.shown(until))
        }
    }

    fn shown(&self, at: Utc) -> String {
        at.timestamp().to_zoned(self.zone.clone()).strftime("%a %F %H:%M").to_string()
    }
}

/// What differs between two ladders.
fn differences(old: &Policy, new: &Policy) -> Vec<String> {
    let mut what = Vec::new();
    let steps = old.steps.len().max(new.steps.len());
    for number in 0..steps {
        let step = number.saturating_add(1);
        match (old.steps.get(number), new.steps.get(number)) {
            (Some(old), Some(new)) if old != new => what.push(step_instead(step, old, new)),
            (None, Some(new)) => {
                what.push(format!("step {step} is new and calls {}", recipients(&new.notify)));
            }
            (Some(old), None) => {
                what.push(format!("step {step} is gone, which called {}", recipients(&old.notify)));
            }
            (Some(_) | None, Some(_) | None) => {}
        }
    }
    if old.acknowledge != new.acknowledge {
        let (new, old) = (asks(new.acknowledge), asks(old.acknowledge));
        what.push(format!("asks for {new} instead of {old}"));
    }
    if old.repeat != new.repeat {
        what.push(format!("repeat {} instead of {}", new.repeat, old.repeat));
    }
    let rest = Policy { steps: new.steps.clone(), ..old.clone() };
    let rest = Policy { acknowledge: new.acknowledge, repeat: new.repeat, ..rest };
    if rest != *new {
        what.push("other rules for what returns, or for who is called".to_owned());
    }
    what
}

fn step_instead(number: usize, old: &Step, new: &Step) -> String {
    let mut what = Vec::new();
    if old.notify != new.notify {
        let (new, old) = (recipients(&new.notify), recipients(&old.notify));
        what.push(format!("calls {new} instead of {old}"));
    }
    if old.by != new.by {
        what.push(format!("by {} instead of {}", channels(&new.by), channels(&old.by)));
    }
    if old.wait != new.wait {
        what.push(format!("waits {:#} instead of {:#}", span(new.wait), span(old.wait)));
    }
    format!("step {number} {}", what.join(" and "))
}
