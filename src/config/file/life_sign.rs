//! `[life-sign]`: who is told every day that Vigie watches, and when.

use crate::config::table::tables;
use crate::config::written::List;
use crate::watch::schedule::Window;

tables! {
    /// A short message every day that says that Vigie watches, what stands open, and what is wrong with Vigie itself.
    LifeSign = "the sign of life" {
        /// Who is told: `"person:NAME"`, `"group:NAME"`, `"schedule:NAME"` (whoever is on call then). Required.
        "notify" => notify: List<String>,
        /// When, in the time zone of the site; default `"07:30"`.
        "at" => at: String,
        /// On which days of the week: `["mon..fri"]`; default every day.
        "days" => days: List<Window>,
    }
}
