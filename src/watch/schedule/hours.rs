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
    /// Whether they never end: in every minute of a week one of the windows is open, whatever days are holidays.
    pub fn are_endless(&self) -> bool {
        let minutes = |day: usize, minute: u16| {
            let day = i32::try_from(day).unwrap_or(0);
            day.saturating_mul(i32::from(DAY)).saturating_add(i32::from(minute))
        };
        let week = minutes(7, 0);
        let mut open: Vec<(i32, i32)> = Vec::new();
        for window in &self.0 {
            let days = window.days.weekdays.iter().enumerate().filter(|(_, is_meant)| **is_meant);
            for (day, _) in days {
                let (from, until) = (minutes(day, window.from), minutes(day, window.until));
                // What goes on beyond Sunday is there on Monday.
                open.push((from, until));
                open.push((from.saturating_sub(week), until.saturating_sub(week)));
            }
        }
        open.sort_unstable();
        let reach =
            |end: i32, (from, until): (i32, i32)| if from <= end { end.max(until) } else { end };
        open.into_iter().fold(0, reach) >= week
    }

    /// Whether one of the windows is open.
    pub(in crate::watch) fn cover(&self, at: Utc, wall: &Wall, holidays: &Holidays) -> bool {
        let shown = wall.shows(at);
        // Where the clock was put back it has shown later times than it shows now: then each is asked for when it was reached.
        let is_second_time = wall.reached(shown) < at;
        let (today, now) = (shown.date(), seconds(shown));
        // One may have begun the day before; and where the clock was put back over midnight, today is yesterday once more.
        around(today).any(|(offset, day)| {
            self.0.iter().any(|window| {
                let is_reached = |minute: u16| {
                    if is_second_time {
                        wall.reached(on_the_wall(day, minute)) <= at
                    } else {
                        begins(offset, minute) <= now
                    }
                };
                is_reached(window.from)
                    && !is_reached(window.until)
                    && window.days.have(day, holidays)
            })
        })
    }

    /// The first instant after this one at which a window may open or close: not later than after a day.
    pub(in crate::watch) fn next_change(&self, at: Utc, wall: &Wall) -> Utc {
        let shown = wall.shows(at);
        let (today, mut passed) = (shown.date(), seconds(shown));
        // Of what the clock has yet to show, the first; unless it was put back, and has shown it before.
        while let Some((first, day, minute)) = self.first_after(today, passed) {
            let change = wall.reached(on_the_wall(day, minute));
            if change > at {
                return change;
            }
            passed = first;
        }
        at.after(std::time::Duration::from_secs(24 * 3_600))
    }

    /// The first end of a window, or midnight, beyond so many seconds after midnight of that day: when, and on which day at which minute.
    fn first_after(&self, today: Date, passed: i32) -> Option<(i32, Date, u16)> {
        let ends = || self.0.iter().flat_map(|window| [window.from, window.until]).chain([DAY]);
        let all = around(today).flat_map(|(offset, day)| {
            ends().map(move |minute| (begins(offset, minute), day, minute))
        });
        all.filter(|(begins, ..)| *begins > passed).min_by_key(|(begins, ..)| *begins)
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

/// Yesterday, today and tomorrow, each with how many days it is from today.
fn around(today: Date) -> impl Iterator<Item = (i32, Date)> {
    (-1..=1).filter_map(move |offset: i32| {
        today.checked_add(i64::from(offset).days()).ok().map(|day| (offset, day))
    })
}

/// So many seconds the wall shows past midnight; a fraction is as good as the second that it begins.
fn seconds(shown: DateTime) -> i32 {
    let (hour, minute) = (i32::from(shown.hour()), i32::from(shown.minute()));
    hour.saturating_mul(3_600)
        .saturating_add(minute.saturating_mul(60))
        .saturating_add(i32::from(shown.second()))
}

/// The same of a minute of a day that is so many days from today.
fn begins(offset: i32, minute: u16) -> i32 {
    offset.saturating_mul(24 * 60).saturating_add(i32::from(minute)).saturating_mul(60)
}

/// So many minutes after midnight, on the wall.
fn on_the_wall(day: Date, minute: u16) -> DateTime {
    let midnight = day.to_datetime(Time::midnight());
    midnight.checked_add(i64::from(minute).minutes()).unwrap_or(DateTime::MAX)
}
