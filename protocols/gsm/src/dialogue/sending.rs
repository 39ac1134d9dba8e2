//! Sending: one message, from the owner's hand to the network's answer (27.005 3.5.1).
//!
//! Before the prompt the message is surely not sent; after Ctrl-Z only the network's answer tells. In between
//! there is nothing: PDU and Ctrl-Z are written in one go. It never sends a message twice.

use std::time::Duration;

use super::answers::fields;
use super::commands::Command;
use super::{Dialogue, Doubt, Event, Instant, NetworkError, NotSubmitted};
use crate::pdu::SubmitPdu;

/// How long the network may take to answer (u-blox AT manual 180 s; EC25 120 s, SIM800 60 s).
const ANSWER_LIMIT: Duration = Duration::from_secs(180);

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
    /// None, and none is taken until then.
    Recovering { until: Instant },
}

impl Sending {
    /// What to say, if a message waits.
    pub(super) fn command(&self) -> Option<Command> {
        match self {
            Self::Waiting { link: true, .. } => Some(Command::KeepLink),
            Self::Waiting { pdu, .. } => Some(Command::Submit(pdu.tpdu_length)),
            Self::Idle | Self::Asked { .. } | Self::Given { .. } | Self::Recovering { .. } => None,
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
            | Self::Recovering { .. }) => other,
        };
    }

    /// Until when nothing is taken, if that is still to come.
    pub(super) fn recovers(&self, now: Instant) -> Option<Instant> {
        match self {
            Self::Recovering { until } => Some(*until).filter(|until| *until > now),
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
                self.events.push_back(Event::Sent { ticket, reference });
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
            (other @ (Sending::Idle | Sending::Waiting { .. } | Sending::Recovering { .. }), _) => {
                self.sending = other
            }
        }
    }

    /// No prompt, or no answer, in time.
    pub(super) fn submit_expired(&mut self) {
        match std::mem::replace(&mut self.sending, Sending::Idle) {
            Sending::Asked { ticket, .. } => self.not_submitted(ticket, NotSubmitted::NoPrompt),
            Sending::Given { ticket, .. } => self.doubt(ticket, Doubt::NoAnswer),
            other @ (Sending::Idle | Sending::Waiting { .. } | Sending::Recovering { .. }) => {
                self.sending = other
            }
        }
    }

    /// The modem restarted or went mute with the message in hand.
    pub(super) fn submit_interrupted(&mut self, reason: NotSubmitted) {
        match std::mem::replace(&mut self.sending, Sending::Idle) {
            Sending::Waiting { ticket, .. } | Sending::Asked { ticket, .. } => {
                self.not_submitted(ticket, reason)
            }
            Sending::Given { ticket, .. } => self.doubt(ticket, Doubt::Restarted),
            other @ (Sending::Idle | Sending::Recovering { .. }) => self.sending = other,
        }
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
