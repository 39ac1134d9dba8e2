//! Starting and stopping: what is refused at the start and why, and how a stop ends.

use std::fs::Permissions;
use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::Signal;
use vigie::host::clock::Clock;

use crate::house::{House, until_so};
use crate::people::{KARIM, LEA, MARIE};
use crate::programs::{Link, Said, VIGIE};
use crate::site::Plan;

#[test]
fn a_port_that_the_service_manager_has_opened_is_taken_with_what_already_waits_there() {
    let mut house = House::built(&Plan::default());
    let port = UdpSocket::bind(&house.site.address).unwrap();
    house.trap(Link::Down, 7);
    // It cannot be bound a second time: the daemon is up only if it takes this one.
    house.launch_with(port.try_clone().unwrap());
    house.until_up();
    house.until_alarm("link", "7", "unacknowledged");
    house.signal(Signal::SIGTERM);
    assert!(house.end().success());
    house.trap(Link::Down, 8);
    house.launch_with(port);
    house.until_up();
    house.until_alarm("link", "8", "unacknowledged");
    house.until_logged("given=true");
}

#[test]
fn wrong_files_never_start_and_every_complaint_is_told() {
    let house = House::built(&Plan::default());
    let wrong = house
        .configuration
        .replace("person:karim", "person:karin")
        .replace("\"5m\"", "\"5\"")
        .replace("priority   =", "prioritty  =");
    house.site.write(&wrong);
    let said = house.vigie(&["run"]);
    assert_eq!(said.exit, Some(78), "{said:?}");
    for complaint in ["karin", "prioritty", "vigie.toml:", "^^^", "unit"] {
        assert!(said.err.contains(complaint), "{complaint}: {}", said.err);
    }
    assert!(!house.site.store().exists(), "nothing was opened");
    assert_eq!(house.vigie(&["check"]).exit, Some(78));
}

#[test]
fn an_absent_secret_is_refused_at_the_start() {
    let house = House::built(&Plan::default());
    let secret = house.site.path().join("no-such-pin");
    let pin = format!("[gsm.modem]\npin = {{ file = \"{}\" }}", secret.display());
    house.site.write(&house.configuration.replace("[gsm.modem]", &pin));
    let said = house.vigie(&["run"]);
    assert_eq!(said.exit, Some(78), "{said:?}");
    assert!(said.err.contains("no-such-pin") && said.err.contains("gsm.modem"), "{}", said.err);
    assert_eq!(house.vigie(&["check"]).exit, Some(0), "a check only warns");
}

#[test]
fn a_second_daemon_on_the_same_store_is_refused_and_the_first_goes_on() {
    let house = House::open(&Plan::default());
    let said = house.vigie(&["run"]);
    assert_eq!(said.exit, Some(69), "{said:?}");
    let first = format!("another Vigie (process {}) already writes", house.pid());
    assert!(said.err.contains(&first), "{}", said.err);
    house.trap(Link::Down, 7);
    house.until_call(MARIE, "Lien 7");
    assert_eq!(house.standing().len(), 1, "its socket is still its own");
}

#[test]
fn a_second_daemon_with_another_store_does_not_take_the_socket_of_the_first() {
    let mut house = House::open(&Plan::default());
    let second = house.site.path().join("second.toml");
    let (mine, other) = (house.site.store(), house.site.path().join("store/second.db"));
    let files = house.configuration.replace(mine.to_str().unwrap(), other.to_str().unwrap());
    std::fs::write(&second, files).unwrap();
    // One that took the socket all the same would not end by itself.
    let mut bounded = Command::new("timeout");
    bounded.arg("60").arg(VIGIE).arg("--config").arg(&second).arg("run");
    let said = Said::by(&mut bounded);
    assert_eq!(said.exit, Some(69), "{said:?}");
    let first = format!(
        "another Vigie (process {}) answers at the control socket {}; stop it first, or give this one another `control.socket`",
        house.pid(),
        house.site.socket().display()
    );
    assert!(said.err.contains(&first), "{}", said.err);
    house.trap(Link::Down, 7);
    house.until_call(MARIE, "Lien 7");
    assert_eq!(house.standing().len(), 1, "its socket is still its own");
    // A socket that a dead daemon left behind hinders nobody.
    house.kill();
    assert!(house.site.socket().exists());
    house.start();
    assert_eq!(house.standing().len(), 1);
}

#[test]
fn a_daemon_that_ends_leaves_the_socket_of_another_where_it_is() {
    let mut house = House::open(&Plan::default());
    std::fs::remove_file(house.site.socket()).unwrap();
    let _other = UnixListener::bind(house.site.socket()).unwrap();
    house.signal(Signal::SIGTERM);
    assert_eq!(house.end().code(), Some(0));
    assert!(house.site.socket().exists(), "it belongs to another");
    assert!(house.log().contains("another has taken the place of the control socket"));
}

/// The daemon refuses this store, and leaves every octet of it as it was.
fn refuses(house: &House, why: &str) {
    let before = std::fs::read(house.site.store()).unwrap();
    let said = house.vigie(&["run"]);
    assert_eq!(said.exit, Some(69), "{said:?}");
    assert!(said.err.contains(why), "{}", said.err);
    assert_eq!(std::fs::read(house.site.store()).unwrap(), before, "{why}");
}

#[test]
fn a_store_that_cannot_be_trusted_is_refused_and_left_as_it_is() {
    let mut house = House::open(&Plan::default());
    house.trap(Link::Down, 7);
    house.until_alarm("link", "7", "unacknowledged");
    house.signal(Signal::SIGTERM);
    assert_eq!(house.end().code(), Some(0));
    let store = house.site.store();
    let sound = std::fs::read(&store).unwrap();

    rusqlite::Connection::open(&store).unwrap().pragma_update(None, "user_version", 99).unwrap();
    refuses(&house, "was written by a newer Vigie");

    std::fs::write(&store, &sound).unwrap();
    let unguarded = "DROP TRIGGER block_is_never_updated";
    rusqlite::Connection::open(&store).unwrap().execute_batch(unguarded).unwrap();
    let why = "is damaged: its trigger `block_is_never_updated` is missing";
    refuses(&house, why);
    let proof = house.vigie(&["journal", "verify"]);
    assert_eq!(proof.exit, Some(65), "{proof:?}");
    assert!(proof.out.contains(": intact: ") && proof.err.contains(why), "{proof:?}");

    let mut torn = sound.clone();
    torn[..16].copy_from_slice(b"no such database");
    std::fs::write(&store, torn).unwrap();
    refuses(&house, "is not a journal of Vigie");

    // One letter of the record is another: the chain no longer holds.
    let mut altered = sound.clone();
    let word = b"Lien 7";
    let places: Vec<usize> = (0..altered.len() - word.len())
        .filter(|place| altered[*place..].starts_with(word))
        .collect();
    assert!(!places.is_empty(), "the record can be read");
    for place in places {
        altered[place + 5] = b'8';
    }
    std::fs::write(&store, &altered).unwrap();
    refuses(&house, "broken");
    assert_eq!(house.vigie(&["journal", "verify"]).exit, Some(65));

    std::fs::write(&store, b"").unwrap();
    refuses(&house, "is empty");

    std::fs::write(&store, sound).unwrap();
    house.start();
    assert_eq!(house.alarm("link", "7").unwrap()["state"], "unacknowledged");
}

#[test]
fn a_store_that_the_machine_refuses_is_told_with_the_machine_s_reason() {
    let house = House::built(&Plan::default());
    let store = house.site.store().display().to_string();
    house.site.write(&house.configuration.replace(&store, "/sys/vigie.db"));
    let said = house.vigie(&["run"]);
    assert_eq!(said.exit, Some(69), "{said:?}");
    assert!(said.err.contains("cannot create /sys/vigie.db-lock: "), "{}", said.err);
    assert!(said.err.contains("(os error "), "{}", said.err);
}

#[test]
fn a_log_that_was_altered_after_a_crash_is_refused_and_left_as_it_is() {
    let mut house = House::open(&Plan::default());
    // The fifth would be the last of a window, and held a while.
    for interface in 1..=4 {
        house.trap(Link::Down, interface);
        house.until_call(MARIE, &format!("Lien {interface} "));
    }
    house.kill();
    let log = house.site.store().with_file_name("vigie.db-wal");
    let sound = std::fs::read(&log).unwrap();
    let mut altered = sound.clone();
    altered[sound.len() / 2] ^= 1;
    std::fs::write(&log, &altered).unwrap();
    refuses(&house, "entries that were on the disk stand behind the damage");
    let proof = house.vigie(&["journal", "verify"]);
    assert_eq!(proof.exit, Some(65), "{proof:?}");
    assert!(std::fs::read(&log).unwrap() == altered, "the log is left as it is");

    std::fs::write(&log, sound).unwrap();
    house.start();
    assert_eq!(house.standing().len(), 4);
}

#[test]
fn asked_to_stop_it_finishes_the_message_under_way_and_goes_on_at_the_next_start() {
    let plan = Plan { marie: "3s", per_message: Duration::from_millis(800), ..Plan::default() };
    let mut house = House::open(&plan);
    house.trap(Link::Down, 7);
    house.until_attempted();
    let clock = Clock::new();
    let asked = clock.now().mono;
    house.signal(Signal::SIGTERM);
    assert_eq!(house.end().code(), Some(0));
    let took = asked.until(clock.now().mono);
    assert!(took < Duration::from_secs(8), "{took:?}");
    assert_eq!(house.messages_to(MARIE).len(), 1, "it was under way");
    assert!(!house.site.socket().exists(), "nobody answers, and nobody seems to");
    assert_eq!(house.vigie(&["alarms"]).exit, Some(69));
    house.verify();
    house.start();
    house.until_call(KARIM, "Lien 7");
    let calls = house.messages_to(MARIE).into_iter().filter(|sms| sms.is_call()).count();
    assert_eq!(calls, 1, "what has left is not said again");
}

#[test]
fn right_files_change_the_next_alarm_and_wrong_ones_change_nothing_but_are_an_alarm() {
    let house = House::open(&Plan::default());
    house.trap(Link::Down, 1);
    house.until_call(MARIE, "Lien 1 coupé");

    house.site.write(&house.configuration.replace("Lien {ifIndex} coupé", "Port {ifIndex} mort"));
    house.reload();
    house.trap(Link::Down, 2);
    house.until_call(MARIE, "Port 2 mort");
    assert_eq!(house.alarm("link", "1").unwrap()["text"], "Lien 1 coupé", "what stands stays");

    house.site.write(
        &house.configuration.replace("escalation = \"technique\"", "escalation = \"techniqe\""),
    );
    house.signal(Signal::SIGHUP);
    let refused = until_refused(&house, "unacknowledged");
    assert!(refused["text"].as_str().unwrap().contains("vigie check"), "{refused}");
    house.trap(Link::Down, 3);
    house.until_call(MARIE, "Port 3 mort");

    house.site.write(&house.configuration.replace("store/vigie.db", "store/other.db"));
    house.signal(Signal::SIGHUP);
    let restart = || house.log().contains("other.db needs a restart");
    until_so("the record cannot be moved while the house is open", restart);
    assert_eq!(until_refused(&house, "unacknowledged")["occurrence"], refused["occurrence"]);

    house.site.write(&house.configuration);
    house.reload();
    until_refused(&house, "normal");
    house.trap(Link::Down, 4);
    house.until_call(MARIE, "Lien 4 coupé");
    house.verify();
}

#[test]
fn a_restart_with_the_files_that_a_reload_refused_ends_the_alarm_about_them() {
    let mut house = House::open(&Plan::default());
    let before = house.configuration.clone();
    house.configuration = before.replace("vigie.sock", "other.sock");
    house.site.write(&house.configuration);
    house.signal(Signal::SIGHUP);
    until_so("the refusal", || house.log().contains("other.sock needs a restart"));
    // The command line looks in the files where the socket is.
    house.site.write(&before);
    until_refused(&house, "unacknowledged");
    house.site.write(&house.configuration);
    house.signal(Signal::SIGTERM);
    assert_eq!(house.end().code(), Some(0));
    house.start();
    until_refused(&house, "normal");
    house.verify();
}

#[test]
fn a_start_with_files_that_anybody_may_write_to_watches_and_calls_until_a_reload_finds_them_right()
{
    let mut house = House::built(&Plan::default());
    let file = house.site.file();
    let mode = |mode| std::fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
    let stands = |house: &House, state| house.until_alarm("configuration-refused", "access", state);
    mode(0o666);
    house.start();
    let open = stands(&house, "unacknowledged");
    let told = "Tout compte de la machine peut changer les fichiers ou le journal de Vigie";
    assert_eq!(open["text"], format!("{told} : {}", file.display()));
    house.until_call(LEA, "Tout compte de la machine");
    house.signal(Signal::SIGTERM);
    assert_eq!(house.end().code(), Some(0));
    house.start();
    assert_eq!(stands(&house, "unacknowledged")["occurrence"], open["occurrence"], "once for all");
    house.signal(Signal::SIGHUP);
    until_refused(&house, "unacknowledged");
    mode(0o600);
    house.reload();
    stands(&house, "normal");
    until_refused(&house, "normal");
    house.verify();
}

#[test]
fn what_was_told_of_an_input_that_the_files_name_no_more_is_over_at_the_start() {
    let mut house = House::built(&Plan::default());
    let taken = UdpSocket::bind(&house.site.address).unwrap();
    house.unplug();
    house.launch_plain();
    until_answers(&house);
    let lost = [("input-lost", "snmp.network"), ("modem-lost", "gsm.modem")];
    for (alarm, input) in lost {
        house.until_alarm(alarm, input, "unacknowledged");
    }
    // While the files name them, a restart ends nothing.
    house.signal(Signal::SIGTERM);
    assert_eq!(house.end().code(), Some(0));
    let (starts, told) = ("the record is in force", "an input is lost");
    house.launch_plain();
    until_answers(&house);
    until_so("both are still lost", || {
        let log = house.log();
        log.rsplit_once(starts).is_some_and(|(_, since)| since.matches(told).count() == 2)
    });
    for (alarm, input) in lost {
        assert_eq!(house.alarm(alarm, input).unwrap()["state"], "unacknowledged", "{alarm}");
    }
    house.signal(Signal::SIGTERM);
    assert_eq!(house.end().code(), Some(0));

    drop(taken);
    house.replug();
    let renamed = house.configuration.replace("snmp.network", "snmp.plant");
    house.site.write(&renamed.replace("[gsm.modem]", "[gsm.orange]"));
    house.start();
    for (alarm, input) in lost {
        house.until_alarm(alarm, input, "normal");
    }
    let over = house.journal().into_iter().find(|entry| {
        let own = &entry["body"]["event"]["own"];
        own["active"] == false && own["subject"] == "snmp.network"
    });
    let why = &over.expect("the end is on the record")["body"]["event"]["own"]["reason"];
    assert_eq!(why, "no longer configured");
    house.verify();
}

fn until_answers(house: &House) {
    until_so("the daemon answers", || house.vigie(&["alarms"]).exit == Some(0));
}

fn until_refused(house: &House, state: &str) -> serde_json::Value {
    let file = house.site.file().display().to_string();
    house.until_alarm("configuration-refused", &file, state)
}

#[test]
fn what_an_operator_may_see_without_a_daemon_is_the_record_alone() {
    let mut house = House::open(&Plan::default());
    house.trap(Link::Down, 7);
    house.until_alarm("link", "7", "unacknowledged");
    house.kill();
    for words in [&["alarms"][..], &["status"], &["unclaimed"], &["ack", "#1", "--as", "marie"]] {
        let said = house.vigie(words);
        assert_eq!(said.exit, Some(69), "{said:?}");
        assert!(said.err.contains("no daemon answers at"), "{said:?}");
    }
    house.verify();
    let tail = house.vigie(&["journal", "tail"]);
    assert_eq!(tail.exit, Some(0));
    assert!(tail.out.contains(" signal of snmp.network from 127.0.0.1"), "{}", tail.out);
    let version = Command::new(VIGIE).arg("--version").output().unwrap();
    assert!(version.status.success());
}
