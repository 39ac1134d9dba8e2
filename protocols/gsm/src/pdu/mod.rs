//! SMS protocol data units: what a modem hands out, and what it is given to send (3GPP TS 23.040).
//!
//! [`Incoming::decode`] reads what `AT+CMGR`, `AT+CMGL`, `+CMT` and `+CDS` print, [`Submit::encode`] writes what
//! `AT+CMGS` wants. It never reads a clock, and it never joins the parts of a long message: that is
//! [`crate::concatenation`]'s business. Whatever the octets are, decoding ends with a message or with a
//! [`PduError`]. A time stamp or a user-data header that makes no sense costs only itself, and a text that is
//! shorter than it says is read as far as it goes and ends with [`GAP`]: it may be what somebody is waiting for.

mod address;
mod coding;
mod deliver;
mod header;
mod hex;
mod octets;
mod report;
mod submit;
mod timestamp;
mod user_data;
mod validity;

pub use address::{Address, NumberType};
pub use coding::{Alphabet, Class, DataCoding, Waiting};
pub use deliver::Deliver;
pub use header::{Concatenation, Element, Header, Reference};
pub use hex::{from_hex, to_hex};
pub use report::{Discharge, Status, StatusReport};
pub use submit::Submit;
pub use timestamp::{Civil, TimeStamp};
pub use user_data::{Body, GAP, UserData};

use crate::alphabet::AlphabetError;
use octets::Octets;
use thiserror::Error;

/// Why octets are no message, or why a message cannot become octets.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PduError {
    /// The octets end before what they promise.
    #[error("the message ends in the middle of its {part}")]
    Short {
        /// What was being read.
        part: &'static str,
    },
    /// A character is no hexadecimal digit; modems answer so when a line is torn.
    #[error("`{character}` at position {position} is not a hexadecimal digit")]
    NotHex {
        /// The character.
        character: char,
        /// Where it stands, counted in characters from 1.
        position: usize,
    },
    /// A line of hexadecimal digits has an odd length: one digit was lost on the line.
    #[error("the line of {digits} hexadecimal digits has lost one")]
    HalfOctet {
        /// How many digits there are.
        digits: usize,
    },
    /// A telephone number holds a character that no number may hold.
    #[error("`{number}` is not a telephone number because of `{character}`")]
    NotANumber {
        /// The number as it was given.
        number: String,
        /// The first character that is to blame.
        character: char,
    },
    /// A telephone number without a digit.
    #[error("a telephone number without any digit")]
    NoDigits,
    /// An address longer than the 20 semi-octets of 23.040 §9.1.2.5.
    #[error("`{address}` is longer than an SMS address may be")]
    AddressTooLong {
        /// The address.
        address: String,
    },
    /// A name as the sender with a character that the GSM alphabet does not have.
    #[error("the name `{name}` cannot stand as a sender")]
    Name {
        /// The name.
        name: String,
        /// The character that is to blame.
        source: AlphabetError,
    },
    /// User data that do not fit one message (23.040 §9.2.3.24: 140 octets).
    #[error("{octets} octets of text do not fit one message of 140")]
    TooLong {
        /// Its length with its header.
        octets: usize,
    },
}

/// One message as a modem hands it out, told apart by TP-MTI (23.040 §9.2.3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    /// Somebody sent it to us.
    Deliver(Deliver),
    /// The network says what became of one that we sent.
    StatusReport(StatusReport),
    /// One to be sent that somebody left in the memory of the modem.
    Submit(Submit),
}

impl Incoming {
    /// Reads a message that begins with the service centre's address, as modems print it (27.005 §4.1, `<pdu>`).
    ///
    /// # Errors
    /// [`PduError::Short`] if the octets end too early.
    pub fn decode(bytes: &[u8]) -> Result<Self, PduError> {
        let mut octets = Octets::new(bytes);
        let service_centre = Address::take_service_centre(&mut octets)?;
        Self::take(&mut octets, service_centre)
    }

    /// Reads a message without the service centre's address, which some modems leave out.
    ///
    /// The length that `+CMT`, `+CDS` and `+CMGR` announce counts these octets alone; if it equals the length of
    /// the whole line, this is the function to call.
    ///
    /// # Errors
    /// [`PduError::Short`] if the octets end too early.
    pub fn decode_tpdu(bytes: &[u8]) -> Result<Self, PduError> {
        Self::take(&mut Octets::new(bytes), None)
    }

    fn take(octets: &mut Octets<'_>, service_centre: Option<Address>) -> Result<Self, PduError> {
        let first = octets.one("first octet")?;
        match first & 0b11 {
            0b01 => Submit::take(first, octets, service_centre).map(Self::Submit),
            0b10 => StatusReport::take(first, octets, service_centre).map(Self::StatusReport),
            // 23.040 §9.2.3.1: the reserved value is read as if it were an SMS-DELIVER.
            _ => Deliver::take(first, octets, service_centre).map(Self::Deliver),
        }
    }
}

/// An encoded message, and the length that the AT command announces for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdu {
    /// The octets without the service centre's address: the `<length>` of `AT+CMGS=` and `+CMGR:` (27.005 §3.1).
    pub tpdu_length: u8,
    /// All octets, the service centre's address included.
    pub bytes: Vec<u8>,
}

/// What [`Submit::encode`] makes: the argument and the text of one `AT+CMGS`.
pub type SubmitPdu = Pdu;

impl Pdu {
    /// Puts the service centre's address before a finished TPDU.
    fn assemble(service_centre: Option<&Address>, tpdu: &[u8]) -> Result<Self, PduError> {
        let mut bytes = Vec::with_capacity(tpdu.len() + 12);
        Address::put_service_centre(service_centre, &mut bytes)?;
        bytes.extend_from_slice(tpdu);
        let tpdu_length =
            u8::try_from(tpdu.len()).map_err(|_| PduError::TooLong { octets: tpdu.len() })?;
        Ok(Self { tpdu_length, bytes })
    }

    /// The octets in hexadecimal, as they go over the line, without the final Ctrl-Z.
    #[must_use]
    pub fn hex(&self) -> String {
        to_hex(&self.bytes)
    }
}
