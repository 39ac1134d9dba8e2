//! Control: words that make something happen to a simulated modem, for scripts and for whoever sits before one.
//!
//! ```text
//! deliver +33612345678 ACK 4711      somebody sends a text to the SIM
//! pdu 00040B91...                    these octets come as a message, the service centre in front
//! ring +33612345678 20s              a phone rings up for so long; `ring withheld 20s` shows no number
//! register 5 | signal 3              the registration (27.007 7.2), the reception (27.007 8.5)
//! fill                               old messages take every free slot
//! eject                              the SIM is taken out
//! insert 208019876543210             another SIM is put in: the modem restarts
//! say +CMTI: "SM",3                  a line is said unasked
//! type AT+CMEE=2                     somebody else types at the same modem; nobody hears the answer
//! reset | silent-reset               it restarts, and does not say so
//! mute 20s | hang | connect | echo   it is silent, hangs, believes that it is connected, echoes again
//! refuse 38 | swallow | late 5s      the next message is refused, its answer is lost or comes late
//! no-prompt | torn | unannounced     no prompt, half a line, no announcements
//! interject ^RSSI:17 | RING          between any two lines of any answer; without lines, no longer
//! ```

use std::str::FromStr;
use std::time::Duration;

use super::script::{Misread, caller, duration, part, said, value};
use super::{Fault, Instant, Modem};
use crate::pdu::{PduError, from_hex};

/// Something that happens to a modem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// Somebody sends a text to the SIM.
    Deliver {
        /// A number or a name.
        sender: String,
        /// What it says.
        text: String,
    },
    /// These octets come as a message, with the service centre in front.
    DeliverRaw(Vec<u8>),
    /// A phone rings up.
    Ring {
        /// Its number; `None`: withheld.
        caller: Option<String>,
        /// For so long.
        length: Duration,
    },
    /// `<stat>` of `+CREG` is this from now on (27.007 7.2).
    Register(u8),
    /// `<rssi>` of `+CSQ` is this from now on (27.007 8.5).
    Signal(u8),
    /// Old messages take every free slot.
    Fill,
    /// Another SIM is put in.
    Insert(String),
    /// A line is said unasked.
    Say(String),
    /// Somebody else types this line, and takes the answer.
    Type(String),
    /// Something goes wrong.
    Fail(Fault),
}

impl FromStr for Control {
    type Err = Misread;

    fn from_str(line: &str) -> Result<Self, Misread> {
        let (word, rest) = part(line);
        let (first, second) = part(rest);
        Ok(match word {
            "deliver" => {
                let sender = said(first, "the sender")?;
                Self::Deliver { sender, text: said(second, "the text")? }
            }
            "pdu" => {
                let what = "PDU in hexadecimal";
                let wrong = |_| Misread::Value { value: rest.to_owned(), what };
                Self::DeliverRaw(from_hex(rest).map_err(wrong)?)
            }
            "ring" => Self::Ring { caller: caller(first)?, length: duration(second)? },
            "register" => Self::Register(value(rest, "registration")?),
            "signal" => Self::Signal(value(rest, "reception")?),
            "fill" => Self::Fill,
            "insert" => Self::Insert(said(rest, "the SIM's identity")?),
            "say" => Self::Say(said(rest, "the line")?),
            "type" => Self::Type(said(rest, "the line")?),
            _ => Self::Fail(fault(word, rest)?),
        })
    }
}

fn fault(word: &str, rest: &str) -> Result<Fault, Misread> {
    Ok(match word {
        "reset" => Fault::Reset { silent: false },
        "silent-reset" => Fault::Reset { silent: true },
        "mute" => Fault::Mute(duration(rest)?),
        "hang" => Fault::Hung,
        "connect" => Fault::Connected,
        "echo" => Fault::Echo,
        "refuse" => Fault::Refuse(value(rest, "`+CMS ERROR`")?),
        "swallow" => Fault::SwallowAnswer,
        "late" => Fault::LateAnswer(duration(rest)?),
        "no-prompt" => Fault::NoPrompt,
        "torn" => Fault::TornLine,
        "unannounced" => Fault::Unannounced,
        "eject" => Fault::SimOut,
        "interject" => {
            let lines = rest.split(" | ").map(str::trim).filter(|line| !line.is_empty());
            Fault::Chatter(lines.map(str::to_owned).collect())
        }
        _ => return Err(Misread::Word(word.to_owned())),
    })
}

impl Modem {
    /// Makes it happen.
    ///
    /// # Errors
    /// When the sender of a message is neither a number nor a name.
    pub fn obey(&mut self, control: &Control, now: Instant) -> Result<(), PduError> {
        match control {
            Control::Deliver { sender, text } => {
                self.deliver(sender, text, now)?;
            }
            Control::DeliverRaw(bytes) => self.deliver_raw(bytes.clone(), now),
            Control::Ring { caller, length } => self.call(caller.as_deref(), *length, now),
            Control::Register(status) => self.register(*status, now),
            Control::Signal(signal) => self.set_signal(*signal),
            Control::Fill => self.fill_slots(now),
            Control::Insert(subscriber) => self.insert_sim(subscriber, now),
            Control::Say(line) => {
                self.elapse(now);
                self.say(line);
            }
            Control::Type(line) => {
                let before = self.transmit();
                self.receive(format!("{line}\r").as_bytes(), now);
                self.transmit();
                self.write(&before.unwrap_or_default());
            }
            Control::Fail(fault) => self.fail(fault.clone(), now),
        }
        Ok(())
    }
}
