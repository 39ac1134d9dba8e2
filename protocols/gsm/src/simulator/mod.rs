//! A modem with its SIM and its network, simulated: bytes and time in, bytes out.
//!
//! Tests and the demonstration share it. It is strict where real modems are: no message before PDU mode, PIN and
//! registration; a length that does not fit its PDU is refused; what is typed at the prompt is text; a command
//! between Ctrl-Z and the result costs the result. It keeps no promise that a modem does not keep, and its faults
//! are those of the field. What kind of modem it is, and what happens to it, can be written in a [`Script`]. It never
//! reads a clock, and draws no lots: the same calls give the same bytes.

mod acknowledgement;
mod calls;
mod commands;
mod control;
mod expectation;
mod extended;
mod faults;
mod head;
mod messages;
mod network;
mod operator;
mod profile;
mod script;
mod settings;
mod sim;
mod terminal;
mod timing;
mod ussd;

use std::time::Duration;

pub use control::Control;
pub use expectation::Expectation;
pub use faults::Fault;
pub use network::{Sent, Submitted};
pub use profile::{EmptySlot, Profile, ReportStore};
pub use script::{Act, Misread, Owner, Script, ScriptError, Step, When};

use calls::Ringing;
use faults::Faults;
use network::Network;
use settings::Settings;
use sim::Sim;
use terminal::Input;
use timing::Timing;

/// Time since an arbitrary origin, handed in by the caller; never read here.
pub type Instant = Duration;

/// What nobody read is lost beyond this.
const MOST_OUTPUT: usize = 1 << 20;

/// Whether it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Power {
    On,
    /// It hears nothing until then, and says at its end what it says at a start, unless it is silent.
    Booting {
        until: Instant,
        silent: bool,
    },
}

/// A message on its way to the network.
#[derive(Debug)]
struct Transmission {
    at: Instant,
    pdu: Vec<u8>,
    /// The answer is lost: somebody typed meanwhile.
    disturbed: bool,
}

/// A simulated modem: feed it bytes and time, take what it says.
#[derive(Debug)]
pub struct Modem {
    profile: Profile,
    now: Instant,
    power: Power,
    settings: Settings,
    input: Input,
    output: Vec<u8>,
    timing: Timing,
    transmission: Option<Transmission>,
    /// What was handed over must be acknowledged before then.
    unacknowledged: Option<Instant>,
    ringing: Option<Ringing>,
    calls_ended: u32,
    sim: Sim,
    network: Network,
    faults: Faults,
}

impl Modem {
    /// A modem that has just been switched on.
    #[must_use]
    pub fn new(profile: Profile, now: Instant) -> Self {
        let mut modem = Self {
            now,
            power: Power::On,
            settings: Settings::at_start(&profile),
            input: Input::default(),
            output: Vec::new(),
            timing: Timing::awake(&profile, now),
            transmission: None,
            unacknowledged: None,
            ringing: None,
            calls_ended: 0,
            sim: Sim::new(&profile),
            network: Network::new(&profile),
            faults: Faults::default(),
            profile,
        };
        if !modem.profile.boot_time.is_zero() {
            modem.reset(false);
        }
        modem
    }

    /// Takes what was written to its port.
    pub fn receive(&mut self, bytes: &[u8], now: Instant) {
        self.elapse(now);
        if self.power != Power::On || self.faults.is_mute(self.now) || self.pauses() {
            return;
        }
        if self.is_deaf_to(bytes) {
            return;
        }
        for byte in bytes {
            self.typed(*byte);
        }
        self.deliver_held();
    }

    /// Time has passed; to be called at the [`Self::deadline`], and harmless at any other moment.
    pub fn elapse(&mut self, now: Instant) {
        self.now = self.now.max(now);
        if let Power::Booting { until, silent } = self.power
            && until <= self.now
        {
            self.power = Power::On;
            self.awake(silent);
        }
        self.finish_slow();
        if self.transmission.as_ref().is_some_and(|transmission| transmission.at <= self.now) {
            self.transmitted();
        }
        self.say_due();
        self.miss_acknowledgement();
        self.ring();
        self.network.make_reports(self.now, &self.profile);
        self.deliver_held();
    }

    /// When [`Self::elapse`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let boot = match self.power {
            Power::On => None,
            Power::Booting { until, .. } => Some(until),
        };
        let transmission = self.transmission.as_ref().map(|transmission| transmission.at);
        let due = self.timing.due();
        let rings = self.ringing.as_ref().map(|ringing| ringing.next);
        let report = self.network.next_report();
        [boot, transmission, due, self.unacknowledged, rings, report].into_iter().flatten().min()
    }

    /// Another SIM is put in: the modem restarts.
    pub fn insert_sim(&mut self, subscriber: &str, now: Instant) {
        self.elapse(now);
        subscriber.clone_into(&mut self.profile.subscriber);
        self.sim = Sim::new(&self.profile);
        self.reset(false);
    }

    /// The bytes that it has said since the last call; `None`: none.
    pub fn transmit(&mut self) -> Option<Vec<u8>> {
        (!self.output.is_empty()).then(|| std::mem::take(&mut self.output))
    }

    /// Says a line unasked.
    pub fn say(&mut self, line: &str) {
        self.write(format!("\r\n{line}\r\n").as_bytes());
    }

    fn write(&mut self, bytes: &[u8]) {
        let lost = self.power != Power::On || self.faults.is_mute(self.now);
        if !lost && self.output.len().saturating_add(bytes.len()) <= MOST_OUTPUT {
            self.output.extend_from_slice(bytes);
        }
    }

    /// Everything that is not on the SIM is lost; the SIM is locked again.
    fn reset(&mut self, silent: bool) {
        self.settings = Settings::at_start(&self.profile);
        self.input = Input::default();
        self.output.clear();
        self.timing = Timing::default();
        self.transmission = None;
        self.unacknowledged = None;
        self.ringing = None;
        self.sim.lock();
        self.power =
            Power::Booting { until: self.now.saturating_add(self.profile.boot_time), silent };
        if self.profile.boot_time.is_zero() {
            self.elapse(self.now);
        }
    }
}
