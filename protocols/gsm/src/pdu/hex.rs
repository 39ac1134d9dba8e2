//! Hexadecimal digits, the only form in which a message travels between a modem and us.
//!
//! Reading takes both cases and the white space at the ends, and nothing else: a torn line is refused with the
//! place of the tear, never guessed at.

use super::PduError;

/// Reads hexadecimal digits of either case; white space at the ends is allowed.
///
/// # Errors
/// [`PduError::NotHex`] with the first wrong character, [`PduError::HalfOctet`] if a digit is missing.
pub fn from_hex(line: &str) -> Result<Vec<u8>, PduError> {
    let mut bytes = Vec::with_capacity(line.len() / 2);
    let mut high = None;
    let mut digits = 0;
    for character in line.trim().chars() {
        digits += 1;
        let digit = character
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
            .ok_or(PduError::NotHex { character, position: digits })?;
        high = match high {
            None => Some(digit),
            Some(high) => {
                bytes.push(high << 4 | digit);
                None
            }
        };
    }
    match high {
        None => Ok(bytes),
        Some(_) => Err(PduError::HalfOctet { digits }),
    }
}

/// Writes octets as upper-case hexadecimal digits, which every modem reads.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0x0F])
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .map(|digit| digit.to_ascii_uppercase())
        .collect()
}
