//! One pattern of a `match`: read from the file, held against a field.

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use super::glob::same_typed;
use super::{Glob, Names, TopicFilter};
use crate::watch::field::Field;
use crate::watch::signal::Value;
use crate::watch::site::PhoneNumber;

/// A longer pattern is a mistake; in bytes.
pub(super) const LONGEST: usize = 1_024;

/// What stands in the file: a TOML scalar.
#[derive(Clone, PartialEq, Debug)]
pub enum Scalar {
    /// `"…"`
    Text(String),
    /// `3`
    Int(i64),
    /// `3.5`
    Float(f64),
    /// `true`
    Bool(bool),
}

/// One pattern.
#[derive(Clone, PartialEq, Debug)]
pub struct Pattern {
    written: Box<str>,
    test: Test,
}

/// What is held against the field.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Test {
    /// Equals it; for a text that people type, the same in small letters.
    Equals { value: Canonical, typed: Box<str> },
    /// Has this form; for a text that people type, the same in small letters.
    Form { glob: Glob, typed: Glob },
    /// Passes the filter; its text is for what is no list of levels.
    Topic(TopicFilter),
    /// Is an address in it.
    Network(IpNet),
    /// Is this number.
    Phone(PhoneNumber),
}

/// A pattern that cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PatternError {
    /// A filter that MQTT does not allow.
    #[error("`{written}` is not an MQTT filter: {problem}")]
    Filter {
        /// The filter.
        written: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Two languages in one pattern.
    #[error("`{0}` mixes `*` with the `+` or `#` of MQTT; use either")]
    Mixed(String),
    /// A network that is none.
    #[error("`{0}` is neither an address nor a network such as 10.0.0.0/8")]
    Network(String),
    /// A phone number with a zero that is dialled within the country alone.
    #[error("`{0}` is no phone number in international form")]
    Zero(String),
    /// Longer than any field.
    #[error("a pattern of {0} bytes is longer than {LONGEST}")]
    TooLong(usize),
    /// A number that is none.
    #[error("`{0}` is not a number that a field can have")]
    NotANumber(String),
}

/// A value as it is compared: as it is written.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Canonical {
    /// Compared letter by letter.
    Text(Box<str>),
    /// A whole number, written without leading zeros.
    Whole(i128),
    /// A number with a fraction.
    Fraction(f64),
}

/// The same of a signal's field, not copied.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Written<'v> {
    /// Compared letter by letter.
    Text(&'v str),
    /// A whole number, written without leading zeros.
    Whole(i128),
    /// A number with a fraction.
    Fraction(f64),
}

impl Pattern {
    /// Reads what the file says of that field.
    ///
    /// # Errors
    /// [`PatternError`] where it is written wrongly, or that field can have no such value.
    pub fn new(field: &str, written: Scalar) -> Result<Self, PatternError> {
        match written {
            Scalar::Text(text) => Self::from_text(field, &text),
            Scalar::Int(number) => Ok(Self::equals(&number.to_string())),
            Scalar::Bool(truth) => Ok(Self::equals(if truth { "true" } else { "false" })),
            Scalar::Float(number) if number.is_finite() => {
                let value = Written::of_fraction(number).kept();
                let written = Value::Float(number).to_string();
                Ok(Self {
                    test: Test::Equals { value, typed: written.as_str().into() },
                    written: written.into(),
                })
            }
            Scalar::Float(number) => Err(PatternError::NotANumber(number.to_string())),
        }
    }

    fn from_text(field: &str, text: &str) -> Result<Self, PatternError> {
        if text.len() > LONGEST {
            return Err(PatternError::TooLong(text.len()));
        }
        let oid =
            text.strip_prefix('.').filter(|_| matches!(field, "trap" | "trap_oid") && is_oid(text));
        let text = oid.unwrap_or(text);
        let test = match field {
            "topic" => Some(topic(text)?),
            "source" => source(text)?,
            "sender" => phone(text)?,
            _ => None,
        };
        let of_form =
            || Glob::parse(text).map(|glob| Test::Form { typed: glob.in_small_letters(), glob });
        match test.or_else(of_form) {
            Some(test) => Ok(Self { written: text.into(), test }),
            None => Ok(Self::equals(text)),
        }
    }

    fn equals(text: &str) -> Self {
        let value = Written::of_text(text).kept();
        Self {
            written: text.into(),
            test: Test::Equals { value, typed: text.to_lowercase().into() },
        }
    }

    /// The pattern as it stands in the file.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// The network in which the address must be, where one is asked for; that of an address is the address alone.
    pub fn network(&self) -> Option<IpNet> {
        match &self.test {
            Test::Network(network) => Some(*network),
            Test::Equals { .. } | Test::Form { .. } | Test::Topic(_) | Test::Phone(_) => None,
        }
    }

    /// What it looks for, for the index.
    pub(crate) fn test(&self) -> &Test {
        &self.test
    }

    /// Whether a field satisfies it.
    pub(super) fn holds(&self, names: Names<'_>, field: Field<'_>) -> bool {
        match field {
            Field::Text(text) => self.holds_text(names, text),
            Field::Time(time) => self.holds_text(names, &time.to_string()),
            Field::Value(Value::Text(text)) => self.holds_text(names, text),
            Field::Value(Value::List(values)) => self.holds_list(names, values),
            Field::Value(value) => self.holds_scalar(value),
        }
    }

    fn holds_text(&self, names: Names<'_>, text: &str) -> bool {
        match &self.test {
            Test::Equals { typed, .. } if names.is_typed_text() => same_typed(text, typed),
            Test::Form { typed, .. } if names.is_typed_text() => typed.matches_typed(text),
            Test::Equals { value, .. } => value.is(Written::of_text(text)),
            Test::Form { glob, .. } => glob.matches(text),
            Test::Topic(_) => *text == *self.written,
            Test::Network(network) => {
                address(text).is_some_and(|address| network.contains(&address))
            }
            Test::Phone(number) => normalised(text).is_some_and(|text| *text == *number.as_str()),
        }
    }

    /// The levels of a topic as one text, or any element of another list.
    fn holds_list(&self, names: Names<'_>, values: &[Value]) -> bool {
        match &self.test {
            Test::Topic(filter) => filter.passes(values),
            Test::Form { glob, .. } if names.field == "topic" => glob.matches(&joined(values)),
            Test::Form { .. } | Test::Equals { .. } | Test::Network(_) | Test::Phone(_) => {
                values.iter().any(|value| {
                    !matches!(value, Value::List(_)) && self.holds(names, Field::Value(value))
                })
            }
        }
    }

    fn holds_scalar(&self, value: &Value) -> bool {
        match &self.test {
            Test::Equals { value: wanted, .. } => {
                Written::of(value).is_some_and(|value| wanted.is(value))
            }
            Test::Form { glob, .. } => {
                !matches!(value, Value::Map(_)) && glob.matches(&value.to_string())
            }
            Test::Topic(_) | Test::Network(_) | Test::Phone(_) => false,
        }
    }
}

impl Display for Pattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl Canonical {
    /// Whether a field's value is the same.
    pub(crate) fn is(&self, other: Written<'_>) -> bool {
        match (self, other) {
            (Self::Text(mine), Written::Text(other)) => **mine == *other,
            (Self::Whole(mine), Written::Whole(other)) => *mine == other,
            (Self::Fraction(mine), Written::Fraction(other)) => mine.to_bits() == other.to_bits(),
            (Self::Text(_) | Self::Whole(_) | Self::Fraction(_), _) => false,
        }
    }
}

impl<'v> Written<'v> {
    /// A scalar; `None` for a list or a map.
    pub(crate) fn of(value: &'v Value) -> Option<Self> {
        match value {
            Value::Null => Some(Self::Text("")),
            Value::Bool(truth) => Some(Self::Text(if *truth { "true" } else { "false" })),
            Value::Int(number) => Some(Self::Whole(i128::from(*number))),
            Value::UInt(number) => Some(Self::Whole(i128::from(*number))),
            Value::Float(number) => Some(Self::of_fraction(*number)),
            Value::Text(text) => Some(Self::of_text(text)),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    /// A text; one that is a whole number as it would be written is that number.
    pub(crate) fn of_text(text: &'v str) -> Self {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let plain =
            (1..=20).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
        let as_written = !digits.starts_with('0') || text == "0";
        match text.parse() {
            Ok(number) if plain && as_written => Self::Whole(number),
            _ => Self::Text(text),
        }
    }

    #[expect(
        clippy::as_conversions,
        reason = "the number is whole and small enough: the conversion is exact"
    )]
    fn of_fraction(number: f64) -> Self {
        if number.fract() == 0.0 && number.abs() < 9e15 {
            Self::Whole(number as i128)
        } else {
            Self::Fraction(number)
        }
    }

    fn kept(self) -> Canonical {
        match self {
            Self::Text(text) => Canonical::Text(text.into()),
            Self::Whole(number) => Canonical::Whole(number),
            Self::Fraction(number) => Canonical::Fraction(number),
        }
    }
}

fn topic(text: &str) -> Result<Test, PatternError> {
    let wild = text.split('/').any(|level| level.contains(['+', '#']));
    match Glob::parse(text) {
        Some(_) if wild => Err(PatternError::Mixed(text.to_owned())),
        Some(glob) => Ok(Test::Form { typed: glob.in_small_letters(), glob }),
        None => TopicFilter::parse(text)
            .map(Test::Topic)
            .map_err(|problem| PatternError::Filter { written: text.to_owned(), problem }),
    }
}

/// An address, a network or a phone number; anything else is a text.
fn source(text: &str) -> Result<Option<Test>, PatternError> {
    if let Some(address) = address(text) {
        return Ok(Some(Test::Network(IpNet::from(address))));
    }
    if let Ok(network) = text.parse::<IpNet>() {
        return Ok(Some(Test::Network(plain_network(network))));
    }
    let digits = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|digit| digit.is_ascii_hexdigit() || b".:".contains(&digit))
    };
    match text.split_once('/') {
        Some((address, length)) if digits(address) && digits(length) => {
            Err(PatternError::Network(text.to_owned()))
        }
        _ if text.starts_with('+') => phone(text),
        _ => Ok(None),
    }
}

fn phone(text: &str) -> Result<Option<Test>, PatternError> {
    if PhoneNumber::without_zero(text).is_some() {
        return Err(PatternError::Zero(text.to_owned()));
    }
    Ok(PhoneNumber::parse(text).map(Test::Phone))
}

/// A network of mapped IPv4 addresses is the network of IPv4 that it maps.
fn plain_network(network: IpNet) -> IpNet {
    let mapped = match network {
        IpNet::V4(_) => None,
        IpNet::V6(six) => six.prefix_len().checked_sub(96).and_then(|length| {
            let four = six.addr().to_ipv4_mapped()?;
            ipnet::Ipv4Net::new(four, length).ok()
        }),
    };
    mapped.map_or(network, IpNet::V4).trunc()
}

/// The address that a text is, with or without a port; a mapped IPv4 address is that address.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    let address = text.parse::<IpAddr>().ok();
    address
        .or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .map(|address| address.to_canonical())
}

/// A phone number in its one form; copied only when it is written otherwise.
pub(crate) fn normalised(text: &str) -> Option<Cow<'_, str>> {
    let plain = text.strip_prefix('+').is_some_and(|rest| {
        (3..=15).contains(&rest.len()) && rest.bytes().all(|digit| digit.is_ascii_digit())
    });
    if plain {
        return Some(Cow::Borrowed(text));
    }
    PhoneNumber::parse(text).map(|number| Cow::Owned(number.as_str().to_owned()))
}

/// Whether a text can only be an OID, or a pattern of OIDs.
pub(super) fn is_oid(text: &str) -> bool {
    text.contains('.')
        && text.bytes().all(|letter| letter.is_ascii_digit() || b".*".contains(&letter))
}

fn joined(levels: &[Value]) -> String {
    let levels: Vec<String> = levels.iter().map(Value::to_string).collect();
    levels.join("/")
}
