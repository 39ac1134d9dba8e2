//! Chance with a seed: the same seed, the same night.

use std::time::Duration;

/// SplitMix64 (Steele et al. 2014).
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Another stream, of its own.
    pub(crate) fn another(&mut self) -> Self {
        Self(self.number())
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("a number of this machine");
        usize::try_from(self.number() % end).expect("it is below a usize")
    }

    /// True so many times in a thousand.
    pub(crate) fn per_mille(&mut self, often: usize) -> bool {
        self.below(1_000) < often
    }

    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// A time between these two, to the microsecond.
    pub(crate) fn between(&mut self, from: Duration, to: Duration) -> Duration {
        let span = usize::try_from(to.saturating_sub(from).as_micros()).expect("some years") + 1;
        from + Duration::from_micros(u64::try_from(self.below(span)).expect("it fits"))
    }

    /// A time between these two, in seconds.
    pub(crate) fn seconds(&mut self, from: u64, to: u64) -> Duration {
        self.between(Duration::from_secs(from), Duration::from_secs(to))
    }
}
