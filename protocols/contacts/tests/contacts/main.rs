//! Contacts on a virtual clock of milliseconds: what is told, one millisecond on either side of each limit, and on nights of dice.

#![cfg(test)]

mod accounts;
mod annunciators;
mod blindness;
mod chatter;
mod counters;
mod dice;
mod edges;
mod hostile;
mod latches;
mod loops;
mod model;
mod model_of_pairs;
mod pairs;
mod polled;
mod rules;
mod single;

use std::time::Duration;
use vigie_contacts::{ChatterRule, Edge, Level, Outcome, Report, Rules, State};

fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn debounce(count: u64) -> Rules {
    Rules::new(ms(count))
}

fn chattering(changes: u16, window: u64, quiet: u64) -> ChatterRule {
    ChatterRule::new(changes, ms(window), ms(quiet)).expect("a rule that can be kept")
}

fn edge(level: Level, at: u64) -> Edge {
    Edge { level, at: ms(at), sequence: None }
}

/// What was told, as a person would note it: the millisecond since when, and what.
fn told(reports: &[Report]) -> Vec<String> {
    reports
        .iter()
        .map(|report| format!("{} {}", report.since.as_millis(), words(report.outcome)))
        .collect()
}

fn words(outcome: Outcome) -> String {
    let known =
        |state: Option<State>| state.map_or("unknown".to_owned(), |state| state.to_string());
    match outcome {
        Outcome::Initial(state) => format!("initial: {state}"),
        Outcome::Changed(state) => format!("changed: {state}"),
        Outcome::Pulsed { state, pulses } => format!("pulsed {pulses}: {state}"),
        Outcome::ChatterBegan(state) => format!("chatter began: {state}"),
        Outcome::ChatterEnded(state) => format!("chatter ended: {state}"),
        Outcome::EdgesLost { edges: Some(edges), state } => {
            format!("edges lost {edges}: {}", known(state))
        }
        Outcome::EdgesLost { edges: None, state } => format!("edges lost: {}", known(state)),
        Outcome::Lost => "lost".to_owned(),
        Outcome::Recovered { state, before } => {
            format!("recovered: {state}, was {}", known(before))
        }
    }
}

/// Nothing was told.
const NOTHING: [&str; 0] = [];
