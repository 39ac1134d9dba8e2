//! The fields of messages, one by one.

use std::time::Duration;

use vigie_mqtt::{Filter, Profile};

use super::*;
use crate::adapters::mqtt::wire::Delivery;
use crate::config::{Broker, MqttVersion, Qos, Transport};

pub(in crate::adapters::mqtt) fn settings(profile: Option<Profile>) -> MqttSettings {
    MqttSettings {
        name: InputName::new("mqtt.plant"),
        broker: Broker {
            transport: Transport::Tcp,
            host: "broker".to_owned(),
            port: 1883,
            path: String::new(),
        },
        version: MqttVersion::V311,
        client_id: "vigie".to_owned(),
        topics: vec![Filter::parse("#").unwrap()],
        qos: Qos::AtLeastOnce,
        login: None,
        ca: None,
        identity: None,
        server_name: None,
        keep_alive: Duration::from_secs(30),
        max_payload: 100,
        session_expiry: Duration::from_secs(60),
        profile: profile.map(|profile| (profile, None)),
        nodes: Vec::new(),
        publish: None,
        published_here: Vec::new(),
    }
}

fn message(topic: &[u8], payload: &[u8]) -> Message {
    Message {
        topic: topic.to_vec(),
        payload: Arc::from(payload),
        retained: false,
        again: false,
        delivery: Some(Delivery { id: 7, exactly_once: false }),
    }
}

fn read(message: &Message) -> Understood {
    of(message, &settings(None), None, Utc::default())
}

#[test]
fn what_is_under_no_topic_is_recorded_without_being_read() {
    for topic in [&b""[..], b"a/+", b"a\xff"] {
        let understood = read(&message(topic, b"on"));
        assert!(matches!(understood.refused, Some(Refused::NoTopic(_))), "{topic:?}");
        let signal = &understood.signals[0];
        assert!(signal.raw.is_empty() && signal.fields.get("payload").is_none());
        assert!(signal.identity.is_some() && understood.topic.is_none());
    }
}

#[test]
fn a_payload_at_the_limit_is_read_and_one_beyond_it_is_not() {
    assert_eq!(read(&message(b"a", &[b'x'; 100])).refused, None);
    let refused = read(&message(b"a", &[b'x'; 101])).refused;
    assert_eq!(refused, Some(Refused::TooLong { octets: 101, limit: 100 }));
}

#[test]
fn retained_stands_before_again_and_again_before_news() {
    let tells = |retained, again| {
        read(&Message { retained, again, ..message(b"a", b"on") }).signals[0].tells
    };
    assert_eq!(tells(true, true), Tells::Standing);
    assert_eq!(tells(true, false), Tells::Standing);
    assert_eq!(tells(false, true), Tells::Again);
    assert_eq!(tells(false, false), Tells::News);
}

#[test]
fn every_value_of_json_comes_as_it_is() {
    let signal =
        read(&message(b"a", br#"[null, true, -1, 18446744073709551615, 0.5, "e", {"k": []}]"#));
    let mut object = Fields::default();
    object.set("k", Value::List(Vec::new()));
    let values = vec![
        Value::Null,
        Value::Bool(true),
        Value::Int(-1),
        Value::UInt(u64::MAX),
        Value::Float(0.5),
        Value::text("e"),
        Value::Map(object),
    ];
    assert_eq!(signal.signals[0].fields.get("json"), Some(&Value::List(values)));
}

#[test]
fn a_long_payload_has_a_short_text() {
    let long: Arc<str> = "é".repeat(3_000).into();
    let short = shortened(Arc::clone(&long));
    assert!(
        short.len() < 4_200
            && short.ends_with('…')
            && long.starts_with(short.trim_end_matches('…'))
    );
    let fits: Arc<str> = "x".repeat(4_096).into();
    assert_eq!(shortened(Arc::clone(&fits)), fits);
}

#[test]
fn an_event_that_its_sender_has_numbered_is_known_by_that() {
    let settings = settings(Some(Profile::ChirpStack));
    let settings = MqttSettings { max_payload: 4_096, ..settings };
    let up = br#"{"deduplicationId":"3ac7e3c4-4401-4b8d-9386-a5c902f9202d","time":"2026-11-27T01:00:00Z","deviceInfo":{"deviceName":"cave","devEui":"0101010101010101"},"fCnt":10,"object":{"level":3}}"#;
    let topic = b"application/1/device/0101010101010101/event/up";
    let mut reader = Reader::new(Profile::ChirpStack, None).unwrap();
    let mut read = |id: u16| {
        let message =
            Message { delivery: Some(Delivery { id, exactly_once: false }), ..message(topic, up) };
        of(&message, &settings, Some(&mut reader), Utc::default()).signals.remove(0)
    };
    let (first, second) = (read(1), read(2));
    assert_eq!((first.identity, first.tells), (second.identity, Tells::Again));
    assert_eq!(first.fields.get("device"), Some(&Value::text("0101010101010101")));
    assert_eq!(first.fields.get("device_name"), Some(&Value::text("cave")));
    assert!(first.source_time.is_some());
}

/// A message of Shelly's in which so many buttons were pushed.
fn of_buttons(buttons: usize) -> Vec<u8> {
    let pushed = |id| {
        format!(r#"{{"component":"input:{id}","id":{id},"event":"single_push","ts":1795399925.5}}"#)
    };
    let events: Vec<String> = (0..buttons).map(pushed).collect();
    let events = events.join(",");
    format!(r#"{{"src":"s","dst":"d","method":"NotifyEvent","params":{{"ts":1795399925.5,"events":[{events}]}}}}"#)
        .into_bytes()
}

#[test]
fn a_message_that_tells_many_things_is_on_the_record_once_and_not_once_for_each() {
    let settings = MqttSettings { max_payload: 1 << 20, ..settings(Some(Profile::Shelly)) };
    let mut reader = Reader::new(Profile::Shelly, None).unwrap();
    let said = message(b"shellypro4pm-f008d1d8b8b8/events/rpc", &of_buttons(4));
    let understood = of(&said, &settings, Some(&mut reader), Utc::default());
    let (first, others) = understood.signals.split_first().unwrap();
    assert_eq!(others.len(), 3);
    let has = |signal: &Signal, field| signal.fields.get(field).is_some();
    assert!(!first.raw.is_empty() && has(first, "json") && has(first, "payload"));
    for other in others {
        assert!(other.raw.is_empty() && !has(other, "json") && !has(other, "payload"));
        assert!(has(other, "facts") && has(other, "topic") && has(other, "part"));
        assert_ne!(other.identity, first.identity);
    }
}

#[test]
fn a_message_that_tells_more_than_there_is_room_for_is_refused_as_one() {
    let mut reader = Reader::new(Profile::Shelly, None).unwrap();
    let topic = Topic::parse("shellypro4pm-f008d1d8b8b8/events/rpc").unwrap();
    let reading = reader.read(&topic, &of_buttons(1), false).unwrap().readings.remove(0);
    let mut plain = read(&message(topic.as_str().as_bytes(), &[b'x'; 100])).signals.remove(0);
    plain.text = "x".repeat(4_096).into();
    assert!(with_readings(&mut plain.clone(), vec![reading.clone(); 1_000]).is_some());
    assert!(with_readings(&mut plain, vec![reading; 5_000]).is_none());
}
