//! The words for a ladder that is climbed, for what people have answered, and for what comes and goes without end.

use super::transcript::View;
use crate::watch::alarm::OccurrenceNumber;
use crate::watch::decision::Why;
use crate::watch::drills::Course;
use crate::watch::escalation::{
    FrozenPolicy, Ladder, Phase, Position, Rung, Seeks, reachable, resolve,
};
use crate::watch::event::{Action, Command, Target};
use crate::watch::flapping::Flap;
use crate::watch::life_sign::Sign;
use crate::watch::name::PersonId;
use crate::watch::site::{ConfirmBy, Policy, Recipient, Step};
use crate::watch::stage::{Owed, Stage};

pub(super) fn climbed(
    view: &View<'_>,
    occurrence: OccurrenceNumber,
    rung: &Rung,
    ladder: &Ladder,
) -> Option<String> {
    let number = occurrence.0;
    match rung {
        Rung::Fired { at, people } => {
            let next = match ladder {
                Ladder::Still => String::new(),
                Ladder::Climbing { due, .. } => format!("; next at {}", view.time(due.due)),
            };
            Some(format!(
                "#{number} {}: calls {}{}{next}",
                place(view, occurrence, *at),
                names(people),
                spared(view, occurrence, ladder)
            ))
        }
        Rung::Skipped { at } => {
            let pause = match ladder {
                Ladder::Climbing { due, .. } if due.mono > view.decision.moment.mono => {
                    format!("; nobody at all in this pass, again at {}", view.time(due.due))
                }
                Ladder::Climbing { .. } | Ladder::Still => String::new(),
            };
            let why = why_skipped(view, occurrence, *at);
            Some(format!("#{number} {} is skipped: {why}{pause}", place(view, occurrence, *at)))
        }
        Rung::Hastened => match ladder {
            Ladder::Climbing { due, .. } if due.mono <= view.decision.moment.mono => {
                Some(format!("#{number} the next step is due at once"))
            }
            Ladder::Climbing { .. } | Ladder::Still => None,
        },
    }
}

/// "#1 nobody else is left: that marie, karim have declined counts no longer"
pub(super) fn declines_ended(view: &View<'_>, occurrence: OccurrenceNumber) -> String {
    let open = view.before.occurrence(occurrence);
    let declined = open.map_or(&[][..], |open| &open.declined);
    format!(
        "#{} nobody else is left: that {} have declined counts no longer",
        occurrence.0,
        names(declined)
    )
}

pub(super) fn staged(
    view: &View<'_>,
    occurrence: OccurrenceNumber,
    why: &Why,
    stage: &Stage,
    new_run: bool,
) -> String {
    let what = match why {
        Why::Acknowledged(person) => format!("acknowledged by {person}"),
        Why::Confirmed(person) => format!("confirmed by {person}"),
        Why::GivenBack(person) => format!("given back by {person}"),
        Why::ConfirmationLate => "not confirmed in time".to_owned(),
        Why::Expired => "the acknowledgement has expired".to_owned(),
        Why::Reactivated => "the acknowledgement counts no longer".to_owned(),
        Why::Worse => "it is worse".to_owned(),
        Why::Reminded => "the holder is reminded".to_owned(),
    };
    let owed = match (why, stage) {
        (Why::Acknowledged(_), Stage::Unacknowledged { .. }) => {
            "; more people are wanted".to_owned()
        }
        (Why::Acknowledged(_), Stage::Acknowledged { owed, .. }) => still_owed(view, *owed),
        (
            Why::Acknowledged(_)
            | Why::Confirmed(_)
            | Why::GivenBack(_)
            | Why::ConfirmationLate
            | Why::Expired
            | Why::Reactivated
            | Why::Worse
            | Why::Reminded,
            Stage::NotRequired
            | Stage::Unacknowledged { .. }
            | Stage::Acknowledged { .. }
            | Stage::Confirmed { .. },
        ) => String::new(),
    };
    let run = if new_run { "; the ladder starts again, with new codes" } else { "" };
    format!("#{} {what}{owed}{run}", occurrence.0)
}

fn still_owed(view: &View<'_>, owed: Owed) -> String {
    match owed {
        Owed::Nothing => String::new(),
        Owed::Expires(until) => format!("; counts until {}", view.time(until.due)),
        Owed::Confirmation { until, by, .. } => {
            let by = match by {
                ConfirmBy::Same => "",
                ConfirmBy::Other => " by somebody else",
                ConfirmBy::Anyone => " by anybody",
            };
            format!("; to be confirmed{by} before {}", view.time(until.due))
        }
    }
}

fn names(people: &[PersonId]) -> String {
    let names: Vec<&str> = people.iter().map(PersonId::as_str).collect();
    names.join(", ")
}

/// "; marie is busy with #1 and is called with the next step"
fn spared(view: &View<'_>, occurrence: OccurrenceNumber, ladder: &Ladder) -> String {
    let priority = view.before.occurrence(occurrence).map(|open| open.activation.priority);
    let busy: Vec<String> = ladder
        .spared()
        .iter()
        .map(|person| {
            let with = priority.and_then(|priority| view.before.keeps_busy(person, priority));
            let with = with.map_or_else(String::new, |with| format!(" with #{}", with.0));
            format!("; {person} is busy{with}, called with the next step")
        })
        .collect();
    busy.concat()
}

/// "step 2 of 3", with the pass and the policy where that is not the first of the alarm's own.
fn place(view: &View<'_>, occurrence: OccurrenceNumber, at: Position) -> String {
    let step = at.step.saturating_add(1);
    let Some(policy) = policy_of(view, occurrence) else { return format!("step {step}") };
    let (name, climbed) = phase(&policy, at.phase);
    let steps = climbed.steps.len();
    let pass = u64::from(at.pass).saturating_add(1);
    let passes = u64::from(climbed.repeat).saturating_add(1);
    match at.phase {
        Phase::LastResort if pass > 1 => {
            format!("last resort {name}, time {pass}, step {step} of {steps}")
        }
        Phase::LastResort => format!("last resort {name}, step {step} of {steps}"),
        Phase::Own if passes > 1 && pass <= passes => {
            format!("step {step} of {steps} (pass {pass} of {passes})")
        }
        Phase::Own if pass > 1 => format!("step {step} of {steps} (pass {pass})"),
        Phase::Own => format!("step {step} of {steps}"),
    }
}

fn policy_of(
    view: &View<'_>,
    occurrence: OccurrenceNumber,
) -> Option<std::sync::Arc<FrozenPolicy>> {
    let open = view.before.occurrence(occurrence).or_else(|| view.after.occurrence(occurrence))?;
    let number = open.activation.policy?;
    view.before.policy(number).or_else(|| view.after.policy(number))
}

fn phase(policy: &FrozenPolicy, phase: Phase) -> (&str, &Policy) {
    match (phase, &policy.last_resort) {
        (Phase::LastResort, Some((name, last))) => (name.as_str(), last),
        (Phase::LastResort, None) | (Phase::Own, _) => (policy.name.as_str(), &policy.policy),
    }
}

fn why_skipped(view: &View<'_>, occurrence: OccurrenceNumber, at: Position) -> String {
    let policy = policy_of(view, occurrence);
    let step = policy.as_deref().and_then(|policy| phase(policy, at.phase).1.steps.get(at.step));
    let (Some(step), Some(open)) = (step, view.before.occurrence(occurrence)) else {
        return "there is no such step".to_owned();
    };
    let people = resolve(view.site, view.before.roster(), step, view.decision.utc());
    if people.is_empty() {
        return format!("{} has nobody", recipients(step));
    }
    let seeks_confirmer = matches!(&open.ladder, Ladder::Climbing { seeks: Seeks::Confirmer, .. });
    let reasons: Vec<String> = people
        .iter()
        .map(|person| {
            if open.declined.contains(person) {
                format!("{person} has declined")
            } else if !reachable(view.site, person, &step.by) {
                format!("{person} has no number")
            } else if seeks_confirmer && open.stage.is_held_by(person) {
                format!("{person} holds it")
            } else {
                format!("{person} is out")
            }
        })
        .collect();
    reasons.join(", ")
}

fn recipients(step: &Step) -> String {
    let named: Vec<String> = step
        .notify
        .iter()
        .map(|recipient| match recipient {
            Recipient::Person(person) => format!("person:{person}"),
            Recipient::Group(group) => format!("group:{group}"),
            Recipient::Schedule(schedule) => format!("schedule:{schedule}"),
        })
        .collect();
    named.join(" and ")
}

/// What comes and goes without end.
pub(super) fn flap(flap: &Flap) -> Option<String> {
    match flap {
        Flap::Passed { .. } | Flap::Away { .. } => None,
        Flap::Begun { occurrence } => {
            Some(format!("#{} flaps: it comes and goes without end", occurrence.0))
        }
        Flap::Over { occurrence } => Some(format!("#{} flaps no more", occurrence.0)),
    }
}

/// What becomes of a drill.
pub(super) fn drill(view: &View<'_>, course: &Course) -> Option<String> {
    match course {
        Course::Planned { .. } | Course::Waits { .. } => None,
        Course::Begun { drill, until, asked, .. } => {
            let people: Vec<&str> = asked.iter().map(|asked| asked.person.as_str()).collect();
            let until = view.time(until.due);
            Some(format!("drill {drill} begins: {} until {until}", people.join(", ")))
        }
        Course::Skipped { drill, due, .. } => {
            Some(format!("drill {drill} of {} is skipped", view.time(*due)))
        }
        Course::Answered { drill, person } => Some(format!("drill {drill} answered by {person}")),
        Course::Over { drill } => Some(format!("drill {drill} is over")),
        Course::Forgotten { drill } => Some(format!("drill {drill} is held no more")),
    }
}

/// What becomes of the daily sign of life.
pub(super) fn life_sign(view: &View<'_>, sign: &Sign) -> Option<String> {
    match sign {
        Sign::Planned { .. } | Sign::Waits { .. } => None,
        Sign::Given { to, .. } if to.is_empty() => {
            Some("the sign of life of today reaches nobody".to_owned())
        }
        Sign::Given { to, .. } => {
            let people: Vec<&str> = to.iter().map(PersonId::as_str).collect();
            Some(format!("the sign of life of today: {}", people.join(", ")))
        }
        Sign::Skipped { due, .. } => {
            Some(format!("the sign of life of {} is skipped", view.time(*due)))
        }
        Sign::Forgotten => Some("no sign of life is given any more".to_owned()),
    }
}

/// A command at the control socket.
pub(super) fn typed(command: &Command) -> String {
    let action = match command.action {
        Action::Acknowledge => "ack",
        Action::Confirm => "confirm",
        Action::Decline => "decline",
        Action::Reset => "reset",
    };
    match command.target {
        Target::Code(code) => format!("{} types {action} {code}", command.person),
        Target::Occurrence(number) => format!("{} types {action} #{}", command.person, number.0),
    }
}
