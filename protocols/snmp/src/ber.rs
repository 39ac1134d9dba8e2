//! The Basic Encoding Rules (X.690) as far as SNMP uses them (RFC 3417 §8): elements, lengths and whole numbers, both ways.
//!
//! It does not know what an element means, and never goes into one by itself: the depth of a message is the depth of the code
//! that reads it. It borrows from the datagram and allocates only to write. An element that does not hold together is a [`Framing`].

/// INTEGER (X.690 §8.3).
pub(crate) const INTEGER: u8 = 0x02;
/// OCTET STRING (X.690 §8.7).
pub(crate) const OCTET_STRING: u8 = 0x04;
/// NULL (X.690 §8.8).
pub(crate) const NULL: u8 = 0x05;
/// OBJECT IDENTIFIER (X.690 §8.19).
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
/// SEQUENCE (X.690 §8.9).
pub(crate) const SEQUENCE: u8 = 0x30;
/// Counter32 (RFC 2578 §7.1.6).
pub(crate) const COUNTER32: u8 = 0x41;

/// Why octets do not form an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Framing {
    /// Nothing is left where an element should begin, or its length should stand.
    #[error("it ends before it has begun")]
    Missing,
    /// The length reaches beyond what contains the element.
    #[error("it claims {claimed} octets and {left} are left")]
    Overrun {
        /// The length that is written.
        claimed: usize,
        /// The octets that there are.
        left: usize,
    },
    /// A length in the indefinite form, which SNMP forbids (RFC 3417 §8).
    #[error("its length is indefinite, which SNMP forbids")]
    Indefinite,
    /// A length written in more than four octets, or in the reserved form.
    #[error("its length is written in a form that no datagram needs")]
    LengthForm,
    /// A tag of several octets, which SNMP does not have.
    #[error("its tag has several octets, which SNMP does not have")]
    LongTag,
}

/// One element: what it is, what it holds, and where it stands in the datagram.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'a> {
    /// Class, form and number in one octet (X.690 §8.1.2).
    pub(crate) tag: u8,
    /// What stands behind the length.
    pub(crate) contents: &'a [u8],
    /// Tag, length and contents, as they came.
    pub(crate) whole: &'a [u8],
    /// Where the tag stands, counted in octets from the start of the datagram.
    pub(crate) at: usize,
}

impl<'a> Element<'a> {
    /// Reads what the element contains.
    pub(crate) fn inside(&self) -> Reader<'a> {
        let before = self.whole.len().saturating_sub(self.contents.len());
        Reader { rest: self.contents, at: self.at.saturating_add(before) }
    }

    /// Reads the element itself once more.
    pub(crate) fn again(&self) -> Reader<'a> {
        Reader { rest: self.whole, at: self.at }
    }
}

/// Takes elements from octets, one after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// From the first octet on.
    pub(crate) fn new(datagram: &'a [u8]) -> Reader<'a> {
        Reader { rest: datagram, at: 0 }
    }

    /// What is not read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Where the next element would begin.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// The next element, or what is wrong with it. Where there is none, the reader stays where it was.
    pub(crate) fn next(&mut self) -> Result<Element<'a>, Framing> {
        let (&tag, after) = self.rest.split_first().ok_or(Framing::Missing)?;
        if tag & 0x1f == 0x1f {
            return Err(Framing::LongTag);
        }
        let (length, after) = length(after)?;
        let (contents, rest) = after
            .split_at_checked(length)
            .ok_or(Framing::Overrun { claimed: length, left: after.len() })?;
        let size = self.rest.len().saturating_sub(rest.len());
        let (whole, rest) = self.rest.split_at_checked(size).ok_or(Framing::Missing)?;
        let element = Element { tag, contents, whole, at: self.at };
        self.rest = rest;
        self.at = self.at.saturating_add(size);
        Ok(element)
    }
}

/// A length (X.690 §8.1.3) and what follows it. Longer forms than needed are taken: net-snmp itself writes them.
fn length(octets: &[u8]) -> Result<(usize, &[u8]), Framing> {
    let (&first, after) = octets.split_first().ok_or(Framing::Missing)?;
    let count = match first {
        0..=0x7f => return Ok((usize::from(first), after)),
        0x80 => return Err(Framing::Indefinite),
        0x81..=0x84 => usize::from(first & 0x7f),
        0x85..=0xff => return Err(Framing::LengthForm),
    };
    let (written, after) = after.split_at_checked(count).ok_or(Framing::Missing)?;
    let length = written.iter().fold(0u32, |length, &octet| length << 8 | u32::from(octet));
    usize::try_from(length).map(|length| (length, after)).map_err(|_| Framing::LengthForm)
}

/// The INTEGER in these contents (X.690 §8.3), with any number of leading octets that add nothing; none where it is empty or
/// does not fit 64 bits.
pub(crate) fn integer(contents: &[u8]) -> Option<i64> {
    let significant = significant(contents);
    (1..=8).contains(&significant.len()).then(|| i64::from_be_bytes(signed_octets(significant)))
}

/// How an unsigned number was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writing {
    /// As the standard has it.
    Plain,
    /// Without the leading zero octet, so that it reads as a negative number: a common fault of devices.
    Negative,
    /// Beyond its range, and taken modulo it.
    Wrapped,
}

/// The unsigned number of 32 or 64 bits in these contents, taken modulo its range from at most one octet more than it has; none
/// where there are fewer or more octets that mean something.
pub(crate) fn unsigned(contents: &[u8], bits: Bits) -> Option<(u64, Writing)> {
    let significant = significant(contents);
    let (&first, _) = significant.split_first()?;
    let octets = match bits {
        Bits::ThirtyTwo => 4,
        Bits::SixtyFour => 8,
    };
    let writing = match (significant.len().saturating_sub(octets), first) {
        (0, 0..=0x7f) | (1, 0) => Writing::Plain,
        (0, 0x80..=0xff) => Writing::Negative,
        (1, _) => Writing::Wrapped,
        _ => return None,
    };
    let value = u64::from_be_bytes(signed_octets(significant));
    Some(match bits {
        Bits::ThirtyTwo => (value & u64::from(u32::MAX), writing),
        Bits::SixtyFour => (value, writing),
    })
}

/// The two widths of SNMP's unsigned types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bits {
    /// Counter32, Gauge32, TimeTicks (RFC 2578 §7.1).
    ThirtyTwo,
    /// Counter64 (RFC 2578 §7.1.10).
    SixtyFour,
}

/// The contents without the leading octets that only repeat the sign.
fn significant(mut contents: &[u8]) -> &[u8] {
    while let [0x00, 0x00..=0x7f, ..] | [0xff, 0x80..=0xff, ..] = contents {
        contents = contents.split_first().map_or(contents, |(_, rest)| rest);
    }
    contents
}

/// The last eight octets of a number, filled up in front with its sign.
fn signed_octets(significant: &[u8]) -> [u8; 8] {
    let fill = if significant.first().is_some_and(|first| first & 0x80 != 0) { 0xff } else { 0x00 };
    let mut octets = [fill; 8];
    for (octet, &written) in octets.iter_mut().rev().zip(significant.iter().rev()) {
        *octet = written;
    }
    octets
}

/// A number in the fewest octets (X.690 §8.3.2).
pub(crate) fn number(tag: u8, value: i64) -> Vec<u8> {
    wrap(tag, &[significant(&value.to_be_bytes())])
}

/// An element around these parts, with the shortest length.
pub(crate) fn wrap(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length = parts.iter().map(|part| part.len()).fold(0usize, usize::saturating_add);
    let mut written = vec![tag];
    match u8::try_from(length) {
        Ok(short @ 0..=0x7f) => written.push(short),
        Ok(long) => written.extend([0x81, long]),
        Err(_) => {
            let octets = length.to_be_bytes();
            let zeros = octets.iter().take_while(|&&octet| octet == 0).count();
            let count = u8::try_from(octets.len().saturating_sub(zeros)).unwrap_or(u8::MAX);
            written.push(0x80 | count);
            written.extend(octets.iter().skip(zeros));
        }
    }
    for part in parts {
        written.extend_from_slice(part);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_means_the_same_however_many_octets_it_is_written_in() {
        let cases: [(&[u8], Option<i64>); 9] = [
            (&[], None),
            (&[0x05], Some(5)),
            (&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0x05], Some(5)),
            (&[0xff], Some(-1)),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfb], Some(-5)),
            (&[0x00, 0xff], Some(255)),
            (&[0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Some(i64::MAX)),
            (&[0x80, 0, 0, 0, 0, 0, 0, 0], Some(i64::MIN)),
            (&[0x00, 0x80, 0, 0, 0, 0, 0, 0, 0], None),
        ];
        for (contents, value) in cases {
            assert_eq!(integer(contents), value, "{contents:02x?}");
        }
    }

    #[test]
    fn a_counter_is_read_modulo_its_range_and_never_guessed_beyond_that() {
        type Case = (&'static [u8], Bits, Option<(u64, Writing)>);
        let cases: [Case; 9] = [
            (&[], Bits::ThirtyTwo, None),
            (&[0x00, 0xff, 0xff, 0xff, 0xff], Bits::ThirtyTwo, Some((0xffff_ffff, Writing::Plain))),
            (&[0xff, 0xff, 0xff, 0xfe], Bits::ThirtyTwo, Some((0xffff_fffe, Writing::Negative))),
            (&[0x01, 0, 0, 0, 5], Bits::ThirtyTwo, Some((5, Writing::Wrapped))),
            (&[1, 2, 3, 4, 5, 6], Bits::ThirtyTwo, None),
            (&[0, 0, 0, 0, 0, 7], Bits::ThirtyTwo, Some((7, Writing::Plain))),
            (
                &[0, 0xff, 0, 0, 0, 0, 0, 0, 1],
                Bits::SixtyFour,
                Some((0xff00_0000_0000_0001, Writing::Plain)),
            ),
            (
                &[0xff, 0, 0, 0, 0, 0, 0, 1],
                Bits::SixtyFour,
                Some((0xff00_0000_0000_0001, Writing::Negative)),
            ),
            (&[1, 0, 0, 0, 0, 0, 0, 0, 0, 1], Bits::SixtyFour, None),
        ];
        for (contents, bits, value) in cases {
            assert_eq!(unsigned(contents, bits), value, "{contents:02x?}");
        }
    }

    #[test]
    fn what_is_written_is_read_back_at_every_length() {
        for length in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let contents = vec![7; length];
            let written = wrap(OCTET_STRING, &[&contents]);
            let element = Reader::new(&written).next().unwrap();
            assert_eq!(
                (element.tag, element.contents, element.whole),
                (OCTET_STRING, &*contents, &*written)
            );
        }
    }
}
