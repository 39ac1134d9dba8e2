//! `[swaps.*]`: at which times the alarms of a group go to their other escalation.

use toml::value::Datetime;

use crate::config::table::tables;
use crate::config::written::List;
use crate::watch::schedule::Window;

tables! {
    /// When a group of alarms is swapped by the calendar.
    Calendar = "a swap by the calendar" {
        /// The group, as `swap` in `[alarms.NAME]` names it. Required.
        "group" => group: String,
        /// When it begins, in the time zone of the site: `2026-12-07T08:00:00`; with `hours`: before it no hours count. Required without `hours`.
        "from" => from: Datetime,
        /// When it ends, in the time zone of the site; with `hours`: from it on no hours count any more. Required without `hours`.
        "until" => until: Datetime,
        /// At which hours of every week, as in a schedule: `["mon..fri 08:00-16:00"]`.
        "hours" => hours: List<Window>,
    }
}
