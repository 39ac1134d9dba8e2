//! The service manager (systemd), and the signals by which it and people wish something of the
//! daemon.
//!
//! Without a service manager every word to it goes nowhere and nothing is different.

use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// What is wished of a running daemon from outside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wish {
    /// Read the files again (SIGHUP).
    Reload,
    /// Close (SIGTERM, SIGINT).
    Close,
}

/// Why a daemon does not live.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fate {
    /// The configuration names what is absent here.
    Configuration(String),
    /// Something that it needs cannot be opened.
    Unavailable(String),
    /// A part without which there is no watch has died.
    Died(String),
}

/// Everything is open, and what was recorded is in force.
pub fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// No new input is accepted from now on.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "the service manager could not be told");
    }
}

/// Hands on the signals as wishes, until nobody listens any more.
///
/// # Errors
/// When the system does not let signals be caught.
pub async fn signals(wishes: mpsc::Sender<Wish>) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    loop {
        let wish = tokio::select! {
            _ = terminate.recv() => Wish::Close,
            _ = interrupt.recv() => Wish::Close,
            _ = hangup.recv() => Wish::Reload,
        };
        if wishes.send(wish).await.is_err() {
            return Ok(());
        }
    }
}
