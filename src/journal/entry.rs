//! An entry as it is read back: one JSON line of a fixed form.
//!
//! The form is fixed byte by byte, so it is read as such: no field may be missing, moved or added.
//! Nothing is believed here; whether a line is the one that was written, `proof` says.

use super::chain::Hash;
use crate::watch::time::{ClockQuality, Moment, Mono, Utc};

/// One entry of the journal, borrowed from its line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry<'a> {
    /// Its number; the first is 1, and none is left out.
    pub seq: u64,
    /// When it was decided.
    pub moment: Moment,
    /// What kind of decision or event its body holds.
    pub kind: &'a str,
    /// Whether it was decided while the store refused writes, and written down afterwards.
    pub distress: bool,
    /// The hash of the line before.
    pub prev: Hash,
    /// One JSON object, as the watch gave it: the journal looks at nothing in it.
    pub body: &'a str,
}

/// What chains a line to its neighbours.
pub(super) struct Link {
    /// The line's own number.
    pub(super) seq: u64,
    /// The hash of the line before, as this one has it.
    pub(super) prev: Hash,
}

impl<'a> Entry<'a> {
    /// Reads one line, without its line end; `None` if it is not of the form that is written.
    pub fn read(line: &'a [u8]) -> Option<Self> {
        let rest = str::from_utf8(line).ok()?.strip_prefix(r#"{"seq":"#)?;
        let (seq, rest) = rest.split_once(r#","utc":""#)?;
        let (utc, rest) = rest.split_once(r#"","mono":"#)?;
        let (mono, rest) = rest.split_once(r#","clock":""#)?;
        let (clock, rest) = rest.split_once(r#"","kind":""#)?;
        let (kind, rest) = rest.split_once(r#"","#)?;
        let (distress, rest) = match rest.strip_prefix(r#""distress":true,"#) {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let (prev, rest) = rest.strip_prefix(r#""prev":""#)?.split_once(r#"","body":"#)?;
        let quality = match clock {
            "synchronised" => ClockQuality::Synchronised,
            "unsynchronised" => ClockQuality::Unsynchronised,
            _ => return None,
        };
        let moment = Moment {
            utc: Utc::from(utc.parse::<jiff::Timestamp>().ok()?),
            mono: Mono::from_nanos(mono.parse().ok()?),
            quality,
        };
        let (seq, prev) = (seq.parse().ok()?, Hash::parse(prev.as_bytes())?);
        Some(Self { seq, moment, kind, distress, prev, body: rest.strip_suffix('}')? })
    }
}

impl Link {
    /// Reads of a line only what chains it; `None` if it cannot be found.
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        let start = str::from_utf8(line.get(..LINK_WITHIN.min(line.len()))?)
            .unwrap_or_else(|error| valid_start(line, error.valid_up_to()));
        let rest = start.strip_prefix(r#"{"seq":"#)?;
        let (seq, rest) = rest.split_once(',')?;
        let (_, rest) = rest.split_once(r#""prev":""#)?;
        let (prev, _) = rest.split_once('"')?;
        Some(Self { seq: seq.parse().ok()?, prev: Hash::parse(prev.as_bytes())? })
    }
}

/// The link stands within this many bytes: the longest fields before the body have 270.
const LINK_WITHIN: usize = 320;

fn valid_start(line: &[u8], length: usize) -> &str {
    line.get(..length).and_then(|start| str::from_utf8(start).ok()).unwrap_or_default()
}
