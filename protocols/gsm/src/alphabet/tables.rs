//! The two tables of the GSM alphabet (23.038 §6.2.1 and §6.2.1.1).
//! Those of national languages are in [`super::national`].

/// Announces a character of the extension table.
pub(super) const ESCAPE: u8 = 0x1B;

/// The default table. Where the escape stands, a space is shown (§6.2.1, note 1).
#[rustfmt::skip]
const DEFAULT: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å',
    'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', ' ', 'Æ', 'æ', 'ß', 'É',
    ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/',
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?',
    '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O',
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§',
    '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
];

/// The extension table: what follows the escape, and what is shown for both.
const EXTENSION: [(u8, char); 10] = [
    (0x0A, '\u{0c}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2F, '\\'),
    (0x3C, '['),
    (0x3D, '~'),
    (0x3E, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

/// A character of the default table; the highest bit of `septet` is not looked at.
pub(super) fn default_character(septet: u8) -> char {
    DEFAULT.get(usize::from(septet & 0x7F)).copied().expect("the table has 128 characters")
}

/// The character of an escape and `septet`, if the extension has it. What it lacks is shown as the main table has
/// it, and a second escape as a space (§6.2.1.1, note 1), which is what stands at its place there.
pub(super) fn extended_character(septet: u8) -> Option<char> {
    let found = EXTENSION.iter().find(|(known, _)| *known == septet & 0x7F);
    found.map(|(_, character)| *character)
}

/// How a character travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Septets {
    /// As one septet of the default table.
    One(u8),
    /// As the escape and a septet of the extension table.
    Escaped(u8),
}

impl Septets {
    /// How `character` travels, if the alphabet has it.
    pub(super) fn of(character: char) -> Option<Self> {
        if let Some((septet, _)) = EXTENSION.iter().find(|(_, known)| *known == character) {
            return Some(Self::Escaped(*septet));
        }
        // The first of two equal entries is the escape, which is no character: the space stands at 0x20.
        let position = DEFAULT.iter().rposition(|known| *known == character)?;
        u8::try_from(position).ok().map(Self::One)
    }

    /// How many septets it takes.
    pub(super) fn count(self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Escaped(_) => 2,
        }
    }
}
