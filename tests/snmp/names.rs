//! Names of a maker's MIB: in the fields of its traps, and replaced while they come in.

use std::path::Path;
use std::sync::Arc;

use vigie::config::mibs;
use vigie::watch::signal::{Fields, Value};
use vigie_snmp::names::{Catalogue, Names};

use crate::house::{House, exit_code, net_snmp, sender, until};

/// The names of fixtures/mibs.
fn acme() -> Arc<Names> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/mibs");
    let compiled = mibs::catalogue(&mibs::Listing::of(&[folder])).unwrap();
    Arc::new(Names::with(Catalogue::open(compiled.octets.into()).unwrap()))
}

fn text(text: &str) -> Option<Value> {
    Some(Value::text(text))
}

const ACME: &str = "1.3.6.1.4.1.99999";

/// Varbinds as net-snmp's programs want them: below the maker's OID, type, value.
fn varbinds(written: &[(&str, &str, &str)]) -> Vec<String> {
    let one = |(oid, kind, value): &(&str, &str, &str)| {
        [format!("{ACME}.{oid}"), (*kind).to_owned(), (*value).to_owned()]
    };
    written.iter().flat_map(one).collect()
}

async fn sent(house: &House, trap: &str, written: &[(&str, &str, &str)]) {
    let mut words = vec!["12345".to_owned(), format!("{ACME}.{trap}")];
    words.extend(varbinds(written));
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let child = net_snmp("snmptrap", &["-v", "2c", "-c", "public"], house.at(0), &words);
    assert_eq!(exit_code(child).await, Some(0));
}

#[tokio::test]
async fn a_trap_of_a_maker_has_the_names_and_words_of_its_mib() {
    let mut house = House::plain().await;
    house.names.send_replace(acme());
    let flags = ("1.1.4.0", "x", "9040");
    let since = ("1.1.2.0", "x", "07EA0B1A140F03002B0100");
    let address = ("1.1.3.0", "x", "001B210A0B0C");
    sent(&house, "1.0.5", &[flags, since, address, ("1.1.1.0", "i", "405")]).await;
    let (signal, _) = house.signal().await;
    let field = |name: &str| signal.fields.get(name).cloned();
    assert_eq!(field("trap"), text("ACME-CABINET-MIB::acmeSensed"));
    assert_eq!(field("trap_oid"), text("1.3.6.1.4.1.99999.1.0.5"));
    assert_eq!(
        field("acmeFlags"),
        Some(Value::List(vec![
            Value::text("smoke"),
            Value::text("water"),
            Value::text("vibration")
        ]))
    );
    assert_eq!(field("acmeSince"), text("2026-11-26T20:15:03.0+01:00"));
    assert_eq!(field("acmeAddress"), text("00:1b:21:0a:0b:0c"));
    assert_eq!(field("acmeTemperature"), Some(Value::Int(405)), "the number that was sent");
    let labels: Fields = [("acmeTemperature".into(), Value::text("40.5"))].into_iter().collect();
    assert_eq!(field("labels"), Some(Value::Map(labels)));
    assert_eq!(
        &*signal.text,
        "ACME-CABINET-MIB::acmeSensed from 127.0.0.1: acmeFlags=smoke(0) water(3) vibration(9), acmeSince=2026-11-26T20:15:03.0+01:00, acmeAddress=00:1b:21:0a:0b:0c, acmeTemperature=40.5"
    );
    let Some(Value::Map(vars)) = field("vars") else { panic!("no vars") };
    assert_eq!(
        vars.get("1.3.6.1.4.1.99999.1.1.3.0").cloned(),
        text("00:1b:21:0a:0b:0c"),
        "as if there were no MIB"
    );
}

#[tokio::test]
async fn the_row_of_a_table_is_told_by_the_objects_of_its_index() {
    let mut house = House::plain().await;
    house.names.send_replace(acme());
    // INDEX { acmeDoorSide, IMPLIED acmeDoorName }: 2, "north".
    sent(&house, "1.0.1", &[("1.1.5.1.3.2.110.111.114.116.104", "i", "3")]).await;
    let (signal, _) = house.signal().await;
    let field = |name: &str| signal.fields.get(name).cloned();
    assert_eq!(field("trap"), text("ACME-CABINET-MIB::acmeDoorOpened"));
    assert_eq!(field("index"), text("2.110.111.114.116.104"));
    assert_eq!(field("acmeDoorSide"), Some(Value::Int(2)));
    assert_eq!(field("acmeDoorName"), text("north"));
    assert_eq!(field("acmeDoorState"), Some(Value::Int(3)));
    assert!(signal.text.ends_with("acmeDoorState=open(3)"), "{}", signal.text);
    // An instance that does not fit the clause stays what it is.
    sent(&house, "1.0.1", &[("1.1.5.1.3.2.300", "i", "3")]).await;
    let (signal, _) = house.signal().await;
    assert_eq!(signal.fields.get("acmeDoorSide"), None);
    assert_eq!(signal.fields.get("index").cloned(), text("2.300"));
}

#[tokio::test]
async fn a_trap_of_version_one_bears_the_name_of_its_trap_type() {
    let mut house = House::plain().await;
    house.names.send_replace(acme());
    let words = ["1.3.6.1.4.1.99999.2", "127.0.0.1", "6", "2", "1"];
    let child = net_snmp("snmptrap", &["-v", "1", "-c", "public"], house.at(0), &words);
    let (signal, _) = house.signal().await;
    assert_eq!(exit_code(child).await, Some(0));
    assert_eq!(signal.fields.get("trap").cloned(), text("ACME-V1-MIB::acmeOldPowerRestored"));
}

#[tokio::test]
async fn an_alarm_of_a_power_supply_needs_no_file_and_says_which_it_is() {
    let mut house = House::plain().await;
    let words = [
        "1.3.6.1.2.1.33.2",
        "127.0.0.1",
        "6",
        "3",
        "1",
        "1.3.6.1.2.1.33.1.6.2.1.1.4",
        "i",
        "4",
        "1.3.6.1.2.1.33.1.6.2.1.2.4",
        "o",
        "1.3.6.1.2.1.33.1.6.3.2",
    ];
    let child = net_snmp("snmptrap", &["-v", "1", "-c", "public"], house.at(0), &words);
    let (signal, _) = house.signal().await;
    assert_eq!(exit_code(child).await, Some(0));
    assert_eq!(signal.fields.get("trap").cloned(), text("UPS-MIB::upsTrapAlarmEntryAdded"));
    assert_eq!(
        &*signal.text,
        "UPS-MIB::upsTrapAlarmEntryAdded from 127.0.0.1: upsAlarmId=4, upsAlarmDescr=upsAlarmOnBattery"
    );
    let proposed = vigie::watch::unclaimed::suggest(&signal);
    assert!(proposed.contains(r#"key      = "{source}/{upsAlarmId}""#), "{proposed}");
    assert!(
        proposed.contains(r#"text     = "UPS {source}: {labels.upsAlarmDescr}""#),
        "{proposed}"
    );
}

#[tokio::test]
async fn names_are_replaced_without_the_socket_and_no_trap_is_lost() {
    const TRAPS: u32 = 600;
    const UNDER_WAY: u64 = 32;
    let mut house = House::plain().await;
    let at = house.at(0);
    let (built_in, acme) = (Arc::new(Names::built_in()), acme());
    let socket = sender("127.0.0.1:0", at);
    let datagram = acme_trap();
    let (mut named, mut numbered) = (0, 0);
    let mut sent = 0;
    while named + numbered < TRAPS {
        while sent < TRAPS && u64::from(sent - named - numbered) < UNDER_WAY {
            socket.send(&datagram).unwrap();
            sent += 1;
            let names = if sent / 50 % 2 == 0 { &built_in } else { &acme };
            if sent % 50 == 0 {
                house.names.send_replace(Arc::clone(names));
            }
        }
        let (signal, _) = house.signal().await;
        match signal.fields.get("trap") {
            Some(Value::Text(name)) if **name == *"ACME-V1-MIB::acmeOldPowerLost" => named += 1,
            Some(Value::Text(oid)) if **oid == *"1.3.6.1.4.1.99999.2.0.1" => numbered += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(named > 0 && numbered > 0, "{named} by name, {numbered} by number");
    until("all are counted", || house.counter("datagrams") == u64::from(TRAPS)).await;
    assert_eq!(house.at(0), at, "the same socket");
}

/// A trap of v2c: 1.3.6.1.4.1.99999.2.0.1.
fn acme_trap() -> Vec<u8> {
    use crate::house::element;
    let varbind = |oid: &[u8], value: Vec<u8>| element(0x30, &[element(6, oid), value].concat());
    let oid = [0x2b, 6, 1, 4, 1, 0x86, 0x8d, 0x1f, 2, 0, 1];
    let varbinds = [
        varbind(&[0x2b, 6, 1, 2, 1, 1, 3, 0], element(0x43, &[1])),
        varbind(&[0x2b, 6, 1, 6, 3, 1, 1, 4, 1, 0], element(6, &oid)),
    ];
    let parts =
        [element(2, &[7]), element(2, &[0]), element(2, &[0]), element(0x30, &varbinds.concat())];
    let pdu = element(0xa7, &parts.concat());
    element(0x30, &[element(2, &[1]), element(4, b"public"), pdu].concat())
}
