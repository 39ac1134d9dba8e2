//! DISPLAY-HINT (RFC 2579 §3.1): how octets and numbers are written for people.
//!
//! A hint is a word of whoever wrote the MIB, and the octets are a device's: what does not fit gives nothing, and the caller writes it
//! as if there were no hint. The result is bounded by the octets, whatever the hint asks for.

use std::fmt::Write;

/// DateAndTime (RFC 2579 §2).
const DATE_AND_TIME: &str = "2d-1d-1d,1d:1d:1d.1d,1a1d:1d";
/// A number of more octets is none that somebody reads.
const WIDEST_NUMBER: usize = 8;
/// No hint in use has so many places after the point.
const MOST_DECIMALS: usize = 18;

/// One octet-format specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    /// Whether the first octet says how often it applies.
    repeats: bool,
    /// Of how many octets it takes.
    length: usize,
    format: Format,
    separator: Option<char>,
    /// What ends the repetitions.
    terminator: Option<char>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Hexadecimal,
    Decimal,
    Octal,
    Ascii,
    Utf8,
}

/// Octets as the hint has them.
pub(super) fn octets(hint: &str, octets: &[u8]) -> Option<String> {
    if hint == DATE_AND_TIME
        && let Some(written) = date_and_time(octets)
    {
        return Some(written);
    }
    let pieces = pieces(hint)?;
    if let [Piece { format: Format::Ascii | Format::Utf8, repeats: false, .. }] = *pieces.as_slice()
    {
        return None;
    }
    written(&pieces, octets)
}

/// A number as the hint has it: `d-2`, `x`, `o`, `b`.
pub(super) fn integer(hint: &str, number: i64) -> Option<String> {
    match hint {
        "x" => Some(format!("{number:x}")),
        "o" => Some(format!("{number:o}")),
        "b" => Some(format!("{number:b}")),
        _ => {
            let decimals: usize = hint.strip_prefix("d-")?.parse().ok()?;
            if decimals == 0 || decimals > MOST_DECIMALS {
                return None;
            }
            let sign = if number < 0 { "-" } else { "" };
            let width = decimals.saturating_add(1);
            let digits = format!("{:0width$}", number.unsigned_abs());
            let (whole, part) = digits.split_at_checked(digits.len().checked_sub(decimals)?)?;
            Some(format!("{sign}{whole}.{part}"))
        }
    }
}

/// The specifications of a hint; none where it is no octet-format.
fn pieces(hint: &str) -> Option<Vec<Piece>> {
    let mut letters = hint.chars().peekable();
    let mut pieces = Vec::new();
    while letters.peek().is_some() {
        let repeats = letters.next_if_eq(&'*').is_some();
        let mut length: Option<usize> = None;
        while let Some(digit) = letters.peek().and_then(|letter| letter.to_digit(10)) {
            letters.next();
            let digit = usize::try_from(digit).ok()?;
            length = Some(length.unwrap_or(0).checked_mul(10)?.checked_add(digit)?);
        }
        let format = match letters.next()? {
            'x' => Format::Hexadecimal,
            'd' => Format::Decimal,
            'o' => Format::Octal,
            'a' => Format::Ascii,
            't' => Format::Utf8,
            _ => return None,
        };
        let mut mark = || letters.next_if(|letter| !letter.is_ascii_digit() && *letter != '*');
        // Nothing, up to 255 times: no hint in use, and more text than the octets justify.
        if repeats && length == Some(0) {
            return None;
        }
        let separator = mark();
        let terminator = if repeats && separator.is_some() { mark() } else { None };
        pieces.push(Piece { repeats, length: length?, format, separator, terminator });
    }
    (!pieces.is_empty()).then_some(pieces)
}

fn written(pieces: &[Piece], octets: &[u8]) -> Option<String> {
    let mut text = String::new();
    let mut rest = octets;
    // The last specification applies to what is left.
    let mut following = pieces.iter();
    let mut piece = following.next()?;
    while !rest.is_empty() {
        let before = rest.len();
        let mut times = 1;
        if piece.repeats {
            let (count, after) = rest.split_first()?;
            (times, rest) = (usize::from(*count), after);
        }
        for turn in 0..times {
            if rest.is_empty() {
                break;
            }
            let (taken, after) = rest.split_at_checked(piece.length).unwrap_or((rest, &[]));
            piece.format.write(taken, piece.length, &mut text)?;
            rest = after;
            let is_last = turn.saturating_add(1) == times;
            let mark = if is_last { piece.terminator.or(piece.separator) } else { piece.separator };
            // A mark stands between values, never at the end.
            text.extend(mark.filter(|_| !rest.is_empty()));
        }
        match following.next() {
            Some(next) => piece = next,
            // It would go on for ever without taking anything.
            None if rest.len() == before => return None,
            None => {}
        }
    }
    Some(text)
}

/// The number that octets are; none where they are wider than any that a hint is for.
fn number(octets: &[u8], length: usize) -> Option<u64> {
    let number = || octets.iter().fold(0_u64, |number, octet| number << 8 | u64::from(*octet));
    (length <= WIDEST_NUMBER).then(number)
}

impl Format {
    fn write(self, octets: &[u8], length: usize, text: &mut String) -> Option<()> {
        match self {
            Self::Hexadecimal => {
                // net-snmp writes `1x:` without its zeros; a hardware address has them everywhere else.
                octets.iter().try_for_each(|octet| write!(text, "{octet:02x}")).ok()
            }
            Self::Decimal => write!(text, "{}", number(octets, length)?).ok(),
            Self::Octal => write!(text, "{:o}", number(octets, length)?).ok(),
            Self::Ascii | Self::Utf8 => {
                let part = std::str::from_utf8(octets).ok()?;
                let is_plain =
                    !part.contains(char::is_control) && (self == Self::Utf8 || part.is_ascii());
                is_plain.then(|| text.push_str(part))
            }
        }
    }
}

/// A DateAndTime as RFC 3339 has it: `2026-11-26T20:15:03.0+01:00`; without a zone where the device gives none.
fn date_and_time(octets: &[u8]) -> Option<String> {
    let ([high, low, month, day, hour, minute, second, deci], zone) = octets.split_first_chunk()?;
    let year = u16::from_be_bytes([*high, *low]);
    let is_date = year <= 9_999 && (1..=12).contains(month) && (1..=31).contains(day);
    // Some clocks count a leap second as 60.
    if !is_date || *hour > 23 || *minute > 59 || *second > 60 || *deci > 9 {
        return None;
    }
    let mut text =
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{deci}");
    match zone {
        [] => {}
        [sign @ (b'+' | b'-'), hours @ 0..=14, minutes @ 0..=59] => {
            let sign = char::from(*sign);
            write!(text, "{sign}{hours:02}:{minutes:02}").ok()?;
        }
        _ => return None,
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hints_of_the_standard_write_what_the_standard_says() {
        for (hint, value, text) in [
            ("1x:", &[0x00, 0x1b, 0x21, 0x0a][..], "00:1b:21:0a"),
            ("1d.1d.1d.1d", &[192, 0, 2, 7], "192.0.2.7"),
            ("1d.1d.1d.1d/2d", &[192, 0, 2, 7, 0, 162], "192.0.2.7/162"),
            ("1d.1d.1d.1d:2d", &[192, 0, 2, 7, 0, 162], "192.0.2.7:162"),
            (
                "2x:2x:2x:2x:2x:2x:2x:2x",
                &[0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
                "2001:0db8:0000:0000:0000:0000:0000:0001",
            ),
            ("*1x:/1x:", &[2, 0xaa, 0xbb, 0xcc, 0xdd], "aa:bb/cc:dd"),
            ("1d-1a", b"\x07a", "7-a"),
            ("1o", &[8, 8], "1010"),
            ("0a[2x:2x]0a:2d", &[0xfe, 0x80, 0, 1, 0, 162], "[fe80:0001]:162"),
            ("4x", &[1, 2], "0102"),
        ] {
            assert_eq!(octets(hint, value).as_deref(), Some(text), "{hint}");
        }
    }

    #[test]
    fn a_date_is_written_as_the_rest_of_vigie_writes_dates() {
        let date = [0x07, 0xea, 11, 26, 20, 15, 3, 0, b'+', 1, 0];
        assert_eq!(octets(DATE_AND_TIME, &date).unwrap(), "2026-11-26T20:15:03.0+01:00");
        assert_eq!(octets(DATE_AND_TIME, &date[..8]).unwrap(), "2026-11-26T20:15:03.0");
        let never = [0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(octets(DATE_AND_TIME, &never).unwrap(), "0-0-0,0:0:0.0", "by its hint");
    }

    #[test]
    fn what_does_not_fit_its_hint_is_left_to_the_caller() {
        for (hint, value) in [
            ("", &b"ab"[..]),
            ("255a", b"text"),
            ("255t", b"text"),
            ("1a:", b"text"),
            ("x", b"ab"),
            ("1q", b"ab"),
            ("0x", b"ab"),
            ("*1x", b""),
            ("99999999999999999999x", b"ab"),
            ("9d", b"ab"),
            ("1d1a", b"\x01\xff"),
        ] {
            let written = octets(hint, value);
            assert!(written.is_none() || value.is_empty(), "{hint}: {written:?}");
        }
    }

    #[test]
    fn no_hint_and_no_octets_make_it_write_without_end() {
        let letters = ["*", "0", "1", "9", "x", "d", "o", "a", "t", ":", "/", "-"];
        let value: Vec<u8> = (0..=255).collect();
        let mut hints = vec![String::new()];
        for _ in 0..4 {
            hints = hints
                .iter()
                .flat_map(|hint| letters.iter().map(move |letter| format!("{hint}{letter}")))
                .collect();
            for hint in &hints {
                for value in [&value[..], &[0; 40], &[255; 40], &[3]] {
                    let length = octets(hint, value).map_or(0, |text| text.len());
                    assert!(length <= value.len() * 8, "{hint}: {length}");
                }
                integer(hint, i64::MIN);
            }
        }
    }

    #[test]
    fn a_number_gets_its_point() {
        for (hint, number, text) in [
            ("d-2", 1_234, Some("12.34")),
            ("d-2", -5, Some("-0.05")),
            ("d-1", 405, Some("40.5")),
            ("d-3", i64::MIN, Some("-9223372036854775.808")),
            ("x", 255, Some("ff")),
            ("d", 7, None),
            ("d-0", 7, None),
            ("d-99", 7, None),
            ("", 7, None),
        ] {
            assert_eq!(integer(hint, number).as_deref(), text, "{hint} {number}");
        }
    }
}
