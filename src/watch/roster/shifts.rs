//! Shifts: for how long somebody is on call, alone.

use std::time::Duration;

use jiff::civil::{Date, Time};

use super::Shift;
use crate::watch::name::PersonId;
use crate::watch::schedule::Schedule;
use crate::watch::time::Utc;

/// So far a shift is looked for.
const AHEAD: Duration = Duration::from_secs(366 * 86_400);
/// So many changes are looked at; a schedule of hours has four a day.
const CHANGES: usize = 4_000;

impl Schedule {
    /// Until when the same people are on call as at that instant; `None`: for a year at least.
    pub fn same_until(&self, at: Utc) -> Option<Utc> {
        let (people, end) = (self.on_call(at), at.after(AHEAD));
        let mut next = at;
        for _ in 0..CHANGES {
            next = self.next_change(next).filter(|change| *change < end)?;
            if self.on_call(next) != people {
                return Some(next);
            }
        }
        Some(next)
    }

    /// The shifts of a person from that instant on, in order: when they are on call and nobody beside them.
    fn shifts(&self, person: &PersonId, from: Utc) -> impl Iterator<Item = Shift> {
        let end = from.after(AHEAD);
        let mut next = Some(from);
        std::iter::from_fn(move || {
            for _ in 0..CHANGES {
                let at = next.filter(|at| *at < end)?;
                let until = self.same_until(at);
                next = until;
                if self.on_call(at) == std::slice::from_ref(person) {
                    return Some(Shift { from: at, until: until.unwrap_or(end) });
                }
            }
            None
        })
    }

    /// The shift of a person that begins on that day, or is under way on it; of one that is under way now, what is left.
    pub(super) fn shift_on(&self, person: &PersonId, day: Date, now: Utc) -> Option<Shift> {
        let midnight = |day: Date| self.wall.reached(day.to_datetime(Time::midnight()));
        let (begins, ends) = (midnight(day), midnight(day.tomorrow().ok()?));
        let today = self.shifts(person, now).take_while(|shift| shift.from < ends);
        let mut under_way = None;
        for shift in today.filter(|shift| shift.until > begins) {
            if shift.from >= begins {
                return Some(shift);
            }
            under_way = Some(shift);
        }
        under_way
    }

    /// The next shift of a person that begins after now and has nothing of another.
    pub(super) fn next_shift(&self, person: &PersonId, besides: Shift, now: Utc) -> Option<Shift> {
        let is_apart = |shift: &Shift| shift.until <= besides.from || besides.until <= shift.from;
        self.shifts(person, now).find(|shift| shift.from > now && is_apart(shift))
    }
}
