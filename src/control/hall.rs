//! The hall: peers at the control socket, heard and answered side by side.
//!
//! It knows nothing of what is said, nor by which way they come in. A peer that has said nothing yet holds up nobody: when every
//! seat is taken, the one that has been silent longest is sent away for one who comes in.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use tokio::time::timeout;
use tracing::warn;

/// So many peers are in the hall at most.
const SEATS: usize = 64;

/// Whether a peer has said what it wants; it keeps its seat then.
#[derive(Clone, Debug, Default)]
pub(super) struct Spoken(Arc<AtomicBool>);

impl Spoken {
    /// The peer has said what it wants.
    pub(super) fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_so(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A way by which peers come in.
pub(super) trait Way: Sync {
    /// Who came in.
    type Peer;

    /// The next who comes. May be dropped and asked again.
    fn next(&self) -> impl Future<Output = io::Result<Self::Peer>> + Send;
}

/// Lets in whoever comes that way, and hears them out, for ever.
pub(super) async fn receive<W: Way, T: Future<Output = ()> + Send>(
    way: &W,
    called: &str,
    talk: impl Fn(W::Peer, Spoken) -> T,
) {
    let mut hall = Hall::default();
    loop {
        let next = tokio::select! {
            next = way.next(), if hall.has_room() => next,
            () = hall.attend() => continue,
        };
        match next {
            Ok(peer) => {
                let spoken = Spoken::default();
                hall.admit(spoken.clone(), talk(peer, spoken));
            }
            Err(error) => {
                warn!(%error, "{called} takes nobody at the moment");
                let others = async {
                    loop {
                        hall.attend().await;
                    }
                };
                // Those who are in are attended to meanwhile.
                let _: Result<(), _> = timeout(Duration::from_secs(1), others).await;
            }
        }
    }
}

type Talk<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// The peers, in the order in which they came.
#[derive(Default)]
struct Hall<'a> {
    peers: Vec<(Spoken, Talk<'a>)>,
}

impl<'a> Hall<'a> {
    /// Whether one more may come in.
    fn has_room(&self) -> bool {
        self.peers.len() < SEATS || self.longest_silent().is_some()
    }

    fn longest_silent(&self) -> Option<usize> {
        self.peers.iter().position(|(spoken, _)| !spoken.is_so())
    }

    /// One more comes in.
    fn admit(&mut self, spoken: Spoken, talk: impl Future<Output = ()> + Send + 'a) {
        if self.peers.len() >= SEATS
            && let Some(silent) = self.longest_silent()
        {
            drop(self.peers.remove(silent));
        }
        self.peers.push((spoken, Box::pin(talk)));
    }

    /// Hears and answers all of them, until one is done with. May be dropped and asked again.
    async fn attend(&mut self) {
        poll_fn(|context| {
            let before = self.peers.len();
            self.peers.retain_mut(|(_, talk)| talk.as_mut().poll(context).is_pending());
            if self.peers.len() < before { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::{Context, Waker};

    fn attend(hall: &mut Hall<'_>) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        Box::pin(hall.attend()).as_mut().poll(&mut context).is_ready()
    }

    #[test]
    fn who_stays_silent_longest_makes_room_and_who_has_spoken_keeps_their_seat() {
        let mut hall = Hall::default();
        let spoken = Spoken::default();
        spoken.note();
        hall.admit(spoken, std::future::pending());
        for _ in 1..SEATS {
            hall.admit(Spoken::default(), std::future::pending());
        }
        assert!(hall.has_room() && !attend(&mut hall));
        hall.admit(Spoken::default(), std::future::ready(()));
        assert_eq!(hall.peers.len(), SEATS);
        assert!(hall.peers[0].0.is_so(), "the first has spoken and is there still");
        assert!(attend(&mut hall), "the last is answered, however many are silent");
        assert_eq!(hall.peers.len(), SEATS - 1);
    }

    #[test]
    fn nobody_comes_in_while_everybody_is_being_answered() {
        let mut hall = Hall::default();
        for _ in 0..SEATS {
            let spoken = Spoken::default();
            spoken.note();
            hall.admit(spoken, std::future::pending());
        }
        assert!(!hall.has_room());
    }
}
