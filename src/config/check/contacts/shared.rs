//! Boards that hang on one serial line: it has one speed and one parity, and each of them a number of its own.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::device::{Device, place};
use crate::config::file::contacts::Contacts;
use crate::config::finding::{Finding, Findings, Place};
use crate::config::settings::{Bus, ContactDevice, Parity};

/// The serial lines of Modbus RTU, each by its port.
#[derive(Default)]
pub(super) struct Lines(BTreeMap<PathBuf, Line>);

struct Line {
    first: Place,
    baud: u32,
    parity: Parity,
    units: BTreeMap<u8, Place>,
}

impl Lines {
    /// Notes a board; whether others hang on its line already.
    pub(super) fn has(
        &mut self,
        table: &Contacts,
        device: &Device,
        findings: &mut Findings,
    ) -> bool {
        let ContactDevice::Modbus(board) = &device.settings else { return false };
        let Bus::Rtu { port, baud, parity } = &board.bus else { return false };
        let unit = place(&table.unit).unwrap_or(device.place);
        let Some(line) = self.0.get_mut(port) else {
            let units = BTreeMap::from([(board.unit, unit)]);
            let (baud, parity) = (*baud, *parity);
            self.0.insert(port.clone(), Line { first: device.place, baud, parity, units });
            return false;
        };
        if (line.baud, line.parity) != (*baud, *parity) {
            let sentence = format!(
                "{} is one line for all its boards: {} baud with parity {}, not {baud} with {}",
                port.display(),
                line.baud,
                called(line.parity),
                called(*parity),
            );
            let at = place(&table.baud).or(place(&table.parity)).unwrap_or(device.place);
            let help =
                "write the same `baud` and `parity` in each of its tables, and set the boards so";
            findings.add(Finding::error(at, sentence).first(line.first).help(help));
        }
        if let Some(first) = line.units.insert(board.unit, unit) {
            let sentence = format!("two boards on one line have the number {}", board.unit);
            let help = "set each board to a number of its own, and write it as `unit`; the lines of one board stand in one table";
            findings.add(Finding::error(unit, sentence).first(first).help(help));
        }
        true
    }
}

fn called(parity: Parity) -> &'static str {
    match parity {
        Parity::Even => "\"even\"",
        Parity::Odd => "\"odd\"",
        Parity::None => "\"none\"",
    }
}
