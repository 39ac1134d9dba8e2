//! Hours of the week as people write them: `mon..fri 18:00-08:00`, `sat`, `sun 08:00-20:00`, `holidays`, `22:00-06:00`.
//!
//! Days first, then one part of the day; days left out: every day; a part left out: all of it. A part that ends when it began
//! or before ends on the next day. What cannot be read is refused for what it is, with what was probably meant.

use toml::de::DeValue;

use super::finding::{Finding, Findings, nearest, quoted};
use super::written::{Spot, Written};
use crate::watch::schedule::{DAY, Days, Window};

/// The days, with their long names.
const DAYS: [(&str, &str); 7] = [
    ("mon", "monday"),
    ("tue", "tuesday"),
    ("wed", "wednesday"),
    ("thu", "thursday"),
    ("fri", "friday"),
    ("sat", "saturday"),
    ("sun", "sunday"),
];
/// As they begin in French.
const FRENCH: [&str; 7] = ["lun", "mar", "mer", "jeu", "ven", "sam", "dim"];
/// The word for public holidays.
const HOLIDAYS: &str = "holidays";
/// What is right.
const EXAMPLES: &str = "write for example \"mon..fri 18:00-08:00\", \"sat\" or \"holidays\"";

/// Why hours cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum HoursError {
    /// Nothing is written.
    #[error("they are empty")]
    Empty,
    /// Not the name of a day.
    #[error("{} is no day", quoted(.0))]
    Day(String),
    /// Not a time of day.
    #[error("{} is no time of day", quoted(.0))]
    Time(String),
    /// A time that does not say until when.
    #[error("{} does not say until when", quoted(.0))]
    Open(String),
    /// Something after the part of the day.
    #[error("{} stands after the part of the day", quoted(.0))]
    Beyond(String),
}

impl HoursError {
    /// What to write instead.
    pub(super) fn help(&self) -> String {
        let meant = match self {
            Self::Day(word) => meant(word),
            Self::Beyond(_) => {
                Some("write one part of the day, and the others each in its own quotes".to_owned())
            }
            Self::Open(time) => Some(format!("write \"{time}-08:00\", with the end")),
            Self::Empty | Self::Time(_) => None,
        };
        meant.unwrap_or_else(|| EXAMPLES.to_owned())
    }
}

/// What was probably meant by something that is no day.
fn meant(word: &str) -> Option<String> {
    let range = word.split_once(['-', '–', '/']).or_else(|| word.split_once(".."));
    let known = match range {
        Some((first, last)) => format!("{}..{}", near(first)?, near(last)?),
        None => near(word)?.to_owned(),
    };
    Some(format!("did you mean {}?", quoted(&known)))
}

fn near(word: &str) -> Option<&'static str> {
    let word = word.trim().to_lowercase();
    let french = FRENCH.iter().zip(DAYS).find(|(french, _)| word.starts_with(**french));
    let english =
        || nearest(&word, DAYS.iter().flat_map(|(short, long)| [*short, *long]).chain([HOLIDAYS]));
    french.map(|(_, (short, _))| short).or_else(|| match english()? {
        HOLIDAYS => Some(HOLIDAYS),
        day => DAYS.get(weekday(day)?).map(|(short, _)| *short),
    })
}

/// Reads hours of the week.
pub(super) fn window(written: &str) -> Result<Window, HoursError> {
    let spaced = written.replace('–', "-").replace(',', " ");
    let words: Vec<&str> = spaced.split_whitespace().filter(|word| !word.is_empty()).collect();
    let is_time = |word: &&str| word.starts_with(|letter: char| letter.is_ascii_digit());
    let at = words.iter().position(is_time).unwrap_or(words.len());
    let (days, part) = words.split_at_checked(at).unwrap_or((&words, &[]));
    if words.is_empty() {
        return Err(HoursError::Empty);
    }
    let days = if days.is_empty() { every_day() } else { self::days(days)? };
    let (from, until) = part_of_day(part)?;
    Ok(Window { days, from, until })
}

fn every_day() -> Days {
    Days { weekdays: [true; 7], holidays: false }
}

fn days(words: &[&str]) -> Result<Days, HoursError> {
    let mut days = Days::default();
    for word in words {
        let unknown = || HoursError::Day((*word).to_owned());
        if matches!(word.to_lowercase().as_str(), HOLIDAYS | "holiday") {
            days.holidays = true;
            continue;
        }
        let (first, last) = word.split_once("..").unwrap_or((word, word));
        let first = weekday(first).ok_or_else(unknown)?;
        let last = weekday(last).ok_or_else(unknown)?;
        // Over the end of the week: `fri..mon`.
        let length = (last.saturating_add(7).saturating_sub(first)) % 7;
        let among = |day: usize| (day.saturating_add(7).saturating_sub(first)) % 7 <= length;
        for (_, on) in days.weekdays.iter_mut().enumerate().filter(|(day, _)| among(*day)) {
            *on = true;
        }
    }
    Ok(days)
}

/// Monday is 0.
fn weekday(word: &str) -> Option<usize> {
    let word = word.to_lowercase();
    DAYS.iter().position(|(short, long)| word == *short || word == *long)
}

/// From and until, in minutes from midnight.
fn part_of_day(words: &[&str]) -> Result<(u16, u16), HoursError> {
    if words.is_empty() {
        return Ok((0, DAY));
    }
    let written = words.join(" ").replace(" -", "-").replace("- ", "-");
    let (range, beyond) = match written.split_once(' ') {
        Some((range, beyond)) => (range, Some(beyond)),
        None => (written.as_str(), None),
    };
    let (from, until) = range.split_once('-').ok_or_else(|| match minute(range) {
        Some(_) => HoursError::Open(range.to_owned()),
        None => HoursError::Time(range.to_owned()),
    })?;
    let time = |word: &str| minute(word).ok_or_else(|| HoursError::Time(word.to_owned()));
    let (from, until) = (time(from)?, time(until)?);
    if let Some(beyond) = beyond {
        return Err(HoursError::Beyond(beyond.to_owned()));
    }
    if from == DAY {
        return Err(HoursError::Time("24:00".to_owned()));
    }
    Ok((from, if until <= from { until.saturating_add(DAY) } else { until }))
}

/// `08:00`, `8:00`, `24:00`.
fn minute(word: &str) -> Option<u16> {
    let (hour, minute) = word.split_once(':')?;
    let number = |written: &str, shortest: usize| -> Option<u16> {
        let is_plain = (shortest..=2).contains(&written.len())
            && written.bytes().all(|byte| byte.is_ascii_digit());
        written.parse().ok().filter(|_| is_plain)
    };
    let (hour, minute) = (number(hour, 1)?, number(minute, 2)?);
    let minutes = hour.checked_mul(60)?.checked_add(minute)?;
    (minute < 60 && minutes <= DAY).then_some(minutes)
}

impl Written for Window {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        let text = String::read(value, spot, findings)?;
        window(&text)
            .map_err(|error| {
                let sentence =
                    format!("{} cannot be read as hours of the week: {error}", quoted(&text));
                findings.add(Finding::error(spot.place, sentence).help(error.help()));
            })
            .ok()
    }

    fn holds() -> String {
        "text".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(written: &str) -> (String, bool, u16, u16) {
        let window = window(written).unwrap();
        let days = window.days.weekdays.iter().map(|on| if *on { 'x' } else { '.' }).collect();
        (days, window.days.holidays, window.from / 60, window.until / 60)
    }

    #[test]
    fn hours_of_the_week_read_as_people_write_them() {
        for (written, days, holidays, from, until) in [
            ("mon..fri 18:00-08:00", "xxxxx..", false, 18, 32),
            ("sat", ".....x.", false, 0, 24),
            ("sun 08:00-20:00", "......x", false, 8, 20),
            ("holidays", ".......", true, 0, 24),
            ("sat, sun, holidays", ".....xx", true, 0, 24),
            ("sat..sun holidays 8:00 - 20:00", ".....xx", true, 8, 20),
            ("Friday..Mon 0:00-24:00", "x...xxx", false, 0, 24),
            ("22:00-06:00", "xxxxxxx", false, 22, 30),
            ("mon,wed,fri 08:00–08:00", "x.x.x..", false, 8, 32),
            ("sun..sat", "xxxxxxx", false, 0, 24),
        ] {
            assert_eq!(read(written), (days.to_owned(), holidays, from, until), "{written}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_for_what_it_is() {
        for (written, help) in [
            ("mon-fri 18:00-08:00", "did you mean `mon..fri`?"),
            ("lun..ven", "did you mean `mon..fri`?"),
            ("samedi", "did you mean `sat`?"),
            ("holliday", "did you mean `holidays`?"),
            ("mon..", EXAMPLES),
            ("sat 8h-20h", EXAMPLES),
            ("sat 18:00", "write \"18:00-08:00\", with the end"),
            ("sat 24:00-08:00", EXAMPLES),
            ("sat 08:60-09:00", EXAMPLES),
            ("sat 08:00-25:00", EXAMPLES),
            ("", EXAMPLES),
            (" , ", EXAMPLES),
            ("sunshine only", "did you mean `sun`?"),
            ("day and night", EXAMPLES),
            (
                "sat 08:00-12:00 14:00-18:00",
                "write one part of the day, and the others each in its own quotes",
            ),
        ] {
            assert_eq!(window(written).unwrap_err().help(), help, "{written}");
        }
    }
}
