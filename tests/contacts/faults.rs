//! Boards that answer late, wrongly or not at all: what is read is never another question's answer, and what is
//! missed is counted until it is too much.

use std::time::Duration;

use crate::house::House;
use crate::scripted::{Answer, Scripted};

const MISSED: &str = "answers_missed";

async fn house(board: &Scripted, missed: u8) -> House {
    let mut house = House::of(&format!(
        "modbus = \"tcp://127.0.0.1:{}\"
poll = \"20ms\"
timeout = \"100ms\"
missed = {missed}
[contacts.board.lines.door]
line = 0
debounce = \"0s\"
",
        board.port
    ));
    house.birth();
    assert!(!house.own().await.active, "it is found");
    assert_eq!(house.text().await, "door: normal, closed");
    house
}

#[tokio::test]
async fn an_answer_that_comes_late_never_passes_for_that_of_the_next_question() {
    let board = Scripted::open(Answer::Bit(true)).await;
    let mut house = house(&board, 100).await;
    // Ten answers that say "open" come after their time; the contact is closed.
    let late = Answer::Late(false, Duration::from_millis(150));
    board.answers(&[late; 10], Answer::Bit(true));
    house.until_counted(MISSED, 10).await;
    board.answers(&[Answer::Bit(true); 20], Answer::Bit(false));
    assert_eq!(house.text().await, "door: alarm, open", "which was said in time");
    assert_eq!(house.counter("signals"), 2, "and nothing before");
}

#[tokio::test]
async fn answers_that_are_wrong_are_missed_and_never_believed() {
    let board = Scripted::open(Answer::Bit(true)).await;
    let mut house = house(&board, 100).await;
    let wrong = [
        Answer::OfAnother(false),
        Answer::Bytes(&[]),
        Answer::Bytes(&[2]),
        Answer::Bytes(&[2, 0]),
        Answer::Bytes(&[2, 200, 0]),
        Answer::Bytes(&[1, 1, 0]),
        Answer::Bytes(&[4, 2, 0, 0]),
        Answer::Bytes(&[0x82]),
        Answer::Bytes(&[0x7f, 0, 0, 0]),
        Answer::Cut,
        Answer::Bytes(&[2, 2, 0, 0]),
        Answer::Exception(4),
        Answer::Exception(6),
        Answer::Exception(11),
        Answer::Exception(99),
        Answer::Nothing,
    ];
    board.answers(&wrong, Answer::Bit(true));
    house.until_counted(MISSED, u64::try_from(wrong.len()).unwrap()).await;
    board.answers(&[Answer::Bit(true); 5], Answer::Bit(false));
    assert_eq!(house.text().await, "door: alarm, open");
    assert_eq!(house.counter("signals"), 2, "what is wrong says nothing of the contact");
}

#[tokio::test]
async fn what_was_answered_before_an_answer_did_not_come_is_taken() {
    let board = Scripted::open(Answer::Bit(true)).await;
    let mut house = House::of(&format!(
        "modbus = \"tcp://127.0.0.1:{}\"
poll = \"20ms\"
timeout = \"100ms\"
missed = 100
[contacts.board.lines.door]
line = 0
debounce = \"0s\"
[contacts.board.lines.pump]
line = 7
debounce = \"0s\"
",
        board.port
    ));
    house.birth();
    assert!(!house.own().await.active, "it is found");
    assert_eq!(house.text().await, "door: normal, closed");
    assert_eq!(house.text().await, "pump: normal, closed");
    let half = [Answer::Bit(false), Answer::Nothing];
    board.answers(&[half, half, half].concat(), Answer::Nothing);
    assert_eq!(house.text().await, "door: alarm, open", "whatever the pump's question comes to");
}

#[tokio::test]
async fn fewer_missed_answers_than_allowed_are_no_alarm_and_as_many_are() {
    let board = Scripted::open(Answer::Bit(true)).await;
    let mut house = house(&board, 3).await;
    board.answers(&[Answer::Nothing, Answer::Nothing], Answer::Bit(true));
    house.until_counted(MISSED, 2).await;
    board.answers(&[Answer::Bit(true); 3], Answer::Nothing);
    let ended = house.end().await;
    assert_eq!(
        ended.reason,
        "not seen: door; the board did not answer 3 times: no answer within 100 ms"
    );
    assert_eq!(house.counter(MISSED), 2 + 2, "the last is told as the end");
}

#[tokio::test]
async fn each_exception_that_is_for_good_says_what_to_check() {
    for (code, says) in [
        (1, "the board has no such table: check `read`"),
        (2, "the board has no such address: check `line`, `base` and `register`"),
        (3, "the board does not take such a question: check `line`"),
    ] {
        let board = Scripted::open(Answer::Bit(true)).await;
        let mut house = house(&board, 100).await;
        board.answers(&[], Answer::Exception(code));
        let ended = house.end().await;
        assert_eq!(
            ended.reason,
            format!(
                "not seen: door; the board refuses discrete-input 0 (counted from 0) with exception {code}: {says}"
            )
        );
    }
}
