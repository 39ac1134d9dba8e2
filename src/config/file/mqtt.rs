//! `[mqtt.*]`: a connection to a broker, what is heard by it, and what it is told.

use std::path::PathBuf;
use std::time::Duration;

use toml::de::DeValue;
use vigie_mqtt::Profile;

use crate::config::finding::Findings;
use crate::config::secret::Secret;
use crate::config::settings::MqttVersion;
use crate::config::table::tables;
use crate::config::units::Size;
use crate::config::written::{List, Spot, Written, choice};

tables! {
    /// One connection to a broker.
    Mqtt = "a connection to a broker", secrets: true {
        /// Where the broker is: `mqtt://HOST`, `mqtts://HOST` (TLS), `ws://HOST` or `wss://HOST` (WebSocket), with `:PORT` where
        /// it is not 1883, 8883, 80 or 443; a WebSocket has a path, by default `/mqtt`. Required.
        "broker" => broker: String,
        /// The version of MQTT: `"3.1.1"` (default) or `"5"`.
        "version" => version: MqttVersion,
        /// The name by which the broker knows us: what came while we were away waits under it. Each client of a broker has its own. Required.
        "client-id" => client_id: String,
        /// The topics that are listened to, as MQTT filters: `"plant/+/alarm/#"`. Required without `profile`.
        "topics" => topics: List<String>,
        /// Whether the broker sends again what was not acknowledged: 1 (default) yes, 0 no.
        "qos" => qos: u32,
        /// The account at the broker; default none. Required with `password`.
        "user" => user: String,
        /// Its password, a secret.
        "password" => password: Secret,
        /// The certificates of the authorities that are believed (PEM); default those of the system.
        "ca" => ca: PathBuf,
        /// Our own certificate (PEM), with those that it hangs on, where the broker asks for one. Required with `key`.
        "certificate" => certificate: PathBuf,
        /// Its private key (PEM): a file, or a credential. Required with `certificate`.
        "key" => key: KeyFile,
        /// The name that the broker's certificate must bear; default the host of `broker`.
        "server-name" => server_name: String,
        /// How often the broker is asked whether it is still there, if nothing else is said; default `"30s"`.
        "keep-alive" => keep_alive: Duration,
        /// How often something must come by it at least, or that is the alarm `heartbeat-missed`; default: it may be silent.
        "heartbeat" => heartbeat: Duration,
        /// Payloads that are longer are refused; default `"1 MiB"`, at most `"4 MiB"`.
        "max-payload" => max_payload: Size,
        /// For how long the broker keeps for us what comes while we are away (MQTT 5 alone); default `"1 week"`.
        "session-expiry" => session_expiry: Duration,
        /// The convention that the devices follow: `"zigbee2mqtt"`, `"tasmota"`, `"shelly"`, `"chirpstack"`,
        /// `"sparkplug-b"`; default none.
        "profile" => profile: Profile,
        /// The topic beneath which its devices are; default the one that the convention has.
        "base" => base: String,
        /// The Sparkplug nodes that are there, `"GROUP/NODE"`: each is asked for its birth at every connection. Others are asked once
        /// they are heard.
        "nodes" => nodes: List<String>,
        /// The state of every alarm on topics of this broker, by a second connection; default none.
        "publish" => publish: Publish,
    }

    /// What is told to a broker.
    Publish = "a publication" {
        /// The topic beneath which everything is; nobody else publishes there. Required.
        "prefix" => prefix: String,
        /// The topic beneath which Home Assistant looks for sensors: `"homeassistant"`; default: none are announced.
        "discovery" => discovery: String,
        /// Whether people acknowledge on topics of the broker, each as the broker's account that is a person's `user`; default false.
        "commands" => commands: bool,
    }
}

/// A private key: where it is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct KeyFile(pub(crate) Secret);

impl Written for KeyFile {
    /// A text is a path: nobody writes a key into a configuration.
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        match value {
            DeValue::String(_) => {
                findings.hide(spot.place);
                PathBuf::read(value, spot, findings).map(|path| Self(Secret::in_file(&path)))
            }
            DeValue::Table(_)
            | DeValue::Array(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => Secret::read(value, spot, findings).map(Self),
        }
    }

    fn holds() -> String {
        "path, or secret".to_owned()
    }
}

impl Written for MqttVersion {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        choice(&[("3.1.1", Self::V311), ("5", Self::V5)], value, spot, findings)
    }
}

impl Written for Profile {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        choice(&Self::ALL.map(|profile| (profile.name(), profile)), value, spot, findings)
    }
}
