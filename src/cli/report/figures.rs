//! The figures of a report, as they are told and as `--json` gives them.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

/// What a stretch of time was like.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(in crate::cli) struct Report {
    /// From when on.
    pub(in crate::cli) from: Timestamp,
    /// Until when.
    pub(in crate::cli) to: Timestamp,
    /// How many days that is.
    pub(in crate::cli) days: f64,
    /// Alarms: occurrences that opened in it.
    pub(in crate::cli) alarms: u64,
    /// How often one that was open came again.
    pub(in crate::cli) repeats: u64,
    /// How many of them are open now.
    pub(in crate::cli) open: u64,
    /// Alarms a day, on average.
    pub(in crate::cli) a_day: f64,
    /// Alarms in ten minutes, on average.
    pub(in crate::cli) in_ten_minutes: f64,
    /// The most in ten minutes, and when these began.
    pub(in crate::cli) most_in_ten_minutes: u64,
    pub(in crate::cli) most_at: Option<Timestamp>,
    /// How many on each day, by the clock of the site.
    pub(in crate::cli) each_day: Vec<Day>,
    /// How many in each hour of the day.
    pub(in crate::cli) each_hour: [u64; 24],
    /// From more than ten in ten minutes until fewer than five.
    pub(in crate::cli) floods: Vec<Flood>,
    /// The part of the time in floods.
    pub(in crate::cli) flooded_percent: f64,
    /// How they were graded, the worst first.
    pub(in crate::cli) priorities: Vec<Share>,
    /// Those that came most often, and their part of all.
    pub(in crate::cli) most_often: Vec<Often>,
    /// Those that came three times within a minute, and how often they did.
    pub(in crate::cli) chattering: Vec<Often>,
    /// Active for more than a day, the longest first.
    pub(in crate::cli) stale: Vec<Stale>,
    /// How they were answered, by priority.
    pub(in crate::cli) answers: Vec<Answers>,
    /// What each person got and did.
    pub(in crate::cli) people: Vec<Person>,
}

/// The alarms of one day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(in crate::cli) struct Day {
    pub(in crate::cli) date: Date,
    pub(in crate::cli) alarms: u64,
}

/// A flood, and how many alarms came in it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(in crate::cli) struct Flood {
    pub(in crate::cli) from: Timestamp,
    pub(in crate::cli) to: Timestamp,
    pub(in crate::cli) alarms: u64,
}

/// The alarms of one priority, and their part of all.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(in crate::cli) struct Share {
    pub(in crate::cli) priority: &'static str,
    pub(in crate::cli) alarms: u64,
    pub(in crate::cli) percent: f64,
}

/// An alarm, how often it came, and its part of all.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(in crate::cli) struct Often {
    pub(in crate::cli) definition: String,
    pub(in crate::cli) key: String,
    pub(in crate::cli) alarms: u64,
    pub(in crate::cli) percent: f64,
}

/// An alarm that was active for more than a day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(in crate::cli) struct Stale {
    pub(in crate::cli) occurrence: u64,
    pub(in crate::cli) definition: String,
    pub(in crate::cli) key: String,
    pub(in crate::cli) since: Timestamp,
    /// Until when, if it is over.
    pub(in crate::cli) until: Option<Timestamp>,
}

/// How the alarms of one priority were answered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(in crate::cli) struct Answers {
    pub(in crate::cli) priority: &'static str,
    /// For which somebody was asked.
    pub(in crate::cli) asked: u64,
    pub(in crate::cli) answered: u64,
    /// Seconds from the alarm to the answer: of half of them at most, and of nine in ten.
    pub(in crate::cli) median: Option<i64>,
    pub(in crate::cli) nine_in_ten: Option<i64>,
    pub(in crate::cli) longest: Option<i64>,
}

/// What a person got and did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(in crate::cli) struct Person {
    pub(in crate::cli) person: String,
    /// Messages that ask for an answer; all messages. Those that left: the network had them.
    pub(in crate::cli) calls: u64,
    pub(in crate::cli) messages: u64,
    /// Messages of either kind that never left.
    pub(in crate::cli) unsent: u64,
    /// Calls between 22:00 and 06:00, and the nights with any.
    pub(in crate::cli) calls_at_night: u64,
    pub(in crate::cli) nights: u64,
    /// Alarms that they took, and after how many seconds half of these.
    pub(in crate::cli) taken: u64,
    pub(in crate::cli) median: Option<i64>,
    pub(in crate::cli) confirmed: u64,
}
