//! What the configuration says once it is checked: types that cannot be wrong.

mod contacts;
mod mqtt;
mod outputs;
mod ping;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use vigie_gsm::dialogue::UssdCode;
use vigie_snmp::Version;
use vigie_snmp::names::Names;
use vigie_snmp::usm::{AuthProtocol, EngineId, PrivProtocol};

pub use self::contacts::{
    Beside, Bias, BoardAddress, Bus, ClearSettings, ContactDevice, ContactSettings,
    ContactsSettings, ControlLine, CounterSettings, LatchSettings, LineAt, LineSettings,
    ModbusSettings, ModbusTable, Parity, Wiring, WordOrder,
};
pub use self::mqtt::{
    Broker, MqttLogin, MqttSettings, MqttVersion, PublishSettings, Qos, Transport,
};
pub use self::outputs::{ButtonSettings, DrivenLine, OutputAt, OutputSettings, Selection, Shows};
pub use self::ping::{PingSettings, WebAddress, WebAddressError};
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
    /// `[gsm.*]`, in the order of the files.
    pub gsm: Vec<GsmSettings>,
    /// `[snmp.*]`, in the order of the files.
    pub snmp: Vec<SnmpSettings>,
    /// `[mqtt.*]`, in the order of the files.
    pub mqtt: Vec<MqttSettings>,
    /// `[contacts.*]`, in the order of the files.
    pub contacts: Vec<ContactsSettings>,
    /// `metrics.listen`: an address of this machine that nobody else reaches.
    pub metrics: Option<SocketAddr>,
    /// `[ping.*]`, in the order of the files.
    pub pings: Vec<PingSettings>,
    /// What the traps of each receiver are called: they can be replaced while it works.
    pub names: BTreeMap<InputName, Arc<Names>>,
    /// Catalogues of names that were compiled and are not kept yet.
    pub catalogues: Vec<Kept>,
    /// Files and folders to which every account of the machine may write, and that are taken all the same: only a start does.
    pub open: Vec<String>,
}

/// One modem.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GsmSettings {
    /// `gsm.NAME`.
    pub name: InputName,
    /// The serial device.
    pub device: PathBuf,
    /// Its speed, in bits a second.
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
    /// The versions that are accepted; empty: all.
    pub versions: Vec<Version>,
    /// The users of SNMPv3.
    pub users: Vec<UserSettings>,
    /// Our engine, where the files name it.
    pub engine: Option<EngineId>,
    /// The networks of proxies, whose word is taken for the device that a notification is about.
    pub proxies: Vec<IpNet>,
    /// The sources that must be heard, each once.
    pub heartbeats: Vec<HeartbeatSettings>,
}

/// A source that must be heard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeartbeatSettings {
    /// Which, as a signal has it: an IPv4 address is one however it is written.
    pub source: IpAddr,
    /// How often at least; never zero.
    pub every: Duration,
}

/// A user of SNMPv3.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UserSettings {
    /// As the devices have it: 1 to 32 octets.
    pub name: String,
    /// The engine whose traps the user sends; `None`: any.
    pub engine: Option<EngineId>,
    /// How the user proves himself.
    pub secrets: UserSecrets,
    /// Whether messages that are too old are refused; if not, there is an engine.
    pub is_timed: bool,
}

/// How a user of SNMPv3 proves himself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum UserSecrets {
    /// Not at all.
    None,
    /// By a passphrase.
    Auth((AuthProtocol, Secret)),
    /// By a passphrase, and with another one the messages are encrypted.
    AuthPriv((AuthProtocol, Secret), (PrivProtocol, Secret)),
}

impl UserSettings {
    /// The secrets that the user has.
    pub fn passphrases(&self) -> impl Iterator<Item = &Secret> {
        let (auth, privacy) = match &self.secrets {
            UserSecrets::None => (None, None),
            UserSecrets::Auth((_, auth)) => (Some(auth), None),
            UserSecrets::AuthPriv((_, auth), (_, privacy)) => (Some(auth), Some(privacy)),
        };
        auth.into_iter().chain(privacy)
    }
}

// By hand: a community is a password of sorts, and stays out of every log.
impl std::fmt::Debug for SnmpSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SnmpSettings")
            .field("name", &self.name)
            .field("listen", &self.listen)
            .field("communities", &self.communities.len())
            .field("sources", &self.sources)
            .field("versions", &self.versions)
            .field("users", &self.users)
            .field("engine", &self.engine)
            .field("proxies", &self.proxies)
            .field("heartbeats", &self.heartbeats)
            .finish()
    }
}
