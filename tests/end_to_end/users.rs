//! SNMPv3 in the real daemon: informs find its engine again after it died, and what was recorded opens nothing.

use std::path::PathBuf;

use nix::sys::signal::Signal;

use crate::house::{House, until, until_so};
use crate::people::MARIE;
use crate::programs::{Link, Said, net_snmp_with, varbinds};
use crate::site::Plan;

const USERS: &str = r#"
[[snmp.network.users]]
name = "vigie"
auth = { protocol = "sha-256", passphrase = "correct horse" }
priv = { protocol = "aes-128", passphrase = "battery staple" }
"#;

/// A message of the user, by `snmptrap` or `snmpinform`: how the program ended.
fn sent(program: &str, passphrase: &str, house: &House, interface: u32) -> Option<i32> {
    told(program, passphrase, house, Link::Down, interface)
}

/// The same, of an interface that is down or up again.
fn told(program: &str, passphrase: &str, house: &House, link: Link, interface: u32) -> Option<i32> {
    let options = [
        "-v",
        "3",
        "-u",
        "vigie",
        "-l",
        "authPriv",
        "-a",
        "SHA-256",
        "-A",
        passphrase,
        "-x",
        "AES",
        "-X",
        "battery staple",
        "-r",
        "5",
        "-t",
        "10",
    ];
    let mut command = net_snmp_with(program, &options, &house.site.address);
    Said::by(command.args(varbinds(link, interface))).exit
}

#[test]
fn an_encrypted_inform_calls_and_is_answered_and_our_engine_outlives_a_crash() {
    let mut house = House::open(&Plan { more: USERS, ..Plan::default() });
    let engine = |house: &House| {
        let status = house.vigie(&["status", "--json"]).json();
        let receiver =
            status["inputs"].as_array().unwrap().iter().find(|input| input["kind"] == "snmp");
        receiver.unwrap()["engine_id"].as_str().unwrap().to_owned()
    };
    let first = engine(&house);
    assert_eq!(sent("snmpinform", "correct horse", &house, 7), Some(0), "{}", house.log());
    assert!(house.next_sms(MARIE).text.contains("Lien 7"));
    assert_eq!(sent("snmptrap", "correct horse", &house, 8), Some(0));
    assert!(house.next_sms(MARIE).text.contains("Lien 8"));

    house.signal(Signal::SIGKILL);
    house.kill();
    house.start();
    assert_eq!(engine(&house), first, "devices know us by it");
    assert_eq!(sent("snmpinform", "correct horse", &house, 9), Some(0), "{}", house.log());
    until("the call about link 9", || {
        house.messages_to(MARIE).into_iter().find(|sms| sms.text.contains("Lien 9"))
    });

    assert_eq!(sent("snmptrap", "wrong passphrase", &house, 10), Some(0));
    let told = until("the alarm about the sender", || {
        house.standing().into_iter().find(|alarm| alarm["definition"] == "credentials-wrong")
    });
    let text = told["text"].as_str().unwrap();
    assert!(text.starts_with("SNMPv3 de 127."), "{text}");
    assert!(text.contains("user `vigie`"), "{text}");
    house.verify();
    let record: String = house.journal().iter().map(ToString::to_string).collect();
    for secret in ["correct horse", "battery staple", "wrong passphrase"] {
        assert!(!house.log().contains(secret) && !record.contains(secret), "{secret}");
    }
}

/// A house whose user has his passphrase in a file.
fn with_a_file() -> (House, PathBuf) {
    let mut house = House::built(&Plan { more: USERS, ..Plan::default() });
    let secret = house.site.path().join("snmp-auth");
    std::fs::write(&secret, "correct horse\n").unwrap();
    let kept = format!("{{ file = \"{}\" }}", secret.display());
    house.configuration = house.configuration.replace("\"correct horse\"", &kept);
    house.site.write(&house.configuration);
    house.start();
    (house, secret)
}

fn reload(house: &House, said: &str) {
    let told = |house: &House| house.log().matches(said).count();
    let before = told(house);
    house.signal(Signal::SIGHUP);
    until_so(said, || told(house) > before);
}

const IN_FORCE: &str = "the new configuration is in force";
const REFUSED: &str = "the new configuration is refused";

#[test]
fn a_passphrase_that_is_changed_in_its_file_is_in_force_from_the_reload_on() {
    let (mut house, secret) = with_a_file();
    assert_eq!(sent("snmpinform", "correct horse", &house, 1), Some(0), "{}", house.log());
    std::fs::write(&secret, "a newer horse\n").unwrap();
    reload(&house, IN_FORCE);
    house.until_logged("the passphrases of users are replaced");
    assert_eq!(sent("snmpinform", "a newer horse", &house, 2), Some(0), "{}", house.log());
    house.until_alarm("link", "2", "unacknowledged");
    assert_eq!(sent("snmptrap", "correct horse", &house, 3), Some(0));
    until("the alarm about the sender", || {
        house.standing().into_iter().find(|alarm| alarm["definition"] == "credentials-wrong")
    });
    assert!(house.alarm("link", "3").is_none(), "the old one opens nothing");
    // What has not changed is not told.
    reload(&house, IN_FORCE);
    assert_eq!(house.log().matches("the passphrases of users are replaced").count(), 1);
    // A life of the receiver that begins later has the new one as well.
    house.restart_after_kill();
    assert_eq!(sent("snmpinform", "a newer horse", &house, 4), Some(0), "{}", house.log());
}

#[test]
fn a_passphrase_that_cannot_be_had_at_a_reload_refuses_it_and_the_one_of_before_stays_in_force() {
    let (house, secret) = with_a_file();
    let file = house.site.file().display().to_string();
    let refused = || {
        let alarm = house.until_alarm("configuration-refused", &file, "unacknowledged");
        let text = alarm["text"].as_str().unwrap().to_owned();
        assert!(text.contains("`vigie`"), "whose: {text}");
        assert!(text.contains(secret.to_str().unwrap()), "where: {text}");
        assert!(!text.contains("sh0rt") && !house.log().contains("sh0rt"), "{text}");
        text
    };
    for wrong in [Some("sh0rt"), Some(""), None] {
        match wrong {
            Some(text) => std::fs::write(&secret, text).unwrap(),
            None => std::fs::remove_file(&secret).unwrap(),
        }
        reload(&house, REFUSED);
        refused();
        assert_eq!(sent("snmpinform", "correct horse", &house, 7), Some(0), "{}", house.log());
        std::fs::write(&secret, "correct horse").unwrap();
        reload(&house, IN_FORCE);
        house.until_alarm("configuration-refused", &file, "normal");
    }
}

#[test]
fn an_alarm_that_v3_alone_may_end_is_raised_by_a_trap_of_anybody_and_ended_by_none() {
    // The table of the alarm comes last in the files of a site.
    let more = format!("cleared-by = \"authenticated\"\n{USERS}");
    let house = House::open(&Plan { more: Box::leak(more.into_boxed_str()), ..Plan::default() });
    house.trap(Link::Down, 7);
    house.until_alarm("link", "7", "unacknowledged");
    let call = house.until_call(MARIE, "Lien 7");
    house.text(MARIE, &format!("{} FIN", call.code()));
    house.until_alarm("link", "7", "acknowledged");

    house.trap(Link::Up, 7);
    until_so("why it ends nothing is listed", || {
        house.vigie(&["unclaimed"]).out.contains("its sender has not proved who it is")
    });
    assert_eq!(house.alarm("link", "7").unwrap()["state"], "acknowledged", "it stands");
    assert_eq!(told("snmptrap", "wrong passphrase", &house, Link::Up, 7), Some(0));
    house.until_alarm("credentials-wrong", &credentials(&house), "unacknowledged");
    assert_eq!(house.alarm("link", "7").unwrap()["state"], "acknowledged", "it stands");

    assert_eq!(told("snmpinform", "correct horse", &house, Link::Up, 7), Some(0));
    house.until_alarm("link", "7", "normal");
    house.verify();
}

/// The key of the alarm about a sender with a wrong passphrase.
fn credentials(house: &House) -> String {
    let wrong = until("the alarm about the sender", || {
        house.standing().into_iter().find(|alarm| alarm["definition"] == "credentials-wrong")
    });
    wrong["key"].as_str().unwrap().to_owned()
}
