//! SNMPv3 with net-snmp's own senders: every algorithm that they have, informs with discovery, and what must not be taken.

use std::net::{SocketAddr, UdpSocket};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::house::{exit_code, heard, net_snmp, sender, soon, until};
use crate::watched::{Watched, settings};
use vigie::watch::decision::{Decision, Fact};
use vigie::watch::engines::{EngineNote, Noted};
use vigie::watch::own_alarms::SelfAlarm;
use vigie::watch::signal::Value;
use vigie::watch::state::State;
use vigie::watch::time::Moment;

const ENGINE: &str = "80:00:1f:88:04:61:76:69";
const LINK_DOWN: &[&str] = &["12345", "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.2.1.2.2.1.1.7", "i", "7"];
/// The names of the algorithms: Vigie's, net-snmp's.
const AUTHS: [(&str, &str); 6] = [
    ("md5", "MD5"),
    ("sha-1", "SHA"),
    ("sha-224", "SHA-224"),
    ("sha-256", "SHA-256"),
    ("sha-384", "SHA-384"),
    ("sha-512", "SHA-512"),
];
const PRIVS: [(&str, &str); 2] = [("des", "DES"), ("aes-128", "AES")];

/// A user of the files.
fn user(name: &str, auth: Option<&str>, privacy: Option<&str>) -> String {
    let part = |key: &str, protocol: Option<&str>, passphrase: &str| match protocol {
        Some(protocol) => {
            format!("{key} = {{ protocol = \"{protocol}\", passphrase = \"{passphrase}\" }}\n")
        }
        None => String::new(),
    };
    format!(
        "[[snmp.network.users]]\nname = \"{name}\"\n{}{}",
        part("auth", auth, "correct horse"),
        part("priv", privacy, "battery staple"),
    )
}

/// A user of each level and of each pair of algorithms that net-snmp has, and how net-snmp is told of it.
fn everybody() -> (String, Vec<(String, Vec<String>)>) {
    let mut files = user("nobody", None, None);
    let mut senders = vec![("nobody".to_owned(), vec!["-l".to_owned(), "noAuthNoPriv".to_owned()])];
    for (auth, their_auth) in AUTHS {
        let privacies = PRIVS.map(Some);
        for privacy in [None].into_iter().chain(privacies) {
            let name = format!("{auth}-{}", privacy.map_or("none", |(privacy, _)| privacy));
            files.push_str(&user(&name, Some(auth), privacy.map(|(privacy, _)| privacy)));
            let level = if privacy.is_some() { "authPriv" } else { "authNoPriv" };
            let mut options = vec!["-l", level, "-a", their_auth, "-A", "correct horse"];
            if let Some((_, theirs)) = privacy {
                options.extend(["-x", theirs, "-X", "battery staple"]);
            }
            senders.push((name, options.into_iter().map(str::to_owned).collect()));
        }
    }
    (files, senders)
}

fn options<'o>(user: &'o str, level: &'o [String], more: &[&'o str]) -> Vec<&'o str> {
    let mut options = vec!["-v", "3", "-u", user];
    options.extend(level.iter().map(String::as_str));
    options.extend(more);
    options
}

/// net-snmp's options for a user whose messages are signed and encrypted.
const SEALED: [&str; 14] = [
    "-v",
    "3",
    "-u",
    "vigie",
    "-l",
    "authPriv",
    "-a",
    "SHA-256",
    "-A",
    "correct horse",
    "-x",
    "AES",
    "-X",
    "battery staple",
];

#[tokio::test]
async fn traps_and_informs_of_every_level_and_algorithm_of_net_snmp_arrive() {
    let (files, senders) = everybody();
    let mut receiver = Watched::open(settings(&files), State::default()).await;
    let at = receiver.house.at(0);
    for (name, level) in &senders {
        let engine = ["-e", "0x80001f8804617669"];
        let trap = net_snmp("snmptrap", &options(name, level, &engine), at, LINK_DOWN);
        let signal = receiver.signal().await;
        assert_eq!(exit_code(trap).await, Some(0), "{name}");
        let field = |name: &str| signal.fields.get(name).cloned();
        assert_eq!(field("trap"), Some(Value::text("IF-MIB::linkDown")), "{name}");
        assert_eq!(field("version"), Some(Value::text("3")), "{name}");
        assert_eq!(field("user"), Some(Value::text(name.as_str())));
        assert_eq!(field("level"), Some(Value::text(level[1].as_str())), "{name}");
        assert_eq!(field("engine_id"), Some(Value::text(ENGINE)), "{name}");
        assert_eq!(field("community"), None, "{name}");
        assert_eq!(field("ifIndex"), Some(Value::Int(7)), "{name}");
        assert_eq!(signal.identity.is_some(), level[1] != "noAuthNoPriv", "{name}");

        let inform =
            net_snmp("snmpinform", &options(name, level, &["-r", "2", "-t", "20"]), at, LINK_DOWN);
        let signal = receiver.signal().await;
        assert_eq!(signal.fields.get("user").cloned(), Some(Value::text(name.as_str())));
        assert!(signal.identity.is_some(), "{name}: its repetition must be known");
        assert_eq!(exit_code(inform).await, Some(0), "{name}: the answer is understood");
    }
    let many = u64::try_from(senders.len()).unwrap();
    let counted = |name| receiver.house.counter(name);
    assert_eq!((counted("traps"), counted("informs"), counted("answered")), (many, many, many));
    let others = counted("discovery") + counted("wrong_credentials");
    assert_eq!(counted("datagrams"), 2 * many + others, "each datagram is counted once");
    assert_eq!(counted("wrong_credentials"), 0);
}

#[tokio::test]
async fn another_passphrase_is_in_force_from_the_next_message_on() {
    let files = user("vigie", Some("sha-256"), Some("aes-128"));
    let mut receiver = Watched::open(settings(&files), State::default()).await;
    let at = receiver.house.at(0);
    let informed = |passphrase: &'static str| {
        let level = ["-l", "authPriv", "-a", "SHA-256", "-A", passphrase, "-x", "AES", "-X"];
        let rest = ["battery staple", "-r", "0", "-t", "20"];
        let all: Vec<&str> =
            ["-v", "3", "-u", "vigie"].into_iter().chain(level).chain(rest).collect();
        net_snmp("snmpinform", &all, at, LINK_DOWN)
    };
    let inform = informed("correct horse");
    receiver.signal().await;
    assert_eq!(exit_code(inform).await, Some(0));

    let changed = files.replace("correct horse", "a newer horse");
    let users = vigie::adapters::snmp::users(&settings(&changed).users).unwrap();
    receiver.house.users.send_replace(users.into());
    let inform = informed("a newer horse");
    receiver.signal().await;
    assert_eq!(exit_code(inform).await, Some(0), "it is answered with the new key");
    let inform = informed("correct horse");
    let own = receiver.own().await;
    assert_eq!((own.alarm, own.active), (SelfAlarm::CredentialsWrong, true));
    assert_ne!(exit_code(inform).await, Some(0), "the old one is in force no more");
}

#[tokio::test]
async fn a_copy_of_a_trap_is_known_as_one_wherever_it_is_sent_from() {
    let files = user("vigie", Some("sha-256"), Some("aes-128"));
    let tap = UdpSocket::bind("127.0.0.1:0").unwrap();
    tap.set_nonblocking(true).unwrap();
    let all = [&SEALED[..], &["-e", "0x80001f8804617669"]].concat();
    let trap = net_snmp("snmptrap", &all, tap.local_addr().unwrap(), LINK_DOWN);
    let recorded = heard(&tap).await;
    assert_eq!(exit_code(trap).await, Some(0));

    let mut receiver = Watched::open(settings(&files), State::default()).await;
    let at = receiver.house.at(0);
    let thief = sender("127.0.0.1:0", at);
    thief.send(&recorded).unwrap();
    let first = receiver.signal().await;
    sender("127.0.0.1:0", at).send(&recorded).unwrap();
    assert_eq!(receiver.signal().await.identity, first.identity);
    let engine = receiver.watch.state().engines(&"snmp.network".into());
    assert_eq!(engine.heard().map(|(engine, _)| engine.to_owned()).collect::<Vec<_>>(), [ENGINE]);

    // The next start has an engine that the record knows, with later boots: what was recorded before is refused.
    let (own, boots) = engine.own().map(|(own, boots)| (own.to_owned(), boots)).unwrap();
    let state = receiver.watch.state().clone();
    drop(receiver);
    let mut again = Watched::open(settings(&files), state).await;
    let kept = again.watch.state().engines(&"snmp.network".into());
    assert_eq!(kept.own(), Some((&*own, boots + 1)), "our engine is the same, once more started");
    until("our engine is shown", || again.house.reading.now().engine_id == Some(own.clone())).await;
    let all = [&all[..], &["-Z", "999999,5"]].concat();
    let trap = net_snmp("snmptrap", &all, again.house.at(0), LINK_DOWN);
    again.signal().await;
    assert_eq!(exit_code(trap).await, Some(0));
    sender("127.0.0.1:0", again.house.at(0)).send(&recorded).unwrap();
    let own = again.own().await;
    assert_eq!((own.alarm, own.active), (SelfAlarm::CredentialsWrong, true));
    assert!(own.reason.contains("a repetition, or a device that lost its count"), "{}", own.reason);
}

#[tokio::test]
async fn after_a_stop_in_good_order_nothing_that_was_heard_before_is_believed_again() {
    let files = user("vigie", Some("sha-256"), Some("aes-128"));
    let tap = UdpSocket::bind("127.0.0.1:0").unwrap();
    tap.set_nonblocking(true).unwrap();
    let mut recorded = Vec::new();
    for time in ["7,1000", "7,1200"] {
        let options = [&SEALED[..], &["-e", "0x80001f8804617669", "-Z", time]].concat();
        let trap = net_snmp("snmptrap", &options, tap.local_addr().unwrap(), LINK_DOWN);
        recorded.push(heard(&tap).await);
        assert_eq!(exit_code(trap).await, Some(0));
    }
    let mut receiver = Watched::open(settings(&files), State::default()).await;
    let device = sender("127.0.0.1:0", receiver.house.at(0));
    for datagram in &recorded {
        device.send(datagram).unwrap();
        receiver.signal().await;
    }
    let state = receiver.closed().await;
    let engines = state.engines(&"snmp.network".into());
    let heard: Vec<_> = engines.heard().map(|(_, clock)| (clock.boots, clock.time)).collect();
    assert_eq!(heard, [(7, 1_200)], "it is less than five minutes since it was last noted");

    let mut again = Watched::open(settings(&files), state).await;
    sender("127.0.0.1:0", again.house.at(0)).send(&recorded[0]).unwrap();
    let own = again.own().await;
    assert_eq!((own.alarm, own.active), (SelfAlarm::CredentialsWrong, true));
    assert!(own.reason.contains("200 seconds behind its engine's clock"), "{}", own.reason);
}

/// A line between a sender and the receiver, with somebody who listens: what the sender sends goes on and is recorded.
async fn relay(front: tokio::net::UdpSocket, to: SocketAddr, recorded: mpsc::Sender<Vec<u8>>) {
    let back = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    back.connect(to).await.unwrap();
    let (mut from, mut asked, mut answered) = (None, [0; 2_000], [0; 2_000]);
    loop {
        tokio::select! {
            heard = front.recv_from(&mut asked) => {
                let (length, sender) = heard.unwrap();
                from = Some(sender);
                back.send(&asked[..length]).await.unwrap();
                recorded.send(asked[..length].to_vec()).await.unwrap();
            }
            heard = back.recv(&mut answered) => {
                let answer = &answered[..heard.unwrap()];
                front.send_to(answer, from.expect("nothing is answered before")).await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn an_inform_that_somebody_has_recorded_is_no_second_event_and_two_informs_are_two() {
    let files = user("vigie", Some("sha-256"), Some("aes-128"));
    let mut receiver = Watched::open(settings(&files), State::default()).await;
    let front = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let tapped = front.local_addr().unwrap();
    let (record, mut recorded) = mpsc::channel(64);
    let mut line = JoinSet::new();
    line.spawn(relay(front, receiver.house.at(0), record));
    let mut identities = Vec::new();
    for _ in 0..2 {
        let inform = net_snmp("snmpinform", &SEALED, tapped, LINK_DOWN);
        identities.push(receiver.signal().await.identity);
        assert_eq!(exit_code(inform).await, Some(0));
    }
    assert_ne!(identities[0], identities[1], "another inform of the same content is another");
    line.shutdown().await;
    // What a sender asks before its inform is no notification, whoever sends it again.
    let thief = sender("127.0.0.1:0", receiver.house.at(0));
    while let Some(datagram) = soon("the line is cut", recorded.recv()).await {
        thief.send(&datagram).unwrap();
    }
    for identity in identities {
        assert_eq!(receiver.signal().await.identity, identity);
    }
}

#[tokio::test]
async fn a_wrong_passphrase_is_told_once_by_sender_and_reason() {
    let files = user("vigie", Some("sha-256"), None);
    let mut receiver = Watched::open(settings(&files), State::default()).await;
    let at = receiver.house.at(0);
    let trap = |passphrase: &'static str| {
        let options = [
            "-v",
            "3",
            "-u",
            "vigie",
            "-e",
            "0x80001f8804617669",
            "-l",
            "authNoPriv",
            "-a",
            "SHA-256",
            "-A",
            passphrase,
        ];
        net_snmp("snmptrap", &options, at, LINK_DOWN)
    };
    for _ in 0..3 {
        assert_eq!(exit_code(trap("wrong passphrase")).await, Some(0));
    }
    let told = receiver.own().await;
    assert_eq!(
        (told.alarm, &*told.subject),
        (SelfAlarm::CredentialsWrong, "127.0.0.1 to snmp.network")
    );
    assert_eq!(
        &*told.reason,
        "user `vigie` of engine 80:00:1f:88:04:61:76:69: the passphrase or the protocol of its authentication is another"
    );
    until("all are counted", || receiver.house.counter("wrong_credentials") == 3).await;
    // It is over when nothing wrong has come for some minutes.
    assert_eq!(exit_code(trap("correct horse")).await, Some(0));
    receiver.signal().await;
}

#[tokio::test]
async fn only_the_versions_of_the_files_are_taken() {
    let files = format!("versions = [\"3\"]\n{}", user("nobody", None, None));
    let mut receiver = Watched::open(settings(&files), State::default()).await;
    let at = receiver.house.at(0);
    for version in ["1", "2c"] {
        let what = if version == "1" {
            &["1.3.6.1.4.1.8072.3.2.10", "192.0.2.7", "2", "0", "12345"][..]
        } else {
            LINK_DOWN
        };
        let trap = net_snmp("snmptrap", &["-v", version, "-c", "public"], at, what);
        assert_eq!(exit_code(trap).await, Some(0));
    }
    until("both are counted", || receiver.house.counter("wrong_version") == 2).await;
    let trap =
        net_snmp("snmptrap", &["-v", "3", "-u", "nobody", "-l", "noAuthNoPriv"], at, LINK_DOWN);
    receiver.signal().await;
    assert_eq!(exit_code(trap).await, Some(0));
}

#[tokio::test]
async fn a_device_that_must_be_heard_and_is_not_is_told_until_it_is() {
    let files = "heartbeats = [{ source = \"127.0.0.1\", every = \"1s\" }]\n";
    let mut receiver = Watched::open(settings(files), State::default()).await;
    let at = receiver.house.at(0);
    let told = receiver.own().await;
    assert_eq!(
        (told.alarm, &*told.subject),
        (SelfAlarm::SourceSilent, "127.0.0.1 to snmp.network")
    );
    assert_eq!((told.active, &*told.reason), (true, "not heard since Vigie started"));
    let trap = net_snmp("snmptrap", &["-v", "2c", "-c", "public"], at, LINK_DOWN);
    assert_eq!(exit_code(trap).await, Some(0));
    let over = receiver.own().await;
    assert_eq!((over.alarm, over.active), (SelfAlarm::SourceSilent, false));
    receiver.signal().await;
    let again = receiver.own().await;
    assert_eq!((again.alarm, again.active), (SelfAlarm::SourceSilent, true));
    assert!(again.reason.starts_with("last heard "), "{}", again.reason);
}

#[tokio::test]
async fn when_a_device_was_heard_last_outlives_a_stop_and_a_restart_a_night_hides_no_silence() {
    let files = "heartbeats = [{ source = \"127.0.0.1\", every = \"1h\" }]\n";
    let mut receiver = Watched::open(settings(files), State::default()).await;
    let trap = net_snmp("snmptrap", &["-v", "2c", "-c", "public"], receiver.house.at(0), LINK_DOWN);
    receiver.signal().await;
    assert_eq!(exit_code(trap).await, Some(0));
    let mut state = receiver.closed().await;
    let input = "snmp.network".into();
    let heard = state.engines(&input).awaited("127.0.0.1").heard;
    assert!(heard.is_some());

    // It was listened for in vain for two hours less a second, in lives of less than one each.
    let noted = Noted::Awaited { source: "127.0.0.1".into(), unheard: 7_199, heard };
    let note = Fact::EngineNoted(EngineNote { input, noted });
    state.take(&Decision { facts: vec![note], ..Decision::nothing(Moment::default()) });
    let mut again = Watched::open(settings(files), state).await;
    let told = again.own().await;
    assert_eq!((told.alarm, told.active), (SelfAlarm::SourceSilent, true));
    assert!(told.reason.starts_with("last heard 20"), "{}", told.reason);
}
