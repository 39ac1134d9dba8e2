//! A decision as the journal keeps it.

use serde::{Deserialize, Serialize};

use crate::journal::{EntryFault, NewEntry, PRUNED};
use crate::watch::decision::{Decision, Fact, Outcome};
use crate::watch::event::Happening;

#[derive(Serialize)]
struct Written<'a> {
    event: &'a Happening,
    facts: &'a [Fact],
    /// What is in the snapshot behind it, and nowhere else: it builds on decisions that are missing.
    #[serde(skip_serializing_if = "<[Fact]>::is_empty")]
    held: &'a [Fact],
}

/// What a replay needs of an entry.
#[derive(Deserialize)]
pub(super) struct Recorded {
    /// What it changes of the state.
    pub(super) facts: Vec<Fact>,
    /// What only a snapshot holds: it builds on decisions that are missing.
    #[serde(default)]
    pub(super) held: Vec<serde::de::IgnoredAny>,
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
        | Happening::TestSms(_)
        | Happening::Rostering(_)
        | Happening::Quieten(_)
        | Happening::Delivery(_)
        | Happening::Started(_)
        | Happening::Stopped
        | Happening::Configured
        | Happening::Reloaded(_)
        | Happening::Missing(_)
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
        Happening::TestSms(_) => "test_sms",
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
        Happening::Missing(_) => "missing",
        Happening::Deadline => "deadline",
    }
}

/// Most entries are no longer: room for one is made once, not while it is written.
const USUAL: usize = 1_536;

/// In what times a decision was taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Times {
    /// The record can be written.
    Peace,
    /// It cannot.
    Distress,
    /// It cannot, and decisions are missing before this one.
    Gap,
}

/// The entry of one decision.
///
/// # Errors
/// Where it cannot be written as JSON, or the journal would not take it: a bug.
pub(super) fn entry(
    happening: &Happening,
    decision: &Decision,
    times: Times,
) -> Result<NewEntry, Unfit> {
    let mut body = Vec::with_capacity(USUAL);
    let (facts, held) = match times {
        Times::Peace | Times::Distress => (decision.facts.as_slice(), [].as_slice()),
        Times::Gap => ([].as_slice(), decision.facts.as_slice()),
    };
    serde_json::to_writer(&mut body, &Written { event: happening, facts, held })?;
    let distress = times != Times::Peace;
    let entry = NewEntry { moment: decision.moment, kind: kind(happening), body, distress };
    entry.check()?;
    Ok(entry)
}

/// Why a decision has no entry: only a bug can make one so.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unfit {
    /// It cannot be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The journal does not take it.
    #[error(transparent)]
    Entry(#[from] EntryFault),
}
