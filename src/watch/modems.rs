//! Modems: what the watch remembers of each, so that a restart forgets nothing that its adapter must know.
//!
//! Another SIM in a modem is told, also when it was changed while Vigie was down. That a PIN is about to be tried is
//! on the record before the SIM hears it: a daemon that starts again and again must not spend all three tries.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::decision::Fact;
use super::draft::Draft;
use super::name::InputName;
use super::own_alarms::{SelfAlarm, SelfSignal};

/// Two wrong PINs leave a SIM one try, which is for a person with the right one in hand.
const MOST_TRIES: u8 = 2;

/// Something that a modem's adapter has learned, or is about to do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Lesson {
    /// Of which modem.
    pub modem: InputName,
    /// What.
    pub learned: Learned,
}

/// What an adapter learns.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Learned {
    /// The number of its SIM's subscriber (IMSI, 27.007 5.6).
    Subscriber(Arc<str>),
    /// The PIN of this mark is about to be tried.
    PinTried(PinMark),
    /// The SIM refused the PIN of this mark.
    PinRefused(PinMark),
    /// The SIM is open: it has all its tries again.
    SimOpen,
}

/// By what a PIN is known again: six bits of a digest, too few to find the PIN by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PinMark(u8);

impl PinMark {
    /// The mark of a PIN, by the first octet of a digest of it.
    pub fn of_digest(first: u8) -> Self {
        Self(first & 0x3f)
    }
}

/// A SIM takes so many wrong PINs (27.007 8.65, TS 102 221).
const ALL_TRIES: u8 = 3;

/// Whether a PIN may be tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trial {
    /// It was not tried yet.
    New,
    /// It was tried once, and what came of it was never heard.
    Again,
    /// It was refused.
    Refused,
    /// Two tries may be spent: the last one is for a person.
    Exhausted,
}

impl Trial {
    /// Whether it may be made with so many tries left; `None`: the modem does not tell. On a SIM that has them all, it may
    /// in any case: that is another SIM, or nothing was refused.
    pub fn allows(self, left: Option<u8>) -> bool {
        match (self, left) {
            (Self::New | Self::Again, None) => true,
            (Self::Refused | Self::Exhausted, None) => false,
            (Self::New, Some(left)) => left >= 2,
            (Self::Again | Self::Refused | Self::Exhausted, Some(left)) => left >= ALL_TRIES,
        }
    }
}

/// A PIN that was tried since one was last taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
struct Tried {
    /// How often it was tried. More than once only where the outcome was never heard.
    times: u8,
    refused: bool,
}

/// What is remembered of a modem.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Remembered {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subscriber: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tried: BTreeMap<PinMark, Tried>,
}

impl Remembered {
    /// Whether the PIN of that mark may be tried.
    pub fn trial_of(&self, mark: PinMark) -> Trial {
        let tries = self.tried.values().fold(0_u8, |sum, tried| sum.saturating_add(tried.times));
        match self.tried.get(&mark) {
            _ if tries >= MOST_TRIES => Trial::Exhausted,
            Some(tried) if tried.refused => Trial::Refused,
            Some(_) => Trial::Again,
            None => Trial::New,
        }
    }

    /// What an adapter has learned is remembered; true if that is news.
    pub fn learn(&mut self, learned: &Learned) -> bool {
        match learned {
            Learned::Subscriber(subscriber) => {
                let new = self.subscriber.as_ref() != Some(subscriber);
                self.subscriber = Some(Arc::clone(subscriber));
                new
            }
            Learned::PinTried(mark) => {
                let tried = self.tried.entry(*mark).or_default();
                tried.times = tried.times.saturating_add(1);
                true
            }
            Learned::PinRefused(mark) => {
                let tried = self.tried.entry(*mark).or_default();
                !std::mem::replace(&mut tried.refused, true)
            }
            Learned::SimOpen => !std::mem::take(&mut self.tried).is_empty(),
        }
    }
}

impl Draft<'_> {
    /// A modem's adapter has learned something, or is about to try the PIN.
    pub(super) fn learned(&mut self, lesson: &Lesson) {
        let known = self.state.modem(&lesson.modem);
        if !known.clone().learn(&lesson.learned) {
            return;
        }
        self.fact(Fact::Learned(lesson.clone()));
        if matches!(lesson.learned, Learned::Subscriber(_)) && known.subscriber.is_some() {
            const WHY: &str = "its subscriber number is another";
            self.own(SelfSignal::raised(SelfAlarm::SimChanged, lesson.modem.as_str(), WHY));
        }
    }
}
