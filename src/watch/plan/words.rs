//! The small words of what changes for people.

use std::collections::BTreeSet;
use std::time::Duration;

use super::super::name::{DefinitionName, PersonId, PolicyName};
use super::super::site::{Acknowledge, Channel, ConfirmBy, Recipient};

/// So many names stand in a sentence; the others are counted.
const NAMED: usize = 4;

pub(super) fn span(wait: Duration) -> jiff::SignedDuration {
    jiff::SignedDuration::try_from(wait).unwrap_or(jiff::SignedDuration::MAX)
}

pub(super) fn asks(acknowledge: Acknowledge) -> String {
    match acknowledge {
        Acknowledge::None => "no answer".to_owned(),
        Acknowledge::Single { responders, expires } => {
            let expires = expires
                .map_or(String::new(), |after| format!(", which expires after {:#}", span(after)));
            format!("{}{expires}", many(responders, "acknowledgement"))
        }
        Acknowledge::Double { responders, confirm_within, confirm_by } => format!(
            "{} and a confirmation by {} within {:#}",
            many(responders, "acknowledgement"),
            confirmer(confirm_by),
            span(confirm_within)
        ),
    }
}

pub(super) fn confirmer(confirm_by: ConfirmBy) -> &'static str {
    match confirm_by {
        ConfirmBy::Same => "the same person",
        ConfirmBy::Other => "another person",
        ConfirmBy::Anyone => "anybody",
    }
}

pub(super) fn many(count: u16, what: &str) -> String {
    if count == 1 { format!("one {what}") } else { format!("{count} {what}s") }
}

pub(super) fn recipients(recipients: &[Recipient]) -> String {
    let named = recipients.iter().map(|recipient| match recipient {
        Recipient::Person(person) => format!("person:{person}"),
        Recipient::Group(group) => format!("group:{group}"),
        Recipient::Schedule(schedule) => format!("schedule:{schedule}"),
    });
    named.collect::<Vec<_>>().join(", ")
}

pub(super) fn channels(channels: &[Channel]) -> String {
    let named = channels.iter().map(|channel| match channel {
        Channel::Sms => "sms",
    });
    named.collect::<Vec<_>>().join(", ")
}

pub(super) fn called_by(ladder: Option<&PolicyName>) -> String {
    match ladder {
        Some(policy) => format!("called by escalation `{policy}`"),
        None => "calls nobody".to_owned(),
    }
}

/// The alarms, and the verb.
pub(super) fn be(alarms: &[&DefinitionName]) -> String {
    match alarms {
        [one] => format!("alarm `{one}` is"),
        many => format!("{} alarms ({}) are", many.len(), listed(many)),
    }
}

pub(super) fn people(people: &[PersonId]) -> String {
    if people.is_empty() { "nobody".to_owned() } else { listed(people) }
}

/// Names, the first few of them.
pub(super) fn listed<T: std::fmt::Display>(names: &[T]) -> String {
    let mut shown: Vec<String> = names.iter().take(NAMED).map(ToString::to_string).collect();
    let besides = names.len().saturating_sub(NAMED);
    if besides > 0 {
        shown.push(format!("{besides} more"));
    }
    shown.join(", ")
}

pub(super) fn concerned(alarms: &BTreeSet<&DefinitionName>) -> String {
    let alarms: Vec<_> = alarms.iter().collect();
    match alarms.as_slice() {
        [] => "; concerns no alarm".to_owned(),
        [one] => format!("; concerns alarm `{one}`"),
        many => format!("; concerns {} alarms: {}", many.len(), listed(many)),
    }
}
