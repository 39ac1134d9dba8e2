//! `[[snmp.*.users]]`: who may send SNMPv3, with which passphrases.

use toml::de::DeValue;
use vigie_snmp::usm::{AuthProtocol, EngineId, PrivProtocol};

use crate::config::finding::{Finding, Findings, quoted};
use crate::config::secret::Secret;
use crate::config::table::tables;
use crate::config::written::{Spot, Written, choice};

tables! {
    /// A user of SNMPv3 (USM), whose traps and informs are taken.
    User = "an SNMPv3 user", secrets: true {
        /// The user's name, as the devices have it. Required.
        "name" => name: String,
        /// The engine ID of the device whose traps the user sends, in hexadecimal; default any.
        "engine-id" => engine_id: EngineId,
        /// How the messages are authenticated; default not at all. Required with `priv`.
        "auth" => auth: Auth,
        /// How the messages are encrypted; default not at all.
        "priv" => privacy: Priv,
        /// Whether messages that are older than 150 seconds are refused as repetitions; default true. `false`
        /// is for a device that loses its count of starts or its clock, and needs its `engine-id`.
        "check-time" => check_time: bool,
    }

    /// An authentication.
    Auth = "an authentication", secrets: true {
        /// `"md5"`, `"sha-1"`, `"sha-224"`, `"sha-256"`, `"sha-384"` or `"sha-512"`. Required.
        "protocol" => protocol: AuthProtocol,
        /// The passphrase, a secret of 8 letters or more. Required.
        "passphrase" => passphrase: Secret,
    }

    /// An encryption.
    Priv = "an encryption", secrets: true {
        /// `"des"`, `"aes-128"`, `"aes-192"`, `"aes-256"`; `"aes-192-c"` and `"aes-256-c"` extend the key as Cisco's devices do. Required.
        "protocol" => protocol: PrivProtocol,
        /// The passphrase, a secret of 8 letters or more. Required.
        "passphrase" => passphrase: Secret,
    }
}

impl Written for AuthProtocol {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        choice(&Self::ALL.map(|protocol| (protocol.name(), protocol)), value, spot, findings)
    }
}

impl Written for PrivProtocol {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        choice(&Self::ALL.map(|protocol| (protocol.name(), protocol)), value, spot, findings)
    }
}

impl Written for EngineId {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        let text = String::read(value, spot, findings)?;
        match text.parse() {
            Ok(engine) => Some(engine),
            Err(error) => {
                let sentence = format!("{} cannot be {}: {error}", quoted(spot.key), quoted(&text));
                let help = "write it as the device shows it: \"80:00:1f:88:04:61\"";
                findings.add(Finding::error(spot.place, sentence).help(help));
                None
            }
        }
    }

    fn holds() -> String {
        "text".to_owned()
    }
}
