//! The clocks, read here and nowhere else: once for each event, and handed on as a [`Moment`].

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

use crate::watch::time::{ClockQuality, Moment, Mono, Utc};

/// The clocks of this machine. A copy is as good as the original.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock(());

impl Clock {
    /// The clocks of this machine.
    pub fn new() -> Self {
        Self(())
    }

    /// Both clocks, now.
    pub fn now(self) -> Moment {
        Moment { utc: wall(), mono: boot(), quality: ClockQuality::Unsynchronised }
    }

    /// How long from now until `due`, for a timer.
    pub fn until(self, due: Mono) -> Duration {
        boot().until(due)
    }

    /// The time that the kernel gave to something: nanoseconds of CLOCK_MONOTONIC, which stands still while the
    /// machine sleeps. What it says of the future is now.
    pub fn of_kernel(self, nanos: u64) -> Mono {
        let (now, monotonic) = (boot(), read(ClockId::CLOCK_MONOTONIC));
        let age = monotonic.saturating_sub(Duration::from_nanos(nanos));
        let age = u64::try_from(age.as_nanos()).unwrap_or(u64::MAX);
        Mono::from_nanos(now.nanos().saturating_sub(age))
    }
}

fn wall() -> Utc {
    let now = read(ClockId::CLOCK_REALTIME);
    Utc::from_micros(i64::try_from(now.as_micros()).unwrap_or(i64::MAX))
}

/// It goes on while the machine sleeps, and nobody can set it.
fn boot() -> Mono {
    Mono::from_nanos(u64::try_from(read(ClockId::CLOCK_BOOTTIME).as_nanos()).unwrap_or(u64::MAX))
}

fn read(clock: ClockId) -> Duration {
    clock_gettime(clock).map_or(Duration::ZERO, Duration::from)
}
