//! What a restart changes: every wait goes on, on the clock of this boot.

use crate::watch::alarm::{AlarmNumber, Pending};
use crate::watch::name::InputName;
use crate::watch::notification::{DOUBT, NotificationId, Progress};
use crate::watch::site::PhoneNumber;
use crate::watch::state::State;
use crate::watch::time::{Moment, Wait};

impl State {
    pub(super) fn resume(&mut self, now: Moment) {
        let alarms: Vec<AlarmNumber> = self.alarms.keys().copied().collect();
        for number in alarms {
            self.on_alarm(number, |alarm| {
                if let Some(Pending::Activation { wait, .. } | Pending::Return { wait }) =
                    alarm.pending.as_deref_mut()
                {
                    *wait = wait.resumed(now);
                }
                if let Some(quiet) = &mut alarm.quiet {
                    quiet.resume(now);
                }
                if let Some(passages) = &mut alarm.passages {
                    passages.resume(now);
                }
                if let Some(open) = &mut alarm.open {
                    open.ladder.resume(now);
                    open.stage.resume(now);
                    if let Some(testing) = &mut open.activation.testing {
                        testing.until = testing.until.resumed(now);
                    }
                }
            });
        }
        self.resume_drills(now);
        self.resume_life_sign(now);
        let notifications: Vec<NotificationId> = self.notifications.keys().copied().collect();
        for id in notifications {
            self.resume_notification(id, now);
        }
        self.resume_storms(now);
        self.resume_swaps(now);
        let paths: Vec<InputName> = self.passages.keys().cloned().collect();
        for from in paths {
            self.on_passage(&from, |passage| passage.resume(now));
        }
        self.on_roster(|roster| roster.resume(now));
        let list = self.quiet.next_list().map(|list| list.resumed(now));
        self.plan_list(list);
        let numbers: Vec<PhoneNumber> = self.conversations.keys().cloned().collect();
        for number in numbers {
            self.on_number(&number, |talk| {
                talk.locked = talk.locked.map(|wait: Wait| wait.resumed(now));
            });
        }
    }

    fn resume_notification(&mut self, id: NotificationId, now: Moment) {
        let mut was_leaving = false;
        self.on_notification(id, |owed| {
            owed.expires = owed.expires.map(|wait| wait.resumed(now));
            match &mut owed.state {
                Progress::Sending { .. } => was_leaving = true,
                Progress::Doubtful(doubt) => doubt.until = doubt.until.resumed(now),
                Progress::Postponed(wait) => *wait = wait.resumed(now),
                Progress::Sent(sent) => sent.report = sent.report.resumed(now),
                Progress::Queued => {}
            }
        });
        if was_leaving {
            self.doubted(id, now.wait(DOUBT));
        }
    }
}
