//! What a device of dry contacts is told: which lines it has, and what they mean.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use vigie_contacts::{CounterRule, Level, LoopRule, PairRule, Rules, Width};

use super::outputs::{ButtonSettings, OutputSettings};
use crate::watch::name::InputName;

/// One device to which contacts are wired.
#[derive(Clone, PartialEq, Debug)]
pub struct ContactsSettings {
    /// `contacts.NAME`.
    pub name: InputName,
    /// What it is.
    pub device: ContactDevice,
    /// Its contacts, in the order of the files.
    pub contacts: Vec<ContactSettings>,
    /// Its sirens, lamps and life relays, in the order of the files; there is one where there is no contact.
    pub outputs: Vec<OutputSettings>,
}

impl ContactsSettings {
    /// What an output of it is called for people and for the record: `contacts.cabinet.siren`.
    pub fn output_called(&self, output: &OutputSettings) -> String {
        format!("{}.{}", self.name, output.name)
    }
}

impl ContactsSettings {
    /// Whether any of its contacts has a latch.
    pub fn has_latches(&self) -> bool {
        self.contacts.iter().any(|contact| match &contact.wiring {
            Wiring::Single { beside: Some(Beside::Latch(_)), .. } => true,
            Wiring::Single { .. } | Wiring::Pair { .. } | Wiring::Loop { .. } => false,
        })
    }
}

/// What a device of contacts is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ContactDevice {
    /// A GPIO chip.
    Gpio(PathBuf),
    /// The control lines of a serial port, read so often.
    Serial {
        /// The port.
        port: PathBuf,
        /// How often it is read; never zero.
        poll: Duration,
    },
    /// A Modbus board.
    Modbus(ModbusSettings),
}

/// A Modbus board.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModbusSettings {
    /// How it is reached.
    pub bus: Bus,
    /// Its number on the line (Modbus unit identifier).
    pub unit: u8,
    /// How often it is read; never zero.
    pub poll: Duration,
    /// How long it may take to answer; never zero.
    pub timeout: Duration,
    /// After so many answers in a row that do not come it is lost; at least 1.
    pub missed: u32,
}

/// How a Modbus board is reached.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Bus {
    /// Modbus TCP.
    Tcp(BoardAddress),
    /// Modbus RTU.
    Rtu {
        /// The serial port.
        port: PathBuf,
        /// Its speed.
        baud: u32,
        /// Its parity.
        parity: Parity,
    },
}

/// Where a board is in the network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BoardAddress {
    /// At this address.
    At(SocketAddr),
    /// Wherever its name says when it is connected to.
    Named {
        /// The name.
        name: String,
        /// The port.
        port: u16,
    },
}

impl std::fmt::Display for BoardAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::At(address) => write!(f, "{address}"),
            Self::Named { name, port } => write!(f, "{name}:{port}"),
        }
    }
}

/// The parity of a serial line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Parity {
    /// Even, the standard's.
    Even,
    /// Odd.
    Odd,
    /// None.
    None,
}

/// One contact.
#[derive(Clone, PartialEq, Debug)]
pub struct ContactSettings {
    /// The name of its line.
    pub name: String,
    /// Its level while all is well.
    pub normally: Level,
    /// How it is wired.
    pub wiring: Wiring,
    /// What holds for every contact.
    pub rules: Rules,
    /// What a press does, where it is a button.
    pub button: Option<ButtonSettings>,
    /// Whether what it tells is a signal: not that of a button that no definition names.
    pub is_told: bool,
}

/// How a contact is wired.
#[derive(Clone, PartialEq, Debug)]
pub enum Wiring {
    /// One line.
    Single {
        /// Which.
        at: LineSettings,
        /// What the board has for it beside the level.
        beside: Option<Beside>,
    },
    /// Two lines, of which exactly one is closed.
    Pair {
        /// That which bears the contact's name.
        at: LineSettings,
        /// The other one.
        other: LineSettings,
        /// What they mean.
        rule: PairRule,
    },
    /// A loop with end-of-line resistors.
    Loop {
        /// The register that holds its value.
        at: LineSettings,
        /// What the values mean.
        rule: LoopRule,
    },
}

/// What a board keeps for an input beside its level: it sees what is too short to be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Beside {
    /// A counter.
    Counter(CounterSettings),
    /// A latch.
    Latch(LatchSettings),
}

/// A latch of a board: a bit that a pulse sets, and that stands until it is cleared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LatchSettings {
    /// In which table it is.
    pub table: ModbusTable,
    /// Its address, from 0.
    pub address: u16,
    /// Of a register: which bit, from 0, the lowest; `None` in a table of bits.
    pub bit: Option<u8>,
    /// What clears it.
    pub clear: ClearSettings,
}

/// What clears a latch. Never a register that was read before: what was latched meanwhile would be lost.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ClearSettings {
    /// A coil that is set to this (function 5).
    Coil {
        /// Its address, from 0.
        address: u16,
        /// Whether it is set to 1.
        on: bool,
    },
    /// A register into which this bit alone is written: the board clears what is 1, and leaves alone what is 0 (function 6).
    Ones {
        /// Its address, from 0.
        address: u16,
        /// Which bit.
        bit: u8,
    },
    /// A register of which this bit alone becomes 0 (function 22).
    Zero {
        /// Its address, from 0.
        address: u16,
        /// Which bit.
        bit: u8,
    },
}

/// One line of a device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LineSettings {
    /// Where it is.
    pub at: LineAt,
    /// Whether the device shows 0 while the contact is closed.
    pub active_low: bool,
    /// What people call it: `discrete-input 3`, as the board's manual counts.
    pub called: String,
}

/// Where a line is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LineAt {
    /// A line of a GPIO chip.
    Gpio {
        /// Its offset.
        offset: u32,
        /// Its resistor.
        bias: Bias,
    },
    /// A control line of a serial port.
    Control(ControlLine),
    /// An input of a Modbus board.
    Modbus {
        /// The table in which it is.
        table: ModbusTable,
        /// Its address on the wire, from 0.
        address: u16,
        /// The bit of a register; `None` where the whole of it is the value.
        bit: Option<u8>,
    },
}

/// The resistor of a GPIO.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Bias {
    /// As the board has set it up.
    AsIs,
    /// To the supply: a closed contact to ground shows 0.
    PullUp,
    /// To ground.
    PullDown,
    /// None.
    Disabled,
}

/// A control line of a serial port (V.24).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ControlLine {
    /// Clear to send, 106.
    Cts,
    /// Data set ready, 107.
    Dsr,
    /// Data carrier detect, 109.
    Dcd,
    /// Ring indicator, 125.
    Ri,
}

impl ControlLine {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Cts, Self::Dsr, Self::Dcd, Self::Ri];

    /// Its name in the files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cts => "cts",
            Self::Dsr => "dsr",
            Self::Dcd => "dcd",
            Self::Ri => "ri",
        }
    }
}

/// One of the four tables of a Modbus board.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ModbusTable {
    /// Inputs of one bit, which are read (function 2).
    DiscreteInput,
    /// Bits that are read, and can be written (function 1).
    Coil,
    /// Registers of 16 bits, which are read (function 4).
    InputRegister,
    /// Registers of 16 bits that are read, and can be written (function 3).
    HoldingRegister,
}

impl ModbusTable {
    /// Every one.
    pub const ALL: [Self; 4] =
        [Self::DiscreteInput, Self::Coil, Self::InputRegister, Self::HoldingRegister];

    /// Its name in the files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DiscreteInput => "discrete-input",
            Self::Coil => "coil",
            Self::InputRegister => "input-register",
            Self::HoldingRegister => "holding-register",
        }
    }

    /// Whether it holds registers, and not bits.
    pub const fn has_registers(self) -> bool {
        match self {
            Self::DiscreteInput | Self::Coil => false,
            Self::InputRegister | Self::HoldingRegister => true,
        }
    }
}

/// A counter of a board.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CounterSettings {
    /// In which table it is: one of registers.
    pub table: ModbusTable,
    /// The address of its first register, from 0.
    pub address: u16,
    /// How wide it is.
    pub width: Width,
    /// Which of two registers comes first.
    pub order: WordOrder,
    /// What it counts.
    pub rule: CounterRule,
}

/// Which of two registers comes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WordOrder {
    /// The upper sixteen bits.
    HighFirst,
    /// The lower sixteen bits.
    LowFirst,
}
