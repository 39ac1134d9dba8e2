//! The service manager (systemd), and the signals by which it and people wish something of the
//! daemon.
//!
//! Without a service manager every word to it goes nowhere and nothing is different. One that hears nothing any more keeps nobody
//! waiting for long: it is told aside, one thing at a time.

use std::path::Path;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tracing::debug;

use super::aside::aside_at;

/// Where the service manager listens, as it says in the environment.
const SOCKET: &str = "NOTIFY_SOCKET";
/// A line that is told is no longer than this, in letters.
const LONGEST_LINE: usize = 240;

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

/// Whether there is a service manager that listens.
pub fn is_managed() -> bool {
    std::env::var_os(SOCKET).is_some()
}

/// Within how long it must be told again and again that the daemon lives, if it wants to know.
pub fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled().filter(|interval| is_managed() && !interval.is_zero())
}

/// Everything is open, and what was recorded is in force; or a reload has come to its end.
pub async fn ready() {
    tell(&[NotifyState::Ready]).await;
}

/// The files are read again, until [`ready`] is told.
pub async fn reloading() {
    // A token by which the manager knows this reload from an earlier one (`Type=notify-reload`), and no time of ours.
    match NotifyState::monotonic_usec_now() {
        Ok(token) => tell(&[NotifyState::Reloading, token]).await,
        // Without it systemd takes the reload for failed, and ends the service.
        Err(error) => debug!(%error, "the service manager is not told of the reload"),
    }
}

/// How things stand, in one line for people.
pub async fn status(line: &str) {
    tell(&[NotifyState::Status(&one_line(line))]).await;
}

/// What the watchdog wants to know is so.
pub async fn alive() {
    tell(&[NotifyState::Watchdog]).await;
}

/// No new input is accepted from now on. What the watchdog wants to know cannot be proved while the house closes: it is told a
/// last time.
pub async fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Watchdog]).await;
}

/// `sd_notify` waits where the queue of the manager is full, and one that has crashed empties it never again: so it is told as a
/// device is that may hang.
async fn tell(states: &[NotifyState<'_>]) {
    let Some(socket) = std::env::var_os(SOCKET) else { return };
    let states: Vec<String> = states.iter().map(ToString::to_string).collect();
    let states = states.join("\n");
    let telling = move || sd_notify::notify(&[NotifyState::Custom(&states)]);
    match aside_at(Path::new(&socket), telling).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => debug!(%error, "the service manager could not be told"),
        Err(error) => debug!(%error, "the service manager hears nothing"),
    }
}

/// What came from files and wires must not pass for another word to the manager.
fn one_line(text: &str) -> String {
    let letters = text.chars().take(LONGEST_LINE);
    let plain = letters.map(|letter| if letter.is_control() { ' ' } else { letter });
    let rest = text.chars().nth(LONGEST_LINE).map(|_| '…');
    plain.chain(rest).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_people_stays_one_line_of_a_bounded_length() {
        assert_eq!(one_line("refused: \nREADY=1\tx"), "refused:  READY=1 x");
        let long = "é".repeat(LONGEST_LINE);
        assert_eq!(one_line(&long), long);
        assert_eq!(one_line(&format!("{long}é")), format!("{long}…"));
    }
}
