//! The outbox: what is owed to somebody, until an adapter takes it.
//!
//! It decides nothing: whom to tell, and when to stop, is the watch's business. It hands out one
//! notification at a time, by priority and then by age, to whoever asks for one. After a crash it
//! may say a thing twice; it never says a thing that the journal does not hold, but in distress.
//!
//! What an adapter has taken stays known here until the adapter says that it is done with it: an
//! adapter that looked away at the wrong instant is handed the same again. One that cannot go on
//! gives it back, and another may have it. What was attempted is not given back: its report is
//! with the watch, which alone owes it again.
//!
//! Among several modems, all take from one queue, so that none stands idle while another works. A
//! notification that failed on one, or that its person wants by another, is kept for the others as
//! long as one of them is in service: it asks, or has something in hand.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::errand::{Order, Request};
use crate::watch::name::InputName;
use crate::watch::notification::{Notification, NotificationId, Purpose};
use crate::watch::site::{Channel, Priority};

/// So many of the worst that wait are looked through for one that a modem may have.
const LOOK: usize = 1_000;

/// What is owed, and who asks for it: run it as a task.
#[derive(Debug)]
pub struct Outbox {
    requests: mpsc::Receiver<Request>,
    owed: BTreeMap<Place, Arc<Notification>>,
    places: HashMap<NotificationId, Place>,
    asking: VecDeque<(Channel, InputName, oneshot::Sender<Arc<Notification>>)>,
    taken: HashMap<InputName, Arc<Notification>>,
    /// Who is done with what it had, and has yet to say whether it goes on.
    between: HashSet<InputName>,
}

/// Where a notification stands in the queue: by channel, the worst first, then the oldest; a digest has the turn of the oldest
/// message that it stands for.
type Place = (Channel, Reverse<Priority>, NotificationId, NotificationId);

impl Outbox {
    /// An outbox in which nothing is owed yet, and that serves these requests.
    pub fn new(requests: mpsc::Receiver<Request>) -> Self {
        Self {
            requests,
            owed: BTreeMap::new(),
            places: HashMap::new(),
            asking: VecDeque::new(),
            taken: HashMap::new(),
            between: HashSet::new(),
        }
    }

    /// Serves until everybody who could ask is gone.
    pub async fn run(mut self) {
        while let Some(request) = self.requests.recv().await {
            match request {
                Request::Order(orders) => orders.into_iter().for_each(|order| self.order(order)),
                Request::Next(channel, by, answer) => {
                    self.between.remove(&by);
                    self.asking.push_back((channel, by, answer));
                }
                // Only from who says so: the watch may owe it again, and another have it, before.
                Request::Done(id, by) => {
                    if self.taken.get(&by).is_some_and(|taken| taken.id == id) {
                        self.taken.remove(&by);
                        self.between.insert(by);
                    }
                }
                Request::GiveBack(by) => {
                    self.between.remove(&by);
                    self.give_back(&by);
                }
                Request::Stands(id, by, answer) => {
                    let _ = answer.send(self.stands(id, &by));
                }
                Request::Waiting(answer) => {
                    let _ = answer.send(self.owed.len());
                }
            }
            self.hand_out();
        }
    }

    fn order(&mut self, order: Order) {
        match order {
            Order::Owe(notification) => self.owe(notification),
            Order::Cancel(id) => {
                if let Some(place) = self.places.remove(&id) {
                    self.owed.remove(&place);
                }
                self.taken.retain(|_, taken| taken.id != id);
            }
        }
    }

    fn owe(&mut self, notification: Arc<Notification>) {
        let place = place(&notification);
        if let Some(former) = self.places.insert(notification.id, place) {
            self.owed.remove(&former);
        }
        self.owed.insert(place, notification);
    }

    /// Back to its place in the queue, unless it has been ordered anew meanwhile.
    fn give_back(&mut self, by: &InputName) {
        if let Some(taken) = self.taken.remove(by)
            && !self.places.contains_key(&taken.id)
        {
            self.owe(taken);
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

    /// The other modems that ask for something to send, or have, or had just now, something in hand.
    fn others_in_service(&self, channel: Channel, by: &InputName) -> Vec<InputName> {
        let asking = self.asking.iter().filter(|(other, _, answer)| {
            // Who looked away is no longer there.
            *other == channel && !answer.is_closed()
        });
        let asking = asking.map(|(_, name, _)| name);
        let working = self.taken.keys().chain(&self.between);
        asking.chain(working).filter(|name| *name != by).cloned().collect()
    }

    /// Whether what was handed to this modem is still what it would be handed.
    fn stands(&self, id: NotificationId, by: &InputName) -> bool {
        let taken = self.taken.get(by).filter(|taken| taken.id == id);
        taken.is_some_and(|taken| {
            let others = self.others_in_service(taken.channel, by);
            let waiting = self.owed.iter().take_while(|((channel, Reverse(priority), ..), _)| {
                *channel == taken.channel && *priority > taken.priority
            });
            // Ordered anew, it has another text.
            !self.places.contains_key(&id)
                && !waiting.take(LOOK).any(|(_, owed)| may_have(by, &others, owed))
        })
    }

    fn next_for(&mut self, channel: Channel, by: &InputName) -> Option<Arc<Notification>> {
        if let Some(taken) = self.taken.get(by) {
            return Some(Arc::clone(taken));
        }
        let others = self.others_in_service(channel, by);
        let queue = self.owed.iter().filter(|((owed, ..), _)| *owed == channel);
        let place = queue.take(LOOK).find(|(_, owed)| may_have(by, &others, owed));
        let place = *place?.0;
        let notification = self.owed.remove(&place)?;
        self.places.remove(&notification.id);
        self.taken.insert(by.clone(), Arc::clone(&notification));
        Some(notification)
    }
}

/// Whether this modem may have it, while those others are in service.
fn may_have(by: &InputName, others: &[InputName], owed: &Notification) -> bool {
    let failed_here = |modem: &InputName| owed.avoid.as_ref() == Some(modem);
    let is_in_service = |modem: &InputName| others.contains(modem);
    // It tries the path of that modem: sent by another, it would say nothing of it.
    if owed.purpose == Purpose::LoopBack {
        return owed.prefer.as_ref() == Some(by);
    }
    if others.is_empty() {
        return true;
    }
    match &owed.prefer {
        _ if failed_here(by) => false,
        Some(wanted) => wanted == by || failed_here(wanted) || !is_in_service(wanted),
        None => true,
    }
}

fn place(notification: &Notification) -> Place {
    (notification.channel, Reverse(notification.priority), notification.turn(), notification.id)
}

#[cfg(test)]
mod tests;
