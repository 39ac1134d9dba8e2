//! The inbox: the one door by which everything that happens comes in.
//!
//! It is bounded: when the sequencer cannot keep up, who brings a letter waits, and so the wire
//! behind them. A receipt is given when the letter is on disk, never before; a letter whose receipt
//! is withheld was not accepted, and its sender is not told that it was received.

use std::io;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};

use crate::watch::Watch;
use crate::watch::decision::Outcome;
use crate::watch::event::{Happening, Reloaded};
use crate::watch::own_alarms::{RECORD, SelfAlarm};
use crate::watch::time::Moment;

/// So many letters wait at most.
pub const CAPACITY: usize = 8_192;
/// So many KiB of letters are in the house at most, from the door to the disk: a flood of the
/// largest datagrams must not cost more memory than one of small ones.
const ROOM: usize = 48 * 1_024;
/// What a letter costs beside its raw bytes, in KiB.
const ENVELOPE: usize = 1;

/// What somebody wants to know of the watch; it carries its answer away by itself.
pub type Question = Box<dyn FnOnce(&Watch) + Send>;

/// Where it will be said that a letter has been on the whole road to the disk; an error is what the disk answered.
pub type Proof = oneshot::Sender<io::Result<()>>;

/// What lies in the inbox.
pub enum Letter {
    /// Something happened.
    Event {
        /// What.
        happening: Happening,
        /// When.
        moment: Moment,
        /// Who waits for it to be on disk.
        receipt: Receipt,
        /// The room that it takes up until then.
        room: Room,
    },
    /// Somebody wants to know something; answered between two batches.
    Question(Question),
    /// Somebody wants proof that what is put in here still comes to the disk.
    Proof(Proof),
    /// The files say something else from now on, and what that changes.
    Site(Arc<crate::watch::site::Site>, Reloaded, Moment),
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Event { happening, .. } => f.debug_tuple("Event").field(happening).finish(),
            Self::Question(_) => f.write_str("Question"),
            Self::Proof(_) => f.write_str("Proof"),
            Self::Site(..) => f.write_str("Site"),
        }
    }
}

/// Owed to whoever brought a letter; given once, when the letter is on disk. Dropped, it says that
/// the letter was not accepted. (In distress a person at the keyboard is given theirs in other words.)
#[derive(Debug)]
pub struct Receipt(Option<oneshot::Sender<Outcome>>);

impl Receipt {
    /// The letter is on disk.
    pub fn give(self, outcome: Outcome) {
        if let Some(waiting) = self.0 {
            // Who no longer waits has lost nothing: a repetition will be known.
            let _ = waiting.send(outcome);
        }
    }
}

/// Where a receipt will come.
#[derive(Debug)]
pub struct Awaited(oneshot::Receiver<Outcome>);

impl Awaited {
    /// Waits until the letter is on disk.
    ///
    /// # Errors
    /// [`Withheld`] when it is not, and will not be: the sender must not be told that it is.
    pub async fn receipt(self) -> Result<Outcome, Withheld> {
        self.0.await.map_err(|_| Withheld)
    }

    /// What [`Awaited::receipt`] would say, if it is said already. Not to be asked again then.
    pub fn receipt_now(&mut self) -> Option<Result<Outcome, Withheld>> {
        match self.0.try_recv() {
            Ok(outcome) => Some(Ok(outcome)),
            Err(oneshot::error::TryRecvError::Empty) => None,
            Err(oneshot::error::TryRecvError::Closed) => Some(Err(Withheld)),
        }
    }
}

/// A letter was not accepted: the store refuses writes, or the house is closing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not accepted: the record cannot be written now, or Vigie is stopping")]
pub struct Withheld;

/// Why whoever brought a letter must not be told that it was received; `None` where it is on disk.
pub fn not_received(receipt: Result<Outcome, Withheld>) -> Option<String> {
    match receipt {
        Ok(Outcome::Taken | Outcome::Repeated) => None,
        // The watch says these to people who ask for something, not to signals.
        Ok(Outcome::Done(why) | Outcome::Testing(_, why) | Outcome::Owing(_, why)) => Some(why),
        Ok(Outcome::Refused(refusal)) => Some(refusal.0),
        Err(withheld) => Some(withheld.to_string()),
    }
}

/// Room that a letter takes up; given back when it is dropped.
#[derive(Debug)]
pub struct Room(#[expect(dead_code, reason = "it is held, not read")] OwnedSemaphorePermit);

/// The slot of the door; each adapter has one.
#[derive(Clone, Debug)]
pub struct Inbox {
    letters: mpsc::Sender<Letter>,
    room: Arc<Semaphore>,
}

/// An inbox, and the end from which the sequencer takes its letters.
pub fn inbox() -> (Inbox, mpsc::Receiver<Letter>) {
    let (sender, receiver) = mpsc::channel(CAPACITY);
    (Inbox { letters: sender, room: Arc::new(Semaphore::new(ROOM)) }, receiver)
}

impl Inbox {
    /// Puts a letter in, waiting for room, and comes back at once with where its receipt will be.
    ///
    /// # Errors
    /// [`Withheld`] when the house is closing.
    pub async fn put(&self, happening: Happening, moment: Moment) -> Result<Awaited, Withheld> {
        let (receipt, awaited) = oneshot::channel();
        self.send(happening, moment, Receipt(Some(receipt))).await?;
        Ok(Awaited(awaited))
    }

    async fn send(
        &self,
        happening: Happening,
        moment: Moment,
        receipt: Receipt,
    ) -> Result<(), Withheld> {
        let weight = u32::try_from(weight(&happening).min(ROOM)).map_err(|_| Withheld)?;
        let room = Arc::clone(&self.room).acquire_many_owned(weight).await.map_err(|_| Withheld)?;
        let letter = Letter::Event { happening, moment, receipt, room: Room(room) };
        self.letters.send(letter).await.map_err(|_| Withheld)
    }

    /// Puts a letter in and waits until it is on disk.
    ///
    /// # Errors
    /// [`Withheld`] when it is not, and will not be.
    pub async fn post(&self, happening: Happening, moment: Moment) -> Result<Outcome, Withheld> {
        self.put(happening, moment).await?.receipt().await
    }

    /// Puts a letter in for which nobody needs a receipt.
    ///
    /// # Errors
    /// [`Withheld`] when the house is closing.
    pub async fn tell(&self, happening: Happening, moment: Moment) -> Result<(), Withheld> {
        self.send(happening, moment, Receipt(None)).await
    }

    /// Asks the watch something, between two batches: the answer is what is on disk.
    ///
    /// # Errors
    /// [`Withheld`] when the house is closing.
    pub async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Watch) -> T + Send + 'static,
    ) -> Result<T, Withheld> {
        let (answer, awaited) = oneshot::channel();
        let question = Box::new(move |watch: &Watch| {
            let _ = answer.send(question(watch));
        });
        self.letters.send(Letter::Question(question)).await.map_err(|_| Withheld)?;
        awaited.await.map_err(|_| Withheld)
    }

    /// Proves that what is put in here still comes to the disk, behind everything that waits now; it waits for as long as that
    /// takes. A disk that refuses has answered, and what it said is the inner error.
    ///
    /// # Errors
    /// [`Withheld`] when the house is closing, or has nobody any more who could answer.
    pub async fn prove(&self) -> Result<io::Result<()>, Withheld> {
        let (answer, awaited) = oneshot::channel();
        self.letters.send(Letter::Proof(answer)).await.map_err(|_| Withheld)?;
        awaited.await.map_err(|_| Withheld)
    }

    /// Whether the house lives: what is put in here comes to the disk, and the record is written. It waits for as long as the road
    /// takes. A disk that refuses is not life: a restart mends nothing of that, so the watchdog takes it for an answer, but people
    /// outside are to know.
    ///
    /// # Errors
    /// [`Withheld`] when the house is closing, or has nobody any more who could answer.
    pub async fn lives(&self) -> Result<bool, Withheld> {
        let reached = self.prove().await?.is_ok();
        let written = self.ask(|watch| !watch.state().stands(SelfAlarm::Store, RECORD)).await?;
        Ok(reached && written)
    }

    /// The files say something else from now on.
    ///
    /// # Errors
    /// [`Withheld`] when the house is closing.
    pub async fn adopt(
        &self,
        site: Arc<crate::watch::site::Site>,
        reloaded: Reloaded,
        moment: Moment,
    ) -> Result<(), Withheld> {
        self.letters.send(Letter::Site(site, reloaded, moment)).await.map_err(|_| Withheld)
    }
}

/// What a letter takes up, in KiB: raw bytes stand in it as such, as fields and as text.
fn weight(happening: &Happening) -> usize {
    let raw = match happening {
        Happening::Signal(signal) => signal.raw.len(),
        Happening::Message(message) => message.signal.raw.len(),
        Happening::Test(test) => test.signal.raw.len(),
        Happening::Call(_)
        | Happening::Command(_)
        | Happening::TestSms(_)
        | Happening::Rostering(_)
        | Happening::Quieten(_)
        | Happening::Silenced(_)
        | Happening::Swap(_)
        | Happening::Report(_)
        | Happening::Delivery(_)
        | Happening::Own(_)
        | Happening::Learned(_)
        | Happening::EngineNoted(_)
        | Happening::Started(_)
        | Happening::Stopped
        | Happening::Configured
        | Happening::Reloaded(_)
        | Happening::Pruned(_)
        | Happening::Missing(_)
        | Happening::Deadline => 0,
    };
    ENVELOPE.saturating_add(raw.saturating_mul(4) / 1_024)
}

/// Says that the house is closing, and the inbox about to be shut. A copy is as good as the original.
#[derive(Clone, Debug)]
pub struct Closing(watch::Receiver<bool>);

impl Closing {
    /// True once the house is closing.
    pub fn new(closing: watch::Receiver<bool>) -> Self {
        Self(closing)
    }

    /// Waits until the house is closing. May be dropped and asked again.
    pub async fn closing(&mut self) {
        // The sender is gone only with the house itself.
        let _ = self.0.wait_for(|closing| *closing).await;
    }

    /// Whether the house is closing.
    pub fn is_closing(&self) -> bool {
        *self.0.borrow()
    }
}
