//! What `[mqtt.*]` says once it is checked.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;
use std::time::Duration;

use vigie_mqtt::{Filter, Profile, Topic};

use crate::config::secret::Secret;
use crate::watch::name::InputName;

/// One connection to a broker.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MqttSettings {
    /// `mqtt.NAME`.
    pub name: InputName,
    /// Where the broker is.
    pub broker: Broker,
    /// The version that is spoken.
    pub version: MqttVersion,
    /// The name of our session; never empty.
    pub client_id: String,
    /// What is subscribed to: of `topics` and of the profile, none of which another one covers; never empty.
    pub topics: Vec<Filter>,
    /// Whether what is not acknowledged is sent again.
    pub qos: Qos,
    /// The account.
    pub login: Option<MqttLogin>,
    /// The authorities that are believed; `None`: those of the system.
    pub ca: Option<PathBuf>,
    /// Our own certificate and its key.
    pub identity: Option<(PathBuf, Secret)>,
    /// The name that the broker's certificate must bear, if not the host's.
    pub server_name: Option<String>,
    /// After how much silence the broker is asked whether it is there: 5 seconds to 18 hours.
    pub keep_alive: Duration,
    /// The longest payload that is taken, in bytes.
    pub max_payload: usize,
    /// For how long the broker keeps the session (MQTT 5).
    pub session_expiry: Duration,
    /// The convention of the devices, and the topic beneath which they are.
    pub profile: Option<(Profile, Option<String>)>,
    /// The Sparkplug nodes that are known to be there, `GROUP/NODE`.
    pub nodes: Vec<String>,
    /// What is told to the broker.
    pub publish: Option<PublishSettings>,
    /// What all connections tell to brokers of this host, this one included.
    pub published_here: Vec<PublishSettings>,
}

/// What is told to a broker, by a connection of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublishSettings {
    /// The topic beneath which everything is.
    pub prefix: Topic,
    /// The topic beneath which Home Assistant looks for sensors.
    pub discovery: Option<Topic>,
    /// Whether people act on topics beneath `prefix`.
    pub commands: bool,
}

/// Where a broker is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Broker {
    /// How it is reached.
    pub transport: Transport,
    /// Its name or address; an IPv6 address without brackets.
    pub host: String,
    /// Its TCP port.
    pub port: u16,
    /// Of a WebSocket: the path, which begins with a slash.
    pub path: String,
}

/// How a broker is reached.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Transport {
    /// `mqtt://`
    Tcp,
    /// `mqtts://`
    Tls,
    /// `ws://`
    WebSocket,
    /// `wss://`
    WebSocketTls,
}

/// Which MQTT is spoken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MqttVersion {
    /// 3.1.1, which every broker speaks.
    V311,
    /// 5.0, whose brokers say why they refuse.
    V5,
}

/// How a subscription is served.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Qos {
    /// 0: what is lost is lost.
    AtMostOnce,
    /// 1: what is not acknowledged comes again.
    AtLeastOnce,
}

/// An account at a broker.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MqttLogin {
    /// Its name.
    pub user: String,
    /// Its password.
    pub password: Option<Secret>,
}

impl MqttSettings {
    /// The name of the connection by which it publishes.
    pub fn publishing_id(&self) -> String {
        format!("{}-out", self.client_id)
    }

    /// The secrets that it needs.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let password = self.login.as_ref().and_then(|login| login.password.as_ref());
        password.into_iter().chain(self.identity.as_ref().map(|(_, key)| key))
    }
}

impl Transport {
    /// What stands before `://`, and the port where none is written.
    pub(in crate::config) const ALL: [(Self, &'static str, u16); 4] = [
        (Self::Tcp, "mqtt", 1883),
        (Self::Tls, "mqtts", 8883),
        (Self::WebSocket, "ws", 80),
        (Self::WebSocketTls, "wss", 443),
    ];

    /// Whether it is encrypted.
    pub const fn is_tls(self) -> bool {
        matches!(self, Self::Tls | Self::WebSocketTls)
    }

    /// Whether it goes by a WebSocket.
    pub const fn is_web_socket(self) -> bool {
        matches!(self, Self::WebSocket | Self::WebSocketTls)
    }

    const fn scheme(self) -> &'static str {
        match self {
            Self::Tcp => "mqtt",
            Self::Tls => "mqtts",
            Self::WebSocket => "ws",
            Self::WebSocketTls => "wss",
        }
    }
}

/// As it is written in `broker`, the port included.
impl Display for Broker {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { transport, host, port, path } = self;
        let (open, close) = if host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{}://{open}{host}{close}:{port}{path}", transport.scheme())
    }
}

impl MqttVersion {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V311 => "3.1.1",
            Self::V5 => "5",
        }
    }
}
