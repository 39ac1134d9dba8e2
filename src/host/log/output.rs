//! The log on the standard error output, for people: where its thread writes, and what leaves lines to that thread.

use std::fmt::{self, Write as _};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;

use tracing_subscriber::fmt::format;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};

use super::Road;
use super::writer::{Load, Log, MISSING, Writer};

/// The standard error output, with a descriptor of its own: while it hangs, its lock would be held against who has to tell on it
/// why the process ends.
pub(super) struct Output {
    to: File,
    timed: bool,
}

impl Output {
    /// As the process was given it. `timed`: what is missing is told with its time, as lines are.
    ///
    /// # Errors
    /// The process has none, or may not open another file.
    pub(super) fn standard(timed: bool) -> io::Result<Self> {
        Ok(Self { to: File::from(io::stderr().as_fd().try_clone_to_owned()?), timed })
    }
}

impl Log for Output {
    type Saying = Vec<u8>;

    fn write(&mut self, saying: Vec<u8>) {
        // A log that cannot be written (its disk is full, its reader has gone) ends nothing.
        let _ = self.to.write_all(&saying);
    }

    fn missing(&mut self, lines: usize) {
        let mut line = String::new();
        if self.timed && SystemTime.format_time(&mut format::Writer::new(&mut line)).is_ok() {
            line.push(' ');
        }
        let _ = writeln!(line, " WARN {MISSING} lines={lines}");
        self.write(line.into_bytes());
    }
}

/// Leaves whole lines to the thread.
pub(super) fn say(writer: &Writer<Output>, lines: Vec<u8>) {
    let ends = lines.iter().filter(|byte| **byte == b'\n').count();
    let load = Load { lines: ends, octets: lines.len() };
    writer.say(lines, load);
}

/// What leaves to the thread whatever is written to it.
pub(super) struct Queued;

impl Write for Queued {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(writer) = Road::output() {
            say(writer, bytes.to_vec());
        }
        Ok(bytes.len())
    }

    /// In one piece: no other line comes into the middle of it.
    fn write_fmt(&mut self, text: fmt::Arguments<'_>) -> io::Result<()> {
        self.write_all(text.to_string().as_bytes())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
