//! A Sparkplug B edge node as a child process, whose payloads are none of ours: it is told what happens to it.
//!
//! Several groups of tests have it by path. It ends with its owner.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The node works/station with its device plc.
pub(crate) struct Station {
    child: Child,
    says: ChildStdin,
    hears: BufReader<ChildStdout>,
}

impl Station {
    /// A node that will be at this broker, and is not there yet.
    pub(crate) fn of(host: &str, port: u16) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/counterparts/sparkplug_node.py");
        let mut child = Command::new("/usr/bin/python3")
            .args([script, host, &port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this test needs the Debian package python3");
        let (says, hears) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut station = Self { child, says, hears: BufReader::new(hears) };
        assert_eq!(station.answer(), "ready");
        station
    }

    /// This happens to it; the words are in `sparkplug_node.py`.
    pub(crate) fn must(&mut self, words: &str) {
        writeln!(self.says, "{words}").unwrap();
        assert_eq!(self.answer(), "done", "{words}");
    }

    /// How often it was asked for its birth.
    pub(crate) fn asked(&mut self) -> u32 {
        writeln!(self.says, "asked").unwrap();
        self.answer().parse().unwrap()
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.hears.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }
}

impl Drop for Station {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
