//! The modem is pulled out in the night, and plugged in again.

use crate::house::{House, until_so};
use crate::people::{LEA, MARIE};
use crate::programs::Link;
use crate::site::Plan;

#[test]
fn without_a_modem_messages_wait_and_that_is_an_alarm_until_it_is_plugged_in_again() {
    let house = House::open(&Plan::default());
    house.unplug();
    let lost = house.until_alarm("modem-lost", "gsm.modem", "unacknowledged");
    assert_eq!(lost["priority"], "high");
    house.trap(Link::Down, 7);
    house.until_alarm("link", "7", "unacknowledged");
    let waiting = |house: &House| {
        house.vigie(&["status", "--json"]).json()["notifications"]["waiting"].clone()
    };
    assert_eq!(waiting(&house), 2, "the call for the link, and the one for the modem");
    let status = house.vigie(&["status"]);
    assert!(status.out.contains("gsm.modem  down"), "{}", status.out);
    assert_eq!(house.messages(), []);

    house.replug();
    house.until_call(MARIE, "Lien 7");
    house.until_alarm("modem-lost", "gsm.modem", "normal");
    until_so("nothing waits any more", || waiting(&house) == 0);
    let to_marie = house.messages_to(MARIE);
    assert_eq!(to_marie.len(), 1, "once: {to_marie:?}");
    assert!(house.messages_to(LEA).len() <= 2, "the alarm of the modem and its end, if at all");
    house.verify();
}
