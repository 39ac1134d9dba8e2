//! ModemManager, in its test mode: it wants no udev, and takes the modem from a socket.

use std::process::Command;

use vigie_gsm::simulator::Profile;

use crate::bus::Bus;
use crate::optional::installed;
use crate::place::{MARIE, Place};

const NAME: &str = "org.freedesktop.ModemManager1";
const MODEM: &str = "/org/freedesktop/ModemManager1/Modem/0";

#[tokio::test]
async fn modem_manager_enables_it_sends_with_it_and_receives_by_it() {
    let programs = ["ModemManager", "dbus-daemon", "gdbus"];
    let packages = "modemmanager dbus-daemon libglib2.0-bin";
    let Some([modem_manager, dbus_daemon, _]) = installed(programs, packages) else { return };
    let mut place = Place::with(Profile::instant()).await;
    let bus = Bus::at(&place, &dbus_daemon).await;
    let port = format!("abstract:vigie-{}", std::process::id());
    place.carried_to_abstract(&port);
    let mut daemon = Command::new(modem_manager);
    daemon.args(["--test-session", "--test-enable", "--test-no-udev", "--test-no-qrtr"]);
    daemon.args(["--test-no-suspend-resume", "--no-auto-scan", "--debug"]);
    let _daemon = place.runs(daemon.env("DBUS_SESSION_BUS_ADDRESS", bus.address()));
    let call = |object: &str, method: &str, words: &[&str]| {
        bus.call(NAME, object, &format!("{NAME}.{method}"), words)
    };
    let ports = format!("['{port}']");
    let root = "/org/freedesktop/ModemManager1";
    place
        .until_said(|| call(root, "Test.SetProfile", &["vigie", "generic", &ports]), |_| true)
        .await;
    // Until it has found the modem and asked it whatever it wants to know.
    place.until_said(|| call(MODEM, "Modem.Enable", &["true"]), |_| true).await;

    let seen = |object: &str, interface: &str| {
        let interface = format!("{NAME}.{interface}");
        bus.call(NAME, object, "org.freedesktop.DBus.Properties.GetAll", &[&interface])
    };
    let who = place.said(seen(MODEM, "Modem")).await;
    assert!(who.contains("'Manufacturer': <'Vigie'>, 'Model': <'SIMULATOR'>"), "{who}");
    assert!(who.contains("'OwnNumbers': <['+33700000099']>"), "{who}");
    let network = || seen(MODEM, "Modem.Modem3gpp");
    place
        .until_said(network, |seen| {
            seen.contains("'OperatorCode': <'20801'>, 'OperatorName': <'Vigie Telecom'>")
        })
        .await;

    let text = "Pompe 3 en panne: 20 € à l'été";
    let message = format!("{{'number': <'{MARIE}'>, 'text': <\"{text}\">}}");
    place.said(call(MODEM, "Modem.Messaging.Create", &[&message])).await;
    place.said(call("/org/freedesktop/ModemManager1/SMS/0", "Sms.Send", &[])).await;
    assert_eq!(place.sent().await, (MARIE.to_owned(), text.to_owned()));

    place.deliver("+33698765432", "4711 FIN").await;
    let received = "/org/freedesktop/ModemManager1/SMS/1";
    place
        .until_said(
            || seen(received, "Sms"),
            |sms| sms.contains("'Number': <'+33698765432'>, 'Text': <'4711 FIN'>"),
        )
        .await;
    place.said(call(MODEM, "Modem.Messaging.Delete", &[received])).await;
    place.until_slots(0).await;
}
