//! oFono, whose driver for the modem of phonesim is a plain one after 27.007 that takes the modem from a TCP port.
//!
//! It receives directly (`+CNMI` mt=2), and acknowledges each message to the network itself (`+CNMA`).

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use vigie_gsm::simulator::Profile;

use crate::bus::Bus;
use crate::optional::installed;
use crate::place::{MARIE, Place};

/// Who owns nothing.
const NOBODY: u32 = 65_534;
const NAME: &str = "org.ofono";
const MODEM: &str = "/vigie";

#[tokio::test]
async fn ofono_brings_it_online_sends_with_it_and_receives_by_it() {
    let programs = ["ofonod", "dbus-daemon", "gdbus"];
    let packages = "ofono dbus-daemon libglib2.0-bin";
    let Some([ofonod, dbus_daemon, _]) = installed(programs, packages) else { return };
    // The driver leaves the echo as it finds it.
    let mut place = Place::with(Profile { echo: false, ..Profile::instant() }).await;
    let bus = Bus::at(&place, &dbus_daemon).await;
    let port = place.carried_to_tcp().await;
    place.write("modems.conf", &format!("[vigie]\nAddress=127.0.0.1\nPort={port}\n"));
    let mut daemon = Command::new(ofonod);
    daemon.args(["-n", "-d"]).env("DBUS_SYSTEM_BUS_ADDRESS", bus.address());
    daemon.env("OFONO_PHONESIM_CONFIG", place.path("modems.conf")).env("OFONO_AT_DEBUG", "1");
    if nix::unistd::geteuid().is_root() {
        // It keeps what it has in /var/lib/ofono, wherever it is told to run: here it may not.
        let all = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(place.path(""), all).expect("our own folder");
        daemon.uid(NOBODY).gid(NOBODY);
    }
    let _daemon = place.runs(&mut daemon);
    let call = |object: &str, method: &str, words: &[&str]| {
        bus.call(NAME, object, &format!("{NAME}.{method}"), words)
    };
    for state in ["Powered", "Online"] {
        let set = || call(MODEM, "Modem.SetProperty", &[state, "<true>"]);
        place.until_said(set, |_| true).await;
    }
    let modems = || call("/", "Manager.GetModems", &[]);
    place
        .until_said(modems, |seen| {
            seen.contains("'Manufacturer': <'Vigie'>, 'Model': <'SIMULATOR'>")
                && seen.contains("org.ofono.MessageManager")
        })
        .await;
    let network = || call(MODEM, "NetworkRegistration.GetProperties", &[]);
    place
        .until_said(network, |seen| {
            seen.contains("'Status': <'registered'>")
                && seen.contains("'MobileCountryCode': <'208'>, 'MobileNetworkCode': <'01'>")
                && seen.contains("'Name': <'Vigie Telecom'>")
        })
        .await;

    let text = "Pompe 3 en panne: 20 € à l'été";
    place.said(call(MODEM, "MessageManager.SendMessage", &[MARIE, text])).await;
    assert_eq!(place.sent().await, (MARIE.to_owned(), text.to_owned()));

    let _monitor = place.runs(&mut bus.monitor(NAME, MODEM));
    place.until_a_file("", |log| log.contains("The name org.ofono is owned by")).await;
    for text in ["4711 FIN", "Merci à tous"] {
        place.deliver("+33698765432", text).await;
        let received = format!("MessageManager.IncomingMessage ('{text}'");
        place.until_a_file("", |log| log.contains(&received) && log.contains("+33698765432")).await;
    }
    place.until_modem(|modem| modem.held() == 0).await;
}
