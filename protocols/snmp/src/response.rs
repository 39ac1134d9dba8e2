//! The answer to an inform (RFC 3416 §4.2.7), by which its sender knows that it need not repeat itself.
//!
//! Everything that must come back the same is copied octet for octet from the datagram, oddities included: a sender compares. It
//! is written from the datagram alone; whoever sends it has stored the notification first.

use crate::ber;
use crate::envelope::{self, Pdu, RESPONSE, V2Pdu};
use crate::message::{Message, PduKind};
use crate::oddity::Notes;
use crate::refused::Refused;

/// Why a message gets no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unanswerable {
    /// A trap: its sender does not listen.
    #[error("a trap is not answered")]
    Trap,
    /// The datagram is not one that can be read.
    #[error("the datagram that should be answered cannot be read")]
    Datagram(#[from] Refused),
    /// Not even the answer that it is too big fits (RFC 3416 §4.2.7: snmpSilentDrops).
    #[error("the shortest answer has {needed} octets, and {max} are allowed")]
    TooBig {
        /// The octets of the shortest answer.
        needed: usize,
        /// The octets that the answer may have.
        max: usize,
    },
}

/// error-status noError, error-index 0 (RFC 3416 §3).
const NO_ERROR: [&[u8]; 2] = [&[ber::INTEGER, 1, 0], &[ber::INTEGER, 1, 0]];
/// error-status tooBig, error-index 0 (RFC 3416 §3).
const TOO_BIG: [&[u8]; 2] = [&[ber::INTEGER, 1, 1], &[ber::INTEGER, 1, 0]];
/// A varbind list without varbinds.
const NO_VARBINDS: &[u8] = &[ber::SEQUENCE, 0];

/// The Response-PDU for an inform that was read from `datagram`, in a message of at most `max` octets (RFC 3416 §4.2.7): the same
/// version, community, request-id and varbinds; where that is too long, the same with tooBig and without varbinds.
///
/// # Errors
/// [`Unanswerable`] where it is a trap, where the datagram is not the one that was read, or where no answer fits.
pub fn response(message: &Message, datagram: &[u8], max: usize) -> Result<Vec<u8>, Unanswerable> {
    match message.pdu {
        PduKind::Inform => {}
        PduKind::Trap => return Err(Unanswerable::Trap),
    }
    let envelope = envelope::open(datagram, &mut Notes::default())?;
    let parts = match &envelope.pdu {
        Pdu::V2(PduKind::Inform, parts) => parts,
        Pdu::V1(_) | Pdu::V2(PduKind::Trap, _) => return Err(Unanswerable::Trap),
    };
    fitting(parts, max, |pdu| {
        ber::wrap(ber::SEQUENCE, &[envelope.version_number.whole, envelope.community.whole, &pdu])
    })
}

/// The longer of the two answers that fits into `max` octets with what `enclosed` puts around its PDU.
pub(crate) fn fitting(
    parts: &V2Pdu<'_>,
    max: usize,
    enclosed: impl Fn(Vec<u8>) -> Vec<u8>,
) -> Result<Vec<u8>, Unanswerable> {
    let V2Pdu { request_id, varbinds } = parts;
    let write = |[status, index]: [&[u8]; 2], list: &[u8]| {
        enclosed(ber::wrap(RESPONSE, &[request_id.whole, status, index, list]))
    };
    let whole = write(NO_ERROR, varbinds.whole);
    if whole.len() <= max {
        return Ok(whole);
    }
    let short = write(TOO_BIG, NO_VARBINDS);
    if short.len() <= max {
        Ok(short)
    } else {
        Err(Unanswerable::TooBig { needed: short.len(), max })
    }
}
