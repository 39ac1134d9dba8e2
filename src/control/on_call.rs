//! Who is on call, as `vigie oncall` tells it; and a person who takes a schedule.
//!
//! The same views are made without a daemon, of the files alone: the command line calls [`views`] itself.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tracing::info;

use super::peer::{Peer, Standing};
use super::protocol::{Answer, Asking, Refused, Taking};
use super::view::told;
use super::{Room, who_acts};
use crate::watch::event::Happening;
use crate::watch::name::{PersonId, ScheduleId};
use crate::watch::roster::{Roster, Wish};
use crate::watch::schedule::Schedule;
use crate::watch::site::Site;
use crate::watch::time::Utc;

/// Nobody is asked about more than this at once.
const LONGEST: Duration = Duration::from_secs(400 * 86_400);

/// Who is on call for one schedule.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OnCallView {
    /// The schedule.
    pub schedule: ScheduleId,
    /// In whose clocks it is written.
    pub time_zone: Option<String>,
    /// Who, stretch by stretch, without a gap; where nobody is, nobody is named.
    pub stretches: Vec<StretchView>,
}

/// For so long the same people are on call.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StretchView {
    /// From when, RFC 3339: the beginning of what was asked, or the handover.
    pub from: String,
    /// Until when; `None`: nothing is known to change.
    pub until: Option<String>,
    /// Who.
    pub people: Vec<PersonId>,
    /// Whether somebody stands in: by an override of the files, or taken by a person.
    pub standing_in: Option<StandingIn>,
}

/// Why somebody stands in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StandingIn {
    /// The files say so.
    Override,
    /// They have taken the schedule, or traded their shift.
    Taken,
}

/// Who is on call for every schedule.
pub fn views(site: &Site, roster: &Roster, asked: Asking) -> Vec<OnCallView> {
    let view = |(id, schedule): (&ScheduleId, &Schedule)| {
        let in_force = roster.in_force(site, id, schedule);
        let why = |at: Utc| {
            let is_override = in_force.overrides.iter().any(|one| one.covers(at));
            match (roster.is_taken(id, at), is_override) {
                (true, _) => Some(StandingIn::Taken),
                (false, true) => Some(StandingIn::Override),
                (false, false) => None,
            }
        };
        let stretch = |from: Utc, until: Option<Utc>, people: Vec<PersonId>| StretchView {
            from: from.to_string(),
            until: until.map(|until| until.to_string()),
            people,
            standing_in: why(from),
        };
        let stretches = match asked.until {
            Some(until) => {
                let stretches =
                    in_force.stretches(asked.from, until.min(asked.from.after(LONGEST)));
                stretches
                    .into_iter()
                    .map(|one| stretch(one.from, Some(one.until), one.people))
                    .collect()
            }
            None => {
                let until = in_force.same_until(asked.from);
                let next = until
                    .map(|from| stretch(from, in_force.same_until(from), in_force.on_call(from)));
                let now = stretch(asked.from, until, in_force.on_call(asked.from));
                std::iter::once(now).chain(next).collect()
            }
        };
        OnCallView {
            schedule: id.clone(),
            time_zone: schedule.wall.zone().map(str::to_owned),
            stretches,
        }
    };
    site.schedules.iter().map(view).collect()
}

/// What is in force now, with what people have changed of it.
pub(super) async fn on_call(room: &Room, asked: Asking) -> Result<Answer, Refused> {
    // The watch is not kept waiting: a year of fifty schedules is a second's work.
    let known =
        room.inbox.ask(|watch| (Arc::clone(watch.site()), watch.state().roster().clone())).await;
    told(known.map(|(site, roster)| views(&site, &roster, asked)))
}

/// A person takes a schedule, as if by SMS.
pub(super) async fn take(
    room: &Room,
    peer: &Peer,
    asked: Taking,
    standing: &Standing,
) -> Result<Answer, Refused> {
    let person = who_acts(peer, asked.person.as_deref(), standing)?;
    let account = Arc::from(peer.account());
    let (schedule, lasting) = (Arc::from(asked.schedule), Duration::from_secs(asked.seconds));
    let wish = Wish { person, account, schedule, lasting };
    info!(person = %wish.person, account = %wish.account, schedule = %wish.schedule, "a person takes a schedule on the command line");
    room.order(Happening::Rostering(wish)).await
}
