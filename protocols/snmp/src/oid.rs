//! Object identifiers: the numbers by which SNMP names everything.
//!
//! Never empty, never beyond what the SMI allows (RFC 2578 §3.5: at most 128 sub-identifiers, each below 2^32), so that whoever
//! holds an [`Oid`] need not check it again. It knows no names; those are in [`crate::names`]. What is no OID is an [`OidError`].

use std::fmt::{self, Write as _};
use std::str::FromStr;

/// The most sub-identifiers that an OID may have (RFC 2578 §3.5).
const MAX_SUB_IDS: usize = 128;

/// An object identifier (RFC 2578 §3.5): one to 128 sub-identifiers, ordered as SNMP orders them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid(Box<[u32]>);

/// Why something is not an object identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OidError {
    /// No sub-identifier at all.
    #[error("an OID has at least one number")]
    Empty,
    /// The last octet says that another one follows (X.690 §8.19.2).
    #[error("the OID breaks off in the middle of a number")]
    Unfinished,
    /// A sub-identifier of 2^32 or more.
    #[error("the OID holds a number above 4294967295")]
    SubIdTooBig,
    /// More than 128 sub-identifiers.
    #[error("the OID has more than 128 numbers")]
    TooLong,
    /// The first number is 0, 1 or 2, and under 0 and 1 the second ends at 39 (X.690 §8.19.4).
    #[error(
        "no OID begins like that: it begins with 0, 1 or 2, and after 0 or 1 the second number is at most 39"
    )]
    Root,
    /// A part of the text is not a number.
    #[error("`{0}` is not a number of an OID")]
    NotANumber(String),
}

impl Oid {
    /// `zeroDotZero`, the SMI's word for "no identifier" (RFC 2578 §2).
    pub fn zero_dot_zero() -> Oid {
        Oid(Box::new([0, 0]))
    }

    /// An OID from its numbers.
    ///
    /// # Errors
    /// [`OidError`] where they are none, too many, or name nothing that the SMI allows (RFC 2578 §3.5).
    pub fn new(sub_ids: &[u32]) -> Result<Oid, OidError> {
        Oid::checked(sub_ids.to_vec())
    }

    /// The numbers, first to last.
    pub fn sub_ids(&self) -> &[u32] {
        &self.0
    }

    /// Whether this OID is `prefix` or stands below it.
    pub fn starts_with(&self, prefix: &Oid) -> bool {
        self.0.starts_with(&prefix.0)
    }

    /// The OID that stands below this one by the given numbers.
    pub(crate) fn child(&self, below: &[u32]) -> Result<Oid, OidError> {
        Oid::checked([&self.0, below].concat())
    }

    /// The OID in the contents octets of a BER OBJECT IDENTIFIER (X.690 §8.19).
    pub(crate) fn from_ber(contents: &[u8]) -> Result<Oid, OidError> {
        let mut sub_ids = Vec::with_capacity(contents.len().saturating_add(1).min(MAX_SUB_IDS));
        let mut value: u32 = 0;
        let mut finished = true;
        for &octet in contents {
            if value > u32::MAX >> 7 {
                return Err(OidError::SubIdTooBig);
            }
            value = value << 7 | u32::from(octet & 0x7f);
            finished = octet & 0x80 == 0;
            if !finished {
                continue;
            }
            if sub_ids.is_empty() {
                let root = (value / 40).min(2);
                sub_ids.push(root);
                sub_ids.push(value.saturating_sub(root.saturating_mul(40)));
            } else if sub_ids.len() == MAX_SUB_IDS {
                return Err(OidError::TooLong);
            } else {
                sub_ids.push(value);
            }
            value = 0;
        }
        if !finished {
            return Err(OidError::Unfinished);
        }
        Oid::checked(sub_ids)
    }

    fn checked(sub_ids: Vec<u32>) -> Result<Oid, OidError> {
        match sub_ids.as_slice() {
            [] => Err(OidError::Empty),
            [root, ..] if *root > 2 => Err(OidError::Root),
            [0 | 1, second, ..] if *second > 39 => Err(OidError::Root),
            all if all.len() > MAX_SUB_IDS => Err(OidError::TooLong),
            _ => Ok(Oid(sub_ids.into_boxed_slice())),
        }
    }
}

impl FromStr for Oid {
    type Err = OidError;

    /// Reads `1.3.6.1` and, as net-snmp writes it, `.1.3.6.1`.
    fn from_str(text: &str) -> Result<Oid, OidError> {
        let text = text.strip_prefix('.').unwrap_or(text);
        if text.is_empty() {
            return Err(OidError::Empty);
        }
        let mut sub_ids = Vec::new();
        for part in text.split('.') {
            // `u32::from_str` alone would take "+1".
            if part.is_empty() || !part.bytes().all(|octet| octet.is_ascii_digit()) {
                return Err(OidError::NotANumber(part.to_owned()));
            }
            sub_ids.push(part.parse().map_err(|_| OidError::SubIdTooBig)?);
        }
        Oid::checked(sub_ids)
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, sub_id) in self.0.iter().enumerate() {
            if place > 0 {
                out.write_str(".")?;
            }
            digits(*sub_id, out)?;
        }
        Ok(())
    }
}

/// A number as it is: whoever formats it asks for widths and signs, and a storm is made of OIDs.
fn digits(number: u32, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let digit = |value: u32| char::from_digit(value % 10, 10).unwrap_or('0');
    if number < 10 {
        return out.write_char(digit(number));
    }
    if number < 100 {
        out.write_char(digit(number / 10))?;
        return out.write_char(digit(number));
    }
    write!(out, "{number}")
}

impl fmt::Debug for Oid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Oid({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_oid_reads_as_it_is_written() {
        for text in ["1.3.6.1.6.3.1.1.5.3", "0.0", "2.999.4294967295", "1"] {
            assert_eq!(text.parse::<Oid>().unwrap().to_string(), text);
            assert_eq!(format!(".{text}").parse::<Oid>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_oid_is_refused_with_its_reason() {
        let cases = [
            ("", OidError::Empty),
            (".", OidError::Empty),
            ("1..3", OidError::NotANumber(String::new())),
            ("1.+3", OidError::NotANumber("+3".into())),
            ("1.ifIndex", OidError::NotANumber("ifIndex".into())),
            ("1.3.4294967296", OidError::SubIdTooBig),
            ("3.1", OidError::Root),
            ("1.40", OidError::Root),
        ];
        for (text, reason) in cases {
            assert_eq!(text.parse::<Oid>(), Err(reason), "{text}");
        }
        assert!(format!("1.3{}", ".1".repeat(126)).parse::<Oid>().is_ok());
        assert_eq!(format!("1.3{}", ".1".repeat(127)).parse::<Oid>(), Err(OidError::TooLong));
    }

    #[test]
    fn oids_sort_number_by_number_and_not_as_text() {
        let mut oids: Vec<Oid> =
            ["1.3.10", "1.3.9.1", "1.3.9"].map(|text| text.parse().unwrap()).into();
        oids.sort();
        assert_eq!(
            oids.iter().map(Oid::to_string).collect::<Vec<_>>(),
            ["1.3.9", "1.3.9.1", "1.3.10"]
        );
        assert!(oids[1].starts_with(&oids[0]) && !oids[2].starts_with(&oids[0]));
    }
}
