//! How an input is: what it tells of itself, for `vigie status` and `vigie metrics`. Beside it how pings are, and what has passed on the
//! [`road`].
//!
//! Each input has one owner, its adapter, who alone writes; whoever asks reads the latest. Nothing
//! here decides anything: what is wrong enough to wake somebody is told to the inbox as well.

mod broker;
mod contacts;
mod outputs;
mod pings;
pub mod road;
mod sources;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use tokio::sync::watch;
use vigie_snmp::names::Names;

use crate::watch::name::InputName;
use crate::watch::own_alarms::SelfAlarm;
use crate::watch::signal::Kind;
use crate::watch::time::Utc;

pub use broker::{Broker, Publishing, Session, Subscription, Supply};
#[cfg(test)]
pub(crate) use contacts::tests::door;
pub use contacts::{ContactNow, ContactState, Contacts, NEWS, News, What};
pub use outputs::{Output, OutputState};
pub use pings::{Ping, PingPulse, PingReading, ping};
pub use sources::{LIMIT as SOURCES, Sources};

/// How an input is.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Health {
    /// Its name.
    pub name: InputName,
    /// Its protocol.
    pub kind: Kind,
    /// Whether its wire works.
    pub state: Wire,
    /// Since when.
    #[serde(serialize_with = "as_written")]
    pub since: Utc,
    /// When something was last heard on it.
    #[serde(serialize_with = "as_written_or_null")]
    pub last_heard: Option<Utc>,
    /// Where it listens, or which device it is.
    pub at: Vec<String>,
    /// What it has counted, by name.
    pub counters: BTreeMap<&'static str, u64>,
    /// Our engine ID, if it receives SNMPv3: to it devices send their informs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine_id: Option<String>,
    /// Who has been heard, if it has many sources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sources: Option<Sources>,
    /// If it is a connection to a broker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broker: Option<Broker>,
    /// The sirens, lamps and relays of a contact device.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Output>,
    /// If it is a modem.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modem: Option<Modem>,
    /// What its traps are called, for who makes a proposal of them; told to nobody as such.
    #[serde(skip)]
    pub names: Option<Arc<Names>>,
}

/// Whether a wire works.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "reason")]
pub enum Wire {
    /// It is being opened or set up.
    Starting,
    /// It works.
    Up,
    /// It does not, and why.
    Down(String),
}

/// How a modem is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Modem {
    /// Who made it, as it says (`+CGMI`).
    pub manufacturer: Option<String>,
    /// Its model, as it says (`+CGMM`).
    pub model: Option<String>,
    /// `home`, `roaming`, `searching`, `denied`, ...
    pub registration: Option<String>,
    /// `2G`, `3G`, `4G`, `5G`.
    pub technology: Option<String>,
    /// The network's name.
    pub operator: Option<String>,
    /// Received power in dBm.
    pub signal_dbm: Option<i16>,
    /// By how many dB that is better than an hour ago.
    pub signal_trend_db: Option<i16>,
    /// The SIM's own identity (`+CIMI`).
    pub sim: Option<String>,
    /// The SIM's telephone number, where it knows it.
    pub number: Option<String>,
    /// The number of the service centre that takes its messages.
    pub service_centre: Option<String>,
    /// The credit of its SIM, in the network's currency, as it was last told.
    pub credit: Option<String>,
}

/// A time as people and programs read it (RFC 3339), not as the journal keeps it.
pub(crate) fn as_written<S: Serializer>(at: &Utc, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

/// The same of a time that may be none: null.
#[expect(clippy::ref_option, reason = "serde hands in the field as it is")]
pub(crate) fn as_written_or_null<S: Serializer>(
    at: &Option<Utc>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => as_written(at, serializer),
        None => serializer.serialize_none(),
    }
}

/// Why the life of an adapter ended: its wire is lost. It will be born again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ended {
    /// As which alarm it is told; its subject is the input.
    pub alarm: SelfAlarm,
    /// Why, in the operator's words.
    pub reason: String,
}

/// The writing end: the adapter's.
#[derive(Debug)]
pub struct Pulse(watch::Sender<Health>, watch::Sender<Contacts>);

/// The reading end.
#[derive(Clone, Debug)]
pub struct Reading(watch::Receiver<Health>, watch::Receiver<Contacts>);

/// Both ends for one input, which is starting.
pub fn pulse(name: InputName, kind: Kind, at: Vec<String>, now: Utc) -> (Pulse, Reading) {
    let health = Health {
        name,
        kind,
        state: Wire::Starting,
        since: now,
        last_heard: None,
        at,
        counters: BTreeMap::new(),
        engine_id: None,
        sources: None,
        broker: None,
        outputs: Vec::new(),
        modem: None,
        names: None,
    };
    let (sender, receiver) = watch::channel(health);
    let (contacts, seen) = watch::channel(Contacts::default());
    (Pulse(sender, contacts), Reading(receiver, seen))
}

impl Pulse {
    /// The wire works, or does not; `since` changes only with that.
    pub fn wire(&self, state: Wire, now: Utc) {
        self.0.send_modify(|health| {
            if health.state != state {
                health.state = state;
                health.since = now;
            }
        });
    }

    /// Something was heard.
    pub fn heard(&self, now: Utc) {
        self.0.send_modify(|health| health.last_heard = Some(now));
    }

    /// These were heard: who, when last, and how many times since it was last said.
    pub fn heard_from(&self, heard: impl IntoIterator<Item = (Arc<str>, Utc, u64)>) {
        self.0.send_modify(|health| {
            let sources = health.sources.get_or_insert_default();
            for (source, at, times) in heard {
                sources.heard(&source, at, times);
                health.last_heard = health.last_heard.max(Some(at));
            }
        });
    }

    /// One more of these.
    pub fn count(&self, counter: &'static str) {
        self.add(counter, 1);
    }

    /// So many more of these.
    pub fn add(&self, counter: &'static str, many: u64) {
        self.0.send_modify(|health| {
            let count = health.counters.entry(counter).or_default();
            *count = count.saturating_add(many);
        });
    }

    /// This counter stands at so many now.
    pub fn stands_at(&self, counter: &'static str, many: u64) {
        self.0.send_modify(|health| {
            health.counters.insert(counter, many);
        });
    }

    /// Something about the modem changed.
    pub fn modem(&self, change: impl FnOnce(&mut Modem)) {
        self.0.send_modify(|health| change(health.modem.get_or_insert_default()));
    }

    /// Something about the broker changed.
    pub fn broker(&self, change: impl FnOnce(&mut Broker)) {
        self.0.send_modify(|health| change(health.broker.get_or_insert_default()));
    }

    /// How an output is; of one that is as it was, `since` stays.
    pub fn output(&self, name: &str, state: OutputState, now: Utc) {
        self.0.send_modify(|health| outputs::note(&mut health.outputs, name, state, now));
    }

    /// What its traps are called from now on.
    pub fn called(&self, names: Arc<Names>) {
        self.0.send_modify(|health| health.names = Some(names));
    }

    /// Something about its contacts changed.
    pub fn contacts(&self, change: impl FnOnce(&mut Contacts)) {
        self.1.send_modify(change);
    }

    /// Our engine ID.
    pub fn engine(&self, engine: String) {
        self.0.send_modify(|health| health.engine_id = Some(engine));
    }

    /// Where it listens after all: a port that was chosen by the system.
    pub fn at(&self, at: Vec<String>) {
        self.0.send_modify(|health| health.at = at);
    }
}

impl Reading {
    /// How the input is now.
    pub fn now(&self) -> Health {
        self.0.borrow().clone()
    }

    /// Waits until its wire is open, or cannot be opened. May be dropped and asked again.
    pub async fn begun(&mut self) {
        // Of an adapter that is gone nothing else is to be waited for.
        let _ = self.0.wait_for(|health| health.state != Wire::Starting).await;
    }

    /// How its contacts are now. What changes later is told by [`Self::contacts_changed`].
    pub fn contacts(&mut self) -> Contacts {
        self.1.borrow_and_update().clone()
    }

    /// Waits until something about its contacts has changed since it was last looked at; for ever, when its adapter is
    /// gone for good. May be dropped and asked again.
    pub async fn contacts_changed(&mut self) {
        if self.1.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_that_is_told_is_written_alike() {
        let (pulse, reading) = pulse(
            InputName::new("snmp.network"),
            Kind::Snmp,
            Vec::new(),
            Utc::from_micros(1_500_000),
        );
        let told = |key: &str| serde_json::to_value(reading.now()).unwrap()[key].clone();
        assert_eq!(told("since"), "1970-01-01T00:00:01.5Z");
        assert!(told("last_heard").is_null());
        pulse.heard(Utc::from_micros(2_000_000));
        assert_eq!(told("last_heard"), "1970-01-01T00:00:02Z");
    }
}
