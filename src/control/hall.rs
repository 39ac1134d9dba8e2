//! The hall: peers at the control socket, heard and answered side by side.
//!
//! It knows nothing of what is said, nor by which way they come in. A peer that has said nothing yet holds up nobody: when every
//! seat is taken, the one that has been silent longest is sent away for one who comes in. Where peers come by an account, none has
//! more than a few seats: who takes them and does not read keeps only the others of their own account waiting. And all whose seats are
//! counted together leave a few: who is not counted is let in at once, however many accounts do not read and however many wait.

use std::collections::VecDeque;
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
/// So many of them are of one account.
const SEATS_OF_ONE: usize = 8;
/// So many of all accounts that are counted: as many as one has are left to those who are not.
const SEATS_OF_ALL: usize = SEATS - SEATS_OF_ONE;
/// So many more of one account wait for a seat.
const WAITING_OF_ONE: usize = 64;
/// And so many of all accounts.
const WAITING: usize = 192;

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

    /// By whose account it came, if its seats are counted.
    fn account(peer: &Self::Peer) -> Option<u32>;
}

/// Lets in whoever comes that way, and hears them out, for ever.
pub(super) async fn receive<W: Way, T: Future<Output = ()> + Send>(
    way: &W,
    called: &str,
    talk: impl Fn(W::Peer, Spoken) -> T,
) {
    let mut hall = Hall::default();
    let mut waiting = VecDeque::new();
    loop {
        while let Some(next) = waiting.iter().position(|(account, _)| hall.has_room_for(*account))
            && let Some((account, peer)) = waiting.remove(next)
        {
            let spoken = Spoken::default();
            hall.admit(account, spoken.clone(), talk(peer, spoken));
        }
        let next = tokio::select! {
            next = way.next(), if hall.has_room_for(None) => next,
            () = hall.attend() => continue,
        };
        match next {
            // Nobody is passed over: for whom there is room now, of their account nobody waits any more.
            Ok(peer) => match W::account(&peer) {
                account if hall.has_room_for(account) => {
                    let spoken = Spoken::default();
                    hall.admit(account, spoken.clone(), talk(peer, spoken));
                }
                account => wait(&mut waiting, account, peer),
            },
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

/// One more waits, or is sent away where too many do.
fn wait<P>(waiting: &mut VecDeque<(Option<u32>, P)>, account: Option<u32>, peer: P) {
    let own = waiting.iter().filter(|(other, _)| *other == account).count();
    if own < WAITING_OF_ONE && waiting.len() < WAITING {
        waiting.push_back((account, peer));
    }
}

type Talk<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// The peers, in the order in which they came.
#[derive(Default)]
struct Hall<'a> {
    peers: Vec<Seat<'a>>,
}

/// One of them.
struct Seat<'a> {
    account: Option<u32>,
    spoken: Spoken,
    talk: Talk<'a>,
}

impl<'a> Hall<'a> {
    /// Whether one more of that account may come in. None of its own leaves for it where it has all its seats: in a burst those that
    /// came first have not been heard yet, and whoever stays silent is sent away soon.
    fn has_room_for(&self, account: Option<u32>) -> bool {
        let own = || self.peers.iter().filter(|seat| seat.account == account).count();
        (account.is_none() || own() < SEATS_OF_ONE)
            && (!self.is_full_for(account) || self.leaves_for(account).is_some())
    }

    /// Whether one of those who are in must leave first.
    fn is_full_for(&self, account: Option<u32>) -> bool {
        let counted = || self.peers.iter().filter(|seat| seat.account.is_some()).count();
        self.peers.len() >= SEATS || (account.is_some() && counted() >= SEATS_OF_ALL)
    }

    /// The one that has been silent longest; whose seat is not counted leaves for nobody whose is.
    fn leaves_for(&self, account: Option<u32>) -> Option<usize> {
        let may_leave = |seat: &Seat<'_>| account.is_none() || seat.account.is_some();
        self.peers.iter().position(|seat| !seat.spoken.is_so() && may_leave(seat))
    }

    /// One more comes in, for whom there is room.
    fn admit(
        &mut self,
        account: Option<u32>,
        spoken: Spoken,
        talk: impl Future<Output = ()> + Send + 'a,
    ) {
        if self.is_full_for(account)
            && let Some(silent) = self.leaves_for(account)
        {
            drop(self.peers.remove(silent));
        }
        self.peers.push(Seat { account, spoken, talk: Box::pin(talk) });
    }

    /// Hears and answers all of them, until one is done with. May be dropped and asked again.
    async fn attend(&mut self) {
        poll_fn(|context| {
            let before = self.peers.len();
            self.peers.retain_mut(|seat| seat.talk.as_mut().poll(context).is_pending());
            if self.peers.len() < before { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
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
        hall.admit(None, spoken, std::future::pending());
        for _ in 1..SEATS {
            hall.admit(None, Spoken::default(), std::future::pending());
        }
        assert!(hall.has_room_for(None) && !attend(&mut hall));
        hall.admit(None, Spoken::default(), std::future::ready(()));
        assert_eq!(hall.peers.len(), SEATS);
        assert!(hall.peers[0].spoken.is_so(), "the first has spoken and is there still");
        assert!(attend(&mut hall), "the last is answered, however many are silent");
        assert_eq!(hall.peers.len(), SEATS - 1);
    }

    #[test]
    fn nobody_comes_in_while_everybody_is_being_answered() {
        let mut hall = Hall::default();
        for _ in 0..SEATS {
            let spoken = Spoken::default();
            spoken.note();
            hall.admit(None, spoken, std::future::pending());
        }
        assert!(!hall.has_room_for(None));
    }

    #[test]
    fn an_account_that_reads_nothing_keeps_only_its_own_waiting() {
        let mut hall = Hall::default();
        let (idle, marie) = (Some(1_001), Some(1_002));
        for _ in 0..SEATS_OF_ONE {
            assert!(hall.has_room_for(idle));
            let spoken = Spoken::default();
            spoken.note();
            hall.admit(idle, spoken, std::future::pending());
        }
        assert!(!hall.has_room_for(idle) && hall.has_room_for(marie));
        let mut waiting = VecDeque::new();
        (0..WAITING).for_each(|one| wait(&mut waiting, idle, one));
        assert_eq!(waiting.len(), WAITING_OF_ONE, "and no more of them wait than this");
        wait(&mut waiting, marie, WAITING);
        let next = waiting.iter().position(|(account, _)| hall.has_room_for(*account));
        assert_eq!(next, Some(WAITING_OF_ONE), "she is let in before all of them");
        hall.admit(marie, Spoken::default(), std::future::ready(()));
        assert!(attend(&mut hall));
        for _ in 0..SEATS_OF_ONE {
            hall.admit(Some(1_003), Spoken::default(), std::future::pending());
        }
        assert!(
            !hall.has_room_for(Some(1_003)),
            "who is not heard yet does not leave for the next"
        );
        assert_eq!(hall.peers.len(), 2 * SEATS_OF_ONE);
    }

    /// Who comes, one after the other; then nobody.
    struct Crowd(Mutex<VecDeque<Option<u32>>>);

    impl Way for Crowd {
        type Peer = Option<u32>;

        async fn next(&self) -> io::Result<Option<u32>> {
            let next = self.0.lock().unwrap().pop_front();
            match next {
                Some(peer) => Ok(peer),
                None => std::future::pending().await,
            }
        }

        fn account(peer: &Option<u32>) -> Option<u32> {
            *peer
        }
    }

    /// Who of them is heard, where none reads its answer whose account is counted.
    fn heard(crowd: impl IntoIterator<Item = Option<u32>>) -> Vec<Option<u32>> {
        let crowd = Crowd(Mutex::new(crowd.into_iter().collect()));
        let heard = Mutex::new(Vec::new());
        let talk = |peer: Option<u32>, spoken: Spoken| {
            heard.lock().unwrap().push(peer);
            spoken.note();
            async move {
                if peer.is_some() {
                    std::future::pending::<()>().await;
                }
            }
        };
        let mut context = Context::from_waker(Waker::noop());
        let receives = Box::pin(receive(&crowd, "a hall", talk)).as_mut().poll(&mut context);
        assert!(receives.is_pending() && crowd.0.lock().unwrap().is_empty(), "all were let in");
        heard.into_inner().unwrap()
    }

    /// So many accounts, each with so many peers that read nothing.
    fn idle(accounts: u32, each: usize) -> impl Iterator<Item = Option<u32>> {
        (1..=accounts).flat_map(move |account| std::iter::repeat_n(Some(account), each))
    }

    #[test]
    fn accounts_that_fill_seats_and_the_queue_keep_out_neither_root_nor_somebody_else() {
        assert_eq!(WAITING, 3 * WAITING_OF_ONE, "three accounts fill the queue");
        let crowd = idle(3, SEATS_OF_ONE + WAITING_OF_ONE).chain([None, Some(1_009), None]);
        let heard = heard(crowd);
        assert_eq!(heard.len(), 3 * SEATS_OF_ONE + 3);
        assert_eq!(heard[3 * SEATS_OF_ONE..], [None, Some(1_009), None]);
    }

    #[test]
    fn of_accounts_that_say_nothing_the_longest_silent_leaves_for_another_and_root_for_none() {
        let mut hall = Hall::default();
        hall.admit(None, Spoken::default(), std::future::pending());
        for account in idle(7, SEATS_OF_ONE) {
            assert!(hall.has_room_for(account));
            hall.admit(account, Spoken::default(), std::future::pending());
        }
        assert!(!hall.has_room_for(Some(1)), "it has all its seats");
        assert!(hall.has_room_for(Some(1_009)));
        hall.admit(Some(1_009), Spoken::default(), std::future::pending());
        assert_eq!(hall.peers.len(), 1 + SEATS_OF_ALL);
        assert!(hall.peers[0].account.is_none() && hall.has_room_for(Some(1)));
    }

    #[test]
    fn root_finds_a_seat_however_many_accounts_read_nothing() {
        for accounts in [8, 100] {
            let crowd = idle(accounts, SEATS_OF_ONE).chain([None; SEATS]);
            let heard = heard(crowd);
            let counted = heard.iter().filter(|peer| peer.is_some()).count();
            assert_eq!(counted, SEATS_OF_ALL, "the rest of the seats is root's");
            assert_eq!(heard.len(), counted + SEATS, "of {accounts} accounts");
        }
    }
}
