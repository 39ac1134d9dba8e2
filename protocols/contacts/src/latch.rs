//! The latch of a board: one bit that a pulse sets, and that stands until somebody clears it.
//!
//! Whoever reads it clears it, once nothing can take the pulse away any more. Nothing is cleared here.

/// What a reading of a latch says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Latched {
    /// It is clear.
    Clear,
    /// It is set, and was not when it was seen before: there was a pulse.
    Set,
    /// It is set as it was before: nobody has cleared it, or nobody could.
    Still,
}

/// The readings of one latch.
#[derive(Debug, Clone, Default)]
pub struct Latch {
    is_set: bool,
}

impl Latch {
    /// Takes a reading; also that which is made to see whether it was cleared.
    ///
    /// A latch that is found set at the first reading tells of a pulse: whoever clears it does so after having told, so that this
    /// one was told at most just before a restart.
    pub fn read(&mut self, is_set: bool) -> Latched {
        match (std::mem::replace(&mut self.is_set, is_set), is_set) {
            (_, false) => Latched::Clear,
            (false, true) => Latched::Set,
            (true, true) => Latched::Still,
        }
    }

    /// What it said is not known to be safe: if it is set still, the pulse is told again.
    pub fn forget(&mut self) {
        self.is_set = false;
    }

    /// Whether it was set when it was seen last.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.is_set
    }
}
