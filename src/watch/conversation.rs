//! Short messages from people, and commands at the control socket: who says what, and whether it
//! counts (behaviour §6).
//!
//! # Decision (2026-11-27): a number is answered twelve questions an hour
//!
//! `LIST`, `ONCALL` and `4711 ?` ask and change nothing. The number of a message can be anybody's, and what answers by itself asks again:
//! without a bound two machines would write to each other, at three segments a message, until the credit is spent. So [`ANSWERS`] of them
//! together are answered in an hour, counted as explanations and orders are; what is beyond is on the record and gets no answer. What
//! acts (a code, a confirmation) is always answered: nobody else than its person has the code, and who is not told believes that it was
//! not heard. Rejected: a word that so many were asked, which would be one more message.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::alarm::Occurrence;
use super::answer::orders::Order;
use super::answer::{self, Answer};
use super::codes::Code;
use super::decision::{Fact, Outcome, Refusal};
use super::draft::Draft;
use super::event::{Action, Command, ShortMessage, Target};
use super::name::PersonId;
use super::notification::Purpose;
use super::own_alarms::{SelfAlarm, SelfSignal};
use super::signal::{Kind, Tells};
use super::site::PhoneNumber;
use super::state::{LONG_PATIENCE, PATIENCE};
use super::storm::Member;
use super::swap::Said;
use super::time::Utc;

/// Wrong codes count together while they are no further apart than this.
const GUESSING: Duration = Duration::from_secs(600);
/// Who guesses slowly is found out over this time.
const SLOW_GUESSING: Duration = Duration::from_secs(24 * 3_600);
/// The wrong codes of all numbers count together while they are no further apart than this.
const GUESSING_OF_ALL: Duration = Duration::from_secs(3_600);
/// For how long a number that guesses is not listened to.
const LOCKED_OUT: Duration = Duration::from_secs(3_600);
/// No list has room for more alarms than this.
const SHOWN: usize = 30;
/// So many questions of a number are answered within an hour: what stands, who is on call, a procedure.
pub(super) const ANSWERS: usize = 12;
/// Explanations, and answers to questions, are counted over this time.
const EXPLAINING: Duration = Duration::from_secs(3_600);

/// What a code is worth in the hands of the person who sent it.
pub(super) enum Worth {
    /// The occurrence that it answers, in the run of now.
    Live(Box<Occurrence>),
    /// The code of a digest.
    Listed(Arc<[Member]>),
    /// It answered once: the occurrence, where that is still open.
    Dead(Option<Box<Occurrence>>),
    /// It was never this person's.
    Wrong,
}

impl Draft<'_> {
    /// A modem received a short message. An answer of a known person counts as one; what a
    /// definition selects is an alarm; anything else is on the record, and explained to people
    /// who are known.
    pub(super) fn message(&mut self, message: &ShortMessage) -> Outcome {
        if let Some(identity) = message.identity() {
            if self.state.heard.knows(identity, Kind::Gsm, Tells::News, self.now.utc) {
                return Outcome::Repeated;
            }
            self.fact(Fact::Heard { identity });
        }
        if self.came_round(message) {
            return Outcome::Taken;
        }
        let site = self.site;
        let known = match (&message.sender, &message.national) {
            (Some(number), _) => site.person_at(number).map(|person| (person.clone(), number)),
            (None, Some(shown)) => {
                site.person_shown_as(shown).map(|(person, number)| (person.clone(), number))
            }
            (None, None) => None,
        };
        if let Some((person, _)) = &known {
            self.is_reached(person);
        }
        match (known, answer::parse(&message.signal.text)) {
            (Some((_, number)), Some(_)) if self.is_locked(number) => {}
            (Some((person, number)), Some(answer)) => self.answer(&person, number, answer),
            (Some((person, number)), None) if !self.is_claimed(&message.signal) => {
                if !self.is_locked(number) {
                    let text = self.wording(&person).not_understood();
                    self.explain(&person, number, text);
                }
            }
            (Some(_) | None, _) => self.read(&message.signal),
        }
        Outcome::Taken
    }

    /// Whether the number is locked out now.
    pub(super) fn is_locked(&self, number: &PhoneNumber) -> bool {
        self.state
            .conversations
            .get(number)
            .and_then(|talk| talk.locked)
            .is_some_and(|locked| locked.mono > self.now.mono)
    }

    fn answer(&mut self, person: &PersonId, number: &PhoneNumber, answer: Answer) {
        let (code, action) = match answer {
            Answer::List => {
                self.answer_question(person, number, None, |draft| draft.list(person));
                return;
            }
            Answer::Order(order) => {
                self.order(person, number, &order);
                return;
            }
            Answer::Act(code, action) => (code, Some(action)),
            Answer::Procedure(code) => (code, None),
        };
        if self.trade_answered(person, number, code, action) {
            return;
        }
        match (self.worth(person, code), action) {
            (Worth::Live(open), Some(action)) => self.act_and_reply(&open, person, action),
            (Worth::Live(open), None) => {
                let procedure = |draft: &mut Self| draft.wording(person).procedure(&open);
                self.answer_question(person, number, Some(&open), procedure);
            }
            (Worth::Listed(listed), Some(action)) => {
                let id = self.next_notification();
                let text = self.act_on_all(&listed, person, action, Some(code));
                self.owe_as(id, person, Purpose::Reply, None, text);
            }
            (Worth::Listed(listed), None) => {
                let procedures = |draft: &mut Self| draft.procedures(&listed, person);
                self.answer_question(person, number, None, procedures);
            }
            (Worth::Dead(open), Some(_) | None) => {
                self.has_died(person, number, code, open.as_deref())
            }
            (Worth::Wrong, Some(_) | None) => {
                if !self.answers_drill(person, number, code) {
                    self.wrong_code(person, number, code);
                }
            }
        }
    }

    /// A person asks for something beyond answering.
    fn order(&mut self, person: &PersonId, number: &PhoneNumber, order: &Order) {
        match order {
            Order::OnCall { schedule } => self.who_is_on_call(person, number, schedule.as_deref()),
            Order::Take { schedule, lasting } => {
                self.take_by_message(person, number, schedule, *lasting);
            }
            Order::Trade { with, day, month } => {
                self.trade_by_message(person, number, (with, *day, *month));
            }
            Order::Shelve { code, lasting } => self.shelve_by_code(person, number, *code, *lasting),
            Order::Swap { group, lasting } => {
                // Numbered before those to others: who has asked waits for this.
                let id = self.next_notification();
                match self.swap(person, group, *lasting, Said::Message) {
                    Ok(text) => self.owe_as(id, person, Purpose::Reply, None, text),
                    Err(text) => self.explain(person, number, text),
                }
            }
            Order::Drill(code) => {
                if self.answers_drill(person, number, *code) {
                    return;
                }
                match self.worth(person, *code) {
                    Worth::Wrong => self.wrong_code(person, number, *code),
                    Worth::Live(_) | Worth::Listed(_) => {
                        let text = self.wording(person).no_drill(*code);
                        self.explain(person, number, text);
                    }
                    Worth::Dead(open) => self.has_died(person, number, *code, open.as_deref()),
                }
            }
        }
    }

    /// A person acts, and is told by a short message what came of it.
    pub(super) fn act_and_reply(&mut self, open: &Occurrence, person: &PersonId, action: Action) {
        // Numbered before those to others: who has answered waits for this, and would answer again
        // while twenty people are told.
        let id = self.next_notification();
        let text = match self.act(open, person, action) {
            Outcome::Done(text) | Outcome::Refused(Refusal(text)) => text,
            Outcome::Taken | Outcome::Repeated | Outcome::Testing(..) | Outcome::Owing(..) => {
                return;
            }
        };
        self.owe_as(id, person, Purpose::Reply, Some(open), text);
    }

    /// What this code is worth, sent by this person.
    pub(super) fn worth(&self, person: &PersonId, code: Code) -> Worth {
        let binding = self.state.codes().binding(code, self.now.utc);
        let Some(binding) = binding.filter(|binding| binding.person == *person) else {
            return Worth::Wrong;
        };
        if let Some(listed) = &binding.listed {
            let stands = |member: &Member| self.state.stands_in(*member);
            let lives = binding.died.is_none() && listed.iter().any(stands);
            return if lives { Worth::Listed(Arc::clone(listed)) } else { Worth::Dead(None) };
        }
        let open = self.state.occurrence(binding.occurrence).cloned().map(Box::new);
        match open {
            Some(open) if binding.died.is_none() && binding.run == open.run => Worth::Live(open),
            Some(_) | None => Worth::Dead(open),
        }
    }

    /// A wrong code: counted, explained, and at last the number is locked out (behaviour §6).
    pub(super) fn wrong_code(&mut self, person: &PersonId, number: &PhoneNumber, code: Code) {
        self.fact(Fact::WrongCode { number: number.clone() });
        let wrong = self.state.conversations.get(number).map_or(&[][..], |talk| &talk.wrong);
        let lately = |within| self.lately(wrong, within).saturating_add(1);
        let wording = self.site_wording();
        let reason = match (lately(GUESSING) >= PATIENCE, lately(SLOW_GUESSING) >= LONG_PATIENCE) {
            (true, _) => Some(wording.five_wrong_codes()),
            (false, true) => Some(wording.ten_wrong_codes()),
            (false, false) => None,
        };
        if let Some(reason) = reason {
            self.fact(Fact::LockedOut { number: number.clone(), wait: self.now.wait(LOCKED_OUT) });
            self.own(SelfSignal::raised(SelfAlarm::NumberLockedOut, person.as_str(), &reason));
        }
        self.guessed_everywhere();
        let text = self.wording(person).wrong_code(code);
        self.explain(person, number, text);
    }

    /// Who guesses under many numbers is locked out under none of them: the tenth wrong code in an hour is told. As long as there are
    /// more of them that is told already.
    fn guessed_everywhere(&mut self) {
        let all = self.state.conversations.values();
        let before: usize = all.map(|talk| self.lately(&talk.wrong, GUESSING_OF_ALL)).sum();
        if before.saturating_add(1) == LONG_PATIENCE {
            let reason = self.site_wording().guessed_everywhere();
            self.own(SelfSignal::raised(SelfAlarm::NumberLockedOut, "", &reason));
        }
    }

    /// A number that was locked out is listened to again.
    pub(super) fn unlock(&mut self, number: &PhoneNumber) {
        self.fact(Fact::Unlocked { number: number.clone() });
    }

    /// One short explanation, at most five an hour.
    pub(super) fn explain(&mut self, person: &PersonId, number: &PhoneNumber, text: String) {
        let explained = self
            .state
            .conversations
            .get(number)
            .map_or(0, |talk| self.lately(&talk.explained, EXPLAINING));
        if explained < PATIENCE {
            self.fact(Fact::Explained { number: number.clone() });
            self.owe(person, Purpose::Reply, None, text);
        }
    }

    /// A code that has died: who sends it may believe that it was heard, so it is no guess, and no noise.
    fn has_died(
        &mut self,
        person: &PersonId,
        number: &PhoneNumber,
        code: Code,
        open: Option<&Occurrence>,
    ) {
        self.answer_question(person, number, None, |draft| draft.dead(person, code, open));
    }

    /// What was asked for, about this if about one, unless the number has asked too often.
    fn answer_question(
        &mut self,
        person: &PersonId,
        number: &PhoneNumber,
        about: Option<&Occurrence>,
        text: impl FnOnce(&mut Self) -> String,
    ) {
        if self.may_ask(number) {
            let text = text(self);
            self.owe(person, Purpose::Reply, about, text);
        }
    }

    /// Whether a question of this number is answered; if so, it counts.
    pub(super) fn may_ask(&mut self, number: &PhoneNumber) -> bool {
        let talk = self.state.conversations.get(number);
        let answered = talk.map_or(0, |talk| self.lately(&talk.answered, EXPLAINING));
        if answered < ANSWERS {
            self.fact(Fact::Answered { number: number.clone() });
        }
        answered < ANSWERS
    }

    pub(super) fn lately(&self, times: &[Utc], within: Duration) -> usize {
        times.iter().filter(|time| time.is_within(within, self.now.utc)).count()
    }

    /// What stands open for a person: what they were told of or hold, the worst first.
    fn list(&mut self, person: &PersonId) -> String {
        let mut mine: Vec<&Occurrence> = self
            .state
            .standing()
            .map(|(_, open)| open)
            .filter(|open| {
                open.told(person).is_some()
                    || open.stage.is_held_by(person)
                    || self.state.storms.will_call(person, open.number, open.run)
            })
            .collect();
        mine.sort_by_key(|open| (std::cmp::Reverse(open.activation.priority), open.number));
        // What a digest told of is answered one by one from here.
        let mut codes = BTreeMap::new();
        for open in mine.iter().take(SHOWN) {
            let asks = open.stage.wants(person) || open.stage.may_be_confirmed_by(person);
            if asks && open.code_of(person).is_none() {
                codes.insert(open.number, self.code_for(open, person));
            }
        }
        self.wording(person).list(&mine, person, &codes)
    }

    /// A person acts at the control socket. The sentence goes back the same way; no message is
    /// owed to who is at the keyboard.
    pub(super) fn command(&mut self, command: &Command) -> Outcome {
        let person = &command.person;
        if !self.site.people.contains_key(person) {
            return Outcome::Refused(Refusal(format!("no person is called `{person}`")));
        }
        let found = match command.target {
            Target::Code(code) => match self.worth(person, code) {
                Worth::Live(open) => Ok(open),
                Worth::Listed(listed) => {
                    let done = self.act_on_all(&listed, person, command.action, Some(code));
                    return Outcome::Done(done);
                }
                Worth::Dead(open) => Err(self.dead(person, code, open.as_deref())),
                Worth::Wrong => Err(self.wording(person).wrong_code(code)),
            },
            Target::Occurrence(number) => match self.state.occurrence(number) {
                Some(open) => Ok(Box::new(open.clone())),
                None => Err(self.wording(person).no_such_occurrence(number)),
            },
        };
        match found {
            Ok(open) => self.act(&open, person, command.action),
            Err(sentence) => Outcome::Refused(Refusal(sentence)),
        }
    }
}
