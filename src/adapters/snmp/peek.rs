//! Whether a datagram is an inform, seen without reading it.
//!
//! It is asked of what is about to be dropped, which is not worth a reading: an inform that
//! finds no room is left to be repeated, a trap that finds none is lost, and the two are counted
//! apart. It also decides which inform waits once, and whose copies are dropped unread and are on no record ([`super::queues`]). It is
//! never the basis of an answer. Only what is laid out as v2c shows itself: an inform of v3 counts as a trap, encrypted or not.

/// The tag of an InformRequest-PDU.
const INFORM: u8 = 0xa6;
const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;

/// Whether it looks like an inform of v2c.
pub(super) fn is_inform(datagram: &[u8]) -> bool {
    inside(datagram, SEQUENCE)
        .and_then(|message| behind(message, INTEGER))
        .and_then(|community| behind(community, OCTETS))
        .is_some_and(|pdu| pdu.first() == Some(&INFORM))
}

/// What is inside the element with which these octets begin, as far as it is there.
fn inside(octets: &[u8], tag: u8) -> Option<&[u8]> {
    let (_, contents) = element(octets, tag)?;
    Some(contents)
}

/// What comes behind the element with which these octets begin.
fn behind(octets: &[u8], tag: u8) -> Option<&[u8]> {
    let (length, contents) = element(octets, tag)?;
    contents.get(length..)
}

/// The length that an element gives itself, and everything from its contents on.
fn element(octets: &[u8], expected: u8) -> Option<(usize, &[u8])> {
    let (tag, rest) = octets.split_first()?;
    let (first, rest) = rest.split_first()?;
    if *tag != expected {
        return None;
    }
    if *first < 0x80 {
        return Some((usize::from(*first), rest));
    }
    let (length, contents) = rest.split_at_checked(usize::from(*first & 0x7f))?;
    let length = length.iter().try_fold(0_usize, |length, octet| {
        length.checked_mul(256)?.checked_add(usize::from(*octet))
    })?;
    Some((length, contents))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inform_is_known_from_a_trap_however_its_lengths_are_written() {
        let short = |pdu| [0x30, 0x0b, 2, 1, 1, 4, 4, b'a', b'b', b'c', b'd', pdu, 0];
        assert!(is_inform(&short(0xa6)));
        assert!(!is_inform(&short(0xa7)));
        let long = [0x30, 0x84, 0, 0, 0, 12, 2, 0x81, 1, 1, 4, 0x82, 0, 1, b'a', 0xa6, 0x81, 0];
        assert!(is_inform(&long));
    }

    #[test]
    fn what_is_broken_is_no_inform() {
        let whole = [0x30, 0x0b, 2, 1, 1, 4, 4, b'a', b'b', b'c', b'd', 0xa6, 0];
        for length in 0..11 {
            assert!(!is_inform(&whole[..length]), "{length}");
        }
        for length in [0x80, 0x89, 0xff] {
            assert!(!is_inform(&[&[0x30, length], &[0xff; 20][..]].concat()), "{length:x}");
        }
    }
}
