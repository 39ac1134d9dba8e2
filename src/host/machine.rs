//! The machine as the sequencer sees it: the time, a sleep and randomness.
//!
//! **Decision (2026-11-26): the sequencer is handed its machine.** The daemon's is this one; the
//! simulation (`tests/simulation`) hands in another, whose clocks are moved by hand and whose
//! randomness has a seed, so that a night replays to the byte. Rejected: tokio's paused clock, which
//! runs ahead while the journal's thread works, and knows nothing of a wall clock that jumps.

use std::future::Future;
use std::time::Duration;

use crate::watch::event::Entropy;
use crate::watch::time::{Moment, Mono};

use super::clock::Clock;
use super::entropy::entropy;

/// Timers stand still while the machine is suspended, or its virtual machine is; the clock for waiting does not. After so long it is looked
/// at again: what fell due meanwhile is late by no more.
const LOOK: Duration = Duration::from_secs(10);

/// What the sequencer asks of the machine on which it runs.
pub trait Machine: Send + 'static {
    /// Both clocks, now.
    fn now(&self) -> Moment;

    /// Comes back when the clock for waiting shows `due`, at once if it does already.
    fn sleep_until(&self, due: Mono) -> impl Future<Output = ()> + Send;

    /// Randomness for one event.
    fn entropy(&self) -> Entropy;
}

impl Machine for Clock {
    fn now(&self) -> Moment {
        Self::now(*self)
    }

    async fn sleep_until(&self, due: Mono) {
        loop {
            let rest = self.until(due);
            if rest.is_zero() {
                return;
            }
            tokio::time::sleep(rest.min(LOOK)).await;
        }
    }

    fn entropy(&self) -> Entropy {
        entropy()
    }
}
