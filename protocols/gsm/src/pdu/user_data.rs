//! User data: the text of a message with its coding and its header (23.040 §9.2.3.16 and §9.2.3.24).
//!
//! The text is kept as it travelled, in septets or octets, because the parts of a long message have to be joined
//! before they are read. Reading never fails: what cannot be text is shown in hexadecimal.

use super::coding::{Alphabet, Class, DataCoding};
use super::header::{Concatenation, Header};
use super::hex::to_hex;
use super::octets::Octets;
use super::{Element, PduError};
use crate::alphabet::{self, Encoding, Shift};

/// What stands in a text where some of it is missing. No answer to an alarm reads so: `4711 NO` that is cut down
/// to `4711` can be shown, and cannot acknowledge anything.
pub const GAP: &str = "[...]";

/// One message has this many octets for its header and text.
const ROOM: usize = 140;

/// The text as it travelled.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Body {
    /// One septet of the GSM alphabet in each octet, not packed.
    Septets(Vec<u8>),
    /// The same in the tables of a national language.
    National(Shift, Vec<u8>),
    /// Octets without a known meaning.
    Octets(Vec<u8>),
    /// UTF-16 with the high octet first.
    Ucs2(Vec<u8>),
}

impl Body {
    fn of_septets(septets: Vec<u8>, shift: Shift) -> Self {
        if shift.is_none() { Self::Septets(septets) } else { Self::National(shift, septets) }
    }

    /// The text; octets that are none become hexadecimal digits.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Septets(septets) => alphabet::decode_septets(septets),
            Self::National(shift, septets) => alphabet::decode_shifted(septets, *shift),
            Self::Octets(octets) => to_hex(octets),
            Self::Ucs2(octets) => alphabet::decode_ucs2(octets),
        }
    }

    /// Puts the next part behind this one, and says whether it could: parts of two alphabets cannot be one text.
    #[must_use]
    pub fn append(&mut self, next: &Self) -> bool {
        match (self, next) {
            (Self::Septets(ours), Self::Septets(theirs))
            | (Self::Octets(ours), Self::Octets(theirs))
            | (Self::Ucs2(ours), Self::Ucs2(theirs)) => {
                ours.extend_from_slice(theirs);
                true
            }
            (Self::National(shift, ours), Self::National(other, theirs)) if shift == other => {
                ours.extend_from_slice(theirs);
                true
            }
            (Self::Septets(_) | Self::National(..) | Self::Octets(_) | Self::Ucs2(_), _) => false,
        }
    }
}

/// The user data of one message: one part of a text, or all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserData {
    coding: DataCoding,
    header: Header,
    body: Body,
    cut: bool,
}

impl UserData {
    /// A text that stands alone. Its length is judged when the message is encoded. In [`Encoding::Gsm7`] it is
    /// transliterated first.
    #[must_use]
    pub fn text_alone(text: &str, encoding: Encoding) -> Self {
        Self::part(text, encoding, Header::default())
    }

    /// One part of a text, with the header that says which.
    pub(crate) fn part(text: &str, encoding: Encoding, header: Header) -> Self {
        match encoding {
            Encoding::Gsm7 => {
                let septets = alphabet::encode_septets(&alphabet::transliterate(text))
                    .expect("`transliterate` leaves nothing outside the GSM alphabet");
                Self { coding: DataCoding::GSM7, header, body: Body::Septets(septets), cut: false }
            }
            Encoding::Ucs2 => Self {
                coding: DataCoding::UCS2,
                header,
                body: Body::Ucs2(alphabet::encode_ucs2(text)),
                cut: false,
            },
        }
    }

    /// Octets that are no text, with a header.
    #[must_use]
    pub fn octets(octets: Vec<u8>, header: Header) -> Self {
        Self { coding: DataCoding::OCTETS, header, body: Body::Octets(octets), cut: false }
    }

    /// Septets of the GSM alphabet, one in each octet, whatever they mean.
    #[must_use]
    pub fn septets(septets: Vec<u8>) -> Self {
        let header = Header::default();
        Self { coding: DataCoding::GSM7, header, body: Body::Septets(septets), cut: false }
    }

    /// The same text for a class; [`Class::Display`] is the one that lights a phone up.
    #[must_use]
    pub fn with_class(self, class: Class) -> Self {
        Self { coding: self.coding.with_class(class), ..self }
    }

    /// The same text behind another header, in whose tables its septets are to be read.
    #[must_use]
    pub fn with_header(self, elements: Vec<Element>) -> Self {
        let header = Header::new(elements);
        let body = match self.body {
            Body::Septets(septets) | Body::National(_, septets) => {
                Body::of_septets(septets, header.shift())
            }
            other @ (Body::Octets(_) | Body::Ucs2(_)) => other,
        };
        Self { header, body, ..self }
    }

    /// The data coding scheme.
    #[must_use]
    pub fn coding(&self) -> DataCoding {
        self.coding
    }

    /// The header; an empty one if there is none.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The text as it travelled.
    #[must_use]
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// Which part of which message this is, if it is a part.
    #[must_use]
    pub fn concatenation(&self) -> Option<Concatenation> {
        self.header.concatenation()
    }

    /// Whether the message ended before its text did.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// The text of this part alone, with [`GAP`] behind it if it was cut; octets that are none become
    /// hexadecimal digits.
    #[must_use]
    pub fn text(&self) -> String {
        match (self.body.text(), self.cut) {
            (text, false) => text,
            (text, true) if text.is_empty() => GAP.to_owned(),
            (text, true) => format!("{text} {GAP}"),
        }
    }

    /// Reads TP-UDL and TP-UD. Fewer octets than announced are still a text, which says that it was cut.
    pub(super) fn take(
        octets: &mut Octets<'_>,
        coding: DataCoding,
        has_header: bool,
    ) -> Result<Self, PduError> {
        let length = usize::from(octets.one("text length")?);
        let count = match coding.alphabet() {
            Alphabet::Gsm7 => (length * 7).div_ceil(8),
            Alphabet::Octets | Alphabet::Ucs2 => length,
        };
        let bytes = octets.at_most(count);
        let (header, behind) = if has_header { read_header(bytes) } else { (Header::default(), 0) };
        let octets_behind = || bytes.iter().skip(behind).copied().collect();
        let body = match coding.alphabet() {
            Alphabet::Gsm7 => {
                // The text begins at the first septet border behind the header (23.040 §9.2.3.24).
                let skipped = (behind * 8).div_ceil(7);
                let septets = alphabet::unpack(bytes, length).into_iter().skip(skipped).collect();
                Body::of_septets(septets, header.shift())
            }
            Alphabet::Octets => Body::Octets(octets_behind()),
            Alphabet::Ucs2 => Body::Ucs2(octets_behind()),
        };
        Ok(Self { coding, header, body, cut: bytes.len() < count })
    }

    /// Whether TP-UDHI has to be set.
    pub(super) fn has_header(&self) -> bool {
        !self.header.elements().is_empty()
    }

    /// Writes TP-UDL and TP-UD.
    pub(super) fn put(&self, bytes: &mut Vec<u8>) -> Result<(), PduError> {
        let mut field = self.header.encode()?;
        let length = match &self.body {
            Body::Septets(septets) | Body::National(_, septets) => {
                let before = (field.len() * 8).div_ceil(7);
                let fill = before * 7 - field.len() * 8;
                field.extend(alphabet::pack(septets, fill));
                before + septets.len()
            }
            Body::Octets(octets) | Body::Ucs2(octets) => {
                field.extend(octets);
                field.len()
            }
        };
        if field.len() > ROOM {
            return Err(PduError::TooLong { octets: field.len() });
        }
        bytes.push(u8::try_from(length).map_err(|_| PduError::TooLong { octets: field.len() })?);
        bytes.extend(field);
        Ok(())
    }
}

/// The header, and how many octets it takes. One that is longer than the message cannot be told from the text:
/// then all of it is shown as text.
fn read_header(bytes: &[u8]) -> (Header, usize) {
    let Some((length, rest)) = bytes.split_first() else {
        return (Header::unreadable(), 0);
    };
    match rest.split_at_checked(usize::from(*length)) {
        Some((elements, _)) => (Header::read(elements), 1 + elements.len()),
        None => (Header::unreadable(), 0),
    }
}
