//! USSD: questions to the network and its answers (`+CUSD`, 27.007 7.15).

use std::collections::BTreeMap;
use std::time::Duration;

use super::Modem;
use super::commands::{Answer, Form, Refusal};

/// How long the network takes.
const AFTER: Duration = Duration::from_secs(2);

/// What the network answers.
#[derive(Debug, Default)]
pub(super) struct Ussd {
    answers: BTreeMap<String, String>,
    asked: Vec<String>,
    ended: u32,
}

impl Modem {
    /// From now on the network answers this question so: lines of the answer as the modem says them, from `+CUSD:` on. The
    /// question is as it must be written, packed if the modem wants it so; to any other the answer is `+CUSD: 4`.
    pub fn answer_ussd(&mut self, question: &str, answer: &str) {
        self.network.ussd.answers.insert(question.to_owned(), answer.to_owned());
    }

    /// The questions that were asked, as they were written.
    #[must_use]
    pub fn ussd_asked(&self) -> &[String] {
        &self.network.ussd.asked
    }

    /// How often a session was ended from this side.
    #[must_use]
    pub fn ussd_ended(&self) -> u32 {
        self.network.ussd.ended
    }

    pub(super) fn ussd(&mut self, form: Form<'_>) -> Result<Answer, Refusal> {
        match form {
            Form::Read => Ok(Answer::of("+CUSD: 0")),
            Form::Test => Ok(Answer::of("+CUSD: (0-2)")),
            Form::Set("2") => {
                self.network.ussd.ended = self.network.ussd.ended.saturating_add(1);
                Ok(Answer::default())
            }
            Form::Set(value) => {
                let Some(question) = value.split('"').nth(1) else {
                    return Ok(Answer::default());
                };
                if !self.network.is_registered() {
                    return Err(Refusal::Cme(30));
                }
                self.network.ussd.asked.push(question.to_owned());
                let answer = self.network.ussd.answers.get(question);
                let answer = answer.cloned().unwrap_or_else(|| "+CUSD: 4".to_owned());
                self.timing.say_later(self.now.saturating_add(AFTER), answer);
                Ok(Answer::default())
            }
            Form::Execute => Err(Refusal::Plain),
        }
    }
}
