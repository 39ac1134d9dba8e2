//! Chance with a seed that is printed; `VIGIE_SEED=7 cargo test -p vigie-mqtt` plays a run again.

/// A SplitMix64 generator.
pub(crate) struct Dice(u64);

impl Dice {
    /// From the environment, or another one in each run.
    pub(crate) fn new() -> Self {
        let seed = std::env::var("VIGIE_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(|| u64::from(std::process::id()));
        println!("VIGIE_SEED={seed}");
        Self(seed)
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number below `bound`, which is not 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.number() % u64::try_from(bound).unwrap()).unwrap()
    }

    pub(crate) fn octet(&mut self) -> u8 {
        self.number().to_le_bytes()[0]
    }

    pub(crate) fn octets(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.octet()).collect()
    }

    pub(crate) fn choose<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// Spoils octets in one to four places, with what hurts JSON and Protocol Buffers most.
    pub(crate) fn spoil(&mut self, octets: &mut Vec<u8>) {
        for _ in 0..=self.below(4) {
            let place = self.below(octets.len().max(1));
            match self.below(9) {
                _ if octets.is_empty() => octets.push(self.octet()),
                0 => octets[place] = self.octet(),
                1 => octets[place] ^= 1 << self.below(8),
                2 => octets[place] = *self.choose(b"{}[]\",:\\0-e\x00\x7f\x80\xff"),
                3 => octets.insert(place, self.octet()),
                4 => drop(octets.remove(place)),
                5 => octets.truncate(place),
                6 => {
                    let many = self.below(300);
                    let octet = *self.choose(b"[{\"9\xff\x80\x12");
                    octets.splice(place..place, std::iter::repeat_n(octet, many));
                }
                _ => {
                    let end = place + self.below(octets.len() - place + 1).min(60);
                    let again = octets[place..end].to_vec();
                    octets.splice(place..place, again);
                }
            }
        }
    }
}
