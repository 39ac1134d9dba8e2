//! The end of a connection, and why, in the operator's words.

use std::time::Duration;

use crate::inbox::Withheld;

/// Why a connection is over, or could not be made.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum Lost {
    /// The house is closing.
    #[error("Vigie is stopping")]
    Stopping,
    /// The record did not take a message: the broker sends it again at the next connection.
    #[error("a message could not be recorded: the broker is to send it again")]
    Withheld,
    /// We did not take what it sent, nor say that we are there: the house was full.
    #[error(
        "the record could not keep up, and the broker has given us up: it sends again what was not acknowledged"
    )]
    Behind,
    /// The host's name says nothing to the resolver.
    #[error("the name of the broker's host is not known: {0}")]
    Unresolved(String),
    /// Nobody listens there, or the way is closed.
    #[error("the broker cannot be reached: {0}")]
    Unreachable(String),
    /// It was reached, and said nothing.
    #[error("the broker does not answer when it is called")]
    Silent,
    /// It is there no more, without having said so.
    #[error("the broker has fallen silent: it did not answer within twice the `keep-alive`")]
    Unanswered,
    /// It has not answered a subscription.
    #[error("the broker does not answer the subscription")]
    NotSubscribed,
    /// The broker, or something on the way, has closed it.
    #[error("the broker has closed the connection")]
    Closed,
    /// The same, again and again, as soon as it was made.
    #[error(
        "the broker closes the connection as soon as it is made: perhaps another client has the same `client-id`"
    )]
    PushedOut,
    /// The broker says so.
    #[error(
        "another client has connected with the same `client-id`, and the broker has closed ours"
    )]
    TakenOver,
    /// The broker has closed it, and says why.
    #[error("the broker has closed the connection: {0}")]
    Dismissed(String),
    /// The broker does not want us.
    #[error("the broker refuses us: {0}")]
    Refused(#[from] Refusal),
    /// It does not let us publish, or read there, and has closed the connection for it.
    #[error("{0}")]
    Barred(String),
    /// The certificate of the broker, or ours, does not do.
    #[error("{0}")]
    Untrusted(String),
    /// A secret, or a file with certificates, is gone.
    #[error("{0}")]
    Unready(String),
    /// A packet that no memory has room for: it would come again for ever.
    #[error("the broker sends a message of more than 16 MiB{}: limit `message_size_limit` at the broker, and remove the message there", .0.map_or_else(String::new, |size| format!(" ({size} bytes)")))]
    TooLarge(Option<usize>),
    /// A topic that is none: MQTT 3.1.1 has nothing by which it could be passed over, and it would come again for ever.
    #[error(
        "the broker sends a message under a topic that is not UTF-8, and all others wait behind it: set `version = \"5\"`, with which it is passed over, or remove the message at the broker"
    )]
    NoTopic,
    /// The WebSocket could not be made, or broke.
    #[error("the WebSocket to the broker failed: {0}")]
    WebSocket(String),
    /// What came was not MQTT.
    #[error("the broker does not keep to MQTT: {0}")]
    Protocol(String),
}

/// Why a broker does not want us.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// Unknown, or not allowed.
    #[error("wrong user or password, or an account that may not connect")]
    Login,
    /// Not a name that it takes.
    #[error("it does not take our `client-id`")]
    ClientId,
    /// It speaks another one.
    #[error("it does not speak this version of MQTT: try another `version`")]
    Version,
    /// It takes nobody now.
    #[error("it is not available now")]
    Busy,
    /// Something else, in the operator's words.
    #[error("{0}")]
    Other(String),
}

impl Lost {
    /// The same, where we had not looked at the wire for longer than the broker waits: then it is our doing.
    pub(super) fn behind(self) -> Self {
        match self {
            Self::Closed | Self::Unanswered | Self::Unreachable(_) => Self::Behind,
            other => other,
        }
    }

    /// How long people are spared it: a broker that is started anew is back within seconds.
    pub(super) fn grace(&self) -> Duration {
        match self {
            Self::Closed
            | Self::Unreachable(_)
            | Self::Unresolved(_)
            | Self::WebSocket(_)
            | Self::Dismissed(_)
            | Self::Refused(Refusal::Busy)
            | Self::Withheld
            | Self::Behind
            | Self::Stopping => Duration::from_secs(15),
            Self::Silent
            | Self::Unanswered
            | Self::NotSubscribed
            | Self::PushedOut
            | Self::TakenOver
            | Self::Refused(_)
            | Self::Barred(_)
            | Self::Untrusted(_)
            | Self::Unready(_)
            | Self::TooLarge(_)
            | Self::NoTopic
            | Self::Protocol(_) => Duration::ZERO,
        }
    }
}

impl From<Withheld> for Lost {
    /// The inbox is shut only when the house closes.
    fn from(_: Withheld) -> Self {
        Self::Stopping
    }
}
