//! Publishers that lose nothing: each waits for the broker's PUBACK, and says again on its next connection what has none.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::mosquitto::{Mosquitto, packet, text};
use crate::waiting::LIMIT;

/// So many messages of each wait for their PUBACK.
const UNDER_WAY: usize = 128;
/// How often one looks whether it may go on.
const GLANCE: Duration = Duration::from_millis(20);
/// As many topics; what comes after is news of the same.
const TOPICS: u32 = 10_000;

/// What the publishers know together, and by what they are held.
#[derive(Default)]
pub(crate) struct Gate {
    /// Messages that have their PUBACK, each counted once.
    pub(crate) taken: AtomicU64,
    /// Messages that were said.
    pub(crate) said: AtomicU64,
    /// Those that wait for their PUBACK.
    pub(crate) waiting: AtomicU64,
    /// Whether nothing new may be said.
    pub(crate) is_held: AtomicBool,
}

/// Where the broker is.
#[derive(Clone)]
pub(crate) struct Place(String, u16);

impl Place {
    pub(crate) fn of(broker: &Mosquitto) -> Self {
        Self(broker.host().to_owned(), broker.port())
    }
}

/// Publishes these numbers with QoS 1, whatever becomes of the broker meanwhile; it has all of them when this comes back.
pub(crate) fn publish(place: &Place, numbers: Range<u32>, gate: &Gate) {
    let began = Instant::now();
    let mut publisher =
        Publisher { next: numbers.start, numbers, waiting: BTreeMap::new(), last: 0, gate };
    while !publisher.is_done() {
        assert!(began.elapsed() < LIMIT, "the broker takes no messages");
        // A broker that is not there will be.
        if publisher.live(place).is_err() {
            std::thread::sleep(GLANCE);
        }
    }
}

struct Publisher<'g> {
    numbers: Range<u32>,
    next: u32,
    /// By packet id.
    waiting: BTreeMap<u16, u32>,
    last: u16,
    gate: &'g Gate,
}

impl Publisher<'_> {
    fn is_done(&self) -> bool {
        self.next >= self.numbers.end && self.waiting.is_empty()
    }

    /// One connection.
    fn live(&mut self, place: &Place) -> std::io::Result<()> {
        let mut wire = self.connected(place)?;
        let again: Vec<(u16, u32)> = self.waiting.iter().map(|(id, of)| (*id, *of)).collect();
        for (id, number) in again {
            self.say(&mut wire, id, number)?;
        }
        let mut heard = Vec::new();
        while !self.is_done() {
            while self.waiting.len() < UNDER_WAY
                && self.next < self.numbers.end
                && !self.gate.is_held.load(Ordering::SeqCst)
            {
                self.last = self.last % 60_000 + 1;
                self.waiting.insert(self.last, self.next);
                self.gate.waiting.fetch_add(1, Ordering::SeqCst);
                self.next += 1;
                self.say(&mut wire, self.last, self.next - 1)?;
            }
            let mut buffer = [0; 4_096];
            match wire.read(&mut buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => heard.extend_from_slice(&buffer[..count]),
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(error) => return Err(error),
            }
            let whole = heard.len() / 4 * 4;
            for answer in heard.drain(..whole).collect::<Vec<u8>>().chunks(4) {
                assert_eq!(answer[0], 0x40, "a PUBACK");
                self.taken(u16::from_be_bytes([answer[2], answer[3]]));
            }
        }
        wire.write_all(&[0xe0, 0])
    }

    fn connected(&self, Place(host, port): &Place) -> std::io::Result<TcpStream> {
        let mut wire = TcpStream::connect((host.as_str(), *port))?;
        wire.set_nodelay(true)?;
        let client = text(&format!("publisher-{}", self.numbers.start));
        let body = [&text("MQTT")[..], &[4, 2, 0, 0], &client].concat();
        wire.write_all(&packet(0x10, &body))?;
        let mut answer = [0; 4];
        wire.read_exact(&mut answer)?;
        assert_eq!((answer[0], answer[3]), (0x20, 0), "it accepts us");
        wire.set_read_timeout(Some(GLANCE))?;
        Ok(wire)
    }

    fn say(&self, wire: &mut TcpStream, id: u16, number: u32) -> std::io::Result<()> {
        let topic = text(&format!("plant/{}/level", number % TOPICS));
        let body = [&topic[..], &id.to_be_bytes(), number.to_string().as_bytes()].concat();
        wire.write_all(&packet(0x32, &body))?;
        self.gate.said.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    fn taken(&mut self, id: u16) {
        if self.waiting.remove(&id).is_some() {
            self.gate.taken.fetch_add(1, Ordering::SeqCst);
            self.gate.waiting.fetch_sub(1, Ordering::SeqCst);
        }
    }
}
