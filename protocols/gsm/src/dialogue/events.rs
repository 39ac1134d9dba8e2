//! What a dialogue tells its owner, and the words it uses.

use std::fmt;
use std::sync::Arc;

use super::errors::NetworkError;

/// What happened, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The modem is set up: it receives, and it takes messages.
    Ready(Identity),
    /// The registration in the network changed.
    Registration(Registration),
    /// The received signal strength in dBm; `None` if the modem does not know it (27.007 8.5).
    Signal(Option<i16>),
    /// The operator changed (27.007 7.3).
    Operator {
        /// The name as the modem gives it.
        name: String,
        /// The radio technology, if told.
        technology: Option<Technology>,
    },
    /// What the network answered to [`super::Dialogue::ask_network`]; `None`: it was refused, or said nothing.
    NetworkTold(Option<String>),
    /// A message or a status report was read; it stays in its slot until [`super::Dialogue::delete`].
    Received {
        /// Where it stands.
        slot: Slot,
        /// The PDU with the service centre in front; it has the announced length.
        pdu: Vec<u8>,
    },
    /// A slot was read several times, and each time no PDU came: told once. It goes on being read, since what stands
    /// there may be a message; who deletes it gives that up.
    Unreadable {
        /// Where it stands.
        slot: Slot,
        /// The longest line that came in the place of the PDU.
        instead: Vec<u8>,
    },
    /// A status report came directly (`+CDS`, 27.005 3.4.1); no slot holds it.
    DirectReport {
        /// As in `Received`; where no PDU came, the octets that came instead.
        pdu: Vec<u8>,
    },
    /// A message came directly (`+CMT`, 27.005 3.4.1), which we do not ask for; no slot holds it.
    DirectMessage {
        /// As in `Received`; where no PDU came, the octets that came instead.
        pdu: Vec<u8>,
    },
    /// Somebody rings up; told once for each call, which is ended.
    Called {
        /// The caller's number as the network shows it, with `+` if it is international; `None` if it shows none.
        caller: Option<String>,
    },
    /// The PDU is on its way to the modem: from here on, a crash leaves the outcome unknown.
    Submitting {
        /// As given to [`super::Dialogue::submit`].
        ticket: u64,
    },
    /// The network took the message.
    Sent {
        /// As given to [`super::Dialogue::submit`].
        ticket: u64,
        /// TP-MR (23.040 9.2.3.6), which the status report will bear.
        reference: u8,
    },
    /// The modem or the network refused the message: surely not sent.
    Refused {
        /// As given to [`super::Dialogue::submit`].
        ticket: u64,
        /// Why.
        error: NetworkError,
    },
    /// No final answer: sent or not, nobody knows.
    Unknown {
        /// As given to [`super::Dialogue::submit`].
        ticket: u64,
        /// Why.
        reason: Doubt,
    },
    /// Surely not sent: the modem never had the text.
    NotSubmitted {
        /// As given to [`super::Dialogue::submit`].
        ticket: u64,
        /// Why.
        reason: NotSubmitted,
    },
    /// Three probes without an answer. The owner should close and open the port; until then we go on asking.
    Mute,
    /// The modem restarted, or its SIM was changed; it is being set up anew. Slots that were handed out are handed out again.
    Restarted,
    /// The SIM is open: it took its PIN, from whomever, or wants none.
    SimOpen,
    /// The SIM wants its PIN ([`super::Dialogue::try_pin`]). It is asked again from time to time; told again where the
    /// tries have changed.
    PinWanted {
        /// How often it may still be wrong, where the modem tells.
        left: Option<u8>,
    },
    /// What the SIM lacks to be used; the dialogue asks again from time to time.
    SimPin(SimTrouble),
    /// The store is full: the network holds back further messages until slots are deleted.
    StorageFull {
        /// Which one, if the modem told.
        memory: Option<Memory>,
    },
    /// What came from the wire and meant nothing, since the last such event.
    Noise {
        /// Bytes that no line may hold, or lines too long.
        bytes: u64,
        /// Whole lines that we do not know.
        lines: u64,
    },
}

/// Who the modem is, and how it was set up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// `+CGMI` (27.007 5.1).
    pub manufacturer: String,
    /// `+CGMM` (27.007 5.2).
    pub model: String,
    /// `+CGMR` (27.007 5.3).
    pub revision: String,
    /// The memories that are read, the receiving one last.
    pub memories: Vec<Memory>,
    /// How it announces messages; `None`: it does not, and they are found by the sweep alone.
    pub indication: Option<Indication>,
    /// The SIM's own identity, `+CIMI` (27.007 5.6): the first three digits are its country's (ITU-T E.212).
    pub subscriber: Option<String>,
    /// The SIM's telephone number, where it knows it (`+CNUM`, 27.007 7.1).
    pub number: Option<String>,
    /// `+CSCA` (27.005 3.3.1). Without it, the SIM cannot send.
    pub service_centre: Option<String>,
    /// Settings that the modem refused.
    pub lacking: Vec<&'static str>,
}

/// How new messages are announced (`+CNMI`, 27.005 3.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Indication {
    /// `<mode>`: whether unsolicited lines are kept while the line is in use.
    pub mode: u8,
    /// `<mt>`, of messages: 1 is store and indicate.
    pub mt: u8,
    /// `<ds>`, of status reports: 1 comes directly, 2 is stored and indicated, 0 is neither.
    pub ds: u8,
    /// `<bfr>`: whether what was kept is told when the mode is set, or thrown away.
    pub bfr: u8,
}

/// A message store of the modem (27.005 3.1): `SM` on the SIM, `ME` in the modem, `SR` for reports.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Memory(Arc<str>);

impl Memory {
    /// The store with that name, if it can be one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let fits = (1..=8).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        fits.then(|| Self(name.to_ascii_uppercase().into()))
    }

    /// The only store of a modem that does not let us choose.
    pub(super) fn only() -> Self {
        Self("".into())
    }

    /// Whether `+CPMS` can select it.
    pub(super) fn has_name(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether it is the store of that name, in capitals.
    pub(super) fn is(&self, name: &str) -> bool {
        &*self.0 == name
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

/// Where a message stands, as it was when we read it. A slot that is used again is another slot.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot {
    /// The store.
    pub(super) memory: Memory,
    /// The index in it, as the modem counts.
    pub(super) index: u16,
    /// Which reading it came from, of all that this dialogue has made.
    pub(super) reading: u64,
}

impl Slot {
    /// The store.
    #[must_use]
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// The index in the store, as the modem counts.
    #[must_use]
    pub fn index(&self) -> u16 {
        self.index
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}:{}", self.memory, self.index)
    }
}

/// Where the modem stands in the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Registration {
    /// The best of what `+CREG` and `+CEREG` say: an LTE modem without CS domain says "not registered" to the first.
    pub status: Status,
    /// The radio technology, if told.
    pub technology: Option<Technology>,
}

/// `<stat>` of `+CREG` (27.007 7.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Not registered, and not searching.
    NotSearching,
    /// Registered at home.
    Home,
    /// Searching.
    Searching,
    /// The network refuses this SIM.
    Denied,
    /// Not known, or out of coverage.
    Unknown,
    /// Registered abroad or with a partner.
    Roaming,
    /// Emergency calls only.
    EmergencyOnly,
}

impl Status {
    /// The status of that number; one that we do not know is `Unknown`.
    pub(super) fn of(stat: u8) -> Self {
        match stat {
            0 => Self::NotSearching,
            // 6 and 9 are "SMS only" and "CSFB not preferred", at home; 7 and 10 the same when roaming.
            1 | 6 | 9 => Self::Home,
            2 => Self::Searching,
            3 => Self::Denied,
            5 | 7 | 10 => Self::Roaming,
            8 => Self::EmergencyOnly,
            _ => Self::Unknown,
        }
    }

    /// Whether messages can go out.
    #[must_use]
    pub fn is_registered(self) -> bool {
        match self {
            Self::Home | Self::Roaming => true,
            Self::NotSearching
            | Self::Searching
            | Self::Denied
            | Self::Unknown
            | Self::EmergencyOnly => false,
        }
    }
}

/// `<AcT>` of `+COPS` and `+CREG` (27.007 7.2, 7.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Technology {
    /// 2G: GSM, EDGE.
    Gsm,
    /// 3G: UTRAN, HSPA.
    Umts,
    /// 4G: E-UTRAN, NB-IoT.
    Lte,
    /// 5G.
    Nr,
}

impl Technology {
    /// The technology of that number, if we know it.
    pub(super) fn of(act: u8) -> Option<Self> {
        match act {
            0 | 1 | 3 | 8 => Some(Self::Gsm),
            2 | 4..=6 => Some(Self::Umts),
            7 | 9 | 10 => Some(Self::Lte),
            11..=13 => Some(Self::Nr),
            _ => None,
        }
    }
}

/// Why nobody knows whether a message went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Doubt {
    /// The limit ran out.
    #[error("the modem did not say in time whether the message went out")]
    NoAnswer,
    /// It restarted with the text in hand.
    #[error("the modem restarted before it said whether the message went out")]
    Restarted,
    /// `OK` without a reference.
    #[error("the modem's answer was garbled before it said whether the message went out")]
    Garbled,
}

/// Why a message was surely not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotSubmitted {
    /// The prompt did not come.
    #[error("the modem did not ask for the message")]
    NoPrompt,
    /// It restarted before it had the text.
    #[error("the modem restarted before it had the message")]
    Restarted,
    /// It answers no more.
    #[error("the modem does not answer")]
    Mute,
}

/// What the SIM lacks (`+CPIN`, 27.007 8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SimTrouble {
    /// It refused the PIN, which is not tried again.
    #[error("the SIM refused its PIN; it is not tried again")]
    PinRefused,
    /// The PIN was entered, and the SIM still asks.
    #[error("the SIM does not say whether it took its PIN")]
    PinDoubtful,
    /// Only the PUK helps.
    #[error("the SIM is blocked and wants its PUK")]
    Puk,
    /// There is no SIM.
    #[error("there is no SIM")]
    NoSim,
    /// The SIM does not work.
    #[error("the SIM failed")]
    Failed,
    /// The modem is bound to another SIM or network (`PH-SIM PIN`, `PH-NET PIN`).
    #[error("the modem is locked to another SIM or network")]
    Locked,
}

/// Why [`super::Dialogue::submit`] took nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotNow {
    /// One at a time.
    #[error("the modem has a message in hand already")]
    Occupied,
    /// It is being set up, is locked, or is mute.
    #[error("the modem is not ready")]
    NotReady,
    /// After an answer that never came, a late one must not be taken for the next message's.
    #[error("the modem still owes the answer to the last message")]
    Recovering,
}
