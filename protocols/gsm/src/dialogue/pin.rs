//! The PIN of the SIM (`+CPIN`, 27.007 8.3).
//!
//! It is tried once: three wrong ones block the SIM, and then no alarm leaves the site until somebody finds the
//! PUK. An entry whose outcome is not known counts as refused when the SIM still asks.

use std::fmt;

use super::start::{Start, Step};
use super::{Dialogue, Event, NetworkError, SimTrouble, Stage};

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
    rechecks: u8,
}

impl PinTrial {
    pub(super) fn new(refused: bool) -> Self {
        Self { refused, entered: false, rechecks: 0 }
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
        start.go_to(Step::PinEntry);
        self.stage = Stage::Start(start);
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
