//! Texts as septets, and septets packed into octets (23.038 §6.1.2.1.1).
//!
//! Reading never fails: every septet is a character, and one escape without a successor is a space.

use super::AlphabetError;
use super::national::{Shift, decode_shifted};
use super::tables::{ESCAPE, Septets};

/// The septets of a text, one in each octet, an escape before those of the extension table.
///
/// # Errors
/// [`AlphabetError::Outside`] with the first character that the alphabet does not have.
pub fn encode_septets(text: &str) -> Result<Vec<u8>, AlphabetError> {
    let mut septets = Vec::with_capacity(text.len());
    for character in text.chars() {
        match Septets::of(character).ok_or(AlphabetError::Outside { character })? {
            Septets::One(septet) => septets.push(septet),
            Septets::Escaped(septet) => septets.extend([ESCAPE, septet]),
        }
    }
    Ok(septets)
}

/// The text of septets, one in each octet.
#[must_use]
pub fn decode_septets(septets: &[u8]) -> String {
    decode_shifted(septets, Shift::default())
}

/// Packs septets into octets, the first of them after `fill` bits of zero, 0 to 6 of which bring the text behind
/// a header to the next septet border (23.040 §9.2.3.24).
#[must_use]
pub fn pack(septets: &[u8], fill: usize) -> Vec<u8> {
    let mut octets = Vec::with_capacity((septets.len() * 7 + fill).div_ceil(8));
    let mut bits = 0_u16;
    let mut count = fill % 8;
    for septet in septets {
        bits |= u16::from(septet & 0x7F) << count;
        count += 7;
        if count >= 8 {
            let [low, high] = bits.to_le_bytes();
            octets.push(low);
            bits = u16::from(high);
            count -= 8;
        }
    }
    if count > 0 {
        let [low, _] = bits.to_le_bytes();
        octets.push(low);
    }
    octets
}

/// Unpacks at most `count` septets; fewer if the octets hold no more.
///
/// The count has to be known: octets alone cannot tell an `@` at the end from seven bits of nothing.
#[must_use]
pub fn unpack(octets: &[u8], count: usize) -> Vec<u8> {
    let mut septets = Vec::with_capacity(count.min(octets.len() * 8 / 7));
    let mut bits = 0_u16;
    let mut held = 0;
    for octet in octets {
        bits |= u16::from(*octet) << held;
        held += 8;
        while held >= 7 && septets.len() < count {
            let [low, _] = bits.to_le_bytes();
            septets.push(low & 0x7F);
            bits >>= 7;
            held -= 7;
        }
        if septets.len() == count {
            break;
        }
    }
    septets
}
