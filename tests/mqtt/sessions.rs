//! What is not acknowledged comes again, what is comes no more, and nothing is acknowledged before it is on disk.

use std::collections::HashMap;

use vigie::watch::decision::Outcome;
use vigie::watch::event::Happening;
use vigie::watch::own_alarms::SelfAlarm;
use vigie::watch::signal::Tells;

use crate::house::{House, plant, settings, until};
use crate::mosquitto::{Mosquitto, RECOMMENDED, absent};

#[tokio::test]
async fn what_was_not_on_disk_when_the_power_failed_comes_again_and_says_so() {
    let broker = Mosquitto::plain();
    let mut house = House::open(plant(&broker.url())).await;
    for text in ["one", "two", "three"] {
        broker.say("plant/a", text);
    }
    let first = house.taken().await;
    until("the first is acknowledged", || house.counter("acknowledged") == 1).await;
    let (second, _receipt) = house.signal().await;
    let (_third, receipt) = house.signal().await;
    // The third is on disk, and the second before it is not: neither is acknowledged.
    receipt.give(Outcome::Taken);
    house.kill().await;
    let mut house = House::birth(plant(&broker.url()));
    let again = house.taken().await;
    assert_eq!((&*again.text, again.tells), ("two", Tells::Again));
    assert_eq!(again.identity, second.identity);
    assert_ne!(again.identity, first.identity);
    assert_eq!(&*house.taken().await.text, "three");
    until("both are acknowledged", || house.counter("acknowledged") == 2).await;
    house.close().await;
    let mut house = House::open(plant(&broker.url())).await;
    broker.say("plant/a", "four");
    assert_eq!(&*house.taken().await.text, "four", "what was acknowledged comes no more");
    assert_eq!(house.counter("duplicates"), 0);
}

#[tokio::test]
async fn a_message_that_the_record_does_not_take_is_sent_again_by_a_new_connection() {
    let broker = Mosquitto::plain();
    let mut house = House::open(plant(&broker.url())).await;
    broker.say("plant/a", "on");
    let (first, receipt) = house.signal().await;
    drop(receipt);
    let again = house.taken().await;
    assert_eq!((again.identity, again.tells), (first.identity, Tells::Again));
    until("it is acknowledged", || house.counter("acknowledged") == 1).await;
    assert_eq!((house.counter("unanswered"), house.counter("reconnections")), (1, 1));
}

#[tokio::test]
async fn a_backlog_of_ten_thousand_comes_in_order_and_whole() {
    let mut broker = absent();
    // Without the disk: that a broker writes its whole queue at each change is not what is tried here.
    broker.write("allow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 1000", "");
    broker.start();
    let mut house = House::open(plant(&broker.url())).await;
    house.close().await;
    let lines: String = (0..10_000).map(|number| format!("{number}\n")).collect();
    broker.say_lines("plant/a", &lines);
    let mut house = House::birth(plant(&broker.url()));
    for number in 0..10_000 {
        assert_eq!(*house.taken().await.text, number.to_string());
    }
    until("all are acknowledged", || house.counter("acknowledged") == 10_000).await;
    assert_eq!((house.counter("messages"), house.counter("reconnections")), (10_000, 0));
}

#[tokio::test]
async fn a_full_house_that_a_broker_gives_up_loses_nothing_and_calls_nobody() {
    const MESSAGES: u32 = 300;
    let broker = Mosquitto::plain();
    let mut house = House::open(plant(&broker.url())).await;
    // More than the house has room for, and nobody takes a letter out of its inbox.
    for number in 0..MESSAGES {
        let mut octets = vec![b' '; 200 << 10];
        octets.extend(number.to_string().into_bytes());
        broker.say_octets("plant/a", &octets);
    }
    until("the broker gives us up", || broker.log().contains("vigie has exceeded timeout")).await;
    let mut known = HashMap::new();
    while known.len() < usize::try_from(MESSAGES).unwrap() {
        match house.happening().await {
            (Happening::Signal(signal), receipt) => {
                let number: u32 = signal.fields.get("value").unwrap().to_string().parse().unwrap();
                let first = *known.entry(number).or_insert(signal.identity);
                assert_eq!(
                    (number, first),
                    (number, signal.identity),
                    "it is known when it comes again"
                );
                receipt.give(Outcome::Taken);
            }
            (Happening::Own(own), _) => {
                assert!(!(own.alarm == SelfAlarm::InputLost && own.active), "{own:?}");
            }
            (other, _) => panic!("{other:?}"),
        }
    }
    until("it is connected again", || house.counter("reconnections") > 0).await;
}

#[tokio::test]
async fn what_was_accepted_is_acknowledged_before_the_house_closes() {
    let broker = Mosquitto::plain();
    let mut house = House::open(plant(&broker.url())).await;
    broker.say("plant/a", "last");
    let (_, receipt) = house.signal().await;
    house.closing.send_replace(true);
    receipt.give(Outcome::Taken);
    house.close().await;
    assert_eq!(house.counter("acknowledged"), 1);
    until("we took leave", || broker.log().contains("Received DISCONNECT from vigie")).await;
    let mut house = House::open(plant(&broker.url())).await;
    broker.say("plant/a", "next");
    assert_eq!(&*house.taken().await.text, "next");
}

#[tokio::test]
async fn a_broker_that_forgot_us_is_told_what_we_listen_to_and_the_loss_is_counted() {
    let mut broker = absent();
    broker.write("allow_anonymous true\npersistence false", "");
    broker.start();
    let mut house = House::open(plant(&broker.url())).await;
    broker.kill();
    broker.start();
    until("it is connected again", || house.counter("reconnections") == 1).await;
    house.until_up().await;
    assert_eq!(house.counter("sessions_lost"), 1);
    broker.say("plant/a", "after");
    assert_eq!(&*house.taken().await.text, "after");
}

#[tokio::test]
async fn a_broker_that_dies_and_keeps_its_sessions_loses_nothing() {
    let mut broker = Mosquitto::plain();
    let mut house = House::open(plant(&broker.url())).await;
    broker.say("plant/a", "one");
    let (_, receipt) = house.signal().await;
    until("the broker has saved it", || broker.path("mosquitto.db").exists()).await;
    broker.kill();
    receipt.give(Outcome::Taken);
    broker.start();
    house.until_up().await;
    assert_eq!(house.counter("sessions_lost"), 0);
    broker.say("plant/a", "two");
    let mut texts = vec![house.taken().await.text];
    if &*texts[0] == "one" {
        texts.push(house.taken().await.text);
    }
    assert_eq!(&**texts.last().unwrap(), "two");
}

#[tokio::test]
async fn topics_that_the_files_no_longer_list_are_taken_once_and_then_left() {
    let broker = Mosquitto::plain();
    let url = broker.url();
    let old = settings(&format!(
        "broker = \"{url}\"\nclient-id = \"vigie\"\ntopics = [\"plant/#\", \"old/door\"]"
    ));
    House::open(old).await.close().await;
    let mut house = House::open(plant(&url)).await;
    broker.say("old/door", "first");
    assert_eq!(&*house.taken().await.text, "first", "it never stands before others");
    until("it is left", || broker.log().contains("Received UNSUBSCRIBE from vigie")).await;
    broker.say("old/door", "second");
    broker.say("plant/a", "third");
    assert_eq!(&*house.taken().await.text, "third");
    assert_eq!(house.counter("unasked"), 1);
}

#[tokio::test]
async fn with_mqtt_5_the_broker_keeps_what_comes_for_as_long_as_it_is_asked_to() {
    let mut broker = absent();
    broker.write(&format!("allow_anonymous true\n{RECOMMENDED}"), "");
    broker.start();
    let five = |expiry: &str| {
        settings(&format!(
            "broker = \"{}\"\nclient-id = \"vigie\"\ntopics = [\"plant/#\"]\nversion = \"5\"\nsession-expiry = \"{expiry}\"",
            broker.url()
        ))
    };
    let mut house = House::open(five("1h")).await;
    broker.say("plant/a", "before");
    let (first, _) = house.signal().await;
    house.kill().await;
    broker.say("plant/a", "meanwhile");
    let mut house = House::birth(five("1h"));
    let again = house.taken().await;
    assert_eq!((again.identity, again.tells), (first.identity, Tells::Again));
    assert_eq!(&*house.taken().await.text, "meanwhile");
    until("both are acknowledged", || house.counter("acknowledged") == 2).await;
    assert!(broker.log().contains("as vigie (p5"), "{}", broker.log());
}
