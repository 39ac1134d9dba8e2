//! The inputs follow files that are read anew, while the house is open: what did not change is not disturbed, what changed or is
//! gone lets go without losing what it had in hand, and what is new is heard at once.

use std::net::UdpSocket;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::board::{Board, free_port};
use crate::house::{House, until, until_so};
use crate::mosquitto::Mosquitto;
use crate::people::MARIE;
use crate::programs::{Link, inform, trap};
use crate::site::Plan;

/// A second receiver of traps, at the same address and the next port, and an alarm that it alone raises.
fn second(house: &House) -> (String, String) {
    let at = house.site.address.replace(":10162", ":10163");
    let tables = format!(
        "\n[snmp.second]\nlisten = [\"{at}\"]\ncommunities = [\"public\"]\n\
         [alarms.second]\nfrom = [\"snmp.second\"]\nmatch = {{ trap = \"IF-MIB::linkDown\" }}\n\
         key = \"{{ifIndex}}\"\nmomentary = true\ntext = \"Second {{ifIndex}}\"\nescalation = \"technique\"\n"
    );
    (at, tables)
}

fn broker_tables(broker: &Mosquitto, topics: &str) -> String {
    let url = broker.url();
    format!(
        "\n[mqtt.plant]\nbroker = \"{url}\"\nclient-id = \"vigie\"\ntopics = [{topics}]\nqos = 1\n\
         [alarms.event]\nfrom = [\"mqtt.plant\"]\nkey = \"{{payload}}\"\nmomentary = true\ntext = \"Evenement {{payload}}\"\n"
    )
}

#[test]
fn an_input_that_is_new_is_heard_without_a_restart_and_no_other_input_notices() {
    let broker = Mosquitto::plain();
    let tables = broker_tables(&broker, "\"plant/#\"");
    let plan = Plan { more: Box::leak(tables.into_boxed_str()), ..Plan::default() };
    let mut house = House::open(&plan);
    house.trap(Link::Up, 1);
    until_so("the trap is counted", || {
        house.input("snmp.network").is_some_and(|input| !input["last_heard"].is_null())
    });
    let others = ["gsm.modem", "snmp.network", "mqtt.plant"];
    let since = |house: &House| others.map(|name| house.input(name).unwrap()["since"].clone());
    let before = since(&house);
    let connections = || broker.log().matches("New client connected").count();
    let connected = connections();

    // Senders that repeat nothing: one that goes unanswered for a second has lost its inform.
    let informs: Vec<_> = (10..20)
        .map(|interface| inform(&house.site.address, Link::Down, interface, 0, "10"))
        .collect();
    let (at, tables) = second(&house);
    house.site.write(&format!("{}{tables}", house.configuration));
    house.reload();
    for mut sender in informs {
        assert!(sender.wait().unwrap().success(), "an inform was not answered");
    }
    house.until_up();
    trap(&at, Link::Down, 4);
    house.until_alarm("second", "4", "returned_unacknowledged");
    assert_eq!(since(&house), before, "they have been up since the start");
    assert_eq!(connections(), connected, "nobody has called the broker again");
    for interface in 10..20 {
        house.until_alarm("link", &interface.to_string(), "unacknowledged");
    }
    let said = "input `snmp.second` is new and is opened";
    let reloaded = house.journal().into_iter().find(|entry| entry["kind"] == "reloaded").unwrap();
    assert!(reloaded["body"].to_string().contains(said), "{reloaded}");
    house.verify();
}

#[test]
fn an_input_that_is_gone_lets_go_and_what_was_told_of_it_is_over() {
    let mut house = House::open(&Plan::default());
    let (at, tables) = second(&house);
    let taken = UdpSocket::bind(&at).unwrap();
    house.site.write(&format!("{}{tables}", house.configuration));
    house.reload();
    house.until_alarm("input-lost", "snmp.second", "unacknowledged");
    drop(taken);
    house.until_alarm("input-lost", "snmp.second", "normal");

    // Another address: the first is free, and the other is heard.
    let moved = at.replace(":10163", ":10164");
    house.site.write(&format!("{}{}", house.configuration, tables.replace(&at, &moved)));
    house.reload();
    house.until_up();
    let taken = UdpSocket::bind(&at).expect("nobody listens there any more");
    trap(&moved, Link::Down, 5);
    house.until_alarm("second", "5", "returned_unacknowledged");

    // Lost once more, and then no longer in the files: nobody else could say that it is over.
    house.site.write(&format!("{}{tables}", house.configuration));
    house.reload();
    house.until_alarm("input-lost", "snmp.second", "unacknowledged");
    house.site.write(&house.configuration);
    house.reload();
    house.until_alarm("input-lost", "snmp.second", "normal");
    assert_eq!(house.input("snmp.second"), None);
    house.until_logged("input `snmp.second` is gone and is closed");
    drop(taken);
    house.verify();
}

#[test]
fn what_a_modem_has_begun_to_send_leaves_once_when_its_table_changes_and_the_next_goes_by_it_again()
{
    let plan = Plan { per_message: Duration::from_millis(800), ..Plan::default() };
    let mut house = House::open(&plan);
    let device = house.input("gsm.modem").unwrap()["at"][0].as_str().unwrap().to_owned();
    // The same modem by another name, as after a change of its USB port.
    let renamed = house.site.path().join("modem");
    std::os::unix::fs::symlink(&device, &renamed).unwrap();
    house.trap(Link::Down, 1);
    house.until_attempted();
    house.site.write(&house.configuration.replace(&device, renamed.to_str().unwrap()));
    house.reload();
    house.until_up();
    assert_eq!(house.input("gsm.modem").unwrap()["at"][0], renamed.to_str().unwrap());
    let call = house.next_sms(MARIE);
    assert!(call.text.contains("Lien 1"), "{call:?}");
    house.text(MARIE, &call.code());
    house.until_alarm("link", "1", "acknowledged");
    house.trap(Link::Down, 2);
    house.until_call(MARIE, "Lien 2");
    let calls =
        house.messages_to(MARIE).into_iter().filter(|sms| sms.text.contains("Lien 1 coupé"));
    assert_eq!(calls.filter(|sms| sms.is_call()).count(), 1, "it was finished, and not said again");
    house.verify();
}

#[test]
fn no_message_of_a_broker_is_lost_while_the_topics_change() {
    const MESSAGES: usize = 300;
    let broker = Mosquitto::plain();
    let tables = broker_tables(&broker, "\"plant/#\"");
    let plan = Plan { more: Box::leak(tables.into_boxed_str()), ..Plan::default() };
    let mut house = House::open(&plan);
    let lines = |from: usize| {
        (from..from + MESSAGES / 3).map(|number| format!("e{number}\n")).collect::<String>()
    };
    broker.say_lines("plant/a", &lines(0));
    let edited = house
        .configuration
        .replace("topics = [\"plant/#\"]", "topics = [\"plant/#\", \"field/#\"]");
    house.site.write(&edited);
    house.signal(Signal::SIGHUP);
    broker.say_lines("plant/a", &lines(MESSAGES / 3));
    until_so("the reload", || house.log().contains("the new configuration is in force"));
    broker.say_lines("plant/a", &lines(2 * MESSAGES / 3));
    house.until_up();
    until("the new topic is granted", || {
        broker.say("field/x", "from-the-field");
        house.alarm("event", "from-the-field")
    });
    until_so("each message has its alarm", || {
        let alarms = house.alarms();
        let of_events = alarms.iter().filter(|alarm| alarm["definition"] == "event");
        of_events.count() == MESSAGES + 1
    });
    house.verify();
}

#[test]
fn a_siren_goes_on_and_a_life_relay_holds_while_another_device_comes_and_goes() {
    const DOOR: u16 = 3;
    const SIREN: u16 = 20;
    const LIFE: u16 = 21;
    let (first, second) = (free_port(), free_port());
    let mut cabinet = Board::at("tcp", &format!("127.0.0.1:{first}"));
    let mut shed = Board::at("tcp", &format!("127.0.0.1:{second}"));
    cabinet.shows("coil", DOOR, 1);
    shed.shows("coil", DOOR, 1);
    let device = |name: &str, port: u16| {
        format!(
            "\n[contacts.{name}]\nmodbus = \"tcp://127.0.0.1:{port}\"\npoll = \"50ms\"\nmissed = 2\n\
             [contacts.{name}.lines.door]\nline = {DOOR}\nread = \"coil\"\n"
        )
    };
    let tables = format!(
        "{}[contacts.cabinet.outputs.siren]\nline = {SIREN}\nshows = \"unacknowledged\"\n\
         [contacts.cabinet.outputs.life]\nline = {LIFE}\nshows = \"alive\"\n\
         [alarms.contact]\nfrom = [\"contacts\"]\nkey = \"{{input}}/{{line}}\"\nactive = \"alarm\"\n\
         text = \"Porte {{input}}\"\nescalation = \"technique\"\n",
        device("cabinet", first)
    );
    let plan = Plan { more: Box::leak(tables.into_boxed_str()), ..Plan::default() };
    let mut house = House::open(&plan);
    until_so("the life relay holds", || cabinet.shown("coil", LIFE) == 1);
    assert_eq!(cabinet.shown("coil", SIREN), 0);
    let since = house.input("contacts.cabinet").unwrap()["since"].clone();

    house.site.write(&format!("{}{}", house.configuration, device("shed", second)));
    house.reload();
    house.until_up();
    shed.shows("coil", DOOR, 0);
    house.until_alarm("contact", "contacts.shed/door", "unacknowledged");
    until_so("the siren of the cabinet sounds", || cabinet.shown("coil", SIREN) == 1);

    house.site.write(&house.configuration);
    house.reload();
    assert_eq!(house.input("contacts.shed"), None);
    let shown = (cabinet.shown("coil", SIREN), cabinet.shown("coil", LIFE));
    assert_eq!(shown, (1, 1), "what stands is shown by who stays");
    assert_eq!(house.input("contacts.cabinet").unwrap()["since"], since);
    cabinet.shows("coil", DOOR, 0);
    house.until_alarm("contact", "contacts.cabinet/door", "unacknowledged");
    assert_eq!(cabinet.shown("coil", LIFE), 1);
    house.verify();
}
