//! The small words of scenarios and of the command line: times, lengths of time, values, quoted text.

use std::time::Duration;

use crate::watch::signal::Value;

/// No night is longer.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3_600);

/// When a line happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum When {
    /// The date of what follows.
    Date(jiff::civil::Date),
    /// At that time of day.
    At(jiff::civil::Time),
    /// So long after the line before.
    After(Duration),
}

/// A word, and what follows it.
pub(super) fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    text.split_once(char::is_whitespace)
        .map_or((text, ""), |(word, rest)| (word, rest.trim_start()))
}

/// Reads `03:12`, `03:12:00` or `+90s`.
pub(super) fn when(written: &str) -> Result<When, String> {
    if let Some(length) = written.strip_prefix('+') {
        return self::length(length).map(When::After);
    }
    let wrong = || format!("`{written}` is no time: write 03:12, 03:12:00 or +90s");
    let mut parts = written.split(':').map(str::parse::<i8>);
    let mut next = || parts.next().transpose().ok().flatten();
    let (hour, minute) = (next().ok_or_else(wrong)?, next().ok_or_else(wrong)?);
    let second = if written.matches(':').count() > 1 { next().ok_or_else(wrong)? } else { 0 };
    jiff::civil::Time::new(hour, minute, second, 0).map(When::At).map_err(|_| wrong())
}

/// Reads a date.
pub(super) fn date(written: &str) -> Result<When, String> {
    written.parse().map(When::Date).map_err(|_| format!("`{written}` is no date: write 2026-11-23"))
}

/// Reads a length of time: `90s`, `1h30m`. What is longer than [`LONGEST`] is a slip of the pen.
pub(super) fn length(written: &str) -> Result<Duration, String> {
    let wrong =
        || format!("`{written}` is no length of time: write 90s, 5m or 1h30m; at most a year");
    let length: jiff::SignedDuration = written.parse().map_err(|_| wrong())?;
    Duration::try_from(length).ok().filter(|length| *length <= LONGEST).ok_or_else(wrong)
}

/// A value of a field: a number, true or false, else text.
pub(super) fn value(written: &str) -> Value {
    let quoted = written.len() >= 2 && written.starts_with('"') && written.ends_with('"');
    if quoted {
        return Value::text(text(written));
    }
    if let Ok(number) = written.parse::<i64>() {
        return Value::Int(number);
    }
    match (written.parse::<f64>(), written) {
        (_, "true") => Value::Bool(true),
        (_, "false") => Value::Bool(false),
        (Ok(number), _) if number.is_finite() => Value::Float(number),
        _ => Value::text(written),
    }
}

/// Text with its quotation marks taken off, if it has them.
pub(super) fn text(written: &str) -> &str {
    let written = written.trim();
    written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(written)
}

/// The line without the comment at its end, which begins with ` #` outside quotation marks and is
/// followed by a space (`#2` is an occurrence).
pub(super) fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    let mut before = ' ';
    for (at, letter) in line.char_indices() {
        if letter == '"' {
            quoted = !quoted;
        }
        let rest = line.get(at..).unwrap_or("");
        if !quoted
            && letter == '#'
            && before.is_whitespace()
            && (rest == "#" || rest.starts_with("# "))
        {
            return line.get(..at).unwrap_or(line);
        }
        before = letter;
    }
    line
}

/// The file of a line `config = "site.toml"`.
pub(super) fn base(line: &str) -> Option<String> {
    let (key, value) = without_comment(line).split_once('=')?;
    let value = value.trim();
    let file = value.strip_prefix('"')?.strip_suffix('"')?;
    (key.trim() == "config").then(|| file.to_owned())
}

/// Words of a line; quotation marks hold several together and stay where they are.
pub(super) fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut quoted = false;
    let mut start = None;
    for (at, letter) in line.char_indices() {
        if letter == '"' {
            quoted = !quoted;
        }
        match start {
            None if !letter.is_whitespace() => start = Some(at),
            Some(begun) if letter.is_whitespace() && !quoted => {
                words.extend(line.get(begun..at));
                start = None;
            }
            Some(_) | None => {}
        }
    }
    if let Some(begun) = start {
        words.extend(line.get(begun..));
    }
    words
}
