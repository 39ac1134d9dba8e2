//! What net-snmp really sends is read as it was meant (fixtures/snmp, each with the command that made it).

use std::net::Ipv4Addr;

use crate::support::{all_captured, captured};
use vigie_snmp::names::Names;
use vigie_snmp::{Oid, PduKind, Quirk, Refused, Value, Varbind, Version, read};

static NAMES: Names = Names::built_in();

fn oid(text: &str) -> Oid {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn varbind(name: &str, value: Value) -> Varbind {
    Varbind { oid: NAMES.oid(name).unwrap_or_else(|| oid(name)), value }
}

#[test]
fn a_cold_start_of_v1_bears_its_v2_name_and_its_device() {
    let message = read(&captured("v1-cold-start")).unwrap();
    assert_eq!(
        (message.version, message.pdu, message.request_id),
        (Version::V1, PduKind::Trap, None)
    );
    assert_eq!(message.community, b"public");
    assert_eq!(message.oddities, []);
    let notification = message.notification;
    assert_eq!(Some(notification.trap_oid), NAMES.oid("SNMPv2-MIB::coldStart"));
    assert_eq!((notification.uptime, notification.varbinds), (Some(12_345), vec![]));
    let header = notification.v1.unwrap();
    assert_eq!(header.agent_addr, Some(Ipv4Addr::new(192, 0, 2, 7)));
    assert_eq!(header.enterprise, oid("1.3.6.1.4.1.8072.3.2.10"));
}

#[test]
fn a_link_that_goes_down_says_which_one_in_v1_and_in_v2c() {
    let v1 = read(&captured("v1-link-down")).unwrap().notification;
    assert_eq!(Some(v1.trap_oid), NAMES.oid("IF-MIB::linkDown"));
    let descr = Value::OctetString(b"eth7".to_vec());
    assert_eq!(v1.varbinds, [varbind("ifIndex.7", Value::Integer(7)), varbind("ifDescr.7", descr)]);

    let message = read(&captured("v2c-link-down")).unwrap();
    assert_eq!(
        (message.version, message.pdu, &*message.oddities),
        (Version::V2c, PduKind::Trap, &[][..])
    );
    assert!(message.request_id.is_some());
    let v2 = message.notification;
    assert_eq!(Some(v2.trap_oid), NAMES.oid("IF-MIB::linkDown"));
    assert_eq!((v2.uptime, v2.v1, v2.trap_address), (Some(12_345), None, None));
    let expected = [("ifIndex.7", 7), ("ifAdminStatus.7", 1), ("ifOperStatus.7", 2)];
    assert_eq!(v2.varbinds, expected.map(|(name, number)| varbind(name, Value::Integer(number))));
}

#[test]
fn a_lost_egp_neighbour_is_named_and_its_uptime_may_be_the_longest_there_is() {
    let message = read(&captured("v1-egp-neighbor-loss")).unwrap();
    assert_eq!(Some(message.notification.trap_oid), NAMES.oid("egpNeighborLoss"));
    assert_eq!(message.notification.uptime, Some(u32::MAX));
    assert_eq!(message.notification.v1.unwrap().agent_addr, Some(Ipv4Addr::UNSPECIFIED));
}

#[test]
fn an_enterprise_trap_is_the_enterprise_a_zero_and_its_number() {
    let notification = read(&captured("v1-enterprise-specific")).unwrap().notification;
    assert_eq!(notification.trap_oid, oid("1.3.6.1.4.1.8072.2.3.0.17"));
    let text = Value::OctetString("compresseur arrêté".as_bytes().to_vec());
    assert_eq!(notification.varbinds, [varbind("1.3.6.1.4.1.8072.2.3.2.1.0", text)]);
}

#[test]
fn a_negative_specific_trap_is_read_and_noted() {
    let message = read(&captured("v1-specific-negative")).unwrap();
    assert_eq!(message.notification.trap_oid, oid("1.3.6.1.4.1.8072.2.3.0.4294967291"));
    assert_eq!(message.notification.v1.unwrap().specific, -5);
    assert_eq!(message.oddities[0].quirk, Quirk::NegativeSpecific(-5));
}

#[test]
fn generic_trap_258_is_not_a_link_that_goes_down() {
    let message = read(&captured("v1-generic-258")).unwrap();
    assert!(NAMES.lookup(&message.notification.trap_oid).is_none());
    assert_eq!(message.notification.trap_oid, oid("1.3.6.1.6.3.1.1.5.259"));
    assert_eq!(message.notification.v1.unwrap().generic, 258);
    assert_eq!(message.oddities[0].quirk, Quirk::UnknownGeneric(258));
}

#[test]
fn every_type_comes_through_with_its_extreme_value() {
    let message = read(&captured("v2c-all-types")).unwrap();
    assert_eq!(message.oddities, []);
    let values: Vec<Value> =
        message.notification.varbinds.into_iter().map(|varbind| varbind.value).collect();
    let expected = [
        Value::Integer(-2_147_483_648),
        Value::Gauge32(u32::MAX),
        Value::Counter32(u32::MAX),
        Value::OctetString(vec![]),
        Value::OctetString(vec![0x00, 0xff, 0x80]),
        Value::ObjectIdentifier(oid("1.3.6.1.4.1.4294967295.0")),
        Value::TimeTicks(u32::MAX),
        Value::IpAddress(Ipv4Addr::BROADCAST),
        Value::Counter64(u64::MAX),
        Value::Null,
        Value::Opaque(vec![0x9f, 0x78, 0x04, 0x41, 0xac, 0x00, 0x00]),
    ];
    assert_eq!(values, expected);
}

#[test]
fn what_a_proxy_says_of_the_origin_is_found_and_stays_among_the_varbinds() {
    let notification = read(&captured("v2c-trap-address")).unwrap().notification;
    assert_eq!(notification.trap_address, Some(Ipv4Addr::new(198, 51, 100, 9)));
    assert_eq!(notification.varbinds.len(), 2);
    assert_eq!(NAMES.lookup(&notification.varbinds[0].oid).unwrap().name.object, "snmpTrapAddress");
}

#[test]
fn a_community_is_kept_octet_for_octet() {
    assert_eq!(read(&captured("v2c-community-latin1")).unwrap().community, b"caf\xe9");
}

#[test]
fn a_long_text_arrives_whole() {
    let varbinds = read(&captured("v2c-long")).unwrap().notification.varbinds;
    assert_eq!(varbinds[0].value, Value::OctetString(vec![b'A'; 20_000]));
}

#[test]
fn an_inform_is_known_from_a_trap() {
    let message = read(&captured("v2c-inform")).unwrap();
    assert_eq!(message.pdu, PduKind::Inform);
    assert_eq!(Some(message.notification.trap_oid), NAMES.oid("IF-MIB::linkUp"));
}

#[test]
fn snmpv3_is_refused_by_who_knows_no_user() {
    for name in ["v3-trap-no-auth", "v3-trap-auth-priv"] {
        assert_eq!(read(&captured(name)), Err(Refused::Version3), "{name}");
    }
}

#[test]
fn a_question_is_not_taken_for_an_alarm() {
    assert_eq!(read(&captured("v2c-get")), Err(Refused::NotANotification("GetRequest")));
}

#[test]
fn nothing_that_net_snmp_sends_is_refused_but_v3_and_questions() {
    for name in all_captured() {
        let refused = read(&captured(&name)).is_err();
        assert_eq!(refused, name.starts_with("v3-") || name == "v2c-get", "{name}");
    }
}

#[test]
fn a_notification_cut_anywhere_is_refused_and_never_half_read() {
    for name in ["v1-link-down", "v2c-link-down", "v2c-inform"] {
        let datagram = captured(name);
        for end in 0..datagram.len() {
            assert!(
                matches!(read(&datagram[..end]), Err(Refused::Broken { .. })),
                "{name} cut at {end}"
            );
        }
    }
}
