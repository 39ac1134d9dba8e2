//! What is counted, and how often it is said.
//!
//! Each datagram is counted once: as a trap, as an inform, under the reason for which it was left, or as
//! what had to go because its source sends more than can be recorded, or the end came before its record (limited, deferred), or as
//! one that waits already (copies). What waits to
//! be read is counted as waiting, so that at any moment these make up all datagrams.
//! The log hears of the first of a kind at once, and then at most once a minute how many more there
//! were: a device that has gone mad fills no disk. A community is in neither.

use std::fmt::Display;
use std::net::IpAddr;
use std::time::Duration;

use tracing::warn;
use vigie_snmp::Refused;

use crate::health::Pulse;
use crate::watch::name::InputName;

/// How often what was not said at once is said.
pub(super) const MINUTE: Duration = Duration::from_secs(60);
/// Everything that was received.
pub(super) const DATAGRAMS: &str = "datagrams";
/// Traps that were taken.
pub(super) const TRAPS: &str = "traps";
/// Informs that were taken, repetitions among them.
pub(super) const INFORMS: &str = "informs";
/// Of these, those that are not as the standard has it, and were read nevertheless.
pub(super) const ODD: &str = "odd";
/// Informs that were answered.
pub(super) const ANSWERED: &str = "answered";
/// Informs that were not answered, for they were not accepted or the answer could not be sent.
pub(super) const UNANSWERED: &str = "unanswered";
/// What waits for the inbox now, of all that was received.
pub(super) const WAITING: &str = "waiting";
/// What was dropped since its source sent more than can be recorded, or since the end came first; counted once, by this alone.
pub(super) const LIMITED: &str = "limited";
/// Informs of the same kind: they were not taken and not answered, and their sender repeats them.
pub(super) const DEFERRED: &str = "deferred";
/// Copies of an inform that waits still: the answer to it answers them.
pub(super) const COPIES: &str = "copies";
/// What the kernel dropped before it was received.
pub(super) const DROPPED_BY_KERNEL: &str = "dropped_by_kernel";
/// The smallest receive buffer that was granted, in octets as the kernel counts them.
pub(super) const RECEIVE_BUFFER: &str = "receive_buffer";

/// For what reason a datagram was left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Left {
    /// `sources` does not admit its sender.
    Stranger,
    /// `communities` does not admit its community.
    WrongCommunity,
    /// It is no SNMP message, or does not hold together.
    Malformed,
    /// It is SNMPv3, and there are no users.
    Version3,
    /// `versions` does not admit its version.
    Version,
    /// It is SNMPv3 that its user has not sent, or that nobody knows.
    WrongCredentials,
    /// It asked for our engine or our time, and was told.
    Courtesy,
    /// It is an SNMP message, and neither a trap nor an inform.
    NotANotification,
}

impl Left {
    /// Every reason.
    const ALL: [Self; 8] = [
        Self::Stranger,
        Self::WrongCommunity,
        Self::Malformed,
        Self::Version3,
        Self::Version,
        Self::WrongCredentials,
        Self::Courtesy,
        Self::NotANotification,
    ];

    /// The reason for which a datagram could not be read.
    pub(super) const fn by(refused: &Refused) -> Self {
        match refused {
            Refused::TooLong(_)
            | Refused::Broken { .. }
            | Refused::WrongType { .. }
            | Refused::NotANumber { .. }
            | Refused::UnknownVersion(_)
            | Refused::UnknownPdu(_)
            | Refused::OutOfRange { .. }
            | Refused::PrivWithoutAuth
            | Refused::SecurityModel(_)
            | Refused::NoTrapOid => Self::Malformed,
            Refused::Version3 => Self::Version3,
            Refused::NotANotification(_) => Self::NotANotification,
        }
    }

    /// Under which name it is counted.
    pub(super) const fn counter(self) -> &'static str {
        match self {
            Self::Stranger => "strangers",
            Self::WrongCommunity => "wrong_community",
            Self::Malformed => "malformed",
            Self::Version3 => "version_3",
            Self::Version => "wrong_version",
            Self::WrongCredentials => "wrong_credentials",
            Self::Courtesy => "discovery",
            Self::NotANotification => "not_a_notification",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Stranger => "`sources` does not admit its sender",
            Self::WrongCommunity => "`communities` does not admit its community",
            Self::Malformed => "it cannot be read",
            Self::Version3 => "it is SNMPv3, and `users` names nobody",
            Self::Version => "`versions` does not admit its version",
            Self::WrongCredentials => "it is SNMPv3 that none of `users` has sent",
            Self::Courtesy => "it asked for our engine ID or our time, and was told",
            Self::NotANotification => "it is neither a trap nor an inform",
        }
    }
}

/// Says the first of a kind at once, and the others once a minute.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Discreet {
    said: bool,
    untold: u64,
}

impl Discreet {
    /// It happened: whether to say so now.
    pub(super) fn happened(&mut self) -> bool {
        if self.said {
            self.untold = self.untold.saturating_add(1);
            return false;
        }
        self.said = true;
        true
    }

    /// A minute has passed: how many there were of which nothing was said.
    pub(super) fn minute(&mut self) -> Option<u64> {
        let untold = std::mem::take(&mut self.untold);
        self.said = untold > 0;
        self.said.then_some(untold)
    }
}

/// The datagrams that were left.
#[derive(Default)]
pub(super) struct Leavings([Discreet; Left::ALL.len()]);

impl Leavings {
    /// A datagram was left; `why`, in more words than the reason's.
    pub(super) fn count(
        &mut self,
        left: Left,
        source: IpAddr,
        why: Option<impl Display>,
        input: &InputName,
        pulse: &Pulse,
    ) {
        pulse.count(left.counter());
        let kind = Left::ALL.iter().zip(&mut self.0).find(|(known, _)| **known == left);
        if kind.is_some_and(|(_, discreet)| discreet.happened()) {
            let why = why.map_or_else(|| left.words().to_owned(), |why| why.to_string());
            warn!(input = %input, %source, reason = left.counter(), %why, "a datagram was left");
        }
    }

    /// A minute has passed.
    pub(super) fn minute(&mut self, input: &InputName) {
        for (left, discreet) in Left::ALL.iter().zip(&mut self.0) {
            if let Some(count) = discreet.minute() {
                warn!(
                    input = %input, reason = left.counter(), why = left.words(), count,
                    "more datagrams were left within the last minute",
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_kind_is_said_at_once_and_the_others_once_a_minute() {
        let mut discreet = Discreet::default();
        assert!(discreet.happened());
        assert!(!discreet.happened());
        assert!(!discreet.happened());
        assert_eq!(discreet.minute(), Some(2));
        assert!(!discreet.happened(), "the minute's line was said just now");
        assert_eq!(discreet.minute(), Some(1));
        assert_eq!(discreet.minute(), None);
        assert!(discreet.happened(), "it has been quiet for a minute");
    }
}
