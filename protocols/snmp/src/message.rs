//! A message: the notification, and the envelope that it came in.
//!
//! It checks nobody's right to send it: the community is given octet for octet, and comparing it is the receiver's business.

use crate::ber::{self, Bits, Element, Writing};
use crate::envelope::{self, Pdu};
use crate::notification::{self, Notification};
use crate::oddity::{Notes, Oddity, Quirk};
use crate::refused::Refused;
use crate::secured::Secured;

/// The version of SNMP that a message speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// SNMPv1 (RFC 1157).
    V1,
    /// Community-based SNMPv2 (RFC 1901).
    V2c,
    /// SNMPv3 (RFC 3412), which [`crate::usm::Usm`] opens.
    V3,
}

impl Version {
    /// All of them, the oldest first.
    pub const ALL: [Self; 3] = [Self::V1, Self::V2c, Self::V3];

    /// As people call it: `2c`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::V1 => "1",
            Self::V2c => "2c",
            Self::V3 => "3",
        }
    }
}

/// What the sender expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PduKind {
    /// Nothing: Trap-PDU (RFC 1157 §4.1.6) or SNMPv2-Trap-PDU (RFC 3416 §4.2.6).
    Trap,
    /// A Response-PDU, and it repeats itself until it has one: InformRequest-PDU (RFC 3416 §4.2.7).
    Inform,
}

/// A message that holds a notification (RFC 1157 §4, RFC 1901 §3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The version that the message says it is of.
    pub version: Version,
    /// The community, octet for octet: it need not be text. Empty in v3.
    pub community: Vec<u8>,
    /// Who sent it, in v3.
    pub secured: Option<Secured>,
    /// Whether an answer is expected.
    pub pdu: PduKind,
    /// The request-id (RFC 3416 §3), by which a repeated inform is known again; none in a Trap-PDU of v1, or where it is unreadable.
    pub request_id: Option<i32>,
    /// What happened, in the form of v2.
    pub notification: Notification,
    /// What is not as the standard has it.
    pub oddities: Vec<Oddity>,
}

/// Reads a datagram that should hold a trap or an inform of v1 or v2c (RFC 1157 §4.1.6, RFC 3416 §4.2.6 and §4.2.7).
///
/// # Errors
/// [`Refused`] where the frame does not hold together, where it is no notification of v1 or v2c, or beyond [`crate::MAX_DATAGRAM`].
pub fn read(datagram: &[u8]) -> Result<Message, Refused> {
    let mut notes = Notes::default();
    let envelope = envelope::open(datagram, &mut notes)?;
    let community = envelope.community.contents.to_vec();
    of(envelope.version, community, None, &envelope.pdu, notes)
}

/// The message around a PDU that came in v3.
pub(crate) fn of_v3(pdu: &Pdu<'_>, secured: Secured, notes: Notes) -> Result<Message, Refused> {
    of(Version::V3, Vec::new(), Some(secured), pdu, notes)
}

fn of(
    version: Version,
    community: Vec<u8>,
    secured: Option<Secured>,
    pdu: &Pdu<'_>,
    mut notes: Notes,
) -> Result<Message, Refused> {
    let (pdu, request_id, notification) = match pdu {
        Pdu::V1(parts) => (PduKind::Trap, None, notification::from_v1(parts, &mut notes)?),
        Pdu::V2(kind, parts) => {
            let request_id = request_id(&parts.request_id, &mut notes);
            (*kind, request_id, notification::from_v2(parts, &mut notes)?)
        }
    };
    let oddities = notes.into_oddities();
    Ok(Message { version, community, secured, pdu, request_id, notification, oddities })
}

/// The request-id lies in -2^31..2^31-1 (RFC 3416 §3). A device that writes it unsigned, in five octets, means the same 32 bits.
fn request_id(element: &Element<'_>, notes: &mut Notes) -> Option<i32> {
    let read = ber::unsigned(element.contents, Bits::ThirtyTwo);
    let signed = ber::integer(element.contents).and_then(|number| i32::try_from(number).ok());
    match (signed, read) {
        (Some(signed), _) => Some(signed),
        (None, Some((bits, Writing::Plain))) => {
            notes.note(element.at, Quirk::RequestId);
            u32::try_from(bits).ok().map(u32::cast_signed)
        }
        (None, Some((_, Writing::Negative | Writing::Wrapped)) | None) => {
            notes.note(element.at, Quirk::RequestId);
            None
        }
    }
}
