//! No octets make the reader panic, and none make it keep more than it was sent.

use crate::dice::Dice;
use crate::support::{all_captured, captured};
use vigie_snmp::{MAX_VARBINDS, PduKind, Unanswerable, Value, read, response};

/// Reads a datagram and answers it, and says whether it was read.
fn survive(datagram: &[u8]) -> bool {
    let Ok(message) = read(datagram) else {
        return false;
    };
    assert!(message.notification.varbinds.len() <= MAX_VARBINDS);
    let kept: usize =
        message.notification.varbinds.iter().map(|varbind| size(&varbind.value)).sum();
    assert!(kept + message.community.len() <= datagram.len(), "{datagram:02x?}");
    assert!(message.oddities.len() <= datagram.len(), "{datagram:02x?}");
    for oddity in &message.oddities {
        assert!(oddity.at <= datagram.len(), "{oddity} in {datagram:02x?}");
    }
    let answer = response(&message, datagram, datagram.len() + 16);
    match message.pdu {
        PduKind::Trap => assert_eq!(answer, Err(Unanswerable::Trap)),
        PduKind::Inform => {
            let answer = answer.unwrap_or_else(|error| panic!("{error}: {datagram:02x?}"));
            assert!(
                read(&answer).is_err_and(|refused| refused.to_string().contains("Response")),
                "{answer:02x?}"
            );
        }
    }
    true
}

fn size(value: &Value) -> usize {
    match value {
        Value::OctetString(bytes) | Value::Opaque(bytes) | Value::Raw { bytes, .. } => bytes.len(),
        Value::ObjectIdentifier(_)
        | Value::IpAddress(_)
        | Value::Counter32(_)
        | Value::Gauge32(_) => 0,
        Value::TimeTicks(_) | Value::Counter64(_) | Value::Integer(_) | Value::Null => 0,
        Value::NoSuchObject | Value::NoSuchInstance | Value::EndOfMibView => 0,
    }
}

#[test]
fn two_hundred_thousand_spoiled_captures_do_no_harm() {
    let captures: Vec<Vec<u8>> = all_captured()
        .iter()
        .map(|name| captured(name))
        .filter(|datagram| datagram.len() < 1_000)
        .collect();
    let mut dice = Dice(0x5eed_0001);
    let mut read = 0;
    for _ in 0..200_000 {
        let mut datagram = captures[dice.below(captures.len())].clone();
        dice.spoil(&mut datagram);
        read += usize::from(survive(&datagram));
    }
    assert!(
        (20_000..180_000).contains(&read),
        "{read} read: the spoiling is too weak or too strong to prove anything"
    );
}

#[test]
fn a_hundred_thousand_datagrams_of_noise_do_no_harm() {
    let mut dice = Dice(0x5eed_0002);
    for _ in 0..100_000 {
        let count = dice.below(120);
        let mut datagram = dice.octets(count);
        let head: [&[u8]; 3] = [
            &[],
            &[0x30],
            &[0x30, 0x70, 2, 1, 1, 4, 0, 0xa7, 0x50, 2, 1, 1, 2, 1, 0, 2, 1, 0, 0x30, 0x40],
        ];
        datagram.splice(0..0, head[dice.below(3)].iter().copied());
        survive(&datagram);
    }
}

#[test]
fn every_lawful_notification_is_read_without_an_oddity() {
    let mut dice = Dice(0x5eed_0003);
    for _ in 0..20_000 {
        let datagram = dice.notification();
        let message =
            read(&datagram).unwrap_or_else(|refused| panic!("{refused}: {datagram:02x?}"));
        assert_eq!(message.oddities, [], "{datagram:02x?}");
        assert!(survive(&datagram));
    }
}
