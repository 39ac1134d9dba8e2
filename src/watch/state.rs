//! What the watch knows: the fold of the journal's decisions, and nothing else.
//!
//! It changes only by taking a decision in (`fold.rs`), so that replay, snapshot and run time
//! cannot differ. Its memory is bounded: what nobody needs any more is forgotten, oldest first.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::alarm::{Alarm, AlarmNumber, Occurrence, OccurrenceNumber, PolicyNumber};
use super::busy::Busy;
use super::codes::Codes;
use super::drills::Drills;
use super::engines::Engines;
use super::escalation::FrozenPolicy;
use super::event::Delivery;
use super::faults::Reason;
use super::heard::Heard;
use super::heartbeats::{Heartbeats, Voice};
use super::life_sign::LifeSigns;
use super::modems::Remembered;
use super::name::{DefinitionName, DrillName, InputName, PersonId, PolicyName, SwapGroup};
use super::notification::{Notification, NotificationId, Progress, Purpose};
use super::own_alarms::SelfAlarm;
use super::paths::Passage;
use super::reports::Reporting;
use super::roster::Roster;
use super::signal::Signal;
use super::site::PhoneNumber;
use super::storm::Storms;
use super::suppression::Suppressions;
use super::swap::Groups;
use super::testing::sms::SmsTests;
use super::time::{Moment, Mono, Utc, Wait};
use super::unreached::Row;

/// Of so many alarms that are normal again the last occurrence is remembered; older ones are in
/// the journal only.
pub(super) const NORMAL_LIMIT: usize = 20_000;
/// So many groups of unclaimed signals are shown.
pub(super) const UNCLAIMED_LIMIT: usize = 256;
/// A number is locked out at this many wrong codes in ten minutes, and explained to at most so
/// many times an hour (behaviour §6); and it gets so many test messages an hour.
pub(super) const PATIENCE: usize = 5;
/// A number is locked out at this many wrong codes in a day as well, and so many of the whole site in an hour are an alarm.
pub(super) const LONG_PATIENCE: usize = 10;

/// What the watch knows.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct State {
    pub(super) alarms: HashMap<AlarmNumber, Alarm>,
    pub(super) by_key: HashMap<DefinitionName, HashMap<Arc<str>, AlarmNumber>>,
    /// The alarms that stand for tests of others: by what those are found.
    pub(super) tests: BTreeMap<(DefinitionName, Arc<str>), AlarmNumber>,
    pub(super) open: BTreeMap<OccurrenceNumber, AlarmNumber>,
    pub(super) normal: BTreeSet<(Utc, AlarmNumber)>,
    /// How many of those are each definition's.
    pub(super) normal_of: HashMap<DefinitionName, usize>,
    /// Shared with the outbox: what waits in both stands in memory once.
    pub(super) notifications: BTreeMap<NotificationId, Arc<Notification>>,
    /// Which are about which occurrence: one set, since most occurrences have but one.
    pub(super) about: BTreeSet<(OccurrenceNumber, NotificationId)>,
    /// Made of the alarms, as they change.
    pub(super) busy: Busy,
    pub(super) codes: Codes,
    pub(super) policies: BTreeMap<PolicyNumber, Arc<FrozenPolicy>>,
    pub(super) current: BTreeMap<PolicyName, PolicyNumber>,
    pub(super) conversations: BTreeMap<PhoneNumber, Conversation>,
    pub(super) heard: Heard,
    pub(super) unclaimed: BTreeMap<Arc<str>, Unclaimed>,
    /// What stands in Vigie's own house, and why; `None`: recorded before reasons were.
    pub(super) own: BTreeMap<(SelfAlarm, Arc<str>), Option<Reason>>,
    /// As many as the files ever named.
    pub(super) modems: BTreeMap<InputName, Remembered>,
    /// What is remembered of the SNMP engines of each input.
    pub(super) engines: BTreeMap<InputName, Engines>,
    /// By the modem that sends.
    pub(super) passages: BTreeMap<InputName, Passage>,
    /// What people have changed of the schedules.
    pub(super) roster: Box<Roster>,
    /// The messages to each person: what left of late, and what is gathered.
    pub(super) storms: Box<Storms>,
    pub(super) swaps: Groups,
    /// When drills are held, and who has answered.
    pub(super) drills: Drills,
    /// When people are told next that Vigie watches.
    pub(super) life_signs: LifeSigns,
    /// What became of the latest test messages.
    pub(super) sms_tests: SmsTests,
    /// How the networks report; by the modem.
    pub(super) reports: BTreeMap<InputName, Reporting>,
    /// Whom messages do not reach.
    pub(super) unreached: BTreeMap<PersonId, Row>,
    /// What is kept quiet on purpose; apart, since the state is handed about.
    pub(super) quiet: Box<Suppressions>,
    /// What must be heard every so often.
    pub(super) heartbeats: Heartbeats,
    pub(super) counters: Counters,
    pub(super) deadlines: BTreeSet<(Mono, Owner)>,
    pub(super) latest: Option<Moment>,
}

/// The last number of each kind that was given out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Counters {
    pub(super) alarm: u64,
    /// Occurrences; so many were opened, ever.
    pub occurrence: u64,
    /// Notifications; so many came to be owed, ever.
    pub notification: u64,
    pub(super) policy: u32,
    /// Signals that no definition claimed, ever.
    pub unclaimed: u64,
    /// Keys and texts that were longer than allowed, and cut, ever.
    #[serde(default)]
    pub cut: u64,
}

/// Whose deadline it is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Owner {
    /// First: what falls due at the same instant goes where its group stands then.
    Swap(SwapGroup),
    Alarm(AlarmNumber),
    Notification(NotificationId),
    Number(PhoneNumber),
    Path(InputName),
    Roster,
    Storm(PersonId),
    List,
    LifeSign,
    Heartbeat(Voice, Option<Arc<str>>),
    Drill(DrillName),
}

/// What is remembered of the short messages of one number.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(super) struct Conversation {
    /// When it sent wrong codes, of late.
    pub(super) wrong: Vec<Utc>,
    /// When it was told that it was not understood, of late.
    pub(super) explained: Vec<Utc>,
    /// When its questions were answered, of late.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) answered: Vec<Utc>,
    /// When it was owed test messages, of late.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) tested: Vec<Utc>,
    /// Until when it is not listened to.
    pub(super) locked: Option<Wait>,
    #[serde(skip)]
    pub(super) queued: Option<Mono>,
}

/// Signals alike that no definition claims.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Unclaimed {
    /// How many.
    pub count: u64,
    /// When the first came.
    pub first: Utc,
    /// When the latest came.
    pub last: Utc,
    /// The first of them.
    pub sample: Box<Signal>,
    /// Why the definition that selected it could not read it; `None`: none selected it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Arc<str>>,
}

impl State {
    /// All alarms of which anything is remembered, in no order.
    pub fn alarms(&self) -> impl Iterator<Item = &Alarm> {
        self.alarms.values()
    }

    /// All alarms that have an open occurrence, the oldest first.
    pub fn standing(&self) -> impl Iterator<Item = (&Alarm, &Occurrence)> {
        self.open.values().filter_map(|number| {
            let alarm = self.alarms.get(number)?;
            Some((alarm, alarm.open.as_deref()?))
        })
    }

    /// How many alarms have an open occurrence.
    pub fn standing_count(&self) -> usize {
        self.open.len()
    }

    /// The alarm of that definition and key, if anything is remembered of it.
    pub fn alarm(&self, definition: &str, key: &str) -> Option<&Alarm> {
        self.alarms.get(self.by_key.get(definition)?.get(key)?)
    }

    /// The alarm of that number, if anything is remembered of it.
    pub fn alarm_numbered(&self, number: AlarmNumber) -> Option<&Alarm> {
        self.alarms.get(&number)
    }

    /// How many things are remembered: by this a snapshot's size is measured.
    pub fn size(&self) -> usize {
        self.alarms
            .len()
            .saturating_add(self.notifications.len())
            .saturating_add(self.heard.len() / 64)
    }

    /// The alarm whose open occurrence has that number.
    pub fn alarm_of(&self, occurrence: OccurrenceNumber) -> Option<&Alarm> {
        self.alarms.get(self.open.get(&occurrence)?)
    }

    /// The open occurrence of that number.
    pub fn occurrence(&self, number: OccurrenceNumber) -> Option<&Occurrence> {
        self.alarm_of(number)?.open.as_deref()
    }

    /// Whether Vigie has found this fault in itself, and not yet that it is gone.
    pub fn stands(&self, alarm: SelfAlarm, subject: &str) -> bool {
        self.fault(alarm, subject).is_some()
    }

    /// Why this fault stands, if it does and that is known.
    pub(super) fn fault(&self, alarm: SelfAlarm, subject: &str) -> Option<Option<&Reason>> {
        self.own.get(&(alarm, Arc::from(subject))).map(Option::as_ref)
    }

    /// To what this fault stands.
    pub fn subjects(&self, alarm: SelfAlarm) -> impl Iterator<Item = &str> {
        let all = self.own.range((alarm, Arc::from(""))..).map(|(fault, _)| fault);
        all.take_while(move |(known, _)| *known == alarm).map(|(_, about)| &**about)
    }

    /// What is known of the path of a modem that the files try.
    pub fn passage(&self, from: &InputName) -> Option<&Passage> {
        self.passages.get(from)
    }

    /// When drills are held, and who has answered.
    pub fn drills(&self) -> &Drills {
        &self.drills
    }

    /// When people are told next that Vigie watches.
    pub fn life_signs(&self) -> &LifeSigns {
        &self.life_signs
    }

    /// What must be heard every so often.
    pub fn heartbeats(&self) -> &Heartbeats {
        &self.heartbeats
    }

    /// What is remembered of the SNMP engines of an input.
    pub fn engines(&self, input: &InputName) -> Engines {
        self.engines.get(input).cloned().unwrap_or_default()
    }

    /// What is remembered of a modem.
    pub fn modem(&self, name: &InputName) -> Remembered {
        self.modems.get(name).cloned().unwrap_or_default()
    }

    /// The notification of that number, while it is owed or its report is awaited.
    pub fn notification(&self, id: NotificationId) -> Option<&Notification> {
        self.notifications.get(&id).map(Arc::as_ref)
    }

    /// The same, to be held by another as well.
    pub fn owed(&self, id: NotificationId) -> Option<Arc<Notification>> {
        self.notifications.get(&id).cloned()
    }

    /// All notifications that are owed or whose report is awaited, the oldest first.
    pub fn notifications(&self) -> impl Iterator<Item = &Notification> {
        self.notifications.values().map(Arc::as_ref)
    }

    /// Those about one occurrence.
    pub(super) fn notifications_about(
        &self,
        occurrence: OccurrenceNumber,
    ) -> impl Iterator<Item = &Notification> {
        let (first, last) = (NotificationId(0), NotificationId(u64::MAX));
        self.about
            .range((occurrence, first)..=(occurrence, last))
            .filter_map(|(_, notification)| self.notifications.get(notification).map(Arc::as_ref))
    }

    /// On which notification that is the network's word: the latest that this modem sent to that
    /// number under that reference, or else one of which nobody knows under which.
    pub(super) fn notification_reported(&self, delivery: &Delivery) -> Option<&Notification> {
        let to_them = || {
            let all = self.notifications.values().rev().map(Arc::as_ref);
            all.filter(|owed| owed.phone == delivery.recipient)
        };
        let sent = |owed: &&Notification| match &owed.state {
            Progress::Sent(sent) => {
                sent.by == delivery.by && sent.references.contains(&delivery.reference)
            }
            Progress::Queued
            | Progress::Postponed(_)
            | Progress::Sending { .. }
            | Progress::Doubtful(_) => false,
        };
        let doubtful = |owed: &&Notification| match &owed.state {
            Progress::Doubtful(doubt) => doubt.is_resolved_by(delivery),
            Progress::Queued
            | Progress::Postponed(_)
            | Progress::Sending { .. }
            | Progress::Sent(_) => false,
        };
        to_them().find(sent).or_else(|| to_them().find(doubtful))
    }

    /// Those whom information about the occurrence has yet to leave for, and who have not read of
    /// it: information always goes out.
    pub(super) fn still_to_be_informed(&self, open: &Occurrence) -> Vec<PersonId> {
        let readers = self.readers(open);
        self.notifications_about(open.number)
            .filter(|owed| owed.purpose == Purpose::Information && owed.has_yet_to_leave())
            .map(|owed| owed.person.clone())
            .filter(|person| !readers.contains(person))
            .collect()
    }

    /// Those who may have read of the occurrence, or are being told of it right now, in the order
    /// in which they were called.
    pub(super) fn readers(&self, open: &Occurrence) -> Vec<PersonId> {
        let mut readers: Vec<PersonId> = open
            .told
            .iter()
            .filter(|told| told.was_reached())
            .map(|told| told.person.clone())
            .collect();
        for owed in self.notifications_about(open.number) {
            if owed.purpose.tells() && owed.is_leaving() && !readers.contains(&owed.person) {
                readers.push(owed.person.clone());
            }
        }
        readers
    }

    /// Notes that a notification is about an occurrence; they are kept by number, however they came.
    pub(super) fn file_under(&mut self, occurrence: OccurrenceNumber, id: NotificationId) {
        self.about.insert((occurrence, id));
    }

    /// A policy as it was frozen.
    pub fn policy(&self, number: PolicyNumber) -> Option<Arc<FrozenPolicy>> {
        self.policies.get(&number).cloned()
    }

    /// The number under which a policy of the files is frozen now.
    pub(super) fn current_policy(&self, name: &PolicyName) -> Option<PolicyNumber> {
        self.current.get(name).copied()
    }

    pub(super) fn codes(&self) -> &Codes {
        &self.codes
    }

    /// Groups of signals that nobody claimed.
    pub fn unclaimed(&self) -> impl Iterator<Item = &Unclaimed> {
        self.unclaimed.values()
    }

    /// Totals.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// The moment of the latest decision.
    pub fn latest(&self) -> Option<Moment> {
        self.latest
    }

    pub(super) fn last_notification(&self) -> u64 {
        self.counters.notification
    }

    pub(super) fn last_occurrence(&self) -> u64 {
        self.counters.occurrence
    }

    pub(super) fn last_alarm(&self) -> u64 {
        self.counters.alarm
    }

    pub(super) fn last_policy(&self) -> u32 {
        self.counters.policy
    }

    /// The earliest deadline.
    pub(super) fn earliest(&self) -> Option<&(Mono, Owner)> {
        self.deadlines.first()
    }
}
