//! A supervised loop: end-of-line resistors, read as a number (ohms, volts, counts), whose bands say what it means.
//!
//! A value that is in no band, is no number or is missing is a fault: a loop that cannot be read watches nothing.

use crate::point::Point;
use crate::seen::{Look, Waits};
use crate::state::Position;
use crate::{Contact, Fault, Instant, Level, Report, RuleError, Rules};
use std::fmt;

/// What a band of values means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// The contact is in its normal position.
    Normal,
    /// It is in the other one.
    Alarm,
    /// The wire is shorted.
    Short,
    /// The wire is cut.
    Cut,
}

impl Meaning {
    fn position(self) -> Position {
        match self {
            Self::Normal => Position::Normal,
            Self::Alarm => Position::Alarm,
            Self::Short => Position::Fault(Fault::Short),
            Self::Cut => Position::Fault(Fault::Cut),
        }
    }
}

/// A band of values, with both its ends in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// What a value in it means.
    pub meaning: Meaning,
    /// The lowest value in it; minus infinity where there is none.
    pub from: f64,
    /// The highest value in it; infinity where there is none.
    pub to: f64,
}

impl Band {
    fn holds(&self, value: f64, hysteresis: f64) -> bool {
        self.from - hysteresis <= value && value <= self.to + hysteresis
    }
}

impl fmt::Display for Band {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let meaning = match self.meaning {
            Meaning::Normal => "normal",
            Meaning::Alarm => "alarm",
            Meaning::Short => "short",
            Meaning::Cut => "cut",
        };
        write!(f, "`{meaning}` ({} to {})", self.from, self.to)
    }
}

/// What a loop has rules for besides those of every contact.
#[derive(Debug, Clone, PartialEq)]
pub struct LoopRule {
    normally: Level,
    /// From low to high.
    bands: Vec<Band>,
    hysteresis: f64,
}

impl LoopRule {
    /// A loop with these bands, in any order, around a contact that has this level while all is well.
    ///
    /// A value comes back to normal, or leaves all bands, only by more than the hysteresis; what is in a band that is not normal is
    /// there at once, so that no hysteresis hides an alarm. One that lies on the border of two bands is in the one that is not normal.
    ///
    /// # Errors
    /// Fewer than two bands or more than four, not exactly one normal one, a band without values, two that overlap, a hysteresis
    /// that is negative, no number, or half as wide as the normal band or more.
    pub fn new(normally: Level, mut bands: Vec<Band>, hysteresis: f64) -> Result<Self, RuleError> {
        if !(2..=4).contains(&bands.len()) {
            return Err(RuleError::BandCount(bands.len()));
        }
        let normal = bands.iter().filter(|band| band.meaning == Meaning::Normal).count();
        if normal != 1 {
            return Err(RuleError::NormalBands(normal));
        }
        if !(hysteresis.is_finite() && hysteresis >= 0.0) {
            return Err(RuleError::Hysteresis(hysteresis));
        }
        for band in &bands {
            let width = band.to - band.from;
            // Neither is true of what is no number.
            let holds_values = width > 0.0;
            if !holds_values {
                return Err(RuleError::EmptyBand(*band));
            }
            if band.meaning == Meaning::Normal && width <= 2.0 * hysteresis {
                return Err(RuleError::WideHysteresis(hysteresis, *band));
            }
        }
        bands.sort_by(|one, other| one.from.total_cmp(&other.from));
        for (lower, upper) in bands.iter().zip(bands.iter().skip(1)) {
            if lower.to > upper.from {
                return Err(RuleError::Overlap(*lower, *upper));
            }
        }
        Ok(Self { normally, bands, hysteresis })
    }

    /// The band of a value, after one that was in that band.
    fn after(&self, before: Option<Band>, value: f64) -> Option<Band> {
        let stays = before.filter(|before| before.holds(value, self.hysteresis));
        match self.band(value) {
            Some(band) if band.meaning == Meaning::Normal => stays.or(Some(band)),
            Some(band) => Some(band),
            None => stays,
        }
    }

    fn band(&self, value: f64) -> Option<Band> {
        let holding = self.bands.iter().filter(|band| band.holds(value, 0.0));
        holding.max_by_key(|band| band.meaning != Meaning::Normal).copied()
    }
}

/// The wiring of a supervised loop.
#[derive(Debug, Clone)]
pub struct Loop {
    rule: LoopRule,
    /// The band that the last value was in.
    band: Option<Band>,
}

impl Contact<Loop> {
    /// A loop of which nothing is known yet.
    #[must_use]
    pub fn supervised(rule: LoopRule, rules: Rules) -> Self {
        let point = Point::new(rule.normally, Waits::of(&rules), rules);
        Self::wired(Loop { rule, band: None }, point)
    }

    /// Takes a value that was read; `None` if the device answers, but without one.
    pub fn read(&mut self, value: Option<f64>, now: Instant) -> Vec<Report> {
        let Loop { rule, band } = &mut self.wiring;
        *band = value.and_then(|value| rule.after(*band, value));
        let position =
            band.map_or(Position::Fault(Fault::OutOfRange), |band| band.meaning.position());
        self.point.see(position, now, Look::Reading)
    }

    /// The device does not answer since then, or is gone: the state is unknown until a value is read.
    pub fn lost(&mut self, since: Instant, now: Instant) -> Vec<Report> {
        self.wiring.band = None;
        self.point.lost(since, now)
    }
}
