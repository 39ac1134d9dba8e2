//! Codes: four digits that say "the right person saw this very occurrence" (behaviour §6).
//!
//! A code belongs to one person, one occurrence and one run of its ladder, and is honoured only
//! from that person's own number. It is drawn from the randomness that came in with the event.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::alarm::OccurrenceNumber;
use super::event::Entropy;
use super::name::PersonId;
use super::time::Utc;

/// Four to eight digits. The number of digits is part of it: `0047` is not `47`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code {
    value: u32,
    digits: u8,
}

/// What a code stands for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Binding {
    /// From whom it is honoured.
    pub person: PersonId,
    /// For which occurrence.
    pub occurrence: OccurrenceNumber,
    /// For which run of its ladder.
    pub run: u32,
    /// When it died, if it did: it is explained for a day, and then forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub died: Option<Utc>,
}

/// For how long a dead code is explained instead of counted as wrong.
const EXPLAINED: Duration = Duration::from_secs(24 * 3_600);
/// How many dead codes are remembered at most; the oldest are forgotten first.
const DEAD_LIMIT: usize = 20_000;
/// The most digits that a code can have.
const MOST_DIGITS: u8 = 8;

/// All codes that live, and those that died of late.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Codes {
    bindings: HashMap<Code, Binding>,
    dead: BTreeSet<(Utc, Code)>,
}

impl Code {
    /// Reads four to eight ASCII digits; anything else is no code.
    pub fn parse(written: &str) -> Option<Self> {
        let plain =
            (4..=8).contains(&written.len()) && written.bytes().all(|byte| byte.is_ascii_digit());
        let value = plain.then(|| written.parse().ok()).flatten()?;
        Some(Self { value, digits: u8::try_from(written.len()).ok()? })
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:0digits$}", self.value, digits = usize::from(self.digits))
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Code({self})")
    }
}

impl TryFrom<String> for Code {
    type Error = String;

    fn try_from(written: String) -> Result<Self, Self::Error> {
        Self::parse(&written).ok_or_else(|| format!("`{written}` is not a code"))
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.to_string()
    }
}

impl Codes {
    /// What the code stands for, living or lately dead.
    pub fn binding(&self, code: Code, now: Utc) -> Option<&Binding> {
        let binding = self.bindings.get(&code)?;
        let explained = binding.died.is_none_or(|died| died.until(now) <= EXPLAINED);
        explained.then_some(binding)
    }

    /// All bindings, for the snapshot.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Code, &Binding)> {
        self.bindings.iter().map(|(code, binding)| (*code, binding))
    }

    pub(super) fn bind(&mut self, code: Code, binding: Binding) {
        if let Some(died) = binding.died {
            self.dead.insert((died, code));
        }
        self.bindings.insert(code, binding);
    }

    /// The code answers for nothing any more; why is explained for a day.
    pub(super) fn kill(&mut self, code: Code, at: Utc) {
        if let Some(binding) = self.bindings.get_mut(&code)
            && binding.died.is_none()
        {
            binding.died = Some(at);
            self.dead.insert((at, code));
        }
        self.bury(at);
    }

    fn bury(&mut self, now: Utc) {
        while let Some((died, code)) = self.dead.first().copied() {
            if died.until(now) <= EXPLAINED && self.dead.len() <= DEAD_LIMIT {
                break;
            }
            self.dead.pop_first();
            if self.bindings.get(&code).is_some_and(|binding| binding.died == Some(died)) {
                self.bindings.remove(&code);
            }
        }
    }

    /// Draws a code that is neither alive nor lately dead nor in `taken`. While more than half of
    /// the codes of that length are in use, it is one digit longer: a flood must not leave
    /// anybody without a code.
    pub(super) fn draw(&self, digits: u8, entropy: &mut Draw, taken: &[Code]) -> Code {
        let used = self.bindings.len().saturating_add(taken.len());
        let mut digits = digits.clamp(4, MOST_DIGITS);
        while digits < MOST_DIGITS && used > space(digits) / 2 {
            digits = digits.saturating_add(1);
        }
        loop {
            let code =
                Code { value: entropy.below(10_u32.saturating_pow(u32::from(digits))), digits };
            if !self.bindings.contains_key(&code) && !taken.contains(&code) {
                return code;
            }
        }
    }
}

fn space(digits: u8) -> usize {
    10_usize.saturating_pow(u32::from(digits))
}

/// A stream of numbers out of one event's entropy (SplitMix64, Steele et al. 2014): a function of
/// the seed alone, and the seed is the system generator's.
#[derive(Debug)]
pub(super) struct Draw(u64);

impl Draw {
    pub(super) fn from(entropy: Entropy) -> Self {
        Self(entropy.0)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, each as likely as the others; 0 where `end` is 0.
    fn below(&mut self, end: u32) -> u32 {
        // 2^64 is so much greater than 10^8 that the remainder's bias is below 10^-11.
        u32::try_from(self.next().checked_rem(u64::from(end)).unwrap_or(0)).unwrap_or(0)
    }
}
