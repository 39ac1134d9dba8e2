//! What Vigie finds wrong in its own house: told when it begins and when it is over, and shown meanwhile in the words of now.
//!
//! A fault stands for its subject: two modems that are lost are two faults. What an adapter finds again is no second one.
//!
//! # Decision (2026-11-27): a fault that stands is shown with its latest reason
//!
//! Whoever looks at the board at three in the morning must read why a sender is not taken now, not why it was not taken on the day
//! it began. So a fault that is found again, and for another reason, is renewed: that is on the record and on the board, and is
//! no repetition, calls nobody and ends no acknowledgement. A code still stands for what its person has read: only the text that
//! the last reason made is made anew, so that an alarm of which a definition of the files makes one for many subjects never turns
//! from the one into another behind a code. A reason that changes with every breath is renewed ever more rarely, from [`SETTLES`] to
//! once in [`LONGEST`], whatever an adapter does: a sender under forged names must not fill the disk. Adapters say what is so once a
//! minute, so that what was left out comes later. Rejected: the fault over and begun anew, which would call people again for the same fault; and a repetition,
//! which would count what is no new occurrence, and grade it.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::alarm::{Activation, Alarm, Pending};
use super::decision::Fact;
use super::definition::Reported;
use super::draft::Draft;
use super::own_alarms::{SelfAlarm, SelfSignal};
use super::state::State;
use super::suppression::Quieting;
use super::time::Utc;

/// So long the first reason stands at least before another takes its place, and twice as long each one after it.
const SETTLES: Duration = Duration::from_secs(30);
/// No reason need stand longer than this.
const LONGEST: Duration = Duration::from_secs(3_600);
/// What takes the place of a reason that has stood so long is a first one again.
const RESTS: Duration = Duration::from_secs(2 * 3_600);

/// Why a fault stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reason {
    /// In words.
    words: Arc<str>,
    /// Since when it is that.
    since: Utc,
    /// How often it was renewed without a rest.
    #[serde(default)]
    renewed: u32,
}

impl Reason {
    /// The one with which a fault begins.
    pub(super) fn first(words: &Arc<str>, now: Utc) -> Self {
        Self { words: Arc::clone(words), since: now, renewed: 0 }
    }

    /// The one that takes its place.
    pub(super) fn next(&self, words: &Arc<str>, now: Utc) -> Self {
        let renewed = if self.stands(now) < RESTS { self.renewed.saturating_add(1) } else { 0 };
        Self { renewed, ..Self::first(words, now) }
    }

    /// Whether it is too new for another to take its place.
    fn is_settling(&self, now: Utc) -> bool {
        let settles = SETTLES.saturating_mul(2_u32.saturating_pow(self.renewed));
        self.stands(now) < settles.min(LONGEST)
    }

    /// For how long it has stood. A clock that shows a time before it began has lied: then for long enough.
    fn stands(&self, now: Utc) -> Duration {
        if now < self.since { RESTS } else { self.since.until(now) }
    }
}

impl State {
    /// Why this fault stands, in words, if it does and that is known.
    pub fn reason(&self, alarm: SelfAlarm, subject: &str) -> Option<&str> {
        self.fault(alarm, subject)?.map(|reason| &*reason.words)
    }
}

impl Draft<'_> {
    /// Vigie has found something out about itself: a signal like any other.
    pub(super) fn own_signal(&mut self, own: &SelfSignal) {
        if own.alarm.is_momentary() {
            if own.alarm == SelfAlarm::ClockStepped {
                self.wait_by_the_wall_anew();
            }
            if own.active {
                self.read(&own.clone().into_signal(self.now.utc));
            }
            return;
        }
        let (alarm, subject) = (own.alarm, Arc::clone(&own.subject));
        let state = self.state;
        match (state.fault(own.alarm, &own.subject), own.active) {
            (None, false) => {}
            (Some(reason), true) => self.renewed(own, reason),
            (None, true) => {
                let reason = Some(Arc::clone(&own.reason));
                self.fact(Fact::OwnRaised { alarm, subject, reason });
                self.read(&own.clone().into_signal(self.now.utc));
            }
            (Some(_), false) => {
                self.fact(Fact::OwnCleared { alarm, subject });
                self.read(&own.clone().into_signal(self.now.utc));
            }
        }
    }

    /// The wall clock was set: what waits for a time of day waits for it as the clock shows it now.
    fn wait_by_the_wall_anew(&mut self) {
        self.wait_for_drills_anew();
        self.wait_for_life_sign_anew();
        self.plan_list_anew();
    }

    /// A fault that stands was found again. What was raised before reasons were on the record keeps its text until it is over:
    /// nobody knows which reason that text was made of.
    fn renewed(&mut self, own: &SelfSignal, known: Option<&Reason>) {
        let now = self.now.utc;
        if known.is_some_and(|known| known.words == own.reason || known.is_settling(now)) {
            return;
        }
        let (alarm, subject) = (own.alarm, Arc::clone(&own.subject));
        self.fact(Fact::OwnRenewed { alarm, subject, reason: Arc::clone(&own.reason) });
        let Some(known) = known else { return };
        let before = SelfSignal { reason: Arc::clone(&known.words), ..own.clone() };
        let (before, after) = (before.into_signal(now), own.clone().into_signal(now));
        let site = self.site;
        for definition in site.definitions.select(&after) {
            let (old, new) = (definition.read(&before), definition.read(&after));
            if let (Reported::Active { text: old_text, .. }, Reported::Active { text, .. }) =
                (old.condition, new.condition)
                && old.key == new.key
                && let Some(alarm) = self.state.alarm(definition.name.as_str(), &new.key)
            {
                self.reworded(alarm, &old_text, &text);
            }
        }
    }

    /// What stands in the old words, or is about to, stands in the new ones.
    fn reworded(&mut self, alarm: &Alarm, old: &Arc<str>, new: &Arc<str>) {
        let anew = |activation: &Activation| {
            let is_made_anew = activation.text == *old && old != new;
            is_made_anew.then(|| Activation { text: Arc::clone(new), ..activation.clone() })
        };
        if let Some(Pending::Activation { wait, as_ }) = alarm.pending.as_deref()
            && let Some(as_) = anew(as_)
        {
            let pending = Pending::Activation { wait: *wait, as_ };
            self.fact(Fact::Pending { alarm: alarm.number, pending });
        }
        if let Some(hidden) = alarm.hidden()
            && let Some(activation) = anew(&hidden.activation)
        {
            let activation = Some(activation);
            let again = Quieting::Again { alarm: alarm.number, counts: false, activation };
            self.fact(Fact::Quieted(again));
        }
        if let Some(open) = alarm.open.as_deref().filter(|open| open.active)
            && let Some(activation) = anew(&open.activation)
        {
            self.fact(Fact::Graded { occurrence: open.number, activation });
        }
    }

    /// The files are in force: a fault that stands, and of which they tell by other definitions than before, begins anew there.
    pub(super) fn mind_faults(&mut self) {
        let (state, site, now) = (self.state, self.site, self.now.utc);
        for ((alarm, subject), reason) in &state.own {
            let words = reason.as_ref().map_or("", |reason| &reason.words);
            let raised = SelfSignal::raised(*alarm, subject, words);
            let signal = raised.clone().into_signal(now);
            let mut tells = site
                .definitions
                .select(&signal)
                .filter_map(|definition| {
                    let reading = definition.read(&signal);
                    let is_active = matches!(reading.condition, Reported::Active { .. });
                    is_active.then(|| state.alarm(definition.name.as_str(), &reading.key))
                })
                .peekable();
            let is_seen = |alarm: &Alarm| alarm.is_active() || alarm.pending.is_some();
            if tells.peek().is_some() && !tells.any(|alarm| alarm.is_some_and(is_seen)) {
                self.own(SelfSignal::cleared(*alarm, subject));
                self.own(raised);
            }
        }
    }

    /// Whether an alarm is that of a fault of which the files tell by another definition than Vigie's own, or another of these.
    pub(super) fn is_told_elsewhere(&self, alarm: &Alarm) -> bool {
        let name = alarm.definition.as_str();
        let (general, _) = name.split_once(':').unwrap_or((name, ""));
        let Some(own) = SelfAlarm::ALL.into_iter().find(|own| own.name() == general) else {
            return false;
        };
        let signal = SelfSignal::raised(own, &alarm.key, "").into_signal(self.now.utc);
        !self.site.definitions.select(&signal).any(|known| known.name == alarm.definition)
    }
}
