//! A sender of SNMPv2c informs, which hears of each when it is on disk: each of another port of the
//! same switch, as net-snmp's `snmpinform` writes it, but many at a time.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::UdpSocket;
use std::time::{Duration, Instant};

use nix::sys::socket::{setsockopt, sockopt};

/// An inform that was not answered for so long goes again.
const PATIENCE: Duration = Duration::from_secs(1);
/// Nobody is silent for so long, however busy the machine.
const LIMIT: Duration = Duration::from_secs(60);
/// Request-ids begin here, so that all have four octets.
pub(crate) const FIRST_REQUEST: u32 = 0x0100_0000;

pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTETS: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const TICKS: u8 = 0x43;
pub(crate) const INFORM: u8 = 0xa6;
pub(crate) const TRAP: u8 = 0xa7;
/// A number of nobody's.
const SEQUENCE_OID: &[u8] = &[0x2b, 6, 1, 4, 1, 0x86, 0x8d, 0x1f, 1, 0];

/// A sender on a port of its own.
pub(crate) struct Sender {
    socket: UdpSocket,
    /// How many went more than once.
    pub(crate) repeated: u64,
}

impl Sender {
    /// Sends to this address; comes back when somebody there has answered once, about port 0.
    pub(crate) fn to(address: &str) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        socket.connect(address).expect("a loopback");
        socket.set_read_timeout(Some(PATIENCE)).expect("a socket");
        // Answers come in storms. Without the right to force it the kernel grants less, and what it
        // drops goes again.
        let _ = setsockopt(&socket, sockopt::RcvBufForce, &(8 * 1_024 * 1_024));
        let mut sender = Self { socket, repeated: 0 };
        sender.send(0, 1, 1);
        sender.repeated = 0;
        sender
    }

    /// Sends so many, from that port on, with as many outstanding at most; all were answered when it
    /// comes back. How long that took.
    pub(crate) fn send(&mut self, first: u32, many: u32, outstanding: usize) -> Duration {
        let began = Instant::now();
        let mut waiting = BTreeSet::new();
        let mut next = first;
        let (mut answers, mut heard) = (0, began);
        while answers < many {
            while waiting.len() < outstanding && next < first + many {
                self.put(next);
                waiting.insert(next);
                next += 1;
            }
            match self.answer() {
                Some(port) => {
                    answers += u32::from(waiting.remove(&port));
                    heard = Instant::now();
                }
                None => {
                    assert!(heard.elapsed() < LIMIT, "{} informs unanswered", waiting.len());
                    self.repeated += waiting.len() as u64;
                    waiting.iter().for_each(|port| self.put(*port));
                }
            }
        }
        began.elapsed()
    }

    fn put(&self, port: u32) {
        match self.socket.send(&inform(port)) {
            // Nobody listens there yet: it will go again.
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
            sent => drop(sent.expect("a loopback")),
        }
    }

    /// The next answer: of which port.
    fn answer(&self) -> Option<u32> {
        let mut buffer = [0; 2_048];
        let count = match self.socket.recv(&mut buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                std::thread::sleep(Duration::from_millis(5));
                return None;
            }
            Err(_) => return None,
        };
        answered(&buffer[..count])
    }
}

/// Of which port this is the answer.
pub(crate) fn answered(octets: &[u8]) -> Option<u32> {
    // The request-id is the first integer of four octets; the version before it has one.
    let at = octets.windows(2).position(|two| two == [INTEGER, 4])?;
    let id = octets.get(at + 2..at + 6)?.try_into().ok()?;
    u32::from_be_bytes(id).checked_sub(FIRST_REQUEST)
}

/// A linkDown of this port, as an inform.
pub(crate) fn inform(port: u32) -> Vec<u8> {
    notification(INFORM, port)
}

/// A linkDown of this port, as a trap.
pub(crate) fn trap(port: u32) -> Vec<u8> {
    notification(TRAP, port)
}

/// The same with the interface's description and a sequence, and a request-id that is not the port.
pub(crate) fn long_trap(number: u32, port: u32) -> Vec<u8> {
    message(&long_trap_pdu(number, port))
}

/// Its PDU alone.
pub(crate) fn long_trap_pdu(number: u32, port: u32) -> Vec<u8> {
    let sequence = varbind(SEQUENCE_OID, &part(INTEGER, &number.to_be_bytes()));
    let name = format!("GigabitEthernet1/0/{port}");
    let description = varbind(&column_oid(2, port), &part(OCTETS, name.as_bytes()));
    pdu(TRAP, number, &[link(port), description, sequence].concat())
}

fn notification(kind: u8, port: u32) -> Vec<u8> {
    message(&pdu(kind, port, &link(port)))
}

/// The varbinds of a linkDown.
fn link(port: u32) -> Vec<u8> {
    const UP_TIME: &[u8] = &[0x2b, 6, 1, 2, 1, 1, 3, 0];
    const TRAP_OID: &[u8] = &[0x2b, 6, 1, 6, 3, 1, 1, 4, 1, 0];
    const LINK_DOWN: &[u8] = &[0x2b, 6, 1, 6, 3, 1, 1, 5, 3];
    let column = |number: u8, value: u32| {
        varbind(&column_oid(number, port), &part(INTEGER, &value.to_be_bytes()))
    };
    let varbinds = [
        varbind(UP_TIME, &part(TICKS, &[0x12, 0x34, 0x56])),
        varbind(TRAP_OID, &part(OID, LINK_DOWN)),
        column(1, port),
        column(7, 1),
        column(8, 2),
    ];
    varbinds.concat()
}

/// A column of ifTable.
fn column_oid(number: u8, port: u32) -> Vec<u8> {
    [&[0x2b, 6, 1, 2, 1, 2, 2, 1, number], &base_128(port)[..]].concat()
}

pub(crate) fn message(pdu: &[u8]) -> Vec<u8> {
    let message = [part(INTEGER, &[1]), part(OCTETS, b"public"), pdu.to_vec()].concat();
    part(SEQUENCE, &message)
}

pub(crate) fn pdu(kind: u8, number: u32, varbinds: &[u8]) -> Vec<u8> {
    let zero = part(INTEGER, &[0]);
    let id = part(INTEGER, &(FIRST_REQUEST + number).to_be_bytes());
    part(kind, &[id, zero.clone(), zero, part(SEQUENCE, varbinds)].concat())
}

pub(crate) fn varbind(oid: &[u8], value: &[u8]) -> Vec<u8> {
    part(SEQUENCE, &[part(OID, oid), value.to_vec()].concat())
}

/// A tag, a length and a content, by the basic encoding rules.
pub(crate) fn part(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut octets = match u8::try_from(length) {
        Ok(short) if short < 0x80 => vec![tag, short],
        Ok(long) => vec![tag, 0x81, long],
        Err(_) => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    octets.extend_from_slice(content);
    octets
}

/// One number of an OID.
fn base_128(number: u32) -> Vec<u8> {
    let groups = (1..5).rev().map(|group| number >> (7 * group)).skip_while(|rest| *rest == 0);
    groups.map(|rest| rest as u8 | 0x80).chain([number as u8 & 0x7f]).collect()
}
