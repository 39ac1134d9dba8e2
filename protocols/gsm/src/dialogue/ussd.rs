//! USSD: a question to the network, such as the one for the credit, and its answer some seconds later (`+CUSD`,
//! 27.007 7.15; 23.038 §5).
//!
//! The answer comes unasked, has several lines at times, and is text, or hexadecimal digits of packed septets (Huawei) or
//! of UCS-2. A network that asks back is told that we are done. A question that was refused is asked once more in packed
//! septets, as some modems want it. What the network says without having been asked is not listened to.

use std::time::Duration;

use super::answers::{answer, octets};
use super::commands::Command;
use super::unsolicited::Unsolicited;
use super::{Dialogue, Event, Instant, NetworkError, NotNow, Stage};
use crate::alphabet::{decode_septets, decode_ucs2, encode_septets, pack, unpack};
use crate::pdu::to_hex;

/// How long the network may take for its answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);
/// An answer has no more lines than this.
const MOST_LINES: u8 = 8;
/// Fewer digits than this are a number, and no text in hexadecimal digits.
const LEAST_DIGITS: usize = 8;
/// The longest question.
const LONGEST: usize = 40;

/// A question to the network: `*123#`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UssdCode(String);

impl UssdCode {
    /// The question, if it can be one: `*`, `#` and digits, with a `#` at its end (22.090).
    #[must_use]
    pub fn new(code: &str) -> Option<Self> {
        let plain = code.bytes().all(|letter| letter.is_ascii_digit() || b"*#".contains(&letter));
        let fits = code.len() > 1 && code.len() <= LONGEST && plain;
        (fits && code.starts_with(['*', '#']) && code.ends_with('#')).then(|| Self(code.to_owned()))
    }

    /// As it is written, or in packed septets.
    fn text(&self, packed: bool) -> String {
        match encode_septets(&self.0) {
            Ok(septets) if packed => to_hex(&pack(&padded(septets), 0)),
            Ok(_) | Err(_) => self.0.clone(),
        }
    }
}

/// Seven spare bits would read as `@`: a carriage return fills them (23.038 §6.1.2.3.1).
fn padded(mut septets: Vec<u8>) -> Vec<u8> {
    if septets.len() % 8 == 7 {
        septets.push(b'\r');
    }
    septets
}

/// The question in hand, if there is one.
#[derive(Debug, Default)]
pub(super) struct Ussd {
    asked: Option<UssdCode>,
    /// It must be said, or said again.
    due: bool,
    packed: bool,
    /// The modem took it; the answer is awaited until then.
    until: Option<Instant>,
    /// An answer whose last line has not come.
    begun: Option<(String, u8)>,
    /// The network has asked back.
    end: bool,
}

impl Ussd {
    /// What is to be said now, if anything is.
    pub(super) fn command(&self) -> Option<Command> {
        if self.end {
            return Some(Command::EndUssd);
        }
        let code = self.asked.as_ref().filter(|_| self.due)?;
        Some(Command::AskNetwork(code.text(self.packed)))
    }

    /// Until when an answer is awaited, if one is.
    pub(super) fn due(&self) -> Option<Instant> {
        self.until
    }

    /// Another modem, or the same after a restart. Whether something was in hand.
    pub(super) fn forget(&mut self) -> bool {
        std::mem::take(self).asked.is_some()
    }
}

impl Dialogue {
    /// Asks the network; [`Event::NetworkTold`] follows, with its answer or without.
    ///
    /// # Errors
    /// [`NotNow`] if the question was not taken; nothing was said to the modem.
    pub fn ask_network(&mut self, code: UssdCode) -> Result<(), NotNow> {
        match self.stage {
            Stage::Start(_) | Stage::Locked { .. } => Err(NotNow::NotReady),
            Stage::Serving if self.ussd.asked.is_some() => Err(NotNow::Occupied),
            Stage::Serving => {
                self.ussd = Ussd { asked: Some(code), due: true, ..Ussd::default() };
                Ok(())
            }
        }
    }

    /// The question was said, and answered with a final result; `None` is `OK`.
    pub(super) fn network_asked(&mut self, error: Option<NetworkError>) {
        self.ussd.due = false;
        // Some modems give the answer before the result.
        if self.ussd.asked.is_none() {
            return;
        }
        match error {
            Some(_) => self.not_told(),
            None => self.ussd.until = Some(self.now.saturating_add(ANSWER_LIMIT)),
        }
    }

    /// The network was told that we are done, or could not be.
    pub(super) fn ussd_ended(&mut self) {
        self.ussd.end = false;
    }

    /// The answer is not awaited for ever.
    pub(super) fn note_ussd(&mut self) {
        if self.ussd.until.take_if(|until| *until <= self.now).is_some() {
            match self.ussd.begun.take() {
                Some((text, _)) => self.network_told(&text),
                None => self.give_up_ussd(),
            }
        }
    }

    /// Takes a line of an answer.
    pub(super) fn takes_ussd(&mut self, line: &str) -> bool {
        if let Some(text) = answer(line, "+CUSD") {
            self.ussd_line(text.to_owned(), 1);
            return true;
        }
        if self.ussd.begun.is_none() || !self.heads.is_empty() || self.is_result(line) {
            return false;
        }
        if Unsolicited::read(line).is_some() {
            return false;
        }
        let Some((text, lines)) = self.ussd.begun.take() else { return false };
        self.ussd_line(format!("{text}\n{line}"), lines.saturating_add(1));
        true
    }

    fn ussd_line(&mut self, text: String, lines: u8) {
        let is_whole = text.matches('"').count() != 1;
        if is_whole || lines >= MOST_LINES {
            self.ussd.begun = None;
            self.network_told(&text);
        } else {
            self.ussd.begun = Some((text, lines));
        }
    }

    /// `0,"Credit: 12,34 EUR",15`: whether the network asks back (1), the text and its coding.
    fn network_told(&mut self, text: &str) {
        let (state, rest) = text.split_once(',').unwrap_or((text, ""));
        self.ussd.end |= state.trim() == "1";
        if self.ussd.asked.is_none() {
            return;
        }
        let quoted = rest.trim_start().strip_prefix('"').unwrap_or(rest);
        let (said, coding) = quoted.rsplit_once('"').unwrap_or((quoted, ""));
        if said.trim().is_empty() {
            return self.not_told();
        }
        let coding = coding.trim_matches([',', ' ']).parse().ok();
        self.ussd.asked = None;
        self.ussd.due = false;
        self.ussd.until = None;
        self.tell(Event::NetworkTold(Some(read(said, coding))));
    }

    /// The question was refused: it is packed once, for modems that want it so.
    fn not_told(&mut self) {
        if std::mem::replace(&mut self.ussd.packed, true) {
            return self.give_up_ussd();
        }
        self.ussd.due = true;
        self.ussd.until = None;
    }

    /// Nothing is awaited any more; who asked is told that nothing came.
    pub(super) fn give_up_ussd(&mut self) {
        if self.ussd.forget() {
            self.tell(Event::NetworkTold(None));
        }
    }
}

/// The text of an answer. Modems disagree with the coding scheme that they name: digits are read in the way that gives
/// letters.
fn read(said: &str, coding: Option<u8>) -> String {
    let Some(bytes) = octets(said).filter(|_| said.len() >= LEAST_DIGITS) else {
        return said.trim().to_owned();
    };
    let packed = || {
        let text = decode_septets(&unpack(&bytes, bytes.len().saturating_mul(8) / 7));
        text.trim_end_matches(['\r', '@']).to_owned()
    };
    let wide = decode_ucs2(&bytes);
    // 23.038 §5: 01xx10xx and 0001 0001 are UCS-2. So is what has nothing but Latin letters in it, by whatever name.
    let is_wide = coding.is_some_and(|coding| coding & 0xcc == 0x48 || coding == 0x11)
        || wide.chars().all(|letter| letter < '\u{250}');
    let candidates = if is_wide { [wide, packed()] } else { [packed(), wide] };
    let found = candidates.into_iter().find(|text| is_plausible(text));
    found.unwrap_or_else(|| said.to_owned())
}

/// Whether that can be what an operator writes to its customers.
fn is_plausible(text: &str) -> bool {
    let odd = |letter: &char| {
        !letter.is_ascii_graphic() && !letter.is_alphabetic() && !" \n\r€£".contains(*letter)
    };
    let letters = text.chars().count();
    letters > 0 && text.chars().filter(odd).count().saturating_mul(10) < letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_has_stars_hashes_and_digits_and_ends_with_a_hash() {
        for good in ["*123#", "#123#", "*100*1#", "##"] {
            assert!(UssdCode::new(good).is_some(), "{good}");
        }
        for bad in
            ["", "#", "*123", "123#", "*12a#", "*123#\r\nAT+CFUN=0", "*1\"#", &"*".repeat(50)]
        {
            assert_eq!(UssdCode::new(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_question_is_packed_with_its_spare_bits_filled() {
        let code = |text: &str| UssdCode::new(text).expect("a question").text(true);
        assert_eq!(code("*100#"), "AA180C3602", "as the field writes it");
        // Seven characters: the eighth septet is a carriage return.
        let seven = octets(&code("*12345#")).expect("hexadecimal");
        assert_eq!(decode_septets(&unpack(&seven, 8)), "*12345#\r");
    }

    #[test]
    fn an_answer_is_read_in_every_form_that_modems_give() {
        let credit = "Votre credit: 12,34 EUR";
        let septets = encode_septets(credit).expect("plain letters");
        let packed = to_hex(&pack(&padded(septets), 0));
        let wide: String = credit.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
        for (said, coding) in [
            (credit, Some(15)),
            (credit, None),
            (&packed, Some(15)),
            (&packed, Some(0)),
            (&packed, None),
            (&packed, Some(72)),
            (&wide, Some(72)),
            (&wide, Some(17)),
            (&wide, Some(15)),
        ] {
            assert_eq!(read(said, coding), credit, "{said} {coding:?}");
        }
        assert_eq!(read("123456", Some(15)), "123456", "a number is a number");
    }
}
