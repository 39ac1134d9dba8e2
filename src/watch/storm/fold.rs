//! What decisions change of what is gathered, of what waits, and of the codes of digests.

use std::collections::BTreeMap;

use super::{ANSWERABLE, Gathered, Heard, INFORMED, Kind, Left, Member, News, Piece, Saved};
use super::{Storming, Storms, Stream, pace};
use crate::watch::alarm::OccurrenceNumber;
use crate::watch::codes::{Binding, Code};
use crate::watch::name::PersonId;
use crate::watch::notification::{Ending, Notification, NotificationId, Progress};
use crate::watch::state::State;
use crate::watch::time::{Moment, Utc, Wait};

/// So many messages that left are remembered of one person at most.
const REMEMBERED: usize = 1_024;
/// So many entries stand in one piece of a snapshot.
const TOGETHER: usize = 1_024;

impl State {
    pub(in crate::watch) fn storming(&mut self, fact: &Storming, now: Moment) {
        match fact {
            Storming::Gathered { person, kind, alarm, occurrence, run, within, held, due } => {
                self.on_stream(person, |stream| {
                    if !stream.gathers_anything() {
                        // What was taken back, and is gathered again, is not held anew.
                        let on = stream.held.filter(|held| held.mono > now.mono);
                        (stream.held, stream.within) = (Some(on.unwrap_or(*held)), None);
                    }
                    let entry = Gathered { alarm: *alarm, run: *run };
                    stream.gather(*kind, *occurrence, entry);
                    stream.within = [stream.within, *within].into_iter().flatten().min();
                    stream.looks_at(*due);
                });
            }
            Storming::Heard { person, occurrence, news, due } => self.on_stream(person, |stream| {
                stream.hear(news, *occurrence);
                stream.looks_at(*due);
            }),
            Storming::Due { person, due } => self.on_stream(person, |stream| stream.due = *due),
            Storming::Left { person, priority, until } => self.on_stream(person, |stream| {
                while stream.left.len() >= REMEMBERED
                    || stream.left.front().is_some_and(|left| left.until.mono <= now.mono)
                {
                    stream.left.pop_front();
                }
                stream.left.push_back(Left { until: *until, priority: *priority });
            }),
            Storming::Withdrawn { occurrence, kinds } => self.withdraw(*occurrence, kinds),
            Storming::Struck { notification, occurrences } => {
                self.strike(*notification, occurrences);
            }
            Storming::Swept { person, kind } => self.swept(person, *kind),
            Storming::Told { person } => self.on_stream(person, |stream| stream.news.clear()),
            Storming::Dropped { person } => self.on_stream(person, |stream| {
                stream.gathered.clear();
                stream.news.clear();
                (stream.more, stream.due) = (0, None);
            }),
        }
    }

    /// What is of no use to its person any more is not gathered any more.
    fn swept(&mut self, person: &PersonId, kind: Kind) {
        let stream = self.storms.people.get_mut(person);
        let Some(entries) = stream.and_then(|stream| stream.gathered.remove(&kind)) else { return };
        let still = entries.into_iter().filter(|(occurrence, entry)| {
            let member = Member { occurrence: *occurrence, run: entry.run };
            match kind {
                // What it was about may be forgotten.
                Kind::Inform => self.alarm_numbered(entry.alarm).is_some(),
                Kind::Ask | Kind::Confirm | Kind::Remind => self.still_tells(kind, person, member),
            }
        });
        let still: BTreeMap<OccurrenceNumber, Gathered> = still.collect();
        self.on_stream(person, |stream| {
            if !still.is_empty() {
                stream.gathered.insert(kind, still);
            }
            if !stream.gathers_anything() {
                (stream.within, stream.held) = (None, None);
            }
        });
    }

    fn on_stream(&mut self, person: &PersonId, change: impl FnOnce(&mut Stream)) {
        let stream = match self.storms.people.get_mut(person) {
            Some(stream) => stream,
            None => self.storms.people.entry(person.clone()).or_default(),
        };
        change(stream);
        self.requeue_stream(person);
    }

    /// Something is owed: what it tells is not gathered any more, and it counts while it waits.
    pub(in crate::watch) fn owed_in_storm(&mut self, owed: &Notification, now: Utc) {
        let Some(kind) = owed.kind() else { return };
        let Some(stream) = self.storms.people.get_mut(&owed.person) else { return };
        owed.about().for_each(|member| stream.forget(kind, member.occurrence));
        let Some(digest) = &owed.digest else { return };
        if kind == Kind::Inform {
            stream.more = 0;
        }
        let Some(code) = digest.code else { return };
        if stream.replaced == Some(code) {
            stream.replaced = None;
        }
        stream.codes.retain(|known| *known != code);
        stream.codes.push(code);
        let Some(first) = digest.members.first() else { return };
        self.codes.bind(
            code,
            Binding {
                person: owed.person.clone(),
                occurrence: first.occurrence,
                run: first.run,
                died: None,
                listed: Some(std::sync::Arc::clone(&digest.members)),
            },
        );
        self.bury_digests(&owed.person, now);
    }

    /// The codes of digests of which nothing stands any more die, and of too many the oldest.
    fn bury_digests(&mut self, person: &PersonId, now: Utc) {
        let Some(stream) = self.storms.people.get(person) else { return };
        let (live, mut dead): (Vec<Code>, Vec<Code>) =
            stream.codes.iter().partition(|code| self.lives(**code, now));
        dead.extend(live.iter().take(live.len().saturating_sub(ANSWERABLE)));
        if let Some(stream) = self.storms.people.get_mut(person) {
            stream.codes.retain(|code| !dead.contains(code));
        }
        for code in dead {
            self.codes.kill(code, now);
        }
    }

    /// Whether any of those that the code of a digest stands for is still in that run.
    fn lives(&self, code: Code, now: Utc) -> bool {
        let binding = self.codes.binding(code, now).filter(|binding| binding.died.is_none());
        let listed = binding.and_then(|binding| binding.listed.as_deref());
        listed.is_some_and(|listed| listed.iter().any(|member| self.stands_in(*member)))
    }

    /// Whether the occurrence is open, and in that run.
    pub(in crate::watch) fn stands_in(&self, member: Member) -> bool {
        self.occurrence(member.occurrence).is_some_and(|open| open.run == member.run)
    }

    /// A message that could still be worded anew was: its code lives on for a while, for it may have left.
    pub(in crate::watch) fn settled_in_storm(
        &mut self,
        owed: &Notification,
        ending: Ending,
        now: Utc,
    ) {
        self.waits_no_longer(owed);
        let code = owed.digest.as_ref().and_then(|digest| digest.code);
        let Some(code) = code.filter(|_| ending == Ending::Cancelled && owed.attempts == 0) else {
            return;
        };
        let Some(stream) = self.storms.people.get_mut(&owed.person) else { return };
        if let Some(former) = stream.replaced.replace(code).filter(|former| *former != code) {
            stream.codes.retain(|known| *known != former);
            self.codes.kill(former, now);
        }
    }

    fn waits_no_longer(&mut self, owed: &Notification) {
        let Some(stream) = self.storms.people.get_mut(&owed.person) else { return };
        if stream.waiting.remove(&owed.id) {
            self.storms.parts = self.storms.parts.saturating_sub(pace::parts(&owed.text));
        }
    }

    /// A message counts while it waits to leave, or is leaving.
    pub(in crate::watch) fn mind_waiting(&mut self, id: NotificationId) {
        let Some(owed) = self.notifications.get(&id).filter(|owed| owed.counts()).cloned() else {
            return;
        };
        match owed.state {
            Progress::Queued | Progress::Postponed(_) | Progress::Sending { .. } => {
                let stream = match self.storms.people.get_mut(&owed.person) {
                    Some(stream) => stream,
                    None => self.storms.people.entry(owed.person.clone()).or_default(),
                };
                if stream.waiting.insert(id) {
                    self.storms.parts = self.storms.parts.saturating_add(pace::parts(&owed.text));
                }
            }
            Progress::Doubtful(_) | Progress::Sent(_) => self.waits_no_longer(&owed),
        }
    }

    /// Nobody is asked any more about what is over.
    pub(in crate::watch) fn closed_in_storm(&mut self, occurrence: OccurrenceNumber) {
        self.withdraw(occurrence, &Kind::ASKING);
        let idle = self.storms.people.values_mut().filter(|stream| !stream.gathers_anything());
        idle.for_each(|stream| (stream.within, stream.held) = (None, None));
    }

    /// All waits on the clock of this boot.
    pub(in crate::watch) fn resume_storms(&mut self, now: Moment) {
        let people: Vec<PersonId> = self.storms.people.keys().cloned().collect();
        let resumed = |wait: &mut Wait| *wait = wait.resumed(now);
        for person in people {
            self.on_stream(&person, |stream| {
                stream.left.iter_mut().for_each(|left| resumed(&mut left.until));
                // What is over is so for good, whatever time the wall clock shows at the next start.
                stream.left.retain(|left| left.until.mono > now.mono);
                stream.held.iter_mut().for_each(resumed);
                stream.due.iter_mut().for_each(resumed);
                if stream.gathers_anything() && stream.due.is_none() {
                    stream.due = Some(now.at_once());
                }
            });
        }
    }

    /// The pieces of a snapshot.
    pub(in crate::watch) fn saved_storms(&self) -> impl Iterator<Item = Saved> {
        let streams = self.storms.people.iter().flat_map(|(person, stream)| {
            let whole = Piece::Stream(person.clone(), Box::new(stream.clone_but_gathered()));
            let gathered = stream.gathered.iter().flat_map(move |(kind, entries)| {
                let entries: Vec<_> =
                    entries.iter().map(|(number, entry)| (*number, *entry)).collect();
                let kind = *kind;
                let pieces: Vec<Vec<_>> = entries.chunks(TOGETHER).map(<[_]>::to_vec).collect();
                pieces.into_iter().map(move |part| Piece::Gathered(person.clone(), kind, part))
            });
            std::iter::once(whole).chain(gathered)
        });
        let pace = self.storms.pace.iter().map(|(modem, each)| Piece::Pace(modem.clone(), *each));
        streams.chain(pace).map(Saved)
    }

    /// Takes a piece of a snapshot in.
    pub(in crate::watch) fn absorb_storm(&mut self, Saved(piece): Saved) {
        match piece {
            Piece::Stream(person, stream) => {
                let known = self.storms.people.entry(person.clone()).or_default();
                let (gathered, waiting) =
                    (std::mem::take(&mut known.gathered), std::mem::take(&mut known.waiting));
                *known = Stream { gathered, waiting, queued: known.queued, ..*stream };
                self.requeue_stream(&person);
            }
            Piece::Gathered(person, kind, entries) => {
                let stream = self.storms.people.entry(person).or_default();
                stream.gathered.entry(kind).or_default().extend(entries);
            }
            Piece::Pace(modem, each) => {
                self.storms.pace.insert(modem, each);
            }
        }
    }
}

impl Stream {
    /// The occurrence is not gathered any more.
    pub(super) fn forget(&mut self, kind: Kind, occurrence: OccurrenceNumber) {
        let Some(entries) = self.gathered.get_mut(&kind) else { return };
        entries.remove(&occurrence);
        if entries.is_empty() {
            self.gathered.remove(&kind);
        }
    }

    /// What is gathered is looked at then, if not before.
    fn looks_at(&mut self, due: Option<Wait>) {
        self.due = [self.due, due].into_iter().flatten().min_by_key(|due| due.mono);
    }

    fn hear(&mut self, news: &News, occurrence: OccurrenceNumber) {
        match self.news.iter_mut().find(|heard| heard.news == *news) {
            Some(heard) => (heard.count, heard.last) = (heard.count.saturating_add(1), occurrence),
            None => self.news.push(Heard { news: news.clone(), count: 1, last: occurrence }),
        }
    }

    fn gather(&mut self, kind: Kind, occurrence: OccurrenceNumber, entry: Gathered) {
        let entries = self.gathered.entry(kind).or_default();
        entries.insert(occurrence, entry);
        if kind == Kind::Inform && entries.len() > INFORMED {
            entries.pop_first();
            self.more = self.more.saturating_add(1);
        }
    }

    fn clone_but_gathered(&self) -> Self {
        Self {
            left: self.left.clone(),
            gathered: Default::default(),
            more: self.more,
            news: self.news.clone(),
            within: self.within,
            held: self.held,
            due: self.due,
            codes: self.codes.clone(),
            replaced: self.replaced,
            waiting: Default::default(),
            queued: None,
        }
    }
}

impl Storms {
    /// When what is gathered for this person is looked at, and under which deadline that is queued.
    pub(in crate::watch) fn deadline(
        &mut self,
        person: &PersonId,
    ) -> Option<(Option<Wait>, &mut Option<crate::watch::time::Mono>)> {
        let stream = self.people.get_mut(person)?;
        Some((stream.due, &mut stream.queued))
    }
}
