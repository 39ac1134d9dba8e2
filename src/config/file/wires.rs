//! `[gsm.*]` and `[snmp.*]`: modems and receivers of traps.

use std::path::PathBuf;
use std::time::Duration;

use toml::de::DeValue;
use vigie_snmp::Version;
use vigie_snmp::usm::EngineId;

use super::users::User;
use crate::config::finding::{Findings, Inline};
use crate::config::secret::Secret;
use crate::config::table::tables;
use crate::config::written::{List, Spot, Written, choice};

tables! {
    /// One modem: both an input and the channel `sms`.
    Gsm = "a modem", secrets: true {
        /// The serial device, best by a name that does not change: `/dev/serial/by-id/…`. Required.
        "device" => device: PathBuf,
        /// Its speed; default 115200.
        "baud" => baud: u32,
        /// The PIN of the SIM, a secret; absent where the SIM asks for none.
        "pin" => pin: Secret,
        /// A program and its arguments, run when the modem does not answer and nothing else has revived
        /// it: a relay in its supply; default nothing.
        "revive" => revive: List<String>,
        /// Its SIM's own number, in international form: where the loop-back of a modem goes. Required of a modem to which one goes.
        "number" => number: String,
        /// A message to another modem of the site from time to time, to see whether it arrives; default none.
        "loop-back" => loop_back: LoopBack,
        /// How the credit of a prepaid SIM is watched; default not at all.
        "credit" => credit: Credit,
    }

    /// A message that goes round.
    LoopBack = "a loop-back" {
        /// The modem that receives it: another one, or the same. Required.
        "to" => to: String,
        /// How often; default `"6h"`.
        "every" => every: Duration,
    }

    /// The credit of a prepaid SIM.
    Credit = "a credit" {
        /// What the network is asked (USSD): `"*123#"`. Required.
        "code" => code: String,
        /// How often; default `"1 day"`.
        "every" => every: Duration,
        /// Below this amount, in the network's currency, it is an alarm; default 5.
        "low" => low: u32,
    }

    /// One receiver of traps and informs.
    Snmp = "a trap receiver", secrets: true {
        /// The addresses and ports on which it listens; default `["0.0.0.0:162", "[::]:162"]`.
        "listen" => listen: List<String>,
        /// The communities that are accepted; default any.
        "communities" => communities: List<Community>,
        /// The networks from which traps are accepted; default any.
        "sources" => sources: List<String>,
        /// The versions of SNMP that are accepted: `"1"`, `"2c"`, `"3"`; default all.
        "versions" => versions: List<Version>,
        /// The users of SNMPv3, a table each; default none.
        "users" => users: List<User>,
        /// Our engine ID, to which devices send the informs of SNMPv3; default one that is drawn once and kept.
        "engine-id" => engine_id: EngineId,
        /// The networks of proxies: of what they forward, the device that they name is the source; default none.
        "proxies" => proxies: List<String>,
        /// The sources that must be heard every so often, or it is an alarm; default none.
        "heartbeats" => heartbeats: List<Heartbeat>,
        /// Folders with MIB files, which name the traps and objects of makers; default none. Files that change are read at a reload.
        "mibs" => mibs: List<PathBuf>,
    }
}

impl Written for Version {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        choice(&Self::ALL.map(|version| (version.name(), version)), value, spot, findings)
    }
}

tables! {
    /// A source that must be heard.
    Heartbeat = "a heartbeat" {
        /// The address of the device. Required.
        "source" => source: String,
        /// How often it must send something at least. Required.
        "every" => every: Duration,
    }
}

/// The community that devices have until somebody gives them another: no secret.
const WELL_KNOWN: &str = "public";

/// A community: a password of sorts, never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Community(pub(crate) String);

impl Written for Community {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        findings.hide(spot.place);
        let community = String::read(value, spot, findings)?;
        if community != WELL_KNOWN {
            findings.stands_here(spot.place, Inline::Community);
        }
        Some(Self(community))
    }

    fn holds() -> String {
        "text".to_owned()
    }
}

impl std::fmt::Debug for Community {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}
