//! How the values of an object are written: the words of its enumeration, the names of its bits, its DISPLAY-HINT.
//!
//! It changes no value; what it cannot write by the MIB's rules it leaves to the caller, who writes it as if there were no MIB.

use super::catalogue::FiledLabels;
use super::hint;

/// A BITS value of more octets is no BITS value: no MIB names so many.
const MOST_BITS_OCTETS: usize = 64;

/// How the values of an object are written (RFC 2578 §7.1, RFC 2579 §3.1).
#[derive(Debug, Clone, Copy)]
pub struct Syntax<'a> {
    /// Its DISPLAY-HINT; empty where there is none.
    pub(super) hint: &'a str,
    /// Whether its octets are BITS.
    pub(super) is_bits: bool,
    /// The words for its numbers, or for its bits.
    pub(super) labels: Labels<'a>,
}

/// Words for numbers, wherever they are kept.
#[derive(Debug, Clone, Copy)]
pub(super) enum Labels<'a> {
    /// In the table that is built in.
    BuiltIn(&'static [(i64, &'static str)]),
    /// In a catalogue.
    Filed(FiledLabels<'a>),
}

impl<'a> Syntax<'a> {
    /// Nothing is known of its values.
    pub const PLAIN: Syntax<'static> =
        Syntax { hint: "", is_bits: false, labels: Labels::BuiltIn(&[]) };

    /// Whether its numbers have words, or a point that stands elsewhere than in the number.
    pub fn has_words(&self) -> bool {
        self.is_enumeration() || self.hint.starts_with("d-")
    }

    /// Whether the MIB adds nothing to its values.
    pub(super) fn is_plain(&self) -> bool {
        self.hint.is_empty() && !self.is_bits && !self.has_labels()
    }

    fn has_labels(&self) -> bool {
        match &self.labels {
            Labels::BuiltIn(labels) => !labels.is_empty(),
            Labels::Filed(labels) => !labels.is_empty(),
        }
    }

    /// The word for a number of an enumeration: `down` for 2 in `ifOperStatus`.
    pub fn label(&self, number: i64) -> Option<&'a str> {
        if self.is_bits { None } else { self.word(number) }
    }

    fn word(&self, number: i64) -> Option<&'a str> {
        match self.labels {
            Labels::BuiltIn(labels) => {
                labels.iter().find(|(known, _)| *known == number).map(|(_, label)| *label)
            }
            Labels::Filed(labels) => labels.word(number),
        }
    }

    /// Whether it is an enumeration: numbers that have words.
    pub fn is_enumeration(&self) -> bool {
        !self.is_bits && self.has_labels()
    }

    /// The number of an enumeration that has this word: 2 for `down` in `ifOperStatus`.
    pub fn number(&self, label: &str) -> Option<i64> {
        if self.is_bits {
            return None;
        }
        match self.labels {
            Labels::BuiltIn(labels) => {
                labels.iter().find(|(_, known)| *known == label).map(|(number, _)| *number)
            }
            Labels::Filed(labels) => labels.number(label),
        }
    }

    /// The bits that are set in a BITS value, by their numbers, and their names where the MIB has them; none where it is no such value.
    pub fn bits(&self, octets: &[u8]) -> Option<Vec<(u32, Option<&'a str>)>> {
        if !self.is_bits || octets.len() > MOST_BITS_OCTETS {
            return None;
        }
        // RFC 2578 §7.1.4: bit 0 is the high-order bit of the first octet.
        let all =
            octets.iter().flat_map(|octet| (0..8).map(move |bit| octet >> (7 - bit) & 1 == 1));
        let set = (0_u32..).zip(all).filter(|(_, is_set)| *is_set);
        Some(set.map(|(bit, _)| (bit, self.word(i64::from(bit)))).collect())
    }

    /// Octets as the DISPLAY-HINT has them; nothing where there is none, where it only says that they are text, or where they do
    /// not fit it. A DateAndTime (RFC 2579 §2) is written as RFC 3339 has it.
    pub fn octets(&self, octets: &[u8]) -> Option<String> {
        hint::octets(self.hint, octets)
    }

    /// A number as the DISPLAY-HINT has it: 405 with `d-1` is `40.5`. Nothing where there is none, or none that changes it.
    pub fn integer(&self, number: i64) -> Option<String> {
        hint::integer(self.hint, number)
    }
}
