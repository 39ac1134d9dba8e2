//! The service centre's time stamp (23.040 §9.2.3.11): local time, with its zone in quarters of an hour.
//!
//! Some networks and some modems write nonsense here. The seven octets are kept as they came, so that two copies
//! of one message still have equal stamps; the time in them is there, or is not. No message is lost for it.

use super::hex::to_hex;
use std::fmt;

/// The widest zone in use, UTC+14 as quarters of an hour.
const WIDEST: i8 = 14 * 4;

/// A time stamp as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeStamp([u8; 7]);

/// The time in a time stamp: what the clock on the wall of the service centre showed, and its zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Civil {
    /// The year, from 2000 to 2099: the stamp has two digits.
    pub year: i16,
    /// The month, from 1.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
    /// The hour, from 0 to 23.
    pub hour: u8,
    /// The minute, from 0 to 59.
    pub minute: u8,
    /// The second, from 0 to 59.
    pub second: u8,
    /// How far the zone is ahead of UTC, in quarters of an hour; negative to the west.
    pub zone: i8,
}

impl TimeStamp {
    /// The stamp of seven octets, whatever they say.
    #[must_use]
    pub fn from_octets(octets: [u8; 7]) -> Self {
        Self(octets)
    }

    /// The seven octets as they came.
    #[must_use]
    pub fn octets(self) -> [u8; 7] {
        self.0
    }

    /// The stamp that says this time; nothing if there is no such time.
    #[must_use]
    pub fn from_civil(time: Civil) -> Option<Self> {
        let year = u8::try_from(time.year.checked_sub(2000)?).ok()?;
        let sign = if time.zone < 0 { 0b1000 } else { 0 };
        let stamp = Self([
            swapped(year),
            swapped(time.month),
            swapped(time.day),
            swapped(time.hour),
            swapped(time.minute),
            swapped(time.second),
            swapped(time.zone.unsigned_abs()) | sign,
        ]);
        (stamp.civil() == Some(time)).then_some(stamp)
    }

    /// The stamp of a moment, in seconds since 1970 UTC, as a service centre writes it whose zone is so many
    /// quarters of an hour ahead of UTC; nothing if that is outside 2000 to 2099.
    #[must_use]
    pub fn from_unix(seconds: i64, zone: i8) -> Option<Self> {
        let local = seconds.checked_add(i64::from(zone) * 900)?;
        let (days, clock) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        let (year, month, day) = civil_from_days(days)?;
        Self::from_civil(Civil {
            year,
            month,
            day,
            hour: u8::try_from(clock / 3600).ok()?,
            minute: u8::try_from(clock / 60 % 60).ok()?,
            second: u8::try_from(clock % 60).ok()?,
            zone,
        })
    }

    /// The time, if the octets are one.
    #[must_use]
    pub fn civil(self) -> Option<Civil> {
        let [year, month, day, hour, minute, second, zone] = self.0;
        let quarters = i8::try_from(number(zone & !0b1000)?).ok()?;
        let time = Civil {
            year: 2000 + i16::from(number(year)?),
            month: number(month)?,
            day: number(day)?,
            hour: number(hour)?,
            minute: number(minute)?,
            second: number(second)?,
            zone: if zone & 0b1000 == 0 { quarters } else { -quarters },
        };
        let exists = (1..=12).contains(&time.month)
            && (1..=days_of_month(time.year, time.month)).contains(&time.day)
            && time.hour < 24
            && time.minute < 60
            && time.second < 60
            && quarters <= WIDEST;
        exists.then_some(time)
    }

    /// The moment, in seconds since 1970 UTC, if the octets are a time.
    #[must_use]
    pub fn unix_seconds(self) -> Option<i64> {
        let time = self.civil()?;
        let clock =
            i64::from(time.hour) * 3600 + i64::from(time.minute) * 60 + i64::from(time.second);
        Some(days_from_civil(time) * 86_400 + clock - i64::from(time.zone) * 900)
    }
}

impl fmt::Display for TimeStamp {
    /// As RFC 3339 writes it, or that it is unreadable.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(time) = self.civil() else {
            return write!(f, "unreadable time {}", to_hex(&self.0));
        };
        let Civil { year, month, day, hour, minute, second, zone } = time;
        let sign = if zone < 0 { '-' } else { '+' };
        let quarters = zone.unsigned_abs();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        write!(f, "{sign}{:02}:{:02}", quarters / 4, quarters % 4 * 15)
    }
}

/// The number in two swapped decimal digits.
fn number(octet: u8) -> Option<u8> {
    let (tens, units) = (octet & 0x0F, octet >> 4);
    (tens < 10 && units < 10).then_some(tens * 10 + units)
}

/// Two decimal digits, swapped.
fn swapped(number: u8) -> u8 {
    (number % 10) << 4 | (number / 10 % 10)
}

fn days_of_month(year: i16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        // From 2000 to 2099 every fourth year is a leap year.
        2 if year % 4 == 0 => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970 of a date from 2000 on.
fn days_from_civil(time: Civil) -> i64 {
    let years = i64::from(time.year) - 2000;
    let leap_days = (years + 3).div_euclid(4);
    let months: i64 = (1..time.month).map(|month| i64::from(days_of_month(time.year, month))).sum();
    DAYS_TO_2000 + years * 365 + leap_days + months + i64::from(time.day) - 1
}

const DAYS_TO_2000: i64 = 10_957;

/// The date of a day since 1970, within 2000 to 2099.
fn civil_from_days(days: i64) -> Option<(i16, u8, u8)> {
    let mut left = u32::try_from(days - DAYS_TO_2000).ok().filter(|left| *left < 36_525)?;
    let four_years = left / 1461;
    left %= 1461;
    let within = (left.saturating_sub(1) / 365).min(3);
    // The first of the four is the leap year: it has taken one day more.
    left -= within * 365 + u32::from(within > 0);
    let year = i16::try_from(2000 + four_years * 4 + within).ok()?;
    for month in 1..=12 {
        let length = u32::from(days_of_month(year, month));
        if left < length {
            return Some((year, month, u8::try_from(left + 1).ok()?));
        }
        left -= length;
    }
    None
}
