//! What is written is read again; what is altered is refused; what lies is not believed.

use super::*;
use crate::names::{Name, Names, Shape};
use crate::oid::Oid;

fn definition(object: &str, oid: &str, kind: Kind) -> Definition {
    Definition {
        module: "ACME-MIB".to_owned(),
        object: object.to_owned(),
        oid: oid.parse().unwrap(),
        kind,
        syntax: SyntaxDefinition::default(),
        row: Vec::new(),
    }
}

fn acme() -> Vec<u8> {
    let door = SyntaxDefinition {
        labels: vec![(1, "open".to_owned()), (2, "closed".to_owned())],
        ..SyntaxDefinition::default()
    };
    let name = SyntaxDefinition { hint: "255a".to_owned(), ..SyntaxDefinition::default() };
    let flags = SyntaxDefinition {
        is_bits: true,
        labels: vec![(0, "smoke".to_owned()), (9, "water".to_owned())],
        ..SyntaxDefinition::default()
    };
    let row = vec![PartDefinition {
        object: "acmeDoorName".to_owned(),
        shape: Shape::Implied,
        syntax: name.clone(),
    }];
    let column = |object, oid, syntax: &SyntaxDefinition| Definition {
        syntax: syntax.clone(),
        row: row.clone(),
        ..definition(object, oid, Kind::Column)
    };
    let definitions = [
        definition("acmeDoorOpened", "1.3.6.1.4.1.9999.0.300", Kind::Notification),
        definition("acme", "1.3.6.1.4.1.9999", Kind::Node),
        definition("acmeTemperature", "1.3.6.1.4.1.9999.1", Kind::Scalar),
        column("acmeDoorState", "1.3.6.1.4.1.9999.2.1.2", &door),
        column("acmeDoorName", "1.3.6.1.4.1.9999.2.1.1", &name),
        column("acmeDoorFlags", "1.3.6.1.4.1.9999.2.1.3", &flags),
        definition("acmeTwin", "1.3.6.1.4.1.9999.1", Kind::Scalar),
        definition("farAway", "2.999.4294967295.128.127", Kind::Node),
    ];
    write(&definitions, &["FOO-MIB is in no folder".to_owned()], false).unwrap()
}

fn names() -> Names {
    Names::with(Catalogue::open(acme().into()).unwrap())
}

#[test]
fn every_name_that_was_written_is_found_both_ways() {
    let names = names();
    let catalogue = names.catalogue().unwrap();
    assert_eq!((catalogue.len(), catalogue.is_empty()), (7, false));
    assert_eq!(catalogue.notes().collect::<Vec<_>>(), ["FOO-MIB is in no folder"]);
    for (name, oid) in [
        ("acmeDoorOpened", "1.3.6.1.4.1.9999.0.300"),
        ("ACME-MIB::acme", "1.3.6.1.4.1.9999"),
        ("ACME-MIB::acmeTemperature.0", "1.3.6.1.4.1.9999.1.0"),
        ("ACME-MIB::acmeDoorState.104.105", "1.3.6.1.4.1.9999.2.1.2.104.105"),
        ("farAway", "2.999.4294967295.128.127"),
        ("IF-MIB::linkDown", "1.3.6.1.6.3.1.1.5.3"),
    ] {
        let oid: Oid = oid.parse().unwrap();
        assert_eq!(names.oid(name), Some(oid.clone()), "{name}");
        let found = names.lookup(&oid).unwrap().name.to_string();
        assert!(found.ends_with(name), "{found}: {name}");
    }
    for unknown in ["acmeTwin", "OTHER-MIB::acme", "acme.1", "acmeDoorOpened.0", "acm", "z"] {
        assert_eq!(names.oid(unknown), None, "{unknown}");
    }
    let traps: Vec<String> = names.notifications().map(|name| name.to_string()).collect();
    assert!(traps.contains(&"ACME-MIB::acmeDoorOpened".to_owned()), "{traps:?}");
}

#[test]
fn a_catalogue_says_whether_files_were_left_out_and_its_notes_are_the_same() {
    let note = ["FOO-MIB is left out".to_owned()];
    for (notes, is_incomplete) in [(&[][..], true), (&note, true), (&note, false), (&[], false)] {
        let catalogue = Catalogue::open(write(&[], notes, is_incomplete).unwrap().into()).unwrap();
        assert_eq!(catalogue.is_incomplete(), is_incomplete, "{notes:?}");
        assert_eq!(catalogue.notes().collect::<Vec<_>>(), notes);
    }
}

#[test]
fn names_of_an_earlier_catalogue_go_on_beside_those_of_the_next() {
    let renamed = definition("acmeDoorOpen", "1.3.6.1.4.1.9999.0.300", Kind::Notification);
    let added = definition("acmeFanFailed", "1.3.6.1.4.1.9999.0.301", Kind::Notification);
    let next = Catalogue::open(write(&[renamed, added], &[], false).unwrap().into()).unwrap();
    let alone = Names::with(next.clone());
    assert_eq!((alone.of_files(), names().of_files()), (2, 7));
    assert!(alone.notification_named("ACME-MIB::acmeDoorOpened").is_none());
    let earlier = Catalogue::open(acme().into()).unwrap();
    assert!(earlier.names().any(|name| name.object == "acmeDoorFlags"));
    let both = alone.keeping(earlier);
    let called = |oid: &str| both.notification(&oid.parse().unwrap()).unwrap().object;
    assert_eq!(called("1.3.6.1.4.1.9999.0.300"), "acmeDoorOpened", "somebody relies on it");
    assert_eq!(called("1.3.6.1.4.1.9999.0.301"), "acmeFanFailed");
    assert!(
        both.has_object("acmeDoorFlags")
            && both.lookup(&"1.3.6.1.4.1.9999.1.0".parse().unwrap()).is_some()
    );
}

#[test]
fn what_only_stands_near_a_name_stays_a_number() {
    let names = names();
    for oid in [
        "1.3.6.1.4.1.9999.0.301",
        "1.3.6.1.4.1.9999.0.300.1",
        "1.3.6.1.4.1.9999.2.1.4.1",
        "1.3.6.1.4.1.99999",
        "1.3.6.1.4.1",
        "2.999",
        "0.0",
    ] {
        let oid: Oid = oid.parse().unwrap();
        assert!(names.lookup(&oid).is_none(), "{oid}: {:?}", names.lookup(&oid));
    }
}

#[test]
fn a_trap_of_v1_bears_the_name_of_its_mib_of_v2() {
    let names = names();
    let called = |oid: &str| names.notification(&oid.parse().unwrap()).map(|name| name.to_string());
    assert_eq!(called("1.3.6.1.2.1.33.2.0.1").as_deref(), Some("UPS-MIB::upsTrapOnBattery"));
    assert_eq!(called("1.3.6.1.2.1.33.2.1").as_deref(), Some("UPS-MIB::upsTrapOnBattery"));
    assert_eq!(called("1.3.6.1.4.1.9999.0.300").as_deref(), Some("ACME-MIB::acmeDoorOpened"));
    assert_eq!(called("1.3.6.1.2.1.33.2.0.9"), None);
    assert_eq!(called("1.3.6.1.2.1.1.3.0"), None, "sysUpTime is no notification");
    assert_eq!(called("1.3.6.1.4.1.9999"), None, "nor is a node");
}

#[test]
fn a_catalogue_knows_words_bits_and_rows() {
    let names = names();
    let oid = "1.3.6.1.4.1.9999.2.1.2.104.105".parse().unwrap();
    let state = names.lookup(&oid).unwrap();
    assert_eq!((state.syntax.label(2), state.syntax.label(3)), (Some("closed"), None));
    let split = state.row.split(state.name.instance).unwrap();
    let [(part, crate::Value::OctetString(octets))] = split.as_slice() else { panic!("{split:?}") };
    assert_eq!((part.object, octets.as_slice()), ("acmeDoorName", &b"hi"[..]));
    let oid = "1.3.6.1.4.1.9999.2.1.3.104".parse().unwrap();
    let flags = names.lookup(&oid).unwrap().syntax;
    assert_eq!(
        flags.bits(&[0b1000_0001, 0b0100_0000]),
        Some(vec![(0, Some("smoke")), (7, None), (9, Some("water"))])
    );
    assert_eq!(flags.bits(&[0; 65]), None);
    assert_eq!((state.syntax.bits(&[1]), flags.label(0)), (None, None));
}

#[test]
fn what_is_built_in_keeps_its_name_and_learns_the_rest() {
    let mut alias = definition("ifType2", "1.3.6.1.2.1.2.2.1.3", Kind::Column);
    alias.syntax.labels.push((6, "ethernetCsmacd".to_owned()));
    let octets = write(&[alias], &[], false).unwrap();
    let names = Names::with(Catalogue::open(octets.into()).unwrap());
    let oid = "1.3.6.1.2.1.2.2.1.3.7".parse().unwrap();
    let known = names.lookup(&oid).unwrap();
    let name = Name { module: "IF-MIB", object: "ifType", instance: &[7] };
    assert_eq!((known.name, known.syntax.label(6)), (name, Some("ethernetCsmacd")));
}

#[test]
fn every_flipped_bit_and_every_cut_is_found() {
    let sound = acme();
    for at in 0..sound.len() {
        let mut altered = sound.clone();
        altered[at] ^= 1 << (at % 8);
        assert!(Catalogue::open(altered.into()).is_err(), "octet {at}");
        assert!(Catalogue::open(sound[..at].into()).is_err(), "cut at {at}");
    }
    let longer = [&sound[..], &[0]].concat();
    assert_eq!(Catalogue::open(longer.into()), Err(CatalogueError::Damaged));
    let mut newer = sound;
    newer[8] = 9;
    assert_eq!(Catalogue::open(newer.into()), Err(CatalogueError::Version(9)));
    assert_eq!(Catalogue::open(Arc::new([])), Err(CatalogueError::Foreign));
}

#[test]
fn a_catalogue_that_lies_with_a_right_sum_is_read_without_harm() {
    let sound = acme();
    for at in 12..sound.len() {
        for lie in [0, 1, 0x7f, 0xff] {
            let mut lying = sound.clone();
            lying[at] = lie;
            let right = sum([&lying[..SUM_AT], &lying[HEAD..]]);
            lying[SUM_AT..HEAD].copy_from_slice(&right.to_le_bytes());
            let Ok(catalogue) = Catalogue::open(lying.into()) else { continue };
            let names = Names::with(catalogue);
            assert!(names.all().count() >= 7);
            names.catalogue().unwrap().notes().count();
            for oid in ["1.3.6.1.4.1.9999.2.1.2.104.105", "1.3.6.1.4.1.9999.2.1.3.1", "2.999.1"] {
                let oid = oid.parse().unwrap();
                if let Some(known) = names.lookup(&oid) {
                    known.row.split(known.name.instance);
                    known.syntax.label(1);
                    known.syntax.bits(&[255; 64]);
                    known.syntax.octets(b"octets");
                }
            }
            names.oid("acmeDoorState");
            names.oid("zzz");
        }
    }
}

#[test]
fn oids_sort_as_octets_as_they_sort_as_numbers() {
    let edges = [0, 1, 127, 128, 255, 256, 65_535, 65_536, 16_777_215, 16_777_216, u32::MAX];
    for one in edges {
        assert_eq!(numbers(&sortable(&[1, one, 3])), Some(vec![1, one, 3]));
        for other in edges {
            assert_eq!(sortable(&[one]).cmp(&sortable(&[other])), one.cmp(&other));
        }
    }
    assert_eq!(numbers(&[0x85, 1, 2, 3, 4, 5]), None);
    assert_eq!(numbers(&[0x82, 1]), None);
}
