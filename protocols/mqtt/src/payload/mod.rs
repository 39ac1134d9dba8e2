//! Payloads: what a message says, read as text, and as a number, a boolean or JSON where it is one.
//!
//! MQTT says nothing about what a payload is, so nothing is refused here: [`Payload::read`] reads any octets, and an
//! [`Oddity`] says what did not read as its beginning promised. The text is what the sender wrote, blanks included; only a
//! byte order mark is dropped. Octets that are not UTF-8 stand as hexadecimal digits. An empty payload is a message as well: a
//! retained one clears what the broker kept under that topic, and tells nothing about the device.
//!
//! The time is linear in the octets and the memory is bounded by [`Limits`], whatever the octets are: nesting and the number
//! of JSON values are counted before anything is built, because a value of two octets takes a hundred in memory.
//!
//! A number is a payload that is one from end to end, blanks apart: `21.5`, `-3`, `.5`, `6.02e23`. `NaN`, `inf`, `0x1F` and
//! `21.5 °C` are text. A boolean is `true`, `false`, `on` or `off` in any capitals; `online` and `1` are none. Of JSON keys that
//! stand twice in one object the last one counts.
//!
//! # Decision (2026-11-27): `21,5` is a number, `1,234` is text
//!
//! Gateways set up in French or German write `21,5`. As text it would compare with no threshold, and the alarm would be dead
//! without anybody seeing it. A comma is therefore a decimal point where it can be nothing else. In `1,234` it can also group
//! thousands; read wrongly it is off by a factor of 1,000, so that it stays text and an [`Oddity`] says so. Rejected: always
//! (the factor), and never (the dead alarm).

mod json;
mod number;

use serde_json::Value as Json;

pub use number::Number;

use crate::words::hexadecimal;

/// How much of a payload is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most octets; of a longer payload the beginning is text, and it is neither number nor JSON.
    pub octets: usize,
    /// The most JSON objects and arrays inside each other.
    pub depth: usize,
    /// The most JSON values: each key, each element.
    pub values: usize,
    /// Of octets that are not UTF-8, as many are shown as hexadecimal digits.
    pub hexadecimal: usize,
}

/// 1 MiB; JSON 32 deep with 100,000 values, as the list of all devices of a large Zigbee network has; 4 KiB in hexadecimal.
impl Default for Limits {
    fn default() -> Self {
        Self { octets: 1 << 20, depth: 32, values: 100_000, hexadecimal: 4096 }
    }
}

/// What a message says.
#[derive(Debug, Clone, PartialEq)]
pub struct Payload {
    /// As text: what was written, or hexadecimal digits where it is not UTF-8.
    pub text: String,
    /// The number that it is as a whole.
    pub value: Option<Number>,
    /// The truth value that it is as a whole.
    pub boolean: Option<bool>,
    /// The JSON that it is as a whole, a bare number, string, boolean or null included.
    pub json: Option<Json>,
    /// Whether the octets were UTF-8, so that `text` is what the sender wrote.
    pub utf8: bool,
    /// How many octets it has; `text` holds fewer where it was cut.
    pub octets: usize,
    /// What did not read as it promised.
    pub oddity: Option<Oddity>,
}

/// What is odd about a payload, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Oddity {
    /// More octets than are read.
    #[error("the payload has {octets} octets, of which the first {kept} are kept as text")]
    TooLong {
        /// How many it has.
        octets: usize,
        /// How many are kept.
        kept: usize,
    },
    /// Octets that are not UTF-8: a binary payload, or another character set.
    #[error("the payload is not UTF-8 from octet {at} on, and stands as hexadecimal digits")]
    NotUtf8 {
        /// The first octet that fits nowhere, from 0.
        at: usize,
    },
    /// It begins like JSON.
    #[error("the payload begins like JSON and is none: {0}")]
    NotJson(String),
    /// More JSON objects and arrays inside each other than are read.
    #[error("the payload is JSON nested deeper than {0} levels, and is kept as text alone")]
    TooDeep(usize),
    /// More JSON values than are read.
    #[error("the payload is JSON of more than {0} values, and is kept as text alone")]
    TooManyValues(usize),
    /// A comma that may be a decimal point or group thousands.
    #[error(
        "`{0}` may be a number with three decimals or one of thousands, and is kept as text: let the sender write a decimal point"
    )]
    AmbiguousComma(String),
}

impl Payload {
    /// Reads a payload.
    pub fn read(octets: &[u8], limits: &Limits) -> Self {
        let bare = octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(octets);
        let kept = bare.get(..limits.octets).unwrap_or(bare);
        let cut = kept.len() < bare.len();
        let (text, utf8) = match str::from_utf8(kept) {
            Ok(text) => (text, None),
            // A cut in the middle of a letter is ours and not the sender's.
            Err(error) if cut && error.error_len().is_none() => (
                str::from_utf8(kept.get(..error.valid_up_to()).unwrap_or_default())
                    .unwrap_or_default(),
                None,
            ),
            Err(error) => ("", Some(error.valid_up_to())),
        };
        let mut payload = Self {
            text: text.to_owned(),
            value: None,
            boolean: None,
            json: None,
            utf8: utf8.is_none(),
            octets: octets.len(),
            oddity: None,
        };
        if let Some(at) = utf8 {
            payload.text = hexadecimal(kept.get(..limits.hexadecimal).unwrap_or(kept));
            payload.oddity = Some(Oddity::NotUtf8 { at });
        } else if cut {
            payload.oddity = Some(Oddity::TooLong { octets: octets.len(), kept: text.len() });
        } else {
            payload.read_text(text.trim_ascii(), limits);
        }
        payload
    }

    /// Whether there is nothing in it: then a retained message was cleared, and the device has not spoken.
    pub fn is_empty(&self) -> bool {
        self.octets == 0
    }

    fn read_text(&mut self, text: &str, limits: &Limits) {
        match number::read(text) {
            number::Reading::Number(number) => self.value = Some(number),
            number::Reading::Ambiguous => {
                self.oddity = Some(Oddity::AmbiguousComma(text.to_owned()));
            }
            number::Reading::Text => {}
        }
        self.boolean = boolean(text);
        match json::read(text, limits) {
            Ok(json) => self.json = json,
            Err(oddity) => self.oddity = Some(oddity),
        }
    }
}

fn boolean(text: &str) -> Option<bool> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    match () {
        () if is("true") || is("on") => Some(true),
        () if is("false") || is("off") => Some(false),
        () => None,
    }
}
