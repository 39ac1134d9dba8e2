//! Gaps in words: those that recur are told once, and each of the others by its dates.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, Time};

use crate::watch::schedule::Wall;
use crate::watch::time::Utc;

/// So many that recur or stand alone are told; the rest are counted.
const TOLD: usize = 40;
/// What comes so often at the same hours of the same day of the week recurs.
const RECURS: usize = 3;
const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Nobody would be called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Gap {
    /// From this instant.
    pub(super) from: Utc,
    /// Until this one.
    pub(super) until: Utc,
}

/// When both have one; each is in order.
pub(super) fn shared(these: &[Gap], those: &[Gap]) -> Vec<Gap> {
    let mut shared = Vec::new();
    let (mut these, mut those) = (these.iter().peekable(), those.iter().peekable());
    while let (Some(this), Some(that)) = (these.peek(), those.peek()) {
        let both = Gap { from: this.from.max(that.from), until: this.until.min(that.until) };
        if both.from < both.until {
            shared.push(both);
        }
        if this.until <= that.until {
            these.next();
        } else {
            those.next();
        }
    }
    shared
}

/// When it begins and ends on the wall: by this gaps are alike.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Hours {
    from: Time,
    days: i32,
    until: Time,
}

/// A gap as the wall shows it.
#[derive(Clone, Copy)]
struct Shown {
    from: DateTime,
    until: DateTime,
}

impl Shown {
    fn hours(self) -> Hours {
        let days = self.from.date().until(self.until.date()).map_or(0, |span| span.get_days());
        Hours { from: self.from.time(), days, until: self.until.time() }
    }

    fn weekday(self) -> usize {
        usize::try_from(self.from.date().weekday().to_monday_zero_offset()).unwrap_or(0)
    }
}

/// "624 hours until 2027-11-27: every Sunday 08:00-20:00, 52 times, first 2026-11-29".
pub(super) fn told(gaps: &[Gap], wall: &Wall, (now, horizon): (Utc, Utc)) -> String {
    let end = wall.shows(horizon);
    if let [only] = gaps
        && only.from <= now
        && only.until >= horizon
    {
        return format!("at any hour until {}", end.date());
    }
    let hours = gaps.iter().map(|gap| gap.from.max(now).until(gap.until).as_secs()).sum::<u64>();
    let shown =
        gaps.iter().map(|gap| Shown { from: wall.shows(gap.from), until: wall.shows(gap.until) });
    let mut alike: BTreeMap<Hours, Vec<Shown>> = BTreeMap::new();
    for gap in shown {
        alike.entry(gap.hours()).or_default().push(gap);
    }
    let mut parts: Vec<(DateTime, String)> = Vec::new();
    for (hours, gaps) in alike {
        sort_out(hours, &gaps, (wall.shows(now), end), &mut parts);
    }
    parts.sort();
    let more = parts.len().saturating_sub(TOLD);
    let told: Vec<String> = parts.into_iter().take(TOLD).map(|(_, part)| part).collect();
    let rest = if more > 0 { format!("; and {more} times more") } else { String::new() };
    format!("for {} until {}: {}{rest}", amount(hours), end.date(), told.join("; "))
}

/// Whole hours, or minutes where there is none.
fn amount(seconds: u64) -> String {
    match (seconds / 3_600, seconds / 60) {
        (0, minutes) => format!("{minutes} min"),
        (1, _) => "1 hour".to_owned(),
        (hours, _) => format!("{hours} hours"),
    }
}

/// What recurs among gaps at the same hours, and what does not.
fn sort_out(
    hours: Hours,
    gaps: &[Shown],
    stretch: (DateTime, DateTime),
    parts: &mut Vec<(DateTime, String)>,
) {
    let on = |day: usize| gaps.iter().filter(move |gap| gap.weekday() == day);
    let recurring: Vec<usize> = (0..7).filter(|day| on(*day).count() >= RECURS).collect();
    let (together, alone): (Vec<Shown>, Vec<Shown>) =
        gaps.iter().partition(|gap| recurring.contains(&gap.weekday()));
    parts.extend(alone.iter().map(|gap| (gap.from, one(*gap, stretch))));
    let (Some(first), Some(last)) = (together.first(), together.last()) else { return };
    let is_every =
        recurring.iter().all(|day| is_without_a_miss(on(*day).map(|gap| gap.from.date())));
    let every = if is_every { "every " } else { "" };
    let range = match hours.days {
        0 => format!("{}-{}", clock(hours.from), clock(hours.until)),
        1 if hours.until == Time::midnight() && hours.from == Time::midnight() => {
            "all day".to_owned()
        }
        1 if hours.until == Time::midnight() => format!("{}-24:00", clock(hours.from)),
        1 => format!("{}-{}", clock(hours.from), clock(hours.until)),
        days => format!("{} until {} {days} days later", clock(hours.from), clock(hours.until)),
    };
    let whole = format!(
        "{every}{} {range}, {} times, first {}{}",
        days(&recurring),
        together.len(),
        first.from.date(),
        if is_every { String::new() } else { format!(", last {}", last.from.date()) },
    );
    parts.push((first.from, whole));
}

/// Whether dates follow each other week by week.
fn is_without_a_miss(dates: impl Iterator<Item = Date>) -> bool {
    let dates: Vec<Date> = dates.collect();
    dates.windows(2).all(|pair| match pair {
        [one, next] => one.until(*next).is_ok_and(|span| span.get_days() == 7),
        _ => true,
    })
}

/// "Sunday", "Monday..Friday", "Monday, Wednesday", "day".
fn days(recurring: &[usize]) -> String {
    let name = |day: &usize| DAYS.get(*day).copied().unwrap_or("day");
    match recurring {
        [_, _, _, _, _, _, _] => "day".to_owned(),
        [first, .., last]
            if last.saturating_sub(*first) == recurring.len().saturating_sub(1)
                && recurring.len() > 2 =>
        {
            format!("{}..{}", name(first), name(last))
        }
        several => several.iter().map(name).collect::<Vec<_>>().join(", "),
    }
}

/// One in which we stand begins now, as its hours are counted: it is known for some days before, and no further.
fn one(gap: Shown, (now, end): (DateTime, DateTime)) -> String {
    let (from, until) = (gap.from, gap.until);
    let has_begun = from < now;
    let begins = if has_begun {
        "now".to_owned()
    } else {
        format!("{} {}", from.date(), clock(from.time()))
    };
    if until >= end {
        return format!("from {begins} on");
    }
    if from.date() == until.date() && !has_begun {
        return format!("{begins}-{}", clock(until.time()));
    }
    format!("{begins} to {} {}", until.date(), clock(until.time()))
}

fn clock(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn at(hours: u64) -> Utc {
        Utc::from_micros(0).after(std::time::Duration::from_secs(hours * 3_600))
    }

    fn gap(from: u64, until: u64) -> Gap {
        Gap { from: at(from), until: at(until) }
    }

    #[test]
    fn what_both_have_is_what_both_have() {
        let these = [gap(0, 4), gap(6, 10), gap(12, 13)];
        let those = [gap(2, 7), gap(9, 20)];
        let both = [gap(2, 4), gap(6, 7), gap(9, 10), gap(12, 13)];
        assert_eq!(shared(&these, &those), both);
        assert_eq!(shared(&those, &these), both);
        assert_eq!(shared(&these, &[]), []);
    }

    #[test]
    fn gaps_that_recur_are_told_once_and_others_by_their_dates() {
        let wall = Wall::of(TimeZone::UTC);
        // 1970-01-01 was a Thursday.
        let weekly: Vec<Gap> = (0..5).map(|week| gap(8 + week * 168, 20 + week * 168)).collect();
        let until = (at(0), at(8_760));
        let told = |gaps: &[Gap]| told(gaps, &wall, until);
        assert_eq!(
            told(&weekly),
            "for 60 hours until 1971-01-01: every Thursday 08:00-20:00, 5 times, first 1970-01-01"
        );
        let nights: Vec<Gap> = (0..60)
            .filter(|day| day % 7 < 5)
            .map(|day| gap(18 + day * 24, 32 + day * 24))
            .collect();
        assert!(told(&nights).ends_with("every Monday, Thursday, Friday, Saturday, Sunday 18:00-08:00, 44 times, first 1970-01-01"), "{}", told(&nights));
        let mixed =
            [&weekly[..3], &[gap(1_000, 1_030)], &weekly[4..], &[gap(8_000, 8_760)]].concat();
        assert_eq!(
            told(&mixed),
            "for 838 hours until 1971-01-01: Thursday 08:00-20:00, 4 times, first 1970-01-01, last 1970-01-29; 1970-02-11 16:00 to 1970-02-12 22:00; from 1970-11-30 08:00 on"
        );
        assert_eq!(told(&[gap(0, 8_760)]), "at any hour until 1971-01-01");
    }

    #[test]
    fn a_gap_in_which_we_stand_begins_now() {
        let wall = Wall::of(TimeZone::UTC);
        let told = |gaps: &[Gap]| told(gaps, &wall, (at(192), at(8_952)));
        assert_eq!(
            told(&[gap(0, 1_109)]),
            "for 917 hours until 1971-01-09: now to 1970-02-16 05:00"
        );
        assert_eq!(
            told(&[gap(191, 194), gap(300, 302)]),
            "for 4 hours until 1971-01-09: now to 1970-01-09 02:00; 1970-01-13 12:00-14:00"
        );
        let to_the_end = [gap(0, 200), gap(300, 8_952)];
        assert!(told(&to_the_end).ends_with(": now to 1970-01-09 08:00; from 1970-01-13 12:00 on"));
    }
}
