//! The seam: what a device of contacts can do, whatever it is. Nothing here knows of Vigie.
//!
//! A device is opened by its own kind; then it is looked at. It says what it showed, line by line, in its own
//! words: bits, values, counts. What they mean is the codec's business.

use std::future::Future;

use tokio::sync::watch;

use super::outputs::Sign;
use crate::config::{Beside, ContactsSettings, LineSettings, Wiring};
use crate::host::clock::Clock;
use crate::inbox::Closing;
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
    /// Some lines, as the device answered for before it did not: of the others it showed nothing.
    Part(Vec<Shown>),
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
    /// Gone from now on, for this reason.
    pub(super) fn now(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), since: None }
    }
}

/// The number of an output among those of its device, in the order of the settings.
pub(super) type OutputNumber = usize;

/// Why an output could not be set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Unset {
    /// The device is there, and does not do it.
    Refused(String),
    /// It does not answer; whether it is there at all, whoever looks at it will find out.
    Unanswered(String),
}

/// What is wanted of the outputs of a device, and whether the house closes: by either, who looks at it is woken.
#[derive(Debug)]
pub(super) struct Wanted {
    /// What each output is to show, in their order.
    pub(super) signs: watch::Receiver<Vec<Sign>>,
    /// What tells that the house closes.
    pub(super) closing: Closing,
}

impl Wanted {
    /// Waits until something else is wanted. May be dropped and asked again.
    pub(super) async fn other(&mut self) {
        let Self { signs, closing } = self;
        let changed = async {
            if signs.changed().await.is_err() {
                // Who would want something is gone: nothing else will be wanted.
                std::future::pending().await
            }
        };
        tokio::select! {
            () = changed => {}
            () = closing.closing() => {}
        }
    }

    /// Waits until then, or until something else is wanted: whether the time has come.
    pub(super) async fn rest(&mut self, clock: Clock, until: Mono) -> bool {
        let wait = clock.until(until);
        if wait.is_zero() {
            return true;
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => true,
            () = self.other() => false,
        }
    }
}

/// A device that is open.
pub(super) trait Device: Send {
    /// Waits for what the device shows next, and gives all that waits, edges in the order of their times. The
    /// first sight has every line. Comes back at the due time, or when something else is wanted of the outputs, perhaps with nothing.
    ///
    /// Dropped before its end, it may have lost what it was at: then the device is closed.
    ///
    /// # Errors
    /// [`Gone`] says why it cannot be looked at any more.
    fn look(
        &mut self,
        due: Option<Mono>,
        wanted: &mut Wanted,
    ) -> impl Future<Output = Result<Vec<Sight>, Gone>> + Send;

    /// Reads every line now, and hands in the edges that wait; where edges came meanwhile perhaps those alone.
    ///
    /// # Errors
    /// [`Gone`] says why it cannot be looked at any more.
    fn read(&mut self) -> impl Future<Output = Result<Vec<Sight>, Gone>> + Send;

    /// Up to when all that happened has been handed in, if not until now: what holds until then is known to hold, and levels
    /// that were read are of then.
    fn shown_until(&self, now: Mono) -> Mono {
        now
    }

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

    /// Sets an output, and reads it back where the device lets it be read. No contact is lost by it.
    ///
    /// # Errors
    /// [`Unset`] says why the output is not as it should be, or may not be.
    fn set(
        &mut self,
        output: OutputNumber,
        bit: bool,
    ) -> impl Future<Output = Result<(), Unset>> + Send;
}

/// A line with what its board has for it beside the level.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Wired {
    /// Where it is, and how it is normally.
    pub(super) line: LineSettings,
    /// Its counter or its latch.
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
