//! The time that a payload gives: an instant where it says which, a wall clock where it does not.
//!
//! Many small devices have no clock, and count from 1970 until somebody tells them the time. What lies before the year 2000 is
//! such a count and no time: it is left out, so that no alarm is dated half a century back. No time is ever made up here.

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp, Unit};

/// When something was, by the sender's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceTime {
    /// An instant.
    Instant(Timestamp),
    /// What the sender's wall clock showed, in a time zone that it does not tell: Tasmota's `Time`.
    Local(DateTime),
}

/// 2000-01-01T00:00:00Z, in seconds.
const FIRST: i64 = 946_684_800;

/// The longest text that is read as a time.
const LONGEST: usize = 64;

impl SourceTime {
    /// From milliseconds since 1970.
    pub(crate) fn from_milliseconds(count: u64) -> Option<Self> {
        instant(count).map(Self::Instant)
    }

    /// From seconds since 1970, to the millisecond: a fraction in binary has digits that no clock showed.
    pub(crate) fn from_seconds(count: f64) -> Option<Self> {
        let since = SignedDuration::try_from_secs_f64(count).ok()?;
        let instant = Timestamp::from_duration(since).ok()?.round(Unit::Millisecond).ok()?;
        Some(instant).filter(is_a_time).map(Self::Instant)
    }

    /// From a text after RFC 3339 or ISO 8601, with an offset or without.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        if let Ok(instant) = text.parse::<Timestamp>() {
            return Some(instant).filter(is_a_time).map(Self::Instant);
        }
        let local: DateTime = text.parse().ok()?;
        (local.year() >= 2000).then_some(Self::Local(local))
    }
}

/// An instant from milliseconds since 1970, unless a clock that was never set counted them.
pub(crate) fn instant(milliseconds: u64) -> Option<Timestamp> {
    let count = i64::try_from(milliseconds).ok()?;
    Timestamp::from_millisecond(count).ok().filter(is_a_time)
}

fn is_a_time(instant: &Timestamp) -> bool {
    instant.as_second() >= FIRST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_without_a_clock_dates_no_alarm() {
        assert_eq!(SourceTime::from_text("1970-01-01T00:00:12"), None);
        assert_eq!(SourceTime::from_text("1970-01-01T00:00:12Z"), None);
        assert_eq!(SourceTime::from_milliseconds(12_000), None);
        assert_eq!(SourceTime::from_seconds(12.5), None);
        for absurd in [f64::NAN, f64::INFINITY, -1.0, 1e300] {
            assert_eq!(SourceTime::from_seconds(absurd), None, "{absurd}");
        }
        assert_eq!(SourceTime::from_milliseconds(u64::MAX), None);
        assert_eq!(SourceTime::from_text(&"2".repeat(100_000)), None);
    }

    #[test]
    fn a_time_without_a_zone_is_never_taken_for_an_instant() {
        let local = SourceTime::from_text("2026-11-23T03:12:00").unwrap();
        assert!(matches!(local, SourceTime::Local(_)), "{local:?}");
        let instant: Timestamp = "2026-11-23T02:12:00Z".parse().unwrap();
        for text in ["2026-11-23T03:12:00+01:00", "2026-11-23T02:12:00.000000000Z"] {
            assert_eq!(SourceTime::from_text(text), Some(SourceTime::Instant(instant)), "{text}");
        }
        assert_eq!(
            SourceTime::from_milliseconds(1_795_399_920_000),
            Some(SourceTime::Instant(instant))
        );
        assert_eq!(SourceTime::from_seconds(1_795_399_920.0), Some(SourceTime::Instant(instant)));
    }
}
