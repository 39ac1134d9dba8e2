//! The PIN of the SIM (`+CPIN`, 27.007 8.3).
//!
//! It is tried once: three wrong ones block the SIM, and then no alarm leaves the site until somebody finds the
//! PUK. An entry whose outcome is not known counts as refused when the SIM still asks. Where the modem tells how
//! often the PIN may still be wrong, it is not tried at all once one try is spent: so a daemon that is started again
//! and again spends one.

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

/// Whether the PIN was tried, and what came of it.
#[derive(Debug)]
pub(super) struct PinTrial {
    refused: bool,
    entered: bool,
    /// The modem told that a try is spent.
    spent: bool,
    rechecks: u8,
}

impl PinTrial {
    pub(super) fn new(refused: bool) -> Self {
        Self { refused, entered: false, spent: false, rechecks: 0 }
    }

    /// Another SIM may be there, with all its tries.
    pub(super) fn ask_tries_again(&mut self) {
        self.spent = false;
    }

    pub(super) fn in_doubt(&self) -> bool {
        self.refused || self.entered
    }
}

impl Dialogue {
    /// The PIN, as it is written; from here on it counts as tried.
    pub(super) fn pin_entry(&mut self) -> String {
        self.pin.entered = true;
        self.pin.rechecks = 0;
        self.settings.pin.as_ref().map(|pin| format!("\"{}\"", pin.0)).unwrap_or_default()
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
                self.pin.entered = false;
                self.pin.spent = false;
                self.go_on(start);
            }
        }
    }

    fn pin_wanted(&mut self, mut start: Start) {
        if self.settings.pin.is_none() {
            return self.locked(SimTrouble::PinMissing);
        }
        if self.pin.refused {
            return self.locked(SimTrouble::PinRefused);
        }
        if self.pin.entered && self.pin.rechecks >= MOST_RECHECKS {
            self.pin.refused = true;
            return self.locked(SimTrouble::PinRefused);
        }
        if self.pin.entered {
            // Some modems need a while to notice that the SIM is open.
            self.pin.rechecks = self.pin.rechecks.saturating_add(1);
            return self.wait_a_while(start);
        }
        if self.pin.spent {
            return self.locked(SimTrouble::TriesSpent);
        }
        start.go_to(Step::PinTries);
        self.stage = Stage::Start(start);
    }

    /// The modem told how many tries are left, or something else, which is no reason to leave the SIM shut.
    pub(super) fn tries_told(&mut self, start: Start, answers: &[String]) {
        match answers.iter().find_map(|answer| tries(answer)) {
            Some(left) if left < ALL_TRIES => {
                self.pin.spent = true;
                self.locked(SimTrouble::TriesSpent);
            }
            _ => self.go_on(start),
        }
    }

    fn locked(&mut self, trouble: SimTrouble) {
        let told = matches!(&self.stage, Stage::Locked { trouble: told, .. } if *told == trouble);
        self.stage =
            Stage::Locked { trouble, again: self.now.saturating_add(self.settings.poll_every) };
        if !told {
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
