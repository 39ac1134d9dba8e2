//! The grammar of orders by SMS: what a person asks for beyond answering a call (behaviour §6).
//!
//! A verb, a name or a code, and for how long. Names are those of the files, and are compared as
//! people write them on a telephone: without case and accents ([`plain`]).

use std::time::Duration;

use super::super::codes::Code;
use super::without_accent;

/// What a person asks for beyond answering.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Order {
    /// `ONCALL`, `ASTREINTE`, `ASTREINTE technique`
    OnCall {
        /// Of which schedule, in plain letters; `None`: of all.
        schedule: Option<String>,
    },
    /// `TAKE technique 18H`, `PRENDS technique 18H`
    Take {
        /// Which schedule, in plain letters.
        schedule: String,
        /// For how long.
        lasting: Duration,
    },
    /// `SHELVE 4711 2H`, `MASQUE 4711 2H`
    Shelve {
        /// What.
        code: Code,
        /// For how long.
        lasting: Duration,
    },
    /// `SWAP hvac 4H`, `SWAP hvac OFF`
    Swap {
        /// Which group of alarms, in plain letters.
        group: String,
        /// For how long; `None`: it is over.
        lasting: Option<Duration>,
    },
    /// `SWAP karim 24/12`: my shift of that day against the next one of that person's.
    Trade {
        /// With whom, in plain letters.
        with: String,
        /// The day of the month on which the shift begins.
        day: i8,
        /// The month.
        month: i8,
    },
    /// `STOP-TEST 0815`
    Drill(Code),
}

/// No order is for longer.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);

/// Reads an order; `None`: it is none. Quotations were taken off.
pub(super) fn parse(message: &str) -> Option<Order> {
    let words: Vec<String> = message
        .split_whitespace()
        .map(|word| {
            plain(word.trim_matches(|letter: char| letter == '?' || super::is_punctuation(letter)))
        })
        .filter(|word| !word.is_empty())
        .take(4)
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match *words.as_slice() {
        ["ONCALL" | "ASTREINTE"] => Some(Order::OnCall { schedule: None }),
        ["ONCALL" | "ASTREINTE", schedule] => {
            Some(Order::OnCall { schedule: Some(schedule.to_owned()) })
        }
        ["TAKE" | "PRENDS", schedule, lasting] => {
            Some(Order::Take { schedule: schedule.to_owned(), lasting: duration(lasting)? })
        }
        ["SHELVE" | "MASQUE", code, lasting] => {
            Some(Order::Shelve { code: Code::parse(code)?, lasting: duration(lasting)? })
        }
        ["SWAP" | "ECHANGE", group, "OFF" | "FIN"] => {
            Some(Order::Swap { group: group.to_owned(), lasting: None })
        }
        ["SWAP" | "ECHANGE", name, word] => match (duration(word), date(word)) {
            (Some(lasting), _) => {
                Some(Order::Swap { group: name.to_owned(), lasting: Some(lasting) })
            }
            (None, Some((day, month))) => Some(Order::Trade { with: name.to_owned(), day, month }),
            (None, None) => None,
        },
        ["STOP-TEST" | "STOPTEST", code] | ["STOP", "TEST", code] => {
            Some(Order::Drill(Code::parse(code)?))
        }
        _ => None,
    }
}

/// A name as it is compared: in capitals, without accents.
pub fn plain(name: &str) -> String {
    name.chars().flat_map(char::to_uppercase).map(without_accent).collect()
}

/// A length of time as people write it in an order, in capitals or not: `2h`, `90min`, `3d`, `1h30`; at most a year.
pub fn lasting(written: &str) -> Option<Duration> {
    duration(&plain(written))
}

/// `2H`, `90M`, `90MIN`, `3D`, `3J`, `1H30`.
fn duration(word: &str) -> Option<Duration> {
    let end = word.find(|letter: char| !letter.is_ascii_digit())?;
    let (count, unit) = word.split_at_checked(end)?;
    let count: u64 = count.parse().ok()?;
    let seconds = match unit {
        "M" | "MIN" | "MN" => count.checked_mul(60)?,
        "H" => count.checked_mul(3_600)?,
        "D" | "J" => count.checked_mul(86_400)?,
        _ => {
            let minutes = unit.strip_prefix('H')?;
            let minutes = minutes.strip_suffix('M').unwrap_or(minutes);
            let is_plain = minutes.len() == 2 && minutes.bytes().all(|byte| byte.is_ascii_digit());
            let minutes: u64 = minutes.parse().ok().filter(|count| is_plain && *count < 60)?;
            count.checked_mul(3_600)?.checked_add(minutes.checked_mul(60)?)?
        }
    };
    let lasting = Duration::from_secs(seconds);
    (lasting > Duration::ZERO && lasting <= LONGEST).then_some(lasting)
}

/// `24/12`, `24.12`, `24-12`: the day, then the month.
fn date(word: &str) -> Option<(i8, i8)> {
    let (day, month) = word.split_once(['/', '.', '-'])?;
    let number = |written: &str| -> Option<i8> {
        let is_plain = written.len() <= 2 && written.bytes().all(|byte| byte.is_ascii_digit());
        written.parse().ok().filter(|_| is_plain)
    };
    let (day, month) = (number(day)?, number(month)?);
    // Whether that month has such a day depends on the year, which is not written.
    jiff::civil::Date::new(2_024, month, day).is_ok().then_some((day, month))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(count: u64) -> Duration {
        Duration::from_secs(count * 3_600)
    }

    #[test]
    fn an_order_is_understood_in_both_languages() {
        let take = Order::Take { schedule: "TECHNIQUE".to_owned(), lasting: hours(18) };
        for message in ["TAKE technique 18H", "prends Téchnique 18h", "Prends technique 18h."] {
            assert_eq!(parse(message), Some(take.clone()), "{message}");
        }
        let code = Code::parse("4711").unwrap();
        let shelve = Order::Shelve { code, lasting: hours(2) };
        for message in
            ["SHELVE 4711 2H", "masque 4711 2h", "Masqué 4711 120min", "MASQUE 4711 2H00"]
        {
            assert_eq!(parse(message), Some(shelve.clone()), "{message}");
        }
        let swap = |lasting| Some(Order::Swap { group: "HVAC-NORD".to_owned(), lasting });
        assert_eq!(parse("SWAP hvac-nord 4H"), swap(Some(hours(4))));
        assert_eq!(parse("échange hvac-nord 3J"), swap(Some(hours(72))));
        assert_eq!(parse("Swap hvac-nord off"), swap(None));
        let trade = Order::Trade { with: "KARIM".to_owned(), day: 24, month: 12 };
        for message in ["SWAP karim 24/12", "échange Karim 24.12", "swap karim 24-12"] {
            assert_eq!(parse(message), Some(trade.clone()), "{message}");
        }
        assert_eq!(parse("ASTREINTE"), Some(Order::OnCall { schedule: None }));
        assert_eq!(parse("oncall ?"), Some(Order::OnCall { schedule: None }));
        for message in ["STOP-TEST 0815", "stop test 0815", "stoptest 0815!"] {
            assert_eq!(parse(message), Code::parse("0815").map(Order::Drill), "{message}");
        }
    }

    #[test]
    fn what_is_no_order_does_nothing() {
        for message in [
            "",
            "TAKE",
            "TAKE technique",
            "TAKE technique 18",
            "TAKE technique 0H",
            "TAKE technique 18H svp merci",
            "TAKE technique 99999999999999999999H",
            "TAKE technique 400J",
            "TAKE technique 1H60",
            "SHELVE 4711",
            "SHELVE quai 2H",
            "SWAP hvac",
            "SWAP karim 31/02",
            "SWAP karim 24/13",
            "SWAP karim 1/2/3",
            "ONCALL technique now",
            "STOP 0815",
        ] {
            assert_eq!(parse(message), None, "{message}");
        }
        assert_eq!(parse(&"SWAP ".repeat(100_000)), None);
    }
}
