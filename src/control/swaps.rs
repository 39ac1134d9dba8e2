//! A person swaps a group of alarms at the control socket, and sees how the groups stand.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tracing::info;

use super::peer::{Peer, Standing};
use super::protocol::{Answer, Refused, Swap};
use super::view::told;
use super::{Room, who_acts};
use crate::watch::Watch;
use crate::watch::event::{Happening, SwapRequest};
use crate::watch::swap::{is_on, next_change};
use crate::watch::time::Utc;

/// A group, as `vigie swaps --json` documents it.
#[derive(Debug, Serialize)]
struct View {
    group: String,
    swapped: bool,
    since: Option<String>,
    until: Option<String>,
    /// Whose order counts; null: the calendar's.
    by: Option<String>,
    /// When the calendar swaps it next, if it is not swapped now.
    next: Option<String>,
    /// Where its alarms go while it is swapped.
    escalations: Vec<String>,
    /// How many open alarms that nobody holds went there.
    moved: usize,
}

/// The order goes in by the same door as one by SMS.
pub(super) async fn swap(
    room: &Room,
    peer: &Peer,
    asked: Swap,
    standing: &Standing,
) -> Result<Answer, Refused> {
    let person = who_acts(peer, asked.person.as_deref(), standing)?;
    let request = SwapRequest {
        person,
        account: Arc::from(peer.account()),
        group: Arc::from(asked.group),
        lasting: asked.seconds.map(Duration::from_secs),
    };
    info!(person = %request.person, account = %request.account, "a person swaps alarms on the command line");
    room.order(Happening::Swap(request)).await
}

/// How the groups stand.
pub(super) async fn swaps(room: &Room) -> Result<Answer, Refused> {
    let now = room.clock.now().utc;
    told(room.inbox.ask(move |watch| views(watch, now)).await)
}

fn views(watch: &Watch, now: Utc) -> Vec<View> {
    let (site, state) = (watch.site(), watch.state());
    let groups = site.swaps.groups.iter();
    groups
        .map(|(group, escalations)| {
            let standing = state.swap_of(group);
            let swapped = standing.and_then(|standing| standing.swapped);
            let calendar = site.swaps.calendar.get(group);
            let waits = calendar.filter(|calendar| swapped.is_none() && !is_on(calendar, now));
            let order = standing.and_then(|standing| standing.order.as_ref());
            View {
                group: group.to_string(),
                swapped: swapped.is_some(),
                since: swapped.map(|swapped| swapped.since.to_string()),
                until: swapped.map(|swapped| swapped.until.to_string()),
                by: order.map(|order| order.by.to_string()),
                next: waits
                    .and_then(|calendar| next_change(calendar, now))
                    .map(|at| at.to_string()),
                escalations: escalations.iter().map(ToString::to_string).collect(),
                moved: state.moved_with(group),
            }
        })
        .collect()
}
