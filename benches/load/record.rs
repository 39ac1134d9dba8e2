//! What stands in the store, and what the daemon itself has counted.

use std::io::Write;

use serde_json::Value;
use vigie::journal::Reader;

use crate::daemon::House;

/// An entry of the record.
pub(crate) struct Entry {
    /// What happened.
    pub(crate) event: Value,
    /// Whether something follows from it; from what was only repeated nothing does.
    pub(crate) is_new: bool,
}

impl Entry {
    /// The signal of this input, if it is one: also that of a message.
    pub(crate) fn signal(&self, input: &str) -> Option<&Value> {
        let signal = self.event.get("signal").or_else(|| self.event.get("message")?.get("signal"));
        signal.filter(|signal| signal["input"] == input)
    }
}

/// Shows each entry, from the first on.
pub(crate) fn each(house: &House, look: impl FnMut(&Entry)) {
    let reader = Reader::open(&house.store()).expect("the journal");
    reader.export(1, &mut Lines(look)).expect("the journal");
}

/// Entries as they are written out: each comes whole, and its line end after it.
struct Lines<L>(L);

impl<L: FnMut(&Entry)> Write for Lines<L> {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        if line != b"\n" {
            let mut entry: Value = serde_json::from_slice(line).expect("an entry");
            let facts = entry["body"]["facts"].as_array();
            let is_new = facts.is_some_and(|facts| !facts.is_empty());
            (self.0)(&Entry { event: entry["body"]["event"].take(), is_new });
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// `vigie metrics`, at one instant.
pub(crate) struct Metrics(String);

impl Metrics {
    pub(crate) fn of(house: &House) -> Self {
        Self(house.told(&["metrics"]))
    }

    /// All of that name whose labels are these among others, added; of what was never counted there is none.
    pub(crate) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        let is = |line: &&str| {
            let named = line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']));
            named && labels.iter().all(|(label, is)| line.contains(&format!("{label}=\"{is}\"")))
        };
        let value = |line: &str| line.rsplit(' ').next()?.parse::<f64>().ok();
        self.0.lines().filter(is).filter_map(value).sum::<f64>() as u64
    }

    /// What became of the signals of an input.
    pub(crate) fn became(&self, input: &str, outcome: &str) -> u64 {
        self.sum("vigie_signals_total", &[("input", input), ("outcome", outcome)])
    }
}
