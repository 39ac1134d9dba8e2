//! `[contacts.*]`: a device to which dry contacts are wired, and its lines.

use std::time::Duration;

use toml::de::DeValue;
use vigie_contacts::{Counts, Level, Width};

use super::outputs::{Button, Outputs};
use super::{Named, check_name};
use crate::config::finding::{At, Finding, Findings, quoted};
use crate::config::settings::{Bias, ModbusTable, Parity, WordOrder};
use crate::config::table::{self, Table, tables};
use crate::config::written::{List, Spot, Written, called, choice, wrong_type};

tables! {
    /// A GPIO chip, the control lines of a serial port, or a Modbus board.
    Contacts = "a contact device" {
        /// The GPIO chip: `/dev/gpiochip0`. Required: this, or `serial`, or `modbus`, and one alone.
        "gpio" => gpio: std::path::PathBuf,
        /// The serial port whose control lines the contacts close: `/dev/ttyS0`.
        "serial" => serial: std::path::PathBuf,
        /// The Modbus board: `tcp://10.0.0.7:502`, `tcp://board.plant.local` or `rtu:///dev/ttyUSB0`.
        "modbus" => modbus: String,
        /// The speed of a line of Modbus RTU; default 19200, the standard's.
        "baud" => baud: u32,
        /// Its parity: `"even"` (default, the standard's), `"odd"` or `"none"`.
        "parity" => parity: Parity,
        /// The board's number on its line, or behind its gateway; default 1.
        "unit" => unit: u32,
        /// The address of the first input as the board's manual counts: 0 (default) or 1.
        "base" => base: u32,
        /// How often a board or a serial port is read; default `"500ms"` for a board, `"25ms"` for a serial port.
        "poll" => poll: Duration,
        /// How long a board may take to answer; default `"1s"`.
        "timeout" => timeout: Duration,
        /// After so many answers in a row that do not come, the board is lost; default 3.
        "missed" => missed: u32,
        /// The model of the board, which says where its inputs and counters are: `"moxa-e1210"`; default `"generic"`.
        /// Required with `counter = true`.
        "board" => board: String,
        /// Its lines, a table each. Required, or `outputs`.
        "lines" => lines: Lines,
        /// Its sirens, lamps and life relays, a table each.
        "outputs" => outputs: Outputs,
    }

    /// One line: one contact, or half of a pair.
    Line = "a line" {
        /// Where it is: the offset of a GPIO; `"cts"`, `"dsr"`, `"dcd"` or `"ri"`; the address of a Modbus input. Required.
        "line" => line: LineAddress,
        /// Which of a Modbus board's tables it is in: `"discrete-input"` (default), `"coil"`, `"input-register"` or `"holding-register"`.
        "read" => read: ModbusTable,
        /// Which bit of a register it is, from 0, the lowest.
        "bit" => bit: u32,
        /// Whether the device shows 0 while the contact is closed; default `false`, but `true` where `bias` is `"pull-up"`.
        "active-low" => active_low: bool,
        /// The resistor of a GPIO: `"as-is"` (default), `"pull-up"`, `"pull-down"` or `"disabled"`.
        "bias" => bias: Bias,
        /// How the contact is while all is well: `"closed"` (default: a cut wire is an alarm) or `"open"`.
        "normally" => normally: Level,
        /// How long a level must hold before it counts; default `"50ms"`, `"10s"` at most. Of a device that is read, at least two readings show it.
        "debounce" => debounce: Duration,
        /// How long an alarm must hold before it counts, where that is not the debounce; `"1m"` at most.
        "minimum-pulse" => minimum_pulse: Duration,
        /// The line of the other half of an antivalent pair, of which exactly one is closed.
        "pair-with" => pair_with: String,
        /// How long both halves may say the same before it is a fault; default `"500ms"`, or twice `poll` where that is longer.
        "discrepancy" => discrepancy: Duration,
        /// A counter of the board for this input, which sees what is too short to be read; `true` where `board` says where it is.
        "counter" => counter: Told<Counter>,
        /// A latch of the board for this input, which holds what is too short to be read until it is cleared.
        "latch" => latch: Latch,
        /// The values of a supervised loop that mean a shorted wire: `[0, 200]`.
        "short" => short: List<u32>,
        /// Those that mean that all is well. Required with any of the other three.
        "normal" => normal: List<u32>,
        /// Those that mean an alarm.
        "alarm" => alarm: List<u32>,
        /// Those that mean a cut wire.
        "open" => open: List<u32>,
        /// By how much a value must leave its band before it is normal again, or in none; default 0.
        "hysteresis" => hysteresis: u32,
        /// When the contact changes so often that its changes are no longer told.
        "chatter" => chatter: Chatter,
        /// What a press does, where the line is a button.
        "button" => button: Button,
    }

    /// A counter register.
    Counter = "a counter" {
        /// Its address, as the board's manual counts. Required.
        "register" => register: u32,
        /// Which of the board's tables it is in: `"input-register"` (default) or `"holding-register"`.
        "read" => read: ModbusTable,
        /// How many bits it has: 16, or 32 (default), which are two registers.
        "width" => width: Width,
        /// Which of two registers comes first: `"high-first"` (default) or `"low-first"`.
        "word-order" => word_order: WordOrder,
        /// What it counts: `"closings"` (default), `"openings"` or `"both"`.
        "counts" => counts: Counts,
        /// By how much it may rise at most between two readings; what is more is a board that restarted. Default 1000.
        "most" => most: u32,
    }

    /// A bit that a pulse sets, and that stands until it is cleared.
    Latch = "a latch" {
        /// Its address, as the board's manual counts. Required.
        "line" => line: u32,
        /// Which of the board's tables it is in: `"coil"` (default), `"discrete-input"`, `"input-register"` or `"holding-register"`.
        "read" => read: ModbusTable,
        /// Which bit of a register it is, from 0, the lowest.
        "bit" => bit: u32,
        /// What clears it; default: 0, written where it stands.
        "clear" => clear: Clear,
    }

    /// What clears a latch.
    Clear = "the clearing of a latch" {
        /// The address that is written, as the board's manual counts; default that of the latch.
        "line" => line: u32,
        /// What is written: `"coil"` or `"holding-register"`; default by what the latch stands in.
        "write" => write: ModbusTable,
        /// Which bit of a register; default that of the latch.
        "bit" => bit: u32,
        /// 0 or 1; default 0 where the latch stands, 1 elsewhere.
        "value" => value: u32,
    }

    /// When a contact that keeps changing is told once, as chattering.
    Chatter = "a chatter rule" {
        /// It begins with more than so many changes; default 6.
        "changes" => changes: u32,
        /// Within this time; default `"1m"`, `"4h"` at most.
        "window" => window: Duration,
        /// It ends when nothing has moved for so long; default `"1m"`, `"4h"` at most.
        "quiet" => quiet: Duration,
    }
}

/// The lines of a device, in the order of the file.
#[derive(Debug)]
pub(crate) struct Lines(pub(in crate::config) Vec<Named<Line>>);

/// What the files say, or leave to the model of the board.
#[derive(Debug)]
pub(crate) enum Told<T> {
    /// `true`: as the model has it.
    ByModel,
    /// As this table has it.
    Here(T),
}

/// Where a line is: by number or by name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum LineAddress {
    /// The offset of a GPIO, or the address of a Modbus input.
    Number(u32),
    /// A control line of a serial port.
    Word(String),
}

impl Written for Lines {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        named_tables(value, spot, ("lines", "line"), findings).map(Self)
    }

    fn holds() -> String {
        "tables, each with its name".to_owned()
    }
}

/// Tables within a device, each with its name: so they are called, many and one.
pub(super) fn named_tables<T: Table>(
    value: &DeValue<'_>,
    spot: Spot<'_>,
    (many, one): (&str, &str),
    findings: &mut Findings,
) -> Option<Vec<Named<T>>> {
    let DeValue::Table(tables) = value else {
        let help = match many {
            "lines" => "write a table [contacts.NAME.lines.LINE] for each",
            _ => "write a table [contacts.NAME.outputs.OUTPUT] for each",
        };
        wrong_type(value, spot, "tables", findings, help);
        return None;
    };
    let section = format!("contacts.NAME.{many}");
    let mut read = Vec::new();
    for (key, value) in tables {
        let (name, at): (&str, _) = (key.get_ref(), spot.place.span(&key.span()));
        let place = spot.place.span(&value.span());
        check_name(&section, name, at, findings);
        let DeValue::Table(inner) = value.get_ref() else {
            let what = called(value.get_ref());
            let sentence = format!("the {one} {} must be a table, not {what}", quoted(name));
            findings.add(Finding::error(place, sentence).help("write { line = 4 }"));
            continue;
        };
        let table = table::read(inner, place, findings);
        read.push(Named { name: At::new(name.to_owned(), at), table });
    }
    read.sort_by_key(|named: &Named<T>| named.name.place);
    Some(read)
}

impl<T: Written> Written for Told<T> {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        match value {
            DeValue::Boolean(true) => Some(Self::ByModel),
            DeValue::Boolean(false) => {
                let sentence = format!("{} is true, or not there", quoted(spot.key));
                findings.add(Finding::error(spot.place, sentence).help("take it out"));
                None
            }
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => T::read(value, spot, findings).map(Self::Here),
        }
    }

    fn holds() -> String {
        format!("true, or {}", T::holds())
    }
}

impl Written for LineAddress {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        match value {
            DeValue::Integer(_) => u32::read(value, spot, findings).map(Self::Number),
            DeValue::String(word) => Some(Self::Word(word.clone().into_owned())),
            DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => {
                let help = "write its number, or \"cts\", \"dsr\", \"dcd\" or \"ri\"";
                wrong_type(value, spot, "a number or a control line", findings, help);
                None
            }
        }
    }

    fn holds() -> String {
        "whole number, or word".to_owned()
    }
}

impl Written for ModbusTable {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        choice(&Self::ALL.map(|table| (table.name(), table)), value, spot, findings)
    }
}

impl Written for Parity {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        let choices = [("even", Self::Even), ("odd", Self::Odd), ("none", Self::None)];
        choice(&choices, value, spot, findings)
    }
}

impl Written for Bias {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        let choices = [
            ("as-is", Self::AsIs),
            ("pull-up", Self::PullUp),
            ("pull-down", Self::PullDown),
            ("disabled", Self::Disabled),
        ];
        choice(&choices, value, spot, findings)
    }
}

impl Written for Level {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        choice(&[("closed", Self::Closed), ("open", Self::Open)], value, spot, findings)
    }
}

impl Written for WordOrder {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        let choices = [("high-first", Self::HighFirst), ("low-first", Self::LowFirst)];
        choice(&choices, value, spot, findings)
    }
}

impl Written for Counts {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        let choices =
            [("closings", Self::Closings), ("openings", Self::Openings), ("both", Self::Both)];
        choice(&choices, value, spot, findings)
    }
}

impl Written for Width {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        match u32::read(value, spot, findings)? {
            16 => Some(Self::Bits16),
            32 => Some(Self::Bits32),
            bits => {
                let sentence = format!("a counter of {bits} bits cannot be read");
                findings.add(Finding::error(spot.place, sentence).help("write 16 or 32"));
                None
            }
        }
    }

    fn holds() -> String {
        "whole number".to_owned()
    }
}
