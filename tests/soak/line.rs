//! A serial line of two pseudo-terminals (socat), with a Modbus board at its far end.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::board::Board;

/// Longer than socat takes.
const LIMIT: Duration = Duration::from_secs(30);

/// Both ends.
pub(crate) struct Line {
    folder: TempDir,
    socat: Option<Child>,
    /// What answers at its far end, while it does.
    pub(crate) board: Option<Board>,
}

impl Line {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut line = Self { folder, socat: None, board: None };
        line.plug_in();
        line.speaks();
        line
    }

    fn end(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The daemon's end.
    pub(crate) fn device(&self) -> PathBuf {
        self.end("ours")
    }

    /// A board answers at the other.
    pub(crate) fn speaks(&mut self) {
        self.board = Some(Board::at("rtu", &self.end("theirs").display().to_string()));
    }

    pub(crate) fn plug_in(&mut self) {
        let end = |name: &str| format!("pty,raw,echo=0,link={}", self.end(name).display());
        let mut socat = Command::new("setpriv");
        socat.args(["--pdeathsig", "KILL", "socat"]).args([end("ours"), end("theirs")]);
        socat.stdout(Stdio::null()).stderr(Stdio::null());
        self.socat = Some(socat.spawn().expect("the Debian package socat"));
        let began = Instant::now();
        while !(self.end("ours").exists() && self.end("theirs").exists()) {
            assert!(began.elapsed() < LIMIT, "socat lays no line");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn unplug(&mut self) {
        if let Some(mut socat) = self.socat.take() {
            let _ = socat.kill();
            let _ = socat.wait();
        }
        for end in ["ours", "theirs"] {
            let _ = std::fs::remove_file(self.end(end));
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.unplug();
    }
}
