//! What people ask for: to shelve an alarm, to take it out of service, and back (behaviour §8).
//!
//! By SMS, at the control socket and on a topic of a broker it is the same request. Who may is `may` in the files; whoever
//! may not is told so, and the alarm goes on calling.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::hiding::Because;
use super::{Mark, Quieting, Shelf};
use crate::watch::alarm::{Alarm, AlarmNumber, Occurrence, OccurrenceNumber};
use crate::watch::codes::Code;
use crate::watch::conversation::Worth;
use crate::watch::decision::{Fact, Outcome, Refusal};
use crate::watch::definition::KEY_LIMIT;
use crate::watch::draft::Draft;
use crate::watch::event::Target;
use crate::watch::name::{DefinitionName, PersonId};
use crate::watch::notification::Purpose;
use crate::watch::site::{PhoneNumber, Right};
use crate::watch::state::State;

/// A reason is cut to so many characters.
pub const LONGEST_REASON: usize = 200;

/// What a person asks for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Request {
    /// Who.
    pub person: PersonId,
    /// The account that acts for them, for the record.
    pub account: Arc<str>,
    /// To which alarm.
    pub which: Which,
    /// What is done to it.
    pub wish: Wish,
}

/// By what an alarm is named.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// By a code of the acting person's, or by its open occurrence.
    Open(Target),
    /// By itself: `link[10.0.0.1/7]`; without a key, all alarms of a definition that has keys.
    Alarm {
        /// The definition.
        definition: DefinitionName,
        /// The key, where one is written.
        key: Option<Arc<str>>,
    },
}

/// What is done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// It is quiet for a while.
    Shelve {
        /// For how long.
        lasting: Duration,
        /// Whether its next return ends it as well.
        once: bool,
        /// Why.
        reason: Option<Arc<str>>,
    },
    /// It is shelved no more.
    Unshelve,
    /// It is quiet until somebody returns it.
    TakeOut {
        /// Why.
        reason: Option<Arc<str>>,
    },
    /// It is in service again.
    Return,
}

/// Why something names no alarm.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "`{0}` names no alarm: write a code (4711), an occurrence ('#12'), or the alarm ('link[10.0.0.1/7]')"
)]
pub struct WhichError(String);

impl FromStr for Which {
    type Err = WhichError;

    fn from_str(written: &str) -> Result<Self, WhichError> {
        if let Ok(target) = written.parse() {
            return Ok(Self::Open(target));
        }
        let wrong = || WhichError(written.chars().take(80).collect());
        let (name, key) = match written.split_once('[') {
            Some((name, rest)) => (name, Some(rest.strip_suffix(']').ok_or_else(wrong)?)),
            None => (written, None),
        };
        let is_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
        if name.is_empty() || !name.chars().all(is_name) {
            return Err(wrong());
        }
        Ok(Self::Alarm { definition: DefinitionName::new(name), key: key.map(Arc::from) })
    }
}

impl Wish {
    /// The command line's word for it.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Shelve { .. } => "shelve",
            Self::Unshelve => "unshelve",
            Self::TakeOut { .. } => "out-of-service",
            Self::Return => "return",
        }
    }

    /// The right without which nobody may.
    pub fn right(&self) -> Right {
        match self {
            Self::Shelve { .. } | Self::Unshelve => Right::Shelve,
            Self::TakeOut { .. } | Self::Return => Right::OutOfService,
        }
    }
}

/// What a request is about, once it was found.
enum Found<'a> {
    /// An alarm of which something is remembered.
    Known(&'a Alarm),
    /// One that never was active.
    New(DefinitionName, Arc<str>),
    /// All alarms of a definition.
    All(DefinitionName),
}

impl<'a> Draft<'a> {
    /// A person asks at the control socket, or on a topic. The sentence goes back the same way.
    pub(in crate::watch) fn quieten(&mut self, request: &Request) -> Outcome {
        let person = &request.person;
        let Some(known) = self.site.people.get(person) else {
            return Outcome::Refused(Refusal(format!("no person is called `{person}`")));
        };
        if !known.may.contains(&request.wish.right()) {
            return self.refuse(|wording| wording.has_no_right(request.wish.right()), person);
        }
        let found = match &request.which {
            Which::Open(Target::Code(code)) => self.coded(person, *code),
            Which::Open(Target::Occurrence(number)) => self.numbered(person, *number),
            Which::Alarm { definition, key } => {
                self.named(person, &request.wish, definition, key.as_ref())
            }
        };
        match found {
            Ok(found) => self.wished(person, &request.wish, found),
            Err(sentence) => Outcome::Refused(Refusal(sentence)),
        }
    }

    /// `SHELVE 4711 2H`: a person asks by SMS, and is told so.
    pub(in crate::watch) fn shelve_by_code(
        &mut self,
        person: &PersonId,
        number: &PhoneNumber,
        code: Code,
        lasting: Duration,
    ) {
        let open = match self.worth(person, code) {
            Worth::Live(open) => open,
            Worth::Listed(_) => {
                let text = self.wording(person).code_of_many(code);
                return self.explain(person, number, text);
            }
            Worth::Dead(open) => {
                let text = self.dead(person, code, open.as_deref());
                return self.explain(person, number, text);
            }
            Worth::Wrong => return self.wrong_code(person, number, code),
        };
        // Numbered before those to others, as every reply is.
        let id = self.next_notification();
        let account = Arc::from("sms");
        let wish = Wish::Shelve { lasting, once: false, reason: None };
        let which = Which::Open(Target::Code(code));
        let request = Request { person: person.clone(), account, which, wish };
        let text = match self.quieten(&request) {
            Outcome::Done(text) | Outcome::Refused(Refusal(text)) => text,
            Outcome::Taken | Outcome::Repeated | Outcome::Testing(..) | Outcome::Owing(..) => {
                return;
            }
        };
        self.owe_as(id, person, Purpose::Reply, Some(&open), text);
    }

    fn coded(&self, person: &PersonId, code: Code) -> Result<Found<'a>, String> {
        let open = match self.worth(person, code) {
            Worth::Live(open) => open,
            Worth::Listed(_) => return Err(self.wording(person).code_of_many(code)),
            Worth::Dead(open) => return Err(self.dead(person, code, open.as_deref())),
            Worth::Wrong => return Err(self.wording(person).wrong_code(code)),
        };
        self.numbered(person, open.number)
    }

    fn numbered(&self, person: &PersonId, number: OccurrenceNumber) -> Result<Found<'a>, String> {
        let state: &'a State = self.state;
        match state.alarm_of(number) {
            Some(alarm) if alarm.is_test => Err(self.wording(person).is_a_test()),
            Some(alarm) => Ok(Found::Known(alarm)),
            None => Err(self.wording(person).no_such_occurrence(number)),
        }
    }

    fn named(
        &self,
        person: &PersonId,
        wish: &Wish,
        name: &DefinitionName,
        key: Option<&Arc<str>>,
    ) -> Result<Found<'a>, String> {
        let (state, site): (&'a State, _) = (self.state, self.site);
        let written = key.map_or("", |key| &**key);
        let known = state.alarm(name.as_str(), written);
        let definition = site.definitions.get(name.as_str());
        // Of what the files do not name any more only what was asked for before can be taken back.
        let has_key = match (definition, wish) {
            (Some(definition), _) => !definition.key.source().is_empty(),
            (None, Wish::Unshelve | Wish::Return) => key.is_some() || known.is_none(),
            (None, Wish::Shelve { .. } | Wish::TakeOut { .. }) => {
                return Err(self.wording(person).no_such_definition(name));
            }
        };
        match (known, key) {
            (_, None) if has_key => match wish {
                Wish::TakeOut { .. } | Wish::Return => Ok(Found::All(name.clone())),
                Wish::Shelve { .. } | Wish::Unshelve => Err(self.wording(person).which_key(name)),
            },
            (_, Some(key)) if !has_key && !key.is_empty() => {
                Err(self.wording(person).has_no_key(name))
            }
            (_, Some(key)) if key.len() > KEY_LIMIT || key.chars().any(char::is_control) => {
                Err(self.wording(person).has_no_key(name))
            }
            (Some(alarm), _) => Ok(Found::Known(alarm)),
            (None, _) if definition.is_some_and(|known| !state.has_room(known)) => {
                Err(self.wording(person).no_more_room())
            }
            (None, _) => Ok(Found::New(name.clone(), Arc::from(written))),
        }
    }

    /// Why a code counts no more: its alarm is over, or kept quiet, or was called again.
    pub(in crate::watch) fn dead(
        &self,
        person: &PersonId,
        code: Code,
        open: Option<&Occurrence>,
    ) -> String {
        let wording = self.wording(person);
        let quiet = self.state.quiet_by_code(code, self.now.utc).filter(|_| open.is_none());
        let Some(alarm) = quiet else { return wording.dead_code(code, open) };
        if let Some(shelf) = alarm.shelf() {
            return wording.shelved(&alarm.called(), shelf);
        }
        // It is there all the same: only what is kept quiet and is not there is over.
        match self.because_of(alarm).filter(|_| alarm.is_active()) {
            Some(Because::Service(by)) => wording.out_of_service(&alarm.called(), &by),
            Some(Because::Cause(_)) => wording.is_an_effect(&alarm.called()),
            Some(Because::Shelf | Because::Window(_)) | None => wording.dead_code(code, open),
        }
    }

    fn wished(&mut self, person: &PersonId, wish: &Wish, found: Found<'_>) -> Outcome {
        match (wish, found) {
            (Wish::Shelve { .. } | Wish::Unshelve, Found::All(definition)) => {
                self.refuse(|wording| wording.which_key(&definition), person)
            }
            (Wish::Shelve { lasting, once, reason }, found) => {
                let lasting = (*lasting).min(self.site.longest_shelving);
                let (mark, until) = (self.mark(person, reason), self.now.wait(lasting));
                let shelf = Shelf { mark, until, once: *once };
                self.shelve(person, found, shelf)
            }
            (Wish::TakeOut { reason }, found) => {
                let mark = self.mark(person, reason);
                self.take_out(person, found, mark)
            }
            (Wish::Unshelve, Found::Known(alarm)) if alarm.shelf().is_some() => {
                let by = Some(person.clone());
                self.quieting(Quieting::Unshelved { alarm: alarm.number, by });
                self.look_again(&alarm.unshelved());
                Outcome::Done(self.wording(person).unshelved(&alarm.called()))
            }
            (Wish::Return, Found::Known(alarm)) if alarm.service().is_some() => {
                self.quieting(Quieting::InService { alarm: alarm.number, by: person.clone() });
                self.look_again(&alarm.in_service());
                Outcome::Done(self.wording(person).in_service(&alarm.called()))
            }
            (Wish::Return, Found::All(definition))
                if self.state.quiet.is_out(&definition).is_some() =>
            {
                let by = person.clone();
                self.quieting(Quieting::DefinitionIn { definition: definition.clone(), by });
                Outcome::Done(self.wording(person).in_service(definition.as_str()))
            }
            (Wish::Unshelve, Found::Known(_) | Found::New(..)) => {
                self.refuse(|wording| wording.is_not_shelved(), person)
            }
            (Wish::Return, Found::Known(_) | Found::New(..) | Found::All(_)) => {
                self.refuse(|wording| wording.is_in_service(), person)
            }
        }
    }

    fn mark(&self, person: &PersonId, reason: &Option<Arc<str>>) -> Mark {
        let plain = |letter: char| if letter.is_control() { ' ' } else { letter };
        let reason = reason.as_ref().map(|reason| {
            let kept: String = reason.trim().chars().map(plain).take(LONGEST_REASON).collect();
            Arc::from(kept)
        });
        let reason = reason.filter(|reason: &Arc<str>| !reason.is_empty());
        Mark { by: person.clone(), since: self.now.utc, reason }
    }

    fn shelve(&mut self, person: &PersonId, found: Found<'_>, shelf: Shelf) -> Outcome {
        let (alarm, what) = match &found {
            Found::Known(alarm) => (alarm.number, alarm.called()),
            Found::New(definition, key) => self.know_quiet(definition, key),
            Found::All(definition) => {
                return self.refuse(|wording| wording.which_key(definition), person);
            }
        };
        self.quieting(Quieting::Shelved { alarm, shelf: shelf.clone() });
        if let Found::Known(known) = found {
            self.take_back_information(|alarm| alarm == known.number);
            self.hush(known, Some(person), |wording| wording.shelved(&what, &shelf));
        }
        Outcome::Done(self.wording(person).shelved(&what, &shelf))
    }

    fn take_out(&mut self, person: &PersonId, found: Found<'_>, mark: Mark) -> Outcome {
        let definition = match &found {
            Found::Known(alarm) => &alarm.definition,
            Found::New(definition, _) | Found::All(definition) => definition,
        };
        // Who watches over the watch stays in service: it is shelved, for as long as it must be.
        if self.is_of_vigie(definition) {
            return self.refuse(|wording| wording.shelve_it_instead(), person);
        }
        let by = mark.by.clone();
        let (alarm, what) = match &found {
            Found::Known(alarm) => (alarm.number, alarm.called()),
            Found::New(definition, key) => self.know_quiet(definition, key),
            Found::All(definition) => {
                let definition = definition.clone();
                let sentence = self.wording(person).out_of_service(definition.as_str(), &by);
                let state = self.state;
                self.take_back_information(|number| {
                    state.alarm_numbered(number).is_some_and(|alarm| alarm.definition == definition)
                });
                self.quieting(Quieting::DefinitionOut { definition, mark });
                self.plan_list();
                return Outcome::Done(sentence);
            }
        };
        self.quieting(Quieting::OutOfService { alarm, mark });
        self.plan_list();
        if let Found::Known(known) = found {
            self.take_back_information(|alarm| alarm == known.number);
            self.hush(known, Some(person), |wording| wording.out_of_service(&what, &by));
        }
        Outcome::Done(self.wording(person).out_of_service(&what, &by))
    }

    /// An alarm that never was active, known because it is quiet from now on.
    fn know_quiet(&mut self, definition: &DefinitionName, key: &Arc<str>) -> (AlarmNumber, String) {
        let alarm = self.next_alarm();
        let known = Alarm::new(alarm, definition.clone(), Arc::clone(key));
        let (definition, key) = (definition.clone(), Arc::clone(key));
        self.fact(Fact::AlarmKnown { alarm, definition, key, is_test: false });
        (alarm, known.tag())
    }
}
