//! When a rehearsal happens: `--at` as people write it.

use jiff::Zoned;
use jiff::civil::{Date, DateTime, Time, Weekday};

/// Reads `sunday 03:00`, `tomorrow 18:00`, `03:00`, `2026-12-24 18:00`, `2026-12-24`, RFC 3339. A day
/// of the week or a time alone is the next one after now; local times are those of the site.
pub(in crate::cli) fn read(written: &str, now: &Zoned) -> Option<Zoned> {
    let written = written.trim();
    if written.eq_ignore_ascii_case("now") {
        return Some(now.clone());
    }
    if let Ok(timestamp) = written.parse::<jiff::Timestamp>() {
        return Some(timestamp.to_zoned(now.time_zone().clone()));
    }
    let local =
        |date: Date, time: Time| date.to_datetime(time).to_zoned(now.time_zone().clone()).ok();
    let (first, rest) = written.split_once(char::is_whitespace).unwrap_or((written, ""));
    let rest = if rest.trim().is_empty() { Some(Time::midnight()) } else { time(rest.trim()) };
    if let Some(time) = time(written) {
        let today = local(now.date(), time)?;
        return if today > *now { Some(today) } else { local(now.date().tomorrow().ok()?, time) };
    }
    if let Some(days) = days_until(first, now.date().weekday()) {
        let date = now.date().checked_add(jiff::Span::new().days(days)).ok()?;
        let at = local(date, rest?)?;
        if at > *now || is_relative(first) {
            return Some(at);
        }
        return local(date.checked_add(jiff::Span::new().days(7)).ok()?, rest?);
    }
    if let Ok(date) = first.parse::<Date>()
        && !first.contains('T')
    {
        return local(date, rest?);
    }
    let civil: DateTime = written.parse().ok()?;
    local(civil.date(), civil.time())
}

fn time(written: &str) -> Option<Time> {
    let plain = written.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    let mut parts = written.split(':');
    let mut next = || parts.next().map(|part| part.parse::<i8>().ok());
    let (hour, minute) = (next()??, next()??);
    let second = match next() {
        None => 0,
        Some(second) => second?,
    };
    if !plain || parts.next().is_some() {
        return None;
    }
    Time::new(hour, minute, second, 0).ok()
}

fn is_relative(word: &str) -> bool {
    matches!(word.to_lowercase().as_str(), "today" | "tomorrow" | "aujourd'hui" | "demain")
}

fn days_until(word: &str, today: Weekday) -> Option<i64> {
    let weekday = match word.to_lowercase().as_str() {
        "today" | "aujourd'hui" => return Some(0),
        "tomorrow" | "demain" => return Some(1),
        "monday" | "mon" | "lundi" => Weekday::Monday,
        "tuesday" | "tue" | "mardi" => Weekday::Tuesday,
        "wednesday" | "wed" | "mercredi" => Weekday::Wednesday,
        "thursday" | "thu" | "jeudi" => Weekday::Thursday,
        "friday" | "fri" | "vendredi" => Weekday::Friday,
        "saturday" | "sat" | "samedi" => Weekday::Saturday,
        "sunday" | "sun" | "dimanche" => Weekday::Sunday,
        _ => return None,
    };
    Some(i64::from(today.until(weekday)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_people_write_it() {
        let now: Zoned = "2026-11-23T10:00:00[Europe/Paris]".parse().unwrap();
        for (written, meant) in [
            ("now", "2026-11-23T10:00:00+01:00"),
            ("sunday 03:00", "2026-11-29T03:00:00+01:00"),
            ("dimanche 03:00", "2026-11-29T03:00:00+01:00"),
            ("Monday 11:00", "2026-11-23T11:00:00+01:00"),
            ("monday 09:00", "2026-11-30T09:00:00+01:00"),
            ("tomorrow 18:00", "2026-11-24T18:00:00+01:00"),
            ("03:00", "2026-11-24T03:00:00+01:00"),
            ("18:30:15", "2026-11-23T18:30:15+01:00"),
            ("2026-12-24 18:00", "2026-12-24T18:00:00+01:00"),
            ("2026-12-24T18:00", "2026-12-24T18:00:00+01:00"),
            ("2027-07-14", "2027-07-14T00:00:00+02:00"),
            ("2026-12-24T17:00:00Z", "2026-12-24T18:00:00+01:00"),
        ] {
            let read = read(written, &now).unwrap_or_else(|| panic!("{written}"));
            assert_eq!(read.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(), meant, "{written}");
        }
        for wrong in [
            "",
            "someday",
            "25:00",
            "sunday 3",
            "sunday noon",
            "03:00:00:00",
            "2026-13-01",
            "+1:00",
        ] {
            assert_eq!(read(wrong, &now), None, "{wrong}");
        }
    }
}
