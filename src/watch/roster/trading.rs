//! `SWAP karim 24/12`: my shift of that day against Karim's next one, if Karim agrees.
//!
//! Both shifts are those of one person alone: an override stands in for everybody who would be on call, and nobody gives away what
//! others hold with them. What was asked is looked at again when it is answered: the schedule may have changed meanwhile.

use std::time::Duration;

use jiff::civil::Date;

use super::{Change, Roster, Shift, Trade, TradeEnding};
use crate::watch::answer::orders::plain;
use crate::watch::codes::Code;
use crate::watch::draft::Draft;
use crate::watch::event::Action;
use crate::watch::name::{PersonId, ScheduleId};
use crate::watch::notification::Purpose;
use crate::watch::schedule::{Override, Schedule};
use crate::watch::site::PhoneNumber;
use crate::watch::time::Utc;

/// For so long a question lives, if no shift begins before.
const ASKED: Duration = Duration::from_secs(24 * 3_600);
/// So many questions of one person live at once.
const QUESTIONS: usize = 5;

impl<'a> Draft<'a> {
    /// A person wants to trade a shift, and is told what came of it.
    pub(in crate::watch) fn trade_by_message(
        &mut self,
        person: &PersonId,
        number: &PhoneNumber,
        (with, day, month): (&str, i8, i8),
    ) {
        let id = self.next_notification();
        match self.ask_to_trade(person, with, day, month) {
            Ok(text) => self.owe_as(id, person, Purpose::Reply, None, text),
            Err(text) => self.explain(person, number, text),
        }
    }

    fn ask_to_trade(
        &mut self,
        asker: &PersonId,
        with: &str,
        day: i8,
        month: i8,
    ) -> Result<String, String> {
        let (wording, now) = (self.wording(asker), self.now.utc);
        let asked = match self.people_called(with).as_slice() {
            [one] if *one != asker => (*one).clone(),
            [] | [_] => return Err(wording.nobody_to_trade_with(with)),
            several => return Err(wording.several_are_called(with, several)),
        };
        let known = self.site.people.get(&asked);
        if known.is_none_or(|known| known.phone.is_none()) {
            return Err(wording.nobody_to_trade_with(with));
        }
        let mut found = self.trades(asker, &asked, (day, month));
        let (Some((id, given, wanted)), is_only) = (found.pop(), found.is_empty()) else {
            return Err(wording.no_shift_to_trade(&asked, day, month));
        };
        if !is_only {
            let names = found.iter().map(|(id, ..)| *id).chain([id]).collect::<Vec<_>>();
            return Err(wording.several_shifts_to_trade(&names));
        }
        let mine = self
            .state
            .roster()
            .trades
            .values()
            .filter(|trade| trade.over.is_none() && trade.asker == *asker);
        let mine: Vec<&Trade> = mine.collect();
        let is_asked = mine
            .iter()
            .any(|trade| trade.asked == asked && trade.schedule == *id && trade.given == given);
        if is_asked || mine.len() >= QUESTIONS {
            return Err(wording.asked_already(&asked));
        }
        let life = now.until(given.from.min(wanted.from)).min(ASKED);
        // A shift that is under way is traded for what is left of it when the answer comes.
        let life =
            if life.is_zero() { now.until(wanted.from.min(given.until)).min(ASKED) } else { life };
        let trade = Trade {
            asker: asker.clone(),
            asked: asked.clone(),
            schedule: id.clone(),
            given,
            wanted,
            until: self.now.wait(life),
            over: None,
        };
        let code = self.draw_code();
        let question = self.wording(&asked).trade_question(&trade, self.wall_of(id), code);
        self.rostered(Change::Asked { code, trade: Box::new(trade.clone()) });
        self.owe(&asked, Purpose::Announcement, None, question);
        Ok(self.wording(asker).trade_asked(&trade, self.wall_of(id)))
    }

    /// The people who are called so, by their identifier, their name or their first name.
    fn people_called(&self, called: &str) -> Vec<&'a PersonId> {
        let exact = |id: &PersonId| plain(id.as_str()) == called;
        if let Some(id) = self.site.people.keys().find(|id| exact(id)) {
            return vec![id];
        }
        let people =
            self.site.people.iter().filter(|(_, person)| {
                person.name.split_whitespace().any(|word| plain(word) == called)
            });
        people.map(|(id, _)| id).collect()
    }

    /// In each schedule of both: the asker's shift of that day, and the other's next one.
    fn trades(
        &self,
        asker: &PersonId,
        asked: &PersonId,
        date: (i8, i8),
    ) -> Vec<(&'a ScheduleId, Shift, Shift)> {
        let (roster, now) = (self.state.roster(), self.now.utc);
        let schedules = self.site.schedules.iter();
        schedules
            .filter_map(|(id, schedule)| {
                let schedule = roster.in_force(self.site, id, schedule);
                let people = schedule.people();
                if !people.contains(asker) || !people.contains(asked) {
                    return None;
                }
                let day = next_date(schedule.wall.shows(now).date(), date)?;
                let given = schedule.shift_on(asker, day, now)?;
                let wanted = schedule.next_shift(asked, given, now)?;
                Some((id, given, wanted))
            })
            .collect()
    }

    /// An answer to a question about a trade; `false`: the code is none of one.
    pub(in crate::watch) fn trade_answered(
        &mut self,
        person: &PersonId,
        number: &PhoneNumber,
        code: Code,
        action: Option<Action>,
    ) -> bool {
        let state = self.state;
        let Some(trade) = state.roster().trades.get(&code).filter(|trade| trade.asked == *person)
        else {
            return false;
        };
        let is_over = trade.over.is_some() || trade.until.mono <= self.now.mono;
        match action {
            _ if is_over => {
                let text = self.wording(person).trade_is_over();
                self.explain(person, number, text);
            }
            Some(Action::Acknowledge) => self.agree(code, trade),
            Some(Action::Decline) => {
                self.rostered(Change::Answered { code, ending: TradeEnding::Declined });
                self.tell_both(trade, |wording| wording.trade_declined(trade));
            }
            Some(Action::Confirm | Action::Reset) | None => {
                let text =
                    self.wording(person).trade_question(trade, self.wall_of(&trade.schedule), code);
                self.owe(person, Purpose::Reply, None, text);
            }
        }
        true
    }

    fn agree(&mut self, code: Code, trade: &Trade) {
        let site = self.site;
        let now = self.now.utc;
        let known = site.schedules.get(&trade.schedule);
        let in_force = known
            .map(|schedule| self.state.roster().in_force(self.site, &trade.schedule, schedule));
        let still = in_force.filter(|schedule| {
            let has = |person: &PersonId, shift: Shift| has_all(schedule, person, shift, now);
            has(&trade.asker, trade.given) && has(&trade.asked, trade.wanted)
        });
        if still.is_none() {
            self.rostered(Change::Answered { code, ending: TradeEnding::Void });
            self.tell_both(trade, |wording| wording.trade_void(trade));
            return;
        }
        let mut roster: Roster = self.state.roster().clone();
        for (person, shift) in [(&trade.asked, trade.given), (&trade.asker, trade.wanted)] {
            let by =
                Override { person: person.clone(), from: shift.from.max(now), until: shift.until };
            let change = Change::Taken { schedule: trade.schedule.clone(), by, by_message: false };
            roster.change(&change, now);
            self.rostered(change);
        }
        self.rostered(Change::Answered { code, ending: TradeEnding::Agreed });
        let wall = self.wall_of(&trade.schedule);
        self.tell_both(trade, |wording| wording.traded(trade, wall));
        self.look_at_cover(&roster);
    }

    /// To the one who answers, and to the one who asked.
    fn tell_both(
        &mut self,
        trade: &Trade,
        sentence: impl Fn(crate::watch::wording::Wording<'_>) -> String,
    ) {
        for (person, purpose) in
            [(&trade.asked, Purpose::Reply), (&trade.asker, Purpose::Announcement)]
        {
            let text = sentence(self.wording(person));
            self.owe(person, purpose, None, text);
        }
    }
}

/// Whether the person is still alone on call for all that is left of the shift.
fn has_all(schedule: &Schedule, person: &PersonId, shift: Shift, now: Utc) -> bool {
    let from = shift.from.max(now);
    let stretches = schedule.stretches(from, shift.until);
    from < shift.until
        && stretches.iter().all(|stretch| stretch.people == std::slice::from_ref(person))
}

/// The next day of that date, today included.
fn next_date(today: Date, (day, month): (i8, i8)) -> Option<Date> {
    let years = (0..=8_i16).filter_map(|years| today.year().checked_add(years));
    years.filter_map(|year| Date::new(year, month, day).ok()).find(|date| *date >= today)
}
