//! A broker that breaks the protocol, refuses, or goes on where another program stopped.

use std::time::Duration;

use vigie::watch::own_alarms::SelfAlarm;

use crate::house::{House, plant, settings, until};
use crate::scripted::{ACCEPTED, PUBACK, PUBCOMP, RESUMED, SUBSCRIBE, Scripted, publish};

#[tokio::test]
async fn garbage_and_half_packets_end_one_connection_and_no_more() {
    let broker = Scripted::new().await;
    let mut house = House::birth(plant(&broker.url()));
    for garbage in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        &[0xf0, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x90, 1, 0],
    ] {
        let mut caller = broker.subscriber().await;
        caller.say(garbage).await;
        caller.hung_up().await;
    }
    let mut caller = broker.subscriber().await;
    let message = publish(7, "plant/a", b"half");
    let (begin, end) = message.split_at(5);
    caller.say(begin).await;
    drop(caller);
    let mut caller = broker.subscriber().await;
    caller.say(begin).await;
    caller.say(end).await;
    assert_eq!(&*house.taken().await.text, "half");
    assert_eq!(caller.hear(PUBACK).await, [0, 7]);
}

#[tokio::test]
async fn a_broker_that_breaks_the_protocol_is_told_in_words() {
    let broker = Scripted::new().await;
    let mut house = House::birth(plant(&broker.url()));
    let mut caller = broker.caller().await;
    caller.say(&[0xd0, 0]).await;
    let why = house.lost().await;
    assert!(why.starts_with("the broker does not keep to MQTT"), "{why}");
}

#[tokio::test]
async fn a_broker_that_sends_what_nobody_can_read_is_told_and_called_again() {
    let broker = Scripted::new().await;
    let mut house = House::birth(settings(&format!(
        "broker = \"{}\"\nclient-id = \"vigie\"\ntopics = [\"plant/#\"]\nversion = \"5\"",
        broker.url()
    )));
    let mut caller = broker.caller().await;
    caller.say(&[0x20, 3, 0, 0, 0]).await;
    let asked = caller.hear(SUBSCRIBE).await;
    caller.say(&[0x90, 4, asked[0], asked[1], 0, 1]).await;
    house.until_up().await;
    // A message by an alias that was never given (MQTT 5 §3.3.2.3.4): the library takes leave, and says nothing of it.
    caller.say(&[0x30, 7, 0, 0, 3, 0x23, 0, 7, b'x']).await;
    let why = house.lost().await;
    assert!(why.starts_with("the broker does not keep to MQTT"), "{why}");
    broker.caller().await;
}

#[tokio::test]
async fn a_delivery_that_another_program_began_is_ended_and_comes_no_more() {
    let broker = Scripted::new().await;
    let mut house = House::birth(plant(&broker.url()));
    let mut caller = broker.caller().await;
    caller.say(RESUMED).await;
    // PUBREL of QoS 2, of an id that nobody here has heard of.
    caller.say(&[0x62, 2, 0x12, 0x34]).await;
    caller.grant_and(&[1], PUBCOMP, &[0x12, 0x34]).await;
    caller.say(&publish(1, "plant/a", b"after")).await;
    assert_eq!(&*house.taken().await.text, "after");
    assert_eq!(caller.hear(PUBACK).await, [0, 1]);
    assert_eq!(house.counter("reconnections"), 0);
}

#[tokio::test]
async fn a_refusal_at_the_door_is_told_with_its_cause() {
    for (code, cause) in [
        (1, "does not speak this version of MQTT"),
        (2, "does not take our `client-id`"),
        (3, "not available now"),
        (4, "wrong user or password"),
        (5, "wrong user or password"),
    ] {
        let broker = Scripted::new().await;
        let mut house = House::birth(plant(&broker.url()));
        // A broker that is busy is spared for some seconds, and called again meanwhile.
        let refuses = async {
            loop {
                let mut caller = broker.caller().await;
                caller.say(&[0x20, 2, 0, code]).await;
            }
        };
        let why = tokio::select! {
            why = house.lost() => why,
            () = refuses => unreachable!("it goes on"),
        };
        assert!(why.contains(cause), "{code}: {why}");
    }
}

#[tokio::test]
async fn a_broker_of_mqtt_5_that_gives_our_name_away_says_so() {
    let broker = Scripted::new().await;
    let keys = "client-id = \"vigie\"\ntopics = [\"plant/#\"]\nversion = \"5\"";
    let mut house = House::birth(settings(&format!("broker = \"{}\"\n{keys}", broker.url())));
    let mut caller = broker.caller().await;
    caller.say(&[0x20, 3, 0, 0, 0]).await;
    caller.say(&[0xe0, 2, 0x8e, 0]).await;
    let why = house.lost().await;
    assert!(why.starts_with("another client has connected with the same `client-id`"), "{why}");
}

#[tokio::test]
async fn a_subscription_that_is_refused_is_an_alarm_that_names_the_topic() {
    let broker = Scripted::new().await;
    let mut house = House::birth(settings(&format!(
        "broker = \"{}\"\nclient-id = \"vigie\"\ntopics = [\"plant/#\", \"secret/#\"]",
        broker.url()
    )));
    let mut caller = broker.caller().await;
    caller.say(ACCEPTED).await;
    caller.grant(&[1, 0x80]).await;
    let told = house.own_of(SelfAlarm::SubscriptionRefused).await;
    assert!(told.active && told.reason.contains("`secret/#`"), "{told:?}");
    assert!(!told.reason.contains("plant"), "{told:?}");
    house.until_up().await;
    drop(caller);
    let mut caller = broker.caller().await;
    caller.say(ACCEPTED).await;
    caller.grant(&[1, 1]).await;
    let over = house.own_of(SelfAlarm::SubscriptionRefused).await;
    assert!(!over.active, "{over:?}");
}

#[tokio::test]
async fn a_packet_that_no_memory_has_room_for_is_told_with_its_remedy() {
    let broker = Scripted::new().await;
    let mut house = House::birth(plant(&broker.url()));
    let mut caller = broker.subscriber().await;
    // A PUBLISH of 200 MiB; its first octets are enough.
    caller.say(&[0x32, 0x80, 0x80, 0x80, 0x64, 0, 1, b'a']).await;
    let why = house.lost().await;
    assert!(why.contains("more than 16 MiB") && why.contains("message_size_limit"), "{why}");
    caller.hung_up().await;
}

#[tokio::test]
async fn a_connection_that_is_closed_as_soon_as_it_is_made_again_and_again_is_told() {
    let broker = Scripted::new().await;
    let mut house = House::birth(plant(&broker.url()));
    for _ in 0..3 {
        drop(broker.subscriber().await);
    }
    let why = house.lost().await;
    assert!(why.contains("perhaps another client has the same `client-id`"), "{why}");
    let mut caller = broker.subscriber().await;
    caller.say(&publish(1, "plant/a", b"on")).await;
    assert_eq!(&*house.taken().await.text, "on", "what comes is taken all the same");
}

#[tokio::test]
async fn a_broker_that_says_nothing_is_told() {
    let broker = Scripted::new().await;
    let mut house = House::birth(plant(&broker.url()));
    let _silent = broker.caller().await;
    let why = house.lost().await;
    assert!(why.contains("does not answer when it is called"), "{why}");
}

#[tokio::test]
async fn a_broker_that_bounds_nothing_in_flight_has_every_message_acknowledged_and_in_order() {
    const MESSAGES: usize = 90_000;
    let broker = Scripted::new().await;
    let mut house = House::birth(plant(&broker.url()));
    let caller = broker.subscriber().await;
    // More than there are packet ids, as Mosquitto 2.0.11 sends them.
    let ids: Vec<u16> = (1..=u16::MAX).cycle().take(MESSAGES).collect();
    let flood: Vec<u8> = ids.iter().flat_map(|id| publish(*id, "plant/a", b"on")).collect();
    let taking = async {
        for _ in 0..MESSAGES {
            house.taken().await;
        }
    };
    let (acknowledged, ()) = tokio::join!(caller.flood(flood, PUBACK, MESSAGES), taking);
    assert!(acknowledged == ids, "in the order of receipt, and none left out");
    assert_eq!((house.counter("unanswered"), house.counter("reconnections")), (0, 0));
}

#[tokio::test]
async fn a_broker_that_fills_the_wire_fills_no_memory() {
    let broker = Scripted::new().await;
    let mut house = House::birth(plant(&broker.url()));
    let mut caller = broker.subscriber().await;
    house.until_up().await;
    let packet = publish(1, "plant/a", &vec![b'x'; 1 << 20]);
    // Nobody takes a letter: what was said ends in the socket's buffers.
    let flood = async {
        let mut sent = 0;
        loop {
            match tokio::time::timeout(Duration::from_secs(2), caller.say(&packet)).await {
                Ok(()) => sent += 1,
                Err(_) => return sent,
            }
        }
    };
    let sent = flood.await;
    assert!(sent < 120, "{sent} MiB were taken in");
    until("some were read", || house.counter("messages") > 0).await;
}
