//! The outbox: what is owed to somebody, until an adapter takes it.
//!
//! It decides nothing: whom to tell, and when to stop, is the watch's business. It hands out one
//! notification at a time, by priority and then by age, to whoever asks for one. After a crash it
//! may say a thing twice; it never says a thing that the journal does not hold, but in distress.
//!
//! What an adapter has taken stays known here until the adapter says that it is done with it: an
//! adapter that died, or looked away at the wrong instant, is handed the same again.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::watch::name::InputName;
use crate::watch::notification::{Notification, NotificationId};
use crate::watch::site::{Channel, Priority};

/// So many orders of the sequencer wait at most.
const CAPACITY: usize = 1_024;

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

/// What an adapter asks for.
#[derive(Debug)]
enum Request {
    Order(Vec<Order>),
    Next(Channel, InputName, oneshot::Sender<Arc<Notification>>),
    Done(NotificationId),
    Waiting(oneshot::Sender<usize>),
}

/// The way to the outbox, for the sequencer and for adapters.
#[derive(Clone, Debug)]
pub struct Outbox(mpsc::Sender<Request>);

/// The outbox's inside: run it as a task.
#[derive(Debug)]
pub struct Desk {
    requests: mpsc::Receiver<Request>,
    owed: BTreeMap<Place, Arc<Notification>>,
    places: HashMap<NotificationId, Place>,
    asking: VecDeque<(Channel, InputName, oneshot::Sender<Arc<Notification>>)>,
    taken: HashMap<InputName, Arc<Notification>>,
}

/// Where a notification stands in the queue: by channel, the worst first, then the oldest.
type Place = (Channel, Reverse<Priority>, NotificationId);

/// An outbox: the way to it, and its inside.
pub fn outbox() -> (Outbox, Desk) {
    let (sender, requests) = mpsc::channel(CAPACITY);
    let desk =
        Desk {
        requests,
        owed: BTreeMap::new(),
        places: HashMap::new(),
        asking: VecDeque::new(),
        taken: HashMap::new(),
    };
    (Outbox(sender), desk)
}

impl Outbox {
    /// Gives orders, in their order. The outbox that is gone with the house takes none.
    pub async fn order(&self, orders: Vec<Order>) {
        if !orders.is_empty() {
            let _ = self.0.send(Request::Order(orders)).await;
        }
    }

    /// Waits for the next notification of that channel for this adapter. `None` when the house is
    /// closing.
    ///
    /// May be dropped at any time: until [`Outbox::done`], asking again hands out the same.
    pub async fn next(&self, channel: Channel, by: &InputName) -> Option<Arc<Notification>> {
        let (answer, awaited) = oneshot::channel();
        self.0.send(Request::Next(channel, by.clone(), answer)).await.ok()?;
        awaited.await.ok()
    }

    /// The adapter is done with a notification, however that ended: the watch has its report.
    pub async fn done(&self, notification: NotificationId) {
        let _ = self.0.send(Request::Done(notification)).await;
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

impl Desk {
    /// Serves until everybody who could ask is gone.
    pub async fn run(mut self) {
        while let Some(request) = self.requests.recv().await {
            match request {
                Request::Order(orders) => orders.into_iter().for_each(|order| self.order(order)),
                Request::Next(channel, by, answer) => self.asking.push_back((channel, by, answer)),
                Request::Done(id) => self.taken.retain(|_, taken| taken.id != id),
                Request::Waiting(answer) => {
                    let _ = answer.send(self.owed.len());
                }
            }
            self.hand_out();
        }
    }

    fn order(&mut self, order: Order) {
        match order {
            Order::Owe(notification) => {
                let place = place(&notification);
                self.places.insert(notification.id, place);
                self.owed.insert(place, notification);
            }
            Order::Cancel(id) => {
                if let Some(place) = self.places.remove(&id) {
                    self.owed.remove(&place);
                }
                self.taken.retain(|_, taken| taken.id != id);
            }
        }
    }

    fn hand_out(&mut self) {
        for _ in 0..self.asking.len() {
            let Some((channel, by, answer)) = self.asking.pop_front() else { break };
            // Who asked and looked away will ask again.
            if answer.is_closed() {
                continue;
            }
            match self.next_for(channel, &by) {
                Some(notification) => {
                    let _ = answer.send(notification);
                }
                None => self.asking.push_back((channel, by, answer)),
            }
        }
    }

    fn next_for(&mut self, channel: Channel, by: &InputName) -> Option<Arc<Notification>> {
        if let Some(taken) = self.taken.get(by) {
            return Some(Arc::clone(taken));
        }
        let place = *self.owed.keys().find(|(owed, ..)| *owed == channel)?;
        let notification = self.owed.remove(&place)?;
        self.places.remove(&notification.id);
        self.taken.insert(by.clone(), Arc::clone(&notification));
        Some(notification)
    }
}

fn place(notification: &Notification) -> Place {
    (notification.channel, Reverse(notification.priority), notification.id)
}
