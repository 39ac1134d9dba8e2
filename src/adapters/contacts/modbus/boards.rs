//! What each known board is asked for: addresses as its maker's manual has them, counted from 0.

use super::super::device::wired;
use super::super::tests::simulated::settings;
use super::plan::{Ask, Plan};
use crate::config::ModbusTable::{self, Coil, DiscreteInput, HoldingRegister, InputRegister};
use crate::config::{
    Beside, Bus, ContactDevice, ContactsSettings, LineAt, Parity, Wiring, WordOrder,
};

fn ask(table: ModbusTable, start: u16, count: u16) -> Ask {
    Ask { table, start, count }
}

/// A board of this model, with all its inputs.
fn all(model: &str, from: u32, to: u32, counter: &str) -> ContactsSettings {
    let line = |number| format!("[contacts.cabinet.lines.c{number}]\nline = {number}\n{counter}\n");
    let lines: String = (from..=to).map(line).collect();
    settings(&format!("modbus = \"tcp://10.0.0.7\"\nboard = \"{model}\"\n{lines}"))
}

fn asked(settings: &ContactsSettings) -> Vec<Ask> {
    Plan::of(&wired(settings)).asks
}

/// The order of words of the first counter.
fn order(settings: &ContactsSettings) -> Option<WordOrder> {
    match &settings.contacts.first()?.wiring {
        Wiring::Single { beside: Some(Beside::Counter(counter)), .. } => Some(counter.order),
        Wiring::Single { .. } | Wiring::Pair { .. } | Wiring::Loop { .. } => None,
    }
}

#[test]
fn an_e1210_is_asked_for_its_counters_from_30017_on_and_its_inputs_from_10001_on() {
    let board = all("moxa-e1210", 0, 15, "counter = true");
    assert_eq!(asked(&board), [ask(InputRegister, 16, 32), ask(DiscreteInput, 0, 16)]);
    assert_eq!(order(&board), Some(WordOrder::HighFirst));
    let plain = all("moxa-e1210", 3, 3, "");
    assert_eq!(asked(&plain), [ask(DiscreteInput, 3, 1)]);
    let called = |settings: &ContactsSettings| wired(settings).swap_remove(0).line.called;
    assert_eq!(called(&plain), "input 3");
}

#[test]
fn an_e1214_has_six_of_both() {
    let board = all("moxa-e1214", 0, 5, "counter = true");
    assert_eq!(asked(&board), [ask(InputRegister, 16, 12), ask(DiscreteInput, 0, 6)]);
}

#[test]
fn an_adam_6050_is_asked_for_coils_from_00001_on_and_for_counters_from_40001_on_low_word_first() {
    let board = all("advantech-adam-6050", 0, 11, "counter = { counts = \"openings\" }");
    assert_eq!(asked(&board), [ask(HoldingRegister, 0, 24), ask(Coil, 0, 12)]);
    assert_eq!(order(&board), Some(WordOrder::LowFirst));
    let last = all("advantech-adam-6050", 11, 11, "counter = true");
    assert_eq!(asked(&last), [ask(HoldingRegister, 22, 2), ask(Coil, 11, 1)]);
}

#[test]
fn a_z_d_in_is_asked_for_the_one_register_whose_bits_are_in1_to_in5() {
    let board = all("seneca-z-d-in", 1, 5, "");
    assert_eq!(asked(&board), [ask(HoldingRegister, 1, 1)]);
    let bits: Vec<Option<u8>> = wired(&board)
        .iter()
        .map(|wired| match wired.line.at {
            LineAt::Modbus { bit, .. } => bit,
            LineAt::Gpio { .. } | LineAt::Control(_) => None,
        })
        .collect();
    assert_eq!(bits, [Some(0), Some(1), Some(2), Some(3), Some(4)]);
}

#[test]
fn a_wago_coupler_is_asked_for_its_physical_inputs_from_0_on() {
    assert_eq!(asked(&all("wago-750", 0, 15, "")), [ask(DiscreteInput, 0, 16)]);
    assert_eq!(asked(&all("wago-750", 511, 511, "")), [ask(DiscreteInput, 511, 1)]);
}

#[test]
fn a_waveshare_board_counts_its_inputs_from_1_and_speaks_as_it_was_delivered() {
    assert_eq!(asked(&all("waveshare-8ch", 1, 8, "")), [ask(DiscreteInput, 0, 8)]);
    let on_a_line = "modbus = \"rtu:///dev/ttyS1\"
board = \"waveshare-8ch\"
[contacts.cabinet.lines.door]
line = 1
";
    let ContactDevice::Modbus(board) = settings(on_a_line).device else { panic!("a board") };
    let Bus::Rtu { baud, parity, .. } = board.bus else { panic!("on a line") };
    assert_eq!((baud, parity), (9_600, Parity::None));
}

#[test]
fn a_generic_board_and_a_line_with_its_own_table_are_what_their_keys_say() {
    assert_eq!(asked(&all("generic", 3, 3, "")), [ask(DiscreteInput, 3, 1)]);
    let own = all("moxa-e1210", 48, 48, "read = \"input-register\"\nbit = 2");
    assert_eq!(asked(&own), [ask(InputRegister, 48, 1)], "the word of all its inputs, 30049");
}
