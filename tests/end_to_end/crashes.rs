//! The daemon dies without warning at every stage of a night, and the night goes on: the same
//! code, nobody forgotten, no answer lost, and no message more than twice.

use std::net::UdpSocket;
use std::time::Duration;

use nix::sys::signal::Signal;
use vigie::host::clock::Clock;

use crate::house::{House, until, until_so};
use crate::people::{KARIM, LEA, MARIE, Sms};
use crate::programs::{Link, inform};
use crate::site::Plan;

/// So long that nobody else is called unless somebody was forgotten.
fn patient() -> Plan {
    Plan::default()
}

/// Each message that left did so once, or twice where it was in flight when the daemon died.
fn at_most_twice(house: &House) {
    let messages = house.messages();
    for sms in &messages {
        let times = messages.iter().filter(|other| other == &sms).count();
        assert!(times <= 2, "{times} times: {sms:?}");
    }
}

fn calls(house: &House, to: &str) -> Vec<Sms> {
    house.messages_to(to).into_iter().filter(Sms::is_call).collect()
}

/// From a call that was read to the end of the night.
fn until_the_end(house: &House, number: &str, person: &str, call: &Sms) {
    house.text(number, &call.code());
    house.until_alarm("link", "7", "acknowledged");
    house.text(number, &format!("{} FIN", call.code()));
    house.until_sms(number, |sms| sms.text.starts_with("Réglé"));
    house.trap(Link::Up, 7);
    let alarm = house.until_alarm("link", "7", "normal");
    assert_eq!(
        (&alarm["acknowledged_by"], &alarm["confirmed_by"]),
        (&person.into(), &person.into())
    );
    assert_eq!(alarm["occurrence"], 1, "it was one and the same all along");
    house.verify();
    at_most_twice(house);
}

#[test]
fn killed_before_the_first_message_leaves_it_calls_at_the_next_start() {
    let mut house = House::open(&patient());
    house.unplug();
    house.trap(Link::Down, 7);
    house.until_alarm("link", "7", "unacknowledged");
    house.kill();
    assert_eq!(house.messages(), []);
    house.replug();
    house.start();
    let call = house.until_call(MARIE, "Lien 7");
    until_the_end(&house, MARIE, "marie", &call);
    assert_eq!(calls(&house, MARIE), [call], "once: it was never in flight");
}

#[test]
fn killed_between_the_call_and_the_answer_it_honours_the_code_that_was_sent() {
    let mut house = House::open(&patient());
    house.trap(Link::Down, 7);
    let call = house.next_sms(MARIE);
    house.restart_after_kill();
    until_the_end(&house, MARIE, "marie", &call);
    assert!(calls(&house, MARIE).iter().all(|again| *again == call), "the same code");
}

#[test]
fn killed_while_nobody_answers_it_calls_the_next_within_their_wait() {
    let mut house = House::open(&Plan { marie: "3s", ..Plan::default() });
    house.trap(Link::Down, 7);
    house.next_sms(MARIE);
    house.restart_after_kill();
    let call = house.until_call(KARIM, "Lien 7");
    assert_eq!(calls(&house, LEA), [], "one step, not two, on account of the lost time");
    until_the_end(&house, KARIM, "karim", &call);
}

#[test]
fn killed_again_and_again_while_nobody_answers_it_still_climbs_to_the_last_resort() {
    let mut house = House::open(&Plan { marie: "2s", karim: "2s", ..Plan::default() });
    house.trap(Link::Down, 7);
    for number in [MARIE, KARIM] {
        house.until_call(number, "Lien 7");
        house.restart_after_kill();
    }
    let call = house.until_call(LEA, "Lien 7");
    until_the_end(&house, LEA, "lea", &call);
}

#[test]
fn killed_in_the_middle_of_a_sending_it_says_the_same_again_at_most_once() {
    let plan = Plan { per_message: Duration::from_millis(1_500), ..patient() };
    let mut house = House::open(&plan);
    house.trap(Link::Down, 7);
    house.until_attempted();
    house.kill();
    house.verify();
    house.start();
    let call = house.until_call(MARIE, "Lien 7");
    until_the_end(&house, MARIE, "marie", &call);
    assert!(calls(&house, MARIE).iter().all(|again| *again == call), "the same words and code");
}

#[test]
fn killed_with_the_modem_waiting_for_the_text_of_a_message_it_can_speak_to_it_again() {
    let mut house = House::open(&patient());
    house.kill();
    house.type_into_the_modem(b"AT+CMGS=30\r0011");
    house.start();
    house.trap(Link::Down, 7);
    let call = house.until_call(MARIE, "Lien 7");
    until_the_end(&house, MARIE, "marie", &call);
}

#[test]
fn an_answer_that_reaches_the_sim_as_the_daemon_dies_counts() {
    let mut house = House::open(&patient());
    house.trap(Link::Down, 7);
    let call = house.next_sms(MARIE);
    house.text(MARIE, &call.code());
    house.kill();
    house.verify();
    house.start();
    house.until_alarm("link", "7", "acknowledged");
    until_so("it is taken off the SIM", || house.on_the_sim() == 0);
    until_the_end(&house, MARIE, "marie", &call);
    let taken = |sms: &&Sms| sms.text.starts_with("Pris en charge");
    assert!(house.messages_to(MARIE).iter().filter(taken).count() <= 2, "counted once");
}

#[test]
fn an_answer_that_comes_while_the_daemon_is_dead_is_read_at_its_start_before_the_next_is_called() {
    let mut house = House::open(&Plan { marie: "2s", ..Plan::default() });
    let clock = Clock::new();
    house.trap(Link::Down, 7);
    let call = house.next_sms(MARIE);
    house.kill();
    house.text(MARIE, &call.code());
    // Karim's turn comes while nobody is there to call him.
    let turn = clock.now().mono.after(Duration::from_secs(2));
    until_so("it is Karim's turn", || clock.until(turn).is_zero());
    house.start();
    let taken = house.until_alarm("link", "7", "acknowledged");
    assert_eq!(taken["acknowledged_by"], "marie");
    until_the_end(&house, MARIE, "marie", &call);
    assert_eq!(calls(&house, KARIM), [], "nobody else is called for what she took");
}

#[test]
fn killed_between_taking_and_confirming_it_knows_who_holds_it() {
    let mut house = House::open(&patient());
    house.trap(Link::Down, 7);
    let call = house.next_sms(MARIE);
    house.text(MARIE, &call.code());
    house.next_sms(MARIE);
    house.restart_after_kill();
    assert_eq!(house.alarm("link", "7").unwrap()["acknowledged_by"], "marie");
    until_the_end(&house, MARIE, "marie", &call);
    assert_eq!(calls(&house, MARIE).len(), 1, "who has taken it is not called again");
}

#[test]
fn killed_while_an_alarm_is_held_it_calls_again_when_the_confirmation_is_late() {
    // The last message of a window is held a while: here there are five in seconds.
    let more = "[storm]\nmessages = 50\n[escalations.hasty]\nconfirm-within = \"4s\"\nacknowledge = \"double\"\n\
        steps = [ { notify = [\"person:marie\"], wait = \"5m\" } ]\n\
        [alarms.cold]\nfrom = [\"snmp.network\"]\nmatch = { trap = \"IF-MIB::linkDown\" }\n\
        active = \"true\"\nnormal = \"false\"\ntext = \"Froid\"\nescalation = \"hasty\"\n";
    let mut house = House::open(&Plan { more, ..patient() });
    house.trap(Link::Down, 7);
    let call = house.until_call(MARIE, "Froid");
    house.text(MARIE, &call.code());
    house.until_alarm("cold", "", "acknowledged");
    house.restart_after_kill();
    let again = house.until_sms(MARIE, |sms| {
        sms.is_call() && sms.text.contains("Froid") && sms.code() != call.code()
    });
    assert_ne!(again, call, "a new run has a new code");
    assert_eq!(house.alarm("cold", "").unwrap()["state"], "unacknowledged");
}

#[test]
fn killed_after_the_confirmation_it_only_waits_for_the_cause_to_go() {
    let mut house = House::open(&patient());
    house.trap(Link::Down, 7);
    let call = house.next_sms(MARIE);
    house.text(MARIE, &format!("{} FIN", call.code()));
    house.until_sms(MARIE, |sms| sms.text.starts_with("Réglé"));
    house.restart_after_kill();
    let alarm = house.alarm("link", "7").unwrap();
    assert_eq!(
        (&alarm["state"], &alarm["confirmed_by"]),
        (&"acknowledged".into(), &"marie".into())
    );
    house.trap(Link::Up, 7);
    house.until_alarm("link", "7", "normal");
    house.verify();
    assert_eq!(calls(&house, MARIE).len(), 1);
}

#[test]
fn an_inform_that_dies_with_the_daemon_is_taken_from_its_repetition() {
    let mut house = House::open(&patient());
    // It lies in the daemon's socket, and is never read.
    house.signal(Signal::SIGSTOP);
    let mut sender = inform(&house.site.address, Link::Down, 7, 60, "0.5");
    until_so("it has arrived", || waiting_on(&house.site.address) > 0);
    house.kill();
    assert_eq!(sender.try_wait().unwrap(), None, "nobody has answered it");
    house.start();
    let ended = until("the inform is answered", || sender.try_wait().unwrap());
    assert!(ended.success(), "{ended}");
    assert_eq!(house.alarm("link", "7").expect("what was answered is known")["repeats"], 0);
    house.until_call(MARIE, "Lien 7");
}

/// So many octets wait in the socket that is bound there, by the kernel's word (proc(5), udp).
fn waiting_on(address: &str) -> u64 {
    let (ip, port) = address.split_once(':').unwrap();
    let ip: std::net::Ipv4Addr = ip.parse().unwrap();
    let port: u16 = port.parse().unwrap();
    let local = format!("{:08X}:{port:04X}", u32::from_le_bytes(ip.octets()));
    let sockets = std::fs::read_to_string("/proc/net/udp").unwrap();
    let line = sockets.lines().find(|line| line.contains(&local)).expect("it listens");
    let queues = line.split_whitespace().nth(4).unwrap();
    u64::from_str_radix(queues.split_once(':').unwrap().1, 16).unwrap()
}

#[test]
fn an_inform_whose_answer_died_with_the_daemon_is_known_again_and_counted_once() {
    let mut house = House::open(&patient());
    let device = UdpSocket::bind("127.0.0.1:0").unwrap();
    device.connect(&house.site.address).unwrap();
    device.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let inform = captured_inform();
    device.send(&inform).unwrap();
    // Answered means committed; then the device never hears of it.
    let mut lost = [0; 2_048];
    let length = device.recv(&mut lost).unwrap();
    house.kill();
    house.start();
    device.send(&inform).unwrap();
    let mut answer = [0; 2_048];
    let again = device.recv(&mut answer).unwrap();
    assert_eq!(answer[..again], lost[..length]);
    let alarm = house.alarm("link", "7").unwrap();
    assert_eq!((&alarm["repeats"], &alarm["occurrence"]), (&0.into(), &1.into()));
    let signals = |entry: &serde_json::Value| entry["kind"] == "signal";
    let entries = house.journal();
    assert_eq!(entries.into_iter().filter(signals).count(), 2, "both are on the record");
}

/// An inform of net-snmp's, as it came over the wire, but for linkUp that becomes linkDown.
fn captured_inform() -> Vec<u8> {
    let hex = include_str!("../../fixtures/snmp/v2c-inform.hex");
    let lines = hex.lines().filter(|line| !line.starts_with('#'));
    let digits: Vec<u32> =
        lines.flat_map(str::chars).filter_map(|digit| digit.to_digit(16)).collect();
    let octets = digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap());
    let mut inform: Vec<u8> = octets.collect();
    let link_up = [0x2b, 6, 1, 6, 3, 1, 1, 5, 4];
    let place = inform.windows(link_up.len()).position(|window| window == link_up).unwrap();
    inform[place + link_up.len() - 1] = 3;
    inform
}
