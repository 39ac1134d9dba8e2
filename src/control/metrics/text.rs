//! Prometheus' text format, version 0.0.4, as far as we write it: counters, gauges and a histogram of whole numbers and of
//! seconds with up to six decimals.
//!
//! A family's name and what it means stand above its samples, which are never parted. What a label says is escaped, whatever it
//! holds.
//!
//! # Decision (2026-11-27): it is written here, by hand
//!
//! The values are read when somebody asks; no library for metrics is of use for that, since each keeps a registry of values
//! that the program writes all the time (`prometheus-client`, `metrics`), and would have to be told of every family twice. What
//! is left of such a library is the few lines below, and Prometheus' own parser reads them in the tests.

use std::fmt::{self, Write};

/// The content type of such a page.
pub(in crate::control) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What a family of samples is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sort {
    /// It only grows, until the daemon starts again.
    Counter,
    /// It is what it is now.
    Gauge,
    /// How many took how long.
    Histogram,
}

impl Sort {
    /// As the format writes it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A family of samples that bear one name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Family {
    /// As Prometheus calls it.
    pub(super) name: &'static str,
    /// How its numbers are to be read.
    pub(super) sort: Sort,
    /// What it means, in a line without a full stop.
    pub(super) help: &'static str,
}

/// A value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Number {
    /// A number of things.
    Count(u64),
    /// What may be below zero.
    Signed(i64),
    /// Seconds, given in microseconds.
    Seconds(i64),
}

/// A page that is being written.
#[derive(Debug, Default)]
pub(super) struct Page(String);

/// The samples of one family.
#[derive(Debug)]
pub(super) struct Samples<'p> {
    page: &'p mut String,
    name: &'static str,
}

impl Page {
    /// A family begins; the samples of the last one are complete.
    pub(super) fn family(&mut self, family: Family) -> Samples<'_> {
        let Family { name, sort, help } = family;
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {}", sort.as_str()));
        Samples { page: &mut self.0, name }
    }

    /// A family of one sample without labels.
    pub(super) fn one(&mut self, family: Family, value: impl Into<Number>) {
        self.family(family).add(&[], value);
    }

    /// The page, complete.
    pub(super) fn into_text(self) -> String {
        self.0
    }

    fn line(&mut self, line: fmt::Arguments<'_>) {
        line_in(&mut self.0, line);
    }
}

impl Samples<'_> {
    /// A sample.
    pub(super) fn add(&mut self, labels: &[(&str, &str)], value: impl Into<Number>) {
        self.part("", labels, value);
    }

    /// A part of a histogram: `_bucket`, `_sum`, `_count`.
    pub(super) fn part(&mut self, part: &str, labels: &[(&str, &str)], value: impl Into<Number>) {
        let (name, value) = (self.name, value.into());
        line_in(self.page, format_args!("{name}{part}{} {value}", Labels(labels)));
    }
}

/// Writing to a string does not fail.
fn line_in(page: &mut String, line: fmt::Arguments<'_>) {
    let _ = page.write_fmt(line);
    page.push('\n');
}

struct Labels<'l>(&'l [(&'l str, &'l str)]);

impl fmt::Display for Labels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = '{';
        for (name, value) in self.0 {
            write!(f, "{before}{name}=\"{}\"", Escaped(value))?;
            before = ',';
        }
        if before == ',' { f.write_char('}') } else { Ok(()) }
    }
}

struct Escaped<'e>(&'e str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '\\' => f.write_str(r"\\")?,
                '"' => f.write_str("\\\"")?,
                '\n' => f.write_str(r"\n")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Signed(number) => write!(f, "{number}"),
            Self::Seconds(micros) => {
                let (sign, micros) = (if *micros < 0 { "-" } else { "" }, micros.unsigned_abs());
                write!(f, "{sign}{}", micros / 1_000_000)?;
                match micros % 1_000_000 {
                    0 => Ok(()),
                    rest => write!(f, ".{}", format!("{rest:06}").trim_end_matches('0')),
                }
            }
        }
    }
}

impl From<u64> for Number {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<usize> for Number {
    fn from(count: usize) -> Self {
        Self::Count(u64::try_from(count).unwrap_or(u64::MAX))
    }
}

impl From<bool> for Number {
    fn from(is_so: bool) -> Self {
        Self::Count(u64::from(is_so))
    }
}

impl From<crate::watch::time::Utc> for Number {
    fn from(at: crate::watch::time::Utc) -> Self {
        Self::Seconds(at.micros())
    }
}

impl From<std::time::Duration> for Number {
    fn from(length: std::time::Duration) -> Self {
        Self::Seconds(i64::try_from(length.as_micros()).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::time::Utc;

    const FAMILY: Family = Family { name: "vigie_x", sort: Sort::Gauge, help: "What it is" };

    #[test]
    fn a_label_says_whatever_it_holds_and_ends_where_it_ends() {
        let mut page = Page::default();
        let mut samples = page.family(FAMILY);
        samples.add(&[("input", "a\"b\\c\nd"), ("kind", "é")], 7_u64);
        samples.add(&[], true);
        let text = "# HELP vigie_x What it is\n# TYPE vigie_x gauge\n\
                    vigie_x{input=\"a\\\"b\\\\c\\nd\",kind=\"é\"} 7\nvigie_x 1\n";
        assert_eq!(page.into_text(), text);
    }

    #[test]
    fn a_time_is_seconds_with_as_many_decimals_as_it_has() {
        for (micros, written) in [
            (0, "0"),
            (1_500_000, "1.5"),
            (1_795_787_000_000_001, "1795787000.000001"),
            (-2_000_001, "-2.000001"),
        ] {
            assert_eq!(Number::from(Utc::from_micros(micros)).to_string(), written);
        }
        assert_eq!(Number::from(std::time::Duration::from_micros(500)).to_string(), "0.0005");
    }
}
