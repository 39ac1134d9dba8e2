//! The network: what it holds back, what it has taken, and what it reports.

use std::collections::VecDeque;

use crate::alphabet::{Encoding, segments};
use crate::concatenation::{Assembly, Limits, Outcome, Width, split};
use crate::pdu::{
    Address, Deliver, Incoming, Pdu, PduError, Status, StatusReport, Submit, TimeStamp,
};

use super::profile::ReportStore;
use super::ussd::Ussd;
use super::{Instant, Modem, Power, Profile};

/// One message that the network took: one part, if it has several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// When the network took it.
    pub at: Instant,
    /// The TP-MR that the modem gave it.
    pub reference: u8,
    /// What it says.
    pub submit: Submit,
}

/// One text that the network took, with all its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// When the last part was taken.
    pub at: Instant,
    /// Whom it is for.
    pub to: Address,
    /// The text.
    pub text: String,
    /// How many parts it had.
    pub parts: usize,
}

/// What is on its way to the modem.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Held {
    Message(Pdu),
    Report(Pdu),
}

/// The network's side.
#[derive(Debug)]
pub(super) struct Network {
    /// `<stat>` of `+CREG`.
    pub(super) registration: u8,
    /// `<rssi>` of `+CSQ`.
    pub(super) signal: u8,
    held: VecDeque<Held>,
    reports: VecDeque<(Instant, Submitted)>,
    submitted: Vec<Submitted>,
    sent: Vec<Sent>,
    assembly: Assembly<()>,
    reference: u8,
    concatenation: u16,
    said_full: bool,
    /// Its answers to questions.
    pub(super) ussd: Ussd,
}

impl Network {
    pub(super) fn new(profile: &Profile) -> Self {
        Self {
            registration: profile.registration,
            signal: profile.signal,
            held: VecDeque::new(),
            reports: VecDeque::new(),
            submitted: Vec::new(),
            sent: Vec::new(),
            assembly: Assembly::new(Limits::default()),
            reference: 0,
            concatenation: 0,
            said_full: false,
            ussd: Ussd::default(),
        }
    }

    /// Whether messages come and go.
    pub(super) fn is_registered(&self) -> bool {
        matches!(self.registration, 1 | 5..=7)
    }

    /// Takes a message; the reference is the modem's.
    pub(super) fn take(&mut self, submit: Submit, now: Instant, profile: &Profile) -> u8 {
        self.reference = self.reference.wrapping_add(1);
        let submitted = Submitted { at: now, reference: self.reference, submit };
        if submitted.submit.status_report {
            self.reports.push_back((now.saturating_add(profile.report_after), submitted.clone()));
        }
        self.join(&submitted, stamp(profile, now));
        self.submitted.push(submitted);
        self.reference
    }

    /// Puts parts together, by the same rules as for what is received.
    fn join(&mut self, submitted: &Submitted, time: TimeStamp) {
        let Submitted { at, submit, .. } = submitted;
        let as_received = Deliver::new(submit.destination.clone(), time, submit.user_data.clone());
        for outcome in self.assembly.accept(as_received, (), *at) {
            if let Outcome::Message(message) = outcome {
                let parts = message.tokens.len();
                self.sent.push(Sent { at: *at, to: message.sender, text: message.text, parts });
            }
        }
    }

    /// What was handed over is acknowledged.
    pub(super) fn forget_first(&mut self) {
        self.held.pop_front();
    }

    /// When the next report is due, if one is.
    pub(super) fn next_report(&self) -> Option<Instant> {
        self.reports.iter().map(|(at, _)| *at).min()
    }

    /// Makes the reports that are due.
    pub(super) fn make_reports(&mut self, now: Instant, profile: &Profile) {
        while let Some((at, submitted)) = self.reports.pop_front_if(|(at, _)| *at <= now) {
            let report = StatusReport::new(
                submitted.reference,
                submitted.submit.destination,
                stamp(profile, submitted.at),
                stamp(profile, at),
                Status::from_octet(profile.report_status),
            );
            self.held.extend(report.encode().map(Held::Report));
        }
    }
}

/// The network's clock.
fn stamp(profile: &Profile, now: Instant) -> TimeStamp {
    let seconds = profile.epoch.saturating_add(i64::try_from(now.as_secs()).unwrap_or_default());
    let zero = TimeStamp::from_octets([0; 7]);
    TimeStamp::from_unix(seconds, 0).unwrap_or(zero)
}

impl Modem {
    /// Somebody sends a text to the SIM: in as many parts as it needs. Says how many.
    ///
    /// # Errors
    /// What an [`Address`] may complain of.
    pub fn deliver(&mut self, sender: &str, text: &str, now: Instant) -> Result<usize, PduError> {
        self.elapse(now);
        let sender = sender.parse().or_else(|_| Address::name(sender))?;
        let encoding = segments(text).encoding;
        let parts = self.parts(&sender, text, encoding)?;
        let count = parts.len();
        for part in parts {
            self.network.held.push_back(Held::Message(part));
        }
        self.deliver_held();
        Ok(count)
    }

    fn parts(
        &mut self,
        sender: &Address,
        text: &str,
        encoding: Encoding,
    ) -> Result<Vec<Pdu>, PduError> {
        self.network.concatenation = self.network.concatenation.wrapping_add(1);
        let time = stamp(&self.profile, self.now);
        let centre = self.profile.service_centre.as_ref().and_then(|number| number.parse().ok());
        split(text, encoding, self.network.concatenation, Width::default())
            .into_iter()
            .map(|part| {
                let mut deliver = Deliver::new(sender.clone(), time, part);
                deliver.service_centre = centre.clone();
                deliver.encode()
            })
            .collect()
    }

    /// These octets come as a message, whatever they are; the service centre stands before them.
    pub fn deliver_raw(&mut self, bytes: Vec<u8>, now: Instant) {
        self.elapse(now);
        let centre = bytes.first().map_or(0, |length| usize::from(*length).saturating_add(1));
        let tpdu_length = u8::try_from(bytes.len().saturating_sub(centre)).unwrap_or(u8::MAX);
        self.network.held.push_back(Held::Message(Pdu { tpdu_length, bytes }));
        self.deliver_held();
    }

    /// Every free slot of the memory that receives is taken by an old message, as by a SIM that was in use elsewhere.
    pub fn fill_slots(&mut self, now: Instant) {
        self.elapse(now);
        let old =
            Address::name("old").and_then(|sender| self.parts(&sender, "old", Encoding::Gsm7));
        let memory = self.settings.receiving().to_owned();
        if let Ok(old) = old
            && let Some(pdu) = old.into_iter().next()
            && let Some(store) = self.sim.store_mut(&memory)
        {
            while store.put(pdu.bytes.clone()).is_ok() {}
        }
    }

    /// The registration changes: `<stat>` of `+CREG` (27.007 7.2).
    pub fn register(&mut self, status: u8, now: Instant) {
        self.elapse(now);
        self.network.registration = status;
        for (name, reports) in
            ["+CREG", "+CGREG", "+CEREG"].into_iter().zip(self.settings.registration)
        {
            if reports > 0 {
                self.say(&format!("{name}: {status}"));
            }
        }
        self.deliver_held();
    }

    /// The reception changes: 0 to 31, or 99 (27.007 8.5).
    pub fn set_signal(&mut self, signal: u8) {
        self.network.signal = signal;
    }

    /// The texts that the network took, with all their parts.
    #[must_use]
    pub fn sent(&self) -> &[Sent] {
        &self.network.sent
    }

    /// The same, taken away.
    pub fn take_sent(&mut self) -> Vec<Sent> {
        std::mem::take(&mut self.network.sent)
    }

    /// Every single message that the network took, in order.
    #[must_use]
    pub fn submitted(&self) -> &[Submitted] {
        &self.network.submitted
    }

    /// How many messages the network holds back.
    #[must_use]
    pub fn held(&self) -> usize {
        self.network.held.len()
    }

    /// How many slots of all stores are in use.
    #[must_use]
    pub fn slots_used(&self) -> usize {
        self.sim
            .names()
            .iter()
            .filter_map(|name| self.sim.store(name))
            .map(super::sim::Store::used)
            .sum()
    }

    /// How often a PIN was entered, right or wrong.
    #[must_use]
    pub fn pin_entries(&self) -> u32 {
        self.sim.entries()
    }

    /// Hands over what the network holds, as far as there is room.
    pub(super) fn deliver_held(&mut self) {
        if !self.network.is_registered() || !self.settings.radio || !self.sim.is_open() {
            return;
        }
        // A modem that starts is not in the network; one that is mute is.
        while self.power == Power::On
            && !self.is_at_prompt()
            && self.unacknowledged.is_none()
            && let Some(held) = self.network.held.pop_front()
        {
            let rest = match held {
                Held::Message(pdu) if self.settings.mt() == 2 => {
                    self.hand_over("+CMT: ,", pdu).map(Held::Message)
                }
                Held::Message(pdu) => {
                    let memory = self.settings.receiving().to_owned();
                    let by = (self.settings.mt() == 1).then_some("+CMTI");
                    self.store(&memory, pdu, by).map(Held::Message)
                }
                Held::Report(pdu) => match self.settings.ds() {
                    1 => self.hand_over("+CDS: ", pdu).map(Held::Report),
                    2 => self.store_report(pdu).map(Held::Report),
                    _ => None,
                },
            };
            if let Some(held) = rest {
                self.network.held.push_front(held);
                if self.unacknowledged.is_none() {
                    self.say_full();
                }
                return;
            }
        }
    }

    fn store_report(&mut self, pdu: Pdu) -> Option<Pdu> {
        match self.profile.report_store {
            ReportStore::Messages => {
                let memory = self.settings.receiving().to_owned();
                self.store(&memory, pdu, Some("+CDSI"))
            }
            ReportStore::Own => self.store("SR", pdu, Some("+CDSI")),
            ReportStore::Nowhere => {
                self.say("+CDSI: \"SM\",0");
                None
            }
        }
    }

    /// Stores a message, and gives it back if there is no room.
    fn store(&mut self, memory: &str, pdu: Pdu, announced: Option<&str>) -> Option<Pdu> {
        let store = self.sim.store_mut(memory)?;
        match store.put(pdu.bytes) {
            Ok(index) => {
                self.network.said_full = false;
                if let Some(by) = announced {
                    self.say(&format!("{by}: \"{memory}\",{index}"));
                }
                None
            }
            Err(bytes) => Some(Pdu { bytes, ..pdu }),
        }
    }

    fn say_full(&mut self) {
        if let Some(line) = self.profile.full.clone()
            && !std::mem::replace(&mut self.network.said_full, true)
        {
            self.say(&line);
        }
    }

    /// Reads what was typed at the prompt; `None` for what no modem would send.
    pub(super) fn submit_of(pdu: &[u8]) -> Option<Submit> {
        match Incoming::decode(pdu) {
            Ok(Incoming::Submit(submit)) => Some(submit),
            Ok(Incoming::Deliver(_) | Incoming::StatusReport(_)) | Err(_) => None,
        }
    }
}
