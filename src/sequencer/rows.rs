//! What a round changes in the tables for questions: one row for each thing that it touched, as it
//! stands when the round is over.

use std::collections::{BTreeMap, BTreeSet};

use crate::journal::{AttemptRow, NotificationRow, OccurrenceRow, Row};
use crate::watch::alarm::{Alarm, AlarmNumber, Ended, Occurrence, OccurrenceNumber};
use crate::watch::decision::{Decision, Fact};
use crate::watch::flapping::Flap;
use crate::watch::name::InputName;
use crate::watch::notification::{Ending, Notification, NotificationId, Progress, Purpose};
use crate::watch::site::Channel;
use crate::watch::state::State;
use crate::watch::swap::Swapping;
use crate::watch::time::Utc;

/// What a round has touched. What has ended is kept as a row at once: the state forgets it.
#[derive(Debug, Default)]
pub(super) struct Touched {
    occurrences: BTreeMap<OccurrenceNumber, Option<OccurrenceRow>>,
    notifications: BTreeMap<NotificationId, Option<NotificationRow>>,
    attempts: Vec<AttemptRow>,
    closing: Vec<(OccurrenceNumber, AlarmNumber)>,
    alarms: BTreeSet<AlarmNumber>,
}

impl Touched {
    /// Looks at a decision before it is taken in: what it ends is still there.
    pub(super) fn before(&mut self, state: &State, decision: &Decision) {
        self.closing.clear();
        for fact in &decision.facts {
            self.foresee(state, fact, decision.utc());
        }
    }

    fn foresee(&mut self, state: &State, fact: &Fact, at: Utc) {
        match fact {
            Fact::Opened { alarm, occurrence, .. } => self.closing.push((*occurrence, *alarm)),
            Fact::Closed { occurrence } => {
                if let Some(alarm) = state.alarm_of(*occurrence) {
                    self.closing.push((*occurrence, alarm.number));
                }
            }
            Fact::Attempted { notification, by, parts: _ } => {
                self.attempted(state, *notification, by, at);
            }
            Fact::Sent { notification, references, .. } => {
                let references: Vec<String> = references.iter().map(ToString::to_string).collect();
                self.attempt_ended(state, *notification, at, "sent", Some(references.join(" ")));
            }
            Fact::Postponed { notification, why, .. } => {
                self.attempt_ended(state, *notification, at, why, None);
            }
            Fact::Settled { notification, ending, why: _ } => {
                self.settled(state, *notification, *ending, at);
            }
            Fact::Reactivated { .. }
            | Fact::Repeated { .. }
            | Fact::Graded { .. }
            | Fact::Returned { .. }
            | Fact::Withdrawn { .. }
            | Fact::Reset { .. }
            | Fact::Staged { .. }
            | Fact::Owed { .. }
            | Fact::Released { .. }
            | Fact::Heard { .. }
            | Fact::Unclaimed { .. }
            | Fact::Cut { .. }
            | Fact::AlarmKnown { .. }
            | Fact::Pending { .. }
            | Fact::PendingOver { .. }
            | Fact::Climbed { .. }
            | Fact::Declined { .. }
            | Fact::DeclinesEnded { .. }
            | Fact::CodeDrawn { .. }
            | Fact::PartDelivered { .. }
            | Fact::WrongCode { .. }
            | Fact::LockedOut { .. }
            | Fact::Unlocked { .. }
            | Fact::Explained { .. }
            | Fact::Answered { .. }
            | Fact::PolicyFrozen { .. }
            | Fact::PolicyForgotten { .. }
            | Fact::OwnRaised { .. }
            | Fact::OwnRenewed { .. }
            | Fact::OwnCleared { .. }
            | Fact::Learned(_)
            | Fact::EngineNoted(_)
            | Fact::Rostered(_)
            | Fact::Quieted(_)
            | Fact::Passing { .. }
            | Fact::Storm(_)
            | Fact::Swapping(_)
            | Fact::Beat(_)
            | Fact::Drill(_)
            | Fact::LifeSign(_)
            | Fact::Flap(_)
            | Fact::Resumed => {}
        }
    }

    /// All that the state knows: of some of it no round told.
    pub(super) fn all(&mut self, state: &State) {
        for alarm in state.alarms() {
            if let Some(ended) = alarm.last.as_deref() {
                self.occurrences.insert(ended.number, Some(of_ended(alarm, ended)));
            }
            if let Some(open) = alarm.open.as_deref() {
                self.occurrences.entry(open.number).or_default();
            }
        }
        for owed in state.notifications() {
            self.notifications.entry(owed.id).or_default();
        }
    }

    fn attempted(&mut self, state: &State, id: NotificationId, by: &InputName, at: Utc) {
        let Some(owed) = state.notification(id) else { return };
        self.attempts.push(AttemptRow {
            notification: owed.id.0,
            number: u64::from(owed.attempts).saturating_add(1),
            input: by.to_string(),
            started: at,
            ended: None,
            outcome: None,
            reference: None,
        });
    }

    /// Looks at a decision after it was taken in.
    pub(super) fn after(&mut self, state: &State, decision: &Decision) {
        for fact in &decision.facts {
            match fact {
                Fact::Opened { occurrence, .. }
                | Fact::Reactivated { occurrence, .. }
                | Fact::Repeated { occurrence }
                | Fact::Graded { occurrence, .. }
                | Fact::Returned { occurrence }
                | Fact::Withdrawn { occurrence }
                | Fact::Reset { occurrence, .. }
                | Fact::Swapping(Swapping::Moved { occurrence, .. })
                | Fact::Flap(Flap::Begun { occurrence } | Flap::Over { occurrence })
                | Fact::Staged { occurrence, .. } => {
                    self.occurrences.entry(*occurrence).or_default();
                }
                Fact::Closed { occurrence } => self.closed(state, *occurrence),
                Fact::Quieted(quieting) => self.alarms.extend(state.shown_by(quieting)),
                Fact::Owed { notification } => {
                    self.notifications.entry(notification.id).or_default();
                }
                Fact::Attempted { notification, .. }
                | Fact::Sent { notification, .. }
                | Fact::Postponed { notification, .. }
                | Fact::Released { notification } => {
                    self.notifications.entry(*notification).or_default();
                }
                Fact::Settled { .. }
                | Fact::Heard { .. }
                | Fact::Unclaimed { .. }
                | Fact::Cut { .. }
                | Fact::AlarmKnown { .. }
                | Fact::Pending { .. }
                | Fact::PendingOver { .. }
                | Fact::Climbed { .. }
                | Fact::Declined { .. }
                | Fact::DeclinesEnded { .. }
                | Fact::CodeDrawn { .. }
                | Fact::PartDelivered { .. }
                | Fact::WrongCode { .. }
                | Fact::LockedOut { .. }
                | Fact::Unlocked { .. }
                | Fact::Explained { .. }
                | Fact::Answered { .. }
                | Fact::PolicyFrozen { .. }
                | Fact::PolicyForgotten { .. }
                | Fact::OwnRaised { .. }
                | Fact::OwnRenewed { .. }
                | Fact::OwnCleared { .. }
                | Fact::Learned(_)
                | Fact::EngineNoted(_)
                | Fact::Rostered(_)
                | Fact::Swapping(Swapping::Group { .. })
                | Fact::Passing { .. }
                | Fact::Storm(_)
                | Fact::Beat(_)
                | Fact::Drill(_)
                | Fact::LifeSign(_)
                | Fact::Flap(Flap::Passed { .. } | Flap::Away { .. })
                | Fact::Resumed => {}
            }
        }
    }

    fn closed(&mut self, state: &State, occurrence: OccurrenceNumber) {
        let alarm =
            self.closing.iter().find(|(number, _)| *number == occurrence).map(|(_, alarm)| *alarm);
        self.alarms.extend(alarm);
        let Some(alarm) = alarm.and_then(|alarm| state.alarm_numbered(alarm)) else {
            return;
        };
        if let Some(ended) = alarm.last.as_deref().filter(|ended| ended.number == occurrence) {
            self.occurrences.insert(occurrence, Some(of_ended(alarm, ended)));
        }
    }

    fn settled(&mut self, state: &State, id: NotificationId, ending: Ending, at: Utc) {
        if let Some(owed) = state.notification(id) {
            if matches!(owed.state, Progress::Sending { .. }) {
                self.attempt_ended(state, id, at, ending.as_str(), None);
            }
            let row = NotificationRow {
                state: ending.as_str().to_owned(),
                ended: Some(at),
                ..of_notification(owed)
            };
            self.notifications.insert(id, Some(row));
        }
    }

    fn attempt_ended(
        &mut self,
        state: &State,
        id: NotificationId,
        at: Utc,
        outcome: &str,
        reference: Option<String>,
    ) {
        let Some(owed) = state.notification(id) else {
            return;
        };
        let Progress::Sending { by, since, parts: _ } = &owed.state else {
            return;
        };
        self.attempts.push(AttemptRow {
            notification: id.0,
            number: u64::from(owed.attempts),
            input: by.to_string(),
            started: *since,
            ended: Some(at),
            outcome: Some(outcome.to_owned()),
            reference,
        });
    }

    /// The alarm of an occurrence, also of one that the decision looked at last has ended.
    pub(super) fn alarm_of<'s>(
        &self,
        state: &'s State,
        occurrence: OccurrenceNumber,
    ) -> Option<&'s Alarm> {
        let ended = || {
            let (_, alarm) = self.closing.iter().find(|(number, _)| *number == occurrence)?;
            state.alarm_numbered(*alarm)
        };
        state.alarm_of(occurrence).or_else(ended)
    }

    /// A message that this round has ended, as its row will say.
    pub(super) fn ended(&self, id: NotificationId) -> Option<&NotificationRow> {
        self.notifications.get(&id)?.as_ref()
    }

    /// The rows, as everything stands now.
    pub(super) fn rows(&mut self, state: &State) -> Vec<Row> {
        let mut rows =
            Vec::with_capacity(self.occurrences.len().saturating_add(self.notifications.len()));
        for (number, row) in std::mem::take(&mut self.occurrences) {
            let row = row.or_else(|| {
                let alarm = state.alarm_of(number)?;
                self.alarms.insert(alarm.number);
                Some(of_open(alarm, alarm.open.as_deref()?))
            });
            rows.extend(row.map(Row::Occurrence));
        }
        for (id, row) in std::mem::take(&mut self.notifications) {
            let row = row.or_else(|| state.notification(id).map(of_notification));
            rows.extend(row.map(Row::Notification));
        }
        rows.extend(std::mem::take(&mut self.attempts).into_iter().map(Row::Attempt));
        rows
    }

    /// The alarms of which [`Touched::rows`] were asked.
    pub(super) fn alarms(&mut self) -> Vec<AlarmNumber> {
        std::mem::take(&mut self.alarms).into_iter().collect()
    }
}

fn of_open(alarm: &Alarm, open: &Occurrence) -> OccurrenceRow {
    let (taken, confirmed) = (open.stage.acknowledged(), open.stage.confirmed());
    OccurrenceRow {
        number: open.number.0,
        definition: alarm.definition.to_string(),
        key: alarm.key.to_string(),
        state: open.state().as_str().to_owned(),
        priority: open.activation.priority.as_str().to_owned(),
        text: open.activation.text.to_string(),
        opened: open.opened,
        active_since: open.active_since,
        returned: open.returned,
        acknowledged: taken.map(|holder| holder.since),
        acknowledged_by: taken.map(|holder| holder.person.to_string()),
        confirmed: confirmed.as_ref().map(|holder| holder.since),
        confirmed_by: confirmed.map(|holder| holder.person.to_string()),
        closed: None,
        repeats: open.repeats,
    }
}

fn of_ended(alarm: &Alarm, ended: &Ended) -> OccurrenceRow {
    OccurrenceRow {
        number: ended.number.0,
        definition: alarm.definition.to_string(),
        key: alarm.key.to_string(),
        state: "normal".to_owned(),
        priority: ended.priority.as_str().to_owned(),
        text: ended.text.to_string(),
        opened: ended.opened,
        active_since: ended.active_since,
        returned: ended.returned,
        acknowledged: ended.acknowledged.as_ref().map(|holder| holder.since),
        acknowledged_by: ended.acknowledged.as_ref().map(|holder| holder.person.to_string()),
        confirmed: ended.confirmed.as_ref().map(|holder| holder.since),
        confirmed_by: ended.confirmed.as_ref().map(|holder| holder.person.to_string()),
        closed: Some(ended.closed),
        repeats: ended.repeats,
    }
}

fn of_notification(owed: &Notification) -> NotificationRow {
    NotificationRow {
        id: owed.id.0,
        occurrence: owed.occurrence.map(|number| number.0),
        person: owed.person.to_string(),
        channel: match owed.channel {
            Channel::Sms => "sms".to_owned(),
        },
        kind: match owed.purpose {
            Purpose::Call => "call",
            Purpose::Information => "information",
            Purpose::Announcement => "announcement",
            Purpose::Reminder => "reminder",
            Purpose::Reply => "reply",
            Purpose::LoopBack => "loop-back",
            Purpose::Drill => "drill",
            Purpose::Notice => "notice",
            Purpose::LifeSign => "life-sign",
            Purpose::Test => "test",
        }
        .to_owned(),
        state: match owed.state {
            Progress::Queued | Progress::Postponed(_) => "queued",
            Progress::Sending { .. } => "sending",
            Progress::Doubtful(_) => "unknown",
            Progress::Sent(_) => "sent",
        }
        .to_owned(),
        text: owed.text.to_string(),
        created: owed.created,
        ended: None,
    }
}
