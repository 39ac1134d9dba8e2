//! Faults: what modems and networks do to those who rely on them.

use std::collections::VecDeque;
use std::time::Duration;

use super::{Instant, Modem};

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It hears nothing and says nothing for so long.
    Mute(Duration),
    /// It answers nothing any more, and obeys one thing: `+CFUN=1,1`.
    Hung,
    /// It believes that it is connected: all is data to it, until `+++` with a second of silence around (V.250).
    Connected,
    /// It echoes again, as after a restart.
    Echo,
    /// The next message goes out, and its answer is lost.
    SwallowAnswer,
    /// The next message goes out, and its answer comes so much later, whatever was said meanwhile.
    LateAnswer(Duration),
    /// The next message is refused with this `+CMS ERROR`.
    Refuse(u16),
    /// The next `+CMGS` gets no prompt.
    NoPrompt,
    /// These bytes are said at once.
    Garbage(Vec<u8>),
    /// It restarts.
    Reset {
        /// It does not say so.
        silent: bool,
    },
    /// From now on, these lines stand between any two lines of any answer.
    Chatter(Vec<String>),
    /// The next answer of several lines has its second line torn off in the middle.
    TornLine,
    /// New messages are not announced any more, until it is told again to do so.
    Unannounced,
    /// The SIM is taken out, and it says so.
    SimOut,
}

/// What is wrong, or soon will be.
#[derive(Debug, Default)]
pub(super) struct Faults {
    mute_until: Option<Instant>,
    hung: bool,
    connected: Option<Connected>,
    /// For the next messages, one each.
    pub(super) messages: VecDeque<Fault>,
    /// Stands between any two lines of any answer.
    pub(super) chatter: Vec<String>,
    /// The next answer loses half of its second line.
    pub(super) torn: bool,
}

/// What a modem that believes that it is connected has heard.
#[derive(Debug)]
struct Connected {
    /// When it last heard something.
    heard: Instant,
    /// It was `+++`, after a silence.
    escape: bool,
}

/// The silence around `+++`.
const SILENCE: Duration = Duration::from_secs(1);

impl Faults {
    /// Whether it hears and says nothing.
    pub(super) fn is_mute(&self, now: Instant) -> bool {
        self.mute_until.is_some_and(|until| now < until)
    }

    /// The fault of this prompt, if it has one.
    pub(super) fn takes_prompt(&mut self) -> bool {
        self.messages.pop_front_if(|fault| *fault == Fault::NoPrompt).is_some()
    }
}

impl Modem {
    /// Something goes wrong.
    pub fn fail(&mut self, fault: Fault, now: Instant) {
        self.elapse(now);
        match fault {
            Fault::Mute(length) => self.faults.mute_until = Some(self.now.saturating_add(length)),
            Fault::Hung => self.faults.hung = true,
            Fault::Connected => {
                self.faults.connected = Some(Connected { heard: self.now, escape: false });
            }
            Fault::Echo => self.settings.echo = true,
            Fault::Garbage(bytes) => self.write(&bytes),
            Fault::Reset { silent } => self.reset(silent),
            Fault::Chatter(lines) => self.faults.chatter = lines,
            Fault::TornLine => self.faults.torn = true,
            Fault::Unannounced => self.settings.indications = [0; 5],
            Fault::SimOut => {
                self.sim.take_out();
                self.say("+CPIN: NOT INSERTED");
            }
            Fault::SwallowAnswer | Fault::LateAnswer(_) | Fault::Refuse(_) | Fault::NoPrompt => {
                self.faults.messages.push_back(fault);
            }
        }
    }

    /// Whether these bytes reach nobody, because it hangs or believes that it is connected.
    pub(super) fn is_deaf_to(&mut self, bytes: &[u8]) -> bool {
        if self.faults.hung {
            if bytes.windows(b"AT+CFUN=1,1".len()).any(|said| said == b"AT+CFUN=1,1") {
                self.faults.hung = false;
                self.reset(false);
            }
            return true;
        }
        let Some(connected) = &mut self.faults.connected else { return false };
        let silent = self.now.saturating_sub(connected.heard) >= SILENCE;
        if connected.escape && silent {
            self.faults.connected = None;
            return false;
        }
        *connected = Connected { heard: self.now, escape: silent && bytes == b"+++" };
        true
    }
}
