//! A device that has much to tell: informs (SNMPv2c linkDown), each of another interface, many of them unanswered at
//! the same time, without end.
//!
//!     cargo run --example informs -- 127.0.0.1:1162 100001
//!
//! It counts the interfaces from that number, repeats each inform until it is answered, and prints `@answered NUMBER end`
//! as soon as it is. Where many are to be told in little time, net-snmp's `snmpinform`, a program for each, is too slow.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, ErrorKind, Write};
use std::net::UdpSocket;
use std::time::Duration;

/// So many informs are unanswered at the same time.
const AT_ONCE: usize = 8;
/// After so long without any answer, all that are unanswered are said again.
const PATIENCE: Duration = Duration::from_millis(500);
/// Where the request's number stands, in an inform and in its answer: behind the heads of message and PDU, the version
/// and the community.
const REQUEST: std::ops::Range<usize> = 17..21;

const INFORM: u8 = 0xA6;
const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OBJECT: u8 = 0x06;
const TIME_TICKS: u8 = 0x43;

const SYS_UP_TIME: &[u8] = &[0x2B, 6, 1, 2, 1, 1, 3, 0];
const SNMP_TRAP_OID: &[u8] = &[0x2B, 6, 1, 6, 3, 1, 1, 4, 1, 0];
const LINK_DOWN: &[u8] = &[0x2B, 6, 1, 6, 3, 1, 1, 5, 3];
const IF_INDEX: &[u8] = &[0x2B, 6, 1, 2, 1, 2, 2, 1, 1, 1];

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [to, first] = words.as_slice() else {
        return Err("informs ADDRESS FIRST-INTERFACE".into());
    };
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    socket.connect(to)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let mut next: i32 = first.parse()?;
    let mut unanswered = BTreeMap::new();
    loop {
        while unanswered.len() < AT_ONCE {
            let inform = inform(next);
            say(&socket, &inform)?;
            unanswered.insert(next, inform);
            next += 1;
        }
        match answer(&socket) {
            Ok(Some(number)) => {
                if unanswered.remove(&number).is_some() {
                    // One write: a line that arrives is whole.
                    io::stdout().write_all(format!("@answered {number} end\n").as_bytes())?;
                }
            }
            Ok(None) => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                unanswered.values().try_for_each(|inform| say(&socket, inform))?;
            }
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Sends; that nobody listens yet is no matter.
fn say(socket: &UdpSocket, inform: &[u8]) -> io::Result<()> {
    match socket.send(inform) {
        Err(error) if error.kind() != ErrorKind::ConnectionRefused => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// The number of the inform that the next datagram answers.
fn answer(socket: &UdpSocket) -> io::Result<Option<i32>> {
    let mut datagram = [0; 1_500];
    let length = socket.recv(&mut datagram)?;
    let number = datagram.get(..length).and_then(|answer| answer.get(REQUEST));
    Ok(number.and_then(|octets| octets.try_into().ok()).map(i32::from_be_bytes))
}

/// An inform of this interface, which is also the number of its request.
fn inform(interface: i32) -> Vec<u8> {
    let number = element(INTEGER, &[&interface.to_be_bytes()]);
    let zero = element(INTEGER, &[&[0]]);
    let variable =
        |name: &[u8], value: &[u8]| element(SEQUENCE, &[&element(OBJECT, &[name]), value]);
    let variables = element(
        SEQUENCE,
        &[
            &variable(SYS_UP_TIME, &element(TIME_TICKS, &[&[0]])),
            &variable(SNMP_TRAP_OID, &element(OBJECT, &[LINK_DOWN])),
            &variable(IF_INDEX, &number),
        ],
    );
    let pdu = element(INFORM, &[&number, &zero, &zero, &variables]);
    element(SEQUENCE, &[&element(INTEGER, &[&[1]]), &element(OCTETS, &[b"public"]), &pdu])
}

/// One element of BER; none here is longer than 127 octets.
fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u8::try_from(content.len()).expect("the elements of such an inform are short");
    [&[tag, length], content.as_slice()].concat()
}
