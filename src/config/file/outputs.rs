//! `[contacts.*.outputs.*]` and `[contacts.*.lines.*]`'s `button`: what a device shows, and what a finger does.

use std::time::Duration;

use toml::de::DeValue;
use vigie_contacts::Level;

use super::Named;
use super::contacts::{LineAddress, named_tables};
use crate::config::finding::Findings;
use crate::config::table::tables;
use crate::config::written::{List, Spot, Written, choice};
use crate::watch::site::Priority;

tables! {
    /// A siren, a lamp or a life relay.
    Output = "an output" {
        /// Where it is: the offset of a GPIO; `"dtr"` or `"rts"`; the address of a Modbus coil. Required.
        "line" => line: LineAddress,
        /// What it shows: `"unacknowledged"`, `"standing"`, or `"alive"`, which is a life relay. Required.
        "shows" => shows: ShowsWord,
        /// Of which priority at least; default any.
        "priority" => priority: Priority,
        /// Of which definitions; default all.
        "alarms" => alarms: List<String>,
        /// How it is while there is nothing to show: `"open"` (default) or `"closed"`.
        "rest" => rest: Level,
        /// Whether the device closes it with 0; default `false`.
        "active-low" => active_low: bool,
        /// So long on, and so long off; default on without a pause.
        "blink" => blink: Duration,
        /// It stops by itself after so long, until something new comes; default never.
        "at-most" => at_most: Duration,
    }
    later {
        "read": "write registers of a board", "take it out: an output of a board is a coil";
        "bit": "write registers of a board", "take it out: an output of a board is a coil";
    }

    /// What a finger on a button does.
    Button = "a button" {
        /// What a press does: `"acknowledge"` or `"silence"`. Required.
        "does" => does: Does,
        /// The person who acknowledges. Required with `"acknowledge"`.
        "as" => person: String,
        /// What is acknowledged: of this priority and above; default any.
        "priority" => priority: Priority,
        /// What is acknowledged: of these definitions; default all.
        "alarms" => alarms: List<String>,
    }
}

/// The outputs of a device, in the order of the file.
#[derive(Debug)]
pub(crate) struct Outputs(pub(in crate::config) Vec<Named<Output>>);

/// What an output shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ShowsWord {
    /// Something is unacknowledged.
    Unacknowledged,
    /// Something stands.
    Standing,
    /// Vigie watches.
    Alive,
}

/// What a press does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Does {
    /// It acknowledges.
    Acknowledge,
    /// It silences the sirens.
    Silence,
}

impl Written for Outputs {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        named_tables(value, spot, ("outputs", "output"), findings).map(Self)
    }

    fn holds() -> String {
        "tables, each with its name".to_owned()
    }
}

impl Written for ShowsWord {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        let choices = [
            ("unacknowledged", Self::Unacknowledged),
            ("standing", Self::Standing),
            ("alive", Self::Alive),
        ];
        choice(&choices, value, spot, findings)
    }
}

impl Written for Does {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        let choices = [("acknowledge", Self::Acknowledge), ("silence", Self::Silence)];
        choice(&choices, value, spot, findings)
    }
}
