//! For tests: what would have gone to the journal.

use std::sync::{Arc, Mutex};

use log::Level;
use log::kv::{Error, Key, Value, VisitSource};

use super::journald::{Journald, Line};

type Kept = (Level, String, Vec<(String, String)>);

/// What was said.
#[derive(Clone, Default)]
pub(super) struct Collected(Arc<Mutex<Vec<Kept>>>);

/// A layer that keeps what is said.
pub(super) fn collecting(kept: &Collected) -> Journald<impl Fn(Line) + use<>> {
    let kept = kept.clone();
    Journald(move |line: Line| {
        line.hand_to(|record| {
            let mut pairs = Pairs::default();
            record.key_values().visit(&mut pairs).unwrap();
            kept.0.lock().unwrap().push((record.level(), record.args().to_string(), pairs.0));
        });
    })
}

impl Collected {
    pub(super) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|(_, line, _)| line.clone()).collect()
    }

    pub(super) fn levels(&self) -> Vec<Level> {
        self.0.lock().unwrap().iter().map(|(level, ..)| *level).collect()
    }

    pub(super) fn fields(&self, line: usize) -> Vec<(String, String)> {
        self.0.lock().unwrap()[line].2.clone()
    }
}

#[derive(Default)]
struct Pairs(Vec<(String, String)>);

impl<'kvs> VisitSource<'kvs> for Pairs {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        self.0.push((key.as_str().to_owned(), value.to_string()));
        Ok(())
    }
}
