//! Who is on call, at any instant (behaviour §7).
//!
//! A schedule is layers of rotations in a time zone, with overrides on top: the last override wins, then the highest layer in which
//! somebody is on call; rotations of one layer stand beside each other. It is a function of the instant and of nothing else: who was on
//! call is computed as who will be. Nobody is on call where nothing covers the instant, and that is said, never filled in.
//!
//! # Decision (2026-11-27): a wall clock's time is the first instant at which it has been reached
//!
//! Turns, hours and overrides are written as a clock on the wall shows them, in a zone whose clocks are put forward and back. Their
//! instant is the first at which that clock has reached them ([`Wall::reached`]): one that is skipped (02:30 in a night of spring) is
//! when the clock is put forward, one that comes twice is its first coming. So 08:00 stays 08:00, turns keep their order, nobody is
//! handed over back and forth, and a handover happens once. Rejected: comparing the wall clock's reading, which goes back in autumn.

mod holidays;
mod hours;
mod rotation;
mod wall;

use serde::{Deserialize, Serialize};

use super::name::PersonId;
use super::time::Utc;

pub use holidays::{Calendar, Holidays};
pub use hours::{DAY, Days, Hours, Window};
pub use rotation::{Every, Rotation, Turns};
pub use wall::Wall;

/// Who is on call, at any instant.
#[derive(Clone, PartialEq, Debug)]
pub struct Schedule {
    /// In whose clocks everything is written.
    pub wall: Wall,
    /// The days that `holidays` means.
    pub holidays: Holidays,
    /// Those who take turns, in the order of the file.
    pub rotations: Vec<Rotation>,
    /// Those who stand in, the last one first.
    pub overrides: Vec<Override>,
}

/// Somebody stands in for whoever else would be on call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Override {
    /// Who.
    pub person: PersonId,
    /// From this instant.
    pub from: Utc,
    /// Until this one, which is no longer theirs.
    pub until: Utc,
}

/// For so long the same people are on call.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Stretch {
    /// From this instant.
    pub from: Utc,
    /// Until this one.
    pub until: Utc,
    /// Who; empty where nobody is.
    pub people: Vec<PersonId>,
}

impl Schedule {
    /// The same people at all times.
    pub fn always(people: Vec<PersonId>) -> Self {
        let rotation =
            Rotation { people, turns: None, hours: None, layer: 1, from: None, until: None };
        Self {
            wall: Wall::of(jiff::tz::TimeZone::UTC),
            holidays: Holidays::default(),
            rotations: vec![rotation],
            overrides: Vec::new(),
        }
    }

    /// Everybody who is on call at some time, each once, in the order of the file.
    pub fn people(&self) -> Vec<PersonId> {
        let mut people: Vec<PersonId> = Vec::new();
        let rotating = self.rotations.iter().flat_map(|rotation| &rotation.people);
        for person in rotating.chain(self.overrides.iter().map(|one| &one.person)) {
            if !people.contains(person) {
                people.push(person.clone());
            }
        }
        people
    }

    /// The people who are on call at that instant, each once, in the order of the file.
    pub fn on_call(&self, at: Utc) -> Vec<PersonId> {
        if let Some(standing_in) = self.overrides.iter().find(|one| one.covers(at)) {
            return vec![standing_in.person.clone()];
        }
        let mut layer = None;
        let mut people: Vec<PersonId> = Vec::new();
        for rotation in &self.rotations {
            if layer.is_some_and(|layer| rotation.layer < layer) {
                continue;
            }
            let on_call = rotation.on_call(at, &self.wall, &self.holidays);
            if on_call.is_empty() {
                continue;
            }
            if layer.replace(rotation.layer) != Some(rotation.layer) {
                people.clear();
            }
            for person in on_call {
                if !people.contains(person) {
                    people.push(person.clone());
                }
            }
        }
        people
    }

    /// The first instant after this one at which somebody else may be on call; `None` where nothing will ever change.
    pub fn next_change(&self, at: Utc) -> Option<Utc> {
        let overrides = self.overrides.iter().flat_map(|one| [one.from, one.until]);
        let overrides = overrides.filter(|change| *change > at);
        let rotations =
            self.rotations.iter().filter_map(|rotation| rotation.next_change(at, &self.wall));
        overrides.chain(rotations).min()
    }

    /// Who is on call from one instant to another, stretch by stretch, without a gap.
    pub fn stretches(&self, from: Utc, until: Utc) -> Vec<Stretch> {
        let mut stretches: Vec<Stretch> = Vec::new();
        let mut at = from;
        while at < until {
            let end = self.next_change(at).map_or(until, |change| change.min(until));
            let people = self.on_call(at);
            match stretches.last_mut().filter(|last| last.people == people) {
                Some(last) => last.until = end,
                None => stretches.push(Stretch { from: at, until: end, people }),
            }
            at = end;
        }
        stretches
    }
}

impl Override {
    fn covers(&self, at: Utc) -> bool {
        self.from <= at && at < self.until
    }
}
