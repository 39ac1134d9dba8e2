//! `flapping` of `[site]` and `[alarms.*]`: when an alarm comes and goes too often.

use std::time::Duration;

use toml::de::DeValue;

use crate::config::finding::Findings;
use crate::config::table::tables;
use crate::config::written::{Spot, Written, wrong_type};

tables! {
    /// When an alarm that comes and goes without end calls people once, and not at each turn.
    Flapping = "a rule for flapping" {
        /// After so long without a change nothing is left of those before; default `"20m"`.
        "window" => window: Duration,
        /// Above so many per cent of the last twenty slots it flaps; default 30.
        "on" => on: u32,
        /// Below so many it does no more; default 25.
        "off" => off: u32,
    }
}

/// What `flapping` holds.
#[derive(Debug)]
pub(crate) enum Flaps {
    /// Whether it is looked for at all.
    Said(bool),
    /// How.
    Rule(Flapping),
}

impl Written for Flaps {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        match value {
            DeValue::Boolean(said) => Some(Self::Said(*said)),
            DeValue::Table(_) => Flapping::read(value, spot, findings).map(Self::Rule),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_) => {
                let help = "write false, or { window = \"20m\", on = 30, off = 25 }";
                wrong_type(value, spot, "true, false or a rule", findings, help);
                None
            }
        }
    }

    fn holds() -> String {
        "true, false, or table".to_owned()
    }
}
