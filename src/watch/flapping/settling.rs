//! Settling: each passage of an alarm, what follows where it begins to flap, and its true state when it no longer does.

use std::time::Duration;

use super::{AWAY, Flap, FlappingRule, Slots};
use crate::watch::alarm::{Activation, Alarm, AlarmNumber, Occurrence, OccurrenceNumber};
use crate::watch::decision::{Fact, Why};
use crate::watch::draft::Draft;
use crate::watch::signal::Tells;
use crate::watch::stage::Stage;
use crate::watch::storm::News;
use crate::watch::time::{Utc, Wait};

/// What a passage to active does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::watch) enum Turn {
    /// What it does to any alarm.
    Calls,
    /// The same, and it flaps from now on.
    Flaps,
    /// Nothing but to be counted: it flaps.
    Counts,
}

impl Draft<'_> {
    fn flap(&mut self, flap: Flap) {
        self.fact(Fact::Flap(flap));
    }

    /// An alarm passes to active. Where it flaps, that is counted and no more.
    pub(in crate::watch) fn comes(&mut self, number: AlarmNumber, activation: &Activation) -> Turn {
        let state = self.state;
        let Some(alarm) = state.alarms.get(&number) else { return Turn::Calls };
        let flaps = alarm.open.as_deref().filter(|open| open.flapping);
        let rule = self.rule(alarm);
        // An event that calls nobody is over at once: there is nobody to spare.
        let calls_nobody = activation.momentary && activation.policy.is_none();
        let slots = self.passes(alarm, rule, (!activation.momentary, !calls_nobody));
        if let Some(open) = flaps {
            if alarm.pending.is_some() {
                self.fact(Fact::PendingOver { alarm: number });
            }
            self.again(open, activation.clone(), Tells::News);
            return Turn::Counts;
        }
        match (slots, rule) {
            (Some(slots), Some(rule)) if slots.is_above(rule.on) && !calls_nobody => Turn::Flaps,
            (Some(_) | None, Some(_) | None) => Turn::Calls,
        }
    }

    /// An alarm passes to inactive; whether that is only counted, because it flaps.
    pub(in crate::watch) fn goes(&mut self, open: &Occurrence) -> bool {
        let state = self.state;
        if let Some(alarm) = state.alarm_of(open.number) {
            let rule = self.rule(alarm);
            self.passes(alarm, rule, (false, false));
        }
        open.flapping
    }

    fn rule(&self, alarm: &Alarm) -> Option<FlappingRule> {
        self.site.definitions.get(alarm.definition.as_str())?.flapping
    }

    /// One more passage: whether the cause is present after it, and whether the alarm may begin to flap by it. `None` where there was none before within the window, or nobody asks.
    fn passes(
        &mut self,
        alarm: &Alarm,
        rule: Option<FlappingRule>,
        (present, begins): (bool, bool),
    ) -> Option<Slots> {
        let number = alarm.number;
        let leaves = self.leaves(alarm, present);
        let Some(rule) = rule else {
            // The files ask for it no more. What flaps does so until it has settled.
            if let Some(known) = alarm.passages.as_deref().filter(|_| alarm.is_flapping()) {
                let (slots, rest) = (known.slots, known.rest);
                self.flap(Flap::Passed { alarm: number, slots, rest, present, leaves });
            }
            return None;
        };
        let (before, age) = match &alarm.passages {
            Some(known) => (known.slots, known.age(self.now)),
            None => (Slots::ONE, self.since_latest(alarm).filter(|age| *age < rule.window)?),
        };
        let slots = before.passed(rule.slots_in(age));
        let flaps = alarm.is_flapping() || (begins && slots.is_above(rule.on));
        let rest = if flaps { rule.settles_in(slots) } else { rule.window };
        let rest = self.now.wait(rest);
        self.flap(Flap::Passed { alarm: number, slots, rest, present, leaves });
        Some(slots)
    }

    /// When an alarm is away after this passage, if it flaps: some time after its cause has gone.
    fn leaves(&self, alarm: &Alarm, present: bool) -> Option<Wait> {
        if present || !alarm.is_flapping() {
            None
        } else if alarm.cause_is_present() {
            Some(self.now.wait(AWAY))
        } else {
            alarm.passages.as_ref().and_then(|passages| passages.leaves)
        }
    }

    /// How long ago it changed, as its occurrences tell.
    fn since_latest(&self, alarm: &Alarm) -> Option<Duration> {
        let open = alarm.open.iter().flat_map(|open| [Some(open.active_since), open.returned]);
        let last = alarm.last.iter().flat_map(|last| [Some(last.active_since), last.returned]);
        let latest: Utc = open.chain(last).flatten().max()?;
        Some(latest.until(self.now.utc))
    }

    /// It flaps from now on.
    pub(in crate::watch) fn begins_to_flap(&mut self, occurrence: OccurrenceNumber) {
        self.flap(Flap::Begun { occurrence });
    }

    /// It flaps, and its cause was gone for long: what it kept quiet is looked at.
    pub(in crate::watch) fn goes_away(&mut self, alarm: &Alarm) {
        self.flap(Flap::Away { alarm: alarm.number });
    }

    /// Whoever was called already, or is about to be, is told that it flaps.
    pub(in crate::watch) fn tell_unstable(&mut self, open: &Occurrence) {
        let mut audience = self.audience(open);
        let called = open.told.iter().map(|told| &told.person);
        let more: Vec<_> = called.filter(|person| !audience.contains(person)).cloned().collect();
        audience.extend(more);
        for person in audience {
            self.tell_news(open, &person, News::Flaps);
        }
    }

    /// It has come to rest: the true state counts.
    pub(in crate::watch) fn settles(&mut self, alarm: &Alarm, open: &Occurrence) {
        let is_present = alarm.cause_is_present();
        self.flap(Flap::Over { occurrence: open.number });
        let after = Occurrence { flapping: false, ..open.clone() };
        if open.activation.momentary {
            self.tell(&after, &News::HappensNoMore);
            self.close_if_over(&after);
        } else if is_present {
            // What is kept quiet on purpose calls nobody either when it has come to rest.
            let causes = open.activation.causes.as_deref();
            match self.because(&alarm.definition, Some(alarm), causes) {
                None => self.stays(&after),
                // Whoever is asked already goes on being asked.
                Some(_) if after.unacknowledged() => {}
                Some(because) => self.settles_unseen(alarm, &after, &because),
            }
        } else {
            // Where it closes, everybody is told that it is normal again.
            if !self.closes(&after) {
                self.tell(&after, &News::SettledNormal);
            }
            self.has_returned(&after);
        }
    }

    /// Its cause is still present: people are told, and nobody has answered to that yet.
    fn stays(&mut self, after: &Occurrence) {
        match &after.stage {
            Stage::NotRequired => self.inform_again(after, Why::Reactivated),
            Stage::Unacknowledged { so_far } if so_far.is_empty() => {
                self.tell(after, &News::SettledActive);
            }
            Stage::Unacknowledged { .. } | Stage::Acknowledged { .. } | Stage::Confirmed { .. } => {
                self.tell_holders(after, after, &News::SettledVoid);
                self.reopen(after, Why::Reactivated);
            }
        }
    }

    fn tell(&mut self, open: &Occurrence, news: &News) {
        for person in self.audience(open) {
            self.tell_news(open, &person, news.clone());
        }
    }
}
