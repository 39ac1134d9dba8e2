//! What a press of a button does: it acknowledges for a person, or is recorded as a silence.
//!
//! A press acknowledges what is unacknowledged when it is heard, and nothing that comes after it. Each occurrence is one
//! command, which the watch decides about like those of the command line; the record has the person, and the button as
//! the account that acted for them.
//!
//! When things go wrong: a press that meets more than a thousand occurrences takes the first thousand, says so in the
//! log, and the next press takes the next. In distress it acts all the same, from memory.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use tracing::{info, warn};

use crate::config::{ButtonSettings, Selection};
use crate::inbox::{Inbox, Withheld};
use crate::watch::Watch;
use crate::watch::alarm::{Occurrence, OccurrenceNumber};
use crate::watch::decision::Outcome;
use crate::watch::event::{Action, Command, Happening, Silenced, Target};
use crate::watch::name::PersonId;
use crate::watch::time::{Moment, Utc};

/// One press takes so many occurrences at most.
const AT_ONCE: usize = 1_000;
/// An activation that is later than the press by more than this is of a clock that was set back since.
const A_MOMENT: Duration = Duration::from_secs(60);

/// One press of one button.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::adapters::contacts) struct Press {
    /// The button: `contacts.cabinet.button`.
    pub(in crate::adapters::contacts) by: Arc<str>,
    /// What it does.
    pub(in crate::adapters::contacts) does: ButtonSettings,
    /// When.
    pub(in crate::adapters::contacts) moment: Moment,
}

impl Press {
    /// Whether it silences the sirens.
    pub(super) fn silences(&self) -> bool {
        match self.does {
            ButtonSettings::Silence => true,
            ButtonSettings::Acknowledge { .. } => false,
        }
    }
}

/// Does what the presses ask for, one after the other, until the house closes.
pub(super) async fn take(
    presses: &Mutex<mpsc::Receiver<Press>>,
    inbox: &Inbox,
) -> Result<(), Withheld> {
    let mut presses = presses.lock().await;
    while let Some(Press { by, does, moment }) = presses.recv().await {
        match does {
            ButtonSettings::Silence => {
                info!(button = %by, "the sirens are silenced");
                inbox.tell(Happening::Silenced(Silenced { by }), moment).await?;
            }
            ButtonSettings::Acknowledge { person, what } => {
                acknowledge(&by, &person, what, moment, inbox).await?;
            }
        }
    }
    // Without a device there is no button.
    std::future::pending().await
}

async fn acknowledge(
    by: &Arc<str>,
    person: &PersonId,
    what: Selection,
    moment: Moment,
    inbox: &Inbox,
) -> Result<(), Withheld> {
    let holder = person.clone();
    let asked = move |watch: &Watch| unacknowledged(watch, &holder, &what, moment.utc);
    let (found, beyond) = inbox.ask(asked).await?;
    info!(button = %by, %person, occurrences = found.len(), "a press acknowledges");
    if beyond > 0 {
        warn!(button = %by, left = beyond, "more is unacknowledged than one press takes: press again");
    }
    let mut awaited = Vec::with_capacity(found.len());
    for number in found {
        let command = Command {
            person: person.clone(),
            account: Arc::clone(by),
            action: Action::Acknowledge,
            target: Target::Occurrence(number),
        };
        awaited.push((number, inbox.put(Happening::Command(command), moment).await?));
    }
    for (number, awaited) in awaited {
        match awaited.receipt().await {
            Ok(Outcome::Refused(why)) => {
                info!(button = %by, occurrence = number.0, reason = %why.0, "not acknowledged");
            }
            // In distress it is in force without a receipt; when the house closes, the next one asks again.
            Ok(
                Outcome::Taken
                | Outcome::Repeated
                | Outcome::Done(_)
                | Outcome::Testing(..)
                | Outcome::Owing(..),
            )
            | Err(Withheld) => {}
        }
    }
    Ok(())
}

/// What that person would acknowledge by a press at that time, and how many there are beyond what one press takes.
fn unacknowledged(
    watch: &Watch,
    person: &PersonId,
    what: &Selection,
    pressed: Utc,
) -> (Vec<OccurrenceNumber>, usize) {
    let mut all = watch.state().standing().filter(|(alarm, open)| {
        open.unacknowledged()
            && !open.stage.is_held_by(person)
            && what.has(alarm, open)
            && !came_after(open, pressed)
    });
    let found = all.by_ref().take(AT_ONCE).map(|(_, open)| open.number).collect();
    (found, all.count())
}

/// Whether it came after that time, by a clock that was not set meanwhile.
fn came_after(open: &Occurrence, pressed: Utc) -> bool {
    let later = pressed.until(open.active_since);
    !later.is_zero() && later < A_MOMENT
}

#[cfg(test)]
mod tests;
