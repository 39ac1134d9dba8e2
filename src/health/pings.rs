//! How a ping to a dead man's switch is, for `vigie status`: when it was last answered, and how many tries failed. Never what is secret of its address.

use std::sync::Arc;

use serde::Serialize;
use tokio::sync::watch;

use super::{Wire, as_written, as_written_or_null};
use crate::watch::time::Utc;

/// A ping.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Ping {
    /// Its name: `ping.healthchecks`.
    pub name: Arc<str>,
    /// Where it goes, without what is secret of it.
    pub at: String,
    /// Whether the last one was answered.
    pub state: Wire,
    /// Since when that is so.
    #[serde(serialize_with = "as_written")]
    pub since: Utc,
    /// When one was last answered.
    #[serde(serialize_with = "as_written_or_null")]
    pub answered: Option<Utc>,
    /// How many were.
    pub answers: u64,
    /// How many tries failed.
    pub failures: u64,
}

/// The writing end: the adapter's.
#[derive(Debug)]
pub struct PingPulse(watch::Sender<Ping>);

/// The reading end.
#[derive(Clone, Debug)]
pub struct PingReading(watch::Receiver<Ping>);

/// Both ends for one ping, none of which was sent yet.
pub fn ping(name: Arc<str>, at: String, now: Utc) -> (PingPulse, PingReading) {
    let ping = Ping {
        name,
        at,
        state: Wire::Starting,
        since: now,
        answered: None,
        answers: 0,
        failures: 0,
    };
    let (sender, receiver) = watch::channel(ping);
    (PingPulse(sender), PingReading(receiver))
}

impl PingPulse {
    /// One was answered.
    pub fn answered(&self, now: Utc) {
        self.0.send_modify(|ping| {
            ping.answers = ping.answers.saturating_add(1);
            ping.answered = Some(now);
            ping.is(Wire::Up, now);
        });
    }

    /// A try failed.
    pub fn failed(&self) {
        self.0.send_modify(|ping| ping.failures = ping.failures.saturating_add(1));
    }

    /// None was answered in an interval, or none was sent; and why.
    pub fn lost(&self, why: &str, now: Utc) {
        self.0.send_modify(|ping| ping.is(Wire::Down(why.to_owned()), now));
    }
}

impl Ping {
    fn is(&mut self, state: Wire, now: Utc) {
        if self.state != state {
            (self.state, self.since) = (state, now);
        }
    }
}

impl PingReading {
    /// How it is now.
    pub fn now(&self) -> Ping {
        self.0.borrow().clone()
    }
}
