//! The values of varbinds as fields, and what a MIB makes of them.
//!
//! Without one:
//!
//! - Whole numbers, counters, gauges and times are numbers: a time is in hundredths of a second, as
//!   it stands in the MIB, and an enumeration keeps its number (`ifOperStatus` is 2; `labels` and the
//!   line that sums the signal up say `down`).
//! - Octets are text where they are UTF-8 that can be printed; one zero octet at the end, which
//!   programs in C leave there, is taken off. Anything else is hexadecimal with colons, as a hardware
//!   address is written: `00:1b:21:0a`; of more than [`LONGEST_HEXADECIMAL`] the first, and how many follow.
//! - An address is text; an OID is text in its dotted form, which no MIB file changes.
//! - An Opaque that holds a float or a double, as net-snmp wraps them, is a number.
//! - NULL, and what an agent writes where it has nothing, is nothing.
//!
//! What could not be read is hexadecimal as well, and the raw octets stay with the signal.
//!
//! # Decision (2026-11-26): a MIB changes octets, never numbers
//!
//! Octets that have a DISPLAY-HINT are text as it has them, a DateAndTime as RFC 3339 has it (every other time that Vigie writes is), and
//! BITS are a list of the names of the bits that are set (`'smoke' in cabinetFlags`). A number stays the number that was
//! sent, also where the MIB has a word for it or a point in it: what compares it goes on to hold, whichever version of the file
//! is in the folder, and the word is in `labels`. What stands in `vars`, under its number, no MIB changes.
//! Rejected: words in place of numbers, by which `ifOperStatus == 2` would become false when a file is added.

use std::fmt::Write;

use smol_str::format_smolstr;
use vigie_snmp::Value;
use vigie_snmp::names::{Names, Syntax};

use crate::watch::signal::Value as Field;

/// So many octets are written in hexadecimal at most. They stand in the fields by number and by name, and once more in the raw
/// octets: a datagram of noise would be on the record nine times as long as it came, and fill the disk.
const LONGEST_HEXADECIMAL: usize = 1_024;

/// A varbind's value as a field.
pub(super) fn field(value: &Value) -> Field {
    match value {
        Value::Integer(number) => Field::Int(*number),
        Value::OctetString(octets) => Field::text(text(octets)),
        Value::ObjectIdentifier(oid) => Field::Text(format_smolstr!("{oid}")),
        Value::IpAddress(address) => Field::Text(format_smolstr!("{address}")),
        Value::Counter32(number) | Value::Gauge32(number) | Value::TimeTicks(number) => {
            Field::Int(i64::from(*number))
        }
        Value::Opaque(octets) => {
            float(octets).map_or_else(|| Field::text(hexadecimal(octets)), Field::Float)
        }
        Value::Counter64(number) => i64::try_from(*number).map_or(Field::UInt(*number), Field::Int),
        Value::Null | Value::NoSuchObject | Value::NoSuchInstance | Value::EndOfMibView => {
            Field::Null
        }
        Value::Raw { bytes, .. } => Field::text(hexadecimal(bytes)),
    }
}

/// A varbind's value as a field, as its MIB has it.
pub(super) fn field_of(value: &Value, syntax: &Syntax<'_>) -> Field {
    match value {
        Value::OctetString(octets) => match syntax.bits(octets) {
            Some(bits) => Field::List(bits.into_iter().map(bit).collect()),
            None if is_long_noise(octets) => field(value),
            None => syntax.octets(octets).map_or_else(|| field(value), Field::text),
        },
        Value::Integer(_)
        | Value::ObjectIdentifier(_)
        | Value::IpAddress(_)
        | Value::Counter32(_)
        | Value::Gauge32(_)
        | Value::TimeTicks(_)
        | Value::Opaque(_)
        | Value::Counter64(_)
        | Value::Null
        | Value::NoSuchObject
        | Value::NoSuchInstance
        | Value::EndOfMibView
        | Value::Raw { .. } => field(value),
    }
}

/// A bit by its name, or its number where it has none.
fn bit((number, name): (u32, Option<&str>)) -> Field {
    name.map_or_else(|| Field::text(number.to_string()), Field::text)
}

/// What the MIB has in place of a number or an OID: `down`, `40.5`, `upsAlarmOnBattery`.
pub fn label(value: &Value, syntax: &Syntax<'_>, names: &Names) -> Option<String> {
    match value {
        Value::Integer(number) => {
            syntax.label(*number).map(str::to_owned).or_else(|| syntax.integer(*number))
        }
        Value::Counter32(number) | Value::Gauge32(number) => syntax.integer(i64::from(*number)),
        Value::ObjectIdentifier(oid) => names.lookup(oid).map(|known| {
            let name = known.name.to_string();
            name.split_once("::").map_or(name.clone(), |(_, object)| object.to_owned())
        }),
        Value::OctetString(_)
        | Value::IpAddress(_)
        | Value::TimeTicks(_)
        | Value::Opaque(_)
        | Value::Counter64(_)
        | Value::Null
        | Value::NoSuchObject
        | Value::NoSuchInstance
        | Value::EndOfMibView
        | Value::Raw { .. } => None,
    }
}

/// Octets as text if they are text, as hexadecimal if not.
pub(super) fn text(octets: &[u8]) -> String {
    printable(octets).map_or_else(|| hexadecimal(octets), str::to_owned)
}

/// Octets as text, if they are.
fn printable(octets: &[u8]) -> Option<&str> {
    let ended = match octets {
        [text @ .., 0] => text,
        text => text,
    };
    let text = std::str::from_utf8(ended).ok()?;
    let control = |letter: char| letter.is_control() && !matches!(letter, '\t' | '\n' | '\r');
    (!text.contains(control)).then_some(text)
}

/// What no DISPLAY-HINT is meant for, and would become the longer by it.
fn is_long_noise(octets: &[u8]) -> bool {
    octets.len() > LONGEST_HEXADECIMAL && printable(octets).is_none()
}

/// Octets in hexadecimal, with colons.
pub(super) fn hexadecimal(octets: &[u8]) -> String {
    let shown = octets.get(..LONGEST_HEXADECIMAL).unwrap_or(octets);
    let left = octets.len().saturating_sub(shown.len());
    let mut text = String::with_capacity(shown.len().saturating_mul(3));
    for (place, octet) in shown.iter().enumerate() {
        let colon = if place == 0 { "" } else { ":" };
        // Writing to a `String` does not fail.
        let _ = write!(text, "{colon}{octet:02x}");
    }
    if left > 0 {
        let _ = write!(text, "… (+{left})");
    }
    text
}

/// net-snmp's float or double in an Opaque (draft-perkins-opaque). Not a number is none.
pub fn float(octets: &[u8]) -> Option<f64> {
    const TAG: u8 = 0x9f;
    const FLOAT: u8 = 0x78;
    const DOUBLE: u8 = 0x79;
    let number = match *octets {
        // By way of its shortest text: the float 0.1 is 0.1 to everybody but the machine.
        [TAG, FLOAT, 4, a, b, c, d] => f32::from_be_bytes([a, b, c, d]).to_string().parse().ok()?,
        [TAG, DOUBLE, 8, a, b, c, d, e, f, g, h] => f64::from_be_bytes([a, b, c, d, e, f, g, h]),
        _ => return None,
    };
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_text_where_they_can_be_printed_and_hexadecimal_where_not() {
        for (octets, written) in [
            (&b"eth7"[..], "eth7"),
            ("arrêté".as_bytes(), "arrêté"),
            (b"line one\r\nline two", "line one\r\nline two"),
            (b"from C\0", "from C"),
            (b"", ""),
            (b"\0", ""),
            (b"caf\xe9", "63:61:66:e9"),
            (b"\x00\x1b\x21\x0a", "00:1b:21:0a"),
            (b"two\0\0", "74:77:6f:00:00"),
            (b"bell\x07", "62:65:6c:6c:07"),
        ] {
            assert_eq!(text(octets), written, "{octets:?}");
        }
    }

    #[test]
    fn of_long_noise_the_beginning_is_shown_and_how_much_follows() {
        for length in [1_023, 1_024, 1_025, 60_000] {
            let noise = text(&vec![0xff; length]);
            let left = length.saturating_sub(1_024);
            let end = if left == 0 { String::new() } else { format!("… (+{left})") };
            assert_eq!(noise, vec!["ff"; length - left].join(":") + &end);
            assert_eq!(field(&Value::Opaque(vec![0xff; length])), Field::text(noise));
        }
        let letters = "a".repeat(60_000);
        assert_eq!(text(letters.as_bytes()), letters, "a text is whole");
    }

    #[test]
    fn a_float_in_an_opaque_is_a_number_and_one_that_is_none_is_hexadecimal() {
        let opaque = |octets: &[u8]| field(&Value::Opaque(octets.to_vec()));
        assert_eq!(opaque(&[0x9f, 0x78, 4, 0x41, 0xac, 0, 0]), Field::Float(21.5));
        assert_eq!(opaque(&[0x9f, 0x78, 4, 0x3d, 0xcc, 0xcc, 0xcd]), Field::Float(0.1));
        assert_eq!(opaque(&[0x9f, 0x79, 8, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]), Field::Float(1.5));
        assert_eq!(opaque(&[0x9f, 0x78, 4, 0x7f, 0xc0, 0, 0]), Field::text("9f:78:04:7f:c0:00:00"));
        assert_eq!(opaque(&[0x9f, 0x78, 4, 0x41]), Field::text("9f:78:04:41"));
        assert_eq!(opaque(&[]), Field::text(""));
    }

    #[test]
    fn a_number_is_the_number_that_was_sent() {
        assert_eq!(field(&Value::Integer(-5)), Field::Int(-5));
        assert_eq!(field(&Value::Counter32(u32::MAX)), Field::Int(4_294_967_295));
        assert_eq!(field(&Value::Counter64(7)), Field::Int(7));
        assert_eq!(field(&Value::Counter64(u64::MAX)), Field::UInt(u64::MAX));
        assert_eq!(field(&Value::NoSuchInstance), Field::Null);
    }
}
