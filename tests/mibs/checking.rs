//! What `vigie check` knows with a folder of MIB files, and what it says of the folder.

use crate::place::{Place, told};

/// An alarm that is written with these names.
fn alarm(trap: &str, field: &str) -> String {
    format!(
        r#"[alarms.door]
from = ["snmp.network"]
match = {{ trap = "{trap}" }}
key = "{{source}}/{{{field}}}"
momentary = true
text = "Door of {{source}}"
escalation = "night"
"#
    )
}

const ALL: &[&str] =
    &["ACME-CABINET-MIB.txt", "ACME-V1-MIB.mib", "ACME-ORPHAN-MIB.txt", "ACME-BROKEN-MIB.txt"];

#[test]
fn the_names_of_a_maker_can_be_written_and_a_slip_gets_its_remedy() {
    let place = Place::with(&["ACME-CABINET-MIB.txt"]);
    for (trap, field, complaint) in [
        ("ACME-CABINET-MIB::acmeDoorOpened", "acmeDoorName", ""),
        ("ACME-CABINET-MIB::acmeDoor*", "acmeDoorState", ""),
        ("1.3.6.1.4.1.99999.1.0.1", "index", ""),
        (
            "ACME-CABINET-MIB::acmeDoorOpend",
            "index",
            "= help: did you mean `ACME-CABINET-MIB::acmeDoorOpened`?",
        ),
        ("acmeDoorOpened", "index", "= help: write \"ACME-CABINET-MIB::acmeDoorOpened\""),
        (
            "OTHER-MIB::doorOpened",
            "index",
            "= help: put the MIB file that names it into a folder of `mibs`",
        ),
        ("OTHER-MIB::*", "index", "no trap that is known has a name like `OTHER-MIB::*`"),
        (
            "ACME-CABINET-MIB::acmeDoorOpened",
            "acmeDoorNam",
            "a signal of `snmp` has no field `acmeDoorNam`",
        ),
    ] {
        place.write(&alarm(trap, field));
        let said = place.check();
        if complaint.is_empty() {
            assert!(said.contains("nothing to complain of"), "{trap}, {field}: {said}");
        } else {
            assert!(said.contains(complaint), "{trap}, {field}: {said}");
        }
    }
}

#[test]
fn what_could_not_be_understood_is_told_once_and_does_no_harm() {
    let place = Place::with(ALL);
    std::fs::write(place.mibs().join("README"), "no module").unwrap();
    place.write(&alarm("ACME-ORPHAN-MIB::acmeLampOn", "acmeLampColour"));
    let said = place.check();
    for sentence in [
        "warning: ACME-ORPHAN-MIB imports from ACME-NOWHERE-MIB, which is in no folder: what depends on it has no name, or no words for its numbers",
        "warning: /mibs/ACME-BROKEN-MIB.txt:19: unexpected character: 0x3d (5 faults); what can be read of it is used",
        "1 alarm, 1 person, 2 inputs: 2 warnings",
    ] {
        assert!(said.contains(sentence), "{sentence}: {said}");
    }
    assert!(!said.contains("IF-MIB"), "what a maker imports most is built in: {said}");
    place.write(&alarm("1.3.6.1.4.1.*", "acmeBefore"));
    let said = place.check();
    assert!(said.contains("2 inputs: 2 warnings"), "{said}");
}

#[test]
fn with_a_folder_that_is_absent_a_name_that_cannot_be_known_is_not_called_wrong() {
    let place = Place::with(&[]);
    std::fs::remove_dir(place.mibs()).unwrap();
    place.write(&alarm("ACME-CABINET-MIB::acmeDoorOpened", "acmeDoorName"));
    let reading = place.read();
    let said = told(&reading);
    assert!(reading.settings.is_some(), "{said}");
    assert!(said.contains("mibs cannot be looked into: No such file or directory"), "{said}");
    // What is known to be wrong still is.
    place.write(&alarm("IF-MIB::linkDwn", "acmeDoorName"));
    let said = told(&place.read());
    assert!(said.contains("did you mean `IF-MIB::linkDown`?"), "{said}");
}

#[test]
fn what_a_file_that_was_left_out_may_name_is_not_called_wrong() {
    let place = Place::with(ALL);
    let deep = "SEQUENCE { a ".repeat(100);
    let deep = format!("DEEP-MIB DEFINITIONS ::= BEGIN\n-- \rT ::= {deep}END\n");
    std::fs::write(place.mibs().join("DEEP-MIB"), deep).unwrap();
    place.write(&alarm("DEEP-MIB::tooDeep", "index"));
    let said = place.check();
    assert!(said.contains("DEEP-MIB is left out: it is nested too deeply"), "{said}");
    assert!(!said.contains("no trap"), "{said}");
    // What is known to be wrong still is.
    place.write(&alarm("IF-MIB::linkDwn", "index"));
    assert!(place.check().contains("did you mean `IF-MIB::linkDown`?"));
}

#[test]
fn an_empty_folder_is_a_folder_like_another() {
    let place = Place::with(&[]);
    assert_eq!(told(&place.read()), "");
    place.write(&alarm("ACME-CABINET-MIB::acmeDoorOpened", "index"));
    assert!(told(&place.read()).contains("no trap is called"));
}
