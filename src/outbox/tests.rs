//! The outbox, and adapters that ask, look away and die.

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

    /// One that failed on a modem, or that its person wants by another.
    async fn owe_by(&self, id: u64, avoid: Option<&str>, prefer: Option<&str>) {
        let name = |name: Option<&str>| name.map(InputName::new);
        let mut owed = notification(id, "high");
        (owed.avoid, owed.prefer) = (name(avoid), name(prefer));
        self.errands.order(vec![Order::Owe(Arc::new(owed))]).await;
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
async fn what_a_modem_has_stands_unless_it_is_owed_no_more_or_something_worse_came() {
    let bench = Bench::new();
    let stands = |id| {
        let errands = &bench.errands;
        async move { errands.stands(NotificationId(id), &InputName::new("gsm.a")).await }
    };
    bench.owe(1, "high").await;
    bench.owe(2, "high").await;
    assert_eq!(bench.next("gsm.a").await, 1);
    bench.owe(0, "high").await;
    assert!(stands(1).await, "an older one of the same weight is no worse");
    assert!(!stands(2).await, "it has another");
    bench.owe(3, "critical").await;
    assert!(!stands(1).await);
    assert_eq!(bench.next("gsm.b").await, 3);
    assert!(stands(1).await, "another modem has what is worse");
    // Ordered anew: it has another text.
    bench.owe(1, "high").await;
    assert!(!stands(1).await);
    bench.done(1, "gsm.a").await;
    assert_eq!(bench.next("gsm.a").await, 0);
    bench.errands.order(vec![Order::Cancel(NotificationId(0))]).await;
    assert!(!stands(0).await, "it is owed no more");
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

#[tokio::test]
async fn what_failed_on_one_modem_goes_by_another_while_that_is_in_service() {
    let bench = Bench::new();
    bench.owe(1, "high").await;
    assert_eq!(bench.next("gsm.b").await, 1);
    bench.owe_by(2, Some("gsm.a"), None).await;
    assert!(bench.has_none_for("gsm.a").await, "b sends something, and will take it");
    bench.owe(3, "low").await;
    assert_eq!(bench.next("gsm.a").await, 3, "what may go by a does not wait behind it");
    bench.done(1, "gsm.b").await;
    assert_eq!(bench.next("gsm.b").await, 2);
}

#[tokio::test]
async fn what_failed_on_the_only_modem_in_service_is_tried_there_again() {
    let bench = Bench::new();
    bench.owe_by(1, Some("gsm.a"), None).await;
    assert_eq!(bench.next("gsm.a").await, 1);
    bench.done(1, "gsm.a").await;
    // b holds something and is lost with it.
    bench.owe(2, "high").await;
    assert_eq!(bench.next("gsm.b").await, 2);
    bench.owe_by(3, Some("gsm.a"), None).await;
    assert!(bench.has_none_for("gsm.a").await);
    bench.done(2, "gsm.b").await;
    bench.give_back("gsm.b").await;
    assert_eq!(bench.next("gsm.a").await, 3);
}

#[tokio::test]
async fn a_person_is_called_by_the_modem_that_they_prefer_while_it_works() {
    let bench = Bench::new();
    bench.owe_by(1, None, Some("gsm.b")).await;
    assert_eq!(bench.next("gsm.a").await, 1, "b is not in service");
    bench.owe_by(2, None, Some("gsm.a")).await;
    assert!(bench.has_none_for("gsm.b").await, "a is");
    bench.done(1, "gsm.a").await;
    assert_eq!(bench.next("gsm.a").await, 2);
    bench.owe_by(3, Some("gsm.a"), Some("gsm.a")).await;
    assert_eq!(bench.next("gsm.b").await, 3, "it failed there");
}

#[tokio::test]
async fn a_message_that_tries_a_modem_is_sent_by_that_one_alone_also_after_it_failed() {
    let bench = Bench::new();
    let mut owed = notification(1, "high");
    owed.purpose = Purpose::LoopBack;
    owed.prefer = Some(InputName::new("gsm.b"));
    owed.avoid = Some(InputName::new("gsm.b"));
    bench.errands.order(vec![Order::Owe(Arc::new(owed))]).await;
    assert!(bench.has_none_for("gsm.a").await, "though b is not in service");
    bench.owe(2, "low").await;
    assert_eq!(bench.next("gsm.a").await, 2, "and it keeps nothing back");
    assert_eq!(bench.next("gsm.b").await, 1);
}

#[tokio::test]
async fn a_modem_between_two_messages_is_in_service_until_it_says_that_it_is_not() {
    let bench = Bench::new();
    bench.owe(1, "high").await;
    assert_eq!(bench.next("gsm.b").await, 1);
    bench.owe_by(2, Some("gsm.a"), None).await;
    bench.done(1, "gsm.b").await;
    assert!(bench.has_none_for("gsm.a").await);
    bench.give_back("gsm.b").await;
    assert_eq!(bench.next("gsm.a").await, 2);
    bench.done(7, "gsm.c").await;
    bench.owe_by(3, Some("gsm.d"), None).await;
    bench.done(2, "gsm.a").await;
    bench.give_back("gsm.a").await;
    assert_eq!(bench.next("gsm.d").await, 3, "who had nothing in hand is not in service");
}

#[tokio::test]
async fn both_modems_wait_and_each_gets_what_is_for_it() {
    let bench = Bench::new();
    let (a, b, ()) = tokio::join!(bench.next("gsm.a"), bench.next("gsm.b"), async {
        bench.owe_by(1, Some("gsm.a"), None).await;
        bench.owe_by(2, Some("gsm.b"), None).await;
    });
    assert_eq!((a, b), (2, 1));
}
