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
                // Only from who says so: the watch may owe it again, and another have it, before.
                Request::Done(id, by) => {
                    self.taken.retain(|who, taken| *who != by || taken.id != id);
                }
                Request::GiveBack(by) => self.give_back(&by),
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

#[cfg(test)]
mod tests {
    use std::future::Future as _;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use tokio::task::JoinSet;

    use super::*;
    use crate::errand::{Errands, errands};

    /// An outbox, and what asks it; nothing runs but what the test asks for.
    struct Bench {
        errands: Errands,
        outbox: JoinSet<()>,
    }

    impl Bench {
        fn new() -> Self {
            let (errands, requests) = errands();
            let mut outbox = JoinSet::new();
            outbox.spawn(Outbox::new(requests).run());
            Self { errands, outbox }
        }

        async fn owe(&self, id: u64, priority: &str) {
            self.errands.order(vec![Order::Owe(Arc::new(notification(id, priority)))]).await;
        }

        async fn cancel(&self, id: u64) {
            self.errands.order(vec![Order::Cancel(NotificationId(id))]).await;
        }

        async fn next(&self, by: &str) -> u64 {
            self.errands.next(Channel::Sms, &InputName::new(by)).await.expect("it is open").id.0
        }

        /// What this adapter would be handed now, and that it looks away.
        async fn has_none_for(&self, by: &str) -> bool {
            let name = InputName::new(by);
            let mut next = pin!(self.errands.next(Channel::Sms, &name));
            let mut nobody = Context::from_waker(Waker::noop());
            let asked = next.as_mut().poll(&mut nobody);
            assert!(asked.is_pending());
            // Answered in the order of asking: when this is answered, the other has been as well.
            self.errands.waiting().await;
            next.as_mut().poll(&mut nobody) == Poll::Pending
        }

        async fn done(&self, id: u64, by: &str) {
            self.errands.done(NotificationId(id), &InputName::new(by)).await;
        }

        async fn give_back(&self, by: &str) {
            self.errands.give_back(&InputName::new(by)).await;
        }

        async fn end(self) {
            drop(self.errands);
            self.outbox.join_all().await;
        }
    }

    fn notification(id: u64, priority: &str) -> Notification {
        serde_json::from_value(serde_json::json!({
            "id": id, "person": "marie", "channel": "sms", "phone": "+33612345678", "purpose": "call",
            "priority": priority, "text": "4711", "created": 0, "state": "queued", "attempts": 0,
        }))
        .expect("a notification")
    }

    #[tokio::test]
    async fn the_worst_leaves_first_and_then_the_oldest() {
        let bench = Bench::new();
        for (id, priority) in [(1, "low"), (2, "high"), (3, "critical"), (4, "high")] {
            bench.owe(id, priority).await;
        }
        for id in [3, 2, 4, 1] {
            assert_eq!(bench.next("gsm.a").await, id);
            bench.done(id, "gsm.a").await;
        }
        assert_eq!(bench.errands.waiting().await, 0);
        bench.end().await;
    }

    #[tokio::test]
    async fn who_looked_away_is_handed_the_same_again_and_nobody_else_is() {
        let bench = Bench::new();
        bench.owe(1, "high").await;
        bench.owe(2, "high").await;
        assert_eq!(bench.next("gsm.a").await, 1);
        bench.owe(3, "critical").await;
        assert_eq!(bench.next("gsm.a").await, 1, "it is not done with it");
        assert_eq!(bench.next("gsm.b").await, 3);
        bench.done(1, "gsm.a").await;
        assert_eq!(bench.next("gsm.a").await, 2);
    }

    #[tokio::test]
    async fn what_is_given_back_goes_to_another_modem_before_what_is_younger() {
        let bench = Bench::new();
        bench.owe(1, "high").await;
        assert_eq!(bench.next("gsm.a").await, 1);
        bench.owe(2, "high").await;
        bench.give_back("gsm.a").await;
        assert_eq!(bench.next("gsm.b").await, 1);
        assert_eq!(bench.next("gsm.a").await, 2);
        bench.give_back("gsm.c").await;
        assert_eq!(bench.errands.waiting().await, 0, "who has nothing gives nothing back");
    }

    #[tokio::test]
    async fn who_waits_gets_what_another_gives_back() {
        let bench = Bench::new();
        bench.owe(1, "high").await;
        assert_eq!(bench.next("gsm.a").await, 1);
        let (next, ()) = tokio::join!(bench.next("gsm.b"), bench.give_back("gsm.a"));
        assert_eq!(next, 1);
    }

    #[tokio::test]
    async fn what_is_cancelled_while_it_is_taken_is_handed_to_nobody_and_not_given_back() {
        let bench = Bench::new();
        bench.owe(1, "high").await;
        assert_eq!(bench.next("gsm.a").await, 1);
        bench.cancel(1).await;
        assert!(bench.has_none_for("gsm.a").await);
        bench.give_back("gsm.a").await;
        assert!(bench.has_none_for("gsm.b").await);
    }

    #[tokio::test]
    async fn what_was_attempted_is_sent_again_only_when_it_is_owed_again() {
        let bench = Bench::new();
        bench.owe(1, "high").await;
        assert_eq!(bench.next("gsm.a").await, 1);
        // The end of a life: the report is with the watch, which postpones.
        bench.done(1, "gsm.a").await;
        bench.give_back("gsm.a").await;
        assert!(bench.has_none_for("gsm.b").await);
        bench.owe(1, "high").await;
        assert_eq!(bench.next("gsm.b").await, 1);
    }

    #[tokio::test]
    async fn an_order_that_overtakes_the_end_of_the_last_attempt_is_kept_and_counts_once() {
        let bench = Bench::new();
        bench.owe(1, "low").await;
        assert_eq!(bench.next("gsm.a").await, 1);
        bench.owe(1, "high").await;
        assert_eq!(bench.next("gsm.b").await, 1);
        bench.done(1, "gsm.a").await;
        assert_eq!(bench.next("gsm.b").await, 1, "b is not done with it");
        bench.done(1, "gsm.b").await;
        // The same, given back by who died before it could say that it was done.
        bench.owe(2, "low").await;
        assert_eq!(bench.next("gsm.a").await, 2);
        bench.owe(2, "high").await;
        bench.give_back("gsm.a").await;
        assert_eq!(bench.errands.waiting().await, 1);
        bench.owe(2, "critical").await;
        assert_eq!(bench.errands.waiting().await, 1, "one notification stands in one place");
    }
}
