//! SNMP notifications: traps and informs of v1, v2c and v3, from octets to the standard's own words and back.
//!
//! One datagram in, one [`Message`] out, whatever the version: a v1 trap is mapped to its v2 form (RFC 3584 §3.1), so that
//! whoever reads a [`Notification`] need not know which one the device speaks. It never opens a socket, reads no clock, checks
//! no community and decides nothing; [`response`] only writes the octets that answer an inform, and when to send them is the
//! business of whoever has stored the notification. The built-in [`names`] are those that no device needs a MIB file for;
//! a [catalogue](names::Catalogue) adds those that somebody has compiled from MIB files. [`usm`] is our engine of v3: it opens
//! what users have signed and encrypted, and writes what they are answered.
//!
//! When things go wrong: a datagram whose frame (message, community, PDU, varbind list) does not hold together is [`Refused`], with the reason.
//! Inside the varbind list nothing is refused: what cannot be read stays as [`Value::Raw`], with its tag and its octets, and
//! an [`Oddity`] says where it stands and what is wrong with it. One bad varbind never loses a trap. No octets can make this
//! crate panic, recurse, or allocate more than the datagram justifies.
//!
//! # Decision (2026-11-23): our own reader has the word, snmp-parser is the second opinion
//!
//! `snmp-parser` 0.11 was meant to read everything, with a reader of ours behind it for what it refuses. That order does not
//! hold: besides refusing lawful traps (a negative request-id, a community that is not UTF-8), it *misreads* some without a
//! word (generic-trap 258 becomes linkDown, an empty OCTET STRING loses its type, an OID of 200 sub-identifiers passes, the
//! class of the PDU tag is not looked at). "It was accepted" would still have to be checked octet by octet, which is reading it
//! again; and a notification that is read in one way or another depending on an unrelated field is a thing that nobody can
//! explain at 3 a.m. So the reader in this crate reads every message, alone; of v3 as well (2026-11-26), where `snmp-parser` takes
//! encryption without authentication, names and engines of any length, and refuses a whole trap for one odd varbind. It keeps the place
//! of the second opinion: in `tests/codec/second_opinion.rs` it reads the same hundred thousands of
//! datagrams as we do: what both accept, both must read alike, except for the misreadings that are listed there by name.
//! Rejected: running both at run time and noting where they differ (the differences are known faults of the second reader, so
//! the note would tell the operator nothing about the device, and would cost each trap twice).
//!
//! # Decision (2026-11-23): the frame is strict, the varbinds are tolerant
//!
//! UDP delivers a datagram whole or not at all, so a length in the frame that reaches beyond the datagram is not a varbind gone
//! wrong: the octets that are missing could be anything, the trap's name included. Such a datagram is refused and said, and an
//! inform is then not answered. From the varbind list inwards the trap's name is known to be there or not, and we keep all.

mod ber;
mod envelope;
mod message;
pub mod names;
mod notification;
mod oddity;
mod oid;
mod refused;
mod response;
mod secured;
pub mod usm;
mod value;
mod varbinds;

pub use ber::Framing;
pub use message::{Message, PduKind, Version, read};
pub use notification::{Notification, V1Header};
pub use oddity::{Oddity, Quirk};
pub use oid::{Oid, OidError};
pub use refused::Refused;
pub use response::{Unanswerable, response};
pub use value::Value;
pub use varbinds::{MAX_VARBINDS, Varbind};

/// The most octets that a UDP datagram can carry over IPv4 (RFC 3417 §3.2 asks for 484 at least).
pub const MAX_DATAGRAM: usize = 65_507;
