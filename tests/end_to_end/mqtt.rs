//! Messages of a real broker to a real daemon that is killed, and to one that stops.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::dice::Dice;
use crate::house::{House, until, until_so};
use crate::mosquitto::{Mosquitto, absent};
use crate::people::MARIE;
use crate::site::Plan;

/// A house that listens to this broker.
fn house(broker: &Mosquitto) -> House {
    let more = format!(
        r#"
[storm]
messages = 100

[mqtt.plant]
broker    = "{}"
client-id = "vigie"
topics    = ["plant/#"]
qos       = 1

[alarms.pump]
from       = ["mqtt.plant"]
match      = {{ topic = "plant/+/pump" }}
key        = "{{topic[1]}}"
active     = 'payload == "off"'
normal     = 'payload == "on"'
text       = "Pompe {{topic[1]}}"
escalation = "technique"

[alarms.event]
from       = ["mqtt.plant"]
match      = {{ topic = "plant/event/+" }}
key        = "{{topic[2]}}"
momentary  = true
text       = "Evenement {{topic[2]}}"
"#,
        broker.url()
    );
    let plan = Plan { more: Box::leak(more.into_boxed_str()), ..Plan::default() };
    House::open(&plan)
}

/// The texts of all messages on the record, in order.
fn on_record(house: &House) -> Vec<String> {
    let of_plant = |entry: &Value| {
        let signal = entry["body"]["event"].get("signal")?;
        (signal["input"] == "mqtt.plant").then(|| signal["text"].as_str().unwrap().to_owned())
    };
    house.journal().iter().filter_map(of_plant).collect()
}

#[test]
fn a_state_of_a_broker_calls_people_and_its_end_is_told() {
    let broker = Mosquitto::plain();
    let mut house = house(&broker);
    broker.say("plant/north/pump", "off");
    assert!(house.next_sms(MARIE).text.contains("Pompe north"));
    broker.say("plant/north/pump", "on");
    house.until_alarm("pump", "north", "returned_unacknowledged");
    let status = house.vigie(&["status"]);
    assert!(
        status.out.contains("MQTT 3.1.1 as vigie, a new session; 1 of 1 subscriptions granted"),
        "{}",
        status.out
    );
    assert!(
        status.out.contains("acknowledged 2")
            && status.out.contains("plant/north/pump heard 2 times"),
        "{}",
        status.out
    );
}

#[test]
fn what_a_broker_had_kept_calls_nobody_a_second_time_after_a_restart() {
    let broker = Mosquitto::plain();
    broker.publish(&["-q", "1", "-r", "-t", "plant/north/pump", "-m", "off"]);
    let mut house = house(&broker);
    assert!(
        house.next_sms(MARIE).text.contains("Pompe north"),
        "how it stands is known from the start"
    );
    house.restart_after_kill();
    until_so("the message came again", || on_record(&house).len() == 2);
    let alarm = house.until_alarm("pump", "north", "unacknowledged");
    assert_eq!(alarm["repeats"], 0, "{alarm}");
}

#[test]
fn a_daemon_that_is_killed_loses_no_message_of_a_broker_and_doubles_no_alarm() {
    const MESSAGES: usize = 400;
    let mut dice = Dice::new();
    let mut broker = absent();
    broker.write("allow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 100", "");
    broker.start();
    let mut house = house(&broker);
    let mut said = 0;
    for _ in 0..5 {
        for _ in 0..MESSAGES / 5 {
            broker.say(&format!("plant/event/{said}"), &said.to_string());
            said += 1;
            if dice.below(40) == 0 {
                break;
            }
        }
        // The instant of the death is the dice's: this is the one wait that waits for nothing.
        std::thread::sleep(std::time::Duration::from_millis(dice.below(30).try_into().unwrap()));
        house.restart_after_kill();
    }
    let wanted: BTreeSet<String> = (0..said).map(|number: usize| number.to_string()).collect();
    until_so("all are on the record", || {
        on_record(&house).into_iter().collect::<BTreeSet<_>>() == wanted
    });
    for number in 0..said {
        let alarm = until("its alarm", || house.alarm("event", &number.to_string()));
        assert_eq!(alarm["repeats"], 0, "{alarm}");
    }
}

#[test]
fn what_a_broker_kept_while_the_daemon_was_away_is_there_in_order() {
    const MESSAGES: usize = 10_000;
    let mut broker = absent();
    broker.write("allow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 1000", "");
    broker.start();
    let mut house = house(&broker);
    house.signal(nix::sys::signal::Signal::SIGTERM);
    assert!(house.end().success());
    house.release_modem();
    let lines: String = (0..MESSAGES).map(|number| format!("{number}\n")).collect();
    broker.say_lines("plant/other", &lines);
    house.start();
    until_so("all are acknowledged", || {
        let status = house.vigie(&["status"]).out;
        status.contains(&format!("acknowledged {MESSAGES},"))
    });
    let wanted: Vec<String> = (0..MESSAGES).map(|number| number.to_string()).collect();
    assert_eq!(on_record(&house), wanted);
}
