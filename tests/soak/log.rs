//! What the daemon logs: written to a file, and looked at line by line. Its standard error is a pipe, which no limit on the size of its
//! files concerns.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::ChildStderr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// More of these are not kept.
const KEPT: usize = 5_000;

/// What somebody must read.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Since the daemon was started.
    pub(crate) at: Duration,
    pub(crate) text: String,
}

#[derive(Default)]
struct Inside {
    errors: Vec<Line>,
    panics: Vec<Line>,
    lines: u64,
    warnings: u64,
}

/// A copy reads the same.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Inside>>);

impl Log {
    /// Follows what the daemon says, until it ends.
    pub(crate) fn of(says: ChildStderr, file: &Path) -> Self {
        let mut file = File::create(file).expect("room for the log");
        let (log, began) = (Self::default(), Instant::now());
        let told = log.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(says).split(b'\n').map_while(Result::ok) {
                let text = String::from_utf8_lossy(&line).into_owned();
                let _ = writeln!(file, "{text}");
                told.note(Line { at: began.elapsed(), text });
            }
        });
        log
    }

    fn note(&self, line: Line) {
        let mut inside = self.0.lock().expect("nobody panics with it");
        inside.lines += 1;
        inside.warnings += u64::from(line.text.contains(" WARN "));
        let is_panic = line.text.contains("panicked") || line.text.contains("please report this");
        let list = if is_panic {
            &mut inside.panics
        } else if line.text.contains("ERROR ") {
            &mut inside.errors
        } else {
            return;
        };
        if list.len() < KEPT {
            list.push(line);
        }
    }

    pub(crate) fn errors(&self) -> Vec<Line> {
        self.0.lock().expect("nobody panics with it").errors.clone()
    }

    pub(crate) fn panics(&self) -> Vec<Line> {
        self.0.lock().expect("nobody panics with it").panics.clone()
    }

    /// How many lines, and how many of them warn.
    pub(crate) fn length(&self) -> (u64, u64) {
        let inside = self.0.lock().expect("nobody panics with it");
        (inside.lines, inside.warnings)
    }
}
