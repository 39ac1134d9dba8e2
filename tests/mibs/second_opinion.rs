//! net-snmp's `snmptranslate` reads the same files, and calls every OID as we do.

use std::path::Path;
use std::process::Command;

use vigie::config::mibs::{Listing, catalogue};
use vigie_snmp::names::{Catalogue, Names};

use crate::place::fixture;

/// net-snmp's own MIB files, where its package put them.
const NET_SNMP: &str = "/usr/share/snmp/mibs";

/// The modules without which net-snmp reads none: Debian has them not.
fn base(folder: &Path) {
    let modules = ["SNMPv2-SMI", "SNMPv2-TC", "SNMPv2-CONF", "RFC1155-SMI", "RFC-1212", "RFC-1215"];
    let mib = mib_rs::Loader::new().modules(modules).load().unwrap();
    for module in modules {
        let text = mib.module(module).unwrap().source().unwrap().bytes();
        std::fs::write(folder.join(module), text).unwrap();
    }
    let standard = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/mibs/standard");
    for entry in std::fs::read_dir(standard).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, folder.join(path.file_stem().unwrap())).unwrap();
    }
}

/// Every name and its OID, as net-snmp has them; nothing where it is not installed.
fn theirs(folders: &[&Path]) -> Option<Vec<(String, String)>> {
    let folders: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
    let mut command = Command::new("snmptranslate");
    command.args(["-M", &folders.join(":"), "-m", "ALL", "-Tz"]);
    command.env("SNMPCONFPATH", env!("CARGO_TARGET_TMPDIR"));
    command.env("SNMP_PERSISTENT_DIR", env!("CARGO_TARGET_TMPDIR"));
    let said = command.output().ok()?;
    let pairs = String::from_utf8_lossy(&said.stdout)
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace().map(|word| word.trim_matches('"').to_owned());
            Some((words.next()?, words.next()?))
        })
        .collect();
    Some(pairs)
}

/// Compares every name that net-snmp has below an OID with ours; gives how many there are.
fn compared(folder: &Path, below: &[&str]) -> Option<usize> {
    let base_folder = tempfile::tempdir().unwrap();
    base(base_folder.path());
    let theirs = theirs(&[base_folder.path(), folder])?;
    assert!(!theirs.is_empty(), "snmptranslate says nothing");
    let compiled = catalogue(&Listing::of(&[folder.to_owned()])).unwrap();
    let names = Names::with(Catalogue::open(compiled.octets.into()).unwrap());
    let mut count = 0;
    for (name, oid) in theirs {
        let is_below = below.iter().any(|below| oid.starts_with(&format!("{below}.")));
        // What net-snmp puts where a TRAP-TYPE has its zero has no name of its own.
        if !is_below || name.ends_with('#') {
            continue;
        }
        let parsed = oid.parse().unwrap();
        let ours = names.lookup(&parsed).map(|known| known.name.object.to_owned());
        assert_eq!(ours.as_deref(), Some(name.as_str()), "{oid}");
        count += 1;
    }
    Some(count)
}

#[test]
fn our_own_modules_have_the_names_that_snmptranslate_gives_them() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["ACME-CABINET-MIB.txt", "ACME-V1-MIB.mib"] {
        std::fs::copy(fixture(file), folder.path().join(file)).unwrap();
    }
    if let Some(count) = compared(folder.path(), &["1.3.6.1.4.1.99999"]) {
        assert!(count >= 25, "{count}");
    }
}

#[test]
fn net_snmps_modules_have_the_names_that_snmptranslate_gives_them() {
    if !Path::new(NET_SNMP).is_dir() {
        return;
    }
    // UCD's and net-snmp's.
    if let Some(count) = compared(Path::new(NET_SNMP), &["1.3.6.1.4.1.2021", "1.3.6.1.4.1.8072"]) {
        assert!(count >= 300, "{count}");
    }
}
