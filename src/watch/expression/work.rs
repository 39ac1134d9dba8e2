//! The budget of one evaluation: what a signal may cost, whatever its sender put into it.
//!
//! Reading a field, an element of a list, or a text costs; a condition over a few fields spends
//! some tens. When the budget is spent every further field reads as absent and every list as
//! empty, so that the evaluation comes to its end, and the expression reports that it gave up.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Elements read, plus one for each [`BYTES`] bytes of text: some ten milliseconds at the very most.
const ALLOWED: usize = 20_000;
/// So much text costs as much as one element.
const BYTES: usize = 64;

/// What is left. Atomic because the language wants its values shareable; nobody shares it.
#[derive(Debug)]
pub(super) struct Budget(AtomicUsize);

impl Budget {
    pub(super) const fn new() -> Self {
        Self(AtomicUsize::new(ALLOWED))
    }

    /// Spends; `false` when there is not so much left, now or ever again.
    pub(super) fn spend(&self, elements: usize) -> bool {
        let left = self.0.load(Ordering::Relaxed);
        // Zero stands for spent: what remains of a budget that did not suffice is forfeited.
        let left = if elements < left { left.saturating_sub(elements) } else { 0 };
        self.0.store(left, Ordering::Relaxed);
        left > 0
    }

    /// Spends for a text of that length.
    pub(super) fn spend_text(&self, text: &str) -> bool {
        self.spend(text.len().checked_div(BYTES).unwrap_or(0).saturating_add(1))
    }

    pub(super) fn is_spent(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}
