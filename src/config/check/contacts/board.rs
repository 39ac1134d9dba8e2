//! Boards that are known by their model: where each input is, its counter if it has one, and how its line is set when it is new.
//!
//! Only what the maker's manual says stands here; what it leaves open is asked of the files. No board clears its latches by its model
//! alone: of those that are here, no manual says what is to be written.

use vigie_contacts::Width;

use crate::config::finding::{At, Finding, Findings, listed, quoted};
use crate::config::settings::{ModbusTable, Parity, WordOrder};

/// A model.
#[derive(Debug)]
pub(super) struct Board {
    /// As it is written in `board`.
    name: &'static str,
    /// As people call it.
    pub(super) called: &'static str,
    /// The number of its first input, as its label has it.
    first: u32,
    inputs: u16,
    at: Inputs,
    counters: Option<Counters>,
    /// How its serial line is set when it is new.
    pub(super) line: Option<(u32, Parity)>,
}

/// Where its inputs are.
#[derive(Debug)]
enum Inputs {
    /// Each an address of this table, from this one on.
    Each(ModbusTable, u16),
    /// Each a bit of this register, from the lowest on.
    BitsOf(ModbusTable, u16),
}

/// Where its counters are: one after the other from this register on.
#[derive(Debug)]
pub(super) struct Counters {
    /// Of which table of the board.
    pub(super) table: ModbusTable,
    address: u16,
    /// How many registers each takes.
    pub(super) width: Width,
    /// In which order these stand.
    pub(super) order: WordOrder,
}

/// What is there without a model: every key says it.
const GENERIC: &str = "generic";

const BOARDS: [Board; 6] = [
    // Moxa, "ioLogik E1200 Series User's Manual", appendix A, "Modbus/TCP Default Address Mappings", E1210: 10001 to 10016 by
    // function 2; 30017 to 30048 by function 4, the counters of CH0 to CH15, each Hi-Word before Lo-Word. A channel counts where it is
    // set to be a counter.
    Board {
        name: "moxa-e1210",
        called: "ioLogik E1210",
        first: 0,
        inputs: 16,
        at: Inputs::Each(ModbusTable::DiscreteInput, 0),
        counters: Some(MOXA),
        line: None,
    },
    // The same, E1214: 10001 to 10006, and 30017 to 30028.
    Board {
        name: "moxa-e1214",
        called: "ioLogik E1214",
        first: 0,
        inputs: 6,
        at: Inputs::Each(ModbusTable::DiscreteInput, 0),
        counters: Some(MOXA),
        line: None,
    },
    // Advantech, "ADAM-6000 Series User Manual", appendix B.2, "ADAM-6050": 00001 to 00012 by function 1; 40001 to 40024, the counters
    // of DI 0 to DI 11: "Counter(dec) = (value of 40002) x 65536 + (value of 40001)". 00036 and every fourth after it is "Latch
    // Status/Clear Status", without a word on what clears it.
    Board {
        name: "advantech-adam-6050",
        called: "ADAM-6050",
        first: 0,
        inputs: 12,
        at: Inputs::Each(ModbusTable::Coil, 0),
        counters: Some(Counters {
            table: ModbusTable::HoldingRegister,
            address: 0,
            width: Width::Bits32,
            order: WordOrder::LowFirst,
        }),
        line: None,
    },
    // Seneca, "Z-D-IN User Manual", 5.2 "Modbus Register Addresses": 40002 (offset 1), bit 0 = IN1 status to bit 4 = IN5 status.
    Board {
        name: "seneca-z-d-in",
        called: "Z-D-IN",
        first: 1,
        inputs: 5,
        at: Inputs::BitsOf(ModbusTable::HoldingRegister, 1),
        counters: None,
        line: None,
    },
    // WAGO, manuals of the couplers of the system 750 for MODBUS TCP (750-352: "Function Code FC2 (Read Discrete Inputs)"; 750-841:
    // "Bit Access", 0 to 511 are physical inputs): the digital inputs of all modules in their order, from 0.
    Board {
        name: "wago-750",
        called: "WAGO coupler 750",
        first: 0,
        inputs: 512,
        at: Inputs::Each(ModbusTable::DiscreteInput, 0),
        counters: None,
        line: None,
    },
    // Waveshare, wiki pages "Modbus RTU IO 8CH", "Modbus RTU Relay (D)" and "Modbus POE ETH Relay (B)": DI1 to DI8 are the discrete
    // inputs 0x0000 to 0x0007; "Default Communication Format 9600, N, 8, 1".
    Board {
        name: "waveshare-8ch",
        called: "Waveshare board of 8 channels",
        first: 1,
        inputs: 8,
        at: Inputs::Each(ModbusTable::DiscreteInput, 0),
        counters: None,
        line: Some((9_600, Parity::None)),
    },
];

const MOXA: Counters = Counters {
    table: ModbusTable::InputRegister,
    address: 16,
    width: Width::Bits32,
    order: WordOrder::HighFirst,
};

impl Board {
    /// The model that is written; `None` for a generic one, and after a complaint.
    pub(super) fn named(written: &At<String>, findings: &mut Findings) -> Option<&'static Self> {
        let name = written.value.as_str();
        let board = BOARDS.iter().find(|board| board.name == name);
        if board.is_none() && name != GENERIC {
            let names = || BOARDS.iter().map(|board| board.name).chain([GENERIC]);
            let help = findings.meant(name, names()).unwrap_or_else(|| {
                format!(
                    "there is {}; without `board`, write `base`, `read` and `counter` as its manual has them",
                    listed(names(), "and")
                )
            });
            let sentence = format!("no board is known as {}", quoted(name));
            findings.add(Finding::error(written.place, sentence).help(help));
        }
        board
    }

    /// Where the input with this number is: its table, its address from 0, and the bit of a register.
    pub(super) fn input(&self, number: u32) -> Option<(ModbusTable, u16, Option<u8>)> {
        let place = self.place(number)?;
        match self.at {
            Inputs::Each(table, first) => Some((table, first.checked_add(place)?, None)),
            Inputs::BitsOf(table, register) => {
                Some((table, register, Some(u8::try_from(place).ok()?)))
            }
        }
    }

    /// Its counter, and the address of its first register from 0.
    pub(super) fn counter(&self, number: u32) -> Option<(&Counters, u16)> {
        let (counters, place) = (self.counters.as_ref()?, self.place(number)?);
        let registers = match counters.width {
            Width::Bits16 => 1,
            Width::Bits32 => 2,
        };
        Some((counters, counters.address.checked_add(place.checked_mul(registers)?)?))
    }

    fn place(&self, number: u32) -> Option<u16> {
        let place = u16::try_from(number.checked_sub(self.first)?).ok()?;
        (place < self.inputs).then_some(place)
    }

    /// The numbers of its inputs, in words.
    pub(super) fn numbers(&self) -> String {
        let last = self.first.saturating_add(u32::from(self.inputs)).saturating_sub(1);
        format!("{} to {last}", self.first)
    }
}
