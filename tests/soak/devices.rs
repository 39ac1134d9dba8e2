//! What devices say: some thousand signals a minute of which nobody need be told, and alarms that somebody must answer, which are raised and
//! end. An inform is repeated until it is answered: what was answered, the daemon must have.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::board::Board;
use crate::chance::Chance;
use crate::informs::{INFORM, INTEGER, OID, TICKS, TRAP, message, part, pdu, varbind};
use crate::mosquitto::Mosquitto;
use crate::over::Over;
use crate::sealed::Seal;
use crate::site::{DOOR, Site, TANK};

/// Points whose alarms somebody must answer.
const POINTS: u64 = 240;
/// Points of which nobody need be told, at each device.
const CIRCUITS: u64 = 50;
/// An inform that was not answered for so long goes again.
const PATIENCE: Duration = Duration::from_secs(1);
/// 1.3.6.1.4.1.99999
const ENTERPRISE: &[u8] = &[0x2b, 6, 1, 4, 1, 0x86, 0x8d, 0x1f];
/// What is behind it in the numbers of the traps of pumps, and of circuits.
const PUMP: u8 = 2;
const CIRCUIT: u8 = 3;

/// What the devices have said.
#[derive(Default)]
pub(crate) struct Said {
    signals: AtomicU64,
    /// The number that the next alarm bears in its text.
    next: AtomicU64,
    /// Numbers of pumps whose inform was answered.
    raised: Mutex<BTreeSet<u64>>,
}

impl Said {
    fn number(&self) -> u64 {
        // Request identifiers of informs, too: they are never the same.
        self.next.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn signals(&self) -> u64 {
        self.signals.load(Ordering::Relaxed)
    }

    pub(crate) fn raised(&self) -> BTreeSet<u64> {
        self.raised.lock().expect("nobody panics with it").clone()
    }

    fn many(&self, many: u64) {
        self.signals.fetch_add(many, Ordering::Relaxed);
    }
}

fn own(last: &[u8]) -> Vec<u8> {
    [ENTERPRISE, last].concat()
}

fn whole(number: u64) -> Vec<u8> {
    part(INTEGER, &u32::try_from(number).expect("not so many").to_be_bytes())
}

/// What a point of a device says, as a trap or an inform.
fn notification(kind: u8, of: u8, active: bool, point: u64, number: u64) -> Vec<u8> {
    const UP_TIME: &[u8] = &[0x2b, 6, 1, 2, 1, 1, 3, 0];
    const TRAP_OID: &[u8] = &[0x2b, 6, 1, 6, 3, 1, 1, 4, 1, 0];
    let trap = own(&[of, 0, if active { 1 } else { 2 }]);
    let varbinds = [
        varbind(UP_TIME, &part(TICKS, &[0x12, 0x34, 0x56])),
        varbind(TRAP_OID, &part(OID, &trap)),
        varbind(&own(&[2, 1]), &whole(point)),
        varbind(&own(&[2, 2]), &whole(number)),
    ];
    message(&pdu(kind, u32::try_from(number).expect("not so many"), &varbinds.concat()))
}

/// A device at this address of its own.
pub(crate) fn device(site: &Site, number: u8) -> UdpSocket {
    let socket = UdpSocket::bind((site.device(number), 0)).expect("a socket");
    socket.connect(site.snmp()).expect("a loopback");
    socket
}

/// Circuits of four devices come and go, forty a second, and five traps a second are encrypted.
pub(crate) fn circuits(site: &Site, said: &Said, over: &Over) {
    let devices = [11, 12, 13, 14].map(|number| device(site, number));
    let (sealed, seal, began) = (device(site, 15), Seal::new(), Instant::now());
    let mut number = 0_u64;
    while over.pause(Duration::from_millis(200)) {
        for _ in 0..2 {
            for device in &devices {
                number += 1;
                let (turn, point) = (number / 4 / CIRCUITS, number / 4 % CIRCUITS);
                let trap = notification(TRAP, CIRCUIT, turn % 2 == 0, point, number);
                let _ = device.send(&trap);
            }
        }
        // The clock of a device that lives as long as it says.
        let time = 4_660 + u32::try_from(began.elapsed().as_secs()).expect("some years");
        let number = u32::try_from(number).expect("not so many");
        let _ = sealed.send(&seal.trap_at(number, number % 20 + 1, time));
        said.many(9);
    }
}

/// Something that a pump will say.
struct Saying {
    due: Instant,
    active: bool,
    point: u64,
    number: u64,
}

impl Saying {
    /// Itself, its inform, and when that is sent again.
    fn inform(self, now: Instant) -> (Self, Vec<u8>, Instant) {
        let inform = notification(INFORM, PUMP, self.active, self.point, self.number);
        (self, inform, now)
    }
}

/// Pumps fail, one every four seconds or so, and are well again within two minutes. At the end all are well, and nothing is unanswered.
pub(crate) fn pumps(site: &Site, said: &Said, mut chance: Chance, over: &Over) {
    let pumps = device(site, 20);
    pumps.set_read_timeout(Some(Duration::from_millis(50))).expect("a socket");
    let mut sayings: Vec<Saying> = Vec::new();
    let mut waiting: BTreeMap<u64, (Saying, Vec<u8>, Instant)> = BTreeMap::new();
    let (mut next, mut point) = (Instant::now(), 0);
    while !over.is_so() || !waiting.is_empty() || !sayings.is_empty() {
        let now = Instant::now();
        if now >= next && !over.is_so() {
            next = now + chance.seconds(1, 7);
            point = (point + 1) % POINTS;
            let raised = Saying { due: now, active: true, point, number: said.number() };
            waiting.insert(raised.number, raised.inform(now));
            let due = now + chance.seconds(5, 120);
            sayings.push(Saying { due, active: false, point, number: said.number() });
        }
        // What ends was raised before, also where the answer takes its time.
        let failing: BTreeSet<u64> = waiting.values().map(|(saying, ..)| saying.point).collect();
        let is_due = |saying: &mut Saying| {
            (saying.due <= now || over.is_so()) && !failing.contains(&saying.point)
        };
        for saying in sayings.extract_if(.., is_due).collect::<Vec<_>>() {
            waiting.insert(saying.number, saying.inform(now));
        }
        for (_, inform, again) in waiting.values_mut().filter(|(.., again)| *again <= now) {
            let _ = pumps.send(inform);
            said.many(1);
            *again = now + PATIENCE;
        }
        let mut answer = [0; 1_500];
        let Ok(count) = pumps.recv(&mut answer) else { continue };
        let Some(number) = answered(&answer[..count]) else { continue };
        if let Some((saying, ..)) = waiting.remove(&number)
            && saying.active
        {
            said.raised.lock().expect("nobody panics with it").insert(number);
        }
    }
}

/// Of which number an answer is: its request-id is the first integer of four octets.
fn answered(answer: &[u8]) -> Option<u64> {
    let at = answer.windows(2).position(|two| two == [INTEGER, 4])?;
    let id = answer.get(at + 2..at + 6)?.try_into().ok()?;
    u32::from_be_bytes(id).checked_sub(crate::informs::FIRST_REQUEST).map(u64::from)
}

/// Levels of twenty tanks, three a second, over a connection that is made again whenever it is lost.
pub(crate) fn levels(broker: (&str, u16), said: &Said, mut chance: Chance, over: &Over) {
    let mut wire: Option<TcpStream> = None;
    while over.pause(Duration::from_millis(330)) {
        let Some(open) = &mut wire else {
            wire = connected(broker);
            continue;
        };
        let (topic, level) = (format!("plant/{}/level", chance.below(20)), chance.below(100));
        let topic_length = u8::try_from(topic.len()).expect("a short topic");
        let body = [&[0, topic_length], topic.as_bytes(), level.to_string().as_bytes()].concat();
        let length = u8::try_from(body.len()).expect("a short message");
        if open.write_all(&[&[0x30, length], &body[..]].concat()).is_ok() {
            said.many(1);
        } else {
            wire = None;
        }
    }
}

/// A client that publishes and never listens.
fn connected(broker: (&str, u16)) -> Option<TcpStream> {
    let mut wire = TcpStream::connect(broker).ok()?;
    wire.set_write_timeout(Some(Duration::from_secs(1))).ok()?;
    wire.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    let client = b"\x00\x04MQTT\x04\x02\x00\x00\x00\x06levels";
    wire.write_all(&[&[0x10, u8::try_from(client.len()).ok()?], &client[..]].concat()).ok()?;
    let mut granted = [0; 4];
    wire.read_exact(&mut granted).ok()?;
    (granted == [0x20, 2, 0, 0]).then_some(wire)
}

/// Motors fail, one every quarter of a minute or so, and are well again; what is said is said until the broker has it.
pub(crate) fn motors(broker: &Mutex<Mosquitto>, said: &Said, mut chance: Chance, over: &Over) {
    let mut failed: BTreeMap<usize, Instant> = BTreeMap::new();
    let mut motor = 0;
    while over.pause(chance.seconds(4, 16)) {
        motor = (motor + 1) % 40;
        let number = said.number();
        if tells(broker, motor, number, true) {
            said.many(1);
        }
        failed.entry(motor).or_insert_with(|| Instant::now() + chance.seconds(10, 90));
        failed.retain(|motor, due| *due > Instant::now() || !tells(broker, *motor, number, false));
    }
    while !failed.is_empty() {
        failed.retain(|motor, _| !tells(broker, *motor, 0, false));
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Whether the broker has taken it.
fn tells(broker: &Mutex<Mosquitto>, motor: usize, number: u64, on: bool) -> bool {
    let (topic, payload) =
        (format!("plant/{motor}/motor"), format!("{{\"n\":{number},\"on\":{on}}}"));
    let words = ["-q", "1", "-t", &topic, "-m", &payload];
    let publishing = broker.lock().expect("nobody panics with it").program("mosquitto_pub", &words);
    let mut limited = Command::new("timeout");
    limited.arg("5").arg(publishing.get_program()).args(publishing.get_args());
    limited.stderr(std::process::Stdio::null()).status().is_ok_and(|ended| ended.success())
}

/// A door opens and a tank runs full, now and then.
pub(crate) fn contacts(board: &mut Board, said: &Said, mut chance: Chance, over: &Over) {
    board.shows("coil", DOOR, 1);
    while over.pause(chance.seconds(5, 40)) {
        board.shows("coil", *chance.pick(&[DOOR, TANK]), u16::from(chance.per_mille(500)));
        said.many(1);
    }
    board.shows("coil", DOOR, 1);
    board.shows("coil", TANK, 0);
}
