//! A message goes from a modem to itself, to see whether its messages still arrive.

use serde_json::Value;

use crate::house::{House, until, until_so};
use crate::people::{LEA, MARIE};
use crate::programs::Link;
use crate::site::Plan;

/// The number of the modem's own SIM.
const OWN: &str = "+33700000099";

fn path(house: &House) -> Value {
    house.vigie(&["status", "--json"]).json()["paths"][0].clone()
}

fn tried() -> House {
    let mut house = House::built(&Plan::default());
    let with_path = format!("[gsm.modem]\nnumber = \"{OWN}\"\nloop-back = {{ to = \"modem\" }}");
    house.configuration = house.configuration.replace("[gsm.modem]", &with_path);
    house.site.write(&house.configuration);
    house.start();
    house
}

#[test]
fn a_message_to_the_modem_itself_is_awaited_also_through_a_crash_and_its_time_is_kept() {
    let mut house = tried();
    let test = until("a message to the modem itself", || house.messages_to(OWN).pop());
    assert!(test.text.starts_with("Vigie: essai "), "{}", test.text);
    assert_eq!(path(&house)["arrived"], Value::Null);
    assert!(house.vigie(&["status"]).out.contains("no test has come yet"));
    house.restart_after_kill();
    house.text(OWN, &test.text);
    until_so("it arrived", || path(&house)["took_ms"].is_number());
    assert_eq!(path(&house)["unknown"], false);
    let shown = house.vigie(&["status"]).out;
    assert!(shown.contains("path       gsm.modem to gsm.modem: the last test came "), "{shown}");
    house.trap(Link::Down, 7);
    house.until_call(MARIE, "Lien 7");
    assert_eq!(house.messages_to(OWN).len(), 1, "once");
    assert_eq!(house.messages_to(LEA).len(), 0, "nobody was told of anything");
    let unclaimed = house.vigie(&["unclaimed", "--json"]).json();
    assert_eq!(unclaimed.as_array().map(Vec::len), Some(0), "{unclaimed}");
    house.verify();
}

#[test]
fn a_network_that_refuses_the_message_is_an_alarm() {
    let house = tried();
    // Unassigned number.
    house.refuse_next(1);
    let alarm = house.until_alarm("path-unknown", "gsm.modem", "unacknowledged");
    assert_eq!(alarm["priority"], "high");
    house.until_sms(LEA, |sms| sms.text.contains("le réseau refuse l'essai"));
    assert_eq!(path(&house)["unknown"], true);
    assert!(house.vigie(&["status"]).out.contains("UNKNOWN; no test has come yet"));
}
