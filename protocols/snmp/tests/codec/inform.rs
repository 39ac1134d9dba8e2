//! An inform is answered so that its sender is content.

use std::net::UdpSocket;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::{LINK_DOWN, captured, element, message, trap_oid, uptime, v2_pdu, varbind};
use vigie_snmp::{Unanswerable, read, response};

/// Has the real snmpinform send to us, answers what it sends by `answer`, and gives its exit code. `patience`: how
/// many seconds it waits for the answer.
fn snmpinform(
    patience: &str,
    arguments: &[&str],
    answer: impl Fn(&[u8]) -> Vec<u8>,
) -> Option<i32> {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback takes a socket");
    socket.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket takes a timeout");
    let address = socket.local_addr().expect("a bound socket has an address").to_string();
    let mut child = Command::new("snmpinform")
        .args(["-v", "2c", "-c", "public", "-r", "0", "-t", patience])
        .arg(address)
        .args(arguments)
        .env("MIBS", "")
        .env("SNMP_PERSISTENT_DIR", env!("CARGO_TARGET_TMPDIR"))
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| {
            panic!("this test needs the program snmpinform (Debian package `snmp`): {error}")
        });
    let mut buffer = vec![0; 65_535];
    let (count, peer) =
        socket.recv_from(&mut buffer).expect("snmpinform sends its inform within ten seconds");
    socket.send_to(&answer(&buffer[..count]), peer).expect("loopback takes the answer");
    child.wait().expect("snmpinform ends, at the latest when its own timeout does").code()
}

fn answered(datagram: &[u8], max: usize) -> Vec<u8> {
    let inform = read(datagram).unwrap_or_else(|refused| panic!("{refused}"));
    response(&inform, datagram, max).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn snmpinform_takes_our_answer() {
    let column = "1.3.6.1.2.1.2.2.1.8.7";
    let text = "A".repeat(3_000);
    for varbinds in
        [&[][..], &[column, "i", "2"], &["1.3.6.1.4.1.99999.1", "s", &text, column, "i", "1"]]
    {
        let arguments = [&["12345", "1.3.6.1.6.3.1.1.5.3"], varbinds].concat();
        assert_eq!(snmpinform("10", &arguments, |datagram| answered(datagram, 65_507)), Some(0));
    }
}

#[test]
fn snmpinform_does_not_repeat_what_is_too_big_for_our_answer() {
    // Any Response is an answer to it: it does not repeat itself.
    let arguments =
        ["12345", "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.4.1.99999.1", "s", "a text that leaves no room"];
    let exit = snmpinform("10", &arguments, |datagram| answered(datagram, 60));
    assert_eq!(exit, Some(0));
}

#[test]
fn snmpinform_is_not_content_with_another_request_id() {
    let spoiled = |datagram: &[u8]| {
        let inform = read(datagram).unwrap_or_else(|refused| panic!("{refused}"));
        let id = inform.request_id.expect("snmpinform sends a request-id").to_be_bytes();
        // It draws them by chance: one in some hundred is written with fewer octets than four (X.690, 8.3.2).
        let redundant =
            |pair: &[u8]| pair[0] == 0 && pair[1] < 0x80 || pair[0] == 0xff && pair[1] >= 0x80;
        let first = id.windows(2).take_while(|pair| redundant(pair)).count();
        let written = element(2, &id[first..]);
        let mut answer = answered(datagram, 65_507);
        let place = answer
            .windows(written.len())
            .position(|window| window == written)
            .expect("the request-id is in the answer");
        answer[place + written.len() - 1] ^= 1;
        answer
    };
    let arguments = ["12345", "1.3.6.1.6.3.1.1.5.3"];
    assert_eq!(snmpinform("1", &arguments, spoiled), Some(1));
}

#[test]
fn the_answer_repeats_the_inform_octet_for_octet() {
    let datagram = captured("v2c-inform");
    let inform = read(&datagram).unwrap();
    let answer = response(&inform, &datagram, 65_507).unwrap();
    let mut expected = datagram.clone();
    let pdu = expected.windows(2).position(|window| window[0] == 0xa6).unwrap();
    expected[pdu] = 0xa2;
    assert_eq!(answer, expected);
}

#[test]
fn an_odd_inform_gets_its_oddities_back_as_they_were() {
    let odd = varbind(&[1, 3, 6, 1], &[0x41, 6, 1, 2, 3, 4, 5, 6]);
    let list = [uptime(), trap_oid(LINK_DOWN), odd, vec![0x30, 0x7f, 1]];
    let request_id = element(2, &[0, 0xff, 0xff, 0xff, 0xfe]);
    let datagram = [message(1, &v2_pdu(0xa6, &request_id, &list)), vec![9; 5]].concat();
    let answer = response(&read(&datagram).unwrap(), &datagram, 65_507).unwrap();
    assert_eq!(answer, message(1, &v2_pdu(0xa2, &request_id, &list)));
}

#[test]
fn an_answer_that_would_be_too_long_says_so_and_one_that_cannot_is_not_sent() {
    let datagram = captured("v2c-inform");
    let inform = read(&datagram).unwrap();
    let whole = response(&inform, &datagram, datagram.len()).unwrap();
    assert_eq!(whole.len(), datagram.len());
    let short = response(&inform, &datagram, datagram.len() - 1).unwrap();
    let id = element(2, &inform.request_id.unwrap().to_be_bytes());
    let too_big = element(0xa2, &[&id[..], &[2, 1, 1, 2, 1, 0, 0x30, 0]].concat());
    assert_eq!(short, message(1, &too_big));
    let needed = short.len();
    let refused = response(&inform, &datagram, needed - 1);
    assert_eq!(refused, Err(Unanswerable::TooBig { needed, max: needed - 1 }));
}

#[test]
fn a_trap_is_never_answered() {
    for name in ["v1-cold-start", "v2c-link-down"] {
        let datagram = captured(name);
        let trap = read(&datagram).unwrap();
        assert_eq!(response(&trap, &datagram, 65_507), Err(Unanswerable::Trap));
    }
}
