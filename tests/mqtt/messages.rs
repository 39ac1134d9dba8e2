//! What messages become: payloads of every kind, retained ones, wills, and what cannot be read.

use vigie::watch::own_alarms::SelfAlarm;
use vigie::watch::signal::{Tells, Value};

use crate::house::{House, plant, settings, until};
use crate::mosquitto::Mosquitto;

#[tokio::test]
async fn a_payload_of_any_kind_comes_with_the_fields_that_it_has() {
    let broker = Mosquitto::plain();
    let mut house = House::open(plant(&broker.url())).await;
    broker.say("plant/a/alarm/temperature", "21.5");
    let number = house.taken().await;
    assert_eq!(&*number.source, "plant/a/alarm/temperature");
    assert_eq!(number.fields.get("value"), Some(&Value::Float(21.5)));
    assert_eq!(number.fields.get("payload"), Some(&Value::text("21.5")));
    let levels = ["plant", "a", "alarm", "temperature"].map(Value::text);
    assert_eq!(number.fields.get("topic"), Some(&Value::List(levels.into())));
    assert_eq!(number.fields.get("retained"), Some(&Value::Bool(false)));
    assert_eq!((number.tells, number.identity.is_some()), (Tells::News, true));

    broker.say("plant/a/state", r#"{"battery": 7, "deep": {"list": [1, null, "é"]}}"#);
    let json = house.taken().await;
    let Some(Value::Map(object)) = json.fields.get("json") else { panic!("{json:?}") };
    assert_eq!(object.get("battery"), Some(&Value::Int(7)));
    assert!(json.fields.get("value").is_none());

    broker.say_octets("plant/a/raw", &[0xff, 0xfe, 0x00, 0x41]);
    let octets = house.taken().await;
    assert_eq!(&*octets.raw, &[0xff, 0xfe, 0x00, 0x41]);
    assert!(octets.text.contains("fffe0041"), "{}", octets.text);

    broker.publish(&["-q", "1", "-t", "plant/a/empty", "-n"]);
    let empty = house.taken().await;
    assert_eq!((&*empty.text, empty.raw.len()), ("", 0));

    broker.publish(&["-q", "0", "-t", "plant/a/once", "-m", "x"]);
    let once = house.taken().await;
    assert_eq!(once.identity, None, "nobody repeats it");
    broker.publish(&["-q", "2", "-t", "plant/a/twice", "-m", "x"]);
    assert_eq!(
        &*house.taken().await.text,
        "x",
        "the broker delivers it with the QoS that was asked for"
    );

    until("five are acknowledged", || house.counter("acknowledged") == 5).await;
    assert_eq!((house.counter("messages"), house.counter("odd")), (6, 1));
}

#[tokio::test]
async fn what_the_broker_had_kept_is_no_news_at_the_start_nor_after_a_new_connection() {
    let mut broker = Mosquitto::plain();
    broker.publish(&["-q", "1", "-r", "-t", "plant/a/door", "-m", "open"]);
    let mut house = House::open(plant(&broker.url())).await;
    let kept = house.taken().await;
    assert_eq!((&*kept.text, kept.tells), ("open", Tells::Standing));
    broker.publish(&["-q", "1", "-r", "-t", "plant/a/door", "-m", "closed"]);
    let live = house.taken().await;
    assert_eq!((&*live.text, live.tells), ("closed", Tells::News), "said now, it is news");
    let acknowledged = || broker.log().matches("Received PUBACK from vigie").count();
    until("the broker knows that we have both", || acknowledged() == 2).await;
    broker.stop();
    broker.start();
    let again = house.taken().await;
    assert_eq!((&*again.text, again.tells), ("closed", Tells::Standing));
    assert_eq!(house.counter("retained"), 2);
}

#[tokio::test]
async fn a_last_will_that_is_kept_says_offline_once_and_online_once() {
    let broker = Mosquitto::plain();
    let mut house = House::open(plant(&broker.url())).await;
    let will = [
        "-t",
        "plant/a",
        "--will-topic",
        "plant/a/status",
        "--will-payload",
        "offline",
        "--will-retain",
        "--will-qos",
        "1",
        "-i",
        "device",
        "-k",
        "5",
    ];
    let mut device = broker.program("mosquitto_sub", &will).spawn().unwrap();
    until("the device is there", || broker.log().contains("as device")).await;
    broker.publish(&["-q", "1", "-r", "-t", "plant/a/status", "-m", "online"]);
    assert_eq!((&*house.taken().await.text), "online");
    device.kill().unwrap();
    device.wait().unwrap();
    let gone = house.taken().await;
    assert_eq!((&*gone.text, gone.tells), ("offline", Tells::News));
    until("both are acknowledged", || house.counter("acknowledged") == 2).await;
    // The broker has heard that as well once it has answered what was said after it.
    house.close().await;
    let mut house = House::open(plant(&broker.url())).await;
    let standing = house.taken().await;
    assert_eq!((&*standing.text, standing.tells), ("offline", Tells::Standing));
}

#[tokio::test]
async fn a_payload_that_is_too_long_is_refused_once_told_and_acknowledged() {
    let broker = Mosquitto::plain();
    let mut house = House::open(plant(&broker.url())).await;
    broker.say_octets("plant/camera", &vec![b'x'; 2 << 20]);
    let told = house.own_of(SelfAlarm::MessageRefused).await;
    assert!(
        told.reason.contains("`plant/camera`") && told.reason.contains("2097152 bytes"),
        "{told:?}"
    );
    let refused = house.taken().await;
    assert!(refused.fields.get("refused").is_some() && refused.fields.get("payload").is_none());
    assert!(refused.raw.is_empty());
    broker.say_octets("plant/long", &vec![b'x'; 11_000]);
    let long = house.taken().await;
    assert_eq!(long.raw.len(), 11_000, "what follows comes by the same connection");
    assert!(long.text.len() < 5_000);
    until("both are acknowledged", || house.counter("acknowledged") == 2).await;
    assert_eq!((house.counter("refused"), house.counter("reconnections")), (1, 0));
}

#[tokio::test]
async fn a_device_of_a_convention_is_told_by_its_name() {
    let broker = Mosquitto::plain();
    let mut house = House::open(settings(&format!(
        "broker = \"{}\"\nclient-id = \"vigie\"\nprofile = \"zigbee2mqtt\"",
        broker.url()
    )))
    .await;
    broker.publish(&["-r", "-t", "zigbee2mqtt/cave/availability", "-m", r#"{"state":"offline"}"#]);
    let offline = house.taken().await;
    assert_eq!(offline.fields.get("device"), Some(&Value::text("cave")));
    assert_eq!(offline.fields.get("reading"), Some(&Value::text("availability")));
    assert_eq!(offline.fields.get("online"), Some(&Value::Bool(false)));
    broker.say("zigbee2mqtt/cave", r#"{"battery":7,"water_leak":true}"#);
    let state = house.taken().await;
    let Some(Value::Map(facts)) = state.fields.get("facts") else { panic!("{state:?}") };
    assert_eq!(facts.get("water_leak"), Some(&Value::Bool(true)));
    assert_eq!(state.fields.get("reading"), Some(&Value::text("state")));
}
