//! The proof: whether a block that was read is what was written, and if not, which entry is the
//! first that cannot be believed.
//!
//! It touches no file. Whatever the bytes are, it answers; it never panics. What it cannot see: a
//! record that somebody rewrote to its end, hashes included, or cut off at its end. Against that
//! helps only a [`Head`] that was written down elsewhere.

use super::chain::{Hash, Head};
use super::entry::Link;
use super::fault::{Broken, Fault};

/// A block as it stands in the file; no column is believed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stored<'a> {
    /// The number of the first entry, by the column.
    pub(super) first: i64,
    /// The number of the last entry, by the column.
    pub(super) last: i64,
    /// The hash of the last line, by the column.
    pub(super) head: &'a [u8],
    /// `None`: longer than anything that is written.
    pub(super) body: Option<&'a [u8]>,
}

/// The lines of a block's body, without their line ends.
pub(super) fn lines(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    body.split(|byte| *byte == b'\n')
}

/// Follows the chain through one block, from the head before it to the head after it. Only when
/// the whole block holds can any of its lines be believed.
pub(super) fn follow(block: Stored<'_>, before: Head) -> Result<Head, Broken> {
    begins_in_its_place(block.first, before)?;
    let next = before.seq.saturating_add(1);
    let body = block.body.ok_or(Broken { seq: next, fault: Fault::TooLong })?;
    let last = u64::try_from(block.last).unwrap_or(0);
    let attested = Hash::from_stored(block.head);

    let mut walk = Walk { head: before, line: None };
    let mut rest = body;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (line, later) = rest.split_at(end);
        let later = later.strip_prefix(b"\n").unwrap_or(later);
        walk.step(line, later, attested)?;
        rest = later;
    }
    if walk.head.seq < last {
        return Err(walk.blame(walk.next(), Fault::CutOff));
    }
    if walk.head.seq > last || !rest.is_empty() {
        return Err(walk.blame(last, Fault::Surplus));
    }
    if attested != Some(walk.head.hash) {
        return Err(walk.blame(walk.head.seq, Fault::Altered));
    }
    Ok(walk.head)
}

fn begins_in_its_place(first: i64, before: Head) -> Result<(), Broken> {
    let next = before.seq.saturating_add(1);
    let fault = match u64::try_from(first) {
        Ok(first) if first == next => return Ok(()),
        Ok(first) if first > next => Fault::Missing { to: first - 1 },
        Ok(_) | Err(_) => Fault::OutOfPlace { found: first },
    };
    Err(Broken { seq: next, fault })
}

struct Walk<'a> {
    head: Head,
    /// The line that `head` is of, if it is in this block.
    line: Option<&'a [u8]>,
}

impl<'a> Walk<'a> {
    fn next(&self) -> u64 {
        self.head.seq.saturating_add(1)
    }

    /// One line further. `later` and `attested` are what comes behind the line.
    fn step(&mut self, line: &'a [u8], later: &[u8], attested: Option<Hash>) -> Result<(), Broken> {
        let seq = self.next();
        let Some(link) = Link::read(line) else {
            return Err(self.blame(seq, Fault::Unreadable));
        };
        if link.seq != seq {
            let found = i64::try_from(link.seq).unwrap_or(i64::MAX);
            return Err(self.blame(seq, Fault::OutOfPlace { found }));
        }
        let hash = Hash::of(line);
        if link.prev != self.head.hash {
            // One of two was altered: the line before, or the link in this one. If what follows
            // vouches for this line, it was the one before.
            let vouched = if later.is_empty() {
                attested
            } else {
                lines(later).next().and_then(Link::read).map(|link| link.prev)
            };
            let before = self.line.is_some() && vouched == Some(hash);
            let seq = if before { self.head.seq } else { seq };
            return Err(Broken { seq, fault: Fault::Altered });
        }
        self.head = Head { seq, hash };
        self.line = Some(line);
        Ok(())
    }

    /// A line end that was put in or taken out shows only in the line after: if the line before is
    /// not JSON any more, it is the one.
    fn blame(&self, seq: u64, fault: Fault) -> Broken {
        let before = self.line.filter(|_| seq > self.head.seq);
        match before.map(serde_json::from_slice::<serde::de::IgnoredAny>) {
            Some(Err(_)) => Broken { seq: self.head.seq, fault: Fault::Unreadable },
            Some(Ok(_)) | None => Broken { seq, fault },
        }
    }
}
