//! The network and the SIMs: they lose, repeat, delay, refuse and fall silent, as the weather has it.

use std::sync::Arc;
use std::time::Duration;

use vigie::watch::event::{Attempt, Delivered, Delivery, ShortMessage};
use vigie::watch::notification::Notification;
use vigie::watch::signal::{Fields, Identity, Kind, Signal, Tells, Value};
use vigie::watch::site::PhoneNumber;
use vigie::watch::time::Utc;

use super::{Fate, Happens, Modem, Said, Spare, Stored, World};
use crate::clocks::At;
use crate::site::{MODEMS, NUMBERS, TRIED};

impl World {
    /// A modem takes a message. What becomes of it is decided here.
    pub(crate) fn hand_over(&mut self, modem: usize, owed: &Arc<Notification>) -> Fate {
        let fate = self.fate(modem, owed);
        self.modems[modem].under_way = Some((Arc::clone(owed), fate.clone()));
        fate
    }

    fn fate(&mut self, modem: usize, owed: &Arc<Notification>) -> Fate {
        let at = self.clocks.at();
        self.counts.calls += 1;
        self.tell(|| {
            format!(
                "{} is handed {} for {}: {:?}",
                MODEMS[modem], owed.id.0, owed.person, owed.text
            )
        });
        self.said.push_back(Said { at, by: MODEMS[modem], notification: Arc::clone(owed) });
        let Self { chance, weather, .. } = self;
        let parts = parts(&owed.text);
        let takes = chance.seconds(2, 5) * u32::try_from(parts).expect("a few");
        if chance.per_mille(weather.hangs) {
            let attempt = Attempt::Unknown;
            return Fate { takes: chance.seconds(40, 90), attempt };
        }
        if chance.per_mille(weather.fails) {
            return Fate { takes, attempt: Attempt::Failed(Arc::from("the network is busy")) };
        }
        if chance.per_mille(weather.refuses) {
            return Fate { takes, attempt: Attempt::Refused(Arc::from("unknown number")) };
        }
        let references = (0..parts).map(|_| self.reference(modem)).collect();
        Fate { takes, attempt: Attempt::Sent(references) }
    }

    fn reference(&mut self, modem: usize) -> u8 {
        let modem = &mut self.modems[modem];
        modem.reference = modem.reference.wrapping_add(1);
        modem.reference
    }

    /// What a modem was handed has gone the way of its fate: the network does what it does with it.
    pub(crate) fn sent(&mut self, modem: usize, owed: &Arc<Notification>, attempt: &Attempt) {
        self.modems[modem].under_way = None;
        self.tell(|| format!("{}: {} {attempt:?}", MODEMS[modem], owed.id.0));
        let references: Vec<u8> = match attempt {
            Attempt::Sent(references) => references.clone(),
            // It left, and only the network knows under which references.
            Attempt::Unknown if self.chance.per_mille(500) => {
                (0..parts(&owed.text)).map(|_| self.reference(modem)).collect()
            }
            Attempt::Unknown
            | Attempt::Started { .. }
            | Attempt::Failed(_)
            | Attempt::Yielded
            | Attempt::Refused(_) => {
                return;
            }
        };
        let Self { chance, weather, .. } = self;
        let lost = chance.per_mille(weather.loses);
        let slow = chance.per_mille(weather.delays);
        let twice = chance.per_mille(weather.repeats);
        let reports = !chance.per_mille(weather.silent);
        let delay = if slow { chance.seconds(60, 2_400) } else { chance.seconds(1, 9) };
        if !lost {
            let rings =
                Happens::Rings { phone: owed.phone.to_string(), text: Arc::clone(&owed.text) };
            self.after(delay, rings.clone());
            if twice {
                let later = delay + self.chance.seconds(1, 120);
                self.after(later, rings);
            }
        }
        if !reports {
            return;
        }
        let submitted = self.clocks.moment().utc;
        for reference in references {
            let outcome = match (lost, self.chance.below(3)) {
                (false, _) => Delivered::Delivered,
                (true, 0) => Delivered::Expired,
                (true, 1) => Delivered::Failed,
                (true, _) => Delivered::Pending,
            };
            let report = self.report(modem, reference, &owed.phone, outcome, submitted);
            let wait = delay
                + self.chance.seconds(1, 20)
                + if lost { Duration::from_secs(600) } else { Duration::ZERO };
            self.after(wait, Happens::Arrives(modem, Stored::Report(report)));
        }
    }

    /// The house is dead. What its modems had in hand may leave all the same.
    pub(crate) fn cut_off(&mut self) {
        for modem in 0..self.modems.len() {
            if let Some((owed, fate)) = self.modems[modem].under_way.take()
                && self.chance.per_mille(500)
            {
                self.sent(modem, &owed, &fate.attempt);
            }
        }
    }

    /// Which modems could send something now, and have nothing to send.
    pub(crate) fn spare(&self) -> Spare {
        let is_spare = |modem: &Modem| modem.up && modem.under_way.is_none();
        Spare {
            any: self.modems.iter().any(is_spare),
            tried: self.modems.get(TRIED.0).is_some_and(is_spare),
        }
    }

    fn report(
        &mut self,
        modem: usize,
        reference: u8,
        to: &PhoneNumber,
        outcome: Delivered,
        submitted: Utc,
    ) -> Delivery {
        Delivery {
            by: MODEMS[modem].into(),
            reference,
            recipient: to.clone(),
            outcome,
            submitted: Some(submitted),
            discharged: None,
            identity: Some(Identity(self.chance.number())),
        }
    }

    /// A text on its way from a phone to the site. Networks repeat messages.
    pub(crate) fn text(&mut self, phone: &str, text: &str) {
        self.counts.texts += 1;
        self.tell(|| format!("{phone} sends {text:?}"));
        let modem = self.chance.below(MODEMS.len());
        let identity = Identity(self.chance.number());
        let message = Arc::new(self.message(modem, phone, text, identity));
        let (delays, repeats) = (self.weather.delays, self.weather.repeats);
        let slow = self.chance.per_mille(delays);
        let delay = if slow { self.chance.seconds(60, 3_600) } else { self.chance.seconds(1, 12) };
        self.after(delay, Happens::Arrives(modem, Stored::Message(Arc::clone(&message))));
        if self.chance.per_mille(repeats) {
            // Some repeat hours later what somebody has long acted upon.
            let late = self.chance.per_mille(300);
            let (least, most) = if late { (600, 7_200) } else { (1, 300) };
            let later = delay + self.chance.seconds(least, most);
            self.after(later, Happens::Arrives(modem, Stored::Message(message)));
        }
    }

    fn message(&self, modem: usize, phone: &str, text: &str, identity: Identity) -> ShortMessage {
        let mut fields = Fields::with_capacity(2);
        fields.set("modem", Value::text(MODEMS[modem].trim_start_matches("gsm.")));
        fields.set("sender", Value::text(phone));
        let signal = Signal {
            input: MODEMS[modem].into(),
            kind: Kind::Gsm,
            source: Arc::from(phone),
            fields,
            text: Arc::from(text),
            source_time: None,
            tells: Tells::News,
            received: self.clocks.moment().utc,
            identity: Some(identity),
            raw: Arc::from(text.as_bytes()),
        };
        ShortMessage { signal, sender: PhoneNumber::parse(phone), national: None }
    }

    /// A message of one modem has come to another.
    pub(crate) fn comes_round(&mut self, number: &str, text: &str) {
        self.tell(|| format!("{number} receives {text:?}"));
        let identity = Identity(self.chance.number());
        let message = Arc::new(self.message(TRIED.1, NUMBERS[TRIED.0], text, identity));
        self.store(TRIED.1, Stored::Message(message));
    }

    /// A modem looks at its SIM again after that time, once.
    pub(crate) fn sweep_again(&mut self, wait: Duration, modem: usize) {
        let by = self.clocks.at() + wait;
        let soon = |(at, _): &(At, u64), happens: &Happens| {
            *at <= by && matches!(happens, Happens::Sweeps(other) if *other == modem)
        };
        if !self.events.iter().any(|(when, happens)| soon(when, happens)) {
            self.after(wait, Happens::Sweeps(modem));
        }
    }

    /// Something stands on a SIM now; the modem says so, unless it does not.
    pub(crate) fn store(&mut self, modem: usize, stored: Stored) {
        self.slots += 1;
        let slot = self.slots;
        self.modems[modem].sim.insert(slot, stored);
        let told = self.chance.per_mille(950);
        // What a modem does not tell of is found at the next sweep.
        let wait = if told { Duration::from_millis(200) } else { Duration::from_secs(60) };
        self.after(wait, Happens::Sweeps(modem));
    }
}

/// In how many short messages a text leaves.
pub(crate) fn parts(text: &str) -> usize {
    1 + text.chars().count() / 154
}
