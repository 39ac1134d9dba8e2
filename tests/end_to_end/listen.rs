//! `vigie snmp listen` as an integrator uses it: a device is connected, and what it sends is looked at.

use std::io::{BufRead, BufReader};
use std::net::UdpSocket;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::programs::{Link, Said, VIGIE, net_snmp, net_snmp_with, varbinds};
use crate::site::Site;

const FILE: &str = r#"
[site]
name = "Nord"
time-zone = "Europe/Paris"
[store]
path = "/nowhere/at/all/vigie.db"
[[snmp.network.users]]
name = "vigie"
auth = { protocol = "sha-1", passphrase = "correct horse" }
"#;

#[test]
fn what_devices_send_is_printed_a_json_object_a_line_and_no_store_is_touched() {
    let site = Site::new();
    site.write(FILE);
    let address = &site.address;
    let mut listener = Command::new(VIGIE)
        .arg("--config")
        .arg(site.file())
        .args(["snmp", "listen", "--json", address])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(listener.stderr.take().unwrap());
    let mut ready = String::new();
    told.read_line(&mut ready).unwrap();
    assert!(ready.starts_with(&format!("listening on {address};")), "{ready}");
    let mut lines = BufReader::new(listener.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };

    let what = varbinds(Link::Down, 7);
    let said = Said::by(net_snmp("snmpinform", &["-r", "0", "-t", "20"], address).args(&what));
    assert_eq!(said.exit, Some(0), "it is answered: {said:?}");
    let heard = next();
    for (key, value) in [
        ("version", "2c"),
        ("kind", "inform"),
        ("community", "public"),
        ("trap_oid", "1.3.6.1.6.3.1.1.5.3"),
        ("trap", "IF-MIB::linkDown"),
    ] {
        assert_eq!(heard[key], value, "{key}");
    }
    assert_eq!(heard["varbinds"][0]["name"], "IF-MIB::ifIndex.7");

    // What cannot be read stands elsewhere, and ends nothing.
    UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"junk", address).unwrap();
    let user = |passphrase| {
        let auth = ["-v", "3", "-u", "vigie", "-l", "authNoPriv", "-a", "SHA", "-A", passphrase];
        let all = [&auth[..], &["-e", "0x80001f8804617669"]].concat();
        Said::by(net_snmp_with("snmptrap", &all, address).args(&what))
    };
    assert_eq!(user("wrong passphrase").exit, Some(0));
    assert_eq!(user("correct horse").exit, Some(0));
    let heard = next();
    for (key, value) in [
        ("version", "3"),
        ("kind", "trap"),
        ("user", "vigie"),
        ("level", "authNoPriv"),
        ("engine_id", "80001f8804617669"),
    ] {
        assert_eq!(heard[key], value, "{key}");
    }
    for complaint in ["not taken: the message", "user `vigie` of engine 80:00:1f:88:04:61:76:69: "]
    {
        let mut line = String::new();
        told.read_line(&mut line).unwrap();
        assert!(line.contains(complaint), "{line}");
    }
    listener.kill().unwrap();
    listener.wait().unwrap();
}

#[test]
fn who_cannot_listen_is_told_what_to_do_in_one_sentence() {
    let site = Site::new();
    site.write(FILE);
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (address, exit, says) in [
        ("1162", 64, "write the address too: 0.0.0.0:1162 or [::]:1162"),
        ("127.0.0.1", 64, "write the port too: 127.0.0.1:1162"),
        ("switch:1162", 64, "names are not looked up"),
        // For documentation (RFC 5737): no machine has it.
        (
            "192.0.2.1:1162",
            65,
            "this machine has no such address; choose one that `ip address` shows",
        ),
        (taken.as_str(), 69, "another program listens there; choose another port"),
    ] {
        let mut listener = Command::new(VIGIE);
        listener.arg("--config").arg(site.file()).args(["snmp", "listen", address]);
        let said = Said::by(&mut listener);
        assert_eq!(said.exit, Some(exit), "{said:?}");
        assert!(said.err.contains(says), "{said:?}");
    }
}
