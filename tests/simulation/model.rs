//! The contract, written a second time: what the board must show and who must be called, from what
//! went in alone.
//!
//! It reads events off the record in the order in which they were taken in, and decides for itself
//! what each one does (behaviour §2 to §4, §6). Of what Vigie decided it reads only which codes were
//! given out, what was owed, and whose deadline it says has passed; whether that was due, and what
//! follows, it judges itself. It knows nothing of the watch but the words.

mod alarms;
mod answers;
mod board;
mod causes;
mod deadlines;
mod digests;
mod faults;
mod flapping;
mod ladder;
mod open;
mod orders;
mod paths;
mod quiet;
mod roster;
mod swaps;
mod waiting;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use vigie::watch::alarm::{AlarmNumber, OccurrenceNumber};
use vigie::watch::decision::Fact;
use vigie::watch::event::{Attempt, Happening};
use vigie::watch::notification::{Ending, Purpose};
use vigie::watch::signal::{Identity, Signal, Value};
use vigie::watch::site::Priority;
use vigie::watch::time::{Moment, Mono, Utc};

use self::alarms::{Alarm, Cause};
use self::answers::{Binding, Talk};
use self::faults::Why;
use self::ladder::{Note, Progress};
use self::paths::Round;
use self::roster::Taken;
use self::swaps::Group;
use self::waiting::Waiting;
use crate::record::Line;
use crate::site::{EVERYBODY, Plan, Policy};

/// An alarm's definition and key.
pub(super) type Tag = (String, String);

/// A wait, with both its ends on the wall (style, rule 4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    since: Utc,
    due: Utc,
    mono: Mono,
}

impl Span {
    fn new(now: Moment, length: Duration) -> Self {
        Self { since: now.utc, due: now.utc.after(length), mono: now.mono.after(length) }
    }

    /// On the clock of another boot. A wall clock that shows a time before it began has lied.
    fn resume(&mut self, now: Moment) {
        let left = if now.utc < self.since { Duration::ZERO } else { now.utc.until(self.due) };
        self.mono = now.mono.after(left);
    }

    /// How long ago it began, as far as that is known.
    fn age(&self, now: Moment) -> Duration {
        self.since.until(self.due).saturating_sub(now.mono.until(self.mono))
    }
}

/// What people kept quiet, swapped and took, and what flapped: for the report.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// Conditions that came and were hidden.
    pub(crate) hidden: u64,
    /// Occurrences that were closed because somebody wants quiet.
    pub(crate) hushed: u64,
    /// What was hidden, and came up at the end.
    pub(crate) surfaced: u64,
    /// Occurrences that moved with their group.
    pub(crate) moved: u64,
    /// What flapped, and came to rest.
    pub(crate) settled: u64,
    /// How often somebody took the schedule.
    pub(crate) taken: u64,
    /// How often the record said that its beginning is let go.
    pub(crate) pruned: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        let Self { hidden, hushed, surfaced, moved, settled, taken, pruned } = other;
        self.hidden += hidden;
        self.hushed += hushed;
        self.surfaced += surfaced;
        self.moved += moved;
        self.settled += settled;
        self.taken += taken;
        self.pruned += pruned;
    }
}

pub(crate) struct Model {
    plan: Plan,
    /// What the files say from the next time on that they are read.
    coming: VecDeque<Plan>,
    alarms: BTreeMap<Tag, Alarm>,
    numbers: HashMap<AlarmNumber, Tag>,
    open: BTreeMap<OccurrenceNumber, Tag>,
    occurrences: u64,
    codes: HashMap<String, Binding>,
    heard: HashMap<Identity, Utc>,
    talks: BTreeMap<String, Talk>,
    own: BTreeMap<Tag, Why>,
    notes: BTreeMap<u64, Note>,
    /// Who is told of what by the next digest, and who may have read of what.
    waits: Waiting,
    /// The code of each one's latest digest that was worded anew before it left.
    replaced: BTreeMap<String, String>,
    round: Round,
    /// Definitions that are out of service.
    out: BTreeSet<String>,
    /// Of the alarms that explain others those that are present and in service.
    present: BTreeSet<Tag>,
    /// The record says of a code that it is wrong.
    is_said_to_be_wrong: bool,
    /// Those that flap and are away.
    away: BTreeSet<Tag>,
    groups: BTreeMap<&'static str, Group>,
    /// Who has taken the schedule, the latest first.
    taken: Vec<Taken>,
    counts: Tally,
    /// Who is to be called by the entry that is being read.
    expected: BTreeSet<(OccurrenceNumber, String)>,
}

impl Model {
    pub(crate) fn new(plan: Plan) -> Self {
        Self {
            plan,
            coming: VecDeque::new(),
            alarms: BTreeMap::new(),
            numbers: HashMap::new(),
            open: BTreeMap::new(),
            occurrences: 0,
            codes: HashMap::new(),
            heard: HashMap::new(),
            talks: BTreeMap::new(),
            own: BTreeMap::new(),
            notes: BTreeMap::new(),
            waits: Waiting::default(),
            replaced: BTreeMap::new(),
            round: Round::default(),
            out: BTreeSet::new(),
            present: BTreeSet::new(),
            away: BTreeSet::new(),
            is_said_to_be_wrong: false,
            groups: BTreeMap::new(),
            taken: Vec::new(),
            counts: Tally::default(),
            expected: BTreeSet::new(),
        }
    }

    /// The daemon starts with these files; what it was about to read is forgotten.
    pub(crate) fn starts(&mut self, plan: &Plan) {
        self.coming.clear();
        self.coming.push_back(plan.clone());
    }

    /// These files will be in force when the record says that files were read.
    pub(crate) fn adopt(&mut self, plan: &Plan) {
        self.coming.push_back(plan.clone());
    }

    /// One more entry of the record.
    pub(crate) fn reads(&mut self, line: &Line) {
        let now = line.moment;
        self.expected.clear();
        self.known(&line.facts);
        self.round.reads(line);
        let is_wrong = |fact: &Fact| matches!(fact, Fact::WrongCode { .. });
        self.is_said_to_be_wrong = line.facts.iter().any(is_wrong);
        match &line.event {
            Happening::Signal(signal) => self.signal(signal, now),
            Happening::Message(message) => self.message(message, now),
            // Nobody calls the modems of these sites, and their policies would not listen.
            Happening::Call(_) | Happening::Silenced(_) => {}
            // Nor do their modems learn anything.
            Happening::Learned(_) => {}
            // And no trap comes by SNMPv3.
            Happening::EngineNoted(_) => {}
            Happening::Command(command) => self.command(command, now),
            // Nobody tests anything there.
            Happening::Test(_) | Happening::TestSms(_) => {}
            Happening::Rostering(wish) => self.wish(wish, now),
            Happening::Swap(asked) => self.swap_command(asked, now),
            Happening::Quieten(request) => self.quieten(request, now),
            Happening::Delivery(delivery) => {
                let new = delivery
                    .identity
                    .is_none_or(|identity| self.heard.insert(identity, now.utc).is_none());
                if new {
                    self.never_arrived(&line.facts, now);
                }
            }
            Happening::Report(report) => {
                if let Attempt::Refused(_) = report.attempt {
                    self.hasten(report.notification.0, now);
                }
            }
            Happening::Own(own) => self.own_signal(own, now),
            Happening::Started(_) => self.started(now),
            Happening::Configured | Happening::Reloaded(_) => self.configured(now),
            Happening::Deadline => self.deadline(&line.facts, now),
            Happening::Pruned(_) => self.counts.pruned += 1,
            Happening::Missing(_) | Happening::Stopped => {}
        }
        self.causes_turn(now);
        self.take_back_what_waits();
        self.groups_stand(&line.facts);
        self.forget_the_past(&line.facts, now);
        self.came_of_it(&line.facts, now);
    }

    /// What was seen of all this.
    pub(crate) fn tally(&self) -> Tally {
        self.counts
    }

    fn known(&mut self, facts: &[Fact]) {
        for fact in facts {
            if let Fact::AlarmKnown { alarm, definition, key, is_test: _ } = fact {
                self.numbers.insert(*alarm, (definition.to_string(), key.to_string()));
            }
        }
    }

    fn signal(&mut self, signal: &Signal, now: Moment) {
        if let Some(identity) = signal.identity {
            let repeated = self.heard.get(&identity).is_some_and(|heard| {
                *heard <= now.utc && heard.until(now.utc) <= Duration::from_secs(600)
            });
            if repeated {
                return;
            }
            self.heard.insert(identity, now.utc);
        }
        let field = |name| match signal.fields.get(name) {
            Some(Value::Text(text)) => text.to_string(),
            Some(Value::Int(number)) => number.to_string(),
            other => panic!("a device says {name} = {other:?}"),
        };
        let (trap, key, level) = (field("trap"), field("ifIndex"), field("ifAdminStatus"));
        let parts: Vec<&str> = trap.rsplit('.').collect();
        let number: usize = parts[2].parse().expect("a definition's number");
        let Some(definition) =
            self.plan.definitions.iter().find(|known| known.number + 1 == number).cloned()
        else {
            return;
        };
        let priority = if level == "3" { Priority::Critical } else { Priority::High };
        let tag = (definition.name.to_owned(), key);
        if parts[0] == "1" {
            self.present(&tag, Cause::of(&definition, priority), now);
        } else {
            self.gone(&tag, definition.off_delay, now);
        }
    }

    /// All waits go on, on the clock of this boot.
    fn started(&mut self, now: Moment) {
        if let Some(plan) = self.coming.front() {
            self.plan = plan.clone();
        }
        for alarm in self.alarms.values_mut() {
            alarm.resume(now);
        }
        for talk in self.talks.values_mut() {
            talk.resume(now);
        }
        self.resume_groups(now);
        self.waits.resume(now);
        self.round.resume();
    }

    fn configured(&mut self, now: Moment) {
        if let Some(plan) = self.coming.pop_front() {
            self.plan = plan;
        }
        self.withdraw(now);
        self.look_at_groups(now);
    }

    /// What was given out and what was owed in this entry.
    fn came_of_it(&mut self, facts: &[Fact], now: Moment) {
        let mut called = BTreeSet::new();
        let looked_at = Self::looked_at(facts);
        for fact in facts {
            match fact {
                Fact::CodeDrawn { code, person, occurrence, run } => {
                    self.drawn(&code.to_string(), person.as_str(), *occurrence, *run);
                }
                Fact::Owed { notification } => {
                    let id = notification.id.0;
                    let person = notification.person.to_string();
                    if let (Purpose::Call | Purpose::Information, Some(about)) =
                        (notification.purpose, notification.occurrence)
                        && self.is_by_the_ladder(about)
                        && !looked_at.contains(&person)
                    {
                        called.insert((about, person.clone()));
                    }
                    let about = notification.about().map(|member| match notification.digest {
                        Some(_) => (member.occurrence, member.run),
                        None => (member.occurrence, self.run_of(Some(member.occurrence))),
                    });
                    let about = about.collect();
                    self.digested(notification);
                    self.notes.insert(id, Note::new(notification, about));
                }
                Fact::Storm(storming) => self.storming(storming, &mut called),
                Fact::Settled { notification, ending, why: _ } => {
                    self.worded_anew(*notification, *ending, now);
                    let gone = self.notes.remove(&notification.0);
                    gone.iter().for_each(|note| self.waits.ended(note, *ending));
                    assert!(
                        gone.is_some() || *ending == Ending::Cancelled,
                        "[what is owed ends once] {notification:?}"
                    );
                }
                Fact::Attempted { notification, .. } => {
                    self.note(notification.0, |note| {
                        (note.progress, note.attempted) = (Progress::Leaves, true);
                    });
                }
                Fact::Sent { notification, .. } => self.left(notification.0, now),
                Fact::Postponed { notification, may_have_left, .. } => {
                    self.postponed(notification.0, *may_have_left, now);
                }
                Fact::Released { notification } => self.released(notification.0),
                Fact::Resumed => self.notes_resume(now),
                _ => {}
            }
        }
        assert_eq!(
            called, self.expected,
            "[the calls are those of the ladder] called, and to be called, by {facts:?}"
        );
    }

    fn note(&mut self, id: u64, change: impl FnOnce(&mut Note)) {
        if let Some(note) = self.notes.get_mut(&id) {
            change(note);
        }
    }

    /// The ladder of a policy as the files have it now, with the last resort behind it.
    fn frozen(&self, name: &str) -> Option<(Policy, Option<Policy>)> {
        let policy = self.plan.policy(name)?.clone();
        let last = self.plan.policy(EVERYBODY).filter(|_| name != EVERYBODY).cloned();
        Some((policy, last))
    }
}
