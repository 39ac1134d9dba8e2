//! What people keep quiet at the control socket, and the documented JSON of `vigie quiet`.
//!
//! The keys are a contract (configuration, "The command line"): they are added to, never renamed.

use std::sync::Arc;

use serde::Serialize;
use tracing::info;

use super::peer::{Peer, Standing};
use super::protocol::{Answer, Refused, Sort, Wished};
use super::view::told;
use super::{Room, who_acts};
use crate::watch::event::Happening;
use crate::watch::name::PersonId;
use crate::watch::suppression::{Cause, Kept, Request, Suppression};

/// One alarm that is kept quiet, or all of a definition.
#[derive(Debug, Serialize)]
struct KeptView {
    definition: String,
    /// `None`: all alarms of the definition.
    key: Option<String>,
    suppression: Suppression,
    /// Who did it; `None`: the files.
    by: Option<PersonId>,
    reason: Option<String>,
    since: Option<String>,
    /// When it comes back by itself; `None`: when a person or its cause says so.
    until: Option<String>,
    /// Whether its next return ends it as well.
    once: bool,
    /// What explains it: `switch-down[10.0.0.1]`.
    cause: Option<String>,
    /// The window of maintenance that is open for it.
    maintenance: Option<String>,
    /// Whether its condition is present.
    active: bool,
    active_since: Option<String>,
    text: Option<String>,
    /// How often it came while it was quiet.
    came: u64,
}

/// A person wants an alarm to be quiet, or no longer.
pub(super) async fn quieten(
    room: &Room,
    peer: &Peer,
    wished: Wished,
    standing: &Standing,
) -> Result<Answer, Refused> {
    let person = who_acts(peer, wished.person.as_deref(), standing)?;
    let account = Arc::from(peer.account());
    let right = wished.wish.right();
    let request = Request { person, account, which: wished.which, wish: wished.wish };
    info!(person = %request.person, account = %request.account, wish = request.wish.verb(), "a person acts on the command line");
    let who = request.person.clone();
    let may = room.inbox.ask(move |watch| {
        watch.site().people.get(&who).is_none_or(|person| person.may.contains(&right))
    });
    let may = may.await.map_err(|withheld| Refused::unavailable(withheld.to_string()))?;
    // Whoever may not is told so by the watch, in their language, and it is on the record.
    match room.order(Happening::Quieten(request)).await {
        Err(Refused { sort: Sort::NotDone, sentence }) if !may => {
            Err(Refused::no_permission(sentence))
        }
        answered => answered,
    }
}

/// All that is kept quiet.
pub(super) async fn kept(room: &Room) -> Result<Answer, Refused> {
    let views = |watch: &crate::watch::Watch| -> Vec<KeptView> {
        watch.kept_quiet().iter().map(view).collect()
    };
    told(room.inbox.ask(views).await)
}

fn view(kept: &Kept<'_>) -> KeptView {
    let hidden = kept.hidden;
    KeptView {
        definition: kept.definition.to_string(),
        key: kept.key.map(ToString::to_string),
        suppression: kept.suppression,
        by: kept.mark.map(|mark| mark.by.clone()),
        reason: kept.mark.and_then(|mark| mark.reason.as_ref()).map(ToString::to_string),
        since: kept.mark.map(|mark| mark.since.to_string()),
        until: kept.shelf.map(|shelf| shelf.until.due.to_string()),
        once: kept.shelf.is_some_and(|shelf| shelf.once),
        cause: kept.cause.map(Cause::tag),
        maintenance: kept.window.map(ToString::to_string),
        active: hidden.is_some(),
        active_since: hidden.map(|hidden| hidden.since.to_string()),
        text: hidden.map(|hidden| hidden.activation.text.to_string()),
        came: kept.came,
    }
}
