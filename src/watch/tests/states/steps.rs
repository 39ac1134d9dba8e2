//! What must hold for every decision: each change that it makes is one that behaviour §2 to §4 asks
//! for, and all that they ask for is in it.
//!
//! The rules are said once more here, in their own words: none is asked of the code that it tries.

use std::collections::BTreeSet;

use super::{Place, answers, causes, quiets};
use crate::watch::alarm::{Occurrence, OccurrenceNumber};
use crate::watch::decision::{Decision, Fact, Why};
use crate::watch::escalation::{FrozenPolicy, Ladder};
use crate::watch::event::Happening;
use crate::watch::name::PersonId;
use crate::watch::notification::{Ending, Notification, NotificationId, Purpose};
use crate::watch::site::{Acknowledge, ConfirmBy, OnReturn};
use crate::watch::stage::{Owed, Stage};
use crate::watch::swap::Swapping;
use crate::watch::time::Wait;

/// A decision that is about to be taken in.
#[derive(Clone, Copy)]
pub(super) struct Step<'a> {
    pub(super) before: &'a Place,
    pub(super) happening: &'a Happening,
    pub(super) decision: &'a Decision,
}

pub(super) fn hold_for(step: Step<'_>) {
    for fact in &step.decision.facts {
        match fact {
            Fact::Staged { occurrence, why, stage, ladder, new_run } => {
                let staged = Staged { open: step.open(*occurrence), stage, ladder };
                assert_eq!(*new_run, staged.begins_anew(why), "{why:?} {:#?}", step.decision);
                step.staged(staged, why);
            }
            Fact::Climbed { occurrence, rung, ladder } => {
                step.climbed(step.open(*occurrence), rung, ladder);
            }
            Fact::DeclinesEnded { occurrence } => step.declines_end(step.open(*occurrence)),
            Fact::Closed { occurrence } => step.closed(*occurrence),
            Fact::Swapping(Swapping::Moved { occurrence, away, stage, ladder }) => {
                step.moved(step.open(*occurrence), *away, stage, ladder);
            }
            Fact::Owed { notification } => step.owed(notification),
            Fact::Settled { notification, ending: Ending::Cancelled, .. } => {
                step.cancelled(*notification);
            }
            _ => {}
        }
    }
    causes::hold_for(step);
    answers::hold_for(step);
    quiets::hold_for(step);
}

/// What people have answered to an occurrence, and what its ladder does, from now on.
#[derive(Clone, Copy)]
struct Staged<'a> {
    open: &'a Occurrence,
    stage: &'a Stage,
    ladder: &'a Ladder,
}

impl Staged<'_> {
    /// A run begins when an acknowledgement, or a part of one, is lost to time or to what happens.
    fn begins_anew(&self, why: &Why) -> bool {
        let held = !self.open.stage.holders().is_empty();
        match why {
            Why::Acknowledged(_) | Why::Confirmed(_) | Why::GivenBack(_) | Why::Reminded => false,
            Why::ConfirmationLate => true,
            Why::Expired => self.open.active,
            Why::Reactivated | Why::Worse => held,
        }
    }
}

impl<'a> Step<'a> {
    pub(super) fn over(self, wait: Wait) -> bool {
        wait.mono <= self.decision.moment.mono
    }

    pub(super) fn open(self, number: OccurrenceNumber) -> &'a Occurrence {
        self.before.state().occurrence(number).expect("it changes what is open")
    }

    pub(super) fn policy(self, open: &Occurrence) -> Option<std::sync::Arc<FrozenPolicy>> {
        self.before.state().policy(open.activation.policy?)
    }

    fn required(self, open: &Occurrence) -> Acknowledge {
        self.policy(open).map_or(Acknowledge::None, |policy| policy.policy.acknowledge)
    }

    /// What this decision owes about the occurrence.
    pub(super) fn news(self, number: OccurrenceNumber) -> impl Iterator<Item = &'a Notification> {
        self.decision.facts.iter().filter_map(move |fact| match fact {
            Fact::Owed { notification } if notification.occurrence == Some(number) => {
                Some(&**notification)
            }
            _ => None,
        })
    }

    /// To whom it owes news of this kind, each once.
    pub(super) fn told(self, number: OccurrenceNumber, purpose: Purpose) -> BTreeSet<&'a PersonId> {
        let mut told = BTreeSet::new();
        for owed in self.news(number).filter(|owed| owed.purpose == purpose) {
            assert!(told.insert(&owed.person), "told twice: {:#?}", self.decision);
        }
        told
    }

    /// What people have answered to it after this decision.
    pub(super) fn stage_after(self, open: &'a Occurrence) -> &'a Stage {
        let facts = self.decision.facts.iter().rev();
        let mut stages = facts.filter_map(|fact| match fact {
            Fact::Staged { occurrence, stage, .. }
            | Fact::Swapping(Swapping::Moved { occurrence, stage, .. })
                if *occurrence == open.number =>
            {
                Some(stage)
            }
            _ => None,
        });
        stages.next().unwrap_or(&open.stage)
    }

    fn staged(self, staged: Staged<'a>, why: &'a Why) {
        let Staged { open, stage, .. } = staged;
        let (held, holds) = (people(&open.stage), people(stage));
        match why {
            Why::Acknowledged(person) => self.taken(staged, person),
            Why::Confirmed(person) => {
                let Acknowledge::Double { confirm_by, .. } = self.required(open) else {
                    panic!("nobody asks for a confirmation: {:#?}", self.decision)
                };
                let may = match confirm_by {
                    ConfirmBy::Same => holds.contains(&person),
                    ConfirmBy::Other => !holds.contains(&person),
                    ConfirmBy::Anyone => true,
                };
                assert!(may && stage.confirmed_by() == Some(person), "{:#?}", self.decision);
                assert_eq!(*staged.ladder, Ladder::Still);
                self.nothing_still_asks(open);
                if held == holds {
                    let others = held.into_iter().filter(|holder| *holder != person).collect();
                    assert_eq!(self.told(open.number, Purpose::Announcement), others);
                }
            }
            Why::GivenBack(person) => {
                let others: Vec<_> = held.into_iter().filter(|holder| *holder != person).collect();
                assert_eq!((holds, stage.is_unacknowledged()), (others, true));
                if !open.unacknowledged() {
                    self.begins_at_the_first_step(staged);
                }
            }
            Why::ConfirmationLate => {
                assert!(
                    open.stage.owes_confirmation()
                        && open.stage.until().is_some_and(|until| self.over(until))
                );
                self.asks_anew(staged);
            }
            Why::Expired => {
                assert!(open.stage.until().is_some_and(|until| self.over(until)));
                if open.active {
                    self.asks_anew(staged);
                } else {
                    assert_eq!((holds, stage.until()), (held, None), "it stays taken");
                }
            }
            Why::Reactivated | Why::Worse if held.is_empty() => {
                assert_eq!(*stage, open.stage);
                self.nothing_still_asks(open);
                self.begins_at_the_first_step(staged);
            }
            Why::Reactivated | Why::Worse => self.asks_anew(staged),
            Why::Reminded => {
                assert!(open.stage.reminder().is_some_and(|reminder| self.over(reminder)));
                assert_eq!((held, stage.until()), (holds.clone(), open.stage.until()));
                assert_eq!(stage.reminder(), None, "once");
                let reminded = self.told(open.number, Purpose::Reminder);
                assert_eq!(reminded, holds.into_iter().collect(), "{:#?}", self.decision);
                assert_eq!(*staged.ladder, open.ladder);
            }
        }
    }

    /// One more has it. When they are enough the calls end at that instant, and everybody who was
    /// told is told who has it, once.
    fn taken(self, staged: Staged<'a>, person: &'a PersonId) {
        let Staged { open, stage, ladder } = staged;
        let mut holders = people(&open.stage);
        assert!(!holders.contains(&person), "nobody counts twice: {:#?}", self.decision);
        holders.push(person);
        assert_eq!(people(stage), holders);
        let required = self.required(open);
        let enough = match required {
            Acknowledge::None => panic!("nobody has to answer: {:#?}", self.decision),
            Acknowledge::Single { responders, .. } | Acknowledge::Double { responders, .. } => {
                holders.len() >= usize::from(responders)
            }
        };
        assert_eq!(stage.is_unacknowledged(), !enough, "{:#?}", self.decision);
        if !enough {
            assert!(self.told(open.number, Purpose::Announcement).is_empty());
            return;
        }
        assert!(*ladder == Ladder::Still || stage.wants_another(), "{:#?}", self.decision);
        self.nothing_still_asks(open);
        self.all_readers_are_told(open, Some(person));
        let now = self.decision.moment;
        match (stage, required) {
            (Stage::Acknowledged { owed, .. }, Acknowledge::Double { confirm_within, .. }) => {
                let Owed::Confirmation { until, reminder: Some(reminder), .. } = owed else {
                    panic!("no confirmation is owed: {:#?}", self.decision)
                };
                assert_eq!(*until, now.wait(confirm_within));
                assert!(now.mono < reminder.mono && reminder.mono < until.mono);
            }
            (Stage::Acknowledged { owed, .. }, Acknowledge::Single { expires, .. }) => {
                let expected =
                    expires.map_or(Owed::Nothing, |after| Owed::Expires(now.wait(after)));
                assert_eq!(*owed, expected);
            }
            _ => panic!("it is not acknowledged: {:#?}", self.decision),
        }
    }

    /// Everybody who may have read of it is told, and who was never written to is not.
    pub(super) fn all_readers_are_told(self, open: &Occurrence, but: Option<&PersonId>) {
        let state = self.before.state();
        let leaving = state
            .notifications_about(open.number)
            .filter(|owed| owed.purpose.tells() && owed.is_leaving());
        let leaving: BTreeSet<&PersonId> = leaving.map(|owed| &owed.person).collect();
        let holders = people(&open.stage);
        let with = |read: BTreeSet<&'a PersonId>| -> BTreeSet<PersonId> {
            let all =
                read.into_iter().chain(leaving.iter().copied()).chain(holders.iter().copied());
            all.filter(|person| Some(*person) != but).cloned().collect()
        };
        let least = with(self.before.seen.readers(open.number));
        let most = with(self.before.seen.addressed(open.number));
        let told = self.told(open.number, Purpose::Announcement).into_iter().cloned().collect();
        assert!(least.is_subset(&told), "{least:?} are told: {:#?}", self.decision);
        assert!(told.is_subset(&most), "only {most:?} are told: {:#?}", self.decision);
    }

    /// What still asked somebody to answer does not leave any more.
    pub(super) fn nothing_still_asks(self, open: &Occurrence) {
        for owed in self.before.state().notifications_about(open.number) {
            let asks = matches!(owed.purpose, Purpose::Call | Purpose::Reminder);
            let ended = |fact: &Fact| matches!(fact, Fact::Settled { notification, .. } if *notification == owed.id);
            if asks && owed.has_yet_to_leave() {
                assert!(self.decision.facts.iter().any(ended), "{owed:#?} {:#?}", self.decision);
            }
        }
    }

    /// It is unacknowledged again, the ladder begins, and those who had it are told.
    fn asks_anew(self, staged: Staged<'a>) {
        assert_eq!(*staged.stage, Stage::Unacknowledged { so_far: Vec::new() });
        self.begins_at_the_first_step(staged);
        self.nothing_still_asks(staged.open);
        let told = self.told(staged.open.number, Purpose::Announcement);
        let held = people(&staged.open.stage).into_iter().collect();
        assert_eq!(told, held, "{:#?}", self.decision);
    }

    fn begins_at_the_first_step(self, staged: Staged<'a>) {
        let Ladder::Climbing { next, due, .. } = staged.ladder else {
            panic!("nobody is called: {:#?}", self.decision)
        };
        assert_eq!((next.pass, next.step), (0, 0), "{:#?}", self.decision);
        assert!(self.over(*due), "{:#?}", self.decision);
    }

    /// It goes the other way, and is never taken from its holder. Nothing that still asks leaves any more, and the other
    /// ladder begins at its first step; those who may have read of it, and are not called at once, are told.
    fn moved(self, open: &'a Occurrence, away: bool, stage: &Stage, ladder: &'a Ladder) {
        let swap = open.activation.swap.as_deref().expect("its definition names a group");
        assert_ne!(swap.away, away, "{:#?}", self.decision);
        self.nothing_still_asks(open);
        let is_lost = self.decision.facts.iter().any(
            |fact| matches!(fact, Fact::Staged { occurrence, .. } if *occurrence == open.number),
        );
        if is_lost {
            return assert!(!open.stage.holders().is_empty(), "{:#?}", self.decision);
        }
        assert!(open.stage.holders().is_empty(), "the holder keeps his: {:#?}", self.decision);
        if stage.is_unacknowledged() {
            let Ladder::Climbing { next, due, .. } = ladder else {
                panic!("nobody is called: {:#?}", self.decision)
            };
            assert_eq!((next.pass, next.step), (0, 0), "{:#?}", self.decision);
            assert!(self.over(*due), "{:#?}", self.decision);
        }
    }

    /// It ends when all that it asks for is done, or with its cause where the policy says so; what
    /// is latched ends by a reset alone.
    fn closed(self, number: OccurrenceNumber) {
        let Some(open) = self.before.state().occurrence(number) else { return };
        if quiets::hushes(self, open) {
            self.nothing_still_asks(open);
            return self.all_readers_are_told(open, quiets::who_asks(self));
        }
        let has = |wanted: fn(&Fact) -> bool| self.decision.facts.iter().any(wanted);
        let returns = has(|fact| matches!(fact, Fact::Returned { .. } | Fact::Withdrawn { .. }));
        let reset = has(|fact| matches!(fact, Fact::Reset { .. }));
        assert!(!open.active || returns, "the cause is present: {:#?}", self.decision);
        assert!(!open.latched || reset, "nobody has let it go: {:#?}", self.decision);
        let stage = self.stage_after(open);
        assert!(!stage.owes_confirmation(), "{:#?}", self.decision);
        if stage.is_unacknowledged() {
            assert!(returns && open.activation.on_return == OnReturn::Close);
            self.all_readers_are_told(open, None);
        }
    }

    /// Only who is wanted is written to.
    fn owed(self, owed: &Notification) {
        let Some(open) = owed.occurrence.and_then(|number| self.before.state().occurrence(number))
        else {
            return;
        };
        let stage = self.stage_after(open);
        match owed.purpose {
            Purpose::Call => {
                assert!(stage.is_unacknowledged() || stage.wants_another(), "{:#?}", self.decision);
                assert!(!stage.is_held_by(&owed.person) && !open.has_declined(&owed.person));
            }
            Purpose::Information => assert_eq!(*stage, Stage::NotRequired),
            Purpose::Reminder => assert!(stage.is_held_by(&owed.person)),
            Purpose::Announcement
            | Purpose::Reply
            | Purpose::LoopBack
            | Purpose::Drill
            | Purpose::Notice
            | Purpose::LifeSign
            | Purpose::Test => {}
        }
    }
}

impl Step<'_> {
    /// A message is called back when it is no longer true, or nobody needs it; whoever is out, or
    /// is one of several who are to come, takes no message from anybody else.
    fn cancelled(self, id: NotificationId) {
        let owed = self.before.state().notification(id).expect("it was owed");
        let number = owed.occurrence.expect("a reply is owed to who has asked");
        let Some(open) = self.before.state().occurrence(number) else { return };
        let mut only = None;
        for fact in &self.decision.facts {
            match fact {
                Fact::Staged { why: Why::Reminded, .. } => {}
                Fact::Staged { why: Why::Acknowledged(who), stage, .. }
                    if stage.is_unacknowledged() =>
                {
                    only = Some(who);
                }
                Fact::Staged { why: Why::GivenBack(who), .. } if open.unacknowledged() => {
                    only = Some(who);
                }
                Fact::Declined { by, .. } => only = only.or(Some(by)),
                Fact::Staged { .. } | Fact::Closed { .. } | Fact::Swapping(_) => return,
                _ => {}
            }
        }
        match only {
            Some(who) => assert_eq!(owed.person, *who, "{:#?}", self.decision),
            None => {
                let asks = open.unacknowledged() || open.stage.wants_another();
                let out = open.stage.is_held_by(&owed.person) || open.has_declined(&owed.person);
                let state = self.before.state();
                let again = state.notifications_about(number).any(|other| {
                    other.id > id && other.person == owed.person && other.purpose == owed.purpose
                });
                let needed = owed.run == open.run && asks && !out && !again;
                assert!(!needed, "it is still needed: {owed:#?} {:#?}", self.decision);
            }
        }
    }
}

/// Who has it, or has begun to, in the order in which they took it.
fn people(stage: &Stage) -> Vec<&PersonId> {
    stage.holders().iter().map(|holder| &holder.person).collect()
}
