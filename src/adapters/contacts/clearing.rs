//! The latches of a device: which of them may be cleared now, and which cannot be.
//!
//! It looks at nothing and clears nothing: it is told what a contact has told, waits for the receipts, and says what is due. A latch
//! that was to be cleared and is set still is tried again, three times at once and then once a minute; nobody hears of it but once.
//!
//! # Decision (2026-11-27): a latch is cleared when its pulse is on disk
//!
//! Clearing is what says "received" to a board: it goes out after the receipt of the last signal of its contact, and never before
//! the contact has told one. A signal that is not accepted is offered again, with an identity by which the watch knows it, and its
//! latch stays set meanwhile. Where a life ends without the receipt, the next one tells the pulse again. A crash between the record
//! and the clearing does the same: the pulse is told once more after the start, which costs a needless call and no more. Rejected:
//! to remember on disk which latches were told, since a latch has no number, and the next pulse would pass for the one that is known.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::time::Duration;

use super::device::{Cleared, LineNumber};
use super::points::SetLatch;
use crate::config::{Beside, ContactsSettings, Wiring};
use crate::inbox::{Awaited, Inbox, Withheld, not_received};
use crate::watch::event::Happening;
use crate::watch::name::InputName;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::signal::{Identity, Signal};
use crate::watch::time::{Moment, Mono};

/// A signal that was not accepted is offered again after so long.
const OFFERED_AGAIN: Duration = Duration::from_secs(10);
/// So many times in a row is a latch cleared in vain before that is told.
const TRIES: u32 = 3;
/// A latch that cannot be cleared is tried again after so long.
const TRIED_AGAIN: Duration = Duration::from_secs(60);
/// Receipts are waited for for so long, once: meanwhile the device is not looked at.
pub(super) const RECEIPTS: Duration = Duration::from_secs(1);

/// The latches of a device, by the places of their contacts.
pub(super) struct Clearing {
    input: InputName,
    latches: BTreeMap<usize, Latch>,
    /// Whether it was told that latches cannot be cleared; unknown before anything was told.
    told: Option<bool>,
}

struct Latch {
    name: String,
    /// So many of its signals wait for room; whether that was waited for already.
    unsent: usize,
    is_late: bool,
    /// Its last signal that has gone in and is not known to be on disk.
    last: Option<Sent>,
    /// So many times in a row it could not be cleared; the last time why.
    failed: u32,
    why: String,
    again: Option<Mono>,
    /// It is set again as long as its level is not normal.
    waits_for_normal: bool,
}

struct Sent {
    signal: Signal,
    moment: Moment,
    receipt: Receipt,
}

type Wait = Pin<Box<dyn Future<Output = Option<String>> + Send>>;

enum Receipt {
    /// It will come.
    Coming {
        wait: Wait,
        /// Whether it was waited for already.
        is_late: bool,
    },
    /// It was withheld; the signal is offered again then.
    Withheld(Mono),
}

fn coming(awaited: Awaited) -> Receipt {
    let wait = async { not_received(awaited.receipt().await) };
    Receipt::Coming { wait: Box::pin(wait), is_late: false }
}

impl Clearing {
    /// Of a device of which nothing was told yet.
    pub(super) fn of(settings: &ContactsSettings) -> Self {
        let mut latches = BTreeMap::new();
        for (place, contact) in settings.contacts.iter().enumerate() {
            if let Wiring::Single { beside: Some(Beside::Latch(_)), .. } = &contact.wiring {
                latches.insert(place, Latch::of(&contact.name));
            }
        }
        Self { input: settings.name.clone(), latches, told: None }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.latches.is_empty()
    }

    /// A contact tells something, which has yet to go in.
    pub(super) fn told(&mut self, place: usize) {
        if let Some(latch) = self.latches.get_mut(&place) {
            latch.unsent = latch.unsent.saturating_add(1);
            latch.is_late = false;
        }
    }

    /// Something that a contact told had to go for lack of room; whether its latch must tell it again.
    pub(super) fn dropped(&mut self, place: usize) -> bool {
        let latch = self.latches.get_mut(&place);
        latch.map(|latch| latch.unsent = latch.unsent.saturating_sub(1)).is_some()
    }

    /// By what a repetition of this signal is known, where it is of a contact with a latch.
    pub(super) fn identity(&self, place: usize, signal: &Signal, at: Moment) -> Option<Identity> {
        let latch = self.latches.get(&place)?;
        let (wall, mono) = (at.utc.to_string(), at.mono.nanos().to_be_bytes());
        let pieces: [&[u8]; 5] = [
            self.input.as_str().as_bytes(),
            latch.name.as_bytes(),
            wall.as_bytes(),
            &mono,
            signal.text.as_bytes(),
        ];
        Some(Identity::of(&pieces))
    }

    /// A signal of a contact has gone in.
    pub(super) fn sent(&mut self, place: usize, signal: Signal, moment: Moment, awaited: Awaited) {
        if let Some(latch) = self.latches.get_mut(&place) {
            latch.unsent = latch.unsent.saturating_sub(1);
            latch.last = Some(Sent { signal, moment, receipt: coming(awaited) });
        }
    }

    /// How long [`Self::receipts`] may be waited for: not twice for the same ones.
    pub(super) fn patience(&mut self) -> Duration {
        let mut is_new = false;
        for latch in self.latches.values_mut() {
            is_new |= latch.unsent > 0 && !std::mem::replace(&mut latch.is_late, true);
            if let Some(Sent { receipt: Receipt::Coming { is_late, .. }, .. }) = &mut latch.last {
                is_new |= !std::mem::replace(is_late, true);
            }
        }
        if is_new { RECEIPTS } else { Duration::ZERO }
    }

    /// Waits for the receipts that will come, and offers again what was withheld. May be dropped and asked again.
    pub(super) async fn receipts(&mut self, inbox: &Inbox, now: Mono) -> Result<(), Withheld> {
        for latch in self.latches.values_mut() {
            let Some(sent) = &mut latch.last else { continue };
            match &mut sent.receipt {
                Receipt::Coming { wait, .. } => match wait.await {
                    None => latch.last = None,
                    Some(_) => sent.receipt = Receipt::Withheld(now.after(OFFERED_AGAIN)),
                },
                Receipt::Withheld(again) if *again <= now => {
                    let signal = Happening::Signal(sent.signal.clone());
                    sent.receipt = coming(inbox.put(signal, sent.moment).await?);
                }
                Receipt::Withheld(_) => {}
            }
        }
        Ok(())
    }

    /// Which of the latches that are set may be cleared now.
    pub(super) fn due(&self, set: &[SetLatch], now: Mono) -> Vec<LineNumber> {
        let is_due = |of: &&SetLatch| {
            self.latches.get(&of.place).is_some_and(|latch| {
                let is_on_disk = latch.unsent == 0 && latch.last.is_none();
                let is_time = latch.again.is_none_or(|again| again <= now);
                is_on_disk && is_time && (of.is_normal || !latch.waits_for_normal)
            })
        };
        set.iter().filter(is_due).map(|of| of.line).collect()
    }

    /// How the latches that were to be cleared were seen; those of which nothing is known were not cleared.
    pub(super) fn tried(
        &mut self,
        due: &[LineNumber],
        set: &[SetLatch],
        seen: &[(LineNumber, Cleared)],
        now: Mono,
    ) {
        for of in set.iter().filter(|of| due.contains(&of.line)) {
            let Some(latch) = self.latches.get_mut(&of.place) else { continue };
            let seen = seen.iter().find(|(line, _)| *line == of.line).map(|(_, cleared)| cleared);
            latch.tried(seen, of.is_normal, now);
        }
    }

    /// What is to be told of latches that cannot be cleared, once; `set` are those that are set.
    pub(super) fn news(&mut self, set: &[SetLatch]) -> Option<SelfSignal> {
        let stuck = |(place, latch): (&usize, &Latch)| {
            let is_set = set.iter().any(|of| of.place == *place);
            (is_set && latch.is_stuck()).then(|| format!("{}: {}", latch.name, latch.why))
        };
        let stuck: Vec<String> = self.latches.iter().filter_map(stuck).collect();
        let is_trying = set.iter().any(|of| {
            self.latches.get(&of.place).is_some_and(|latch| !latch.is_stuck() && latch.failed > 0)
        });
        // What was told by an earlier life stands until it is known to be over.
        if self.latches.is_empty()
            || self.told == Some(!stuck.is_empty())
            || (stuck.is_empty() && (is_trying || (self.told.is_none() && !set.is_empty())))
        {
            return None;
        }
        self.told = Some(!stuck.is_empty());
        Some(match stuck.as_slice() {
            [] => SelfSignal::cleared(SelfAlarm::LatchStuck, self.input.as_str()),
            stuck => {
                SelfSignal::raised(SelfAlarm::LatchStuck, self.input.as_str(), &stuck.join("; "))
            }
        })
    }

    /// The places of the contacts of which not everything is known to be on disk.
    pub(super) fn unknown(&self) -> Vec<usize> {
        let is_unknown = |latch: &Latch| latch.unsent > 0 || latch.last.is_some();
        let unknown = self.latches.iter().filter(|(_, latch)| is_unknown(latch));
        unknown.map(|(place, _)| *place).collect()
    }
}

impl Latch {
    fn of(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            unsent: 0,
            is_late: false,
            last: None,
            failed: 0,
            why: String::new(),
            again: None,
            waits_for_normal: false,
        }
    }

    fn is_stuck(&self) -> bool {
        self.failed >= TRIES
    }

    fn tried(&mut self, seen: Option<&Cleared>, is_normal: bool, now: Mono) {
        self.waits_for_normal = seen == Some(&Cleared::Set) && !is_normal;
        let why = match seen {
            Some(Cleared::Clear) => {
                (self.failed, self.again) = (0, None);
                return;
            }
            // There are latches that are set for as long as the contact is.
            Some(Cleared::Set) if !is_normal => return,
            Some(Cleared::Set) => "it stays set after it was cleared".to_owned(),
            Some(Cleared::Refused(reason)) => reason.clone(),
            None => "the board did not answer to its clearing".to_owned(),
        };
        self.failed = self.failed.saturating_add(1);
        self.why = why;
        self.again = self.is_stuck().then(|| now.after(TRIED_AGAIN));
    }
}

#[cfg(test)]
mod tests;
