//! `[drills.*]`: who is asked from time to time to answer a test message.

use std::num::NonZeroU32;
use std::time::Duration;

use toml::de::DeValue;
use toml::value::Datetime;

use crate::config::finding::{Finding, Findings, quoted};
use crate::config::table::tables;
use crate::config::units::interval;
use crate::config::written::{List, Spot, Written, wrong_type};
use crate::watch::schedule::Every;

tables! {
    /// A test message to people from time to time, to see who answers.
    Drill = "a drill" {
        /// Who takes part: `"schedule:NAME"` (everybody in it), `"group:NAME"`, `"person:NAME"`. Required.
        "who" => who: List<String>,
        /// The first one, in the time zone of the site: `2026-12-01T09:00:00`. That time of day is the one of all. Required.
        "from" => from: Datetime,
        /// How often: `"1 month"` (default), `"2 weeks"`, `"1 day"`.
        "every" => every: Period,
        /// How long people have to answer; default `"30m"`.
        "answer-within" => answer_within: Duration,
        /// The escalation that is told who did not answer; default the last resort.
        "escalation" => escalation: String,
    }
}

/// So long by the calendar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Period(pub(crate) Every);

impl Written for Period {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        const HELP: &str = "write for example \"1 month\", \"2 weeks\" or \"1 day\"";
        let DeValue::String(written) = value else {
            wrong_type(value, spot, "an interval in quotes", findings, HELP);
            return None;
        };
        let period = months(written).or_else(|| days_or_hours(written));
        if period.is_none() {
            let sentence =
                format!("{} is neither months nor whole days or hours", quoted(spot.key));
            findings.add(Finding::error(spot.place, sentence).help(HELP));
        }
        period.map(Self)
    }

    fn holds() -> String {
        "interval".to_owned()
    }
}

fn months(written: &str) -> Option<Every> {
    let written = written.trim();
    let end = written.find(|letter: char| !letter.is_ascii_digit())?;
    let (count, unit) = written.split_at_checked(end)?;
    let count: u32 = count.parse().ok()?;
    let count = match unit.trim() {
        "month" | "months" => count,
        "year" | "years" => count.checked_mul(12)?,
        _ => return None,
    };
    NonZeroU32::new(count).filter(|count| count.get() <= 120).map(Every::Months)
}

fn days_or_hours(written: &str) -> Option<Every> {
    const HOUR: u64 = 3_600;
    const DAY: u64 = 24 * HOUR;
    let length = interval(written).ok().filter(|length| length.subsec_nanos() == 0)?.as_secs();
    let whole = |unit: u64| {
        let is_whole = length.checked_rem(unit) == Some(0);
        let count = length.checked_div(unit).filter(|_| is_whole)?;
        NonZeroU32::new(u32::try_from(count).ok()?)
    };
    whole(DAY).map(Every::Days).or_else(|| whole(HOUR).map(Every::Hours))
}
