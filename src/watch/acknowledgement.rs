//! Acknowledgement: what people have answered, and what their answer does (behaviour §3).
//!
//! It never touches the cause, and it never counts for what came after it. Nobody is counted
//! twice. What one person holds, another's bare code does not take away.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::alarm::Occurrence;
use super::decision::{Fact, Outcome, Refusal, Why};
use super::draft::Draft;
use super::escalation::{Ladder, Rung, Seeks};
use super::event::Action;
use super::name::PersonId;
use super::notification::Purpose;
use super::site::{Acknowledge, ConfirmBy};
use super::time::{Moment, Utc, Wait};

/// What people have answered to an occurrence.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nobody has to.
    NotRequired,
    /// Somebody has to.
    Unacknowledged {
        /// Those who have, while more are asked for (`responders`).
        so_far: Vec<Holder>,
    },
    /// Somebody has it in hand.
    Acknowledged {
        /// Who, the latest last; never empty.
        holders: Vec<Holder>,
        /// What is still owed.
        owed: Owed,
    },
    /// It is dealt with.
    Confirmed {
        /// Who had it in hand.
        holders: Vec<Holder>,
        /// Who said so.
        by: PersonId,
        /// When.
        at: Utc,
    },
}

/// Somebody who has acknowledged, and since when.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Holder {
    /// Who.
    pub person: PersonId,
    /// Since when.
    pub since: Utc,
}

/// What is still owed after an acknowledgement.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owed {
    /// Nothing.
    Nothing,
    /// Nothing, but it holds only so long while the cause is there (`acknowledge-expires`).
    Expires(Wait),
    /// A confirmation.
    Confirmation {
        /// When the holder is reminded; `None`: done.
        reminder: Option<Wait>,
        /// When the acknowledgement is void.
        until: Wait,
        /// Who may confirm.
        by: ConfirmBy,
    },
}

impl Stage {
    /// What people have answered to an occurrence that has just opened.
    pub(super) fn at_opening(acknowledge: Option<Acknowledge>) -> Self {
        match acknowledge {
            None | Some(Acknowledge::None) => Self::NotRequired,
            Some(Acknowledge::Single { .. } | Acknowledge::Double { .. }) => {
                Self::Unacknowledged { so_far: Vec::new() }
            }
        }
    }

    /// Those who have it in hand, or have begun to.
    pub fn holders(&self) -> &[Holder] {
        match self {
            Self::NotRequired => &[],
            Self::Unacknowledged { so_far } => so_far,
            Self::Acknowledged { holders, .. } | Self::Confirmed { holders, .. } => holders,
        }
    }

    /// Whether that person has it in hand, or has begun to.
    pub fn is_held_by(&self, person: &PersonId) -> bool {
        self.holders().iter().any(|holder| holder.person == *person)
    }

    /// Whose acknowledgement ended the calls, and when.
    pub fn acknowledged(&self) -> Option<&Holder> {
        match self {
            Self::NotRequired | Self::Unacknowledged { .. } => None,
            Self::Acknowledged { holders, .. } | Self::Confirmed { holders, .. } => holders.last(),
        }
    }

    /// Whose acknowledgement ended the calls.
    pub fn acknowledged_by(&self) -> Option<&PersonId> {
        self.acknowledged().map(|holder| &holder.person)
    }

    /// Who confirmed, and when.
    pub fn confirmed(&self) -> Option<Holder> {
        match self {
            Self::Confirmed { by, at, .. } => Some(Holder { person: by.clone(), since: *at }),
            Self::NotRequired | Self::Unacknowledged { .. } | Self::Acknowledged { .. } => None,
        }
    }

    /// Who confirmed.
    pub fn confirmed_by(&self) -> Option<&PersonId> {
        match self {
            Self::Confirmed { by, .. } => Some(by),
            Self::NotRequired | Self::Unacknowledged { .. } | Self::Acknowledged { .. } => None,
        }
    }

    /// Whether an acknowledgement waits for its confirmation.
    pub fn owes_confirmation(&self) -> bool {
        matches!(self, Self::Acknowledged { owed: Owed::Confirmation { .. }, .. })
    }

    /// Whether a confirmation is owed that this person may give.
    pub fn may_be_confirmed_by(&self, person: &PersonId) -> bool {
        match self {
            Self::Acknowledged { owed: Owed::Confirmation { by, .. }, .. } => match by {
                ConfirmBy::Same => self.is_held_by(person),
                ConfirmBy::Other => !self.is_held_by(person),
                ConfirmBy::Anyone => true,
            },
            Self::NotRequired | Self::Unacknowledged { .. } | Self::Acknowledged { .. } | Self::Confirmed { .. } => false,
        }
    }

    /// When the holder is reminded.
    pub fn reminder(&self) -> Option<Wait> {
        match self {
            Self::Acknowledged { owed: Owed::Confirmation { reminder, .. }, .. } => *reminder,
            Self::NotRequired | Self::Unacknowledged { .. } | Self::Acknowledged { .. } | Self::Confirmed { .. } => None,
        }
    }

    /// When the acknowledgement is void.
    pub fn until(&self) -> Option<Wait> {
        match self {
            Self::Acknowledged { owed: Owed::Expires(until) | Owed::Confirmation { until, .. }, .. } => Some(*until),
            Self::NotRequired | Self::Unacknowledged { .. } | Self::Acknowledged { .. } | Self::Confirmed { .. } => None,
        }
    }

    /// The same stage on the clock of this boot.
    pub(super) fn resume(&mut self, now: Moment) {
        match self {
            Self::Acknowledged { owed: Owed::Expires(until), .. } => *until = until.resumed(now),
            Self::Acknowledged { owed: Owed::Confirmation { reminder, until, .. }, .. } => {
                *until = until.resumed(now);
                *reminder = reminder.map(|reminder| reminder.resumed(now));
            }
            Self::NotRequired | Self::Unacknowledged { .. } | Self::Acknowledged { .. } | Self::Confirmed { .. } => {}
        }
    }
}

impl Owed {
    fn after_acknowledgement(acknowledge: Acknowledge, now: Moment) -> Self {
        match acknowledge {
            Acknowledge::None | Acknowledge::Single { expires: None, .. } => Self::Nothing,
            Acknowledge::Single { expires: Some(expires), .. } => Self::Expires(now.wait(expires)),
            Acknowledge::Double { confirm_within, confirm_by, .. } => Self::Confirmation {
                reminder: Some(now.wait(two_thirds(confirm_within))),
                until: now.wait(confirm_within),
                by: confirm_by,
            },
        }
    }
}

/// The holder is reminded at two thirds of `confirm-within` (configuration, "Keys not shown above").
fn two_thirds(whole: Duration) -> Duration {
    whole.saturating_mul(2) / 3
}

fn responders(acknowledge: Acknowledge) -> usize {
    match acknowledge {
        Acknowledge::None => 1,
        Acknowledge::Single { responders, .. } | Acknowledge::Double { responders, .. } => usize::from(responders.max(1)),
    }
}

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

    fn required(&self, open: &Occurrence) -> Acknowledge {
        open.activation
            .policy
            .and_then(|number| self.state.policy(number))
            .map_or(Acknowledge::None, |policy| policy.acknowledge())
    }

    fn acknowledge(&mut self, open: &Occurrence, person: &PersonId) -> Outcome {
        match &open.stage {
            Stage::NotRequired => self.refuse(|wording| wording.needs_nobody(open), person),
            Stage::Unacknowledged { so_far } if open.stage.is_held_by(person) => {
                let missing = responders(self.required(open)).saturating_sub(so_far.len());
                Outcome::Done(self.wording(person).more_wanted(open, missing))
            }
            Stage::Unacknowledged { so_far } => {
                let after = self.take(open, so_far, person);
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

    /// The sentence after an acknowledgement that counted, and the end of the occurrence if that
    /// was all it asked for.
    fn conclude(&mut self, after: &Occurrence, person: &PersonId) -> Outcome {
        let code = after.stage.may_be_confirmed_by(person).then(|| self.code_for(after, person));
        let missing = match &after.stage {
            Stage::Unacknowledged { so_far } => responders(self.required(after)).saturating_sub(so_far.len()),
            Stage::NotRequired | Stage::Acknowledged { .. } | Stage::Confirmed { .. } => 0,
        };
        let sentence = if missing > 0 {
            self.wording(person).more_wanted(after, missing)
        } else {
            self.wording(person).taken(after, code)
        };
        self.close_if_over(after);
        Outcome::Done(sentence)
    }

    /// One more person takes it; the ladder stops when they are enough.
    fn take(&mut self, open: &Occurrence, so_far: &[Holder], person: &PersonId) -> Occurrence {
        let mut holders = so_far.to_vec();
        holders.push(Holder { person: person.clone(), since: self.now.utc });
        let required = self.required(open);
        let enough = holders.len() >= responders(required);
        let mut after = open.clone();
        after.declined.retain(|known| known != person);
        after.stage = if enough {
            Stage::Acknowledged { holders, owed: Owed::after_acknowledgement(required, self.now) }
        } else {
            Stage::Unacknowledged { so_far: holders }
        };
        if enough {
            after.ladder = if self.lacks_confirmer(&after) {
                Ladder::from_the_start(self.now, Seeks::Confirmer)
            } else {
                Ladder::Still
            };
        }
        self.stage(&after, Why::Acknowledged(person.clone()), false);
        if enough {
            self.cancel_calls(open);
            self.announce(&after, person);
        }
        after
    }

    /// Whether somebody else must confirm, and nobody else has been told.
    fn lacks_confirmer(&self, open: &Occurrence) -> bool {
        let Stage::Acknowledged { owed: Owed::Confirmation { by: ConfirmBy::Other, .. }, .. } = &open.stage else {
            return false;
        };
        !open.told.iter().any(|told| {
            !open.stage.is_held_by(&told.person) && told.reached && !open.declined.contains(&told.person)
        })
    }

    fn confirm(&mut self, open: &Occurrence, person: &PersonId) -> Outcome {
        match (&open.stage, self.required(open)) {
            (Stage::Unacknowledged { so_far }, Acknowledge::Double { confirm_by, .. }) => {
                let already = open.stage.is_held_by(person);
                let after = if already { open.clone() } else { self.take(open, so_far, person) };
                if after.unacknowledged() || confirm_by == ConfirmBy::Other {
                    return self.conclude(&after, person);
                }
                self.confirmed(&after, person)
            }
            (Stage::Acknowledged { owed: Owed::Confirmation { by, .. }, .. }, _) => {
                if open.stage.may_be_confirmed_by(person) {
                    return self.confirmed(open, person);
                }
                match by {
                    ConfirmBy::Same | ConfirmBy::Anyone => self.refuse(|wording| wording.only_the_holder(open), person),
                    ConfirmBy::Other => self.refuse(|wording| wording.only_another(open), person),
                }
            }
            // On `single`, FIN says no more than the bare code.
            (
                Stage::NotRequired | Stage::Unacknowledged { .. } | Stage::Acknowledged { .. } | Stage::Confirmed { .. },
                Acknowledge::None | Acknowledge::Single { .. } | Acknowledge::Double { .. },
            ) => self.acknowledge(open, person),
        }
    }

    fn confirmed(&mut self, open: &Occurrence, person: &PersonId) -> Outcome {
        let mut after = open.clone();
        after.stage =
            Stage::Confirmed { holders: open.stage.holders().to_vec(), by: person.clone(), at: self.now.utc };
        after.ladder = Ladder::Still;
        self.stage(&after, Why::Confirmed(person.clone()), false);
        self.cancel_calls(open);
        let others: Vec<PersonId> =
            after.stage.holders().iter().map(|holder| holder.person.clone()).filter(|holder| holder != person).collect();
        for holder in others {
            let text = self.wording(&holder).confirmed(&after);
            self.owe(&holder, Purpose::Announcement, Some(&after), text);
        }
        self.close_if_over(&after);
        Outcome::Done(self.wording(person).confirmed(&after))
    }

    fn decline(&mut self, open: &Occurrence, person: &PersonId) -> Outcome {
        match &open.stage {
            Stage::NotRequired => self.refuse(|wording| wording.needs_nobody(open), person),
            Stage::Confirmed { .. } => self.refuse(|wording| wording.dealt_with(open), person),
            Stage::Acknowledged { .. } if open.stage.is_held_by(person) => {
                self.drop_out(open, person);
                let mut after = open.clone();
                after.declined.push(person.clone());
                self.reopen(&after, Why::GivenBack(person.clone()));
                Outcome::Done(self.wording(person).given_back(open))
            }
            Stage::Acknowledged { .. } => {
                let after = self.drop_out(open, person);
                if !open.ladder.is_climbing() && self.lacks_confirmer(&after) && !self.lacks_confirmer(open) {
                    let ladder = Ladder::from_the_start(self.now, Seeks::Confirmer);
                    self.fact(Fact::Climbed { occurrence: open.number, rung: Rung::Hastened, ladder });
                }
                Outcome::Done(self.wording(person).noted(open))
            }
            Stage::Unacknowledged { so_far } => {
                let mut after = self.drop_out(open, person);
                if open.stage.is_held_by(person) {
                    let so_far = so_far.iter().filter(|holder| holder.person != *person).cloned().collect();
                    after.stage = Stage::Unacknowledged { so_far };
                    self.stage(&after, Why::GivenBack(person.clone()), false);
                }
                if let Some(ladder) = after.ladder.without(person, self.now) {
                    self.fact(Fact::Climbed { occurrence: open.number, rung: Rung::Hastened, ladder });
                }
                Outcome::Done(self.wording(person).declined(open))
            }
        }
    }

    /// The person is out for this occurrence: nothing that is queued for them leaves any more.
    fn drop_out(&mut self, open: &Occurrence, person: &PersonId) -> Occurrence {
        let mut after = open.clone();
        if !open.declined.contains(person) {
            after.declined.push(person.clone());
            self.fact(Fact::Declined { occurrence: open.number, by: person.clone() });
        }
        self.cancel_calls_to(open, person);
        after
    }

    fn reset(&mut self, open: &Occurrence, person: &PersonId) -> Outcome {
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
        if let Stage::Acknowledged { owed: Owed::Confirmation { reminder, .. }, .. } = &mut after.stage {
            *reminder = None;
        }
        self.stage(&after, Why::Reminded, false);
        for holder in open.stage.holders().to_vec() {
            let code = open.code_of(&holder.person).filter(|_| open.stage.may_be_confirmed_by(&holder.person));
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

    /// The occurrence is unacknowledged again: a new run, at the first step, with new codes.
    pub(super) fn reopen(&mut self, open: &Occurrence, why: Why) {
        self.cancel_calls(open);
        let after = Occurrence {
            stage: Stage::Unacknowledged { so_far: Vec::new() },
            ladder: Ladder::from_the_start(self.now, Seeks::Answer),
            ..open.clone()
        };
        self.stage(&after, why, true);
    }

    /// Everyone who was told, and has not taken it, is told who has: once, without a question.
    fn announce(&mut self, after: &Occurrence, taker: &PersonId) {
        for told in after.told.iter().filter(|told| told.reached && told.person != *taker) {
            let text = self.wording(&told.person).taken_by(after);
            self.owe(&told.person, Purpose::Announcement, Some(after), text);
        }
    }

    fn stage(&mut self, after: &Occurrence, why: Why, new_run: bool) {
        self.fact(Fact::Staged {
            occurrence: after.number,
            why,
            stage: after.stage.clone(),
            ladder: after.ladder.clone(),
            new_run,
        });
    }

    fn refuse(
        &mut self,
        sentence: impl FnOnce(super::wording::Wording<'_>) -> String,
        person: &PersonId,
    ) -> Outcome {
        Outcome::Refused(Refusal(sentence(self.wording(person))))
    }
}
