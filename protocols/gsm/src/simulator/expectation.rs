//! Expectations: what must be so at some moment of a script, between a modem and its owner.
//!
//! ```text
//! ready | restarted | mute | full             it was told, once for each such line
//! received "4711" | received "4711" 3 times   that text came
//! reported "4711"                             the report on that text came
//! sent "4711" | unknown "4711"                what became of a text that was submitted
//! refused "4711" | not-submitted "4711"
//! called +33612345678 | called withheld       who rang up
//! registration home | signal -79 | operator X what was told last
//! maker X | model X | revision X              how the modem presented itself
//! announces 2,1,0,1,0 | announces nothing     how it was told to announce messages
//! memories SM ME | lacking nothing            what is swept; which settings it refused
//! slots 0 | held 0                            slots in use; messages that the network holds back
//! understood                                  no line of it was unknown
//! ```

use std::str::FromStr;

use super::script::{Misread, caller, part, said, value};
use crate::dialogue::Status;

/// What must be so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    /// The modem is set up.
    Ready,
    /// It restarted.
    Restarted,
    /// It does not answer.
    Mute,
    /// Its store is full.
    Full,
    /// This text was received so often.
    Received(String, usize),
    /// The status report on this text came.
    Reported(String),
    /// This text was sent, and the network has it once.
    Sent(String),
    /// Nobody knows whether this text was sent.
    Unknown(String),
    /// This text was refused.
    Refused(String),
    /// This text was surely not sent.
    NotSubmitted(String),
    /// Somebody rang up; `None`: with the number withheld.
    Called(Option<String>),
    /// Where it stands in the network.
    Registration(Status),
    /// The signal in dBm.
    Signal(i16),
    /// The operator's name.
    Operator(String),
    /// Who made it.
    Maker(String),
    /// Its model.
    Model(String),
    /// Its revision.
    Revision(String),
    /// How it announces messages: mode, mt, bm, ds, bfr; `nothing` if it does not.
    Announces(String),
    /// The memories that are swept, the receiving one last.
    Memories(String),
    /// The settings that it refused, or `nothing`.
    Lacking(String),
    /// How many slots are in use.
    Slots(usize),
    /// How many messages the network holds back.
    Held(usize),
    /// No line of it was unknown.
    Understood,
}

impl FromStr for Expectation {
    type Err = Misread;

    fn from_str(line: &str) -> Result<Self, Misread> {
        let (word, rest) = part(line);
        let text = || said(rest, "the text");
        Ok(match word {
            "ready" => Self::Ready,
            "restarted" => Self::Restarted,
            "mute" => Self::Mute,
            "full" => Self::Full,
            "received" => received(rest)?,
            "reported" => Self::Reported(text()?),
            "sent" => Self::Sent(text()?),
            "unknown" => Self::Unknown(text()?),
            "refused" => Self::Refused(text()?),
            "not-submitted" => Self::NotSubmitted(text()?),
            "called" => Self::Called(caller(rest)?),
            "registration" => Self::Registration(status(rest)?),
            "signal" => Self::Signal(value(rest, "signal in dBm")?),
            "operator" => Self::Operator(text()?),
            "maker" => Self::Maker(text()?),
            "model" => Self::Model(text()?),
            "revision" => Self::Revision(text()?),
            "announces" => Self::Announces(text()?),
            "memories" => Self::Memories(text()?),
            "lacking" => Self::Lacking(text()?),
            "slots" => Self::Slots(value(rest, "number of slots")?),
            "held" => Self::Held(value(rest, "number of messages")?),
            "understood" => Self::Understood,
            "" => return Err(Misread::Missing("what is expected")),
            _ => return Err(Misread::Word(word.to_owned())),
        })
    }
}

fn received(rest: &str) -> Result<Expectation, Misread> {
    let times = rest.strip_suffix(" times").and_then(|rest| rest.rsplit_once(' '));
    let (text, times) = times.unwrap_or((rest, "1"));
    Ok(Expectation::Received(said(text, "the text")?, value(times, "number of times")?))
}

fn status(word: &str) -> Result<Status, Misread> {
    Ok(match word {
        "home" => Status::Home,
        "roaming" => Status::Roaming,
        "searching" => Status::Searching,
        "denied" => Status::Denied,
        "none" => Status::NotSearching,
        _ => return Err(Misread::Value { value: word.to_owned(), what: "registration" }),
    })
}
