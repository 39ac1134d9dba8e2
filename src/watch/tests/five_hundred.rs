//! Five hundred alarms in a minute to three people, by one modem that takes three seconds for each message: everybody
//! has the critical ones in the first message that can still say so, nobody gets more than five messages in any ten
//! minutes, and every alarm can be acknowledged by the codes that anybody has received (behaviour §5).

use std::cmp::Reverse;
use std::time::Duration;

use super::night::{Modem, Night};
use super::site::{Files, MINUTE, SINGLE, policy, steps};
use crate::watch::event::{Attempt, Happening};
use crate::watch::notification::{Notification, NotificationId, Purpose};
use crate::watch::site::{OnReturn, Policy};
use crate::watch::storm::Storm;
use crate::watch::time::Mono;

const ALARMS: u32 = 500;
const EACH: Duration = Duration::from_secs(3);
const TEN_MINUTES: Duration = Duration::from_secs(600);
/// What waits is worded anew at most once in this time.
const MERGE: Duration = Duration::from_secs(1);
const PEOPLE: [&str; 3] = ["marie", "karim", "paul"];

/// A message that left.
struct Sent {
    began: Mono,
    what: Notification,
}

/// A storm, and the slow modem that tells of it.
struct Storming {
    night: Night,
    busy: Option<(NotificationId, Mono)>,
    sent: Vec<Sent>,
}

impl Storming {
    fn begins() -> Self {
        let mut all = steps(&[&PEOPLE]);
        all[0].wait = 120 * MINUTE;
        let policy = Policy { steps: all, on_return: OnReturn::Hold, ..policy(SINGLE) };
        let storm = Storm { messages: 5, window: TEN_MINUTES, reach_within: MINUTE };
        let mut night = Night::over(&Files { storm, ..Files::with(policy) });
        night.modem = Modem::IsDown;
        Self { night, busy: None, sent: Vec::new() }
    }

    /// Until that instant: what falls due, and what the modem does.
    fn until(&mut self, end: Mono) {
        loop {
            self.take_up();
            let done = self.busy.as_ref().map(|(_, done)| *done);
            let due = self.night.watch.next_deadline();
            let next = [done, due, Some(end)].into_iter().flatten().min().unwrap();
            if next > end {
                return;
            }
            self.night.to(next);
            if due.is_some_and(|due| due <= self.night.now.mono) {
                self.night.one(Happening::Deadline);
            } else if done.is_some_and(|done| done <= self.night.now.mono) {
                let (id, _) = self.busy.take().unwrap();
                self.night.report(id, Attempt::Sent(vec![1]));
            } else {
                return;
            }
        }
    }

    /// The modem takes the worst, then the oldest.
    fn take_up(&mut self) {
        if self.busy.is_some() {
            return;
        }
        let first = |owed: &Notification| (Reverse(owed.priority), owed.turn(), owed.id);
        let Some(owed) = self.night.queued().into_iter().min_by_key(first) else { return };
        let parts = u32::try_from(owed.text.chars().count().div_ceil(155)).unwrap();
        let now = self.night.now.mono;
        self.night.report(owed.id, Attempt::Started { parts: u8::try_from(parts).unwrap() });
        self.busy = Some((owed.id, now.after(EACH * parts)));
        self.sent.push(Sent { began: now, what: owed });
    }

    /// The storm; when each of the critical ones stood.
    fn rages(&mut self) -> Vec<(String, Mono)> {
        let mut critical = Vec::new();
        for number in 0..ALARMS {
            let is_critical = number % 37 == 5;
            let key = format!("{}{number}", if is_critical { "c" } else { "n" });
            let signal = self.night.reading("pump", &key, true, if is_critical { 2 } else { 1 });
            self.night.one(Happening::Signal(signal));
            let now = self.night.now.mono;
            if is_critical {
                critical.push((format!("Pompe {key} 2"), now));
            }
            self.until(now.after(MINUTE / ALARMS));
        }
        critical
    }

    fn to<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Sent> {
        self.sent.iter().filter(move |sent| {
            sent.what.person.as_str() == name && sent.what.purpose != Purpose::Reply
        })
    }

    fn nobody_gets_more_than_five_in_ten_minutes(&self) {
        for name in PEOPLE {
            let began: Vec<Mono> = self.to(name).map(|sent| sent.began).collect();
            for six in began.windows(6) {
                assert!(six[0].until(six[5]) >= TEN_MINUTES, "{name} got six: {six:?}");
            }
        }
    }
}

#[test]
fn everybody_has_the_critical_ones_in_the_first_message_and_nobody_gets_more_than_five() {
    let mut storm = Storming::begins();
    let began = storm.night.now.mono;
    let critical = storm.rages();
    storm.until(began.after(2 * MINUTE));
    assert_eq!(critical.len(), 14);
    for name in PEOPLE {
        for (text, stood) in &critical {
            let after: Vec<&Sent> = storm.to(name).filter(|sent| sent.began >= *stood).collect();
            let said = after.iter().position(|sent| sent.what.text.contains(text.as_str()));
            let said = said.unwrap_or_else(|| panic!("{name} was never told of {text}"));
            // One that left within a second of it could not say so any more.
            assert!(
                after[..said].iter().all(|sent| stood.until(sent.began) < MERGE),
                "{name} read of {text} in message {said}: {:?}",
                after.iter().map(|sent| &sent.what.text).collect::<Vec<_>>()
            );
        }
    }
    storm.nobody_gets_more_than_five_in_ten_minutes();
}

#[test]
fn every_one_of_five_hundred_alarms_can_be_acknowledged_by_each_who_was_told() {
    for name in PEOPLE {
        let mut storm = Storming::begins();
        let began = storm.night.now.mono;
        storm.rages();
        storm.until(began.after(15 * MINUTE));
        let codes: Vec<String> = storm
            .to(name)
            .map(|sent| sent.what.text.rsplit(' ').next().unwrap().to_owned())
            .collect();
        for code in codes {
            let message = storm.night.message(name, &code, None);
            storm.night.one(message);
            let now = storm.night.now.mono;
            storm.until(now.after(10 * MERGE));
        }
        let standing = storm.night.watch.state().standing();
        assert_eq!(standing.filter(|(_, open)| open.unacknowledged()).count(), 0, "{name}");
        let now = storm.night.now.mono;
        storm.until(now.after(30 * MINUTE));
        storm.nobody_gets_more_than_five_in_ten_minutes();
        let others = PEOPLE.iter().filter(|other| **other != name);
        for other in others {
            let told = storm.to(other).filter(|sent| sent.what.text.contains("par ")).count();
            assert!((1..=6).contains(&told), "{other} is told in few words who has them: {told}");
        }
    }
}
