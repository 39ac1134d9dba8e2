//! Storms: many alarms at once become few messages, the worst first (behaviour §5).
//!
//! A rung that fires has called its people all the same: whether what it says leaves alone or in a digest is
//! decided here. What is gathered is a number in a list, not a message; it is worded when it leaves, as things stand
//! then. Nothing here delays what is worse than all that its person was told of late.
//!
//! # Decision (2026-11-27): when messages become one
//!
//! - Of each person it is remembered which messages left within the window, and which wait. Both count, replies to
//!   their own answers do not: so no window, wherever it begins, holds more than `messages`. What has room leaves at
//!   once, as ever.
//! - The last of them is held for [`HOLD`] (a tenth of a shorter window), so that it says much; past it, what is no
//!   worse waits until the window lets one more go. What is worse than all that they were called about in the window
//!   leaves at once, and takes along what was gathered.
//! - Where the queue would take longer than `reach-within` (its parts, by the seconds that each modem was measured to
//!   need for one), or no room is left, what has not left yet is worded anew as one digest. It has the worst priority
//!   of its members and keeps the place of the oldest, so that neither a higher priority nor an older call waits
//!   behind it.
//! - A digest has a code of its own for exactly those that its text names or counts, in the runs of then. It answers
//!   for each as that one's own code would, and the reply sums up. Codes of earlier messages go on. A digest that was
//!   worded anew just when a modem took it may have left: its code goes on as well.
//! - Announcements keep off the last place: what somebody must answer comes before what they might like to know.
//!
//! # Decision (2026-11-27): what is gathered is owed like a message that waits, and no more than it
//!
//! What is asked anew because it is worse, told anew, moved with its group or kept quiet is owed to nobody any more by what
//! waits: messages are cancelled, digests that have not left are worded anew without it, and it is not gathered. Who is
//! called then is called afresh, and only a message that waits for the same purpose makes another needless: an
//! information is no question. So what has become worse than all that its person was called about leaves at once.
//!
//! # Decision (2026-11-27): a test is told alone
//!
//! What is told of a test is never gathered and never counts: whoever has asked for it looks at the telephone, a code of a digest that
//! lists it would take true alarms with it, and a worse test must not make a true alarm one that is no worse than what was told.
//!
//! Rejected: gathering in the outbox, which does not know what was answered meanwhile; one code for all that stands,
//! which would acknowledge what its person has never read of.

mod answering;
mod digest;
mod flush;
mod fold;
mod news;
mod pace;
mod passage;
mod withdrawing;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::alarm::{AlarmNumber, OccurrenceNumber};
use super::codes::Code;
use super::name::{InputName, PersonId};
use super::notification::NotificationId;
use super::site::Priority;
use super::time::{Mono, Wait};

pub use self::digest::{Digest, Member};
pub(super) use self::withdrawing::{Afterwards, Gone};

/// The last message of a window waits so long for more that it could say.
const HOLD: Duration = Duration::from_secs(60);
/// What has not left yet is worded anew at most once in this time.
const MERGE: Duration = Duration::from_secs(1);
/// So many places of a window are not for announcements: one is left for a call.
const RESERVED: usize = 1;
/// A digest stands for no more occurrences than this: one answer to it is one entry of the record.
pub const LISTED: usize = 4_096;
/// So much information waits for one person at most; of what is older only the number is told.
const INFORMED: usize = 4_096;
/// So many digests of one person can still be answered; what the oldest ones list was called about again since.
const ANSWERABLE: usize = 64;

/// `[storm]`: when many messages become one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Storm {
    /// So many messages at most reach one person within the window; at least 1.
    pub messages: usize,
    /// The window; never zero.
    pub window: Duration,
    /// What is owed should reach everybody within this time.
    pub reach_within: Duration,
}

/// What the messages of a digest are for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// They ask who takes it.
    Ask,
    /// They ask somebody else than the holder to confirm.
    Confirm,
    /// They ask the holder whether it is dealt with.
    Remind,
    /// They tell of what nobody must answer.
    Inform,
}

impl Kind {
    /// Every one, what must be answered first.
    pub(super) const ALL: [Self; 4] = [Self::Ask, Self::Confirm, Self::Remind, Self::Inform];
    /// Those that want an answer.
    pub(super) const ASKING: [Self; 3] = [Self::Ask, Self::Confirm, Self::Remind];

    /// Whether it calls somebody: what is worse than all before does not wait.
    fn calls(self) -> bool {
        match self {
            Self::Ask | Self::Confirm => true,
            Self::Remind | Self::Inform => false,
        }
    }
}

/// What is told of an occurrence that nobody must answer to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    /// Somebody has taken it.
    Taken(PersonId),
    /// Somebody has dealt with it.
    Confirmed(PersonId),
    /// It ended before anybody took it.
    Normal,
    /// The cause is back, to who held it.
    CameBack,
    /// It is worse, to who held it.
    Worse,
    /// It was not confirmed in time, to who held it.
    Late,
    /// The acknowledgement has expired, to who held it.
    Expired,
    /// The test is over.
    TestOver,
    /// It is kept quiet on purpose.
    Quietened,
    /// It comes and goes.
    Flaps,
    /// It came and went, and happens no more.
    HappensNoMore,
    /// It came and went, and has come to rest: normal.
    SettledNormal,
    /// The same, and it stands.
    SettledActive,
    /// The same, to who held it.
    SettledVoid,
}

/// What changes in what is gathered.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Storming {
    /// Somebody is called about this by the next digest.
    Gathered {
        /// Who.
        person: PersonId,
        /// For what.
        kind: Kind,
        /// Of which alarm.
        alarm: AlarmNumber,
        /// About which occurrence.
        occurrence: OccurrenceNumber,
        /// In which run.
        run: u32,
        /// For how long its step waits for an answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within: Option<Duration>,
        /// Until when the last message of a window waits for more, where this is the first.
        held: Wait,
        /// When what is gathered leaves; `None`: as it stands.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Wait>,
    },
    /// Somebody is told of this by the next announcement.
    Heard {
        /// Who.
        person: PersonId,
        /// About which occurrence.
        occurrence: OccurrenceNumber,
        /// What.
        news: News,
        /// When; `None`: as it stands.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Wait>,
    },
    /// When what is gathered is looked at again; `None`: when something has left.
    Due {
        /// Whose.
        person: PersonId,
        /// When.
        due: Option<Wait>,
    },
    /// A message to somebody has left, and counts until then.
    Left {
        /// To whom.
        person: PersonId,
        /// How bad what it calls about is; `None`: it calls nobody.
        priority: Option<Priority>,
        /// Until when.
        until: Wait,
    },
    /// Nobody is told of this by their next digest any more.
    Withdrawn {
        /// Of which occurrence.
        occurrence: OccurrenceNumber,
        /// Of which kinds.
        kinds: Vec<Kind>,
    },
    /// A digest that has not left is not owed for these any more.
    Struck {
        /// Which.
        notification: NotificationId,
        /// For which.
        occurrences: Vec<OccurrenceNumber>,
    },
    /// What was gathered and nobody needs any more is not.
    Swept {
        /// Whose.
        person: PersonId,
        /// Of which kind.
        kind: Kind,
    },
    /// The news were told.
    Told {
        /// To whom.
        person: PersonId,
    },
    /// There is no way to tell this person anything.
    Dropped {
        /// Whom.
        person: PersonId,
    },
}

/// What the watch remembers of messages that left, and of those that wait.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Storms {
    people: BTreeMap<PersonId, Stream>,
    /// What each modem was measured to need for one short message.
    pace: BTreeMap<InputName, Duration>,
    /// How many short messages wait to leave.
    parts: u64,
}

/// The messages to one person.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(super) struct Stream {
    /// What left and still counts, the oldest first.
    left: VecDeque<Left>,
    #[serde(skip)]
    gathered: BTreeMap<Kind, BTreeMap<OccurrenceNumber, Gathered>>,
    /// Of how much information only the number is known.
    more: u64,
    news: Vec<Heard>,
    /// The shortest time within which those that are gathered want an answer.
    within: Option<Duration>,
    held: Option<Wait>,
    due: Option<Wait>,
    /// The codes of their digests, the oldest first.
    codes: Vec<Code>,
    /// That of the latest digest that was worded anew before it left.
    replaced: Option<Code>,
    /// What waits to leave, or is leaving, and counts.
    #[serde(skip)]
    waiting: BTreeSet<NotificationId>,
    #[serde(skip)]
    queued: Option<Mono>,
}

/// A message that left.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Left {
    until: Wait,
    priority: Option<Priority>,
}

/// Something that is gathered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Gathered {
    alarm: AlarmNumber,
    run: u32,
}

/// News of so many occurrences.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Heard {
    /// What.
    pub(super) news: News,
    /// Of how many.
    pub(super) count: usize,
    /// Of which one at the last.
    pub(super) last: OccurrenceNumber,
}

/// A piece of a snapshot.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Saved(Piece);

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Piece {
    Stream(PersonId, Box<Stream>),
    Gathered(PersonId, Kind, Vec<(OccurrenceNumber, Gathered)>),
    Pace(InputName, Duration),
}

impl Stream {
    fn gathers_anything(&self) -> bool {
        self.gathered.values().any(|entries| !entries.is_empty()) || !self.news.is_empty()
    }

    fn gathers(&self, kind: Kind) -> bool {
        self.gathered.get(&kind).is_some_and(|entries| !entries.is_empty())
    }

    /// Whether this occurrence is gathered as that, in that run.
    fn has(&self, kind: Kind, occurrence: OccurrenceNumber, run: u32) -> bool {
        let entry = self.gathered.get(&kind).and_then(|entries| entries.get(&occurrence));
        entry.is_some_and(|entry| entry.run == run)
    }
}

impl Storms {
    fn of(&self, person: &PersonId) -> Option<&Stream> {
        self.people.get(person)
    }

    /// Whether a message of that kind, which tells this person of the occurrence, is gathered.
    pub(super) fn will_tell(
        &self,
        kind: Kind,
        person: &PersonId,
        occurrence: OccurrenceNumber,
        run: u32,
    ) -> bool {
        self.people.get(person).is_some_and(|stream| stream.has(kind, occurrence, run))
    }

    /// Whether this person is called or informed of the occurrence by their next digest.
    pub(super) fn will_call(
        &self,
        person: &PersonId,
        occurrence: OccurrenceNumber,
        run: u32,
    ) -> bool {
        let mut kinds = [Kind::Ask, Kind::Confirm, Kind::Inform].into_iter();
        kinds.any(|kind| self.will_tell(kind, person, occurrence, run))
    }

    /// Whether anybody is told of the occurrence by a digest of any of these kinds.
    fn gather(&self, kinds: &[Kind], occurrence: OccurrenceNumber) -> bool {
        self.people.values().any(|stream| {
            let gathered = kinds.iter().filter_map(|kind| stream.gathered.get(kind));
            gathered.into_iter().any(|entries| entries.contains_key(&occurrence))
        })
    }
}
