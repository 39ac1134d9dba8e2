//! A device nobody has described yet: its trap is listed with a definition that works as it is.

use nix::sys::signal::Signal;

use crate::house::{House, until, until_so};
use crate::programs::{Said, net_snmp};
use crate::site::Plan;

/// A trap of a pump's, of which Vigie knows nothing.
fn pump(house: &House) {
    let words =
        ["", "1.3.6.1.4.1.99999.7.0.3", "1.3.6.1.4.1.99999.7.1.1", "s", "fuite \"B\" au sous-sol"];
    let said = Said::by(net_snmp("snmptrap", &[], &house.site.address).args(words));
    assert_eq!(said.exit, Some(0), "{said:?}");
}

#[test]
fn a_trap_that_nobody_selects_comes_with_a_definition_that_claims_the_next_one() {
    let house = House::open(&Plan::default());
    pump(&house);
    pump(&house);
    let group = until("both are counted", || {
        let told = house.vigie(&["unclaimed", "--json"]).json();
        told.as_array()?.first().filter(|group| group["count"] == 2).cloned()
    });
    assert_eq!(group["signal"]["input"], "snmp.network");
    let definition = group["definition"].as_str().unwrap();
    let shown = house.vigie(&["unclaimed"]).out;
    assert!(shown.contains(definition), "what is read is what is pasted: {shown}");

    // Everything that `vigie unclaimed` prints can be pasted, its comments included.
    let pasted = format!("{}\n{shown}", house.configuration);
    house.site.write(&pasted);
    let checked = house.vigie(&["check"]);
    assert_eq!(checked.exit, Some(0), "{checked:?}");
    house.signal(Signal::SIGHUP);
    until_so("it is in force", || house.log().contains("the new configuration is in force"));
    pump(&house);
    let claimed = until("the next one is claimed", || {
        house.alarms().into_iter().find(|alarm| alarm["definition"] != "link")
    });
    assert_eq!(claimed["key"], "127.0.0.1");
    let left = house.vigie(&["unclaimed", "--json"]).json();
    assert_eq!(left[0]["count"], 2, "not counted any more: {left}");
}
