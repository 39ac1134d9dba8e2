//! What devices get wrong in the varbinds, and what snmp-parser refuses or misreads there: one bad varbind never loses a trap.

use vigie_snmp::{Framing, MAX_DATAGRAM, MAX_VARBINDS, OidError, Quirk, Value, read};

use crate::support::{OBJECT, element, must_read, oid, one_value, quirks, v2_trap, varbind};

#[test]
fn a_counter_with_its_top_bit_set_is_the_number_that_was_meant() {
    let bits = [0xff, 0xff, 0xff, 0xf0];
    let expected = [
        (0x41, Value::Counter32(0xffff_fff0)),
        (0x42, Value::Gauge32(0xffff_fff0)),
        (0x43, Value::TimeTicks(0xffff_fff0)),
    ];
    for (tag, value) in expected {
        let (read, oddities) = one_value(&element(tag, &bits));
        assert_eq!((read, &oddities[0].quirk), (value, &Quirk::NegativeUnsigned));
    }
    let (value, oddities) = one_value(&element(0x46, &[0xff; 8]));
    assert_eq!((value, &oddities[0].quirk), (Value::Counter64(u64::MAX), &Quirk::NegativeUnsigned));
}

#[test]
fn a_counter_of_five_octets_is_taken_modulo_and_of_six_is_kept_raw() {
    let (value, oddities) = one_value(&element(0x41, &[1, 0, 0, 0, 5]));
    assert_eq!((value, &oddities[0].quirk), (Value::Counter32(5), &Quirk::Wrapped));
    let (value, oddities) = one_value(&element(0x41, &[1, 2, 3, 4, 5, 6]));
    assert_eq!(value, Value::Raw { tag: 0x41, bytes: vec![1, 2, 3, 4, 5, 6] });
    assert_eq!(oddities[0].quirk, Quirk::WrongLength { tag: 0x41, octets: 6 });
    assert_eq!(oddities[0].varbind, Some(3));
}

#[test]
fn a_whole_number_beyond_32_bits_is_given_as_it_is() {
    let (value, oddities) = one_value(&element(2, &[0x01, 0, 0, 0, 0]));
    assert_eq!((value, &oddities[0].quirk), (Value::Integer(1 << 32), &Quirk::WideInteger));
    let (value, oddities) = one_value(&element(2, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 3]));
    assert_eq!((value, &*oddities), (Value::Integer(3), &[][..]));
    let (value, _) = one_value(&element(2, &[1; 9]));
    assert_eq!(value, Value::Raw { tag: 2, bytes: vec![1; 9] });
}

#[test]
fn an_address_of_another_length_is_kept_raw() {
    for length in [0, 3, 16] {
        let (value, oddities) = one_value(&element(0x40, &vec![9; length]));
        assert_eq!(value, Value::Raw { tag: 0x40, bytes: vec![9; length] });
        assert_eq!(oddities[0].quirk, Quirk::WrongLength { tag: 0x40, octets: length });
    }
}

#[test]
fn an_empty_value_keeps_its_type() {
    assert_eq!(one_value(&[0x04, 0]), (Value::OctetString(vec![]), vec![]));
    assert_eq!(one_value(&[0x44, 0]), (Value::Opaque(vec![]), vec![]));
    let (value, oddities) = one_value(&[0x06, 0]);
    let Value::ObjectIdentifier(oid) = value else { panic!("{value:?}") };
    assert_eq!((oid.to_string().as_str(), &oddities[0].quirk), ("0.0", &Quirk::EmptyOid));
    for tag in [0x02, 0x41, 0x42, 0x43, 0x46] {
        let (value, oddities) = one_value(&[tag, 0]);
        assert_eq!(
            (value, &oddities[0].quirk),
            (Value::Raw { tag, bytes: vec![] }, &Quirk::WrongLength { tag, octets: 0 })
        );
    }
}

#[test]
fn an_oid_beyond_the_limits_is_kept_raw_and_its_neighbours_are_read() {
    let cases = [
        (vec![0x2b, 0x86], OidError::Unfinished),
        (vec![0x2b, 0x90, 0x80, 0x80, 0x80, 0x00], OidError::SubIdTooBig),
        ([&[0x2b][..], &[1; 198]].concat(), OidError::TooLong),
    ];
    for (contents, reason) in cases {
        let (value, oddities) = one_value(&element(6, &contents));
        assert_eq!(value, Value::Raw { tag: 6, bytes: contents.clone() });
        assert_eq!(oddities[0].quirk, Quirk::ValueOid(reason.clone()));

        let bad_name = element(0x30, &[element(6, &contents), vec![2, 1, 1]].concat());
        let message = must_read(&v2_trap(&[bad_name, varbind(OBJECT, &[2, 1, 7])]));
        let [bad, good] = &*message.notification.varbinds else { panic!("{message:?}") };
        assert_eq!(bad.oid.to_string(), "0.0");
        assert!(
            matches!(&bad.value, Value::Raw { tag: 0x30, bytes } if bytes.ends_with(&[2, 1, 1]))
        );
        assert_eq!((good.oid.sub_ids(), &good.value), (OBJECT, &Value::Integer(7)));
        assert_eq!(quirks(&message), [&Quirk::Name(reason)]);
    }
    let longest = [&[0x2b][..], &[1; 126]].concat();
    assert!(
        matches!(one_value(&element(6, &longest)).0, Value::ObjectIdentifier(oid) if oid.sub_ids().len() == 128)
    );
    let one_more = [&[0x2b][..], &[1; 127]].concat();
    assert!(matches!(one_value(&element(6, &one_more)).0, Value::Raw { tag: 6, .. }));
    assert!(matches!(
        one_value(&element(6, &[0x2b, 0x8f, 0xff, 0xff, 0xff, 0x7f])).0,
        Value::ObjectIdentifier(_)
    ));
}

#[test]
fn a_varbind_that_breaks_off_takes_nothing_with_it_that_came_before() {
    let good = varbind(OBJECT, &[2, 1, 7]);
    let broken = vec![0x30, 0x7f, 6, 1, 0x2b];
    let message = must_read(&v2_trap(&[good, broken]));
    let [first, rest] = &*message.notification.varbinds else { panic!("{message:?}") };
    assert_eq!(first.value, Value::Integer(7));
    assert_eq!(rest.value, Value::Raw { tag: 0x30, bytes: vec![0x7f, 6, 1, 0x2b] });
    assert_eq!(
        quirks(&message),
        [&Quirk::BrokenVarbind(Framing::Overrun { claimed: 0x7f, left: 3 })]
    );
    assert_eq!(message.oddities[0].varbind, Some(4));
}

#[test]
fn a_value_that_breaks_off_keeps_its_name_and_its_neighbours() {
    let (value, oddities) = one_value(&[0x04, 0x7f, b'a', b'b']);
    assert_eq!(value, Value::Raw { tag: 0x04, bytes: vec![0x7f, b'a', b'b'] });
    assert_eq!(oddities[0].quirk, Quirk::BrokenValue(Framing::Overrun { claimed: 0x7f, left: 2 }));
    let (value, oddities) = one_value(&[0x1f, 0x81, 0x01, 0]);
    assert_eq!(value, Value::Raw { tag: 0x1f, bytes: vec![0x81, 0x01, 0] });
    assert_eq!(oddities[0].quirk, Quirk::BrokenValue(Framing::LongTag));
}

#[test]
fn a_type_that_nobody_knows_is_kept_with_its_place() {
    for tag in [0x01, 0x03, 0x0a, 0x30, 0x45, 0x47, 0x83, 0xc0] {
        let datagram = v2_trap(&[varbind(OBJECT, &element(tag, b"xyz"))]);
        let message = must_read(&datagram);
        assert_eq!(
            message.notification.varbinds[0].value,
            Value::Raw { tag, bytes: b"xyz".to_vec() }
        );
        let oddity = &message.oddities[0];
        assert_eq!(oddity.quirk, Quirk::UnknownType(tag));
        assert_eq!(datagram[oddity.at..], element(tag, b"xyz"));
        assert!(oddity.to_string().starts_with(&format!("varbind 3, octet {}: ", oddity.at)));
    }
}

#[test]
fn a_thing_that_is_no_varbind_is_kept_among_them() {
    for (odd, quirk) in [
        (vec![0x04, 2, b'h', b'i'], Quirk::NotAVarbind),
        (element(0x30, &[4, 1, 65, 2, 1, 1]), Quirk::NotAVarbind),
        (vec![0x30, 0], Quirk::BrokenVarbind(Framing::Missing)),
        (element(0x30, &oid(OBJECT)), Quirk::BrokenVarbind(Framing::Missing)),
    ] {
        let message = must_read(&v2_trap(&[odd.clone(), varbind(OBJECT, &[2, 1, 7])]));
        assert_eq!(
            message.notification.varbinds[0].value,
            Value::Raw { tag: odd[0], bytes: odd[2..].to_vec() }
        );
        assert_eq!(message.notification.varbinds[1].value, Value::Integer(7));
        assert_eq!(quirks(&message), [&quirk]);
    }
}

#[test]
fn varbinds_beyond_the_limit_are_counted() {
    let room = MAX_DATAGRAM - v2_trap(&[]).len() - 8;
    let datagram = v2_trap(&vec![vec![0x30, 0]; room / 2]);
    assert!(datagram.len() <= MAX_DATAGRAM);
    let message = must_read(&datagram);
    assert_eq!(message.notification.varbinds.len(), MAX_VARBINDS - 2);
    let last = message.oddities.last().unwrap();
    assert_eq!(
        (last.varbind, &last.quirk),
        (None, &Quirk::TooManyVarbinds(room / 2 + 2 - MAX_VARBINDS))
    );
}

#[test]
fn a_value_nested_thirty_thousand_deep_is_only_octets() {
    let (value, oddities) = one_value(&element(0x30, &[0x30, 0x80].repeat(30_000)));
    assert_eq!(value, Value::Raw { tag: 0x30, bytes: [0x30, 0x80].repeat(30_000) });
    assert_eq!(oddities.len(), 1);
    assert!(read(&[0x30, 0x80].repeat(30_000)).is_err());
}
