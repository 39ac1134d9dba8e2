//! What must hold at every rung of a ladder (behaviour §4).

use std::time::Duration;

use super::steps::Step;
use crate::watch::alarm::Occurrence;
use crate::watch::decision::Fact;
use crate::watch::escalation::{FrozenPolicy, Ladder, Phase, Position, Rung, Seeks};
use crate::watch::name::PersonId;
use crate::watch::site::{Acknowledge, Policy, Recipient, WhileBusy};
use crate::watch::stage::Stage;
use crate::watch::storm::Kind;
use crate::watch::tests::site::MINUTE;

/// Where all have declined they are asked again after this time.
pub(super) const QUARTER: Duration = Duration::from_secs(15 * 60);

impl Step<'_> {
    pub(super) fn climbed(self, open: &Occurrence, rung: &Rung, after: &Ladder) {
        match rung {
            Rung::Fired { at, people } => self.fired(open, *at, people, after),
            Rung::Skipped { at } => self.skipped(open, *at, after),
            Rung::Hastened => {
                let (before, after) = (open.ladder.due(), after.due().expect("it is climbed"));
                let sooner = before.is_none_or(|before| after.mono <= before.mono);
                assert!(sooner, "{:#?}", self.decision);
            }
        }
    }

    /// All whom the step names are called, and who was spared at the one before, but for those who hold it or are out, and
    /// those who are busy and can wait for one more step; the wait runs from here.
    fn fired(self, open: &Occurrence, at: Position, people: &[PersonId], after: &Ladder) {
        let policy = self.stands_at(open, at);
        let last =
            open.is_test() || !matches!(after, Ladder::Climbing { seeks: Seeks::Answer, .. });
        let (called, spared) = self.without_the_busy(open, &policy, at, last);
        assert_eq!(people, called, "{:#?}", self.decision);
        assert_eq!(after.spared(), spared, "{:#?}", self.decision);
        assert!(!people.is_empty());
        for person in people {
            let called = self.news(open.number).filter(|owed| owed.person == *person);
            let called = called.filter(|owed| owed.purpose.tells()).count();
            let kind = match &open.ladder {
                Ladder::Climbing { seeks: Seeks::Witness, .. } => Kind::Inform,
                Ladder::Climbing { seeks: Seeks::Confirmer, .. } => Kind::Confirm,
                Ladder::Climbing { seeks: Seeks::Answer, .. } | Ladder::Still => Kind::Ask,
            };
            let waits = self.before.state().will_be_told(open, person, kind);
            assert_eq!(called, usize::from(!waits), "{:#?}", self.decision);
        }
        let Ladder::Climbing { next, due, seeks, .. } = after else {
            return assert_eq!(open.stage, Stage::NotRequired, "{:#?}", self.decision);
        };
        assert_eq!(*next, following(&policy, at), "{:#?}", self.decision);
        let wait = match seeks {
            Seeks::Confirmer => open.stage.until().expect("a confirmation is owed").mono,
            Seeks::Answer | Seeks::Witness => {
                self.decision.moment.mono.after(ladder(&policy, at.phase).steps[at.step].wait)
            }
        };
        assert_eq!(due.mono, wait, "{:#?}", self.decision);
    }

    /// A step that reaches nobody is skipped at once; a pass in which none fired is followed by a
    /// pause.
    fn skipped(self, open: &Occurrence, at: Position, after: &Ladder) {
        let policy = self.stands_at(open, at);
        assert!(self.wanted(open, &policy, at).is_empty(), "{:#?}", self.decision);
        let Ladder::Climbing { next, due, .. } = after else {
            panic!("nobody will be called: {:#?}", self.decision)
        };
        assert_eq!(*next, following(&policy, at), "{:#?}", self.decision);
        let last = self.before.seen.fired(open.number).map(|fired| fired.at);
        let fired = last.is_some_and(|last| (last.phase, last.pass) == (at.phase, at.pass));
        let in_vain = next.step == 0 && !fired;
        let (wait, ends) = match open.ladder.asks_again() {
            known if !in_vain => (known, false),
            _ if !self.leaves_out_who_declined(open, &policy, at.phase) => (None, false),
            Some(wait) if self.over(wait) => (None, true),
            known => (Some(known.unwrap_or(self.decision.moment.wait(QUARTER))), false),
        };
        assert_eq!(
            (after.asks_again(), self.ends_declines()),
            (wait, ends),
            "{:#?}",
            self.decision
        );
        let pause = if in_vain && !ends { MINUTE } else { Duration::ZERO };
        assert_eq!(due.mono, self.decision.moment.mono.after(pause), "{:#?}", self.decision);
    }

    fn ends_declines(self) -> bool {
        self.decision.facts.iter().any(|fact| matches!(fact, Fact::DeclinesEnded { .. }))
    }

    /// Whether all that is climbed again and again would call somebody who has declined.
    fn leaves_out_who_declined(
        self,
        open: &Occurrence,
        policy: &FrozenPolicy,
        phase: Phase,
    ) -> bool {
        let for_ever = phase == Phase::LastResort || policy.last_resort.is_none();
        let climbed = ladder(policy, phase);
        let mut all = (0..climbed.steps.len()).flat_map(|step| named(climbed, step));
        for_ever
            && all.any(|person| open.has_declined(&person) && self.can_be_called(open, &person))
    }

    /// Who was out is asked again only where nobody else was left to be called.
    pub(super) fn declines_end(self, open: &Occurrence) {
        let skipped = |fact: &Fact| match fact {
            Fact::Climbed { occurrence, rung: Rung::Skipped { .. }, .. } => {
                *occurrence == open.number
            }
            _ => false,
        };
        assert!(self.decision.facts.iter().any(skipped), "{:#?}", self.decision);
    }

    /// The ladder that is climbed, which must have come to that rung.
    fn stands_at(self, open: &Occurrence, at: Position) -> std::sync::Arc<FrozenPolicy> {
        let Ladder::Climbing { next, due, .. } = &open.ladder else {
            panic!("its ladder stands still: {:#?}", self.decision)
        };
        assert_eq!(*next, at, "{:#?}", self.decision);
        assert!(self.over(*due), "{:#?}", self.decision);
        self.policy(open).expect("a ladder that is climbed is known")
    }

    fn wanted(self, open: &Occurrence, policy: &FrozenPolicy, at: Position) -> Vec<PersonId> {
        let mut named = named(ladder(policy, at.phase), at.step);
        let spared = open.ladder.spared().iter().filter(|person| !named.contains(person));
        let spared: Vec<PersonId> = spared.cloned().collect();
        named.extend(spared);
        named
            .into_iter()
            .filter(|person| self.can_be_called(open, person) && !open.has_declined(person))
            .collect()
    }

    fn can_be_called(self, open: &Occurrence, person: &PersonId) -> bool {
        let known = self.before.watch.site().people.get(person);
        known.is_some_and(|known| known.phone.is_some()) && !open.stage.is_held_by(person)
    }
}

impl Step<'_> {
    /// Those who are called at a rung, and those who hold something as bad that is not confirmed yet: they can wait
    /// where the others are enough, where they were not called in this run, and not twice.
    fn without_the_busy(
        self,
        open: &Occurrence,
        policy: &FrozenPolicy,
        at: Position,
        last: bool,
    ) -> (Vec<PersonId>, Vec<PersonId>) {
        let wanted = self.wanted(open, policy, at);
        let is_busy = |person: &PersonId| {
            self.before.standing().any(|other| {
                other.stage.owes_confirmation()
                    && other.stage.is_held_by(person)
                    && other.activation.priority >= open.activation.priority
            })
        };
        let can_wait = |person: &PersonId| {
            let was_called =
                open.code_of(person).is_some() || self.before.state().was_called(open, person);
            !last && !was_called && !open.ladder.spared().contains(person) && is_busy(person)
        };
        let (spared, called): (Vec<_>, Vec<_>) =
            wanted.clone().into_iter().partition(|person| can_wait(person));
        let missing = match policy.policy.acknowledge {
            Acknowledge::None => 1,
            Acknowledge::Single { responders, .. } | Acknowledge::Double { responders, .. } => {
                usize::from(responders) - open.stage.holders().len()
            }
        };
        let normal = ladder(policy, at.phase).while_busy == WhileBusy::Normal;
        let free = wanted.iter().filter(|person| !is_busy(person)).count();
        if normal || free < missing { (wanted, Vec::new()) } else { (called, spared) }
    }
}

fn ladder(policy: &FrozenPolicy, phase: Phase) -> &Policy {
    match (phase, &policy.last_resort) {
        (Phase::LastResort, Some((_, last_resort))) => last_resort,
        (Phase::LastResort, None) | (Phase::Own, _) => &policy.policy,
    }
}

fn named(policy: &Policy, step: usize) -> Vec<PersonId> {
    let person = |recipient: &Recipient| match recipient {
        Recipient::Person(person) => person.clone(),
        other => panic!("the walks call people by name: {other:?}"),
    };
    policy.steps[step].notify.iter().map(person).collect()
}

/// All whom any rung of the ladder, or of the last resort, names.
pub(super) fn all_named(policy: &FrozenPolicy) -> Vec<PersonId> {
    let last_resort = policy.last_resort.as_ref().map(|(_, policy)| policy);
    let ladders = [Some(&policy.policy), last_resort].into_iter().flatten();
    ladders
        .flat_map(|ladder| (0..ladder.steps.len()).flat_map(|step| named(ladder, step)))
        .collect()
}

/// The rung after that one: the next, or the bottom again, or that of the last resort.
fn following(policy: &FrozenPolicy, at: Position) -> Position {
    if at.step + 1 < ladder(policy, at.phase).steps.len() {
        return Position { step: at.step + 1, ..at };
    }
    let in_vain = at.phase == Phase::Own && at.pass == policy.policy.repeat;
    if in_vain && policy.last_resort.is_some() {
        return Position { phase: Phase::LastResort, pass: 0, step: 0 };
    }
    Position { pass: at.pass + 1, step: 0, ..at }
}
