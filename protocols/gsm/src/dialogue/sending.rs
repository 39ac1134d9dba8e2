//! Sending: one message, from the owner's hand to the network's answer (27.005 3.5.1).
//!
//! Before the prompt the message is surely not sent; after Ctrl-Z only the network's answer tells. In between
//! there is nothing: PDU and Ctrl-Z are written in one go. It never sends a message twice.
//!
//! An answer that comes after its message was given up looks like that of the next message. Modems count their references
//! by one: the one that the lost answer would bear is known, and an answer that bears it is not believed until the modem
//! has had the time for another.

use std::time::Duration;

use super::answers::fields;
use super::commands::Command;
use super::{
    Dialogue, Doubt, Event, Instant, MOST_EVENTS, NetworkError, NotNow, NotSubmitted, Stage,
};
use crate::pdu::SubmitPdu;

/// How long the network may take to answer (u-blox AT manual 180 s; EC25 120 s, SIM800 60 s).
const ANSWER_LIMIT: Duration = Duration::from_secs(180);

/// For so long the answer of a message that was given up may still come.
const SHADOW: Duration = Duration::from_secs(600);

/// The message in hand.
pub(super) enum Sending {
    /// None.
    Idle,
    /// Its turn has not come. `link`: another follows, and the modem is to be told so first.
    Waiting { ticket: u64, pdu: SubmitPdu, link: bool },
    /// `+CMGS` is said; we wait for the prompt.
    Asked { ticket: u64, pdu: SubmitPdu },
    /// The modem has it; we wait for the answer, of which the reference may be here already.
    Given { ticket: u64, echo: String, reference: Option<u8> },
    /// Answered, perhaps in the place of a message that was given up: the modem is left alone, and the next answer, or
    /// none until then, says which.
    Held { ticket: u64, reference: u8, until: Instant },
    /// None, and none is taken until then.
    Recovering { until: Instant },
}

/// A message that was given up, and whose answer may still come.
#[derive(Debug)]
pub(super) struct Shadow {
    /// The reference that its answer would bear; `None`: any.
    reference: Option<u8>,
    until: Instant,
}

impl Sending {
    /// What to say, if a message waits.
    pub(super) fn command(&self) -> Option<Command> {
        match self {
            Self::Waiting { link: true, .. } => Some(Command::KeepLink),
            Self::Waiting { pdu, .. } => Some(Command::Submit(pdu.tpdu_length)),
            Self::Idle
            | Self::Asked { .. }
            | Self::Given { .. }
            | Self::Held { .. }
            | Self::Recovering { .. } => None,
        }
    }

    /// The modem was told that another message follows, and has answered whatever it answered.
    pub(super) fn link_told(&mut self) {
        if let Self::Waiting { link, .. } = self {
            *link = false;
        }
    }

    /// The command is on its way.
    pub(super) fn ask(&mut self) {
        *self = match std::mem::replace(self, Self::Idle) {
            Self::Waiting { ticket, pdu, .. } => Self::Asked { ticket, pdu },
            other @ (Self::Idle
            | Self::Asked { .. }
            | Self::Given { .. }
            | Self::Held { .. }
            | Self::Recovering { .. }) => other,
        };
    }

    /// Until when nothing is taken, if that is still to come.
    pub(super) fn recovers(&self, now: Instant) -> Option<Instant> {
        match self {
            Self::Recovering { until } => Some(*until).filter(|until| *until > now),
            Self::Held { until, .. } => Some(*until),
            Self::Idle | Self::Waiting { .. } | Self::Asked { .. } | Self::Given { .. } => None,
        }
    }

    /// Whether a line is the echo of the PDU.
    pub(super) fn is_echo(&self, line: &str) -> bool {
        matches!(self, Self::Given { echo, .. } if line.eq_ignore_ascii_case(echo))
    }

    /// Whether the modem has the text, and owes an answer.
    pub(super) fn is_given(&self) -> bool {
        matches!(self, Self::Given { .. })
    }
}

impl Dialogue {
    /// Takes a message to be sent. Its events bear the ticket. After this call, [`Self::deadline`] may be now.
    ///
    /// Registration is not asked for here: modems on LTE say "not registered" and send all the same, so whether
    /// to wait for [`Event::Registration`] is for the owner to say.
    ///
    /// # Errors
    /// [`NotNow`] if the message was not taken; nothing was said to the modem.
    pub fn submit(&mut self, ticket: u64, pdu: SubmitPdu) -> Result<(), NotNow> {
        self.may_submit()?;
        self.sending = Sending::Waiting { ticket, pdu, link: false };
        Ok(())
    }

    /// [`Self::submit`] of one message when the next follows at once: the modem is asked to keep its link to the
    /// network meanwhile (`+CMMS=1`, 27.005 3.5.6), which saves the second or two in which it would build another.
    ///
    /// # Errors
    /// [`NotNow`] if the message was not taken; nothing was said to the modem.
    pub fn submit_before_another(&mut self, ticket: u64, pdu: SubmitPdu) -> Result<(), NotNow> {
        self.may_submit()?;
        self.sending = Sending::Waiting { ticket, pdu, link: !self.no_link };
        Ok(())
    }

    /// Whether [`Self::submit`] would take a message.
    #[must_use]
    pub fn can_submit(&self) -> bool {
        self.may_submit().is_ok()
    }

    /// Why [`Self::submit`] would not take a message, if it would not.
    pub(super) fn may_submit(&self) -> Result<(), NotNow> {
        match (&self.stage, &self.sending) {
            (Stage::Start(_) | Stage::Locked { .. }, _) => Err(NotNow::NotReady),
            (
                Stage::Serving,
                Sending::Waiting { .. }
                | Sending::Asked { .. }
                | Sending::Given { .. }
                | Sending::Held { .. },
            ) => Err(NotNow::Occupied),
            (Stage::Serving, Sending::Recovering { until }) if *until > self.now => {
                Err(NotNow::Recovering)
            }
            (Stage::Serving, Sending::Idle | Sending::Recovering { .. })
                if self.events.len() >= MOST_EVENTS =>
            {
                Err(NotNow::Occupied)
            }
            (Stage::Serving, Sending::Idle | Sending::Recovering { .. }) => Ok(()),
        }
    }

    /// Whether `>` would be the prompt.
    pub(super) fn awaits_prompt(&self) -> bool {
        self.flight.is_some() && matches!(self.sending, Sending::Asked { .. })
    }

    /// The modem waits for the PDU.
    pub(super) fn prompt(&mut self) {
        match std::mem::replace(&mut self.sending, Sending::Idle) {
            Sending::Asked { ticket, pdu } => {
                let echo = pdu.hex();
                self.output.extend_from_slice(echo.as_bytes());
                self.output.push(0x1a);
                self.sending = Sending::Given { ticket, echo, reference: None };
                if let Some(flight) = &mut self.flight {
                    flight.limit = self.now.saturating_add(ANSWER_LIMIT);
                }
                self.events.push_back(Event::Submitting { ticket });
            }
            other @ (Sending::Idle
            | Sending::Waiting { .. }
            | Sending::Given { .. }
            | Sending::Held { .. }
            | Sending::Recovering { .. }) => {
                self.sending = other;
            }
        }
    }

    /// `+CMGS: 17`, perhaps with more fields. Before Ctrl-Z it is the late answer of another message.
    pub(super) fn reference_told(&mut self, text: &str) {
        let told = fields(text).first().and_then(|field| field.parse().ok());
        if let Sending::Given { reference, .. } = &mut self.sending {
            *reference = told.or(*reference);
        }
    }

    /// The final result of `+CMGS`; `None` is `OK`. Where it came too early or incomplete, what follows it may be
    /// the rest of it: the dialogue aligns itself.
    pub(super) fn submit_ended(&mut self, error: Option<NetworkError>) {
        let sending = std::mem::replace(&mut self.sending, Sending::Idle);
        match (sending, error) {
            (Sending::Given { ticket, reference: Some(reference), .. }, None) => {
                self.answered(ticket, reference);
            }
            (Sending::Given { ticket, reference: None, .. }, None) => {
                self.doubt(ticket, Doubt::Garbled);
                self.resynchronise();
            }
            (Sending::Given { ticket, .. }, Some(error)) => {
                self.events.push_back(Event::Refused { ticket, error });
            }
            (Sending::Asked { ticket, .. }, Some(error)) => {
                self.events.push_back(Event::Refused { ticket, error });
                self.resynchronise();
            }
            (Sending::Asked { ticket, .. }, None) => {
                self.not_submitted(ticket, NotSubmitted::NoPrompt)
            }
            (
                other @ (Sending::Idle
                | Sending::Waiting { .. }
                | Sending::Held { .. }
                | Sending::Recovering { .. }),
                _,
            ) => self.sending = other,
        }
    }

    /// The answer of the message in hand has come, or that of one that was given up.
    fn answered(&mut self, ticket: u64, reference: u8) {
        let shadow = self.shadow.take_if(|shadow| shadow.until > self.now);
        let expected = shadow.as_ref().map(|shadow| shadow.reference);
        match expected {
            Some(Some(other)) if other != reference => {
                self.shadow = shadow;
                self.sent(ticket, reference);
            }
            Some(_) => {
                let until = self.now.saturating_add(self.settings.recovery);
                self.sending = Sending::Held { ticket, reference, until };
                self.quiet_until = until;
            }
            None => self.sent(ticket, reference),
        }
    }

    fn sent(&mut self, ticket: u64, reference: u8) {
        self.last_reference = Some(reference);
        self.sending = Sending::Idle;
        self.events.push_back(Event::Sent { ticket, reference });
    }

    /// Another answer has come while one was held: it is that of the message in hand.
    pub(super) fn answered_again(&mut self, text: &str) -> bool {
        let Sending::Held { ticket, .. } = self.sending else { return false };
        let Some(reference) = fields(text).first().and_then(|field| field.parse().ok()) else {
            return false;
        };
        self.sent(ticket, reference);
        true
    }

    /// The network refuses the message in hand: what was held was another's answer.
    pub(super) fn refused_after_all(&mut self, error: NetworkError) -> bool {
        let Sending::Held { ticket, .. } = self.sending else { return false };
        self.sending = Sending::Idle;
        self.events.push_back(Event::Refused { ticket, error });
        true
    }

    /// No other answer has come in time: the one that was held was its own.
    pub(super) fn note_held(&mut self) {
        if let Sending::Held { ticket, reference, until } = self.sending
            && until <= self.now
        {
            self.sent(ticket, reference);
        }
    }

    /// No prompt, or no answer, in time.
    pub(super) fn submit_expired(&mut self) {
        match std::mem::replace(&mut self.sending, Sending::Idle) {
            Sending::Asked { ticket, .. } => self.not_submitted(ticket, NotSubmitted::NoPrompt),
            Sending::Given { ticket, .. } => {
                self.cast_shadow();
                self.doubt(ticket, Doubt::NoAnswer);
            }
            other @ (Sending::Idle
            | Sending::Waiting { .. }
            | Sending::Held { .. }
            | Sending::Recovering { .. }) => self.sending = other,
        }
    }

    /// The modem restarted or went mute with the message in hand.
    pub(super) fn submit_interrupted(&mut self, reason: NotSubmitted) {
        match std::mem::replace(&mut self.sending, Sending::Idle) {
            Sending::Waiting { ticket, .. } | Sending::Asked { ticket, .. } => {
                self.not_submitted(ticket, reason)
            }
            Sending::Given { ticket, .. } | Sending::Held { ticket, .. } => {
                self.doubt(ticket, Doubt::Restarted);
            }
            other @ (Sending::Idle | Sending::Recovering { .. }) => self.sending = other,
        }
    }

    /// A message is given up; its answer may come all the same.
    fn cast_shadow(&mut self) {
        let until = self.now.saturating_add(SHADOW);
        let is_first = self.shadow.as_ref().is_none_or(|shadow| shadow.until <= self.now);
        let next = self.last_reference.map(|last| last.wrapping_add(1));
        self.shadow = Some(Shadow { reference: next.filter(|_| is_first), until });
    }

    fn not_submitted(&mut self, ticket: u64, reason: NotSubmitted) {
        self.events.push_back(Event::NotSubmitted { ticket, reason });
    }

    fn doubt(&mut self, ticket: u64, reason: Doubt) {
        self.events.push_back(Event::Unknown { ticket, reason });
        self.sending =
            Sending::Recovering { until: self.now.saturating_add(self.settings.recovery) };
    }
}
