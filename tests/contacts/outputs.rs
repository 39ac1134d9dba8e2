//! Coils of real and of scripted boards: set at the start, set again, and told when they cannot be.

use vigie::health::{OutputState, Wire};
use vigie::watch::own_alarms::SelfAlarm;

use crate::counterpart::{Board, free_port};
use crate::house::{House, soon};
use crate::scripted::{Answer, Coils, Scripted};

const SIREN: &str = "[contacts.board.outputs.siren]
line = 20
shows = \"unacknowledged\"
[contacts.board.lines.door]
line = 0
debounce = \"0s\"
";

async fn until_shown(board: &mut Board, coil: u16, shows: u16) {
    soon(&format!("coil {coil} shows {shows}"), async {
        while board.shown("coil", coil) != shows {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_coil_that_somebody_left_on_rests_at_the_start_after_each_hand_and_after_each_restart() {
    let port = free_port();
    let place = format!("127.0.0.1:{port}");
    let mut board = Board::at("tcp", &place);
    board.shows("discrete", 0, 1);
    board.shows("coil", 20, 1);
    let table = format!("modbus = \"tcp://{place}\"\npoll = \"20ms\"\nmissed = 2\n{SIREN}");
    let mut house = House::of(&table);
    house.birth();
    assert!(!house.own().await.active, "it is found");
    assert_eq!(house.text().await, "door: normal, closed");
    let own = house.own().await;
    assert_eq!((own.alarm, own.active), (SelfAlarm::OutputLost, false), "an earlier life told");
    assert_eq!(&*own.subject, "contacts.board.siren");
    assert_eq!(board.shown("coil", 20), 0);
    board.shows("coil", 20, 1);
    until_shown(&mut board, 20, 0).await;
    assert_eq!(house.reading.now().outputs[0].state, OutputState::Rest);

    drop(board);
    let ended = house.end().await;
    assert!(ended.reason.starts_with("not seen: door; not set: siren; "), "{}", ended.reason);
    let OutputState::Lost(reason) = house.reading.now().outputs[0].state.clone() else { panic!() };
    assert!(reason.starts_with("the board did not answer 2 times: "), "{reason}");
    let mut board = Board::at("tcp", &place);
    board.shows("discrete", 0, 1);
    board.shows("coil", 20, 1);
    house.birth();
    until_shown(&mut board, 20, 0).await;
}

#[tokio::test]
async fn a_board_that_answers_no_write_loses_its_output_and_none_of_its_contacts() {
    // What it says of a bit is no answer to a write.
    let board = Scripted::open(Answer::Bit(true)).await;
    let mut house = House::of(&format!(
        "modbus = \"tcp://127.0.0.1:{}\"\npoll = \"20ms\"\ntimeout = \"100ms\"\nmissed = 2\n{SIREN}",
        board.port
    ));
    house.birth();
    assert!(!house.own().await.active, "it is found");
    assert_eq!(house.text().await, "door: normal, closed");
    let own = house.own().await;
    assert_eq!((own.alarm, own.active), (SelfAlarm::OutputLost, true));
    assert_eq!(house.reading.now().state, Wire::Up);
    board.answers(&[], Answer::Bit(false));
    assert_eq!(house.text().await, "door: alarm, open", "it is watched all the same");
    assert_eq!(house.counter("answers_missed"), 0);
}

#[tokio::test]
async fn a_coil_that_stays_as_it_was_is_lost_and_one_that_cannot_be_read_back_is_believed() {
    let board = Scripted::open(Answer::Bit(true)).await;
    board.coils(Coils::Stuck(true));
    let mut house = House::of(&format!(
        "modbus = \"tcp://127.0.0.1:{}\"\npoll = \"20ms\"\n{SIREN}",
        board.port
    ));
    house.birth();
    assert!(!house.own().await.active, "it is found");
    assert_eq!(house.text().await, "door: normal, closed");
    let own = house.own().await;
    assert_eq!((own.alarm, own.active), (SelfAlarm::OutputLost, true));
    assert_eq!(
        &*own.reason,
        "coil 20 (counted from 0) shows 1 after it was set to 0: does something else hold it?"
    );
    board.coils(Coils::Unreadable);
    let own = house.own().await;
    assert_eq!((own.alarm, own.active), (SelfAlarm::OutputLost, false), "it was taken");
    assert_eq!(house.counter("answers_missed"), 0);
}
