//! `vigie oncall`: who is on call, until when, and who comes next; or a month of it, to print.
//!
//! A daemon that answers is asked, since people take schedules and trade shifts; without one the files alone are told, which is said.

mod month;

use std::path::Path;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::arguments::Oncall;
use super::check;
use super::client::{self, Places};
use super::rehearse::instant;
use super::sysexit::Sysexit;
use super::terminal::{Style, Terminal, plain};
use crate::config::{self, Settings};
use crate::control::on_call::{OnCallView, StandingIn, StretchView, views};
use crate::control::protocol::{Answer, Asking, Request};
use crate::host::clock::Clock;
use crate::watch::name::PersonId;
use crate::watch::roster::Roster;
use crate::watch::site::Site;

/// What is asked, and what there is to answer with.
struct Question<'q> {
    path: &'q Path,
    site: Option<Site>,
    asking: Asking,
}

/// Tells who is on call.
pub(super) fn oncall(path: &Path, asked: &Oncall, terminal: &mut Terminal) -> Sysexit {
    let reading = config::read(path);
    let is_there = client::is_there(&Places::of(path).socket);
    let Some(site) = reading.settings.map(|Settings { site, .. }| site) else {
        // Who has just broken a file must still be able to see who is on call.
        if !is_there || asked.month.is_some() {
            check::print(&reading.complaints, terminal);
            return Sysexit::Configuration;
        }
        return instant_of(path, None, asked, terminal);
    };
    match &asked.month {
        None => instant_of(path, Some(site), asked, terminal),
        Some(written) => month_of(path, site, written, asked.json, terminal),
    }
}

fn instant_of(path: &Path, site: Option<Site>, asked: &Oncall, terminal: &mut Terminal) -> Sysexit {
    let zone = site.as_ref().map_or(TimeZone::UTC, |site| site.zone.clone());
    let now = Clock::new().now().utc.timestamp().to_zoned(zone);
    let Some(at) = asked.at.as_deref().map_or(Some(now.clone()), |at| instant::read(at, &now))
    else {
        let at = plain(asked.at.as_deref().unwrap_or_default());
        terminal.complain(format_args!(
            "vigie: `{at}` is no time: write \"sunday 03:00\", \"2026-12-24 18:00\" or \"03:00\""
        ));
        return Sysexit::Usage;
    };
    let asking = Asking { from: at.timestamp().into(), until: None };
    let question = Question { path, site, asking };
    match question.answered(terminal) {
        Ok(views) if asked.json => json(&views, terminal),
        Ok(views) => {
            question.tell(&views, &at, terminal);
            Sysexit::Ok
        }
        Err(exit) => exit,
    }
}

fn month_of(
    path: &Path,
    site: Site,
    written: &str,
    as_json: bool,
    terminal: &mut Terminal,
) -> Sysexit {
    let today = Clock::new().now().utc.timestamp().to_zoned(site.zone.clone()).date();
    let first = match written.trim() {
        "" => Some(today.first_of_month()),
        written => format!("{written}-01").parse::<Date>().ok().filter(|_| written.len() == 7),
    };
    let Some(first) = first.filter(|first| (1900..=2200).contains(&first.year())) else {
        let written = plain(written);
        terminal.complain(format_args!("vigie: `{written}` is no month: write 2026-12"));
        return Sysexit::Usage;
    };
    let asking = month::asking(first);
    let question = Question { path, site: Some(site), asking };
    match question.answered(terminal) {
        Ok(views) if as_json => json(&views, terminal),
        Ok(views) => {
            let lines = question.site.iter().flat_map(|site| month::table(site, first, &views));
            lines.for_each(|line| terminal.line(line));
            Sysexit::Ok
        }
        Err(exit) => exit,
    }
}

fn json(views: &[OnCallView], terminal: &mut Terminal) -> Sysexit {
    match serde_json::to_string(views) {
        Ok(written) => {
            terminal.json(&written);
            Sysexit::Ok
        }
        Err(_) => Sysexit::Software,
    }
}

impl Question<'_> {
    /// What the daemon says; without one, what the files say.
    fn answered(&self, terminal: &mut Terminal) -> Result<Vec<OnCallView>, Sysexit> {
        let socket = Places::of(self.path).socket;
        if let Some(site) = self.site.as_ref().filter(|_| !client::is_there(&socket)) {
            terminal.complain(format_args!(
                "note: no daemon answers at {}: this is what the files say; who has taken a schedule or traded a shift is not known here",
                socket.display()
            ));
            return Ok(views(site, &Roster::default(), self.asking));
        }
        match client::ask(self.path, &Request::OnCall(self.asking), terminal)? {
            Answer::Told(told) => serde_json::from_str(told.get()).map_err(|_| Sysexit::Software),
            Answer::Done(_) | Answer::Refused(_) => Err(Sysexit::Software),
        }
    }

    fn tell(&self, views: &[OnCallView], at: &Zoned, terminal: &mut Terminal) {
        if views.is_empty() {
            terminal.line("There is no schedule: add a table [schedules.NAME].");
        }
        let width =
            views.iter().map(|view| view.schedule.as_str().chars().count()).max().unwrap_or(0);
        for view in views {
            let zone = view.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
            let is_elsewhere = zone.as_ref().is_some_and(|zone| zone != at.time_zone());
            let zone = zone.unwrap_or_else(|| at.time_zone().clone());
            let mut stretches = view.stretches.iter();
            let Some(now) = stretches.next() else { continue };
            let mut line =
                format!("{:width$}  {}", view.schedule.as_str(), self.stretch(now, &zone));
            if let Some(next) = stretches.next() {
                line.push_str(&format!(", then {}", self.stretch(next, &zone)));
            }
            if is_elsewhere {
                line.push_str(&format!(" ({})", view.time_zone.as_deref().unwrap_or("UTC")));
            }
            let style = if now.people.is_empty() { Style::Wrong } else { Style::Plain };
            let line = terminal.styled(style, plain(&line));
            terminal.line(line);
        }
    }

    /// "Marie Dupont until Mon 2026-11-30 08:00"
    fn stretch(&self, stretch: &StretchView, zone: &TimeZone) -> String {
        let who = names(self.site.as_ref(), &stretch.people);
        let why = match stretch.standing_in {
            None => "",
            Some(StandingIn::Override) => " (stands in)",
            Some(StandingIn::Taken) => " (has taken it)",
        };
        let until = stretch.until.as_deref().and_then(|until| until.parse::<Timestamp>().ok());
        let until = until
            .map(|until| until.to_zoned(zone.clone()).strftime(" until %a %F %H:%M").to_string());
        format!("{who}{why}{}", until.unwrap_or_default())
    }
}

/// As people call them; by their identifiers where the files cannot be read.
fn names(site: Option<&Site>, people: &[PersonId]) -> String {
    if people.is_empty() {
        return "nobody".to_owned();
    }
    let name = |person: &PersonId| {
        let known = site.and_then(|site| site.people.get(person));
        known.map_or_else(|| person.to_string(), |known| known.name.clone())
    };
    people.iter().map(name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
