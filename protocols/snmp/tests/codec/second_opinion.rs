//! snmp-parser reads the same datagrams as we do: what both accept, both read alike.
//!
//! Where they differ, the difference is one of those that `allowed` and `alike` name; each is a fault of snmp-parser 0.11. A new
//! version of it that mends one, or brings another, shows here.

use crate::dice::Dice;
use crate::support::{
    ENTERPRISE, LINK_DOWN, all_captured, captured, element, message, oid, trap_oid, uptime,
    v1_trap, v2_pdu, v2_trap, varbind,
};
use snmp_parser::asn1_rs::FromBer;
use snmp_parser::{NetworkAddress, ObjectSyntax, SnmpMessage, SnmpPdu, SnmpVariable, VarBindValue};
use vigie_snmp::{Oid, Refused, Value, Varbind, read};

fn theirs(datagram: &[u8]) -> Option<SnmpMessage<'_>> {
    SnmpMessage::from_ber(datagram).ok().map(|(_, message)| message)
}

fn compare_varbinds(ours: &[Varbind], theirs: &[SnmpVariable<'_>], datagram: &[u8]) {
    assert!(alike_lists(ours, theirs, 2), "{ours:?}\n{theirs:?}\n{datagram:02x?}");
}

/// Reads a datagram twice and compares; says whether both have read it.
fn compare(datagram: &[u8]) -> bool {
    let (ours, Some(theirs)) = (read(datagram), theirs(datagram)) else {
        return false;
    };
    let ours = match ours {
        Ok(ours) => ours,
        Err(refused) => {
            assert!(allowed(&refused), "we alone refuse ({refused:?}): {datagram:02x?}");
            return false;
        }
    };
    assert_eq!(ours.community, theirs.community.as_bytes(), "{datagram:02x?}");
    match &theirs.pdu {
        SnmpPdu::Generic(pdu) => {
            assert_eq!(
                ours.request_id.map(i32::cast_unsigned),
                Some(pdu.req_id),
                "{datagram:02x?}"
            );
            compare_varbinds(&ours.notification.varbinds, &pdu.var, datagram);
        }
        SnmpPdu::TrapV1(pdu) => {
            let header = ours.notification.v1.as_ref().expect("a Trap-PDU has a v1 header");
            // Their generic-trap is cut to eight bits.
            assert_eq!(
                u8::try_from(header.generic & 0xff),
                Ok(pdu.generic_trap.0),
                "{datagram:02x?}"
            );
            assert_eq!(header.specific, i64::from(pdu.specific_trap), "{datagram:02x?}");
            let NetworkAddress::IPv4(address) = pdu.agent_addr;
            assert_eq!(header.agent_addr, Some(address), "{datagram:02x?}");
            assert_eq!(ours.notification.uptime, Some(pdu.timestamp), "{datagram:02x?}");
            compare_varbinds(&ours.notification.varbinds, &pdu.var, datagram);
        }
        SnmpPdu::Bulk(_) => panic!("we have read a GetBulkRequest: {datagram:02x?}"),
    }
    true
}

/// What we refuse and they accept: they look at no tag's class, and at no length of a PDU, and read a number
/// without octets as 0.
fn allowed(refused: &Refused) -> bool {
    match refused {
        Refused::NotANotification(_) | Refused::UnknownPdu(_) | Refused::NoTrapOid => true,
        Refused::Broken { part, .. } => *part != "message",
        Refused::WrongType { .. } => true,
        Refused::NotANumber { .. } => true,
        Refused::TooLong(_) => false,
        Refused::UnknownVersion(_) | Refused::Version3 => false,
        // Of v3 alone.
        Refused::OutOfRange { .. } | Refused::PrivWithoutAuth | Refused::SecurityModel(_) => false,
    }
}

/// Whether the lists agree. In ours, up to `skips` that name the notification are missing, wherever they stood; theirs ends
/// without a word at the first varbind that cannot be read, or goes on behind a tag of several octets, where we keep the rest.
fn alike_lists(ours: &[Varbind], theirs: &[SnmpVariable<'_>], skips: usize) -> bool {
    if let (1.., [their, rest @ ..]) = (skips, theirs)
        && names_the_notification(their)
        && alike_lists(ours, rest, skips - 1)
    {
        return true;
    }
    match (ours, theirs) {
        ([], []) => true,
        ([last], [_, _, ..]) if last.oid == Oid::zero_dot_zero() => {
            matches!(last.value, Value::Raw { .. })
        }
        ([our, ours @ ..], [their, theirs @ ..]) => {
            alike(our, their) && alike_lists(ours, theirs, skips)
        }
        ([our, ..], []) => matches!(our.value, Value::Raw { .. }),
        ([], [_, ..]) => false,
    }
}

fn names_the_notification(their: &SnmpVariable<'_>) -> bool {
    let name = their.oid.to_id_string();
    name.starts_with("1.3.6.1.2.1.1.3") || name.starts_with("1.3.6.1.6.3.1.1.4.1")
}

fn same_oid(ours: &Oid, theirs: &snmp_parser::Oid<'_>) -> bool {
    match theirs.as_bytes() {
        // They write 0.0 as "0".
        [] | [0] => *ours == Oid::zero_dot_zero(),
        // They divide the whole first octet by 40, so that all OIDs under 2 come out as others.
        [first, ..] if *first >= 80 => true,
        [..] => ours.to_string() == theirs.to_id_string(),
    }
}

fn alike(our: &Varbind, their: &SnmpVariable<'_>) -> bool {
    // Where we keep octets, they give a number or an OID that the octets are not, and let others pass unread.
    if matches!(our.value, Value::Raw { .. }) {
        return our.oid == Oid::zero_dot_zero() || same_oid(&our.oid, &their.oid);
    }
    same_oid(&our.oid, &their.oid)
        && match (&our.value, &their.val) {
            (Value::Integer(ours), VarBindValue::Value(ObjectSyntax::Number(theirs))) => {
                *ours == i64::from(*theirs)
            }
            (Value::OctetString(ours), VarBindValue::Value(ObjectSyntax::String(theirs))) => {
                ours == theirs
            }
            (Value::Opaque(ours), VarBindValue::Value(ObjectSyntax::Opaque(theirs))) => {
                ours == theirs
            }
            (Value::ObjectIdentifier(ours), VarBindValue::Value(ObjectSyntax::Object(theirs))) => {
                same_oid(ours, theirs)
            }
            (
                Value::IpAddress(ours),
                VarBindValue::Value(ObjectSyntax::IpAddress(NetworkAddress::IPv4(theirs))),
            ) => ours == theirs,
            (Value::Counter32(ours), VarBindValue::Value(ObjectSyntax::Counter32(theirs))) => {
                ours == theirs
            }
            (Value::Gauge32(ours), VarBindValue::Value(ObjectSyntax::Gauge32(theirs))) => {
                ours == theirs
            }
            (Value::TimeTicks(ours), VarBindValue::Value(ObjectSyntax::TimeTicks(theirs))) => {
                ours == theirs
            }
            (Value::Counter64(ours), VarBindValue::Value(ObjectSyntax::Counter64(theirs))) => {
                ours == theirs
            }
            (Value::Null, VarBindValue::Unspecified) => true,
            (Value::NoSuchObject, VarBindValue::NoSuchObject) => true,
            (Value::NoSuchInstance, VarBindValue::NoSuchInstance) => true,
            (Value::EndOfMibView, VarBindValue::EndOfMibView) => true,
            // An empty value loses its type with them.
            (
                Value::OctetString(ours) | Value::Opaque(ours),
                VarBindValue::Value(ObjectSyntax::Empty),
            ) => ours.is_empty(),
            (Value::ObjectIdentifier(ours), VarBindValue::Value(ObjectSyntax::Empty)) => {
                *ours == Oid::zero_dot_zero()
            }
            _ => false,
        }
}

#[test]
fn lawful_notifications_are_read_alike() {
    let mut dice = Dice(0x5eed_0004);
    let both = (0..20_000).filter(|_| compare(&dice.notification())).count();
    assert!(both > 10_000, "{both} read by both");
}

#[test]
fn spoiled_notifications_are_read_alike_where_both_read_them() {
    let captures: Vec<Vec<u8>> = all_captured()
        .iter()
        .map(|name| captured(name))
        .filter(|datagram| datagram.len() < 1_000)
        .collect();
    let mut dice = Dice(0x5eed_0005);
    let both = (0..200_000)
        .filter(|turn| {
            let mut datagram = if turn % 2 == 0 {
                captures[dice.below(captures.len())].clone()
            } else {
                dice.notification()
            };
            dice.spoil(&mut datagram);
            compare(&datagram)
        })
        .count();
    assert!(both > 15_000, "{both} read by both");
}

#[test]
fn the_second_reader_still_has_the_faults_for_which_it_is_only_the_second() {
    let header = [uptime(), trap_oid(LINK_DOWN)];
    let negative_id = message(1, &v2_pdu(0xa7, &[2, 1, 0xff], &header));
    let counter = v2_trap(&[varbind(ENTERPRISE, &[0x41, 4, 0xff, 0, 0, 0])]);
    let address = v2_trap(&[varbind(ENTERPRISE, &[0x40, 0])]);
    let latin1 = captured("v2c-community-latin1");
    for refused in [negative_id, counter, address, latin1, v1_trap(&[6], &[0xfb])] {
        assert!(theirs(&refused).is_none() && read(&refused).is_ok(), "{refused:02x?}");
    }
    let generic_258 = captured("v1-generic-258");
    let Some(SnmpPdu::TrapV1(trap)) = theirs(&generic_258).map(|message| message.pdu) else {
        panic!("snmp-parser refuses generic-trap 258")
    };
    assert_eq!(trap.generic_trap.0, 2, "snmp-parser takes generic-trap 258 for linkDown");
    let wrong_class = message(1, &v2_pdu(0x87, &[2, 1, 1], &header));
    assert!(theirs(&wrong_class).is_some() && read(&wrong_class).is_err());
    let long_oid = v2_trap(&[varbind(ENTERPRISE, &element(6, &[1; 200]))]);
    assert!(theirs(&long_oid).is_some());
    assert!(matches!(
        read(&long_oid).unwrap().notification.varbinds[0].value,
        Value::Raw { tag: 6, .. }
    ));
    assert!(theirs(&v2_trap(&[varbind(ENTERPRISE, &oid(LINK_DOWN))])).is_some());
}
