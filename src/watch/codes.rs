//! Codes: four digits, or as many as `site.code-digits` has, that say "the right person saw this very occurrence" (behaviour §6).
//!
//! A code belongs to one person, one occurrence and one run of its ladder, and is honoured only
//! from that person's own number. It is drawn from the randomness that came in with the event.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::alarm::OccurrenceNumber;
use super::event::Entropy;
use super::name::PersonId;
use super::state::State;
use super::storm::Member;
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
    /// The code of a digest: for all of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<Arc<[Member]>>,
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
    /// What stands for something else: no occurrence gets one of these.
    taken: BTreeSet<Code>,
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

    /// From now on these stand for something else.
    pub(super) fn take(&mut self, taken: BTreeSet<Code>) {
        self.taken = taken;
    }

    /// From now on the code stands for this; what it stood for before is forgotten.
    pub(super) fn bind(&mut self, code: Code, binding: Binding) {
        if let Some(died) = binding.died {
            self.dead.insert((died, code));
        }
        let former = self.bindings.insert(code, binding).and_then(|former| former.died);
        if let Some(died) = former.filter(|died| self.died(code) != Some(*died)) {
            self.dead.remove(&(died, code));
        }
    }

    fn died(&self, code: Code) -> Option<Utc> {
        self.bindings.get(&code)?.died
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
        let used = self.bindings.len().saturating_add(taken.len()).saturating_add(self.taken.len());
        let mut digits = digits.clamp(4, MOST_DIGITS);
        while digits < MOST_DIGITS && used > space(digits) / 2 {
            digits = digits.saturating_add(1);
        }
        loop {
            let code =
                Code { value: entropy.below(10_u32.saturating_pow(u32::from(digits))), digits };
            let is_bound = self.bindings.contains_key(&code) || self.taken.contains(&code);
            if !is_bound && !taken.contains(&code) {
                return code;
            }
        }
    }
}

impl State {
    /// No occurrence gets a code that a drill has, or a question about a trade of shifts.
    pub(super) fn keep_codes_apart(&mut self) {
        self.codes.take(self.drills.codes().chain(self.roster.codes()).collect());
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
    /// The draws that this randomness gives, always the same.
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
    pub(super) fn below(&mut self, end: u32) -> u32 {
        // 2^64 is so much greater than 10^8 that the remainder's bias is below 10^-11.
        u32::try_from(self.next().checked_rem(u64::from(end)).unwrap_or(0)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    fn code(value: u32) -> Code {
        Code { value, digits: 4 }
    }

    fn lives(person: &str) -> Binding {
        let occurrence = OccurrenceNumber(1);
        Binding { person: PersonId::new(person), occurrence, run: 0, listed: None, died: None }
    }

    fn in_use(many: u32) -> Codes {
        let mut codes = Codes::default();
        (0..many).for_each(|value| codes.bind(code(value), lives("marie")));
        codes
    }

    #[test]
    fn a_code_is_four_to_eight_digits_and_keeps_its_zeros() {
        for written in ["0047", "12345678"] {
            assert_eq!(Code::parse(written).unwrap().to_string(), written);
            assert_eq!(format!("{:?}", Code::parse(written).unwrap()), format!("Code({written})"));
        }
        assert_ne!(Code::parse("0047"), Code::parse("00047"));
        for written in ["", "471", "123456789", "47 1", "47x1", "+471"] {
            assert_eq!(Code::parse(written), None, "{written}");
        }
    }

    #[test]
    fn a_dead_code_is_explained_for_a_day_and_then_forgotten() {
        let (mut codes, then) = (in_use(2), Utc::from_micros(0));
        codes.kill(code(0), then);
        codes.kill(code(0), then.after(DAY / 2));
        assert!(codes.binding(code(0), then.after(DAY)).is_some());
        let later = then.after(DAY + Duration::from_secs(1));
        assert!(codes.binding(code(0), later).is_none(), "it died when it died first");
        codes.kill(code(1), then.after(DAY));
        assert_eq!(codes.iter().count(), 2);
        codes.kill(code(1), later);
        assert_eq!(codes.iter().count(), 1, "nothing is remembered for longer");
    }

    #[test]
    fn a_code_that_was_given_out_anew_does_not_die_of_its_former_life() {
        let (mut codes, then) = (in_use(2), Utc::from_micros(0));
        codes.kill(code(0), then);
        codes.bind(code(0), lives("karim"));
        codes.kill(code(1), then.after(DAY * 2));
        assert_eq!(codes.binding(code(0), then).unwrap(), &lives("karim"));
    }

    #[test]
    fn no_flood_of_dead_codes_makes_the_memory_grow() {
        let mut codes = Codes::default();
        for value in 0..21_000 {
            let code = Code { value, digits: 8 };
            codes.bind(code, lives("marie"));
            codes.kill(code, Utc::from_micros(value.into()));
        }
        assert_eq!(codes.iter().count(), DEAD_LIMIT);
        assert!(codes.bindings.contains_key(&Code { value: 20_999, digits: 8 }), "the oldest go");
    }

    #[test]
    fn while_half_of_the_codes_are_in_use_they_are_one_digit_longer() {
        let digits = |codes: &Codes, wanted, taken: &[Code]| {
            codes.draw(wanted, &mut Draw::from(Entropy(1)), taken).digits
        };
        assert_eq!(digits(&in_use(5_000), 4, &[]), 4);
        assert_eq!(digits(&in_use(5_000), 4, &[Code { value: 1, digits: 5 }]), 5);
        assert_eq!(digits(&in_use(5_001), 6, &[]), 6);
        assert_eq!((digits(&in_use(0), 1, &[]), digits(&in_use(0), 99, &[])), (4, 8));
    }

    #[test]
    fn a_code_that_is_taken_is_not_drawn() {
        let mut free: Vec<u32> = (0..10_000).collect();
        free.retain(|value| *value % 2 == 0);
        let taken: Vec<Code> = free.iter().map(|value| code(*value)).collect();
        for seed in 0..50 {
            let drawn = Codes::default().draw(4, &mut Draw::from(Entropy(seed)), &taken);
            assert!(!taken.contains(&drawn) && drawn.value % 2 == 1, "{drawn:?}");
            let drawn = in_use(5_000).draw(4, &mut Draw::from(Entropy(seed)), &[]);
            assert!((5_000..10_000).contains(&drawn.value), "{drawn:?}");
        }
    }

    #[test]
    fn what_stands_for_something_else_is_not_drawn() {
        let mut codes = Codes::default();
        let odd: Vec<u32> = (0..10_000).filter(|value| value % 2 == 1).collect();
        codes.take(odd.into_iter().map(code).collect());
        for seed in 0..50 {
            let drawn = codes.draw(4, &mut Draw::from(Entropy(seed)), &[]);
            assert_eq!((drawn.value % 2, drawn.digits), (0, 4), "{drawn:?}");
        }
    }

    /// The first numbers of SplitMix64 from 0, as its authors give them.
    #[test]
    fn the_numbers_are_those_of_the_paper() {
        let mut draw = Draw::from(Entropy(0));
        let drawn = [draw.next(), draw.next(), draw.next()];
        assert_eq!(drawn, [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f]);
        assert_eq!(Draw::from(Entropy(0)).below(10), 5);
    }
}
