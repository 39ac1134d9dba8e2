//! The latch of an input: where it stands, and what clears it.

use super::device::{Device, place};
use super::line::address;
use crate::config::file::contacts::{Clear, Latch};
use crate::config::finding::{Finding, Findings, Place};
use crate::config::settings::{ClearSettings, LatchSettings, ModbusTable};
use crate::config::written::Slot;

/// Reads a latch.
pub(super) fn latch(
    table: &Latch,
    device: &Device,
    findings: &mut Findings,
) -> Option<LatchSettings> {
    if table.line.is_absent() {
        let finding = Finding::error(table.place, "this latch does not say where it is");
        findings.add(finding.help("add line = …, as the board's manual counts"));
    }
    let of = table.read.value().copied().unwrap_or(ModbusTable::Coil);
    let bit = bit(&table.bit, of, table.place, findings);
    let written = table.line.read();
    let at = written.and_then(|written| address(written.value, written, device, findings));
    let clear = match &table.clear {
        Slot::Is(clear) => Some(&clear.value),
        Slot::Refused => return None,
        Slot::Absent => None,
    };
    let at = Stands { table: of, address: at?, bit: bit? };
    let clear = clearing(clear, &at, table.place, device, findings)?;
    Some(LatchSettings { table: of, address: at.address, bit: at.bit, clear })
}

/// Where a latch stands.
struct Stands {
    table: ModbusTable,
    address: u16,
    bit: Option<u8>,
}

fn clearing(
    clear: Option<&Clear>,
    latch: &Stands,
    latch_place: Place,
    device: &Device,
    findings: &mut Findings,
) -> Option<ClearSettings> {
    let registers = latch.table.has_registers();
    let usual = if registers { ModbusTable::HoldingRegister } else { ModbusTable::Coil };
    let write = clear.and_then(|clear| clear.write.read());
    let to = write.map_or(usual, |write| write.value);
    let written = clear.and_then(|clear| clear.line.read());
    let to_address = match written {
        Some(written) => address(written.value, written, device, findings)?,
        None if clear.is_some_and(|clear| !clear.line.is_absent()) => return None,
        None => latch.address,
    };
    if !matches!(to, ModbusTable::Coil | ModbusTable::HoldingRegister) {
        let at = write.map_or(latch_place, |write| write.place);
        let sentence = format!("a board lets nobody write {}", to.name());
        findings.add(Finding::error(at, sentence).help("write \"coil\" or \"holding-register\""));
        return None;
    }
    let is_same = to == latch.table && to_address == latch.address;
    if written.is_none() && !is_same {
        let sentence =
            format!("nobody can write where this latch stands, in {}", latch.table.name());
        let help = "add clear = { line = … }, the coil or register that clears it, as the board's manual has it";
        findings.add(Finding::error(latch_place, sentence).help(help));
        return None;
    }
    let value = clear.and_then(|clear| clear.value.read());
    if let Some(value) = value.filter(|value| value.value > 1) {
        let help = "write 0 or 1; of a register the bit is written";
        let sentence = format!("a latch is not cleared by {}", value.value);
        findings.add(Finding::error(value.place, sentence).help(help));
        return None;
    }
    let on = value.map_or(!is_same, |value| value.value == 1);
    let slot = clear.map(|clear| &clear.bit).filter(|bit| !bit.is_absent());
    let bit = match slot {
        Some(slot) => bit(slot, to, latch_place, findings)?,
        None => latch.bit,
    };
    match (to.has_registers(), bit) {
        (false, _) => Some(ClearSettings::Coil { address: to_address, on }),
        (true, Some(bit)) if on => Some(ClearSettings::Ones { address: to_address, bit }),
        (true, Some(bit)) => Some(ClearSettings::Zero { address: to_address, bit }),
        (true, None) => {
            let at = clear.map_or(latch_place, |clear| clear.place);
            let finding = Finding::error(at, "the register that clears this latch needs its bit");
            findings.add(finding.help("add bit = 0 to 15"));
            None
        }
    }
}

/// The bit of a register, which must be one; of a table of bits there is none.
fn bit(
    slot: &Slot<u32>,
    of: ModbusTable,
    at: Place,
    findings: &mut Findings,
) -> Option<Option<u8>> {
    let bit = slot.read().map(|bit| u8::try_from(bit.value).ok().filter(|bit| *bit < 16));
    let (sentence, help) = match (bit, of.has_registers()) {
        (Some(Some(bit)), true) => return Some(Some(bit)),
        (None, false) if slot.is_absent() => return Some(None),
        (None, true) if slot.is_absent() => {
            (format!("a latch in {} needs the bit of the register", of.name()), "add bit = 0 to 15")
        }
        (None, _) => return None,
        (Some(None), true) => {
            ("a register has no such bit".to_owned(), "write 0, the lowest, to 15")
        }
        (Some(_), false) => {
            (format!("an address of {} is one bit already", of.name()), "take `bit` out")
        }
    };
    findings.add(Finding::error(place(slot).unwrap_or(at), sentence).help(help));
    None
}
