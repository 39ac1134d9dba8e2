//! Protocol Buffers, as far as Sparkplug needs them: fields one after the other, each with a number and a value.
//!
//! It borrows from the octets and keeps nothing. What does not hold together is [`Broken`]; a field of a kind that its reader
//! does not expect is skipped by that reader, as every Protocol Buffers reader does. Each step takes at least one octet, so
//! that nothing loops.
//!
//! # Decision (2026-11-27): our own reader of some 100 lines, and not prost
//!
//! prost is MIT/Apache and good, and builds all that it reads: an empty metric takes two octets on the wire and some 400 in
//! memory, so that a message of 1 MiB could take 200 MiB before anybody can count. It also refuses a whole message for one
//! name that is not UTF-8. Both would have to be undone around it, for the sake of one kind of message.

use super::Broken;

/// The fields of one message, first to last.
#[derive(Clone, Copy)]
pub(super) struct Fields<'w>(&'w [u8]);

/// A value, as the wire has it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Wire<'w> {
    /// Wire type 0.
    Varint(u64),
    /// Wire type 1, the lowest octet first.
    Fixed64([u8; 8]),
    /// Wire type 2: text, octets, a message inside.
    Octets(&'w [u8]),
    /// Wire type 5, the lowest octet first.
    Fixed32([u8; 4]),
}

impl<'w> Fields<'w> {
    /// From the first field on.
    pub(super) fn new(octets: &'w [u8]) -> Self {
        Self(octets)
    }

    /// The next field, its number and its value; none at the end. What does not hold together is [`Broken`].
    pub(super) fn next(&mut self) -> Result<Option<(u64, Wire<'w>)>, Broken> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let field = key >> 3;
        if field == 0 {
            return Err(Broken::FieldZero);
        }
        let wire = match key & 7 {
            0 => Wire::Varint(self.varint()?),
            1 => Wire::Fixed64(self.array()?),
            2 => {
                let length = self.varint()?;
                let length = usize::try_from(length).map_err(|_| Broken::Unfinished)?;
                let (octets, rest) = self.0.split_at_checked(length).ok_or(Broken::Unfinished)?;
                self.0 = rest;
                Wire::Octets(octets)
            }
            5 => Wire::Fixed32(self.array()?),
            kind => return Err(Broken::Kind(kind)),
        };
        Ok(Some((field, wire)))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Broken> {
        let (array, rest) = self.0.split_first_chunk().ok_or(Broken::Unfinished)?;
        self.0 = rest;
        Ok(*array)
    }

    /// Seven bits in each octet, the lowest first; bits beyond 64 are dropped, as the format has it.
    fn varint(&mut self) -> Result<u64, Broken> {
        let mut value = 0_u64;
        for place in 0..10_u32 {
            let (octet, rest) = self.0.split_first().ok_or(Broken::Unfinished)?;
            self.0 = rest;
            value |= u64::from(octet & 0x7f).checked_shl(place * 7).unwrap_or(0);
            if octet & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Broken::LongNumber)
    }
}

impl<'w> Wire<'w> {
    /// The number, where it is a varint.
    pub(super) fn number(self) -> Option<u64> {
        match self {
            Self::Varint(number) => Some(number),
            Self::Fixed64(_) | Self::Octets(_) | Self::Fixed32(_) => None,
        }
    }

    /// The octets, where it has a length.
    pub(super) fn octets(self) -> Option<&'w [u8]> {
        match self {
            Self::Octets(octets) => Some(octets),
            Self::Varint(_) | Self::Fixed64(_) | Self::Fixed32(_) => None,
        }
    }
}

/// A message being written.
#[derive(Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    /// Writes a varint.
    pub(super) fn number(mut self, field: u64, value: u64) -> Self {
        self.varint(field << 3);
        self.varint(value);
        self
    }

    /// Writes octets behind their length.
    pub(super) fn octets(mut self, field: u64, value: &[u8]) -> Self {
        self.varint(field << 3 | 2);
        self.varint(u64::try_from(value.len()).expect("a length fits 64 bits"));
        self.0.extend_from_slice(value);
        self
    }

    /// All that was written.
    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }

    fn varint(&mut self, mut value: u64) {
        while value > 0x7f {
            let [low, ..] = value.to_le_bytes();
            self.0.push(low | 0x80);
            value >>= 7;
        }
        let [low, ..] = value.to_le_bytes();
        self.0.push(low);
    }
}
