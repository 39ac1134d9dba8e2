//! Commands: what we say to the modem, how its answer begins, and how long it may take.
//!
//! The limits are several times what manuals promise (SIM800 V1.09, EC25, u-blox AT manual): running
//! into one costs a resynchronisation, so it must mean that the modem is in trouble.

use std::time::Duration;

use super::events::{Indication, Memory};

/// What a modem is registered for: each has its own word, and modems that send over the packet domain or LTE alone
/// are "denied" in the first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Domain {
    /// Calls and short messages of old (27.007 7.2).
    Circuit,
    /// Packets of 2G and 3G (27.007 10.1.20).
    Packet,
    /// LTE (27.007 10.1.22).
    Lte,
}

impl Domain {
    /// In the order in which they are asked for.
    pub(super) const ALL: [Self; 3] = [Self::Circuit, Self::Packet, Self::Lte];

    /// The word that sets and asks it, and that its reports begin with.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Circuit => "+CREG",
            Self::Packet => "+CGREG",
            Self::Lte => "+CEREG",
        }
    }
}

/// One command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    /// Leaves a PDU prompt and ends a half-typed line. It has no answer that we could rely on.
    Flush,
    /// Are you there? (V.250)
    Probe,
    /// What we say is not said back to us (V.250 6.2.4).
    EchoOff,
    /// Results as words (V.250 6.2.6).
    Words,
    /// A question whose answer no other command has: what comes before it belongs to the past.
    Align,
    /// `+CMEE=1` (27.007 9.1).
    ErrorCodes,
    /// `+CGMI` (27.007 5.1).
    Manufacturer,
    /// `+CGMM` (27.007 5.2).
    Model,
    /// `+CGMR` (27.007 5.3).
    Revision,
    /// `+CPIN?` (27.007 8.3).
    PinState,
    /// How often the PIN may still be wrong (27.007 8.65).
    PinTries,
    /// The same as SIMCom and those who follow it ask.
    PinTriesOfMaker,
    /// The text is made when it is written, so that no other place holds the PIN.
    PinEntry,
    /// `+CSCS` (27.007 5.5): what drove the modem before us may have left it writing names and numbers in UCS2.
    CharacterSet,
    /// `+CMGF=0` (27.005 3.2.3).
    PduMode,
    /// `+CSMS=0` (27.005 3.2.1): with 1, each direct report would want an acknowledgement.
    Service,
    /// `+CPMS=?` (27.005 3.2.2).
    MemoriesOffered,
    /// `+CPMS=` (27.005 3.2.2), with one to three memories.
    Select(Vec<Memory>),
    /// `+CNMI=?` (27.005 3.4.1).
    IndicationsOffered,
    /// `+CNMI=` (27.005 3.4.1).
    Indicate(Indication),
    /// Whether it still announces as we asked: a modem that restarted in silence does not.
    IndicationState,
    /// From now on it says by itself when its registration changes.
    RegistrationReports(Domain),
    /// `+CSCA?` (27.005 3.3.1).
    ServiceCentre,
    /// The operator as a name (27.007 7.3); it does not choose one.
    OperatorForm,
    /// `+CIMI` (27.007 5.6).
    Subscriber,
    /// `+CNUM` (27.007 7.1).
    OwnNumber,
    /// `+CLIP=1` (27.007 7.11): a call says who it is from.
    CallerNumbers,
    /// `+CHUP` (27.007 6.5).
    EndCall,
    /// The same for modems that do not know it (V.250 6.3.6).
    EndCallOfOld,
    /// `+CUSD=1` (27.007 7.15) with the question, as the modem wants it; the answer comes later.
    AskNetwork(String),
    /// `+CUSD=2`: the network has asked back.
    EndUssd,
    /// `+CSQ` (27.007 8.5).
    Signal,
    /// `+CREG?` and its like, of this domain.
    Registration(Domain),
    /// `+COPS?` (27.007 7.3).
    Operator,
    /// `+CMGL=4` (27.005 4.1): all messages of a memory, read and unread.
    List(Memory),
    /// `+CMGR=` (27.005 4.2): the slot of that index.
    Read(Memory, u16),
    /// `+CMGD=` (27.005 3.5.4): the slot of that index.
    Delete(Memory, u16),
    /// `+CMMS=1` (27.005 3.5.6): another message follows; it is void by itself when none does.
    KeepLink,
    /// `+CMGS=` (27.005 3.5.1) with the octets of the TPDU; the PDU follows at the prompt.
    Submit(u8),
}

impl Command {
    /// The text without its CR. The PIN's is made by the caller.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Flush => "\u{1b}".to_owned(),
            Self::Probe => "AT".to_owned(),
            Self::EchoOff => "ATE0".to_owned(),
            Self::Words => "ATV1".to_owned(),
            Self::Align => "AT+CMEE?".to_owned(),
            Self::ErrorCodes => "AT+CMEE=1".to_owned(),
            Self::Manufacturer => "AT+CGMI".to_owned(),
            Self::Model => "AT+CGMM".to_owned(),
            Self::Revision => "AT+CGMR".to_owned(),
            Self::PinState => "AT+CPIN?".to_owned(),
            Self::PinTries => "AT+CPINR".to_owned(),
            Self::PinTriesOfMaker => "AT+SPIC".to_owned(),
            Self::PinEntry => "AT+CPIN=".to_owned(),
            Self::CharacterSet => "AT+CSCS=\"GSM\"".to_owned(),
            Self::PduMode => "AT+CMGF=0".to_owned(),
            Self::Service => "AT+CSMS=0".to_owned(),
            Self::MemoriesOffered => "AT+CPMS=?".to_owned(),
            Self::Select(memories) => {
                let names: Vec<String> =
                    memories.iter().map(|memory| format!("\"{memory}\"")).collect();
                format!("AT+CPMS={}", names.join(","))
            }
            Self::IndicationsOffered => "AT+CNMI=?".to_owned(),
            Self::Indicate(Indication { mode, mt, ds, bfr }) => {
                format!("AT+CNMI={mode},{mt},0,{ds},{bfr}")
            }
            Self::IndicationState => "AT+CNMI?".to_owned(),
            Self::RegistrationReports(domain) => format!("AT{}=1", domain.name()),
            Self::ServiceCentre => "AT+CSCA?".to_owned(),
            Self::OperatorForm => "AT+COPS=3,0".to_owned(),
            Self::Subscriber => "AT+CIMI".to_owned(),
            Self::OwnNumber => "AT+CNUM".to_owned(),
            Self::CallerNumbers => "AT+CLIP=1".to_owned(),
            Self::EndCall => "AT+CHUP".to_owned(),
            Self::EndCallOfOld => "ATH".to_owned(),
            Self::AskNetwork(question) => format!("AT+CUSD=1,\"{question}\",15"),
            Self::EndUssd => "AT+CUSD=2".to_owned(),
            Self::Signal => "AT+CSQ".to_owned(),
            Self::Registration(domain) => format!("AT{}?", domain.name()),
            Self::Operator => "AT+COPS?".to_owned(),
            Self::List(_) => "AT+CMGL=4".to_owned(),
            Self::Read(_, index) => format!("AT+CMGR={index}"),
            Self::Delete(_, index) => format!("AT+CMGD={index}"),
            Self::KeepLink => "AT+CMMS=1".to_owned(),
            Self::Submit(octets) => format!("AT+CMGS={octets}"),
        }
    }

    /// How the answer's lines begin.
    pub(super) fn prefix(&self) -> Option<&'static str> {
        match self {
            Self::Align => Some("+CMEE"),
            Self::Manufacturer => Some("+CGMI"),
            Self::Model => Some("+CGMM"),
            Self::Revision => Some("+CGMR"),
            Self::PinState => Some("+CPIN"),
            Self::PinTries => Some("+CPINR"),
            Self::PinTriesOfMaker => Some("+SPIC"),
            Self::Service => Some("+CSMS"),
            Self::MemoriesOffered | Self::Select(_) => Some("+CPMS"),
            Self::IndicationsOffered | Self::IndicationState => Some("+CNMI"),
            Self::ServiceCentre => Some("+CSCA"),
            Self::Subscriber => Some("+CIMI"),
            Self::OwnNumber => Some("+CNUM"),
            Self::Signal => Some("+CSQ"),
            Self::Registration(domain) => Some(domain.name()),
            Self::Operator => Some("+COPS"),
            Self::List(_) => Some("+CMGL"),
            Self::Read(..) => Some("+CMGR"),
            Self::Submit(_) => Some("+CMGS"),
            Self::Flush
            | Self::Probe
            | Self::EchoOff
            | Self::Words
            | Self::ErrorCodes
            | Self::PinEntry
            | Self::CharacterSet
            | Self::PduMode
            | Self::Indicate(_)
            | Self::RegistrationReports(_)
            | Self::OperatorForm
            | Self::CallerNumbers
            | Self::EndCall
            | Self::EndCallOfOld
            | Self::AskNetwork(_)
            | Self::EndUssd
            | Self::KeepLink
            | Self::Delete(..) => None,
        }
    }

    /// Whether `OK` without such a line means that we hear the end of another command.
    pub(super) fn wants_answer(&self) -> bool {
        match self {
            Self::Align
            | Self::MemoriesOffered
            | Self::IndicationsOffered
            | Self::IndicationState
            | Self::Signal
            | Self::Registration(Domain::Circuit) => true,
            Self::Flush
            | Self::Probe
            | Self::EchoOff
            | Self::Words
            | Self::ErrorCodes
            | Self::Manufacturer
            | Self::Model
            | Self::Revision
            | Self::PinState
            | Self::PinTries
            | Self::PinTriesOfMaker
            | Self::PinEntry
            | Self::CharacterSet
            | Self::PduMode
            | Self::Service
            | Self::Select(_)
            | Self::Indicate(_)
            | Self::RegistrationReports(_)
            | Self::ServiceCentre
            | Self::OperatorForm
            | Self::Subscriber
            | Self::OwnNumber
            | Self::CallerNumbers
            | Self::EndCall
            | Self::EndCallOfOld
            | Self::AskNetwork(_)
            | Self::EndUssd
            | Self::KeepLink
            | Self::Registration(Domain::Packet | Domain::Lte)
            | Self::Operator
            | Self::List(_)
            | Self::Read(..)
            | Self::Delete(..)
            | Self::Submit(_) => false,
        }
    }

    /// Whether it reads or deletes slots.
    pub(super) fn is_of_storage(&self) -> bool {
        matches!(self, Self::Select(_) | Self::List(_) | Self::Read(..) | Self::Delete(..))
    }

    /// Whether the answer is any text, with or without the prefix (27.007 5.1 to 5.3).
    pub(super) fn answers_in_free_text(&self) -> bool {
        matches!(self, Self::Manufacturer | Self::Model | Self::Revision | Self::Subscriber)
    }

    /// Whether results may still be digits (`ATV0`, V.250 6.2.6).
    pub(super) fn answers_in_digits(&self) -> bool {
        matches!(self, Self::Probe | Self::EchoOff | Self::Words)
    }

    /// How long until the final result, or for `Submit` until the prompt.
    pub(super) fn limit(&self) -> Duration {
        match self {
            Self::Flush => Duration::from_millis(100),
            Self::Probe | Self::EchoOff | Self::Words | Self::Align => Duration::from_secs(2),
            Self::PinEntry | Self::List(_) | Self::Operator => Duration::from_secs(30),
            Self::Subscriber | Self::OwnNumber => Duration::from_secs(10),
            Self::EndCall | Self::EndCallOfOld => Duration::from_secs(20),
            Self::PinState
            | Self::PinTries
            | Self::PinTriesOfMaker
            | Self::Select(_)
            | Self::MemoriesOffered
            | Self::Read(..)
            | Self::Delete(..) => Duration::from_secs(15),
            Self::Signal
            | Self::Registration(_)
            | Self::ErrorCodes
            | Self::Manufacturer
            | Self::Model
            | Self::Revision
            | Self::CharacterSet
            | Self::PduMode
            | Self::Service
            | Self::IndicationsOffered
            | Self::Indicate(_)
            | Self::IndicationState
            | Self::RegistrationReports(_)
            | Self::ServiceCentre
            | Self::OperatorForm
            | Self::CallerNumbers
            | Self::KeepLink
            | Self::AskNetwork(_)
            | Self::EndUssd
            | Self::Submit(_) => Duration::from_secs(5),
        }
    }
}

/// Whether a line is an answer of one of our commands, and never comes unasked: outside its command it
/// proves that we hear the past. Signal bars and operators do come unasked from some modems.
pub(super) fn is_answer(line: &str) -> bool {
    const ANSWERS: [&str; 7] =
        ["+CMEE:", "+CPMS:", "+CNMI:", "+CSCA:", "+CMGL:", "+CMGR:", "+CMGS:"];
    ANSWERS.iter().any(|prefix| {
        line.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    })
}
