//! An iCalendar file (RFC 5545) of public holidays: each day of its all-day events is one.
//!
//! It reads bounded files, follows `RRULE:FREQ=YEARLY` and `RDATE`, and says what it does not follow. What it cannot read is a note and
//! never a reason not to start: coverage is then proved without those days, and says which hours are missing.
//!
//! # Decision (2026-11-27): `icalendar` parses, behind a fence
//!
//! The crate's parser recurses into components, and looks from every line to the end of the text for a `CRLF`. So line ends are made
//! `CRLF` and nesting is counted before it sees the text. Its own recurrences (`rrule`, with chrono-tz) are not taken: holidays recur by
//! the year, and a second database of time zones would come with them.

use std::collections::BTreeSet;
use std::path::Path;

use icalendar::parser::{Component, Property, read_calendar, unfold};
use jiff::ToSpan;
use jiff::civil::Date;

use super::finding::quoted;
use super::regular::{self, Regular};

/// A calendar is no longer than this.
const FILE_LIMIT: u64 = 1_024 * 1_024;
/// No more days than this are holidays; a day that several events tell counts for each, for it costs as much.
const DAYS_LIMIT: usize = 50_000;
/// Components within components are no deeper than this: a calendar, an event, an alarm.
const NESTING_LIMIT: usize = 8;
/// A holiday lasts no longer than this.
const LASTING_LIMIT: i32 = 366;
/// What recurs without an end is followed so far.
const LAST_YEAR: i16 = 2_199;
/// So many events are named that cannot be followed.
const NAMED: usize = 3;

/// What a calendar says.
#[derive(Debug, Default)]
pub(super) struct Almanac {
    /// The holidays.
    pub(super) days: BTreeSet<Date>,
    /// What cannot be read or followed, each in a sentence that begins with what it is about.
    pub(super) notes: Vec<String>,
}

/// Reads a file; whatever is wrong is a note.
pub(super) fn read(path: &Path) -> Almanac {
    let shown = path.display();
    match text(path) {
        Ok(text) => almanac(&text, &shown.to_string()),
        Err(error) => Almanac::note(format!("the calendar {shown} cannot be read: {error}")),
    }
}

fn text(path: &Path) -> std::io::Result<String> {
    let Regular { bytes, .. } = regular::read(path, FILE_LIMIT)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > FILE_LIMIT {
        return Err(std::io::Error::other("it is larger than 1 MiB"));
    }
    // A letter that is not UTF-8 stands in the name of a holiday, and its day is still right.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

impl Almanac {
    fn note(note: String) -> Self {
        Self { days: BTreeSet::new(), notes: vec![note] }
    }
}

/// What the text of a calendar says; `shown` is its name.
pub(super) fn almanac(text: &str, shown: &str) -> Almanac {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let text = unfold(&lines.iter().flat_map(|line| [*line, "\r\n"]).collect::<String>());
    let refused = |why: &str| Almanac::note(format!("{shown} is no iCalendar file: {why}"));
    if !starts_with(&text, "BEGIN:VCALENDAR") {
        return refused("it does not begin with BEGIN:VCALENDAR");
    }
    if depth(&text) > NESTING_LIMIT {
        return refused("it is nested too deeply");
    }
    let Ok(calendar) = read_calendar(&text) else {
        return refused("a line of it cannot be read, or an END is missing");
    };
    let mut almanac = Almanac::default();
    let mut lost: Vec<&str> = Vec::new();
    let mut left = DAYS_LIMIT;
    for event in calendar.components.iter().filter(|one| is(one.name.as_str(), "VEVENT")) {
        match Event::read(event) {
            Ok(Some(event)) => event.add_days(&mut almanac.days, &mut left),
            Ok(None) => {}
            Err(event) => {
                event.add_days(&mut almanac.days, &mut left);
                lost.push(event.called);
            }
        }
        if left == 0 {
            almanac
                .notes
                .push(format!("{shown} has more than {DAYS_LIMIT} days: the rest is left out"));
            break;
        }
    }
    if !lost.is_empty() {
        almanac.notes.push(lost_rules(&lost, shown));
    }
    if almanac.days.is_empty() && almanac.notes.is_empty() {
        almanac.notes.push(format!("{shown} has no all-day event, and so no holiday"));
    }
    almanac
}

fn lost_rules(lost: &[&str], shown: &str) -> String {
    let named: Vec<String> = lost.iter().take(NAMED).map(|name| quoted(name)).collect();
    let more = lost.len().saturating_sub(named.len());
    let others = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!(
        "{shown} has a rule of recurrence that is not followed, only its first day is a holiday: {}{others}",
        named.join(", ")
    )
}

fn is(word: &str, known: &str) -> bool {
    word.eq_ignore_ascii_case(known)
}

fn starts_with(text: &str, known: &str) -> bool {
    text.get(..known.len()).is_some_and(|start| is(start, known))
}

/// How deep components are nested.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for line in text.lines().map(str::trim_start) {
        if starts_with(line, "BEGIN:") {
            depth = depth.saturating_add(1);
            deepest = deepest.max(depth);
        } else if starts_with(line, "END:") {
            depth = depth.saturating_sub(1);
        }
    }
    deepest
}

/// An all-day event.
struct Event<'c> {
    called: &'c str,
    first: Date,
    /// For so many days.
    lasting: i32,
    recurs: Option<Yearly>,
    besides: Vec<Date>,
    except: BTreeSet<Date>,
}

/// On the same day every so many years.
struct Yearly {
    interval: i16,
    until: Option<Date>,
    count: Option<u32>,
}

impl<'c> Event<'c> {
    /// `None`: it is not all day, or cancelled. An error: its rule is not followed.
    fn read(event: &'c Component<'_>) -> Result<Option<Self>, Self> {
        let value = |name: &str| property(event, name).map(|found| found.val.as_str());
        let cancelled = value("STATUS").is_some_and(|status| is(status.trim(), "CANCELLED"));
        let Some(first) = value("DTSTART").and_then(day).filter(|_| !cancelled) else {
            return Ok(None);
        };
        let until = value("DTEND").and_then(day);
        let lasting = until
            .map(|until| days_between(first, until))
            .or_else(|| weeks_or_days(value("DURATION")?));
        let all = |name: &str| -> Vec<Date> {
            let named = event.properties.iter().filter(|found| is(found.name.as_str(), name));
            named.flat_map(|found| found.val.as_str().split(',')).filter_map(day).collect()
        };
        let mut read = Self {
            called: value("SUMMARY").or_else(|| value("UID")).unwrap_or("without a name"),
            first,
            lasting: lasting.unwrap_or(1).clamp(1, LASTING_LIMIT),
            recurs: None,
            besides: all("RDATE"),
            except: all("EXDATE").into_iter().collect(),
        };
        let Some(rule) = value("RRULE").filter(|rule| !rule.trim().is_empty()) else {
            return Ok(Some(read));
        };
        read.recurs = Yearly::read(rule, first);
        if read.recurs.is_some() { Ok(Some(read)) } else { Err(read) }
    }

    /// Adds its days, as many as are left.
    fn add_days(&self, days: &mut BTreeSet<Date>, left: &mut usize) {
        let recurring = self.recurs.iter().flat_map(|rule| rule.dates(self.first));
        let firsts =
            std::iter::once(self.first).chain(recurring).chain(self.besides.iter().copied());
        for first in firsts.filter(|first| !self.except.contains(first)) {
            for after in 0..self.lasting {
                let Some(fewer) = left.checked_sub(1) else { return };
                *left = fewer;
                days.extend(first.checked_add(i64::from(after).days()).ok());
            }
        }
    }
}

fn property<'c>(event: &'c Component<'_>, name: &str) -> Option<&'c Property<'c>> {
    event.properties.iter().find(|found| is(found.name.as_str(), name))
}

/// `20261225`, of a date; a date with a time is none.
fn day(written: &str) -> Option<Date> {
    let written = written.trim();
    let is_date = written.len() == 8 && written.bytes().all(|byte| byte.is_ascii_digit());
    let part = |range: std::ops::Range<usize>| written.get(range).filter(|_| is_date);
    let (year, month, day) = (part(0..4)?, part(4..6)?, part(6..8)?);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

fn days_between(first: Date, until: Date) -> i32 {
    first.until(until).map_or(1, |span| span.get_days())
}

/// `P3D`, `P1W`.
fn weeks_or_days(written: &str) -> Option<i32> {
    let rest = written.trim().trim_start_matches('+').strip_prefix('P')?;
    let (count, unit) = rest.split_at_checked(rest.len().checked_sub(1)?)?;
    let count: i32 = count.parse().ok()?;
    match unit {
        "D" => Some(count),
        "W" => count.checked_mul(7),
        _ => None,
    }
}

impl Yearly {
    /// A rule by the year that says no other day than the first one's.
    fn read(rule: &str, first: Date) -> Option<Self> {
        let mut yearly = Self { interval: 1, until: None, count: None };
        let mut is_yearly = false;
        for part in rule.trim().trim_end_matches(';').split(';') {
            let (name, value) = part.split_once('=')?;
            let (name, value) = (name.trim().to_ascii_uppercase(), value.trim());
            let says_the_same = |of_first: i8| value.parse() == Ok(of_first);
            match name.as_str() {
                "FREQ" => is_yearly = is(value, "YEARLY"),
                "INTERVAL" => yearly.interval = value.parse().ok().filter(|years| *years >= 1)?,
                "COUNT" => yearly.count = Some(value.parse().ok()?),
                "UNTIL" => yearly.until = Some(day(value.get(..8)?)?),
                "BYMONTH" if says_the_same(first.month()) => {}
                "BYMONTHDAY" if says_the_same(first.day()) => {}
                "WKST" => {}
                _ => return None,
            }
        }
        is_yearly.then_some(yearly)
    }

    /// The days of later years; 29 February is one of leap years alone.
    fn dates(&self, first: Date) -> impl Iterator<Item = Date> {
        let count =
            self.count.map_or(usize::MAX, |count| usize::try_from(count).unwrap_or(usize::MAX));
        let interval = usize::try_from(self.interval).unwrap_or(1).max(1);
        let until = self.until;
        (first.year()..=LAST_YEAR)
            .step_by(interval)
            .filter_map(move |year| Date::new(year, first.month(), first.day()).ok())
            .take(count)
            .take_while(move |day| until.is_none_or(|until| *day <= until))
    }
}

#[cfg(test)]
mod tests;
