//! The user-data header: what stands before the text of a message (23.040 §9.2.3.24).
//!
//! Elements that we do not know are kept as they came. A concatenation that cannot be true (part 0, part 3 of 2)
//! is such an element, so that its message stands alone instead of waiting for parts that never come. A header
//! that lies about its own length yields the elements before the lie.

use super::PduError;
use crate::alphabet::{Language, Shift};

/// The reference that the parts of one message share, with the width in which it was sent. The width belongs to
/// it: reference 7 of one octet and reference 7 of two are not the same message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reference {
    /// One octet, element 0x00.
    Short(u8),
    /// Two octets, element 0x08.
    Long(u16),
}

/// Which part of which message this is (23.040 §9.2.3.24.1 and §9.2.3.24.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Concatenation {
    reference: Reference,
    total: u8,
    sequence: u8,
}

impl Concatenation {
    /// Part `sequence` of `total`, counted from 1; nothing if there can be no such part.
    #[must_use]
    pub fn new(reference: Reference, total: u8, sequence: u8) -> Option<Self> {
        (1..=total).contains(&sequence).then_some(Self { reference, total, sequence })
    }

    /// What the parts share.
    #[must_use]
    pub fn reference(self) -> Reference {
        self.reference
    }

    /// How many parts there are, at least 1.
    #[must_use]
    pub fn total(self) -> u8 {
        self.total
    }

    /// Which part this is, from 1 to [`Self::total`].
    #[must_use]
    pub fn sequence(self) -> u8 {
        self.sequence
    }
}

/// One information element of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Element {
    /// 0x00 or 0x08: one part of several.
    Concatenation(Concatenation),
    /// 0x24: the extension table of this national language (23.038 §6.2.1.2.4).
    SingleShift(u8),
    /// 0x25: the main table of this national language (23.038 §6.2.1.2.5).
    LockingShift(u8),
    /// Any other, and those that contradict themselves.
    Other {
        /// Its identifier.
        id: u8,
        /// Its octets.
        value: Vec<u8>,
    },
}

impl Element {
    fn read(id: u8, value: &[u8]) -> Self {
        let known = match (id, value) {
            (0x00, [reference, total, sequence]) => {
                Concatenation::new(Reference::Short(*reference), *total, *sequence)
                    .map(Self::Concatenation)
            }
            (0x08, [high, low, total, sequence]) => {
                let reference = Reference::Long(u16::from_be_bytes([*high, *low]));
                Concatenation::new(reference, *total, *sequence).map(Self::Concatenation)
            }
            (0x24, [language]) => Some(Self::SingleShift(*language)),
            (0x25, [language]) => Some(Self::LockingShift(*language)),
            _ => None,
        };
        known.unwrap_or_else(|| Self::Other { id, value: value.to_vec() })
    }

    fn put(&self, bytes: &mut Vec<u8>) -> Result<(), PduError> {
        match self {
            Self::Concatenation(part) => match part.reference {
                Reference::Short(reference) => {
                    bytes.extend([0x00, 3, reference, part.total, part.sequence])
                }
                Reference::Long(reference) => {
                    let [high, low] = reference.to_be_bytes();
                    bytes.extend([0x08, 4, high, low, part.total, part.sequence]);
                }
            },
            Self::SingleShift(language) => bytes.extend([0x24, 1, *language]),
            Self::LockingShift(language) => bytes.extend([0x25, 1, *language]),
            Self::Other { id, value } => {
                let length = u8::try_from(value.len())
                    .map_err(|_| PduError::TooLong { octets: value.len() })?;
                bytes.extend([*id, length]);
                bytes.extend(value);
            }
        }
        Ok(())
    }
}

/// The user-data header of a message; most messages have none, which is an empty one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    elements: Vec<Element>,
    malformed: bool,
}

impl Header {
    /// A header of these elements, in this order.
    #[must_use]
    pub fn new(elements: Vec<Element>) -> Self {
        Self { elements, malformed: false }
    }

    /// A header that announced more octets than the message has.
    pub(super) fn unreadable() -> Self {
        Self { elements: Vec::new(), malformed: true }
    }

    /// The elements that could be read.
    #[must_use]
    pub fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// Whether something in it could not be read. The text is shown all the same.
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        self.malformed
    }

    /// Which part of which message this is. Of several such elements the last counts (23.040 §9.2.3.24).
    #[must_use]
    pub fn concatenation(&self) -> Option<Concatenation> {
        self.elements.iter().rev().find_map(|element| match element {
            Element::Concatenation(part) => Some(*part),
            Element::SingleShift(_) | Element::LockingShift(_) | Element::Other { .. } => None,
        })
    }

    /// In which tables the text is to be read. Of several such elements the last counts.
    #[must_use]
    pub fn shift(&self) -> Shift {
        let mut shift = Shift::default();
        for element in &self.elements {
            match element {
                Element::SingleShift(language) => shift.single = Language::of(*language),
                Element::LockingShift(language) => shift.locking = Language::of(*language),
                Element::Concatenation(_) | Element::Other { .. } => {}
            }
        }
        shift
    }

    /// The elements in `bytes`, which are the header without its first octet, its length.
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut header = Self::default();
        let mut rest = bytes;
        while !rest.is_empty() {
            let Some((id, length, after)) = split_element(rest) else {
                header.malformed = true;
                break;
            };
            let Some((value, after)) = after.split_at_checked(usize::from(length)) else {
                header.malformed = true;
                break;
            };
            header.elements.push(Element::read(id, value));
            rest = after;
        }
        header
    }

    /// The header with its length before it; nothing at all if there are no elements.
    pub(super) fn encode(&self) -> Result<Vec<u8>, PduError> {
        if self.elements.is_empty() {
            return Ok(Vec::new());
        }
        let mut elements = Vec::new();
        for element in &self.elements {
            element.put(&mut elements)?;
        }
        let length = u8::try_from(elements.len())
            .map_err(|_| PduError::TooLong { octets: elements.len() })?;
        elements.insert(0, length);
        Ok(elements)
    }
}

fn split_element(bytes: &[u8]) -> Option<(u8, u8, &[u8])> {
    let ([id, length], after) = bytes.split_first_chunk::<2>()?;
    Some((*id, *length, after))
}
