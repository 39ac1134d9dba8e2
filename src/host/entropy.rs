//! Randomness of the system's generator, for the events that need it.

use crate::watch::event::Entropy;

/// Randomness for one event.
///
/// Should the generator refuse, which on Linux it does only before the machine has booted, the
/// codes of this event come from the address of a stack frame and the count of calls: guessable in
/// theory, and a person is called all the same.
pub fn entropy() -> Entropy {
    Entropy(getrandom::u64().unwrap_or_else(|_| fallback()))
}

fn fallback() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one("no generator")
}
