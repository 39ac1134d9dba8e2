//! Whether the text of an alarm fits one short message.
//!
//! The rule: what stands around the expressions is counted as it will be sent, after
//! transliteration; an expression counts as much as its field plausibly has (an address 15
//! letters, a name 24, a text 80, anything else 10); then come a space and the code. A longer one
//! is not wrong: it costs two messages, and phones show them apart when one is late.

use vigie_gsm::alphabet::{Encoding, capacity, segments, transliterate};

use crate::watch::template::Template;

/// Why a text is not one plain message.
pub(super) enum Trouble {
    /// A letter that becomes a question mark.
    NoLikeness(char),
    /// More than one message, by so many letters; with the first letter that takes two places.
    TooLong {
        /// How many letters it will plausibly have.
        length: usize,
        /// How many there is room for.
        room: usize,
        /// The first letter that takes more than one place.
        wide: Option<char>,
    },
}

/// What is wrong with a text as a short message.
pub(super) fn trouble(text: &Template, code_digits: u8) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    let letters = || text.literals().flat_map(str::chars);
    if let Some(letter) = letters().find(|letter| *letter != '?' && sent(*letter) == "?") {
        troubles.push(Trouble::NoLikeness(letter));
    }
    let around: usize =
        text.literals().map(|literal| segments(&transliterate(literal)).units).sum();
    let inside: usize = text.expressions().map(|expression| plausible(expression.source())).sum();
    let code = usize::from(code_digits).saturating_add(1);
    let length = around.saturating_add(inside).saturating_add(code);
    let room = capacity(Encoding::Gsm7, 0);
    if length > room {
        let wide = letters().find(|letter| segments(&sent(*letter)).units > 1);
        troubles.push(Trouble::TooLong { length, room, wide });
    }
    troubles
}

fn sent(letter: char) -> String {
    transliterate(letter.encode_utf8(&mut [0; 4]))
}

fn plausible(expression: &str) -> usize {
    match expression.trim() {
        "source" | "sender" => 15,
        "trap" | "trap_oid" | "topic" | "received" | "sent_at" | "input" | "subject" => 24,
        "text" | "payload" | "reason" | "ifDescr" | "ifAlias" => 80,
        _ => 10,
    }
}
