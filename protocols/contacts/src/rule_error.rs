//! What is wrong with the rules of a contact, in the operator's words.

use crate::{Band, MOST_CHANGES};
use std::fmt;

/// A rule that cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RuleError {
    /// No reading has to agree.
    NoReadings,
    /// A pair has no time to pass from one state to the other.
    NoDiscrepancy,
    /// Chattering would begin without a change, or need more changes than are remembered.
    Changes(u16),
    /// Changes are counted within no time.
    NoWindow,
    /// Chattering would end at once.
    NoQuiet,
    /// A loop has so many bands.
    BandCount(usize),
    /// So many bands of a loop mean that all is well.
    NormalBands(usize),
    /// A band that holds no value.
    EmptyBand(Band),
    /// Two bands that hold the same values.
    Overlap(Band, Band),
    /// A hysteresis that is negative or no number.
    Hysteresis(f64),
    /// A hysteresis that would swallow a whole band, from both its ends.
    WideHysteresis(f64, Band),
    /// A siren that would stop, or a lamp that would go on and off, within no time.
    NoTime,
    /// A counter that may never count.
    NoIncrement,
    /// A counter that may rise by so much from one reading to the next that a restart looks like it.
    Increment {
        /// What it may rise by.
        most: u32,
        /// What can still be told from a restart.
        limit: u32,
    },
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoReadings => f.write_str("at least one reading must agree"),
            Self::NoDiscrepancy => f.write_str(
                "a pair needs time to pass from one state to the other: a discrepancy time of zero makes each passage a fault",
            ),
            Self::Changes(changes) => write!(
                f,
                "chattering begins after 1 to {MOST_CHANGES} changes, {changes} are asked for"
            ),
            Self::NoWindow => f.write_str("the window within which changes are counted is zero"),
            Self::NoQuiet => f.write_str("chattering would end at once: the quiet time is zero"),
            Self::BandCount(bands) => {
                write!(f, "a supervised loop has 2 to 4 bands, this one has {bands}")
            }
            Self::NormalBands(bands) => {
                write!(f, "exactly one band of a loop is the normal one, here {bands} are")
            }
            Self::EmptyBand(band) => write!(f, "the band {band} holds no value"),
            Self::Overlap(lower, upper) => write!(f, "the bands {lower} and {upper} overlap"),
            Self::Hysteresis(hysteresis) => {
                write!(f, "a hysteresis is zero or more, {hysteresis} is neither")
            }
            Self::WideHysteresis(hysteresis, band) => {
                write!(f, "a hysteresis of {hysteresis} takes up half of the band {band} or more")
            }
            Self::NoTime => f.write_str("to go on and off, or to stop by itself, takes time: zero is none"),
            Self::NoIncrement => f.write_str("a counter that may rise by zero counts nothing"),
            Self::Increment { most, limit } => write!(
                f,
                "a counter that may rise by {most} between two readings hides its own restarts: {limit} at most"
            ),
        }
    }
}

impl std::error::Error for RuleError {}
