//! Climbing: what happens at a rung of a ladder (behaviour §4).
//!
//! Each rung fires or is skipped, and the ladder then stands at another or waits: none stays due.
//!
//! # Decision (2026-11-27): where nobody else is left, nobody is out for longer than [`ASKED_AGAIN`]
//!
//! A decline puts its person out for the occurrence (behaviour §3), so that once all have declined each pass would call nobody, for ever;
//! and no state exists in which an alarm that needs a person waits for nobody (product, 2). So the first pass in vain of a ladder that is
//! climbed again and again, in which somebody was left out because they have declined, begins a wait. The passes go on every minute, for
//! whoever comes on call meanwhile; the first in vain after the wait ends all declines of the occurrence, as a decision on the record, and
//! the next calls everybody: in the same run, with the codes that they have. Whoever is called in between ends the wait. Rejected: to ask
//! again at once, of people who have just said that they cannot; and one pause of a quarter of an hour, in which who comes on call waits.

use std::time::Duration;

use super::alarm::{Occurrence, OccurrenceNumber};
use super::decision::Fact;
use super::draft::Draft;
use super::escalation::{
    FrozenPolicy, Ladder, PAUSE, Phase, Position, Rung, Seeks, reachable, resolve,
};
use super::name::PersonId;
use super::notification::NotificationId;
use super::own_alarms::{SelfAlarm, SelfSignal};
use super::site::Step;
use super::storm::Kind;
use super::time::Wait;

/// For so long those who have declined are left alone where nobody else is left: long enough to have got out of what kept them,
/// short enough that a night is not lost by it.
pub(super) const ASKED_AGAIN: Duration = Duration::from_secs(15 * 60);

/// The rung at which a ladder stands.
#[derive(Clone, Copy)]
struct Here {
    at: Position,
    fired: bool,
    seeks: Seeks,
}

impl Draft<'_> {
    /// The deadline of a ladder has passed: its rung fires, or is skipped at once.
    pub(super) fn climb(&mut self, open: &Occurrence) {
        let Ladder::Climbing { next: at, fired, seeks, .. } = open.ladder else { return };
        let here = Here { at, fired, seeks };
        let policy = open.activation.policy.and_then(|number| self.state.policy(number));
        let Some((policy, step)) =
            policy.as_ref().and_then(|policy| Some((policy, policy.step(at)?)))
        else {
            self.lost(open, here);
            return;
        };
        let mut named = resolve(self.site, self.state.roster(), step, self.now.utc);
        named.extend(open.ladder.spared_besides(&named));
        let people: Vec<PersonId> = named
            .into_iter()
            .filter(|person| self.can_be_asked(open, person, step) && !open.has_declined(person))
            .collect();
        if people.is_empty() {
            self.skip(open, policy, here);
        } else {
            self.fire(open, policy, step, here, people);
        }
    }

    /// Whether a call of this step would reach the person, and they do not hold it yet.
    fn can_be_asked(&self, open: &Occurrence, person: &PersonId, step: &Step) -> bool {
        reachable(self.site, person, &step.by) && !open.stage.is_held_by(person)
    }

    fn fire(
        &mut self,
        open: &Occurrence,
        policy: &FrozenPolicy,
        step: &Step,
        here: Here,
        people: Vec<PersonId>,
    ) {
        let (next, pass_ends) = policy.after(here.at);
        let is_at_its_end = open.is_test() && policy.is_climbed(next);
        let (people, spared) = match here.seeks {
            Seeks::Answer if !is_at_its_end => self.without_the_busy(open, policy, here.at, people),
            // There is no rung after this one that would call them.
            Seeks::Answer | Seeks::Witness | Seeks::Confirmer => (people, Vec::new()),
        };
        for person in &people {
            self.call(open, person, here.seeks, step.wait);
        }
        let due = match here.seeks {
            // Should those who were asked drop out, the next rung is due; else there is none
            // before the acknowledgement is void.
            Seeks::Confirmer => open.stage.until().unwrap_or(self.now.wait(PAUSE)),
            Seeks::Answer | Seeks::Witness if pass_ends && step.wait.is_zero() => {
                self.now.wait(PAUSE)
            }
            Seeks::Answer | Seeks::Witness => self.now.wait(step.wait),
        };
        let called = people.clone();
        let ladder = match here.seeks {
            Seeks::Witness => Ladder::Still,
            Seeks::Answer | Seeks::Confirmer if is_at_its_end => Ladder::Still,
            Seeks::Answer | Seeks::Confirmer => {
                let (fired, asks_again, seeks) = (!pass_ends, None, here.seeks);
                Ladder::Climbing { next, due, fired, called, spared, asks_again, seeks }
            }
        };
        let after = Occurrence { ladder: ladder.clone(), ..open.clone() };
        let rung = Rung::Fired { at: here.at, people };
        self.fact(Fact::Climbed { occurrence: open.number, rung, ladder });
        self.close_if_over(&after);
    }

    fn skip(&mut self, open: &Occurrence, policy: &FrozenPolicy, here: Here) {
        let Here { at, fired, seeks } = here;
        let (next, pass_ends) = policy.after(at);
        if open.is_test() && policy.is_climbed(next) {
            self.test_climbed(open, at);
            return;
        }
        // Somebody has it: who else can confirm is told at once, also of the last resort, before anybody is told that there is nobody.
        let goes_on = seeks == Seeks::Confirmer && !policy.repeats_for_ever(at.phase);
        let in_vain = pass_ends && !fired && !goes_on;
        let asks_again = if in_vain {
            self.when_declines_end(open, policy, at.phase)
        } else {
            open.ladder.asks_again()
        };
        let declines_end = in_vain && asks_again.is_some_and(|wait| wait.mono <= self.now.mono);
        let pauses = in_vain && !declines_end;
        let due = if pauses { self.now.wait(PAUSE) } else { self.now.at_once() };
        let fired = fired && !pass_ends;
        let (called, spared) = (Vec::new(), Vec::new());
        let asks_again = asks_again.filter(|_| !declines_end);
        let ladder = Ladder::Climbing { next, due, fired, called, spared, asks_again, seeks };
        self.fact(Fact::Climbed { occurrence: open.number, rung: Rung::Skipped { at }, ladder });
        if declines_end {
            self.fact(Fact::DeclinesEnded { occurrence: open.number });
        }
        self.found_nobody(policy.step(at));
        if in_vain {
            let reason = self.site_wording().reaches_nobody(policy.name_of(at.phase));
            self.nobody(open, &reason);
        }
    }

    /// When those who have declined are asked again, after a pass in vain that would have called one of them.
    fn when_declines_end(
        &self,
        open: &Occurrence,
        policy: &FrozenPolicy,
        phase: Phase,
    ) -> Option<Wait> {
        let left_out = |step: &Step| {
            let named = resolve(self.site, self.state.roster(), step, self.now.utc);
            let mut out = named.iter().filter(|person| open.has_declined(person));
            out.any(|person| self.can_be_asked(open, person, step))
        };
        let waits = policy.repeats_for_ever(phase) && policy.of(phase).steps.iter().any(left_out);
        waits.then(|| open.ladder.asks_again().unwrap_or(self.now.wait(ASKED_AGAIN)))
    }

    /// A ladder or a rung that does not exist can only come from a record of another version. It
    /// is climbed from the start, after a pause, and people are told.
    fn lost(&mut self, open: &Occurrence, here: Here) {
        let ladder = Ladder::Climbing {
            next: Position::BOTTOM,
            due: self.now.wait(PAUSE),
            fired: false,
            called: Vec::new(),
            spared: Vec::new(),
            asks_again: None,
            seeks: here.seeks,
        };
        let rung = Rung::Skipped { at: here.at };
        self.fact(Fact::Climbed { occurrence: open.number, rung, ladder });
        let reason = self.site_wording().no_ladder();
        self.nobody(open, &reason);
    }

    /// An alarm that reaches nobody is itself an alarm: one for each, until it reaches somebody,
    /// or is answered, or is over. Of Vigie's own alarms none is told this way: that they reach
    /// nobody is what they would go on saying, to nobody, for ever. Nor is a test: who asked for it sees it.
    fn nobody(&mut self, open: &Occurrence, reason: &str) {
        let alarm = self.state.alarm_of(open.number);
        if let Some(alarm) = alarm.filter(|alarm| !alarm.is_test && !self.is_own(alarm)) {
            self.own(SelfSignal::raised(SelfAlarm::Nobody, &alarm.tag(), reason));
        }
    }

    /// Somebody is called, or has answered, or it is over.
    pub(super) fn somebody(&mut self, occurrence: OccurrenceNumber) {
        let Some(alarm) = self.state.alarm_of(occurrence) else { return };
        let tag = alarm.tag();
        if self.state.stands(SelfAlarm::Nobody, &tag) {
            self.own(SelfSignal::cleared(SelfAlarm::Nobody, &tag));
        }
    }

    /// The ladder to somebody who can confirm, if another than the holder must, and nobody else
    /// can have read of it in this run.
    pub(super) fn ladder_to_a_confirmer(
        &self,
        open: &Occurrence,
        lost: Option<NotificationId>,
    ) -> Option<Ladder> {
        let state = self.state;
        let leaving = state.notifications_about(open.number).filter(|owed| {
            owed.purpose.tells()
                && owed.run_of(open.number) == Some(open.run)
                && owed.is_leaving()
                && lost != Some(owed.id)
        });
        let read = open.told.iter().filter(|told| told.reached > 0).map(|told| &told.person);
        let found = read
            .chain(leaving.map(|owed| &owed.person))
            .any(|person| !open.stage.is_held_by(person) && !open.has_declined(person));
        (open.stage.wants_another() && !found)
            .then(|| Ladder::from_the_start(self.now, Seeks::Confirmer))
    }

    /// Owes the person a call about the occurrence, with the code of this run where one is asked
    /// for. While one waits to leave for the same, another would only say the same.
    fn call(&mut self, open: &Occurrence, person: &PersonId, seeks: Seeks, wait: Duration) {
        let (kind, wait) = match seeks {
            Seeks::Witness => (Kind::Inform, None),
            Seeks::Answer => (Kind::Ask, Some(wait)),
            Seeks::Confirmer => (Kind::Confirm, None),
        };
        if !self.state.will_be_told(open, person, kind) {
            self.tell_of(open, person, kind, wait);
        }
    }
}
