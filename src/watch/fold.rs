//! Taking a decision in: the only way in which the watch's state changes.
//!
//! The same function runs when the decision is taken and when the journal is replayed. A fact
//! that speaks of what does not exist changes nothing: a record is never a reason to panic.

use std::sync::Arc;

use super::acknowledgement::Stage;
use super::alarm::{Activation, Alarm, AlarmNumber, Occurrence, OccurrenceNumber, Pending, Told};
use super::codes::{Binding, Code};
use super::decision::{Decision, Fact};
use super::escalation::Ladder;
use super::name::{DefinitionName, PersonId};
use super::notification::{Ending, Notification, NotificationId, Progress, Purpose};
use super::site::PhoneNumber;
use super::state::{Conversation, NORMAL_LIMIT, Owner, PATIENCE, State, UNCLAIMED_LIMIT, Unclaimed};
use super::time::{Mono, Moment, Utc, Wait};

impl State {
    /// Takes a decision in.
    pub fn take(&mut self, decision: &Decision) {
        self.latest = Some(decision.moment);
        for fact in &decision.facts {
            self.take_fact(fact, decision.moment);
        }
    }

    fn take_fact(&mut self, fact: &Fact, now: Moment) {
        match fact {
            Fact::Heard { identity } => self.heard.hear(*identity),
            Fact::Unclaimed { group, sample, reason } => self.add_unclaimed(group, sample.as_deref(), reason, now.utc),
            Fact::AlarmKnown { alarm, definition, key } => self.know(*alarm, definition, key),
            Fact::Pending { alarm, pending } => self.on_alarm(*alarm, |alarm| alarm.pending = Some(pending.clone())),
            Fact::PendingOver { alarm } => self.pending_over(*alarm),
            Fact::Opened { alarm, occurrence, activation, stage, ladder } => {
                self.opened(*alarm, Occurrence::opened(*occurrence, activation, stage, ladder, now.utc));
            }
            Fact::Staged { occurrence, stage, ladder, new_run, why: _ } => {
                self.staged(*occurrence, stage, ladder, *new_run, now);
            }
            Fact::Closed { occurrence } => self.closed(*occurrence, now.utc),
            Fact::CodeDrawn { code, person, occurrence, run } => self.code_drawn(*code, person, *occurrence, *run),
            Fact::Reactivated { .. }
            | Fact::Repeated { .. }
            | Fact::Graded { .. }
            | Fact::Returned { .. }
            | Fact::Withdrawn { .. }
            | Fact::Reset { .. }
            | Fact::Climbed { .. }
            | Fact::Declined { .. } => self.take_occurrence_fact(fact, now),
            Fact::Owed { .. }
            | Fact::Settled { .. }
            | Fact::Attempted { .. }
            | Fact::Sent { .. }
            | Fact::PartDelivered { .. }
            | Fact::Postponed { .. }
            | Fact::Released { .. } => self.take_notification_fact(fact, now),
            Fact::WrongCode { number } => self.on_number(number, |talk| remember(&mut talk.wrong, now.utc)),
            Fact::Explained { number } => self.on_number(number, |talk| remember(&mut talk.explained, now.utc)),
            Fact::LockedOut { number, wait } => self.on_number(number, |talk| {
                talk.locked = Some(*wait);
                talk.wrong.clear();
            }),
            Fact::Unlocked { number } => self.on_number(number, |talk| talk.locked = None),
            Fact::PolicyFrozen { number, policy } => {
                self.counters.policy = self.counters.policy.max(number.0);
                self.current.insert(policy.name.clone(), *number);
                self.policies.insert(*number, Arc::clone(policy));
            }
            Fact::PolicyForgotten { number } => {
                self.policies.remove(number);
                self.current.retain(|_, current| current != number);
            }
            Fact::OwnRaised { alarm, subject } => {
                self.own.insert((*alarm, Arc::clone(subject)));
            }
            Fact::OwnCleared { alarm, subject } => {
                self.own.remove(&(*alarm, Arc::clone(subject)));
            }
            Fact::Resumed => self.resume(now),
        }
    }

    fn take_occurrence_fact(&mut self, fact: &Fact, now: Moment) {
        match fact {
            Fact::Reactivated { occurrence, activation } => self.on_open(*occurrence, |open| {
                open.activation = activation.clone();
                open.active = !activation.momentary;
                open.active_since = now.utc;
                open.returned = activation.momentary.then_some(now.utc);
                open.latched = activation.latch;
                open.repeats = open.repeats.saturating_add(1);
            }),
            Fact::Repeated { occurrence } => {
                self.on_open(*occurrence, |open| open.repeats = open.repeats.saturating_add(1));
            }
            Fact::Graded { occurrence, activation } => {
                self.on_open(*occurrence, |open| open.activation = activation.clone());
            }
            Fact::Returned { occurrence } | Fact::Withdrawn { occurrence } => self.on_open(*occurrence, |open| {
                open.active = false;
                open.returned = Some(now.utc);
            }),
            Fact::Reset { occurrence, .. } => self.on_open(*occurrence, |open| open.latched = false),
            Fact::Climbed { occurrence, ladder, .. } => self.on_open(*occurrence, |open| open.ladder = ladder.clone()),
            Fact::Declined { occurrence, by } => self.on_open(*occurrence, |open| {
                if !open.declined.contains(by) {
                    open.declined.push(by.clone());
                }
            }),
            _ => {}
        }
    }

    fn take_notification_fact(&mut self, fact: &Fact, now: Moment) {
        match fact {
            Fact::Owed { notification } => self.owed(notification),
            Fact::Settled { notification, ending } => self.settled(*notification, *ending),
            Fact::Attempted { notification, by } => {
                self.on_notification(*notification, |owed| {
                    owed.attempts = owed.attempts.saturating_add(1);
                    owed.state = Progress::Sending { by: by.clone(), since: now.utc };
                });
                self.reached(*notification);
            }
            Fact::Sent { notification, references, report } => self.on_notification(*notification, |owed| {
                if let Progress::Sending { by, .. } = &owed.state {
                    owed.state = Progress::Sent { by: by.clone(), references: references.clone(), report: *report };
                }
            }),
            Fact::PartDelivered { notification, reference } => self.on_notification(*notification, |owed| {
                if let Progress::Sent { references, .. } = &mut owed.state {
                    references.retain(|waiting| waiting != reference);
                }
            }),
            Fact::Postponed { notification, wait, why: _ } => {
                self.on_notification(*notification, |owed| owed.state = Progress::Postponed(*wait));
            }
            Fact::Released { notification } => {
                self.on_notification(*notification, |owed| owed.state = Progress::Queued);
            }
            _ => {}
        }
    }

    fn add_unclaimed(
        &mut self,
        group: &Arc<str>,
        sample: Option<&super::signal::Signal>,
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
            let oldest = self.unclaimed.iter().min_by_key(|(_, known)| known.last).map(|(group, _)| Arc::clone(group));
            if let Some(oldest) = oldest {
                self.unclaimed.remove(&oldest);
            }
        }
        let first =
            Unclaimed { count: 1, first: now, last: now, sample: Box::new(sample.clone()), reason: reason.clone() };
        self.unclaimed.insert(Arc::clone(group), first);
    }

    fn know(&mut self, number: AlarmNumber, definition: &DefinitionName, key: &Arc<str>) {
        self.counters.alarm = self.counters.alarm.max(number.0);
        self.by_key.entry(definition.clone()).or_default().insert(Arc::clone(key), number);
        self.alarms.insert(number, Alarm::new(number, definition.clone(), Arc::clone(key)));
    }

    fn forget(&mut self, number: AlarmNumber) {
        let Some(alarm) = self.alarms.remove(&number) else { return };
        if let Some(due) = alarm.queued {
            self.deadlines.remove(&(due, Owner::Alarm(number)));
        }
        if let Some(keys) = self.by_key.get_mut(&alarm.definition) {
            keys.remove(&alarm.key);
            if keys.is_empty() {
                self.by_key.remove(&alarm.definition);
            }
        }
    }

    fn pending_over(&mut self, number: AlarmNumber) {
        self.on_alarm(number, |alarm| alarm.pending = None);
        let never_active = self.alarms.get(&number).is_some_and(|alarm| alarm.open.is_none() && alarm.last.is_none());
        if never_active {
            self.forget(number);
        }
    }

    fn opened(&mut self, number: AlarmNumber, occurrence: Occurrence) {
        self.counters.occurrence = self.counters.occurrence.max(occurrence.number.0);
        let Some(alarm) = self.alarms.get_mut(&number) else { return };
        if let Some(last) = &alarm.last {
            self.normal.remove(&(last.closed, number));
        }
        self.open.insert(occurrence.number, number);
        alarm.pending = None;
        alarm.open = Some(Box::new(occurrence));
        self.requeue_alarm(number);
    }

    fn staged(&mut self, number: OccurrenceNumber, stage: &Stage, ladder: &Ladder, new_run: bool, now: Moment) {
        let mut dead = Vec::new();
        self.on_open(number, |open| {
            open.stage = stage.clone();
            open.ladder = ladder.clone();
            if let Some(holder) = stage.holders().last() {
                open.declined.retain(|person| *person != holder.person);
            }
            if new_run {
                open.run = open.run.saturating_add(1);
                dead = open.told.iter_mut().filter_map(|told| told.code.take()).map(|(code, _)| code).collect();
            }
        });
        for code in dead {
            self.codes.kill(code, now.utc);
        }
    }

    fn closed(&mut self, number: OccurrenceNumber, now: Utc) {
        let Some(alarm_number) = self.open.remove(&number) else { return };
        let Some(alarm) = self.alarms.get_mut(&alarm_number) else { return };
        let Some(open) = alarm.open.take() else { return };
        alarm.last = Some(Box::new(open.ended(now)));
        alarm.pending = None;
        for (code, _) in open.told.iter().filter_map(|told| told.code) {
            self.codes.kill(code, now);
        }
        self.requeue_alarm(alarm_number);
        self.normal.insert((now, alarm_number));
        while self.normal.len() > NORMAL_LIMIT {
            if let Some((_, oldest)) = self.normal.pop_first() {
                self.forget(oldest);
            }
        }
    }

    fn code_drawn(&mut self, code: Code, person: &PersonId, occurrence: OccurrenceNumber, run: u32) {
        self.codes.bind(code, Binding { person: person.clone(), occurrence, run, died: None });
        self.on_open(occurrence, |open| match open.told.iter_mut().find(|told| told.person == *person) {
            Some(told) => told.code = Some((code, run)),
            None => open.told.push(Told { person: person.clone(), code: Some((code, run)), reached: false }),
        });
    }

    fn owed(&mut self, notification: &Notification) {
        self.counters.notification = self.counters.notification.max(notification.id.0);
        if let Some(occurrence) = notification.occurrence {
            self.about.entry(occurrence).or_default().push(notification.id);
        }
        self.notifications.insert(notification.id, notification.clone());
        self.requeue_notification(notification.id);
    }

    fn settled(&mut self, id: NotificationId, _ending: Ending) {
        let Some(owed) = self.notifications.remove(&id) else { return };
        if let Some(due) = owed.queued {
            self.deadlines.remove(&(due, Owner::Notification(id)));
        }
        let Some(occurrence) = owed.occurrence else { return };
        if let Some(about) = self.about.get_mut(&occurrence) {
            about.retain(|known| *known != id);
            if about.is_empty() {
                self.about.remove(&occurrence);
            }
        }
    }

    /// An attempt at a call has begun: whoever it is for may have read it.
    fn reached(&mut self, id: NotificationId) {
        let Some(owed) = self.notifications.get(&id) else { return };
        let (Purpose::Call | Purpose::Information, Some(occurrence)) = (owed.purpose, owed.occurrence) else { return };
        let person = owed.person.clone();
        self.on_open(occurrence, |open| match open.told.iter_mut().find(|told| told.person == person) {
            Some(told) => told.reached = true,
            None => open.told.push(Told { person, code: None, reached: true }),
        });
    }

    fn resume(&mut self, now: Moment) {
        let alarms: Vec<AlarmNumber> = self.alarms.keys().copied().collect();
        for number in alarms {
            self.on_alarm(number, |alarm| {
                if let Some(Pending::Activation { wait, .. } | Pending::Return { wait }) = &mut alarm.pending {
                    *wait = wait.resumed(now);
                }
                if let Some(open) = &mut alarm.open {
                    open.ladder.resume(now);
                    open.stage.resume(now);
                }
            });
        }
        let notifications: Vec<NotificationId> = self.notifications.keys().copied().collect();
        for id in notifications {
            self.on_notification(id, |owed| {
                owed.expires = owed.expires.map(|wait| wait.resumed(now));
                match &mut owed.state {
                    // Nobody knows whether it left: it is said again, in the same words.
                    Progress::Sending { .. } => owed.state = Progress::Queued,
                    Progress::Postponed(wait) | Progress::Sent { report: wait, .. } => *wait = wait.resumed(now),
                    Progress::Queued => {}
                }
            });
        }
        let numbers: Vec<PhoneNumber> = self.conversations.keys().cloned().collect();
        for number in numbers {
            self.on_number(&number, |talk| talk.locked = talk.locked.map(|wait: Wait| wait.resumed(now)));
        }
    }

    pub(super) fn on_alarm(&mut self, number: AlarmNumber, change: impl FnOnce(&mut Alarm)) {
        if let Some(alarm) = self.alarms.get_mut(&number) {
            change(alarm);
            self.requeue_alarm(number);
        }
    }

    fn on_open(&mut self, number: OccurrenceNumber, change: impl FnOnce(&mut Occurrence)) {
        let Some(alarm) = self.open.get(&number).copied() else { return };
        self.on_alarm(alarm, |alarm| {
            if let Some(open) = &mut alarm.open {
                change(open);
            }
        });
    }

    pub(super) fn on_notification(&mut self, id: NotificationId, change: impl FnOnce(&mut Notification)) {
        if let Some(owed) = self.notifications.get_mut(&id) {
            change(owed);
            self.requeue_notification(id);
        }
    }

    pub(super) fn on_number(&mut self, number: &PhoneNumber, change: impl FnOnce(&mut Conversation)) {
        let talk = self.conversations.entry(number.clone()).or_default();
        change(talk);
        let due = talk.locked.map(|wait| wait.mono);
        requeue(&mut self.deadlines, &mut talk.queued, due, || Owner::Number(number.clone()));
    }

    pub(super) fn requeue_alarm(&mut self, number: AlarmNumber) {
        let Some(alarm) = self.alarms.get_mut(&number) else { return };
        let pending = alarm.pending.as_ref().map(|pending| pending.wait().mono);
        let open = alarm.open.as_ref().and_then(|open| open.next_wait()).map(|wait| wait.mono);
        let due = [pending, open].into_iter().flatten().min();
        requeue(&mut self.deadlines, &mut alarm.queued, due, || Owner::Alarm(number));
    }

    pub(super) fn requeue_notification(&mut self, id: NotificationId) {
        let Some(owed) = self.notifications.get_mut(&id) else { return };
        let due = owed.next_wait().map(|wait| wait.mono);
        requeue(&mut self.deadlines, &mut owed.queued, due, || Owner::Notification(id));
    }
}

impl Occurrence {
    fn opened(
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
            told: Vec::new(),
            activation: activation.clone(),
        }
    }
}

fn requeue(
    deadlines: &mut std::collections::BTreeSet<(Mono, Owner)>,
    queued: &mut Option<Mono>,
    due: Option<Mono>,
    owner: impl Fn() -> Owner,
) {
    if *queued == due {
        return;
    }
    if let Some(old) = queued.take() {
        deadlines.remove(&(old, owner()));
    }
    if let Some(new) = due {
        deadlines.insert((new, owner()));
        *queued = Some(new);
    }
}

/// The last few times, the latest last.
fn remember(times: &mut Vec<Utc>, now: Utc) {
    if times.len() >= PATIENCE {
        times.remove(0);
    }
    times.push(now);
}
