//! What wears on a modem for long before it fails: a weak signal, and a network that is being switched off.
//!
//! It says when that is bad for long, and when it is good again for long; in between nothing is news. Of the signal it
//! also knows the trend, since an aerial comes loose by and by.

use std::collections::VecDeque;
use std::time::Duration;

use vigie_gsm::dialogue::{Instant, Technology};

use crate::watch::time::Utc;

/// Below this much power (dBm) messages begin to fail; above the other they do not (smstools: -95 is "workable").
const WEAK: i16 = -103;
const FAIR: i16 = -97;
/// The trend is over so many spans of that length: an hour.
const SPANS: usize = 6;
const SPAN: Duration = Duration::from_secs(600);

/// How well a modem hears its network, and how old that is.
#[derive(Debug)]
pub(super) struct Reception {
    /// The number of its SIM's subscriber: it says in which country the SIM is at home.
    pub(super) subscriber: Option<String>,
    /// The one of now, where it is known.
    pub(super) technology: Option<Technology>,
    weak: Lasting,
    old: Lasting,
    trend: Trend,
}

/// What follows from one reading of the signal.
#[derive(Debug)]
pub(super) struct Reading {
    /// By how many dB the signal has changed within the last hour.
    pub(super) trend: Option<i16>,
    /// The signal is too weak, or fair again, and that is news.
    pub(super) weak: Option<bool>,
    /// The network is being switched off, or is not, and that is news.
    pub(super) old: Option<bool>,
}

impl Reception {
    /// `news`: for so long something must be bad, or good again, before it is news.
    pub(super) fn new(news: Duration) -> Self {
        Self {
            subscriber: None,
            technology: None,
            weak: Lasting::new(news),
            old: Lasting::new(news),
            trend: Trend::default(),
        }
    }

    /// A reading of the signal, in dBm: also the moment at which the age of the network is judged.
    pub(super) fn read(&mut self, dbm: Option<i16>, now: Instant, utc: Utc) -> Reading {
        let old = is_switched_off(self.subscriber.as_deref(), self.technology, utc);
        Reading {
            trend: dbm.and_then(|dbm| self.trend.note(dbm, now)),
            weak: self.weak.note(is_weak(dbm), now),
            old: self.old.note(old, now),
        }
    }
}

/// Something that is bad, good, or neither.
#[derive(Debug)]
struct Lasting {
    /// For so long it must be bad, or good again, before that is news.
    news: Duration,
    since: Option<(bool, Instant)>,
    told: Option<bool>,
}

impl Lasting {
    /// Of which nothing is known yet.
    fn new(news: Duration) -> Self {
        Self { news, since: None, told: None }
    }

    /// It is bad, or good, or neither (`None`). Whether it is bad, if that is news.
    fn note(&mut self, bad: Option<bool>, now: Instant) -> Option<bool> {
        let Some(bad) = bad else {
            self.since = None;
            return None;
        };
        let since = match self.since {
            Some((known, since)) if known == bad => since,
            Some(_) | None => now,
        };
        self.since = Some((bad, since));
        let is_news = self.told != Some(bad) && now >= since.saturating_add(self.news);
        is_news.then(|| {
            self.told = Some(bad);
            bad
        })
    }
}

/// Whether a signal of that power is too weak; `None`: it is neither good nor bad, or not known.
fn is_weak(dbm: Option<i16>) -> Option<bool> {
    match dbm? {
        weak if weak <= WEAK => Some(true),
        fair if fair >= FAIR => Some(false),
        _ => None,
    }
}

/// The mean power of the last hour, span by span.
#[derive(Debug, Default)]
struct Trend {
    spans: VecDeque<(Instant, i32, i32)>,
}

impl Trend {
    /// One more reading. By how many dB the signal is better than at the beginning of the last hour, once there is
    /// something to compare.
    fn note(&mut self, dbm: i16, now: Instant) -> Option<i16> {
        match self.spans.back_mut() {
            Some((began, sum, count)) if now < began.saturating_add(SPAN) => {
                *sum = sum.saturating_add(i32::from(dbm));
                *count = count.saturating_add(1);
            }
            Some(_) | None => self.spans.push_back((now, i32::from(dbm), 1)),
        }
        if self.spans.len() > SPANS {
            self.spans.pop_front();
        }
        let mean = |(_, sum, count): &(Instant, i32, i32)| sum.checked_div(*count);
        let (first, last) = (self.spans.front()?, self.spans.back()?);
        let change = mean(last)?.saturating_sub(mean(first)?);
        (self.spans.len() > 1).then(|| i16::try_from(change).unwrap_or(0))
    }
}

/// From which day on a country switches a technology off: the first digits of its SIMs' numbers (ITU-T E.212), the
/// technology, and the day. France: Orange from March 2026 on, the others by December; 3G from the end of 2028.
const SWITCHED_OFF: [(&str, Technology, Utc); 2] = [
    ("208", Technology::Gsm, Utc::from_micros(1_772_323_200_000_000)),
    ("208", Technology::Umts, Utc::from_micros(1_859_241_600_000_000)),
];

/// Whether a modem with this SIM has found only a network that its country switches off; `None`: not known.
fn is_switched_off(
    subscriber: Option<&str>,
    technology: Option<Technology>,
    now: Utc,
) -> Option<bool> {
    let (subscriber, technology) = (subscriber?, technology?);
    let ends = |(country, old, from): &(&str, Technology, Utc)| {
        subscriber.starts_with(country) && *old == technology && now >= *from
    };
    Some(SWITCHED_OFF.iter().any(ends))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: u64) -> Instant {
        Duration::from_secs(minutes * 60)
    }

    #[test]
    fn what_is_bad_for_ten_minutes_is_told_once_and_what_is_good_for_ten_minutes_as_well() {
        let mut lasting = Lasting::new(at(10));
        assert_eq!(lasting.note(Some(true), at(0)), None);
        assert_eq!(lasting.note(Some(true), at(9)), None);
        assert_eq!(lasting.note(Some(true), at(10)), Some(true));
        assert_eq!(lasting.note(Some(true), at(30)), None);
        assert_eq!(lasting.note(Some(false), at(31)), None);
        assert_eq!(lasting.note(Some(true), at(40)), None, "good for nine minutes only");
        assert_eq!(lasting.note(Some(false), at(50)), None);
        assert_eq!(lasting.note(None, at(55)), None, "neither: the ten minutes begin again");
        assert_eq!(lasting.note(Some(false), at(60)), None);
        assert_eq!(lasting.note(Some(false), at(70)), Some(false));
    }

    #[test]
    fn a_signal_is_weak_below_one_limit_and_fair_above_another() {
        let judged: Vec<_> = [None, Some(-113), Some(-103), Some(-102), Some(-98), Some(-97)]
            .into_iter()
            .map(is_weak)
            .collect();
        assert_eq!(judged, [None, Some(true), Some(true), None, None, Some(false)]);
    }

    #[test]
    fn the_trend_is_that_of_the_last_hour() {
        let mut trend = Trend::default();
        assert_eq!(trend.note(-70, at(0)), None);
        assert_eq!(trend.note(-72, at(5)), None);
        assert_eq!(trend.note(-80, at(10)), Some(-9));
        for minutes in (20..120).step_by(10) {
            trend.note(-90, at(minutes));
        }
        assert_eq!(trend.note(-90, at(120)), Some(0));
        assert!(trend.spans.len() <= SPANS);
    }

    #[test]
    fn a_network_is_old_where_and_when_it_is_switched_off() {
        let on = |date: &str| {
            Utc::from_micros(date.parse::<jiff::Timestamp>().unwrap().as_microsecond())
        };
        let french = Some("208011234567890");
        let (before, after) = (on("2026-02-28T23:59:59Z"), on("2026-03-01T00:00:00Z"));
        assert_eq!(is_switched_off(french, Some(Technology::Gsm), before), Some(false));
        assert_eq!(is_switched_off(french, Some(Technology::Gsm), after), Some(true));
        assert_eq!(is_switched_off(french, Some(Technology::Lte), after), Some(false));
        assert_eq!(
            is_switched_off(Some("262011234567890"), Some(Technology::Gsm), after),
            Some(false)
        );
        assert_eq!(is_switched_off(None, Some(Technology::Gsm), after), None);
        assert_eq!(is_switched_off(french, None, after), None);
        let late = on("2028-12-01T00:00:00Z");
        assert_eq!(is_switched_off(french, Some(Technology::Umts), late), Some(true));
        assert_eq!(is_switched_off(french, Some(Technology::Umts), after), Some(false));
    }
}
