//! Signed informs of late, so that a copy of one is known as what it is a copy of.
//!
//! It need not outlive us: the next start of our engine believes no inform of before. When there are more than it remembers, a copy
//! of an older one is a second event, and harms nobody.

use std::collections::{HashMap, VecDeque};

use crate::watch::signal::Identity;

/// So many are remembered: as many as the watch knows again.
const MOST: usize = 8_192;

/// The identities of signed informs, by what their copies have in common.
#[derive(Debug, Default)]
pub(super) struct Copies {
    known: HashMap<Identity, Identity>,
    order: VecDeque<Identity>,
}

impl Copies {
    /// The identity of the first of these copies; of the first one, its own.
    pub(super) fn original(&mut self, copy: Identity, own: Identity) -> Identity {
        if let Some(original) = self.known.get(&copy) {
            return *original;
        }
        self.known.insert(copy, own);
        self.order.push_back(copy);
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_what_came_first_and_no_flood_makes_the_memory_grow() {
        let mut copies = Copies::default();
        assert_eq!(copies.original(Identity(1), Identity(11)), Identity(11));
        assert_eq!(copies.original(Identity(1), Identity(12)), Identity(11), "from another port");
        assert_eq!(copies.original(Identity(2), Identity(12)), Identity(12), "another inform");
        (100..100_000).for_each(|number| {
            copies.original(Identity(number), Identity(number));
        });
        assert_eq!((copies.known.len(), copies.order.len()), (MOST, MOST));
    }
}
