//! The site that is watched: its files, where it listens, and how impatient its ladders are.

#[path = "../counterparts/site_folder.rs"]
mod site_folder;

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::people::{KARIM, LEA, MARIE};
use site_folder::{SiteFolder, network};

/// What a test wants different from the ordinary.
pub(crate) struct Plan {
    /// How long step one, Marie's, waits; then Karim is called.
    pub(crate) marie: &'static str,
    /// How long step two, Karim's, waits; then the last resort, Léa, is called.
    pub(crate) karim: &'static str,
    /// How long the network takes for a message.
    pub(crate) per_message: Duration,
    /// More tables.
    pub(crate) more: &'static str,
    /// Keys that stand in `[people.karim]` as well.
    pub(crate) karim_too: &'static str,
    /// A write to the store that takes so long is too slow: by default longer than on a machine that does much else.
    pub(crate) slow: &'static str,
}

impl Default for Plan {
    fn default() -> Self {
        let (marie, karim, per_message) = ("5m", "5m", Duration::ZERO);
        Self { marie, karim, per_message, more: "", karim_too: "", slow: "10s" }
    }
}

/// The files of a site in a folder of its own.
pub(crate) struct Site {
    folder: SiteFolder,
    pub(crate) address: String,
}

impl Deref for Site {
    type Target = SiteFolder;

    fn deref(&self) -> &SiteFolder {
        &self.folder
    }
}

impl Site {
    pub(crate) fn new() -> Self {
        static HOUSES: AtomicU32 = AtomicU32::new(0);
        // An address of this house's own. Far fewer than these stand at the same time.
        let house = HOUSES.fetch_add(1, Ordering::SeqCst) % 254 + 1;
        let folder = SiteFolder::new("vigie-night-");
        Self { folder, address: format!("{}.{house}:10162", network()) }
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.path().join("log")
    }

    /// Writes the files, all of them anew.
    pub(crate) fn write(&self, text: &str) {
        self.write_file(text);
    }

    /// The ordinary configuration, as the plan has it.
    pub(crate) fn configuration(&self, plan: &Plan, modem: &Path) -> String {
        let (store, socket) = (self.store(), self.socket());
        let (store, socket, modem) = (store.display(), socket.display(), modem.display());
        let Plan { marie, karim, karim_too, more, slow, .. } = plan;
        let address = &self.address;
        format!(
            r#"[site]
name        = "Nord"
time-zone   = "Europe/Paris"
language    = "fr"
last-resort = "everybody"

[store]
path = "{store}"
slow = "{slow}"
[control]
socket = "{socket}"

[people.marie]
name  = "Marie"
phone = "{MARIE}"
[people.karim]
name  = "Karim"
phone = "{KARIM}"
{karim_too}
[people.lea]
name  = "Léa"
phone = "{LEA}"

[escalations.technique]
acknowledge = "double"
steps = [
  {{ notify = ["person:marie"], wait = "{marie}" }},
  {{ notify = ["person:karim"], wait = "{karim}" }},
]
[escalations.everybody]
steps = [ {{ notify = ["person:lea"], wait = "10m" }} ]

[gsm.modem]
device = "{modem}"

[snmp.network]
listen      = ["{address}"]
communities = ["public"]

[alarms.link]
from       = ["snmp.network"]
match      = {{ trap = ["IF-MIB::linkDown", "IF-MIB::linkUp"] }}
key        = "{{ifIndex}}"
active     = 'trap == "IF-MIB::linkDown"'
normal     = 'trap == "IF-MIB::linkUp"'
priority   = "high"
text       = "Lien {{ifIndex}} coupé"
escalation = "technique"
{more}"#
        )
    }
}
