//! The daemon: `vigie run` as a process of its own, and what can be asked of it from outside.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::log::Log;
use crate::site::Site;

/// Longer than a start, a stop or an answer takes on however slow a machine.
const LIMIT: Duration = Duration::from_secs(120);

/// The daemon, until it is stopped or dropped.
pub(crate) struct House {
    program: PathBuf,
    file: PathBuf,
    daemon: Mutex<Child>,
    pub(crate) pid: Pid,
    pub(crate) log: Log,
    pub(crate) began: Instant,
}

/// The service, whose environment the daemon has here as well.
const UNIT: &str = include_str!("../../contrib/systemd/vigie.service");

impl House {
    /// Starts it on the files of this site; its log is written to that file.
    pub(crate) fn open(program: PathBuf, site: &Site, log: &std::path::Path) -> Self {
        // Past a limit of its files the kernel sends SIGXFSZ, which is not what a full disk does.
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(&program);
        shell.arg("--config").arg(site.file()).arg("run").env("PATH", believed(site));
        shell.envs(
            UNIT.lines().filter_map(|line| line.strip_prefix("Environment=")?.split_once('=')),
        );
        shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut daemon = shell.spawn().expect("a shell");
        let log = Log::of(daemon.stderr.take().expect("it is piped"), log);
        let pid = Pid::from_raw(daemon.id().try_into().expect("a process number"));
        let file = site.file();
        Self { program, file, daemon: Mutex::new(daemon), pid, log, began: Instant::now() }
    }

    /// What the command line says to these words; `None` if it ended otherwise than well.
    pub(crate) fn vigie(&self, words: &[&str]) -> Option<String> {
        let mut command = Command::new(&self.program);
        command.arg("--config").arg(&self.file).args(words).stdin(Stdio::null());
        let said = command.stderr(Stdio::null()).output().ok()?;
        said.status.success().then(|| String::from_utf8_lossy(&said.stdout).into_owned())
    }

    pub(crate) fn status(&self) -> Option<Value> {
        serde_json::from_str(&self.vigie(&["status", "--json"])?).ok()
    }

    /// Whether every wire works.
    pub(crate) fn is_up(&self) -> bool {
        self.status().is_some_and(|status| down(&status).is_empty())
    }

    /// Waits until something is so, for so long at most; whether it is.
    pub(crate) fn until(&self, limit: Duration, mut so: impl FnMut() -> bool) -> bool {
        let began = Instant::now();
        while began.elapsed() < limit && self.has_ended().is_none() {
            if so() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        false
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let _ = kill(self.pid, signal);
    }

    /// How it ended, if it has.
    pub(crate) fn has_ended(&self) -> Option<ExitStatus> {
        self.daemon.lock().expect("nobody panics with it").try_wait().ok().flatten()
    }

    /// Asks it to end; how it did, if in time.
    pub(crate) fn close(&self) -> Option<ExitStatus> {
        self.signal(Signal::SIGTERM);
        let began = Instant::now();
        while began.elapsed() < LIMIT {
            if let Some(ended) = self.has_ended() {
                return Some(ended);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        None
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Ok(mut daemon) = self.daemon.lock() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }
}

/// The wires of a status that do not work, and why.
pub(crate) fn down(status: &Value) -> Vec<String> {
    let wires = ["inputs", "pings"].into_iter().filter_map(|key| status[key].as_array()).flatten();
    let lost = wires.filter(|wire| wire["state"]["is"] != "up");
    let mut lost: Vec<String> =
        lost.map(|wire| format!("{} {}", wire["name"], wire["state"])).collect();
    let publishing = status["inputs"].as_array().into_iter().flatten();
    let publishing = publishing.map(|input| &input["broker"]["publishing"]["state"]);
    let publishing = publishing.filter(|state| !state.is_null() && state["is"] != "up");
    lost.extend(publishing.map(|state| format!("publishing {state}")));
    lost
}

/// Where its programs are: before all others one that says that the clock of this machine follows a time service, for nothing is let
/// go by a clock that may be wrong.
fn believed(site: &Site) -> String {
    let folder = site.path().join("bin");
    std::fs::create_dir_all(&folder).expect("a folder");
    let program = folder.join("timedatectl");
    std::fs::write(&program, "#!/bin/sh\necho yes\n").expect("room for a script");
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&program, mode).expect("a file of our own");
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default())
}
