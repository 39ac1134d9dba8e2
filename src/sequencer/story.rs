//! The story of an alarm, as the log tells it: a line for each thing that people would want to know of it the next morning.
//!
//! Each line names the alarm (`alarm`, its definition, and `key`), its `occurrence` and the `person` where there is one, so that
//! `journalctl VIGIE_ALARM=cold-room` finds all of them. Never the text of a message, never a code. A test bears another name
//! than its alarm, `TEST:cold-room`: it is no part of that alarm's story.

use std::fmt;

use tracing::{Level, enabled, info, warn};

use super::rows::Touched;
use crate::journal::NotificationRow;
use crate::watch::alarm::{Alarm, AlarmNumber, OccurrenceNumber};
use crate::watch::decision::{Decision, Fact, Why};
use crate::watch::drills::Course;
use crate::watch::escalation::{Phase, Position, Rung};
use crate::watch::flapping::Flap;
use crate::watch::life_sign::Sign;
use crate::watch::notification::{Ending, NotificationId};
use crate::watch::roster::Change;
use crate::watch::state::State;
use crate::watch::suppression::{Mark, Quieting};
use crate::watch::swap::Swapping;

/// Tells of a decision that was taken in.
pub(super) fn tell(state: &State, touched: &Touched, decision: &Decision) {
    // Where nothing is told nothing is looked up either.
    if !enabled!(Level::WARN) {
        return;
    }
    let story = Story { state, touched };
    for fact in &decision.facts {
        story.tell(fact);
    }
}

/// What the lines are looked up in.
struct Story<'a> {
    state: &'a State,
    touched: &'a Touched,
}

/// A line about an occurrence.
macro_rules! about {
    ($level:ident, $story:expr, $occurrence:expr, $($said:tt)+) => {{
        let Named { alarm, key } = $story.named($story.touched.alarm_of($story.state, $occurrence));
        $level!(%alarm, key, occurrence = $occurrence.0, $($said)+);
    }};
}

impl<'a> Story<'a> {
    fn tell(&self, fact: &Fact) {
        match fact {
            Fact::Opened { occurrence, activation, .. } if activation.testing.is_some() => {
                about!(info, self, *occurrence, "test begins");
            }
            Fact::Opened { occurrence, activation, .. } => {
                about!(
                    info,
                    self,
                    *occurrence,
                    priority = %activation.priority.as_str(),
                    "alarm active"
                );
            }
            Fact::Reactivated { occurrence, .. } => {
                about!(info, self, *occurrence, "alarm active again");
            }
            Fact::Graded { occurrence, activation } => {
                about!(
                    info,
                    self,
                    *occurrence,
                    priority = %activation.priority.as_str(),
                    "priority or text changed"
                );
            }
            Fact::Returned { occurrence } => about!(info, self, *occurrence, "alarm returned"),
            Fact::Reset { occurrence, by } => {
                about!(info, self, *occurrence, person = %by, "latched alarm reset");
            }
            Fact::Closed { occurrence } => about!(info, self, *occurrence, "occurrence closed"),
            Fact::Flap(Flap::Begun { occurrence }) => {
                about!(info, self, *occurrence, "alarm flaps");
            }
            Fact::Flap(Flap::Over { occurrence }) => {
                about!(info, self, *occurrence, "alarm flaps no more");
            }
            Fact::Staged { occurrence, why, .. } => self.staged(*occurrence, why),
            Fact::Climbed { occurrence, rung, ladder } => {
                self.climbed(*occurrence, rung);
                if let Rung::Fired { .. } = rung {
                    for person in ladder.spared() {
                        about!(info, self, *occurrence, %person, "person busy, called with the next step");
                    }
                }
            }
            Fact::Declined { occurrence, by } => {
                about!(info, self, *occurrence, person = %by, "declined");
            }
            Fact::DeclinesEnded { occurrence } => {
                about!(warn, self, *occurrence, "nobody else is left; declines count no longer");
            }
            Fact::Quieted(quieting) => self.quieted(quieting),
            Fact::Swapping(swapping) => self.swapped(swapping),
            Fact::Settled { notification, ending, why } => {
                self.settled(*notification, *ending, why.as_deref());
            }
            Fact::Postponed { notification, why, .. } => self.postponed(*notification, why),
            Fact::Drill(course) => drilled(course),
            Fact::LifeSign(sign) => life_signed(sign),
            Fact::LockedOut { number, .. } => warn!(%number, "number locked out after wrong codes"),
            Fact::Rostered(Change::Taken { schedule, by, by_message: _ }) => {
                info!(%schedule, person = %by.person, from = %by.from, until = %by.until, "somebody else is on call");
            }
            Fact::Flap(Flap::Passed { .. } | Flap::Away { .. })
            | Fact::Rostered(
                Change::Asked { .. } | Change::Answered { .. } | Change::Looked { .. },
            )
            | Fact::Heard { .. }
            | Fact::Unclaimed { .. }
            | Fact::Cut { .. }
            | Fact::AlarmKnown { .. }
            | Fact::Pending { .. }
            | Fact::PendingOver { .. }
            | Fact::Repeated { .. }
            | Fact::CodeDrawn { .. }
            | Fact::Owed { .. }
            | Fact::Attempted { .. }
            | Fact::Sent { .. }
            | Fact::PartDelivered { .. }
            | Fact::Released { .. }
            | Fact::WrongCode { .. }
            | Fact::Unlocked { .. }
            | Fact::Explained { .. }
            | Fact::Answered { .. }
            | Fact::PolicyFrozen { .. }
            | Fact::PolicyForgotten { .. }
            | Fact::OwnRaised { .. }
            | Fact::OwnRenewed { .. }
            | Fact::OwnCleared { .. }
            | Fact::Learned(_)
            | Fact::EngineNoted(_)
            | Fact::Passing { .. }
            | Fact::Storm(_)
            | Fact::Beat(_)
            | Fact::Resumed
            | Fact::Withdrawn { .. } => {}
        }
    }

    fn named(&self, alarm: Option<&'a Alarm>) -> Named<'a> {
        let key = alarm.map(|alarm| &*alarm.key).filter(|key| !key.is_empty());
        Named { alarm: Name(alarm), key }
    }

    fn staged(&self, occurrence: OccurrenceNumber, why: &Why) {
        match why {
            Why::Acknowledged(person) => about!(info, self, occurrence, %person, "acknowledged"),
            Why::Confirmed(person) => about!(info, self, occurrence, %person, "confirmed"),
            Why::GivenBack(person) => about!(info, self, occurrence, %person, "given back"),
            Why::ConfirmationLate => {
                about!(warn, self, occurrence, "not confirmed in time; calls start again");
            }
            Why::Expired => {
                about!(warn, self, occurrence, "acknowledgement expired; calls start again");
            }
            Why::Reactivated => {
                about!(info, self, occurrence, "back after an acknowledgement; calls start again");
            }
            Why::Worse => about!(info, self, occurrence, "worse than before; calls start again"),
            Why::Reminded => about!(info, self, occurrence, "holder reminded"),
        }
    }

    /// Who is called, and by which rung: more than the first is silence that escalates.
    fn climbed(&self, occurrence: OccurrenceNumber, rung: &Rung) {
        match rung {
            Rung::Fired { at: Position { phase, pass, step }, people } => {
                let (step, pass) = (step + 1, u64::from(*pass) + 1);
                for person in people {
                    match phase {
                        Phase::Own => {
                            about!(info, self, occurrence, %person, step, pass, "person called");
                        }
                        Phase::LastResort => {
                            about!(info, self, occurrence, %person, step, pass, "person called by the last resort");
                        }
                    }
                }
            }
            Rung::Skipped { at } => {
                about!(
                    info,
                    self,
                    occurrence,
                    step = at.step + 1,
                    "step reaches nobody and is skipped"
                );
            }
            Rung::Hastened => {
                about!(info, self, occurrence, "nobody of the step is left; the next is due");
            }
        }
    }

    /// What is kept quiet on purpose, by whom and until when; a reason is somebody's own words, and on the record.
    fn quieted(&self, quieting: &Quieting) {
        let named = |alarm: AlarmNumber| self.named(self.state.alarm_numbered(alarm));
        match quieting {
            Quieting::Shelved { alarm, shelf } => {
                let (Named { alarm, key }, Mark { by, .. }) = (named(*alarm), &shelf.mark);
                info!(%alarm, key, person = %by, until = %shelf.until.due, "shelved");
            }
            Quieting::Unshelved { alarm, by } => {
                let (Named { alarm, key }, person) = (named(*alarm), by.as_ref());
                info!(%alarm, key, person = person.map(tracing::field::display), "shelved no more");
            }
            Quieting::OutOfService { alarm, mark } => {
                let Named { alarm, key } = named(*alarm);
                info!(%alarm, key, person = %mark.by, "out of service");
            }
            Quieting::InService { alarm, by } => {
                let Named { alarm, key } = named(*alarm);
                info!(%alarm, key, person = %by, "returned to service");
            }
            Quieting::DefinitionOut { definition, mark } => {
                info!(alarm = %definition, person = %mark.by, "all alarms of the definition are out of service");
            }
            Quieting::DefinitionIn { definition, by } => {
                info!(alarm = %definition, person = %by, "all alarms of the definition are returned to service");
            }
            Quieting::Hushed { alarm, .. } => {
                let Named { alarm, key } = named(*alarm);
                info!(%alarm, key, "suppressed: what stood is kept quiet");
            }
            Quieting::Came { alarm, .. } | Quieting::Happened { alarm } => {
                let Named { alarm, key } = named(*alarm);
                info!(%alarm, key, "suppressed: it is present and calls nobody");
            }
            Quieting::Gone { alarm } => {
                let Named { alarm, key } = named(*alarm);
                info!(%alarm, key, "suppressed: it is gone, and called nobody");
            }
            Quieting::Surfaced { alarm } => {
                let Named { alarm, key } = named(*alarm);
                info!(%alarm, key, "suppressed no more");
            }
            Quieting::Again { .. } | Quieting::Listed { .. } | Quieting::Reviewed { .. } => {}
        }
    }

    fn swapped(&self, swapping: &Swapping) {
        match swapping {
            Swapping::Group { group, standing } => {
                let until = standing.as_ref().and_then(|standing| standing.swapped);
                match until {
                    Some(swapped) => info!(%group, until = %swapped.until, "alarms are swapped"),
                    None => info!(%group, "alarms are not swapped"),
                }
            }
            Swapping::Moved { occurrence, away, .. } => {
                about!(info, self, *occurrence, away, "moves with its group");
            }
        }
    }

    fn settled(&self, id: NotificationId, ending: Ending, why: Option<&str>) {
        let (Ending::Refused | Ending::Expired) = ending else { return };
        let row = self.touched.ended(id);
        let person = row.map(|row| tracing::field::display(&row.person));
        let occurrence = row.and_then(|NotificationRow { occurrence, .. }| *occurrence);
        let alarm = occurrence.and_then(|number| self.state.alarm_of(OccurrenceNumber(number)));
        let (alarm, key) = self.named(alarm).known();
        warn!(
            alarm,
            key,
            occurrence,
            person,
            notification = id.0,
            ending = ending.as_str(),
            reason = why.map(tracing::field::display),
            "a message did not reach its person"
        );
    }

    fn postponed(&self, id: NotificationId, why: &str) {
        let owed = self.state.notification(id);
        let person = owed.map(|owed| tracing::field::display(&owed.person));
        let occurrence = owed.and_then(|owed| owed.occurrence);
        let alarm = occurrence.and_then(|number| self.state.alarm_of(number));
        let (alarm, key) = self.named(alarm).known();
        let occurrence = occurrence.map(|number| number.0);
        warn!(
            alarm,
            key,
            occurrence,
            person,
            notification = id.0,
            reason = %why,
            "an attempt failed; the message goes again"
        );
    }
}

fn drilled(course: &Course) {
    match course {
        Course::Begun { drill, asked, .. } => {
            info!(%drill, people = asked.len(), "drill begins");
        }
        Course::Answered { drill, person } => info!(%drill, %person, "drill answered"),
        Course::Skipped { drill, due, .. } => {
            warn!(%drill, %due, "the daemon was away at the time of a drill, which is skipped");
        }
        Course::Planned { .. }
        | Course::Waits { .. }
        | Course::Over { .. }
        | Course::Forgotten { .. } => {}
    }
}

fn life_signed(sign: &Sign) {
    match sign {
        Sign::Given { to, .. } => info!(people = to.len(), "sign of life"),
        Sign::Skipped { due, .. } => {
            warn!(%due, "the daemon was away at the time of a sign of life, which is skipped");
        }
        Sign::Planned { .. } | Sign::Waits { .. } | Sign::Forgotten => {}
    }
}

/// An alarm, as lines name it.
struct Named<'a> {
    alarm: Name<'a>,
    /// What a wire made of it may hold anything: it is shown in quotes.
    key: Option<&'a str>,
}

impl<'a> Named<'a> {
    /// For a message that may be about no alarm.
    fn known(self) -> (Option<tracing::field::DisplayValue<Name<'a>>>, Option<&'a str>) {
        (self.alarm.0.map(|_| tracing::field::display(self.alarm)), self.key)
    }
}

/// Its definition, and whether it stands for tests.
#[derive(Clone, Copy)]
struct Name<'a>(Option<&'a Alarm>);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(alarm) if alarm.is_test => write!(f, "TEST:{}", alarm.definition),
            Some(alarm) => write!(f, "{}", alarm.definition),
            // Its alarm is forgotten.
            None => f.write_str("?"),
        }
    }
}
