//! What is kept quiet on purpose: nobody is called, all is remembered, and it comes up at the end if it is still there
//! (behaviour §2, §8).

use std::time::Duration;

use vigie::watch::event::Target;
use vigie::watch::site::{Priority, Right};
use vigie::watch::suppression::{Request, Which, Wish};
use vigie::watch::time::Moment;

use super::alarms::{Cause, Pending};
use super::{Model, Span, Tag};
use crate::site::LONGEST_SHELVING;

/// What is remembered of an alarm that is kept quiet.
#[derive(Clone, Debug, Default)]
pub(super) struct Quiet {
    pub(super) shelf: Option<Shelf>,
    /// Out of service, itself and not its definition.
    pub(super) out: bool,
    pub(super) hidden: Option<Hidden>,
    /// When it is looked at again.
    pub(super) review: Option<Span>,
}

#[derive(Clone, Debug)]
pub(super) struct Shelf {
    pub(super) until: Span,
    once: bool,
}

/// A condition that is present and kept quiet.
#[derive(Clone, Debug)]
pub(super) struct Hidden {
    pub(super) priority: Priority,
    pub(super) repeats: u64,
}

/// Why an alarm is quiet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Because {
    OutOfService,
    Shelved,
    /// Another alarm explains it.
    Explained,
    /// The window closes then.
    Window(Span),
}

impl Quiet {
    pub(super) fn resume(&mut self, now: Moment) {
        let shelf = self.shelf.as_mut().map(|shelf| &mut shelf.until);
        for span in [shelf, self.review.as_mut()].into_iter().flatten() {
            span.resume(now);
        }
    }
}

impl Model {
    /// Why an alarm is quiet now, if it is.
    pub(super) fn because(&self, tag: &Tag, now: Moment) -> Option<Because> {
        let quiet = self.alarms.get(tag).map(|alarm| &alarm.quiet);
        if self.out.contains(&tag.0) || quiet.is_some_and(|quiet| quiet.out) {
            return Some(Because::OutOfService);
        }
        if quiet.is_some_and(|quiet| quiet.shelf.is_some()) {
            return Some(Because::Shelved);
        }
        if self.is_explained(tag) {
            return Some(Because::Explained);
        }
        let mut windows =
            self.plan.windows.iter().filter(|window| window.alarms.contains(&&*tag.0));
        let closes = windows.find_map(|window| window.closes(now.utc))?;
        Some(Because::Window(Span::new(now, now.utc.until(closes))))
    }

    fn quiet_mut(&mut self, tag: &Tag) -> &mut Quiet {
        &mut self.alarms.entry(tag.clone()).or_default().quiet
    }

    /// From inactive to active: whether that stays hidden. What is being called about already goes on.
    pub(super) fn keeps_quiet(&mut self, tag: &Tag, cause: &Cause, now: Moment) -> bool {
        let Some(because) = self.because(tag, now) else { return false };
        let alarm = self.alarms.get_mut(tag).expect("it is present");
        if alarm.open.as_ref().is_some_and(|open| open.is_asked() || open.flapping) {
            return false;
        }
        self.counts.hidden += 1;
        if cause.momentary {
            self.shelved_once(tag);
            return true;
        }
        alarm.pending = None;
        alarm.quiet.hidden = Some(Hidden { priority: cause.priority, repeats: 0 });
        alarm.quiet.review = because.until();
        true
    }

    /// What is hidden is said again.
    pub(super) fn still_hidden(&mut self, tag: &Tag, cause: &Cause, now: Moment) {
        let alarm = self.alarms.get_mut(tag).expect("it is hidden");
        let was_going = matches!(alarm.pending, Some(Pending::Goes(_)));
        if was_going {
            alarm.pending = None;
        }
        let hidden = alarm.quiet.hidden.as_mut().expect("it is hidden");
        hidden.repeats += 1;
        hidden.priority = cause.priority;
        // It was only its going that kept it from coming up.
        if was_going && self.because(tag, now).is_none() {
            self.surface(tag, now);
        }
    }

    /// The cause of what is hidden is gone; after the off-delay it never was there for anybody.
    pub(super) fn gone_unseen(&mut self, tag: &Tag, off_delay: Duration, now: Moment) {
        let alarm = self.alarms.get_mut(tag).expect("it is hidden");
        match alarm.pending {
            Some(Pending::Goes(_)) => {}
            Some(Pending::Comes(..)) | None if off_delay.is_zero() => self.passed(tag),
            Some(Pending::Comes(..)) | None => {
                alarm.pending = Some(Pending::Goes(Span::new(now, off_delay)));
            }
        }
    }

    /// It came and went inside: silence.
    pub(super) fn passed(&mut self, tag: &Tag) {
        let alarm = self.alarms.get_mut(tag).expect("it is hidden");
        alarm.pending = None;
        (alarm.quiet.hidden, alarm.quiet.review) = (None, None);
        self.shelved_once(tag);
    }

    /// What is shelved until it returns has returned.
    fn shelved_once(&mut self, tag: &Tag) {
        let quiet = self.quiet_mut(tag);
        quiet.shelf = quiet.shelf.take().filter(|shelf| !shelf.once);
    }

    /// Its time on the shelf is up.
    pub(super) fn shelf_over(&mut self, tag: &Tag, now: Moment) {
        let shelf = self.quiet_mut(tag).shelf.take();
        let until = shelf.expect("[no deadline comes by itself] it is not shelved").until;
        assert!(until.mono <= now.mono, "[no deadline comes early] {tag:?}: {until:?} at {now:?}");
        self.look(tag, now);
    }

    /// It is to be looked at again.
    pub(super) fn review(&mut self, tag: &Tag, now: Moment) {
        let review = self.quiet_mut(tag).review;
        // Whether something explains it may be looked at more often than it changes.
        let has_causes = self.plan.definition(&tag.0).is_some_and(|known| !known.causes.is_empty());
        if !has_causes {
            let due = review.expect("[no deadline comes by itself] nothing is to be looked at");
            assert!(due.mono <= now.mono, "[no deadline comes early] {tag:?}: {due:?} at {now:?}");
        }
        // What nothing has begun to explain since it called goes on calling.
        let is_due = review.is_some_and(|due| due.mono <= now.mono);
        let stood = self.quiet_mut(tag).hidden.is_none();
        self.look(tag, now);
        let is_hushed = stood && self.quiet_mut(tag).hidden.is_some();
        assert!(is_due || !is_hushed, "[what called while its cause was away goes on] {tag:?}");
    }

    /// Whether what is hidden is to be seen now, or what is seen to be hidden.
    fn look(&mut self, tag: &Tag, now: Moment) {
        let because = self.because(tag, now);
        let is_effect = self.may_be_an_effect(tag, now);
        let alarm = self.alarms.get_mut(tag).expect("it is known");
        // Of what never was active nothing is remembered that would be looked at.
        let is_known = alarm.open.is_some() || alarm.last.is_some() || alarm.pending.is_some();
        let is_quiet = alarm.quiet.out || alarm.quiet.hidden.is_some();
        alarm.quiet.review = because.and_then(Because::until).filter(|_| is_known || is_quiet);
        match (&alarm.quiet.hidden, because) {
            (Some(_), None) => match alarm.pending {
                // It is about to be gone: if it is not then, it comes up.
                Some(Pending::Goes(span)) => alarm.quiet.review = Some(span),
                Some(Pending::Comes(..)) | None => self.surface(tag, now),
            },
            (None, Some(Because::OutOfService | Because::Shelved)) => self.hush(tag, now),
            (None, Some(Because::Explained)) if is_effect => self.hush(tag, now),
            // What stood before a window opened, or before its cause could explain it, goes on.
            (None, Some(Because::Explained | Because::Window(_)))
            | (Some(_), Some(_))
            | (None, None) => {}
        }
    }

    /// What stands closes, and is hidden if its cause is present.
    fn hush(&mut self, tag: &Tag, now: Moment) {
        let alarm = self.alarms.get_mut(tag).expect("it is known");
        let is_present = alarm.is_present();
        let Some(open) = &alarm.open else { return };
        if is_present {
            alarm.quiet.hidden = Some(Hidden { priority: open.priority, repeats: 0 });
            alarm.quiet.review = None;
        }
        self.counts.hushed += 1;
        self.close(tag, now);
    }

    /// What flapped has come to rest with its cause present, and something keeps it quiet.
    pub(super) fn settles_unseen(&mut self, tag: &Tag, because: Option<Because>, now: Moment) {
        let alarm = self.alarms.get_mut(tag).expect("it has settled");
        let Some(open) = &mut alarm.open else { return };
        open.active = false;
        alarm.quiet.hidden = Some(Hidden { priority: open.priority, repeats: 0 });
        alarm.quiet.review = because.and_then(Because::until);
        self.close_if_over(tag, now);
    }

    fn surface(&mut self, tag: &Tag, now: Moment) {
        let quiet = self.quiet_mut(tag);
        quiet.review = None;
        let hidden = quiet.hidden.take().expect("it is hidden");
        let cause = self.cause_of_now(tag, hidden.priority).expect("what is hidden is defined");
        self.counts.surfaced += 1;
        self.activate_aloud(tag, &cause, now);
        self.buries(now);
    }

    /// The files have changed: what can no longer be seen is hidden no more, and all else is looked at.
    pub(super) fn look_at_all(&mut self, now: Moment) {
        let hidden: Vec<Tag> = self
            .alarms
            .iter()
            .filter(|(_, alarm)| alarm.quiet.hidden.is_some())
            .map(|(tag, _)| tag.clone())
            .collect();
        for tag in hidden {
            if self.cause_of_now(&tag, Priority::High).is_none() {
                self.passed(&tag);
            } else {
                self.quiet_mut(&tag).review = Some(Span::new(now, Duration::ZERO));
            }
        }
    }
}

impl Because {
    fn until(self) -> Option<Span> {
        match self {
            Self::Window(until) => Some(until),
            Self::OutOfService | Self::Shelved | Self::Explained => None,
        }
    }
}

/// What a person names.
enum Named {
    One(Tag),
    All(String),
}

impl Model {
    /// A person wants an alarm to be quiet, or no longer. Who may not changes nothing.
    pub(super) fn quieten(&mut self, request: &Request, now: Moment) {
        let right = match request.wish {
            Wish::Shelve { .. } | Wish::Unshelve => Right::Shelve,
            Wish::TakeOut { .. } | Wish::Return => Right::OutOfService,
        };
        if !self.plan.may(request.person.as_str(), right) {
            return;
        }
        if let Some(named) = self.named_alarm(request) {
            self.wished(named, &request.wish, now);
        }
    }

    fn named_alarm(&self, request: &Request) -> Option<Named> {
        let (definition, key) = match &request.which {
            Which::Open(Target::Occurrence(number)) => {
                return self.open.get(number).cloned().map(Named::One);
            }
            Which::Open(Target::Code(code)) => panic!("nobody types a code here: {code}"),
            Which::Alarm { definition, key } => (definition.to_string(), key.as_deref()),
        };
        let is_known = self.cause_of_now(&(definition.clone(), String::new()), Priority::High);
        match (&request.wish, key) {
            (Wish::Shelve { .. } | Wish::TakeOut { .. }, _) if is_known.is_none() => None,
            (_, Some(key)) => Some(Named::One((definition, key.to_owned()))),
            (Wish::TakeOut { .. } | Wish::Return, None) if definition != "remote" => {
                Some(Named::All(definition))
            }
            (_, None) if definition == "remote" => Some(Named::One((definition, String::new()))),
            (Wish::Shelve { .. } | Wish::Unshelve | Wish::TakeOut { .. } | Wish::Return, None) => {
                None
            }
        }
    }

    fn wished(&mut self, named: Named, wish: &Wish, now: Moment) {
        match (wish, named) {
            (Wish::Shelve { lasting, once, .. }, Named::One(tag)) => {
                self.shelves(&tag, *lasting, *once, now);
            }
            (Wish::Unshelve, Named::One(tag)) => {
                if self.quiet_mut(&tag).shelf.take().is_some() {
                    self.look(&tag, now);
                }
            }
            (Wish::TakeOut { .. }, Named::One(tag)) if self.plan.definition(&tag.0).is_some() => {
                self.quiet_mut(&tag).out = true;
                self.hush(&tag, now);
            }
            (Wish::Return, Named::One(tag)) => {
                if std::mem::take(&mut self.quiet_mut(&tag).out) {
                    self.look(&tag, now);
                }
            }
            (Wish::TakeOut { .. }, Named::All(name)) if self.plan.definition(&name).is_some() => {
                self.out.insert(name.clone());
                self.look_at_definition(&name, now);
            }
            (Wish::Return, Named::All(name)) => {
                if self.out.remove(&name) {
                    self.look_at_definition(&name, now);
                }
            }
            // Who watches over the watch stays in service; and nobody shelves a whole definition.
            (Wish::TakeOut { .. } | Wish::Shelve { .. } | Wish::Unshelve, _) => {}
        }
    }

    /// It is quiet for a while, never longer than the site allows.
    pub(super) fn shelves(&mut self, tag: &Tag, lasting: Duration, once: bool, now: Moment) {
        let until = Span::new(now, lasting.min(LONGEST_SHELVING));
        self.quiet_mut(tag).shelf = Some(Shelf { until, once });
        self.hush(tag, now);
    }

    /// All its alarms that stand or are hidden are looked at, each by itself.
    fn look_at_definition(&mut self, name: &str, now: Moment) {
        for (_, alarm) in self.alarms.iter_mut().filter(|((known, _), _)| known == name) {
            if alarm.open.is_some() || alarm.quiet.hidden.is_some() {
                alarm.quiet.review = Some(Span::new(now, Duration::ZERO));
            }
        }
        self.look_at_all_effects(name, now);
    }

    /// What a person has taken out of service stays so until a person returns it.
    pub(crate) fn out_of_service(&self) -> Vec<(String, Option<String>)> {
        let definitions = self.out.iter().map(|name| (name.clone(), None));
        let alarms = self.alarms.iter().filter(|(_, alarm)| alarm.quiet.out);
        let alarms = alarms.map(|((name, key), _)| (name.clone(), Some(key.clone())));
        definitions.chain(alarms).collect()
    }
}
