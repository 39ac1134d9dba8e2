//! A walk over octets that may end at any time.
//!
//! It only goes forward, and says which part of the message was being read when there was no more.

use super::PduError;

/// What of a message has not been read yet.
#[derive(Debug)]
pub(super) struct Octets<'a> {
    rest: &'a [u8],
}

impl<'a> Octets<'a> {
    /// From the first octet on.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether all is read.
    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next octet; `part` is what the operator is told if there is none.
    pub(super) fn one(&mut self, part: &'static str) -> Result<u8, PduError> {
        let (first, rest) = self.rest.split_first().ok_or(PduError::Short { part })?;
        self.rest = rest;
        Ok(*first)
    }

    /// The next `count` octets; where there are fewer, none is taken.
    pub(super) fn take(&mut self, count: usize, part: &'static str) -> Result<&'a [u8], PduError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(PduError::Short { part })?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next `count` octets, or as many as there are.
    pub(super) fn at_most(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at_checked(count).unwrap_or((self.rest, &[]));
        self.rest = rest;
        taken
    }

    /// The next `N` octets, where the standard fixes their number.
    pub(super) fn array<const N: usize>(
        &mut self,
        part: &'static str,
    ) -> Result<[u8; N], PduError> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(PduError::Short { part })?;
        self.rest = rest;
        Ok(*taken)
    }
}
