//! What people read of schedules: who is on call, who has taken one, and shifts that are traded.

use std::borrow::Cow;

use jiff::civil::{DateTime, Weekday};

use super::Wording;
use crate::watch::codes::Code;
use crate::watch::name::{PersonId, ScheduleId};
use crate::watch::notification::LONGEST;
use crate::watch::roster::{Shift, Trade};
use crate::watch::schedule::{Schedule, Wall};
use crate::watch::site::Language;
use crate::watch::time::Utc;

/// Who is on call now for one schedule.
#[derive(Debug)]
pub(in crate::watch) struct OnCall<'s> {
    pub(in crate::watch) id: &'s ScheduleId,
    pub(in crate::watch) schedule: Cow<'s, Schedule>,
    pub(in crate::watch) people: Vec<PersonId>,
    pub(in crate::watch) until: Option<Utc>,
}

/// A day of the week is enough for what is nearer than this.
const WEEK: i32 = 6;

impl Wording<'_> {
    /// `08:00`, `sam 08:00`, or `sam 05/12 08:00`.
    fn when(&self, wall: &Wall, at: Utc) -> String {
        let (there, here) = (wall.shows(at), wall.shows(self.now));
        let clock = format!("{:02}:{:02}", there.hour(), there.minute());
        let days = here.date().until(there.date()).map_or(0, |span| span.get_days());
        match days {
            0 => clock,
            1..=WEEK => format!("{} {clock}", self.weekday(there)),
            _ => format!("{} {clock}", self.day(there)),
        }
    }

    /// `sam 05/12`
    fn day(&self, there: DateTime) -> String {
        format!("{} {:02}/{:02}", self.weekday(there), there.day(), there.month())
    }

    fn weekday(&self, there: DateTime) -> &'static str {
        match (self.language, there.weekday()) {
            (Language::French, Weekday::Monday) => "lun",
            (Language::French, Weekday::Tuesday) => "mar",
            (Language::French, Weekday::Wednesday) => "mer",
            (Language::French, Weekday::Thursday) => "jeu",
            (Language::French, Weekday::Friday) => "ven",
            (Language::French, Weekday::Saturday) => "sam",
            (Language::French, Weekday::Sunday) => "dim",
            (Language::English, Weekday::Monday) => "Mon",
            (Language::English, Weekday::Tuesday) => "Tue",
            (Language::English, Weekday::Wednesday) => "Wed",
            (Language::English, Weekday::Thursday) => "Thu",
            (Language::English, Weekday::Friday) => "Fri",
            (Language::English, Weekday::Saturday) => "Sat",
            (Language::English, Weekday::Sunday) => "Sun",
        }
    }

    /// `jeu 24/12 08:00-ven 25/12 08:00`
    fn shift(&self, wall: Option<&Wall>, shift: Shift) -> String {
        let Some(wall) = wall else { return "?".to_owned() };
        let (from, until) = (wall.shows(shift.from), wall.shows(shift.until));
        let clock = |there: DateTime| format!("{:02}:{:02}", there.hour(), there.minute());
        let end = if from.date() == until.date() {
            String::new()
        } else {
            format!("{} ", self.day(until))
        };
        format!("{} {}-{end}{}", self.day(from), clock(from), clock(until))
    }

    fn names(&self, people: &[PersonId]) -> String {
        match (people, self.language) {
            ([], Language::French) => "personne".to_owned(),
            ([], Language::English) => "nobody".to_owned(),
            (people, _) => {
                people.iter().map(|person| self.name(person)).collect::<Vec<_>>().join(", ")
            }
        }
    }

    /// Who is on call now, a line for each schedule.
    pub(in crate::watch) fn on_call(&self, schedules: &[OnCall<'_>]) -> String {
        if schedules.is_empty() {
            return self.say(
                || "Il n'y a pas de planning d'astreinte.".to_owned(),
                || "There is no schedule.".to_owned(),
            );
        }
        let room = LONGEST.saturating_sub(12);
        let mut text = String::new();
        for (index, on_call) in schedules.iter().enumerate() {
            let until = on_call.until.map(|until| self.when(&on_call.schedule.wall, until));
            let until = until.map_or_else(String::new, |until| match self.language {
                Language::French => format!(" jusqu'à {until}"),
                Language::English => format!(" until {until}"),
            });
            let entry = format!("{}: {}{until}", on_call.id, self.names(&on_call.people));
            if text.chars().count().saturating_add(entry.chars().count()) > room {
                return format!("{text} +{}", schedules.len().saturating_sub(index));
            }
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&entry);
        }
        text
    }

    /// No schedule is called so.
    pub(in crate::watch) fn no_such_schedule(&self, called: &str) -> String {
        let called: String = called.chars().take(20).collect();
        let names: Vec<&str> = self.site.schedules.keys().map(ScheduleId::as_str).take(5).collect();
        let names = names.join(", ");
        self.say(
            || format!("Pas de planning {called}. Il y a: {names}."),
            || format!("No schedule {called}. There are: {names}."),
        )
    }

    /// To one who may not take it.
    pub(in crate::watch) fn may_not_take(&self, id: &ScheduleId) -> String {
        self.say(
            || {
                format!(
                    "Vous n'avez pas de tour dans {id} et ne pouvez pas prendre cette astreinte."
                )
            },
            || format!("You have no turn in {id} and may not take it."),
        )
    }

    /// For now the schedule obeys no more messages.
    pub(in crate::watch) fn taken_too_often(&self, id: &ScheduleId) -> String {
        let called = super::cut(id.as_str(), 25);
        self.say(
            || format!("{called} a été pris cinq fois par SMS en une heure: rien n'est changé. La ligne de commande le peut encore."),
            || format!("{called} was taken five times by SMS in an hour: nothing is changed. The command line still can."),
        )
    }

    /// To the one who has taken a schedule.
    pub(in crate::watch) fn took(
        &self,
        (id, schedule): (&ScheduleId, &Schedule),
        until: Utc,
        then: &[PersonId],
    ) -> String {
        let (until, then) = (self.when(&schedule.wall, until), self.names(then));
        self.say(
            || format!("Vous êtes d'astreinte pour {id} jusqu'à {until}. Ensuite: {then}."),
            || format!("You are on call for {id} until {until}. Then: {then}."),
        )
    }

    /// To those who would have been on call.
    pub(in crate::watch) fn relieved(
        &self,
        (id, schedule): (&ScheduleId, &Schedule),
        by: &PersonId,
        until: Utc,
        then: &[PersonId],
    ) -> String {
        let (by, until, then) = (self.name(by), self.when(&schedule.wall, until), self.names(then));
        self.say(
            || format!("{by} prend l'astreinte {id} jusqu'à {until}. Ensuite: {then}."),
            || format!("{by} is on call for {id} until {until}. Then: {then}."),
        )
    }

    /// Until when nobody is on call.
    pub(in crate::watch) fn nobody_until(&self, schedule: &Schedule, until: Option<Utc>) -> String {
        match until.map(|until| self.when(&schedule.wall, until)) {
            Some(until) => self.say(|| format!("jusqu'à {until}"), || format!("until {until}")),
            None => {
                self.say(|| "et personne après".to_owned(), || "nor will anybody be".to_owned())
            }
        }
    }

    /// To the one who is asked to trade.
    pub(in crate::watch) fn trade_question(
        &self,
        trade: &Trade,
        wall: Option<&Wall>,
        code: Code,
    ) -> String {
        let (asker, id) = (self.name(&trade.asker), &trade.schedule);
        let (given, wanted) = (self.shift(wall, trade.given), self.shift(wall, trade.wanted));
        self.say(
            || {
                format!(
                    "{asker} échange {id}: {given} contre votre {wanted}? Répondez OK ou NON {code}"
                )
            },
            || format!("{asker} swaps {id}: {given} for your {wanted}? Reply OK or NO {code}"),
        )
    }

    /// To the one who asks.
    pub(in crate::watch) fn trade_asked(&self, trade: &Trade, wall: Option<&Wall>) -> String {
        let (asked, id) = (self.name(&trade.asked), &trade.schedule);
        let (given, wanted) = (self.shift(wall, trade.given), self.shift(wall, trade.wanted));
        self.say(
            || format!("Demandé à {asked} ({id}): votre {given} contre {wanted}. Rien ne change sans son accord."),
            || format!("Asked {asked} ({id}): your {given} for {wanted}. Nothing changes until they agree."),
        )
    }

    /// To both.
    pub(in crate::watch) fn traded(&self, trade: &Trade, wall: Option<&Wall>) -> String {
        let (asker, asked, id) =
            (self.name(&trade.asker), self.name(&trade.asked), &trade.schedule);
        let (given, wanted) = (self.shift(wall, trade.given), self.shift(wall, trade.wanted));
        self.say(
            || format!("Échangé ({id}): {asked} {given}, {asker} {wanted}."),
            || format!("Swapped ({id}): {asked} {given}, {asker} {wanted}."),
        )
    }

    /// To both.
    pub(in crate::watch) fn trade_declined(&self, trade: &Trade) -> String {
        let (asked, id) = (self.name(&trade.asked), &trade.schedule);
        self.say(
            || format!("{asked} ne veut pas échanger ({id}): chacun garde son tour."),
            || format!("{asked} does not swap ({id}): everybody keeps their shift."),
        )
    }

    /// To both.
    pub(in crate::watch) fn trade_void(&self, trade: &Trade) -> String {
        let id = &trade.schedule;
        self.say(
            || format!("Échange impossible: le planning {id} a changé entre-temps."),
            || format!("No swap: the schedule {id} has changed meanwhile."),
        )
    }

    /// To the one who asked.
    pub(in crate::watch) fn trade_unanswered(&self, trade: &Trade) -> String {
        let (asked, id) = (self.name(&trade.asked), &trade.schedule);
        self.say(
            || format!("{asked} n'a pas répondu: pas d'échange ({id})."),
            || format!("{asked} has not answered: no swap ({id})."),
        )
    }

    /// To one who answers too late, or twice.
    pub(in crate::watch) fn trade_is_over(&self) -> String {
        self.say(
            || "Cette demande d'échange est terminée.".to_owned(),
            || "That question about a swap is over.".to_owned(),
        )
    }

    /// Nobody is called so, or they cannot be asked.
    pub(in crate::watch) fn nobody_to_trade_with(&self, called: &str) -> String {
        let called: String = called.chars().take(20).collect();
        self.say(
            || format!("On ne peut pas échanger avec {called}. Écrivez par exemple ECHANGE karim 24/12."),
            || format!("Nobody to swap with is called {called}. Write for example SWAP karim 24/12."),
        )
    }

    /// Several people are called so.
    pub(in crate::watch) fn several_are_called(
        &self,
        called: &str,
        people: &[&PersonId],
    ) -> String {
        let called: String = called.chars().take(20).collect();
        let names: Vec<&str> = people.iter().map(|id| id.as_str()).take(5).collect();
        let names = names.join(", ");
        self.say(
            || format!("Plusieurs personnes s'appellent {called}: écrivez {names}."),
            || format!("Several people are called {called}: write {names}."),
        )
    }

    /// There is nothing to trade.
    pub(in crate::watch) fn no_shift_to_trade(
        &self,
        asked: &PersonId,
        day: i8,
        month: i8,
    ) -> String {
        let asked = self.name(asked);
        self.say(
            || format!("Pas de tour à vous seul le {day:02}/{month:02}, ou pas de tour à échanger avec {asked}."),
            || format!("No shift of yours alone on {day:02}/{month:02}, or none of {asked} to swap it for."),
        )
    }

    /// It is not clear which shift is meant.
    pub(in crate::watch) fn several_shifts_to_trade(&self, schedules: &[&ScheduleId]) -> String {
        let names: Vec<&str> = schedules.iter().map(|id| id.as_str()).take(5).collect();
        let names = names.join(", ");
        self.say(
            || format!("Vous avez ce jour-là plusieurs tours: {names}. Échangez-les par PRENDS."),
            || format!("You have several shifts that day: {names}. Swap them by TAKE."),
        )
    }

    /// It was asked before.
    pub(in crate::watch) fn asked_already(&self, asked: &PersonId) -> String {
        let asked = self.name(asked);
        self.say(
            || format!("Déjà demandé: attendez la réponse ({asked})."),
            || format!("Asked already: wait for the answer ({asked})."),
        )
    }
}
