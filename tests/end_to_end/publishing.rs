//! The state of alarms of a real daemon at a real broker, and people who answer there.

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::house::{House, until, until_so};
use crate::mosquitto::{Mosquitto, absent};
use crate::people::MARIE;
use crate::site::Plan;

/// What the files say of the connection besides the broker, in the order of these tests.
const PUBLISHES: &str = r#"publish = { prefix = "vigie/north", discovery = "homeassistant" }"#;

/// A house that listens to this broker, and publishes there.
fn house(broker: &Mosquitto, keys: &str) -> House {
    let more = format!(
        r##"
[mqtt.plant]
broker    = "{}"
client-id = "vigie"
topics    = ["#"]
{keys}

[alarms.pump]
from       = ["mqtt.plant"]
match      = {{ topic = "plant/+/pump" }}
key        = "{{topic[1]}}"
active     = 'payload == "off"'
normal     = 'payload == "on"'
text       = "Pompe {{topic[1]}}"
escalation = "technique"

[alarms.echo]
from      = ["mqtt.plant"]
match     = {{ topic = "vigie/#" }}
momentary = true
text      = "Un mot de Vigie"
"##,
        broker.url()
    );
    let plan = Plan {
        more: Box::leak(more.into_boxed_str()),
        karim_too: "user = \"khaddad\"\nmay = [\"shelve\"]",
        ..Plan::default()
    };
    House::open(&plan)
}

/// What the broker has kept beneath these topics: each with what it says.
fn all_kept(broker: &Mosquitto, filter: &str, login: &[&str]) -> Vec<(String, String)> {
    let options = ["-t", filter, "--retained-only", "-W", "1", "-F", "%t\t%p"];
    let said = broker.program("mosquitto_sub", &[&options, login].concat()).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let pair = |line: &str| {
        let (topic, payload) = line.split_once('\t').unwrap();
        (topic.to_owned(), payload.to_owned())
    };
    said.lines().map(pair).collect()
}

/// What the broker has kept under this topic.
fn kept(broker: &Mosquitto, topic: &str) -> Option<String> {
    all_kept(broker, topic, &[]).pop().map(|(_, payload)| payload)
}

fn until_kept(broker: &Mosquitto, topic: &str, so: impl Fn(&str) -> bool) -> String {
    until(topic, || kept(broker, topic).filter(|payload| so(payload)))
}

/// The alarm of a pump as the broker has it, once it is in this state.
fn until_state(broker: &Mosquitto, topic: &str, state: &str) -> Value {
    let of = |payload: &str| serde_json::from_str::<Value>(payload).unwrap();
    of(&until_kept(broker, topic, |payload| of(payload)["state"] == state))
}

#[test]
fn the_state_of_an_alarm_is_kept_at_the_broker_as_the_board_has_it() {
    let broker = Mosquitto::plain();
    let house = house(&broker, PUBLISHES);
    until_kept(&broker, "vigie/north/status", |status| status == "online");
    broker.say("plant/a%b/pump", "off");
    broker.say("plant/north/pump", "off");
    let topic = "vigie/north/alarms/pump/north";
    let said = until_state(&broker, topic, "unacknowledged");
    assert_eq!(Some(said), house.alarm("pump", "north"), "it is what `vigie alarms --json` says");
    let code = house.until_call(MARIE, "Pompe north").code();
    house.text(MARIE, &code);
    assert_eq!(until_state(&broker, topic, "acknowledged")["acknowledged_by"], "marie");
    broker.say("plant/north/pump", "on");
    house.text(MARIE, &format!("{code} FIN"));
    until_state(&broker, topic, "normal");

    let sensor = all_kept(&broker, "homeassistant/binary_sensor/+/pump_north_+/config", &[]);
    assert!(sensor.is_empty(), "`+` is a whole level: {sensor:?}");
    let sensors = all_kept(&broker, "homeassistant/binary_sensor/+/+/config", &[]);
    let of = |(_, payload): &(String, String)| serde_json::from_str::<Value>(payload).unwrap();
    let mut announced: Vec<Value> =
        sensors.iter().map(of).map(|sensor| sensor["state_topic"].clone()).collect();
    announced.sort_by_key(Value::to_string);
    assert_eq!(announced, ["vigie/north/alarms/pump/a%25b", topic]);
    assert!(
        sensors.iter().map(of).all(|sensor| sensor["availability_topic"] == "vigie/north/status")
    );

    assert!(
        house.alarm("echo", "").is_none(),
        "our own words are no alarms, whatever is listened to"
    );
    let status = house.vigie(&["status"]).out;
    assert!(status.contains("publishes beneath vigie/north: up"), "{status}");
}

#[test]
fn a_daemon_that_is_gone_is_offline_whether_it_stops_or_dies() {
    let broker = Mosquitto::plain();
    let mut house = house(&broker, PUBLISHES);
    let topic = "vigie/north/status";
    until_kept(&broker, topic, |status| status == "online");
    house.kill();
    until_kept(&broker, topic, |status| status == "offline");
    house.release_modem();
    house.start();
    until_kept(&broker, topic, |status| status == "online");
    house.signal(Signal::SIGTERM);
    assert!(house.end().success());
    assert_eq!(kept(&broker, topic).as_deref(), Some("offline"), "it was said before the end");
}

#[test]
fn what_a_broker_has_kept_of_alarms_that_are_no_more_is_taken_away() {
    let broker = Mosquitto::plain();
    let stale = "homeassistant/binary_sensor/vigie_north_";
    let keep = |topic: &str, payload: &str| {
        broker.publish(&["-q", "1", "-r", "-t", topic, "-m", payload]);
    };
    keep("vigie/north/alarms/pump/demolished", "{}");
    keep("vigie/north/alarms/nonsense/a/b", "{}");
    keep("vigie/northern/alarms/pump/of-a-neighbour", "{}");
    let mut house = house(&broker, PUBLISHES);
    broker.say("plant/north/pump", "off");
    until_state(&broker, "vigie/north/alarms/pump/north", "unacknowledged");
    let left = || {
        let mut left = all_kept(&broker, "vigie/+/alarms/#", &[]);
        left.sort();
        left.into_iter().map(|(topic, _)| topic).collect::<Vec<_>>()
    };
    let wanted = ["vigie/north/alarms/pump/north", "vigie/northern/alarms/pump/of-a-neighbour"];
    until_so("only what there is, and what is a neighbour's", || left() == wanted);
    let sensors = all_kept(&broker, "homeassistant/#", &[]);
    let (topic, payload) = sensors.first().expect("a sensor was announced");
    let old = topic.replace("pump_north", "pump_demolished");
    assert!(topic.starts_with(stale) && *topic != old, "{topic}");
    house.signal(Signal::SIGTERM);
    assert!(house.end().success());
    house.release_modem();
    keep(&old, &payload.replace("alarms/pump/north", "alarms/pump/demolished"));
    house.start();
    until_so("the old sensor is gone", || kept(&broker, &old).is_none());
    assert!(kept(&broker, topic).is_some(), "and the other is there");
}

#[test]
fn a_broker_that_has_forgotten_everything_is_told_everything_again() {
    let mut broker = absent();
    broker.write("allow_anonymous true", "");
    broker.start();
    let house = house(&broker, PUBLISHES);
    for pump in ["a", "b", "c"] {
        broker.say(&format!("plant/{pump}/pump"), "off");
        until_state(&broker, &format!("vigie/north/alarms/pump/{pump}"), "unacknowledged");
    }
    broker.kill();
    broker.start();
    // That the broker has lost our session is an alarm as well, and is told beside them.
    let pumps = || all_kept(&broker, "vigie/north/alarms/pump/#", &[]).len();
    until_so("all are there again", || pumps() == 3);
    until_kept(&broker, "vigie/north/status", |status| status == "online");
    drop(house);
}

/// A broker with accounts: each writes beneath the topic that bears its name.
fn with_accounts(may: &str) -> Mosquitto {
    let mut broker = absent();
    let passwords = broker.path("passwords");
    for account in ["vigie", "khaddad", "eve"] {
        let made = std::process::Command::new("mosquitto_passwd")
            .args(["-b", "-c"].into_iter().filter(|option| *option == "-b" || !passwords.exists()))
            .arg(&passwords)
            .args([account, "secret"])
            .status();
        assert!(made.unwrap().success());
    }
    let rules = broker.path("rules");
    std::fs::write(
        &rules,
        format!(
            "user vigie\ntopic readwrite #\ntopic read $SYS/#\n{may}\n\
             user khaddad\ntopic write plant/#\ntopic read vigie/#\n\
             user eve\ntopic read vigie/#\n\
             pattern write vigie/north/command/%u/+\npattern read vigie/north/answer/%u\n"
        ),
    )
    .unwrap();
    broker.write(
        &format!(
            "allow_anonymous false\npassword_file {}\nacl_file {}",
            passwords.display(),
            rules.display()
        ),
        "",
    );
    broker.start();
    broker
}

const WITH_ORDERS: &str = r#"user = "vigie"
password = "secret"
publish = { prefix = "vigie/north", commands = true }"#;

/// An account orders something, and hears what came of it.
fn order(broker: &Mosquitto, account: &str, topic: &str, target: &str, more: &[&str]) -> Value {
    let login = ["-u", account, "-P", "secret"];
    let answer = format!("vigie/north/answer/{account}");
    let hears = ["-t", &answer, "-C", "1", "-W", "30", "-d"];
    let log = broker.path("heard");
    let to = std::fs::File::create(&log).unwrap();
    // It writes lines when they come, and not when there are many.
    let mut listener = std::process::Command::new("stdbuf")
        .args(["-oL", "mosquitto_sub", "-h", &broker.host, "-p", &broker.port.to_string()])
        .args(login)
        .args(hears)
        .stdout(to)
        .spawn()
        .unwrap();
    let heard = || std::fs::read_to_string(&log).unwrap();
    until_so("it is subscribed", || heard().contains("Subscribed"));
    let words = ["-q", "1", "-t", topic, "-m", target];
    broker.publish(&[&login[..], &words, more].concat());
    assert!(listener.wait().unwrap().success(), "{}", heard());
    let heard = heard();
    let answer = heard.lines().find(|line| line.starts_with('{'));
    serde_json::from_str(answer.unwrap_or_else(|| panic!("no answer: {heard}"))).unwrap()
}

#[test]
fn a_person_acknowledges_at_the_broker_by_the_account_that_is_theirs_and_nobody_for_them() {
    let broker = with_accounts("");
    let mut house = house(&broker, WITH_ORDERS);
    let karim = ["-u", "khaddad", "-P", "secret"];
    broker.publish(&[&karim[..], &["-q", "1", "-t", "plant/north/pump", "-m", "off"]].concat());
    let alarm = house.until_alarm("pump", "north", "unacknowledged");
    let number = format!("#{}", alarm["occurrence"]);

    let mine = "vigie/north/command/eve/acknowledge";
    let answer = order(&broker, "eve", mine, &number, &[]);
    assert_eq!(answer["done"], false, "{answer}");
    assert_eq!(answer["sentence"], "no person has user = \"eve\" in the files");
    // The broker takes what Eve writes under another's name for nothing: after her own word has come, this one has not.
    let eve = ["-u", "eve", "-P", "secret", "-q", "1"];
    let his = "vigie/north/command/khaddad/acknowledge";
    broker.publish(&[&eve[..], &["-t", his, "-m", &number]].concat());
    assert_eq!(order(&broker, "eve", mine, &number, &[])["done"], false);
    assert_eq!(house.alarm("pump", "north").unwrap()["state"], "unacknowledged");

    for (verb, target) in [("obey", number.as_str()), ("acknowledge", "all"), ("acknowledge", "{}")]
    {
        let topic = format!("vigie/north/command/khaddad/{verb}");
        assert_eq!(
            order(&broker, "khaddad", &topic, target, &[])["done"],
            false,
            "{verb} {target}"
        );
    }
    let answer = order(&broker, "khaddad", his, &number, &["-r"]);
    assert_eq!(
        answer["done"], true,
        "an order that comes while Vigie is there is no kept one: {answer}"
    );
    assert_eq!(answer["target"], number);
    let alarm = house.until_alarm("pump", "north", "acknowledged");
    assert_eq!(alarm["acknowledged_by"], "karim", "{alarm}");
    let by = house.journal().into_iter().find_map(|entry| {
        entry["body"]["event"].get("command").map(|command| command["account"].clone())
    });
    assert_eq!(by.unwrap(), "khaddad at mqtt.plant", "the record has both");

    // The broker keeps the order, since it was published so: it is not obeyed once more after a restart.
    broker.publish(&[&karim[..], &["-q", "1", "-t", "plant/north/pump", "-m", "on"]].concat());
    let before = house.journal().len();
    house.restart_after_kill();
    until_so("the kept order is refused", || {
        let status = house.vigie(&["status"]).out;
        status.contains("orders 1")
    });
    let commands = house.journal().into_iter().skip(before);
    assert_eq!(commands.filter(|entry| entry["body"]["event"].get("command").is_some()).count(), 0);
}

#[test]
fn a_person_who_may_shelves_at_the_broker_and_the_board_there_shows_it() {
    let broker = with_accounts("");
    let house = house(&broker, WITH_ORDERS);
    let karim = ["-u", "khaddad", "-P", "secret"];
    let says = |payload: &str| {
        let words = ["-q", "1", "-t", "plant/north/pump", "-m", payload];
        broker.publish(&[&karim[..], &words].concat());
    };
    says("off");
    let alarm = house.until_alarm("pump", "north", "unacknowledged");
    house.until_call(MARIE, "Pompe north");
    let target = format!("#{} 2H new bearings", alarm["occurrence"]);
    let asks = |verb: &str, target: &str| {
        let topic = format!("vigie/north/command/khaddad/{verb}");
        order(&broker, "khaddad", &topic, target, &[])
    };
    for (verb, wrong) in [
        ("shelve", "#1"),
        ("shelve", "2h"),
        ("unshelve", "pump[north]"),
        ("out-of-service", "pump"),
    ] {
        assert_eq!(asks(verb, wrong)["done"], false, "{verb} {wrong}");
    }
    let answer = asks("shelve", &target);
    assert_eq!(answer["done"], true, "{answer}");
    assert!(answer["sentence"].as_str().unwrap().starts_with("Masqué par Karim jusqu'à"));
    house.until_sms(MARIE, |sms| sms.text.starts_with("Masqué par Karim"));
    let login = ["-u", "vigie", "-P", "secret"];
    let shown = || {
        let kept = all_kept(&broker, "vigie/north/alarms/pump/north", &login).pop()?;
        Some(serde_json::from_str::<Value>(&kept.1).unwrap())
            .filter(|alarm| alarm["suppression"] == "shelved")
    };
    let alarm = until("the board shows it", shown);
    assert_eq!(
        (&alarm["state"], &alarm["acknowledged_by"]),
        (&"acknowledged".into(), &Value::Null)
    );
    let quiet = house.vigie(&["quiet", "--json"]).json();
    assert_eq!((&quiet[0]["by"], &quiet[0]["reason"]), (&"karim".into(), &"new bearings".into()));
    assert_eq!(asks("unshelve", "pump[north]")["done"], true);
    house.until_alarm("pump", "north", "unacknowledged");
    says("on");
}

#[test]
fn a_broker_that_does_not_let_us_publish_is_an_alarm_and_alarms_come_in_all_the_same() {
    let broker = with_accounts("");
    let rules = broker.path("rules");
    std::fs::write(&rules, "user vigie\ntopic read #\nuser khaddad\ntopic write plant/#\n")
        .unwrap();
    broker.signal(Signal::SIGHUP);
    let house = house(&broker, &format!("version = \"5\"\n{WITH_ORDERS}"));
    let alarm = house.until_alarm("output-lost", "mqtt.plant", "unacknowledged");
    let text = alarm["text"].as_str().unwrap();
    assert!(
        text.ends_with("the broker does not let us publish beneath `vigie/north`: the account may not publish there"),
        "{text}"
    );
    let karim = ["-u", "khaddad", "-P", "secret"];
    broker.publish(&[&karim[..], &["-q", "1", "-t", "plant/north/pump", "-m", "off"]].concat());
    house.until_alarm("pump", "north", "unacknowledged");
}
