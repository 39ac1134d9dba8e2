//! What may keep a thread waiting, done by a thread of its own: a device that hangs while it is opened, read, or switched off, must
//! keep neither another wire waiting nor the sequencer.
//!
//! Whoever asks awaits the end, and of a device no longer than it may take. Nothing that was begun is broken off: the system gives no
//! means. So a thread that hangs is left to itself, and nothing else is begun at that device until it is back: there are never more
//! threads that hang than devices, or than what asks elsewhere has turns ([`aside_by`]).

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;

/// A device that has not answered the system for so long hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why nothing came of what was begun aside.
#[derive(Debug, thiserror::Error)]
pub enum Late {
    /// It hangs.
    #[error("the device does not answer the system: nothing came within {} seconds", .0.as_secs())]
    Hangs(Duration),
    /// What was begun earlier hangs still.
    #[error(
        "the device still does not answer the system, to which it was last asked for something: unplug it, or restart the machine"
    )]
    HangsStill,
    /// It panicked.
    #[error("{0}")]
    Panicked(io::Error),
}

impl Late {
    /// The same, where it was files that were read: their disk may be another machine's, and there is nothing to unplug.
    pub fn of_files(&self) -> String {
        match self {
            Self::Hangs(limit) => {
                let seconds = limit.as_secs();
                format!("its files cannot be read: nothing came of them within {seconds} seconds; look at the disk or the machine that they are on")
            }
            Self::HangsStill => {
                "its files still cannot be read, which were asked for earlier: look at the disk or the machine that they are on".to_owned()
            }
            Self::Panicked(error) => error.to_string(),
        }
    }
}

/// Does this by a thread of its own, and waits for it as tasks wait.
///
/// # Errors
/// A panic of the work, as the error that it is to whoever asked for it.
pub async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    #[expect(clippy::disallowed_methods, reason = "it is awaited right here")]
    let working = tokio::task::spawn_blocking(work);
    working.await.map_err(io::Error::other)
}

/// Does this at a device: one thing at a time, and none is waited for when it hangs.
///
/// # Errors
/// [`Late`] where it hangs, or something that was begun there hangs still.
pub async fn aside_at<T: Send + 'static>(
    device: &Path,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Late> {
    within(PATIENCE, device, work).await
}

async fn within<T: Send + 'static>(
    limit: Duration,
    device: &Path,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Late> {
    aside_by(turn_at(device), limit, work).await
}

/// Does this where there are so many turns: none is waited for longer than this, and a turn is back when what was begun in it is.
///
/// # Errors
/// [`Late`] where it hangs, or no turn is to be had since others hang.
pub async fn aside_by<T: Send + 'static>(
    turns: Arc<Semaphore>,
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Late> {
    let turn = timeout(limit, turns.acquire_owned()).await;
    let Ok(Ok(turn)) = turn else { return Err(Late::HangsStill) };
    let done = timeout(
        limit,
        aside(move || {
            let done = work();
            drop(turn);
            done
        }),
    )
    .await;
    done.map_err(|_| Late::Hangs(limit))?.map_err(Late::Panicked)
}

/// The turn at a device. Kept by the process and not by an adapter, since a thread that hangs outlives the life that began it, and
/// two adapters may have one device.
fn turn_at(device: &Path) -> Arc<Semaphore> {
    static TURNS: Turns<PathBuf> = Turns::new();
    TURNS.of(device.to_owned())
}

/// One turn for each of many (a device, an account). Locked for a look and never while anything is waited for.
#[derive(Debug)]
pub struct Turns<K>(Mutex<BTreeMap<K, Arc<Semaphore>>>);

impl<K: Ord> Turns<K> {
    /// Nobody has a turn yet.
    #[expect(clippy::new_without_default, reason = "it is a static")]
    pub const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// The turn of one. It is forgotten when nobody has it or waits for it: there are never more than hang, and wait.
    pub fn of(&self, one: K) -> Arc<Semaphore> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        Arc::clone(turns.entry(one).or_insert_with(|| Arc::new(Semaphore::new(1))))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    #[tokio::test]
    async fn while_one_is_kept_waiting_others_go_on() {
        let (release, held) = sync_channel::<u8>(0);
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
        let lost: Result<(), Late> =
            aside_at(Path::new("/dev/panics"), || panic!("a driver's fault")).await;
        assert!(matches!(lost, Err(Late::Panicked(_))));
        assert_eq!(
            aside_at(Path::new("/dev/panics"), || 7).await.unwrap(),
            7,
            "the turn is given back"
        );
    }

    #[tokio::test]
    async fn a_device_that_hangs_is_told_and_left_alone_until_it_is_back() {
        let (release, held) = sync_channel::<u8>(0);
        let device = Path::new("/dev/hangs");
        let soon = Duration::from_millis(20);
        let hangs = within(soon, device, move || held.recv()).await;
        assert!(matches!(hangs, Err(Late::Hangs(_))));
        let still: Result<(), Late> = within(soon, device, || panic!("it must not be begun")).await;
        assert!(matches!(still, Err(Late::HangsStill)));
        for late in [Late::Hangs(PATIENCE), Late::HangsStill] {
            let told = late.of_files();
            assert!(told.contains("the disk") && !told.contains("unplug"), "{told}");
        }
        let other = aside_at(Path::new("/dev/other"), || 7).await;
        assert_eq!(other.unwrap(), 7, "others are not concerned");
        release.send(7).unwrap();
        assert_eq!(aside_at(device, || 8).await.unwrap(), 8, "it is back");
    }
}
