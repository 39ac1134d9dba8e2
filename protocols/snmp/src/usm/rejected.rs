//! Rejections: why a message of v3 is not taken, and what its sender is told.

use super::peers::Late;
use super::reply::Statistic;
use crate::refused::Refused;
use crate::secured::{Level, Sender};

/// A message of v3 that is not taken.
#[derive(Debug)]
pub struct Rejected {
    /// Why, for the counters, the log and the alarm.
    pub why: Rejection,
    /// Who claims to have sent it, where it says so.
    pub sender: Option<Sender>,
    /// The octets of the Report to its sender (RFC 3412 §7.1), if he wants to hear one.
    pub report: Option<Vec<u8>>,
}

impl Rejected {
    /// Its frame does not hold together.
    pub(super) fn unreadable(refused: Refused) -> Self {
        Self { why: Rejection::Unreadable(refused), sender: None, report: None }
    }
}

/// Why a message of v3 is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It cannot be read, or is no notification.
    #[error(transparent)]
    Unreadable(Refused),
    /// It asks who we are (RFC 3414 §4): the beginning of every inform, and no fault.
    #[error("it asks for our engine ID")]
    Discovery,
    /// It is addressed to an engine that is not ours; its sender has yet to ask for ours.
    #[error("the inform is addressed to another engine")]
    InformForAnother,
    /// No user of its name is known.
    #[error("no user of this name is known here")]
    UnknownUser,
    /// Users of its name are known, and none of its engine.
    #[error("a user of this name is known here, but not of this engine")]
    UnknownEngine,
    /// It is protected in another way than its user's messages are.
    #[error("it is sent with {sent}, and this user sends with {wanted}")]
    Level {
        /// As it was sent.
        sent: Level,
        /// As the user's messages are.
        wanted: Level,
    },
    /// Its tag was not made with the user's key: another passphrase, another protocol, or another hand.
    #[error("the passphrase or the protocol of its authentication is another")]
    WrongDigest,
    /// It is not of our time, or not of its engine's.
    #[error(transparent)]
    Late(Late),
    /// It is authentic, and was encrypted with another key.
    #[error("the passphrase or the protocol of its encryption is another")]
    Undecryptable,
}

impl Rejection {
    /// Whether it is part of how an inform begins, and nobody's fault.
    pub const fn is_courtesy(&self) -> bool {
        match self {
            Self::Discovery | Self::InformForAnother | Self::Late(Late::NotOurTime) => true,
            Self::Unreadable(_)
            | Self::UnknownUser
            | Self::UnknownEngine
            | Self::Level { .. }
            | Self::WrongDigest
            | Self::Late(Late::EarlierBoots { .. } | Late::Old { .. } | Late::Latched)
            | Self::Undecryptable => false,
        }
    }

    /// What counts it, where it is addressed to us (RFC 3414 §3.2).
    pub(super) const fn statistic(&self) -> Option<Statistic> {
        Some(match self {
            Self::Unreadable(_) => return None,
            Self::Discovery | Self::InformForAnother | Self::UnknownEngine => {
                Statistic::UnknownEngineIds
            }
            Self::UnknownUser => Statistic::UnknownUserNames,
            Self::Level { .. } => Statistic::UnsupportedSecLevels,
            Self::WrongDigest => Statistic::WrongDigests,
            Self::Late(_) => Statistic::NotInTimeWindows,
            Self::Undecryptable => Statistic::DecryptionErrors,
        })
    }

    /// What counts it, where it is addressed to another engine: only who wants a Report is told, and then where we are.
    pub(super) const fn statistic_of_strangers(&self) -> Option<Statistic> {
        match self {
            Self::Unreadable(_) => None,
            Self::Discovery
            | Self::InformForAnother
            | Self::UnknownUser
            | Self::UnknownEngine
            | Self::Level { .. }
            | Self::WrongDigest
            | Self::Late(_)
            | Self::Undecryptable => Some(Statistic::UnknownEngineIds),
        }
    }
}
