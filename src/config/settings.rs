//! What the configuration says once it is checked: types that cannot be wrong.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use vigie_gsm::dialogue::UssdCode;
use vigie_snmp::names::Names;

use super::mibs::Kept;
use super::secret::Secret;

use crate::watch::name::InputName;
use crate::watch::site::Site;

/// Everything that the daemon is told.
#[derive(Debug)]
pub struct Settings {
    /// What the watch must know.
    pub site: Site,
    /// `store.path`.
    pub store: PathBuf,
    /// `control.socket`.
    pub control: PathBuf,
    /// `[storm]`.
    pub storm: Storm,
    /// `[gsm.*]`, in the order of the files.
    pub gsm: Vec<GsmSettings>,
    /// `[snmp.*]`, in the order of the files.
    pub snmp: Vec<SnmpSettings>,
    /// What the traps of each receiver are called: they can be replaced while it works.
    pub names: BTreeMap<InputName, Arc<Names>>,
    /// Catalogues of names that were compiled and are not kept yet.
    pub catalogues: Vec<Kept>,
}

/// When many messages become one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Storm {
    /// So many messages to one person within the window are sent one by one; at least 1.
    pub messages: u32,
    /// The window; never zero.
    pub window: Duration,
}

/// One modem.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GsmSettings {
    /// `gsm.NAME`.
    pub name: InputName,
    /// The serial device.
    pub device: PathBuf,
    /// Its speed.
    pub baud: u32,
    /// The PIN of the SIM, where it asks for one.
    pub pin: Option<Secret>,
    /// What is run when nothing else revives it: a program and its arguments.
    pub revive: Option<Vec<String>>,
    /// How the credit of its SIM is watched.
    pub credit: Option<CreditSettings>,
}

/// How the credit of a prepaid SIM is watched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CreditSettings {
    /// What the network is asked.
    pub code: UssdCode,
    /// How often.
    pub every: Duration,
    /// Below this amount, in the network's currency, the credit is low.
    pub low: u32,
}

/// One receiver of traps.
#[derive(Clone, PartialEq, Eq)]
pub struct SnmpSettings {
    /// `snmp.NAME`.
    pub name: InputName,
    /// Where it listens; never empty.
    pub listen: Vec<SocketAddr>,
    /// The communities that are accepted; empty: any.
    pub communities: Vec<Vec<u8>>,
    /// The networks that are accepted; empty: any.
    pub sources: Vec<IpNet>,
}

// By hand: a community is a password of sorts, and stays out of every log.
impl std::fmt::Debug for SnmpSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SnmpSettings")
            .field("name", &self.name)
            .field("listen", &self.listen)
            .field("communities", &self.communities.len())
            .field("sources", &self.sources)
            .finish()
    }
}
