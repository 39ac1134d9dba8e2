//! Quantities as people write them: `30s`, `1h30m`, `2 weeks`; `64 KiB`, `1 MiB`.
//!
//! A number without a unit is refused: five of what?

use std::time::Duration;

/// The longest interval that means something here; what is longer is a slip of the finger.
const LONGEST: Duration = Duration::from_secs(10 * 366 * 24 * 3_600);

/// Why an interval cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum IntervalError {
    /// Nothing is written.
    #[error("it is empty")]
    Empty,
    /// A number stands alone.
    #[error("{0} has no unit")]
    NoUnit(String),
    /// A unit, or something else, stands where a number should.
    #[error("`{0}` stands where a number should")]
    NoNumber(String),
    /// Not a unit that we know.
    #[error("`{0}` is not a unit of time")]
    UnknownUnit(String),
    /// A number with a fraction.
    #[error("it has a fraction")]
    Fraction,
    /// A minus sign.
    #[error("it is negative")]
    Negative,
    /// Beyond ten years.
    #[error("it is longer than ten years")]
    TooLong,
}

impl IntervalError {
    /// What to write instead.
    pub(super) fn help(&self) -> String {
        match self {
            Self::NoUnit(number) => format!(
                "write the unit: \"{number}s\" for seconds, \"{number}m\" for minutes, \"{number}h\" for hours"
            ),
            Self::UnknownUnit(_) => {
                "the units are ms, s, m (or min), h, d (or days), weeks and years".to_owned()
            }
            Self::Fraction => "write two units instead: \"1h30m\"".to_owned(),
            Self::Empty | Self::NoNumber(_) | Self::Negative | Self::TooLong => {
                "write for example \"30s\", \"5m\", \"1h30m\" or \"2 weeks\"".to_owned()
            }
        }
    }
}

/// Reads an interval: numbers, each with its unit, added up.
pub(super) fn interval(written: &str) -> Result<Duration, IntervalError> {
    let mut rest = written.trim();
    if rest.is_empty() {
        return Err(IntervalError::Empty);
    }
    if rest.starts_with(['-', '−']) {
        return Err(IntervalError::Negative);
    }
    let mut sum = Duration::ZERO;
    while !rest.is_empty() {
        let (number, after) = split(rest, |letter| letter.is_ascii_digit());
        if number.is_empty() {
            return Err(IntervalError::NoNumber(shortened(
                split(after, |letter| !letter.is_ascii_digit()).0,
            )));
        }
        if after.starts_with(['.', ',']) {
            return Err(IntervalError::Fraction);
        }
        let (unit, after) =
            split(after.trim_start(), |letter| !letter.is_ascii_digit() && !letter.is_whitespace());
        if unit.is_empty() {
            return Err(IntervalError::NoUnit(shortened(number)));
        }
        let millis = millis_of(unit).ok_or_else(|| IntervalError::UnknownUnit(shortened(unit)))?;
        let number: u64 = number.parse().map_err(|_| IntervalError::TooLong)?;
        let part =
            number.checked_mul(millis).map(Duration::from_millis).ok_or(IntervalError::TooLong)?;
        sum = sum.checked_add(part).filter(|sum| *sum <= LONGEST).ok_or(IntervalError::TooLong)?;
        rest = after.trim_start();
    }
    Ok(sum)
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|letter| !belongs(letter)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn shortened(text: &str) -> String {
    text.trim().chars().take(20).collect()
}

fn millis_of(unit: &str) -> Option<u64> {
    const SECOND: u64 = 1_000;
    const MINUTE: u64 = 60 * SECOND;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    match unit {
        "ms" => Some(1),
        "s" | "sec" | "second" | "seconds" => Some(SECOND),
        "m" | "min" | "minute" | "minutes" => Some(MINUTE),
        "h" | "hour" | "hours" => Some(HOUR),
        "d" | "day" | "days" => Some(DAY),
        "w" | "week" | "weeks" => Some(7 * DAY),
        // What is kept for two years is there on the day two years later, also in a leap year.
        "year" | "years" => Some(366 * DAY),
        _ => None,
    }
}

/// A number of bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Size(pub(super) u64);

/// Why a size cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum SizeError {
    /// A number stands alone.
    #[error("{0} has no unit")]
    NoUnit(String),
    /// No number stands before the unit.
    #[error("`{0}` begins with no whole number")]
    NoNumber(String),
    /// Not a unit that we know.
    #[error("`{0}` is not a unit of size")]
    UnknownUnit(String),
    /// More than any machine has.
    #[error("it is too large")]
    TooLarge,
}

impl SizeError {
    /// What to write instead.
    pub(super) fn help(&self) -> String {
        match self {
            Self::NoUnit(number) => {
                format!(
                    "write the unit: \"{number} KiB\", \"{number} MiB\", or \"{number} B\" for bytes"
                )
            }
            Self::UnknownUnit(_) => "the units are B, kB, KiB, MB, MiB, GB and GiB".to_owned(),
            Self::NoNumber(_) | Self::TooLarge => {
                "write for example \"64 KiB\" or \"1 MiB\"".to_owned()
            }
        }
    }
}

/// Reads a size: one whole number with its unit.
pub(super) fn size(written: &str) -> Result<Size, SizeError> {
    let (number, unit) = split(written.trim(), |letter| letter.is_ascii_digit());
    let unit = unit.trim();
    if number.is_empty() {
        return Err(SizeError::NoNumber(shortened(written)));
    }
    let bytes = match unit {
        "" => return Err(SizeError::NoUnit(shortened(number))),
        "B" | "byte" | "bytes" => 1,
        "kB" | "KB" => 1_000,
        "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "MiB" => 1 << 20,
        "GB" => 1_000_000_000,
        "GiB" => 1 << 30,
        unknown => return Err(SizeError::UnknownUnit(shortened(unknown))),
    };
    let number: u64 = number.parse().map_err(|_| SizeError::TooLarge)?;
    number.checked_mul(bytes).map(Size).ok_or(SizeError::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::{Duration, IntervalError, Size, SizeError, interval, size};

    #[test]
    fn a_size_reads_as_people_write_it() {
        for (written, bytes) in
            [("1 MiB", 1 << 20), ("64KiB", 65_536), ("2 MB", 2_000_000), ("512 B", 512)]
        {
            assert_eq!(size(written), Ok(Size(bytes)), "{written}");
        }
    }

    #[test]
    fn a_size_without_a_unit_or_with_nonsense_is_refused_for_what_it_is() {
        assert_eq!(size("1024"), Err(SizeError::NoUnit("1024".to_owned())));
        assert!(size("1024").unwrap_err().help().contains("\"1024 KiB\""));
        assert_eq!(size("1 mib"), Err(SizeError::UnknownUnit("mib".to_owned())));
        assert_eq!(size("1.5 MiB"), Err(SizeError::UnknownUnit(".5 MiB".to_owned())));
        assert_eq!(size("much"), Err(SizeError::NoNumber("much".to_owned())));
        assert_eq!(size("99999999999 GiB"), Err(SizeError::TooLarge));
        assert_eq!(size("99999999999999999999 B"), Err(SizeError::TooLarge));
    }

    #[test]
    fn an_interval_reads_as_people_write_it() {
        for (written, seconds) in [
            ("30s", 30),
            ("5m", 300),
            ("5 min", 300),
            ("1h30m", 5_400),
            ("1 h 30 min", 5_400),
            ("2 weeks", 1_209_600),
            ("1 week", 604_800),
            ("1d", 86_400),
            ("3 days", 259_200),
            ("0s", 0),
        ] {
            assert_eq!(interval(written), Ok(Duration::from_secs(seconds)), "{written}");
        }
        assert_eq!(interval("50ms"), Ok(Duration::from_millis(50)));
    }

    #[test]
    fn a_bare_number_is_refused_and_a_unit_suggested() {
        let error = interval("5").unwrap_err();
        assert_eq!(error, IntervalError::NoUnit("5".to_owned()));
        assert!(error.help().contains("\"5m\" for minutes"));
        assert_eq!(interval("1h30"), Err(IntervalError::NoUnit("30".to_owned())));
    }

    #[test]
    fn nonsense_is_refused_for_what_it_is() {
        assert_eq!(interval("  "), Err(IntervalError::Empty));
        assert_eq!(interval("1.5h"), Err(IntervalError::Fraction));
        assert_eq!(interval("-5m"), Err(IntervalError::Negative));
        assert_eq!(interval("5 moons"), Err(IntervalError::UnknownUnit("moons".to_owned())));
        assert_eq!(interval("soon"), Err(IntervalError::NoNumber("soon".to_owned())));
        assert_eq!(interval("11000 weeks"), Err(IntervalError::TooLong));
        assert_eq!(interval("99999999999999999999s"), Err(IntervalError::TooLong));
        assert_eq!(interval("18446744073709551615 weeks"), Err(IntervalError::TooLong));
    }
}
