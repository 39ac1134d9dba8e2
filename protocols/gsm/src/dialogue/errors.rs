//! What a modem and its network refuse, and what that means for the message.
//!
//! The codes are those of 27.005 3.2.5 (`+CMS ERROR`, which includes 24.011 annex E and 23.040
//! 9.2.3.22) and 27.007 9.2 (`+CME ERROR`). A code that we do not know is held to be transient: a
//! needless attempt costs a message, a missing one costs the alarm.

use std::fmt;

/// Why a modem or its network refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// `+CMS ERROR: n` (27.005 3.2.5).
    Cms(u16),
    /// `+CME ERROR: n` (27.007 9.2).
    Cme(u16),
    /// `ERROR`, without any reason.
    Unexplained,
}

/// What to do about a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sort {
    /// It may pass: send again a little later.
    Transient,
    /// This message will never pass: another recipient or another text might.
    Permanent,
    /// The SIM, its subscription or the settings are wrong: no message passes until somebody acts.
    Configuration,
}

impl NetworkError {
    /// What to do about it.
    #[must_use]
    pub fn sort(self) -> Sort {
        match self {
            Self::Cms(code) => sort_of_cms(code),
            Self::Cme(code) => sort_of_cme(code),
            Self::Unexplained => Sort::Transient,
        }
    }

    /// The modem is still starting or is occupied for a moment (27.007 9.2.1, 27.005 3.2.5; 515 is what
    /// many modems say for the first ten seconds).
    pub(super) fn is_busy(self) -> bool {
        match self {
            Self::Cms(code) => matches!(code, 301 | 302 | 314 | 512 | 515),
            Self::Cme(code) => matches!(code, 14 | 515),
            Self::Unexplained => false,
        }
    }

    /// Reads `+CMS ERROR: 38`, `+CME ERROR: SIM busy` (mode 2, or a modem that knows no other) or `ERROR`.
    pub(super) fn read(line: &str) -> Option<Self> {
        if let Some(reason) = after(line, "+CMS ERROR:") {
            return Some(reason.parse().map_or_else(|_| spoken(reason, Self::Cms), Self::Cms));
        }
        if let Some(reason) = after(line, "+CME ERROR:") {
            return Some(reason.parse().map_or_else(|_| spoken(reason, Self::Cme), Self::Cme));
        }
        let plain = ["ERROR", "COMMAND NOT SUPPORT", "TOO MANY PARAMETERS"];
        plain.iter().any(|word| line.eq_ignore_ascii_case(word)).then_some(Self::Unexplained)
    }
}

impl fmt::Display for NetworkError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, code, words) = match *self {
            Self::Cms(code) => ("CMS", code, words_of_cms(code)),
            Self::Cme(code) => ("CME", code, words_of_cme(code)),
            Self::Unexplained => return to.write_str("the modem refused without a reason (ERROR)"),
        };
        match words {
            Some(words) => write!(to, "{words} ({name} {code})"),
            None => write!(to, "the modem refused with {name} {code}"),
        }
    }
}

fn after<'line>(line: &'line str, start: &str) -> Option<&'line str> {
    let head = line.get(..start.len())?;
    if !head.eq_ignore_ascii_case(start) {
        return None;
    }
    line.get(start.len()..).map(str::trim)
}

/// The texts of 27.007 9.2.1 that change what we do; every other text is a refusal without a reason.
fn spoken(reason: &str, as_number: fn(u16) -> NetworkError) -> NetworkError {
    const TEXTS: [(&str, u16); 12] = [
        ("operation not allowed", 3),
        ("operation not supported", 4),
        ("sim not inserted", 10),
        ("sim pin required", 11),
        ("sim puk required", 12),
        ("sim failure", 13),
        ("sim busy", 14),
        ("sim wrong", 15),
        ("incorrect password", 16),
        ("memory full", 20),
        ("invalid index", 21),
        ("no network service", 30),
    ];
    if let Some((_, code)) = TEXTS.iter().find(|(text, _)| reason.eq_ignore_ascii_case(text)) {
        return NetworkError::Cme(*code);
    }
    // `+CMS ERROR: 38 (network out of order)` and the like.
    let digits: String = reason.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().map_or(NetworkError::Unexplained, as_number)
}

fn sort_of_cms(code: u16) -> Sort {
    match code {
        8 | 10 | 28 | 29 | 30 | 50 | 69 | 193 | 209 | 303 | 310..=313 | 315..=318 | 330 => {
            Sort::Configuration
        }
        1 | 21 | 95..=97 | 99 | 128..=175 | 176..=191 | 195..=199 | 304 | 305 | 321 | 340 => {
            Sort::Permanent
        }
        _ => Sort::Transient,
    }
}

fn sort_of_cme(code: u16) -> Sort {
    match code {
        4 | 5..=7 | 10..=13 | 15..=18 | 32 | 40..=47 => Sort::Configuration,
        21..=27 | 50 => Sort::Permanent,
        _ => Sort::Transient,
    }
}

fn words_of_cms(code: u16) -> Option<&'static str> {
    Some(match code {
        1 => "the number is not assigned",
        8 | 10 => "the operator bars this SIM from sending",
        17 | 38 => "the network is out of order",
        21 => "the service centre rejected the message",
        22 | 42 => "the network is congested",
        27 => "the recipient is out of service",
        28 | 30 => "the network does not know this SIM",
        29 | 50 | 69 => "the subscription does not include sending messages",
        41 => "the network failed for a moment",
        47 => "the network has no room now",
        81 | 95..=99 | 111 => "the network did not understand the message",
        127 => "the network failed beyond its border",
        128..=191 => "the service centre does not support this kind of message",
        192 => "the service centre is busy",
        193 => "the SIM has no subscription at the service centre",
        194 => "the service centre failed",
        195 | 196 => "the service centre does not serve this recipient",
        197 => "the service centre holds the same message already",
        208 | 211 | 322 => "the message store is full",
        300 | 320 => "the modem failed",
        301 => "the modem's message service is occupied",
        302 => "the modem does not allow it now",
        303 => "the modem does not support it",
        304 | 305 => "the modem takes the message for malformed",
        310 => "there is no SIM",
        311 | 312 | 317 => "the SIM wants its PIN",
        313 => "the SIM failed",
        314 | 515 => "the SIM is busy",
        315 => "the SIM is of the wrong kind",
        316 | 318 => "the SIM wants its PUK",
        321 => "there is no such message slot",
        330 => "the SIM has no service centre number",
        331 => "there is no network",
        332 => "the network did not answer in time",
        500 | 512 => "the network or the modem failed for a reason it does not tell",
        _ => return None,
    })
}

fn words_of_cme(code: u16) -> Option<&'static str> {
    Some(match code {
        0 | 100 => "the modem failed for a reason it does not tell",
        3 => "the modem does not allow it now",
        4 | 50 => "the modem does not support it",
        10 => "there is no SIM",
        11 | 17 => "the SIM wants its PIN",
        12 | 18 => "the SIM wants its PUK",
        13 => "the SIM failed",
        14 | 515 => "the SIM is busy",
        15 => "the SIM is of the wrong kind",
        16 => "the SIM refused its PIN",
        20 => "the message store is full",
        21 => "there is no such message slot",
        30 => "there is no network",
        31 => "the network did not answer in time",
        32 => "the network allows emergency calls only",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{NetworkError, Sort};

    #[test]
    fn a_refusal_is_read_in_all_its_forms() {
        for (line, error) in [
            ("ERROR", NetworkError::Unexplained),
            ("+CMS ERROR: 38", NetworkError::Cms(38)),
            ("+CMS ERROR:38", NetworkError::Cms(38)),
            ("+CMS ERROR: 500 unknown error", NetworkError::Cms(500)),
            ("+CME ERROR: SIM busy", NetworkError::Cme(14)),
            ("+CME ERROR: incorrect password", NetworkError::Cme(16)),
            ("+CMS ERROR: SIM PIN required", NetworkError::Cme(11)),
            ("+CME ERROR: something else", NetworkError::Unexplained),
            ("COMMAND NOT SUPPORT", NetworkError::Unexplained),
        ] {
            assert_eq!(NetworkError::read(line), Some(error), "{line}");
        }
        assert_eq!(NetworkError::read("ERRORS"), None);
        assert_eq!(NetworkError::read("+CMS ERROR"), None);
    }

    #[test]
    fn what_may_pass_is_tried_again_and_what_cannot_pass_is_not() {
        for code in [17, 38, 41, 42, 47, 192, 331, 332, 500, 512, 515, 777, 65535] {
            assert_eq!(NetworkError::Cms(code).sort(), Sort::Transient, "CMS {code}");
        }
        for code in [1, 21, 96, 195, 304, 305] {
            assert_eq!(NetworkError::Cms(code).sort(), Sort::Permanent, "CMS {code}");
        }
        for code in [8, 10, 28, 50, 69, 310, 311, 316, 330] {
            assert_eq!(NetworkError::Cms(code).sort(), Sort::Configuration, "CMS {code}");
        }
        assert_eq!(NetworkError::Cme(14).sort(), Sort::Transient);
        assert_eq!(NetworkError::Cme(10).sort(), Sort::Configuration);
    }

    #[test]
    fn the_operator_reads_a_reason_and_the_code() {
        assert_eq!(
            NetworkError::Cms(330).to_string(),
            "the SIM has no service centre number (CMS 330)"
        );
        assert_eq!(NetworkError::Cms(777).to_string(), "the modem refused with CMS 777");
        assert_eq!(
            NetworkError::Unexplained.to_string(),
            "the modem refused without a reason (ERROR)"
        );
    }
}
