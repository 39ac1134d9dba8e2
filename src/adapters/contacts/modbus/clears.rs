//! What is written to clear latches, in as few orders as they need, and how each of them is then seen.
//!
//! Nothing is written here.

use std::collections::BTreeMap;

use super::super::device::{Cleared, LineNumber, Wired};
use super::plan::{Answers, Ask, joined, latch_in, span_of};
use crate::config::{Beside, ClearSettings, LatchSettings};

/// One order to a board.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Write {
    /// A coil is set to this.
    Coil { address: u16, on: bool },
    /// A register is set to this.
    Register { address: u16, value: u16 },
    /// Of a register, the bits that are 0 here become 0.
    Mask { address: u16, and: u16 },
}

/// The latches that are cleared together.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Clears {
    latches: Vec<(LineNumber, LatchSettings)>,
    /// The orders, one after the other.
    pub(super) writes: Vec<Write>,
    /// For each order, the place that it clears.
    of: Vec<Order>,
    /// What is then asked, to see whether they are clear.
    pub(super) asks: Vec<Ask>,
}

/// Orders to one address are one order, whatever the bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Order {
    Coil(u16, bool),
    Ones(u16),
    Zero(u16),
}

fn order(clear: ClearSettings) -> (Order, u16) {
    let bit = |bit: u8| 1_u16.checked_shl(u32::from(bit)).unwrap_or_default();
    match clear {
        ClearSettings::Coil { address, on } => (Order::Coil(address, on), 0),
        ClearSettings::Ones { address, bit: of } => (Order::Ones(address), bit(of)),
        ClearSettings::Zero { address, bit: of } => (Order::Zero(address), bit(of)),
    }
}

impl Clears {
    /// Those of these lines that have one.
    pub(super) fn of(lines: &[LineNumber], wired: &[Wired]) -> Self {
        let latch = |line: &LineNumber| match wired.get(*line)?.beside.as_ref()? {
            Beside::Latch(latch) => Some((*line, *latch)),
            Beside::Counter(_) => None,
        };
        let latches: Vec<_> = lines.iter().filter_map(latch).collect();
        let mut orders: BTreeMap<Order, u16> = BTreeMap::new();
        for (_, latch) in &latches {
            let (order, bits) = order(latch.clear);
            *orders.entry(order).or_default() |= bits;
        }
        let write = |(order, bits): (&Order, &u16)| match *order {
            Order::Coil(address, on) => Write::Coil { address, on },
            Order::Ones(address) => Write::Register { address, value: *bits },
            Order::Zero(address) => Write::Mask { address, and: !*bits },
        };
        let asks = joined(latches.iter().map(|(_, latch)| span_of(latch)).collect());
        let writes = orders.iter().map(write).collect();
        Self { latches, writes, of: orders.into_keys().collect(), asks }
    }

    /// How each latch is seen, by what the board refused of each order and what it then answered.
    pub(super) fn seen(
        &self,
        refused: &[Option<String>],
        answers: &Answers,
    ) -> Vec<(LineNumber, Cleared)> {
        let refusal = |latch: &LatchSettings| {
            let place = self.of.iter().position(|of| *of == order(latch.clear).0)?;
            refused.get(place)?.clone()
        };
        let seen = |(line, latch): &(LineNumber, LatchSettings)| {
            let cleared = match (refusal(latch), latch_in(latch, answers)?) {
                (_, false) => Cleared::Clear,
                (Some(reason), true) => Cleared::Refused(reason),
                (None, true) => Cleared::Set,
            };
            Some((*line, cleared))
        };
        self.latches.iter().filter_map(seen).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{LineAt, LineSettings, ModbusTable};
    use ModbusTable::{Coil, DiscreteInput, HoldingRegister};

    fn wired(table: ModbusTable, address: u16, bit: Option<u8>, clear: ClearSettings) -> Wired {
        let at = LineAt::Modbus { table: DiscreteInput, address: 0, bit: None };
        let line = LineSettings { at, active_low: false, called: String::new() };
        let latch = LatchSettings { table, address, bit, clear };
        Wired { line, beside: Some(Beside::Latch(latch)) }
    }

    #[test]
    fn latches_of_one_register_are_cleared_together_and_no_other_bit_is_touched() {
        let ones = |bit| ClearSettings::Ones { address: 7, bit };
        let zero = |bit| ClearSettings::Zero { address: 8, bit };
        let lines = [
            wired(HoldingRegister, 7, Some(0), ones(0)),
            wired(HoldingRegister, 7, Some(15), ones(15)),
            wired(HoldingRegister, 7, Some(3), ones(3)),
            wired(HoldingRegister, 8, Some(1), zero(1)),
            wired(HoldingRegister, 8, Some(4), zero(4)),
            wired(Coil, 36, None, ClearSettings::Coil { address: 36, on: false }),
            wired(DiscreteInput, 5, None, ClearSettings::Coil { address: 37, on: true }),
        ];
        let clears = Clears::of(&[0, 1, 3, 4, 5, 6], &lines);
        assert_eq!(
            clears.writes,
            [
                Write::Coil { address: 36, on: false },
                Write::Coil { address: 37, on: true },
                Write::Register { address: 7, value: 0x8001 },
                Write::Mask { address: 8, and: 0xffed },
            ],
            "the third line was not asked for: its bit is left alone"
        );
        let ask = |table, start, count| Ask { table, start, count };
        assert_eq!(
            clears.asks,
            [ask(DiscreteInput, 5, 1), ask(Coil, 36, 1), ask(HoldingRegister, 7, 2)]
        );
    }

    #[test]
    fn each_latch_is_what_is_read_after_the_order_and_a_refusal_is_told_where_it_stays_set() {
        let coil = |address| ClearSettings::Coil { address, on: false };
        let lines = [1, 2, 3, 4].map(|address| wired(Coil, address, None, coil(address)));
        let clears = Clears::of(&[0, 1, 2, 3], &lines);
        let mut answers = Answers::default();
        answers.take(Ask { table: Coil, start: 1, count: 3 }, [0, 1, 1]);
        let refused = [None, None, Some("no such coil".to_owned()), None];
        assert_eq!(
            clears.seen(&refused, &answers),
            [
                (0, Cleared::Clear),
                (1, Cleared::Set),
                (2, Cleared::Refused("no such coil".to_owned())),
            ],
            "of the last nothing is known"
        );
        assert_eq!(Clears::of(&[9], &lines), Clears::default());
    }
}
