//! Files that every account of the machine may write to, and a place for the store that is open to all.
//!
//! `vigie check` and a reload refuse them; a start takes them (why: `config/check/access`) and says so: in the log, and by an alarm that stands
//! until a reload or another start finds them right.

use tracing::error;

use crate::watch::own_alarms::{ACCESS, SelfAlarm, SelfSignal};

/// The alarm about these, if there are any.
pub(super) fn found(open: &[String]) -> Option<SelfSignal> {
    let (first, others) = open.split_first()?;
    let more = match others.len() {
        0 => String::new(),
        more => format!(" (+{more})"),
    };
    let reason = format!("{first}{more}");
    error!(
        files = %reason,
        "every account of this machine may write to files of the site, or put another store in the place of the one there: `vigie check` shows where"
    );
    Some(SelfSignal::raised(SelfAlarm::ConfigurationRefused, ACCESS, &reason))
}
