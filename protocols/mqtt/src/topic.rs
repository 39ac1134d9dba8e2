//! Topic names (MQTT 3.1.1 §4.7, 5.0 §4.7): what a message bears, as a list of levels.
//!
//! A [`Topic`] is one that a broker may deliver: whoever holds it need not look for wildcards, NULs or its length again. What
//! is none is a [`TopicError`].

use std::fmt;

use crate::words::shown;

/// The most octets that a topic name or a filter has (MQTT 3.1.1 §4.7.3).
pub const MAX_OCTETS: usize = 65_535;

/// The name under which a message is published: levels between slashes, each of which may be empty.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic(Box<str>);

/// Why something is no topic name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TopicError {
    /// There is not a single character.
    #[error("the topic is empty: a topic has at least one character")]
    Empty,
    /// Longer than the protocol can say.
    #[error("the topic has {0} octets, and MQTT has room for 65535")]
    TooLong(usize),
    /// A NUL, which no topic may hold (MQTT 3.1.1 §4.7.3).
    #[error("level {level} of the topic `{topic}` holds the character NUL, which MQTT forbids")]
    Nul {
        /// The topic, as a sentence shows it.
        topic: String,
        /// Which level, from 1.
        level: usize,
    },
    /// `+` or `#`: that is a filter, and nothing is published under a filter.
    #[error(
        "level {level} of the topic `{topic}` holds `{wildcard}`: that is a filter, and a message has one plain topic"
    )]
    Wildcard {
        /// The topic, as a sentence shows it.
        topic: String,
        /// Which level, from 1.
        level: usize,
        /// `+` or `#`.
        wildcard: char,
    },
    /// Octets that are not UTF-8 (MQTT 3.1.1 §1.5.3).
    #[error("the topic is not UTF-8 from octet {0} on")]
    NotUtf8(usize),
}

impl Topic {
    /// Reads a topic name.
    ///
    /// # Errors
    /// [`TopicError`] where a broker could not deliver a message under it.
    pub fn parse(written: &str) -> Result<Self, TopicError> {
        if written.is_empty() {
            return Err(TopicError::Empty);
        }
        if written.len() > MAX_OCTETS {
            return Err(TopicError::TooLong(written.len()));
        }
        for (level, text) in (1..).zip(written.split('/')) {
            if text.contains('\0') {
                return Err(TopicError::Nul { topic: shown(written), level });
            }
            if let Some(wildcard) = text.chars().find(|letter| matches!(letter, '+' | '#')) {
                return Err(TopicError::Wildcard { topic: shown(written), level, wildcard });
            }
        }
        Ok(Self(written.into()))
    }

    /// Reads a topic name from what the wire gave: MQTT 5.0 clients hand out octets.
    ///
    /// # Errors
    /// [`TopicError`] where a broker could not deliver a message under it.
    pub fn from_octets(octets: &[u8]) -> Result<Self, TopicError> {
        let written =
            str::from_utf8(octets).map_err(|error| TopicError::NotUtf8(error.valid_up_to()))?;
        Self::parse(written)
    }

    /// The levels, first to last: `a//b` has three, `/` has two.
    pub fn levels(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }

    /// The topic as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the broker's own, like `$SYS/broker/uptime`: a wildcard at the beginning of a filter does not reach it
    /// (MQTT 3.1.1 §4.7.2).
    pub fn is_brokers_own(&self) -> bool {
        self.0.starts_with('$')
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for Topic {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Topic({})", shown(&self.0))
    }
}
