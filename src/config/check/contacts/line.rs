//! Where a line is, and whether its device can have a line there.

use super::board::Board;
use super::device::{Device, foreign, place};
use crate::config::file::contacts::{Line, LineAddress};
use crate::config::finding::{At, Finding, Findings, nearest, quoted};
use crate::config::settings::{
    Bias, ContactDevice, ControlLine, LineAt, LineSettings, ModbusTable,
};

/// No GPIO chip has more lines, by far.
const MOST_GPIOS: u32 = 65_535;

/// Reads where a line is and how it shows a closed contact.
pub(super) fn line(table: &Line, device: &Device, findings: &mut Findings) -> Option<LineSettings> {
    check_foreign(table, device, findings);
    let at = at(table, device, findings)?;
    let pulled_up = matches!(at, LineAt::Gpio { bias: Bias::PullUp, .. });
    let active_low = table.active_low.value().copied().unwrap_or(pulled_up);
    let number = match table.line.value() {
        Some(LineAddress::Number(number)) => number.to_string(),
        Some(LineAddress::Word(_)) | None => String::new(),
    };
    let called = match at {
        LineAt::Modbus { .. } if by_model(table, device).is_some() => format!("input {number}"),
        LineAt::Gpio { .. } => format!("line {number}"),
        LineAt::Control(line) => line.name().to_owned(),
        LineAt::Modbus { table, bit: None, .. } => format!("{} {number}", table.name()),
        LineAt::Modbus { table, bit: Some(bit), .. } => {
            format!("{} {number} bit {bit}", table.name())
        }
    };
    Some(LineSettings { at, active_low, called })
}

fn check_foreign(table: &Line, device: &Device, findings: &mut Findings) {
    let board = [
        ("read", place(&table.read)),
        ("bit", place(&table.bit)),
        ("counter", place(&table.counter)),
        ("latch", place(&table.latch)),
        ("short", place(&table.short)),
        ("normal", place(&table.normal)),
        ("alarm", place(&table.alarm)),
        ("open", place(&table.open)),
        ("hysteresis", place(&table.hysteresis)),
    ];
    let chip = [("bias", place(&table.bias))];
    match &device.settings {
        ContactDevice::Gpio(_) => foreign(&board, "a Modbus board", device.called, findings),
        ContactDevice::Serial { .. } => {
            foreign(&board, "a Modbus board", device.called, findings);
            foreign(&chip, "a GPIO chip", device.called, findings);
        }
        ContactDevice::Modbus(_) => foreign(&chip, "a GPIO chip", device.called, findings),
    }
}

/// Reads where a line is.
pub(super) fn at(table: &Line, device: &Device, findings: &mut Findings) -> Option<LineAt> {
    if table.line.is_absent() {
        let finding = Finding::error(table.place, "this line does not say where it is");
        findings
            .add(finding.help("add line = …: a number, or \"cts\", \"dsr\", \"dcd\" or \"ri\""));
    }
    let written = table.line.read()?;
    match &device.settings {
        ContactDevice::Gpio(_) => {
            let offset = offset(written, device, findings)?;
            let bias = table.bias.value().copied().unwrap_or(Bias::AsIs);
            Some(LineAt::Gpio { offset, bias })
        }
        ContactDevice::Serial { port, .. } => {
            let line = control(written, findings)?;
            let is_acm = port.to_string_lossy().contains("ttyACM");
            if is_acm && line == ControlLine::Cts {
                let sentence =
                    "a port of the kind ttyACM shows CTS as closed whatever is wired to it";
                let help = "wire the contact to \"dsr\" or \"dcd\", or take another port";
                findings.add(Finding::error(written.place, sentence).help(help));
                return None;
            }
            Some(LineAt::Control(line))
        }
        ContactDevice::Modbus(_) => {
            if let Some(board) = by_model(table, device) {
                let number = number(written, device, findings)?;
                let input = board.input(number);
                if input.is_none() {
                    let sentence = format!("the {} has no input {number}", board.called);
                    let help = format!("write {}, as its label has it", board.numbers());
                    findings.add(Finding::error(written.place, sentence).help(help));
                }
                let (table, address, bit) = input?;
                return Some(LineAt::Modbus { table, address, bit });
            }
            let table_of = table.read.value().copied().unwrap_or(ModbusTable::DiscreteInput);
            let address = address(number(written, device, findings)?, written, device, findings)?;
            let bit = bit(table, table_of, findings)?;
            Some(LineAt::Modbus { table: table_of, address, bit })
        }
    }
}

/// The offset of a line of a GPIO chip.
pub(super) fn offset(
    written: &At<LineAddress>,
    device: &Device,
    findings: &mut Findings,
) -> Option<u32> {
    let offset = number(written, device, findings)?;
    if offset > MOST_GPIOS {
        let sentence = format!("no GPIO chip has a line {offset}");
        let help = "write the offset that `gpioinfo` shows";
        findings.add(Finding::error(written.place, sentence).help(help));
        return None;
    }
    Some(offset)
}

/// The model that says where the line is; a line with a table or a bit of its own says it itself.
pub(super) fn by_model(table: &Line, device: &Device) -> Option<&'static Board> {
    let says_itself =
        !(table.read.is_absent() && table.bit.is_absent() && table.normal.is_absent());
    device.board.filter(|_| !says_itself)
}

/// A line that bears a number.
pub(super) fn number(
    written: &At<LineAddress>,
    device: &Device,
    findings: &mut Findings,
) -> Option<u32> {
    match &written.value {
        LineAddress::Number(number) => Some(*number),
        LineAddress::Word(word) => {
            let sentence = format!("{} has no line {}", device.called, quoted(word));
            let help = "write its number, without quotes; names are for the control lines of a serial port";
            findings.add(Finding::error(written.place, sentence).help(help));
            None
        }
    }
}

fn control(written: &At<LineAddress>, findings: &mut Findings) -> Option<ControlLine> {
    let names = || ControlLine::ALL.into_iter().map(ControlLine::name);
    let word = match &written.value {
        LineAddress::Word(word) => word.as_str(),
        LineAddress::Number(_) => "",
    };
    let found = ControlLine::ALL.into_iter().find(|line| line.name() == word);
    if found.is_none() {
        let sentence = match &written.value {
            LineAddress::Word(word) => {
                format!("a serial port has no control line {}", quoted(word))
            }
            LineAddress::Number(number) => format!("a serial port has no line {number}"),
        };
        let help = match nearest(word, names()) {
            Some(near) => format!("did you mean {}?", quoted(near)),
            None => "write \"cts\", \"dsr\", \"dcd\" or \"ri\", which are read; \"rts\" and \"dtr\" are driven".to_owned(),
        };
        findings.add(Finding::error(written.place, sentence).help(help));
    }
    found
}

/// From the address of the manual to that on the wire.
pub(super) fn address<T>(
    number: u32,
    written: &At<T>,
    device: &Device,
    findings: &mut Findings,
) -> Option<u16> {
    let address = number.checked_sub(device.base).and_then(|zero| u16::try_from(zero).ok());
    if address.is_none() {
        let sentence =
            format!("no Modbus board has the address {number} with base = {}", device.base);
        let highest = u32::from(u16::MAX).saturating_add(device.base);
        let help = format!("write {} to {highest}, as the board's manual has it", device.base);
        findings.add(Finding::error(written.place, sentence).help(help));
    }
    address
}

/// The bit of a register, where one is asked for; `None` where what is written cannot be.
fn bit(table: &Line, of: ModbusTable, findings: &mut Findings) -> Option<Option<u8>> {
    let has_bands = table.normal.read().is_some() || table.alarm.read().is_some();
    let Some(written) = table.bit.read() else {
        if of.has_registers() && !has_bands && table.bit.is_absent() {
            let sentence = format!("a contact in {} needs the bit of the register", of.name());
            let place = place(&table.read).unwrap_or(table.place);
            let help = "add bit = 0 to 15, or the bands `normal` and `alarm` of a supervised loop";
            findings.add(Finding::error(place, sentence).help(help));
            return None;
        }
        if table.normal.read().is_some() && !of.has_registers() {
            let sentence = format!(
                "a supervised loop is the value of a register, and {} holds bits",
                of.name()
            );
            let help = "write read = \"input-register\" or \"holding-register\"";
            let place = place(&table.read).unwrap_or(table.place);
            findings.add(Finding::error(place, sentence).help(help));
            return None;
        }
        return Some(None);
    };
    let bit = u8::try_from(written.value).ok().filter(|bit| *bit < 16);
    let (sentence, help) = match bit {
        None => (format!("a register has no bit {}", written.value), "write 0, the lowest, to 15"),
        Some(_) if !of.has_registers() => (
            format!("an address of {} is one bit already", of.name()),
            "take it out, or write read = \"input-register\"",
        ),
        Some(_) if has_bands => (
            "a supervised loop is the value of a whole register".to_owned(),
            "take `bit` out, or the bands",
        ),
        Some(bit) => return Some(Some(bit)),
    };
    findings.add(Finding::error(written.place, sentence).help(help));
    None
}
