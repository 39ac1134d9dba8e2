//! Waiting for what must come: for a fact, and not for ever.

use std::time::{Duration, Instant};

/// How often is looked.
const LOOK: Duration = Duration::from_millis(100);
/// Nothing that is waited for takes so long.
pub(crate) const LIMIT: Duration = Duration::from_secs(300);

/// Waits until something is so; gives when.
pub(crate) fn until(what: &str, mut so: impl FnMut() -> bool) -> Instant {
    let began = Instant::now();
    while !so() {
        assert!(began.elapsed() < LIMIT, "waited in vain: {what}");
        std::thread::sleep(LOOK);
    }
    Instant::now()
}

/// Waits until a count has been the same for so long; gives it, and when it came to that.
pub(crate) fn settled(long: Duration, mut count: impl FnMut() -> u64) -> (u64, Instant) {
    let (began, mut last, mut since) = (Instant::now(), count(), Instant::now());
    while since.elapsed() < long {
        assert!(began.elapsed() < LIMIT, "it does not come to rest");
        std::thread::sleep(LOOK);
        let now = count();
        if now != last {
            (last, since) = (now, Instant::now());
        }
    }
    (last, since)
}
