//! Hostile bytes at a serial line: what a modem says unasked, and in place of the answers that a sound one would give.
//!
//! A modem that answers has been set up before the first of them arrives: nearly all of the dialogue lies beyond that.

use std::collections::VecDeque;
use std::time::Duration;

use vigie_gsm::alphabet::segments;
use vigie_gsm::dialogue::{Dialogue, Event, Pin, Settings, UssdCode};
use vigie_gsm::pdu::{Submit, UserData};
use vigie_gsm::simulator::{Control, Modem, Profile};

/// Who speaks more often in two minutes spins.
const MOST_TURNS: usize = 10_000;
/// Between one step and the next: long enough for an answer, too short for a question whether the modem is there.
const BETWEEN: Duration = Duration::from_millis(700);
/// A silence.
const SILENCE: Duration = Duration::from_secs(10);

/// A modem, the dialogue with it, and somebody who writes into the line between them.
struct Line {
    modem: Modem,
    dialogue: Dialogue,
    now: Duration,
    /// What the next commands are answered instead; nothing where the modem answers itself.
    instead: VecDeque<Vec<u8>>,
    received: bool,
    tickets: u64,
}

/// Steps, each up to a zero octet. Its first octet says what it is: `s` a text to be sent, `u` a question to the network, `a` the answer
/// to the next command (none: the modem's own), `t` ten seconds of silence, and as many for each octet behind it, `o` the port is opened
/// anew, `!` what happens to the modem, as a scenario has it. What begins otherwise is said at once. Whether a message arrived.
pub(crate) fn gsm_dialogue(octets: &[u8]) -> bool {
    let mut line = Line::opened();
    line.pass(SILENCE);
    for step in octets.split(|octet| *octet == 0).take(32) {
        line.happens(step);
        line.pass(BETWEEN);
    }
    line.received
}

impl Line {
    fn opened() -> Self {
        let now = Duration::from_secs(1);
        Self {
            modem: Modem::new(Profile::instant(), now),
            dialogue: Dialogue::new(Settings::default(), now),
            now,
            instead: VecDeque::new(),
            received: false,
            tickets: 0,
        }
    }

    fn happens(&mut self, step: &[u8]) {
        let Some((what, rest)) = step.split_first() else { return };
        let text = String::from_utf8_lossy(rest);
        match what {
            b's' => self.send(&text),
            b'u' => {
                if let Some(code) = UssdCode::new(&text) {
                    // Asked too early is asked in vain.
                    let _ = self.dialogue.ask_network(code);
                }
            }
            b'a' => self.instead.push_back(rest.to_vec()),
            b't' => (0..=rest.len().min(11)).for_each(|_| self.pass(SILENCE)),
            b'o' => self.dialogue = Dialogue::new(Settings::default(), self.now),
            b'!' => {
                if let Ok(control) = text.parse::<Control>() {
                    // A message from nobody does not come.
                    let _ = self.modem.obey(&control, self.now);
                }
            }
            _ => step.chunks(37).for_each(|piece| self.dialogue.receive(piece, self.now)),
        }
    }

    fn send(&mut self, text: &str) {
        let destination = "+33612345678".parse().expect("it is a number");
        let text = UserData::text_alone(text, segments(text).encoding);
        if let Ok(pdu) = Submit::new(destination, text).encode() {
            self.tickets += 1;
            // One that is sent already goes on.
            let _ = self.dialogue.submit(self.tickets, pdu);
        }
    }

    /// So long both speak whenever they have something to say.
    fn pass(&mut self, length: Duration) {
        let end = self.now + length;
        for _ in 0..MOST_TURNS {
            self.listen();
            if self.carry() {
                continue;
            }
            let due = [self.dialogue.deadline(), self.modem.deadline()].into_iter().flatten().min();
            self.now = self.now.max(due.unwrap_or(end).min(end));
            self.modem.elapse(self.now);
            self.dialogue.elapse(self.now);
            if due.is_none_or(|due| due >= end) {
                return;
            }
        }
        panic!("they never come to an end");
    }

    /// Carries what each of them says; whether anything was.
    fn carry(&mut self) -> bool {
        let command = self.dialogue.transmit();
        if let Some(bytes) = &command {
            assert!(bytes.len() < 4_096, "no command is so long");
            match self.instead.pop_front().filter(|answer| !answer.is_empty()) {
                Some(answer) => self.dialogue.receive(&answer, self.now),
                None => self.modem.receive(bytes, self.now),
            }
        }
        let answer = self.modem.transmit();
        if let Some(bytes) = &answer {
            self.dialogue.receive(bytes, self.now);
        }
        command.is_some() || answer.is_some()
    }

    fn listen(&mut self) {
        let mut events = 0;
        while let Some(event) = self.dialogue.event() {
            events += 1;
            assert!(events < 10_000, "no piece is so much news");
            match event {
                Event::Received { slot, .. } => {
                    self.received = true;
                    if events % 2 == 1 {
                        self.dialogue.delete(slot);
                    }
                }
                Event::PinWanted { .. } => {
                    self.dialogue.try_pin(Pin::new("1234").expect("it is one"));
                }
                _ => {}
            }
        }
    }
}
