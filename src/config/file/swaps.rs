//! `[swaps.*]`.

use toml::value::Datetime;

use crate::config::table::tables;

tables! {
    /// When a group of alarms is swapped by the calendar.
    Calendar = "a swap by the calendar" {
        /// The group, as `swap` in `[alarms.NAME]` names it.
        "group" => group: String,
        /// When it begins, in the time zone of the site: `2026-12-07T08:00:00`.
        "from" => from: Datetime,
        /// When it ends, in the time zone of the site.
        "until" => until: Datetime,
    }
}
