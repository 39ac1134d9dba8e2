//! `vigie mib traps`: what it writes can be pasted as it is, and checks.

use std::process::Command;

use crate::place::{Place, VIGIE, fixture, told};

fn traps(file: &str) -> (Option<i32>, String, String) {
    let said = Command::new(VIGIE).args(["mib", "traps"]).arg(file).output().unwrap();
    let text = |octets| String::from_utf8(octets).unwrap();
    (said.status.code(), text(said.stdout), text(said.stderr))
}

#[test]
fn the_definitions_of_a_module_can_be_pasted_and_what_clears_is_joined_to_what_raises() {
    for (file, definitions) in [("ACME-CABINET-MIB.txt", 3), ("ACME-V1-MIB.mib", 2)] {
        let (exit, written, complaints) = traps(fixture(file).to_str().unwrap());
        assert_eq!((exit, complaints.as_str()), (Some(0), ""), "{file}");
        assert_eq!(written.matches("[alarms.").count(), definitions, "{written}");
        let place = Place::with(&[file]);
        place.write(&written);
        let reading = place.read();
        assert!(reading.settings.is_some(), "{}", told(&reading));
        let other = |line: &&str| line.contains("warning: ") && !line.contains("`escalation`");
        assert_eq!(told(&reading).lines().filter(other).count(), 0, "{}", told(&reading));
    }
    let (_, written, _) = traps(fixture("ACME-V1-MIB.mib").to_str().unwrap());
    assert!(
        written.starts_with(
            r##"# ACME-V1-MIB::acmeOldPowerLost (1.3.6.1.4.1.99999.2.0.1): The mains are gone.
#   carries labels.acmeOldReason
# ACME-V1-MIB::acmeOldPowerRestored (1.3.6.1.4.1.99999.2.0.2): The mains are back.
#   carries labels.acmeOldReason
[alarms.acme-old-power-lost]
from     = ["snmp"]
match    = { trap = ["ACME-V1-MIB::acmeOldPowerLost", "ACME-V1-MIB::acmeOldPowerRestored"] }
key      = "{source}"
active   = 'trap == "ACME-V1-MIB::acmeOldPowerLost"'
normal   = 'trap == "ACME-V1-MIB::acmeOldPowerRestored"'
priority = "medium"
text     = "Acme old power lost: {source}"
"##
        ),
        "{written}"
    );
}

#[test]
fn the_row_of_a_table_is_the_key_of_its_alarm() {
    let (_, written, _) = traps(fixture("ACME-CABINET-MIB.txt").to_str().unwrap());
    assert!(
        written.contains(r#"key      = "{source}/{acmeDoorSide}/{acmeDoorName}""#),
        "{written}"
    );
    assert!(written.contains(r#"key      = "{source}/{acmeFanNumber}""#), "{written}");
}

#[test]
fn what_a_module_lacks_is_told_beside_and_what_is_no_module_is_refused() {
    let (exit, written, complaints) = traps(fixture("ACME-ORPHAN-MIB.txt").to_str().unwrap());
    assert_eq!(exit, Some(0));
    assert!(written.contains("[alarms.acme-lamp-on]"), "{written}");
    assert!(complaints.contains("ACME-NOWHERE-MIB, which is in no folder"), "{complaints}");
    let (exit, _, complaints) = traps("/nonexistent/A-MIB");
    assert_eq!(exit, Some(66));
    assert!(complaints.contains("/nonexistent/A-MIB cannot be used: "), "{complaints}");
    let (exit, _, complaints) = traps(fixture("ACME-BROKEN-MIB.txt").to_str().unwrap());
    assert_eq!(exit, Some(65), "{complaints}");
    assert!(complaints.contains("names no trap"), "{complaints}");
}
