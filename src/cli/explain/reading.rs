//! What each definition makes of the signal, and what would then happen.

use serde::Serialize;

use super::super::rehearse::night::{Night, NightError};
use super::super::site_time::length;
use crate::watch::alarm::Pending;
use crate::watch::definition::{Definition, Reported};
use crate::watch::escalation::{reachable, resolve};
use crate::watch::event::Happening;
use crate::watch::name::DefinitionName;
use crate::watch::signal::Signal;

/// What one definition makes of the signal.
#[derive(Serialize)]
pub(super) struct Explained {
    /// Its name.
    pub(super) definition: DefinitionName,
    /// Whether it selects the signal.
    #[serde(rename = "selected")]
    selects: bool,
    /// What it says, if it selects the signal.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(super) selected: Option<Selected>,
    /// Why it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why_not: Option<String>,
}

/// What a definition that selects the signal says of it.
#[derive(Serialize)]
pub(super) struct Selected {
    pub(super) key: String,
    #[serde(flatten)]
    pub(super) says: Said,
    /// What would then happen, in words.
    pub(super) then: String,
    /// Whom the first step calls at that instant.
    pub(super) calls: Vec<String>,
}

/// What it says of the cause.
#[derive(Serialize)]
#[serde(tag = "says", rename_all = "snake_case")]
pub(super) enum Said {
    Active { priority: &'static str, text: String },
    Event { priority: &'static str, text: String },
    Normal,
    Unchanged,
    Unreadable { reason: String },
}

/// All definitions of the files in their order; of Vigie's own, those that select it.
pub(super) fn explain(night: &mut Night, signal: &Signal) -> Result<Vec<Explained>, NightError> {
    night.happen(Happening::Signal(signal.clone()))?;
    let definitions = &night.watch().site().definitions;
    let selecting: Vec<&Definition> = definitions.select(signal).collect();
    let is_selecting =
        |definition: &Definition| selecting.iter().any(|known| known.name == definition.name);
    let configured = definitions.configured().map(|definition| match definition.selects(signal) {
        Ok(()) if is_selecting(definition) => explained(night, definition, signal),
        Ok(()) => passed_over(definition, None),
        Err(why) => passed_over(definition, Some(why.to_string())),
    });
    let mut all: Vec<Explained> = configured.collect();
    let named: Vec<DefinitionName> =
        all.iter().map(|explained| explained.definition.clone()).collect();
    let own = selecting.iter().filter(|definition| !named.contains(&definition.name));
    all.extend(own.map(|definition| explained(night, definition, signal)));
    Ok(all)
}

fn passed_over(definition: &Definition, why_not: Option<String>) -> Explained {
    Explained { definition: definition.name.clone(), selects: false, selected: None, why_not }
}

fn explained(night: &Night, definition: &Definition, signal: &Signal) -> Explained {
    let reading = definition.read(signal);
    let (then, calls) = consequence(night, definition, &reading.key, &reading.condition);
    let says = match reading.condition {
        Reported::Active { priority, text } => {
            Said::Active { priority: priority.as_str(), text: text.to_string() }
        }
        Reported::Event { priority, text } => {
            Said::Event { priority: priority.as_str(), text: text.to_string() }
        }
        Reported::Normal => Said::Normal,
        Reported::Unchanged => Said::Unchanged,
        Reported::Unreadable(reason) => Said::Unreadable { reason },
    };
    let key = reading.key.to_string();
    let selected = Some(Selected { key, says, then, calls });
    Explained { definition: definition.name.clone(), selects: true, selected, why_not: None }
}

/// What has become of the alarm on paper, from normal.
fn consequence(
    night: &Night,
    definition: &Definition,
    key: &str,
    condition: &Reported,
) -> (String, Vec<String>) {
    match condition {
        Reported::Normal => (
            "the alarm returns, if it stands and this lasts".to_owned() + &lasting(definition),
            Vec::new(),
        ),
        Reported::Unchanged => ("the alarm stays as it is".to_owned(), Vec::new()),
        Reported::Unreadable(_) => {
            ("the alarm stays as it is; `vigie unclaimed` lists the signal".to_owned(), Vec::new())
        }
        Reported::Active { .. } | Reported::Event { .. } => opened(night, definition, key),
    }
}

fn lasting(definition: &Definition) -> String {
    if definition.off_delay.is_zero() {
        String::new()
    } else {
        format!(" {}", length(definition.off_delay))
    }
}

fn opened(night: &Night, definition: &Definition, key: &str) -> (String, Vec<String>) {
    let site = night.watch().site();
    let at = night.now().utc.after(definition.on_delay);
    let swapped = site.swaps.by_calendar(definition.swap.as_ref(), at).map(|(swap, _)| swap);
    let policy = match (swapped, &definition.escalation) {
        (Some(swap), _) => format!(
            "step 1 of escalation `{}`, for `{}` is swapped by the calendar",
            swap.escalation, swap.group
        ),
        (None, Some(policy)) => format!("step 1 of escalation `{policy}`"),
        (None, None) => "it has no escalation, nobody is called".to_owned(),
    };
    let Some(alarm) = night.watch().state().alarm(definition.name.as_str(), key) else {
        return (format!("normal; {policy}"), Vec::new());
    };
    if let Some(Pending::Activation { .. }) = alarm.pending.as_deref() {
        let delay = length(definition.on_delay);
        let calls = first_called(night, definition);
        return (format!("normal, and active if it lasts {delay}; then {policy}"), calls);
    }
    let calls = alarm
        .open
        .as_deref()
        .map(|open| open.told.iter().map(|told| told.person.to_string()).collect());
    let state = alarm.state().as_str().replace('_', " ");
    (format!("normal → {state}; {policy}"), calls.unwrap_or_default())
}

/// Whom the first step that reaches anybody would call once the delay is over.
fn first_called(night: &Night, definition: &Definition) -> Vec<String> {
    let site = night.watch().site();
    let at = night.now().utc.after(definition.on_delay);
    let swapped = site.swaps.by_calendar(definition.swap.as_ref(), at);
    let policy = swapped.map(|(swap, _)| &swap.escalation).or(definition.escalation.as_ref());
    let policy = policy.and_then(|name| site.policies.get(name));
    let steps = policy.map(|policy| policy.steps.as_slice()).unwrap_or_default();
    let called = steps.iter().map(|step| {
        let people = resolve(site, night.watch().state().roster(), step, at).into_iter();
        people
            .filter(|person| reachable(site, person, &step.by))
            .map(|person| person.to_string())
            .collect::<Vec<_>>()
    });
    called.into_iter().find(|people| !people.is_empty()).unwrap_or_default()
}
