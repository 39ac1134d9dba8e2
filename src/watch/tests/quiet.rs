//! What is kept quiet on purpose: whoever may, for no longer than they may, and never what is still there at the end.

mod by_design;
mod daily;
mod maintenance;
mod out_of_service;
mod shelving;

use std::time::Duration;

use super::night::{Night, thawed};
use super::site::{Files, SINGLE, person, policy};
use crate::watch::alarm::Alarm;
use crate::watch::decision::{Outcome, Refusal};
use crate::watch::event::Happening;
use crate::watch::suppression::{Request, Which, Wish};

const HOUR: Duration = Duration::from_secs(3_600);

fn wish(name: &str, which: &str, wish: Wish) -> Happening {
    let which: Which = which.parse().unwrap();
    Happening::Quieten(Request { person: person(name), account: "root".into(), which, wish })
}

fn shelving(lasting: Duration) -> Wish {
    Wish::Shelve { lasting, once: false, reason: Some("known".into()) }
}

impl Night {
    /// A person asks at the keyboard, and it is done.
    fn wishes(&mut self, name: &str, which: &str, wished: Wish) -> String {
        match self.happens(wish(name, which, wished)) {
            Outcome::Done(sentence) => sentence,
            other => panic!("{other:?}"),
        }
    }

    /// A person asks at the keyboard, and it is not done.
    fn is_refused(&mut self, name: &str, which: &str, wished: Wish) -> String {
        match self.happens(wish(name, which, wished)) {
            Outcome::Refused(Refusal(sentence)) => sentence,
            other => panic!("{other:?}"),
        }
    }

    fn alarm(&self, name: &str, key: &str) -> Option<&Alarm> {
        self.watch.state().alarm(name, key)
    }

    fn is_open(&self, name: &str, key: &str) -> bool {
        self.alarm(name, key).is_some_and(|alarm| alarm.open.is_some())
    }

    fn is_hidden(&self, name: &str, key: &str) -> bool {
        self.alarm(name, key).is_some_and(|alarm| alarm.hidden().is_some())
    }

    /// A snapshot of what is known gives the same again.
    fn is_in_snapshot(&self) {
        let again = thawed(self.watch.state());
        assert!(again == *self.watch.state(), "a snapshot gives another state");
    }
}

fn calling() -> Night {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.active();
    assert_eq!(night.rung(), ["marie"]);
    night
}
