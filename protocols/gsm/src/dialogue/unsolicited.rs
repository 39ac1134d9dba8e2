//! Unsolicited: what a modem says unasked, at any moment, even inside an answer.
//!
//! It only names the line; what follows from it is the dialogue's business. A line that nobody knows is
//! `None`, and counted there.

use super::answers::{announced, answer, place, registration};
use super::calls::caller;
use super::commands::Domain;
use super::events::{Memory, Status, Technology};

/// One unsolicited line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unsolicited {
    /// `+CMTI`, `+CDSI`: something new stands there.
    Stored(Memory, u16),
    /// Something new stands somewhere, or the modem had to drop it (`+CMTI: ,-1`).
    StoredSomewhere,
    /// `+CDS`: the next line is a status report.
    Report(usize),
    /// `+CMT`: the next line is a message.
    Message(usize),
    /// `+CREG`, `+CGREG` or `+CEREG`.
    Registration { domain: Domain, status: Status, technology: Option<Technology> },
    /// The store is full.
    Full,
    /// The modem has just started.
    Booted,
    /// A part of the modem is ready, some time after it started.
    Awoken,
    /// It may have started: Huawei says `^BOOT` every twenty seconds (gammu#393).
    MayHaveBooted,
    /// `+CPIN` other than ready: the SIM went away or wants something.
    SimChanged,
    /// Somebody rings up.
    Rings,
    /// Who it is, if they show their number.
    Caller(Option<String>),
    /// The call is over.
    CallOver,
    /// Known, and of no use to us: signal bars, network time.
    Chatter,
}

impl Unsolicited {
    /// Names a line.
    pub(super) fn read(line: &str) -> Option<Self> {
        Self::message(line)
            .or_else(|| Self::boot(line))
            .or_else(|| Self::call(line))
            .or_else(|| Self::chatter(line))
    }

    fn message(line: &str) -> Option<Self> {
        if let Some(text) = answer(line, "+CMTI").or_else(|| answer(line, "+CDSI")) {
            return Some(
                place(text)
                    .map_or(Self::StoredSomewhere, |(memory, index)| Self::Stored(memory, index)),
            );
        }
        if let Some(text) = answer(line, "+CDS") {
            return announced(text).map(Self::Report);
        }
        if let Some(text) = answer(line, "+CMT") {
            return announced(text).map(Self::Message);
        }
        for domain in Domain::ALL {
            let told = answer(line, domain.name()).and_then(registration);
            if let Some((status, technology)) = told {
                return Some(Self::Registration { domain, status, technology });
            }
        }
        let full = ["^SMMEMFULL", "+SMS FULL", "%SMSFULL", "+CMGF FULL"];
        begins_with(line, &full).then_some(Self::Full)
    }

    fn boot(line: &str) -> Option<Self> {
        if ["RDY", "*ATREADY", "^SYSSTART", "MODEM:STARTUP"]
            .iter()
            .any(|word| begins_with(line, &[word]))
        {
            return Some(Self::Booted);
        }
        if begins_with(line, &["^BOOT"]) {
            return Some(Self::MayHaveBooted);
        }
        if let Some(state) = answer(line, "+CPIN") {
            let ready = state.eq_ignore_ascii_case("READY");
            return Some(if ready { Self::Awoken } else { Self::SimChanged });
        }
        if begins_with(line, &["+SIMCARD", "+CSIM: NOT"]) {
            return Some(Self::SimChanged);
        }
        // Quectel says `+QUSIM: 1` whenever the SIM has got ready: at each start, and when another one is put in.
        let awoken = [
            "SMS READY",
            "SMS DONE",
            "PB DONE",
            "CALL READY",
            "+QIND: SMS DONE",
            "+QIND: PB DONE",
            "+QUSIM",
        ];
        begins_with(line, &awoken).then_some(Self::Awoken)
    }

    fn call(line: &str) -> Option<Self> {
        if let Some(text) = answer(line, "+CLIP") {
            return Some(Self::Caller(caller(text)));
        }
        if line.eq_ignore_ascii_case("RING") || begins_with(line, &["+CRING"]) {
            return Some(Self::Rings);
        }
        begins_with(line, &["NO CARRIER"]).then_some(Self::CallOver)
    }

    fn chatter(line: &str) -> Option<Self> {
        let words = [
            "NO ANSWER",
            "NO DIALTONE",
            "BUSY",
            "+CGREG",
            "+CCWA",
            "+CFUN",
            "+CGEV",
            "+CTZV",
            "+CTZE",
            "+CIEV",
            "+CBM",
            "+NITZ",
            "+QIND",
            "+DTMF",
            "+RXDTMF",
            "+WIND",
            "+ZUSIMR",
            "+ZPAS",
            "+ZEND",
            "UNDER-VOLTAGE",
            "OVER-VOLTAGE",
            "NORMAL POWER DOWN",
            "+PACSP",
            "*PSUTTZ",
            "DST:",
            "^RSSI",
            "^HCSQ",
            "^MODE",
            "^DSFLOWRPT",
            "^SIMST",
            "^SRVST",
            "^NWTIME",
            "^STIN",
            "^CSNR",
            "^SCN",
            "#STN",
            "#CIEV",
            "+STIN",
        ];
        begins_with(line, &words).then_some(Self::Chatter)
    }
}

fn begins_with(line: &str, words: &[&str]) -> bool {
    words
        .iter()
        .any(|word| line.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word)))
}

/// Whether a line looks unsolicited though we do not know it: it cannot be part of a PDU or of an answer in free text.
pub(super) fn looks_unsolicited(line: &str) -> bool {
    line.starts_with(['+', '^', '*', '#', '%', '$', '&', '!'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_modem_says_unasked_is_known_by_name() {
        let stored = Memory::named("SM").map(|memory| Unsolicited::Stored(memory, 3));
        assert_eq!(Unsolicited::read("+CMTI: \"SM\",3"), stored);
        assert_eq!(Unsolicited::read("+CMTI: \"sm\", 3"), stored);
        assert_eq!(Unsolicited::read("+CMTI: ,-1"), Some(Unsolicited::StoredSomewhere));
        assert_eq!(Unsolicited::read("+CDSI: \"SM\",3"), stored);
        assert_eq!(Unsolicited::read("+CDS: 25"), Some(Unsolicited::Report(25)));
        assert_eq!(Unsolicited::read("+CMT: ,24"), Some(Unsolicited::Message(24)));
        assert_eq!(Unsolicited::read("+SMS FULL"), Some(Unsolicited::Full));
        assert_eq!(Unsolicited::read("RDY"), Some(Unsolicited::Booted));
        assert_eq!(Unsolicited::read("+CPIN: READY"), Some(Unsolicited::Awoken));
        assert_eq!(Unsolicited::read("+QUSIM: 1"), Some(Unsolicited::Awoken));
        assert_eq!(Unsolicited::read("+CPIN: NOT INSERTED"), Some(Unsolicited::SimChanged));
        assert_eq!(Unsolicited::read("^BOOT:123,0,0,0,6"), Some(Unsolicited::MayHaveBooted));
        assert_eq!(Unsolicited::read("RING"), Some(Unsolicited::Rings));
        assert_eq!(Unsolicited::read("+CRING: VOICE"), Some(Unsolicited::Rings));
        assert_eq!(Unsolicited::read("RINGING"), None);
        let marie = Unsolicited::Caller(Some("+33612345678".to_owned()));
        assert_eq!(Unsolicited::read("+CLIP: \"33612345678\",145"), Some(marie));
        assert_eq!(Unsolicited::read("NO CARRIER"), Some(Unsolicited::CallOver));
        assert_eq!(Unsolicited::read("0791336000"), None);
    }
}
