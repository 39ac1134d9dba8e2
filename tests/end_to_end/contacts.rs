//! Dry contacts of a real Modbus server (pymodbus): from a coil to a short message, through the death of the board.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use vigie::watch::own_alarms::SelfAlarm;

use crate::board::{Board, free_port};
use crate::house::{House, until, until_so};
use crate::people::{KARIM, MARIE};
use crate::programs::vigie;
use crate::site::Plan;

fn more(port: u16) -> &'static str {
    // A plan is of what a test writes down; this one knows its port only now, once.
    Box::leak(
        format!(
            r#"
[contacts.cabinet]
modbus = "tcp://127.0.0.1:{port}"
poll   = "50ms"
missed = 2
[contacts.cabinet.lines.door]
line = 3
read = "coil"
[contacts.cabinet.lines.pump]
line     = 4
read     = "coil"
normally = "open"
[contacts.cabinet.lines.bell]
line     = 5
read     = "coil"
normally = "open"
latch    = {{ line = 37 }}

[alarms.contact]
from       = ["contacts.cabinet"]
key        = "{{line}}"
active     = "alarm"
priority   = "high"
text       = "Armoire : {{text}}"
escalation = "technique"
"#
        )
        .into_boxed_str(),
    )
}

#[test]
fn a_contact_opens_marie_is_told_the_board_dies_and_when_it_is_back_the_true_state_is_known() {
    let port = free_port();
    let place = format!("127.0.0.1:{port}");
    let mut board = Board::at("tcp", &place);
    board.shows("coil", 3, 1);
    let house = House::open(&Plan { more: more(port), ..Plan::default() });
    assert!(house.standing().is_empty(), "all is well at the start");

    board.shows("coil", 3, 0);
    let door = house.until_alarm("contact", "door", "unacknowledged");
    assert_eq!(door["text"], "Armoire : door: alarm, open");
    house.until_call(MARIE, "Armoire : door: alarm, open");
    let status = house.vigie(&["status"]);
    assert!(status.out.contains("contacts.cabinet up"), "{}", status.out);

    // The board dies: nobody sees its contacts, and an alarm names them. The door's own stands.
    drop(board);
    let lost = SelfAlarm::InputLost.name();
    let alarm = house.until_alarm(lost, "contacts.cabinet", "unacknowledged");
    let told = alarm["text"].as_str().unwrap().to_owned();
    assert!(told.contains("door, pump"), "{told}");
    assert_eq!(house.alarm("contact", "door").unwrap()["state"], "unacknowledged");
    let status = house.vigie(&["status"]);
    assert!(status.out.contains("contacts.cabinet down"), "{}", status.out);

    // Meanwhile the door was closed, and the pump has stopped.
    let mut board = Board::at("tcp", &place);
    board.shows("coil", 3, 1);
    board.shows("coil", 4, 1);
    house.until_alarm(lost, "contacts.cabinet", "normal");
    let pump = house.until_alarm("contact", "pump", "unacknowledged");
    assert!(pump["text"].as_str().unwrap().contains("alarm, closed"), "{pump}");
    until("the door has returned", || {
        house.alarm("contact", "door").filter(|door| door["state"] != "unacknowledged")
    });
    house.verify();
}

#[test]
fn a_contact_that_is_open_still_after_a_restart_calls_nobody_a_second_time() {
    let port = free_port();
    let mut board = Board::at("tcp", &format!("127.0.0.1:{port}"));
    let mut house = House::open(&Plan { more: more(port), ..Plan::default() });
    // Found open at the very start: it stands, and somebody is called.
    house.until_alarm("contact", "door", "unacknowledged");
    house.until_call(MARIE, "door");
    house.restart_after_kill();
    board.shows("coil", 4, 1);
    house.until_alarm("contact", "pump", "unacknowledged");
    house.until_call(MARIE, "pump");
    let calls = house.messages_to(MARIE).into_iter().filter(|sms| sms.text.contains("door"));
    assert_eq!(calls.count(), 1, "it was known already");
    assert_eq!(house.alarm("contact", "door").unwrap()["repeats"], 0);

    board.shows("coil", 3, 1);
    until_so("the door has returned", || {
        house.alarm("contact", "door").is_some_and(|door| door["state"] != "unacknowledged")
    });
    house.verify();
}

#[test]
fn a_bell_that_only_a_latch_saw_calls_marie_once_and_the_latch_is_cleared_when_it_is_on_record() {
    let port = free_port();
    let mut board = Board::at("tcp", &format!("127.0.0.1:{port}"));
    board.shows("coil", 3, 1);
    let mut house = House::open(&Plan { more: more(port), ..Plan::default() });
    until_so("the board is found", || house.vigie(&["status"]).out.contains("contacts.cabinet up"));
    board.shows("coil", 37, 1);
    house.until_call(MARIE, "bell: alarm, closed; 1 pulse that no reading showed");
    until_so("the latch is clear", || board.answered("coil 37 ?") == "0");
    house.restart_after_kill();
    board.shows("coil", 4, 1);
    house.until_call(MARIE, "pump");
    let calls = house.messages_to(MARIE).into_iter().filter(|sms| sms.text.contains("1 pulse"));
    assert_eq!(calls.count(), 1, "what is cleared is not told again");
    assert_eq!(board.answered("coil 37 ?"), "0");
    house.verify();
}

#[test]
fn a_test_of_a_contact_goes_to_the_telephone_and_back_and_the_true_alarm_calls_beside_it() {
    let port = free_port();
    let mut board = Board::at("tcp", &format!("127.0.0.1:{port}"));
    board.shows("coil", 3, 1);
    let mut house = House::open(&Plan { more: more(port), ..Plan::default() });
    for (words, exit, says) in [
        (&["test", "contact", "door"][..], 64, "--as PERSON"),
        (&["test", "contact", "dor", "--as", "karim"], 65, "there are cabinet.door, cabinet.pump"),
        (&["test", "contact", "door", "--as", "nemo"], 65, "no person is called `nemo`"),
    ] {
        let said = house.vigie(words);
        assert!(said.exit == Some(exit) && said.err.contains(says), "{words:?}: {said:?}");
    }
    let mut asked =
        vigie(&house.site.file(), &["test", "contact", "cabinet.door", "--as", "karim"]);
    let mut asked = asked.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(asked.stdout.take().unwrap()).lines();
    let mut until_told = |line: &str| {
        let so = told.by_ref().map(Result::unwrap).find(|told| told == line);
        assert!(so.is_some(), "{line}: the command has ended without it");
    };
    until_told("#1 `contact`, high, escalation `technique`: TEST Armoire : door: alarm, open");
    let test = house.next_sms(MARIE);
    assert!(test.text.starts_with("TEST HAUTE Nord: Armoire : door: alarm, open."), "{test:?}");
    let board_shows = &house.standing()[0];
    assert_eq!(
        (&board_shows["test"], &board_shows["state"]),
        (&true.into(), &"returned_unacknowledged".into())
    );
    until_told("#1 marie: the network has the message");

    // The door is opened: the true alarm calls as if there were no test, and outlives it.
    board.shows("coil", 3, 0);
    let call = house.next_sms(MARIE);
    assert!(call.text.starts_with("HAUTE Nord: Armoire : door"), "{call:?}");
    house.text(MARIE, &test.code());
    until_told("#1 acknowledged by marie");
    house.text(MARIE, &format!("{} FIN", test.code()));
    until_told("#1 confirmed by marie");
    until_told("#1 the test is over");
    assert_eq!(asked.wait().unwrap().code(), Some(0));
    let standing = house.standing();
    assert_eq!(standing.len(), 1, "{standing:?}");
    assert_eq!(
        (&standing[0]["test"], &standing[0]["state"]),
        (&false.into(), &"unacknowledged".into())
    );
    assert!(house.messages_to(KARIM).is_empty());
    let tests = house.journal().into_iter().filter(|entry| entry["kind"] == "test");
    let tests: Vec<_> = tests.collect();
    let by = tests.last().unwrap();
    assert_eq!(by["body"]["event"]["test"]["person"], "karim");
    house.verify();
}

#[test]
fn a_contact_of_which_nobody_has_made_an_alarm_is_named_and_nobody_is_called() {
    let port = free_port();
    let mut board = Board::at("tcp", &format!("127.0.0.1:{port}"));
    board.shows("coil", 3, 1);
    let more = more(port).replace(
        r#"from       = ["contacts.cabinet"]"#,
        r#"from = ["contacts"]
match = { line = "door" }"#,
    );
    let house = House::open(&Plan { more: Box::leak(more.into_boxed_str()), ..Plan::default() });
    let said = house.vigie(&["test", "contact", "pump", "--as", "karim"]);
    assert_eq!(said.exit, Some(65), "{said:?}");
    assert!(said.err.contains("no alarm definition selects"), "{said:?}");
    assert!(said.err.contains("coil 4 (contacts.cabinet), so nobody would be called"), "{said:?}");
    assert!(
        said.err.contains("`contact` not selected: field `line` is `pump`, wanted `door`"),
        "{said:?}"
    );
    assert!(house.messages().is_empty());
}
