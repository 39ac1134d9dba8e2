//! Oddities: what is wrong with a notification that we read nevertheless.
//!
//! They are for the record and for the one who has to complain to a device's maker: where it stands, and what it is. An oddity
//! never says that something was lost without saying what; what is too broken to go on with is a [`crate::Refused`] instead.

use std::fmt;

use crate::ber::Framing;
use crate::oid::OidError;

/// One thing that is not as the standard has it, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oddity {
    /// Where the element begins, in octets from the start of the datagram.
    pub at: usize,
    /// Which varbind of the list on the wire, counted from 1 as error-index does (RFC 3416 §3); none for the header.
    pub varbind: Option<usize>,
    /// What is not as the standard has it.
    pub quirk: Quirk,
}

/// What is not as the standard has it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Quirk {
    /// Octets after the end of something that we read.
    #[error("{count} octets after the {after} are ignored")]
    Trailing {
        /// How many.
        count: usize,
        /// After what.
        after: &'static str,
    },
    /// A PDU of v1 in a v2c message, or the other way round; it is read by its own rules.
    #[error("the PDU belongs to another version than the message")]
    PduOfOtherVersion,
    /// The request-id is no INTEGER of 32 bits (RFC 3416 §3).
    #[error("the request-id is not a whole number of 32 bits")]
    RequestId,
    /// A v2 notification without sysUpTime.0 as TimeTicks (RFC 3416 §4.2.6).
    #[error("sysUpTime.0 is missing or is not a time")]
    NoUptime,
    /// sysUpTime.0 or snmpTrapOID.0 is not first and second, or lacks its `.0`; it is taken where it stands (RFC 3416 §4.2.6).
    #[error("sysUpTime.0 and snmpTrapOID.0 are not the first two varbinds, as they must be")]
    HeaderMisplaced,
    /// The v1 enterprise cannot be read, and is given as 0.0.
    #[error("the enterprise cannot be read")]
    Enterprise(#[source] OidError),
    /// The v1 agent-addr is not an IPv4 address.
    #[error("the agent-addr is not an IPv4 address")]
    AgentAddress,
    /// The v1 time-stamp is not TimeTicks.
    #[error("the time-stamp is not a time")]
    TimeStamp,
    /// A v1 generic-trap that RFC 1157 §4.1.6 does not know.
    #[error("generic-trap {0} is not one of 0 to 6")]
    UnknownGeneric(i64),
    /// A v1 specific-trap that is negative; its sub-identifier is taken modulo 2^32.
    #[error("specific-trap {0} is negative")]
    NegativeSpecific(i64),
    /// A v1 trap whose v2 name cannot be formed; the enterprise stands for it.
    #[error("enterprise and specific-trap {0} do not form an OID")]
    Unmappable(i64),
    /// More varbinds than we keep.
    #[error("{0} varbinds beyond the limit are not kept")]
    TooManyVarbinds(usize),
    /// A varbind that is not a sequence of a name and a value; its octets are kept under the name 0.0.
    #[error("the varbind is not a sequence of a name and a value")]
    NotAVarbind,
    /// A varbind, or all from here on, that does not hold together; its octets are kept under the name 0.0.
    #[error("the varbind cannot be read")]
    BrokenVarbind(#[source] Framing),
    /// A varbind whose name is no OID; its octets are kept under the name 0.0.
    #[error("the varbind's name cannot be read")]
    Name(#[source] OidError),
    /// A value that does not hold together; its octets are kept.
    #[error("the value cannot be read")]
    BrokenValue(#[source] Framing),
    /// A value of a type that SMIv2 does not have (RFC 2578 §7); its octets are kept.
    #[error("the value is of type {0:#04x}, which SNMP does not have")]
    UnknownType(u8),
    /// A value whose length its type does not allow; its octets are kept.
    #[error("a value of type {tag:#04x} cannot have {octets} octets")]
    WrongLength {
        /// The type.
        tag: u8,
        /// The octets of the value.
        octets: usize,
    },
    /// A value that is no OID; its octets are kept.
    #[error("the OID in the value cannot be read")]
    ValueOid(#[source] OidError),
    /// An OBJECT IDENTIFIER without octets, read as 0.0, as net-snmp does.
    #[error("the OID is empty, and is read as 0.0")]
    EmptyOid,
    /// An INTEGER beyond 32 bits (RFC 2578 §7.1.1), given as it is.
    #[error("the whole number is beyond 32 bits")]
    WideInteger,
    /// A counter, gauge or time whose top bit makes it negative; read as the unsigned number that was meant.
    #[error("the unsigned number is written as a negative one")]
    NegativeUnsigned,
    /// A counter, gauge or time beyond its range, taken modulo it.
    #[error("the unsigned number is beyond its range, and is taken modulo it")]
    Wrapped,
}

impl fmt::Display for Oddity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(varbind) = self.varbind {
            write!(out, "varbind {varbind}, ")?;
        }
        write!(out, "octet {}: {}", self.at, self.quirk)
    }
}

/// Gathers oddities while a message is read.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    oddities: Vec<Oddity>,
    varbind: Option<usize>,
}

impl Notes {
    /// From here on, what is noted belongs to this varbind, or to the header.
    pub(crate) fn turn_to(&mut self, varbind: Option<usize>) {
        self.varbind = varbind;
    }

    /// Notes one oddity.
    pub(crate) fn note(&mut self, at: usize, quirk: Quirk) {
        self.oddities.push(Oddity { at, varbind: self.varbind, quirk });
    }

    /// Notes that something follows where nothing should.
    pub(crate) fn trailing(&mut self, at: usize, rest: &[u8], after: &'static str) {
        if !rest.is_empty() {
            self.note(at, Quirk::Trailing { count: rest.len(), after });
        }
    }

    /// All that was noted, in the order of reading.
    pub(crate) fn into_oddities(self) -> Vec<Oddity> {
        self.oddities
    }
}
