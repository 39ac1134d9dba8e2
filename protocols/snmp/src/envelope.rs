//! The envelope of a community-based message (RFC 1157 §4, RFC 1901 §3), and the frame of the PDU in it.
//!
//! Strict, for both who read a notification and who answer it: what is missing or of another type here is a refusal.

use crate::MAX_DATAGRAM;
use crate::ber::{self, Element, Reader};
use crate::message::{PduKind, Version};
use crate::oddity::{Notes, Quirk};
use crate::refused::Refused;

/// Response-PDU (RFC 3416 §3).
pub(crate) const RESPONSE: u8 = 0xa2;
/// Trap-PDU of v1 (RFC 1157 §4.1.6).
const TRAP_V1: u8 = 0xa4;
/// InformRequest-PDU (RFC 3416 §3).
const INFORM_REQUEST: u8 = 0xa6;
/// SNMPv2-Trap-PDU (RFC 3416 §3).
const TRAP_V2: u8 = 0xa7;

/// A message, opened: what is around the notification, and the notification's own parts.
#[derive(Debug)]
pub(crate) struct Envelope<'a> {
    /// Which protocol it is.
    pub(crate) version: Version,
    /// The version as it was written, for the one who answers.
    pub(crate) version_number: Element<'a>,
    /// The community: any octets.
    pub(crate) community: Element<'a>,
    /// The notification, framed.
    pub(crate) pdu: Pdu<'a>,
}

/// The parts of the PDU, framed but not read.
#[derive(Debug)]
pub(crate) enum Pdu<'a> {
    /// Trap-PDU (RFC 1157 §4.1.6).
    V1(V1Pdu<'a>),
    /// SNMPv2-Trap-PDU or InformRequest-PDU (RFC 3416 §3).
    V2(PduKind, V2Pdu<'a>),
}

/// The parts of a Trap-PDU of v1.
#[derive(Debug)]
pub(crate) struct V1Pdu<'a> {
    /// enterprise: an OBJECT IDENTIFIER.
    pub(crate) enterprise: Element<'a>,
    /// agent-addr: an IpAddress, which anybody can write.
    pub(crate) agent_addr: Element<'a>,
    /// generic-trap: 0 to 6.
    pub(crate) generic: Element<'a>,
    /// specific-trap.
    pub(crate) specific: Element<'a>,
    /// time-stamp: hundredths of a second.
    pub(crate) time_stamp: Element<'a>,
    /// variable-bindings: a SEQUENCE.
    pub(crate) varbinds: Element<'a>,
}

/// The parts of a PDU of v2, without error-status and error-index, which mean nothing in a notification.
#[derive(Debug)]
pub(crate) struct V2Pdu<'a> {
    /// request-id, by which an inform is answered.
    pub(crate) request_id: Element<'a>,
    /// variable-bindings: a SEQUENCE.
    pub(crate) varbinds: Element<'a>,
}

/// Opens a datagram of v1 or v2c, or says why it is refused; what can be read all the same is noted.
pub(crate) fn open<'a>(datagram: &'a [u8], notes: &mut Notes) -> Result<Envelope<'a>, Refused> {
    if datagram.len() > MAX_DATAGRAM {
        return Err(Refused::TooLong(datagram.len()));
    }
    let mut outside = Reader::new(datagram);
    let message = part_of_type(&mut outside, "message", ber::SEQUENCE)?;
    let mut inside = message.inside();
    let version_number = part_of_type(&mut inside, "version", ber::INTEGER)?;
    let version = match number(&version_number, "version")? {
        0 => Version::V1,
        1 => Version::V2c,
        3 => return Err(Refused::Version3),
        unknown => return Err(Refused::UnknownVersion(unknown)),
    };
    let community = part_of_type(&mut inside, "community", ber::OCTET_STRING)?;
    let element = part(&mut inside, "PDU")?;
    let pdu = pdu(&element, notes)?;
    match (&pdu, version) {
        (Pdu::V1(_), Version::V1) | (Pdu::V2(..), Version::V2c) => {}
        (Pdu::V1(_) | Pdu::V2(..), Version::V1 | Version::V2c | Version::V3) => {
            notes.note(element.at, Quirk::PduOfOtherVersion);
        }
    }
    notes.trailing(inside.at(), inside.rest(), "PDU");
    notes.trailing(outside.at(), outside.rest(), "message");
    Ok(Envelope { version, version_number, community, pdu })
}

/// The whole tag is looked at, class and form included: 0x87 and 0x67 end in the same number as a trap's, and are none.
pub(crate) fn pdu<'a>(element: &Element<'a>, notes: &mut Notes) -> Result<Pdu<'a>, Refused> {
    let kind = match element.tag {
        TRAP_V1 => return v1_pdu(element, notes).map(Pdu::V1),
        INFORM_REQUEST => PduKind::Inform,
        TRAP_V2 => PduKind::Trap,
        0xa0 => return Err(Refused::NotANotification("GetRequest")),
        0xa1 => return Err(Refused::NotANotification("GetNextRequest")),
        RESPONSE => return Err(Refused::NotANotification("Response")),
        0xa3 => return Err(Refused::NotANotification("SetRequest")),
        0xa5 => return Err(Refused::NotANotification("GetBulkRequest")),
        0xa8 => return Err(Refused::NotANotification("Report")),
        unknown => return Err(Refused::UnknownPdu(unknown)),
    };
    v2_pdu(element, notes).map(|parts| Pdu::V2(kind, parts))
}

fn v1_pdu<'a>(element: &Element<'a>, notes: &mut Notes) -> Result<V1Pdu<'a>, Refused> {
    let mut inside = element.inside();
    let parts = V1Pdu {
        enterprise: part_of_type(&mut inside, "enterprise", ber::OBJECT_IDENTIFIER)?,
        agent_addr: part(&mut inside, "agent-addr")?,
        generic: part_of_type(&mut inside, "generic-trap", ber::INTEGER)?,
        specific: part_of_type(&mut inside, "specific-trap", ber::INTEGER)?,
        time_stamp: part(&mut inside, "time-stamp")?,
        varbinds: part_of_type(&mut inside, "varbind list", ber::SEQUENCE)?,
    };
    notes.trailing(inside.at(), inside.rest(), "varbind list");
    Ok(parts)
}

fn v2_pdu<'a>(element: &Element<'a>, notes: &mut Notes) -> Result<V2Pdu<'a>, Refused> {
    let mut inside = element.inside();
    let request_id = part_of_type(&mut inside, "request-id", ber::INTEGER)?;
    part(&mut inside, "error-status")?;
    part(&mut inside, "error-index")?;
    let varbinds = part_of_type(&mut inside, "varbind list", ber::SEQUENCE)?;
    notes.trailing(inside.at(), inside.rest(), "varbind list");
    Ok(V2Pdu { request_id, varbinds })
}

/// The number in a part that must hold one; refused where it has no octets or more than 64 bits.
pub(crate) fn number(element: &Element<'_>, part: &'static str) -> Result<i64, Refused> {
    ber::integer(element.contents).ok_or(Refused::NotANumber { part, at: element.at })
}

/// The next element; `part` is what a refusal calls it.
pub(crate) fn part<'a>(
    reader: &mut Reader<'a>,
    part: &'static str,
) -> Result<Element<'a>, Refused> {
    let at = reader.at();
    reader.next().map_err(|source| Refused::Broken { part, at, source })
}

/// The next element, which must have this tag.
pub(crate) fn part_of_type<'a>(
    reader: &mut Reader<'a>,
    name: &'static str,
    tag: u8,
) -> Result<Element<'a>, Refused> {
    let element = part(reader, name)?;
    if element.tag == tag {
        Ok(element)
    } else {
        Err(Refused::WrongType { part: name, at: element.at, tag: element.tag })
    }
}
