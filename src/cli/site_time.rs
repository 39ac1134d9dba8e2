//! Times as people at the site read them: by the clock on the wall there, as in the messages on their phones.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The time zone of the site, where it is known.
pub(super) struct SiteTime(Option<TimeZone>);

impl SiteTime {
    pub(super) fn of(zone: TimeZone) -> Self {
        Self(Some(zone))
    }

    /// Where the files are wrong: by the name that can be read in them.
    pub(super) fn named(name: Option<&str>) -> Self {
        Self(name.and_then(|name| TimeZone::get(name).ok()))
    }

    /// The time zone; without one UTC.
    pub(super) fn zone(&self) -> TimeZone {
        self.0.clone().unwrap_or(TimeZone::UTC)
    }

    /// `2026-11-23 03:12:40`; without a zone that is UTC, and says so.
    pub(super) fn show(&self, at: Timestamp) -> String {
        match &self.0 {
            Some(zone) => at.to_zoned(zone.clone()).strftime("%F %T").to_string(),
            None => at.strftime("%F %T UTC").to_string(),
        }
    }

    /// The same for a time of the daemon's JSON; what is no time stays as it is.
    pub(super) fn read(&self, written: &str) -> String {
        written.parse().map_or_else(|_| written.to_owned(), |at| self.show(at))
    }
}

/// A length of time as it is written in the files: `1h 30m`.
pub(super) fn length(length: Duration) -> String {
    SignedDuration::try_from(length)
        .map_or_else(|_| "for ever".to_owned(), |length| format!("{length:#}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_that_of_the_clock_on_the_wall() {
        let paris = SiteTime::named(Some("Europe/Paris"));
        assert_eq!(paris.read("2026-11-23T02:12:40.5Z"), "2026-11-23 03:12:40");
        assert_eq!(paris.read("2026-07-23T01:12:40Z"), "2026-07-23 03:12:40");
        assert_eq!(paris.read("never"), "never");
    }

    #[test]
    fn without_a_zone_it_is_utc_and_says_so() {
        for name in [None, Some("Europe/Atlantis")] {
            assert_eq!(
                SiteTime::named(name).read("2026-11-23T02:12:40Z"),
                "2026-11-23 02:12:40 UTC"
            );
        }
    }
}
