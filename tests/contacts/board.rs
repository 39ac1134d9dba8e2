//! A real Modbus server over TCP: what its inputs show, its counters, its death and its return.

use vigie::watch::own_alarms::SelfAlarm;
use vigie::watch::signal::{Tells, Value};

use crate::counterpart::{Board, free_port};
use crate::house::House;

fn table(port: u16, more: &str) -> String {
    format!("modbus = \"tcp://127.0.0.1:{port}\"\npoll = \"20ms\"\nmissed = 2\n{more}")
}

const DOOR_AND_PUMP: &str = "[contacts.board.lines.door]
line = 3
[contacts.board.lines.pump]
line = 9
read = \"coil\"
normally = \"open\"
";

#[tokio::test]
async fn a_board_that_dies_names_the_contacts_that_nobody_sees_and_then_their_true_state_is_told() {
    let port = free_port();
    let place = format!("127.0.0.1:{port}");
    let mut board = Board::at("tcp", &place);
    board.shows("discrete", 3, 1);
    let mut house = House::of(&table(port, DOOR_AND_PUMP));
    house.birth();
    assert!(!house.own().await.active, "it is found");
    let start = house.signal().await;
    assert_eq!((&*start.text, start.tells), ("door: normal, closed", Tells::Standing));
    assert_eq!(&*start.source, &format!("tcp://{place} unit 1 discrete-input 3"));
    assert_eq!(&*start.raw, b"discrete-input 3 = 1");
    assert_eq!(house.text().await, "pump: normal, open");

    board.shows("coil", 9, 1);
    let change = house.signal().await;
    assert_eq!((&*change.text, change.tells), ("pump: alarm, closed", Tells::News));
    assert_eq!(change.fields.get("alarm"), Some(&Value::Bool(true)));

    drop(board);
    let ended = house.end().await;
    assert_eq!(ended.alarm, SelfAlarm::InputLost);
    assert!(ended.reason.contains("the board did not answer 2 times: "), "{}", ended.reason);
    assert!(ended.reason.starts_with("not seen: door, pump; "), "{}", ended.reason);
    house.birth();
    let again = house.end().await;
    assert!(again.reason.contains("the connection is refused"), "{}", again.reason);

    let mut board = Board::at("tcp", &place);
    board.shows("discrete", 3, 0);
    house.birth();
    assert!(!house.own().await.active, "it is found again");
    // What it answers before its inputs are set is no state: two readings must agree.
    let told = [house.text().await, house.text().await];
    assert_eq!(
        told,
        [
            "door: seen again; alarm, open (before: normal)",
            "pump: seen again; normal, open (before: alarm)",
        ]
    );
}

#[tokio::test]
async fn a_pulse_that_only_the_counter_of_the_board_saw_is_told() {
    let port = free_port();
    let mut board = Board::at("tcp", &format!("127.0.0.1:{port}"));
    board.shows("discrete", 3, 1);
    let counted = "[contacts.board.lines.door]
line = 3
counter = { register = 20, counts = \"openings\", word-order = \"low-first\" }
";
    let mut house = House::of(&table(port, counted));
    house.birth();
    assert!(!house.own().await.active);
    assert_eq!(house.text().await, "door: normal, closed");
    board.shows("input", 20, 3);
    assert_eq!(house.text().await, "door: alarm, open; 3 pulses that no reading showed");
    assert_eq!(house.text().await, "door: normal, closed", "and it has returned");
    assert_eq!(house.counter("pulses_counted"), 3);
    // A board that was exchanged stands anywhere.
    board.shows("input", 20, 60_000);
    assert_eq!(house.text().await, "door: edges were lost, pulses may be missing; normal, closed");
}

#[tokio::test]
async fn a_loop_with_resistors_tells_an_alarm_from_a_cut_wire_and_a_shorted_one() {
    let port = free_port();
    let mut board = Board::at("tcp", &format!("127.0.0.1:{port}"));
    board.shows("input", 7, 1_000);
    let bands = "[contacts.board.lines.fire]
line = 7
read = \"input-register\"
short = [0, 200]
normal = [800, 1200]
alarm = [1800, 2200]
open = [3500, 4095]
";
    let mut house = House::of(&table(port, bands));
    house.birth();
    assert!(!house.own().await.active);
    assert_eq!(house.text().await, "fire: normal, closed");
    for (value, text) in [
        (2_000, "fire: alarm, open"),
        (4_000, "fire: fault: cut"),
        (100, "fire: fault: short"),
        (1_000, "fire: normal, closed"),
        (500, "fire: fault: out of range"),
    ] {
        board.shows("input", 7, value);
        let signal = house.signal().await;
        assert_eq!(&*signal.text, text);
        assert_eq!(&*signal.raw, format!("input-register 7 = {value}").as_bytes());
        let fault = signal.fields.get("fault");
        assert_eq!(fault, Some(&Value::Bool(text.contains("fault"))));
    }
}

#[tokio::test]
async fn what_a_board_refuses_is_told_with_the_address_and_what_to_check() {
    let port = free_port();
    let _board = Board::at("tcp", &format!("127.0.0.1:{port}"));
    let beyond = "[contacts.board.lines.door]\nline = 5000\n";
    let mut house = House::of(&table(port, beyond));
    house.birth();
    let ended = house.end().await;
    assert_eq!(
        ended.reason,
        "not seen: door; the board refuses discrete-input 5000 (counted from 0) with exception 2: the board has no such address: check `line`, `base` and `register`"
    );
}

#[tokio::test]
async fn a_board_is_reached_by_its_name_and_a_name_that_says_nothing_is_told() {
    let port = free_port();
    let mut board = Board::at("tcp", &format!("127.0.0.1:{port}"));
    board.shows("discrete", 3, 1);
    let by = |name: &str| {
        format!(
            "modbus = \"tcp://{name}:{port}\"\nmissed = 1\n[contacts.board.lines.door]\nline = 3\n"
        )
    };
    let mut house = House::of(&by("localhost"));
    house.birth();
    assert!(!house.own().await.active, "it is found");
    let start = house.signal().await;
    assert_eq!(&*start.text, "door: normal, closed");
    assert_eq!(&*start.source, &format!("tcp://localhost:{port} unit 1 discrete-input 3"));

    let mut house = House::of(&by("board.invalid"));
    house.birth();
    let ended = house.end().await;
    let says = "the board did not answer 1 time: the name board.invalid ";
    assert!(ended.reason.contains(says), "{}", ended.reason);
}
