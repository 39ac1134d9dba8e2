//! Errands: what an adapter is asked to say to the world, and how it takes them.
//!
//! This is the adapters' end of the outbox. An adapter takes one errand at a time and says when it
//! is done with it, or gives it back; until then asking again hands out the same, so that an adapter
//! that died, or looked away at the wrong instant, loses nothing.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::watch::name::InputName;
use crate::watch::notification::{Notification, NotificationId};
use crate::watch::site::Channel;

/// So many requests wait at most.
const CAPACITY: usize = 1_024;

/// What is asked of the outbox.
#[derive(Debug)]
pub enum Request {
    /// The sequencer's orders, once they are committed.
    Order(Vec<Order>),
    /// An adapter wants the next errand of a channel.
    Next(Channel, InputName, oneshot::Sender<Arc<Notification>>),
    /// An adapter is done with one.
    Done(NotificationId, InputName),
    /// An adapter will not come to what it has taken: another may have it.
    GiveBack(InputName),
    /// An adapter is about to send what it has taken: whether it is still the one to be sent.
    Stands(NotificationId, InputName, oneshot::Sender<bool>),
    /// Somebody wants to know how many wait.
    Waiting(oneshot::Sender<usize>),
}

/// What the sequencer orders, once it is committed.
#[derive(Debug)]
pub enum Order {
    /// This is owed now.
    Owe(Arc<Notification>),
    /// This is not owed any more.
    Cancel(NotificationId),
}

impl Order {
    /// What it says is owed.
    pub fn owed(&self) -> Option<NotificationId> {
        match self {
            Self::Owe(notification) => Some(notification.id),
            Self::Cancel(_) => None,
        }
    }
}

/// The way to the outbox.
#[derive(Clone, Debug)]
pub struct Errands(mpsc::Sender<Request>);

/// The way to an outbox, and the end at which it takes what is asked of it.
pub fn errands() -> (Errands, mpsc::Receiver<Request>) {
    let (sender, requests) = mpsc::channel(CAPACITY);
    (Errands(sender), requests)
}

impl Errands {
    /// Gives orders, in their order. The outbox that is gone with the house takes none.
    pub async fn order(&self, orders: Vec<Order>) {
        if !orders.is_empty() {
            let _ = self.0.send(Request::Order(orders)).await;
        }
    }

    /// Waits for the next notification of that channel for this adapter. `None` when the house is
    /// closing.
    ///
    /// May be dropped at any time: until [`Self::done`] or [`Self::give_back`], asking again hands
    /// out the same.
    pub async fn next(&self, channel: Channel, by: &InputName) -> Option<Arc<Notification>> {
        let (answer, awaited) = oneshot::channel();
        self.0.send(Request::Next(channel, by.clone(), answer)).await.ok()?;
        awaited.await.ok()
    }

    /// The adapter is done with a notification, however that ended: the watch has its report. Then it
    /// asks for the next one, or says by [`Self::give_back`] that it does not: what failed elsewhere
    /// may wait for it.
    pub async fn done(&self, notification: NotificationId, by: &InputName) {
        let _ = self.0.send(Request::Done(notification, by.clone())).await;
    }

    /// The adapter gives back what it has taken and will not come to, if anything: whoever asks
    /// next may have it. To be called when the report of an attempt under way is in the inbox, and
    /// [`Self::done`] is said: what was attempted is the watch's to owe again.
    pub async fn give_back(&self, by: &InputName) {
        let _ = self.0.send(Request::GiveBack(by.clone())).await;
    }

    /// Whether what the adapter has taken is still the one to be sent: `false` where it is owed no more, or in other words, or where
    /// something worse waits that the adapter may have. To be asked when the start is on the record, for the house went on until then.
    /// What does not stand is reported, and [`Self::done`] is said.
    pub async fn stands(&self, notification: NotificationId, by: &InputName) -> bool {
        let (answer, awaited) = oneshot::channel();
        if self.0.send(Request::Stands(notification, by.clone(), answer)).await.is_err() {
            return true;
        }
        awaited.await.unwrap_or(true)
    }

    /// How many notifications wait.
    pub async fn waiting(&self) -> usize {
        let (answer, awaited) = oneshot::channel();
        if self.0.send(Request::Waiting(answer)).await.is_err() {
            return 0;
        }
        awaited.await.unwrap_or(0)
    }
}
