//! The clocks of a simulated machine, moved by hand; and the machine that the sequencer is handed.
//!
//! The world has one time, which only goes on. The machine's clock for waiting counts from its last
//! boot; its wall clock is the world's, off by however far somebody has set it.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use vigie::host::machine::Machine;
use vigie::watch::event::Entropy;
use vigie::watch::time::{ClockQuality, Moment, Mono, Utc};

use crate::chance::Chance;

/// The world's time: since the night began.
pub(crate) type At = Duration;

/// How long a machine has been up when the first program runs on it.
const UPTIME: Duration = Duration::from_secs(20);
/// When all nights begin: 2026-11-26T18:00:00Z.
const BEGINNING: i64 = 1_795_716_000_000_000;

/// All clocks of one machine. A copy shows the same time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clocks(Arc<Mutex<Inside>>);

#[derive(Debug, Default)]
struct Inside {
    at: At,
    booted: At,
    /// How far the wall clock is off, in microseconds.
    wall: i64,
    timers: BTreeMap<At, Vec<Waker>>,
}

impl Clocks {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().expect("nobody panics with the clocks in hand")
    }

    pub(crate) fn at(&self) -> At {
        self.inside().at
    }

    pub(crate) fn moment(&self) -> Moment {
        let inside = self.inside();
        let micros = i64::try_from(inside.at.as_micros()).expect("some years");
        Moment {
            utc: Utc::from_micros(BEGINNING + micros + inside.wall),
            mono: mono(inside.at - inside.booted),
            quality: ClockQuality::Synchronised,
        }
    }

    /// When the first sleeper is to be woken.
    pub(crate) fn next(&self) -> Option<At> {
        self.inside().timers.keys().next().copied()
    }

    /// Time goes on until then, and who sleeps until then is woken.
    pub(crate) fn advance(&self, to: At) {
        let mut woken = Vec::new();
        {
            let mut inside = self.inside();
            inside.at = inside.at.max(to);
            while let Some(timer) = inside.timers.first_entry().filter(|timer| *timer.key() <= to) {
                woken.extend(timer.remove());
            }
        }
        woken.into_iter().for_each(Waker::wake);
    }

    /// Somebody, or a time service, sets the wall clock.
    pub(crate) fn set_wall(&self, by: i64) {
        self.inside().wall += by;
    }

    /// The machine starts anew; nobody sleeps on it any more.
    pub(crate) fn boot(&self) {
        let mut inside = self.inside();
        inside.booted = inside.at;
        inside.timers.clear();
    }

    /// All programs of the machine are gone, but the machine is not.
    pub(crate) fn forget_sleepers(&self) {
        self.inside().timers.clear();
    }

    pub(crate) fn sleep(&self, how_long: Duration) -> Sleep {
        Sleep { until: self.at() + how_long, clocks: self.clone() }
    }

    fn world_time(&self, due: Mono) -> At {
        let booted = self.inside().booted;
        booted + Duration::from_nanos(due.nanos()).saturating_sub(UPTIME)
    }
}

fn mono(since_boot: Duration) -> Mono {
    Mono::default().after(since_boot).after(UPTIME)
}

/// Until the world's time is that.
#[derive(Debug)]
pub(crate) struct Sleep {
    until: At,
    clocks: Clocks,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut inside = self.clocks.inside();
        if inside.at >= self.until {
            return Poll::Ready(());
        }
        let sleepers = inside.timers.entry(self.until).or_default();
        if !sleepers.iter().any(|known| known.will_wake(context.waker())) {
            sleepers.push(context.waker().clone());
        }
        Poll::Pending
    }
}

/// What the sequencer is handed: these clocks, and randomness with a seed.
#[derive(Debug)]
pub(crate) struct Simulated {
    pub(crate) clocks: Clocks,
    pub(crate) chance: Mutex<Chance>,
}

impl Machine for Simulated {
    fn now(&self) -> Moment {
        self.clocks.moment()
    }

    async fn sleep_until(&self, due: Mono) {
        let until = self.clocks.world_time(due);
        Sleep { until, clocks: self.clocks.clone() }.await;
    }

    fn entropy(&self) -> Entropy {
        Entropy(self.chance.lock().expect("nobody panics with chance in hand").number())
    }
}
