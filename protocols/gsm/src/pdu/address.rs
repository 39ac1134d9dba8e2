//! Addresses: telephone numbers, short codes and names as senders (23.040 §9.1.2.5).
//!
//! It never looks a number up and never rewrites one: a national number stays national. What arrives from the
//! network is taken as it is, however odd; what we send has to be within the standard.

use super::PduError;
use super::octets::Octets;
use crate::alphabet;
use std::fmt;
use std::str::FromStr;

/// The characters of the sixteen semi-octets; the last one only fills.
const SEMI_OCTETS: [char; 15] =
    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'a', 'b', 'c'];

/// An address has at most twenty semi-octets (23.040 §9.1.2.5).
const LONGEST: usize = 20;

/// As many final digits as two writings of one number must share at least.
const SHARED: usize = 7;

/// The type of a number (23.040 §9.1.2.5, bits 6 to 4 of the type of address).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NumberType {
    /// Not said; most often a national number as it is dialled.
    Unknown,
    /// With the code of the country, written with a plus.
    International,
    /// Without the code of the country.
    National,
    /// A number of the network's own.
    Network,
    /// A number of a subscriber within his exchange.
    Subscriber,
    /// Letters instead of digits.
    Alphanumeric,
    /// A short code.
    Abbreviated,
    /// Kept free by the standard.
    Reserved,
}

impl NumberType {
    const ALL: [Self; 8] = [
        Self::Unknown,
        Self::International,
        Self::National,
        Self::Network,
        Self::Subscriber,
        Self::Alphanumeric,
        Self::Abbreviated,
        Self::Reserved,
    ];

    fn from_octet(octet: u8) -> Self {
        let position = usize::from(octet >> 4 & 0b111);
        Self::ALL.get(position).copied().unwrap_or(Self::Reserved)
    }

    fn bits(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::International => 1 << 4,
            Self::National => 2 << 4,
            Self::Network => 3 << 4,
            Self::Subscriber => 4 << 4,
            Self::Alphanumeric => 5 << 4,
            Self::Abbreviated => 6 << 4,
            Self::Reserved => 7 << 4,
        }
    }
}

/// The address of a sender, a recipient or a service centre. `Display` writes `+` before international numbers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    kind: NumberType,
    /// The numbering plan, bits 3 to 0 of the type of address; 1 is that of telephony.
    plan: u8,
    /// Digits without the plus, or the name.
    text: String,
}

impl Address {
    /// The plan of telephony, ITU-T E.164.
    const TELEPHONE: u8 = 1;

    /// A name as a sender, such as `VIGIE`. A modem cannot send so; service centres do.
    ///
    /// # Errors
    /// [`PduError::Name`] for a character outside the GSM alphabet, [`PduError::AddressTooLong`] past 11 septets.
    pub fn name(name: &str) -> Result<Self, PduError> {
        let septets = alphabet::encode_septets(name)
            .map_err(|source| PduError::Name { name: name.to_owned(), source })?;
        if septets.len() * 7 > LONGEST * 4 {
            return Err(PduError::AddressTooLong { address: name.to_owned() });
        }
        Ok(Self { kind: NumberType::Alphanumeric, plan: 0, text: name.to_owned() })
    }

    /// What kind of number it is.
    #[must_use]
    pub fn kind(&self) -> NumberType {
        self.kind
    }

    /// The digits without a plus, or the name.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether both name the same line, however written: `+33612345678`, `0033612345678` and `0612345678` do.
    ///
    /// Networks return a national number for an international one and the reverse, so that reports and answers
    /// are compared by their end. Two international numbers, short codes and names have to be equal.
    #[must_use]
    pub fn is_same_line(&self, other: &Self) -> bool {
        if self.kind == NumberType::Alphanumeric || other.kind == NumberType::Alphanumeric {
            return self.kind == other.kind && self.text == other.text;
        }
        let (ours, theirs) = (self.significant(), other.significant());
        match (self.is_international(), other.is_international()) {
            (true, false) => ours.ends_with(theirs) && theirs.len() >= SHARED,
            (false, true) => theirs.ends_with(ours) && ours.len() >= SHARED,
            (true, true) | (false, false) => ours == theirs,
        }
    }

    fn is_international(&self) -> bool {
        self.kind == NumberType::International || self.text.starts_with("00")
    }

    /// The digits without the prefixes that only dialling needs.
    fn significant(&self) -> &str {
        if self.kind == NumberType::International {
            return &self.text;
        }
        self.text.strip_prefix("00").or_else(|| self.text.strip_prefix('0')).unwrap_or(&self.text)
    }

    /// Reads an address whose length counts semi-octets, as in every field but the service centre's.
    pub(super) fn take(octets: &mut Octets<'_>, part: &'static str) -> Result<Self, PduError> {
        let length = usize::from(octets.one(part)?);
        let kind = octets.one(part)?;
        let value = octets.take(length.div_ceil(2), part)?;
        Ok(Self::read(kind, value, length))
    }

    /// Reads the service centre's address, whose length counts octets (27.005 §3.1); 0 means that there is none.
    pub(super) fn take_service_centre(octets: &mut Octets<'_>) -> Result<Option<Self>, PduError> {
        const PART: &str = "service centre's address";
        let length = usize::from(octets.one(PART)?);
        let value = octets.take(length, PART)?;
        Ok(value.split_first().map(|(kind, digits)| Self::read(*kind, digits, digits.len() * 2)))
    }

    fn read(octet: u8, value: &[u8], length: usize) -> Self {
        let kind = NumberType::from_octet(octet);
        let text = match kind {
            NumberType::Alphanumeric => read_name(value, length),
            NumberType::Unknown
            | NumberType::International
            | NumberType::National
            | NumberType::Network
            | NumberType::Subscriber
            | NumberType::Abbreviated
            | NumberType::Reserved => read_digits(value, length),
        };
        Self { kind, plan: octet & 0x0F, text }
    }

    /// Writes the address with its length in semi-octets.
    pub(super) fn put(&self, bytes: &mut Vec<u8>) -> Result<(), PduError> {
        let (length, value) = self.value()?;
        bytes.extend([length, self.type_octet()]);
        bytes.extend(value);
        Ok(())
    }

    /// Writes the service centre's address, whose length counts octets (27.005 §3.1); 0 where there is none: the SIM's own is used.
    pub(super) fn put_service_centre(
        address: Option<&Self>,
        bytes: &mut Vec<u8>,
    ) -> Result<(), PduError> {
        let Some(address) = address else {
            bytes.push(0);
            return Ok(());
        };
        let (semi_octets, value) = address.value()?;
        bytes.extend([semi_octets.div_ceil(2) + 1, address.type_octet()]);
        bytes.extend(value);
        Ok(())
    }

    fn type_octet(&self) -> u8 {
        0x80 | self.kind.bits() | self.plan & 0x0F
    }

    /// The count of semi-octets and the octets that hold them.
    fn value(&self) -> Result<(u8, Vec<u8>), PduError> {
        let too_long = || PduError::AddressTooLong { address: self.text.clone() };
        let (length, value) = if self.kind == NumberType::Alphanumeric {
            let septets = alphabet::encode_septets(&self.text)
                .map_err(|source| PduError::Name { name: self.text.clone(), source })?;
            ((septets.len() * 7).div_ceil(4), alphabet::pack(&septets, 0))
        } else {
            (self.text.len(), write_digits(&self.text)?)
        };
        if length > LONGEST {
            return Err(too_long());
        }
        Ok((u8::try_from(length).map_err(|_| too_long())?, value))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind == NumberType::International {
            f.write_str("+")?;
        }
        f.write_str(&self.text)
    }
}

impl FromStr for Address {
    type Err = PduError;

    /// Reads a number as people write it: a plus makes it international; blanks, dots, hyphens and parentheses
    /// are left out.
    fn from_str(number: &str) -> Result<Self, PduError> {
        let trimmed = number.trim();
        let (kind, digits) = match trimmed.strip_prefix('+') {
            Some(digits) => (NumberType::International, digits),
            None => (NumberType::Unknown, trimmed),
        };
        let mut text = String::new();
        for character in digits.chars() {
            match character {
                ' ' | '\u{a0}' | '\u{202f}' | '.' | '-' | '(' | ')' | '/' => {}
                '0'..='9' => text.push(character),
                '*' | '#' if kind == NumberType::Unknown => text.push(character),
                _ => {
                    return Err(PduError::NotANumber { number: number.to_owned(), character });
                }
            }
        }
        if text.is_empty() {
            return Err(PduError::NoDigits);
        }
        if text.len() > LONGEST {
            return Err(PduError::AddressTooLong { address: number.to_owned() });
        }
        Ok(Self { kind, plan: Self::TELEPHONE, text })
    }
}

/// The digits of swapped semi-octets, up to the first that only fills.
fn read_digits(value: &[u8], length: usize) -> String {
    value
        .iter()
        .flat_map(|octet| [octet & 0x0F, octet >> 4])
        .take(length)
        .map_while(|digit| SEMI_OCTETS.get(usize::from(digit)))
        .collect()
}

fn write_digits(text: &str) -> Result<Vec<u8>, PduError> {
    let digit = |character: char| {
        SEMI_OCTETS
            .iter()
            .position(|known| *known == character)
            .and_then(|position| u8::try_from(position).ok())
            .ok_or_else(|| PduError::NotANumber { number: text.to_owned(), character })
    };
    let mut value = Vec::with_capacity(text.len().div_ceil(2));
    let mut characters = text.chars();
    while let Some(low) = characters.next() {
        let high = characters.next().map_or(Ok(0x0F), digit)?;
        value.push(high << 4 | digit(low)?);
    }
    Ok(value)
}

/// The name in `length` semi-octets. Those who count whole octets leave room for one septet too many: an `@` at
/// the end of an eighth septet is that room, and not part of the name.
fn read_name(value: &[u8], length: usize) -> String {
    let mut septets = alphabet::unpack(value, length * 4 / 7);
    if septets.len().is_multiple_of(8) && septets.last() == Some(&0) {
        septets.pop();
    }
    alphabet::decode_septets(&septets)
}
