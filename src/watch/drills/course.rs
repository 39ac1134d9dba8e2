//! The course of a drill: it is planned and begins, people answer, and whoever has not is told of.

use std::collections::BTreeSet;

use super::{ADRIFT, Asked, Course, Drill, Held, LATE, subject};
use crate::watch::codes::Code;
use crate::watch::decision::Fact;
use crate::watch::draft::Draft;
use crate::watch::name::{DrillName, PersonId};
use crate::watch::notification::Purpose;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::signal::Identity;
use crate::watch::site::{PhoneNumber, Site};
use crate::watch::time::{Moment, Utc, Wait};

impl Drill {
    /// The first time after that instant.
    fn next(&self, at: Utc) -> Utc {
        let first = self.wall.reached(self.times.first);
        if at < first { first } else { self.times.next(at, &self.wall) }
    }

    /// Where this is another, it is held at other times.
    fn identity(&self) -> Identity {
        Identity::of(&[format!("{:?} {:?}", self.times, self.wall).as_bytes()])
    }

    /// Everybody who takes part, each once.
    fn people(&self, site: &Site) -> Vec<PersonId> {
        site.everybody(&self.who)
    }
}

fn wait_until(now: Moment, due: Utc) -> Wait {
    now.wait(now.utc.until(due))
}

impl Draft<'_> {
    fn course(&mut self, course: Course) {
        self.fact(Fact::Drill(course));
    }

    /// The files are in force: their drills are held, and no others.
    pub(in crate::watch) fn plan_drills(&mut self) {
        let (state, site) = (self.state, self.site);
        for drill in state.drills.planned.keys().filter(|drill| !site.drills.contains_key(*drill)) {
            self.course(Course::Forgotten { drill: drill.clone() });
        }
        for (name, drill) in &site.drills {
            let times = drill.identity();
            if state.drills.planned.get(name).is_none_or(|planned| planned.times != times) {
                let next = wait_until(self.now, drill.next(self.now.utc));
                self.course(Course::Planned { drill: name.clone(), times, next });
            }
        }
        self.forget_silences();
    }

    /// The silence of who takes part no longer is over.
    fn forget_silences(&mut self) {
        let (state, site) = (self.state, self.site);
        let takes_part: BTreeSet<String> = site
            .drills
            .iter()
            .flat_map(|(name, drill)| {
                drill.people(site).into_iter().map(|person| subject(name, &person))
            })
            .collect();
        for silent in state.subjects(SelfAlarm::DrillUnanswered) {
            if !takes_part.contains(silent) {
                self.own(SelfSignal::cleared(SelfAlarm::DrillUnanswered, silent));
            }
        }
    }

    /// The wall clock was set: each drill waits for its time as the clock shows it now. One that it has passed by is due.
    pub(in crate::watch) fn wait_for_drills_anew(&mut self) {
        let state = self.state;
        for (name, planned) in &state.drills.planned {
            let due = planned.next.due;
            let next = Wait { due, ..wait_until(self.now, due) };
            if next.mono != planned.next.mono {
                self.course(Course::Waits { drill: name.clone(), next });
            }
        }
    }

    /// A drill begins, or the time to answer it is over.
    pub(in crate::watch) fn drill_due(&mut self, name: &DrillName) {
        let (state, site) = (self.state, self.site);
        let Some(planned) = state.drills.planned.get(name) else { return };
        let Some(drill) = site.drills.get(name) else {
            self.course(Course::Forgotten { drill: name.clone() });
            return;
        };
        if let Some(held) = state.drills.latest(name)
            && held.until.is_some_and(|until| until.mono <= self.now.mono)
        {
            self.drill_over(held);
            return;
        }
        let (drill_name, due) = (name.clone(), planned.next.due);
        if self.now.utc.until(due) > ADRIFT {
            // The clock was set back: its time has not come.
            let next = wait_until(self.now, due);
            self.course(Course::Waits { drill: drill_name, next });
            return;
        }
        let next = wait_until(self.now, drill.next(self.now.utc.max(due)));
        if due.until(self.now.utc) > LATE {
            self.course(Course::Skipped { drill: drill_name, due, next });
        } else {
            self.hold_drill(name, drill, due, next);
        }
    }

    fn hold_drill(&mut self, name: &DrillName, drill: &Drill, due: Utc, next: Wait) {
        if let Some(held) = self.state.drills.latest(name).filter(|held| held.until.is_some()) {
            self.drill_over(held);
        }
        let until = self.now.wait(drill.answer_within);
        let mut asked = Vec::new();
        for person in drill.people(self.site) {
            let known = self.site.people.get(&person);
            let code = known.and_then(|known| known.phone.as_ref()).map(|_| self.draw_code());
            asked.push(Asked { person, code, answered: None });
        }
        let begun = Course::Begun { drill: name.clone(), due, until, asked: asked.clone(), next };
        self.course(begun);
        for Asked { person, code, .. } in asked {
            let Some(code) = code else { continue };
            let text = self.wording(&person).drill(until.due, code);
            self.owe_until(&person, Purpose::Drill, text, until);
        }
    }

    /// Who has not answered is an alarm.
    fn drill_over(&mut self, held: &Held) {
        self.course(Course::Over { drill: held.drill.clone() });
        // Who has left the files since cannot answer any more.
        let site = self.site;
        let silent = held.asked.iter().filter(|asked| asked.answered.is_none());
        let silent = silent.filter(|asked| site.people.contains_key(&asked.person));
        for Asked { person, .. } in silent {
            let reason =
                self.site_wording().drill_unanswered(person, held.drill.as_str(), held.due);
            let silent = subject(&held.drill, person);
            self.own(SelfSignal::raised(SelfAlarm::DrillUnanswered, &silent, &reason));
        }
    }

    /// A person has sent this code; whether a drill of theirs has, or had it.
    pub(in crate::watch) fn answers_drill(
        &mut self,
        person: &PersonId,
        number: &PhoneNumber,
        code: Code,
    ) -> bool {
        let state = self.state;
        let theirs = |asked: &&Asked| asked.person == *person && asked.code == Some(code);
        let found = state
            .drills
            .ledger()
            .find_map(|held| held.asked.iter().find(theirs).map(|asked| (held, asked)));
        let Some((held, asked)) = found else { return false };
        let is_latest = state.drills.planned.contains_key(&held.drill)
            && state.drills.latest(&held.drill) == Some(held);
        if !is_latest {
            let text = self.wording(person).drill_is_over(held.due);
            self.explain(person, number, text);
            return true;
        }
        // Who has answered already asks, by answering again, whether that was heard.
        if asked.answered.is_some() && !self.may_ask(number) {
            return true;
        }
        if asked.answered.is_none() {
            let (drill, who) = (held.drill.clone(), person.clone());
            self.course(Course::Answered { drill, person: who });
            let silent = subject(&held.drill, person);
            if state.stands(SelfAlarm::DrillUnanswered, &silent) {
                self.own(SelfSignal::cleared(SelfAlarm::DrillUnanswered, &silent));
            }
        }
        let answered = asked.answered.unwrap_or(self.now.utc);
        let text = self.wording(person).drill_answered(answered);
        self.owe(person, Purpose::Reply, None, text);
        true
    }
}
