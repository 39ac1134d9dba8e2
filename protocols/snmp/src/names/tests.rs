//! The names that are built in.

use super::*;

static NAMES: Names = Names::built_in();

#[test]
fn the_generic_traps_bear_the_names_that_net_snmp_gives_them() {
    let names = [
        "SNMPv2-MIB::coldStart",
        "SNMPv2-MIB::warmStart",
        "IF-MIB::linkDown",
        "IF-MIB::linkUp",
        "SNMPv2-MIB::authenticationFailure",
        "RFC1213-MIB::egpNeighborLoss",
    ];
    for (below, name) in (1u32..).zip(names) {
        let oid = Oid::new(&[1, 3, 6, 1, 6, 3, 1, 1, 5, below]).unwrap();
        assert_eq!(NAMES.lookup(&oid).unwrap().name.to_string(), name);
        assert_eq!(NAMES.notification(&oid).unwrap().to_string(), name);
        assert_eq!(NAMES.oid(name), Some(oid));
    }
}

#[test]
fn what_only_stands_near_a_name_is_not_called_by_it() {
    for text in [
        "1.3.6.1.6.3.1.1.5.8",
        "1.3.6.1.6.3.1.1.5.3.1",
        "1.3.6.1.2.1.2.9",
        "1.3.6.1.4.1.8072.2.3.0.1",
        "1.3",
    ] {
        assert!(NAMES.lookup(&text.parse().unwrap()).is_none(), "{text}");
    }
}

#[test]
fn a_column_is_named_and_its_instance_kept() {
    let oid = "1.3.6.1.2.1.2.2.1.8.7".parse().unwrap();
    let Known { name, kind, syntax, row } = NAMES.lookup(&oid).unwrap();
    assert_eq!((name.module, name.object, name.instance), ("IF-MIB", "ifOperStatus", &[7][..]));
    assert_eq!(name.to_string(), "IF-MIB::ifOperStatus.7");
    assert_eq!(syntax.label(2), Some("down"));
    assert_eq!(syntax.label(7), Some("lowerLayerDown"));
    assert_eq!(syntax.label(8), None);
    assert_eq!(kind, Kind::Column);
    let split = row.split(name.instance).unwrap();
    assert_eq!(split.len(), 1);
    assert_eq!((split[0].0.object, &split[0].1), ("ifIndex", &crate::Value::Integer(7)));
}

#[test]
fn every_name_leads_to_its_oid_and_back() {
    for group in table::groups() {
        for (sub_id, object) in group.names {
            let oid = Oid::new(&[group.base, &[*sub_id]].concat()).unwrap();
            let name = NAMES.lookup(&oid).unwrap().name;
            assert_eq!((name.module, name.object, name.instance), (group.module, *object, &[][..]));
            let known = NAMES.oid(object);
            assert_eq!(known, Some(oid.clone()), "{object} is not the only one of its name");
            assert_eq!(NAMES.oid(&format!("{}::{object}", group.module)), Some(oid));
        }
    }
}

#[test]
fn every_object_of_an_index_clause_has_a_name() {
    for group in table::groups() {
        for (object, _) in group.row {
            assert!(NAMES.has_object(object), "{object}");
        }
        assert_eq!(group.kind == Kind::Column, !group.row.is_empty(), "{:?}", group.base);
    }
}

#[test]
fn a_name_that_nobody_knows_has_no_oid() {
    for name in [
        "linkdown",
        "IF-MIB::coldStart",
        "linkDown.3",
        "ifDescr.x",
        "ifDescr.",
        "",
        "::",
        "ifDescr.+1",
    ] {
        assert_eq!(NAMES.oid(name), None, "{name}");
    }
    assert_eq!(
        NAMES.oid("ifRcvAddressStatus.48.7").unwrap().to_string(),
        "1.3.6.1.2.1.31.1.4.1.2.48.7"
    );
    assert_eq!(NAMES.oid("SNMPv2-MIB::sysUpTime.0").unwrap().to_string(), "1.3.6.1.2.1.1.3.0");
}
