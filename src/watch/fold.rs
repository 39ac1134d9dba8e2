//! Taking a decision in: the only way in which the watch's state changes.
//!
//! The same function runs when the decision is taken and when the journal is replayed. A fact
//! that speaks of what does not exist changes nothing: a record is never a reason to panic.

mod alarms;
mod notifications;
mod restart;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::alarm::{Alarm, AlarmNumber, Occurrence, OccurrenceNumber};
use super::conversation::ANSWERS;
use super::decision::{Decision, Fact};
use super::faults::Reason;
use super::name::{InputName, PersonId};
use super::notification::{Notification, NotificationId};
use super::own_alarms::SelfAlarm;
use super::paths::{Passage, Passing};
use super::site::PhoneNumber;
use super::state::{Conversation, LONG_PATIENCE, Owner, PATIENCE, State};
use super::time::{Moment, Mono, Utc};

impl State {
    /// Takes a decision in.
    pub fn take(&mut self, decision: &Decision) {
        self.latest = Some(decision.moment);
        for fact in &decision.facts {
            self.take_fact(fact, decision.moment);
        }
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each fact, and each arm is a call")]
    fn take_fact(&mut self, fact: &Fact, now: Moment) {
        match fact {
            Fact::Heard { identity } => self.heard.hear(*identity, now.utc),
            Fact::Unclaimed { group, sample, reason } => {
                self.add_unclaimed(group, sample.as_deref(), reason, now.utc);
            }
            Fact::Cut { .. } => self.counters.cut = self.counters.cut.saturating_add(1),
            Fact::AlarmKnown { alarm, definition, key, is_test } => {
                let (definition, key) = (definition.clone(), Arc::clone(key));
                self.know(Alarm { is_test: *is_test, ..Alarm::new(*alarm, definition, key) });
            }
            Fact::Pending { alarm, pending } => self.pending(*alarm, Some(pending)),
            Fact::PendingOver { alarm } => self.pending(*alarm, None),
            Fact::Opened { alarm, occurrence, activation, stage, ladder } => {
                let opened = Occurrence::opened(*occurrence, activation, stage, ladder, now.utc);
                self.opened(*alarm, opened);
            }
            Fact::Reactivated { occurrence, activation } => {
                self.reactivated(*occurrence, activation, now.utc);
            }
            Fact::Repeated { occurrence } => self.repeated(*occurrence),
            Fact::Graded { occurrence, activation } => self.graded(*occurrence, activation),
            Fact::Returned { occurrence } | Fact::Withdrawn { occurrence } => {
                self.returned(*occurrence, now.utc);
            }
            Fact::Reset { occurrence, by: _ } => self.reset(*occurrence),
            Fact::Closed { occurrence } => self.closed(*occurrence, now.utc),
            Fact::Staged { occurrence, why: _, stage, ladder, new_run } => {
                self.staged(*occurrence, stage, ladder, *new_run, now);
            }
            Fact::Climbed { occurrence, rung: _, ladder } => self.climbed(*occurrence, ladder),
            Fact::Declined { occurrence, by } => self.declined(*occurrence, by),
            Fact::DeclinesEnded { occurrence } => {
                self.on_open(*occurrence, |open| open.declined.clear());
            }
            Fact::CodeDrawn { code, person, occurrence, run } => {
                self.code_drawn(*code, person, *occurrence, *run);
            }
            Fact::Owed { notification } => self.owe(notification, now.utc),
            Fact::Settled { notification, ending, why } => {
                self.settled(*notification, *ending, why.as_ref(), now.utc);
            }
            Fact::Attempted { notification, by, parts } => {
                self.attempted(*notification, by, *parts, now.utc);
            }
            Fact::Sent { notification, references, report } => {
                self.sent(*notification, references, *report, now.utc);
            }
            Fact::PartDelivered { notification, reference } => {
                self.part_delivered(*notification, *reference);
            }
            Fact::Postponed { notification, why, wait, may_have_left } => {
                self.sms_tests.postponed(*notification, why, *may_have_left, now.utc);
                self.postponed(*notification, *wait, *may_have_left);
            }
            Fact::Released { notification } => self.released(*notification),
            Fact::WrongCode { number } => {
                self.on_number(number, |talk| remember(&mut talk.wrong, LONG_PATIENCE, now.utc));
            }
            Fact::Explained { number } => {
                self.on_number(number, |talk| remember(&mut talk.explained, PATIENCE, now.utc));
            }
            Fact::Answered { number } => {
                self.on_number(number, |talk| remember(&mut talk.answered, ANSWERS, now.utc));
            }
            Fact::LockedOut { number, wait } => {
                self.on_number(number, |talk| talk.locked = Some(*wait));
            }
            Fact::Unlocked { number } => self.on_number(number, |talk| talk.locked = None),
            Fact::PolicyFrozen { number, policy } => self.policy_frozen(*number, policy),
            Fact::PolicyForgotten { number } => self.policy_forgotten(*number),
            Fact::OwnRaised { alarm, subject, reason } => {
                let reason = reason.as_ref().map(|words| Reason::first(words, now.utc));
                self.own.insert((*alarm, Arc::clone(subject)), reason);
            }
            Fact::OwnRenewed { alarm, subject, reason } => {
                if let Some(known) = self.own.get_mut(&(*alarm, Arc::clone(subject))) {
                    let next = known.as_ref().map(|known| known.next(reason, now.utc));
                    *known = Some(next.unwrap_or_else(|| Reason::first(reason, now.utc)));
                }
            }
            Fact::OwnCleared { alarm, subject } => {
                self.own.remove(&(*alarm, Arc::clone(subject)));
                if *alarm == SelfAlarm::PersonUnreachable {
                    self.unreached.remove(&**subject);
                }
            }
            Fact::Learned(lesson) => {
                self.modems.entry(lesson.modem.clone()).or_default().learn(&lesson.learned);
            }
            Fact::EngineNoted(note) => {
                self.engines.entry(note.input.clone()).or_default().note(&note.noted);
            }
            Fact::Rostered(change) => self.on_roster(|roster| roster.change(change, now.utc)),
            Fact::Quieted(quieting) => self.quieted(quieting, now),
            Fact::Passing { from, passing } => self.passed(from, passing, now.utc),
            Fact::Storm(storming) => self.storming(storming, now),
            Fact::Swapping(swapping) => self.take_swapping(swapping),
            Fact::Beat(beat) => self.beat(beat, now),
            Fact::Flap(flap) => self.flap(flap),
            Fact::Drill(course) => self.drilled(course, now.utc),
            Fact::LifeSign(sign) => self.life_signed(sign),
            Fact::Resumed => self.resume(now),
        }
    }

    /// Changes an alarm, and what is kept of alarms elsewhere. One that is not known is left.
    pub(super) fn on_alarm(&mut self, number: AlarmNumber, change: impl FnOnce(&mut Alarm)) {
        if let Some(alarm) = self.alarms.get_mut(&number) {
            self.busy.forget(alarm);
            self.swaps.forget(alarm);
            change(alarm);
            self.busy.note(alarm);
            self.swaps.note(alarm);
            self.requeue_alarm(number);
        }
    }

    /// Changes an open occurrence; one that is not open is left.
    pub(super) fn on_open(
        &mut self,
        number: OccurrenceNumber,
        change: impl FnOnce(&mut Occurrence),
    ) {
        let Some(alarm) = self.open.get(&number).copied() else { return };
        self.on_alarm(alarm, |alarm| {
            if let Some(open) = &mut alarm.open {
                change(open);
            }
        });
    }

    /// Changes a message that is owed; one that is not is left.
    pub(super) fn on_notification(
        &mut self,
        id: NotificationId,
        change: impl FnOnce(&mut Notification),
    ) {
        if let Some(owed) = self.notifications.get_mut(&id).map(Arc::make_mut) {
            change(owed);
            self.requeue_notification(id);
        }
    }

    /// Changes what is remembered of a number.
    pub(super) fn on_number(
        &mut self,
        number: &PhoneNumber,
        change: impl FnOnce(&mut Conversation),
    ) {
        let talk = self.conversations.entry(number.clone()).or_default();
        change(talk);
        let due = talk.locked.map(|wait| wait.mono);
        requeue(&mut self.deadlines, &mut talk.queued, due, || Owner::Number(number.clone()));
    }

    fn passed(&mut self, from: &InputName, passing: &Passing, now: Utc) {
        match passing {
            Passing::Planned { path, next } => {
                let planned = || Passage::planned(path, *next, now);
                self.passages.entry(from.clone()).or_insert_with(planned);
            }
            Passing::Forgotten => {
                let queued = self.passages.remove(from).and_then(|passage| passage.queued);
                if let Some(due) = queued {
                    self.deadlines.remove(&(due, Owner::Path(from.clone())));
                }
            }
            Passing::Begun { .. } | Passing::Left { .. } | Passing::Came { .. } | Passing::Lost => {
            }
        }
        self.on_passage(from, |passage| passage.pass(passing, now));
    }

    /// Changes what is known of the path that begins at this modem.
    pub(super) fn on_passage(&mut self, from: &InputName, change: impl FnOnce(&mut Passage)) {
        let Some(passage) = self.passages.get_mut(from) else { return };
        change(passage);
        let due = Some(passage.next_wait().mono);
        requeue(&mut self.deadlines, &mut passage.queued, due, || Owner::Path(from.clone()));
    }

    fn requeue_alarm(&mut self, number: AlarmNumber) {
        let Some(alarm) = self.alarms.get_mut(&number) else { return };
        let pending = alarm.pending.as_ref().map(|pending| pending.wait().mono);
        let open = alarm.open.as_ref().and_then(|open| open.next_wait()).map(|wait| wait.mono);
        let quiet = alarm.quiet.as_ref().and_then(|quiet| quiet.next_wait()).map(|wait| wait.mono);
        let flaps = [alarm.settling(), alarm.leaving()].into_iter().flatten().min();
        let due = [pending, open, quiet, flaps].into_iter().flatten().min();
        requeue(&mut self.deadlines, &mut alarm.queued, due, || Owner::Alarm(number));
        self.file_quiet(number);
    }

    /// Files the deadline of what is gathered for a person.
    pub(super) fn requeue_stream(&mut self, person: &PersonId) {
        if let Some((due, queued)) = self.storms.deadline(person) {
            let due = due.map(|wait| wait.mono);
            requeue(&mut self.deadlines, queued, due, || Owner::Storm(person.clone()));
        }
    }

    /// Files the deadline of a message.
    pub(super) fn requeue_notification(&mut self, id: NotificationId) {
        self.mind_waiting(id);
        let Some(shared) = self.notifications.get_mut(&id) else { return };
        let due = shared.next_wait().map(|wait| wait.mono);
        // Taken out of what it shares with the outbox only where there is something to note.
        if shared.queued != due {
            let owed = Arc::make_mut(shared);
            requeue(&mut self.deadlines, &mut owed.queued, due, || Owner::Notification(id));
        }
    }
}

/// Files a deadline in the place of the one that is `queued`.
pub(super) fn requeue(
    deadlines: &mut BTreeSet<(Mono, Owner)>,
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
fn remember(times: &mut Vec<Utc>, most: usize, now: Utc) {
    if times.len() >= most {
        times.remove(0);
    }
    times.push(now);
}
