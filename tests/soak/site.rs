//! The site that is watched: every wire that there is, each at a counterpart of its own, and its files as they are changed now and then.

#[path = "../counterparts/site_folder.rs"]
mod site_folder;

use std::ops::Deref;
use std::path::PathBuf;

use site_folder::{SiteFolder, network};

pub(crate) const MARIE: &str = "+33612345678";
pub(crate) const KARIM: &str = "+33698765432";
pub(crate) const LEA: &str = "+33655443322";
/// The modems, in the order in which they are plugged in.
pub(crate) const MODEMS: [&str; 2] = ["gsm.orange", "gsm.free"];
/// Definitions whose alarms somebody must answer, whatever becomes of their cause.
pub(crate) const CALLING: [&str; 3] = ["pump", "motor", "contact"];
/// Coils of the board.
pub(crate) const DOOR: u16 = 3;
pub(crate) const TANK: u16 = 4;
pub(crate) const SIREN: u16 = 20;
pub(crate) const LIFE: u16 = 21;

/// How the files are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Files {
    AtFirst,
    /// Somebody else waits longer, and a text is another.
    Reworded,
    /// Tables of wires are changed: their adapters end and others begin.
    Rewired,
    /// Nobody can read them.
    Broken,
    /// They can be read, and are wrong.
    Wrong,
}

/// Where everything is.
pub(crate) struct Wires {
    pub(crate) modems: [PathBuf; 2],
    pub(crate) broker: String,
    pub(crate) board: String,
    pub(crate) line: PathBuf,
    pub(crate) ping: String,
}

/// A folder of the site's own, and addresses on the loopback that nobody else uses.
pub(crate) struct Site {
    folder: SiteFolder,
    network: String,
}

impl Deref for Site {
    type Target = SiteFolder;

    fn deref(&self) -> &SiteFolder {
        &self.folder
    }
}

impl Site {
    pub(crate) fn new() -> Self {
        Self { folder: SiteFolder::new("vigie-soak-"), network: network() }
    }

    /// An address of a device.
    pub(crate) fn device(&self, number: u8) -> String {
        format!("{}.{number}", self.network)
    }

    pub(crate) fn snmp(&self) -> String {
        format!("{}:10162", self.device(1))
    }

    pub(crate) fn metrics(&self) -> String {
        format!("{}:9464", self.device(1))
    }

    pub(crate) fn write(&self, wires: &Wires, files: Files) {
        self.write_file(&self.text(wires, files));
    }

    /// The files.
    pub(crate) fn text(&self, wires: &Wires, files: Files) -> String {
        let mut text = format!("{}{PEOPLE}{}{ALARMS}", self.house(wires), self.inputs(wires));
        match files {
            Files::AtFirst => {}
            Files::Reworded => {
                text =
                    text.replace("wait = \"20s\"", "wait = \"25s\"").replace("Niveau", "Hauteur");
            }
            Files::Rewired => {
                text = text.replace("poll    = \"100ms\"", "poll    = \"150ms\"");
                text = text.replace("keep-alive = \"5s\"", "keep-alive = \"6s\"");
                text = text.replace("baud   = 115200", "baud   = 57600");
                text = text.replace("every = \"10s\"", "every = \"11s\"");
            }
            Files::Broken => text.push_str("\n[people.marie\n"),
            Files::Wrong => text = text.replace("person:karim", "person:nobody"),
        }
        text
    }

    fn house(&self, wires: &Wires) -> String {
        format!(
            "[site]\nname = \"Nord\"\ntime-zone = \"Europe/Paris\"\nlanguage = \"fr\"\nlast-resort = \"everybody\"\n\
             [store]\npath = \"{}\"\nkeep = \"4 weeks\"\n[control]\nsocket = \"{}\"\n[metrics]\nlisten = \"{}\"\n\
             [storm]\nmessages = 10\nwindow = \"1m\"\n[ping.switch]\nurl = \"{}\"\nevery = \"10s\"\n",
            self.store().display(),
            self.socket().display(),
            self.metrics(),
            wires.ping
        )
    }

    fn inputs(&self, wires: &Wires) -> String {
        let Wires { modems: [orange, free], broker, board, line, .. } = wires;
        let (orange, free, line) = (orange.display(), free.display(), line.display());
        format!(
            r#"
[gsm.orange]
device = "{orange}"
baud   = 115200
[gsm.free]
device = "{free}"
[snmp.network]
listen      = ["{snmp}"]
communities = ["public"]
[[snmp.network.users]]
name = "switch"
auth = {{ protocol = "sha-256", passphrase = "correct horse" }}
priv = {{ protocol = "aes-128", passphrase = "battery staple" }}
[mqtt.plant]
broker     = "{broker}"
client-id  = "vigie-soak"
topics     = ["plant/#"]
keep-alive = "5s"
[mqtt.plant.publish]
prefix = "vigie/nord"
[contacts.cabinet]
modbus  = "{board}"
poll    = "100ms"
timeout = "500ms"
[contacts.cabinet.lines.door]
line = {DOOR}
read = "coil"
[contacts.cabinet.lines.tank]
line     = {TANK}
read     = "coil"
normally = "open"
[contacts.cabinet.outputs.siren]
line     = {SIREN}
shows    = "unacknowledged"
priority = "high"
[contacts.cabinet.outputs.life]
line  = {LIFE}
shows = "alive"
[contacts.line]
modbus = "rtu://{line}"
parity = "none"
[contacts.line.lines.valve]
line = {DOOR}
read = "coil"
"#,
            snmp = self.snmp()
        )
    }
}

const PEOPLE: &str = r#"
[people.marie]
name  = "Marie"
phone = "+33612345678"
[people.karim]
name  = "Karim"
phone = "+33698765432"
[people.lea]
name  = "Léa"
phone = "+33655443322"
[escalations.technique]
on-return = "hold"
steps = [
  { notify = ["person:marie"], wait = "20s" },
  { notify = ["person:karim"], wait = "20s" },
]
[escalations.armoire]
acknowledge    = "double"
confirm-within = "2m"
steps = [{ notify = ["person:karim"], wait = "20s" }]
[escalations.everybody]
steps = [{ notify = ["person:lea"], wait = "30s" }]
"#;

const ALARMS: &str = r#"
[alarms.pump]
from   = ["snmp.network"]
match  = { trap = "1.3.6.1.4.1.99999.2.0.*" }
key    = "{vars['1.3.6.1.4.1.99999.2.1']}"
active = 'trap == "1.3.6.1.4.1.99999.2.0.1"'
normal = 'trap == "1.3.6.1.4.1.99999.2.0.2"'
priority   = "high"
text       = "Pompe {vars['1.3.6.1.4.1.99999.2.1']} n{vars['1.3.6.1.4.1.99999.2.2']}"
escalation = "technique"
flapping   = false
[alarms.motor]
from   = ["mqtt.plant"]
match  = { topic = "plant/+/motor" }
key    = "{topic[1]}"
active = "json.on"
normal = "!json.on"
text       = "Moteur {topic[1]} n{json.n}"
escalation = "technique"
flapping   = false
[alarms.contact]
from   = ["contacts"]
key    = "{line}"
active = "alarm"
text       = "Armoire : {text}"
escalation = "armoire"
[alarms.flow]
from   = ["snmp.network"]
match  = { trap = "1.3.6.1.4.1.99999.3.0.*" }
key    = "{source}/{vars['1.3.6.1.4.1.99999.2.1']}"
active = 'trap == "1.3.6.1.4.1.99999.3.0.1"'
normal = 'trap == "1.3.6.1.4.1.99999.3.0.2"'
text     = "Circuit {vars['1.3.6.1.4.1.99999.2.1']}"
flapping = false
[alarms.link]
from      = ["snmp.network"]
match     = { trap = "IF-MIB::linkDown" }
key       = "{source}/{ifIndex}"
momentary = true
text      = "Lien {ifIndex}"
[alarms.level]
from   = ["mqtt.plant"]
match  = { topic = "plant/+/level" }
key    = "{topic[1]}"
active = "value > 50"
normal = "value < 40"
text     = "Niveau {topic[1]} : {value}"
flapping = false
"#;
