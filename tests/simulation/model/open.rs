//! One occurrence: what it asks for, and of whom (behaviour §2, §3).

use vigie::watch::alarm::OccurrenceNumber;
use vigie::watch::site::Priority;
use vigie::watch::time::{Moment, Utc};

use super::Span;
use super::alarms::Cause;
use super::ladder::{Ladder, Seeks};
use super::swaps::Ways;
use crate::site::{Answers, By, Policy};

/// A ladder as it was frozen, and the last resort.
pub(super) type Frozen = Option<(Policy, Option<Policy>)>;

#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) number: OccurrenceNumber,
    pub(super) priority: Priority,
    /// How bad it was at the worst since people were called from the first step on.
    worst: Priority,
    pub(super) momentary: bool,
    pub(super) active: bool,
    pub(super) opened: Utc,
    /// Its latest activation, and its latest return.
    pub(super) since: Utc,
    pub(super) returned: Option<Utc>,
    pub(super) latched: bool,
    /// Whether it comes and goes without end; it stands as active then.
    pub(super) flapping: bool,
    pub(super) repeats: u64,
    pub(super) run: u32,
    pub(super) stage: Stage,
    pub(super) closes: bool,
    /// Its ladder, frozen when it opened, and the last resort.
    pub(super) policy: Frozen,
    /// The two ladders between which it is swapped.
    pub(super) ways: Option<Box<Ways>>,
    pub(super) ladder: Option<Ladder>,
    pub(super) declined: Vec<String>,
    /// Whether what waits is owed for it no more: it was asked anew, or goes to others.
    pub(super) taken_back: bool,
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

    /// What is asked for at first by that ladder.
    fn at_first(policy: &Frozen) -> Self {
        match policy.as_ref().map(|(policy, _)| policy.answers) {
            None | Some(Answers::None) => Self::NotRequired,
            Some(Answers::Single { .. } | Answers::Double { .. }) => Self::Asked(Vec::new()),
        }
    }
}

impl Open {
    /// It opens, with the ladder of now.
    pub(super) fn new(
        number: OccurrenceNumber,
        cause: &Cause,
        policy: Frozen,
        ways: Option<Box<Ways>>,
        now: Moment,
    ) -> Self {
        let mut open = Self {
            number,
            priority: cause.priority,
            worst: cause.priority,
            momentary: cause.momentary,
            active: !cause.momentary,
            opened: now.utc,
            since: now.utc,
            returned: cause.momentary.then_some(now.utc),
            latched: cause.latch,
            flapping: false,
            repeats: 0,
            run: 0,
            stage: Stage::NotRequired,
            closes: false,
            policy: None,
            ways,
            ladder: None,
            declined: Vec::new(),
            taken_back: false,
        };
        open.goes_by(policy, cause.latch, now);
        open
    }

    /// It goes by that ladder, from its first step.
    pub(super) fn goes_by(&mut self, policy: Frozen, latch: bool, now: Moment) {
        self.closes = policy.as_ref().is_none_or(|(policy, _)| policy.closes && !latch);
        self.stage = Stage::at_first(&policy);
        self.policy = policy;
        self.ladder = None;
        if self.policy.is_some() {
            self.climbs_anew(now);
        }
    }

    pub(super) fn is_asked(&self) -> bool {
        matches!(self.stage, Stage::Asked(_))
    }

    pub(super) fn is_over(&self) -> bool {
        let owes = matches!(self.stage, Stage::Held { confirm: Some(_), .. });
        let stands = self.active || self.flapping || self.latched || self.is_asked() || owes;
        !stands && self.ladder.is_none()
    }

    /// From the first step, in the same run.
    pub(super) fn climbs_anew(&mut self, now: Moment) {
        let seeks = if self.stage == Stage::NotRequired { Seeks::Witness } else { Seeks::Answer };
        self.worst = self.priority;
        self.ladder = Some(Ladder::new(seeks, now));
    }

    /// Asked for again, in a new run; by the other ladder, where its group has been swapped since somebody took it.
    pub(super) fn reopen(&mut self, now: Moment) {
        if self.is_elsewhere() {
            self.moves(now);
            if !self.is_asked() {
                return;
            }
        }
        self.stage = Stage::Asked(Vec::new());
        self.run += 1;
        self.climbs_anew(now);
    }

    /// The same, because it is worse or told again: whoever was spared at the latest step is called at the first.
    fn is_asked_anew(&mut self, now: Moment) {
        let before = self.ladder.take();
        self.climbs_anew(now);
        let ladder = self.ladder.as_mut().filter(|_| self.stage != Stage::NotRequired);
        if let (Some(ladder), Some(before)) = (ladder, before) {
            (ladder.spared, ladder.again) = (before.spared, before.again);
        }
        self.taken_back = true;
    }

    fn informs_again(&mut self, now: Moment) {
        if self.policy.is_some() {
            self.is_asked_anew(now);
        }
    }

    fn worse(&mut self, now: Moment) {
        match &self.stage {
            Stage::NotRequired => self.informs_again(now),
            Stage::Asked(so_far) if so_far.is_empty() => self.is_asked_anew(now),
            Stage::Asked(_) | Stage::Held { .. } | Stage::Done { .. } => self.reopen(now),
        }
    }

    /// It is said again. While it flaps a lesser priority is not followed.
    pub(super) fn again(&mut self, priority: Priority, now: Moment) {
        self.repeats += 1;
        if self.flapping && priority < self.priority {
            return;
        }
        self.priority = priority;
        if priority > self.worst {
            self.worse(now);
        }
    }

    /// Active again: an acknowledgement that came before does not count for it.
    pub(super) fn reactivate(&mut self, cause: &Cause, now: Moment) {
        let worse = cause.priority > self.worst;
        self.priority = cause.priority;
        self.momentary = cause.momentary;
        self.active = !cause.momentary;
        self.since = now.utc;
        self.returned = cause.momentary.then_some(now.utc);
        self.latched = cause.latch;
        self.repeats += 1;
        match &self.stage {
            Stage::Asked(so_far) if so_far.is_empty() && !worse => {}
            Stage::Asked(so_far) if so_far.is_empty() => self.is_asked_anew(now),
            Stage::NotRequired if self.is_elsewhere() => self.moves(now),
            Stage::NotRequired => self.informs_again(now),
            Stage::Asked(_) | Stage::Held { .. } | Stage::Done { .. } => self.reopen(now),
        }
    }

    /// It has flapped, has come to rest, and its cause is present: nobody has answered to that yet.
    pub(super) fn stays(&mut self, now: Moment) {
        match &self.stage {
            Stage::NotRequired => self.informs_again(now),
            Stage::Asked(so_far) if so_far.is_empty() => {}
            Stage::Asked(_) | Stage::Held { .. } | Stage::Done { .. } => self.reopen(now),
        }
    }
}
