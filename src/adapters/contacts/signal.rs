//! What a contact tells, as a signal.
//!
//! It keeps for each contact when lost edges were told last, and whether some are to be told with the next state, and nothing
//! else: whether it chatters is the codec's to say.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use vigie_contacts::{Level, Outcome, Report, State};

use super::called;
use super::device::Shown;
use super::points::mono;
use crate::config::{ContactSettings, ContactsSettings, LineSettings, Wiring};
use crate::watch::name::InputName;
use crate::watch::signal::{Fields, Kind, Signal, Tells, Value};
use crate::watch::time::{Moment, Mono};

/// Lost edges of one contact are told no more often.
const LOST_EDGES_EVERY: Duration = Duration::from_secs(60);

/// Makes signals of one device.
#[derive(Debug)]
pub(super) struct Signals {
    input: InputName,
    contacts: Vec<Told>,
}

#[derive(Debug)]
struct Told {
    name: String,
    source: Arc<str>,
    /// What each of its lines is called.
    lines: Vec<String>,
    normally_closed: bool,
    lost_edges: Option<Mono>,
    /// Edges were lost while nobody knew the state: they are told with it.
    lost_unseen: bool,
}

impl Signals {
    /// For a device of which nothing was told yet.
    pub(super) fn of(settings: &ContactsSettings) -> Self {
        let device = called(&settings.device);
        let contacts = settings.contacts.iter().map(|contact| Told::of(contact, &device)).collect();
        Self { input: settings.name.clone(), contacts }
    }

    /// The signal of what a contact told; `None` where there is nothing to be said.
    pub(super) fn signal(
        &mut self,
        place: usize,
        report: &Report,
        shown: &[Shown],
        now: Moment,
    ) -> Option<Signal> {
        let contact = self.contacts.get_mut(place)?;
        let (state, tells) = contact.hear(report.outcome, now.mono)?;
        let lost = contact.has_lost(report.outcome, now.mono);
        let since = mono(report.since).until(now.mono);
        Some(Signal {
            source_time: Some(now.utc.before(since)),
            tells,
            raw: Arc::from(raw(&contact.lines, shown).into_bytes()),
            ..contact.says(&self.input, report, lost, (state, now))
        })
    }
}

/// What a contact would say that has just gone into its alarm position: for a test, which reads no device.
pub(super) fn in_alarm(of: &ContactsSettings, contact: &ContactSettings, now: Moment) -> Signal {
    let state = State::in_alarm(contact.normally);
    let contact = Told::of(contact, &called(&of.device));
    let since = super::points::instant(now.mono);
    let report = Report { since, outcome: Outcome::Changed(state), is_chattering: false };
    contact.says(&of.name, &report, false, (state, now))
}

impl Told {
    fn of(contact: &ContactSettings, device: &str) -> Self {
        let lines = lines(contact);
        Self {
            name: contact.name.clone(),
            source: Arc::from(format!("{device} {}", lines.join(" and "))),
            lines,
            normally_closed: contact.normally == Level::Closed,
            lost_edges: None,
            lost_unseen: false,
        }
    }

    /// A contact in that state, as news of now, and whether edges were lost.
    fn says(
        &self,
        input: &InputName,
        report: &Report,
        lost: bool,
        (state, now): (State, Moment),
    ) -> Signal {
        let outcome = report.outcome;
        let mut fields = Fields::with_capacity(6);
        fields.set("line", Value::text(self.name.as_str()));
        let alarm = state.is_alarm() || report.is_chattering;
        fields.set("closed", Value::Bool(alarm != self.normally_closed));
        fields.set("alarm", Value::Bool(alarm));
        fields.set("fault", Value::Bool(state.fault().is_some()));
        fields.set("chattering", Value::Bool(report.is_chattering));
        fields.set("edges_lost", Value::Bool(lost));
        Signal {
            input: input.clone(),
            kind: Kind::Contacts,
            source: Arc::clone(&self.source),
            fields,
            text: Arc::from(self.in_words(outcome, state) + Self::lost_in_words(outcome, lost)),
            source_time: Some(now.utc),
            tells: Tells::News,
            received: now.utc,
            identity: None,
            raw: Arc::from([]),
        }
    }

    /// What is to be said of an outcome: of which state, and whether it is news.
    fn hear(&mut self, outcome: Outcome, now: Mono) -> Option<(State, Tells)> {
        match outcome {
            Outcome::Initial(state) => Some((state, Tells::Standing)),
            Outcome::Changed(state)
            | Outcome::Pulsed { state, .. }
            | Outcome::ChatterBegan(state)
            | Outcome::ChatterEnded(state) => Some((state, Tells::News)),
            Outcome::EdgesLost { state: None, .. } => {
                self.lost_unseen = true;
                None
            }
            Outcome::EdgesLost { state: Some(state), .. } => {
                let recently =
                    self.lost_edges.is_some_and(|last| last.until(now) < LOST_EDGES_EVERY);
                if recently {
                    return None;
                }
                self.lost_edges = Some(now);
                Some((state, Tells::Standing))
            }
            Outcome::Lost => None,
            Outcome::Recovered { state, before } => {
                let as_it_was = before.is_none_or(|before| before == state);
                Some((state, if as_it_was { Tells::Standing } else { Tells::News }))
            }
        }
    }

    /// Whether what is told tells of edges that were lost.
    fn has_lost(&mut self, told: Outcome, now: Mono) -> bool {
        match told {
            Outcome::EdgesLost { .. } => true,
            Outcome::Initial(_)
            | Outcome::Changed(_)
            | Outcome::Pulsed { .. }
            | Outcome::ChatterBegan(_)
            | Outcome::ChatterEnded(_)
            | Outcome::Lost
            | Outcome::Recovered { .. } => {
                let lost = std::mem::take(&mut self.lost_unseen);
                if lost {
                    self.lost_edges = Some(now);
                }
                lost
            }
        }
    }

    /// What is said of lost edges beside something else.
    fn lost_in_words(outcome: Outcome, lost: bool) -> &'static str {
        match outcome {
            Outcome::EdgesLost { .. } => "",
            Outcome::Initial(_)
            | Outcome::Changed(_)
            | Outcome::Pulsed { .. }
            | Outcome::ChatterBegan(_)
            | Outcome::ChatterEnded(_)
            | Outcome::Lost
            | Outcome::Recovered { .. } => {
                if lost {
                    "; edges were lost meanwhile, pulses may be missing"
                } else {
                    ""
                }
            }
        }
    }

    fn in_words(&self, outcome: Outcome, state: State) -> String {
        let level = if state.is_closed() { "closed" } else { "open" };
        let stands = match state.fault() {
            Some(fault) => format!("fault: {fault}"),
            None => format!("{state}, {level}"),
        };
        let name = &self.name;
        match outcome {
            Outcome::Initial(_)
            | Outcome::Changed(_)
            | Outcome::Lost
            | Outcome::Recovered { before: None, .. } => {
                format!("{name}: {stands}")
            }
            Outcome::Pulsed { pulses, .. } => {
                let s = if pulses == 1 { "" } else { "s" };
                format!("{name}: {stands}; {pulses} pulse{s} that no reading showed")
            }
            Outcome::ChatterBegan(_) => {
                format!("{name}: chattering, its changes are no longer told")
            }
            Outcome::ChatterEnded(_) => format!("{name}: no longer chattering; {stands}"),
            Outcome::EdgesLost { edges: Some(edges), .. } => {
                format!("{name}: {edges} edges were lost, pulses may be missing; {stands}")
            }
            Outcome::EdgesLost { edges: None, .. } => {
                format!("{name}: edges were lost, pulses may be missing; {stands}")
            }
            Outcome::Recovered { before: Some(before), .. } if before != state => {
                format!("{name}: seen again; {stands} (before: {before})")
            }
            Outcome::Recovered { .. } => format!("{name}: seen again; {stands}"),
        }
    }
}

/// What each line of a contact is called.
pub(super) fn lines(contact: &ContactSettings) -> Vec<String> {
    let lines: Vec<&LineSettings> = match &contact.wiring {
        Wiring::Single { at, .. } | Wiring::Loop { at, .. } => vec![at],
        Wiring::Pair { at, other, .. } => vec![at, other],
    };
    lines.into_iter().map(|line| line.called.clone()).collect()
}

/// What was read of these lines, for the record.
pub(super) fn raw(lines: &[String], shown: &[Shown]) -> String {
    let mut raw = String::new();
    for (line, shown) in lines.iter().zip(shown) {
        let space = if raw.is_empty() { "" } else { ", " };
        // Writing to a text does not fail.
        let _ = match shown {
            Shown::Bit(bit) => write!(raw, "{space}{line} = {}", u8::from(*bit)),
            Shown::Counted { bit, count } => {
                write!(raw, "{space}{line} = {}, counter {count}", u8::from(*bit))
            }
            Shown::Latched { bit, is_set } => {
                let (bit, latch) = (u8::from(*bit), u8::from(*is_set));
                write!(raw, "{space}{line} = {bit}, latch {latch}")
            }
            Shown::Value(value) => write!(raw, "{space}{line} = {value}"),
            Shown::Nothing => write!(raw, "{space}{line} = ?"),
        };
    }
    raw
}
