//! People whom messages do not reach: a number that works no more is found before the night in which it is needed (behaviour §9).
//!
//! What counts are messages in a row of which a network said that they will not arrive: refused, failed, or given up. One that
//! arrived, an answer, or another number in the files ends the row, and the alarm.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::name::PersonId;
use super::notification::{Ending, Notification, Purpose};
use super::own_alarms::{SelfAlarm, SelfSignal};
use super::site::PhoneNumber;
use super::state::State;

/// So many messages in a row make the alarm: one is refused by a network that is busy, two by a phone in a cellar.
const IN_A_ROW: u32 = 3;

/// Messages in a row that did not arrive.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Row {
    /// At which number.
    phone: PhoneNumber,
    /// How many, up to [`IN_A_ROW`].
    count: u32,
}

/// What the end of a message says of its number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Says {
    Works,
    WorksNot,
    Nothing,
}

impl Notification {
    fn says_of_its_number(&self, ending: Ending) -> Says {
        match (self.purpose, ending) {
            // That is a modem's number, and its path has an alarm of its own.
            (Purpose::LoopBack, _) => Says::Nothing,
            (_, Ending::Delivered) => Says::Works,
            (_, Ending::Refused) => Says::WorksNot,
            // What never left says nothing of where it was to go.
            (_, Ending::Expired) if self.is_with_the_network() => Says::WorksNot,
            (_, Ending::Expired | Ending::Unreported | Ending::Cancelled) => Says::Nothing,
        }
    }
}

impl State {
    /// A message to a person is at its end.
    pub(super) fn ended_at_its_number(&mut self, owed: &Notification, ending: Ending) {
        match owed.says_of_its_number(ending) {
            Says::Nothing => {}
            Says::Works => {
                self.unreached.remove(&owed.person);
            }
            Says::WorksNot => {
                let count = self.in_a_row(owed).saturating_add(1).min(IN_A_ROW);
                let row = Row { phone: owed.phone.clone(), count };
                self.unreached.insert(owed.person.clone(), row);
            }
        }
    }

    /// How many messages in a row have not arrived at that number.
    fn in_a_row(&self, owed: &Notification) -> u32 {
        let row = self.unreached.get(&owed.person);
        row.filter(|row| row.phone == owed.phone).map_or(0, |row| row.count)
    }
}

impl Draft<'_> {
    /// A message to a person is at its end: whether their number works.
    pub(super) fn mind_number(&mut self, owed: &Notification, ending: Ending) {
        match owed.says_of_its_number(ending) {
            Says::Nothing => {}
            Says::Works => self.is_reached(&owed.person),
            Says::WorksNot => {
                let known =
                    self.site.people.get(&owed.person).and_then(|known| known.phone.as_ref());
                // A number that the files name no more is nobody's trouble.
                let is_theirs = known == Some(&owed.phone);
                if is_theirs && self.state.in_a_row(owed).saturating_add(1) >= IN_A_ROW {
                    let reason = self.site_wording().in_a_row(IN_A_ROW);
                    let person = owed.person.as_str();
                    self.own(SelfSignal::raised(SelfAlarm::PersonUnreachable, person, &reason));
                }
            }
        }
    }

    /// A message has reached them, or one of theirs us.
    pub(super) fn is_reached(&mut self, person: &PersonId) {
        if self.state.stands(SelfAlarm::PersonUnreachable, person.as_str()) {
            self.own(SelfSignal::cleared(SelfAlarm::PersonUnreachable, person.as_str()));
        }
    }

    /// The files have changed: who has another number, or is called no more, is not unreachable at the one of before.
    pub(super) fn look_at_numbers(&mut self) {
        let (state, site) = (self.state, self.site);
        let standing: Vec<Arc<str>> =
            state.subjects(SelfAlarm::PersonUnreachable).map(Arc::from).collect();
        for person in standing {
            let known = site.people.get(&*person).and_then(|person| person.phone.as_ref());
            let row = state.unreached.get(&*person);
            if known.is_none() || row.is_some_and(|row| Some(&row.phone) != known) {
                self.own(SelfSignal::cleared(SelfAlarm::PersonUnreachable, &person));
            }
        }
    }
}
