//! What decisions change of alarms, their occurrences, codes and policies.

use std::sync::Arc;

use crate::watch::alarm::{
    Activation, Alarm, AlarmNumber, Occurrence, OccurrenceNumber, Pending, PolicyNumber, Told,
};
use crate::watch::codes::{Binding, Code};
use crate::watch::escalation::{FrozenPolicy, Ladder};
use crate::watch::name::PersonId;
use crate::watch::signal::Signal;
use crate::watch::site::Priority;
use crate::watch::stage::Stage;
use crate::watch::state::{NORMAL_LIMIT, Owner, State, UNCLAIMED_LIMIT, Unclaimed};
use crate::watch::time::{Moment, Utc};

impl State {
    /// Counts a signal in its group; a new group takes the place of the one that was seen longest ago, where there is no room.
    pub(super) fn add_unclaimed(
        &mut self,
        group: &Arc<str>,
        sample: Option<&Signal>,
        reason: &Option<Arc<str>>,
        now: Utc,
    ) {
        self.counters.unclaimed = self.counters.unclaimed.saturating_add(1);
        if let Some(known) = self.unclaimed.get_mut(group) {
            known.count = known.count.saturating_add(1);
            known.last = now;
            known.reason.clone_from(reason);
            return;
        }
        let Some(sample) = sample else { return };
        if self.unclaimed.len() >= UNCLAIMED_LIMIT {
            let known = self.unclaimed.iter().min_by_key(|(_, known)| known.last);
            if let Some(oldest) = known.map(|(group, _)| Arc::clone(group)) {
                self.unclaimed.remove(&oldest);
            }
        }
        let sample = Box::new(sample.clone());
        let first = Unclaimed { count: 1, first: now, last: now, sample, reason: reason.clone() };
        self.unclaimed.insert(Arc::clone(group), first);
    }

    /// An alarm, as a snapshot has it or as it was met for the first time.
    pub(super) fn know(&mut self, alarm: Alarm) {
        self.counters.alarm = self.counters.alarm.max(alarm.number.0);
        self.find_by_key(&alarm);
        self.alarms.insert(alarm.number, alarm);
    }

    /// By its definition and key an alarm is found; the one that stands for its tests, apart.
    pub(in crate::watch) fn find_by_key(&mut self, alarm: &Alarm) {
        let (definition, key) = (alarm.definition.clone(), Arc::clone(&alarm.key));
        if alarm.is_test {
            self.tests.insert((definition, key), alarm.number);
        } else {
            self.by_key.entry(definition).or_default().insert(key, alarm.number);
        }
    }

    fn forget(&mut self, number: AlarmNumber) {
        let Some(alarm) = self.alarms.remove(&number) else { return };
        if let Some(due) = alarm.queued {
            self.deadlines.remove(&(due, Owner::Alarm(number)));
        }
        if alarm.is_test {
            self.tests.remove(&(alarm.definition, alarm.key));
        } else if let Some(keys) = self.by_key.get_mut(&alarm.definition) {
            keys.remove(&alarm.key);
            if keys.is_empty() {
                self.by_key.remove(&alarm.definition);
            }
        }
    }

    /// An alarm of which nothing stands and nothing is waited for is remembered while there is
    /// room, if it ever was active; one that is needed is never forgotten.
    pub(in crate::watch) fn remember_or_forget(&mut self, number: AlarmNumber) {
        let Some(alarm) = self.alarms.get(&number) else { return };
        let last = alarm.last.as_ref().map(|last| last.closed);
        let idle = alarm.open.is_none() && alarm.pending.is_none() && alarm.quiet.is_none();
        match (idle, last) {
            (true, None) => self.forget(number),
            (true, Some(closed)) => {
                if self.normal.insert((closed, number)) {
                    self.one_more_normal(number);
                }
            }
            (false, Some(closed)) => {
                if self.normal.remove(&(closed, number)) {
                    self.one_less_normal(number);
                }
            }
            (false, None) => {}
        }
        while self.normal.len() > NORMAL_LIMIT {
            if let Some((_, oldest)) = self.normal.pop_first() {
                self.one_less_normal(oldest);
                self.forget(oldest);
            }
        }
    }

    pub(super) fn pending(&mut self, number: AlarmNumber, pending: Option<&Pending>) {
        self.on_alarm(number, |alarm| alarm.pending = pending.cloned().map(Box::new));
        self.remember_or_forget(number);
    }

    pub(super) fn opened(&mut self, number: AlarmNumber, occurrence: Occurrence) {
        self.counters.occurrence = self.counters.occurrence.max(occurrence.number.0);
        if !self.alarms.contains_key(&number) {
            return;
        }
        self.open.insert(occurrence.number, number);
        self.on_alarm(number, |alarm| {
            alarm.pending = None;
            alarm.open = Some(Box::new(occurrence));
        });
        self.remember_or_forget(number);
    }

    pub(super) fn reactivated(
        &mut self,
        number: OccurrenceNumber,
        activation: &Activation,
        now: Utc,
    ) {
        let Some(alarm) = self.open.get(&number).copied() else { return };
        self.on_alarm(alarm, |alarm| alarm.pending = None);
        self.on_open(number, |open| {
            open.becomes(activation);
            open.active = !activation.momentary;
            open.active_since = now;
            open.returned = activation.momentary.then_some(now);
            open.latched = activation.latch;
            open.repeats = open.repeats.saturating_add(1);
        });
    }

    pub(super) fn repeated(&mut self, number: OccurrenceNumber) {
        self.on_open(number, |open| open.repeats = open.repeats.saturating_add(1));
    }

    pub(super) fn graded(&mut self, number: OccurrenceNumber, activation: &Activation) {
        self.on_open(number, |open| open.becomes(activation));
    }

    pub(super) fn returned(&mut self, number: OccurrenceNumber, now: Utc) {
        self.on_open(number, |open| {
            open.active = false;
            open.returned = Some(now);
        });
    }

    pub(super) fn reset(&mut self, number: OccurrenceNumber) {
        self.on_open(number, |open| open.latched = false);
    }

    pub(super) fn climbed(&mut self, number: OccurrenceNumber, ladder: &Ladder) {
        self.on_open(number, |open| open.ladder = ladder.clone());
    }

    pub(super) fn declined(&mut self, number: OccurrenceNumber, by: &PersonId) {
        self.on_open(number, |open| {
            if !open.declined.contains(by) {
                open.declined.push(by.clone());
            }
        });
    }

    pub(super) fn staged(
        &mut self,
        number: OccurrenceNumber,
        stage: &Stage,
        ladder: &Ladder,
        new_run: bool,
        now: Moment,
    ) {
        let mut dead = Vec::new();
        self.on_open(number, |open| {
            open.stage = stage.clone();
            open.climbs(ladder);
            open.declined.retain(|person| !stage.is_held_by(person));
            if new_run {
                open.run = open.run.saturating_add(1);
                dead = open.told.iter_mut().filter_map(Told::run_over).collect();
            }
        });
        for code in dead {
            self.codes.kill(code, now.utc);
        }
    }

    pub(super) fn closed(&mut self, number: OccurrenceNumber, now: Utc) {
        let Some(alarm_number) = self.open.remove(&number) else { return };
        let Some(alarm) = self.alarms.get_mut(&alarm_number) else { return };
        self.busy.forget(alarm);
        self.swaps.forget(alarm);
        let Some(open) = alarm.open.take() else { return };
        alarm.last = Some(Box::new(open.ended(now)));
        // The cause may be back already, and on its way through the on-delay.
        let is_hidden = alarm.hidden().is_some();
        if !is_hidden && matches!(alarm.pending.as_deref(), Some(Pending::Return { .. })) {
            alarm.pending = None;
        }
        for (code, _) in open.told.iter().filter_map(|told| told.code) {
            self.codes.kill(code, now);
        }
        self.requeue_alarm(alarm_number);
        self.remember_or_forget(alarm_number);
        self.closed_in_storm(number);
    }

    pub(super) fn code_drawn(
        &mut self,
        code: Code,
        person: &PersonId,
        occurrence: OccurrenceNumber,
        run: u32,
    ) {
        self.codes.bind(
            code,
            Binding { person: person.clone(), occurrence, run, listed: None, died: None },
        );
        self.on_open(occurrence, |open| open.entry(person).code = Some((code, run)));
    }

    pub(super) fn policy_frozen(&mut self, number: PolicyNumber, policy: &Arc<FrozenPolicy>) {
        self.counters.policy = self.counters.policy.max(number.0);
        self.current.insert(policy.name.clone(), number);
        self.policies.insert(number, Arc::clone(policy));
    }

    pub(super) fn policy_forgotten(&mut self, number: PolicyNumber) {
        self.policies.remove(&number);
        self.current.retain(|_, current| *current != number);
    }
}

impl Occurrence {
    pub(super) fn opened(
        number: OccurrenceNumber,
        activation: &Activation,
        stage: &Stage,
        ladder: &Ladder,
        now: Utc,
    ) -> Self {
        Self {
            number,
            active: !activation.momentary,
            opened: now,
            active_since: now,
            returned: activation.momentary.then_some(now),
            latched: activation.latch,
            repeats: 0,
            stage: stage.clone(),
            run: 0,
            ladder: ladder.clone(),
            declined: Vec::new(),
            flapping: false,
            fallen_from: None,
            told: Vec::new(),
            activation: activation.clone(),
        }
    }

    /// How bad it was at the worst since people were last called from the first step on.
    pub(in crate::watch) fn worst(&self) -> Priority {
        self.fallen_from.unwrap_or(self.activation.priority)
    }

    fn becomes(&mut self, activation: &Activation) {
        let worst = self.worst();
        self.fallen_from = (worst > activation.priority).then_some(worst);
        self.activation = activation.clone();
    }

    /// Its ladder stands there; whoever is called from the first step on is told how bad it is now.
    pub(in crate::watch) fn climbs(&mut self, ladder: &Ladder) {
        if ladder.begins() {
            self.fallen_from = None;
        }
        self.ladder = ladder.clone();
    }

    /// This person's entry among those who are told.
    pub(super) fn entry(&mut self, person: &PersonId) -> &mut Told {
        let known = self.told.iter().position(|told| told.person == *person);
        let place = known.unwrap_or_else(|| {
            // Most alarms call one person: a vector's usual first four would cost a storm dearly.
            self.told.reserve_exact(1);
            self.told.push(Told::not_yet(person));
            self.told.len().saturating_sub(1)
        });
        self.told.get_mut(place).expect("the entry was found there, or put there")
    }
}

impl Told {
    fn not_yet(person: &PersonId) -> Self {
        Self { person: person.clone(), code: None, reached: 0, before: false }
    }

    /// A new run begins: the code of the last one dies.
    fn run_over(&mut self) -> Option<Code> {
        self.before = self.was_reached();
        self.reached = 0;
        self.code.take().map(|(code, _)| code)
    }
}
