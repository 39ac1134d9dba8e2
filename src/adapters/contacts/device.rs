//! The seam: what a device of contacts can do, whatever it is. Nothing here knows of Vigie.
//!
//! A device is opened by its own kind; then it is looked at. It says what it showed, line by line, in its own
//! words: bits, values, counts. What they mean is the codec's business.

use std::future::Future;

use crate::config::{Beside, ContactsSettings, LineSettings, Wiring};
use crate::watch::time::Mono;

/// The number of a line among those of its device: the order in which [`wired`] gives them.
pub(super) type LineNumber = usize;

/// What a line showed when it was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shown {
    /// One bit.
    Bit(bool),
    /// One bit, and a counter of this line that was read just before.
    Counted {
        /// The bit.
        bit: bool,
        /// What the counter stands at.
        count: u32,
    },
    /// One bit, and a latch of this line that was read just before.
    Latched {
        /// The bit.
        bit: bool,
        /// Whether the latch is set.
        is_set: bool,
    },
    /// The value of a whole register.
    Value(u16),
    /// The device answered, and said nothing of this line.
    Nothing,
}

/// What a device showed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Sight {
    /// Every line, read together, in the order of their numbers.
    Read(Vec<Shown>),
    /// A line changed.
    Edge {
        /// Which.
        line: LineNumber,
        /// The bit after it.
        bit: bool,
        /// When.
        at: Mono,
        /// Its number among the edges of its line since the line was requested, from 1.
        sequence: Option<u32>,
    },
    /// The device did not answer, and is not given up yet; why.
    Missed(String),
    /// How latches are seen after they were to be cleared. Of a line that is not here nothing is known.
    Cleared(Vec<(LineNumber, Cleared)>),
}

/// How a latch is seen after it was to be cleared.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Cleared {
    /// It is clear.
    Clear,
    /// It is set still, or again.
    Set,
    /// It is set still: the device refuses to clear it, and why.
    Refused(String),
}

/// Why a device cannot be looked at any more.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{reason}")]
pub(super) struct Gone {
    /// In the operator's words.
    pub(super) reason: String,
    /// Since when nobody has seen it, where that is earlier than now.
    pub(super) since: Option<Mono>,
}

impl Gone {
    /// Gone, since now.
    pub(super) fn now(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), since: None }
    }
}

/// A device that is open.
pub(super) trait Device: Send {
    /// Waits for what the device shows next, and gives all that waits, edges in the order of their times. The
    /// first sight has every line. Comes back at the due time, perhaps with nothing.
    ///
    /// Dropped before its end, it may have lost what it was at: then the device is closed.
    ///
    /// # Errors
    /// [`Gone`] says why it cannot be looked at any more.
    fn look(&mut self, due: Option<Mono>) -> impl Future<Output = Result<Vec<Sight>, Gone>> + Send;

    /// Reads every line now, after the edges that wait.
    ///
    /// # Errors
    /// [`Gone`] says why it cannot be looked at any more.
    fn read(&mut self) -> impl Future<Output = Result<Vec<Sight>, Gone>> + Send;

    /// Clears the latches of these lines, and looks whether they are clear. A device that has none does nothing.
    ///
    /// # Errors
    /// [`Gone`] says why it cannot be looked at any more.
    fn clear(
        &mut self,
        _lines: &[LineNumber],
    ) -> impl Future<Output = Result<Vec<Sight>, Gone>> + Send {
        std::future::ready(Ok(Vec::new()))
    }
}

/// A line with what its board has for it beside the level.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Wired {
    pub(super) line: LineSettings,
    pub(super) beside: Option<Beside>,
}

/// The lines of a device: those of each contact in turn.
pub(super) fn wired(settings: &ContactsSettings) -> Vec<Wired> {
    let plain = |line: &LineSettings| Wired { line: line.clone(), beside: None };
    let of = |wiring: &Wiring| match wiring {
        Wiring::Single { at, beside } => {
            vec![Wired { line: at.clone(), beside: beside.clone() }]
        }
        Wiring::Pair { at, other, .. } => vec![plain(at), plain(other)],
        Wiring::Loop { at, .. } => vec![plain(at)],
    };
    settings.contacts.iter().flat_map(|contact| of(&contact.wiring)).collect()
}
