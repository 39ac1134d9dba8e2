//! The board: what each output shows, of what is counted and of whether the house lives. No clock is read here.

use std::time::Duration;

use vigie_contacts::{Annunciator, Demand, Showing};

use super::super::points::{instant, mono};
use super::tally::{Bits, Counted, Tally};
use crate::config::{OutputSettings, Shows};
use crate::health::OutputState;
use crate::watch::alarm::AlarmNumber;
use crate::watch::time::Mono;

/// How long a life relay holds after the watch was asked and has answered.
pub(super) const LEASE: Duration = Duration::from_secs(10);

/// What an output is to show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::adapters::contacts) struct Sign {
    /// As people are told.
    pub(in crate::adapters::contacts) state: OutputState,
    /// Whether it is on, and not at rest.
    pub(in crate::adapters::contacts) on: bool,
    /// Until when that holds; then it is to rest.
    pub(in crate::adapters::contacts) until: Option<Mono>,
}

impl Default for Sign {
    fn default() -> Self {
        Self { state: OutputState::Rest, on: false, until: None }
    }
}

impl Sign {
    /// Whether it is the same to who looks at it.
    pub(super) fn looks_like(&self, other: &Self) -> bool {
        self.state == other.state && self.on == other.on
    }
}

#[derive(Debug)]
struct Shown {
    annunciator: Annunciator,
    is_relay: bool,
    is_siren: bool,
    blinks: bool,
}

/// All outputs.
#[derive(Debug)]
pub(super) struct Board {
    outputs: Vec<Shown>,
    tally: Tally,
    /// Until when life relays hold.
    alive: Option<Mono>,
    /// Whether everything was looked at once.
    is_known: bool,
}

impl Board {
    /// Outputs that show nothing yet.
    pub(super) fn new<'o>(outputs: impl Iterator<Item = &'o OutputSettings>, now: Mono) -> Self {
        let shown = |output: &OutputSettings| Shown {
            annunciator: Annunciator::new(output.rule, instant(now)),
            is_relay: output.shows == Shows::Alive,
            is_siren: matches!(output.shows, Shows::Unacknowledged(_)),
            blinks: output.rule.blinks(),
        };
        let outputs: Vec<Shown> = outputs.map(shown).collect();
        let tally = Tally::of(outputs.len());
        Self { outputs, tally, alive: None, is_known: false }
    }

    /// These alarms are so now; if it is everything, no other stands.
    pub(super) fn take(
        &mut self,
        alarms: Vec<(AlarmNumber, Option<Counted>)>,
        is_whole: bool,
        now: Mono,
    ) {
        self.is_known |= is_whole;
        let new = if is_whole {
            self.tally.take_all(alarms)
        } else {
            let take = |new: Bits, (alarm, now)| new | self.tally.take(alarm, now);
            alarms.into_iter().fold(0, take)
        };
        for (place, shown) in self.outputs.iter_mut().enumerate() {
            if shown.is_relay {
                continue;
            }
            let demand = match (self.tally.many(place), Tally::is_new(new, place)) {
                (0, _) => Demand::Nothing,
                (_, true) => Demand::New,
                (_, false) => Demand::AsBefore,
            };
            shown.annunciator.demand(demand, instant(now));
        }
    }

    /// The watch has answered a question of that time, and can write its record or not.
    pub(super) fn lives(&mut self, asked: Mono, writes: bool) {
        self.alive = writes.then(|| asked.after(LEASE));
    }

    /// Somebody has silenced the sirens.
    pub(super) fn silence(&mut self, now: Mono) {
        for siren in self.outputs.iter_mut().filter(|shown| shown.is_siren) {
            siren.annunciator.silence(instant(now));
        }
    }

    /// What each output is to show now; `None` while nobody knows.
    pub(super) fn signs(&mut self, now: Mono) -> Option<Vec<Sign>> {
        self.alive = self.alive.filter(|until| now < *until);
        let alive = self.alive;
        let now = instant(now);
        let sign = |shown: &mut Shown| {
            if shown.is_relay {
                let lives = if alive.is_some() { Demand::AsBefore } else { Demand::Nothing };
                shown.annunciator.demand(lives, now);
            }
            let on = shown.annunciator.is_on(now);
            let state = match shown.annunciator.shown(now) {
                Showing::Rest => OutputState::Rest,
                Showing::On if shown.blinks => OutputState::Blinking,
                Showing::On => OutputState::On,
                Showing::Silenced => OutputState::Silenced,
                Showing::Ended => OutputState::Ended,
            };
            Sign { state, on, until: alive.filter(|_| shown.is_relay) }
        };
        let signs = self.outputs.iter_mut().map(sign).collect();
        self.is_known.then_some(signs)
    }

    /// When the signs change by themselves next.
    pub(super) fn due(&self) -> Option<Mono> {
        let due = self.outputs.iter().filter_map(|shown| shown.annunciator.due()).map(mono);
        let relays = self.outputs.iter().any(|shown| shown.is_relay);
        due.chain(self.alive.filter(|_| relays)).min()
    }
}

#[cfg(test)]
mod tests;
