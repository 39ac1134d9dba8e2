//! Secrets: had before anything is opened, and before new files are taken.
//!
//! What was meant to protect is never left out in silence: a secret that is named and not to be had refuses the files, and the
//! complaint says whose it is and where it is kept, never what it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use vigie_snmp::usm::User;

use crate::adapters::snmp::{Unready, users};
use crate::adapters::{mqtt, ping};
use crate::config::{SecretError, Settings};
use crate::watch::name::InputName;

/// The users of SNMPv3 of each receiver, with the keys that their passphrases make.
pub(super) type Users = BTreeMap<InputName, Arc<[User]>>;

/// A secret that is named and not to be had.
#[derive(Debug, thiserror::Error)]
pub enum Lacking {
    /// The PIN of a modem.
    #[error("`{input}` needs a secret: {source}")]
    Pin {
        /// Whose.
        input: InputName,
        /// Why.
        source: SecretError,
    },
    /// A passphrase of a user.
    #[error("`{input}` needs a secret: {source}")]
    Passphrase {
        /// Whose.
        input: InputName,
        /// Why, and of which user.
        source: Unready,
    },
    /// What a ping needs.
    #[error("`{ping}` cannot be sent: {source}")]
    Ping {
        /// Which.
        ping: Arc<str>,
        /// Why.
        source: ping::Unready,
    },
    /// What a connection to a broker needs.
    #[error("`{input}` cannot connect: {source}")]
    Broker {
        /// Whose.
        input: InputName,
        /// Why.
        source: mqtt::Unready,
    },
}

/// Every secret that is named is there; the users that come of them.
pub(super) fn had(settings: &Settings) -> Result<Users, Lacking> {
    for modem in &settings.gsm {
        if let Some(pin) = &modem.pin {
            let lacking = |source| Lacking::Pin { input: modem.name.clone(), source };
            pin.reveal().map_err(lacking)?;
        }
    }
    for connection in &settings.mqtt {
        let lacking = |source| Lacking::Broker { input: connection.name.clone(), source };
        mqtt::ready(connection).map_err(lacking)?;
    }
    for ping in &settings.pings {
        let lacking = |source| Lacking::Ping { ping: Arc::clone(&ping.name), source };
        ping::ready(ping).map_err(lacking)?;
    }
    let of_receivers = settings.snmp.iter().map(|receiver| {
        let lacking = |source| Lacking::Passphrase { input: receiver.name.clone(), source };
        Ok((receiver.name.clone(), Arc::from(users(&receiver.users).map_err(lacking)?)))
    });
    of_receivers.collect()
}
