//! A maker's MIB file is put into the folder while the daemon works: from the reload on its traps bear
//! their names, and no trap is lost meanwhile.

use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::house::{House, until, until_so};
use crate::programs::{Said, net_snmp};
use crate::site::Plan;

/// The mains are gone: ACME-V1-MIB::acmeOldPowerLost of version 1.
fn power_lost(house: &House) {
    let words =
        ["1.3.6.1.4.1.99999.2", "127.0.0.1", "6", "1", "1", "1.3.6.1.4.1.99999.2.1.0", "i", "2"];
    let said = Said::by(net_snmp("snmptrap", &["-v", "1"], &house.site.address).args(words));
    assert_eq!(said.exit, Some(0), "{said:?}");
}

/// How often a trap of that name came and nobody selected it.
fn unclaimed(house: &House, trap: &str) -> u64 {
    let told = house.vigie(&["unclaimed", "--json"]).json();
    let of = |group: &Value| group["signal"]["fields"]["trap"] == trap;
    let groups = told.as_array().unwrap().iter().filter(|group| of(group));
    groups.filter_map(|group| group["count"].as_u64()).sum()
}

/// A house whose receiver has a folder for MIB files, which is empty.
fn built() -> (House, PathBuf) {
    let mut house = House::built(&Plan::default());
    let folder = house.site.path().join("mibs");
    std::fs::create_dir(&folder).unwrap();
    let with = format!("communities = [\"public\"]\nmibs = [\"{}\"]", folder.display());
    house.configuration = house.configuration.replace("communities = [\"public\"]", &with);
    house.site.write(&house.configuration);
    house.start();
    (house, folder)
}

fn fixture() -> PathBuf {
    mibs().join("ACME-V1-MIB.mib")
}

fn mibs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/mibs")
}

/// A fan of the cabinet turns again: ACME-CABINET-MIB::acmeFanRestored.
fn fan_restored(house: &House) {
    let number = ["1.3.6.1.4.1.99999.1.1.6.1.1.3", "u", "3"];
    let speed = ["1.3.6.1.4.1.99999.1.1.6.1.2.3", "u", "900"];
    let words = [&["", "1.3.6.1.4.1.99999.1.0.4"][..], &number, &speed].concat();
    let said = Said::by(net_snmp("snmptrap", &[], &house.site.address).args(words));
    assert_eq!(said.exit, Some(0), "{said:?}");
}

/// The lines of a definition, without what is remarked beside it.
fn lines(text: &str, name: &str) -> Vec<String> {
    let from_there = text.lines().skip_while(|line| *line != format!("[alarms.{name}]"));
    let own = from_there.take_while(|line| !line.is_empty() && !line.starts_with('#'));
    own.map(str::to_owned).collect()
}

#[test]
fn what_is_proposed_for_an_unclaimed_trap_is_what_its_mib_file_gives_also_when_that_came_later() {
    const FILE: &str = "ACME-CABINET-MIB.txt";
    let (house, folder) = built();
    fan_restored(&house);
    until_so("it is known by its number", || unclaimed(&house, "1.3.6.1.4.1.99999.1.0.4") == 1);
    std::fs::copy(mibs().join(FILE), folder.join(FILE)).unwrap();
    house.signal(Signal::SIGHUP);
    let proposed = |house: &House| {
        let told = house.vigie(&["unclaimed", "--json"]).json();
        told[0]["definition"].as_str().unwrap().to_owned()
    };
    let definition = until("the file is known", || {
        Some(proposed(&house)).filter(|proposed| proposed.contains("ACME-CABINET-MIB::"))
    });
    let written = Said::by(
        std::process::Command::new(crate::programs::VIGIE)
            .args(["mib", "traps"])
            .arg(mibs().join(FILE)),
    )
    .out;
    let written = lines(&written, "acme-fan-failed");
    let of_this_input = |line: &String| line.replace("[\"snmp\"]", "[\"snmp.network\"]");
    let written: Vec<String> = written.iter().map(of_this_input).collect();
    assert_eq!(lines(&definition, "acme-fan-failed"), written);
    assert!(
        written.contains(&r#"key      = "{source}/{acmeFanNumber}""#.to_owned()),
        "{written:?}"
    );
    assert!(house.vigie(&["unclaimed"]).out.contains(&definition));
    let signal = house.vigie(&["unclaimed", "--json"]).json()[0]["signal"].to_string();
    let explained = house.vigie(&["explain", &signal]).out;
    assert!(explained.contains(definition.trim_end()), "{explained}");

    // Pasted, it takes in the next one.
    house.site.write(&format!("{}\n{definition}", house.configuration));
    house.signal(Signal::SIGHUP);
    until_so("it is in force", || {
        house.log().matches("the new configuration is in force").count() == 2
    });
    fan_restored(&house);
    until_so("it is recorded", || {
        house.journal().iter().filter(|entry| entry["kind"] == "signal").count() == 2
    });
    assert_eq!(unclaimed(&house, "1.3.6.1.4.1.99999.1.0.4"), 1, "not counted any more");
    assert_eq!(house.vigie(&["unclaimed", "--json"]).json().as_array().map(Vec::len), Some(1));
}

#[test]
fn a_mib_file_that_is_added_names_the_next_trap_without_a_restart() {
    let (mut house, folder) = built();
    power_lost(&house);
    until_so("it is known by its number", || unclaimed(&house, "1.3.6.1.4.1.99999.2.0.1") == 1);
    std::fs::copy(fixture(), folder.join("ACME-V1-MIB.mib")).unwrap();
    // The new file and a definition that needs it, in one reload; its other trap is matched by number.
    let more = r#"
[alarms.mains]
from   = ["snmp.network"]
match  = { trap = ["ACME-V1-MIB::acmeOldPowerLost", "1.3.6.1.4.1.99999.2.0.2"] }
active = 'trap == "ACME-V1-MIB::acmeOldPowerLost"'
normal = 'trap == "1.3.6.1.4.1.99999.2.0.2"'
text   = "Secteur perdu : {labels.acmeOldReason}"
escalation = "technique"
"#;
    house.site.write(&format!("{}{more}", house.configuration));
    house.signal(Signal::SIGHUP);
    until_so("the reload", || house.log().contains("the new configuration is in force"));
    house.until_logged("names of MIB files are replaced");
    power_lost(&house);
    let alarm = house.until_alarm("mains", "", "unacknowledged");
    assert_eq!(alarm["text"], "Secteur perdu : battery");

    // The catalogue is kept: the next start has the names at once, and the record is whole.
    let store = house.site.store();
    let kept = std::fs::read_dir(store.parent().unwrap()).unwrap();
    let names: Vec<String> =
        kept.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(names.iter().any(|name| name.starts_with("vigie.db.mibs-")), "{names:?}");
    house.restart_after_kill();
    let status = house.vigie(&["status", "--json"]).json();
    assert!(status["inputs"].is_array(), "{status}");
    assert_eq!(house.alarm("mains", "").unwrap()["state"], "unacknowledged");
}

#[test]
fn a_start_without_a_mib_file_watches_on_by_the_names_that_were_compiled_before() {
    let (mut house, folder) = built();
    let file = folder.join("ACME-V1-MIB.mib");
    std::fs::copy(fixture(), &file).unwrap();
    let mains = r#"
[alarms.mains]
from   = ["snmp.network"]
match  = { trap = "ACME-V1-MIB::acmeOldPowerLost" }
text   = "Secteur perdu : {labels.acmeOldReason}"
escalation = "technique"
"#;
    house.site.write(&format!("{}{mains}", house.configuration));
    house.signal(Signal::SIGHUP);
    until_so("the reload", || house.log().contains("the new configuration is in force"));
    // Twice: the catalogue is still kept after the first start without the file.
    for start in 1..=2 {
        house.kill();
        let _ = std::fs::remove_file(&file);
        house.start();
        let told = || house.log().matches("ACME-V1-MIB are in no file any more").count();
        assert_eq!(told(), start, "{}", house.log());
    }
    power_lost(&house);
    let alarm = house.until_alarm("mains", "", "returned_unacknowledged");
    assert_eq!(alarm["text"], "Secteur perdu : battery");
}

#[test]
fn no_trap_is_lost_while_the_daemon_takes_in_new_files() {
    const TRAPS: u64 = 40;
    let (house, folder) = built();
    let file = folder.join("ACME-V1-MIB.mib");
    for number in 0..TRAPS {
        power_lost(&house);
        match number % 20 {
            5 => drop(std::fs::copy(fixture(), &file).unwrap()),
            15 => std::fs::remove_file(&file).unwrap(),
            _ => continue,
        }
        house.signal(Signal::SIGHUP);
    }
    let counted = || {
        let (by_name, by_number) = ("ACME-V1-MIB::acmeOldPowerLost", "1.3.6.1.4.1.99999.2.0.1");
        (unclaimed(&house, by_name), unclaimed(&house, by_number))
    };
    let (named, numbered) = until("all traps are there", || {
        let (named, numbered) = counted();
        (named + numbered == TRAPS).then_some((named, numbered))
    });
    assert!(named > 0 && numbered > 0, "{named} by name, {numbered} by number");
    assert!(!house.log().contains("an input is lost"), "{}", house.log());
}
