//! A real Modbus server with latches: what it keeps is told, recorded, and then cleared.

use std::time::Duration;

use vigie::watch::decision::Outcome;
use vigie::watch::own_alarms::SelfAlarm;

use crate::counterpart::{Board, free_port};
use crate::house::{House, soon};

const NORMAL: &str = "door: normal, closed";
const PULSE: &str = "door: alarm, open; 1 pulse that no reading showed";

fn table(port: u16, latch: &str) -> String {
    format!(
        "modbus = \"tcp://127.0.0.1:{port}\"
poll = \"20ms\"
[contacts.board.lines.door]
line = 3
debounce = \"0s\"
latch = {latch}
"
    )
}

/// A board whose door is closed, and an input that has found it.
async fn found(latch: &str) -> (Board, House) {
    let port = free_port();
    let mut board = Board::at("tcp", &format!("127.0.0.1:{port}"));
    board.shows("discrete", 3, 1);
    let mut house = House::of(&table(port, latch));
    house.birth();
    assert!(!house.own().await.active, "it is found");
    assert_eq!(house.own().await.alarm, SelfAlarm::LatchStuck, "which no latch is");
    assert_eq!(house.text().await, NORMAL);
    (board, house)
}

/// What the board shows there now.
fn shown(board: &mut Board, table: &str, address: u16) -> u16 {
    board.answered(&format!("{table} {address} ?")).parse().unwrap()
}

async fn until_shown(board: &mut Board, table: &str, address: u16, value: u16) {
    soon("what was written", async {
        while shown(board, table, address) != value {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_pulse_that_only_the_latch_saw_is_told_recorded_and_cleared_and_so_is_the_next() {
    let (mut board, mut house) = found("{ line = 36 }").await;
    for pulse in 1..=2 {
        board.shows("coil", 36, 1);
        let (text, alarm) = house.unrecorded().await;
        assert_eq!(text, PULSE);
        let (text, back) = house.unrecorded().await;
        assert_eq!(text, NORMAL);
        assert_eq!(shown(&mut board, "coil", 36), 1, "nothing is on disk yet");
        alarm.give(Outcome::Taken);
        back.give(Outcome::Taken);
        until_shown(&mut board, "coil", 36, 0).await;
        assert_eq!(house.counter("pulses_counted"), pulse);
    }
    assert_eq!(house.counter("answers_missed"), 0);
}

#[tokio::test]
async fn an_alarm_that_the_level_shows_too_is_told_as_a_change_and_its_latch_cleared() {
    let (mut board, mut house) = found("{ line = 36 }").await;
    board.shows("coil", 36, 1);
    board.shows("discrete", 3, 0);
    let first = house.text().await;
    if first == PULSE {
        // It was read between the two.
        assert_eq!(house.text().await, NORMAL);
        assert_eq!(house.text().await, "door: alarm, open");
    } else {
        assert_eq!(first, "door: alarm, open");
    }
    until_shown(&mut board, "coil", 36, 0).await;
    board.shows("discrete", 3, 1);
    assert_eq!(house.text().await, NORMAL);
}

#[tokio::test]
async fn a_latch_in_a_register_is_cleared_by_its_bit_alone() {
    // By function 22: the other bits stay as they are.
    let latch = "{ line = 40, read = \"holding-register\", bit = 2 }";
    let (mut board, mut house) = found(latch).await;
    board.shows("holding", 40, 0b1110);
    assert_eq!((house.text().await, house.text().await), (PULSE.to_owned(), NORMAL.to_owned()));
    until_shown(&mut board, "holding", 40, 0b1010).await;
    // By writing a 1 where the board has a register of its own for that: no other bit is 1.
    let latch = "{ line = 40, read = \"holding-register\", bit = 2, clear = { line = 41 } }";
    let (mut board, mut house) = found(latch).await;
    board.shows("holding", 41, 0xffff);
    board.shows("holding", 40, 0b1110);
    assert_eq!((house.text().await, house.text().await), (PULSE.to_owned(), NORMAL.to_owned()));
    until_shown(&mut board, "holding", 41, 0b0100).await;
    board.shows("holding", 40, 0);
}

#[tokio::test]
async fn after_a_crash_before_the_clearing_the_pulse_is_told_once_more_and_then_cleared() {
    let (mut board, mut house) = found("{ line = 36 }").await;
    board.shows("coil", 36, 1);
    let (text, _receipt) = house.unrecorded().await;
    assert_eq!(text, PULSE);
    let again = house.again();
    drop(house);
    assert_eq!(shown(&mut board, "coil", 36), 1);
    let mut house = again;
    house.birth();
    assert!(!house.own().await.active, "it is found");
    assert_eq!(house.text().await, NORMAL);
    assert_eq!((house.text().await, house.text().await), (PULSE.to_owned(), NORMAL.to_owned()));
    until_shown(&mut board, "coil", 36, 0).await;
    assert_eq!(house.own().await.alarm, SelfAlarm::LatchStuck, "which it is not");
}

#[tokio::test]
async fn a_clearing_that_the_board_refuses_is_told_once_with_what_to_check() {
    let (mut board, mut house) = found("{ line = 36, clear = { line = 5000 } }").await;
    board.shows("coil", 36, 1);
    assert_eq!((house.text().await, house.text().await), (PULSE.to_owned(), NORMAL.to_owned()));
    let stuck = house.own().await;
    assert!(stuck.active);
    assert_eq!(
        &*stuck.reason,
        "door: the board refuses to write coil 5000 (counted from 0) with exception 2: it has no such address: check `line`"
    );
    // Its level is watched all the same.
    board.shows("discrete", 3, 0);
    assert_eq!(house.text().await, "door: alarm, open");
    board.shows("discrete", 3, 1);
    assert_eq!(house.text().await, NORMAL);
    board.shows("coil", 36, 0);
    assert!(!house.own().await.active, "it is clear, whoever cleared it");
}
