//! Suppression: what keeps an alarm quiet on purpose, and what is remembered of it meanwhile (behaviour §2, §8).
//!
//! | an alarm is | by | until |
//! |---|---|---|
//! | shelved | a person | a time that they choose, never longer than the site's `longest-shelving`; or, once, its next return |
//! | out of service | a person, the alarm or its whole definition | a person returns it; it is listed every day |
//! | by design | the files: `suppressed-by` | none of the alarms that it names is active |
//! | by design | the files: `[maintenance.NAME]` | the window closes |
//!
//! While it is quiet nobody is called and no occurrence opens, but its condition is evaluated, with its delays, recorded and
//! counted as ever: a present condition is *hidden*. When nothing keeps the alarm quiet any more, a hidden condition is
//! present and opens an occurrence by the ordinary road; one that came and went inside is silence.
//!
//! # Decision (2026-11-27): what is hidden belongs to the alarm, and each alarm is looked at by itself
//!
//! The memory of an alarm that is quiet stands beside its open occurrence and is boxed, since few have any. An occurrence
//! that stands when its alarm is shelved or taken out of service is closed: calls are cancelled, codes die, and those who
//! were told, and the holder, are told once who did it and until when. By design only what nobody holds is closed, and only
//! if it opened less than [`GRACE`] before its cause and is still present: what is older, or has gone, is not an effect; what a person holds stays with them,
//! and only its coming back is hidden.
//!
//! When a cause begins or ends, or a definition returns to service, those alarms that it concerns are marked by the fold
//! (`index.rs` knows which they are) and are then due, one decision each: no decision grows with the number of effects, and
//! whatever else keeps one of them quiet is seen in the one place where that is asked ([`because`](hiding)). Rejected: one
//! decision that opens ten thousand occurrences, which would hold up the answer of the person who waits behind it.
//!
//! A cause counts while its condition is present, shelved or not: that is what its effects come from. One that is out of
//! service does not: nobody vouches for what it says, and when in doubt people are called. One that flaps is shown as active for as
//! long as it flaps, and counts until it has been gone for fifteen seconds at a stretch (`flapping::AWAY`): what is present then is
//! called, and stays so when the cause is back. Rejected: as it is shown, since a link that fails for a moment every two minutes hid a
//! tank that ran over for as long as it went on; and as it is at that instant, which calls the house at each turn of a contact.

mod asked;
mod daily;
mod hiding;
mod index;
mod listing;
mod maintenance;

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::alarm::{Activation, Alarm, AlarmNumber};
use super::name::{DefinitionName, PersonId};
use super::time::{Moment, Utc, Wait};

pub use self::asked::{LONGEST_REASON, Request, Which, WhichError, Wish};
pub(super) use self::index::{Filed, Suppressions};
pub use self::listing::Kept;
pub use self::maintenance::{Maintenance, Maintenances, Times};

/// An effect may be heard so long before its cause: devices behind a switch tell of it sooner than the switch is missed.
pub const GRACE: Duration = Duration::from_secs(120);

/// What keeps an alarm quiet, as the board shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suppression {
    /// Nothing does.
    None,
    /// A person, for a while.
    Shelved,
    /// Another alarm, or a window of maintenance, and there is something that it hides.
    ByDesign,
    /// A person, until a person returns it.
    OutOfService,
}

/// Who did it, when and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Mark {
    /// Who.
    pub by: PersonId,
    /// When.
    pub since: Utc,
    /// Why, in their words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Arc<str>>,
}

/// That an alarm is shelved.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Shelf {
    /// Who did it, and why.
    pub mark: Mark,
    /// When it comes back by itself.
    pub until: Wait,
    /// Whether its next return ends it as well.
    pub once: bool,
}

/// A condition that is present and kept quiet.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Hidden {
    /// How the occurrence will open, as the latest signal said it: nobody has read an earlier text.
    pub activation: Activation,
    /// Since when it is present.
    pub since: Utc,
    /// How many signals said the same again.
    pub repeats: u64,
}

/// What is remembered of an alarm that is kept quiet.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Quiet {
    /// That it is shelved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shelf: Option<Shelf>,
    /// That it is out of service, itself and not its whole definition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Mark>,
    /// What is present and kept quiet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Hidden>,
    /// How often it came while it was quiet.
    #[serde(default)]
    pub came: u64,
    /// When it is looked at again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) review: Option<Wait>,
}

/// An alarm that keeps others quiet while it is active.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Cause {
    /// Its definition.
    pub definition: DefinitionName,
    /// Its key; `None`: any alarm of the definition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Arc<str>>,
}

/// All that keep an alarm quiet while they are active; never empty.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Causes(pub(super) Vec<Cause>);

/// One change of what is kept quiet.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quieting {
    /// A person shelves an alarm.
    Shelved {
        /// Which.
        alarm: AlarmNumber,
        /// By whom, why and until when.
        shelf: Shelf,
    },
    /// It comes back.
    Unshelved {
        /// Which.
        alarm: AlarmNumber,
        /// Who asked for it; `None`: its time is up, or it returned and was shelved once.
        by: Option<PersonId>,
    },
    /// A person takes an alarm out of service.
    OutOfService {
        /// Which.
        alarm: AlarmNumber,
        /// By whom, and why.
        mark: Mark,
    },
    /// A person returns it.
    InService {
        /// Which.
        alarm: AlarmNumber,
        /// Who.
        by: PersonId,
    },
    /// A person takes all alarms of a definition out of service.
    DefinitionOut {
        /// Which.
        definition: DefinitionName,
        /// By whom, and why.
        mark: Mark,
    },
    /// A person returns them.
    DefinitionIn {
        /// Which.
        definition: DefinitionName,
        /// Who.
        by: PersonId,
    },
    /// What stood is present, and quiet from now on; its occurrence closes, or shows it no more.
    Hushed {
        /// Which.
        alarm: AlarmNumber,
        /// How it will open again.
        activation: Activation,
        /// Since when it is present.
        since: Utc,
        /// When it is looked at again, where that is known.
        until: Option<Wait>,
    },
    /// The condition is present, and nobody is called.
    Came {
        /// Of which alarm.
        alarm: AlarmNumber,
        /// How it will open.
        activation: Activation,
        /// When it is looked at again, where that is known.
        until: Option<Wait>,
    },
    /// An event without a return happened, and nobody is called.
    Happened {
        /// Of which alarm.
        alarm: AlarmNumber,
    },
    /// What is hidden was said again, or in other words.
    Again {
        /// Of which alarm.
        alarm: AlarmNumber,
        /// Whether it counts.
        counts: bool,
        /// How it will open, where that changes.
        activation: Option<Activation>,
    },
    /// What was hidden is gone: silence.
    Gone {
        /// Of which alarm.
        alarm: AlarmNumber,
    },
    /// What was hidden is hidden no more: it opens.
    Surfaced {
        /// Of which alarm.
        alarm: AlarmNumber,
    },
    /// What is out of service was listed, or will be.
    Listed {
        /// When it is listed next; `None`: nothing is out of service.
        next: Option<Wait>,
    },
    /// The alarm was looked at, and stays as it is.
    Reviewed {
        /// Which.
        alarm: AlarmNumber,
        /// When it is looked at again, where that is known.
        until: Option<Wait>,
    },
}

impl Suppression {
    /// As it stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Shelved => "shelved",
            Self::ByDesign => "by_design",
            Self::OutOfService => "out_of_service",
        }
    }
}

impl Cause {
    /// `switch-down[10.0.0.1]`; without a key, any of them.
    pub fn tag(&self) -> String {
        match self.key.as_deref() {
            None | Some("") => self.definition.to_string(),
            Some(key) => format!("{}[{key}]", self.definition),
        }
    }
}

impl Quieting {
    /// The alarm that it is about; `None`: a whole definition, or none.
    pub fn alarm(&self) -> Option<AlarmNumber> {
        match self {
            Self::Shelved { alarm, .. }
            | Self::Unshelved { alarm, .. }
            | Self::OutOfService { alarm, .. }
            | Self::InService { alarm, .. }
            | Self::Hushed { alarm, .. }
            | Self::Came { alarm, .. }
            | Self::Happened { alarm }
            | Self::Again { alarm, .. }
            | Self::Gone { alarm }
            | Self::Surfaced { alarm }
            | Self::Reviewed { alarm, .. } => Some(*alarm),
            Self::DefinitionOut { .. } | Self::DefinitionIn { .. } | Self::Listed { .. } => None,
        }
    }

    /// The definition whose every alarm it is about.
    pub fn definition(&self) -> Option<&DefinitionName> {
        match self {
            Self::DefinitionOut { definition, .. } | Self::DefinitionIn { definition, .. } => {
                Some(definition)
            }
            Self::Shelved { .. }
            | Self::Unshelved { .. }
            | Self::OutOfService { .. }
            | Self::InService { .. }
            | Self::Hushed { .. }
            | Self::Came { .. }
            | Self::Happened { .. }
            | Self::Again { .. }
            | Self::Gone { .. }
            | Self::Surfaced { .. }
            | Self::Listed { .. }
            | Self::Reviewed { .. } => None,
        }
    }
}

impl Quiet {
    /// Whether there is nothing to remember.
    fn is_nothing(&self) -> bool {
        self.shelf.is_none()
            && self.service.is_none()
            && self.hidden.is_none()
            && self.review.is_none()
    }

    /// When it next wants attention.
    pub(super) fn next_wait(&self) -> Option<Wait> {
        let shelf = self.shelf.as_ref().map(|shelf| shelf.until);
        [shelf, self.review].into_iter().flatten().min_by_key(|wait| wait.mono)
    }

    /// The same on the clock of this boot.
    pub(super) fn resume(&mut self, now: Moment) {
        if let Some(shelf) = &mut self.shelf {
            shelf.until = shelf.until.resumed(now);
        }
        self.review = self.review.map(|wait| wait.resumed(now));
    }
}

impl Alarm {
    /// What is present and kept quiet.
    pub fn hidden(&self) -> Option<&Hidden> {
        self.quiet.as_deref()?.hidden.as_ref()
    }

    /// That it is shelved.
    pub fn shelf(&self) -> Option<&Shelf> {
        self.quiet.as_deref()?.shelf.as_ref()
    }

    /// That it is out of service, itself and not its whole definition.
    pub fn service(&self) -> Option<&Mark> {
        self.quiet.as_deref()?.service.as_ref()
    }

    /// Whether its condition is present, seen or hidden.
    pub fn is_active(&self) -> bool {
        self.hidden().is_some() || self.open.as_ref().is_some_and(|open| open.active)
    }

    /// Whether it keeps those quiet that name it as their cause.
    fn explains(&self) -> bool {
        self.is_active() && !self.is_away()
    }
}
