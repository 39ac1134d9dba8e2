//! A real Modbus board: pymodbus' server as a child process, told what its inputs show.
//!
//! Several groups of tests have it by path. It ends with its owner.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A port of loop-back that nobody uses, and a free one stays free for a moment.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// pymodbus' server, told what its inputs show.
pub(crate) struct Board {
    child: Child,
    says: ChildStdin,
    hears: BufReader<ChildStdout>,
}

impl Board {
    /// A board of this kind, there.
    pub(crate) fn at(kind: &str, place: &str) -> Self {
        Self::with(&[kind, place])
    }

    /// Boards that are described to the script in these words.
    pub(crate) fn with(words: &[&str]) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/counterparts/modbus_board.py");
        let mut child = Command::new("/usr/bin/python3")
            .arg(script)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this test needs the Debian package python3-pymodbus");
        let (says, hears) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut board = Self { child, says, hears: BufReader::new(hears) };
        board.hear("ready");
        board
    }

    fn hear(&mut self, word: &str) {
        let mut line = String::new();
        self.hears.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), word, "is the Debian package python3-pymodbus installed?");
    }

    /// An input shows this from now on.
    pub(crate) fn shows(&mut self, table: &str, address: u16, value: u16) {
        self.told(&format!("{table} {address} {value}"));
    }

    /// Does what it is told, a line as the script has it.
    pub(crate) fn told(&mut self, line: &str) {
        let answer = self.answered(line);
        assert_eq!(answer, "done", "is the Debian package python3-pymodbus installed?");
    }

    /// What it answers to a line.
    pub(crate) fn answered(&mut self, line: &str) -> String {
        writeln!(self.says, "{line}").unwrap();
        let mut answer = String::new();
        self.hears.read_line(&mut answer).unwrap();
        answer.trim().to_owned()
    }
}

impl Board {
    /// What it shows there now.
    pub(crate) fn shown(&mut self, table: &str, address: u16) -> u16 {
        self.answered(&format!("{table} {address} ?")).parse().unwrap()
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
