//! What became of the edges of a contact: each is told, or passed over for a reason.
//!
//! It is counted and nothing is decided by it.

/// How many edges of a contact became what, since it was wired; each is counted once it is known.
///
/// An edge is a position that is another than the one before, as a reading or an edge of the device showed it. On a contact of one line
/// without counter or latch they are all here, but for the last while it waits to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Became {
    /// They came to count, and were told: by themselves, or as the beginning of chattering.
    pub told: u64,
    /// They did not hold for long enough to count, or undid such a one.
    pub too_short: u64,
    /// They came to count while the contact chattered, and were not told by themselves.
    pub in_chatter: u64,
}

impl Became {
    /// Both added: of several contacts.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            told: self.told.saturating_add(other.told),
            too_short: self.too_short.saturating_add(other.too_short),
            in_chatter: self.in_chatter.saturating_add(other.in_chatter),
        }
    }

    pub(crate) fn count(&mut self, fate: Fate) {
        let many = match fate {
            Fate::Told => &mut self.told,
            Fate::TooShort => &mut self.too_short,
            Fate::InChatter => &mut self.in_chatter,
        };
        *many = many.saturating_add(1);
    }
}

/// What became of one.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fate {
    Told,
    TooShort,
    InChatter,
}
