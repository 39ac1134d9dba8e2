//! What a field can have at all: a pattern that asks for something else is a mistake in the files.
//!
//! It errs on one side only: a pattern of which nothing can be told is possible.

use super::pattern::Test;
use super::{Names, Pattern};
use crate::watch::field::Field;
use crate::watch::signal::Kind;

/// What SNMP calls its versions, as a signal has them.
const VERSIONS: &[&str] = &["1", "2c", "3"];
/// How a message of SNMPv3 is protected (RFC 3411 §3.4.3), as a signal has it.
const LEVELS: &[&str] = &["noAuthNoPriv", "authNoPriv", "authPriv"];
/// An address has so many parts at most, of IPv4 and of IPv6: of the latter `::` at an end makes one more.
const PARTS: (usize, usize) = (4, 9);

impl Pattern {
    /// Whether that field of any signal of that kind can satisfy it.
    pub fn possible(&self, kind: Kind, field: &str) -> bool {
        let names = Names { field, kind };
        let one_of = |any: &[&str]| any.iter().any(|text| self.holds(names, Field::Text(text)));
        match (kind, field) {
            (kind, "kind") => one_of(&[kind.name()]),
            (Kind::Contacts, "closed" | "alarm" | "fault" | "chattering" | "edges_lost")
            | (Kind::Mqtt, "retained" | "online")
            | (Kind::Vigie, "active") => one_of(&["true", "false"]),
            (Kind::Snmp, "version") => one_of(VERSIONS),
            (Kind::Snmp, "level") => one_of(LEVELS),
            (Kind::Snmp, "trap_oid") => match self.test() {
                Test::Form { .. } => is_oids(self.written()),
                Test::Equals { .. } => one_of(&[self.written()]) && is_oids(self.written()),
                Test::Topic(_) | Test::Network(_) | Test::Phone(_) => false,
            },
            (Kind::Snmp, "source") => match self.test() {
                Test::Network(_) => true,
                Test::Form { .. } => is_addresses(self.written()),
                Test::Equals { .. } | Test::Topic(_) | Test::Phone(_) => false,
            },
            _ => match self.test() {
                Test::Equals { .. } | Test::Form { .. } | Test::Topic(_) => true,
                Test::Network(_) => field != "source",
                Test::Phone(_) => kind == Kind::Gsm || field != "source",
            },
        }
    }
}

impl Pattern {
    /// Whether any number can satisfy it.
    pub fn may_be_a_number(&self) -> bool {
        match self.test() {
            Test::Equals { .. } => self.written().parse::<f64>().is_ok(),
            Test::Form { .. } => true,
            Test::Topic(_) | Test::Network(_) | Test::Phone(_) => false,
        }
    }
}

/// Whether an OID can be so: `1.3.6.1.4.1.318.*`.
fn is_oids(form: &str) -> bool {
    form.split('.').all(|part| is_part(part, &is_digit, &is_number::<u32>))
}

/// Whether an address can be so, as a signal has it: `10.0.0.*`, `fd00:*`.
fn is_addresses(form: &str) -> bool {
    let (four, six) = PARTS;
    let is_hexadecimal = |letter: u8| is_digit(letter) || (b'a'..=b'f').contains(&letter);
    let is_group = |part: &str| {
        part.len() <= 4
            && (part.len() <= 1 || !part.starts_with('0'))
            && part.bytes().all(is_hexadecimal)
    };
    let is_four = form.split('.').count() <= four
        && form.split('.').all(|part| is_part(part, &is_digit, &is_number::<u8>));
    is_four
        || form.split(':').count() <= six
            && form.split(':').all(|part| is_part(part, &is_hexadecimal, &is_group))
}

/// Whether what stands between two dots can be a part: whole as it is, with `*` by its letters.
fn is_part(part: &str, letter: &dyn Fn(u8) -> bool, whole: &dyn Fn(&str) -> bool) -> bool {
    if part.contains('*') {
        part.bytes().all(|byte| byte == b'*' || letter(byte))
    } else {
        whole(part)
    }
}

fn is_digit(letter: u8) -> bool {
    letter.is_ascii_digit()
}

/// A number as it is written in an address: without zeros before it.
fn is_number<N: std::str::FromStr>(part: &str) -> bool {
    part.bytes().all(is_digit)
        && (part == "0" || !part.starts_with('0'))
        && part.parse::<N>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::matching::Scalar;

    #[test]
    fn what_the_sender_of_a_trap_can_never_have_is_known_and_a_form_that_fits_is_let_be() {
        for (field, written, possible) in [
            ("source", "10.0.0.300", false),
            ("source", " 10.0.0.5", false),
            ("source", "10.0.0.05", false),
            ("source", "switch1.local", false),
            ("source", "switch*", false),
            ("source", "10.0.0.300*", true), // nothing is told of what a star continues
            ("source", "10.0.300.*", false),
            ("source", "10.0.0.0.*", false),
            ("source", "10.0.0.*", true),
            ("source", "10.*", true),
            ("source", "*.7", true),
            ("source", "*", true),
            ("source", "10.0.0.5", true),
            ("source", "10.0.0.5:162", true),
            ("source", "::ffff:10.0.0.5", true),
            ("source", "fd00:*", true),
            ("source", "*::7", true),
            ("source", "FD00:*", false),
            ("source", "fd00:0db8:*", false),
            ("source", "::ffff:10.0.0.*", false),
            ("version", "v2c", false),
            ("version", "2", false),
            ("version", "2c", true),
            ("version", "2*", true),
            ("version", "v*", false),
            ("level", "authpriv", false),
            ("level", "authPriv", true),
            ("level", "auth*", true),
            ("trap_oid", "IF-MIB::linkDown", false),
            ("trap_oid", "IF-MIB::*", false),
            ("trap_oid", "1.3.6.1.6.3.1.1.5.3", true),
            ("trap_oid", ".1.3.6.1.6.3.1.1.5.3", true),
            ("trap_oid", "1.3.6.1.4.1.318.*", true),
            ("trap_oid", "*.318.*", true),
            ("trap_oid", "1.3..6", false),
            ("trap_oid", "1.3.06.*", false),
            ("kind", "sn*", true),
            ("kind", "gsm*", false),
        ] {
            let pattern = Pattern::new(field, Scalar::Text(written.to_owned())).expect(written);
            let found = pattern.possible(Kind::Snmp, field);
            assert_eq!(found, possible, "{field} = {written}");
        }
        let version = |written: Scalar| Pattern::new("version", written).unwrap();
        assert!(version(Scalar::Int(3)).possible(Kind::Snmp, "version"));
        assert!(!version(Scalar::Int(2)).possible(Kind::Snmp, "version"));
    }
}
