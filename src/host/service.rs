//! The service manager (systemd): told when Vigie is ready, stops, or reloads.
//!
//! Without one, every word goes nowhere and nothing is different.

use sd_notify::NotifyState;

/// Everything is open, and what was recorded is in force.
pub fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// No new input is accepted from now on.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// One line that a person can read in `systemctl status`.
pub fn status(line: &str) {
    tell(&[NotifyState::Status(line)]);
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "the service manager could not be told");
    }
}
