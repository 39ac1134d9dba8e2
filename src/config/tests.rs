//! What holds for the shipped example, and for what is built from it.

use std::path::Path;
use std::time::Duration;

use super::{Reading, keys, read, read_str};
use crate::watch::name::PersonId;
use crate::watch::schedule::Schedule;
use crate::watch::site::{Acknowledge, ConfirmBy, OnReturn};
use crate::watch::time::Utc;

const EXAMPLE: &str = include_str!("../../etc/vigie.toml");

fn told(reading: &Reading) -> String {
    reading.complaints.iter().map(|complaint| format!("{complaint}\n")).collect()
}

#[test]
fn the_shipped_example_passes_without_a_word() {
    let reading = read_str(&[("vigie.toml", EXAMPLE)]);
    assert!(reading.settings.is_some() && reading.complaints.is_empty(), "{}", told(&reading));
}

#[test]
fn on_a_machine_without_its_credentials_and_its_folder_the_example_is_warned_of_each() {
    let reading = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("etc/vigie.toml"));
    assert!(reading.settings.is_some(), "{}", told(&reading));
    // Where Vigie is installed its folder is there.
    let has_folder = Path::new("/etc/vigie/mibs").exists();
    assert_eq!(reading.complaints.len(), 10 - usize::from(has_folder), "{}", told(&reading));
    for credential in ["sim-orange", "snmp-auth", "snmp-priv", "mqtt-usine", "kuma"] {
        let warning = format!("warning: the credential `{credential}` is not here");
        assert!(told(&reading).contains(&warning), "{credential}");
    }
    for file in ["mqtt-ca.pem", "mqtt-vigie.pem", "kuma.pem"] {
        let warning = format!("warning: /etc/vigie/{file} cannot be read: No such file");
        assert!(told(&reading).contains(&warning), "{file}");
    }
    assert!(told(&reading).contains("warning: the secret in /etc/vigie/mqtt-vigie.key cannot be"));
    let lacks = "warning: /etc/vigie/mibs cannot be looked into: No such file";
    assert!(has_folder || told(&reading).contains(lacks));
}

#[test]
fn every_key_that_the_code_knows_stands_in_the_example() {
    let (tree, errors) = toml::de::DeTable::parse_recoverable(EXAMPLE);
    assert!(errors.is_empty());
    for (section, keys) in keys() {
        for key in keys {
            let path: Vec<&str> = section.split('.').collect();
            let root = toml::de::DeValue::Table(tree.get_ref().clone());
            assert!(stands(&root, &path, key.name), "[{section}] shows no {}", key.name);
            assert!(!key.about.trim().is_empty(), "{}", key.name);
        }
    }
}

/// Whether some table at that path, through names and lists, has the key.
fn stands(value: &toml::de::DeValue<'_>, path: &[&str], key: &str) -> bool {
    match value {
        toml::de::DeValue::Array(array) => {
            array.iter().any(|item| stands(item.get_ref(), path, key))
        }
        toml::de::DeValue::Table(table) => {
            let deeper =
                |path: &[&str]| table.values().any(|value| stands(value.get_ref(), path, key));
            match path {
                [] => table.contains_key(key) || deeper(&[]),
                [first, rest @ ..] => {
                    table.get(*first).is_some_and(|value| stands(value.get_ref(), rest, key))
                        || deeper(path)
                }
            }
        }
        _ => false,
    }
}

#[test]
fn the_example_becomes_what_it_says() {
    let settings = read_str(&[("vigie.toml", EXAMPLE)]).settings.unwrap();
    let site = &settings.site;
    assert_eq!((site.name.as_str(), site.code_digits), ("Station de pompage Nord", 4));
    let lea = PersonId::new("lea");
    assert_eq!(site.people[&lea].phone.as_ref().unwrap().as_str(), "+33655443322");
    assert_eq!(
        site.schedules["direction"].rotations,
        Schedule::always(vec![lea.clone()]).rotations
    );
    // On a Sunday, Léa; on Monday from 8 o'clock on, whose turn it is.
    let technique = &site.schedules["technique"];
    let at = |written: &str| Utc::from(written.parse::<jiff::Timestamp>().unwrap());
    assert_eq!(technique.on_call(at("2026-11-29T21:00:00Z")), [lea]);
    assert_eq!(technique.on_call(at("2026-11-30T06:59:59Z")), [PersonId::new("marie")]);
    assert_eq!(technique.on_call(at("2026-11-30T07:00:00Z")), [PersonId::new("karim")]);
    let technique = &site.policies["technique"];
    let double = Acknowledge::Double {
        responders: 1,
        confirm_within: Duration::from_secs(2_700),
        confirm_by: ConfirmBy::Same,
    };
    assert_eq!(
        (technique.acknowledge, technique.on_return, technique.repeat),
        (double, OnReturn::Hold, 2)
    );
    assert_eq!(technique.steps[1].wait, Duration::from_secs(600));
    let everybody = &site.policies["everybody"];
    assert_eq!(everybody.acknowledge, Acknowledge::Single { responders: 1, expires: None });
    assert_eq!(everybody.on_return, OnReturn::Close);
    assert_eq!(settings.gsm[0].name.as_str(), "gsm.orange");
    assert_eq!(settings.snmp[0].communities, [b"public"]);
    assert_eq!(settings.snmp[0].sources[0].to_string(), "10.0.0.0/8");
    assert_eq!(settings.mqtt[0].broker.to_string(), "mqtts://broker.local:8883");
    assert_eq!(settings.mqtt[1].topics[0].as_str(), "zigbee2mqtt/#");
    let names: Vec<&str> =
        site.definitions.iter().map(|definition| definition.name.as_str()).take(4).collect();
    assert_eq!(names, ["lien", "onduleur", "redemarrage", "site-distant"]);
}

#[test]
fn settings_never_print_a_secret() {
    let text = EXAMPLE
        .replace("{ credential = \"sim-orange\" }", "\"7531\"")
        .replace("{ credential = \"snmp-auth\" }", "\"corr3ct h0rse\"")
        .replace("{ credential = \"mqtt-usine\" }", "\"br0ker\"")
        .replace("\"public\"", "\"s3cr3t\"");
    let settings = read_str(&[("vigie.toml", &text)]).settings.unwrap();
    assert_eq!(settings.gsm[0].pin.as_ref().unwrap().reveal().unwrap(), "7531");
    let printed = format!("{settings:?}");
    assert_eq!(settings.snmp[0].users[0].passphrases().count(), 2);
    assert_eq!(settings.mqtt[0].secrets().count(), 2);
    for secret in ["7531", "s3cr3t", "corr3ct", "br0ker"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
