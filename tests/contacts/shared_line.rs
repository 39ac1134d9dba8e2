//! Several boards on one serial line: each speaks in its turn, and one that is mute or late costs the others time and nothing else.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;
use tokio_serial::SerialStream;

use crate::counterpart::Board;
use crate::house::House;
use crate::late_on_the_line::crc;
use crate::serial_line::Line;

const MISSED: &str = "answers_missed";

/// Boards with these numbers on this line, each with one door; what is missed is given up after so many.
fn boards<const BOARDS: usize>(line: &Line, units: [u8; BOARDS], missed: u8) -> [House; BOARDS] {
    let port = line.ours();
    let table = |unit: &u8| {
        format!(
            "[contacts.board{unit}]
modbus = \"rtu://{}\"
unit = {unit}
parity = \"none\"
poll = \"20ms\"
timeout = \"100ms\"
missed = {missed}
[contacts.board{unit}.lines.door{unit}]
line = 3
debounce = \"0s\"
",
            port.display()
        )
    };
    let tables: String = units.iter().map(table).collect();
    let mut houses = House::several(&tables);
    houses.iter_mut().for_each(House::birth);
    houses.try_into().unwrap_or_else(|_| panic!("as many inputs as tables"))
}

async fn is_found(house: &mut House, says: &str) {
    assert!(!house.own().await.active, "it is found");
    assert_eq!(house.text().await, says);
}

#[tokio::test]
async fn boards_on_one_line_are_each_read_and_one_that_is_mute_neither_starves_nor_fails_the_others()
 {
    let line = Line::open().await;
    let mut server = Board::with(&["rtu", &line.theirs().display().to_string(), "1", "2", "3"]);
    for told in ["1 discrete 3 1", "2 discrete 3 0", "3 discrete 3 1", "2 mute"] {
        server.told(told);
    }
    // The mute one is asked again and again, and not given up.
    let [mut one, mut two, mut three] = boards(&line, [1, 2, 3], 100);
    is_found(&mut one, "door1: normal, closed").await;
    is_found(&mut three, "door3: normal, closed").await;
    for (turn, level) in [(1, 0), (2, 1), (3, 0)] {
        two.until_counted(MISSED, turn).await;
        let text = if level == 1 { "normal, closed" } else { "alarm, open" };
        server.told(&format!("1 discrete 3 {level}"));
        assert_eq!(one.text().await, format!("door1: {text}"));
        server.told(&format!("3 discrete 3 {level}"));
        assert_eq!(three.text().await, format!("door3: {text}"));
    }
    assert_eq!((one.counter(MISSED), three.counter(MISSED)), (0, 0));
    server.told("2 speaks");
    is_found(&mut two, "door2: alarm, open").await;
    assert_eq!(one.counter("signals") + three.counter("signals"), 8, "each change once");
}

#[tokio::test]
async fn a_board_that_was_given_up_is_asked_once_a_life_until_it_answers() {
    let line = Line::open().await;
    let mut server = Board::with(&["rtu", &line.theirs().display().to_string(), "1", "2"]);
    for told in ["1 discrete 3 1", "2 discrete 3 1", "2 mute"] {
        server.told(told);
    }
    let [mut one, mut two] = boards(&line, [1, 2], 3);
    is_found(&mut one, "door1: normal, closed").await;
    let silent = |house: &House| house.counter(MISSED);
    let ended = two.end().await;
    assert_eq!(
        ended.reason,
        "not seen: door2; the board did not answer 3 times: no answer within 100 ms"
    );
    assert_eq!(silent(&two), 2, "the last is told as the end");
    two.birth();
    let ended = two.end().await;
    assert_eq!(
        ended.reason,
        "not seen: door2; the board still does not answer: no answer within 100 ms"
    );
    assert_eq!(silent(&two), 2, "it was asked once");
    server.told("2 speaks");
    two.birth();
    is_found(&mut two, "door2: normal, closed").await;
    server.told("2 mute");
    let ended = two.end().await;
    assert!(ended.reason.contains("the board did not answer 3 times"), "{}", ended.reason);
    assert_eq!(silent(&one), 0);
}

/// How late the boards of a line are, and which of them are on.
type Script = Arc<Mutex<(BTreeMap<u8, Duration>, Vec<u8>)>>;

/// Boards that each answer in their own time, whoever is being asked meanwhile.
fn slow_boards(theirs: &Path, script: Script) -> JoinSet<()> {
    let line = SerialStream::open(&tokio_serial::new(theirs.to_string_lossy(), 19_200)).unwrap();
    let (mut hears, says) = tokio::io::split(line);
    let says = Arc::new(tokio::sync::Mutex::new(says));
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        let mut answering = JoinSet::new();
        let mut question = [0; 8];
        while hears.read_exact(&mut question).await.is_ok() {
            let unit = question[0];
            let (late, is_on) = {
                let script = script.lock().unwrap();
                (script.0.get(&unit).copied().unwrap_or_default(), script.1.contains(&unit))
            };
            let answer = [unit, question[1], 1, u8::from(is_on)];
            let says = Arc::clone(&says);
            answering.spawn(async move {
                tokio::time::sleep(late).await;
                let frame = [&answer[..], &crc(&answer)].concat();
                let _ = says.lock().await.write_all(&frame).await;
            });
        }
    });
    serving
}

#[tokio::test]
async fn the_late_answer_of_a_board_is_neither_another_s_nor_in_its_way() {
    let line = Line::open().await;
    let script: Script = Arc::new(Mutex::new((BTreeMap::new(), vec![1, 2])));
    let _serving = slow_boards(&line.theirs(), Arc::clone(&script));
    let [mut one, mut two] = boards(&line, [1, 2], 100);
    is_found(&mut one, "door1: normal, closed").await;
    is_found(&mut two, "door2: normal, closed").await;
    // From now on the second says "open", half as late again as it may be.
    *script.lock().unwrap() = (BTreeMap::from([(2, Duration::from_millis(150))]), vec![1]);
    two.until_counted(MISSED, 6).await;
    assert_eq!((one.counter("signals"), one.counter(MISSED)), (1, 0), "nothing but its own");
    assert_eq!(two.counter("signals"), 1, "what comes too late says nothing of the contact");
    script.lock().unwrap().0.clear();
    assert_eq!(two.text().await, "door2: alarm, open", "which was said in time");
}
