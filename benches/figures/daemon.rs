//! The real daemon: the binary as a process of its own, on a site of its own.

use std::collections::BTreeMap;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::machine::Program;
use crate::{engine, site};

/// Longer than any start takes.
const LIMIT: Duration = Duration::from_secs(120);

/// A site's files, which outlive its daemon.
pub(crate) struct House {
    folder: TempDir,
    /// Where the daemon listens for traps: on an address of this house's own.
    pub(crate) address: String,
}

/// A daemon that is ready; killed when it is dropped.
pub(crate) struct Daemon {
    child: Child,
    pub(crate) program: Program,
    /// From its birth until it told the service manager that it is ready.
    pub(crate) started_in: Duration,
}

impl House {
    /// A site with these tables beside the ordinary ones.
    pub(crate) fn built(tables: &str) -> Self {
        static HOUSES: AtomicU8 = AtomicU8::new(0);
        let folder = engine::folder();
        let [.., high, low] = std::process::id().to_be_bytes();
        let house = HOUSES.fetch_add(1, Ordering::SeqCst) + 1;
        let address = format!("127.{high}.{low}.{house}:10162");
        let place = folder.path().display();
        let text = format!(
            "{}[store]\npath = \"{place}/vigie.db\"\n[control]\nsocket = \"{place}/vigie.sock\"\n\
             [snmp.network]\nlisten = [\"{address}\"]\n{tables}",
            site::HEAD
        );
        std::fs::write(folder.path().join("vigie.toml"), text).expect("room for a file");
        Self { folder, address }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.path().join("vigie.db")
    }

    /// Starts the daemon and waits until it says, as to systemd, that it is ready.
    pub(crate) fn open(&self) -> Daemon {
        let ear = self.path().join("notify");
        let _ = std::fs::remove_file(&ear);
        let manager = UnixDatagram::bind(&ear).expect("a socket");
        manager.set_read_timeout(Some(LIMIT)).expect("a socket");
        let log = std::fs::File::create(self.path().join("log")).expect("room for a log");
        let began = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_vigie"));
        command.arg("--config").arg(self.path().join("vigie.toml")).arg("run");
        command.env("NOTIFY_SOCKET", &ear).env_remove("VIGIE_LOG");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let child = command.spawn().expect("the binary");
        let mut buffer = [0; 1_024];
        let ready = loop {
            let Ok(count) = manager.recv(&mut buffer) else { break false };
            if buffer[..count].windows(7).any(|word| word == b"READY=1") {
                break true;
            }
        };
        let started_in = began.elapsed();
        let program = Program(child.id().to_string());
        let daemon = Daemon { child, program, started_in };
        assert!(ready, "the daemon is not ready; its log:\n{}", self.log());
        daemon
    }

    /// What the trap receiver has counted so far.
    pub(crate) fn counters(&self) -> BTreeMap<String, u64> {
        self.counters_of("snmp.network")
    }

    /// What an input has counted so far.
    pub(crate) fn counters_of(&self, input: &str) -> BTreeMap<String, u64> {
        serde_json::from_value(self.input(input)["counters"].clone()).expect("numbers by name")
    }

    /// Whether an input works.
    pub(crate) fn is_up(&self, input: &str) -> bool {
        self.input(input)["state"]["is"] == "up"
    }

    /// What is known of an input.
    fn input(&self, name: &str) -> serde_json::Value {
        let inputs = self.status()["inputs"].as_array().cloned().unwrap_or_default();
        inputs.into_iter().find(|input| input["name"] == name).expect("the input")
    }

    /// `vigie status --json`.
    pub(crate) fn status(&self) -> serde_json::Value {
        serde_json::from_str(&self.told(&["status", "--json"])).expect("JSON")
    }

    /// What `vigie` answers to these words.
    pub(crate) fn told(&self, words: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vigie"));
        command.arg("--config").arg(self.path().join("vigie.toml")).args(words);
        String::from_utf8(command.output().expect("the binary").stdout).expect("text")
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.path().join("log")).unwrap_or_default()
    }
}

impl Daemon {
    /// Asks it to end, and waits until it has: what it has accepted is then on disk.
    pub(crate) fn close(mut self) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a process number"));
        kill(pid, Signal::SIGTERM).expect("our own child");
        let _ = self.child.wait();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
