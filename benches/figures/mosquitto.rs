//! A Mosquitto of its own, and what is said to it by hand: sessions that wait, and messages by the hundred thousand.
//!
//! The messages are written as they go over the wire, some hundred of them under way at a time, so that no client library
//! of the bench's is what is measured.

use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant, SystemTime};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::engine;

const BINARY: &str = "/usr/sbin/mosquitto";
/// Longer than a start takes.
const LIMIT: Duration = Duration::from_secs(30);
/// So many messages wait for their PUBACK.
const UNDER_WAY: usize = 512;
const PORT: u16 = 18_831;

/// A broker; killed when it is dropped.
pub(crate) struct Mosquitto {
    child: Child,
    host: String,
    folder: TempDir,
}

impl Mosquitto {
    /// A broker with these settings besides; or why there is none.
    pub(crate) fn open(settings: &str) -> Result<Self, String> {
        if !Path::new(BINARY).exists() {
            return Err("apt-get install mosquitto".to_owned());
        }
        let folder = engine::folder();
        let place = folder.path().display();
        let [.., high, low] = std::process::id().to_be_bytes();
        let host = format!("127.{high}.{low}.77");
        let text = format!(
            "listener {PORT} {host}\nallow_anonymous true\nuser root\nlog_type error\n\
             persistence_location {place}/\nmax_queued_messages 0\nmax_inflight_messages 1000\n{settings}\n"
        );
        std::fs::write(folder.path().join("conf"), text).expect("room for a file");
        let child = started(folder.path(), &host);
        Ok(Self { child, host, folder })
    }

    /// Starts it anew in the same place, once it has ended.
    pub(crate) fn start_again(&mut self) {
        self.child.wait().expect("our own child");
        self.child = started(self.folder.path(), &self.host);
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a process number"));
        kill(pid, signal).expect("our own child");
    }

    /// When it last wrote what it keeps, if it ever has.
    pub(crate) fn saved(&self) -> Option<SystemTime> {
        std::fs::metadata(self.folder.path().join("mosquitto.db")).ok()?.modified().ok()
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn port(&self) -> u16 {
        PORT
    }

    /// A session that waits for what comes under `plant/#`, and whose client is away.
    pub(crate) fn session(&self, client: &str) {
        let mut wire = self.connected(client);
        wire.write_all(&packet(0x82, &[&[0, 1], &text("plant/#")[..], &[1]].concat())).expect("it");
        let mut answer = [0; 5];
        wire.read_exact(&mut answer).expect("an answer to the subscription");
        assert_eq!(answer, [0x90, 3, 0, 1, 1], "the subscription is granted");
        wire.write_all(&[0xe0, 0]).expect("a farewell");
        let _ = wire.read(&mut answer);
    }

    /// Publishes so many messages with QoS 1 under `plant/N/level`, each a number of its own; the broker has them when this comes back.
    pub(crate) fn publish(&self, many: u32, topics: u32) {
        let mut wire = self.connected("publisher");
        let answers = BufReader::new(wire.try_clone().expect("a socket"));
        let (free, room) = mpsc::sync_channel(UNDER_WAY);
        let reading = std::thread::spawn(move || {
            answered(answers, many, &free);
        });
        // The first so many need no answer before them.
        for number in 0..many {
            if number as usize >= UNDER_WAY {
                room.recv().expect("an answer");
            }
            let id = u16::try_from(number % 65_535).expect("16 bits") + 1;
            let topic = text(&format!("plant/{}/level", number % topics));
            let body = [&topic[..], &id.to_be_bytes(), number.to_string().as_bytes()].concat();
            wire.write_all(&packet(0x32, &body)).expect("the broker");
        }
        drop(room);
        reading.join().expect("all are answered");
        wire.write_all(&[0xe0, 0]).expect("a farewell");
    }

    fn connected(&self, client: &str) -> TcpStream {
        let mut wire = TcpStream::connect((self.host(), PORT)).expect("the broker");
        wire.set_nodelay(true).expect("a socket");
        let body = [&text("MQTT")[..], &[4, 0, 0, 0], &text(client)].concat();
        wire.write_all(&packet(0x10, &body)).expect("the broker");
        let mut answer = [0; 4];
        wire.read_exact(&mut answer).expect("an answer");
        assert_eq!((answer[0], answer[3]), (0x20, 0), "it accepts us");
        wire
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A broker by the settings in this folder, once it listens.
fn started(folder: &Path, host: &str) -> Child {
    let mut command = Command::new(BINARY);
    command.arg("-c").arg(folder.join("conf"));
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary");
    let began = Instant::now();
    while TcpStream::connect((host, PORT)).is_err() {
        assert!(began.elapsed() < LIMIT, "Mosquitto does not listen");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

/// Reads so many PUBACKs, and says each.
fn answered(mut answers: BufReader<TcpStream>, many: u32, free: &mpsc::SyncSender<()>) {
    let mut answer = [0; 4];
    for _ in 0..many {
        answers.read_exact(&mut answer).expect("a PUBACK");
        assert_eq!(answer[0], 0x40, "a PUBACK");
        // Nobody listens any more once the last has been sent.
        let _ = free.send(());
    }
}

pub(crate) fn text(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).expect("a short text").to_be_bytes();
    [&length[..], text.as_bytes()].concat()
}

pub(crate) fn packet(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u8::try_from(body.len()).expect("a short packet");
    assert!(length < 0x80, "one octet for its length");
    [&[kind, length], body].concat()
}
