//! A text that is a number from end to end. What it takes for one is said in [`super`].

/// A number as narrow as it can be: whole ones stay exact.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A whole number.
    Int(i64),
    /// A whole number beyond `i64`.
    UInt(u64),
    /// A number with a fraction, or a whole one beyond `u64`. Always finite.
    Float(f64),
}

/// The longest text that is read as a number: no device writes one longer, and it costs time.
const LONGEST: usize = 64;

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Reading {
    /// A number, and nothing else.
    Number(Number),
    /// A number whose comma may mean two things.
    Ambiguous,
    /// Anything else.
    Text,
}

/// What this text is; one beyond the longest number is text.
pub(super) fn read(text: &str) -> Reading {
    if text.len() > LONGEST {
        return Reading::Text;
    }
    let Some((whole, comma)) = text.split_once(',') else {
        return plain(text).map_or(Reading::Text, Reading::Number);
    };
    let digits = whole.strip_prefix(['+', '-']).unwrap_or(whole);
    if !all_digits(digits) || !all_digits(comma) {
        return Reading::Text;
    }
    let groups = (1..=3).contains(&digits.len()) && !digits.starts_with('0') && comma.len() == 3;
    if groups {
        return Reading::Ambiguous;
    }
    plain(&text.replacen(',', ".", 1)).map_or(Reading::Text, Reading::Number)
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit())
}

fn plain(text: &str) -> Option<Number> {
    // `f64::from_str` would take "inf" and "nan".
    if !text.bytes().all(|octet| matches!(octet, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) {
        return None;
    }
    if let Ok(whole) = text.parse() {
        return Some(Number::Int(whole));
    }
    if let Ok(whole) = text.parse() {
        return Some(Number::UInt(whole));
    }
    text.parse().ok().filter(|number: &f64| number.is_finite()).map(Number::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_is_a_number_however_the_gateway_writes_it() {
        let cases = [
            ("21.5", Number::Float(21.5)),
            ("-3", Number::Int(-3)),
            ("+5", Number::Int(5)),
            ("007", Number::Int(7)),
            (".5", Number::Float(0.5)),
            ("5.", Number::Float(5.0)),
            ("6.02e23", Number::Float(6.02e23)),
            ("1E-3", Number::Float(0.001)),
            ("9223372036854775808", Number::UInt(9_223_372_036_854_775_808)),
            ("18446744073709551616", Number::Float(18_446_744_073_709_551_616.0)),
            ("21,5", Number::Float(21.5)),
            ("-0,125", Number::Float(-0.125)),
            ("1234,567", Number::Float(1234.567)),
            ("12,3456", Number::Float(12.3456)),
        ];
        for (text, number) in cases {
            assert_eq!(read(text), Reading::Number(number), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_or_may_be_two_stays_text() {
        let long = "1".repeat(LONGEST + 1);
        for text in [
            "",
            "-",
            ".",
            "e5",
            "NaN",
            "nan",
            "inf",
            "-Infinity",
            "0x1F",
            "1_000",
            "21.5 °C",
            "1 000",
            "1,2,3",
            ",5",
            "5,",
            "1.234,5",
            "1e999",
            "12:30",
            "२१",
            &long,
        ] {
            assert_eq!(read(text), Reading::Text, "{text}");
        }
        for text in ["1,234", "-12,345", "+999,000"] {
            assert_eq!(read(text), Reading::Ambiguous, "{text}");
        }
    }
}
