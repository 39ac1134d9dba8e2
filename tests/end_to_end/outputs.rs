//! Sirens, life relays and buttons of a real Modbus server (pymodbus), over TCP and over a serial line of socat's.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::Signal;
use tempfile::TempDir;
use vigie::watch::own_alarms::SelfAlarm;

use crate::board::{Board, free_port};
use crate::house::{House, until, until_so};
use crate::people::MARIE;
use crate::programs::{Said, VIGIE};
use crate::site::Plan;

/// Coils: the contacts of the door and of the button, and the outputs.
const DOOR: u16 = 3;
const PUMP: u16 = 4;
const BUTTON: u16 = 6;
const SIREN: u16 = 20;
const LIFE: u16 = 21;

fn site(device: &str, more: &str) -> Plan {
    // A plan is of what a test writes down; this one knows its device only now, once.
    let more = Box::leak(
        format!(
            r#"
[contacts.cabinet]
modbus = "{device}"
poll   = "50ms"
missed = 2
{more}
[contacts.cabinet.lines.door]
line = {DOOR}
read = "coil"
[contacts.cabinet.lines.pump]
line = {PUMP}
read = "coil"
[contacts.cabinet.lines.button]
line   = {BUTTON}
read   = "coil"
button = {{ does = "acknowledge", as = "marie" }}
[contacts.cabinet.outputs.siren]
line     = {SIREN}
shows    = "unacknowledged"
priority = "high"
[contacts.cabinet.outputs.life]
line  = {LIFE}
shows = "alive"

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
    );
    Plan { more, ..Plan::default() }
}

fn at_rest(board: &mut Board) {
    board.shows("coil", DOOR, 1);
    board.shows("coil", PUMP, 1);
}

fn until_coil(board: &mut Board, coil: u16, shows: u16) {
    until_so(&format!("coil {coil} shows {shows}"), || board.shown("coil", coil) == shows);
}

#[test]
fn a_siren_sounds_until_marie_answers_by_sms_and_what_an_operator_or_a_restart_changed_is_set_again()
 {
    let place = format!("127.0.0.1:{}", free_port());
    let mut board = Board::at("tcp", &place);
    at_rest(&mut board);
    // Somebody has left the siren on.
    board.shows("coil", SIREN, 1);
    let mut house = House::open(&site(&format!("tcp://{place}"), ""));
    until_coil(&mut board, SIREN, 0);
    until_coil(&mut board, LIFE, 1);

    board.shows("coil", DOOR, 0);
    until_coil(&mut board, SIREN, 1);
    house.until_alarm("contact", "door", "unacknowledged");
    until_so("the siren is shown", || {
        house.vigie(&["status"]).out.contains("output siren on since ")
    });
    let call = house.until_call(MARIE, "door");
    house.text(MARIE, &call.code());
    until_coil(&mut board, SIREN, 0);
    house.until_alarm("contact", "door", "acknowledged");

    board.shows("coil", PUMP, 0);
    until_coil(&mut board, SIREN, 1);
    // An operator switches it off at the board's own panel.
    board.shows("coil", SIREN, 0);
    until_coil(&mut board, SIREN, 1);
    // The board loses its supply, and has forgotten everything.
    drop(board);
    let lost = house.until_alarm(SelfAlarm::InputLost.name(), "contacts.cabinet", "unacknowledged");
    let text = lost["text"].as_str().unwrap();
    assert!(text.contains("not seen: door, pump, button; not set: siren, life; "), "{text}");
    assert!(
        house.alarm(SelfAlarm::OutputLost.name(), "contacts.cabinet.siren").is_none(),
        "one cause"
    );
    let mut board = Board::at("tcp", &place);
    until_coil(&mut board, SIREN, 1);

    // Whoever stops Vigie on purpose wants no siren, and whoever watches the life relay is told.
    house.signal(Signal::SIGTERM);
    assert!(house.end().success());
    assert_eq!((board.shown("coil", SIREN), board.shown("coil", LIFE)), (0, 0));
    house.verify();
}

#[test]
fn who_stands_at_the_cabinet_presses_the_button_and_the_siren_falls_silent() {
    let place = format!("127.0.0.1:{}", free_port());
    let mut board = Board::at("tcp", &place);
    at_rest(&mut board);
    let house = House::open(&site(&format!("tcp://{place}"), ""));
    board.shows("coil", DOOR, 0);
    board.shows("coil", PUMP, 0);
    house.until_alarm("contact", "pump", "unacknowledged");
    house.until_alarm("contact", "door", "unacknowledged");
    until_coil(&mut board, SIREN, 1);
    board.shows("coil", BUTTON, 1);
    until_coil(&mut board, SIREN, 0);
    for contact in ["door", "pump"] {
        let alarm = house.until_alarm("contact", contact, "acknowledged");
        assert_eq!(alarm["acknowledged_by"], "marie");
    }
    let commands: Vec<_> = house
        .journal()
        .into_iter()
        .filter_map(|entry| entry["body"]["event"].get("command").cloned())
        .collect();
    assert_eq!(commands.len(), 2, "held down, it is one press: {commands:?}");
    for command in &commands {
        assert_eq!(
            (&command["person"], &command["account"]),
            (&"marie".into(), &"contacts.cabinet.button".into())
        );
    }
    // What comes while the finger is still there is not acknowledged by it.
    board.shows("coil", DOOR, 1);
    until_so("the door is closed", || house.log().contains("alarm returned"));
    board.shows("coil", DOOR, 0);
    house.until_alarm("contact", "door", "unacknowledged");
    until_coil(&mut board, SIREN, 1);
    assert!(house.alarm("contact", "button").is_none(), "it is no contact of an alarm");
    assert!(house.vigie(&["unclaimed"]).out.lines().all(|line| !line.contains("button")));
    house.verify();
}

#[test]
fn a_coil_that_the_board_refuses_is_an_alarm_which_ends_when_the_files_name_it_no_more() {
    let place = format!("127.0.0.1:{}", free_port());
    let mut board = Board::at("tcp", &place);
    at_rest(&mut board);
    let beyond = "[contacts.cabinet.outputs.lamp]\nline = 5000\nshows = \"standing\"\n";
    let mut house = House::open(&site(&format!("tcp://{place}"), beyond));
    let lost = SelfAlarm::OutputLost.name();
    let alarm = house.until_alarm(lost, "contacts.cabinet.lamp", "unacknowledged");
    let text = alarm["text"].as_str().unwrap();
    assert!(
        text.contains("the board refuses to write coil 5000 (counted from 0) with exception 2"),
        "{text}"
    );
    let status = house.vigie(&["status"]).out;
    assert!(
        status.contains("contacts.cabinet up") && status.contains("output lamp LOST since "),
        "{status}"
    );
    // It is what is unacknowledged of a high priority: the siren, which works, says so.
    until_coil(&mut board, SIREN, 1);
    board.shows("coil", DOOR, 0);
    house.until_alarm("contact", "door", "unacknowledged");

    house.configuration = house.configuration.replace(beyond, "");
    house.site.write(&house.configuration);
    house.restart_after_kill();
    until_so("nobody would end it any more", || {
        house
            .alarm(lost, "contacts.cabinet.lamp")
            .is_some_and(|lamp| lamp["state"] != "unacknowledged")
    });
    house.verify();
}

#[test]
fn a_life_relay_drops_while_the_store_refuses_writes_and_the_siren_sounds_all_the_same() {
    let place = format!("127.0.0.1:{}", free_port());
    let mut board = Board::at("tcp", &place);
    at_rest(&mut board);
    let mut house = House::built(&site(&format!("tcp://{place}"), ""));
    // Past the limit the kernel sends SIGXFSZ, which is not what a full disk does.
    let mut wrapped = Command::new("sh");
    wrapped.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", VIGIE]);
    house.launch(wrapped);
    house.until_up();
    until_coil(&mut board, LIFE, 1);
    let limit = |limit: &str| {
        let mut command = Command::new("prlimit");
        command.args(["--pid", &house.pid().to_string(), &format!("--fsize={limit}:")]);
        let said = Said::by(&mut command);
        assert_eq!(said.exit, Some(0), "{said:?}");
    };
    limit("1");
    board.shows("coil", DOOR, 0);
    until_coil(&mut board, SIREN, 1);
    until_coil(&mut board, LIFE, 0);
    limit("unlimited");
    until_coil(&mut board, LIFE, 1);
    house.until_alarm("contact", "door", "unacknowledged");
}

/// Two ends of a serial line.
struct Line {
    socat: Child,
    folder: TempDir,
}

impl Line {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let end =
            |name: &str| format!("pty,raw,echo=0,link={}", folder.path().join(name).display());
        let socat = Command::new("socat")
            .args([end("ours"), end("theirs")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("this test needs the Debian package socat");
        let line = Self { socat, folder };
        until("both ends of the line", || {
            (line.end("ours").exists() && line.end("theirs").exists()).then_some(())
        });
        line
    }

    fn end(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let _ = self.socat.kill();
        let _ = self.socat.wait();
    }
}

#[test]
fn on_a_serial_line_coils_are_set_between_two_readings_and_no_contact_is_lost() {
    let line = Line::open();
    let theirs = line.end("theirs").display().to_string();
    let mut board = Board::at("rtu", &theirs);
    at_rest(&mut board);
    let device = format!("rtu://{}", line.end("ours").display());
    let blinking = "parity = \"none\"
[contacts.cabinet.outputs.lamp]
line = 22
shows = \"standing\"
blink = \"500ms\"
";
    let house = House::open(&site(&device, blinking));
    until_coil(&mut board, LIFE, 1);
    board.shows("coil", DOOR, 0);
    until_coil(&mut board, SIREN, 1);
    for shows in [1, 0, 1, 0] {
        until_coil(&mut board, 22, shows);
    }
    let call = house.until_call(MARIE, "door");
    house.text(MARIE, &call.code());
    until_coil(&mut board, SIREN, 0);
    board.shows("coil", PUMP, 0);
    house.until_alarm("contact", "pump", "unacknowledged");
    let status = house.vigie(&["status"]).out;
    assert!(
        status.contains("contacts.cabinet up") && !status.contains("answers missed"),
        "{status}"
    );
    house.verify();
}
