//! A night: the dialogue and a simulated modem, with a wire between them and a clock that we turn.

use std::time::Duration;

use vigie_gsm::alphabet::segments;
use vigie_gsm::dialogue::{Dialogue, Event, Instant, Pin, Settings, Slot};
use vigie_gsm::pdu::{Incoming, Submit, SubmitPdu, UserData};
use vigie_gsm::simulator::{Modem, Profile};

/// Deadlines that come without anything having moved mean that somebody spins.
const MOST_TURNS: usize = 200_000;

/// The dialogue and its modem.
pub(crate) struct Night {
    pub(crate) modem: Modem,
    pub(crate) dialogue: Dialogue,
    pub(crate) now: Instant,
    pub(crate) events: Vec<Event>,
    /// Whatever is received is deleted at once, as by an owner with a fast journal.
    pub(crate) deletes: bool,
    /// The PIN that the owner gives whenever one is wanted.
    pub(crate) pin: Option<Pin>,
    /// How the wire cuts what the modem says.
    pub(crate) cut: usize,
    /// All that the dialogue wrote.
    pub(crate) written: Vec<u8>,
}

impl Night {
    pub(crate) fn new(profile: Profile) -> Self {
        Self::with(profile, Settings::default())
    }

    pub(crate) fn with(profile: Profile, settings: Settings) -> Self {
        let now = Duration::from_secs(1000);
        Self {
            modem: Modem::new(profile, now),
            dialogue: Dialogue::new(settings, now),
            now,
            events: Vec::new(),
            deletes: true,
            pin: None,
            cut: usize::MAX,
            written: Vec::new(),
        }
    }

    /// One that has come to `Ready` and to rest.
    pub(crate) fn ready(profile: Profile) -> Self {
        let mut night = Self::new(profile);
        night.pass(3.0);
        assert!(night.is_ready(), "{:?}", night.events);
        night.events.clear();
        night
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.events.iter().any(|event| matches!(event, Event::Ready(_)))
    }

    /// Lets so many seconds pass.
    pub(crate) fn pass(&mut self, seconds: f64) {
        let until = self.now + Duration::from_secs_f64(seconds);
        let mut turns = 0;
        loop {
            turns += 1;
            assert!(
                turns < MOST_TURNS,
                "the dialogue spins at {:?}: {:?}",
                self.now,
                self.dialogue
            );
            self.exchange();
            let next =
                [self.dialogue.deadline(), self.modem.deadline()].into_iter().flatten().min();
            match next {
                Some(next) if next <= until => {
                    self.now = self.now.max(next);
                    self.modem.elapse(self.now);
                    self.dialogue.elapse(self.now);
                }
                _ => {
                    self.now = until;
                    self.modem.elapse(until);
                    self.dialogue.elapse(until);
                    return self.exchange();
                }
            }
        }
    }

    /// Carries bytes both ways until nobody has anything to say.
    fn exchange(&mut self) {
        loop {
            let mut moved = false;
            if let Some(bytes) = self.dialogue.transmit() {
                self.written.extend_from_slice(&bytes);
                self.modem.receive(&bytes, self.now);
                moved = true;
            }
            if let Some(bytes) = self.modem.transmit() {
                for piece in bytes.chunks(self.cut) {
                    self.dialogue.receive(piece, self.now);
                    if let Some(bytes) = self.dialogue.transmit() {
                        self.written.extend_from_slice(&bytes);
                        self.modem.receive(&bytes, self.now);
                    }
                }
                moved = true;
            }
            while let Some(event) = self.dialogue.event() {
                if let Event::Received { slot, .. } = &event
                    && self.deletes
                {
                    self.dialogue.delete(slot.clone());
                }
                if let Some(pin) = self.pin.clone()
                    && matches!(event, Event::PinWanted { .. })
                {
                    self.dialogue.try_pin(pin);
                    moved = true;
                }
                self.events.push(event);
            }
            if !moved {
                return;
            }
        }
    }

    pub(crate) fn submit(&mut self, ticket: u64, text: &str) {
        self.dialogue.submit(ticket, submit(text, false)).expect("the modem is ready");
    }

    /// The texts that were received, in order.
    pub(crate) fn received(&self) -> Vec<String> {
        self.events
            .iter()
            .filter_map(|event| match event {
                Event::Received { pdu, .. } => Some(text_of(pdu)),
                _ => None,
            })
            .collect()
    }

    /// Where they stood.
    pub(crate) fn slots(&self) -> Vec<Slot> {
        let slot = |event: &Event| match event {
            Event::Received { slot, .. } => Some(slot.clone()),
            _ => None,
        };
        self.events.iter().filter_map(slot).collect()
    }

    /// Only the events that tell what became of messages that were sent.
    pub(crate) fn outcomes(&self) -> Vec<Event> {
        let of_sending = |event: &&Event| {
            matches!(
                event,
                Event::Submitting { .. }
                    | Event::Sent { .. }
                    | Event::Refused { .. }
                    | Event::Unknown { .. }
                    | Event::NotSubmitted { .. }
            )
        };
        self.events.iter().filter(of_sending).cloned().collect()
    }

    /// How many events are such.
    pub(crate) fn count(&self, is_such: impl Fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|event| is_such(event)).count()
    }

    /// Waits until something has happened, and says how long that took.
    pub(crate) fn until(&mut self, seconds: f64, happened: impl Fn(&Self) -> bool) -> Duration {
        let from = self.now;
        let steps = seconds / 0.05;
        let mut step = 0.0;
        while step < steps && !happened(self) {
            self.pass(0.05);
            step += 1.0;
        }
        assert!(happened(self), "not within {seconds} s: {:?}", self.events);
        self.now - from
    }
}

pub(crate) fn submit(text: &str, status_report: bool) -> SubmitPdu {
    let encoding = segments(text).encoding;
    let destination = "+33612345678".parse().expect("a number");
    let mut submit = Submit::new(destination, UserData::text_alone(text, encoding));
    submit.status_report = status_report;
    submit.encode().expect("a short text")
}

pub(crate) fn text_of(pdu: &[u8]) -> String {
    match Incoming::decode(pdu) {
        Ok(Incoming::Deliver(deliver)) => deliver.user_data.text(),
        Ok(Incoming::StatusReport(report)) => format!("report {}", report.reference),
        Ok(Incoming::Submit(submit)) => format!("draft {}", submit.user_data.text()),
        Err(error) => format!("malformed: {error}"),
    }
}
