//! What waits, and who may have read of what (behaviour §4, §5): what is asked anew is owed by nothing that waited for it, what
//! waits for the same makes another message needless, and what is worse than all that somebody was called about waits for
//! nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use vigie::watch::alarm::OccurrenceNumber;
use vigie::watch::notification::{Ending, Purpose};
use vigie::watch::site::Priority;
use vigie::watch::storm::Kind;
use vigie::watch::time::{Moment, Mono};

use super::ladder::{Note, Progress};
use super::{Model, Span};

/// `storm.window` of the sites.
const WINDOW: Duration = Duration::from_secs(600);
/// What is the worst may wait so long: the last message of a window is held for a minute, and the disk had to be waited for.
const LATE: Duration = Duration::from_secs(60 + 45);

/// What is gathered, and what left.
#[derive(Default)]
pub(super) struct Waiting {
    /// Who is told of what by the next digest, in which run and for what.
    pub(super) gathered: BTreeSet<(String, OccurrenceNumber, u32, Kind)>,
    /// Who may have read of what, in which run, by messages that are at their end.
    pub(super) read: BTreeSet<(String, OccurrenceNumber, u32)>,
    /// Whom calls of which priority have reached of late, or may have.
    called: Vec<(String, Priority, Span)>,
    /// Since when something is gathered that is worse than all that its person was called about.
    worst: BTreeMap<(String, OccurrenceNumber), Mono>,
}

impl Waiting {
    /// On the clock of another boot.
    pub(super) fn resume(&mut self, now: Moment) {
        self.called.iter_mut().for_each(|(.., until)| until.resume(now));
        self.called.retain(|(.., until)| until.mono > now.mono);
        self.worst.clear();
    }

    fn calls(&mut self, note: &Note, now: Moment) {
        if note.purpose == Purpose::Call {
            self.called.push((note.person.clone(), note.priority, Span::new(now, WINDOW)));
        }
    }

    fn reads(&mut self, note: &Note) {
        if matches!(note.purpose, Purpose::Call | Purpose::Information) {
            let about = note.about.iter();
            self.read.extend(about.map(|(number, run)| (note.person.clone(), *number, *run)));
        }
    }

    /// A message is at its end.
    pub(super) fn ended(&mut self, note: &Note, ending: Ending) {
        let may_have_left = note.progress == Progress::Left || note.doubted;
        if may_have_left && !matches!(ending, Ending::Refused | Ending::Expired) {
            self.reads(note);
        }
    }
}

impl Model {
    /// The network has it.
    pub(super) fn left(&mut self, id: u64, now: Moment) {
        let Some(note) = self.notes.get_mut(&id) else { return };
        note.progress = Progress::Left;
        if !std::mem::take(&mut note.doubted) {
            self.waits.calls(note, now);
        }
    }

    /// An attempt at it failed, or nobody knows how it ended.
    pub(super) fn postponed(&mut self, id: u64, may_have_left: bool, now: Moment) {
        let Some(note) = self.notes.get_mut(&id) else { return };
        (note.progress, note.doubted) = (Progress::Waits, may_have_left);
        if may_have_left {
            self.waits.calls(note, now);
        }
    }

    /// It is tried again: its person may have read it already.
    pub(super) fn released(&mut self, id: u64) {
        let Some(note) = self.notes.get_mut(&id) else { return };
        note.progress = Progress::Waits;
        if std::mem::take(&mut note.doubted) {
            self.waits.reads(note);
        }
    }

    /// After a restart nobody knows of what was under way whether it left.
    pub(super) fn notes_resume(&mut self, now: Moment) {
        for note in self.notes.values_mut().filter(|note| note.progress == Progress::Leaves) {
            (note.progress, note.doubted) = (Progress::Waits, true);
            self.waits.calls(note, now);
        }
    }

    /// No message that waits is owed any more for what was asked anew, or goes to others.
    pub(super) fn take_back_what_waits(&mut self) {
        let open = self.alarms.values_mut().filter_map(|alarm| alarm.open.as_mut());
        let anew: Vec<OccurrenceNumber> = open
            .filter_map(|open| std::mem::take(&mut open.taken_back).then_some(open.number))
            .collect();
        anew.into_iter().for_each(|number| self.taken_back(number));
    }

    /// It is asked anew, from the first step: no message that waits is owed for it any more.
    fn taken_back(&mut self, number: OccurrenceNumber) {
        self.waits.gathered.retain(|(_, gathered, ..)| *gathered != number);
        for note in self.notes.values_mut() {
            let lists = note.about.iter().any(|(about, _)| *about == number);
            if lists && note.is_digest && note.progress != Progress::Left {
                note.struck.insert(number);
            }
        }
    }

    /// While a message waits to leave that says the same, for the same, another would only repeat it.
    pub(super) fn waits_to_leave(
        &self,
        number: OccurrenceNumber,
        person: &str,
        run: u32,
        kind: Kind,
    ) -> bool {
        self.notes.values().any(|note| {
            note.about.contains(&(number, run))
                && !note.struck.contains(&number)
                && note.person == person
                && note.progress == Progress::Waits
                && note.kind == Some(kind)
        }) || self.waits.gathered.contains(&(person.to_owned(), number, run, kind))
    }

    /// Whether that person may have read of it in this run, or a message about it is on its way or waits.
    pub(super) fn was_told(&self, number: OccurrenceNumber, person: &str, run: u32) -> bool {
        let tells = |note: &Note| matches!(note.purpose, Purpose::Call | Purpose::Information);
        let gathered = [Kind::Ask, Kind::Confirm, Kind::Inform]
            .into_iter()
            .any(|kind| self.waits.gathered.contains(&(person.to_owned(), number, run, kind)));
        gathered
            || self.waits.read.contains(&(person.to_owned(), number, run))
            || self.notes.values().any(|note| {
                note.person == person && tells(note) && note.about.contains(&(number, run))
            })
    }

    /// The worst that this person is called about, or was within the window.
    fn worst_told(&self, person: &str, now: Moment) -> Option<Priority> {
        let called = self.waits.called.iter();
        let called = called.filter(|(who, _, until)| who == person && until.mono > now.mono);
        let waits = self.notes.values().filter(|note| {
            note.person == person
                && note.purpose == Purpose::Call
                && note.progress != Progress::Left
        });
        called.map(|(_, priority, _)| *priority).chain(waits.map(|note| note.priority)).max()
    }

    /// Nothing that is worse than all that its person is called about waits for less bad messages.
    pub(super) fn the_worst_waits_for_nothing(&mut self, now: Moment) {
        let mut worst = BTreeMap::new();
        for (person, number, run, kind) in &self.waits.gathered {
            let phone =
                self.plan.people.iter().any(|(name, phone)| name == person && phone.is_some());
            let asks = matches!(kind, Kind::Ask | Kind::Confirm);
            if !phone || !asks || !self.still_asks(*number, *run, person, *kind) {
                continue;
            }
            let open = self.open.get(number).and_then(|tag| self.alarms.get(tag)?.open.as_ref());
            let priority = open.expect("it asks").priority;
            if self.worst_told(person, now).is_none_or(|told| priority > told) {
                let entry = (person.clone(), *number);
                let since = self.waits.worst.get(&entry).copied().unwrap_or(now.mono);
                let waits = since.until(now.mono);
                assert!(
                    waits <= LATE,
                    "[the worst waits for nothing] {person} is not told of {number:?} for {waits:?}"
                );
                worst.insert(entry, since);
            }
        }
        self.waits.worst = worst;
    }
}
