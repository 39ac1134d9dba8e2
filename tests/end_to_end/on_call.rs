//! Somebody takes a schedule by SMS: the next alarm calls them, the command line says so, and the death of the daemon changes nothing.

use crate::house::House;
use crate::people::{KARIM, LEA, MARIE};
use crate::programs::Link;
use crate::site::Plan;

/// Marie has every turn of it but a far one, so that the date of this run does not matter; Karim may take it.
const SCHEDULE: &str = r#"
[schedules.pumps]
rotations = [
  { people = ["marie"] },
  { people = ["karim"], from = 2200-01-01T08:00:00, layer = 2 },
]
[escalations.pumps]
steps = [{ notify = ["schedule:pumps"], wait = "10m" }]
[alarms.cold]
from       = ["snmp.network"]
match      = { trap = ["IF-MIB::linkDown", "IF-MIB::linkUp"] }
key        = "{ifIndex}"
active     = 'trap == "IF-MIB::linkDown" && ifIndex > 100'
normal     = 'trap == "IF-MIB::linkUp"'
text       = "Froid {ifIndex}"
escalation = "pumps"
"#;

#[test]
fn a_schedule_that_is_taken_by_sms_calls_the_taker_also_after_the_daemon_has_died() {
    let mut house = House::open(&Plan { more: SCHEDULE, ..Plan::default() });
    let told = house.vigie(&["oncall"]);
    assert_eq!((told.exit, told.out.as_str()), (Some(0), "pumps  Marie\n"), "{}", told.err);

    house.text(LEA, "PRENDS pumps 18H");
    assert!(house.next_sms(LEA).text.contains("pas de tour dans pumps"));
    house.text(KARIM, "prends Pumps 18h");
    let [karim, marie] = house.next_of_each([KARIM, MARIE]);
    assert!(karim.text.starts_with("Vous etes d'astreinte pour pumps jusqu'à "), "{karim:?}");
    assert!(karim.text.ends_with("Ensuite: Marie."), "{karim:?}");
    assert!(marie.text.starts_with("Karim prend l'astreinte pumps jusqu'à "), "{marie:?}");

    house.kill();
    let told = house.vigie(&["oncall"]);
    assert!(told.out == "pumps  Marie\n" && told.err.contains("no daemon answers"), "{}", told.err);
    house.verify();
    house.start();
    let told = house.vigie(&["oncall"]);
    assert!(told.out.starts_with("pumps  Karim (has taken it) until "), "{}", told.out);
    assert!(told.out.contains(", then Marie") && told.err.is_empty(), "{} {}", told.out, told.err);
    let json = house.vigie(&["oncall", "--json"]).json();
    assert_eq!(json[0]["stretches"][0]["people"], serde_json::json!(["karim"]));
    assert_eq!(json[0]["stretches"][0]["standing_in"], "taken");

    house.trap(Link::Down, 107);
    assert!(house.until_call(KARIM, "Froid 107").is_call());

    let told = house.vigie(&["take", "pumps", "2h", "--as", "marie"]);
    assert_eq!(told.exit, Some(0), "{}", told.err);
    assert!(told.out.starts_with("Vous êtes d'astreinte pour pumps jusqu'à "), "{}", told.out);
    house.until_sms(KARIM, |sms| sms.text.starts_with("Marie prend l'astreinte pumps"));
    let told = house.vigie(&["take", "pumps", "2h", "--as", "lea"]);
    assert!(told.exit == Some(65) && told.err.contains("pas de tour"), "{}", told.err);
    let month = house.vigie(&["oncall", "--month"]);
    assert!(month.exit == Some(0) && month.out.lines().count() > 30, "{}", month.out);
    house.verify();
}
