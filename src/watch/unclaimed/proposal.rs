//! One `[alarms.NAME]` that is being written.

use std::fmt::{Display, Write};

use super::quoting::{name_of, toml};

/// One `[alarms.NAME]` that is being written.
#[derive(Clone, Debug)]
pub(super) struct Proposal(String);

impl Proposal {
    /// A definition that looks at this input. Its name is made of that text, or is the other where
    /// nothing can be made of it.
    pub(super) fn new(name: &str, otherwise: &str, from: &str) -> Self {
        Self(format!("[alarms.{}]\nfrom     = [{}]\n", name_of(name, otherwise), toml(from)))
    }

    /// A line whose value is TOML already.
    pub(super) fn line(&mut self, key: &str, value: impl Display) {
        writeln!(self.0, "{key:<8} = {value}").expect("a String takes whatever is written to it");
    }

    /// The `match` of these traps.
    pub(super) fn traps(&mut self, traps: &[&str]) {
        let traps: Vec<String> = traps.iter().map(|trap| toml(trap)).collect();
        match traps.as_slice() {
            [trap] => self.line("match", format!("{{ trap = {trap} }}")),
            _ => self.line("match", format!("{{ trap = [{}] }}", traps.join(", "))),
        }
    }

    /// The whole, with what people are told.
    pub(super) fn finished(mut self, text: &str) -> String {
        self.line("priority", "\"medium\"");
        self.line("text", toml(text));
        self.0.push_str("# escalation = \"…\"   # the ladder; without one nobody is called\n");
        self.0
    }
}
