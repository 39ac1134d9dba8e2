//! What a device of contacts is, and the keys that only some devices have.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::board::Board;
use crate::config::check::broker::host_and_port;
use crate::config::check::wires::check_baud;
use crate::config::file::contacts::Contacts;
use crate::config::finding::{At, Finding, Findings, Place, quoted};
use crate::config::settings::{BoardAddress, Bus, ContactDevice, ModbusSettings, Parity};
use crate::config::written::Slot;

/// The port of Modbus TCP, as IANA has registered it.
const MODBUS_PORT: u16 = 502;
/// The speed of Modbus RTU unless something else is said (Modbus over Serial Line V1.02, 2.2).
const MODBUS_BAUD: u32 = 19_200;
/// How often a board is read.
const BOARD_POLL: Duration = Duration::from_millis(500);
/// How often the control lines of a port are read: often enough to see a finger on a button.
const PORT_POLL: Duration = Duration::from_millis(25);
/// A board that is asked more often does nothing else.
const SHORTEST_BOARD_POLL: Duration = Duration::from_millis(20);
/// A port that is asked more often keeps the machine awake for nothing.
const SHORTEST_PORT_POLL: Duration = Duration::from_millis(5);
/// An alarm that waits for longer is no supervision.
const LONGEST: Duration = Duration::from_secs(600);
/// How long a board may take to answer.
const TIMEOUT: Duration = Duration::from_secs(1);
/// After so many answers that do not come, a board is lost.
const MISSED: u32 = 3;
/// No more answers may be missed: a board that is gone must be told.
const MOST_MISSED: u32 = 100;

/// A device, and how its manual counts.
pub(super) struct Device {
    /// What the adapter is told of it.
    pub(super) settings: ContactDevice,
    /// Where it is named.
    pub(super) place: Place,
    /// The address that its manual gives the first input.
    pub(super) base: u32,
    /// The model of a Modbus board, if it is known by one.
    pub(super) board: Option<&'static Board>,
    /// What `active-low` and `bias` are about, what it is called: "a GPIO chip".
    pub(super) called: &'static str,
}

impl Device {
    /// How often it is read; `None` where it tells each edge.
    pub(super) fn poll(&self) -> Option<Duration> {
        match &self.settings {
            ContactDevice::Gpio(_) => None,
            ContactDevice::Serial { poll, .. } => Some(*poll),
            ContactDevice::Modbus(board) => Some(board.poll),
        }
    }
}

/// Reads what the device is.
pub(super) fn device(
    name: &At<String>,
    table: &Contacts,
    findings: &mut Findings,
) -> Option<Device> {
    let places = [place(&table.gpio), place(&table.serial), place(&table.modbus)];
    let mut there = places.into_iter().flatten();
    let (first, second) = (there.next(), there.next());
    if let (Some(first), Some(second)) = (first, second) {
        let sentence = "one device is either `gpio`, or `serial`, or `modbus`";
        let finding = Finding::error(second, sentence).first(first);
        findings.add(finding.help("give each a table [contacts.NAME] of its own"));
        return None;
    }
    let Some(place) = first else {
        let is_absent =
            table.gpio.is_absent() && table.serial.is_absent() && table.modbus.is_absent();
        if is_absent {
            let sentence = format!(
                "the contact device {} has no `gpio`, `serial` or `modbus`",
                quoted(&name.value)
            );
            let help = "add gpio = \"/dev/gpiochip0\", serial = \"/dev/ttyS0\" or modbus = \"tcp://10.0.0.7:502\"";
            findings.add(Finding::error(table.place, sentence).help(help));
        }
        return None;
    };
    let model = table.board.read().and_then(|written| Board::named(written, findings));
    let settings = match (&table.gpio, &table.serial, &table.modbus) {
        (Slot::Is(chip), _, _) => ContactDevice::Gpio(chip.value.clone()),
        (_, Slot::Is(port), _) => {
            let poll = period(&table.poll, PORT_POLL, SHORTEST_PORT_POLL, "poll", findings);
            ContactDevice::Serial { port: port.value.clone(), poll }
        }
        (_, _, Slot::Is(written)) => {
            let board = board(written, table, model, findings);
            if board.is_none() {
                base(table, findings);
            }
            ContactDevice::Modbus(board?)
        }
        (_, _, Slot::Absent | Slot::Refused) => return None,
    };
    check_foreign(table, &settings, findings);
    let called = called(&settings);
    let base = base(table, findings);
    Some(Device { settings, place, base, board: model, called })
}

/// In the operator's words.
fn called(settings: &ContactDevice) -> &'static str {
    match settings {
        ContactDevice::Gpio(_) => "a GPIO chip",
        ContactDevice::Serial { .. } => "a serial port",
        ContactDevice::Modbus(_) => "a Modbus board",
    }
}

/// Where a key stands, if it could be read.
pub(super) fn place<T>(slot: &Slot<T>) -> Option<Place> {
    slot.read().map(|at| at.place)
}

/// Complains of keys that stand with a device that does not have them.
pub(super) fn foreign(
    keys: &[(&'static str, Option<Place>)],
    of: &str,
    is: &str,
    findings: &mut Findings,
) {
    for (key, place) in keys {
        if let Some(place) = place {
            let sentence = format!("`{key}` belongs to {of}, and this is {is}");
            findings.add(Finding::error(*place, sentence).help("take it out"));
        }
    }
}

fn check_foreign(table: &Contacts, settings: &ContactDevice, findings: &mut Findings) {
    let board = [
        ("unit", place(&table.unit)),
        ("board", place(&table.board)),
        ("base", place(&table.base)),
        ("timeout", place(&table.timeout)),
        ("missed", place(&table.missed)),
    ];
    let line = [("baud", place(&table.baud)), ("parity", place(&table.parity))];
    let poll = [("poll", place(&table.poll))];
    match settings {
        ContactDevice::Gpio(_) => {
            foreign(&board, "a Modbus board", "a GPIO chip", findings);
            foreign(&line, "a Modbus board on a serial line", "a GPIO chip", findings);
            foreign(&poll, "what must be asked", "a GPIO chip, which tells each edge", findings);
        }
        ContactDevice::Serial { .. } => {
            foreign(&board, "a Modbus board", "a serial port", findings);
            let of = "a Modbus board on a serial line";
            foreign(&line, of, "a port of which only the control lines are read", findings);
        }
        ContactDevice::Modbus(ModbusSettings { bus: Bus::Tcp(_), .. }) => {
            foreign(&line, "a serial line", "Modbus TCP", findings);
        }
        ContactDevice::Modbus(ModbusSettings { bus: Bus::Rtu { .. }, .. }) => {}
    }
}

fn board(
    written: &At<String>,
    table: &Contacts,
    model: Option<&Board>,
    findings: &mut Findings,
) -> Option<ModbusSettings> {
    let bus = bus(written, table, model, findings)?;
    let highest = match bus {
        Bus::Tcp(_) => 255,
        Bus::Rtu { .. } => 247,
    };
    let unit = table.unit.read().map_or(Some(1), |unit| {
        let number = u8::try_from(unit.value).ok().filter(|number| *number <= highest);
        if number.is_none() || (number == Some(0) && highest == 247) {
            let sentence = format!("no board has the number {}", unit.value);
            let help = format!("write 1 to {highest}, as the board is set");
            findings.add(Finding::error(unit.place, sentence).help(help));
        }
        number
    });
    let missed = table.missed.read().map_or(MISSED, |missed| {
        if missed.value == 0 || missed.value > MOST_MISSED {
            let sentence = "a board is lost after 1 to 100 missed answers";
            findings.add(Finding::error(missed.place, sentence).help("write 3, or leave it out"));
        }
        missed.value
    });
    let poll = period(&table.poll, BOARD_POLL, SHORTEST_BOARD_POLL, "poll", findings);
    let timeout = period(&table.timeout, TIMEOUT, SHORTEST_BOARD_POLL, "timeout", findings);
    Some(ModbusSettings { bus, unit: unit?, poll, timeout, missed })
}

fn bus(
    written: &At<String>,
    table: &Contacts,
    model: Option<&Board>,
    findings: &mut Findings,
) -> Option<Bus> {
    let text = written.value.trim();
    if let Some(address) = text.strip_prefix("tcp://") {
        if let Some(address) = tcp(address) {
            return Some(Bus::Tcp(address));
        }
        let sentence = format!("{} is no address of a board", quoted(address));
        let help = "write its address or name, for example \"tcp://10.0.0.7:502\" or \"tcp://board.plant.local\"";
        findings.add(Finding::error(written.place, sentence).help(help));
        return None;
    }
    let Some(port) = text.strip_prefix("rtu://").filter(|port| port.starts_with('/')) else {
        let sentence = format!("{} does not say how the board is reached", quoted(text));
        let help = "write \"tcp://10.0.0.7:502\", or \"rtu:///dev/ttyUSB0\" with three slashes";
        findings.add(Finding::error(written.place, sentence).help(help));
        return None;
    };
    if let Some(baud) = table.baud.read() {
        check_baud(baud, "write 19200, or 9600 as most boards are delivered", findings);
    }
    let usual = model.and_then(|model| model.line).unwrap_or((MODBUS_BAUD, Parity::Even));
    let baud = table.baud.value().copied().unwrap_or(usual.0);
    let parity = table.parity.value().copied().unwrap_or(usual.1);
    Some(Bus::Rtu { port: PathBuf::from(Path::new(port)), baud, parity })
}

fn tcp(text: &str) -> Option<BoardAddress> {
    if let Ok(address) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Some(BoardAddress::At(SocketAddr::new(address, MODBUS_PORT)));
    }
    let (host, port) = host_and_port(text)?;
    let port = port.unwrap_or(MODBUS_PORT);
    match host.parse::<IpAddr>() {
        Ok(address) => Some(BoardAddress::At(SocketAddr::new(address, port))),
        // What ends in a number is an address that was misspelt.
        Err(_) => {
            let last = host.rsplit('.').next()?;
            let is_name = last.chars().any(|letter| !letter.is_ascii_digit());
            is_name.then(|| BoardAddress::Named { name: host.to_owned(), port })
        }
    }
}

fn base(table: &Contacts, findings: &mut Findings) -> u32 {
    table.base.read().map_or(0, |base| {
        if base.value > 1 {
            let sentence = format!("no manual counts inputs from {}", base.value);
            let help = "write 0 or 1; of addresses such as 10001 or 30001 leave the table's digit out, and write base = 1";
            findings.add(Finding::error(base.place, sentence).help(help));
        }
        base.value
    })
}

fn period(
    slot: &Slot<Duration>,
    default: Duration,
    shortest: Duration,
    key: &str,
    findings: &mut Findings,
) -> Duration {
    let Some(written) = slot.read() else { return default };
    if !(shortest..=LONGEST).contains(&written.value) {
        let sentence = format!("`{key}` lies between {}ms and 10m here", shortest.as_millis());
        let help = format!("write \"{}ms\", or leave it out", default.as_millis());
        findings.add(Finding::error(written.place, sentence).help(help));
    }
    written.value
}
