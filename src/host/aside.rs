//! What may keep a thread waiting, done by a thread of its own: a device that hangs while it is opened, or switched off, must
//! keep neither another wire waiting nor the sequencer.
//!
//! Whoever asks awaits the end. Nothing that was begun is broken off: the system gives no means.

use std::io;

/// Does this by a thread of its own, and waits for it as tasks wait.
///
/// # Errors
/// A panic of the work, as the error that it is to whoever asked for it.
pub async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    #[expect(clippy::disallowed_methods, reason = "it is awaited right here")]
    let working = tokio::task::spawn_blocking(work);
    working.await.map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn while_one_is_kept_waiting_others_go_on() {
        let (release, held) = std::sync::mpsc::sync_channel::<u8>(0);
        let waiting = aside(move || held.recv());
        // This thread is the only one that tasks have: it goes on, and lets the other go.
        let (heard, ()) = tokio::join!(waiting, async {
            tokio::task::yield_now().await;
            release.send(7).unwrap();
        });
        assert_eq!(heard.unwrap(), Ok(7));
    }

    #[tokio::test]
    async fn what_panics_aside_is_an_error_to_who_asked() {
        let lost: io::Result<()> = aside(|| panic!("a driver's fault")).await;
        assert!(lost.is_err());
    }
}
