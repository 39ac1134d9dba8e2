//! The identifier of an SNMP engine (RFC 3411 §5 `SnmpEngineID`): who is the authority for a message's time.
//!
//! Never of another length than the standard allows, and never all zeros or all ones, which are no engine's.

use std::fmt;
use std::str::FromStr;

use crate::secured::hexadecimal;

/// The fewest octets (RFC 3411 §5).
const SHORTEST: usize = 5;
/// The most octets (RFC 3411 §5).
const LONGEST: usize = 32;

/// An engine's identifier: 5 to 32 octets (RFC 3411 §5).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EngineId(Box<[u8]>);

/// Why something is no engine's identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EngineIdError {
    /// Fewer than 5 or more than 32 octets.
    #[error("an engine's identifier has 5 to 32 octets, and this has {0}")]
    Length(usize),
    /// All octets are zero, or all are 255.
    #[error("an engine's identifier is not all zeros or all ones")]
    NoEngine,
    /// Not hexadecimal.
    #[error("an engine's identifier is written in hexadecimal: 80:00:1f:88:04:61")]
    NotHexadecimal,
}

impl EngineId {
    /// The identifier of these octets.
    ///
    /// # Errors
    /// [`EngineIdError`] where there are fewer or more than the standard allows, or where they are all alike (RFC 3411 §5).
    pub fn new(octets: &[u8]) -> Result<EngineId, EngineIdError> {
        if !(SHORTEST..=LONGEST).contains(&octets.len()) {
            return Err(EngineIdError::Length(octets.len()));
        }
        if [0x00, 0xff].iter().any(|all| octets.iter().all(|octet| octet == all)) {
            return Err(EngineIdError::NoEngine);
        }
        Ok(EngineId(octets.into()))
    }

    /// An identifier of our own making from random octets: format 5, "octets", under the enterprise number 0, which
    /// IANA keeps for nobody (RFC 3411 §5).
    pub fn drawn(random: [u8; 8]) -> EngineId {
        let mut octets = vec![0x80, 0, 0, 0, 5];
        octets.extend(random);
        EngineId(octets.into())
    }

    /// The octets, as they stand on the wire.
    pub fn octets(&self) -> &[u8] {
        &self.0
    }
}

impl FromStr for EngineId {
    type Err = EngineIdError;

    /// Reads `80:00:1f:88:04:61`, `80001f880461` and, as net-snmp writes it, `0x80001f880461`.
    fn from_str(text: &str) -> Result<EngineId, EngineIdError> {
        let text = text.strip_prefix("0x").or(text.strip_prefix("0X")).unwrap_or(text);
        let digits: Vec<u8> = text
            .chars()
            .filter(|letter| !matches!(letter, ':' | '-' | ' '))
            .map(|letter| letter.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect::<Option<_>>()
            .ok_or(EngineIdError::NotHexadecimal)?;
        let (pairs, rest) = digits.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(EngineIdError::NotHexadecimal);
        }
        let octets: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
        EngineId::new(&octets)
    }
}

impl fmt::Display for EngineId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal(&self.0, out)
    }
}

impl fmt::Debug for EngineId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "EngineId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_read_in_the_ways_in_which_devices_show_it() {
        for text in ["80:00:1f:88:04:61", "80001F880461", "0x80001f880461", "80-00-1f-88-04-61"] {
            assert_eq!(text.parse::<EngineId>().unwrap().to_string(), "80:00:1f:88:04:61");
        }
    }

    #[test]
    fn what_is_no_engines_identifier_is_refused_with_its_reason() {
        let cases = [
            ("80:00:1f:88", EngineIdError::Length(4)),
            ("", EngineIdError::Length(0)),
            ("00:00:00:00:00", EngineIdError::NoEngine),
            ("ff:ff:ff:ff:ff:ff", EngineIdError::NoEngine),
            ("80:00:1f:88:0", EngineIdError::NotHexadecimal),
            ("80:00:1f:88:zz", EngineIdError::NotHexadecimal),
        ];
        for (text, reason) in cases {
            assert_eq!(text.parse::<EngineId>(), Err(reason), "{text}");
        }
        assert_eq!(EngineId::new(&[1; 33]), Err(EngineIdError::Length(33)));
        assert!(EngineId::new(&[1; 32]).is_ok());
    }
}
