//! The chain: entries become lines, each line names the SHA-256 of the line before it.
//!
//! It touches no file and reads nothing back: `proof` does. An entry that could not be read back
//! later is refused here, before anything of its batch is written.

use std::fmt::Write as _;

use jiff::fmt::temporal::DateTimePrinter;
use sha2::{Digest, Sha256};

use super::NewEntry;
use super::fault::EntryFault;
use crate::watch::time::{ClockQuality, Moment};

/// One entry's body is no longer than this, in bytes: enough for a decision about every alarm of a large
/// site, and little enough to be read back on a small machine.
pub const ENTRY_LIMIT: usize = 64 * 1_024 * 1_024;
/// A commit is cut into several blocks, each closed by the entry that takes it past this, in bytes.
const BLOCK_LENGTH: usize = 8 * 1_024 * 1_024;
/// So no block is longer than this; a longer one in the file was not written by Vigie.
pub(super) const BLOCK_LIMIT: usize = BLOCK_LENGTH + ENTRY_LIMIT + 1_024;
const KIND_LIMIT: usize = 64;

/// The SHA-256 of one line; [`Hash::NONE`] where there is no line before.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash([u8; 32]);

/// How far the journal has come: its last entry and that entry's hash.
///
/// Written down elsewhere, it proves later that nothing up to it was altered or cut off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Head {
    /// The number of the last entry; 0 while there is none.
    pub seq: u64,
    /// The hash of the last entry's line.
    pub hash: Hash,
}

/// What is written for one part of a commit.
pub(super) struct Block {
    /// The number of its first entry.
    pub(super) first: u64,
    /// Its last entry, and that one's hash.
    pub(super) head: Head,
    /// Its lines, each with its line end.
    pub(super) body: String,
}

/// The blocks of one commit, and where they lead.
pub(super) struct Sealed {
    /// In order; one, unless it would be too long.
    pub(super) blocks: Vec<Block>,
    /// Where the journal stands behind them.
    pub(super) head: Head,
}

impl Hash {
    /// Before the first entry.
    pub const NONE: Self = Self([0; 32]);

    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    pub(super) fn from_digest(digest: Sha256) -> Self {
        Self(digest.finalize().into())
    }

    /// From the 32 bytes themselves.
    pub(super) fn from_stored(bytes: &[u8]) -> Option<Self> {
        <[u8; 32]>::try_from(bytes).ok().map(Self)
    }

    /// From 64 hexadecimal digits in lower case, as the lines bear them.
    pub fn parse(hex: &[u8]) -> Option<Self> {
        let mut bytes = [0; 32];
        let (pairs, rest) = hex.as_chunks::<2>();
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return None;
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit_value(*high)? << 4 | digit_value(*low)?;
        }
        Some(Self(bytes))
    }

    /// The 32 bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn append_to(&self, text: &mut String) {
        for byte in self.0 {
            text.push(digit(byte >> 4));
            text.push(digit(byte & 0xf));
        }
    }
}

impl std::fmt::Display for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::with_capacity(64);
        self.append_to(&mut text);
        f.write_str(&text)
    }
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl Head {
    /// The head of a journal without entries.
    pub const NONE: Self = Self { seq: 0, hash: Hash::NONE };
}

/// Chains these entries behind `from`.
pub(super) fn seal(from: Head, entries: &[NewEntry]) -> Result<Sealed, EntryFault> {
    let mut head = from;
    let mut blocks = Vec::new();
    let mut rest = entries;
    while !rest.is_empty() {
        let first = head.seq.saturating_add(1);
        let expected: usize = rest.iter().map(|entry| entry.body.len() + 256).sum();
        let mut body = String::with_capacity(expected.min(BLOCK_LENGTH + ENTRY_LIMIT));
        while let Some((entry, later)) = rest.split_first()
            && body.len() < BLOCK_LENGTH
        {
            let start = body.len();
            let seq = head.seq.saturating_add(1);
            append_line(&mut body, seq, head.hash, entry)?;
            head = Head { seq, hash: Hash::of(body.as_bytes().get(start..).unwrap_or_default()) };
            body.push('\n');
            rest = later;
        }
        blocks.push(Block { first, head, body });
    }
    Ok(Sealed { blocks, head })
}

fn append_line(
    lines: &mut String,
    seq: u64,
    prev: Hash,
    entry: &NewEntry,
) -> Result<(), EntryFault> {
    let body = accepted_body(entry)?;
    let Moment { utc, mono, quality } = entry.moment;
    write!(lines, r#"{{"seq":{seq},"utc":""#).expect("memory can be written to");
    DateTimePrinter::new()
        .precision(Some(6))
        .print_timestamp(&utc.timestamp(), &mut *lines)
        .expect("memory can be written to");
    let clock = match quality {
        ClockQuality::Synchronised => "synchronised",
        ClockQuality::Unsynchronised => "unsynchronised",
    };
    write!(lines, r#"","mono":{},"clock":"{clock}","kind":"{}","#, mono.nanos(), entry.kind)
        .expect("memory can be written to");
    if entry.distress {
        lines.push_str(r#""distress":true,"#);
    }
    lines.push_str(r#""prev":""#);
    prev.append_to(lines);
    lines.push_str(r#"","body":"#);
    lines.push_str(body);
    lines.push('}');
    Ok(())
}

impl NewEntry {
    /// Whether the journal takes an entry of this length. What else can be wrong with one is the concern of who puts it together.
    ///
    /// # Errors
    /// [`EntryFault::TooLong`].
    pub fn check(&self) -> Result<(), EntryFault> {
        if self.body.len() > ENTRY_LIMIT {
            return Err(EntryFault::TooLong { kind: self.kind, length: self.body.len() });
        }
        Ok(())
    }
}

/// The body, if a line can hold it and it can be read back.
fn accepted_body(entry: &NewEntry) -> Result<&str, EntryFault> {
    let kind = entry.kind;
    let plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    if kind.is_empty() || kind.len() > KIND_LIMIT || !kind.bytes().all(plain) {
        return Err(EntryFault::Kind { kind });
    }
    entry.check()?;
    let body = str::from_utf8(&entry.body).map_err(|_| EntryFault::NotAnObject { kind })?;
    let one_line = body.starts_with('{') && !body.contains('\n');
    if one_line && serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok() {
        Ok(body)
    } else {
        Err(EntryFault::NotAnObject { kind })
    }
}

fn digit(value: u8) -> char {
    char::from(if value < 10 { b'0' + value } else { b'a' + (value - 10) })
}

fn digit_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}
