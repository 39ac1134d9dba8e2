//! The counter of an input: where it stands, by the files or by the model of the board, and what it counts.

use vigie_contacts::{CounterRule, Counts, Width};

use super::device::Device;
use super::line::{self, by_model};
use super::wiring::kept;
use crate::config::file::contacts::{Counter, Line, LineAddress, Told};
use crate::config::finding::{At, Finding, Findings, Place};
use crate::config::settings::{CounterSettings, ModbusTable, WordOrder};

/// No contact closes more often between two readings.
const MOST: u32 = 1_000;

/// Where a counter stands.
struct Stands {
    table: ModbusTable,
    address: u16,
    width: Width,
    order: WordOrder,
}

/// Reads the counter of a line.
pub(super) fn counter(
    told: &At<Told<Counter>>,
    line: &Line,
    device: &Device,
    findings: &mut Findings,
) -> Option<CounterSettings> {
    let (table, place) = match &told.value {
        Told::ByModel => (None, told.place),
        Told::Here(table) => (Some(table), table.place),
    };
    let counts = table.and_then(|table| table.counts.value().copied()).unwrap_or(Counts::Closings);
    let most = table.and_then(|table| table.most.value().copied()).unwrap_or(MOST);
    let at = table.and_then(|table| table.most.read()).map_or(place, |most| most.place);
    let stands = match table.filter(|table| !table.register.is_absent()) {
        Some(table) => here(table, device, findings),
        None => by_board(place, table, line, device, findings),
    };
    let width = match (&stands, table.and_then(|table| table.width.value())) {
        (Some(stands), _) => stands.width,
        (None, Some(width)) => *width,
        (None, None) => Width::Bits32,
    };
    let rule = CounterRule::running(width, counts, most);
    let rule = kept(rule, at, "write 1000, or leave it out", findings)?;
    let Stands { table, address, width, order } = stands?;
    Some(CounterSettings { table, address, width, order, rule })
}

/// As the files have it.
fn here(table: &Counter, device: &Device, findings: &mut Findings) -> Option<Stands> {
    let of = in_registers(table, findings).unwrap_or(ModbusTable::InputRegister);
    let width = table.width.value().copied().unwrap_or(Width::Bits32);
    let written = table.register.read()?;
    let address = line::address(written.value, written, device, findings)?;
    let order = table.word_order.value().copied().unwrap_or(WordOrder::HighFirst);
    if width == Width::Bits32 && address == u16::MAX {
        let finding =
            Finding::error(written.place, "the second register of this counter is beyond the last");
        findings.add(finding.help("write width = 16, or another register"));
        return None;
    }
    Some(Stands { table: of, address, width, order })
}

fn in_registers(table: &Counter, findings: &mut Findings) -> Option<ModbusTable> {
    let read = table.read.read()?;
    if !read.value.has_registers() {
        let sentence =
            format!("a counter does not fit into {}, which holds bits", read.value.name());
        let help = "write \"input-register\" or \"holding-register\"";
        findings.add(Finding::error(read.place, sentence).help(help));
    }
    Some(read.value)
}

/// As the model of the board has it; what the files say beside goes before.
fn by_board(
    at: Place,
    table: Option<&Counter>,
    line: &Line,
    device: &Device,
    findings: &mut Findings,
) -> Option<Stands> {
    let written = table.and_then(|table| in_registers(table, findings));
    let Some(board) = by_model(line, device) else {
        let finding = Finding::error(at, "this counter does not say where it is");
        findings.add(finding.help("add register = …, as the board's manual counts"));
        return None;
    };
    let number = match line.line.value()? {
        LineAddress::Number(number) => *number,
        LineAddress::Word(_) => return None,
    };
    // An input that the board does not have is told where it is read.
    board.input(number)?;
    let Some((counters, address)) = board.counter(number) else {
        let sentence = format!("of the {} no counters are known", board.called);
        let help = "write counter = { register = …, width = …, word-order = … } as its manual has them, or take it out";
        findings.add(Finding::error(at, sentence).help(help));
        return None;
    };
    Some(Stands {
        table: written.unwrap_or(counters.table),
        address,
        width: table.and_then(|table| table.width.value().copied()).unwrap_or(counters.width),
        order: table.and_then(|table| table.word_order.value().copied()).unwrap_or(counters.order),
    })
}
