//! A snapshot: the watch's state in pieces, so that a start need not fold the whole journal, and
//! neither writing nor reading it needs the memory twice.
//!
//! A snapshot plus the rest of the journal equals the whole journal; a test proves it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::alarm::{Alarm, PolicyNumber};
use super::codes::{Binding, Code};
use super::drills;
use super::engines::Engines;
use super::escalation::FrozenPolicy;
use super::faults::Reason;
use super::heartbeats::Kept;
use super::life_sign::LifeSigns;
use super::modems::Remembered;
use super::name::{DefinitionName, InputName, PersonId, SwapGroup};
use super::notification::Notification;
use super::own_alarms::SelfAlarm;
use super::paths::Passage;
use super::reports::Reporting;
use super::roster::Roster;
use super::signal::Identity;
use super::site::PhoneNumber;
use super::state::{Conversation, Counters, State, Unclaimed};
use super::storm::Saved;
use super::suppression::Mark;
use super::swap::{Standing, Swapping};
use super::testing::sms::SmsTests;
use super::time::{Moment, Utc, Wait};
use super::unreached::Row;

/// One piece of a snapshot; a piece is small, and their order does not matter but for `Heard` and `Drill`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// Totals, and the moment of the latest decision.
    Counters(Counters, Option<Moment>),
    /// A frozen policy, and whether it is the one that stands in the files.
    Policy(PolicyNumber, Arc<FrozenPolicy>, bool),
    /// An alarm with what stands of it.
    Alarm(Box<Alarm>),
    /// A message that is owed, or whose report is awaited.
    Notification(Arc<Notification>),
    /// A code and what it stands for.
    Code(Code, Binding),
    /// What is remembered of a number.
    #[serde(rename = "number")]
    Conversation(PhoneNumber, Talk),
    /// Identities of what was heard, the oldest first.
    Heard(Vec<(Identity, Utc)>),
    /// A group of unclaimed signals.
    Unclaimed(Arc<str>, Box<Unclaimed>),
    /// A fault that Vigie has found in itself, and why; a snapshot of before November 27, 2026 does not say why.
    Own(SelfAlarm, Arc<str>, #[serde(default)] Option<Reason>),
    /// What is remembered of a modem.
    Modem(InputName, Remembered),
    /// What is remembered of the SNMP engines of an input.
    Engines(InputName, Box<Engines>),
    /// What is known of a modem's path.
    Path(InputName, Passage),
    /// What people have changed of the schedules.
    Roster(Box<Roster>),
    /// What is gathered of the messages to a person, or a part of it.
    Storm(Saved),
    /// How a group of alarms that is swapped stands.
    Swap(SwapGroup, Standing),
    /// Whom messages do not reach.
    Unreached(PersonId, Row),
    /// When a drill is held, or who answered one.
    Drill(Box<drills::Kept>),
    /// How the network of a modem reports.
    Reporting(InputName, Reporting),
    /// When people are told next that Vigie watches.
    LifeSign(LifeSigns),
    /// What became of the latest test messages.
    SmsTests(SmsTests),
    /// A definition of which all alarms are out of service.
    OutOfService(DefinitionName, Mark),
    /// When what is out of service is listed next.
    List(Wait),
    /// What must be heard: one key of one definition, or the whole of it.
    Heartbeat(Box<Kept>),
}

/// What is remembered of a number, wrapped: its inside is the state's own.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Talk(Conversation);

impl State {
    /// The pieces of a snapshot, in the same order for the same state.
    pub fn pieces(&self) -> impl Iterator<Item = Piece> {
        let policies = self.policies.iter().map(|(number, policy)| {
            let current = self.current.get(&policy.name) == Some(number);
            Piece::Policy(*number, Arc::clone(policy), current)
        });
        let mut alarms: Vec<&Alarm> = self.alarms.values().collect();
        alarms.sort_unstable_by_key(|alarm| alarm.number);
        let alarms = alarms.into_iter().map(|alarm| Piece::Alarm(Box::new(alarm.clone())));
        let owed = self.notifications.values().map(|owed| Piece::Notification(Arc::clone(owed)));
        let mut codes: Vec<(Code, &Binding)> = self.codes.iter().collect();
        codes.sort_unstable_by_key(|(code, _)| *code);
        let codes = codes.into_iter().map(|(code, binding)| Piece::Code(code, binding.clone()));
        let talks = self
            .conversations
            .iter()
            .map(|(number, talk)| Piece::Conversation(number.clone(), Talk(talk.clone())));
        let unclaimed = self
            .unclaimed
            .iter()
            .map(|(group, known)| Piece::Unclaimed(Arc::clone(group), Box::new(known.clone())));
        let own = self.own.iter().map(|((alarm, subject), reason)| {
            Piece::Own(*alarm, Arc::clone(subject), reason.clone())
        });
        let modems =
            self.modems.iter().map(|(name, known)| Piece::Modem(name.clone(), known.clone()));
        let engines = self
            .engines
            .iter()
            .map(|(name, known)| Piece::Engines(name.clone(), Box::new(known.clone())));
        let paths =
            self.passages.iter().map(|(from, passage)| Piece::Path(from.clone(), passage.clone()));
        let swaps = self.swaps.iter();
        let swaps = swaps.map(|(group, standing)| Piece::Swap(group.clone(), standing.clone()));
        let unreached = self.unreached.iter();
        let unreached =
            unreached.map(|(person, row)| Piece::Unreached(person.clone(), row.clone()));
        let reports = self.reports.iter();
        let reports = reports.map(|(by, known)| Piece::Reporting(by.clone(), known.clone()));
        let out = self.quiet.definitions();
        let out = out.map(|(name, mark)| Piece::OutOfService(name.clone(), mark.clone()));
        std::iter::once(Piece::Counters(self.counters, self.latest))
            .chain(policies)
            .chain(alarms)
            .chain(owed)
            .chain(codes)
            .chain(talks)
            .chain(std::iter::once_with(|| Piece::Heard(self.heard.iter().collect())))
            .chain(unclaimed)
            .chain(own)
            .chain(modems)
            .chain(engines)
            .chain(paths)
            .chain(std::iter::once_with(|| Piece::Roster(self.roster.clone())))
            .chain(self.saved_storms().map(Piece::Storm))
            .chain(swaps)
            .chain(unreached)
            .chain(self.drills.kept().map(|kept| Piece::Drill(Box::new(kept))))
            .chain(reports)
            .chain(self.life_signs.kept().map(Piece::LifeSign))
            .chain(self.sms_tests.kept().map(Piece::SmsTests))
            .chain(out)
            .chain(self.quiet.next_list().map(Piece::List))
            .chain(self.heartbeats.kept().map(|kept| Piece::Heartbeat(Box::new(kept))))
    }

    /// Takes a piece in; the pieces of one snapshot make up the state that it was taken of.
    pub fn absorb(&mut self, piece: Piece) {
        match piece {
            Piece::Counters(counters, latest) => {
                self.counters = counters;
                self.latest = latest;
            }
            Piece::Policy(number, policy, current) => {
                if current {
                    self.current.insert(policy.name.clone(), number);
                }
                self.policies.insert(number, policy);
            }
            Piece::Alarm(alarm) => self.absorb_alarm(*alarm),
            Piece::Notification(owed) => {
                let id = owed.id;
                for member in owed.about() {
                    self.file_under(member.occurrence, id);
                }
                self.notifications.insert(id, owed);
                self.requeue_notification(id);
            }
            Piece::Code(code, binding) => self.codes.bind(code, binding),
            Piece::Conversation(number, Talk(talk)) => {
                self.on_number(&number, |known| *known = talk)
            }
            Piece::Heard(identities) => {
                identities.into_iter().for_each(|(identity, at)| self.heard.hear(identity, at))
            }
            Piece::Unclaimed(group, known) => {
                self.unclaimed.insert(group, *known);
            }
            Piece::Own(alarm, subject, reason) => {
                self.own.insert((alarm, subject), reason);
            }
            Piece::Swap(group, standing) => {
                self.take_swapping(&Swapping::Group { group, standing: Some(standing) });
            }
            Piece::Path(from, passage) => {
                self.passages.insert(from.clone(), passage);
                self.on_passage(&from, |_| {});
            }
            Piece::Roster(roster) => self.on_roster(|known| known.absorb(*roster)),
            Piece::Unreached(person, row) => {
                self.unreached.insert(person, row);
            }
            Piece::Drill(kept) => self.absorb_drill(*kept),
            Piece::Reporting(by, known) => {
                self.reports.insert(by, known);
            }
            Piece::LifeSign(kept) => self.absorb_life_sign(kept),
            Piece::SmsTests(kept) => self.sms_tests = kept,
            Piece::Storm(saved) => self.absorb_storm(saved),
            Piece::List(next) => self.plan_list(Some(next)),
            Piece::OutOfService(definition, mark) => self.quiet.absorb(definition, mark),
            Piece::Heartbeat(kept) => self.absorb_heartbeat(*kept),
            Piece::Modem(name, known) => {
                self.modems.insert(name, known);
            }
            Piece::Engines(name, known) => {
                self.engines.insert(name, *known);
            }
        }
    }

    fn absorb_alarm(&mut self, alarm: Alarm) {
        let number = alarm.number;
        self.find_by_key(&alarm);
        if let Some(open) = &alarm.open {
            self.open.insert(open.number, number);
        }
        self.alarms.insert(number, alarm);
        self.absorb_quiet(number);
        self.on_alarm(number, |_| {});
        self.remember_or_forget(number);
    }
}
