//! An inform is answered once its signal is on disk, and not before.

use std::io::ErrorKind;

use crate::house::{
    House, captured, exit_code, heard, message, net_snmp, sender, settings, soon, until,
};
use vigie::watch::decision::Outcome;

const LINK_UP: &[&str] = &["12345", "1.3.6.1.6.3.1.1.5.4", "1.3.6.1.2.1.2.2.1.1.7", "i", "7"];

/// The options of snmpinform: how often it repeats itself, and after how many seconds.
fn options<'o>(repeats: &'o str, patience: &'o str) -> [&'o str; 8] {
    ["-v", "2c", "-c", "public", "-r", repeats, "-t", patience]
}

#[tokio::test]
async fn snmpinform_is_content_once_the_receipt_was_given_and_not_before() {
    let mut house = House::open(settings(&["127.0.0.1:0", "[::1]:0"], &[], &["public"])).await;
    for place in [0, 1] {
        let mut inform = net_snmp("snmpinform", &options("0", "50"), house.at(place), LINK_UP);
        let (signal, receipt) = house.signal().await;
        assert!(signal.identity.is_some(), "its repetition must be known");
        assert_eq!(house.counter("answered"), u64::try_from(place).unwrap());
        assert_eq!(inform.try_wait().unwrap(), None, "it still waits");
        receipt.give(Outcome::Taken);
        assert_eq!(exit_code(inform).await, Some(0));
    }
    assert_eq!(house.counters(), [("answered", 2), ("datagrams", 2), ("informs", 2)].into());
}

#[tokio::test]
async fn nothing_is_said_to_the_sender_until_its_signal_is_on_disk() {
    let mut house = House::plain().await;
    let socket = sender("127.0.0.1:0", house.at(0));
    let inform = captured("v2c-inform");
    socket.send(&inform).unwrap();
    let (_, receipt) = house.signal().await;
    // Whatever could be answered is answered before the next datagram is received.
    for _ in 0..3 {
        socket.send(&captured("v2c-link-down")).unwrap();
        house.signal().await;
    }
    assert_eq!(socket.recv(&mut [0; 1_000]).unwrap_err().kind(), ErrorKind::WouldBlock);
    receipt.give(Outcome::Taken);
    let answer =
        vigie_snmp::response(&vigie_snmp::read(&inform).unwrap(), &inform, 65_507).unwrap();
    assert_eq!(heard(&socket).await, answer);
}

#[tokio::test]
async fn an_inform_that_was_not_accepted_is_not_answered() {
    let mut house = House::plain().await;
    let inform = net_snmp("snmpinform", &options("0", "1"), house.at(0), LINK_UP);
    let (_, receipt) = house.signal().await;
    drop(receipt);
    assert_eq!(exit_code(inform).await, Some(1));
    until("the inform is counted", || house.counter("unanswered") == 1).await;
    assert_eq!(house.counter("answered"), 0);
}

#[tokio::test]
async fn an_inform_that_is_repeated_is_known_again_and_answered_then() {
    let mut house = House::plain().await;
    let inform = net_snmp("snmpinform", &options("5", "1"), house.at(0), LINK_UP);
    let (first, receipt) = house.signal().await;
    drop(receipt);
    let (second, receipt) = house.signal().await;
    assert_eq!(second.identity, first.identity);
    receipt.give(Outcome::Repeated);
    assert_eq!(exit_code(inform).await, Some(0));
    let another = net_snmp("snmpinform", &options("0", "50"), house.at(0), LINK_UP);
    let (third, receipt) = house.signal().await;
    assert_ne!(third.identity, first.identity, "another inform of the same content is another");
    receipt.give(Outcome::Taken);
    assert_eq!(exit_code(another).await, Some(0));
}

#[tokio::test]
async fn many_informs_wait_at_once_and_each_has_its_own_answer() {
    let mut house = House::plain().await;
    let socket = sender("127.0.0.1:0", house.at(0));
    let mut receipts = Vec::new();
    for number in 0..=255 {
        let mut inform = captured("v2c-inform");
        // The last octet of the request-id, 0x317cfa4b.
        let place =
            inform.windows(4).position(|four| four == [0x31, 0x7c, 0xfa, 0x4b]).unwrap() + 3;
        inform[place] = number;
        socket.send(&inform).unwrap();
        receipts.push(house.signal().await.1);
    }
    receipts.into_iter().for_each(|receipt| receipt.give(Outcome::Taken));
    for number in 0..=255 {
        let answer = heard(&socket).await;
        let id = answer.windows(3).position(|three| three == [0x31, 0x7c, 0xfa]).unwrap() + 3;
        assert_eq!(answer[id], number, "answers come in the order of the informs");
    }
}

#[tokio::test]
async fn an_answer_leaves_from_the_address_to_which_the_inform_was_sent() {
    let mut house = House::open(settings(&["0.0.0.0:0"], &[], &[])).await;
    let port = house.at(0).port();
    for to in ["127.0.0.1", "127.0.0.2", "127.1.2.3"] {
        // A connected socket hears nobody but whom it sends to, as many devices do.
        let socket = sender("127.0.0.1:0", format!("{to}:{port}").parse().unwrap());
        socket.send(&captured("v2c-inform")).unwrap();
        house.signal().await.1.give(Outcome::Taken);
        assert!(!heard(&socket).await.is_empty(), "{to}");
    }
}

#[tokio::test]
async fn the_largest_inform_is_answered() {
    let mut house = House::plain().await;
    let empty = message(0xa6, 0).len();
    let datagram = message(0xa6, 65_507 - empty);
    let socket = sender("127.0.0.1:0", house.at(0));
    socket.send(&datagram).unwrap();
    house.signal().await.1.give(Outcome::Taken);
    assert!(heard(&socket).await.len() > 65_000, "with all its varbinds");
}

#[tokio::test]
async fn what_was_accepted_before_the_house_closes_is_still_answered() {
    let mut house = House::plain().await;
    let socket = sender("127.0.0.1:0", house.at(0));
    socket.send(&captured("v2c-inform")).unwrap();
    let (_, receipt) = house.signal().await;
    house.closing.send_replace(true);
    let shut = soon("the inbox is left", house.letters.recv()).await;
    assert!(shut.is_none(), "nothing more is received");
    receipt.give(Outcome::Taken);
    assert_eq!(house.end().await.reason, "Vigie is stopping");
    assert!(!heard(&socket).await.is_empty());
}
