//! What the contacts show and mean, written down for whoever watches them; nothing of it decides anything.
//!
//! # Decision (2026-11-27): a snapshot that is asked for again, and no stream
//!
//! The adapter writes into a place of its own ([`crate::health`]) and never waits for a reader. `vigie contacts watch` asks the
//! control socket for what has changed since it last asked; the daemon holds the answer back until there is something, a few
//! seconds at most. So the socket keeps its one question and one answer, a slow terminal costs the daemon nothing, and many
//! edges between two questions are one answer. Rejected: a stream, which needs a bound of its own for each reader.

use std::sync::Arc;

use vigie_contacts::{Outcome, Report, State};

use super::device::Shown;
use super::finding::in_full;
use super::points::{Points, mono};
use super::signal::{lines, raw};
use crate::config::ContactsSettings;
use crate::health::{ContactNow, ContactState, Pulse, What};
use crate::watch::time::{Moment, Utc};

/// Edges that the device showed, whether or not they came to count.
const EDGES: &str = "edges";

/// What each contact showed last, line by line; nothing yet.
#[derive(Debug)]
pub(super) struct Panel(Vec<(Vec<String>, Vec<Shown>)>);

/// Says which contacts there are.
pub(super) fn wire(settings: &ContactsSettings, pulse: &Pulse, now: Utc) {
    let row = |contact: &crate::config::ContactSettings| ContactNow {
        contact: Arc::from(in_full(settings, contact)),
        line: Arc::from(lines(contact).join(" and ")),
        normally: word(contact.normally == vigie_contacts::Level::Closed),
        raw: Arc::from(""),
        state: ContactState::Unknown,
        level: None,
        fault: None,
        chattering: false,
        reason: None,
        since: now,
        changes: 0,
        edges: 0,
    };
    pulse.contacts(|contacts| contacts.wire(settings.contacts.iter().map(row)));
}

impl Panel {
    pub(super) fn of(settings: &ContactsSettings) -> Self {
        Self(settings.contacts.iter().map(|contact| (lines(contact), Vec::new())).collect())
    }

    /// The device was looked at.
    pub(super) fn looks(&mut self, points: &Points, pulse: &Pulse, now: Moment) {
        for (place, (lines, before)) in self.0.iter_mut().enumerate() {
            if points.shows(place).eq(before.iter().copied()) {
                continue;
            }
            let shown: Vec<Shown> = points.shows(place).collect();
            let edges = before.iter().zip(&shown).filter(|(before, now)| differ(**before, **now));
            let edges = u64::try_from(edges.count()).unwrap_or(u64::MAX);
            let raw: Arc<str> = Arc::from(raw(lines, &shown));
            let what = (edges > 0).then_some(What::Edge);
            if edges > 0 {
                pulse.add(EDGES, edges);
            }
            pulse.contacts(|contacts| {
                contacts.note(place, now.utc, what, |contact| {
                    contact.raw = raw;
                    contact.edges = contact.edges.saturating_add(edges);
                });
            });
            *before = shown;
        }
    }
}

/// A contact has told something.
pub(super) fn tells(place: usize, report: &Report, pulse: &Pulse, now: Moment) {
    let (what, changes, edges) = match report.outcome {
        Outcome::Initial(_) => (What::Found, 0, 0),
        Outcome::Changed(_) => (What::Changed, 1, 0),
        Outcome::Pulsed { pulses, .. } => (What::Pulsed, 1, u64::from(pulses).saturating_mul(2)),
        Outcome::ChatterBegan(_) => (What::Chatters, 0, 0),
        Outcome::ChatterEnded(_) => (What::Quiet, 0, 0),
        Outcome::EdgesLost { .. } => (What::EdgesLost, 0, 0),
        Outcome::Recovered { state, before } => {
            (What::Found, u64::from(before.is_some_and(|before| before != state)), 0)
        }
        // The device says why, for all of its contacts.
        Outcome::Lost => return,
    };
    let since = now.utc.before(mono(report.since).until(now.mono));
    pulse.contacts(|contacts| {
        contacts.note(place, now.utc, Some(what), |contact| {
            contact.changes = contact.changes.saturating_add(changes);
            contact.edges = contact.edges.saturating_add(edges);
            contact.chattering = match what {
                What::Chatters => true,
                What::Found | What::Quiet => false,
                What::Edge | What::Changed | What::Pulsed | What::EdgesLost | What::Lost => {
                    contact.chattering
                }
            };
            if let Some(state) = report.outcome.state().filter(|_| what != What::EdgesLost) {
                contact.since = since;
                counts(contact, state);
            }
        });
    });
}

fn counts(contact: &mut ContactNow, state: State) {
    contact.reason = None;
    contact.fault = state.fault().map(|fault| Arc::from(fault.to_string()));
    contact.level = contact.fault.is_none().then(|| word(state.is_closed()));
    contact.state = match (&contact.fault, state.is_alarm()) {
        (Some(_), _) => ContactState::Fault,
        (None, true) => ContactState::Alarm,
        (None, false) => ContactState::Normal,
    };
}

fn word(is_closed: bool) -> &'static str {
    if is_closed { "closed" } else { "open" }
}

/// A value that moves within its band is no edge.
fn differ(before: Shown, now: Shown) -> bool {
    let bit = |shown| match shown {
        Shown::Bit(bit) | Shown::Counted { bit, .. } | Shown::Latched { bit, .. } => Some(bit),
        Shown::Value(_) | Shown::Nothing => None,
    };
    matches!((bit(before), bit(now)), (Some(before), Some(now)) if before != now)
}
