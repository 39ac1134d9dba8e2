//! What is told of drills: when each is next, and who has answered those that were held.

use serde::Serialize;

use super::Room;
use super::protocol::{Answer, Refused};
use super::view::told;
use crate::watch::Watch;
use crate::watch::drills::{Asked, Held};
use crate::watch::time::Utc;

/// `vigie drills --json`.
#[derive(Debug, Serialize)]
struct DrillsView {
    /// When each drill of the files is next.
    next: Vec<NextView>,
    /// Those that were held or skipped, the latest first.
    ledger: Vec<HeldView>,
}

/// When a drill is next.
#[derive(Debug, Serialize)]
struct NextView {
    drill: String,
    at: String,
}

/// A drill that was held or skipped.
#[derive(Debug, Serialize)]
struct HeldView {
    drill: String,
    /// When it was to be, RFC 3339.
    due: String,
    /// When it began; null: it was skipped, because the daemon was away.
    began: Option<String>,
    /// Until when answers are in time, while they are.
    until: Option<String>,
    asked: Vec<AskedView>,
}

/// One who was asked.
#[derive(Debug, Serialize)]
struct AskedView {
    person: String,
    /// `awaited`, `answered`, `unanswered` or `no_number`.
    state: &'static str,
    /// When.
    answered: Option<String>,
    /// How many seconds after it began.
    took: Option<u64>,
}

/// `vigie drills`.
pub(super) async fn drills(room: &Room) -> Result<Answer, Refused> {
    told(room.inbox.ask(view).await)
}

fn view(watch: &Watch) -> DrillsView {
    let drills = watch.state().drills();
    let next =
        drills.next().map(|(drill, at)| NextView { drill: drill.to_string(), at: at.to_string() });
    DrillsView { next: next.collect(), ledger: drills.ledger().map(held).collect() }
}

fn held(held: &Held) -> HeldView {
    HeldView {
        drill: held.drill.to_string(),
        due: held.due.to_string(),
        began: held.began.map(|began| began.to_string()),
        until: held.until.map(|until| until.due.to_string()),
        asked: held
            .asked
            .iter()
            .map(|asked| of_one(asked, held.began, held.until.is_some()))
            .collect(),
    }
}

fn of_one(asked: &Asked, began: Option<Utc>, is_open: bool) -> AskedView {
    let state = match (asked.answered, asked.code) {
        (Some(_), _) => "answered",
        (None, None) => "no_number",
        (None, Some(_)) if is_open => "awaited",
        (None, Some(_)) => "unanswered",
    };
    let took = began.zip(asked.answered).map(|(began, answered)| began.until(answered).as_secs());
    AskedView {
        person: asked.person.to_string(),
        state,
        answered: asked.answered.map(|answered| answered.to_string()),
        took,
    }
}
