//! Values as they are written: each reads itself from the spanned tree, and complains where it
//! stands.
//!
//! A value that cannot be read is refused and reading goes on: the next one may be wrong too.

use std::path::PathBuf;
use std::time::Duration;

use toml::Spanned;
use toml::de::DeValue;

use super::finding::{At, Finding, Findings, Place, listed, nearest, quoted};
use super::syntax::is_secret;
use super::units::{self, Size, SizeError};

/// A list holds no more values than this.
const LIST_LIMIT: usize = 10_000;

/// Something that can stand to the right of a key.
pub(super) trait Written: Sized {
    /// Reads it, or says why not.
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self>;

    /// What it is, in the manual's words and without an article; with an s it is several. Most are one of a few words.
    fn holds() -> String {
        "word".to_owned()
    }
}

/// Where a value stands and under which key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot<'k> {
    /// The key, as it is written.
    pub(super) key: &'k str,
    /// Where the value stands.
    pub(super) place: Place,
}

/// What a key holds: absent, or refused with a complaint, or read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Slot<T> {
    /// The key is not there.
    Absent,
    /// The key is there, and a complaint says what is wrong with it.
    Refused,
    /// The key is there and could be read.
    Is(At<T>),
}

impl<T> Slot<T> {
    /// The value with its place, if it was read.
    pub(super) fn read(&self) -> Option<&At<T>> {
        match self {
            Self::Is(at) => Some(at),
            Self::Absent | Self::Refused => None,
        }
    }

    /// The value, if it was read.
    pub(super) fn value(&self) -> Option<&T> {
        self.read().map(|at| &at.value)
    }

    /// Whether the key is not there at all.
    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

/// Several values in brackets. What could not be read is left out, and still counted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct List<T> {
    /// What could be read.
    pub(super) items: Vec<At<T>>,
    /// Whether the brackets are empty.
    pub(super) is_empty: bool,
}

/// Reads the value of one key.
pub(super) fn slot<T: Written>(
    key: &str,
    value: &Spanned<DeValue<'_>>,
    within: Place,
    findings: &mut Findings,
) -> Slot<T> {
    let place = within.span(&value.span());
    match T::read(value.get_ref(), Spot { key, place }, findings) {
        Some(value) => Slot::Is(At::new(value, place)),
        None => Slot::Refused,
    }
}

/// What the operator wrote, in their words.
pub(super) fn called(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A value of another type than the key wants.
pub(super) fn wrong_type(
    value: &DeValue<'_>,
    spot: Spot<'_>,
    wanted: &str,
    findings: &mut Findings,
    help: &str,
) {
    if is_secret(spot.key) {
        hide_all(value, spot.place, findings);
    }
    let sentence = format!("{} must be {wanted}, not {}", quoted(spot.key), called(value));
    findings.add(Finding::error(spot.place, sentence).help(help));
}

impl Written for String {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        match value {
            DeValue::String(text) => Some(text.clone().into_owned()),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => {
                wrong_type(value, spot, "text", findings, "put it in quotes");
                None
            }
            DeValue::Array(_) | DeValue::Table(_) => {
                wrong_type(value, spot, "text", findings, "write one value in quotes");
                None
            }
        }
    }

    fn holds() -> String {
        "text".to_owned()
    }
}

impl Written for PathBuf {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        let text = String::read(value, spot, findings)?;
        if text.contains('\0') {
            findings.add(Finding::error(
                spot.place,
                format!("{} cannot hold a NUL character", quoted(spot.key)),
            ));
            return None;
        }
        let path = Self::from(&text);
        if !path.is_absolute() {
            let sentence = format!(
                "{} must be a path from the root, and {} is not",
                quoted(spot.key),
                quoted(&text)
            );
            findings.add(Finding::error(spot.place, sentence).help("begin it with /"));
            return None;
        }
        Some(path)
    }

    fn holds() -> String {
        "path".to_owned()
    }
}

impl Written for bool {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        if let DeValue::Boolean(value) = value {
            return Some(*value);
        }
        wrong_type(value, spot, "true or false", findings, "write true or false, without quotes");
        None
    }

    fn holds() -> String {
        "true or false".to_owned()
    }
}

impl Written for u32 {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        let DeValue::Integer(number) = value else {
            wrong_type(value, spot, "a whole number", findings, "write the number without quotes");
            return None;
        };
        let read = Self::from_str_radix(number.as_str(), number.radix()).ok();
        if read.is_none() {
            let sentence = if number.as_str().starts_with('-') {
                format!("{} cannot be negative", quoted(spot.key))
            } else {
                format!("{} is too large", quoted(spot.key))
            };
            findings.add(Finding::error(spot.place, sentence).help("write a whole number from 0"));
        }
        read
    }

    fn holds() -> String {
        "whole number".to_owned()
    }
}

impl Written for Duration {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        let read = match value {
            DeValue::String(text) => units::interval(text),
            DeValue::Integer(number) => {
                Err(units::IntervalError::NoUnit(number.as_str().chars().take(20).collect()))
            }
            DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => {
                wrong_type(
                    value,
                    spot,
                    "an interval",
                    findings,
                    "write for example \"30s\", \"5m\" or \"1h30m\"",
                );
                return None;
            }
        };
        read.map_err(|error| {
            let sentence = format!("{} is not an interval: {error}", quoted(spot.key));
            findings.add(Finding::error(spot.place, sentence).help(error.help()));
        })
        .ok()
    }

    fn holds() -> String {
        "interval".to_owned()
    }
}

impl Written for toml::value::Datetime {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        const EXAMPLE: &str = "write for example 2026-01-05T08:00:00, without quotes";
        let DeValue::Datetime(written) = value else {
            wrong_type(value, spot, "a date and time", findings, EXAMPLE);
            return None;
        };
        let wrong = match (written.date, written.time, written.offset) {
            (Some(_), Some(_), None) => return Some(*written),
            (_, _, Some(_)) => "is local to the time zone of the site and has no offset of its own",
            (None, _, None) => "needs a date",
            (Some(_), None, None) => "needs a time of day",
        };
        findings
            .add(Finding::error(spot.place, format!("{} {wrong}", quoted(spot.key))).help(EXAMPLE));
        None
    }

    fn holds() -> String {
        "date and time".to_owned()
    }
}

impl Written for Size {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        let read = match value {
            DeValue::String(text) => units::size(text),
            DeValue::Integer(number) => {
                Err(SizeError::NoUnit(number.as_str().chars().take(20).collect()))
            }
            DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => {
                wrong_type(value, spot, "a size", findings, "write for example \"1 MiB\"");
                return None;
            }
        };
        read.map_err(|error| {
            let sentence = format!("{} is not a size: {error}", quoted(spot.key));
            findings.add(Finding::error(spot.place, sentence).help(error.help()));
        })
        .ok()
    }

    fn holds() -> String {
        "size".to_owned()
    }
}

impl<T: Written> Written for List<T> {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        let DeValue::Array(array) = value else {
            wrong_type(value, spot, "a list", findings, "put it in brackets: [ … ]");
            return None;
        };
        if array.len() > LIST_LIMIT {
            let sentence = format!("{} holds more than {LIST_LIMIT} values", quoted(spot.key));
            findings.add(Finding::error(spot.place, sentence));
            return None;
        }
        let items = array
            .iter()
            .filter_map(|item| {
                let place = spot.place.span(&item.span());
                Some(At::new(T::read(item.get_ref(), Spot { place, ..spot }, findings)?, place))
            })
            .collect();
        Some(Self { items, is_empty: array.is_empty() })
    }

    fn holds() -> String {
        format!("list of {}s", T::holds())
    }
}

/// Hides whatever text stands in a value that may hold secrets.
pub(super) fn hide_all(value: &DeValue<'_>, place: Place, findings: &mut Findings) {
    match value {
        DeValue::Table(table) => {
            for (key, value) in table {
                // Where a secret is kept is none.
                if !matches!(key.get_ref().as_ref(), "file" | "credential") {
                    hide_all(value.get_ref(), place.span(&value.span()), findings);
                }
            }
        }
        DeValue::Array(array) => {
            for value in array.iter() {
                hide_all(value.get_ref(), place.span(&value.span()), findings);
            }
        }
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) => findings.hide(place),
        DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

/// A value that is one of a few words.
pub(super) fn choice<T: Copy>(
    choices: &[(&'static str, T)],
    value: &DeValue<'_>,
    spot: Spot<'_>,
    findings: &mut Findings,
) -> Option<T> {
    let text = String::read(value, spot, findings)?;
    let found = choices.iter().find(|(word, _)| *word == text).map(|(_, choice)| *choice);
    if found.is_none() {
        let words = || choices.iter().map(|(word, _)| *word);
        let help = match nearest(&text, words()) {
            Some(word) => format!("did you mean {}?", quoted(word)),
            None => format!("write {}", listed(words(), "or")),
        };
        findings.add(
            Finding::error(spot.place, format!("{} cannot be {}", quoted(spot.key), quoted(&text)))
                .help(help),
        );
    }
    found
}
