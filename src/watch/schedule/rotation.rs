//! Those who take turns: whose turn it is, and when it is handed over.

use std::num::NonZeroU32;

use jiff::civil::{DateTime, DateTimeDifference};
use jiff::{Span, Unit};

use super::{Holidays, Hours, Wall};
use crate::watch::name::PersonId;
use crate::watch::time::Utc;

/// Those who take turns, or are on call together.
#[derive(Clone, PartialEq, Debug)]
pub struct Rotation {
    /// Who, in the order of their turns.
    pub people: Vec<PersonId>,
    /// Whose turn it is; `None`: all are on call together.
    pub turns: Option<Turns>,
    /// At which hours; `None`: at all.
    pub hours: Option<Hours>,
    /// Above which others it stands.
    pub layer: u32,
    /// Before this it is not in force.
    pub from: Option<Utc>,
    /// From this on it is in force no longer.
    pub until: Option<Utc>,
}

/// Whose turn it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Turns {
    /// When the first one's first turn begins, on the wall.
    pub first: DateTime,
    /// How long a turn is.
    pub every: Every,
}

/// How long a turn is, on the wall.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Every {
    /// Months; a day that a month has not is its last.
    Months(NonZeroU32),
    /// Days of the calendar, however many hours they have.
    Days(NonZeroU32),
    /// Hours that the clock shows.
    Hours(NonZeroU32),
}

impl Rotation {
    /// Who of them is on call.
    pub(super) fn on_call(&self, at: Utc, wall: &Wall, holidays: &Holidays) -> &[PersonId] {
        let is_in_force =
            self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until);
        let is_at_work = self.hours.as_ref().is_none_or(|hours| hours.cover(at, wall, holidays));
        if !is_in_force || !is_at_work {
            return &[];
        }
        let Some(turns) = &self.turns else { return &self.people };
        let Ok(people) = i64::try_from(self.people.len()) else { return &[] };
        let whose = turns.number(at, wall).checked_rem_euclid(people).unwrap_or(0);
        let whose = usize::try_from(whose).ok().and_then(|whose| self.people.get(whose));
        whose.map_or(&[], std::slice::from_ref)
    }

    /// The first instant after this one at which somebody else of them may be on call.
    pub(super) fn next_change(&self, at: Utc, wall: &Wall) -> Option<Utc> {
        let force = [self.from, self.until].into_iter().flatten().filter(|change| *change > at);
        let turn = self.turns.as_ref().map(|turns| turns.next(at, wall));
        let hours = self.hours.as_ref().map(|hours| hours.next_change(at, wall));
        force.chain(turn).chain(hours).filter(|change| *change > at).min()
    }
}

impl Turns {
    /// Which turn it is, from 0 for the first.
    fn number(&self, at: Utc, wall: &Wall) -> i64 {
        let mut number = self.estimate(wall.shows(at));
        // Off by what the clocks were put back, at most.
        while self.begins(number, wall) > at {
            number = number.saturating_sub(1);
        }
        while self.begins(number.saturating_add(1), wall) <= at {
            number = number.saturating_add(1);
        }
        number
    }

    /// When the turn after this instant begins.
    pub(in crate::watch) fn next(&self, at: Utc, wall: &Wall) -> Utc {
        self.begins(self.number(at, wall).saturating_add(1), wall)
    }

    fn begins(&self, number: i64, wall: &Wall) -> Utc {
        let end = if number < 0 { Utc::from_micros(i64::MIN) } else { Utc::from_micros(i64::MAX) };
        let many = |length: NonZeroU32| number.checked_mul(i64::from(length.get()));
        let span = match self.every {
            Every::Months(length) => many(length).and_then(|n| Span::new().try_months(n).ok()),
            Every::Days(length) => many(length).and_then(|n| Span::new().try_days(n).ok()),
            Every::Hours(length) => many(length).and_then(|n| Span::new().try_hours(n).ok()),
        };
        let begins = span.and_then(|span| self.first.checked_add(span).ok());
        begins.map_or(end, |begins| wall.reached(begins))
    }

    fn estimate(&self, shown: DateTime) -> i64 {
        let (length, unit) = match self.every {
            Every::Months(months) => (months, Unit::Month),
            Every::Days(days) => (days, Unit::Day),
            Every::Hours(hours) => (hours, Unit::Hour),
        };
        let passed = self.first.until(DateTimeDifference::new(shown).largest(unit));
        let passed = passed.map_or(0, |span| match self.every {
            Every::Months(_) => i64::from(span.get_months()),
            Every::Days(_) => i64::from(span.get_days()),
            Every::Hours(_) => i64::from(span.get_hours()),
        });
        passed.div_euclid(i64::from(length.get()))
    }
}
