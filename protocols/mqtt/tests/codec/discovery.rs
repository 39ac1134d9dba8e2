//! Home Assistant discovery: the message that makes a sensor appear.

use serde_json::{Value as Json, json};
use vigie_mqtt::discovery::{BinarySensor, Device, birth, discovery, identifier, topic};
use vigie_mqtt::{Topic, TopicError};

#[test]
fn an_alarm_appears_in_home_assistant_as_a_problem_of_its_device() {
    let state = Topic::parse("vigie/north/alarms/cold-room/2").unwrap();
    let online = Topic::parse("vigie/north/online").unwrap();
    let sensor = BinarySensor {
        prefix: "homeassistant",
        node: "vigie-north",
        object: "cold-room/2",
        name: "Chambre froide 2 « \"négative\" »",
        state_topic: &state,
        value_template: Some("{{ 'ON' if value_json.active else 'OFF' }}"),
        attributes_topic: Some(&state),
        availability_topic: Some(&online),
        device_class: Some("problem"),
        device: Device {
            identifier: "vigie-north",
            name: "North pumping station",
            manufacturer: None,
            model: None,
            sw_version: Some("0.1.0"),
        },
    };
    let message = discovery(&sensor).unwrap();
    assert_eq!(
        message.topic.as_str(),
        "homeassistant/binary_sensor/vigie-north/cold-room_2_a8f38cbc/config"
    );
    let config: Json = serde_json::from_str(&message.payload).unwrap();
    assert_eq!(
        config,
        json!({
            "name": "Chambre froide 2 « \"négative\" »",
            "unique_id": "vigie-north_cold-room_2_a8f38cbc",
            "state_topic": "vigie/north/alarms/cold-room/2",
            "value_template": "{{ 'ON' if value_json.active else 'OFF' }}",
            "payload_on": "ON",
            "payload_off": "OFF",
            "device_class": "problem",
            "json_attributes_topic": "vigie/north/alarms/cold-room/2",
            "availability_topic": "vigie/north/online",
            "payload_available": "online",
            "payload_not_available": "offline",
            "qos": 1,
            "device": {
                "identifiers": ["vigie-north"],
                "name": "North pumping station",
                "sw_version": "0.1.0",
            },
        })
    );
    assert_eq!(topic("homeassistant", "vigie-north", "cold-room/2"), Ok(message.topic));
}

#[test]
fn two_alarms_never_share_one_sensor() {
    assert_eq!(identifier("cold-room_2"), "cold-room_2", "what is allowed stays as it is");
    let names = ["pump/1", "pump 1", "pump_1", "pump\n1", "pump.1", "", "é", "è", "_"];
    let long = ["a".repeat(200), "a".repeat(201)];
    let names: Vec<&str> = names.into_iter().chain(long.iter().map(String::as_str)).collect();
    let made: std::collections::BTreeSet<String> =
        names.iter().map(|name| identifier(name)).collect();
    assert_eq!(made.len(), names.len());
    for made in made {
        let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
        assert!(!made.is_empty() && made.len() < 80 && made.chars().all(is_allowed), "{made}");
    }
}

#[test]
fn a_prefix_that_is_no_topic_is_refused() {
    assert!(matches!(topic("home/+", "a", "b"), Err(TopicError::Wildcard { level: 2, .. })));
    assert_eq!(birth("homeassistant").unwrap().as_str(), "homeassistant/status");
}
