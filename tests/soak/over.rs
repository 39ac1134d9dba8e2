//! Whether something is over: what runs beside the daemon looks here before it goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Nobody waits for longer without looking.
const GLANCE: Duration = Duration::from_millis(100);

/// A copy knows the same.
#[derive(Clone, Default)]
pub(crate) struct Over(Arc<AtomicBool>);

impl Over {
    pub(crate) fn say(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_so(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Waits so long, or until it is over; whether there is reason to go on.
    pub(crate) fn pause(&self, how_long: Duration) -> bool {
        let mut left = how_long;
        while !self.is_so() && !left.is_zero() {
            let step = left.min(GLANCE);
            std::thread::sleep(step);
            left -= step;
        }
        !self.is_so()
    }
}
