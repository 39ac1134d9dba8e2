//! What devices get wrong around the varbinds, and what snmp-parser refuses or misreads there: each is read, kept and noted, or
//! refused with its reason.

use std::net::Ipv4Addr;

use vigie_snmp::{
    Framing, MAX_DATAGRAM, Oddity, OidError, PduKind, Quirk, Refused, Value, Version, read,
};

use crate::support::{
    ENTERPRISE, LINK_DOWN, OBJECT, SNMP_TRAP_OID, SYS_UP_TIME, element, message, must_read, oid,
    one_value, quirks, trap_oid, uptime, v1_pdu, v1_trap, v2_pdu, v2_trap, varbind,
};

#[test]
fn a_negative_request_id_is_as_good_as_any() {
    for (octets, request_id) in
        [(&[0xff][..], -1), (&[0x80, 0, 0, 0], i32::MIN), (&[0x7f, 0xff, 0xff, 0xff], i32::MAX)]
    {
        let pdu = v2_pdu(0xa6, &element(2, octets), &[uptime(), trap_oid(LINK_DOWN)]);
        let message = must_read(&message(1, &pdu));
        assert_eq!(
            (message.request_id, message.pdu, &*message.oddities),
            (Some(request_id), PduKind::Inform, &[][..])
        );
    }
}

#[test]
fn a_request_id_written_unsigned_is_the_same_32_bits_and_a_longer_one_is_none() {
    for (octets, request_id) in
        [(&[0, 0xff, 0xff, 0xff, 0xfe][..], Some(-2)), (&[1, 2, 3, 4, 5, 6], None), (&[], None)]
    {
        let pdu = v2_pdu(0xa7, &element(2, octets), &[uptime(), trap_oid(LINK_DOWN)]);
        let message = must_read(&message(1, &pdu));
        assert_eq!((message.request_id, quirks(&message)), (request_id, vec![&Quirk::RequestId]));
    }
}

#[test]
fn a_negative_error_index_means_nothing_in_a_trap() {
    let list = element(0x30, &[uptime(), trap_oid(LINK_DOWN)].concat());
    let pdu = element(0xa7, &[&[2, 1, 42, 2, 1, 0xff, 2, 1, 0x80][..], &list].concat());
    assert_eq!(must_read(&message(1, &pdu)).oddities, []);
}

#[test]
fn an_uptime_with_its_top_bit_set_does_not_lose_the_trap() {
    let ticks = varbind(SYS_UP_TIME, &[0x43, 4, 0x80, 0, 0, 1]);
    let message = must_read(&message(1, &v2_pdu(0xa7, &[2, 1, 1], &[ticks, trap_oid(LINK_DOWN)])));
    assert_eq!(message.notification.uptime, Some(0x8000_0001));
    let at = message.oddities[0].at;
    assert_eq!(message.oddities, [Oddity { at, varbind: Some(1), quirk: Quirk::NegativeUnsigned }]);
}

#[test]
fn a_negative_specific_trap_keeps_its_sign_and_its_32_bits() {
    let message = must_read(&v1_trap(&[6], &[0xfb]));
    assert_eq!(message.notification.v1.as_ref().unwrap().specific, -5);
    assert_eq!(message.notification.trap_oid.to_string(), "1.3.6.1.4.1.8072.2.3.0.4294967291");
    assert_eq!(quirks(&message), [&Quirk::NegativeSpecific(-5)]);
}

#[test]
fn a_specific_trap_that_no_oid_can_hold_leaves_the_enterprise() {
    let message = must_read(&v1_trap(&[6], &[1, 0, 0, 0, 0]));
    assert_eq!(message.notification.trap_oid.sub_ids(), ENTERPRISE);
    assert_eq!(quirks(&message), [&Quirk::Unmappable(1 << 32)]);
}

#[test]
fn generic_traps_map_as_rfc_3584_says_and_others_are_flagged_and_never_cut_short() {
    for generic in 0..6u8 {
        let message = must_read(&v1_trap(&[generic], &[9]));
        assert_eq!(
            message.notification.trap_oid.to_string(),
            format!("1.3.6.1.6.3.1.1.5.{}", generic + 1)
        );
        assert_eq!(message.oddities, []);
    }
    let message = must_read(&v1_trap(&[6], &[9]));
    assert_eq!(
        (message.notification.trap_oid.to_string().as_str(), &*message.oddities),
        ("1.3.6.1.4.1.8072.2.3.0.9", &[][..])
    );
    for (octets, generic, trap) in [
        (&[7][..], 7, "1.3.6.1.6.3.1.1.5.8"),
        (&[1, 2], 258, "1.3.6.1.6.3.1.1.5.259"),
        (&[0xff], -1, "1.3.6.1.6.3.1.1.5"),
        (&[0, 0xff, 0xff, 0xff, 0xff], 0xffff_ffff, "1.3.6.1.6.3.1.1.5"),
    ] {
        let message = must_read(&v1_trap(octets, &[9]));
        assert_eq!(message.notification.trap_oid.to_string(), trap);
        assert_eq!(quirks(&message), [&Quirk::UnknownGeneric(generic)]);
    }
}

#[test]
fn a_community_that_is_no_text_is_kept() {
    let pdu = v2_pdu(0xa7, &[2, 1, 1], &[uptime(), trap_oid(LINK_DOWN)]);
    let datagram =
        element(0x30, &[&[2, 1, 1][..], &element(4, &[0xff, 0x00, 0xc3]), &pdu].concat());
    assert_eq!(read(&datagram).unwrap().community, [0xff, 0x00, 0xc3]);
}

#[test]
fn a_v1_trap_without_an_agent_address_is_read_and_noted() {
    for agent in [&[0x40, 0][..], &element(0x40, &[0; 16]), &[0x05, 0]] {
        let message =
            must_read(&message(0, &v1_pdu(&oid(ENTERPRISE), agent, &[2, 1, 2], &[2, 1, 0])));
        assert_eq!(message.notification.trap_oid.sub_ids(), LINK_DOWN);
        assert_eq!(message.notification.v1.as_ref().unwrap().agent_addr, None);
        assert_eq!(quirks(&message), [&Quirk::AgentAddress]);
    }
    let as_text =
        message(0, &v1_pdu(&oid(ENTERPRISE), &[4, 4, 192, 0, 2, 7], &[2, 1, 2], &[2, 1, 0]));
    assert_eq!(
        must_read(&as_text).notification.v1.unwrap().agent_addr,
        Some(Ipv4Addr::new(192, 0, 2, 7))
    );
}

#[test]
fn an_unreadable_enterprise_does_not_lose_a_link_that_goes_down() {
    let message = must_read(&message(
        0,
        &v1_pdu(&[6, 2, 0x2b, 0x86], &[0x40, 4, 1, 2, 3, 4], &[2, 1, 2], &[2, 1, 0]),
    ));
    assert_eq!(message.notification.trap_oid.sub_ids(), LINK_DOWN);
    assert_eq!(message.notification.v1.as_ref().unwrap().enterprise.to_string(), "0.0");
    assert_eq!(quirks(&message), [&Quirk::Enterprise(OidError::Unfinished)]);
}

#[test]
fn a_tag_of_another_class_is_no_trap() {
    for tag in [0x87, 0x67, 0x27, 0xe7, 0x84, 0xa9] {
        let pdu = v2_pdu(tag, &[2, 1, 1], &[uptime(), trap_oid(LINK_DOWN)]);
        assert_eq!(read(&message(1, &pdu)), Err(Refused::UnknownPdu(tag)));
    }
}

#[test]
fn a_pdu_of_the_other_version_is_read_and_noted() {
    let v1_in_v2c =
        message(1, &v1_pdu(&oid(ENTERPRISE), &[0x40, 4, 1, 2, 3, 4], &[2, 1, 2], &[2, 1, 0]));
    let v2_in_v1 = message(0, &v2_pdu(0xa7, &[2, 1, 1], &[uptime(), trap_oid(LINK_DOWN)]));
    for (datagram, version) in [(v1_in_v2c, Version::V2c), (v2_in_v1, Version::V1)] {
        let message = must_read(&datagram);
        assert_eq!(
            (message.version, message.notification.trap_oid.sub_ids()),
            (version, LINK_DOWN)
        );
        assert_eq!(quirks(&message), [&Quirk::PduOfOtherVersion]);
    }
}

#[test]
fn octets_too_many_are_ignored_and_noted() {
    let (value, oddities) = one_value(&[2, 1, 7, 2, 1, 8]);
    assert_eq!(value, Value::Integer(7));
    assert_eq!(oddities[0].quirk, Quirk::Trailing { count: 3, after: "value of the varbind" });

    let list = element(0x30, &[uptime(), trap_oid(LINK_DOWN)].concat());
    let pdu = element(0xa7, &[&[2, 1, 42, 2, 1, 0, 2, 1, 0][..], &list, &[5, 0]].concat());
    let message = must_read(&[message(1, &pdu), vec![0; 4]].concat());
    assert_eq!(
        quirks(&message),
        [
            &Quirk::Trailing { count: 2, after: "varbind list" },
            &Quirk::Trailing { count: 4, after: "message" }
        ]
    );
}

#[test]
fn a_length_may_be_longer_than_it_needs_but_not_indefinite() {
    let inside = [
        &[2, 1, 1][..],
        &element(4, b"public"),
        &v2_pdu(0xa7, &[2, 1, 1], &[uptime(), trap_oid(LINK_DOWN)]),
    ]
    .concat();
    let length = u8::try_from(inside.len()).unwrap();
    for written in [&[0x81, length][..], &[0x82, 0, length], &[0x84, 0, 0, 0, length]] {
        assert_eq!(must_read(&[&[0x30], written, &inside].concat()).oddities, []);
    }
    for (written, source) in [
        (&[0x80][..], Framing::Indefinite),
        (&[0x85, 0, 0, 0, 0, length], Framing::LengthForm),
        (&[0xff], Framing::LengthForm),
        (
            &[0x84, 0xff, 0xff, 0xff, 0xff],
            Framing::Overrun { claimed: 0xffff_ffff, left: inside.len() },
        ),
    ] {
        let refused = read(&[&[0x30], written, &inside].concat());
        assert_eq!(refused, Err(Refused::Broken { part: "message", at: 0, source }));
    }
}

#[test]
fn a_version_that_does_not_exist_is_refused_by_its_number() {
    let pdu = v2_pdu(0xa7, &[2, 1, 1], &[uptime(), trap_oid(LINK_DOWN)]);
    for version in [2, 4, 127] {
        assert_eq!(read(&message(version, &pdu)), Err(Refused::UnknownVersion(i64::from(version))));
    }
    assert_eq!(read(&message(3, &pdu)), Err(Refused::Version3));
}

#[test]
fn the_traps_name_is_found_wherever_it_stands() {
    let other = varbind(OBJECT, &[2, 1, 7]);
    let bare = |name: &[u32], value: &[u8]| varbind(&name[..name.len() - 1], value);
    for varbinds in [
        vec![trap_oid(LINK_DOWN), uptime(), other.clone()],
        vec![other.clone(), uptime(), trap_oid(LINK_DOWN)],
        vec![uptime(), other.clone(), trap_oid(LINK_DOWN)],
        vec![uptime(), bare(SNMP_TRAP_OID, &oid(LINK_DOWN)), other.clone()],
        vec![bare(SYS_UP_TIME, &[0x43, 2, 0x30, 0x39]), trap_oid(LINK_DOWN), other.clone()],
    ] {
        let message = must_read(&message(1, &v2_pdu(0xa7, &[2, 1, 1], &varbinds)));
        assert_eq!(message.notification.uptime, Some(12_345));
        assert_eq!(message.notification.varbinds.len(), 1);
        assert_eq!(quirks(&message), [&Quirk::HeaderMisplaced]);
    }
}

#[test]
fn a_trap_without_an_uptime_is_read_and_without_a_name_is_refused() {
    let message_of = |varbinds: &[Vec<u8>]| message(1, &v2_pdu(0xa7, &[2, 1, 1], varbinds));
    let no_uptime = must_read(&message_of(&[trap_oid(LINK_DOWN)]));
    assert_eq!((no_uptime.notification.uptime, quirks(&no_uptime)), (None, vec![&Quirk::NoUptime]));
    let as_text =
        must_read(&message_of(&[varbind(SYS_UP_TIME, b"\x04\x031 h"), trap_oid(LINK_DOWN)]));
    assert_eq!((as_text.notification.uptime, as_text.notification.varbinds.len()), (None, 1));
    assert_eq!(read(&message_of(&[uptime()])), Err(Refused::NoTrapOid));
    assert_eq!(read(&message_of(&[])), Err(Refused::NoTrapOid));
}

#[test]
fn the_largest_datagram_is_read_and_a_larger_one_is_none() {
    let rest = MAX_DATAGRAM - v2_trap(&[varbind(OBJECT, &element(4, &[0; 200]))]).len();
    let mut length = 200 + rest;
    while v2_trap(&[varbind(OBJECT, &element(4, &vec![0; length]))]).len() > MAX_DATAGRAM {
        length -= 1;
    }
    let mut datagram = v2_trap(&[varbind(OBJECT, &element(4, &vec![0; length]))]);
    assert_eq!(must_read(&datagram).oddities, []);
    datagram.resize(MAX_DATAGRAM + 1, 0);
    assert_eq!(read(&datagram), Err(Refused::TooLong(MAX_DATAGRAM + 1)));
}
