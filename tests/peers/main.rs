//! SMS programs of the field drive the simulated modem: it is a modem, and not our idea of one.
//!
//! gammu, gammu-smsd and smstools come from Debian (`apt-get install gammu gammu-smsd smstools`); they need no
//! hardware and no root, and keep to a folder of their own. So do kannel, ModemManager and oFono, where they are
//! installed; where they are not, the test says that they were not tried, and this makes it an error:
//!
//!     VIGIE_PEERS=all cargo test --test peers

#![cfg(test)]

mod bus;
mod carrier;
mod kannel;
mod modem_manager;
mod ofono;
mod optional;
mod place;

use std::process::Command;

use vigie_gsm::simulator::Profile;

use place::{MARIE, Place};

#[tokio::test]
async fn gammu_finds_a_modem_that_it_can_send_with_and_read() {
    let mut place = Place::with(Profile::instant()).await;
    place.write("gammurc", &format!("[gammu]\ndevice={}\nconnection=at115200\n", place.device()));
    let settings = place.path("gammurc");
    let gammu = |words: &[&str]| {
        let mut command = Command::new("gammu");
        command.arg("-c").arg(&settings).args(words);
        command
    };
    let who = place.said(gammu(&["identify"])).await;
    place.release().await;
    assert!(who.contains("SIMULATOR") && who.contains("Vigie"), "{who}");
    let text = "Pompe 3 en panne: 20 € {x} à l'été";
    let sent = place.said(gammu(&["sendsms", "TEXT", MARIE, "-text", text, "-report"])).await;
    assert!(sent.contains("OK"), "{sent}");
    place.release().await;
    assert_eq!(place.sent().await, (MARIE.to_owned(), text.to_owned()));
    place.deliver("+33698765432", "4711 FIN").await;
    let read = place.said(gammu(&["getallsms"])).await;
    assert!(read.contains("4711 FIN") && read.contains("+33698765432"), "{read}");
}

#[tokio::test]
async fn gammu_smsd_sends_with_it_and_receives_by_it() {
    let mut place = Place::with(Profile::instant()).await;
    for folder in ["inbox", "outbox", "sent", "error"] {
        place.folder(folder);
    }
    let path = |name: &str| format!("{}/", place.path(name).display());
    place.write(
        "smsdrc",
        &format!(
            "[gammu]\ndevice={}\nconnection=at115200\n[smsd]\nservice=files\nlogfile=stderr\nInboxPath={}\n\
             OutboxPath={}\nSentSMSPath={}\nErrorSMSPath={}\nCommTimeout=1\nReceiveFrequency=1\nCheckSecurity=0\n",
            place.device(),
            path("inbox"),
            path("outbox"),
            path("sent"),
            path("error"),
        ),
    );
    let rc = place.path("smsdrc");
    let mut daemon = Command::new("gammu-smsd");
    let _daemon = place.runs(daemon.arg("-c").arg(&rc));
    let mut inject = Command::new("gammu-smsd-inject");
    inject.arg("-c").arg(&rc).args(["TEXT", MARIE, "-text", "Chambre froide 3"]);
    place.said(inject).await;
    assert_eq!(place.sent().await, (MARIE.to_owned(), "Chambre froide 3".to_owned()));
    place.deliver("+33698765432", "4711 FIN").await;
    place.until_a_file("inbox", |text| text.contains("4711 FIN")).await;
    place.until_slots(0).await;
}

#[tokio::test]
async fn smsd_of_smstools_sends_with_it_and_receives_by_it() {
    let mut place = Place::with(Profile::instant()).await;
    for folder in ["incoming", "outgoing", "checked", "failed", "sent", "report"] {
        place.folder(folder);
    }
    let path = |name: &str| place.path(name).display().to_string();
    let folders = ["incoming", "outgoing", "checked", "failed", "sent", "report"]
        .map(|folder| format!("{folder} = {}\n", path(folder)))
        .concat();
    place.write(
        "smsd.conf",
        &format!(
            "devices = vigie\nlogfile = {}\npidfile = {}\ninfofile = {}\nstats = {}\n{folders}delaytime = 1\n\
             errorsleeptime = 1\nblocktime = 5\nautosplit = 3\n[vigie]\ndevice = {}\nincoming = yes\ninit = AT\n",
            path("log"),
            path("pid"),
            path("info"),
            path("report"),
            place.device(),
        ),
    );
    let mut daemon = Command::new("/usr/sbin/smsd");
    let _daemon = place.runs(daemon.arg("-t").arg(format!("-c{}", path("smsd.conf"))));
    place.write("outgoing/one", "To: 33612345678\n\nChambre froide 3\n");
    assert_eq!(place.sent().await, (MARIE.to_owned(), "Chambre froide 3".to_owned()));
    place.deliver("+33698765432", "4711 FIN").await;
    place.until_a_file("incoming", |text| text.contains("4711 FIN")).await;
    place.until_slots(0).await;
}
