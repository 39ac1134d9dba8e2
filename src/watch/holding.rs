//! Holding: how an acknowledgement ends before all is done. The holder gives it back, or time runs
//! out; and a latched alarm is let go (behaviour §2, §3).
//!
//! What nobody holds any more is asked for again, from the first step: never silently.

use super::alarm::Occurrence;
use super::decision::{Fact, Outcome, Why};
use super::draft::Draft;
use super::escalation::{Ladder, Seeks};
use super::name::PersonId;
use super::notification::Purpose;
use super::stage::{Holder, Owed, Stage};

impl Draft<'_> {
    /// "I cannot": the person is out for this occurrence, and others are called.
    pub(super) fn decline(&mut self, open: &Occurrence, person: &PersonId) -> Outcome {
        match &open.stage {
            Stage::NotRequired => self.refuse(|wording| wording.needs_nobody(open), person),
            Stage::Confirmed { .. } => self.refuse(|wording| wording.dealt_with(open), person),
            Stage::Acknowledged { holders, .. } if open.stage.is_held_by(person) => {
                let after = self.drop_out(open, person);
                self.given_back(&after, others(holders, person), person);
                Outcome::Done(self.wording(person).given_back(open))
            }
            Stage::Acknowledged { .. } => {
                let after = self.drop_out(open, person);
                let ladder = if open.ladder.is_climbing() {
                    open.ladder.without(person, self.now)
                } else {
                    self.ladder_to_a_confirmer(&after, None)
                };
                self.hastened(open, ladder);
                Outcome::Done(self.wording(person).noted(open))
            }
            Stage::Unacknowledged { so_far } => {
                let mut after = self.drop_out(open, person);
                if open.stage.is_held_by(person) {
                    after.stage = Stage::Unacknowledged { so_far: others(so_far, person) };
                    self.stage(&after, Why::GivenBack(person.clone()), false);
                }
                self.hastened(open, after.ladder.without(person, self.now));
                Outcome::Done(self.wording(person).declined(open))
            }
        }
    }

    /// The person is out for this occurrence: nothing that is queued for them leaves any more.
    fn drop_out(&mut self, open: &Occurrence, person: &PersonId) -> Occurrence {
        let mut after = open.clone();
        if !open.has_declined(person) {
            after.declined.push(person.clone());
            self.fact(Fact::Declined { occurrence: open.number, by: person.clone() });
        }
        self.cancel_calls_to(open, person);
        after
    }

    /// It goes on in the same run, and the acknowledgements of others still count: an
    /// acknowledgement that was given back has not expired (behaviour §6, "run").
    fn given_back(&mut self, open: &Occurrence, so_far: Vec<Holder>, person: &PersonId) {
        self.cancel_all(open);
        let after = Occurrence {
            stage: Stage::Unacknowledged { so_far },
            ladder: Ladder::from_the_start(self.now, Seeks::Answer),
            ..open.clone()
        };
        self.stage(&after, Why::GivenBack(person.clone()), false);
    }

    /// The occurrence is unacknowledged again: a new run, at the first step, with new codes.
    pub(super) fn reopen(&mut self, open: &Occurrence, why: Why) {
        self.cancel_all(open);
        let after = Occurrence {
            stage: Stage::Unacknowledged { so_far: Vec::new() },
            ladder: Ladder::from_the_start(self.now, Seeks::Answer),
            ..open.clone()
        };
        self.stage(&after, why, true);
    }

    /// A latched alarm is let go. While the cause is present that does nothing.
    pub(super) fn reset(&mut self, open: &Occurrence, person: &PersonId) -> Outcome {
        if let Some(done) = self.let_go(open, person) {
            return done;
        }
        if !open.latched {
            return self.refuse(|wording| wording.not_latched(open), person);
        }
        if open.active {
            return self.refuse(|wording| wording.still_active(open), person);
        }
        if open.unacknowledged() {
            return self.refuse(|wording| wording.acknowledge_first(open), person);
        }
        self.fact(Fact::Reset { occurrence: open.number, by: person.clone() });
        let after = Occurrence { latched: false, ..open.clone() };
        self.close_if_over(&after);
        Outcome::Done(self.wording(person).reset(open))
    }

    /// The holder is asked whether it is dealt with, before the acknowledgement is void.
    pub(super) fn remind(&mut self, open: &Occurrence) {
        let mut after = open.clone();
        if let Stage::Acknowledged { owed: Owed::Confirmation { reminder, .. }, .. } =
            &mut after.stage
        {
            *reminder = None;
        }
        self.stage(&after, Why::Reminded, false);
        for holder in open.stage.holders() {
            let code = open
                .code_of(&holder.person)
                .filter(|_| open.stage.may_be_confirmed_by(&holder.person));
            let text = self.wording(&holder.person).reminder(open, code);
            self.owe(&holder.person, Purpose::Reminder, Some(open), text);
        }
    }

    /// The time of an acknowledgement has run out.
    pub(super) fn run_out(&mut self, open: &Occurrence) {
        match &open.stage {
            Stage::Acknowledged { owed: Owed::Confirmation { .. }, .. } => {
                self.tell_holders(open, |wording| wording.confirmation_late(open));
                self.reopen(open, Why::ConfirmationLate);
            }
            Stage::Acknowledged { holders, owed: Owed::Expires(_) } if !open.active => {
                // Only what is still active comes back; a latched alarm waits for its reset alone.
                let stage = Stage::Acknowledged { holders: holders.clone(), owed: Owed::Nothing };
                self.stage(&Occurrence { stage, ..open.clone() }, Why::Expired, false);
            }
            Stage::Acknowledged { owed: Owed::Expires(_), .. } => {
                self.tell_holders(open, |wording| wording.expired(open));
                self.reopen(open, Why::Expired);
            }
            Stage::NotRequired
            | Stage::Unacknowledged { .. }
            | Stage::Acknowledged { owed: Owed::Nothing, .. }
            | Stage::Confirmed { .. } => {}
        }
    }
}

fn others(holders: &[Holder], person: &PersonId) -> Vec<Holder> {
    holders.iter().filter(|holder| holder.person != *person).cloned().collect()
}
