//! The list of varbinds (RFC 3416 §3): what the notification is about.
//!
//! It refuses nothing. A varbind that cannot be read is kept under the name 0.0 with its octets; where not even its end is known,
//! all that follows is kept in one piece. Past [`MAX_VARBINDS`] they are only counted.

use crate::ber::{self, Element, Framing, Reader};
use crate::oddity::{Notes, Quirk};
use crate::oid::Oid;
use crate::value::{self, Value};

/// The most varbinds that we keep of one notification; real ones have some twenty.
pub const MAX_VARBINDS: usize = 4_096;

/// A variable binding (RFC 3416 §3): which object instance, and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Varbind {
    /// The object instance; 0.0 where the name could not be read.
    pub oid: Oid,
    /// Its value; [`Value::Raw`] where it could not be read.
    pub value: Value,
}

/// Reads the varbinds in a list.
pub(crate) fn read(list: &Element<'_>, notes: &mut Notes) -> Vec<Varbind> {
    let mut reader = list.inside();
    let mut varbinds = Vec::new();
    while !reader.rest().is_empty() {
        if varbinds.len() == MAX_VARBINDS {
            notes.turn_to(None);
            notes.note(reader.at(), Quirk::TooManyVarbinds(count(reader)));
            return varbinds;
        }
        notes.turn_to(Some(varbinds.len().saturating_add(1)));
        match reader.next() {
            Ok(element) => varbinds.push(varbind(&element, notes)),
            Err(framing) => {
                notes.note(reader.at(), Quirk::BrokenVarbind(framing));
                varbinds.push(nameless(raw(reader)));
                break;
            }
        }
    }
    notes.turn_to(None);
    varbinds
}

fn varbind(element: &Element<'_>, notes: &mut Notes) -> Varbind {
    match named(element, notes) {
        Ok(varbind) => varbind,
        Err(quirk) => {
            notes.note(element.at, quirk);
            nameless(Value::Raw { tag: element.tag, bytes: element.contents.to_vec() })
        }
    }
}

fn named(element: &Element<'_>, notes: &mut Notes) -> Result<Varbind, Quirk> {
    if element.tag != ber::SEQUENCE {
        return Err(Quirk::NotAVarbind);
    }
    let mut reader = element.inside();
    let name = reader.next().map_err(Quirk::BrokenVarbind)?;
    if name.tag != ber::OBJECT_IDENTIFIER {
        return Err(Quirk::NotAVarbind);
    }
    let oid = value::oid(&name, notes).map_err(Quirk::Name)?;
    let value = match reader.next() {
        Ok(element) => {
            let value = value::read(&element, notes);
            notes.trailing(reader.at(), reader.rest(), "value of the varbind");
            value
        }
        Err(Framing::Missing) if reader.rest().is_empty() => {
            return Err(Quirk::BrokenVarbind(Framing::Missing));
        }
        Err(framing) => {
            notes.note(reader.at(), Quirk::BrokenValue(framing));
            raw(reader)
        }
    };
    Ok(Varbind { oid, value })
}

fn nameless(value: Value) -> Varbind {
    Varbind { oid: Oid::zero_dot_zero(), value }
}

/// All that is left, where no element can be made out.
fn raw(reader: Reader<'_>) -> Value {
    match reader.rest().split_first() {
        Some((&tag, bytes)) => Value::Raw { tag, bytes: bytes.to_vec() },
        None => Value::Null,
    }
}

/// How many elements are left; what does not hold together counts as one.
fn count(mut reader: Reader<'_>) -> usize {
    let mut count: usize = 0;
    while !reader.rest().is_empty() {
        count = count.saturating_add(1);
        if reader.next().is_err() {
            break;
        }
    }
    count
}
