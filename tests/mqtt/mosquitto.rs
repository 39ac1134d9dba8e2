//! Mosquitto, the broker of the tests: a process of its own with a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

/// Where Debian has it: not on every path.
const PROGRAM: &str = "/usr/sbin/mosquitto";

pub(crate) struct Mosquitto {
    folder: TempDir,
    pub(crate) host: String,
    pub(crate) port: u16,
    broker: Option<Child>,
}

/// What the README recommends, so that nothing is lost on the broker's side.
pub(crate) const RECOMMENDED: &str = "persistence true\nautosave_interval 1\nautosave_on_changes true\nmax_queued_messages 1000000\nmax_inflight_messages 1000\n";

/// A broker that was never started.
pub(crate) fn absent() -> Mosquitto {
    static BROKERS: AtomicU32 = AtomicU32::new(0);
    let [.., high, low] = std::process::id().to_be_bytes();
    let broker = BROKERS.fetch_add(1, Ordering::SeqCst) % 254 + 1;
    let folder = tempfile::Builder::new().prefix("vigie-mqtt-").tempdir().unwrap();
    Mosquitto { folder, host: format!("127.{high}.{low}.{broker}"), port: 18_830, broker: None }
}

/// The same on an address that an interface bears: its WebSockets bind to no other. `place` tells the brokers of a test run apart.
pub(crate) fn absent_for_web_sockets(place: u16) -> Mosquitto {
    let mut broker = absent();
    let run = u16::try_from(std::process::id() % 2_000).unwrap();
    "127.0.0.1".clone_into(&mut broker.host);
    // Below the ports from which the kernel takes those of clients.
    broker.port = 20_000 + run * 6 + place * 2;
    broker
}

impl Mosquitto {
    /// A broker with the recommended settings, for everybody.
    pub(crate) fn plain() -> Self {
        let mut broker = absent();
        broker.write(&format!("allow_anonymous true\n{RECOMMENDED}"), "");
        broker.start();
        broker
    }

    /// Writes its settings: of the broker, and of its listener.
    pub(crate) fn write(&self, settings: &str, listener: &str) {
        let folder = self.folder.path().display();
        let (host, port) = (&self.host, self.port);
        // With no listener but WebSockets it gives up (2.0.11).
        let plain = if listener.contains("websockets") {
            format!("listener {} {host}", port + 1)
        } else {
            String::new()
        };
        let text = format!(
            "persistence_location {folder}/\nuser root\nlog_type all\nlog_dest stderr\n{settings}\n{plain}\nlistener {port} {host}\n{listener}\n"
        );
        std::fs::write(self.folder.path().join("mosquitto.conf"), text).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts it, and waits until it listens.
    pub(crate) fn start(&mut self) {
        // Its file it writes only now and then; what it says here is there at once.
        let log = std::fs::File::options().create(true).append(true).open(self.path("log"));
        // A test that is killed leaves no broker behind.
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", PROGRAM, "-c"])
            .arg(self.path("mosquitto.conf"))
            .stdout(Stdio::null())
            .stderr(log.unwrap())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("these tests need {PROGRAM} (Debian package `mosquitto`): {error}")
            });
        self.broker = Some(child);
        for _ in 0..20_000 {
            if std::net::TcpStream::connect((self.host.as_str(), self.port)).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(3));
        }
        panic!("Mosquitto does not listen: {}", self.log());
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// It is asked to end, saves what it has, and ends.
    pub(crate) fn stop(&mut self) {
        self.signal(Signal::SIGTERM);
        self.broker.take().expect("it runs").wait().unwrap();
    }

    /// Its power fails.
    pub(crate) fn kill(&mut self) {
        let mut child = self.broker.take().expect("it runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = self.broker.as_ref().expect("it runs").id();
        kill(Pid::from_raw(id.try_into().unwrap()), signal).unwrap();
    }

    pub(crate) fn url(&self) -> String {
        format!("mqtt://{}:{}", self.host, self.port)
    }

    /// One of Mosquitto's programs, on its way to this broker.
    pub(crate) fn program(&self, program: &str, options: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(["-h", &self.host, "-p", &self.port.to_string()]).args(options);
        command
    }

    /// Publishes, and waits until the broker has it.
    pub(crate) fn publish(&self, options: &[&str]) {
        let said = self.program("mosquitto_pub", options).output().unwrap_or_else(|error| {
            panic!("these tests need mosquitto_pub (Debian package `mosquitto-clients`): {error}")
        });
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    }

    /// Publishes a text with QoS 1.
    pub(crate) fn say(&self, topic: &str, text: &str) {
        self.publish(&["-q", "1", "-t", topic, "-m", text]);
    }

    /// Publishes these lines with QoS 1, each a message.
    pub(crate) fn say_lines(&self, topic: &str, lines: &str) {
        let file = self.path("lines");
        std::fs::write(&file, lines).unwrap();
        let input = std::fs::File::open(&file).unwrap();
        let ended = self
            .program("mosquitto_pub", &["-q", "1", "-t", topic, "-l"])
            .stdin(input)
            .status()
            .unwrap();
        assert!(ended.success());
    }

    /// Publishes octets with QoS 1.
    pub(crate) fn say_octets(&self, topic: &str, octets: &[u8]) {
        let file = self.path("octets");
        std::fs::write(&file, octets).unwrap();
        self.publish(&["-q", "1", "-t", topic, "-f", file.to_str().unwrap()]);
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        if let Some(mut child) = self.broker.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
