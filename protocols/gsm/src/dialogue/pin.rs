//! The PIN of the SIM (`+CPIN`, 27.007 8.3).
//!
//! It is tried once: three wrong ones block the SIM, and then no alarm leaves the site until somebody finds the
//! PUK. The owner gives it for each try, so that he can note it before the SIM hears it; an entry whose outcome is not
//! known counts as refused when the SIM still asks. Where the modem tells how often the PIN may still be wrong, that
//! is heeded.

use std::fmt;

use super::answers::{bare, fields};
use super::start::{Start, Step};
use super::{Dialogue, Event, NetworkError, SimTrouble, Stage};

/// So many wrong PINs a SIM takes (27.007 8.65, TS 102 221): with fewer left, somebody has tried a wrong one.
const ALL_TRIES: u8 = 3;

/// How often the SIM is asked whether it took the PIN.
const MOST_RECHECKS: u8 = 10;

/// The PIN of a SIM: four to eight digits (27.007 8.3). It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Pin(String);

impl Pin {
    /// The PIN, if it can be one.
    #[must_use]
    pub fn new(digits: &str) -> Option<Self> {
        let fits =
            (4..=8).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
        fits.then(|| Self(digits.to_owned()))
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("Pin(hidden)")
    }
}

/// How careful one is with the tries that a SIM has left, where its modem tells of them (`+CPINR`, `+SPIC`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caution {
    /// Nothing was tried in vain: the PIN is entered, unless a try is spent all the same.
    WholeOrUntold,
    /// Another PIN has spent a try: the PIN is entered, unless but one is left.
    TwoOrUntold,
    /// The PIN may have been refused before: it is entered only where all tries are left, on another SIM that is.
    Whole,
}

impl Caution {
    /// Whether the PIN may be entered with so many tries left; `None`: the modem does not tell.
    fn allows(self, left: Option<u8>) -> bool {
        match (self, left) {
            (Self::WholeOrUntold | Self::TwoOrUntold, None) => true,
            (Self::Whole, None) => false,
            (Self::WholeOrUntold | Self::Whole, Some(left)) => left >= ALL_TRIES,
            (Self::TwoOrUntold, Some(left)) => left >= 2,
        }
    }
}

/// Whether the PIN was tried, and what came of it.
#[derive(Debug, Default)]
pub(super) struct PinTrial {
    /// For one try.
    offer: Option<(Pin, Caution)>,
    refused: bool,
    entered: bool,
    rechecks: u8,
    /// What the owner was last told.
    told: Option<SimTrouble>,
}

impl Dialogue {
    /// Gives the PIN, for one try, after [`SimTrouble::PinMissing`]. Its owner has noted that it is tried.
    pub fn try_pin(&mut self, pin: Pin, caution: Caution) {
        self.pin.offer = Some((pin, caution));
        if let Stage::Locked { again } = &mut self.stage {
            *again = self.now;
        }
    }

    /// The PIN, as it is written; from here on it counts as tried.
    pub(super) fn pin_entry(&mut self) -> String {
        self.pin.entered = true;
        self.pin.rechecks = 0;
        self.pin.offer.take().map(|(pin, _)| format!("\"{}\"", pin.0)).unwrap_or_default()
    }

    /// The answer of `+CPIN?` or `+CPIN=` (27.007 8.3).
    pub(super) fn pin_answered(
        &mut self,
        mut start: Start,
        answers: &[String],
        error: Option<NetworkError>,
    ) {
        if start.step == Step::PinEntry {
            self.pin.refused |= error.is_some();
            start.go_to(Step::Pin);
            self.stage = Stage::Start(start);
            return;
        }
        let state = answers.first().map(|answer| answer.to_ascii_uppercase());
        match (error, state.as_deref()) {
            (Some(NetworkError::Cme(10) | NetworkError::Cms(310)), _) => {
                self.locked(SimTrouble::NoSim)
            }
            (Some(NetworkError::Cme(11) | NetworkError::Cms(311)), _) => self.pin_wanted(start),
            (Some(NetworkError::Cme(12) | NetworkError::Cms(316)), _) => {
                self.locked(SimTrouble::Puk)
            }
            (Some(NetworkError::Cme(13 | 15) | NetworkError::Cms(313 | 315)), _) => {
                self.locked(SimTrouble::Failed)
            }
            (Some(error), _) if error.is_busy() && start.may_wait() => self.wait_a_while(start),
            // A modem that does not know the question may still have a SIM that works.
            (Some(_), _) => self.go_on(start),
            (None, Some("SIM PIN")) => self.pin_wanted(start),
            (None, Some("SIM PUK")) => self.locked(SimTrouble::Puk),
            (None, Some("NOT INSERTED" | "NO SIM" | "NOT READY")) => self.locked(SimTrouble::NoSim),
            (None, Some(state)) if state.starts_with("PH-") => self.locked(SimTrouble::Locked),
            // READY, a bare OK, or PIN2 and PUK2, which guard nothing that we use.
            (None, _) => {
                if std::mem::take(&mut self.pin).entered {
                    self.tell(Event::PinTaken);
                }
                self.go_on(start);
            }
        }
    }

    fn pin_wanted(&mut self, mut start: Start) {
        if self.pin.entered && self.pin.rechecks < MOST_RECHECKS && !self.pin.refused {
            // Some modems need a while to notice that the SIM is open.
            self.pin.rechecks = self.pin.rechecks.saturating_add(1);
            return self.wait_a_while(start);
        }
        if std::mem::take(&mut self.pin.entered) || self.pin.refused {
            self.pin.refused = true;
            return self.locked(SimTrouble::PinRefused);
        }
        if self.pin.offer.is_none() {
            return self.locked(SimTrouble::PinMissing);
        }
        start.go_to(Step::PinTries);
        self.stage = Stage::Start(start);
    }

    /// The modem told how many tries are left, or does not know the question.
    pub(super) fn tries_told(&mut self, mut start: Start, answers: &[String]) {
        let left = answers.iter().find_map(|answer| tries(answer));
        if left.is_none() && start.step == Step::PinTries {
            return self.go_on(start);
        }
        if self.pin.offer.as_ref().is_some_and(|(_, caution)| caution.allows(left)) {
            start.go_to(Step::PinEntry);
            self.stage = Stage::Start(start);
        } else if left.is_some() {
            self.locked(SimTrouble::TriesSpent);
        } else {
            self.locked(SimTrouble::PinRefused);
        }
    }

    fn locked(&mut self, trouble: SimTrouble) {
        self.stage = Stage::Locked { again: self.now.saturating_add(self.settings.poll_every) };
        if self.pin.told.replace(trouble) != Some(trouble) {
            self.tell(Event::SimPin(trouble));
        }
    }

    /// The SIM was asked again.
    pub(super) fn locked_answered(&mut self, answers: &[String], error: Option<NetworkError>) {
        let start = Start::at_pin();
        self.pin_answered(start, answers, error);
    }
}

/// The tries that are left for the PIN: `+CPINR: SIM PIN,3,3` (27.007 8.65) or `+SPIC: 3,10,3,10` (SIM7600, SIM800).
fn tries(answer: &str) -> Option<u8> {
    let fields = fields(answer);
    let first = bare(fields.first()?);
    if first.eq_ignore_ascii_case("SIM PIN") {
        return fields.get(1)?.parse().ok();
    }
    first.parse().ok()
}
