//! Time as the watch sees it: handed in with each event, never read here.
//!
//! [`Utc`] is for people and records; [`Mono`] is for waiting. A wait that outlives a restart is a
//! [`Wait`], stored with both its ends, because wall clocks jump and monotonic ones start anew.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Wall-clock time: microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Utc(i64);

/// Time for waiting: nanoseconds on a clock that never jumps and goes on while the machine
/// sleeps (`CLOCK_BOOTTIME`). It starts anew at each boot: meaningless outside one.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Mono(u64);

/// How far the wall clock can be believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockQuality {
    /// The kernel says that the clock is disciplined by a time service.
    Synchronised,
    /// The kernel says that it is not, or does not say.
    #[default]
    Unsynchronised,
}

/// Both clocks, read once for an event and handed on with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Moment {
    /// For people and records.
    pub utc: Utc,
    /// For waiting.
    pub mono: Mono,
    /// How far `utc` can be believed.
    pub quality: ClockQuality,
}

/// A wait that survives a restart.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Wait {
    /// When it began, on the wall.
    pub since: Utc,
    /// When it ends, on the wall.
    pub due: Utc,
    /// When it ends, on the clock of the boot in which it was last resumed.
    pub mono: Mono,
}

impl Utc {
    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// This much later; stays at the end of time rather than overflow.
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(saturating_micros(wait)))
    }

    /// This much earlier.
    #[must_use]
    pub fn before(self, wait: Duration) -> Self {
        Self(self.0.saturating_sub(saturating_micros(wait)))
    }

    /// Whether it was no longer ago. A wall clock that was set back must not make new again what is old: nothing of the future is.
    pub fn is_within(self, time: Duration, now: Self) -> bool {
        self <= now && self.until(now) <= time
    }

    /// How long from here until `later`; zero if that is past.
    pub fn until(self, later: Self) -> Duration {
        Duration::from_micros(u64::try_from(later.0.saturating_sub(self.0)).unwrap_or(0))
    }

    /// The same instant for jiff; the ends of time where jiff's range is left.
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }
}

impl std::fmt::Display for Utc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.timestamp())
    }
}

impl std::fmt::Debug for Utc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl From<jiff::Timestamp> for Utc {
    fn from(timestamp: jiff::Timestamp) -> Self {
        Self(timestamp.as_microsecond())
    }
}

impl Mono {
    /// From nanoseconds since boot.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since boot.
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// This much later.
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX)))
    }

    /// How long from here until `later`; zero if that is past.
    pub fn until(self, later: Self) -> Duration {
        Duration::from_nanos(later.0.saturating_sub(self.0))
    }
}

impl Moment {
    /// A wait of this length that begins now.
    pub fn wait(self, length: Duration) -> Wait {
        Wait { since: self.utc, due: self.utc.after(length), mono: self.mono.after(length) }
    }

    /// A wait that is over as soon as it begins.
    pub fn at_once(self) -> Wait {
        self.wait(Duration::ZERO)
    }
}

impl Wait {
    /// The same wait on the clock of another boot. A wall clock that shows a time before the wait
    /// began has lied: then it ends now.
    #[must_use]
    pub fn resumed(self, now: Moment) -> Self {
        let left = if now.utc < self.since { Duration::ZERO } else { now.utc.until(self.due) };
        Self { mono: now.mono.after(left), ..self }
    }

    /// How long the wait was meant to be.
    pub fn length(self) -> Duration {
        self.since.until(self.due)
    }
}

fn saturating_micros(wait: Duration) -> i64 {
    i64::try_from(wait.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(micros: i64, nanos: u64) -> Moment {
        let (utc, mono) = (Utc::from_micros(micros), Mono::from_nanos(nanos));
        Moment { utc, mono, quality: ClockQuality::Synchronised }
    }

    #[test]
    fn a_wait_that_is_resumed_lasts_as_long_as_the_wall_clock_says() {
        let wait = at(0, 5).wait(MINUTE);
        assert_eq!(wait.length(), MINUTE);
        let left = |micros| wait.resumed(at(micros, 7)).mono.nanos() - 7;
        assert_eq!(left(0), 60_000_000_000, "no time has passed");
        assert_eq!(left(20_000_000), 40_000_000_000);
        assert_eq!((left(60_000_000), left(90_000_000)), (0, 0));
        assert_eq!(left(-1), 0, "a clock that shows a time before it began has lied");
    }

    #[test]
    fn time_stays_at_its_ends_rather_than_overflow() {
        let (first, last) = (Utc::from_micros(i64::MIN), Utc::from_micros(i64::MAX));
        assert_eq!((last.after(MINUTE), first.before(MINUTE)), (last, first));
        assert_eq!(Utc::default().after(Duration::MAX), last);
        assert_eq!(Mono::from_nanos(1).after(Duration::MAX).nanos(), u64::MAX);
        assert_eq!(first.timestamp(), jiff::Timestamp::MIN);
        assert_eq!(last.timestamp(), jiff::Timestamp::MAX);
        assert_eq!(
            (last.until(first), Mono::from_nanos(9).until(Mono::default())),
            (Duration::ZERO, Duration::ZERO)
        );
    }

    #[test]
    fn an_instant_is_read_as_it_is_written() {
        let instant: jiff::Timestamp = "2026-11-23T03:12:00.000001Z".parse().unwrap();
        let utc = Utc::from(instant);
        assert_eq!((utc.timestamp(), utc.micros()), (instant, instant.as_microsecond()));
        assert_eq!(format!("{utc} {utc:?}"), format!("{instant} {instant}"));
        assert_eq!(Utc::default().timestamp(), jiff::Timestamp::UNIX_EPOCH);
    }
}
