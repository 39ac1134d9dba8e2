//! Direct messages and their acknowledgement (`+CNMA`, 27.005 3.4.1, 4.7).
//!
//! With `+CSMS=1` the network keeps what was handed over until the terminal has acknowledged it, and sends nothing
//! else meanwhile. A terminal that does not answer in time is given nothing directly any more, until it asks again.

use std::time::Duration;

use super::Modem;
use super::commands::{Answer, Form, Prompt, Refusal};
use crate::pdu::{Pdu, from_hex, to_hex};

/// How long the terminal has: the modem must answer the network in 12 to 20 seconds (24.011 10, TR2M).
const TIME: Duration = Duration::from_secs(15);

impl Modem {
    /// Hands it over as `+CMT` or `+CDS`, and gives back what the network keeps.
    pub(super) fn hand_over(&mut self, head: &str, pdu: Pdu) -> Option<Pdu> {
        self.say(&format!("{head}{}\r\n{}", pdu.tpdu_length, to_hex(&pdu.bytes)));
        if self.settings.service == 0 {
            // The modem has acknowledged it by itself.
            return None;
        }
        self.unacknowledged = Some(self.now.saturating_add(TIME));
        Some(pdu)
    }

    /// The time is over: the modem reports an error to the network and hands nothing over any more.
    pub(super) fn miss_acknowledgement(&mut self) {
        if self.unacknowledged.take_if(|until| *until <= self.now).is_some() {
            let [_, mt, _, ds, _] = &mut self.settings.indications;
            (*mt, *ds) = (0, 0);
        }
    }

    /// `+CNMA`: alone, or with the length of a report that is then typed. Errors are not reported with it.
    pub(super) fn acknowledge(&mut self, form: Form<'_>) -> Result<Answer, Refusal> {
        match form {
            Form::Test => Ok(Answer::of("+CNMA: (0,1)")),
            Form::Read => Err(Refusal::Plain),
            Form::Execute | Form::Set(_) if self.unacknowledged.is_none() => Err(Refusal::Cms(340)),
            Form::Execute | Form::Set("0") => {
                self.acknowledged();
                Ok(Answer::default())
            }
            Form::Set(value) => {
                let length = value.strip_prefix("1,").and_then(|length| length.trim().parse().ok());
                let octets = length.ok_or(Refusal::Cms(302))?;
                Ok(Answer { prompt: Some(Prompt::Report { octets }), ..Answer::default() })
            }
        }
    }

    /// The report was typed: an SMS-DELIVER-REPORT (23.040 9.2.2.1a) without a service centre.
    pub(super) fn typed_report(&mut self, octets: usize, text: &str) {
        let report = from_hex(text.trim().trim_matches('"')).unwrap_or_default();
        let is_report = report.first().is_some_and(|first| first & 0b11 == 0);
        if report.len() != octets || !is_report {
            return self.answer(Err(Refusal::Cms(304)));
        }
        if self.unacknowledged.is_none() {
            return self.answer(Err(Refusal::Cms(340)));
        }
        self.acknowledged();
        self.answer(Ok(Answer::default()));
    }

    fn acknowledged(&mut self) {
        self.unacknowledged = None;
        self.network.forget_first();
    }
}
