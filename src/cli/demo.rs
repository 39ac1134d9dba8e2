//! `vigie demo`: a whole night on one screen, in about a minute.
//!
//! The daemon is the real one, on a store of its own in a temporary folder, with a simulated modem
//! on a pseudo-terminal and a trap receiver on a free port of the loopback. People and switch are
//! played; everything between them is what runs on a site. It needs no root and no hardware, and
//! leaves nothing behind.

mod night;

use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::mpsc;
use vigie_gsm::simulator::Profile;

use super::run::{House, conclude, runtime};
use super::sysexit::Sysexit;
use super::terminal::Terminal;
use crate::config;
use crate::host::service::{Fate, Wish, signals};
use crate::host::simulated_modem::SimulatedModem;

use self::night::Night;

/// How long the simulated network takes for a message.
const PER_MESSAGE: Duration = Duration::from_millis(800);

/// Where the demo's daemon is.
#[derive(Debug)]
struct Stage {
    /// Removed with everything in it when the demo ends.
    folder: TempDir,
    port: u16,
    modem: PathBuf,
}

/// Plays the night, then waits for what the viewer sends, until Ctrl-C.
pub(super) fn demo(house: House, terminal: &mut Terminal) -> Sysexit {
    let played =
        runtime().map_err(|error| Fate::Unavailable(format!("the runtime cannot start: {error}")));
    let fate = played.and_then(|runtime| runtime.block_on(play(house, terminal)));
    conclude(fate, terminal)
}

async fn play(house: House, terminal: &mut Terminal) -> Result<(), Fate> {
    let unavailable =
        |what: &str, error: std::io::Error| Fate::Unavailable(format!("{what}: {error}"));
    let profile = Profile { per_message: PER_MESSAGE, ..Profile::default() };
    let modem =
        SimulatedModem::open(profile).map_err(|error| unavailable("no pseudo-terminal", error))?;
    let stage = Stage {
        folder: tempfile::Builder::new()
            .prefix("vigie-demo-")
            .tempdir()
            .map_err(|error| unavailable("no temporary folder", error))?,
        port: free_port().map_err(|error| unavailable("no free port on the loopback", error))?,
        modem: modem.device().to_owned(),
    };
    let text = stage.configuration();
    let file = stage.file();
    std::fs::write(&file, &text)
        .map_err(|error| unavailable("the configuration cannot be written", error))?;
    let reading = config::read(&file);
    let settings = reading.settings.ok_or_else(|| {
        let complaints: Vec<String> = reading.complaints.iter().map(ToString::to_string).collect();
        Fate::Configuration(complaints.join("\n"))
    })?;
    let (wish, wishes) = mpsc::channel(4);
    let control = modem.control();
    let mut night = Night::new(&stage, control, terminal);
    let daemon = house(settings, file, wishes);
    let story = async {
        let told = tokio::select! {
            told = night.tell() => told,
            () = asked_to_end() => Ok(()),
        };
        // The daemon closes as it does on a site, before its modem is taken away.
        let _ = wish.send(Wish::Close).await;
        told
    };
    let lives = async { tokio::join!(daemon, story) };
    let (lived, told) = tokio::select! {
        ended = lives => ended,
        () = modem.run() => (Ok(()), Err("the simulated modem ended".to_owned())),
    };
    lived?;
    told.map_err(Fate::Died)
}

/// Ctrl-C, a window that is closed, or a request to end: whichever it is, nothing is left behind.
async fn asked_to_end() {
    let (sender, mut wishes) = mpsc::channel(1);
    tokio::select! {
        _ = signals(sender) => {}
        _ = wishes.recv() => {}
    }
}

impl Stage {
    fn file(&self) -> PathBuf {
        self.folder.path().join("vigie.toml")
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("vigie.db")
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn configuration(&self) -> String {
        let (folder, modem, port) = (self.path().display(), self.modem.display(), self.port);
        format!(
            r#"[site]
name        = "North pumping station"
time-zone   = "Europe/Paris"
language    = "en"
last-resort = "everybody"

[store]
path = "{folder}/vigie.db"
[control]
socket = "{folder}/vigie.sock"

[people.marie]
name  = "Marie"
phone = "{marie}"
[people.karim]
name  = "Karim"
phone = "{karim}"

[escalations.technique]
acknowledge    = "double"
confirm-within = "45m"
steps = [
  {{ notify = ["person:marie"], wait = "12s" }},
  {{ notify = ["person:karim"], wait = "5m" }},
]
[escalations.everybody]
steps = [ {{ notify = ["person:marie", "person:karim"], wait = "10m" }} ]

[gsm.modem]
device = "{modem}"

[snmp.network]
listen      = ["127.0.0.1:{port}"]
communities = ["public"]

[alarms.link]
from       = ["snmp.network"]
match      = {{ trap = ["IF-MIB::linkDown", "IF-MIB::linkUp"] }}
key        = "{{source}}/{{ifIndex}}"
active     = 'trap == "IF-MIB::linkDown"'
normal     = 'trap == "IF-MIB::linkUp"'
priority   = "high"
text       = "Link {{ifIndex}} of the pump switch is down"
procedure  = "Check the switch's supply, then the fibre in room B."
escalation = "technique"
"#,
            marie = night::MARIE,
            karim = night::KARIM,
        )
    }
}

/// A port that was free a moment ago.
fn free_port() -> std::io::Result<u16> {
    Ok(UdpSocket::bind("127.0.0.1:0")?.local_addr()?.port())
}
