//! The hours of the week at which a rotation is on call.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time, Weekday};

use super::{Holidays, Wall};
use crate::watch::time::Utc;

/// So many minutes has a day on the wall.
pub const DAY: u16 = 24 * 60;

/// Hours of the week: any of these windows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hours(pub Vec<Window>);

/// A part of certain days.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    /// On which days it begins.
    pub days: Days,
    /// When it begins, in minutes from midnight.
    pub from: u16,
    /// When it ends, in minutes from midnight of the day on which it began; on the next day from [`DAY`] on.
    pub until: u16,
}

/// Days of the week, and holidays.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Days {
    /// One for each day of the week, Monday first.
    pub weekdays: [bool; 7],
    /// Also holidays, whatever day of the week they are.
    pub holidays: bool,
}

impl Hours {
    /// Whether one of the windows is open.
    pub(in crate::watch) fn cover(&self, at: Utc, wall: &Wall, holidays: &Holidays) -> bool {
        let today = wall.shows(at).date();
        // One may have begun the day before; and where the clock was put back over midnight, today is yesterday once more.
        let days = around(today);
        self.0.iter().any(|window| {
            days.clone().any(|day| {
                window.days.have(day, holidays)
                    && wall.reached(on_the_wall(day, window.from)) <= at
                    && at < wall.reached(on_the_wall(day, window.until))
            })
        })
    }

    /// The first instant after this one at which a window may open or close: not later than after a day.
    pub(in crate::watch) fn next_change(&self, at: Utc, wall: &Wall) -> Utc {
        let today = wall.shows(at).date();
        let ends = self.0.iter().flat_map(|window| {
            around(today).flat_map(|day| {
                [window.from, window.until].map(|minute| wall.reached(on_the_wall(day, minute)))
            })
        });
        let midnights = around(today).map(|day| wall.reached(on_the_wall(day, DAY)));
        let next = ends.chain(midnights).filter(|change| *change > at).min();
        next.unwrap_or_else(|| at.after(std::time::Duration::from_secs(24 * 3_600)))
    }
}

impl Days {
    fn have(&self, day: Date, holidays: &Holidays) -> bool {
        let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] = self.weekdays;
        let is_weekday = match day.weekday() {
            Weekday::Monday => monday,
            Weekday::Tuesday => tuesday,
            Weekday::Wednesday => wednesday,
            Weekday::Thursday => thursday,
            Weekday::Friday => friday,
            Weekday::Saturday => saturday,
            Weekday::Sunday => sunday,
        };
        is_weekday || (self.holidays && holidays.have(day))
    }
}

/// Yesterday, today and tomorrow.
fn around(today: Date) -> impl Iterator<Item = Date> + Clone {
    (-1..=1).filter_map(move |days: i64| today.checked_add(days.days()).ok())
}

/// So many minutes after midnight, on the wall.
fn on_the_wall(day: Date, minute: u16) -> DateTime {
    let midnight = day.to_datetime(Time::midnight());
    midnight.checked_add(i64::from(minute).minutes()).unwrap_or(DateTime::MAX)
}
