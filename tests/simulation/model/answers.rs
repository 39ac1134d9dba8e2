//! Answers of people, by SMS and at the keyboard (behaviour §3, §6).

use std::time::Duration;

use vigie::watch::alarm::OccurrenceNumber;
use vigie::watch::event::{Action, Command, ShortMessage, Target};
use vigie::watch::site::{Priority, Right};
use vigie::watch::storm::Kind;
use vigie::watch::time::{Moment, Utc};

use super::alarms::Cause;
use super::open::{Open, Stage};
use super::orders::{Words, read};
use super::{Model, Span};
use crate::site::{Answers, By, TRANSMITTER};

const A_DAY: Duration = Duration::from_secs(24 * 3_600);

/// What a code stands for.
#[derive(Clone, Debug)]
pub(super) struct Binding {
    person: String,
    /// One occurrence in a run; for the code of a digest, each that it lists.
    about: Vec<(OccurrenceNumber, u32)>,
    is_of_many: bool,
    died: Option<Utc>,
}

impl Binding {
    pub(super) fn of_many(person: &str, about: Vec<(OccurrenceNumber, u32)>) -> Self {
        Self { person: person.to_owned(), about, is_of_many: true, died: None }
    }

    pub(super) fn is_dead(&self) -> bool {
        self.died.is_some()
    }

    pub(super) fn is_for_the_same(&self, other: &Self) -> bool {
        self.person == other.person && self.about == other.about
    }

    pub(super) fn dies(&mut self, now: Utc) {
        self.died.get_or_insert(now);
    }

    /// Whether that person's, for that run.
    pub(super) fn is_of(&self, person: &str, occurrence: OccurrenceNumber, run: u32) -> bool {
        self.person == person && self.about == [(occurrence, run)]
    }
}

/// What is remembered of a number.
#[derive(Clone, Debug, Default)]
pub(super) struct Talk {
    wrong: Vec<Utc>,
    locked: Option<Span>,
}

impl Talk {
    pub(super) fn resume(&mut self, now: Moment) {
        if let Some(locked) = &mut self.locked {
            locked.resume(now);
        }
    }
}

impl Model {
    pub(super) fn message(&mut self, message: &ShortMessage, now: Moment) {
        let identity = message.signal.identity.expect("each message has one");
        if self.heard.contains_key(&identity) {
            return;
        }
        self.heard.insert(identity, now.utc);
        let sender = message.sender.as_ref().expect("all senders are numbers").to_string();
        if sender == TRANSMITTER {
            let definition = self.plan.definition("remote").expect("both plans have it").clone();
            self.present(
                &("remote".to_owned(), String::new()),
                Cause::of(&definition, Priority::High),
                now,
            );
            return;
        }
        let Some(person) = self.plan.person_at(&sender) else { return };
        let Some(words) = read(&message.signal.text) else { return };
        let locked = self.talks.get(&sender).and_then(|talk| talk.locked);
        if locked.is_some_and(|locked| locked.mono > now.mono) {
            return;
        }
        let (code, action) = match words {
            Words::Answer(code, action) => (code, action),
            Words::Shelve(code, lasting) => {
                return self.shelves_by_code(person, &sender, &code, lasting, now);
            }
            Words::Swap(group, lasting) => {
                return self.orders_by_message(person, &group, lasting, now);
            }
            Words::Take(schedule, lasting) => {
                return self.takes_over(person, &schedule, lasting, now);
            }
        };
        match self.worth(person, &code, now) {
            Worth::Live(about) => {
                for (occurrence, run) in about {
                    if let Some(action) = action.filter(|_| self.run_of(Some(occurrence)) == run) {
                        self.act(occurrence, person, action, now);
                    }
                }
            }
            Worth::Dead => {}
            Worth::Wrong => self.wrong(&sender, now),
        }
    }

    /// `MASQUE 4711 2H`: the code must be theirs and of one alarm, and they must be allowed to.
    fn shelves_by_code(
        &mut self,
        person: &str,
        sender: &str,
        code: &str,
        lasting: Duration,
        now: Moment,
    ) {
        let is_of_one = self.codes.get(code).is_some_and(|binding| !binding.is_of_many);
        match self.worth(person, code, now) {
            Worth::Live(about) if is_of_one => {
                let [(occurrence, _)] = about[..] else { panic!("one alarm: {about:?}") };
                let tag = self.open.get(&occurrence).expect("its code lives").clone();
                if self.plan.may(person, Right::Shelve) {
                    self.shelves(&tag, lasting, false, now);
                }
            }
            Worth::Live(_) | Worth::Dead => {}
            Worth::Wrong => self.wrong(sender, now),
        }
    }

    pub(super) fn command(&mut self, command: &Command, now: Moment) {
        let Target::Occurrence(number) = command.target else { panic!("nobody types codes here") };
        if self.open.contains_key(&number) {
            self.act(number, command.person.as_str(), command.action, now);
        }
    }

    fn worth(&self, person: &str, code: &str, now: Moment) -> Worth {
        match self.codes.get(code) {
            Some(binding) if binding.person == person => match binding.died {
                None => Worth::Live(binding.about.clone()),
                // The code of a digest dies when the next one is made, or when it is worded anew: whether that was more than a day ago,
                // the record says.
                Some(_) if binding.is_of_many && self.is_said_to_be_wrong => Worth::Wrong,
                Some(_) if binding.is_of_many => Worth::Dead,
                Some(died) if died.until(now.utc) <= A_DAY => Worth::Dead,
                Some(_) => Worth::Wrong,
            },
            Some(_) | None => Worth::Wrong,
        }
    }

    /// Five wrong codes in ten minutes lock a number out for an hour, and ten in a day.
    fn wrong(&mut self, number: &str, now: Moment) {
        let talk = self.talks.entry(number.to_owned()).or_default();
        let recent: Vec<Utc> = talk.wrong.iter().rev().take(10).copied().collect();
        let within = |seconds| {
            let length = Duration::from_secs(seconds);
            let counts = |at: &&Utc| **at <= now.utc && at.until(now.utc) <= length;
            recent.iter().filter(counts).count() + 1
        };
        talk.wrong.push(now.utc);
        if within(600) >= 5 || within(86_400) >= 10 {
            talk.locked = Some(Span::new(now, Duration::from_secs(3_600)));
        }
    }

    /// A number is listened to again: for good, whatever time the wall clock shows at a later start.
    pub(super) fn unlocks(&mut self, number: &str, now: Moment) {
        let talk = self.talks.get_mut(number);
        let locked = talk.and_then(|talk| talk.locked.take());
        let locked = locked.expect("[no deadline comes by itself] a number that is locked out");
        assert!(
            locked.mono <= now.mono,
            "[no deadline comes early] {number}: {locked:?} at {now:?}"
        );
    }

    /// A code was given out: it must be nobody else's.
    pub(super) fn drawn(
        &mut self,
        code: &str,
        person: &str,
        occurrence: OccurrenceNumber,
        run: u32,
    ) {
        let about = vec![(occurrence, run)];
        let binding = Binding { person: person.to_owned(), about, is_of_many: false, died: None };
        let old = self.codes.insert(code.to_owned(), binding);
        let free = old.as_ref().is_none_or(|old| old.died.is_some());
        assert!(
            free,
            "[a code is one person's] {code} for {person} and {occurrence:?}: it is {old:?}"
        );
        assert_eq!(
            self.run_of(Some(occurrence)),
            run,
            "[a code is of this run] {code} for {person}"
        );
    }

    /// The codes of runs and occurrences that are over are dead.
    pub(super) fn buries(&mut self, now: Moment) {
        let (alarms, open) = (&self.alarms, &self.open);
        let mut died = false;
        for binding in self.codes.values_mut().filter(|binding| binding.died.is_none()) {
            let run_of = |occurrence| {
                let open = open.get(occurrence).and_then(|tag| alarms.get(tag)?.open.as_ref());
                open.map(|open| open.run)
            };
            if !binding.about.iter().any(|(occurrence, run)| run_of(occurrence) == Some(*run)) {
                binding.died = Some(now.utc);
                died = true;
            }
        }
        if died {
            // What died more than a day ago is not remembered.
            self.codes.retain(|_, binding| {
                binding.is_of_many || binding.died.is_none_or(|died| died.until(now.utc) <= A_DAY)
            });
        }
    }

    /// Whether the occurrence, in that run, asks this person for that.
    pub(super) fn still_asks(
        &self,
        number: OccurrenceNumber,
        run: u32,
        person: &str,
        kind: Kind,
    ) -> bool {
        let open = self.open.get(&number).and_then(|tag| self.alarms.get(tag)?.open.as_ref());
        open.is_some_and(|open| {
            let wants = match &open.stage {
                Stage::Asked(_) => true,
                Stage::Held { confirm: Some(By::Other), .. } => kind == Kind::Confirm,
                Stage::NotRequired | Stage::Held { .. } | Stage::Done { .. } => false,
            };
            let out = open.declined.iter().any(|known| known == person);
            open.run == run && wants && !out && !open.holds(person)
        })
    }

    fn act(&mut self, number: OccurrenceNumber, person: &str, action: Action, now: Moment) {
        let Some(open) = self.open_mut(number) else { return };
        match action {
            Action::Acknowledge => open.acknowledge(person, now),
            Action::Confirm => open.confirm(person, now),
            Action::Decline => open.decline(person, now),
            Action::Reset => {
                if open.latched && !open.active && !open.is_asked() {
                    open.latched = false;
                }
            }
        }
        if let Some(tag) = self.open.get(&number).cloned() {
            self.close_if_over(&tag, now);
        }
    }
}

enum Worth {
    Live(Vec<(OccurrenceNumber, u32)>),
    Dead,
    Wrong,
}

impl Open {
    fn holds(&self, person: &str) -> bool {
        self.stage.holders().iter().any(|holder| holder == person)
    }

    fn acknowledge(&mut self, person: &str, now: Moment) {
        let Stage::Asked(so_far) = &self.stage else { return };
        if self.holds(person) {
            return;
        }
        let mut holders = so_far.clone();
        holders.push(person.to_owned());
        self.declined.retain(|known| known != person);
        let answers =
            self.policy.as_ref().map(|(policy, _)| policy.answers).expect("it is asked for");
        let (responders, until, confirm) = match answers {
            Answers::None => return,
            Answers::Single { responders, expires } => (responders, expires, None),
            Answers::Double { responders, within, by } => (responders, Some(within), Some(by)),
        };
        if holders.len() >= responders {
            let until = until.map(|length| Span::new(now, length));
            self.stage = Stage::Held { holders, until, confirm };
            self.ladder = None;
        } else {
            self.stage = Stage::Asked(holders);
            self.drops_out(person, now);
        }
    }

    fn confirm(&mut self, person: &str, now: Moment) {
        if self.is_asked() && !self.holds(person) {
            self.acknowledge(person, now);
            let Stage::Held { confirm: Some(By::Same | By::Anyone), .. } = self.stage else {
                return;
            };
            self.confirmed(person);
            return;
        }
        let may = match &self.stage {
            Stage::Held { confirm: Some(By::Same), .. } => self.holds(person),
            Stage::Held { confirm: Some(By::Other), .. } => !self.holds(person),
            Stage::Held { confirm: Some(By::Anyone), .. } => true,
            Stage::NotRequired
            | Stage::Asked(_)
            | Stage::Held { confirm: None, .. }
            | Stage::Done { .. } => false,
        };
        if may {
            self.confirmed(person);
        } else {
            self.acknowledge(person, now);
        }
    }

    fn confirmed(&mut self, person: &str) {
        self.stage = Stage::Done { holders: self.stage.holders().to_vec(), by: person.to_owned() };
        self.ladder = None;
    }

    fn decline(&mut self, person: &str, now: Moment) {
        if matches!(self.stage, Stage::NotRequired | Stage::Done { .. }) {
            return;
        }
        let holds = self.holds(person);
        if !self.declined.iter().any(|known| known == person) {
            self.declined.push(person.to_owned());
        }
        let others: Vec<String> =
            self.stage.holders().iter().filter(|holder| *holder != person).cloned().collect();
        match &self.stage {
            Stage::Held { .. } if holds => {
                // While others still hold it, it stays where it is.
                if others.is_empty() && self.is_elsewhere() {
                    self.moves(now);
                    if !self.is_asked() {
                        return;
                    }
                }
                self.stage = Stage::Asked(others);
                self.climbs_anew(now);
            }
            Stage::Asked(_) => {
                self.stage = Stage::Asked(others);
                if holds && self.is_elsewhere() && self.is_free() {
                    self.moves(now);
                } else {
                    self.drops_out(person, now);
                }
            }
            Stage::NotRequired | Stage::Held { .. } | Stage::Done { .. } => {}
        }
    }
}
