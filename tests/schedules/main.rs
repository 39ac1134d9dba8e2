//! Who is on call, held against a second writing that knows no calendar library: minute by minute over two years, in zones whose
//! clocks do odd things, for schedules that the dice have made. A failure prints its seed; `VIGIE_SEED=` plays it again.

#![cfg(test)]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "a second writing, of numbers that it has made itself"
)]

#[path = "../dice/mod.rs"]
mod dice;
mod oracle;
mod random;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use vigie::watch::time::Utc;

use dice::Dice;

/// Two years in each zone: when it does what others do not.
const ZONES: [(&str, &str); 7] = [
    ("Europe/Paris", "2026-01-01T00:00:00Z"),
    // Its clocks went forward at midnight: a day without one.
    ("America/Sao_Paulo", "2017-06-01T00:00:00Z"),
    // Half an hour.
    ("Australia/Lord_Howe", "2025-01-01T00:00:00Z"),
    // Its clocks went back at one minute past midnight: a day began twice.
    ("America/St_Johns", "2009-06-01T00:00:00Z"),
    // A day was left out.
    ("Pacific/Apia", "2011-01-01T00:00:00Z"),
    ("Asia/Kolkata", "2027-06-01T00:00:00Z"),
    // Leap day and year's end.
    ("America/New_York", "2027-06-01T00:00:00Z"),
];

#[test]
fn whoever_is_on_call_is_whom_a_second_writing_finds_minute_by_minute() {
    let mut dice = Dice::new();
    for (name, begin) in ZONES {
        let zone = TimeZone::get(name).unwrap();
        let begin: Timestamp = begin.parse().unwrap();
        {
            let plan = random::plan(&mut dice, begin.as_second() / 60);
            let schedule = plan.schedule(&zone);
            let until = begin.as_second() / 60 + 2 * 365 * 24 * 60;
            let at = |minute: i64| Utc::from_micros(minute * 60_000_000);
            let stretches = schedule.stretches(at(begin.as_second() / 60), at(until));
            let mut stretches = stretches.into_iter().peekable();
            let mut oracle = oracle::Oracle::new(&plan, &zone, begin.as_second() / 60);
            for minute in begin.as_second() / 60..until {
                while stretches.peek().unwrap().until <= at(minute) {
                    stretches.next();
                }
                let wanted = oracle.at(minute);
                let found = &stretches.peek().unwrap().people;
                assert!(
                    *found == wanted,
                    "{name} at {}: {found:?}, and not {wanted:?}\n{plan:#?}",
                    at(minute)
                );
                if dice.below(500) == 0 {
                    assert_eq!(schedule.on_call(at(minute)), wanted, "{name} at {}", at(minute));
                }
            }
        }
    }
}
