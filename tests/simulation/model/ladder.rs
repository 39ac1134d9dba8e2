//! The ladder: who must be called, when, and who must not (behaviour §4).

use std::collections::BTreeSet;
use std::time::Duration;

use vigie::watch::alarm::OccurrenceNumber;
use vigie::watch::decision::Fact;
use vigie::watch::notification::{Ending, Notification, Purpose};
use vigie::watch::site::Priority;
use vigie::watch::storm::Kind;
use vigie::watch::time::Moment;

use super::open::{Open, Stage};
use super::{Model, Span};
use crate::site::{Answers, By};

const PAUSE: Duration = Duration::from_secs(60);
/// Nobody is left alone for longer because they have declined, where nobody else is left.
const LEFT_ALONE: Duration = Duration::from_secs(15 * 60);

/// What a ladder looks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Seeks {
    Answer,
    Witness,
}

#[derive(Clone, Debug)]
pub(super) struct Ladder {
    seeks: Seeks,
    last_resort: bool,
    pass: u32,
    step: usize,
    pub(super) due: Span,
    fired: bool,
    called: Vec<String>,
    /// Those who were busy at the latest rung, and were not called.
    pub(super) spared: Vec<String>,
    /// Until when those who have declined are left alone, although nobody else is left.
    pub(super) again: Option<Span>,
}

/// What is owed to somebody.
#[derive(Clone, Debug)]
pub(super) struct Note {
    /// What it tells of, each in the run of then.
    pub(super) about: Vec<(OccurrenceNumber, u32)>,
    /// What it is to tell of no more: it is asked anew.
    pub(super) struck: BTreeSet<OccurrenceNumber>,
    pub(super) person: String,
    pub(super) purpose: Purpose,
    pub(super) kind: Option<Kind>,
    pub(super) priority: Priority,
    pub(super) is_digest: bool,
    /// Whether nobody knows if it left.
    pub(super) doubted: bool,
    /// The code of a digest.
    pub(super) code: Option<String>,
    /// Whether any modem ever had it.
    pub(super) attempted: bool,
    pub(super) progress: Progress,
}

/// Where a message stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Progress {
    Waits,
    Leaves,
    Left,
}

impl Note {
    pub(super) fn new(owed: &Notification, about: Vec<(OccurrenceNumber, u32)>) -> Self {
        let code = owed.digest.as_ref().and_then(|digest| digest.code).map(|code| code.to_string());
        Self {
            about,
            struck: BTreeSet::new(),
            person: owed.person.to_string(),
            purpose: owed.purpose,
            kind: kind(owed),
            priority: owed.priority,
            is_digest: owed.digest.is_some(),
            doubted: false,
            code,
            attempted: false,
            progress: Progress::Waits,
        }
    }
}

/// What it is for, if it tells or reminds of an occurrence.
pub(super) fn kind(owed: &Notification) -> Option<Kind> {
    if let Some(digest) = &owed.digest {
        return Some(digest.kind);
    }
    owed.occurrence?;
    match owed.purpose {
        Purpose::Call if owed.answer_within.is_some() => Some(Kind::Ask),
        Purpose::Call => Some(Kind::Confirm),
        Purpose::Information => Some(Kind::Inform),
        Purpose::Reminder => Some(Kind::Remind),
        Purpose::Announcement
        | Purpose::Reply
        | Purpose::LoopBack
        | Purpose::Drill
        | Purpose::Notice
        | Purpose::LifeSign
        | Purpose::Test => None,
    }
}

impl Ladder {
    fn kind(&self) -> Kind {
        match self.seeks {
            Seeks::Answer => Kind::Ask,
            Seeks::Witness => Kind::Inform,
        }
    }

    pub(super) fn new(seeks: Seeks, now: Moment) -> Self {
        let due = Span::new(now, Duration::ZERO);
        Self {
            seeks,
            last_resort: false,
            pass: 0,
            step: 0,
            due,
            fired: false,
            called: Vec::new(),
            spared: Vec::new(),
            again: None,
        }
    }
}

impl Open {
    /// Whether it is climbed again and again, and not the last resort after it.
    fn ends_here(&self, ladder: &Ladder) -> bool {
        ladder.last_resort || self.policy.as_ref().is_some_and(|(_, last)| last.is_none())
    }

    fn steps(&self, last_resort: bool) -> &[(Vec<&'static str>, Duration)] {
        let (policy, last) = self.policy.as_ref().expect("a ladder has a policy");
        match last {
            Some(last) if last_resort => &last.steps,
            Some(_) | None => &policy.steps,
        }
    }

    /// Goes one rung on; whether a pass ends by it.
    fn rung(&self, ladder: &mut Ladder) -> bool {
        ladder.step += 1;
        if ladder.step < self.steps(ladder.last_resort).len() {
            return false;
        }
        let (policy, last) = self.policy.as_ref().expect("a ladder has a policy");
        ladder.step = 0;
        if !ladder.last_resort && ladder.pass >= policy.repeat && last.is_some() {
            ladder.last_resort = true;
            ladder.pass = 0;
        } else {
            ladder.pass += 1;
        }
        true
    }

    /// One of those who were called is out; when nobody of them is left, the next rung is due.
    pub(super) fn drops_out(&mut self, person: &str, now: Moment) {
        let Some(ladder) = &mut self.ladder else { return };
        let before = ladder.called.len();
        ladder.called.retain(|called| called != person);
        if ladder.called.len() < before && ladder.called.is_empty() {
            ladder.due = Span::new(now, Duration::ZERO);
        }
    }

    /// The same for one whose message was refused; but the same steps are not climbed again
    /// without a pause.
    fn is_refused(&mut self, person: &str, now: Moment) {
        let before = self.ladder.as_ref().map(|ladder| (ladder.due, ladder.called.len()));
        self.drops_out(person, now);
        let (Some(ladder), Some((due, called))) = (&mut self.ladder, before) else { return };
        if called > ladder.called.len()
            && ladder.called.is_empty()
            && ladder.step == 0
            && ladder.pass > 0
        {
            let pause = Span::new(now, PAUSE);
            ladder.due = if due.mono <= pause.mono { due } else { pause };
        }
    }
}

impl Model {
    /// Whether calls about it are those of a ladder that seeks an answer, or a witness.
    pub(super) fn is_by_the_ladder(&self, number: OccurrenceNumber) -> bool {
        let open = self.open.get(&number).and_then(|tag| self.alarms.get(tag)?.open.as_ref());
        open.is_some_and(|open| matches!(open.stage, Stage::Asked(_) | Stage::NotRequired))
    }

    /// The deadline of a ladder has passed: its rung fires, or is skipped at once.
    pub(super) fn climb(&mut self, number: OccurrenceNumber, now: Moment) {
        let phones: Vec<&str> = self
            .plan
            .people
            .iter()
            .filter(|(_, phone)| phone.is_some())
            .map(|(person, _)| *person)
            .collect();
        let tag = self.open.get(&number).expect("[no deadline comes by itself] it is open").clone();
        let open = self.alarms.get(&tag).and_then(|alarm| alarm.open.clone()).expect("it is open");
        // Whom else than the holder it asks to confirm is not followed here.
        if let Stage::Held { .. } | Stage::Done { .. } = open.stage {
            return;
        }
        let mut ladder =
            open.ladder.clone().expect("[no deadline comes by itself] nobody is to be called");
        assert!(
            ladder.due.mono <= now.mono,
            "[no deadline comes early] {tag:?}: {ladder:?} at {now:?}"
        );
        let out = self.would_be_called(&open, &ladder, &phones, now);
        let (people, wait) = open.steps(ladder.last_resort)[ladder.step].clone();
        let mut people = self.named(&people, now);
        let spared = ladder.spared.iter().filter(|person| !people.contains(person));
        people.extend(spared.cloned().collect::<Vec<_>>());
        let people: Vec<String> = people
            .into_iter()
            .filter(|person| phones.contains(&person.as_str()))
            .filter(|person| {
                !open.declined.contains(person) && !open.stage.holders().contains(person)
            })
            .collect();
        let (people, spared) = self.without_the_busy(&open, number, &ladder, people);
        ladder.spared = spared;
        let pass_ends = open.rung(&mut ladder);
        let mut ends = false;
        if people.is_empty() {
            let in_vain = pass_ends && !ladder.fired;
            if in_vain {
                ladder.again =
                    out.then(|| ladder.again.unwrap_or_else(|| Span::new(now, LEFT_ALONE)));
                ends = ladder.again.take_if(|again| again.mono <= now.mono).is_some();
            }
            let pauses = in_vain && !ends;
            ladder.due = Span::new(now, if pauses { PAUSE } else { Duration::ZERO });
            ladder.fired = ladder.fired && !pass_ends;
            ladder.called.clear();
        } else {
            ladder.again = None;
            for person in &people {
                if !self.waits_to_leave(number, person, open.run, ladder.kind()) {
                    self.expected.insert((number, person.clone()));
                }
            }
            ladder.due = Span::new(now, wait);
            ladder.fired = !pass_ends;
            ladder.called = people.clone();
        }
        let witness = ladder.seeks == Seeks::Witness && !people.is_empty();
        let open = self.open_mut(number).expect("it is open");
        open.ladder = (!witness).then_some(ladder);
        if ends {
            open.declined.clear();
        }
        self.close_if_over(&tag, now);
    }

    /// Whether somebody of what is climbed for ever is left out only because they have declined.
    fn would_be_called(&self, open: &Open, ladder: &Ladder, phones: &[&str], now: Moment) -> bool {
        let steps = open.steps(ladder.last_resort).iter();
        let mut all = steps.flat_map(|(people, _)| self.named(people, now));
        open.ends_here(ladder)
            && all.any(|person| {
                phones.contains(&person.as_str())
                    && open.declined.contains(&person)
                    && !open.stage.holders().contains(&person)
            })
    }

    /// The record says that declines count no longer: it must have come to that here as well. Whom else than the holder it asks to
    /// confirm is not followed.
    pub(super) fn declines_end(&mut self, number: OccurrenceNumber) {
        let open = self.open_mut(number).expect("it is open");
        if let Stage::Held { .. } | Stage::Done { .. } = open.stage {
            open.declined.clear();
        }
        assert!(
            open.declined.is_empty(),
            "[who declined is asked again where nobody else is left] {number:?}: {open:?}"
        );
    }

    /// Who is called at a rung, and who is not although it names them: they hold something as bad that nobody has
    /// confirmed yet, were not called in this run, were not left out at the rung before, and the others are enough.
    fn without_the_busy(
        &self,
        open: &Open,
        number: OccurrenceNumber,
        ladder: &Ladder,
        people: Vec<String>,
    ) -> (Vec<String>, Vec<String>) {
        let is_busy = |person: &String| {
            let others = self.open.values().filter_map(|tag| self.alarms.get(tag)?.open.as_ref());
            let mut held = others.filter(|other| other.priority >= open.priority);
            held.any(|other| match &other.stage {
                Stage::Held { holders, confirm: Some(_), .. } => holders.contains(person),
                _ => false,
            })
        };
        let free = people.iter().filter(|person| !is_busy(person)).count();
        let (policy, _) = open.policy.as_ref().expect("a ladder has a policy");
        let wanted = match policy.answers {
            Answers::None => 1,
            Answers::Single { responders, .. } | Answers::Double { responders, .. } => {
                responders - open.stage.holders().len()
            }
        };
        if ladder.seeks == Seeks::Witness || free < wanted {
            return (people, Vec::new());
        }
        let was_called = |person: &String| {
            self.codes.values().any(|code| code.is_of(person, number, open.run))
                || self.was_told(number, person, open.run)
                || ladder.spared.contains(person)
        };
        people.into_iter().partition(|person| was_called(person) || !is_busy(person))
    }

    /// Everybody whom what is climbed again and again calls.
    pub(crate) fn at_last(&self, number: OccurrenceNumber) -> Vec<&'static str> {
        let open = self.open.get(&number).and_then(|tag| self.alarms.get(tag)?.open.as_ref());
        let steps = open.filter(|open| open.policy.is_some()).map(|open| open.steps(true));
        steps.into_iter().flatten().flat_map(|(people, _)| people.iter().copied()).collect()
    }

    /// Everybody whom its ladder, as it was frozen, ever calls.
    pub(crate) fn on_the_ladder(&self, number: OccurrenceNumber) -> Vec<&'static str> {
        let open = self.open.get(&number).and_then(|tag| self.alarms.get(tag)?.open.as_ref());
        let Some((policy, last)) = open.and_then(|open| open.policy.as_ref()) else {
            return Vec::new();
        };
        let steps = policy.steps.iter().chain(last.iter().flat_map(|last| &last.steps));
        steps.flat_map(|(people, _)| people.iter().copied()).collect()
    }

    /// How many people its end takes: another than the holder must confirm, where the policy says so.
    pub(crate) fn takes(&self, number: OccurrenceNumber) -> usize {
        let open = self.open.get(&number).and_then(|tag| self.alarms.get(tag)?.open.as_ref());
        let policy = open.and_then(|open| open.policy.as_ref()).map(|(policy, _)| policy);
        match policy.map(|policy| policy.answers) {
            Some(Answers::Double { by: By::Other, .. }) => 2,
            _ => 1,
        }
    }

    /// A call will never reach its person.
    pub(super) fn hasten(&mut self, id: u64, now: Moment) {
        let Some(Note { about, person, purpose: Purpose::Call, .. }) = self.notes.get(&id).cloned()
        else {
            return;
        };
        for (number, run) in about {
            let open = self.open_mut(number);
            if let Some(open) = open.filter(|open| open.run == run && open.is_asked()) {
                open.is_refused(&person, now);
            }
        }
    }

    /// A network says that a message it took will not arrive.
    pub(super) fn never_arrived(&mut self, facts: &[Fact], now: Moment) {
        for fact in facts {
            if let Fact::Settled {
                notification, ending: Ending::Refused | Ending::Expired, ..
            } = fact
            {
                self.hasten(notification.0, now);
            }
        }
    }
}
