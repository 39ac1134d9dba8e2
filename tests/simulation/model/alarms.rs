//! Alarms and their occurrences (behaviour §2).

use std::time::Duration;

use vigie::watch::alarm::OccurrenceNumber;
use vigie::watch::own_alarms::SelfAlarm;
use vigie::watch::site::Priority;
use vigie::watch::time::Moment;

use super::flapping::{Passages, Turn};
use super::open::{Open, Stage};
use super::quiet::Quiet;
use super::{Model, Span, Tag};
use crate::site::{Definition, EVERYBODY};

#[derive(Clone, Debug, Default)]
pub(super) struct Alarm {
    pub(super) pending: Option<Pending>,
    pub(super) open: Option<Open>,
    pub(super) last: Option<Open>,
    /// What is remembered of it while it is kept quiet.
    pub(super) quiet: Quiet,
    /// How it has come and gone of late, if it may flap.
    pub(super) passages: Option<Passages>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Pending {
    Comes(Span, Cause),
    Goes(Span),
}

/// A cause that is present, as its definition has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Cause {
    pub(super) priority: Priority,
    pub(super) policy: Option<&'static str>,
    pub(super) momentary: bool,
    pub(super) latch: bool,
    on_delay: Duration,
}

impl Cause {
    pub(super) fn of(definition: &Definition, priority: Priority) -> Self {
        let Definition { policy, momentary, latch, on_delay, .. } = definition;
        Self {
            priority,
            policy: *policy,
            momentary: *momentary,
            latch: *latch,
            on_delay: *on_delay,
        }
    }

    /// One of Vigie's alarms about itself.
    pub(super) fn own(priority: Priority, momentary: bool) -> Self {
        Self {
            priority,
            policy: Some(EVERYBODY),
            momentary,
            latch: false,
            on_delay: Duration::ZERO,
        }
    }
}

impl Alarm {
    pub(super) fn resume(&mut self, now: Moment) {
        if let Some(Pending::Comes(span, _) | Pending::Goes(span)) = &mut self.pending {
            span.resume(now);
        }
        self.quiet.resume(now);
        if let Some(passages) = &mut self.passages {
            passages.rest.resume(now);
            passages.leaves.iter_mut().for_each(|leaves| leaves.resume(now));
        }
        let Some(open) = &mut self.open else { return };
        if let Stage::Held { until: Some(until), .. } = &mut open.stage {
            until.resume(now);
        }
        if let Some(ladder) = &mut open.ladder {
            ladder.due.resume(now);
            ladder.again.iter_mut().for_each(|again| again.resume(now));
        }
    }
}

impl Model {
    /// A cause of now, of an alarm that was as bad as that.
    pub(super) fn cause_of_now(&self, tag: &Tag, priority: Priority) -> Option<Cause> {
        let own = || SelfAlarm::ALL.into_iter().find(|own| own.name() == tag.0);
        let definition = self.plan.definition(&tag.0);
        let of_the_files = definition.map(|known| Cause::of(known, priority));
        of_the_files.or_else(|| own().map(|own| Cause::own(priority, own.is_momentary())))
    }

    pub(super) fn present(&mut self, tag: &Tag, cause: Cause, now: Moment) {
        let alarm = self.alarms.entry(tag.clone()).or_default();
        if alarm.quiet.hidden.is_some() && !cause.momentary {
            self.still_hidden(tag, &cause, now);
            return;
        }
        let is_present = alarm.is_present();
        match (&mut alarm.open, &mut alarm.pending) {
            (Some(open), pending) if is_present => {
                if let Some(Pending::Goes(_)) = pending {
                    *pending = None;
                }
                open.again(cause.priority, now);
            }
            (Some(open), _) if cause.momentary && open.is_asked() && !open.flapping => {
                open.again(cause.priority, now)
            }
            (_, Some(Pending::Comes(_, known))) if !cause.momentary => *known = cause,
            (_, pending) if !cause.momentary && cause.on_delay > Duration::ZERO => {
                *pending = Some(Pending::Comes(Span::new(now, cause.on_delay), cause));
            }
            _ => self.activate(tag, &cause, now),
        }
        self.buries(now);
    }

    fn activate(&mut self, tag: &Tag, cause: &Cause, now: Moment) {
        if !self.keeps_quiet(tag, cause, now) {
            self.activate_aloud(tag, cause, now);
        }
    }

    pub(super) fn activate_aloud(&mut self, tag: &Tag, cause: &Cause, now: Moment) {
        let turn = self.comes(tag, cause, now);
        let (policy, ways) = self.ways_of_now(&tag.0, cause);
        let alarm = self.alarms.get_mut(tag).expect("it is present");
        alarm.pending = None;
        if let Some(open) = &mut alarm.open {
            match turn {
                Turn::Counts => open.again(cause.priority, now),
                Turn::Calls | Turn::Flaps => open.reactivate(cause, now),
            }
            open.flapping |= turn == Turn::Flaps;
            return;
        }
        self.occurrences += 1;
        let number = OccurrenceNumber(self.occurrences);
        let mut open = Open::new(number, cause, policy, ways, now);
        open.flapping = turn == Turn::Flaps;
        alarm.open = Some(open);
        self.open.insert(number, tag.clone());
        self.close_if_over(tag, now);
    }

    pub(super) fn gone(&mut self, tag: &Tag, off_delay: Duration, now: Moment) {
        let Some(alarm) = self.alarms.get_mut(tag) else { return };
        if alarm.quiet.hidden.is_some() {
            self.gone_unseen(tag, off_delay, now);
            return;
        }
        let is_present = alarm.is_present();
        match &alarm.pending {
            Some(Pending::Comes(..)) => alarm.pending = None,
            None if is_present && off_delay > Duration::ZERO => {
                alarm.pending = Some(Pending::Goes(Span::new(now, off_delay)));
            }
            None if is_present => self.returned(tag, now),
            Some(Pending::Goes(_)) | None => {}
        }
    }

    fn returned(&mut self, tag: &Tag, now: Moment) {
        let is_open = self.alarms.get(tag).is_some_and(|alarm| alarm.open.is_some());
        if is_open && !self.goes(tag, now) {
            self.has_returned(tag, now);
        }
    }

    pub(super) fn has_returned(&mut self, tag: &Tag, now: Moment) {
        let open = self.alarms.get_mut(tag).and_then(|alarm| alarm.open.as_mut());
        let Some(open) = open else { return };
        open.active = false;
        open.returned = Some(now.utc);
        let unanswered = matches!(open.stage, Stage::NotRequired | Stage::Asked(_));
        if unanswered && open.closes && !open.latched {
            self.close(tag, now);
        } else {
            self.close_if_over(tag, now);
        }
    }

    pub(super) fn delay_over(&mut self, tag: &Tag, now: Moment) {
        let alarm = self.alarms.get_mut(tag).expect("a delay of something");
        let pending = alarm.pending.take().expect("[no deadline comes by itself] a delay");
        let (Pending::Comes(span, _) | Pending::Goes(span)) = &pending;
        assert!(span.mono <= now.mono, "[no deadline comes early] {tag:?}: {span:?} at {now:?}");
        match pending {
            Pending::Goes(_) if alarm.quiet.hidden.is_some() => self.passed(tag),
            Pending::Goes(_) => self.returned(tag, now),
            Pending::Comes(_, cause) => {
                let cause = self.cause_of_now(tag, cause.priority).unwrap_or(cause);
                self.activate(tag, &cause, now);
            }
        }
    }

    /// What the files do not define any more can no longer be seen.
    pub(super) fn withdraw(&mut self, now: Moment) {
        let gone: Vec<Tag> = self
            .alarms
            .keys()
            .filter(|(definition, _)| {
                self.is_of_the_files(definition) && self.plan.definition(definition).is_none()
            })
            .cloned()
            .collect();
        for tag in gone {
            let alarm = self.alarms.get_mut(&tag).expect("it is known");
            alarm.pending = None;
            if let Some(open) = alarm.open.as_mut().filter(|open| open.active) {
                open.active = false;
                open.returned = Some(now.utc);
                self.close_if_over(&tag, now);
            }
        }
        self.look_at_all(now);
    }

    fn is_of_the_files(&self, definition: &str) -> bool {
        !SelfAlarm::ALL.iter().any(|own| own.name() == definition)
    }

    pub(super) fn open_mut(&mut self, number: OccurrenceNumber) -> Option<&mut Open> {
        let tag = self.open.get(&number)?;
        self.alarms.get_mut(tag)?.open.as_mut()
    }

    pub(super) fn run_of(&self, number: Option<OccurrenceNumber>) -> u32 {
        let open =
            number.and_then(|number| self.alarms.get(self.open.get(&number)?)?.open.as_ref());
        open.map_or(0, |open| open.run)
    }

    pub(super) fn close_if_over(&mut self, tag: &Tag, now: Moment) {
        if self.alarms.get(tag).and_then(|alarm| alarm.open.as_ref()).is_some_and(Open::is_over) {
            self.close(tag, now);
        }
        self.buries(now);
    }

    pub(super) fn close(&mut self, tag: &Tag, now: Moment) {
        let alarm = self.alarms.get_mut(tag).expect("it is open");
        let open = alarm.open.take().expect("it is open");
        // What is hidden may be on its way through its off-delay.
        if let Some(Pending::Goes(_)) = alarm.pending
            && alarm.quiet.hidden.is_none()
        {
            alarm.pending = None;
        }
        self.open.remove(&open.number);
        self.waits.read.retain(|(_, number, _)| *number != open.number);
        alarm.last = Some(open);
        self.buries(now);
    }

    /// The time of an acknowledgement has run out.
    pub(super) fn run_out(&mut self, number: OccurrenceNumber, now: Moment) {
        let open = self.open_mut(number).expect("[no deadline comes by itself] it is open");
        let Stage::Held { until, confirm, .. } = &mut open.stage else {
            panic!("[no deadline comes by itself] nobody holds {open:?}");
        };
        let due = until.expect("[no deadline comes by itself] it never runs out");
        assert!(due.mono <= now.mono, "[no deadline comes early] {number:?}: {due:?} at {now:?}");
        if confirm.is_none() && !open.active {
            *until = None;
        } else {
            open.reopen(now);
        }
        self.buries(now);
    }
}
