//! The control socket: who may do what, how a command ends, and what noise cannot disturb.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use nix::unistd::Uid;
use serde_json::Value;
use vigie::host::clock::Clock;

use crate::house::{House, until_so};
use crate::people::{KARIM, MARIE};
use crate::programs::{Link, Said, VIGIE};
use crate::site::Plan;

#[test]
fn every_command_ends_with_the_status_that_tells_how_it_went() {
    let mut house = House::open(&Plan::default());
    house.trap(Link::Down, 7);
    let code = house.next_sms(MARIE).code();
    let wrong = if code == "1111" { "2222" } else { "1111" };
    for (words, exit, says) in [
        (&["alarms", "--loud"][..], 64, "--loud"),
        (&["ack", "47"], 64, "neither a code"),
        (&["ack", &code], 64, "--as PERSON"),
        (&["ack", &code, "--as", "nemo"], 65, "no person is called `nemo`"),
        (&["ack", wrong, "--as", "marie"], 65, "none of your codes"),
        (&["ack", &code, "--as", "karim"], 65, "none of your codes"),
        (&["ack", "#99", "--as", "marie"], 65, "#99"),
        (&["reset", "#1", "--as", "marie"], 65, ""),
        (&["ack", &code, "--as", "marie"], 0, ""),
        (&["ack", "#1", "--as", "karim"], 65, "Marie"),
        (&["confirm", "--occurrence", "1", "--as", "marie"], 0, ""),
    ] {
        let said = house.vigie(words);
        assert_eq!(said.exit, Some(exit), "{words:?}: {said:?}");
        let says_so = said.err.contains(says)
            || says == "none of your codes" && said.err.contains("pas un des vôtres");
        assert!(says_so, "{words:?}: {said:?}");
        assert_eq!(said.out.is_empty(), exit != 0, "{said:?}");
    }
    let alarm = &house.standing()[0];
    assert_eq!(
        (&alarm["acknowledged_by"], &alarm["confirmed_by"]),
        (&"marie".into(), &"marie".into())
    );
    let commands: Vec<Value> =
        house.journal().into_iter().filter(|entry| entry["kind"] == "command").collect();
    let by = &commands.last().unwrap()["body"]["event"]["command"];
    assert_eq!(by["person"], "marie");
    assert!(by["account"].is_string(), "the record has both: {by}");
}

#[test]
fn who_may_shelves_on_the_command_line_and_a_crash_forgets_nothing_of_it() {
    let plan = Plan { karim_too: "may = [\"shelve\", \"out-of-service\"]", ..Plan::default() };
    let mut house = House::open(&plan);
    house.trap(Link::Down, 7);
    house.until_call(MARIE, "Lien 7");
    for (words, exit) in [
        (&["shelve", "#1", "2", "--as", "karim"][..], 64),
        (&["shelve", "#1", "2h"], 64),
        (&["shelve", "#1", "2h", "--as", "marie"], 77),
        (&["shelve", "#9", "2h", "--as", "karim"], 65),
        (&["shelve", "link", "2h", "--as", "karim"], 65),
        (&["unshelve", "link[7]", "--as", "karim"], 65),
        (&["shelve", "#1", "2h", "--as", "karim", "--reason", "fibre"], 0),
        (&["out-of-service", "link[8]", "--as", "karim"], 0),
    ] {
        let said = house.vigie(words);
        assert_eq!(said.exit, Some(exit), "{words:?}: {said:?}");
    }
    house.restart_after_kill();
    house.trap(Link::Down, 8);
    let quiet = || house.vigie(&["quiet", "--json"]).json();
    until_so("the other is hidden as well", || quiet()[1]["active"] == true);
    let quiet = quiet();
    assert_eq!((&quiet[0]["key"], &quiet[0]["suppression"]), (&"7".into(), &"shelved".into()));
    assert_eq!((&quiet[0]["reason"], &quiet[0]["active"]), (&"fibre".into(), &true.into()));
    assert_eq!(quiet[1]["suppression"], "out_of_service");
    assert!(house.standing().is_empty(), "nothing is open");
    let shown = house.vigie(&["quiet"]).out;
    assert!(shown.contains("link[7] by karim since") && shown.contains("(fibre)"), "{shown}");
    assert_eq!(house.vigie(&["return", "link[8]", "--as", "karim"]).exit, Some(0));
    house.until_alarm("link", "8", "unacknowledged");
}

#[test]
fn what_is_printed_as_json_is_json_with_the_documented_keys() {
    let house = House::open(&Plan::default());
    house.trap(Link::Down, 7);
    house.until_call(MARIE, "Lien 7");
    let status = house.vigie(&["status", "--json"]).json();
    for key in
        ["version", "site", "started", "alarms", "inputs", "notifications", "unclaimed", "store"]
    {
        assert!(status.get(key).is_some(), "{key}: {status}");
    }
    assert_eq!(status["alarms"]["unacknowledged"], 1);
    until_so("the modem has said on which network it is", || {
        let status = house.vigie(&["status", "--json"]).json();
        let inputs = status["inputs"].as_array().unwrap().iter();
        inputs.filter(|input| input["modem"]["operator"] == "Vigie Telecom").count() == 1
    });
    for input in status["inputs"].as_array().unwrap() {
        for time in ["since", "last_heard"] {
            let time = input[time].as_str().expect("a time, written as in `vigie alarms`");
            time.parse::<jiff::Timestamp>().unwrap();
        }
    }
    let shown = house.vigie(&["status"]).out;
    assert!(!shown.contains("never"), "both inputs were heard: {shown}");
    assert_eq!(house.vigie(&["unclaimed", "--json"]).json(), Value::Array(Vec::new()));
    for words in [&["journal", "tail", "--json"][..], &["journal", "export"]] {
        for line in house.vigie(words).out.lines() {
            assert!(serde_json::from_str::<Value>(line).unwrap().is_object(), "{line}");
        }
    }
    for words in [&["alarms"][..], &["alarms", "--all"], &["status"], &["unclaimed"]] {
        let said = house.vigie(words);
        assert_eq!((said.exit, said.err.as_str()), (Some(0), ""), "whatever stands");
        assert!(!said.out.contains('\u{1b}'), "colours only on a terminal: {said:?}");
    }
}

#[test]
fn garbage_and_silence_on_the_socket_disturb_nobody() {
    let house = House::open(&Plan::default());
    let connect = || UnixStream::connect(house.site.socket()).unwrap();
    // Far more than can be attended to, silent for as long as they like.
    let silent: Vec<UnixStream> = (0..100).map(|_| connect()).collect();
    let clock = Clock::new();
    let asked = clock.now().mono;
    let hostile: [&[u8]; 5] =
        [b"\n", b"\xff\xfe\0{]\n", b"{\"act\":{\"action\":\"fly\"}}\n", b"{}", &[b'['; 80_000]];
    for garbage in hostile {
        let mut peer = connect();
        peer.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        // Who sends too much is cut off in the middle, and may not even hear why.
        let _ = peer.write_all(garbage).and_then(|()| peer.shutdown(Shutdown::Write));
        let mut answer = String::new();
        if peer.read_to_string(&mut answer).is_ok() {
            assert!(answer.contains("\"sort\":\"usage\""), "{answer}");
        }
    }
    assert_eq!(house.vigie(&["alarms"]).exit, Some(0));
    let waited = asked.until(clock.now().mono);
    assert!(waited < Duration::from_secs(5), "{waited:?} behind silent peers");
    drop(silent);
    house.trap(Link::Down, 7);
    house.until_call(MARIE, "Lien 7");
}

/// A place where any account of this machine can run the program and read the files.
pub(crate) fn open_to_all(house: &House) -> PathBuf {
    std::fs::set_permissions(house.site.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let program = house.site.path().join("vigie");
    if std::fs::hard_link(VIGIE, &program).is_err() {
        std::fs::copy(VIGIE, &program).unwrap();
    }
    program
}

#[test]
fn an_account_acts_as_its_person_only_and_strangers_do_nothing() {
    if !Uid::effective().is_root() {
        println!("skipped: only root can be somebody else");
        return;
    }
    let mut house = House::open(&Plan { karim_too: "user = \"nobody\"", ..Plan::default() });
    let program = open_to_all(&house);
    let by = |account: [&str; 2], words: &[&str]| {
        let mut command = Command::new("setpriv");
        let [user, group] = account;
        command.args(["--reuid", user, "--regid", group, "--clear-groups"]);
        Said::by(command.arg(&program).arg("--config").arg(house.site.file()).args(words))
    };
    let (karims, member, stranger) =
        (["nobody", "nogroup"], ["daemon", "root"], ["daemon", "daemon"]);
    house.trap(Link::Down, 7);
    let marie = house.until_call(MARIE, "Lien 7").code();

    for words in
        [&["alarms", "--json"][..], &["status"], &["unclaimed"], &["ack", "#1", "--as", "marie"]]
    {
        let said = by(stranger, words);
        assert_eq!(said.exit, Some(77), "{said:?}");
        assert!(said.err.contains("`daemon` may not talk to Vigie"), "{said:?}");
    }
    assert_eq!(by(member, &["alarms"]).exit, Some(0), "the socket's group may look");
    let said = by(member, &["ack", "#1", "--as", "marie"]);
    assert_eq!(said.exit, Some(77), "and not act: {said:?}");
    let said = by(karims, &["ack", "#1", "--as", "marie"]);
    assert_eq!(said.exit, Some(77), "Karim is not Marie: {said:?}");
    assert_eq!(by(karims, &["ack", &marie]).exit, Some(65), "her code is not his");
    assert_eq!(house.standing()[0]["acknowledged_by"], Value::Null);

    let said = by(karims, &["ack", "#1"]);
    assert_eq!(said.exit, Some(0), "{said:?}");
    assert_eq!(house.standing()[0]["acknowledged_by"], "karim");
    house.until_sms(MARIE, |sms| sms.text.starts_with("Pris en charge par Karim"));
    assert_eq!(house.messages_to(KARIM), [], "he is at the keyboard, and has read it there");
    house.signal(nix::sys::signal::Signal::SIGTERM);
    assert_eq!(house.end().code(), Some(0));
    until_so("the socket is gone", || !house.site.socket().exists());
}
