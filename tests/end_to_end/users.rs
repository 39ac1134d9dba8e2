//! SNMPv3 in the real daemon: informs find its engine again after it died, and what was recorded opens nothing.

use nix::sys::signal::Signal;

use crate::house::{House, until};
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
    Said::by(command.args(varbinds(Link::Down, interface))).exit
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
