//! Who has been heard on an input, when last and how often, for `vigie status`.
//!
//! It remembers [`LIMIT`] sources; of more it forgets the one that was heard longest ago, and counts
//! that it did. It raises no alarm when somebody falls silent.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::watch::time::Utc;

/// So many sources are remembered.
pub const LIMIT: usize = 1_024;

/// Who has been heard.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sources {
    of: HashMap<Arc<str>, Heard>,
    /// All of them, the one heard longest ago first.
    order: BTreeMap<u64, Arc<str>>,
    last: u64,
    forgotten: u64,
}

/// When a source was heard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Heard {
    at: Utc,
    times: u64,
    place: u64,
}

/// A source as it is written.
#[derive(Serialize)]
struct Written<'s> {
    source: &'s str,
    #[serde(serialize_with = "super::as_written")]
    last_heard: Utc,
    times: u64,
}

impl Sources {
    /// A source was heard so many times, the last time then.
    pub fn heard(&mut self, source: &Arc<str>, at: Utc, times: u64) {
        self.last = self.last.saturating_add(1);
        let place = self.last;
        match self.of.get_mut(source) {
            Some(known) => {
                self.order.remove(&known.place);
                *known = Heard { at, times: known.times.saturating_add(times), place };
            }
            None => {
                self.of.insert(Arc::clone(source), Heard { at, times, place });
            }
        }
        self.order.insert(place, Arc::clone(source));
        while self.of.len() > LIMIT {
            let Some((_, oldest)) = self.order.pop_first() else { return };
            self.of.remove(&oldest);
            self.forgotten = self.forgotten.saturating_add(1);
        }
    }

    /// How many are remembered.
    pub fn many(&self) -> usize {
        self.of.len()
    }

    /// All that are remembered, the latest first.
    fn latest_first(&self) -> Vec<Written<'_>> {
        let written = |source: &'_ Arc<str>| self.of.get(source).copied();
        self.order
            .values()
            .rev()
            .filter_map(|source| {
                let Heard { at, times, .. } = written(source)?;
                Some(Written { source, last_heard: at, times })
            })
            .collect()
    }
}

impl Serialize for Sources {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut written = serializer.serialize_struct("Sources", 2)?;
        written.serialize_field("heard", &self.latest_first())?;
        written.serialize_field("forgotten", &self.forgotten)?;
        written.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(seconds: i64) -> Utc {
        Utc::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn who_was_heard_last_stands_first_with_how_often() {
        let mut sources = Sources::default();
        sources.heard(&"10.0.0.1".into(), at(1), 2);
        sources.heard(&"10.0.0.2".into(), at(2), 1);
        sources.heard(&"10.0.0.1".into(), at(3), 5);
        let told = json!({
            "heard": [
                {"source": "10.0.0.1", "last_heard": "1970-01-01T00:00:03Z", "times": 7},
                {"source": "10.0.0.2", "last_heard": "1970-01-01T00:00:02Z", "times": 1},
            ],
            "forgotten": 0,
        });
        assert_eq!(serde_json::to_value(&sources).unwrap(), told);
    }

    #[test]
    fn however_many_there_are_the_latest_are_remembered_and_the_others_counted() {
        let mut sources = Sources::default();
        for number in 0..LIMIT + 10 {
            sources.heard(&number.to_string().into(), at(7), 1);
            sources.heard(&"0".into(), at(8), 1);
        }
        assert_eq!((sources.of.len(), sources.order.len()), (LIMIT, LIMIT));
        assert_eq!(sources.forgotten, 10);
        assert!(sources.of.contains_key("0"), "it is heard all the time");
        assert!(!sources.of.contains_key("1") && sources.of.contains_key("11"));
    }
}
