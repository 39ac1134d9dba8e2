//! The outputs of a device: each is set to what it is to show, at once, and again every few seconds.
//!
//! An operator may have switched one by hand, and a board that was without supply has forgotten all: so each is set
//! again, and read back where its device lets it be read. One that cannot be set is the alarm `output-lost`, with the
//! reason; contacts are read all the same.
//!
//! # Decision (2026-11-27): a device that is lost as a whole is one alarm
//!
//! What a device refuses is told at once. What it does not answer is told only once the device has answered something
//! else and then not this again: else it is gone as a whole, which is `input-lost`, with the names of its outputs.
//! Rejected: `output-lost` for each, which is one call for each relay of a board that has lost its supply.

use std::time::Duration;

use tracing::{info, warn};

use super::device::{Device, Unset, Wanted};
use super::outputs::Sign;
use crate::config::{ContactsSettings, OutputSettings};
use crate::health::{OutputState, Pulse};
use crate::host::clock::Clock;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::time::{Moment, Mono};

use vigie_contacts::Level;

/// How often an output is set that shows the same as before; and how long one that could not be set is left alone.
pub(super) const AGAIN: Duration = Duration::from_secs(5);

/// How long one that is not answered is left alone: each try may keep the contacts waiting.
pub(super) const AFTER_SILENCE: Duration = Duration::from_secs(30);
/// So long may it take at the start until it is known what is to be shown; then everything is let rest.
pub(super) const FIRST_SIGNS: Duration = Duration::from_secs(2);

/// The outputs of one device, for one life.
#[derive(Debug)]
pub(super) struct Driving {
    outputs: Vec<Driven>,
    /// What they are to show.
    pub(super) wanted: Wanted,
    /// Until when it is waited for what is to be shown.
    patience: Mono,
    /// An answer was missed: the device may have been without supply, and have forgotten.
    is_doubtful: bool,
}

#[derive(Debug)]
struct Driven {
    name: String,
    /// `contacts.cabinet.siren`
    called: String,
    rest: bool,
    sign: Sign,
    /// How it was set last, as far as it is known.
    set: Option<bool>,
    /// When it is set again.
    next: Mono,
    standing: Standing,
    /// What is to be told of it.
    own: Option<SelfSignal>,
}

/// Whether an output can be set.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Standing {
    /// Nobody knows yet.
    Unknown,
    /// It was.
    Set,
    /// The device did not answer; whether it answers anything is not known yet.
    Unanswered,
    /// It cannot, and why.
    Lost(String),
}

impl Driving {
    /// Outputs of which nothing is known.
    pub(super) fn of(settings: &ContactsSettings, wanted: Wanted, now: Mono) -> Self {
        let driven = |output: &OutputSettings| Driven {
            name: output.name.clone(),
            called: settings.output_called(output),
            rest: (output.rest == Level::Closed) != output.active_low,
            sign: Sign::default(),
            set: None,
            next: now,
            standing: Standing::Unknown,
            own: None,
        };
        let outputs = settings.outputs.iter().map(driven).collect();
        Self { outputs, wanted, patience: now.after(FIRST_SIGNS), is_doubtful: false }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.outputs.is_empty()
    }

    /// When one is to be set that nobody asks for.
    pub(super) fn due(&self) -> Option<Mono> {
        let due = |output: &Driven| [Some(output.next), output.sign.until];
        let due = self.outputs.iter().flat_map(due).flatten().min();
        // Nothing is set before, and then everything.
        due.map(|due| due.max(self.patience))
    }

    /// Sets what is to be set.
    pub(super) async fn drive(&mut self, device: &mut impl Device, pulse: &Pulse, clock: Clock) {
        let signs = self.wanted.signs.borrow_and_update().clone();
        if signs.is_empty() && clock.now().mono < self.patience {
            return;
        }
        self.patience = Mono::from_nanos(0);
        for (output, sign) in self.outputs.iter_mut().zip(signs) {
            output.sign = sign;
        }
        for (place, output) in self.outputs.iter_mut().enumerate() {
            let now = clock.now();
            output.lapse(now.mono);
            if let Some(bit) = output.to_set(now.mono) {
                let set = device.set(place, bit).await;
                let is_silent = matches!(set, Err(Unset::Unanswered(_)));
                output.take(bit, set, clock.now());
                if is_silent {
                    // The others have their turn once the contacts were read.
                    return;
                }
            }
            output.tell(pulse, now);
        }
    }

    /// Lets everything rest, since the house closes.
    pub(super) async fn rest(&mut self, device: &mut impl Device, pulse: &Pulse, clock: Clock) {
        for (place, output) in self.outputs.iter_mut().enumerate() {
            output.sign = Sign::default();
            match device.set(place, output.rest).await {
                Ok(()) => output.tell(pulse, clock.now()),
                Err(Unset::Refused(reason) | Unset::Unanswered(reason)) => {
                    warn!(output = %output.called, %reason, "an output does not rest while Vigie is stopped");
                }
            }
        }
    }

    /// The device has answered something: what it did not answer before is tried again.
    pub(super) fn answered(&mut self, now: Mono) {
        let all = std::mem::take(&mut self.is_doubtful);
        for output in &mut self.outputs {
            if all || matches!(output.standing, Standing::Unanswered) {
                output.next = output.next.min(now);
            }
        }
    }

    /// The device did not answer.
    pub(super) fn missed(&mut self) {
        self.is_doubtful = true;
    }

    /// Takes out what is to be told; the last is told first.
    pub(super) fn take_own(&mut self) -> Vec<SelfSignal> {
        self.outputs.iter_mut().rev().filter_map(|output| output.own.take()).collect()
    }

    /// What was not told after all.
    pub(super) fn give_back(&mut self, own: Vec<SelfSignal>) {
        for signal in own {
            let of = self.outputs.iter_mut().find(|output| *output.called == *signal.subject);
            if let Some(output) = of {
                output.own.get_or_insert(signal);
            }
        }
    }

    /// The device is gone, and with it all its outputs.
    pub(super) fn lost(&self, reason: &str, pulse: &Pulse, now: Moment) {
        for output in &self.outputs {
            pulse.output(&output.name, OutputState::Lost(reason.to_owned()), now.utc);
        }
    }
}

impl Driven {
    /// What nobody wants any more is at rest.
    fn lapse(&mut self, now: Mono) {
        if self.sign.until.is_some_and(|until| until <= now) {
            self.sign = Sign::default();
        }
    }

    /// How it is to be set now, if it is.
    fn to_set(&self, now: Mono) -> Option<bool> {
        let bit = self.rest != self.sign.on;
        let is_other = match &self.standing {
            Standing::Unknown | Standing::Set => self.set != Some(bit),
            // It is left alone for a while: each try may keep the contacts waiting.
            Standing::Unanswered | Standing::Lost(_) => false,
        };
        (is_other || self.next <= now).then_some(bit)
    }

    fn take(&mut self, bit: bool, set: Result<(), Unset>, now: Moment) {
        self.next = now.mono.after(AGAIN);
        match set {
            Ok(()) => {
                self.set = Some(bit);
                if self.standing != Standing::Set {
                    let was_lost = matches!(self.standing, Standing::Lost(_));
                    info!(output = %self.called, was_lost, "an output can be set");
                    self.standing = Standing::Set;
                    // Once in each life also where nothing is known: what an earlier one told is over.
                    self.own = Some(SelfSignal::cleared(SelfAlarm::OutputLost, &self.called));
                }
            }
            Err(Unset::Refused(reason)) => self.lose(reason),
            Err(Unset::Unanswered(reason)) => match &self.standing {
                Standing::Unknown | Standing::Set => {
                    (self.set, self.next) = (None, Mono::from_nanos(u64::MAX));
                    self.standing = Standing::Unanswered;
                }
                Standing::Unanswered | Standing::Lost(_) => {
                    self.next = now.mono.after(AFTER_SILENCE);
                    self.lose(reason);
                }
            },
        }
    }

    fn lose(&mut self, reason: String) {
        self.set = None;
        let lost = Standing::Lost(reason);
        if self.standing == lost {
            return;
        }
        self.standing = lost;
        if let Standing::Lost(reason) = &self.standing {
            warn!(output = %self.called, %reason, "an output cannot be set; it is tried again");
            self.own = Some(SelfSignal::raised(SelfAlarm::OutputLost, &self.called, reason));
        }
    }

    fn tell(&self, pulse: &Pulse, now: Moment) {
        let state = match &self.standing {
            Standing::Lost(reason) => OutputState::Lost(reason.clone()),
            Standing::Unknown | Standing::Unanswered => OutputState::Starting,
            Standing::Set => self.sign.state.clone(),
        };
        pulse.output(&self.name, state, now.utc);
    }
}

#[cfg(test)]
mod tests;
