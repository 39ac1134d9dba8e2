//! The world around the house: what is going to happen, the network, the SIMs, and the story of
//! it all. It lives on while the house is dead.

pub(crate) mod network;
mod troubles;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;
use vigie::watch::event::{Attempt, Delivery, ShortMessage};
use vigie::watch::notification::Notification;
use vigie::watch::signal::Identity;

use crate::chance::Chance;
use crate::clocks::{At, Clocks};
use crate::model::Tally;
use crate::site::MODEMS;
use crate::weather::Weather;

/// Something that happens to the house or in the world.
#[derive(Clone, Debug)]
pub(crate) enum Happens {
    /// A point of a device says something, of its own accord.
    Point(usize),
    /// A device repeats an inform that was not answered.
    Again(u64),
    /// A phone rings: this text came.
    Rings { phone: String, text: Arc<str> },
    /// A person sends a text.
    Sends { phone: String, text: String },
    /// A message reaches a SIM.
    Arrives(usize, Stored),
    /// A modem looks what is on its SIM.
    Sweeps(usize),
    /// A modem is unplugged, or plugged in again.
    Plug { modem: usize, up: bool },
    /// Something is tried to bring a modem back.
    Tried(usize),
    /// The wall clock is set.
    SetClock,
    /// The disk begins to refuse.
    DiskFails,
    /// It takes writes again.
    DiskHeals,
    /// The scribe writes what it is asked for.
    Writes,
    /// The daemon, or the machine, dies.
    Dies,
    /// It starts again.
    Starts,
    /// The daemon is asked to stop.
    Stops,
    /// The files are changed and read again.
    Reloads,
    /// Somebody acts at the control socket.
    Keyboard,
    /// Somebody wants something quiet there, or swapped, or takes the schedule.
    Wishes,
    /// From here on everybody does what they should, and nothing fails.
    Dawn,
}

/// How the daemon dies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Death {
    /// `kill -9`: what was written stays written.
    Killed,
    /// The power fails: what was not synced is lost.
    PowerCut,
    /// The same, and of what was not synced some sectors arrive.
    PowerCutTorn,
}

/// What stands on a SIM until it is deleted from there.
#[derive(Clone, Debug)]
pub(crate) enum Stored {
    Message(Arc<ShortMessage>),
    Report(Delivery),
}

/// Which modems have nothing else to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spare {
    pub(crate) any: bool,
    /// The one whose path is tried.
    pub(crate) tried: bool,
}

/// One modem and its SIM.
#[derive(Debug)]
pub(crate) struct Modem {
    pub(crate) up: bool,
    /// How often it was tried in vain to bring it back.
    pub(crate) tried: u32,
    pub(crate) changed: Arc<Notify>,
    pub(crate) sim: BTreeMap<u64, Stored>,
    pub(super) reference: u8,
    /// What it is sending for the house.
    pub(super) under_way: Option<(Arc<Notification>, Fate)>,
}

/// What becomes of a message that is handed to a modem.
#[derive(Clone, Debug)]
pub(crate) struct Fate {
    pub(crate) takes: Duration,
    pub(crate) attempt: Attempt,
}

/// A message that a modem was handed: what has come out of the house.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) at: At,
    pub(crate) by: &'static str,
    pub(crate) notification: Arc<Notification>,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clocks: Clocks,
    pub(crate) chance: Chance,
    pub(crate) weather: Weather,
    pub(super) events: BTreeMap<(At, u64), Happens>,
    count: u64,
    pub(crate) modems: Vec<Modem>,
    pub(super) slots: u64,
    /// What has come out since somebody last looked.
    pub(crate) said: VecDeque<Said>,
    /// Informs that were answered, by their number.
    pub(crate) answered: Vec<u64>,
    /// Messages that were deleted from a SIM because the house had said that it has them.
    pub(crate) deleted: Vec<Identity>,
    pub(crate) story: Vec<String>,
    pub(crate) tells: bool,
    pub(crate) counts: Counts,
}

/// What was played, for the report.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) events: u64,
    pub(crate) signals: u64,
    pub(crate) texts: u64,
    pub(crate) calls: u64,
    pub(crate) commits: u64,
    pub(crate) deaths: u64,
    pub(crate) stops: u64,
    pub(crate) disk_faults: u64,
    pub(crate) clock_jumps: u64,
    pub(crate) checks: u64,
    pub(crate) entries: u64,
    /// What was kept quiet, swapped and taken, and what flapped.
    pub(crate) tally: Tally,
}

impl Counts {
    pub(crate) fn add(&mut self, other: &Self) {
        let Self {
            events,
            signals,
            texts,
            calls,
            commits,
            deaths,
            stops,
            disk_faults,
            clock_jumps,
            checks,
            entries,
            tally,
        } = other;
        self.events += events;
        self.signals += signals;
        self.texts += texts;
        self.calls += calls;
        self.commits += commits;
        self.deaths += deaths;
        self.stops += stops;
        self.disk_faults += disk_faults;
        self.clock_jumps += clock_jumps;
        self.checks += checks;
        self.entries += entries;
        self.tally.add(tally);
    }
}

/// The world, as the tasks of the house touch it.
#[derive(Clone, Debug)]
pub(crate) struct Shared(Arc<Mutex<World>>);

impl Shared {
    pub(crate) fn new(world: World) -> Self {
        Self(Arc::new(Mutex::new(world)))
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().expect("nobody panics with the world in hand")
    }

    /// The world after a night, however it ended.
    pub(crate) fn after_all(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl World {
    pub(crate) fn new(clocks: Clocks, mut chance: Chance, tells: bool) -> Self {
        let weather = Weather::draw(&mut chance);
        let modem = |_: &&str| Modem {
            up: true,
            tried: 0,
            changed: Arc::new(Notify::new()),
            sim: BTreeMap::new(),
            reference: 0,
            under_way: None,
        };
        Self {
            clocks,
            weather,
            chance,
            events: BTreeMap::new(),
            count: 0,
            modems: MODEMS.iter().map(modem).collect(),
            slots: 0,
            said: VecDeque::new(),
            answered: Vec::new(),
            deleted: Vec::new(),
            story: Vec::new(),
            tells,
            counts: Counts::default(),
        }
    }

    pub(crate) fn after(&mut self, wait: Duration, happens: Happens) {
        let at = self.clocks.at() + wait;
        self.count += 1;
        self.events.insert((at, self.count), happens);
    }

    pub(crate) fn next(&self) -> Option<At> {
        self.events.keys().next().map(|(at, _)| *at)
    }

    pub(crate) fn pop(&mut self, now: At) -> Option<Happens> {
        let entry = self.events.first_entry().filter(|entry| entry.key().0 <= now)?;
        self.counts.events += 1;
        Some(entry.remove())
    }

    /// Nothing of this kind is going to happen any more.
    pub(crate) fn forget(&mut self, which: impl Fn(&Happens) -> bool) {
        self.events.retain(|_, happens| !which(happens));
    }

    pub(crate) fn is_going_to(&self, which: impl Fn(&Happens) -> bool) -> bool {
        self.events.values().any(which)
    }

    pub(crate) fn tell(&mut self, sentence: impl FnOnce() -> String) {
        if self.tells {
            let line = format!("{} {}", self.clocks.moment().utc, sentence());
            self.story.push(line);
        }
    }
}
