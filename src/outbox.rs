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

use crate::errand::{Order, Request};
use crate::watch::name::InputName;
use crate::watch::notification::{Notification, NotificationId};
use crate::watch::site::{Channel, Priority};

/// What is owed, and who asks for it: run it as a task.
#[derive(Debug)]
pub struct Outbox {
    requests: mpsc::Receiver<Request>,
    owed: BTreeMap<Place, Arc<Notification>>,
    places: HashMap<NotificationId, Place>,
    asking: VecDeque<(Channel, InputName, oneshot::Sender<Arc<Notification>>)>,
    taken: HashMap<InputName, Arc<Notification>>,
}

/// Where a notification stands in the queue: by channel, the worst first, then the oldest.
type Place = (Channel, Reverse<Priority>, NotificationId);

impl Outbox {
    /// An outbox in which nothing is owed yet, and that serves these requests.
    pub fn new(requests: mpsc::Receiver<Request>) -> Self {
        Self {
            requests,
            owed: BTreeMap::new(),
            places: HashMap::new(),
            asking: VecDeque::new(),
            taken: HashMap::new(),
        }
    }

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
            let Some((channel, by, answer)) = self.asking.pop_front() else {
                break;
            };
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
    (
        notification.channel,
        Reverse(notification.priority),
        notification.id,
    )
}
