//! The pretended network: modems that send one message after the other, and phones that have them.
//!
//! A message takes [`SENDING`] for each of its parts, and the phone's report follows
//! [`DELIVERING`] later, unless the night says otherwise ([`Network::set_pace`]). The worst goes first, then the oldest,
//! as in the outbox.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use vigie_gsm::alphabet::{segments, transliterate};

use crate::watch::event::{Attempt, Delivered, Delivery, Happening, Report};
use crate::watch::name::InputName;
use crate::watch::notification::{Notification, NotificationId};
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::site::PhoneNumber;
use crate::watch::state::State;
use crate::watch::time::Mono;

/// How long one part of a message takes to be sent.
const SENDING: Duration = Duration::from_secs(4);
/// How long after that the phone says that it has it.
const DELIVERING: Duration = Duration::from_secs(3);

/// Modems, and the phones behind them.
#[derive(Debug)]
pub struct Network {
    modems: Vec<Modem>,
    /// Numbers to which the network refuses to send.
    refused: BTreeSet<PhoneNumber>,
    /// Phones that are off: what is sent to them stays with the service centre.
    off: BTreeSet<PhoneNumber>,
    /// Words of the network that are under way.
    words: BTreeMap<(Mono, u64), Delivery>,
    /// What the service centre keeps for a phone that is off.
    kept: Vec<Delivery>,
    count: u64,
}

#[derive(Debug)]
struct Modem {
    name: InputName,
    up: bool,
    /// How long one part takes it.
    pace: Duration,
    sending: Option<Sending>,
    reference: u8,
}

#[derive(Debug)]
struct Sending {
    id: NotificationId,
    phone: PhoneNumber,
    parts: usize,
    done: Mono,
}

/// How many SMS a text takes as it is sent.
pub(super) fn parts(text: &str) -> usize {
    segments(&transliterate(text)).parts.max(1)
}

impl Network {
    /// Modems of these names, all well.
    pub fn new(modems: Vec<InputName>) -> Self {
        let modems = modems
            .into_iter()
            .map(|name| Modem { name, up: true, pace: SENDING, sending: None, reference: 0 })
            .collect();
        Self {
            modems,
            refused: BTreeSet::new(),
            off: BTreeSet::new(),
            words: BTreeMap::new(),
            kept: Vec::new(),
            count: 0,
        }
    }

    /// When something is next heard of it.
    pub fn next(&self) -> Option<Mono> {
        let sent = self.modems.iter().filter_map(|modem| Some(modem.sending.as_ref()?.done)).min();
        let word = self.words.keys().next().map(|(due, _)| *due);
        [sent, word].into_iter().flatten().min()
    }

    /// Whether a message is being sent.
    pub fn is_sending(&self) -> bool {
        self.modems.iter().any(|modem| modem.sending.is_some())
    }

    /// What is heard of it by now.
    pub(super) fn heard(&mut self, now: Mono) -> Option<Happening> {
        if let Some(report) = self.sent(now) {
            return Some(Happening::Report(report));
        }
        let (key, _) = self.words.first_key_value().filter(|((due, _), _)| *due <= now)?;
        let key = *key;
        self.words.remove(&key).map(Happening::Delivery)
    }

    fn sent(&mut self, now: Mono) -> Option<Report> {
        let due =
            |modem: &&mut Modem| modem.sending.as_ref().is_some_and(|sending| sending.done <= now);
        let modem = self.modems.iter_mut().find(due)?;
        let sending = modem.sending.take()?;
        let by = modem.name.clone();
        if self.refused.contains(&sending.phone) {
            let why = Arc::from("the network does not know this number");
            return Some(Report { notification: sending.id, by, attempt: Attempt::Refused(why) });
        }
        let mut references = Vec::new();
        for _ in 0..sending.parts {
            modem.reference = modem.reference.wrapping_add(1);
            references.push(modem.reference);
        }
        for reference in &references {
            let delivery = Delivery {
                by: by.clone(),
                reference: *reference,
                recipient: sending.phone.clone(),
                outcome: Delivered::Delivered,
                submitted: None,
                discharged: None,
                identity: None,
            };
            if self.off.contains(&sending.phone) {
                self.kept.push(delivery);
            } else {
                self.say(now.after(DELIVERING), delivery);
            }
        }
        Some(Report { notification: sending.id, by, attempt: Attempt::Sent(references) })
    }

    fn say(&mut self, due: Mono, delivery: Delivery) {
        self.count = self.count.saturating_add(1);
        self.words.insert((due, self.count), delivery);
    }

    /// A modem that is free takes the worst, then the oldest, of what is owed.
    pub(super) fn take_up(&mut self, state: &State, now: Mono) -> Option<Report> {
        let modem = self.modems.iter_mut().find(|modem| modem.up && modem.sending.is_none())?;
        let first = |owed: &&Notification| (std::cmp::Reverse(owed.priority), owed.turn(), owed.id);
        let owed = state.notifications().filter(|owed| owed.is_ready()).min_by_key(first)?;
        let parts = parts(&owed.text);
        let takes = modem.pace.saturating_mul(u32::try_from(parts).unwrap_or(u32::MAX));
        modem.sending =
            Some(Sending { id: owed.id, phone: owed.phone.clone(), parts, done: now.after(takes) });
        let parts = u8::try_from(parts).unwrap_or(u8::MAX);
        Some(Report {
            notification: owed.id,
            by: modem.name.clone(),
            attempt: Attempt::Started { parts },
        })
    }

    /// A modem falls silent or comes back: what the daemon then hears. `None`: there is no such modem.
    pub fn set_modem(&mut self, name: &str, up: bool) -> Option<Vec<Happening>> {
        let modem = self.modems.iter_mut().find(|modem| modem.name.as_str() == name)?;
        modem.up = up;
        let mut heard = Vec::new();
        if let Some(sending) = modem.sending.take_if(|_| !up) {
            let by = modem.name.clone();
            heard.push(Happening::Report(Report {
                notification: sending.id,
                by,
                attempt: Attempt::Unknown,
            }));
        }
        heard.push(Happening::Own(if up {
            SelfSignal::cleared(SelfAlarm::ModemLost, name)
        } else {
            SelfSignal::raised(
                SelfAlarm::ModemLost,
                name,
                "the modem does not answer; the line is dropped (DTR, +++)",
            )
        }));
        Some(heard)
    }

    /// A modem takes so long for each part of a message from now on. `None`: there is no such modem.
    pub fn set_pace(&mut self, name: &str, pace: Duration) -> Option<()> {
        let modem = self.modems.iter_mut().find(|modem| modem.name.as_str() == name)?;
        modem.pace = pace;
        Some(())
    }

    /// The network refuses what is sent to a number, or takes it again.
    pub fn set_refused(&mut self, phone: PhoneNumber, refused: bool) {
        if refused {
            self.refused.insert(phone);
        } else {
            self.refused.remove(&phone);
        }
    }

    /// A phone is switched off or on; on, it says that it has what was kept for it.
    pub fn set_off(&mut self, phone: PhoneNumber, off: bool, now: Mono) {
        if off {
            self.off.insert(phone);
            return;
        }
        self.off.remove(&phone);
        for delivery in self.kept_for(&phone) {
            self.say(now.after(DELIVERING), delivery);
        }
    }

    /// The service centre gives up what it keeps for a phone that is off.
    pub fn give_up(&mut self, phone: &PhoneNumber, now: Mono) {
        for delivery in self.kept_for(phone) {
            self.say(now, Delivery { outcome: Delivered::Expired, ..delivery });
        }
    }

    fn kept_for(&mut self, phone: &PhoneNumber) -> Vec<Delivery> {
        self.kept.extract_if(.., |delivery| delivery.recipient == *phone).collect()
    }

    /// The machine was off: what the modems were doing is not known to anybody, and the phones'
    /// reports are lost.
    pub(super) fn forget(&mut self) {
        for modem in &mut self.modems {
            modem.sending = None;
        }
        self.words.clear();
    }
}
