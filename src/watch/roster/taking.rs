//! `TAKE technique 18H`, `vigie take technique 18h`: somebody takes a schedule, from now on and for so long.

use std::time::Duration;

use super::{Change, Wish};
use crate::watch::answer::orders::plain;
use crate::watch::decision::{Outcome, Refusal};
use crate::watch::draft::Draft;
use crate::watch::name::{PersonId, ScheduleId};
use crate::watch::notification::Purpose;
use crate::watch::schedule::{Override, Schedule};
use crate::watch::site::{PhoneNumber, Right};
use crate::watch::swap::Said;
use crate::watch::time::Utc;

/// Whose shifts begin later than this hears of it by `ONCALL`.
const TOLD: Duration = Duration::from_secs(31 * 86_400);
/// Nobody takes a schedule for longer; the grammar of an SMS allows no more either.
pub(in crate::watch) const LONGEST: Duration = Duration::from_secs(366 * 86_400);

impl Draft<'_> {
    /// A person takes a schedule by SMS, and is told what came of it.
    pub(in crate::watch) fn take_by_message(
        &mut self,
        person: &PersonId,
        number: &PhoneNumber,
        schedule: &str,
        lasting: Duration,
    ) {
        // Numbered before those to others: who has asked waits for this.
        let id = self.next_notification();
        match self.take_schedule(person, schedule, lasting, Said::Message) {
            Ok(text) => self.owe_as(id, person, Purpose::Reply, None, text),
            Err(text) => self.explain(person, number, text),
        }
    }

    /// A person takes a schedule on the command line.
    pub(in crate::watch) fn wish(&mut self, wish: &Wish) -> Outcome {
        if !self.site.people.contains_key(&wish.person) {
            return Outcome::Refused(Refusal(format!("no person is called `{}`", wish.person)));
        }
        match self.take_schedule(&wish.person, &plain(&wish.schedule), wish.lasting, Said::Keyboard)
        {
            Ok(text) => Outcome::Done(text),
            Err(text) => Outcome::Refused(Refusal(text)),
        }
    }

    /// What the one who takes it is told; or why not.
    fn take_schedule(
        &mut self,
        person: &PersonId,
        called: &str,
        lasting: Duration,
        said: Said,
    ) -> Result<String, String> {
        let wording = self.wording(person);
        let Some((id, schedule)) = self.schedule_called(called) else {
            return Err(wording.no_such_schedule(called));
        };
        let known = self.site.people.get(person);
        let may = known.is_some_and(|known| known.may.contains(&Right::Take));
        if !may && !schedule.people().contains(person) {
            return Err(wording.may_not_take(id));
        }
        if self.state.roster().is_taken_too_often(id, said, self.now.utc) {
            return Err(wording.taken_too_often(id));
        }
        if lasting.is_zero() || lasting > LONGEST {
            return Err(wording.not_understood());
        }
        let by = Override {
            person: person.clone(),
            from: self.now.utc,
            until: self.now.utc.after(lasting),
        };
        Ok(self.schedule_taken((id, schedule), by, said))
    }

    fn schedule_taken(
        &mut self,
        (id, schedule): (&ScheduleId, &Schedule),
        by: Override,
        said: Said,
    ) -> String {
        let state = self.state;
        let before = state.roster().in_force(self.site, id, schedule);
        let relieved = relieved(&before, &by);
        let (person, until) = (by.person.clone(), by.until);
        let change = Change::Taken { schedule: id.clone(), by, by_message: said == Said::Message };
        let mut roster = state.roster().clone();
        roster.change(&change, self.now.utc);
        let after = roster.in_force(self.site, id, schedule);
        let then = after.on_call(until);
        self.rostered(change);
        for other in relieved {
            let text = self.wording(&other).relieved((id, &after), &person, until, &then);
            self.owe_notice(&other, text, Some(until));
        }
        self.look_at_cover(&roster);
        self.wording(&person).took((id, &after), until, &then)
    }
}

/// Those who would have been on call meanwhile.
fn relieved(before: &Schedule, by: &Override) -> Vec<PersonId> {
    let last: Utc = by.until.min(by.from.after(TOLD));
    let mut relieved: Vec<PersonId> = Vec::new();
    for other in before.stretches(by.from, last).into_iter().flat_map(|stretch| stretch.people) {
        if other != by.person && !relieved.contains(&other) {
            relieved.push(other);
        }
    }
    relieved
}
