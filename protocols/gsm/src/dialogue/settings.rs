//! What the owner of a dialogue decides, and what holds where he does not.

use std::time::Duration;

/// What the owner decides.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How often the slots are listed whether or not the modem announced anything.
    pub sweep_every: Duration,
    /// How often signal, registration and operator are asked for.
    pub poll_every: Duration,
    /// After an answer that never came, how long the next message waits: it must not get the late answer.
    pub recovery: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            sweep_every: Duration::from_secs(60),
            poll_every: Duration::from_secs(30),
            recovery: Duration::from_secs(10),
        }
    }
}
