//! What the outputs and the buttons of a device of contacts are told.

use vigie_contacts::{Level, ShowRule};

use crate::watch::alarm::{Alarm, Occurrence};
use crate::watch::name::{DefinitionName, PersonId};
use crate::watch::site::Priority;

/// A siren, a lamp or a life relay.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutputSettings {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub at: OutputAt,
    /// Whether the device closes it with 0.
    pub active_low: bool,
    /// What people call it: `coil 3`, as the board's manual counts.
    pub called: String,
    /// What it shows.
    pub shows: Shows,
    /// How it is while there is nothing to show.
    pub rest: Level,
    /// How it shows it.
    pub rule: ShowRule,
}

/// Where an output is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum OutputAt {
    /// A line of a GPIO chip.
    Gpio(u32),
    /// A control line of a serial port.
    Driven(DrivenLine),
    /// A coil of a Modbus board: its address on the wire, from 0.
    Coil(u16),
}

/// A control line of a serial port that is driven (V.24).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum DrivenLine {
    /// Data terminal ready, 108/2.
    Dtr,
    /// Request to send, 105.
    Rts,
}

impl DrivenLine {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Dtr, Self::Rts];

    /// Its name in the files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dtr => "dtr",
            Self::Rts => "rts",
        }
    }
}

/// What an output shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Shows {
    /// Something of these is unacknowledged.
    Unacknowledged(Selection),
    /// Something of these stands.
    Standing(Selection),
    /// Vigie watches.
    Alive,
}

/// Which alarms.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Selection {
    /// Of this priority and above.
    pub priority: Priority,
    /// Of these definitions; empty: of all.
    pub alarms: Vec<DefinitionName>,
}

impl Selection {
    /// Whether this occurrence is among them. One that was made for a test never is.
    pub fn has(&self, alarm: &Alarm, open: &Occurrence) -> bool {
        let named = self.alarms.is_empty() || self.alarms.contains(&alarm.definition);
        named && !alarm.is_test && open.activation.priority >= self.priority
    }
}

/// What a press of a button does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ButtonSettings {
    /// It acknowledges these for a person.
    Acknowledge {
        /// For whom.
        person: PersonId,
        /// What.
        what: Selection,
    },
    /// It silences the sirens of the house.
    Silence,
}
