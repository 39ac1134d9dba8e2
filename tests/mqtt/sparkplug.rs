//! A Sparkplug node whose payloads are none of ours, by a real broker: births, deaths, gaps, and what is asked for.

use vigie::config::MqttSettings;
use vigie::watch::own_alarms::SelfAlarm;
use vigie::watch::signal::{Signal, Tells, Value};

use crate::house::{House, settings, until};
use crate::mosquitto::Mosquitto;
use crate::station::Station;

fn works(broker: &Mosquitto, more: &str) -> MqttSettings {
    let keys = "client-id = \"vigie\"\nprofile = \"sparkplug-b\"";
    settings(&format!("broker = \"{}\"\n{keys}\n{more}", broker.url()))
}

/// Who tells what: `plc data`.
fn told(signal: &Signal) -> String {
    let word = |field| match signal.fields.get(field) {
        Some(Value::Text(text)) => text.to_string(),
        other => panic!("{other:?}"),
    };
    let device = word("device");
    format!("{} {}", device.rsplit('/').next().unwrap(), word("reading"))
}

fn fact(signal: &Signal, name: &str) -> Option<Value> {
    match signal.fields.get("facts") {
        Some(Value::Map(facts)) => facts.get(name).cloned(),
        _ => None,
    }
}

fn flood(signal: &Signal) -> Option<Value> {
    fact(signal, "Inputs/Flood")
}

fn stale(signal: &Signal) -> String {
    signal.fields.get("stale").map(ToString::to_string).unwrap_or_default()
}

fn remarks(signal: &Signal) -> String {
    signal.fields.get("remarks").map(ToString::to_string).unwrap_or_default()
}

/// The births of node and device, which come together.
async fn births(house: &mut House) -> (Signal, Signal) {
    let (node, device) = (house.taken().await, house.taken().await);
    assert_eq!((&*told(&node), &*told(&device)), ("station birth", "plc birth"));
    (node, device)
}

#[tokio::test]
async fn a_node_that_is_heard_and_not_understood_is_asked_for_its_birth_and_then_understood() {
    for version in ["version = \"3.1.1\"", "version = \"5\""] {
        let broker = Mosquitto::plain();
        let mut station = Station::of(&broker.host, broker.port);
        station.must("connect 7");
        station.must("birth");
        let mut house = House::open(works(&broker, version)).await;
        station.must("flood 1");
        let unnamed = house.taken().await;
        assert_eq!((told(&unnamed), flood(&unnamed)), ("plc data".to_owned(), None));
        assert_eq!(remarks(&unnamed), "its birth was not heard");
        assert!(unnamed.fields.get("payload").is_none());
        let (node, device) = births(&mut house).await;
        assert_eq!((node.tells, device.tells), (Tells::Standing, Tells::Standing), "we have asked");
        assert_eq!(fact(&node, "Supply"), Some(Value::Float(12.5)));
        assert_eq!(flood(&device), Some(Value::Bool(true)), "how it stands is known now");
        assert_eq!(&*device.text, "works/station/plc: birth: Inputs/Flood true");
        station.must("flood 0");
        let named = house.taken().await;
        assert_eq!((flood(&named), named.tells), (Some(Value::Bool(false)), Tells::News));
        assert_eq!((station.asked(), house.counter("births_asked")), (1, 1));
        // Our own command does not come back; and nothing of it is odd.
        assert_eq!((house.counter("messages"), house.counter("odd")), (4, 0));
        let command = "Received PUBLISH from vigie (d0, q0, r0, m0, 'spBv1.0/works/NCMD/station'";
        assert!(broker.log().contains(command), "{}", broker.log());
    }
}

#[tokio::test]
async fn a_message_that_was_lost_makes_aliases_doubtful_until_the_birth_that_is_asked_for() {
    let broker = Mosquitto::plain();
    let mut station = Station::of(&broker.host, broker.port);
    let mut house = House::open(works(&broker, "")).await;
    station.must("connect 7");
    station.must("birth");
    let (node, _) = births(&mut house).await;
    assert_eq!(node.tells, Tells::News, "it begins by itself");
    station.must("skip");
    station.must("flood 1");
    let doubtful = house.taken().await;
    assert_eq!((flood(&doubtful), stale(&doubtful)), (None, "Inputs/Flood".to_owned()));
    assert!(remarks(&doubtful).contains("number 2 was due and 3 came"), "{}", remarks(&doubtful));
    let (_, device) = births(&mut house).await;
    assert_eq!(flood(&device), Some(Value::Bool(true)), "and nothing of it was missed");
    assert_eq!(station.asked(), 1);
}

#[tokio::test]
async fn several_samples_in_one_message_are_told_one_by_one_and_those_of_the_past_as_past() {
    let broker = Mosquitto::plain();
    let mut station = Station::of(&broker.host, broker.port);
    let mut house = House::open(works(&broker, "")).await;
    station.must("connect 7");
    station.must("birth");
    births(&mut house).await;
    station.must("floods 0 1 0");
    for is in [false, true, false] {
        let sample = house.taken().await;
        assert_eq!((told(&sample), flood(&sample)), ("plc data".to_owned(), Some(Value::Bool(is))));
    }
    station.must("past 1");
    let past = house.taken().await;
    assert_eq!((told(&past), flood(&past)), ("plc past".to_owned(), Some(Value::Bool(true))));
}

#[tokio::test]
async fn a_death_counts_in_the_session_of_the_birth_alone_and_makes_all_metrics_stale() {
    let broker = Mosquitto::plain();
    let mut station = Station::of(&broker.host, broker.port);
    let mut house = House::open(works(&broker, "")).await;
    station.must("connect 7");
    station.must("birth");
    births(&mut house).await;
    station.must("death 6");
    let old = house.taken().await;
    assert!(old.fields.get("reading").is_none(), "{old:?}");
    assert!(remarks(&old).contains("an earlier session (6)"), "{}", remarks(&old));
    station.must("flood 1");
    let lives = house.taken().await;
    assert_eq!(flood(&lives), Some(Value::Bool(true)), "it lives on");
    station.must("die");
    let (node, device) = (house.taken().await, house.taken().await);
    assert_eq!((&*told(&node), &*told(&device)), ("station death", "plc death"));
    assert_eq!(node.fields.get("online"), Some(&Value::Bool(false)));
    assert_eq!((stale(&device), flood(&device)), ("Inputs/Flood".to_owned(), None));
    assert_eq!(stale(&node), "Node Control/Rebirth, Supply, bdSeq");
    until("the will is acknowledged", || house.counter("acknowledged") == 1).await;
    assert_eq!(house.counter("births_asked"), 0, "who is gone is not asked");
    station.must("connect 8");
    station.must("birth");
    let (node, _) = births(&mut house).await;
    assert_eq!(node.tells, Tells::News);
}

#[tokio::test]
async fn after_a_new_connection_the_nodes_are_asked_once_the_broker_has_answered_the_subscription()
{
    let broker = Mosquitto::plain();
    let mut station = Station::of(&broker.host, broker.port);
    let mut house = House::open(works(&broker, "")).await;
    station.must("connect 7");
    station.must("birth");
    births(&mut house).await;
    // A death is the one message that wants an acknowledgement; it is not recorded, and the connection made anew.
    broker.publish(&["-q", "1", "-t", "spBv1.0/works/NNEWS/other", "-m", "x"]);
    broker.publish(&["-q", "1", "-t", "spBv1.0/works/NDEATH/other", "-m", ""]);
    let (_, receipt) = house.signal().await;
    drop(receipt);
    until("it is connected again", || house.counter("reconnections") == 1).await;
    assert_eq!(told(&house.taken().await), "other death", "it comes again");
    let (node, _) = births(&mut house).await;
    assert_eq!(node.tells, Tells::Standing);
    until("both are asked", || house.counter("births_asked") == 2).await;
    assert_eq!(station.asked(), 1);
    let log = broker.log();
    let last = |words: &str| log.rfind(words).unwrap_or_else(|| panic!("{words}: {log}"));
    let asked = last("Received PUBLISH from vigie (d0, q0, r0, m0, 'spBv1.0/works/NCMD/station'");
    assert!(last("Sending SUBACK to vigie") < asked);
}

#[tokio::test]
async fn a_node_that_is_listed_is_asked_at_the_start_though_it_says_nothing() {
    let broker = Mosquitto::plain();
    let mut station = Station::of(&broker.host, broker.port);
    station.must("connect 7");
    station.must("birth");
    station.must("flooded 1");
    let mut house = House::open(works(&broker, "nodes = [\"works/station\"]")).await;
    let (_, device) = births(&mut house).await;
    assert_eq!((flood(&device), device.tells), (Some(Value::Bool(true)), Tells::Standing));
}

#[tokio::test]
async fn a_node_that_does_not_answer_is_not_asked_at_each_of_its_messages() {
    let broker = Mosquitto::plain();
    let mut station = Station::of(&broker.host, broker.port);
    station.must("connect 7");
    station.must("answer no");
    let mut house = House::open(works(&broker, "")).await;
    station.must("many 1000");
    for _ in 0..1_000 {
        assert_eq!(told(&house.taken().await), "station data");
    }
    until("the broker has the command", || broker.log().contains("works/NCMD/station', ")).await;
    // The answer to what the node says now comes behind the command.
    station.must("many 1");
    house.taken().await;
    assert_eq!((station.asked(), house.counter("births_asked")), (1, 1));
}

#[tokio::test]
async fn a_node_that_cannot_be_read_is_told_of_with_the_remedy() {
    let broker = Mosquitto::plain();
    let mut station = Station::of(&broker.host, broker.port);
    let mut house = House::open(works(&broker, "")).await;
    station.must("connect 7");
    station.must("compressed");
    let told = house.own_of(SelfAlarm::MessageRefused).await;
    assert!(told.reason.contains("NDATA/station`"), "{told:?}");
    assert!(told.reason.contains("turn compression off at the node"), "{told:?}");
    let refused = house.taken().await;
    assert!(refused.fields.get("refused").is_some() && !refused.raw.is_empty());
}
