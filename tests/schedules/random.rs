//! Schedules that the dice have made, in numbers: minutes of the wall since 1970, as no calendar library has seen them.

use std::num::NonZeroU32;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use vigie::watch::name::PersonId;
use vigie::watch::schedule::{
    Calendar, Days, Every, Holidays, Hours, Override, Rotation, Schedule, Turns, Wall, Window,
};
use vigie::watch::time::Utc;

use crate::dice::Dice;

/// Minutes of the wall since 1970-01-01 00:00 there.
pub(crate) type WallMinute = i64;

#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) rotations: Vec<PlannedRotation>,
    /// Person, from, until, in minutes of the wall; the last wins.
    pub(crate) overrides: Vec<(PersonId, WallMinute, WallMinute)>,
    pub(crate) knows_holidays: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct PlannedRotation {
    pub(crate) people: Vec<PersonId>,
    pub(crate) turns: Option<(WallMinute, PlannedTurn)>,
    pub(crate) windows: Option<Vec<PlannedWindow>>,
    pub(crate) layer: u32,
    pub(crate) from: Option<WallMinute>,
    pub(crate) until: Option<WallMinute>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum PlannedTurn {
    Months(u32),
    Days(u32),
    Hours(u32),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct PlannedWindow {
    pub(crate) weekdays: [bool; 7],
    pub(crate) holidays: bool,
    pub(crate) from: u16,
    pub(crate) until: u16,
}

/// A plan for the two years from this minute on.
pub(crate) fn plan(dice: &mut Dice, begin: i64) -> Plan {
    let rotations = (0..=dice.below(3)).map(|_| rotation(dice, begin)).collect();
    let overrides = (0..dice.below(6)).map(|_| {
        let from = begin + some(dice, 700 * 1_440);
        (person(dice), from, from + 1 + some(dice, 3 * 1_440))
    });
    Plan { rotations, overrides: overrides.collect(), knows_holidays: dice.below(2) == 0 }
}

fn rotation(dice: &mut Dice, begin: i64) -> PlannedRotation {
    let mut people: Vec<PersonId> = Vec::new();
    for _ in 0..=dice.below(4) {
        let person = person(dice);
        if !people.contains(&person) {
            people.push(person);
        }
    }
    let turn = match dice.below(4) {
        0 => PlannedTurn::Months(1 + some(dice, 3) as u32),
        1 => PlannedTurn::Days(1 + some(dice, 15) as u32),
        2 => PlannedTurn::Days(7),
        _ => PlannedTurn::Hours(1 + some(dice, 36) as u32),
    };
    // Half of them at the hours at which clocks are put forward and back.
    let minute = if dice.below(2) == 0 { some(dice, 4 * 60) } else { some(dice, 1_440) };
    let day = begin / 1_440 - 40 + some(dice, 80);
    let turns = (dice.below(3) > 0).then_some((day * 1_440 + minute, turn));
    let windows = (dice.below(2) == 0).then(|| (0..=dice.below(3)).map(|_| window(dice)).collect());
    let mut maybe =
        |days: i64| (dice.below(4) == 0).then(|| begin + days * 1_440 + some(dice, 200 * 1_440));
    let (from, until) = (maybe(0), maybe(400));
    PlannedRotation { people, turns, windows, layer: 1 + some(dice, 3) as u32, from, until }
}

fn window(dice: &mut Dice) -> PlannedWindow {
    let weekdays = [(); 7].map(|()| dice.below(2) == 0);
    let from = if dice.below(2) == 0 { some(dice, 240) } else { some(dice, 1_440) };
    let until = from + 1 + some(dice, 1_440);
    PlannedWindow { weekdays, holidays: dice.below(2) == 0, from: from as u16, until: until as u16 }
}

fn person(dice: &mut Dice) -> PersonId {
    PersonId::new(["ana", "bob", "cem", "dot", "eva"][dice.below(5)])
}

fn some(dice: &mut Dice, below: i64) -> i64 {
    i64::try_from(dice.below(usize::try_from(below).unwrap())).unwrap()
}

impl Plan {
    /// The same for the daemon.
    pub(crate) fn schedule(&self, zone: &TimeZone) -> Schedule {
        let wall = Wall::of(zone.clone());
        let reached = |minute: WallMinute| -> Utc { wall.reached(date_time(minute)) };
        let overrides = self.overrides.iter().rev().map(|(person, from, until)| Override {
            person: person.clone(),
            from: reached(*from),
            until: reached(*until),
        });
        let rotations = self.rotations.iter().map(|planned| Rotation {
            people: planned.people.clone(),
            turns: planned.turns.map(|(first, turn)| Turns {
                first: date_time(first),
                every: match turn {
                    PlannedTurn::Months(many) => Every::Months(NonZeroU32::new(many).unwrap()),
                    PlannedTurn::Days(many) => Every::Days(NonZeroU32::new(many).unwrap()),
                    PlannedTurn::Hours(many) => Every::Hours(NonZeroU32::new(many).unwrap()),
                },
            }),
            hours: planned.windows.as_ref().map(|windows| {
                let window = |window: &PlannedWindow| Window {
                    days: Days { weekdays: window.weekdays, holidays: window.holidays },
                    from: window.from,
                    until: window.until,
                };
                Hours(windows.iter().map(window).collect())
            }),
            layer: planned.layer,
            from: planned.from.map(reached),
            until: planned.until.map(reached),
        });
        let calendars = if self.knows_holidays { vec![Calendar::France] } else { Vec::new() };
        Schedule {
            holidays: Holidays(calendars),
            rotations: rotations.collect(),
            overrides: overrides.collect(),
            wall: wall.clone(),
        }
    }
}

/// What a wall shows so many minutes after 1970-01-01 00:00.
fn date_time(minute: WallMinute) -> DateTime {
    let days: Span = minute.div_euclid(1_440).days();
    let day: Date = Date::constant(1970, 1, 1).checked_add(days).unwrap();
    let minute = minute.rem_euclid(1_440);
    day.at((minute / 60) as i8, (minute % 60) as i8, 0, 0)
}
