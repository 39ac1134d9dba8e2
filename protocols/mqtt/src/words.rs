//! How a text that came from outside stands in a sentence for an operator: escaped, and never long.
//!
//! A topic has up to 65,535 octets and may hold line ends; a log line and a complaint have neither room nor use for them.

/// The most characters of a foreign text that a sentence shows.
const SHOWN: usize = 60;

/// A text as a sentence shows it: control characters escaped, the end cut where it is long.
pub(crate) fn shown(text: &str) -> String {
    let mut letters = text.chars();
    let mut short: String = letters.by_ref().take(SHOWN).flat_map(char::escape_debug).collect();
    if letters.next().is_some() {
        short.push('…');
    }
    short
}

/// Octets as hexadecimal digits.
pub(crate) fn hexadecimal(octets: &[u8]) -> String {
    octets
        .iter()
        .flat_map(|octet| [octet >> 4, octet & 15])
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}
