//! Alignment: making sure that the next answer belongs to the next command.
//!
//! After a command that was given up, its answer may still come. We leave a possible prompt (ESC, CR), ask
//! whether anybody is there, and then ask a question that no other command answers: what comes before its
//! answer belongs to the past. Three probes in vain mean that the modem is mute.

use std::time::Duration;

use super::Instant;
use super::commands::Command;

/// Probes without an answer before the modem counts as mute.
const PROBES: u8 = 3;
/// How often a mute modem is asked.
const ASK_MUTE: Duration = Duration::from_secs(5);

/// How far we have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alignment {
    /// ESC and CR come next; so many probes were in vain.
    Flush(u8),
    /// The probe comes next.
    Probe(u8),
    /// Echo off comes next.
    EchoOff,
    /// Results as words come next.
    Words,
    /// The question comes next; it was asked so many times.
    Check(u8),
    /// Nobody answers; ask again then.
    Mute(Instant),
    /// Answers belong to their commands.
    Done,
}

/// What a step of the alignment led to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Go on.
    On,
    /// The modem has just been found mute.
    Mute,
    /// Aligned.
    Done,
}

/// How a command of the alignment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// `OK`, with the answer where one is wanted.
    Good,
    /// A refusal; nevertheless somebody speaks.
    Refused,
    /// Nothing in time.
    Silence,
}

impl Alignment {
    /// Nothing was asked yet.
    pub(super) fn begin() -> Self {
        Self::Flush(0)
    }

    /// Whether answers belong to their commands.
    pub(super) fn is_done(self) -> bool {
        self == Self::Done
    }

    /// What is to be said now; `None`: nothing, for a while or any more.
    pub(super) fn command(self) -> Option<Command> {
        match self {
            Self::Flush(_) => Some(Command::Flush),
            Self::Probe(_) => Some(Command::Probe),
            Self::EchoOff => Some(Command::EchoOff),
            Self::Words => Some(Command::Words),
            Self::Check(_) => Some(Command::Align),
            Self::Mute(_) | Self::Done => None,
        }
    }

    /// When a mute modem is asked again.
    pub(super) fn again(self) -> Option<Instant> {
        match self {
            Self::Mute(again) => Some(again),
            Self::Flush(_)
            | Self::Probe(_)
            | Self::EchoOff
            | Self::Words
            | Self::Check(_)
            | Self::Done => None,
        }
    }

    /// Asks a mute modem again when it is time.
    pub(super) fn wake(&mut self, now: Instant) {
        if self.again().is_some_and(|again| again <= now) {
            *self = Self::Flush(PROBES - 1);
        }
    }

    /// Takes the end of the command that [`Self::command`] named.
    pub(super) fn ended(&mut self, end: End, now: Instant) -> Step {
        *self = match (*self, end) {
            (Self::Flush(tries), _) => Self::Probe(tries),
            (Self::Probe(_), End::Good) => Self::EchoOff,
            // `AT` refused: rests of an older line were before it.
            (Self::Probe(tries), End::Refused) if tries < PROBES => Self::Flush(tries + 1),
            (Self::Probe(_), End::Refused) => Self::EchoOff,
            (Self::Probe(tries), End::Silence) if tries + 1 < PROBES => Self::Flush(tries + 1),
            (Self::Probe(_), End::Silence) => {
                *self = Self::Mute(now.saturating_add(ASK_MUTE));
                return Step::Mute;
            }
            (Self::EchoOff, End::Good | End::Refused) => Self::Words,
            (Self::Words, End::Good | End::Refused) => Self::Check(0),
            (Self::EchoOff | Self::Words, End::Silence) => Self::Flush(1),
            (Self::Check(_), End::Good) => Self::Done,
            // It speaks, but does not know the question; silence came after it, so nothing is owed.
            (Self::Check(_), End::Refused) => Self::Done,
            (Self::Check(tries), End::Silence) if tries < PROBES => Self::Check(tries + 1),
            (Self::Check(_), End::Silence) => Self::Flush(1),
            (Self::Mute(again), _) => Self::Mute(again),
            (Self::Done, _) => Self::Done,
        };
        if self.is_done() { Step::Done } else { Step::On }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_probes_in_vain_mean_mute_and_a_mute_modem_is_asked_again() {
        let mut alignment = Alignment::begin();
        for _ in 0..2 {
            assert_eq!(alignment.ended(End::Silence, Instant::ZERO), Step::On);
            assert_eq!(alignment.ended(End::Silence, Instant::ZERO), Step::On);
        }
        assert_eq!(alignment.ended(End::Silence, Instant::ZERO), Step::On);
        assert_eq!(alignment.ended(End::Silence, Instant::ZERO), Step::Mute);
        assert_eq!(alignment.command(), None);
        alignment.wake(ASK_MUTE);
        assert_eq!(alignment.command(), Some(Command::Flush));
    }

    #[test]
    fn only_the_right_answer_to_the_question_aligns() {
        let mut alignment = Alignment::Check(0);
        assert_eq!(alignment.ended(End::Silence, Instant::ZERO), Step::On);
        assert_eq!(alignment.ended(End::Good, Instant::ZERO), Step::Done);
    }
}
