//! Windows of maintenance, written a second time: when one is open, and when it closes.

use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZone;
use vigie::watch::time::Utc;

/// What begins inside is kept quiet, and calls people at the end if it is still there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Window {
    pub(crate) name: &'static str,
    pub(crate) alarms: Vec<&'static str>,
    pub(crate) when: When,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum When {
    Once {
        from: DateTime,
        until: DateTime,
    },
    /// From Thursday to Saturday, between these two hours.
    Nightly {
        from: i8,
        until: i8,
    },
}

impl Window {
    /// When it closes, if it is open.
    pub(crate) fn closes(&self, at: Utc) -> Option<Utc> {
        let paris = TimeZone::get("Europe/Paris").expect("it is built in");
        let shown = at.timestamp().to_zoned(paris.clone());
        let until = match self.when {
            When::Once { from, until } => {
                (from <= shown.datetime() && shown.datetime() < until).then_some(until)
            }
            When::Nightly { from, until } => {
                let day = shown.date().weekday();
                let is_day = matches!(day, Weekday::Thursday | Weekday::Friday | Weekday::Saturday);
                let is_open = is_day && (from..until).contains(&shown.hour());
                is_open.then(|| shown.date().at(until, 0, 0, 0))
            }
        };
        let until = until?.to_zoned(paris).expect("no clock is changed in these hours");
        Some(Utc::from(until.timestamp()))
    }
}
