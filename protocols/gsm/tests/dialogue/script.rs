//! A modem that says what a script says: for what no modem should do, and some did.

use std::time::Duration;

use crate::night::submit;
use vigie_gsm::dialogue::{Dialogue, Doubt, Event, Instant, Pin, Settings, SimTrouble};

/// The dialogue, and what it said and told.
pub(crate) struct Script {
    pub(crate) dialogue: Dialogue,
    pub(crate) now: Instant,
    pub(crate) said: Vec<String>,
    pub(crate) events: Vec<Event>,
    drains: bool,
}

/// What an ordinary modem answers.
pub(crate) fn ordinary(said: &str) -> String {
    let line = match said {
        "AT+CMEE?" => "+CMEE: 1",
        "AT+CPIN?" => "+CPIN: READY",
        "AT+CPMS=?" => "+CPMS: (\"SM\"),(\"SM\"),(\"SM\")",
        "AT+CNMI=?" => "+CNMI: (0-2),(0,1),(0),(0,1),(0)",
        "AT+CNMI?" => "+CNMI: 2,1,0,1,0",
        "AT+CREG?" => "+CREG: 1,1",
        "AT+CSQ" => "+CSQ: 17,99",
        "AT+COPS?" => "+COPS: 0,0,\"X\",7",
        said if said.starts_with("AT+CPMS=") => "+CPMS: 0,10,0,10,0,10",
        said if said.starts_with("AT+CMGS=") => return "\r\n> ".to_owned(),
        said if said.ends_with('\u{1a}') => "+CMGS: 5",
        said if said.starts_with('\u{1b}') => return String::new(),
        _ => return "\r\nOK\r\n".to_owned(),
    };
    format!("\r\n{line}\r\n\r\nOK\r\n")
}

impl Script {
    pub(crate) fn new(settings: Settings) -> Self {
        let dialogue = Dialogue::new(settings, Duration::ZERO);
        Self { dialogue, now: Duration::ZERO, said: Vec::new(), events: Vec::new(), drains: true }
    }

    /// Lets time pass; each thing that is said is answered a millisecond later.
    pub(crate) fn pass(&mut self, seconds: u64, mut answer: impl FnMut(&str) -> String) {
        let until = self.now + Duration::from_secs(seconds);
        loop {
            while let Some(bytes) = self.dialogue.transmit() {
                let said = String::from_utf8(bytes).expect("commands are text");
                let said = said.trim_end_matches('\r').to_owned();
                self.now += Duration::from_millis(1);
                self.dialogue.receive(answer(&said).as_bytes(), self.now);
                self.said.push(said);
            }
            while self.drains
                && let Some(event) = self.dialogue.event()
            {
                self.events.push(event);
            }
            let deadline = self.dialogue.deadline().expect("it always has one");
            if deadline > until {
                self.now = until;
                return;
            }
            self.now = self.now.max(deadline);
            self.dialogue.elapse(self.now);
        }
    }

    /// One that has come to rest.
    pub(crate) fn ready() -> Self {
        let mut script = Self::new(Settings::default());
        script.pass(5, ordinary);
        assert!(
            script.events.iter().any(|event| matches!(event, Event::Ready(_))),
            "{:?}",
            script.said
        );
        script.events.clear();
        script
    }

    pub(crate) fn count(&self, is_such: impl Fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|event| is_such(event)).count()
    }
}

/// A message that says nothing, as a line and the octets of its TPDU.
pub(crate) fn message() -> (String, usize) {
    ("00040B913316325476F800006210100061340000".to_owned(), 19)
}

/// A modem whose SIM wants its PIN and says nothing to one that is entered, and an owner who gives one whenever it is
/// wanted, `tries` times at most.
fn shut_sim(tries: usize, seconds: u64, told: impl Fn(&str) -> Option<String>) -> Script {
    let mut script = Script::new(Settings::default());
    let mut given = 0;
    for _ in 0..seconds {
        script.pass(1, |said| {
            if let Some(told) = told(said) {
                return told;
            }
            match said {
                "AT+CPIN?" => "\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n".to_owned(),
                "AT+CPINR" | "AT+SPIC" => "\r\nERROR\r\n".to_owned(),
                said if said.starts_with("AT+CPIN=") => String::new(),
                said => ordinary(said),
            }
        });
        let wanted = script.count(|event| matches!(event, Event::PinWanted { .. }));
        if wanted > given && given < tries {
            given += 1;
            script.dialogue.try_pin(Pin::new("0000").expect("a PIN"));
        }
    }
    script
}

fn entries(script: &Script) -> usize {
    script.said.iter().filter(|said| said.starts_with("AT+CPIN=")).count()
}

#[test]
fn a_pin_whose_answer_was_lost_is_doubtful_and_tried_again_only_when_it_is_given_again() {
    for tries in [0, 1, 2] {
        let script = shut_sim(tries, 600, |_| None);
        assert_eq!(entries(&script), tries, "{:?}", script.said);
        let doubtful = |event: &Event| *event == Event::SimPin(SimTrouble::PinDoubtful);
        assert_eq!(script.count(doubtful), tries);
        let wanted = script.count(|event| *event == Event::PinWanted { left: None });
        assert_eq!(wanted, tries + 1, "asked for again, and not for ever");
    }
}

#[test]
fn only_the_sim_s_own_word_is_a_refusal() {
    for (error, trouble) in [(16, SimTrouble::PinRefused), (14, SimTrouble::PinDoubtful)] {
        let script = shut_sim(1, 120, |said| {
            let entry = said.starts_with("AT+CPIN=");
            entry.then(|| format!("\r\n+CME ERROR: {error}\r\n"))
        });
        assert_eq!(entries(&script), 1);
        assert_eq!(script.count(|event| *event == Event::SimPin(trouble)), 1, "{error}");
    }
}

#[test]
fn how_many_tries_are_left_is_told_where_the_modem_knows() {
    for (standard, maker, left) in [
        ("+CPINR: SIM PIN,3,3\r\n+CPINR: SIM PUK,10,10", "", Some(3)),
        ("+CPINR: SIM PIN,2,3\r\n+CPINR: SIM PUK,10,10", "", Some(2)),
        ("", "+SPIC: 3,10,3,10", Some(3)),
        ("", "+SPIC: 1,10,3,10", Some(1)),
        ("+CPINR: nonsense", "+SPIC: ", None),
        ("", "", None),
    ] {
        let told = |line: &str| match line {
            "" => "\r\nERROR\r\n".to_owned(),
            line => format!("\r\n{line}\r\n\r\nOK\r\n"),
        };
        let script = shut_sim(0, 100, |said| match said {
            "AT+CPINR" => Some(told(standard)),
            "AT+SPIC" => Some(told(maker)),
            _ => None,
        });
        let wanted = script.count(|event| *event == Event::PinWanted { left });
        assert_eq!(wanted, 1, "{standard:?} {maker:?}: {:?}", script.events);
    }
}

#[test]
fn a_modem_that_lags_one_answer_behind_is_caught_up_with() {
    let mut script = Script::ready();
    let mut owed: Option<String> = None;
    let mut lagging = |said: &str| {
        let answer = ordinary(said);
        match &mut owed {
            // From the first question on, it answers the last one.
            None if said == "AT+CREG?" => {
                owed = Some(answer);
                "\r\nOK\r\n".to_owned()
            }
            None => answer,
            // Silence lets it catch up.
            Some(owed) if said == "\u{1b}" => std::mem::take(owed),
            Some(owed) if owed.is_empty() => answer,
            Some(owed) => std::mem::replace(owed, answer),
        }
    };
    script.pass(40, &mut lagging);
    script.events.clear();
    script.pass(60, &mut lagging);
    assert_eq!(script.count(|event| *event == Event::Signal(Some(-79))), 2, "{:?}", script.said);
}

#[test]
fn the_late_list_of_another_command_is_not_taken_for_this_ones_answer() {
    let mut script = Script::ready();
    let mut late = true;
    script.pass(100, |said| {
        let late = if said == "AT+CSQ" && std::mem::take(&mut late) {
            "\r\n+CMGS: 9\r\n\r\nOK\r\n"
        } else {
            ""
        };
        late.to_owned() + &ordinary(said)
    });
    let after = script.said.iter().rposition(|said| said == "\u{1b}").expect("it aligned itself");
    assert!(script.said.iter().skip(after).any(|said| said == "AT+CSQ"));
    assert_eq!(script.count(|event| matches!(event, Event::Sent { .. })), 0);
}

#[test]
fn an_ok_before_the_prompt_is_not_the_outcome() {
    let mut script = Script::ready();
    script.dialogue.submit(1, submit("out", false)).expect("ready");
    script.pass(10, |said| {
        let stray = if said.starts_with("AT+CMGS=") { "\r\nOK\r\n" } else { "" };
        stray.to_owned() + &ordinary(said)
    });
    assert_eq!(
        script.count(|event| *event == Event::Sent { ticket: 1, reference: 5 }),
        1,
        "{:?}",
        script.events
    );
}

#[test]
fn an_ok_without_a_reference_is_no_proof_that_the_message_went_out() {
    let mut script = Script::ready();
    script.dialogue.submit(1, submit("out", false)).expect("ready");
    script.pass(30, |said| {
        if said.ends_with('\u{1a}') { "\r\nOK\r\n".to_owned() } else { ordinary(said) }
    });
    assert_eq!(
        script.count(|event| *event == Event::Unknown { ticket: 1, reason: Doubt::Garbled }),
        1
    );
    assert!(script.dialogue.can_submit());
}

#[test]
fn each_pdu_goes_to_the_head_whose_length_it_has() {
    let mut script = Script::ready();
    let (pdu, octets) = message();
    let report = "0006070B913316325476F862101010000000621010100000000000";
    script.pass(60, |said| {
        if said != "AT+CMGL=4" {
            return ordinary(said);
        }
        let heads = format!("\r\n+CMGL: 3,0,,{octets}\r\n\r\n+CDS: 26\r\n");
        format!("{heads}{pdu}\r\n{report}\r\n\r\nOK\r\n")
    });
    assert_eq!(
        script.count(|event| matches!(event, Event::Received { slot, .. } if slot.index() == 3)),
        1
    );
    let is_report =
        |event: &Event| matches!(event, Event::DirectReport { pdu } if pdu.get(2) == Some(&7));
    assert_eq!(script.count(is_report), 1, "{:?}", script.events);
}

#[test]
fn drafts_on_the_sim_are_no_messages() {
    let mut script = Script::ready();
    let (pdu, octets) = message();
    script.pass(70, |said| {
        if said != "AT+CMGL=4" {
            return ordinary(said);
        }
        format!("\r\n+CMGL: 1,2,,{octets}\r\n{pdu}\r\n+CMGL: 2,3,,{octets}\r\n{pdu}\r\n\r\nOK\r\n")
    });
    assert_eq!(script.count(|event| matches!(event, Event::Received { .. })), 0);
}

#[test]
fn a_list_without_end_is_taken_in_pieces_that_the_owner_can_bear() {
    let mut script = Script::ready();
    script.drains = false;
    let (pdu, octets) = message();
    let list = |said: &str| {
        if said != "AT+CMGL=4" {
            return ordinary(said);
        }
        let messages: String =
            (0..800).map(|at| format!("+CMGL: {at},0,,{octets}\r\n{pdu}\r\n")).collect();
        format!("\r\n{messages}\r\nOK\r\n")
    };
    script.pass(200, list);
    script.drains = true;
    script.pass(1, list);
    assert!(script.events.len() <= 512, "{} events waited", script.events.len());
    script.pass(60, list);
    let received = script.count(|event| matches!(event, Event::Received { .. }));
    assert_eq!(received, 800, "the rest came with the next sweep, and none twice");
}
