//! Public holidays: those of France, computed, and those of a file.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;

/// The days that `holidays` means.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Holidays(pub Vec<Calendar>);

/// A calendar of holidays.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Calendar {
    /// France (Code du travail, L3133-1).
    France,
    /// France in the departments of Moselle, Bas-Rhin and Haut-Rhin: Good Friday and 26 December besides (L3134-13).
    AlsaceMoselle,
    /// The days of a file.
    Days(Arc<BTreeSet<Date>>),
}

impl Holidays {
    /// Whether a day is one.
    pub fn have(&self, day: Date) -> bool {
        self.0.iter().any(|calendar| calendar.has(day))
    }
}

impl Calendar {
    fn has(&self, day: Date) -> bool {
        match self {
            Self::France => is_french(day),
            Self::AlsaceMoselle => {
                is_french(day) || (day.month(), day.day()) == (12, 26) || is_from_easter(day, -2)
            }
            Self::Days(days) => days.contains(&day),
        }
    }
}

fn is_french(day: Date) -> bool {
    match (day.month(), day.day()) {
        (1, 1) | (5, 1 | 8) | (7, 14) | (8, 15) | (11, 1 | 11) | (12, 25) => true,
        // Easter Monday, Ascension, Whit Monday.
        _ => [1, 39, 50].into_iter().any(|days| is_from_easter(day, days)),
    }
}

fn is_from_easter(day: Date, days: i64) -> bool {
    easter(day.year()).and_then(|easter| easter.checked_add(days.days()).ok()) == Some(day)
}

/// Easter Sunday of the Gregorian calendar: the anonymous algorithm of 1876 (Meeus, *Astronomical Algorithms*, ch. 8).
fn easter(year: i16) -> Option<Date> {
    let year = i32::from(year);
    let moon = year.rem_euclid(19);
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let (leap_centuries, rest_of_centuries) = (century / 4, century % 4);
    let shift = (century + 8) / 25;
    let correction = (century - shift + 1) / 3;
    let epact = (19 * moon + century - leap_centuries - correction + 15) % 30;
    let (leap_years, rest_of_years) = (of_century / 4, of_century % 4);
    let to_sunday = (32 + 2 * rest_of_centuries + 2 * leap_years - epact - rest_of_years) % 7;
    let late = (moon + 11 * epact + 22 * to_sunday) / 451;
    let day = epact + to_sunday - 7 * late + 114;
    let (month, day) = (i8::try_from(day / 31).ok()?, i8::try_from(day % 31 + 1).ok()?);
    Date::new(i16::try_from(year).ok()?, month, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_is_where_the_almanac_has_it() {
        let known = [
            (1818, 3, 22),
            (1943, 4, 25),
            (2000, 4, 23),
            (2008, 3, 23),
            (2019, 4, 21),
            (2024, 3, 31),
            (2025, 4, 20),
            (2026, 4, 5),
            (2027, 3, 28),
            (2038, 4, 25),
            (2049, 4, 18),
            (2285, 3, 22),
        ];
        for (year, month, day) in known {
            assert_eq!(easter(year), Date::new(year, month, day).ok(), "{year}");
        }
    }

    #[test]
    fn france_has_eleven_holidays_and_alsace_thirteen() {
        let of = |calendar: &Calendar, year: i16| -> Vec<String> {
            let first = Date::new(year, 1, 1).unwrap();
            let days = first.series(1.days()).take_while(|day| day.year() == year);
            days.filter(|day| calendar.has(*day)).map(|day| day.to_string()).collect()
        };
        let of_2026 = of(&Calendar::France, 2026);
        assert_eq!(
            of_2026,
            [
                "2026-01-01",
                "2026-04-06",
                "2026-05-01",
                "2026-05-08",
                "2026-05-14",
                "2026-05-25",
                "2026-07-14",
                "2026-08-15",
                "2026-11-01",
                "2026-11-11",
                "2026-12-25",
            ]
        );
        // Ascension was on the first of May: two holidays on one day.
        assert_eq!(of(&Calendar::France, 2008).len(), 10);
        let alsace = of(&Calendar::AlsaceMoselle, 2026);
        assert!(
            alsace.contains(&"2026-04-03".to_owned()) && alsace.contains(&"2026-12-26".to_owned())
        );
        assert_eq!(alsace.len(), 13);
    }

    #[test]
    fn the_days_of_a_file_are_holidays_and_no_others() {
        let date = |written: &str| written.parse::<Date>().unwrap();
        let calendar = Calendar::Days(Arc::new(BTreeSet::from([date("2026-06-24")])));
        let holidays = Holidays(vec![calendar]);
        assert!(holidays.have(date("2026-06-24")) && !holidays.have(date("2027-06-24")));
    }
}
