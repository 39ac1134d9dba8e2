//! Who is on call by the schedule: whoever has taken it last, for as long as they said (behaviour §6, §7).

use std::time::Duration;

use vigie::watch::decision::Fact;
use vigie::watch::roster::Wish;
use vigie::watch::site::Right;
use vigie::watch::time::{Moment, Utc};

use super::Model;
use crate::site::{DUTY, ON_DUTY};

/// So many are remembered.
const REMEMBERED: usize = 64;

/// That somebody has taken the schedule.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    person: String,
    from: Utc,
    until: Utc,
}

impl Model {
    pub(super) fn wish(&mut self, wish: &Wish, now: Moment) {
        self.takes_over(wish.person.as_str(), &wish.schedule, wish.lasting, now);
    }

    /// Who has a turn in it may take it, and who bears the right.
    pub(super) fn takes_over(
        &mut self,
        person: &str,
        schedule: &str,
        lasting: Duration,
        now: Moment,
    ) {
        let may = person == DUTY || self.plan.may(person, Right::Take);
        if may && schedule.eq_ignore_ascii_case("duty") {
            let (from, until) = (now.utc, now.utc.after(lasting));
            self.taken.insert(0, Taken { person: person.to_owned(), from, until });
            self.taken.truncate(REMEMBERED);
            self.counts.taken += 1;
        }
    }

    /// Whenever the roster changes, what is past is forgotten.
    pub(super) fn forget_the_past(&mut self, facts: &[Fact], now: Moment) {
        if facts.iter().any(|fact| matches!(fact, Fact::Rostered(_))) {
            self.taken.retain(|taken| taken.until > now.utc);
        }
    }

    /// Those whom a step names, each once.
    pub(super) fn named(&self, step: &[&str], now: Moment) -> Vec<String> {
        let mut people: Vec<String> = Vec::new();
        for name in step {
            let person = if *name == ON_DUTY { self.on_duty(now.utc) } else { (*name).to_owned() };
            if !people.contains(&person) {
                people.push(person);
            }
        }
        people
    }

    /// The latest who has taken it, and has a number; else the one whose turn it is.
    fn on_duty(&self, at: Utc) -> String {
        let has_number = |person: &str| {
            self.plan.people.iter().any(|(known, phone)| *known == person && phone.is_some())
        };
        let covers = |taken: &&Taken| taken.from <= at && at < taken.until;
        let taken = self.taken.iter().filter(covers).find(|taken| has_number(&taken.person));
        taken.map_or_else(|| DUTY.to_owned(), |taken| taken.person.clone())
    }
}
