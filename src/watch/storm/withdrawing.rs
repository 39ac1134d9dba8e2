//! Withdrawing: what is no longer owed leaves what is gathered, and the digests that have not left.
//!
//! What somebody has answered the state tells; such a digest is worded anew soon. What moved with its group, is kept quiet or
//! is asked anew its person could still answer: so it is struck from the digest, which is worded anew without it. A digest that a
//! modem has in hand is not called back; should that attempt fail, it does not leave again as it was.

use std::collections::BTreeSet;

use super::{Kind, MERGE, Member, Storming};
use crate::watch::alarm::{AlarmNumber, Occurrence, OccurrenceNumber};
use crate::watch::decision::Fact;
use crate::watch::draft::Draft;
use crate::watch::name::PersonId;
use crate::watch::notification::{Ending, Notification, NotificationId};
use crate::watch::state::State;
use crate::watch::time::Wait;

/// What is no reason any more for a message that also tells of others.
#[derive(Debug, Default)]
pub(in crate::watch) struct Gone {
    /// What somebody has answered, or what is over.
    answered: BTreeSet<OccurrenceNumber>,
    /// What is not owed to its person any more, whatever they could still answer.
    struck: BTreeSet<OccurrenceNumber>,
    /// Whether it is worded anew at once.
    at_once: bool,
}

/// What becomes of what is taken back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::watch) enum Afterwards {
    /// It is told anew, from the first step.
    Anew,
    /// Others are told, or nobody: who reads of it now reads what is wrong.
    Void,
}

impl Notification {
    /// Those for which it is still owed, as far as the message knows.
    pub(super) fn owed_about(&self) -> impl Iterator<Item = Member> {
        let struck = self.digest.as_ref().map(|digest| &digest.struck);
        self.about()
            .filter(move |member| struck.is_none_or(|struck| !struck.contains(&member.occurrence)))
    }

    /// Of which alarm that occurrence is, where it says so.
    pub(super) fn alarm_told(&self, occurrence: OccurrenceNumber) -> Option<AlarmNumber> {
        self.alarm.or(self.digest.as_ref().and_then(|digest| digest.alarm_of(occurrence)))
    }

    /// Whether it waits to tell of that occurrence, in that run.
    fn waits_to_tell(&self, occurrence: OccurrenceNumber, run: u32) -> bool {
        let struck = self.digest.as_ref().is_some_and(|digest| digest.struck.contains(&occurrence));
        self.has_yet_to_leave() && !struck && self.run_of(occurrence) == Some(run)
    }
}

impl State {
    /// Whether a message of that kind that tells this person of the occurrence waits to leave, or is gathered. One for
    /// another purpose says something else.
    pub(in crate::watch) fn will_be_told(
        &self,
        open: &Occurrence,
        person: &PersonId,
        kind: Kind,
    ) -> bool {
        self.storms.will_tell(kind, person, open.number, open.run)
            || self.notifications_about(open.number).any(|owed| {
                owed.person == *person
                    && owed.kind() == Some(kind)
                    && owed.waits_to_tell(open.number, open.run)
            })
    }

    /// Whether this person was told of the occurrence in its present run, as far as anybody knows, or is about to be.
    pub(in crate::watch) fn was_called(&self, open: &Occurrence, person: &PersonId) -> bool {
        open.told(person).is_some_and(|told| told.reached > 0)
            || self.storms.will_call(person, open.number, open.run)
            || self.notifications_about(open.number).any(|owed| {
                owed.person == *person
                    && owed.purpose.tells()
                    && owed.run_of(open.number) == Some(open.run)
            })
    }

    /// Whether a message still owes that to its person.
    pub(in crate::watch) fn still_owes(&self, owed: &Notification, member: Member) -> bool {
        let struck =
            owed.digest.as_ref().is_some_and(|digest| digest.struck.contains(&member.occurrence));
        let Some(kind) = owed.kind() else { return false };
        !struck && self.still_tells(kind, &owed.person, member)
    }

    /// Nobody is told of the occurrence by a digest of these kinds any more.
    pub(super) fn withdraw(&mut self, occurrence: OccurrenceNumber, kinds: &[Kind]) {
        for stream in self.storms.people.values_mut() {
            for kind in kinds {
                stream.forget(*kind, occurrence);
            }
        }
    }

    /// A digest is not owed for these any more.
    pub(super) fn strike(&mut self, id: NotificationId, occurrences: &[OccurrenceNumber]) {
        self.on_notification(id, |owed| {
            if let Some(digest) = &mut owed.digest {
                digest.struck.extend(occurrences);
            }
        });
    }
}

impl Draft<'_> {
    /// Nothing of these kinds that tells of the occurrence is owed to anybody any more.
    pub(in crate::watch) fn take_back(
        &mut self,
        occurrence: OccurrenceNumber,
        kinds: &[Kind],
        afterwards: Afterwards,
    ) {
        let state = self.state;
        for owed in state.notifications_about(occurrence) {
            if !owed.kind().is_some_and(|kind| kinds.contains(&kind)) {
                continue;
            }
            if owed.digest.is_some() && (owed.has_yet_to_leave() || owed.is_leaving()) {
                let gone = self.withdrawn.entry(owed.id).or_default();
                gone.struck.insert(occurrence);
                gone.at_once |= afterwards == Afterwards::Void;
            } else if owed.digest.is_none() && owed.has_yet_to_leave() {
                self.settle(owed.id, Ending::Cancelled);
            }
        }
        if state.storms.gather(kinds, occurrence) {
            let kinds = kinds.to_vec();
            self.fact(Fact::Storm(Storming::Withdrawn { occurrence, kinds }));
        }
    }

    /// A person keeps such alarms quiet: nobody is informed any more of what is over of them.
    pub(in crate::watch) fn take_back_information(&mut self, of: impl Fn(AlarmNumber) -> bool) {
        let state = self.state;
        let mut over: BTreeSet<OccurrenceNumber> = BTreeSet::new();
        for stream in state.storms.people.values() {
            let gathered = stream.gathered.get(&Kind::Inform).into_iter().flatten();
            let gathered = gathered.filter(|(_, entry)| of(entry.alarm));
            over.extend(gathered.map(|(occurrence, _)| *occurrence));
            let waiting = stream.waiting.iter().filter_map(|id| state.notification(*id));
            for owed in waiting.filter(|owed| owed.kind() == Some(Kind::Inform)) {
                let told = owed.about().map(|member| member.occurrence);
                over.extend(told.filter(|told| owed.alarm_told(*told).is_some_and(&of)));
            }
        }
        for occurrence in over {
            self.take_back(occurrence, &[Kind::Inform], Afterwards::Void);
        }
    }

    /// This occurrence is no reason any more for a message that also tells of others.
    pub(in crate::watch) fn withdraw_from(
        &mut self,
        owed: NotificationId,
        occurrence: OccurrenceNumber,
    ) {
        self.withdrawn.entry(owed).or_default().answered.insert(occurrence);
    }

    /// What tells of nothing any more does not leave; what tells of less is worded anew.
    pub(in crate::watch) fn mind_withdrawn(&mut self) {
        let state = self.state;
        for (id, Gone { answered, struck, at_once }) in std::mem::take(&mut self.withdrawn) {
            let Some(owed) = state.notification(id) else { continue };
            let remains = |member: Member| {
                let occurrence = &member.occurrence;
                let is_gone = answered.contains(occurrence) || struck.contains(occurrence);
                !is_gone && state.still_owes(owed, member)
            };
            if owed.has_yet_to_leave() && !owed.about().any(remains) {
                self.settle(id, Ending::Cancelled);
                continue;
            }
            if !struck.is_empty() {
                let occurrences = struck.into_iter().collect();
                self.fact(Fact::Storm(Storming::Struck { notification: id, occurrences }));
            }
            if owed.can_grow() {
                let soon = if at_once { self.now.at_once() } else { self.now.wait(MERGE) };
                self.look_at_gathered(&owed.person, soon);
            }
        }
    }

    /// What is gathered for this person is looked at then, if not before.
    fn look_at_gathered(&mut self, person: &PersonId, soon: Wait) {
        let due = self.state.storms.of(person).and_then(|stream| stream.due);
        if due.is_none_or(|due| due.mono > soon.mono) {
            let (person, due) = (person.clone(), Some(soon));
            self.fact(Fact::Storm(Storming::Due { person, due }));
        }
    }

    /// An attempt at a message has failed: before the next it is worded anew, where it would tell of what is not owed.
    pub(in crate::watch) fn mind_stale(&mut self, owed: &Notification) {
        if owed.digest.is_some() && self.lists_needless(owed) {
            self.look_at_gathered(&owed.person, self.now.at_once());
        }
    }

    /// Whether it tells of anything that is no reason for it any more.
    pub(super) fn lists_needless(&self, owed: &Notification) -> bool {
        owed.about().any(|member| !self.state.still_owes(owed, member))
    }
}
