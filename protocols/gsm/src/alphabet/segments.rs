//! How many messages a text takes, and where it may be cut.
//!
//! A cut never falls within a character: neither between an escape and its septet, nor within a surrogate pair.
//! Old phones show such halves as rubbish, although a good one joins them.

use super::tables::Septets;
use super::{Encoding, first_outside};

/// The octets of user data in one message (23.040 §9.2.3.24).
const ROOM: usize = 140;

/// The octets of the usual concatenation header: its length and element 0x00 (23.040 §9.2.3.24.1).
const SHORT_HEADER: usize = 6;

/// What a text costs to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segments {
    /// The alphabet that it needs.
    pub encoding: Encoding,
    /// How many messages it takes, at least one.
    pub parts: usize,
    /// Its length in units of the alphabet: septets, or units of 16 bits.
    pub units: usize,
}

/// What a text costs as it stands, without transliteration: UCS-2 as soon as one character needs it.
#[must_use]
pub fn segments(text: &str) -> Segments {
    let encoding = match first_outside(text) {
        None => Encoding::Gsm7,
        Some(_) => Encoding::Ucs2,
    };
    Segments {
        encoding,
        parts: pieces(text, encoding, SHORT_HEADER).len(),
        units: text.chars().map(|character| units(character, encoding)).sum(),
    }
}

/// How many units fit one message behind a header of so many octets: 160, 153 or 152 septets, or 70, 67 or 66
/// units of 16 bits, for no header, one of 6 octets or one of 7.
#[must_use]
pub fn capacity(encoding: Encoding, header: usize) -> usize {
    let octets = ROOM.saturating_sub(header);
    match encoding {
        Encoding::Gsm7 => octets * 8 / 7,
        Encoding::Ucs2 => octets / 2,
    }
}

/// The text cut into messages: one if it fits alone, else as few as fit behind a header of so many octets.
pub(crate) fn pieces(text: &str, encoding: Encoding, header: usize) -> Vec<String> {
    let total: usize = text.chars().map(|character| units(character, encoding)).sum();
    if total <= capacity(encoding, 0) {
        return vec![text.to_owned()];
    }
    let room = capacity(encoding, header);
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let mut used = 0;
    for character in text.chars() {
        let needed = units(character, encoding);
        if used + needed > room {
            pieces.push(std::mem::take(&mut piece));
            used = 0;
        }
        piece.push(character);
        used += needed;
    }
    pieces.push(piece);
    pieces
}

/// The units that one character takes. One outside the GSM alphabet counts as one septet there: it is a `?`.
fn units(character: char, encoding: Encoding) -> usize {
    match encoding {
        Encoding::Gsm7 => Septets::of(character).map_or(1, Septets::count),
        Encoding::Ucs2 => character.len_utf16(),
    }
}
