//! Refusals: why a datagram is not a notification that we can read.
//!
//! A refused datagram is never answered and never guessed at; each reason is one that the receiver counts and shows.

use crate::ber::Framing;

/// Why a datagram was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// More octets than UDP can carry: not a datagram at all.
    #[error("{0} octets are more than a datagram can carry")]
    TooLong(usize),
    /// A part of the frame that does not hold together.
    #[error("the {part}, at octet {at}, cannot be read")]
    Broken {
        /// Which part.
        part: &'static str,
        /// Where it should begin, in octets from the start of the datagram.
        at: usize,
        /// What is wrong with it.
        source: Framing,
    },
    /// A part of the frame that is of another type than the standard says.
    #[error("the {part}, at octet {at}, is of type {tag:#04x}")]
    WrongType {
        /// Which part.
        part: &'static str,
        /// Where it begins, in octets from the start of the datagram.
        at: usize,
        /// The type that it has.
        tag: u8,
    },
    /// A number of the frame that is empty or beyond 64 bits.
    #[error("the {part}, at octet {at}, is not a number")]
    NotANumber {
        /// Which part.
        part: &'static str,
        /// Where it begins, in octets from the start of the datagram.
        at: usize,
    },
    /// A version other than 0 (v1), 1 (v2c) and 3.
    #[error("no SNMP version has the number {0}")]
    UnknownVersion(i64),
    /// A number or a length of an SNMPv3 frame that the standard does not allow (RFC 3412 §6, RFC 3414 §2.4).
    #[error("the {part}, at octet {at}, is beyond what the standard allows")]
    OutOfRange {
        /// Which part.
        part: &'static str,
        /// Where it begins, in octets from the start of the datagram.
        at: usize,
    },
    /// Encryption without authentication, which is no security level (RFC 3412 §7.2).
    #[error("the message is encrypted and not authenticated, which SNMPv3 does not have")]
    PrivWithoutAuth,
    /// Another security model than the User-based one (RFC 3411 §5 `SnmpSecurityModel`).
    #[error("the message is of security model {0}, and only the User-based one, 3, is spoken here")]
    SecurityModel(i64),
    /// A message of SNMPv3, which [`crate::usm::Usm`] opens and [`crate::read`] does not.
    #[error("the message is SNMPv3, and no user is known here")]
    Version3,
    /// A message that is no notification.
    #[error("the message is a {0}, neither a trap nor an inform")]
    NotANotification(&'static str),
    /// A PDU that no version has.
    #[error("no SNMP message is of type {0:#04x}")]
    UnknownPdu(u8),
    /// A v2 notification in which no varbind says what happened (RFC 3416 §4.2.6).
    #[error(
        "the notification does not say what happened: it holds no snmpTrapOID.0 that can be read"
    )]
    NoTrapOid,
}
