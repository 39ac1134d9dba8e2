//! A broker that is not there, hangs, does not want us, or gives our name to somebody else.

use std::process::Command;

use nix::sys::signal::Signal;
use vigie::watch::decision::Outcome;
use vigie::watch::signal::Tells;

use crate::house::{House, plant, settings, until};
use crate::mosquitto::{Mosquitto, RECOMMENDED, absent};

#[tokio::test]
async fn a_broker_that_is_not_there_is_told_after_a_grace_and_its_return_as_well() {
    let mut broker = absent();
    broker.write(&format!("allow_anonymous true\n{RECOMMENDED}"), "");
    let mut house = House::birth(plant(&broker.url()));
    let why = house.lost().await;
    assert_eq!(why, "the broker cannot be reached: nobody listens there");
    broker.start();
    house.until_up().await;
    broker.say("plant/a", "on");
    assert_eq!(&*house.taken().await.text, "on");
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_told() {
    let mut house = House::birth(plant("mqtt://nowhere.invalid"));
    let why = house.lost().await;
    assert!(why.starts_with("the name of the broker's host is not known"), "{why}");
}

#[tokio::test]
async fn a_broker_that_hangs_is_told_within_twice_the_keep_alive_and_loses_nothing() {
    let broker = Mosquitto::plain();
    let mut house = House::open(plant(&broker.url())).await;
    broker.say("plant/a", "before");
    house.taken().await;
    until("it is acknowledged", || house.counter("acknowledged") == 1).await;
    // Under way: one whose acknowledgement nobody reads, and one that its sender says to a broker that hangs.
    broker.say("plant/a", "under way");
    let (under_way, receipt) = house.signal().await;
    broker.signal(Signal::SIGSTOP);
    receipt.give(Outcome::Taken);
    let says = ["-q", "1", "-t", "plant/a", "-m", "meanwhile"];
    let mut meanwhile = broker.program("mosquitto_pub", &says).spawn().unwrap();
    let clock = vigie::host::clock::Clock::new();
    let stopped = clock.now().mono;
    let why = house.lost().await;
    assert!(why.contains("fallen silent"), "{why}");
    assert!(
        stopped.until(clock.now().mono) < std::time::Duration::from_secs(15),
        "two keep-alives, and what the machine needs"
    );
    broker.signal(Signal::SIGCONT);
    assert!(meanwhile.wait().unwrap().success());
    broker.say("plant/a", "after");
    let mut texts = Vec::new();
    while texts.last().is_none_or(|last| last != "after") {
        let signal = house.taken().await;
        if signal.identity == under_way.identity && &*signal.text == "under way" {
            assert_eq!(signal.tells, Tells::Again, "it is known when it comes again");
        } else {
            texts.push(signal.text.to_string());
        }
    }
    assert_eq!(texts, ["meanwhile", "after"]);
    assert_eq!(house.counter("sessions_lost"), 0);
}

#[tokio::test]
async fn a_wrong_password_is_told_and_never_shown() {
    let mut broker = absent();
    let made = Command::new("mosquitto_passwd")
        .args(["-b", "-c", broker.path("passwords").to_str().unwrap(), "vigie", "right"])
        .status()
        .unwrap();
    assert!(made.success());
    broker.write(
        &format!(
            "allow_anonymous false\npassword_file {}\n{RECOMMENDED}",
            broker.path("passwords").display()
        ),
        "",
    );
    broker.start();
    let login = |version: &str, password: &str| {
        settings(&format!(
            "broker = \"{}\"\nclient-id = \"vigie\"\ntopics = [\"plant/#\"]\nversion = \"{version}\"\nuser = \"vigie\"\npassword = \"{password}\"",
            broker.url()
        ))
    };
    for version in ["3.1.1", "5"] {
        let mut house = House::birth(login(version, "wr0ng"));
        let why = house.lost().await;
        assert!(why.contains("wrong user or password") && !why.contains("wr0ng"), "{why}");
        house.kill().await;
        House::open(login(version, "right")).await.close().await;
    }
}

#[tokio::test]
async fn another_client_with_our_name_is_told_of() {
    let broker = Mosquitto::plain();
    let mut house = House::open(settings(&format!(
        "broker = \"{}\"\nclient-id = \"vigie\"\ntopics = [\"plant/#\"]\nversion = \"5\"",
        broker.url()
    )))
    .await;
    let thief = ["-V", "5", "-i", "vigie", "-t", "other"];
    let mut thief = broker.program("mosquitto_sub", &thief).spawn().unwrap();
    let why = house.lost().await;
    // This broker's word for it has one octet, which the client library does not read: it shows in how brief connections are.
    assert!(why.contains("same `client-id`"), "{why}");
    thief.kill().unwrap();
    thief.wait().unwrap();
}

#[tokio::test]
async fn a_secret_that_is_gone_is_told() {
    let broker = Mosquitto::plain();
    let mut house = House::birth(settings(&format!(
        "broker = \"{}\"\nclient-id = \"vigie\"\ntopics = [\"plant/#\"]\nuser = \"vigie\"\npassword = {{ file = \"/nowhere/password\" }}",
        broker.url()
    )));
    let why = house.lost().await;
    assert!(why.starts_with("the secret in /nowhere/password cannot be read"), "{why}");
}
