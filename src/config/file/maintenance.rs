//! `[maintenance.*]`: at which times which alarms call nobody.

use toml::value::Datetime;

use crate::config::table::tables;
use crate::config::written::List;
use crate::watch::schedule::Window;

tables! {
    /// A time at which alarms are quiet.
    Maintenance = "a maintenance" {
        /// The definitions whose alarms are quiet: `["lien"]`; `["all"]` for all but Vigie's own. Required.
        "alarms" => alarms: List<String>,
        /// Once: from when, in the time zone of the site: `2026-12-24T22:00:00`. Required without `hours`.
        "from" => from: Datetime,
        /// Until when. Required without `hours`.
        "until" => until: Datetime,
        /// Every week: at which hours, `["sun 02:00-04:00"]`. Required without `from` and `until`.
        "hours" => hours: List<Window>,
    }
}
