//! What a board is asked for, in as few questions as it allows, and what its answers say of each line.
//!
//! Nothing is asked here.

use std::collections::BTreeMap;

use vigie_contacts::Width;

use super::super::device::{LineNumber, Shown, Wired};
use super::clears::Clears;
use crate::config::{Beside, CounterSettings, LatchSettings, LineAt, ModbusTable, WordOrder};

/// The limits of one question (Modbus Application Protocol V1.1b3, 6.1 to 6.4).
const MOST_BITS: u16 = 2_000;
const MOST_REGISTERS: u16 = 125;

/// One question: so many addresses of a table from here on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Ask {
    /// Which of its four.
    pub(super) table: ModbusTable,
    /// The first address, from 0.
    pub(super) start: u16,
    /// How many: bits or registers, within what one question may ask.
    pub(super) count: u16,
}

/// What a board answered, by address; a bit is 0 or 1.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Answers(BTreeMap<(ModbusTable, u16), u16>);

impl Answers {
    /// Takes the answer to one question; what is beyond the question is none.
    pub(super) fn take(&mut self, ask: Ask, values: impl IntoIterator<Item = u16>) {
        for (value, offset) in values.into_iter().zip(0..ask.count) {
            self.0.insert((ask.table, ask.start.saturating_add(offset)), value);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What stands at that address; `None` where nothing was answered.
    pub(super) fn at(&self, table: ModbusTable, address: u16) -> Option<u16> {
        self.0.get(&(table, address)).copied()
    }
}

/// All questions for the lines of a board.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Plan {
    lines: Vec<Wired>,
    /// Those for counters and latches first.
    pub(super) asks: Vec<Ask>,
}

impl Plan {
    /// For these lines.
    pub(super) fn of(lines: &[Wired]) -> Self {
        let besides = lines.iter().filter_map(|line| line.beside.as_ref()).map(span);
        let levels = lines.iter().filter_map(|line| match line.line.at {
            LineAt::Modbus { table, address, .. } => Some(Ask { table, start: address, count: 1 }),
            LineAt::Gpio { .. } | LineAt::Control(_) => None,
        });
        let mut asks = joined(besides.collect());
        asks.extend(joined(levels.collect()));
        Self { lines: lines.to_vec(), asks }
    }

    /// What clears the latches of these lines.
    pub(super) fn clears(&self, lines: &[LineNumber]) -> Clears {
        Clears::of(lines, &self.lines)
    }

    /// What the answers say of each line.
    pub(super) fn shown(&self, answers: &Answers) -> Vec<Shown> {
        self.lines.iter().map(|line| shown(line, answers)).collect()
    }
}

fn span(beside: &Beside) -> Ask {
    match beside {
        Beside::Counter(counter) => {
            let count = match counter.width {
                Width::Bits16 => 1,
                Width::Bits32 => 2,
            };
            Ask { table: counter.table, start: counter.address, count }
        }
        Beside::Latch(latch) => span_of(latch),
    }
}

/// Where a latch is asked for.
pub(super) fn span_of(latch: &LatchSettings) -> Ask {
    Ask { table: latch.table, start: latch.address, count: 1 }
}

/// Puts together what stands together. A counter of two registers is never torn.
pub(super) fn joined(mut spans: Vec<Ask>) -> Vec<Ask> {
    spans.sort_unstable();
    let mut asks: Vec<Ask> = Vec::new();
    for span in spans {
        let most = if span.table.has_registers() { MOST_REGISTERS } else { MOST_BITS };
        if let Some(last) = asks.last_mut() {
            let end = last.start.saturating_add(last.count);
            let reached = span.start.saturating_add(span.count).max(end);
            let count = reached.saturating_sub(last.start);
            if last.table == span.table && span.start <= end && count <= most {
                last.count = count;
                continue;
            }
        }
        asks.push(span);
    }
    asks
}

fn shown(Wired { line, beside }: &Wired, answers: &Answers) -> Shown {
    let LineAt::Modbus { table, address, bit } = line.at else { return Shown::Nothing };
    let Some(value) = answers.at(table, address) else { return Shown::Nothing };
    if bit.is_none() && table.has_registers() {
        return Shown::Value(value);
    }
    let bit = is_on(value, bit);
    // A level without what belongs to it would hide what was counted or latched.
    match beside {
        None => Shown::Bit(bit),
        Some(Beside::Counter(counter)) => {
            count(counter, answers).map_or(Shown::Nothing, |count| Shown::Counted { bit, count })
        }
        Some(Beside::Latch(latch)) => {
            latch_in(latch, answers).map_or(Shown::Nothing, |is_set| Shown::Latched { bit, is_set })
        }
    }
}

/// Whether this bit of a register is 1, or the one bit of what is no register.
fn is_on(value: u16, bit: Option<u8>) -> bool {
    match bit {
        None => value != 0,
        Some(bit) => value.checked_shr(u32::from(bit)).is_some_and(|value| value & 1 == 1),
    }
}

/// Whether a latch is set, if anything was said of it.
pub(super) fn latch_in(latch: &LatchSettings, answers: &Answers) -> Option<bool> {
    answers.at(latch.table, latch.address).map(|value| is_on(value, latch.bit))
}

fn count(counter: &CounterSettings, answers: &Answers) -> Option<u32> {
    let first = u32::from(answers.at(counter.table, counter.address)?);
    match counter.width {
        Width::Bits16 => Some(first),
        Width::Bits32 => {
            let second = u32::from(answers.at(counter.table, counter.address.checked_add(1)?)?);
            Some(match counter.order {
                WordOrder::HighFirst => first << 16 | second,
                WordOrder::LowFirst => second << 16 | first,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LineSettings;
    use ModbusTable::{Coil, DiscreteInput, InputRegister};
    use vigie_contacts::{CounterRule, Counts};

    fn line(table: ModbusTable, address: u16, bit: Option<u8>) -> Wired {
        let at = LineAt::Modbus { table, address, bit };
        let line = LineSettings { at, active_low: false, called: String::new() };
        Wired { line, beside: None }
    }

    fn with_counter(line: Wired, address: u16, width: Width, order: WordOrder) -> Wired {
        let rule = CounterRule::running(width, Counts::Closings, 100).unwrap();
        let counter = CounterSettings { table: InputRegister, address, width, order, rule };
        Wired { beside: Some(Beside::Counter(counter)), ..line }
    }

    fn ask(table: ModbusTable, start: u16, count: u16) -> Ask {
        Ask { table, start, count }
    }

    #[test]
    fn addresses_that_follow_each_other_are_asked_for_together_and_gaps_are_left_out() {
        let lines = [5, 0, 1, 2, 2, 7].map(|address| line(DiscreteInput, address, None));
        let plan = Plan::of(&lines);
        assert_eq!(
            plan.asks,
            [ask(DiscreteInput, 0, 3), ask(DiscreteInput, 5, 1), ask(DiscreteInput, 7, 1)]
        );
        let edge = [line(DiscreteInput, u16::MAX, None), line(Coil, 0, None)];
        assert_eq!(Plan::of(&edge).asks, [ask(DiscreteInput, u16::MAX, 1), ask(Coil, 0, 1)]);
    }

    #[test]
    fn counters_are_read_before_the_levels_and_none_is_torn_at_the_limit_of_a_question() {
        let of = |place: u16| {
            let input = line(DiscreteInput, place, None);
            with_counter(input, place * 2, Width::Bits32, WordOrder::HighFirst)
        };
        let lines: Vec<Wired> = (0..70).map(of).collect();
        let plan = Plan::of(&lines);
        assert_eq!(
            plan.asks,
            [ask(InputRegister, 0, 124), ask(InputRegister, 124, 16), ask(DiscreteInput, 0, 70)]
        );
    }

    #[test]
    fn bits_values_and_counters_are_what_the_board_said_and_what_it_did_not_say_is_nothing() {
        let counted = |width, order| with_counter(line(DiscreteInput, 3, None), 10, width, order);
        let lines = [
            line(DiscreteInput, 3, None),
            line(InputRegister, 7, Some(15)),
            line(InputRegister, 7, Some(0)),
            line(InputRegister, 7, None),
            line(Coil, 9, None),
            counted(Width::Bits16, WordOrder::HighFirst),
            counted(Width::Bits32, WordOrder::HighFirst),
            counted(Width::Bits32, WordOrder::LowFirst),
        ];
        let plan = Plan::of(&lines);
        let mut answers = Answers::default();
        answers.take(ask(DiscreteInput, 3, 1), [1, 1, 1]);
        answers.take(ask(InputRegister, 7, 1), [0x8000]);
        answers.take(ask(InputRegister, 10, 2), [1, 2]);
        assert_eq!(
            plan.shown(&answers),
            [
                Shown::Bit(true),
                Shown::Bit(true),
                Shown::Bit(false),
                Shown::Value(0x8000),
                Shown::Nothing,
                Shown::Counted { bit: true, count: 1 },
                Shown::Counted { bit: true, count: 0x1_0002 },
                Shown::Counted { bit: true, count: 0x2_0001 },
            ]
        );
        assert!(plan.shown(&Answers::default()).iter().all(|shown| *shown == Shown::Nothing));
    }
}
