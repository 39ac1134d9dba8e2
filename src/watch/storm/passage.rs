//! Passage: whether a message leaves alone and now, or is gathered.

use std::time::Duration;

use super::{HOLD, Kind, LISTED, MERGE, News, RESERVED, Storming, Stream};
use crate::watch::alarm::Occurrence;
use crate::watch::decision::Fact;
use crate::watch::draft::Draft;
use crate::watch::name::PersonId;
use crate::watch::notification::{Notification, Progress, Purpose};
use crate::watch::site::Priority;
use crate::watch::time::Wait;
use crate::watch::wording::Wording;

/// What becomes of a message.
enum Passage {
    /// It leaves alone.
    Alone,
    /// It is gathered, and leaves then; `None`: when what is gathered already does, or when something has left.
    Gathered(Option<Wait>),
}

/// What counts for a person now.
pub(super) struct Counted {
    /// How many messages left within the window, or wait.
    pub(super) used: usize,
    /// The worst that any of them calls about.
    pub(super) worst: Option<Priority>,
}

impl Notification {
    /// Whether it counts among the messages that a person gets: all but replies to their own, and notices of orders, drills,
    /// signs of life and tests, which must keep no alarm back.
    pub(in crate::watch) fn counts(&self) -> bool {
        match self.purpose {
            Purpose::Call | Purpose::Information | Purpose::Announcement | Purpose::Reminder => {
                !self.of_test
            }
            Purpose::Reply
            | Purpose::LoopBack
            | Purpose::Notice
            | Purpose::Drill
            | Purpose::LifeSign
            | Purpose::Test => false,
        }
    }

    /// Of which kind it is, if it is one that digests are made of.
    pub(in crate::watch) fn kind(&self) -> Option<Kind> {
        if let Some(digest) = &self.digest {
            return Some(digest.kind);
        }
        self.occurrence?;
        match self.purpose {
            // Only who is asked to take it is waited for.
            Purpose::Call if self.answer_within.is_some() => Some(Kind::Ask),
            Purpose::Call => Some(Kind::Confirm),
            Purpose::Reminder => Some(Kind::Remind),
            Purpose::Information => Some(Kind::Inform),
            Purpose::Announcement
            | Purpose::Reply
            | Purpose::LoopBack
            | Purpose::Notice
            | Purpose::Drill
            | Purpose::LifeSign
            | Purpose::Test => None,
        }
    }

    /// Whether it can still be worded anew, with more in it.
    pub(super) fn can_grow(&self) -> bool {
        let listed =
            |digest: &super::Digest| digest.members.len().saturating_sub(digest.struck.len());
        let full = self.digest.as_deref().is_some_and(|digest| listed(digest) >= LISTED);
        matches!(self.state, Progress::Queued | Progress::Postponed(_)) && !full
    }

    /// How bad what it calls about is, if it calls somebody.
    pub(super) fn calls_about(&self) -> Option<Priority> {
        (self.purpose == Purpose::Call).then_some(self.priority)
    }
}

impl Draft<'_> {
    /// A person is called, informed or reminded: now, or by the next digest.
    pub(in crate::watch) fn tell_of(
        &mut self,
        open: &Occurrence,
        person: &PersonId,
        kind: Kind,
        within: Option<Duration>,
    ) {
        match self.passage(open, person, kind) {
            Passage::Alone => self.tell_alone(open, person, kind, within),
            Passage::Gathered(due) => {
                let Some(alarm) = self.state.alarm_of(open.number) else { return };
                self.fact(Fact::Storm(Storming::Gathered {
                    person: person.clone(),
                    kind,
                    alarm: alarm.number,
                    occurrence: open.number,
                    run: open.run,
                    within,
                    held: self.now.wait(self.hold()),
                    due,
                }));
            }
        }
    }

    /// One message about one occurrence.
    pub(super) fn tell_alone(
        &mut self,
        open: &Occurrence,
        person: &PersonId,
        kind: Kind,
        within: Option<Duration>,
    ) {
        match kind {
            Kind::Ask => {
                let code = self.code_for(open, person);
                let text = self.wording(person).call(open, Some(code));
                self.ask(person, open, text, within.unwrap_or(HOLD));
            }
            Kind::Confirm => {
                let code = self.code_for(open, person);
                let text = self.wording(person).confirm_please(open, code);
                self.owe(person, Purpose::Call, Some(open), text);
            }
            Kind::Remind => {
                let finishes = open.stage.may_be_confirmed_by(person);
                let code = finishes.then(|| self.code_for(open, person));
                let text = self.wording(person).reminder(open, code);
                self.owe(person, Purpose::Reminder, Some(open), text);
            }
            Kind::Inform => {
                let text = self.wording(person).call(open, None);
                self.owe(person, Purpose::Information, Some(open), text);
            }
        }
    }

    /// What goes to the person of late, where this could be gathered with it: a test never is.
    fn stream(&self, open: &Occurrence, person: &PersonId) -> Option<&Stream> {
        self.state.storms.of(person).filter(|_| !open.is_test())
    }

    fn passage(&self, open: &Occurrence, person: &PersonId, kind: Kind) -> Passage {
        let Some(stream) = self.stream(open, person) else { return Passage::Alone };
        let priority = open.activation.priority;
        let Counted { used, worst } = self.counted(stream);
        let messages = self.site.storm.messages;
        let gathers = stream.gathers(kind);
        if kind.calls() && worst.is_none_or(|worst| priority > worst) {
            // Even so what is gathered goes with it: it has the room.
            return if gathers {
                Passage::Gathered(Some(self.now.at_once()))
            } else {
                Passage::Alone
            };
        }
        let unsent = self.unsent(stream, kind).next().is_some();
        let soon = Some(self.earlier(stream, self.now.wait(MERGE)));
        if unsent && (gathers || used.saturating_add(1) >= messages || self.is_congested()) {
            return Passage::Gathered(soon);
        }
        let worst = self.worst_from(stream, priority).filter(|_| kind.calls());
        if gathers {
            return Passage::Gathered(worst.map(|worst| self.earlier(stream, worst)));
        }
        match used.saturating_add(1).cmp(&messages) {
            std::cmp::Ordering::Less => Passage::Alone,
            std::cmp::Ordering::Equal if used == 0 => Passage::Alone,
            std::cmp::Ordering::Equal => {
                Passage::Gathered(Some(self.earlier(stream, self.now.wait(self.hold()))))
            }
            std::cmp::Ordering::Greater => {
                let opens = [self.window_opens(stream, used), worst].into_iter().flatten();
                let opens = opens.min_by_key(|opens| opens.mono);
                Passage::Gathered(opens.map(|opens| self.earlier(stream, opens)))
            }
        }
    }

    /// A person is told of something that they need not answer: now, or with more of the kind.
    pub(in crate::watch) fn tell_news(&mut self, open: &Occurrence, person: &PersonId, news: News) {
        let said = news.clone();
        self.tell_news_saying(open, person, news, |wording| wording.news(open, &said));
    }

    /// The same, in these words where it is told alone.
    pub(in crate::watch) fn tell_news_saying(
        &mut self,
        open: &Occurrence,
        person: &PersonId,
        news: News,
        sentence: impl FnOnce(Wording<'_>) -> String,
    ) {
        let due = if self.is_listing() && !open.is_test() {
            Some(self.now.at_once())
        } else {
            match self.passage_of_news(open, person) {
                Passage::Alone => {
                    let text = sentence(self.wording(person));
                    self.owe(person, Purpose::Announcement, Some(open), text);
                    return;
                }
                Passage::Gathered(due) => due,
            }
        };
        let (person, occurrence) = (person.clone(), open.number);
        self.fact(Fact::Storm(Storming::Heard { person, occurrence, news, due }));
    }

    fn passage_of_news(&self, open: &Occurrence, person: &PersonId) -> Passage {
        let Some(stream) = self.stream(open, person) else { return Passage::Alone };
        if !stream.news.is_empty() {
            return Passage::Gathered(None);
        }
        let used = self.counted(stream).used;
        if !self.has_room_for_news(used) {
            let opens = self.window_opens(stream, used.saturating_add(self.reserved()));
            return Passage::Gathered(opens.map(|opens| self.earlier(stream, opens)));
        }
        if !stream.waiting.is_empty() && self.is_congested() {
            return Passage::Gathered(None);
        }
        Passage::Alone
    }

    /// Whether a window in which so many left has a place for what nobody must answer.
    pub(super) fn has_room_for_news(&self, used: usize) -> bool {
        used.saturating_add(self.reserved()) < self.site.storm.messages
    }

    /// How many places of a window are not for announcements: never all of them.
    pub(super) fn reserved(&self) -> usize {
        RESERVED.min(self.site.storm.messages.saturating_sub(1))
    }

    fn hold(&self) -> Duration {
        HOLD.min(self.site.storm.window / 10)
    }

    /// What of this person's messages counts in the window of now.
    pub(super) fn counted(&self, stream: &Stream) -> Counted {
        let left = stream.left.iter().filter(|left| left.until.mono > self.now.mono);
        let waiting = stream.waiting.iter().filter_map(|id| self.state.notification(*id));
        let worst = left.clone().filter_map(|left| left.priority);
        let worst = worst.chain(waiting.filter_map(Notification::calls_about)).max();
        Counted { used: left.count().saturating_add(stream.waiting.len()), worst }
    }

    /// What waits for this person, is of that kind, and can be worded anew.
    pub(super) fn unsent<'s>(
        &'s self,
        stream: &'s Stream,
        kind: Kind,
    ) -> impl Iterator<Item = &'s Notification> {
        let waiting = stream.waiting.iter().filter_map(|id| self.state.notification(*id));
        waiting.filter(move |owed| owed.kind() == Some(kind) && owed.can_grow())
    }

    /// When the window lets one more go, where so many count; `None`: not before something has left.
    pub(super) fn window_opens(&self, stream: &Stream, used: usize) -> Option<Wait> {
        let over = used.saturating_sub(self.site.storm.messages);
        let left = stream.left.iter().filter(|left| left.until.mono > self.now.mono);
        let mut until: Vec<Wait> = left.map(|left| left.until).collect();
        until.sort_unstable_by_key(|until| until.mono);
        until.get(over).copied()
    }

    /// From when on nothing as bad as that was told of late; `None`: not before something has left.
    pub(super) fn worst_from(&self, stream: &Stream, priority: Priority) -> Option<Wait> {
        let as_bad = |told: Option<Priority>| told.is_some_and(|told| told >= priority);
        let mut waiting = stream.waiting.iter().filter_map(|id| self.state.notification(*id));
        if waiting.any(|owed| as_bad(owed.calls_about())) {
            return None;
        }
        let left = stream.left.iter().filter(|left| left.until.mono > self.now.mono);
        let left = left.filter(|left| as_bad(left.priority)).map(|left| left.until);
        left.max_by_key(|until| until.mono)
    }

    /// That, or when the person's gathering is looked at anyway.
    fn earlier(&self, stream: &Stream, wait: Wait) -> Wait {
        [stream.due, Some(wait)].into_iter().flatten().min_by_key(|due| due.mono).unwrap_or(wait)
    }

    /// A message has left, or may have: it counts until the window has gone on.
    pub(in crate::watch) fn leaves_its_trace(&mut self, owed: &Notification) {
        if !owed.counts() {
            return;
        }
        let (person, priority) = (owed.person.clone(), owed.calls_about());
        let until = self.now.wait(self.site.storm.window);
        self.fact(Fact::Storm(Storming::Left { person, priority, until }));
        self.makes_room(owed);
    }

    /// A message waits no longer: what waited for that is looked at.
    pub(in crate::watch) fn makes_room(&mut self, owed: &Notification) {
        let stream = self.state.storms.of(&owed.person);
        if stream.is_some_and(|stream| stream.gathers_anything() && stream.due.is_none()) {
            let (person, due) = (owed.person.clone(), Some(self.now.at_once()));
            self.fact(Fact::Storm(Storming::Due { person, due }));
        }
    }

    /// A call will not leave any more: what was no worse than it may be worse than all that is left.
    pub(in crate::watch) fn lets_the_next_worst_go(&mut self, owed: &Notification) {
        let (state, now) = (self.state, self.now);
        let Some(stream) = state.storms.of(&owed.person) else { return };
        let calls = stream.gathers(Kind::Ask) || stream.gathers(Kind::Confirm);
        let waits = stream.due.is_some_and(|due| due.mono > now.mono);
        if !calls || !waits || !stream.waiting.contains(&owed.id) {
            return;
        }
        let Some(priority) = owed.calls_about() else { return };
        let left = stream.left.iter().filter(|left| left.until.mono > now.mono);
        let others = stream.waiting.iter().filter(|id| !self.is_settled(**id));
        let others = others.filter_map(|id| state.notification(*id)?.calls_about());
        if left.filter_map(|left| left.priority).chain(others).all(|told| told < priority) {
            let (person, due) = (owed.person.clone(), Some(now.at_once()));
            self.fact(Fact::Storm(Storming::Due { person, due }));
        }
    }
}
