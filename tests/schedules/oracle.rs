//! The second writing: it walks, minute by minute, beside a clock on a wall that is never put back. What that clock has reached has
//! begun, and what it has not has not.
//!
//! Of the library it takes the zone's offset and nothing else: days, months and holidays are counted here.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use vigie::watch::name::PersonId;

use crate::random::{Plan, PlannedRotation, PlannedTurn, WallMinute};

pub(crate) struct Oracle<'p> {
    plan: &'p Plan,
    zone: &'p TimeZone,
    /// The latest that the wall has ever shown.
    reached: WallMinute,
    /// The holidays of these years, in days since 1970: counted once.
    holidays: HashSet<i64>,
    /// Of each rotation, which turn of months it was last.
    months: Vec<i64>,
}

impl<'p> Oracle<'p> {
    pub(crate) fn new(plan: &'p Plan, zone: &'p TimeZone, begin: i64) -> Self {
        let around = begin / 1_440 - 2..begin / 1_440 + 2 * 365 + 2;
        let holidays = around.filter(|day| plan.knows_holidays && is_holiday(*day)).collect();
        let months = vec![0; plan.rotations.len()];
        let mut oracle = Self { plan, zone, reached: WallMinute::MIN, holidays, months };
        // It has hung there for a day: it may just have been put back.
        (begin - 1_440..begin).for_each(|minute| oracle.look(minute));
        oracle
    }

    fn look(&mut self, minute: i64) {
        let at = Timestamp::from_second(minute * 60).unwrap();
        let offset = i64::from(self.zone.to_offset(at).seconds());
        self.reached = self.reached.max((minute * 60 + offset).div_euclid(60));
    }

    /// Who is on call at this minute, which follows the last one that was asked for.
    pub(crate) fn at(&mut self, minute: i64) -> Vec<PersonId> {
        self.look(minute);
        let now = self.reached;
        let standing_in =
            self.plan.overrides.iter().rfind(|(_, from, until)| (*from..*until).contains(&now));
        if let Some((person, ..)) = standing_in {
            return vec![person.clone()];
        }
        for layer in (1..=3).rev() {
            let mut people: Vec<PersonId> = Vec::new();
            for (place, rotation) in self.plan.rotations.iter().enumerate() {
                if rotation.layer != layer {
                    continue;
                }
                for person in self.of(rotation, place, now) {
                    if !people.contains(person) {
                        people.push(person.clone());
                    }
                }
            }
            if !people.is_empty() {
                return people;
            }
        }
        Vec::new()
    }

    fn of(
        &mut self,
        rotation: &'p PlannedRotation,
        place: usize,
        now: WallMinute,
    ) -> &'p [PersonId] {
        let is_in_force = rotation.from.is_none_or(|from| from <= now)
            && rotation.until.is_none_or(|until| now < until);
        let today = now.div_euclid(1_440);
        let is_open = rotation.windows.as_ref().is_none_or(|windows| {
            windows.iter().any(|window| {
                [today - 1, today].into_iter().any(|day| {
                    let weekday = (day + 3).rem_euclid(7) as usize;
                    let is_one = window.holidays && self.holidays.contains(&day);
                    let has_begun = day * 1_440 + i64::from(window.from) <= now;
                    let has_ended = day * 1_440 + i64::from(window.until) <= now;
                    (window.weekdays[weekday] || is_one) && has_begun && !has_ended
                })
            })
        });
        if !is_in_force || !is_open {
            return &[];
        }
        let Some((first, turn)) = rotation.turns else { return &rotation.people };
        let number = match turn {
            PlannedTurn::Hours(hours) => (now - first).div_euclid(i64::from(hours) * 60),
            PlannedTurn::Days(days) => (now - first).div_euclid(i64::from(days) * 1_440),
            PlannedTurn::Months(months) => {
                self.months[place] = month_turns(first, i64::from(months), now, self.months[place]);
                self.months[place]
            }
        };
        let whose = number.rem_euclid(rotation.people.len() as i64) as usize;
        &rotation.people[whose..=whose]
    }
}

/// How many turns of so many months have begun since the first, which is number 0; it was `number` before.
fn month_turns(first: WallMinute, months: i64, now: WallMinute, mut number: i64) -> i64 {
    let (year, month, day) = civil(first.div_euclid(1_440));
    let begins = |number: i64| {
        let since = year * 12 + (month - 1) + number * months;
        let (year, month) = (since.div_euclid(12), since.rem_euclid(12) + 1);
        let day = day.min(length(year, month));
        days(year, month, day) * 1_440 + first.rem_euclid(1_440)
    };
    while begins(number) > now {
        number -= 1;
    }
    while begins(number + 1) <= now {
        number += 1;
    }
    number
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn length(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01, counted.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let years: i64 = (1970..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum();
    let months: i64 = (1..month).map(|month| length(year, month)).sum();
    years + months + day - 1
}

fn civil(mut left: i64) -> (i64, i64, i64) {
    let (mut year, mut month) = (1970, 1);
    while left >= if is_leap(year) { 366 } else { 365 } {
        left -= if is_leap(year) { 366 } else { 365 };
        year += 1;
    }
    while left >= length(year, month) {
        left -= length(year, month);
        month += 1;
    }
    (year, month, left + 1)
}

/// The holidays of France, as lists have them; Easter Sundays from the almanac.
fn is_holiday(day: i64) -> bool {
    const EASTERS: [(i64, i64, i64); 15] = [
        (2009, 4, 12),
        (2010, 4, 4),
        (2011, 4, 24),
        (2012, 4, 8),
        (2013, 3, 31),
        (2017, 4, 16),
        (2018, 4, 1),
        (2019, 4, 21),
        (2024, 3, 31),
        (2025, 4, 20),
        (2026, 4, 5),
        (2027, 3, 28),
        (2028, 4, 16),
        (2029, 4, 1),
        (2030, 4, 21),
    ];
    let (year, month, of_month) = civil(day);
    let easter = EASTERS.iter().find(|(known, ..)| *known == year).unwrap();
    let easter = days(easter.0, easter.1, easter.2);
    [1, 39, 50].contains(&(day - easter))
        || [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
            .contains(&(month, of_month))
}
