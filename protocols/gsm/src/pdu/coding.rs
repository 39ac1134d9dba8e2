//! The data coding scheme: in which alphabet a text is, and whom it is for (23.038 §4).
//!
//! It keeps the octet as it came. What the standard reserves is read as the GSM alphabet, as the standard says.

/// The alphabet of a message's user data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Alphabet {
    /// The seven-bit alphabet of 23.038 §6.2.1.
    Gsm7,
    /// Octets without a meaning that the standard knows; compressed text too, which nobody reads.
    Octets,
    /// UCS-2, in practice UTF-16 with the high octet first.
    Ucs2,
}

/// The class of a message (23.038 §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Class 0: shown at once, kept nowhere. Phones light up for it.
    Display,
    /// Class 1: for the memory of the phone.
    Phone,
    /// Class 2: for the SIM.
    Sim,
    /// Class 3: for the terminal behind the phone.
    Terminal,
}

impl Class {
    fn from_bits(octet: u8) -> Self {
        match octet & 0b11 {
            0 => Self::Display,
            1 => Self::Phone,
            2 => Self::Sim,
            _ => Self::Terminal,
        }
    }

    fn bits(self) -> u8 {
        match self {
            Self::Display => 0,
            Self::Phone => 1,
            Self::Sim => 2,
            Self::Terminal => 3,
        }
    }
}

/// What a message-waiting indication says (23.038 §4, coding groups 1100 to 1110).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Waiting {
    /// Whether something waits, or no longer does.
    pub active: bool,
    /// What waits: 0 voice mail, 1 fax, 2 e-mail, 3 something else.
    pub kind: u8,
    /// Whether the text is to be kept, or may be thrown away.
    pub keep: bool,
}

/// The data coding scheme of a message, TP-DCS (23.040 §9.2.3.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DataCoding(u8);

impl DataCoding {
    /// The GSM alphabet, no class.
    pub const GSM7: Self = Self(0x00);
    /// Octets of 8 bits, no class.
    pub const OCTETS: Self = Self(0x04);
    /// UCS-2, no class.
    pub const UCS2: Self = Self(0x08);

    /// The scheme that an octet stands for; every octet stands for one.
    #[must_use]
    pub fn from_octet(octet: u8) -> Self {
        Self(octet)
    }

    /// The octet as it came, reserved values included.
    #[must_use]
    pub fn octet(self) -> u8 {
        self.0
    }

    /// In which alphabet the user data are.
    #[must_use]
    pub fn alphabet(self) -> Alphabet {
        match self.0 >> 4 {
            0b0000..=0b0111 if self.is_compressed() => Alphabet::Octets,
            0b0000..=0b0111 => match self.0 >> 2 & 0b11 {
                0b01 => Alphabet::Octets,
                0b10 => Alphabet::Ucs2,
                _ => Alphabet::Gsm7,
            },
            0b1110 => Alphabet::Ucs2,
            0b1111 if self.0 & 0b100 != 0 => Alphabet::Octets,
            _ => Alphabet::Gsm7,
        }
    }

    /// The class, where the scheme gives one.
    #[must_use]
    pub fn class(self) -> Option<Class> {
        match self.0 >> 4 {
            0b0000..=0b0111 if self.0 & 0b1_0000 != 0 => Some(Class::from_bits(self.0)),
            0b1111 => Some(Class::from_bits(self.0)),
            _ => None,
        }
    }

    /// Whether the text is compressed by 23.042, which no network uses; such text is shown as octets.
    #[must_use]
    pub fn is_compressed(self) -> bool {
        self.0 & 0b1010_0000 == 0b0010_0000
    }

    /// What waits, if the message only says that something waits elsewhere.
    #[must_use]
    pub fn waiting(self) -> Option<Waiting> {
        let keep = match self.0 >> 4 {
            0b1100 => false,
            0b1101 | 0b1110 => true,
            _ => return None,
        };
        Some(Waiting { active: self.0 & 0b1000 != 0, kind: self.0 & 0b11, keep })
    }

    /// The same alphabet, for a class.
    #[must_use]
    pub fn with_class(self, class: Class) -> Self {
        let plain = match self.alphabet() {
            Alphabet::Gsm7 => Self::GSM7,
            Alphabet::Octets => Self::OCTETS,
            Alphabet::Ucs2 => Self::UCS2,
        };
        Self(plain.0 | 0b1_0000 | class.bits())
    }
}
