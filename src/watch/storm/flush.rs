//! What was gathered leaves: when, in which messages, and for exactly which occurrences.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::passage::Counted;
use super::{Digest, Kind, LISTED, MERGE, Member, Storming, Stream};
use crate::watch::alarm::{AlarmNumber, Occurrence, OccurrenceNumber};
use crate::watch::codes::Code;
use crate::watch::decision::Fact;
use crate::watch::draft::Draft;
use crate::watch::name::PersonId;
use crate::watch::notification::{Ending, Notification, Purpose};
use crate::watch::site::Priority;
use crate::watch::state::State;
use crate::watch::time::Wait;
use crate::watch::wording::digests::Listed;

/// So many messages at most become one at a time.
const MERGED: usize = 64;

/// When what could not leave is looked at again.
enum Rest {
    /// Nothing is left.
    Nothing,
    /// Then, at the earliest.
    Until(Wait),
    /// When something has left.
    Departure,
}

/// One that is to be told, as far as the order goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Wanted {
    priority: Reverse<Priority>,
    member: Member,
    alarm: AlarmNumber,
}

impl Draft<'_> {
    /// What is gathered for a person is looked at: what may leave does.
    pub(in crate::watch) fn storm_due(&mut self, person: &PersonId) {
        let state = self.state;
        let Some(stream) = state.storms.of(person) else { return };
        if self.site.people.get(person).is_none_or(|known| known.phone.is_none()) {
            self.fact(Fact::Storm(Storming::Dropped { person: person.clone() }));
            return;
        }
        let mut counted = self.counted(stream);
        let mut next: Option<Wait> = None;
        let mut look = |rest: Rest| {
            let until = match rest {
                Rest::Nothing | Rest::Departure => return,
                Rest::Until(until) => until,
            };
            next = [next, Some(until)].into_iter().flatten().min_by_key(|wait| wait.mono);
        };
        for kind in Kind::ALL {
            look(self.sum_up(person, stream, kind, &mut counted));
        }
        look(self.sum_up_news(person, stream, &mut counted));
        self.fact(Fact::Storm(Storming::Due { person: person.clone(), due: next }));
    }

    /// One message for all of that kind that is gathered and that has not left yet.
    fn sum_up(
        &mut self,
        person: &PersonId,
        stream: &Stream,
        kind: Kind,
        counted: &mut Counted,
    ) -> Rest {
        let unsent: Vec<Notification> = self.unsent(stream, kind).take(MERGED).cloned().collect();
        let stale = unsent.iter().any(|owed| owed.digest.is_some() && self.lists_needless(owed));
        if !stream.gathers(kind) && !stale {
            return Rest::Nothing;
        }
        let mut wanted = self.wanted(person, stream, kind, &unsent);
        let worse = kind.calls()
            && wanted
                .first()
                .is_some_and(|first| counted.worst.is_none_or(|worst| first.priority.0 > worst));
        if unsent.is_empty()
            && !worse
            && !wanted.is_empty()
            && let Some(rest) = self.not_yet(stream, counted.used, kind, &wanted)
        {
            return rest;
        }
        for owed in &unsent {
            self.settle(owed.id, Ending::Cancelled);
        }
        let rest = wanted.split_off(LISTED.min(wanted.len()));
        let left_over = !rest.is_empty();
        self.gather_again(person, stream, kind, &rest);
        if let Some(first) = wanted.first() {
            counted.used = counted.used.saturating_sub(unsent.len()).saturating_add(1);
            if kind.calls() {
                counted.worst = counted.worst.max(Some(first.priority.0));
            }
            self.owe_digest(person, kind, &wanted, &unsent, stream);
        } else {
            counted.used = counted.used.saturating_sub(unsent.len());
        }
        self.fact(Fact::Storm(Storming::Swept { person: person.clone(), kind }));
        match left_over {
            true if counted.used < self.site.storm.messages => Rest::Until(self.now.wait(MERGE)),
            true => self.window_opens(stream, counted.used).map_or(Rest::Departure, Rest::Until),
            false => Rest::Nothing,
        }
    }

    /// What waited in a message that is worded anew, and has no room in it now, is gathered.
    fn gather_again(&mut self, person: &PersonId, stream: &Stream, kind: Kind, rest: &[Wanted]) {
        for Wanted { member: Member { occurrence, run }, alarm, .. } in rest {
            if !stream.has(kind, *occurrence, *run) {
                self.fact(Fact::Storm(Storming::Gathered {
                    person: person.clone(),
                    kind,
                    alarm: *alarm,
                    occurrence: *occurrence,
                    run: *run,
                    within: None,
                    held: self.now.at_once(),
                    due: None,
                }));
            }
        }
    }

    /// When the window lets one more go, or this, unless it does now.
    fn not_yet(&self, stream: &Stream, used: usize, kind: Kind, wanted: &[Wanted]) -> Option<Rest> {
        let messages = self.site.storm.messages;
        if used >= messages {
            let first = wanted.first().filter(|_| kind.calls());
            let worst = first.and_then(|first| self.worst_from(stream, first.priority.0));
            let opens = [self.window_opens(stream, used), worst].into_iter().flatten();
            let opens = opens.min_by_key(|opens| opens.mono);
            return Some(opens.map_or(Rest::Departure, Rest::Until));
        }
        let held = stream.held.filter(|held| held.mono > self.now.mono);
        let is_last = used.saturating_add(1) == messages && used > 0;
        held.filter(|_| is_last).map(Rest::Until)
    }

    /// Those that are gathered, or wait in these messages, and still ask this person; the worst first.
    fn wanted(
        &self,
        person: &PersonId,
        stream: &Stream,
        kind: Kind,
        unsent: &[Notification],
    ) -> Vec<Wanted> {
        let gathered = stream.gathered.get(&kind).into_iter().flatten();
        let gathered = gathered.map(|(occurrence, entry)| {
            (Member { occurrence: *occurrence, run: entry.run }, Some(entry.alarm))
        });
        let waiting = unsent.iter().flat_map(|owed| {
            owed.owed_about().map(|member| (member, owed.alarm_told(member.occurrence)))
        });
        let mut wanted: Vec<Wanted> = gathered
            .chain(waiting)
            .filter(|(member, _)| self.state.still_tells(kind, person, *member))
            .filter_map(|(member, alarm)| {
                let alarm = alarm
                    .or_else(|| self.state.alarm_of(member.occurrence).map(|alarm| alarm.number))?;
                let priority = Reverse(self.state.told_as(alarm, member.occurrence)?.priority);
                Some(Wanted { priority, member, alarm })
            })
            .collect();
        wanted.sort_unstable();
        wanted.dedup_by_key(|wanted| wanted.member.occurrence);
        wanted
    }

    fn owe_digest(
        &mut self,
        person: &PersonId,
        kind: Kind,
        wanted: &[Wanted],
        unsent: &[Notification],
        stream: &Stream,
    ) {
        let state = self.state;
        let waits = unsent.iter().filter_map(|owed| owed.answer_within);
        let within = waits.chain(stream.within).min();
        if let [only] = wanted
            && let Some(open) = state.occurrence(only.member.occurrence)
        {
            let open: &Occurrence = open;
            self.tell_alone(open, person, kind, within);
            return;
        }
        let listed: Vec<Listed<'_>> = wanted
            .iter()
            .filter_map(|wanted| state.told_as(wanted.alarm, wanted.member.occurrence))
            .collect();
        let mut told: Vec<(Member, AlarmNumber)> =
            wanted.iter().map(|wanted| (wanted.member, wanted.alarm)).collect();
        told.sort_unstable();
        let (members, alarms): (Vec<Member>, Vec<AlarmNumber>) = told.into_iter().unzip();
        let alarms = if kind == Kind::Inform { alarms } else { Vec::new() };
        let code = self.code_of_digest(person, kind, &members, stream);
        let more = if kind == Kind::Inform { stream.more } else { 0 };
        let text = self.wording(person).digest(kind, &listed, more, code);
        let id = self.next_notification();
        let since = unsent.iter().map(Notification::turn).min().unwrap_or(id);
        let (members, alarms, struck) = (Arc::from(members), Arc::from(alarms), BTreeSet::new());
        let digest = Digest { kind, members, alarms, code, since, struck };
        let priority = wanted.first().map_or(Priority::Low, |first| first.priority.0);
        let within = within.filter(|_| kind == Kind::Ask);
        self.owe_for_several(id, person, within, priority, digest, text);
    }

    /// The same code as before where it lists the same; none where nobody must answer.
    fn code_of_digest(
        &mut self,
        person: &PersonId,
        kind: Kind,
        members: &[Member],
        stream: &Stream,
    ) -> Option<Code> {
        let may = match kind {
            Kind::Ask | Kind::Confirm => true,
            Kind::Remind => members.iter().any(|member| {
                let open = self.state.occurrence(member.occurrence);
                open.is_some_and(|open| open.stage.may_be_confirmed_by(person))
            }),
            Kind::Inform => false,
        };
        let known = stream.codes.iter().rev().find(|code| {
            let binding = self.state.codes().binding(**code, self.now.utc);
            binding.is_some_and(|binding| {
                binding.died.is_none() && binding.listed.as_deref() == Some(members)
            })
        });
        may.then(|| known.copied().unwrap_or_else(|| self.draw_code()))
    }

    fn sum_up_news(&mut self, person: &PersonId, stream: &Stream, counted: &mut Counted) -> Rest {
        if stream.news.is_empty() {
            return Rest::Nothing;
        }
        if !self.has_room_for_news(counted.used) {
            let used = counted.used.saturating_add(self.reserved());
            return self.window_opens(stream, used).map_or(Rest::Departure, Rest::Until);
        }
        let only = match stream.news.as_slice() {
            [heard] if heard.count == 1 => self
                .state
                .occurrence(heard.last)
                .filter(|open| heard.news.is_true_of(open))
                .map(|open| (&heard.news, open)),
            _ => None,
        };
        let (about, text) = match only {
            Some((news, open)) => (Some(open), self.wording(person).news(open, news)),
            None => (None, self.wording(person).several_news(&stream.news)),
        };
        self.owe(person, Purpose::Announcement, about, text);
        counted.used = counted.used.saturating_add(1);
        self.fact(Fact::Storm(Storming::Told { person: person.clone() }));
        Rest::Nothing
    }
}

impl State {
    /// Whether a message of that kind about that occurrence still has something to say to this person.
    pub(in crate::watch) fn still_tells(
        &self,
        kind: Kind,
        person: &PersonId,
        member: Member,
    ) -> bool {
        let open = self.occurrence(member.occurrence).filter(|open| open.run == member.run);
        match kind {
            // What somebody has taken is asked of nobody else: who can confirm is asked that.
            Kind::Ask => open.is_some_and(|open| {
                open.unacknowledged() && open.stage.wants(person) && !open.has_declined(person)
            }),
            Kind::Confirm => {
                open.is_some_and(|open| open.stage.wants(person) && !open.has_declined(person))
            }
            Kind::Remind => open.is_some_and(|open| open.stage.owes_confirmation()),
            // It always goes out.
            Kind::Inform => true,
        }
    }

    /// As what it is told: what stands, or how it was when it ended.
    fn told_as(&self, alarm: AlarmNumber, occurrence: OccurrenceNumber) -> Option<Listed<'_>> {
        let alarm = self.alarm_numbered(alarm)?;
        let definition = alarm.definition.as_str();
        if let Some(open) = alarm.open.as_deref().filter(|open| open.number == occurrence) {
            let (priority, text) = (open.activation.priority, &*open.activation.text);
            return Some(Listed { priority, text, definition });
        }
        let last = alarm.last.as_deref().filter(|last| last.number == occurrence)?;
        Some(Listed { priority: last.priority, text: &last.text, definition })
    }
}
