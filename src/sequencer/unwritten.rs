//! Unwritten: what was decided and is on no disk, in order, and how much of it there is.
//!
//! In distress it is the only store, and memory has an end. How full it is, is asked for each letter
//! of a storm: that is counted, and never summed up.

use std::collections::VecDeque;
use std::sync::Arc;

use super::BATCH;
use crate::journal::Batch;

/// How much may be kept in memory, in entries and in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    entries: usize,
    bytes: usize,
}

impl Bound {
    /// Past so much, letters are refused.
    pub(super) const LETTERS: Self = Self { entries: 20_000, bytes: 64 * 1_024 * 1_024 };
    /// What Vigie decides by itself goes on for longer.
    pub(super) const ALL: Self = Self { entries: 100_000, bytes: 128 * 1_024 * 1_024 };
}

/// What the disk refused, in order: the first was refused as it is, the rest was never tried.
#[derive(Debug, Default)]
pub(super) struct Unwritten {
    batches: VecDeque<Arc<Batch>>,
    entries: usize,
    bytes: usize,
}

impl Unwritten {
    pub(super) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// How many entries.
    pub(super) fn entries(&self) -> usize {
        self.entries
    }

    /// Whether no more is to be kept.
    pub(super) fn is_full(&self, bound: Bound) -> bool {
        self.entries >= bound.entries || self.bytes >= bound.bytes
    }

    /// One more batch, behind all others.
    pub(super) fn push(&mut self, batch: Arc<Batch>) {
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
        let Some(first) = self.batches.pop_front() else { return };
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
    batch.entries.iter().map(|entry| entry.body.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::NewEntry;
    use crate::watch::time::Moment;

    fn batch(entries: usize) -> Arc<Batch> {
        let entry = NewEntry {
            moment: Moment::default(),
            kind: "signal",
            body: "12345678".into(),
            distress: true,
        };
        Arc::new(Batch { entries: vec![entry; entries], rows: Vec::new() })
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
}
