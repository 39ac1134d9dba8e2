//! A decision as the journal keeps it, and as the log tells it.

use serde::{Deserialize, Serialize};
use tracing::{info, warn};

use crate::journal::{NewEntry, PRUNED};
use crate::watch::alarm::{Alarm, OccurrenceNumber};
use crate::watch::decision::{Decision, Fact, Outcome, Why};
use crate::watch::drills::Course;
use crate::watch::escalation::Rung;
use crate::watch::event::Happening;
use crate::watch::flapping::Flap;
use crate::watch::notification::Ending;
use crate::watch::roster::Change;
use crate::watch::state::State;
use crate::watch::swap::Swapping;

#[derive(Serialize)]
struct Written<'a> {
    event: &'a Happening,
    facts: &'a [Fact],
}

/// What a replay needs of an entry.
#[derive(Deserialize)]
pub(super) struct Recorded {
    pub(super) facts: Vec<Fact>,
}

/// What a wire brought, or a person did, is on the record even when nothing follows from it.
pub fn is_always_recorded(happening: &Happening) -> bool {
    match happening {
        Happening::Signal(_)
        | Happening::Message(_)
        | Happening::Call(_)
        | Happening::Command(_)
        | Happening::Silenced(_)
        | Happening::Swap(_)
        | Happening::Test(_)
        | Happening::Rostering(_)
        | Happening::Quieten(_)
        | Happening::Delivery(_)
        | Happening::Started(_)
        | Happening::Stopped
        | Happening::Configured
        | Happening::Reloaded(_)
        | Happening::Pruned(_) => true,
        Happening::Report(_)
        | Happening::Own(_)
        | Happening::Learned(_)
        | Happening::EngineNoted(_)
        | Happening::Deadline => false,
    }
}

/// Whether a decision from which nothing follows has an entry. In distress what only repeats has none: nothing is acknowledged
/// then, so that a broker sends all of it again at each connection, and the memory of distress would be full of it.
pub(super) fn has_entry(happening: &Happening, decision: &Decision, in_distress: bool) -> bool {
    let is_repetition = decision.outcome == Outcome::Repeated;
    is_always_recorded(happening) && !(in_distress && is_repetition)
}

fn kind(happening: &Happening) -> &'static str {
    match happening {
        Happening::Signal(_) => "signal",
        Happening::Message(_) => "message",
        Happening::Call(_) => "call",
        Happening::Command(_) => "command",
        Happening::Silenced(_) => "silenced",
        Happening::Swap(_) => "swap",
        Happening::Test(_) => "test",
        Happening::Rostering(_) => "rostering",
        Happening::Quieten(_) => "quieten",
        Happening::Report(_) => "report",
        Happening::Delivery(_) => "delivery",
        Happening::Own(_) => "own",
        Happening::Learned(_) => "learned",
        Happening::EngineNoted(_) => "engine_noted",
        Happening::Started(_) => "started",
        Happening::Stopped => "stopped",
        Happening::Configured => "configured",
        Happening::Reloaded(_) => "reloaded",
        Happening::Pruned(_) => PRUNED,
        Happening::Deadline => "deadline",
    }
}

/// Most entries are no longer: room for one is made once, not while it is written.
const USUAL: usize = 1_536;

/// The entry of one decision.
pub(super) fn entry(
    happening: &Happening,
    decision: &Decision,
    distress: bool,
) -> Result<NewEntry, serde_json::Error> {
    let mut body = Vec::with_capacity(USUAL);
    serde_json::to_writer(&mut body, &Written { event: happening, facts: &decision.facts })?;
    Ok(NewEntry { moment: decision.moment, kind: kind(happening), body, distress })
}

/// The story of an alarm, in a few lines. Never a message's text, never a code.
pub(super) fn log(state: &State, decision: &Decision) {
    for fact in &decision.facts {
        match fact {
            Fact::Opened { occurrence, activation, .. } if activation.testing.is_some() => {
                info!(alarm = %tag(state, *occurrence), occurrence = occurrence.0, "test begins");
            }
            Fact::Opened { occurrence, activation, .. } => {
                info!(alarm = %tag(state, *occurrence), occurrence = occurrence.0, priority = ?activation.priority, "alarm active");
            }
            Fact::Reactivated { occurrence, .. } => {
                info!(alarm = %tag(state, *occurrence), occurrence = occurrence.0, "alarm active again");
            }
            Fact::Returned { occurrence } => {
                info!(alarm = %tag(state, *occurrence), occurrence = occurrence.0, "alarm returned");
            }
            Fact::Flap(Flap::Begun { occurrence }) => {
                info!(alarm = %tag(state, *occurrence), occurrence = occurrence.0, "alarm flaps");
            }
            Fact::Flap(Flap::Over { occurrence }) => {
                info!(alarm = %tag(state, *occurrence), occurrence = occurrence.0, "alarm flaps no more");
            }
            Fact::Drill(Course::Begun { drill, asked, .. }) => {
                info!(%drill, people = asked.len(), "drill begins");
            }
            Fact::Drill(Course::Answered { drill, person }) => {
                info!(%drill, %person, "drill answered");
            }
            Fact::Drill(Course::Skipped { drill, due, .. }) => {
                warn!(%drill, %due, "the daemon was away at the time of a drill, which is skipped");
            }
            Fact::Closed { occurrence } => info!(occurrence = occurrence.0, "occurrence closed"),
            Fact::Staged { occurrence, why, .. } => staged(state, *occurrence, why),
            Fact::Climbed { occurrence, rung: Rung::Fired { people, .. }, ladder } => {
                for person in people {
                    info!(alarm = %tag(state, *occurrence), occurrence = occurrence.0, %person, "person called");
                }
                for person in ladder.spared() {
                    info!(alarm = %tag(state, *occurrence), occurrence = occurrence.0, %person, "person busy, called with the next step");
                }
            }
            Fact::Climbed { occurrence, rung: Rung::Skipped { at }, .. } => {
                info!(alarm = %tag(state, *occurrence), occurrence = occurrence.0, step = at.step + 1, "step reaches nobody and is skipped");
            }
            Fact::Swapping(swapping) => swapped(state, swapping),
            Fact::Declined { occurrence, by } => {
                info!(alarm = %tag(state, *occurrence), occurrence = occurrence.0, person = %by, "declined");
            }
            Fact::Settled {
                notification,
                ending: ending @ (Ending::Refused | Ending::Expired),
            } => {
                warn!(
                    notification = notification.0,
                    ending = ending.as_str(),
                    "a message did not reach its person"
                );
            }
            Fact::Postponed { notification, why, .. } => {
                warn!(notification = notification.0, reason = %why, "an attempt failed; the message goes again");
            }
            Fact::LockedOut { number, .. } => warn!(%number, "number locked out after wrong codes"),
            Fact::Rostered(Change::Taken { schedule, by }) => {
                info!(%schedule, person = %by.person, from = %by.from, until = %by.until, "somebody else is on call");
            }
            _ => {}
        }
    }
}

fn swapped(state: &State, swapping: &Swapping) {
    match swapping {
        Swapping::Group { group, standing } => {
            let until = standing.as_ref().and_then(|standing| standing.swapped);
            match until {
                Some(swapped) => info!(%group, until = %swapped.until, "alarms are swapped"),
                None => info!(%group, "alarms are not swapped"),
            }
        }
        Swapping::Moved { occurrence, away, .. } => {
            info!(alarm = %tag(state, *occurrence), occurrence = occurrence.0, away, "moves with its group");
        }
    }
}

fn staged(state: &State, occurrence: OccurrenceNumber, why: &Why) {
    let (alarm, occurrence) = (tag(state, occurrence), occurrence.0);
    match why {
        Why::Acknowledged(person) => info!(%alarm, occurrence, %person, "acknowledged"),
        Why::Confirmed(person) => info!(%alarm, occurrence, %person, "confirmed"),
        Why::GivenBack(person) => info!(%alarm, occurrence, %person, "given back"),
        Why::ConfirmationLate => {
            warn!(%alarm, occurrence, "not confirmed in time; calls start again")
        }
        Why::Expired => warn!(%alarm, occurrence, "acknowledgement expired; calls start again"),
        Why::Reactivated => {
            info!(%alarm, occurrence, "back after an acknowledgement; calls start again")
        }
        Why::Worse => info!(%alarm, occurrence, "worse than before; calls start again"),
        Why::Reminded => info!(%alarm, occurrence, "holder reminded"),
    }
}

fn tag(state: &State, occurrence: OccurrenceNumber) -> String {
    state.alarm_of(occurrence).map_or_else(|| format!("#{}", occurrence.0), Alarm::tag)
}
