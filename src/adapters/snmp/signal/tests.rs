//! Captured datagrams, and exactly the fields that they give.

use super::*;

fn octets(name: &str) -> Vec<u8> {
    let path = format!("{}/fixtures/snmp/{name}.hex", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}

fn signal(name: &str) -> Signal {
    let octets = octets(name);
    let message = vigie_snmp::read(&octets).unwrap();
    let source = "::ffff:10.0.0.1".parse().unwrap();
    let (input, names) = (InputName::new("snmp.network"), Names::built_in());
    of(&input, &message, source, Utc::from_micros(7), octets.into(), &names)
}

/// The fields in their order, as JSON; `vars` apart.
fn fields(signal: &Signal) -> (String, String) {
    let Some(Field::Map(vars)) = signal.fields.get("vars") else { panic!("no vars in {signal:?}") };
    let others: Fields = signal
        .fields
        .iter()
        .filter(|(name, _)| *name != "vars")
        .map(|(name, value)| (SmolStr::from(name), value.clone()))
        .collect();
    (serde_json::to_string(&others).unwrap(), serde_json::to_string(vars).unwrap())
}

#[test]
fn a_link_down_of_v2c_has_its_fields_by_name_and_by_number() {
    let signal = signal("v2c-link-down");
    assert_eq!(
        (signal.input.as_str(), signal.kind, &*signal.source),
        ("snmp.network", Kind::Snmp, "10.0.0.1")
    );
    assert_eq!(
        (signal.received, signal.source_time, signal.identity),
        (Utc::from_micros(7), None, None)
    );
    assert_eq!(*signal.raw, *octets("v2c-link-down"));
    assert_eq!(
        &*signal.text,
        "IF-MIB::linkDown from 10.0.0.1: ifIndex=7, ifAdminStatus=up(1), ifOperStatus=down(2)"
    );
    let (others, vars) = fields(&signal);
    assert_eq!(
        others,
        r#"{"trap":"IF-MIB::linkDown","trap_oid":"1.3.6.1.6.3.1.1.5.3","version":"2c","community":"public","uptime":123,"index":"7","sysUpTime":12345,"snmpTrapOID":"1.3.6.1.6.3.1.1.5.3","ifIndex":7,"ifAdminStatus":1,"ifOperStatus":2,"labels":{"ifAdminStatus":"up","ifOperStatus":"down"}}"#
    );
    assert_eq!(
        vars,
        r#"{"1.3.6.1.2.1.1.3.0":12345,"1.3.6.1.6.3.1.1.4.1.0":"1.3.6.1.6.3.1.1.5.3","1.3.6.1.2.1.2.2.1.1.7":7,"1.3.6.1.2.1.2.2.1.7.7":1,"1.3.6.1.2.1.2.2.1.8.7":2}"#
    );
}

#[test]
fn a_link_down_of_v1_has_the_same_fields_and_names_its_device() {
    let signal = signal("v1-link-down");
    assert_eq!(&*signal.source, "10.0.0.1", "who sent it, not whom it names");
    let (others, vars) = fields(&signal);
    assert_eq!(
        others,
        r#"{"trap":"IF-MIB::linkDown","trap_oid":"1.3.6.1.6.3.1.1.5.3","version":"1","community":"public","uptime":123,"index":"7","agent_addr":"192.0.2.7","sysUpTime":12345,"snmpTrapOID":"1.3.6.1.6.3.1.1.5.3","snmpTrapEnterprise":"1.3.6.1.4.1.8072.3.2.10","ifIndex":7,"ifDescr":"eth7"}"#
    );
    assert!(vars.ends_with(r#""1.3.6.1.2.1.2.2.1.2.7":"eth7"}"#), "{vars}");
}

#[test]
fn a_trap_that_no_mib_names_bears_its_number() {
    let signal = signal("v1-enterprise-specific");
    let (others, vars) = fields(&signal);
    assert!(
        others.starts_with(
            r#"{"trap":"1.3.6.1.4.1.8072.2.3.0.17","trap_oid":"1.3.6.1.4.1.8072.2.3.0.17""#
        ),
        "{others}"
    );
    assert!(vars.ends_with(r#""1.3.6.1.4.1.8072.2.3.2.1.0":"compresseur arrêté"}"#), "{vars}");
    assert_eq!(signal.fields.get("index"), None, "nobody knows whether it is a column");
    assert_eq!(
        &*signal.text,
        "1.3.6.1.4.1.8072.2.3.0.17 from 10.0.0.1: 1.3.6.1.4.1.8072.2.3.2.1.0=compresseur arrêté"
    );
}

#[test]
fn an_agent_address_of_zeros_names_nobody_and_an_index_may_be_an_address() {
    let signal = signal("v1-egp-neighbor-loss");
    assert_eq!(signal.fields.get("agent_addr"), None);
    assert_eq!(signal.fields.get("index"), Some(&Field::text("192.0.2.1")));
    assert_eq!(signal.fields.get("trap"), Some(&Field::text("RFC1213-MIB::egpNeighborLoss")));
    assert_eq!(signal.fields.get("uptime"), Some(&Field::Int(42_949_672)));
}

#[test]
fn a_proxys_word_on_the_device_is_a_field_and_not_the_source() {
    let signal = signal("v2c-trap-address");
    assert_eq!(&*signal.source, "10.0.0.1");
    assert_eq!(signal.fields.get("snmpTrapAddress"), Some(&Field::text("198.51.100.9")));
    assert_eq!(signal.fields.get("snmpTrapEnterprise"), Some(&Field::text("1.3.6.1.4.1.8072.2.3")));
    assert_eq!(signal.fields.get("index"), None, "a scalar is no column");
}

#[test]
fn every_type_of_value_becomes_the_field_that_its_reader_expects() {
    let (_, vars) = fields(&signal("v2c-all-types"));
    for expected in [
        r#""1.3.6.1.4.1.99999.1.1":-2147483648"#,
        r#""1.3.6.1.4.1.99999.1.2":4294967295"#,
        r#""1.3.6.1.4.1.99999.1.3":4294967295"#,
        r#""1.3.6.1.4.1.99999.1.4":"""#,
        r#""1.3.6.1.4.1.99999.1.5":"00:ff:80""#,
        r#""1.3.6.1.4.1.99999.1.6":"1.3.6.1.4.1.4294967295.0""#,
        r#""1.3.6.1.4.1.99999.1.7":4294967295"#,
        r#""1.3.6.1.4.1.99999.1.8":"255.255.255.255""#,
        r#""1.3.6.1.4.1.99999.1.9":18446744073709551615"#,
        r#""1.3.6.1.4.1.99999.1.10":null"#,
        r#""1.3.6.1.4.1.99999.1.11":21.5"#,
    ] {
        assert!(vars.contains(expected), "no {expected} in {vars}");
    }
}

#[test]
fn a_community_that_is_not_text_is_shown_in_hexadecimal() {
    let signal = signal("v2c-community-latin1");
    assert_eq!(signal.fields.get("community"), Some(&Field::text("63:61:66:e9")));
}

#[test]
fn a_name_or_a_number_that_comes_twice_has_its_first_value() {
    let mut message = vigie_snmp::read(&octets("v2c-link-down")).unwrap();
    let varbind = |oid: &str, value| vigie_snmp::Varbind { oid: oid.parse().unwrap(), value };
    message.notification.varbinds = vec![
        varbind("1.3.6.1.2.1.2.2.1.1.7", Value::Integer(7)),
        varbind("1.3.6.1.2.1.2.2.1.1.8", Value::Integer(8)),
        varbind("1.3.6.1.2.1.2.2.1.1.7", Value::Integer(9)),
        varbind("1.3.6.1.2.1.1.3.0", Value::Integer(10)),
    ];
    let signal = of(
        &InputName::new("snmp.network"),
        &message,
        "10.0.0.1".parse().unwrap(),
        Utc::default(),
        Arc::from([]),
        &Names::built_in(),
    );
    let (others, vars) = fields(&signal);
    assert!(
        others.contains(r#""index":"7","sysUpTime":12345,"#) && others.contains(r#""ifIndex":7}"#),
        "{others}"
    );
    assert!(
        vars.ends_with(r#""1.3.6.1.2.1.2.2.1.1.7":7,"1.3.6.1.2.1.2.2.1.1.8":8}"#)
            && vars.contains(r#""1.3.6.1.2.1.1.3.0":12345"#),
        "{vars}"
    );
}

#[test]
fn a_trap_of_four_thousand_varbinds_keeps_them_all_and_its_line_stays_short() {
    let mut message = vigie_snmp::read(&octets("v2c-link-down")).unwrap();
    message.notification.varbinds = (0..4_096)
        .map(|place| vigie_snmp::Varbind {
            oid: format!("1.3.6.1.4.1.99999.{place}").parse().unwrap(),
            value: Value::Integer(place),
        })
        .collect();
    let signal = of(
        &InputName::new("snmp.network"),
        &message,
        "10.0.0.1".parse().unwrap(),
        Utc::default(),
        Arc::from([]),
        &Names::built_in(),
    );
    let Some(Field::Map(vars)) = signal.fields.get("vars") else { panic!("no vars") };
    assert_eq!(vars.iter().count(), 4_098);
    assert!(signal.text.len() <= summary::LONGEST);
}
