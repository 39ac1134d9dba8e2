//! `vigie contacts watch` as an electrician uses it: wires are pulled, and what the daemon or the device sees is looked at.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::OwnedFd;
use std::process::{Child, ChildStderr, ChildStdout, Stdio};

use serde_json::Value;

use crate::board::{Board, free_port};
use crate::house::{House, until_so};
use crate::people::MARIE;
use crate::programs::vigie;
use crate::site::Plan;

fn more(port: u16) -> &'static str {
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

[alarms.contact]
from       = ["contacts.cabinet"]
key        = "{{line}}"
active     = "alarm"
text       = "Armoire : {{text}}"
escalation = "technique"
"#
        )
        .into_boxed_str(),
    )
}

/// A watch that runs; it ends with the test.
struct Watch {
    child: Child,
    out: BufReader<ChildStdout>,
    err: BufReader<ChildStderr>,
}

impl Watch {
    fn of(house: &House, words: &[&str]) -> Self {
        let mut command = vigie(&house.site.file(), &[&["contacts", "watch"], words].concat());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let err = BufReader::new(child.stderr.take().unwrap());
        Self { child, out, err }
    }

    fn says_first(&mut self) -> String {
        let mut line = String::new();
        self.err.read_line(&mut line).unwrap();
        line
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.out.read_line(&mut line).unwrap() > 0, "the watch has ended");
        line
    }

    /// The next change of that kind of that contact.
    fn until(&mut self, what: &str, contact: &str) -> Value {
        loop {
            let line: Value = serde_json::from_str(&self.line()).unwrap();
            if line["what"] == what && line["contact"] == contact {
                return line;
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn while_the_daemon_runs_it_is_shown_what_the_daemon_sees_and_people_are_called_meanwhile() {
    let port = free_port();
    let place = format!("127.0.0.1:{port}");
    let mut board = Board::at("tcp", &place);
    board.shows("coil", 3, 1);
    let house = House::open(&Plan { more: more(port), ..Plan::default() });
    let mut watch = Watch::of(&house, &["--json", "cabinet"]);
    assert!(watch.says_first().starts_with("what the daemon at "));
    let is = watch.until("is", "cabinet.door");
    for (key, value) in [
        ("input", "contacts.cabinet"),
        ("line", "coil 3"),
        ("raw", "coil 3 = 1"),
        ("normally", "closed"),
        ("state", "normal"),
        ("level", "closed"),
    ] {
        assert_eq!(is[key], value, "{key}: {is}");
    }
    assert_eq!((&is["changes"], &is["edges"]), (&0.into(), &0.into()));
    board.shows("coil", 3, 0);
    let edge = watch.until("edge", "cabinet.door");
    assert_eq!((&edge["raw"], &edge["state"]), (&"coil 3 = 0".into(), &"normal".into()));
    let changed = watch.until("changed", "cabinet.door");
    assert_eq!((&changed["state"], &changed["level"]), (&"alarm".into(), &"open".into()));
    assert_eq!((&changed["changes"], &changed["edges"]), (&1.into(), &1.into()));
    house.until_call(MARIE, "Armoire : door: alarm, open");

    drop(board);
    let lost = watch.until("lost", "cabinet.door");
    assert!(lost["reason"].as_str().unwrap().contains("did not answer"), "{lost}");
    assert_eq!((&lost["state"], &lost["level"]), (&"lost".into(), &Value::Null));
    let mut board = Board::at("tcp", &place);
    board.shows("coil", 3, 1);
    let found = watch.until("found", "cabinet.door");
    assert_eq!(found["reason"], Value::Null, "{found}");

    let mut nobody = Watch::of(&house, &["cellar"]);
    nobody.says_first();
    assert_eq!(nobody.child.wait().unwrap().code(), Some(65));
    assert!(nobody.says_first().contains("there are: contacts.cabinet"));
}

#[test]
fn without_a_daemon_the_devices_of_the_files_are_opened_and_it_says_so() {
    let port = free_port();
    let mut board = Board::at("tcp", &format!("127.0.0.1:{port}"));
    board.shows("coil", 3, 1);
    let house = House::built(&Plan { more: more(port), ..Plan::default() });
    let mut watch = Watch::of(&house, &[]);
    let said = watch.says_first();
    assert!(said.starts_with("no daemon answers at "), "{said}");
    assert!(said.contains("opened by this command, and nobody is called"), "{said}");
    let mut lines = String::new();
    while !lines.contains("cabinet.door: normal, closed (coil 3 = 1; expected closed)") {
        lines.push_str(&watch.line());
    }
    board.shows("coil", 4, 1);
    while !lines
        .contains("cabinet.pump: ALARM, closed (coil 4 = 1; expected open); changes 1, edges 1")
    {
        lines.push_str(&watch.line());
    }
    assert!(!lines.contains('\x1b'), "no terminal, no codes: {lines}");
    assert!(!house.site.store().exists(), "no store is touched");
    assert!(house.messages().is_empty());
}

#[test]
fn on_a_screen_a_table_is_written_over_itself_without_colours_where_none_are_wanted() {
    let port = free_port();
    let mut board = Board::at("tcp", &format!("127.0.0.1:{port}"));
    board.shows("coil", 3, 1);
    let house = House::built(&Plan { more: more(port), ..Plan::default() });
    for colour in ["", "1"] {
        let pty = nix::pty::openpty(None, None).unwrap();
        let (mut screen, theirs): (File, OwnedFd) = (pty.master.into(), pty.slave);
        let mut command = vigie(&house.site.file(), &["contacts", "watch"]);
        command.env("NO_COLOR", colour).env("TERM", "xterm");
        let child = command.stdin(Stdio::null()).stdout(theirs).stderr(Stdio::null()).spawn();
        let mut child = child.unwrap();
        drop(command);
        let mut shown = String::new();
        let mut buffer = [0; 4_096];
        until_so("the table is drawn, and drawn again", || {
            let count = screen.read(&mut buffer).unwrap();
            shown.push_str(&String::from_utf8_lossy(&buffer[..count]));
            shown.contains("normal, closed") && shown.matches("CONTACT").count() > 2
        });
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(shown.contains("\x1b[") && shown.contains("A\r"), "it goes up again: {shown:?}");
        assert!(shown.contains("contacts.cabinet") && shown.contains("EXPECTED"), "{shown:?}");
        assert_eq!(shown.contains("\x1b[32m"), colour.is_empty(), "{shown:?}");
    }
}
