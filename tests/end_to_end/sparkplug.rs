//! A Sparkplug node by a real broker to a real daemon: its metrics call people, whoever listened when they changed.

use crate::house::House;
use crate::mosquitto::Mosquitto;
use crate::people::MARIE;
use crate::site::Plan;
use crate::station::Station;

/// A house that listens to the node.
fn house(broker: &Mosquitto) -> House {
    let more = format!(
        r#"
[mqtt.works]
broker    = "{}"
client-id = "vigie"
profile   = "sparkplug-b"
nodes     = ["works/station"]

[alarms.flood]
from       = ["mqtt.works"]
match      = {{ reading = ["birth", "data"] }}
key        = "{{device}}"
active     = "facts['Inputs/Flood']"
text       = "Inondation {{device}}"
escalation = "technique"

[alarms.gone]
from       = ["mqtt.works"]
match      = {{ reading = ["birth", "death"] }}
key        = "{{device}}"
active     = "!online"
text       = "Absent {{device}}"
"#,
        broker.url()
    );
    let plan = Plan { more: Box::leak(more.into_boxed_str()), ..Plan::default() };
    House::open(&plan)
}

#[test]
fn a_metric_of_a_node_calls_people_though_the_node_said_it_while_nobody_listened() {
    let broker = Mosquitto::plain();
    let mut station = Station::of(&broker.host, broker.port);
    station.must("connect 7");
    station.must("birth");
    let mut house = house(&broker);
    station.must("flood 1");
    assert!(house.next_sms(MARIE).text.contains("Inondation works/station/plc"));
    station.must("flood 0");
    house.until_alarm("flood", "works/station/plc", "returned_unacknowledged");
    house.kill();
    // Of QoS 0, which no broker keeps: said once, to nobody.
    station.must("flood 1");
    house.start();
    house.until_alarm("flood", "works/station/plc", "unacknowledged");
    house.verify();
}

#[test]
fn a_node_that_dies_is_an_alarm_with_its_devices_and_settles_none_of_theirs() {
    let broker = Mosquitto::plain();
    let mut station = Station::of(&broker.host, broker.port);
    let mut house = house(&broker);
    station.must("connect 7");
    station.must("birth");
    station.must("flood 1");
    assert!(house.next_sms(MARIE).text.contains("Inondation works/station/plc"));
    station.must("die");
    for device in ["works/station", "works/station/plc"] {
        house.until_alarm("gone", device, "acknowledged");
    }
    house.until_alarm("flood", "works/station/plc", "unacknowledged");
    station.must("connect 8");
    // A death of the session before, which the broker tells late.
    station.must("birth");
    station.must("death 7");
    station.must("flood 0");
    house.until_alarm("flood", "works/station/plc", "returned_unacknowledged");
    for device in ["works/station", "works/station/plc"] {
        house.until_alarm("gone", device, "normal");
    }
}
