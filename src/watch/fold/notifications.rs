//! What decisions change of notifications, and of who may have read one.

use std::sync::Arc;

use super::remember;
use crate::watch::name::InputName;
use crate::watch::notification::{
    Doubt, Ending, Notification, NotificationId, Progress, Purpose, Sent,
};
use crate::watch::state::{Owner, PATIENCE, State};
use crate::watch::time::{Utc, Wait};

impl State {
    pub(super) fn owe(&mut self, notification: &Arc<Notification>, now: Utc) {
        self.counters.notification = self.counters.notification.max(notification.id.0);
        for member in notification.about() {
            self.file_under(member.occurrence, notification.id);
        }
        self.owed_in_storm(notification, now);
        if notification.purpose == Purpose::Test {
            self.sms_tests.owed(notification);
            self.on_number(&notification.phone, |talk| remember(&mut talk.tested, PATIENCE, now));
        }
        self.notifications.insert(notification.id, Arc::clone(notification));
        self.requeue_notification(notification.id);
    }

    pub(super) fn settled(
        &mut self,
        id: NotificationId,
        ending: Ending,
        why: Option<&Arc<str>>,
        now: Utc,
    ) {
        self.sms_tests.ended(id, ending, why, now);
        let Some(owed) = self.notifications.remove(&id) else { return };
        if let Some(due) = owed.queued {
            self.deadlines.remove(&(due, Owner::Notification(id)));
        }
        let never_arrives = matches!(ending, Ending::Refused | Ending::Expired);
        if never_arrives && owed.may_have_arrived() {
            self.may_not_have_read(&owed);
        }
        for member in owed.about() {
            self.about.remove(&(member.occurrence, id));
        }
        self.settled_in_storm(&owed, ending, now);
        self.ended_at_its_number(&owed, ending);
        self.is_reported(&owed, ending);
    }

    pub(super) fn attempted(&mut self, id: NotificationId, by: &InputName, parts: u8, now: Utc) {
        self.sms_tests.attempted(id, by, now);
        self.on_notification(id, |owed| {
            owed.attempts = owed.attempts.saturating_add(1);
            owed.state = Progress::Sending { by: by.clone(), since: now, parts };
        });
    }

    pub(super) fn sent(&mut self, id: NotificationId, references: &[u8], report: Wait, now: Utc) {
        if let Some(Progress::Sending { by, since, parts }) =
            self.notifications.get(&id).map(|owed| &owed.state)
        {
            self.storms.measured(by, *since, now, *parts);
        }
        let mut left = None;
        self.on_notification(id, |owed| {
            let (by, counted) = match &owed.state {
                Progress::Sending { by, .. } => (by.clone(), false),
                Progress::Doubtful(doubt) => (doubt.by.clone(), true),
                Progress::Queued | Progress::Postponed(_) | Progress::Sent(_) => return,
            };
            let references = references.to_vec();
            owed.state = Progress::Sent(Box::new(Sent { by: by.clone(), references, report }));
            left = Some((!counted, by.clone(), owed.clone()));
        });
        let Some((is_new, by, owed)) = left else { return };
        self.taken_by(&by, &owed, now);
        self.sms_tests.taken(id, &by, references, now);
        if is_new {
            self.may_have_read(&owed);
        }
    }

    pub(super) fn part_delivered(&mut self, id: NotificationId, reference: u8) {
        self.on_notification(id, |owed| match &mut owed.state {
            Progress::Sent(sent) => sent.references.retain(|waiting| *waiting != reference),
            Progress::Doubtful(doubt) => doubt.parts = doubt.parts.saturating_sub(1),
            Progress::Queued | Progress::Postponed(_) | Progress::Sending { .. } => {}
        });
    }

    pub(super) fn postponed(&mut self, id: NotificationId, wait: Wait, may_have_left: bool) {
        if may_have_left {
            return self.doubted(id, wait);
        }
        self.on_notification(id, |owed| {
            if let Progress::Sending { by, .. } = &owed.state {
                owed.avoid = Some(by.clone());
            }
            owed.state = Progress::Postponed(wait);
        });
    }

    /// An attempt ended, and nobody knows how.
    pub(super) fn doubted(&mut self, id: NotificationId, until: Wait) {
        let mut left = None;
        self.on_notification(id, |owed| {
            let Progress::Sending { by, since, parts } = &owed.state else {
                // In a record of before November 2026.
                owed.state = Progress::Postponed(until);
                return;
            };
            let doubt = Doubt { by: by.clone(), since: *since, parts: *parts, until };
            owed.avoid = Some(doubt.by.clone());
            owed.state = Progress::Doubtful(Box::new(doubt));
            left = Some(owed.clone());
        });
        if let Some(owed) = left {
            self.may_have_read(&owed);
        }
    }

    pub(super) fn released(&mut self, id: NotificationId) {
        self.on_notification(id, |owed| {
            if let Progress::Sending { .. } = owed.state {
                // It never left.
                owed.attempts = owed.attempts.saturating_sub(1);
            }
            owed.state = Progress::Queued;
        });
    }

    /// A message about the occurrence has left, or may have: whoever it is for may have read it.
    pub(super) fn may_have_read(&mut self, owed: &Notification) {
        for member in owed.about().filter(|_| owed.purpose.tells()) {
            self.on_open(member.occurrence, |open| {
                let this_run = open.run == member.run;
                let told = open.entry(&owed.person);
                told.before |= !this_run;
                told.reached = told.reached.saturating_add(u32::from(this_run));
            });
        }
    }

    /// A message that had left will never arrive.
    fn may_not_have_read(&mut self, owed: &Notification) {
        for member in owed.about().filter(|_| owed.purpose.tells()) {
            self.on_open(member.occurrence, |open| {
                if open.run == member.run {
                    let told = open.entry(&owed.person);
                    told.reached = told.reached.saturating_sub(1);
                }
            });
        }
    }
}
