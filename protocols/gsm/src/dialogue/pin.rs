//! The PIN of the SIM (`+CPIN`, 27.007 8.3).
//!
//! Three wrong ones block the SIM, and then no alarm leaves the site until somebody finds the PUK. So the owner gives it
//! for each try, having been told how many are left, where the modem tells: he can weigh that, and note the try before the
//! SIM hears it. Here none is made without him, and none after the SIM has refused one.

use std::fmt;

use super::answers::{bare, fields};
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

/// What the owner was last told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Wanted(Option<u8>),
    Trouble(SimTrouble),
}

/// Whether the PIN was tried, and what came of it.
#[derive(Debug, Default)]
pub(super) struct PinTrial {
    /// For one try.
    offer: Option<Pin>,
    refused: bool,
    entered: bool,
    rechecks: u8,
    told: Option<Told>,
}

impl Dialogue {
    /// Gives the PIN, for one try, after [`Event::PinWanted`]. Its owner has noted that it is tried.
    pub fn try_pin(&mut self, pin: Pin) {
        self.pin.offer = Some(pin);
        if let Stage::Locked { again } = &mut self.stage {
            *again = self.now;
        }
    }

    /// The PIN, as it is written; from here on it counts as tried.
    pub(super) fn pin_entry(&mut self) -> String {
        self.pin.entered = true;
        self.pin.rechecks = 0;
        self.pin.offer.take().map(|pin| format!("\"{}\"", pin.0)).unwrap_or_default()
    }

    /// The answer of `+CPIN?` or `+CPIN=` (27.007 8.3).
    pub(super) fn pin_answered(
        &mut self,
        mut start: Start,
        answers: &[String],
        error: Option<NetworkError>,
    ) {
        if start.step == Step::PinEntry {
            // Any other error says that it was not heard: whether it was, the SIM tells.
            self.pin.refused |= matches!(error, Some(NetworkError::Cme(16)));
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
                self.pin = PinTrial::default();
                self.events.push_back(Event::SimOpen);
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
        let entered = std::mem::take(&mut self.pin.entered);
        if self.pin.refused {
            return self.locked(SimTrouble::PinRefused);
        }
        if entered {
            return self.locked(SimTrouble::PinDoubtful);
        }
        start.go_to(match self.pin.offer {
            Some(_) => Step::PinEntry,
            None => Step::PinTries,
        });
        self.stage = Stage::Start(start);
    }

    /// The modem told how many tries are left, or does not know the question.
    pub(super) fn tries_told(&mut self, start: Start, answers: &[String]) {
        let left = answers.iter().find_map(|answer| tries(answer));
        if left.is_none() && start.step == Step::PinTries {
            return self.go_on(start);
        }
        self.lock(Told::Wanted(left), Event::PinWanted { left });
    }

    fn locked(&mut self, trouble: SimTrouble) {
        if trouble == SimTrouble::NoSim {
            // Another one may be put in.
            self.pin.refused = false;
        }
        self.lock(Told::Trouble(trouble), Event::SimPin(trouble));
    }

    /// Told whatever else is to be told: without it the SIM stays shut.
    fn lock(&mut self, told: Told, event: Event) {
        self.stage = Stage::Locked { again: self.now.saturating_add(self.settings.poll_every) };
        if self.pin.told.replace(told) != Some(told) {
            self.events.push_back(event);
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
