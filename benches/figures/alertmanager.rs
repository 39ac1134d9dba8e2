//! Debian's Alertmanager, on the loopback, with a store of its own and nobody to tell; and a client
//! that posts alerts to it over connections that stay open.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::engine;
use crate::machine::Program;

const BINARY: &str = "/usr/bin/prometheus-alertmanager";
/// All alerts are one group, which is told to nobody: what costs it least.
const CONFIGURATION: &str = "route: { receiver: nobody }\nreceivers: [ { name: nobody } ]\n";

/// A running Alertmanager; killed when it is dropped.
pub(crate) struct Alertmanager {
    child: Child,
    pub(crate) program: Program,
    address: SocketAddr,
    _folder: TempDir,
}

impl Alertmanager {
    /// One that takes alerts; or why there is none.
    pub(crate) fn open() -> Result<Self, String> {
        Self::with(CONFIGURATION)
    }

    /// The same with this configuration.
    pub(crate) fn with(configuration: &str) -> Result<Self, String> {
        if !std::path::Path::new(BINARY).exists() {
            return Err("apt-get install prometheus-alertmanager".to_owned());
        }
        let folder = engine::folder();
        let file = folder.path().join("alertmanager.yml");
        std::fs::write(&file, configuration).expect("room for a file");
        let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let address = free.expect("a free port");
        let mut command = Command::new(BINARY);
        command.arg(format!("--config.file={}", file.display()));
        command.arg(format!("--storage.path={}", folder.path().display()));
        command.arg(format!("--web.listen-address={address}"));
        command.args(["--cluster.listen-address=", "--log.level=error"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().map_err(|error| error.to_string())?;
        let program = Program(child.id().to_string());
        let mut peer = Self { child, program, address, _folder: folder };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Ok(Some(ended)) = peer.child.try_wait() {
                return Err(format!("it ended: {ended}"));
            }
            if began.elapsed() > Duration::from_secs(30) {
                return Err("it does not listen".to_owned());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(peer)
    }

    /// Posts so many alerts, so many in each request, over so many connections; how long until all
    /// were taken.
    pub(crate) fn post(&self, numbers: Range<u32>, batch: u32, connections: u32) -> Duration {
        let share = numbers.len() as u32 / connections;
        let began = Instant::now();
        std::thread::scope(|threads| {
            for connection in 0..connections {
                let first = numbers.start + connection * share;
                threads.spawn(move || self.post_all(first..first + share, batch));
            }
        });
        began.elapsed()
    }

    fn post_all(&self, numbers: Range<u32>, batch: u32) {
        let mut client = self.client();
        let mut first = numbers.start;
        while first < numbers.end {
            let next = (first + batch).min(numbers.end);
            let alerts: Vec<String> = (first..next).map(alert).collect();
            client.post(&alerts);
            first = next;
        }
    }

    /// Somebody who posts alerts.
    pub(crate) fn client(&self) -> Client {
        let stream = TcpStream::connect(self.address).expect("a connection");
        stream.set_nodelay(true).expect("a connection");
        let answers = BufReader::new(stream.try_clone().expect("a connection"));
        Client { address: self.address, requests: stream, answers }
    }
}

/// A connection that stays open.
pub(crate) struct Client {
    address: SocketAddr,
    requests: TcpStream,
    answers: BufReader<TcpStream>,
}

impl Client {
    /// Posts these alerts, in JSON, together; they were taken when it comes back.
    pub(crate) fn post(&mut self, alerts: &[String]) {
        let body = format!("[{}]", alerts.join(","));
        let head = format!(
            "POST /api/v2/alerts HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        self.requests.write_all((head + &body).as_bytes()).expect("a connection");
        accepted(&mut self.answers);
    }
}

/// Reads one answer: it must be 200.
fn accepted(answers: &mut impl BufRead) {
    let (mut line, mut length) = (String::new(), 0);
    answers.read_line(&mut line).expect("an answer");
    assert!(line.starts_with("HTTP/1.1 200"), "Alertmanager refuses: {line}");
    while line != "\r\n" {
        line.clear();
        answers.read_line(&mut line).expect("an answer");
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
    }
    std::io::copy(&mut answers.take(length), &mut std::io::sink()).expect("an answer");
}

/// The same fact as an inform of [`crate::informs`].
fn alert(number: u32) -> String {
    format!(
        r#"{{"labels":{{"alertname":"link","source":"10.0.0.1","ifIndex":"{number}","priority":"high"}},"annotations":{{"summary":"Link {number} down on 10.0.0.1","ifAdminStatus":"1","ifOperStatus":"2"}}}}"#
    )
}

impl Drop for Alertmanager {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
