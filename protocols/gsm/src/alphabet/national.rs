//! National language tables, for reading (23.038 §6.2.1.2 and annex A).
//!
//! A header names them: element 0x25 another main table (locking shift), element 0x24 another table for what
//! follows an escape (single shift). We read those of Turkish, Spanish and Portuguese, which modems, phones and
//! remote transmitters of Europe and Brazil write; of any other language the two tables of the GSM alphabet are read
//! in their place, as a phone does that does not know the language. Vigie never sends in them: old phones show rubbish.

use super::tables::{ESCAPE, default_character, extended_character};

/// A language with tables of its own (23.038 §6.2.1.2.4, National Language Identifier).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// Identifier 1.
    Turkish,
    /// Identifier 2; it has no main table.
    Spanish,
    /// Identifier 3.
    Portuguese,
}

impl Language {
    /// The language of that identifier, if we read it.
    #[must_use]
    pub fn of(identifier: u8) -> Option<Self> {
        match identifier {
            1 => Some(Self::Turkish),
            2 => Some(Self::Spanish),
            3 => Some(Self::Portuguese),
            _ => None,
        }
    }
}

/// The tables in which a text is to be read. Without any, those of the GSM alphabet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Shift {
    /// Instead of the main table.
    pub locking: Option<Language>,
    /// Instead of the extension table.
    pub single: Option<Language>,
}

impl Shift {
    /// Whether the two tables of the GSM alphabet are meant.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Self::default()
    }
}

/// The main table of Turkish (annex A.3.1). Where the escape stands, a space is shown.
#[rustfmt::skip]
const TURKISH: [char; 128] = [
    '@', '£', '$', '¥', '€', 'é', 'ù', 'ı', 'ò', 'Ç', '\n', 'Ğ', 'ğ', '\r', 'Å', 'å',
    'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', ' ', 'Ş', 'ş', 'ß', 'É',
    ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/',
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?',
    'İ', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O',
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§',
    'ç', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
];

/// The main table of Portuguese (annex A.3.3).
#[rustfmt::skip]
const PORTUGUESE: [char; 128] = [
    '@', '£', '$', '¥', 'ê', 'é', 'ú', 'í', 'ó', 'ç', '\n', 'Ô', 'ô', '\r', 'Á', 'á',
    'Δ', '_', 'ª', 'Ç', 'À', '∞', '^', '\\', '€', 'Ó', '|', ' ', 'Â', 'â', 'Ê', 'É',
    ' ', '!', '"', '#', 'º', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/',
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?',
    'Í', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O',
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ã', 'Õ', 'Ú', 'Ü', '§',
    '~', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ã', 'õ', '`', 'ü', 'à',
];

/// What Turkish has behind the escape beyond the extension table (annex A.2.1).
const TURKISH_SHIFTED: &[(u8, char)] =
    &[(0x47, 'Ğ'), (0x49, 'İ'), (0x53, 'Ş'), (0x63, 'ç'), (0x67, 'ğ'), (0x69, 'ı'), (0x73, 'ş')];

/// What Spanish has there (annex A.2.2).
const SPANISH_SHIFTED: &[(u8, char)] = &[
    (0x09, 'ç'),
    (0x41, 'Á'),
    (0x49, 'Í'),
    (0x4F, 'Ó'),
    (0x55, 'Ú'),
    (0x61, 'á'),
    (0x69, 'í'),
    (0x6F, 'ó'),
    (0x75, 'ú'),
];

/// What Portuguese has there (annex A.2.3).
#[rustfmt::skip]
const PORTUGUESE_SHIFTED: &[(u8, char)] = &[
    (0x05, 'ê'), (0x09, 'ç'), (0x0B, 'Ô'), (0x0C, 'ô'), (0x0E, 'Á'), (0x0F, 'á'),
    (0x12, 'Φ'), (0x13, 'Γ'), (0x15, 'Ω'), (0x16, 'Π'), (0x17, 'Ψ'), (0x18, 'Σ'), (0x19, 'Θ'), (0x1F, 'Ê'),
    (0x41, 'À'), (0x49, 'Í'), (0x4F, 'Ó'), (0x55, 'Ú'), (0x5B, 'Ã'), (0x5C, 'Õ'),
    (0x61, 'Â'), (0x69, 'í'), (0x6F, 'ó'), (0x75, 'ú'), (0x7B, 'ã'), (0x7C, 'õ'), (0x7F, 'â'),
];

/// The text of septets, one in each octet, in the tables of a language.
#[must_use]
pub fn decode_shifted(septets: &[u8], shift: Shift) -> String {
    let mut text = String::with_capacity(septets.len());
    let mut septets = septets.iter().copied();
    while let Some(septet) = septets.next() {
        text.push(match septet & 0x7F {
            ESCAPE => septets.next().map_or(' ', |septet| shifted(septet, shift)),
            plain => unshifted(plain, shift.locking),
        });
    }
    text
}

/// The character of a septet in the main table.
fn unshifted(septet: u8, locking: Option<Language>) -> char {
    let table = match locking {
        Some(Language::Turkish) => &TURKISH,
        Some(Language::Portuguese) => &PORTUGUESE,
        Some(Language::Spanish) | None => return default_character(septet),
    };
    table.get(usize::from(septet & 0x7F)).copied().expect("the table has 128 characters")
}

/// The character of an escape and a septet. What the language's table lacks is shown as the main table has it
/// (§6.2.1.2.2); all these tables contain the extension of the GSM alphabet.
fn shifted(septet: u8, shift: Shift) -> char {
    let own: &[(u8, char)] = match shift.single {
        Some(Language::Turkish) => TURKISH_SHIFTED,
        Some(Language::Spanish) => SPANISH_SHIFTED,
        Some(Language::Portuguese) => PORTUGUESE_SHIFTED,
        None => &[],
    };
    if let Some((_, character)) = own.iter().find(|(known, _)| *known == septet & 0x7F) {
        return *character;
    }
    extended_character(septet).unwrap_or_else(|| unshifted(septet, shift.locking))
}
