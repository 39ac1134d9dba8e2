//! Messages of several parts: cut for sending, and put together again (3GPP TS 23.040 §9.2.3.24.1).
//!
//! It decides neither when to send nor what to delete: each part that comes in carries a token of the caller's,
//! and the caller gets every token back. No text is lost here. Parts may come late, twice, in any order and mixed
//! with those of other senders; what never becomes complete is handed over as it is, and says what is missing.

mod assembly;
mod message;

pub use assembly::{Assembly, Limits, Outcome};
pub use message::Message;

use crate::alphabet::{self, Encoding};
use crate::pdu::{Concatenation, Element, Header, Reference, UserData};

/// A header counts the parts in one octet.
const MOST_PARTS: usize = 255;

/// How wide the reference is that the parts of a message share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Width {
    /// One octet: every phone reads it, and 153 septets or 67 units of UCS-2 fit each part.
    #[default]
    Octet,
    /// Two octets, for those who send so much that references come round: 152 septets or 66 units fit.
    TwoOctets,
}

impl Width {
    /// How many octets the header takes, its length included.
    fn header(self) -> usize {
        match self {
            Self::Octet => 6,
            Self::TwoOctets => 7,
        }
    }

    fn reference(self, reference: u16) -> Reference {
        let [_, low] = reference.to_be_bytes();
        match self {
            Self::Octet => Reference::Short(low),
            Self::TwoOctets => Reference::Long(reference),
        }
    }
}

/// The user data that carry a text: one without a header if it fits, else as few as possible with one.
///
/// For [`Encoding::Gsm7`] the text is transliterated first. Of a reference one octet wide only the low octet is
/// sent. No character is cut in two. What a header cannot count, past 255 parts (39 015 septets), is left out.
#[must_use]
pub fn split(text: &str, encoding: Encoding, reference: u16, width: Width) -> Vec<UserData> {
    let text = match encoding {
        Encoding::Gsm7 => alphabet::transliterate(text),
        Encoding::Ucs2 => text.to_owned(),
    };
    let mut pieces = alphabet::pieces(&text, encoding, width.header());
    pieces.truncate(MOST_PARTS);
    if let [alone] = pieces.as_slice() {
        return vec![UserData::text_alone(alone, encoding)];
    }
    let total = u8::try_from(pieces.len()).expect("truncated to 255 parts");
    (1..=total)
        .zip(&pieces)
        .map(|(sequence, piece)| {
            let part = Concatenation::new(width.reference(reference), total, sequence)
                .expect("the sequence counts from 1 to the total");
            UserData::part(piece, encoding, Header::new(vec![Element::Concatenation(part)]))
        })
        .collect()
}
