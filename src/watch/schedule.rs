//! Who is on call.
//!
//! For now a schedule is always the same people. Rotations, layers, hours and overrides
//! (behaviour §7) become further variants here; [`Schedule::on_call`] already takes the instant.

use super::name::PersonId;
use super::time::Utc;

/// Who is on call, at any instant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Schedule {
    /// The same people at all times.
    Fixed(Vec<PersonId>),
}

impl Schedule {
    /// The people who are on call at that instant, in the order of the file.
    pub fn on_call(&self, _at: Utc) -> &[PersonId] {
        match self {
            Self::Fixed(people) => people,
        }
    }
}
