//! `[schedules.*]`: who is on call when.

use std::num::NonZeroU32;

use toml::de::DeValue;
use toml::value::Datetime;

use crate::config::finding::{At, Finding, Findings, quoted};
use crate::config::table::tables;
use crate::config::written::{List, Spot, Written, wrong_type};
use crate::watch::schedule::{Every, Window};

tables! {
    /// Who is on call, at any instant.
    Schedule = "a schedule" {
        /// Those who take turns; of several layers the highest in which somebody is on call counts, rotations of one stand beside each other. Required.
        "rotations" => rotations: List<Rotation>,
        /// Who stands in for all others, and when; of two that overlap the later in the list counts.
        "overrides" => overrides: List<Override>,
        /// The days that `"holidays"` means: `"fr"`, `"fr-alsace-moselle"`, or an iCalendar file; one or a list.
        "holidays" => holidays: Calendars,
        /// In whose clocks its times are; default: the site's.
        "time-zone" => time_zone: String,
    }

    /// Those who take turns.
    Rotation = "a rotation" {
        /// Their names in `[people.NAME]`, in the order of their turns; without `every` all are on call together. Required.
        "people" => people: List<String>,
        /// How long a turn is: `"1 week"`, `"2 days"`, `"12 hours"`, `"1 month"`.
        "every" => every: Every,
        /// When the first one's first turn begins, in the schedule's time: `2026-01-05T08:00:00`. Before that nobody of them is on call.
        "from" => from: Datetime,
        /// From when on nobody of them is on call any more; default never.
        "until" => until: Datetime,
        /// At which hours they are on call; default at all: `["mon..fri 18:00-08:00", "sat", "sun 08:00-20:00", "holidays"]`.
        "hours" => hours: List<Window>,
        /// A higher layer stands above a lower one; default 1.
        "layer" => layer: u32,
    }

    /// Somebody who stands in.
    Override = "an override" {
        /// Who: a name in `[people.NAME]`, of the rotations or not. Required.
        "person" => person: String,
        /// From when, in the schedule's time: `2026-12-24T08:00:00`. Required.
        "from" => from: Datetime,
        /// Until when. Required.
        "until" => until: Datetime,
    }
}

/// What `holidays` holds: calendars, each by its name or its file.
#[derive(Debug)]
pub(crate) struct Calendars(pub(crate) Vec<At<String>>);

impl Written for Calendars {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        match value {
            DeValue::Array(_) => {
                List::<String>::read(value, spot, findings).map(|list| Self(list.items))
            }
            DeValue::String(text) => {
                Some(Self(vec![At::new(text.clone().into_owned(), spot.place)]))
            }
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Table(_) => {
                let help = "write \"fr\", or [\"fr\", \"holidays.ics\"]";
                wrong_type(value, spot, "a calendar or a list of calendars", findings, help);
                None
            }
        }
    }

    fn holds() -> String {
        "text, or list of texts".to_owned()
    }
}

impl Written for Every {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        const EXAMPLES: &str =
            "write for example \"1 week\", \"2 days\", \"12 hours\" or \"1 month\"";
        let DeValue::String(text) = value else {
            wrong_type(value, spot, "the length of a turn", findings, EXAMPLES);
            return None;
        };
        let turn = turn(text);
        if turn.is_none() {
            let is_nothing = text.trim_start().starts_with('0');
            let sentence = if is_nothing {
                "a turn must last some time".to_owned()
            } else {
                format!(
                    "{} is no length of a turn: whole hours, days, weeks or months",
                    quoted(text)
                )
            };
            findings.add(Finding::error(spot.place, sentence).help(EXAMPLES));
        }
        turn
    }

    fn holds() -> String {
        "interval".to_owned()
    }
}

/// A number of hours, days, weeks or months.
fn turn(written: &str) -> Option<Every> {
    let written = written.trim();
    let end = written.find(|letter: char| !letter.is_ascii_digit())?;
    let (count, unit) = written.split_at_checked(end)?;
    let count: u32 = count.parse().ok().filter(|count| *count <= LONGEST_TURN)?;
    let times = |factor: u32| count.checked_mul(factor).and_then(NonZeroU32::new);
    match unit.trim() {
        "h" | "hour" | "hours" => times(1).map(Every::Hours),
        "d" | "day" | "days" => times(1).map(Every::Days),
        "w" | "week" | "weeks" => times(7).map(Every::Days),
        "month" | "months" => times(1).map(Every::Months),
        _ => None,
    }
}

/// More is a slip of the finger.
const LONGEST_TURN: u32 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_as_long_as_people_write_it() {
        let count = |count| NonZeroU32::new(count).unwrap();
        for (written, every) in [
            ("1 week", Every::Days(count(7))),
            ("2 weeks", Every::Days(count(14))),
            ("1w", Every::Days(count(7))),
            ("3 days", Every::Days(count(3))),
            ("12 hours", Every::Hours(count(12))),
            ("12h", Every::Hours(count(12))),
            ("1 month", Every::Months(count(1))),
        ] {
            assert_eq!(turn(written), Some(every), "{written}");
        }
        for written in
            ["0 days", "30m", "1 week 2 days", "week", "", "-1 day", "99999999999 days", "1.5 days"]
        {
            assert_eq!(turn(written), None, "{written}");
        }
    }
}
