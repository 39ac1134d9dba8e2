//! Alarms and their occurrences (behaviour §2).

use std::time::Duration;

use vigie::watch::alarm::OccurrenceNumber;
use vigie::watch::site::Priority;
use vigie::watch::time::Moment;

use super::ladder::{Ladder, Seeks};
use super::{Model, Span, Tag};
use crate::site::{Answers, By, Definition, EVERYBODY, Policy};

#[derive(Clone, Debug, Default)]
pub(super) struct Alarm {
    pub(super) pending: Option<Pending>,
    pub(super) open: Option<Open>,
    pub(super) last: Option<Open>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Pending {
    Comes(Span, Cause),
    Goes(Span),
}

/// A cause that is present, as its definition has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Cause {
    priority: Priority,
    policy: Option<&'static str>,
    momentary: bool,
    latch: bool,
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

#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) number: OccurrenceNumber,
    pub(super) priority: Priority,
    pub(super) active: bool,
    pub(super) latched: bool,
    pub(super) repeats: u64,
    pub(super) run: u32,
    pub(super) stage: Stage,
    pub(super) closes: bool,
    /// Its ladder, frozen when it opened, and the last resort.
    pub(super) policy: Option<(Policy, Option<Policy>)>,
    pub(super) ladder: Option<Ladder>,
    pub(super) declined: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Stage {
    NotRequired,
    Asked(Vec<String>),
    Held { holders: Vec<String>, until: Option<Span>, confirm: Option<By> },
    Done { holders: Vec<String>, by: String },
}

impl Stage {
    pub(super) fn holders(&self) -> &[String] {
        match self {
            Self::NotRequired => &[],
            Self::Asked(holders) | Self::Held { holders, .. } | Self::Done { holders, .. } => {
                holders
            }
        }
    }
}

impl Alarm {
    pub(super) fn resume(&mut self, now: Moment) {
        if let Some(Pending::Comes(span, _) | Pending::Goes(span)) = &mut self.pending {
            span.resume(now);
        }
        let Some(open) = &mut self.open else { return };
        if let Stage::Held { until: Some(until), .. } = &mut open.stage {
            until.resume(now);
        }
        if let Some(ladder) = &mut open.ladder {
            ladder.due.resume(now);
        }
    }
}

impl Open {
    pub(super) fn is_asked(&self) -> bool {
        matches!(self.stage, Stage::Asked(_))
    }

    fn is_over(&self) -> bool {
        let owes = matches!(self.stage, Stage::Held { confirm: Some(_), .. });
        !self.active && !self.is_asked() && !self.latched && !owes && self.ladder.is_none()
    }

    /// From the first step, in the same run.
    pub(super) fn climbs_anew(&mut self, now: Moment) {
        let seeks = if self.stage == Stage::NotRequired { Seeks::Witness } else { Seeks::Answer };
        self.ladder = Some(Ladder::new(seeks, now));
    }

    /// Asked for again, in a new run.
    pub(super) fn reopen(&mut self, now: Moment) {
        self.stage = Stage::Asked(Vec::new());
        self.run += 1;
        self.climbs_anew(now);
    }

    /// The same, because it is worse or told again: whoever was spared at the latest step is called at the first.
    fn is_asked_anew(&mut self, now: Moment) -> bool {
        let spared = self.ladder.take().map(|ladder| ladder.spared).unwrap_or_default();
        self.climbs_anew(now);
        if let Some(ladder) = self.ladder.as_mut().filter(|_| self.stage != Stage::NotRequired) {
            ladder.spared = spared;
        }
        true
    }

    /// Whether it is asked anew in the same run.
    fn worse(&mut self, now: Moment) -> bool {
        match &self.stage {
            Stage::NotRequired if self.policy.is_some() => self.is_asked_anew(now),
            Stage::NotRequired => false,
            Stage::Asked(so_far) if so_far.is_empty() => self.is_asked_anew(now),
            Stage::Asked(_) | Stage::Held { .. } | Stage::Done { .. } => {
                self.reopen(now);
                false
            }
        }
    }

    fn again(&mut self, priority: Priority, now: Moment) -> bool {
        self.repeats += 1;
        let worse = priority > self.priority;
        self.priority = priority;
        worse && self.worse(now)
    }

    /// Active again: an acknowledgement that came before does not count for it.
    fn reactivate(&mut self, cause: &Cause, now: Moment) -> bool {
        let worse = cause.priority > self.priority;
        self.priority = cause.priority;
        self.active = !cause.momentary;
        self.latched = cause.latch;
        self.repeats += 1;
        match &self.stage {
            Stage::Asked(so_far) if so_far.is_empty() => worse && self.is_asked_anew(now),
            Stage::NotRequired => self.policy.is_some() && self.is_asked_anew(now),
            Stage::Asked(_) | Stage::Held { .. } | Stage::Done { .. } => {
                self.reopen(now);
                false
            }
        }
    }
}

impl Model {
    pub(super) fn present(&mut self, tag: &Tag, cause: Cause, now: Moment) {
        let alarm = self.alarms.entry(tag.clone()).or_default();
        let mut anew = None;
        match (&mut alarm.open, &mut alarm.pending) {
            (Some(open), pending) if open.active => {
                if let Some(Pending::Goes(_)) = pending {
                    *pending = None;
                }
                anew = open.again(cause.priority, now).then_some(open.number);
            }
            (Some(open), _) if cause.momentary && open.is_asked() => {
                anew = open.again(cause.priority, now).then_some(open.number);
            }
            (_, Some(Pending::Comes(_, known))) if !cause.momentary => *known = cause,
            (_, pending) if !cause.momentary && cause.on_delay > Duration::ZERO => {
                *pending = Some(Pending::Comes(Span::new(now, cause.on_delay), cause));
            }
            _ => self.activate(tag, &cause, now),
        }
        anew.into_iter().for_each(|number| self.taken_back(number));
        self.buries(now);
    }

    fn activate(&mut self, tag: &Tag, cause: &Cause, now: Moment) {
        let frozen = cause.policy.and_then(|name| self.frozen(name));
        let alarm = self.alarms.get_mut(tag).expect("it is present");
        alarm.pending = None;
        if let Some(open) = &mut alarm.open {
            if open.reactivate(cause, now) {
                let number = open.number;
                self.taken_back(number);
            }
            return;
        }
        self.occurrences += 1;
        let number = OccurrenceNumber(self.occurrences);
        let stage = match frozen.as_ref().map(|(policy, _)| policy.answers) {
            None | Some(Answers::None) => Stage::NotRequired,
            Some(Answers::Single { .. } | Answers::Double { .. }) => Stage::Asked(Vec::new()),
        };
        let mut open = Open {
            number,
            priority: cause.priority,
            active: !cause.momentary,
            latched: cause.latch,
            repeats: 0,
            run: 0,
            stage,
            closes: frozen.as_ref().is_none_or(|(policy, _)| policy.closes && !cause.latch),
            policy: frozen,
            ladder: None,
            declined: Vec::new(),
        };
        if open.policy.is_some() {
            open.climbs_anew(now);
        }
        alarm.open = Some(open);
        self.open.insert(number, tag.clone());
        self.close_if_over(tag, now);
    }

    pub(super) fn gone(&mut self, tag: &Tag, off_delay: Duration, now: Moment) {
        let Some(alarm) = self.alarms.get_mut(tag) else { return };
        match (&alarm.pending, &alarm.open) {
            (Some(Pending::Comes(..)), _) => alarm.pending = None,
            (None, Some(open)) if open.active && off_delay > Duration::ZERO => {
                alarm.pending = Some(Pending::Goes(Span::new(now, off_delay)));
            }
            (None, Some(open)) if open.active => self.returned(tag, now),
            _ => {}
        }
    }

    fn returned(&mut self, tag: &Tag, now: Moment) {
        let Some(open) = self.alarms.get_mut(tag).and_then(|alarm| alarm.open.as_mut()) else {
            return;
        };
        open.active = false;
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
            Pending::Goes(_) => self.returned(tag, now),
            Pending::Comes(_, cause) => {
                let definition = self.plan.definition(&tag.0).cloned();
                let cause =
                    definition.map_or(cause.clone(), |known| Cause::of(&known, cause.priority));
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
            if let Some(open) = &mut alarm.open {
                open.active = false;
                self.close_if_over(&tag, now);
            }
        }
    }

    fn is_of_the_files(&self, definition: &str) -> bool {
        !vigie::watch::own_alarms::SelfAlarm::ALL.iter().any(|own| own.name() == definition)
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

    fn close(&mut self, tag: &Tag, now: Moment) {
        let alarm = self.alarms.get_mut(tag).expect("it is open");
        let open = alarm.open.take().expect("it is open");
        if let Some(Pending::Goes(_)) = alarm.pending {
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
