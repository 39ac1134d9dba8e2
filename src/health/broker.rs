//! How a connection to a broker is, for `vigie status`: which session, how each subscription is served, whether what goes out is taken.

use serde::Serialize;

use super::Wire;

/// A broker, and what we have of it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Broker {
    /// The version of MQTT that is spoken.
    pub version: &'static str,
    /// The name of our session.
    pub client_id: String,
    /// Whether the broker had kept our session when it last accepted us; `None` before it has.
    pub session: Option<Session>,
    /// What is subscribed to.
    pub subscriptions: Vec<Subscription>,
    /// What is told to it; `None` where nothing is.
    pub publishing: Option<Publishing>,
}

/// What is told to a broker.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Publishing {
    /// The topic beneath which it is.
    pub prefix: String,
    /// Whether the connection by which it is told works.
    pub state: Wire,
}

/// What became of a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Session {
    /// It had been kept: what came meanwhile is delivered.
    Resumed,
    /// It is new, and should be.
    New,
    /// It was there, and the broker no longer had it: what came meanwhile is lost.
    Lost,
}

/// One subscription.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Subscription {
    /// The filter.
    pub topic: String,
    /// How it is served.
    #[serde(flatten)]
    pub supply: Supply,
}

/// How a subscription is served.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "reason")]
pub enum Supply {
    /// It was asked for, and the broker has not answered.
    Asked,
    /// As it was asked for.
    Granted,
    /// Once at most, although more was asked for: what is lost is lost.
    AtMostOnce,
    /// Not at all, and why.
    Refused(&'static str),
}
