//! The characters of SMS: the GSM alphabet, UCS-2, and what fits where (3GPP TS 23.038).
//!
//! An alarm that fits the GSM alphabet is one message of 160 characters; a single `ê` makes it three of 67. Hence
//! [`transliterate`], which finds a likeness for what the alphabet lacks. Nothing here changes a text on its way
//! in: what was received is read as the standard says, and reading never fails.

mod letters;
mod national;
mod segments;
mod septets;
mod tables;
mod transliteration;
mod ucs2;

pub use national::{Language, Shift, decode_shifted};
pub(crate) use segments::pieces;
pub use segments::{Segments, capacity, segments};
pub use septets::{decode_septets, encode_septets, pack, unpack};
pub use transliteration::transliterate;
pub use ucs2::{decode_ucs2, encode_ucs2};

use tables::Septets;
use thiserror::Error;

/// Why a text is not one of the GSM alphabet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AlphabetError {
    /// The alphabet does not have this character.
    #[error("`{character}` is not in the GSM alphabet")]
    Outside {
        /// The first such character of the text.
        character: char,
    },
}

/// How a text is to travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// In septets: 160 to a message.
    Gsm7,
    /// In units of 16 bits: 70 to a message, any character.
    Ucs2,
}

/// The first character that the GSM alphabet does not have; nothing if the whole text fits.
#[must_use]
pub fn first_outside(text: &str) -> Option<char> {
    text.chars().find(|character| Septets::of(*character).is_none())
}
