//! The value of a varbind (RFC 2578 §7, RFC 3416 §3).
//!
//! Every value becomes something: where its octets cannot be what its type says, they are kept as [`Value::Raw`] and noted. A
//! number is never invented: what is given as a number is the one that stands there, or, noted, that number modulo its range.

use std::net::Ipv4Addr;

use crate::ber::{self, Bits, Element, Writing};
use crate::oddity::{Notes, Quirk};
use crate::oid::{Oid, OidError};

/// IpAddress (RFC 2578 §7.1.5).
pub(crate) const IP_ADDRESS: u8 = 0x40;
/// Gauge32, Unsigned32 (RFC 2578 §7.1.7).
const GAUGE32: u8 = 0x42;
/// TimeTicks (RFC 2578 §7.1.8).
pub(crate) const TIME_TICKS: u8 = 0x43;
/// Opaque (RFC 2578 §7.1.9).
const OPAQUE: u8 = 0x44;
/// Counter64 (RFC 2578 §7.1.10).
const COUNTER64: u8 = 0x46;
/// noSuchObject (RFC 3416 §3).
const NO_SUCH_OBJECT: u8 = 0x80;
/// noSuchInstance (RFC 3416 §3).
const NO_SUCH_INSTANCE: u8 = 0x81;
/// endOfMibView (RFC 3416 §3).
const END_OF_MIB_VIEW: u8 = 0x82;

/// The value of a varbind, with the type that it had on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// INTEGER, Integer32 (RFC 2578 §7.1.1); wider ones are kept as they are.
    Integer(i64),
    /// OCTET STRING, BITS (RFC 2578 §7.1.2, §7.1.4), octet for octet: text or not is for the reader to say.
    OctetString(Vec<u8>),
    /// OBJECT IDENTIFIER (RFC 2578 §7.1.3).
    ObjectIdentifier(Oid),
    /// IpAddress (RFC 2578 §7.1.5).
    IpAddress(Ipv4Addr),
    /// Counter32 (RFC 2578 §7.1.6).
    Counter32(u32),
    /// Gauge32 and Unsigned32, which are one on the wire (RFC 2578 §7.1.7, §7.1.11).
    Gauge32(u32),
    /// TimeTicks (RFC 2578 §7.1.8), in hundredths of a second.
    TimeTicks(u32),
    /// Opaque (RFC 2578 §7.1.9).
    Opaque(Vec<u8>),
    /// Counter64 (RFC 2578 §7.1.10).
    Counter64(u64),
    /// NULL, "unSpecified" (RFC 3416 §3).
    Null,
    /// noSuchObject (RFC 3416 §3).
    NoSuchObject,
    /// noSuchInstance (RFC 3416 §3).
    NoSuchInstance,
    /// endOfMibView (RFC 3416 §3).
    EndOfMibView,
    /// What could not be read: an unknown type, or octets that its type does not allow. An oddity says which, and where.
    Raw {
        /// The first octet of its tag.
        tag: u8,
        /// Its octets: the contents, or all that follows the tag where even the length cannot be read.
        bytes: Vec<u8>,
    },
}

/// Reads the value in an element.
pub(crate) fn read(element: &Element<'_>, notes: &mut Notes) -> Value {
    let quirk = match typed(element, notes) {
        Ok(value) => return value,
        Err(quirk) => quirk,
    };
    notes.note(element.at, quirk);
    Value::Raw { tag: element.tag, bytes: element.contents.to_vec() }
}

fn typed(element: &Element<'_>, notes: &mut Notes) -> Result<Value, Quirk> {
    let contents = element.contents;
    Ok(match element.tag {
        ber::INTEGER => Value::Integer(integer(element, notes)?),
        ber::OCTET_STRING => Value::OctetString(contents.to_vec()),
        ber::OBJECT_IDENTIFIER => {
            Value::ObjectIdentifier(oid(element, notes).map_err(Quirk::ValueOid)?)
        }
        IP_ADDRESS => Value::IpAddress(address(contents).ok_or_else(|| wrong_length(element))?),
        ber::COUNTER32 => Value::Counter32(unsigned32(element, notes)?),
        GAUGE32 => Value::Gauge32(unsigned32(element, notes)?),
        TIME_TICKS => Value::TimeTicks(unsigned32(element, notes)?),
        OPAQUE => Value::Opaque(contents.to_vec()),
        COUNTER64 => Value::Counter64(unsigned(element, Bits::SixtyFour, notes)?),
        ber::NULL => empty(element, Value::Null)?,
        NO_SUCH_OBJECT => empty(element, Value::NoSuchObject)?,
        NO_SUCH_INSTANCE => empty(element, Value::NoSuchInstance)?,
        END_OF_MIB_VIEW => empty(element, Value::EndOfMibView)?,
        unknown => return Err(Quirk::UnknownType(unknown)),
    })
}

/// The OID in an element. An empty one is `0.0`: net-snmp and others read `06 00` so, and its type is not lost.
pub(crate) fn oid(element: &Element<'_>, notes: &mut Notes) -> Result<Oid, OidError> {
    match Oid::from_ber(element.contents) {
        Err(OidError::Empty) => {
            notes.note(element.at, Quirk::EmptyOid);
            Ok(Oid::zero_dot_zero())
        }
        read => read,
    }
}

/// The IPv4 address in four octets.
pub(crate) fn address(contents: &[u8]) -> Option<Ipv4Addr> {
    <[u8; 4]>::try_from(contents).ok().map(Ipv4Addr::from)
}

/// The unsigned number of 32 bits in an element.
pub(crate) fn unsigned32(element: &Element<'_>, notes: &mut Notes) -> Result<u32, Quirk> {
    let value = unsigned(element, Bits::ThirtyTwo, notes)?;
    u32::try_from(value).map_err(|_| wrong_length(element))
}

fn unsigned(element: &Element<'_>, bits: Bits, notes: &mut Notes) -> Result<u64, Quirk> {
    let (value, writing) =
        ber::unsigned(element.contents, bits).ok_or_else(|| wrong_length(element))?;
    match writing {
        Writing::Plain => {}
        Writing::Negative => notes.note(element.at, Quirk::NegativeUnsigned),
        Writing::Wrapped => notes.note(element.at, Quirk::Wrapped),
    }
    Ok(value)
}

fn integer(element: &Element<'_>, notes: &mut Notes) -> Result<i64, Quirk> {
    let value = ber::integer(element.contents).ok_or_else(|| wrong_length(element))?;
    if i32::try_from(value).is_err() {
        notes.note(element.at, Quirk::WideInteger);
    }
    Ok(value)
}

fn empty(element: &Element<'_>, value: Value) -> Result<Value, Quirk> {
    if element.contents.is_empty() { Ok(value) } else { Err(wrong_length(element)) }
}

fn wrong_length(element: &Element<'_>) -> Quirk {
    Quirk::WrongLength { tag: element.tag, octets: element.contents.len() }
}
