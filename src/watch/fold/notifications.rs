//! What decisions change of notifications, and of who may have read one.

use std::sync::Arc;

use crate::watch::name::InputName;
use crate::watch::notification::{Ending, Notification, NotificationId, Progress, Sent};
use crate::watch::state::{Owner, State};
use crate::watch::time::{Utc, Wait};

impl State {
    pub(super) fn owe(&mut self, notification: &Arc<Notification>) {
        self.counters.notification = self.counters.notification.max(notification.id.0);
        if let Some(occurrence) = notification.occurrence {
            self.file_under(occurrence, notification.id);
        }
        self.notifications.insert(notification.id, Arc::clone(notification));
        self.requeue_notification(notification.id);
    }

    pub(super) fn settled(&mut self, id: NotificationId, ending: Ending) {
        let Some(owed) = self.notifications.remove(&id) else { return };
        if let Some(due) = owed.queued {
            self.deadlines.remove(&(due, Owner::Notification(id)));
        }
        if ending.reached_nobody() && owed.is_with_the_network() {
            self.may_not_have_read(&owed);
        }
        if let Some(occurrence) = owed.occurrence {
            self.about.remove(&(occurrence, id));
        }
    }

    pub(super) fn attempted(&mut self, id: NotificationId, by: &InputName, now: Utc) {
        self.on_notification(id, |owed| {
            owed.attempts = owed.attempts.saturating_add(1);
            owed.state = Progress::Sending { by: by.clone(), since: now };
        });
    }

    pub(super) fn sent(&mut self, id: NotificationId, references: &[u8], report: Wait) {
        let mut sent = None;
        self.on_notification(id, |owed| {
            if let Progress::Sending { by, .. } = &owed.state {
                let (by, references) = (by.clone(), references.to_vec());
                owed.state = Progress::Sent(Box::new(Sent { by, references, report }));
                sent = Some(owed.clone());
            }
        });
        if let Some(owed) = sent {
            self.may_have_read(&owed);
        }
    }

    pub(super) fn part_delivered(&mut self, id: NotificationId, reference: u8) {
        self.on_notification(id, |owed| {
            if let Progress::Sent(sent) = &mut owed.state {
                sent.references.retain(|waiting| *waiting != reference);
            }
        });
    }

    pub(super) fn postponed(&mut self, id: NotificationId, wait: Wait, may_have_left: bool) {
        let Some(owed) = self.notifications.get(&id).cloned() else { return };
        self.on_notification(id, |owed| owed.state = Progress::Postponed(wait));
        if may_have_left {
            self.may_have_read(&owed);
        }
    }

    pub(super) fn released(&mut self, id: NotificationId) {
        self.on_notification(id, |owed| owed.state = Progress::Queued);
    }

    /// A message about the occurrence has left, or may have: whoever it is for may have read it.
    pub(super) fn may_have_read(&mut self, owed: &Notification) {
        let Some(occurrence) = owed.occurrence.filter(|_| owed.purpose.tells()) else { return };
        self.on_open(occurrence, |open| {
            let this_run = open.run == owed.run;
            let told = open.entry(&owed.person);
            told.before |= !this_run;
            told.reached = told.reached.saturating_add(u32::from(this_run));
        });
    }

    /// A message that had left will never arrive.
    fn may_not_have_read(&mut self, owed: &Notification) {
        let Some(occurrence) = owed.occurrence.filter(|_| owed.purpose.tells()) else { return };
        self.on_open(occurrence, |open| {
            if open.run == owed.run {
                let told = open.entry(&owed.person);
                told.reached = told.reached.saturating_sub(1);
            }
        });
    }
}
