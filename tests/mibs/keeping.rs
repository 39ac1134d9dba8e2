//! What was compiled is kept, and compiled again when a file has changed; what goes wrong is told and costs nothing.

use std::os::unix::fs::PermissionsExt;

use crate::place::{Place, keep, names, told};

const NOBODY: &str = "/nonexistent/vigie";
const POWER_LOST: &str = "ACME-V1-MIB::acmeOldPowerLost";
const DOOR_OPENED: &str = "ACME-CABINET-MIB::acmeDoorOpened";

#[test]
fn what_was_compiled_is_kept_and_only_read_until_a_file_changes() {
    let place = Place::with(&["ACME-V1-MIB.mib"]);
    let first = place.read();
    assert_eq!(told(&first).matches("MIB").count(), 0, "{}", told(&first));
    assert!(names(&first).notification_named(POWER_LOST).is_some());
    assert_eq!(place.kept(), None, "reading writes nothing");
    keep(&first);
    assert!(place.kept().is_some());

    let again = place.read_by(NOBODY);
    assert!(names(&again).notification_named(POWER_LOST).is_some(), "nothing need be compiled");
    assert!(again.settings.unwrap().catalogues.is_empty(), "nothing is fresh");

    place.add("ACME-CABINET-MIB.txt");
    let more = place.read();
    assert!(names(&more).notification_named(DOOR_OPENED).is_some());
    keep(&more);
    std::fs::remove_file(place.mibs().join("ACME-V1-MIB.mib")).unwrap();
    let less = place.read();
    assert!(names(&less).notification_named(POWER_LOST).is_none(), "what is gone is gone");
}

#[test]
fn where_nothing_can_be_compiled_the_names_of_before_are_used_and_it_is_told() {
    let place = Place::with(&["ACME-V1-MIB.mib"]);
    keep(&place.read());
    place.add("ACME-CABINET-MIB.txt");
    let reading = place.read_by(NOBODY);
    let said = told(&reading);
    assert!(
        said.contains(
            "warning: the MIB files could not be compiled: the compiler cannot be started"
        ),
        "{said}"
    );
    assert!(said.contains("the names that were compiled before are used"), "{said}");
    assert!(names(&reading).notification_named(POWER_LOST).is_some());
    // The daemon starts all the same, also with an alarm that the new file would have named.
    place.write(
        r#"[alarms.x]
from = ["snmp"]
match = { trap = ["ACME-CABINET-MIB::acmeDoorOpened", "ACME-V1-MIB::acmeNewer"] }
key = "{acmeDoorName}"
momentary = true
text = "x"
"#,
    );
    assert!(place.read_by(NOBODY).settings.is_some(), "{}", told(&place.read_by(NOBODY)));
    for (program, why) in [
        ("/bin/false", "the compiler gave up: it did not say why"),
        ("/bin/true", "what the compiler gave cannot be used: it is no catalogue of MIB names"),
        ("/bin/ls", "the compiler gave up: "),
    ] {
        let said = told(&place.read_by(program));
        assert!(said.contains(why), "{program}: {said}");
    }
}

#[test]
fn a_folder_that_is_gone_for_a_while_takes_no_name_with_it() {
    let place = Place::with(&["ACME-V1-MIB.mib"]);
    keep(&place.read());
    let aside = place.mibs().with_extension("aside");
    std::fs::rename(place.mibs(), &aside).unwrap();
    let reading = place.read();
    let said = told(&reading);
    assert!(said.contains("cannot be looked into"), "{said}");
    assert!(said.contains("the names that were compiled before are used"), "{said}");
    assert!(names(&reading).notification_named(POWER_LOST).is_some());
    assert!(reading.settings.unwrap().catalogues.is_empty(), "what is kept stays as it is");
    std::fs::rename(&aside, place.mibs()).unwrap();
    assert!(!told(&place.read()).contains("compiled before"), "it is back");
}

/// An alarm that needs ACME-CABINET-MIB: the names of its traps, or those of their objects.
const DOOR: [&str; 3] = [
    r#"match = { trap = "ACME-CABINET-MIB::acmeDoorOpened" }"#,
    r#"match = { trap = "ACME-CABINET-MIB::*" }"#,
    "match = { trap = \"1.3.6.1.4.1.99999.*\" }\nkey = \"{acmeDoorName}\"",
];

fn door(needs: &str) -> String {
    format!("[alarms.door]\nfrom = [\"snmp\"]\n{needs}\nmomentary = true\ntext = \"x\"\n")
}

const IN_USE: &str = "names of ACME-CABINET-MIB are in no file any more: the names that were compiled before are used, since an alarm needs them";

#[test]
fn a_file_that_is_gone_takes_no_name_with_it_that_an_alarm_needs() {
    for needs in DOOR {
        let place = Place::with(&["ACME-CABINET-MIB.txt"]);
        place.write(&door(needs));
        keep(&place.read());
        let kept = std::fs::read(place.kept().unwrap()).unwrap();
        let file = place.mibs().join("ACME-CABINET-MIB.txt");
        for what_is_left in ["nothing", "no text", "another file", "a link to nowhere"] {
            match what_is_left {
                "nothing" => std::fs::remove_file(&file).unwrap(),
                "no text" => std::fs::write(&file, "").unwrap(),
                "another file" => place.add("ACME-V1-MIB.mib"),
                _ => {
                    std::fs::remove_file(&file).unwrap();
                    std::os::unix::fs::symlink("/nonexistent/file", &file).unwrap();
                }
            }
            let reading = place.read();
            let said = told(&reading);
            assert_eq!(said.matches(IN_USE).count(), 1, "{needs}, {what_is_left}: {said}");
            assert!(names(&reading).notification_named(DOOR_OPENED).is_some(), "{said}");
            assert!(reading.settings.unwrap().catalogues.is_empty(), "what is kept stays as it is");
            assert!(place.check().contains(IN_USE), "{needs}, {what_is_left}");
        }
        let both = place.read();
        assert!(names(&both).notification_named(POWER_LOST).is_some(), "what is new is known too");
        assert_eq!(std::fs::read(place.kept().unwrap()).unwrap(), kept);
        std::fs::remove_file(&file).unwrap();
        place.add("ACME-CABINET-MIB.txt");
        let back = place.read();
        assert!(!told(&back).contains("compiled before"), "it is back: {}", told(&back));
        keep(&back);
    }
}

#[test]
fn a_name_that_no_file_ever_gave_is_wrong_whichever_files_are_gone() {
    let place = Place::with(&["ACME-CABINET-MIB.txt"]);
    keep(&place.read());
    std::fs::remove_file(place.mibs().join("ACME-CABINET-MIB.txt")).unwrap();
    place.write(&door(r#"match = { trap = "ACME-CABINET-MIB::acmeDoorOpend" }"#));
    let reading = place.read();
    assert!(reading.settings.is_none());
    assert!(!told(&reading).contains(IN_USE), "nothing is gained: {}", told(&reading));
    place.write(&door(r#"match = { trap = ["ACME-CABINET-MIB::acmeDoorOpened", "ACME-CABINET-MIB::acmeDoorOpend"] }"#));
    let said = told(&place.read());
    assert!(said.contains(IN_USE) && said.contains("did you mean"), "{said}");
    assert_eq!(said.matches("no trap is called").count(), 1, "{said}");
}

#[test]
fn a_child_that_is_killed_is_told_with_its_signal() {
    let place = Place::with(&["ACME-V1-MIB.mib"]);
    let killed = place.mibs().join("../killed");
    std::fs::write(&killed, "#!/bin/sh\nkill -9 $$\n").unwrap();
    std::fs::set_permissions(&killed, PermissionsExt::from_mode(0o755)).unwrap();
    let said = told(&place.read_by(killed.to_str().unwrap()));
    assert!(said.contains("ended by signal 9; it may need more memory"), "{said}");
}

#[test]
fn a_kept_catalogue_that_is_damaged_is_compiled_again() {
    let place = Place::with(&["ACME-V1-MIB.mib"]);
    keep(&place.read());
    let kept = place.kept().unwrap();
    let sound = std::fs::read(&kept).unwrap();
    for at in [0, 40, sound.len() / 2, sound.len() - 1] {
        let mut damaged = sound.clone();
        damaged[at] ^= 1;
        std::fs::write(&kept, &damaged).unwrap();
        let reading = place.read();
        assert!(names(&reading).notification_named(POWER_LOST).is_some());
        keep(&reading);
        assert_eq!(std::fs::read(&kept).unwrap(), sound, "octet {at}");
    }
    std::fs::write(&kept, &sound[..20]).unwrap();
    assert!(names(&place.read()).notification_named(POWER_LOST).is_some());
}

#[test]
fn a_command_that_only_asks_compiles_nothing() {
    let place = Place::with(&["ACME-V1-MIB.mib"]);
    let unread = vigie::config::read(&place.file());
    assert!(names(&unread).notification_named(POWER_LOST).is_none());
    keep(&place.read());
    let known = vigie::config::read(&place.file());
    assert!(names(&known).notification_named(POWER_LOST).is_some());
}
