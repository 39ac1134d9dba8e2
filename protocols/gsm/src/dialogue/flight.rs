//! What is under way: the command in flight, the heads that wait for their PDU, and how a command ends.

use std::time::Duration;

use super::commands::Command;
use super::{Instant, Memory, NetworkError};

/// Between a final result and the next command: modems that get it sooner lose unsolicited lines (u-blox AT
/// manual, RIOT PR 14914).
pub(super) const GUARD: Duration = Duration::from_millis(20);

/// The same for a modem that left a command unanswered that came sooner: Cinterion asks for so much (EHS6 AT command
/// set 1.6), and TC35 may not hear what comes before.
pub(super) const PATIENT_GUARD: Duration = Duration::from_millis(100);

/// Lines of one answer that are kept; lists are read line by line and not kept.
const MOST_ANSWERS: usize = 8;

/// The command in flight.
pub(super) struct Flight {
    /// What was said.
    pub(super) command: Command,
    /// As written, to know its echo. It may hold the PIN.
    pub(super) text: String,
    /// When it was said.
    pub(super) said: Instant,
    /// Until then its final result must have come.
    pub(super) limit: Instant,
    /// Its answers so far, bounded.
    pub(super) answers: Vec<String>,
    /// Final results or answers that cannot be ours were heard.
    pub(super) foreign: bool,
}

impl Flight {
    /// Said now; its limit is that of the command.
    pub(super) fn new(command: Command, text: String, now: Instant) -> Self {
        let limit = now.saturating_add(command.limit());
        Self { command, text, said: now, limit, answers: Vec::new(), foreign: false }
    }

    /// One more line of its answer; beyond the bound it is dropped.
    pub(super) fn keep(&mut self, answer: &str) {
        if self.answers.len() < MOST_ANSWERS {
            self.answers.push(answer.to_owned());
        }
    }
}

/// The first of two lines, the second of which is the PDU.
#[derive(Debug)]
pub(super) struct Head {
    /// What the PDU is.
    pub(super) whose: Whose,
    /// The octets of the TPDU, as the head announces them.
    pub(super) octets: usize,
    /// What came in the place of the PDU, and cannot be it.
    pub(super) instead: Vec<u8>,
}

/// What the PDU behind a head is.
#[derive(Debug)]
pub(super) enum Whose {
    /// What stands in a slot (`+CMGR:`, `+CMGL:`); `state` is its `<stat>` (27.005 3.1).
    Slot { memory: Memory, index: u16, state: u8 },
    /// A status report that came directly (`+CDS:`).
    Report,
    /// A message that came directly (`+CMT:`).
    Message,
}

impl Head {
    /// The head of what stands in a slot.
    pub(super) fn of_slot(memory: Memory, index: u16, state: u8, octets: usize) -> Self {
        Self { whose: Whose::Slot { memory, index, state }, octets, instead: Vec::new() }
    }

    /// The head of a report.
    pub(super) fn report(octets: usize) -> Self {
        Self { whose: Whose::Report, octets, instead: Vec::new() }
    }

    /// The head of a message.
    pub(super) fn message(octets: usize) -> Self {
        Self { whose: Whose::Message, octets, instead: Vec::new() }
    }
}

/// How a command ended.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ending {
    /// `OK`.
    Ok,
    /// `ERROR`, `+CME ERROR`, `+CMS ERROR`.
    Refused(NetworkError),
    /// The limit ran out, or what we heard belongs to another command.
    Lost,
}

impl Ending {
    /// Why it did not succeed; `None`: it did.
    pub(super) fn error(self) -> Option<NetworkError> {
        match self {
            Self::Ok => None,
            Self::Refused(error) => Some(error),
            Self::Lost => Some(NetworkError::Unexplained),
        }
    }
}
