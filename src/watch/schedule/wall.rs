//! A clock on the wall of a zone: what it shows, and when it has reached something.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::watch::time::Utc;

/// The clocks of a time zone.
#[derive(Clone, PartialEq, Debug)]
pub struct Wall(TimeZone);

impl Wall {
    /// The clocks of this zone.
    pub fn of(zone: TimeZone) -> Self {
        Self(zone)
    }

    /// What they show at an instant.
    pub fn shows(&self, at: Utc) -> DateTime {
        self.0.to_datetime(at.timestamp())
    }

    /// The first instant at which they have reached this.
    pub fn reached(&self, shown: DateTime) -> Utc {
        let ambiguous = self.0.to_ambiguous_timestamp(shown);
        let is_skipped = match ambiguous.offset() {
            AmbiguousOffset::Gap { .. } => true,
            AmbiguousOffset::Fold { .. } | AmbiguousOffset::Unambiguous { .. } => false,
        };
        let Ok(first) = ambiguous.earlier() else {
            // Beyond what jiff can count: years before -9999 or after 9999.
            return if shown.year() < 0 {
                Utc::from_micros(i64::MIN)
            } else {
                Utc::from_micros(i64::MAX)
            };
        };
        if !is_skipped {
            return first.into();
        }
        // Skipped: read with the offset of after, it lies before the clocks are put forward.
        let put_forward = self.0.following(first).next();
        put_forward.map_or_else(|| first.into(), |transition| transition.timestamp().into())
    }
}
