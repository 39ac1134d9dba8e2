//! The roster: what people have changed of the schedules of the files, and whether somebody is on call now (behaviour §6, §7, §9).
//!
//! `TAKE technique 18H` puts an override above all of the files; two people trade their shifts by a question with a code. What is past
//! is forgotten: it is in the journal. Whoever is relieved is told at once, with who comes next, and nobody is woken when an override
//! ends by itself.
//!
//! # Decision (2026-11-27): who has a turn in a schedule may take it, and who bears the right `take`
//!
//! A colleague of the same schedule who takes over spares everybody a call to whoever edits files, and is told to all whom it
//! concerns. Others need the right: taking a schedule means that alarms stop going to those who were to have them.
//!
//! # Decision (2026-11-27): a schedule obeys five messages an hour
//!
//! `TAKE` needs no code (behaviour §6), and the number of a message can be anybody's: forged ones would wake everybody who is relieved, again
//! and again, and push out what people have traded. So a schedule obeys five of them in an hour, as a swap group does, and then the
//! command line alone; those who are relieved hear of each. A trade needs the other's code, and is not counted.
//!
//! # Decision (2026-11-27): a gap is looked for, not stumbled upon
//!
//! That nobody is on call is an alarm from the first minute of the gap on, not from the first alarm that finds nobody. So the next
//! change between somebody and nobody is a deadline, at most a day away: the journal has one entry a day of it.

mod asking;
mod covering;
mod shifts;
mod taking;
mod trading;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::codes::Code;
use super::decision::Fact;
use super::draft::Draft;
use super::name::{PersonId, ScheduleId};
use super::schedule::{Override, Schedule, Wall};
use super::site::Site;
use super::state::{Owner, State};
use super::swap::{self, Said};
use super::time::{Moment, Mono, Utc, Wait};

/// So many overrides of one schedule are kept; the oldest are forgotten first.
const TAKEN_LIMIT: usize = 64;
/// So many questions are kept, those that were answered included.
const TRADES_LIMIT: usize = 256;
/// For so long a question that is over is explained.
const EXPLAINED: Duration = Duration::from_secs(24 * 3_600);

/// What people have changed of the schedules.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Roster {
    /// Who has taken which schedule, the latest first.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    taken: BTreeMap<ScheduleId, Vec<Override>>,
    /// Who was asked to trade shifts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    trades: BTreeMap<Code, Trade>,
    /// When each schedule was taken by a message, of late.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    by_message: BTreeMap<ScheduleId, Vec<Utc>>,
    /// When it is looked next whether somebody is on call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    look: Option<Wait>,
    #[serde(skip)]
    queued: Option<Mono>,
}

/// Two shifts that may be traded.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Trade {
    /// Who asks.
    pub asker: PersonId,
    /// Who is asked.
    pub asked: PersonId,
    /// In which schedule.
    pub schedule: ScheduleId,
    /// The asker's shift.
    pub given: Shift,
    /// The other's.
    pub wanted: Shift,
    /// For how long the question lives.
    pub until: Wait,
    /// Since when it is over, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    over: Option<Utc>,
}

/// For so long somebody alone is on call.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Shift {
    /// From this instant.
    pub from: Utc,
    /// Until this one.
    pub until: Utc,
}

/// What changes of the roster.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Somebody has taken a schedule.
    Taken {
        /// Which.
        schedule: ScheduleId,
        /// Who, and when.
        by: Override,
        /// Whether it was ordered by a message, which may be forged.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_message: bool,
    },
    /// Somebody is asked to trade shifts.
    Asked {
        /// By which code they answer.
        code: Code,
        /// What is asked.
        trade: Box<Trade>,
    },
    /// A question is over.
    Answered {
        /// Its code.
        code: Code,
        /// How it ended.
        ending: TradeEnding,
    },
    /// It was looked whether somebody is on call.
    Looked {
        /// When it is looked next; `None`: nothing will change.
        next: Option<Wait>,
    },
}

/// How a question about a trade ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TradeEnding {
    /// The shifts are traded.
    Agreed,
    /// The other does not want it.
    Declined,
    /// The schedule is no longer what it was.
    Void,
    /// There was no answer in time.
    Late,
}

/// A person asks at the control socket to change the roster.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Wish {
    /// Who acts.
    pub person: PersonId,
    /// The account that acts for them, for the record.
    pub account: Arc<str>,
    /// The schedule that they take, as it is written.
    pub schedule: Arc<str>,
    /// For how long.
    pub lasting: Duration,
}

impl Roster {
    /// A schedule with what people have changed of it: the latest override counts, those of the files below all of these. Who has
    /// left the files since, or has no number any more, stands in for nobody.
    pub fn in_force<'s>(
        &self,
        site: &Site,
        id: &ScheduleId,
        schedule: &'s Schedule,
    ) -> Cow<'s, Schedule> {
        match self.taken.get(id) {
            None => Cow::Borrowed(schedule),
            Some(taken) => {
                let mut schedule = schedule.clone();
                let has_number = |one: &&Override| {
                    site.people.get(&one.person).is_some_and(|known| known.phone.is_some())
                };
                schedule.overrides.splice(0..0, taken.iter().filter(has_number).cloned());
                Cow::Owned(schedule)
            }
        }
    }

    /// Whether somebody has taken the schedule at that instant.
    pub fn is_taken(&self, id: &ScheduleId, at: Utc) -> bool {
        self.taken.get(id).is_some_and(|taken| taken.iter().any(|one| one.covers(at)))
    }

    /// Whether the schedule obeys no more messages for now.
    fn is_taken_too_often(&self, id: &ScheduleId, said: Said, now: Utc) -> bool {
        let ordered = self.by_message.get(id).map_or(&[][..], Vec::as_slice);
        swap::is_ordered_too_often(ordered, said, now)
    }

    /// The codes of questions, which nothing else may bear.
    pub(super) fn codes(&self) -> impl Iterator<Item = Code> {
        self.trades.keys().copied()
    }

    fn due(&self) -> Option<Mono> {
        let live = self.trades.values().filter(|trade| trade.over.is_none());
        live.map(|trade| trade.until.mono).chain(self.look.map(|wait| wait.mono)).min()
    }

    /// Takes a change in, and forgets what is past.
    pub(super) fn change(&mut self, change: &Change, now: Utc) {
        match change {
            Change::Taken { schedule, by, by_message } => {
                if *by_message {
                    self.by_message.entry(schedule.clone()).or_default().push(now);
                }
                let taken = self.taken.entry(schedule.clone()).or_default();
                taken.insert(0, by.clone());
                taken.truncate(TAKEN_LIMIT);
            }
            Change::Asked { code, trade } => {
                self.trades.insert(*code, trade.as_ref().clone());
            }
            Change::Answered { code, ending: _ } => {
                if let Some(trade) = self.trades.get_mut(code) {
                    trade.over = Some(now);
                }
            }
            Change::Looked { next } => self.look = *next,
        }
        self.taken.retain(|_, taken| {
            taken.retain(|one| one.until > now);
            !taken.is_empty()
        });
        self.by_message.retain(|_, ordered| {
            ordered.retain(|at| swap::is_of_late(*at, now));
            !ordered.is_empty()
        });
        self.trades.retain(|_, trade| trade.over.is_none_or(|over| over.until(now) <= EXPLAINED));
        while self.trades.len() > TRADES_LIMIT {
            let oldest = self.trades.iter().min_by_key(|(_, trade)| trade.until.since);
            let Some(oldest) = oldest.map(|(code, _)| *code) else { break };
            self.trades.remove(&oldest);
        }
    }

    /// What a snapshot holds takes the place of it; what is queued is not in a snapshot.
    pub(super) fn absorb(&mut self, read: Self) {
        *self = Self { queued: self.queued, ..read };
    }

    /// It waits on, on the clock of this boot.
    pub(super) fn resume(&mut self, now: Moment) {
        self.look = self.look.map(|wait| wait.resumed(now));
        for trade in self.trades.values_mut() {
            trade.until = trade.until.resumed(now);
        }
    }
}

impl State {
    /// What people have changed of the schedules.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Changes it, and files its deadline.
    pub(super) fn on_roster(&mut self, change: impl FnOnce(&mut Roster)) {
        change(&mut self.roster);
        self.keep_codes_apart();
        let due = self.roster.due();
        if due == self.roster.queued {
            return;
        }
        if let Some(old) = self.roster.queued.take() {
            self.deadlines.remove(&(old, Owner::Roster));
        }
        self.roster.queued = due;
        self.deadlines.extend(due.map(|due| (due, Owner::Roster)));
    }
}

impl<'a> Draft<'a> {
    fn rostered(&mut self, change: Change) {
        self.fact(Fact::Rostered(change));
    }

    /// In whose clocks a schedule is read.
    fn wall_of(&self, id: &ScheduleId) -> Option<&'a Wall> {
        self.site.schedules.get(id).map(|schedule| &schedule.wall)
    }

    /// What the files call so, in plain letters.
    fn schedule_called(&self, plain: &str) -> Option<(&'a ScheduleId, &'a Schedule)> {
        let is = |id: &&ScheduleId| super::answer::orders::plain(id.as_str()) == plain;
        self.site.schedules.iter().find(|(id, _)| is(id))
    }
}
