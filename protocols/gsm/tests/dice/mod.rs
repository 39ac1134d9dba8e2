//! Numbers that look like chance and are the same in each run, so that a failure can be played again.

/// A xorshift generator; its seed is written where it is made.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `sides`.
    pub(crate) fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let sides = u64::try_from(sides).expect("a count fits 64 bits");
        usize::try_from(self.0 % sides).expect("it is below a usize")
    }

    /// Any octet.
    pub(crate) fn octet(&mut self) -> u8 {
        u8::try_from(self.below(256)).expect("it is below 256")
    }

    /// One of several.
    pub(crate) fn choose<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        from.get(self.below(from.len())).expect("the choice is below the length")
    }
}
