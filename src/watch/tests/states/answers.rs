//! What an answer must lead to, whoever gives it (behaviour §3).

use super::steps::Step;
use crate::watch::alarm::{Occurrence, OccurrenceNumber};
use crate::watch::decision::{Fact, Why};
use crate::watch::event::{Action, Happening, Target};
use crate::watch::name::PersonId;
use crate::watch::site::ConfirmBy;
use crate::watch::stage::{Owed, Stage};

pub(super) fn hold_for(step: Step<'_>) {
    let Some(answer) = answer(step) else { return };
    answer.touches_nothing_else();
    let why: Vec<&Why> = answer.why().collect();
    let (open, person) = (answer.open, answer.person);
    let held = open.stage.is_held_by(person);
    match answer.action {
        Action::Acknowledge if open.unacknowledged() && !held => {
            assert_eq!(why, [&Why::Acknowledged(person.clone())], "{:#?}", step.decision);
        }
        Action::Confirm if open.unacknowledged() && !held => {
            let first = why.first().copied();
            assert_eq!(first, Some(&Why::Acknowledged(person.clone())), "{:#?}", step.decision);
            let stage = step.stage_after(open);
            // Both at once, unless somebody else is to confirm, or more people are to come.
            let owes = matches!(stage, Stage::Acknowledged { owed: Owed::Confirmation { by, .. }, .. } if *by != ConfirmBy::Other);
            assert!(!owes, "{:#?}", step.decision);
        }
        Action::Confirm if may_confirm(&open.stage, person) => {
            assert_eq!(why, [&Why::Confirmed(person.clone())], "{:#?}", step.decision);
        }
        // What one holds another's bare code does not take away; it never confirms; nobody counts
        // twice.
        Action::Acknowledge | Action::Confirm => {
            assert!(why.is_empty(), "{:#?}", step.decision);
        }
        Action::Decline => answer.declined(&why),
        Action::Reset => {
            let may = open.latched && !open.active && !open.unacknowledged();
            let reset = |fact: &Fact| matches!(fact, Fact::Reset { .. });
            assert_eq!(step.decision.facts.iter().any(reset), may, "{:#?}", step.decision);
            assert!(why.is_empty(), "{:#?}", step.decision);
        }
    }
}

fn may_confirm(stage: &Stage, person: &PersonId) -> bool {
    let Stage::Acknowledged { owed: Owed::Confirmation { by, .. }, .. } = stage else {
        return false;
    };
    match by {
        ConfirmBy::Same => stage.is_held_by(person),
        ConfirmBy::Other => !stage.is_held_by(person),
        ConfirmBy::Anyone => true,
    }
}

/// A person answers to what is open.
struct Answer<'a> {
    step: Step<'a>,
    open: &'a Occurrence,
    person: &'a PersonId,
    action: Action,
}

fn answer(step: Step<'_>) -> Option<Answer<'_>> {
    match step.happening {
        Happening::Command(command) => {
            let Target::Occurrence(number) = command.target else { return None };
            let (open, person) = (step.open(number), &command.person);
            Some(Answer { step, open, person, action: command.action })
        }
        Happening::Message(message) => {
            let (code, word) =
                message.signal.text.split_once(' ').unwrap_or((&message.signal.text, ""));
            let number = message.sender.as_ref()?;
            let person = step.before.watch.site().person_at(number)?;
            let mut standing = step.before.state().standing().map(|(_, open)| open);
            let open = standing
                .find(|open| open.code_of(person).is_some_and(|own| own.to_string() == code))?;
            let action = match word {
                "" => Action::Acknowledge,
                "FIN" => Action::Confirm,
                "NON" => Action::Decline,
                other => panic!("nobody sends {other}"),
            };
            Some(Answer { step, open, person, action })
        }
        _ => None,
    }
}

impl<'a> Answer<'a> {
    fn why(&self) -> impl Iterator<Item = &'a Why> {
        self.step.decision.facts.iter().filter_map(|fact| match fact {
            Fact::Staged { why, .. } => Some(why),
            _ => None,
        })
    }

    /// An answer changes what it is about, and nothing else.
    fn touches_nothing_else(&self) {
        for fact in &self.step.decision.facts {
            let number = about(fact);
            assert!(number.is_none_or(|number| number == self.open.number), "{fact:#?}");
        }
    }

    /// "I cannot": this person is out, what they had is given back, and nothing else changes.
    fn declined(&self, why: &[&Why]) {
        let open = self.open;
        let asks = matches!(open.stage, Stage::Unacknowledged { .. } | Stage::Acknowledged { .. });
        let gives_back = asks && open.stage.is_held_by(self.person);
        let expected = Why::GivenBack(self.person.clone());
        assert_eq!(why, if gives_back { vec![&expected] } else { vec![] });
        let out = |fact: &Fact| matches!(fact, Fact::Declined { by, .. } if by == self.person);
        let declines = self.step.decision.facts.iter().any(out);
        let expected = asks && !open.has_declined(self.person);
        assert_eq!(declines, expected, "{:#?}", self.step.decision);
    }
}

/// Which occurrence a fact changes.
fn about(fact: &Fact) -> Option<OccurrenceNumber> {
    match fact {
        Fact::Opened { occurrence, .. }
        | Fact::Reactivated { occurrence, .. }
        | Fact::Repeated { occurrence }
        | Fact::Graded { occurrence, .. }
        | Fact::Returned { occurrence }
        | Fact::Reset { occurrence, .. }
        | Fact::Closed { occurrence }
        | Fact::Staged { occurrence, .. }
        | Fact::Climbed { occurrence, .. }
        | Fact::Declined { occurrence, .. }
        | Fact::CodeDrawn { occurrence, .. } => Some(*occurrence),
        Fact::Owed { notification } => notification.occurrence,
        _ => None,
    }
}
