//! `vigie test sms` on the real daemon and a simulated modem: what leaves, what is told of it, and who may.

use std::process::Command;

use nix::unistd::Uid;
use serde_json::Value;

use crate::control::open_to_all;
use crate::house::House;
use crate::people::{KARIM, LEA, MARIE};
use crate::programs::Said;
use crate::site::Plan;

/// What was told of each step, without its time.
fn steps(said: &Said) -> Vec<&str> {
    said.out.lines().skip(1).map(|line| line.split_once("  ").unwrap().1).collect()
}

#[test]
fn a_test_message_is_sent_and_told_until_the_telephone_has_it() {
    let mut house = House::open(&Plan { karim_too: "language = \"en\"", ..Plan::default() });
    let said = house.vigie(&["test", "sms", "marie", "--as", "karim"]);
    assert_eq!(said.exit, Some(0), "{said:?}");
    let sms = house.next_sms(MARIE);
    assert!(sms.text.starts_with("TEST Vigie Nord, "), "{sms:?}");
    assert!(sms.text.ends_with(": message d'essai demandé par Karim, rien à faire."), "{sms:?}");
    let first = said.out.lines().next().unwrap();
    assert_eq!(first, format!("SMS to marie, {MARIE}: \"{}\"", sms.text));
    let told = steps(&said);
    assert_eq!(told[0], "gsm.modem: it is being sent");
    assert!(told[1].starts_with("gsm.modem: the network has it, reference "), "{told:?}");
    assert_eq!(told[2], "delivered: the telephone has it");
    assert_eq!(told.len(), 3);
    assert_eq!(house.vigie(&["test", "sms", "karim", "--as", "karim"]).exit, Some(0));
    let sms = house.next_sms(KARIM);
    assert!(sms.text.ends_with(": test message asked for by Karim, nothing to do."), "{sms:?}");

    assert!(house.alarms().is_empty(), "it is about no alarm");
    let entries = house.journal();
    let test = entries.iter().position(|entry| entry["kind"] == "test_sms").unwrap();
    let event = &entries[test]["body"]["event"]["test_sms"];
    assert_eq!((&event["person"], &event["to"]), (&"karim".into(), &"marie".into()));
    assert!(event["account"].is_string(), "the record has both: {event}");
    let attempted = |entry: &Value| entry["body"].to_string().contains("attempted");
    assert!(test < entries.iter().position(attempted).unwrap(), "on the record before it leaves");
    assert!(!house.log().contains("message d'essai"), "its text is no part of the log");
    house.verify();
}

#[test]
fn what_the_network_refuses_is_told_in_the_modems_words_and_calls_nobody() {
    let house = House::open(&Plan::default());
    house.refuse_next(1);
    let said = house.vigie(&["test", "sms", "marie", "--as", "karim"]);
    assert_eq!(said.exit, Some(75), "{said:?}");
    let told = steps(&said);
    assert!(told[1].starts_with("refused: ") && told[1].ends_with("(CMS 1)"), "{told:?}");
    assert!(said.err.contains("the message did not arrive"), "{said:?}");
    assert!(house.alarms().is_empty());
    house.until_logged("did not reach its person");
    let log = house.log();
    let line = log.lines().find(|line| line.contains("did not reach its person")).unwrap();
    assert!(line.contains("(CMS 1)"), "the log has the reason: {line}");

    // What is worth another try gets it.
    house.refuse_next(42);
    let said = house.vigie(&["test", "sms", "marie", "--as", "karim"]);
    assert_eq!(said.exit, Some(0), "{said:?}");
    let told = steps(&said);
    assert!(
        told[1].starts_with("not taken, it goes again: ") && told[1].ends_with("(CMS 42)"),
        "{told:?}"
    );
    assert_eq!(*told.last().unwrap(), "delivered: the telephone has it");
    house.verify();
}

#[test]
fn nobody_of_that_name_no_number_and_nobody_who_acts_are_said_and_nothing_leaves() {
    let mut house = House::built(&Plan::default());
    house.configuration.push_str("\n[people.paul]\nname = \"Paul\"\n");
    house.site.write(&house.configuration);
    house.start();
    for (words, exit, says) in [
        (&["test", "sms", "marie"][..], 64, "--as PERSON"),
        (&["test", "sms", "nemo", "--as", "karim"], 65, "no person is called `nemo`"),
        (&["test", "sms", "marie", "--as", "nemo"], 65, "no person is called `nemo`"),
        (&["test", "sms", "paul", "--as", "karim"], 65, "`paul` has no `phone` in [people.paul]"),
    ] {
        let said = house.vigie(words);
        assert_eq!((said.exit, said.out.as_str()), (Some(exit), ""), "{words:?}: {said:?}");
        assert!(said.err.contains(says), "{words:?}: {said:?}");
    }
    assert_eq!(house.vigie(&["test", "sms", "lea", "--as", "karim"]).exit, Some(0));
    assert_eq!(house.next_sms(LEA).to, LEA, "the first that left");
}

#[test]
fn who_may_look_and_not_act_sends_nothing_and_a_persons_account_sends_for_itself() {
    if !Uid::effective().is_root() {
        println!("skipped: only root can be somebody else");
        return;
    }
    let house = House::open(&Plan { karim_too: "user = \"nobody\"", ..Plan::default() });
    let program = open_to_all(&house);
    let by = |account: [&str; 2], words: &[&str]| {
        let [user, group] = account;
        let mut command = Command::new("setpriv");
        command.args(["--reuid", user, "--regid", group, "--clear-groups"]);
        Said::by(command.arg(&program).arg("--config").arg(house.site.file()).args(words))
    };
    let asks = &["test", "sms", "marie", "--as", "marie"];
    assert_eq!(by(["daemon", "root"], asks).exit, Some(77), "the socket's group may look");
    assert_eq!(by(["daemon", "daemon"], asks).exit, Some(77));
    assert_eq!(by(["nobody", "nogroup"], asks).exit, Some(77), "Karim is not Marie");
    assert!(house.messages().is_empty());
    let said = by(["nobody", "nogroup"], &["test", "sms", "marie"]);
    assert_eq!(said.exit, Some(0), "{said:?}");
    assert_eq!(house.messages_to(MARIE).len(), 1);
}
