//! The terminal: bytes to command lines or to the text of a message, and answers to bytes (V.250, 27.005 3.5.1).

use super::commands::{Answer, Prompt, Refusal};
use super::faults::Fault;
use super::{Modem, Transmission};
use crate::pdu::from_hex;

/// The longest command line.
const LONGEST_LINE: usize = 1024;
/// The longest text at the prompt.
const LONGEST_TEXT: usize = 1024;

/// What is being typed.
#[derive(Debug)]
pub(super) enum Input {
    /// A command line.
    Line(Vec<u8>),
    /// The text that a command wants.
    Text { prompt: Prompt, text: Vec<u8> },
    /// As after `+CMGS`, but without prompt: it waits for ESC, and nobody knows.
    Stuck,
}

impl Default for Input {
    fn default() -> Self {
        Self::Line(Vec::new())
    }
}

impl Modem {
    /// Whether unsolicited lines must wait, because a message is being typed.
    pub(super) fn is_at_prompt(&self) -> bool {
        matches!(self.input, Input::Text { .. })
    }

    pub(super) fn typed(&mut self, byte: u8) {
        if self.settings.echo && byte != 0x1a && byte != 0x1b {
            self.write(&[byte]);
        }
        match &mut self.input {
            Input::Stuck if byte == 0x1b => {
                self.input = Input::default();
            }
            Input::Stuck => {}
            Input::Line(line) => match byte {
                b'\r' => {
                    let line = std::mem::take(line);
                    self.line(&line);
                }
                b'\n' | 0x1a => {}
                0x1b => line.clear(),
                0x08 => {
                    line.pop();
                }
                _ if line.len() < LONGEST_LINE => line.push(byte),
                _ => {}
            },
            Input::Text { prompt, text } => match byte {
                0x1a => {
                    let (prompt, text) = (*prompt, std::mem::take(text));
                    self.input = Input::default();
                    let text = String::from_utf8_lossy(&text);
                    match prompt {
                        Prompt::Message { octets } => self.typed_message(octets, &text),
                        Prompt::Report { octets } => self.typed_report(octets, &text),
                    }
                }
                0x1b => {
                    self.input = Input::default();
                    self.answer(Ok(Answer::default()));
                }
                0x08 => {
                    text.pop();
                }
                b'\r' => {
                    text.push(byte);
                    self.write(b"\r\n> ");
                }
                _ if text.len() < LONGEST_TEXT => text.push(byte),
                _ => {}
            },
        }
    }

    /// A line with its CR. What stands before `AT` is noise; while a message is on its way, any line costs the
    /// message's result, and gets none itself.
    fn line(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line).into_owned();
        let upper = line.to_ascii_uppercase();
        let Some(command) = upper.find("AT").and_then(|at| line.get(at.saturating_add(2)..)) else {
            return;
        };
        if let Some(transmission) = &mut self.transmission {
            transmission.disturbed = true;
            return;
        }
        if let Some(length) = self.slowness(command.trim()) {
            let until = self.now.saturating_add(length);
            return self.timing.begin_slow(until, command.trim().to_owned());
        }
        let answer = self.command_line(command.trim());
        self.answer(answer);
    }

    /// Ctrl-Z: the message is judged and goes out.
    fn typed_message(&mut self, octets: usize, text: &str) {
        let pdu = from_hex(text.trim_matches(['\r', '\n'])).unwrap_or_default();
        let centre = pdu.first().map_or(0, |length| usize::from(*length).saturating_add(1));
        if centre.saturating_add(octets) != pdu.len() || Self::submit_of(&pdu).is_none() {
            return self.answer(Err(Refusal::Cms(304)));
        }
        if centre == 1 && self.profile.service_centre.is_none() {
            return self.answer(Err(Refusal::Cms(330)));
        }
        let at = self.now.saturating_add(self.profile.per_message);
        self.transmission = Some(Transmission { at, pdu, disturbed: false });
        if self.profile.per_message.is_zero() {
            self.transmitted();
        }
    }

    /// The network has the message, or refuses it.
    pub(super) fn transmitted(&mut self) {
        let Some(transmission) = self.transmission.take() else {
            return;
        };
        let fault = self.faults.messages.pop_front_if(|fault| *fault != Fault::NoPrompt);
        if let Some(Fault::Refuse(code)) = fault {
            return self.answer(Err(Refusal::Cms(code)));
        }
        if !self.network.is_registered() || !self.settings.radio {
            return self.answer(Err(Refusal::Cms(331)));
        }
        let Some(submit) = Self::submit_of(&transmission.pdu) else {
            return;
        };
        let reference = self.network.take(submit, self.now, &self.profile);
        let line = format!("+CMGS: {reference}");
        if let Some(Fault::LateAnswer(by)) = fault {
            let at = self.now.saturating_add(by);
            self.timing.say_later(at, line);
            self.timing.say_later(at, "OK".to_owned());
        } else if fault != Some(Fault::SwallowAnswer) && !transmission.disturbed {
            self.answer(Ok(Answer::of(line)));
        }
    }

    /// Says an answer and its result.
    pub(super) fn answer(&mut self, answer: Result<Answer, Refusal>) {
        let answer = match answer {
            Ok(answer) => answer,
            Err(refusal) => {
                let line = self.refusal(refusal);
                return self.say_result(&line, "4");
            }
        };
        for (turn, line) in answer.lines.iter().enumerate() {
            let torn = turn == 0 && line.contains("\r\n") && std::mem::take(&mut self.faults.torn);
            self.say_answer(line, torn);
        }
        if let Some(prompt) = answer.prompt {
            self.ask_text(prompt);
        } else if let Some(reason) = answer.but {
            self.say_result(reason, "4");
            self.say_result("OK", "0");
        } else if !answer.without_result {
            self.say_result("OK", "0");
        }
        if answer.restart {
            self.reset(false);
        }
    }

    fn ask_text(&mut self, prompt: Prompt) {
        if self.faults.takes_prompt() {
            self.input = Input::Stuck;
            return;
        }
        self.input = Input::Text { prompt, text: Vec::new() };
        self.write(b"\r\n> ");
    }

    /// One item of an answer; a head and its PDU are two lines.
    fn say_answer(&mut self, item: &str, torn: bool) {
        let chatter = self.faults.chatter.clone();
        for (turn, line) in item.split("\r\n").enumerate() {
            let half = line.get(..line.len() / 2).filter(|_| torn && turn == 1);
            let line = half.unwrap_or(line);
            if self.settings.words && turn == 0 {
                self.write(b"\r\n");
            }
            self.write(line.as_bytes());
            self.write(b"\r\n");
            for line in &chatter {
                self.say(line);
            }
        }
    }

    fn say_result(&mut self, words: &str, digit: &str) {
        self.timing.result_said(self.now);
        if self.settings.words {
            self.say(words);
        } else {
            self.write(digit.as_bytes());
            self.write(b"\r");
        }
    }

    fn refusal(&self, refusal: Refusal) -> String {
        let (kind, code, words) = match refusal {
            Refusal::Plain => return self.profile.refusal.clone(),
            Refusal::Cme(_) if self.settings.error_codes == 0 => return "ERROR".to_owned(),
            Refusal::Cms(code) => ("CMS", code, words_of_cms(code)),
            Refusal::Cme(code) => ("CME", code, words_of_cme(code)),
        };
        match words.filter(|_| self.settings.error_codes == 2) {
            Some(words) => format!("+{kind} ERROR: {words}"),
            None => format!("+{kind} ERROR: {code}"),
        }
    }
}

/// The texts of 27.005 3.2.5 for the codes that it gives by itself.
fn words_of_cms(code: u16) -> Option<&'static str> {
    Some(match code {
        302 => "operation not allowed",
        303 => "operation not supported",
        304 => "invalid PDU mode parameter",
        305 => "invalid text mode parameter",
        311 => "SIM PIN required",
        321 => "invalid memory index",
        330 => "SMSC address unknown",
        331 => "no network service",
        _ => return None,
    })
}

/// The texts of 27.007 9.2.1 for the codes that it gives by itself.
fn words_of_cme(code: u16) -> Option<&'static str> {
    Some(match code {
        3 => "operation not allowed",
        11 => "SIM PIN required",
        12 => "SIM PUK required",
        14 => "SIM busy",
        16 => "incorrect password",
        _ => return None,
    })
}
