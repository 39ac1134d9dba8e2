//! What a Sparkplug node or device measures, as signals.
//!
//! Several samples of one metric in one message are several signals, in their order: a pulse between two messages must ring. Values
//! of the past, which a node sends after its connection was lost, are signals of their own with the `reading` `past`, so that no
//! condition about now takes them for now. A value that is not to be relied upon is in no `facts`: its name stands in `stale`,
//! and a condition over it leaves its alarm as it is.
//!
//! It keeps nothing, and no message can make more signals of one thing than [`MOST_ROUNDS`]; of what is beyond, the last counts.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use vigie_mqtt::Reading;
use vigie_mqtt::sparkplug::Metric;

/// So many samples of one metric are told one by one.
const MOST_ROUNDS: usize = 64;
/// So many names of stale metrics are told.
const MOST_STALE: usize = 1_000;
/// So many metrics stand in the text.
const SHOWN: usize = 5;

/// One sample of each metric of a reading.
#[derive(Debug)]
pub(super) struct Round {
    /// The reading, with these metrics as its facts.
    pub(super) reading: Reading,
    /// Whether it was so, and says nothing about now.
    pub(super) is_past: bool,
}

/// All of a reading.
#[derive(Debug)]
pub(super) struct Rounds {
    /// What was so, and then what is so, each the oldest first; at least one.
    pub(super) rounds: Vec<Round>,
    /// The metrics of which nobody knows any more how they are.
    pub(super) stale: Vec<String>,
}

/// Sorts the metrics of a reading by what they tell.
pub(super) fn rounds(mut reading: Reading) -> Rounds {
    let (mut past, mut now, mut stale) = (Vec::new(), Vec::new(), Vec::new());
    let mut samples = BTreeMap::new();
    for Metric { name, value, stale: is_stale, historical, .. } in
        std::mem::take(&mut reading.metrics)
    {
        if is_stale {
            if stale.len() < MOST_STALE {
                stale.push(name);
            }
            continue;
        }
        let rounds: &mut Vec<Map<String, Json>> = if historical { &mut past } else { &mut now };
        let round = samples.entry((historical, name.clone())).or_insert(0_usize);
        if rounds.len() <= *round {
            rounds.push(Map::new());
        }
        if let Some(facts) = rounds.get_mut(*round) {
            facts.insert(name, value.to_json());
        }
        *round = round.saturating_add(1).min(MOST_ROUNDS - 1);
    }
    let says_more = past.is_empty() || !stale.is_empty() || !reading.remarks.is_empty();
    if now.is_empty() && says_more {
        now.push(Map::new());
    }
    let all = past.into_iter().map(|facts| (facts, true));
    let all = all.chain(now.into_iter().map(|facts| (facts, false)));
    let round =
        |(fields, is_past)| Round { reading: Reading { fields, ..reading.clone() }, is_past };
    Rounds { rounds: all.map(round).collect(), stale }
}

/// What people read of a round.
pub(super) fn in_words(reading: &Reading, kind: &str) -> String {
    let Reading { device, fields, .. } = reading;
    let some = fields.iter().take(SHOWN).map(|(name, value)| match value {
        Json::String(text) => format!("{name} {text}"),
        other => format!("{name} {other}"),
    });
    let words: Vec<String> = some.collect();
    let more = if fields.len() > SHOWN { ", …" } else { "" };
    let colon = if words.is_empty() { "" } else { ": " };
    format!("{device}: {kind}{colon}{}{more}", words.join(", "))
}
