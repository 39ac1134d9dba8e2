//! SNMP engines: what the watch remembers of ours and of others', so that a restart believes no message of before it; and of
//! sources that a receiver awaits, so that no number of restarts makes a dead one look alive.
//!
//! Our engine's boots are on the record before a message bears them (RFC 3414 §2.2.2: it never says the same boots twice). Of
//! another engine the record has the latest boots and time: what is older was recorded by somebody.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::decision::Fact;
use super::draft::Draft;
use super::name::InputName;
use super::time::Utc;

/// So many engines of others are remembered of one input; the one of which nothing was told for longest is forgotten.
const MOST: usize = 8_192;

/// Something about an SNMP engine, or a source that is awaited, that must outlive the adapter that tells it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EngineNote {
    /// Of which input.
    pub input: InputName,
    /// What is to be remembered.
    pub noted: Noted,
}

/// What is noted. An identifier is written in hexadecimal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Noted {
    /// Ours is about to start, and has so many starts then.
    Started {
        /// Its identifier.
        engine: Arc<str>,
        /// snmpEngineBoots.
        boots: u32,
    },
    /// Another one was heard, with this time.
    Heard {
        /// Its identifier.
        engine: Arc<str>,
        /// snmpEngineBoots.
        boots: u32,
        /// snmpEngineTime, in seconds.
        time: u32,
    },
    /// A source that must be heard every so often: how long it was listened for in vain.
    Awaited {
        /// Its address.
        source: Arc<str>,
        /// For how many seconds.
        unheard: u64,
        /// When it was heard last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        heard: Option<Utc>,
    },
}

/// What is known of an engine's clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Clocked {
    /// snmpEngineBoots: how often it has started (RFC 3414 §2.2).
    pub boots: u32,
    /// snmpEngineTime: in seconds since that start.
    pub time: u32,
    /// Counted on with each note: the smallest is the oldest.
    turn: u64,
}

/// For how long a source was listened for in vain, all lives of its receiver together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Awaited {
    /// For how many seconds.
    pub unheard: u64,
    /// When it was heard last, if it ever was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<Utc>,
}

/// What is remembered of the engines of one input, and of the sources that it awaits.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Engines {
    /// Ours: its identifier and its boots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    own: Option<(Arc<str>, u32)>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    heard: BTreeMap<Arc<str>, Clocked>,
    /// As many as the files ever named.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    awaited: BTreeMap<Arc<str>, Awaited>,
    #[serde(default)]
    turn: u64,
}

impl Engines {
    /// Our engine's identifier, and how often it has started; none before its first start.
    pub fn own(&self) -> Option<(&str, u32)> {
        self.own.as_ref().map(|(engine, boots)| (&**engine, *boots))
    }

    /// The engines of others.
    pub fn heard(&self) -> impl Iterator<Item = (&str, Clocked)> {
        self.heard.iter().map(|(engine, clocked)| (&**engine, *clocked))
    }

    /// What is remembered of a source that is awaited.
    pub fn awaited(&self, source: &str) -> Awaited {
        self.awaited.get(source).copied().unwrap_or_default()
    }

    /// Remembers.
    pub fn note(&mut self, noted: &Noted) {
        match noted {
            Noted::Started { engine, boots } => self.own = Some((Arc::clone(engine), *boots)),
            Noted::Awaited { source, unheard, heard } => {
                let awaited = Awaited { unheard: *unheard, heard: *heard };
                self.awaited.insert(Arc::clone(source), awaited);
            }
            Noted::Heard { engine, boots, time } => {
                if self.heard.len() >= MOST && !self.heard.contains_key(engine) {
                    let oldest = self.heard.iter().min_by_key(|(_, clocked)| clocked.turn);
                    if let Some(oldest) = oldest.map(|(engine, _)| Arc::clone(engine)) {
                        self.heard.remove(&oldest);
                    }
                }
                self.turn = self.turn.saturating_add(1);
                let clocked = Clocked { boots: *boots, time: *time, turn: self.turn };
                self.heard.insert(Arc::clone(engine), clocked);
            }
        }
    }
}

impl Draft<'_> {
    /// An adapter tells something about an engine.
    pub(super) fn engine_noted(&mut self, note: &EngineNote) {
        self.fact(Fact::EngineNoted(note.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(engine: usize, time: u32) -> Noted {
        Noted::Heard { engine: format!("{engine:08}").into(), boots: 1, time }
    }

    #[test]
    fn the_engine_of_which_nothing_was_told_for_longest_is_forgotten() {
        let mut engines = Engines::default();
        (0..MOST).for_each(|engine| engines.note(&heard(engine, 1)));
        engines.note(&heard(0, 2));
        engines.note(&heard(MOST, 1));
        assert_eq!(engines.heard().count(), MOST);
        let known = |engine: usize| engines.heard().any(|(name, _)| name == format!("{engine:08}"));
        assert!(known(0) && !known(1) && known(2) && known(MOST));
    }
}
