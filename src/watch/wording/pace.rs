//! What people read of what is silent, of what does not come to rest, and of drills.

use std::time::Duration;

use super::Wording;
use crate::watch::time::Utc;

/// An interval as people say it: `10 min`, `1 h 30 min`, `2 j`.
fn said(length: Duration, day: &str) -> String {
    let seconds = length.as_secs();
    let part = |unit: u64, name: &str| {
        let count = seconds.checked_div(unit).unwrap_or(0);
        (count > 0, format!("{count} {name}"))
    };
    let (days, hours, minutes) = (part(86_400, day), part(3_600, "h"), part(60, "min"));
    match (seconds % 86_400, seconds % 3_600, seconds % 60) {
        (0, ..) if days.0 => days.1,
        (_, 0, _) if hours.0 => hours.1,
        (.., 0) if hours.0 => format!("{} {} min", hours.1, (seconds % 3_600) / 60),
        (.., 0) if minutes.0 => minutes.1,
        _ => format!("{seconds} s"),
    }
}

impl Wording<'_> {
    /// Why a heartbeat is missed.
    pub(in crate::watch) fn silent(&self, heard: Option<Utc>, every: Duration) -> String {
        let heard = heard.map(|heard| self.time(heard));
        self.say(
            || {
                let every = said(every, "j");
                match &heard {
                    Some(heard) => format!("rien depuis {heard}, attendu sous {every}"),
                    None => format!("jamais entendu, attendu sous {every}"),
                }
            },
            || {
                let every = said(every, "d");
                match &heard {
                    Some(heard) => format!("nothing since {heard}, awaited within {every}"),
                    None => format!("never heard, awaited within {every}"),
                }
            },
        )
    }

    /// To the one who lets go of what is silent.
    pub(in crate::watch) fn let_go(&self, subject: &str) -> String {
        self.say(
            || format!("{subject} n'est plus attendu, sauf s'il se manifeste."),
            || format!("{subject} is awaited no more, unless it is heard again."),
        )
    }
}
