//! Unwritten: what was decided and is on no disk, in order, and how much of it there is.
//!
//! In distress it is the only store, and memory has an end. How full it is, is asked for each letter
//! of a storm: that is counted, and never summed up.
//!
//! # Decision (2026-11-27): no input takes the room of another
//!
//! Whoever floods one input while nothing can be written would have all that comes by the others refused, and a contact would call nobody. So
//! the signals of one input are kept while they are no more than a third of the room that all signals together leave: one flood comes to a
//! quarter of it and stops, a second one to a quarter of the rest. What follows from signals (calls, their reports) is Vigie's own, and
//! bounded as such. Rejected: a queue for each input, as the order in which things were decided is what must be written.
//!
//! # Decision (2026-11-28): what finds no room is in force all the same, and missing from the record
//!
//! A ladder that stops because memory is full waits for nobody, and an answer that is thrown away is an answer to nobody: so neither a
//! signal nor a deadline nor an answer is refused. What finds no room is decided and taken in as ever, and has no entry. When the disk takes
//! the record again, what was kept is written, then a snapshot that holds it all, then how many decisions are missing. What is decided after
//! the first that is missing builds on it: its entry keeps its facts apart from those that are replayed, and only the snapshot brings them about. A
//! crash before that snapshot goes back to what was decided before the gap, whole. What people do has the last fifth of the room to itself.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::BATCH;
use crate::journal::{Batch, Row};
use crate::watch::event::Happening;
use crate::watch::name::InputName;
use crate::watch::room::share;

/// How much may be kept in memory, in entries and in bytes.
#[derive(Clone, Copy, Debug)]
struct Bound {
    entries: usize,
    bytes: usize,
}

impl Bound {
    /// Signals are never more.
    const SIGNALS: Self = Self { entries: 20_000, bytes: 64 * 1_024 * 1_024 };
    /// What follows by itself is kept for longer, for a day and more of ladders on a site of the usual size.
    const OWN: Self = Self { entries: 200_000, bytes: 102 * 1_024 * 1_024 };
    /// What people do is kept when nothing else is.
    const ALL: Self = Self { entries: 250_000, bytes: 128 * 1_024 * 1_024 };

    /// What is one input's at most, where all together hold so much.
    fn share(self, all: Held) -> Self {
        Self { entries: share(self.entries, all.entries), bytes: share(self.bytes, all.bytes) }
    }
}

/// About what a row takes.
const ROW: usize = 256;
/// So many rows of decisions without an entry are kept: those of some days.
const ROWS: usize = 250_000;

/// What signals hold.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    entries: usize,
    bytes: usize,
}

impl Held {
    fn is_within(self, bound: Bound) -> bool {
        self.entries < bound.entries && self.bytes < bound.bytes
    }

    fn one_more(&mut self, bytes: usize) {
        self.entries = self.entries.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

/// What the disk refused, in order: the first was refused as it is, the rest was never tried.
#[derive(Debug, Default)]
pub(super) struct Unwritten {
    batches: VecDeque<Arc<Batch>>,
    entries: usize,
    bytes: usize,
    /// What the signals of each input hold, since the disk has refused; and all of them.
    inputs: BTreeMap<InputName, Held>,
    signals: Held,
    /// Decisions that found no room.
    missing: u64,
    /// What they change in the tables.
    rows: Vec<Row>,
}

impl Unwritten {
    /// Whether all that was decided is on the record.
    pub(super) fn is_empty(&self) -> bool {
        self.batches.is_empty() && self.missing == 0
    }

    /// How many decisions have found no room, of which a snapshot must tell.
    pub(super) fn missing(&self) -> u64 {
        self.missing
    }

    /// A decision finds no room. Whether it is the first.
    pub(super) fn misses(&mut self) -> bool {
        self.missing = self.missing.saturating_add(1);
        self.missing == 1
    }

    /// A snapshot tells of what was missing; the rows of it are still to be written.
    pub(super) fn made_good(&mut self) -> Vec<Row> {
        self.missing = 0;
        std::mem::take(&mut self.rows)
    }

    /// What decisions without an entry change in the tables, as far as there is room.
    pub(super) fn holds_rows(&mut self, rows: Vec<Row>) {
        let room = ROWS.saturating_sub(self.rows.len());
        self.rows.extend(rows.into_iter().take(room));
    }

    /// Whether there is room for what is decided of this.
    pub(super) fn has_room(&self, happening: &Happening) -> bool {
        match happening {
            Happening::Signal(signal) => {
                self.has_room_for(&signal.input) && !self.is_full(Bound::OWN)
            }
            Happening::Deadline | Happening::Own(_) | Happening::Report(_) => {
                !self.is_full(Bound::OWN)
            }
            Happening::Message(_)
            | Happening::Call(_)
            | Happening::Command(_)
            | Happening::Silenced(_)
            | Happening::Swap(_)
            | Happening::Test(_)
            | Happening::TestSms(_)
            | Happening::Rostering(_)
            | Happening::Quieten(_)
            | Happening::Delivery(_)
            | Happening::Learned(_)
            | Happening::EngineNoted(_)
            | Happening::Started(_)
            | Happening::Stopped
            | Happening::Configured
            | Happening::Reloaded(_)
            | Happening::Missing(_)
            | Happening::Pruned(_) => !self.is_full(Bound::ALL),
        }
    }

    /// How many entries.
    pub(super) fn entries(&self) -> usize {
        self.entries
    }

    /// Whether no more is to be kept.
    fn is_full(&self, bound: Bound) -> bool {
        self.entries >= bound.entries || self.bytes >= bound.bytes
    }

    /// Whether one more signal of that input can be kept.
    fn has_room_for(&self, input: &InputName) -> bool {
        let its = self.inputs.get(input).copied().unwrap_or_default();
        its.is_within(Bound::SIGNALS.share(self.signals))
    }

    /// A signal of that input is kept.
    pub(super) fn holds(&mut self, input: &InputName, bytes: usize) {
        self.inputs.entry(input.clone()).or_default().one_more(bytes);
        self.signals.one_more(bytes);
    }

    /// One more batch, behind all others.
    pub(super) fn push(&mut self, mut batch: Batch) {
        let mut rows = std::mem::take(&mut self.rows);
        rows.append(&mut batch.rows);
        self.refuses(Arc::new(Batch { rows, ..batch }));
    }

    /// The disk has refused this one, as it is.
    pub(super) fn refuses(&mut self, batch: Arc<Batch>) {
        self.entries = self.entries.saturating_add(batch.entries.len());
        self.bytes = self.bytes.saturating_add(bytes(&batch));
        self.batches.push_back(batch);
    }

    /// What is to be written first.
    pub(super) fn first(&self) -> Option<Arc<Batch>> {
        self.batches.front().map(Arc::clone)
    }

    /// The first is on disk. What was never tried goes there together: while ten thousand rounds went
    /// there one by one, nobody would be called. What was tried is repeated as it was, for part of it
    /// may be there (`Journal::commit`).
    pub(super) fn first_is_written(&mut self) {
        if let Some(written) = self.batches.pop_front() {
            self.entries = self.entries.saturating_sub(written.entries.len());
            self.bytes = self.bytes.saturating_sub(bytes(&written));
        }
        let Some(first) = self.batches.pop_front() else {
            // Only now: what is written in between has room enough in what is everybody's.
            (self.inputs, self.signals) = (BTreeMap::new(), Held::default());
            return;
        };
        let mut joined = Arc::unwrap_or_clone(first);
        while let Some(next) = self.batches.pop_front_if(|_| joined.entries.len() < BATCH) {
            let next = Arc::unwrap_or_clone(next);
            joined.entries.extend(next.entries);
            joined.rows.extend(next.rows);
        }
        self.batches.push_front(Arc::new(joined));
    }
}

fn bytes(batch: &Batch) -> usize {
    let entries: usize = batch.entries.iter().map(|entry| entry.body.len()).sum();
    entries.saturating_add(batch.rows.len().saturating_mul(ROW))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::NewEntry;
    use crate::watch::time::Moment;

    fn batch(entries: usize) -> Batch {
        let entry = NewEntry {
            moment: Moment::default(),
            kind: "signal",
            body: "12345678".into(),
            distress: true,
        };
        Batch { entries: vec![entry; entries], rows: Vec::new() }
    }

    #[test]
    fn how_full_the_memory_of_distress_is_follows_what_comes_and_goes() {
        let bound = Bound { entries: 10, bytes: 56 };
        let mut unwritten = Unwritten::default();
        assert!(!unwritten.is_full(bound));
        (0..6).for_each(|_| unwritten.push(batch(1)));
        assert!(!unwritten.is_full(bound));
        unwritten.push(batch(1));
        assert!(unwritten.is_full(bound), "by its bytes");
        unwritten.first_is_written();
        assert_eq!((unwritten.entries(), unwritten.first().unwrap().entries.len()), (6, 6));
        assert!(!unwritten.is_full(bound));
        unwritten.push(batch(4));
        assert!(unwritten.is_full(Bound { bytes: usize::MAX, ..bound }), "by its entries");
        unwritten.first_is_written();
        unwritten.first_is_written();
        assert!(unwritten.is_empty() && unwritten.entries() == 0);
        assert!(!unwritten.is_full(Bound { entries: 1, bytes: 1 }));
    }

    #[test]
    fn however_many_inputs_flood_another_has_room() {
        let mut unwritten = Unwritten::default();
        unwritten.push(batch(1));
        let (contacts, Bound { entries, bytes }) =
            (InputName::new("contacts.door"), Bound::SIGNALS);
        let mut kept = Vec::new();
        for (flooding, length) in [("snmp.a", 100), ("snmp.b", 65_536), ("mqtt.c", 1_000)] {
            let flooding = InputName::new(flooding);
            let flood =
                || unwritten.has_room_for(&flooding).then(|| unwritten.holds(&flooding, length));
            kept.push(std::iter::repeat_with(flood).take_while(Option::is_some).count());
            assert!(unwritten.has_room_for(&contacts), "{kept:?}");
        }
        assert_eq!(kept[0], entries / 4);
        assert!(kept[1] * 65_536 <= bytes / 4 + 65_536, "{kept:?}");
        assert!(kept[2] > 2_000, "{kept:?}");
        unwritten.first_is_written();
        assert!(unwritten.has_room_for(&InputName::new("snmp.a")), "it begins anew");
    }
}
