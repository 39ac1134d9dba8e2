//! A month of who is on call, as a table that a person prints: 80 columns, a line for each day and each handover.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};

use super::names;
use crate::control::on_call::{OnCallView, StretchView};
use crate::control::protocol::Asking;
use crate::watch::site::Site;

/// So wide is a sheet of paper.
const WIDTH: usize = 80;
/// Of it the days take so much: `Sat 05 w  `.
const DAYS: usize = 10;
/// So many schedules stand side by side.
const BESIDE: usize = 3;
/// The clocks of no zone are further from UTC.
const FURTHEST: SignedDuration = SignedDuration::from_hours(27);

/// What is asked for a month: in whichever zone its days are.
pub(super) fn asking(first: Date) -> Asking {
    let at = |day: Date| {
        day.to_datetime(Time::midnight()).to_zoned(TimeZone::UTC).map(|at| at.timestamp())
    };
    let from = at(first).and_then(|at| at.checked_sub(FURTHEST)).unwrap_or(Timestamp::MIN);
    let until = at(after(first)).and_then(|at| at.checked_add(FURTHEST)).unwrap_or(Timestamp::MAX);
    Asking { from: from.into(), until: Some(until.into()) }
}

fn after(first: Date) -> Date {
    first.checked_add(1.month()).unwrap_or(Date::MAX)
}

/// The lines of the table; several tables where there are many schedules.
pub(super) fn table(site: &Site, first: Date, views: &[OnCallView]) -> Vec<String> {
    let mut lines =
        vec![format!("On call in {}: {}", first.strftime("%B %Y"), site.name), String::new()];
    for block in views.chunks(BESIDE) {
        lines.extend(sheet(site, first, block));
        lines.push(String::new());
    }
    lines.push(
        "w weekend, H public holiday, * somebody stands in (override, taken or traded)".to_owned(),
    );
    lines
}

fn sheet(site: &Site, first: Date, views: &[OnCallView]) -> Vec<String> {
    let width = WIDTH.saturating_sub(DAYS) / views.len().max(1);
    let columns: Vec<Column<'_>> = views.iter().map(|view| Column::of(site, view)).collect();
    let heads = columns.iter().map(|column| column.head(site));
    let mut lines = vec![row("", heads.collect(), width), "-".repeat(WIDTH)];
    let days = first.series(1.day()).take_while(|day| *day < after(first));
    for day in days {
        let cells: Vec<Vec<String>> = columns.iter().map(|column| column.cell(site, day)).collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for line in 0..height {
            let head =
                if line == 0 { day_head(day, is_holiday(site, views, day)) } else { String::new() };
            let texts = cells.iter().map(|cell| cell.get(line).cloned().unwrap_or_default());
            lines.push(row(&head, texts.collect(), width));
        }
    }
    lines
}

fn row(head: &str, cells: Vec<String>, width: usize) -> String {
    let mut line = format!("{head:DAYS$}");
    for cell in cells {
        let room = width.saturating_sub(1);
        let cell = if cell.chars().count() > room {
            let kept: String = cell.chars().take(room.saturating_sub(1)).collect();
            format!("{kept}…")
        } else {
            cell
        };
        line.push_str(&format!("{cell:width$}"));
    }
    line.trim_end().to_owned()
}

fn day_head(day: Date, is_holiday: bool) -> String {
    let mark = match (is_holiday, day.weekday()) {
        (true, _) => " H",
        (false, Weekday::Saturday | Weekday::Sunday) => " w",
        (false, _) => "",
    };
    format!("{}{mark}", day.strftime("%a %d"))
}

fn is_holiday(site: &Site, views: &[OnCallView], day: Date) -> bool {
    let schedules = views.iter().filter_map(|view| site.schedules.get(&view.schedule));
    schedules.into_iter().any(|schedule| schedule.holidays.have(day))
}

/// One schedule.
struct Column<'v> {
    view: &'v OnCallView,
    zone: TimeZone,
    stretches: Vec<(Zoned, Zoned, &'v StretchView)>,
}

impl<'v> Column<'v> {
    fn of(site: &Site, view: &'v OnCallView) -> Self {
        let named = view.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
        let zone = named.unwrap_or_else(|| site.zone.clone());
        let at = |written: &str| Some(written.parse::<Timestamp>().ok()?.to_zoned(zone.clone()));
        let stretches = view.stretches.iter().filter_map(|stretch| {
            Some((at(&stretch.from)?, at(stretch.until.as_deref()?)?, stretch))
        });
        Self { view, stretches: stretches.collect(), zone: zone.clone() }
    }

    fn head(&self, site: &Site) -> String {
        let elsewhere = self.zone.iana_name().filter(|_| self.zone != site.zone);
        match elsewhere {
            Some(zone) => format!("      {} ({zone})", self.view.schedule),
            None => format!("      {}", self.view.schedule),
        }
    }

    /// Who is on call on that day, each with the hour of the handover.
    fn cell(&self, site: &Site, day: Date) -> Vec<String> {
        let begins = day.to_datetime(Time::midnight());
        let ends = day.tomorrow().unwrap_or(Date::MAX).to_datetime(Time::midnight());
        let shown = |at: &Zoned| -> DateTime { at.datetime() };
        let today = self
            .stretches
            .iter()
            .filter(|(from, until, _)| shown(from) < ends && shown(until) > begins);
        today
            .map(|(from, _, stretch)| {
                let hour = if shown(from) > begins {
                    from.strftime("%H:%M ").to_string()
                } else {
                    " ".repeat(6)
                };
                let who = if stretch.people.is_empty() {
                    "-- nobody --".to_owned()
                } else {
                    names(Some(site), &stretch.people)
                };
                let mark = if stretch.standing_in.is_some() { " *" } else { "" };
                format!("{hour}{who}{mark}")
            })
            .collect()
    }
}
