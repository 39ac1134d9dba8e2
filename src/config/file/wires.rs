//! `[gsm.*]` and `[snmp.*]`.

use std::path::PathBuf;
use std::time::Duration;

use toml::de::DeValue;

use crate::config::finding::Findings;
use crate::config::secret::Secret;
use crate::config::table::tables;
use crate::config::written::{List, Spot, Written};

tables! {
    /// One modem: both an input and the channel `sms`.
    Gsm = "a modem", secrets: true {
        /// The serial device, best by a name that does not change: `/dev/serial/by-id/…`.
        "device" => device: PathBuf,
        /// Its speed; default 115200.
        "baud" => baud: u32,
        /// The PIN of the SIM, a secret; absent where the SIM asks for none.
        "pin" => pin: Secret,
        /// A program and its arguments, run when the modem does not answer and nothing else has revived
        /// it: a relay in its supply; default nothing.
        "revive" => revive: List<String>,
        /// Its SIM's own number, in international form: where the loop-back of a modem goes.
        "number" => number: String,
        /// A message to another modem of the site from time to time, to see whether it arrives; default none.
        "loop-back" => loop_back: LoopBack,
        /// How the credit of a prepaid SIM is watched; default not at all.
        "credit" => credit: Credit,
    }

    /// A message that goes round.
    LoopBack = "a loop-back" {
        /// The modem that receives it: another one, or the same.
        "to" => to: String,
        /// How often; default `"6h"`.
        "every" => every: Duration,
    }

    /// The credit of a prepaid SIM.
    Credit = "a credit" {
        /// What the network is asked (USSD): `"*123#"`.
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
        /// Folders with MIB files, which name the traps and objects of makers; default none. Files that change are read at a reload.
        "mibs" => mibs: List<PathBuf>,
    }
    later {
        "users": "receive SNMPv3",
            "take it out, and let the device send SNMPv2c";
    }
}

/// A community: a password of sorts, never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Community(pub(crate) String);

impl Written for Community {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        findings.hide(spot.place);
        String::read(value, spot, findings).map(Self)
    }
}

impl std::fmt::Debug for Community {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}
