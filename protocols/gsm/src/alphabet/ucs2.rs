//! UCS-2 as telephones use it: UTF-16 with the high octet first, surrogate pairs included.
//!
//! Reading never fails: half a pair and half a unit are shown as U+FFFD.

/// The octets of a text, high octet first.
#[must_use]
pub fn encode_ucs2(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

/// The text of octets. A byte-order mark at the beginning is left out: some phones send one.
#[must_use]
pub fn decode_ucs2(octets: &[u8]) -> String {
    let (pairs, rest) = octets.as_chunks::<2>();
    let units = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
    let torn = (!rest.is_empty()).then_some(char::REPLACEMENT_CHARACTER);
    let text: String = char::decode_utf16(units)
        .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
        .chain(torn)
        .collect();
    match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }
}
