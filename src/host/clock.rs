//! The clocks, read here and nowhere else: once for each event, and handed on as a [`Moment`].

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

use crate::watch::time::{ClockQuality, Moment, Mono, Utc};

/// Whether the wall clock follows a time service, as was last said.
static FOLLOWS: AtomicBool = AtomicBool::new(false);

/// From now on the wall clock is believed, or is not.
pub fn believe(follows: bool) {
    FOLLOWS.store(follows, Ordering::Relaxed);
}

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
        let quality = if FOLLOWS.load(Ordering::Relaxed) {
            ClockQuality::Synchronised
        } else {
            ClockQuality::Unsynchronised
        };
        Moment { utc: wall(), mono: boot(), quality }
    }

    /// How long from now until `due`, for a timer.
    pub fn until(self, due: Mono) -> Duration {
        boot().until(due)
    }

    /// How the kernel's own clock stands to ours, now: for all that it has told the time of until now.
    pub fn of_kernel(self) -> KernelTime {
        KernelTime { boot: boot(), monotonic: read(ClockId::CLOCK_MONOTONIC) }
    }
}

/// How the kernel's clock CLOCK_MONOTONIC, which stands still while the machine sleeps, stood to ours at a moment.
#[derive(Clone, Copy, Debug)]
pub struct KernelTime {
    boot: Mono,
    monotonic: Duration,
}

impl KernelTime {
    /// The time that the kernel gave to something, in nanoseconds. What it says of the time after that moment is that moment.
    pub fn at(self, nanos: u64) -> Mono {
        let age = self.monotonic.saturating_sub(Duration::from_nanos(nanos));
        let age = u64::try_from(age.as_nanos()).unwrap_or(u64::MAX);
        Mono::from_nanos(self.boot.nanos().saturating_sub(age))
    }
}

/// The clock for waiting, now: for whom no machine is handed to.
pub fn waiting() -> Mono {
    boot()
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
