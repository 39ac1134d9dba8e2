//! A notification in one line: `IF-MIB::linkDown from 10.0.0.1: ifIndex=7, ifOperStatus=down(2)`.
//!
//! It is for people, in lists and in the record; what is wanted of it by a definition stands in the
//! fields. It is one line whatever was sent, and never longer than [`LONGEST`].

use vigie_snmp::names::{Known, Names, Syntax};
use vigie_snmp::{Notification, Value};

use super::values;
use crate::watch::signal::Value as Field;

/// Its length at most, in octets.
pub(super) const LONGEST: usize = 512;

/// A notification in one line; of each of its varbinds `known` has what is known of its OID.
pub(super) fn of(
    notification: &Notification,
    trap: &str,
    source: &str,
    known: &[Option<Known<'_>>],
    names: &Names,
) -> String {
    let mut line = Line::default();
    line.add(trap);
    line.add(" from ");
    line.add(source);
    for (place, (varbind, known)) in notification.varbinds.iter().zip(known).enumerate() {
        if line.full {
            break;
        }
        line.add(if place == 0 { ": " } else { ", " });
        match known {
            Some(known) => line.add(known.name.object),
            None => line.add(&varbind.oid.to_string()),
        }
        line.add("=");
        line.add(&value(known.as_ref(), &varbind.value, names));
    }
    line.text
}

/// A value, with the word for its number where it is an enumeration.
fn value(known: Option<&Known<'_>>, value: &Value, names: &Names) -> String {
    let syntax = known.map_or(Syntax::PLAIN, |known| known.syntax);
    let label = values::label(value, &syntax, names);
    match (value, label) {
        (Value::Integer(number), Some(word)) if syntax.label(*number).is_some() => {
            format!("{word}({number})")
        }
        (_, Some(label)) => label,
        // What does not fit need not be written.
        (Value::OctetString(octets), None) => {
            octets_of(octets.get(..LONGEST).unwrap_or(octets), &syntax)
        }
        (Value::Opaque(octets) | Value::Raw { bytes: octets, .. }, None)
            if octets.len() > LONGEST =>
        {
            "…".to_owned()
        }
        (value, None) => match values::field(value) {
            Field::Null => "(nothing)".to_owned(),
            field => field.to_string(),
        },
    }
}

/// Octets as their MIB has them; of BITS each that is set, by name and number.
fn octets_of(octets: &[u8], syntax: &Syntax<'_>) -> String {
    let Some(bits) = syntax.bits(octets) else {
        return syntax.octets(octets).unwrap_or_else(|| values::text(octets));
    };
    let bits = bits.iter().map(|(number, name)| match name {
        Some(name) => format!("{name}({number})"),
        None => format!("({number})"),
    });
    bits.collect::<Vec<_>>().join(" ")
}

/// A line that stops growing.
#[derive(Default)]
struct Line {
    text: String,
    full: bool,
}

impl Line {
    fn add(&mut self, more: &str) {
        const END: char = '…';
        let length = self.text.len().saturating_add(more.len()).saturating_add(END.len_utf8());
        if length <= LONGEST && !self.full && !more.contains(char::is_control) {
            return self.text.push_str(more);
        }
        for letter in more.chars() {
            if self.full {
                return;
            }
            let letter = if letter.is_control() { ' ' } else { letter };
            let length = self.text.len().saturating_add(letter.len_utf8());
            if length.saturating_add(END.len_utf8()) > LONGEST {
                self.full = true;
                self.text.push(END);
            } else {
                self.text.push(letter);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigie_snmp::Varbind;

    fn line(varbinds: &[(&str, Value)]) -> String {
        let notification = Notification {
            uptime: None,
            trap_oid: "1.3.6.1.6.3.1.1.5.3".parse().unwrap(),
            varbinds: varbinds
                .iter()
                .map(|(oid, value)| Varbind { oid: oid.parse().unwrap(), value: value.clone() })
                .collect(),
            v1: None,
            trap_address: None,
        };
        let names = Names::built_in();
        let known: Vec<_> =
            notification.varbinds.iter().map(|varbind| names.lookup(&varbind.oid)).collect();
        of(&notification, "IF-MIB::linkDown", "10.0.0.1", &known, &names)
    }

    #[test]
    fn the_line_says_what_and_whence_and_the_words_for_numbers() {
        assert_eq!(line(&[]), "IF-MIB::linkDown from 10.0.0.1");
        let text = line(&[
            ("1.3.6.1.2.1.2.2.1.1.7", Value::Integer(7)),
            ("1.3.6.1.2.1.2.2.1.8.7", Value::Integer(2)),
            ("1.3.6.1.4.1.99999.1", Value::Null),
        ]);
        assert_eq!(
            text,
            "IF-MIB::linkDown from 10.0.0.1: ifIndex=7, ifOperStatus=down(2), 1.3.6.1.4.1.99999.1=(nothing)"
        );
    }

    #[test]
    fn the_line_stays_one_line_and_short_whatever_was_sent() {
        let two_lines =
            line(&[("1.3.6.1.4.1.99999.1", Value::OctetString(b"one\r\ntwo".to_vec()))]);
        assert_eq!(two_lines, "IF-MIB::linkDown from 10.0.0.1: 1.3.6.1.4.1.99999.1=one  two");
        for value in [
            Value::OctetString(vec![b'A'; 60_000]),
            Value::OctetString("é".repeat(30_000).into_bytes()),
            Value::OctetString(vec![0xff; 60_000]),
            Value::Opaque(vec![0xff; 60_000]),
            Value::Raw { tag: 0, bytes: vec![0xff; 300] },
        ] {
            let long = line(&[("1.3.6.1.4.1.99999.1", value)]);
            assert!(long.len() <= LONGEST && long.ends_with('…'), "{long}");
        }
        let many = vec![("1.3.6.1.4.1.99999.1", Value::Integer(1)); 4_000];
        assert!(line(&many).len() <= LONGEST);
    }
}
