//! Acknowledgement: what a person's answer does to an occurrence (behaviour §3).
//!
//! It never touches the cause, and it never counts for what came after it. Nobody is counted
//! twice. What one person holds, another's bare code does not take away.

use super::alarm::Occurrence;
use super::decision::{Fact, Outcome, Refusal, Why};
use super::draft::Draft;
use super::escalation::Ladder;
use super::event::Action;
use super::name::PersonId;
use super::site::{Acknowledge, ConfirmBy};
use super::stage::{Holder, Owed, Stage};
use super::storm::News;
use super::wording::Wording;

impl Draft<'_> {
    /// A person acts on an open occurrence. The outcome is the sentence that the person is told.
    pub(super) fn act(&mut self, open: &Occurrence, person: &PersonId, action: Action) -> Outcome {
        match action {
            Action::Acknowledge => self.acknowledge(open, person),
            Action::Confirm => self.confirm(open, person),
            Action::Decline => self.decline(open, person),
            Action::Reset => self.reset(open, person),
        }
    }

    /// What the occurrence's policy asks of people.
    pub(super) fn required(&self, open: &Occurrence) -> Acknowledge {
        open.activation
            .policy
            .and_then(|number| self.state.policy(number))
            .map_or(Acknowledge::None, |policy| policy.acknowledge())
    }

    fn acknowledge(&mut self, open: &Occurrence, person: &PersonId) -> Outcome {
        match &open.stage {
            Stage::NotRequired => self.refuse(|wording| wording.needs_nobody(open), person),
            Stage::Unacknowledged { .. } if open.stage.is_held_by(person) => {
                self.conclude(open, person)
            }
            Stage::Unacknowledged { so_far } => {
                let after = self.take(open, so_far, person);
                self.announce_taken(&after, person);
                self.conclude(&after, person)
            }
            Stage::Acknowledged { .. } if open.stage.is_held_by(person) => {
                let code = open.code_of(person).filter(|_| open.stage.may_be_confirmed_by(person));
                Outcome::Done(self.wording(person).yours_since(open, person, code))
            }
            Stage::Acknowledged { .. } => self.refuse(|wording| wording.held_by(open), person),
            Stage::Confirmed { .. } => self.refuse(|wording| wording.dealt_with(open), person),
        }
    }

    /// One more person takes it; the ladder stops when they are enough. While they are not, it
    /// goes on at once where nobody is left of those whom it called.
    fn take(&mut self, open: &Occurrence, so_far: &[Holder], person: &PersonId) -> Occurrence {
        let mut holders = so_far.to_vec();
        holders.push(Holder { person: person.clone(), since: self.now.utc });
        let required = self.required(open);
        let enough = holders.len() >= required.responders();
        let mut after = open.clone();
        after.declined.retain(|known| known != person);
        if enough {
            let owed = Owed::after_acknowledgement(required, self.now);
            after.stage = Stage::Acknowledged { holders, owed };
            after.ladder = self.ladder_to_a_confirmer(&after, None).unwrap_or(Ladder::Still);
        } else {
            after.stage = Stage::Unacknowledged { so_far: holders };
            after.ladder = open.ladder.without(person, self.now).unwrap_or(after.ladder);
        }
        self.stage(&after, Why::Acknowledged(person.clone()), false);
        if enough {
            self.cancel_all(open);
        } else {
            self.cancel_calls_to(open, person);
        }
        after
    }

    /// Everyone who was told is told who has taken it: once, without a question.
    fn announce_taken(&mut self, after: &Occurrence, taker: &PersonId) {
        if after.unacknowledged() {
            return;
        }
        let audience = self.audience(after);
        self.announce(after, audience, taker, &News::Taken(taker.clone()));
    }

    /// Those whom news of the occurrence concern: who may have read of it, and who has answered.
    pub(super) fn audience(&self, open: &Occurrence) -> Vec<PersonId> {
        let mut audience = self.state.readers(open);
        for holder in open.stage.holders() {
            if !audience.contains(&holder.person) {
                audience.push(holder.person.clone());
            }
        }
        audience
    }

    fn announce(
        &mut self,
        after: &Occurrence,
        audience: Vec<PersonId>,
        but: &PersonId,
        news: &News,
    ) {
        for person in audience.iter().filter(|person| *person != but) {
            self.tell_news(after, person, news.clone());
        }
    }

    /// The sentence after an acknowledgement that counted, or counts already, and the end of the
    /// occurrence if that was all it asked for.
    fn conclude(&mut self, after: &Occurrence, person: &PersonId) -> Outcome {
        let missing = match &after.stage {
            Stage::Unacknowledged { so_far } => {
                self.required(after).responders().saturating_sub(so_far.len())
            }
            Stage::NotRequired | Stage::Acknowledged { .. } | Stage::Confirmed { .. } => 0,
        };
        let sentence = if missing > 0 {
            self.wording(person).more_wanted(after, missing)
        } else {
            let finishes = after.stage.may_be_confirmed_by(person) && !self.is_listing();
            let code = finishes.then(|| self.code_for(after, person));
            self.wording(person).taken(after, code)
        };
        self.close_if_over(after);
        Outcome::Done(sentence)
    }

    fn confirm(&mut self, open: &Occurrence, person: &PersonId) -> Outcome {
        match (&open.stage, self.required(open)) {
            (Stage::Unacknowledged { so_far }, Acknowledge::Double { confirm_by, .. })
                if !open.stage.is_held_by(person) =>
            {
                let after = self.take(open, so_far, person);
                if after.unacknowledged() || confirm_by == ConfirmBy::Other {
                    self.announce_taken(&after, person);
                    return self.conclude(&after, person);
                }
                let audience = self.audience(&after);
                self.confirmed(&after, person, audience)
            }
            (Stage::Acknowledged { owed: Owed::Confirmation { by, .. }, .. }, _) => {
                if open.stage.may_be_confirmed_by(person) {
                    let holders = open.stage.holders().iter();
                    let audience = holders.map(|holder| holder.person.clone()).collect();
                    return self.confirmed(open, person, audience);
                }
                match by {
                    ConfirmBy::Same | ConfirmBy::Anyone => {
                        self.refuse(|wording| wording.only_the_holder(open), person)
                    }
                    ConfirmBy::Other => self.refuse(|wording| wording.only_another(open), person),
                }
            }
            // On `single`, FIN says no more than the bare code.
            (
                Stage::NotRequired
                | Stage::Unacknowledged { .. }
                | Stage::Acknowledged { .. }
                | Stage::Confirmed { .. },
                Acknowledge::None | Acknowledge::Single { .. } | Acknowledge::Double { .. },
            ) => self.acknowledge(open, person),
        }
    }

    fn confirmed(
        &mut self,
        open: &Occurrence,
        person: &PersonId,
        audience: Vec<PersonId>,
    ) -> Outcome {
        let mut after = open.clone();
        after.stage = Stage::Confirmed {
            holders: open.stage.holders().to_vec(),
            by: person.clone(),
            at: self.now.utc,
        };
        after.ladder = Ladder::Still;
        self.stage(&after, Why::Confirmed(person.clone()), false);
        self.cancel_calls(open);
        self.announce(&after, audience, person, &News::Confirmed(person.clone()));
        self.close_if_over(&after);
        Outcome::Done(self.wording(person).confirmed(&after))
    }

    /// The occurrence goes to this stage, and its ladder to this rung.
    pub(super) fn stage(&mut self, after: &Occurrence, why: Why, new_run: bool) {
        self.fact(Fact::Staged {
            occurrence: after.number,
            why,
            stage: after.stage.clone(),
            ladder: after.ladder.clone(),
            new_run,
        });
    }

    /// Nothing follows, and this person is told why.
    pub(super) fn refuse(
        &mut self,
        sentence: impl FnOnce(Wording<'_>) -> String,
        person: &PersonId,
    ) -> Outcome {
        Outcome::Refused(Refusal(sentence(self.wording(person))))
    }
}
