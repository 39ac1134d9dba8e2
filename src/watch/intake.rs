//! Intake: a signal is shown to every definition that selects it; one that none selects is
//! recorded and counted, never silently dropped (behaviour §1).

use std::sync::Arc;

use super::decision::{Fact, Outcome};
use super::definition::Definition;
use super::draft::Draft;
use super::signal::{Kind, Signal, Value};

/// A longer message is shown without what it said; the journal has it.
const LONGEST_SAMPLE: usize = 4_096;

impl Draft<'_> {
    /// An input received something. It is on the record whether or not anybody claims it.
    pub(super) fn signal(&mut self, signal: &Signal) -> Outcome {
        if let Some(identity) = signal.identity {
            if self.state.heard.knows(identity, signal.kind, signal.tells, self.now.utc) {
                return Outcome::Repeated;
            }
            self.fact(Fact::Heard { identity });
        }
        self.read(signal);
        Outcome::Taken
    }

    /// Shows the signal to every definition that selects it.
    pub(super) fn read(&mut self, signal: &Signal) {
        let site = self.site;
        let mut claimed = false;
        self.heard_from(signal);
        for definition in site.definitions.select(signal) {
            claimed = true;
            let reading = definition.read(signal);
            self.heard_of(signal, definition, &reading.key);
            self.reading(signal, definition, reading);
        }
        if !claimed {
            self.unclaimed(signal, None);
        }
    }

    /// Whether any definition selects the signal.
    pub(super) fn is_claimed(&self, signal: &Signal) -> bool {
        self.site.definitions.select(signal).next().is_some()
    }

    /// The signal is recorded and counted as nobody's, with the definition that could not read it, if one selects it.
    pub(super) fn unclaimed(&mut self, signal: &Signal, reason: Option<(&Definition, &str)>) {
        let group = group_of(signal, reason.map(|(definition, _)| definition));
        let known = self.state.unclaimed.contains_key(&group);
        let sample = (!known).then(|| Box::new(sample_of(signal)));
        let reason =
            reason.map(|(definition, why)| Arc::from(format!("`{}`: {why}", definition.name)));
        self.fact(Fact::Unclaimed { group, sample, reason });
    }
}

/// What unclaimed signals have in common: shown, and counted, once.
fn group_of(signal: &Signal, definition: Option<&Definition>) -> Arc<str> {
    let telling = match signal.kind {
        Kind::Snmp => signal.fields.get("trap"),
        Kind::Gsm => signal.fields.get("sender"),
        Kind::Mqtt => signal.fields.get("topic"),
        Kind::Contacts => signal.fields.get("line"),
        Kind::Vigie => signal.fields.get("alarm"),
    };
    let telling = match telling {
        Some(Value::Text(text)) => text.chars().take(200).collect(),
        Some(other) => format!("{other:?}").chars().take(200).collect::<String>(),
        None => String::new(),
    };
    let definition = definition.map_or("", |definition| definition.name.as_str());
    Arc::from(format!("{} {telling} {definition}", signal.input))
}

/// The signal as it is kept for showing: without the raw bytes, which the journal has.
fn sample_of(signal: &Signal) -> Signal {
    let mut sample = Signal { raw: Arc::from([]), ..signal.clone() };
    sample.text = Arc::from(signal.text.chars().take(1_000).collect::<String>());
    // A broker's message may have a megabyte: one sample of each topic would be all of the memory.
    if signal.kind == Kind::Mqtt && signal.raw.len() > LONGEST_SAMPLE {
        let short = |name: &str| !matches!(name, "payload" | "json" | "facts");
        let kept = signal.fields.iter().filter(|(name, _)| short(name));
        sample.fields = kept.map(|(name, value)| (name.into(), value.clone())).collect();
    }
    sample
}
