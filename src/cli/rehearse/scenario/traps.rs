//! Many traps by one line of a scenario: they differ in one field, and come evenly over a time.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::watch::signal::Value;

/// Many traps at once.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Traps {
    pub(super) input: String,
    pub(super) trap: String,
    pub(super) from: String,
    /// In so long.
    pub(super) over: Duration,
    /// In which field they differ, and by which numbers.
    pub(super) counted: (String, RangeInclusive<i64>),
    /// What all have.
    pub(super) fields: Vec<(String, Value)>,
}

/// No line brings more traps than this.
const MOST_TRAPS: i64 = 10_000;

impl Traps {
    /// `INPUT traps NAME from ADDRESS over TIME FIELD=1..480`
    pub(super) fn read(
        (input, trap, from): (&str, &str, &str),
        over: Duration,
        counted: &str,
        fields: Vec<(String, Value)>,
    ) -> Result<Self, String> {
        let owned = |word: &str| word.to_owned();
        let (input, trap, from) = (owned(input), owned(trap), owned(from));
        Ok(Self { input, trap, from, over, counted: range(counted)?, fields })
    }
}

/// `ifIndex=1..480`
fn range(written: &str) -> Result<(String, RangeInclusive<i64>), String> {
    let read = || {
        let (name, numbers) = written.split_once('=')?;
        let (first, last) = numbers.split_once("..")?;
        let (first, last): (i64, i64) = (first.parse().ok()?, last.parse().ok()?);
        let few = last >= first && last.saturating_sub(first) < MOST_TRAPS;
        (few && !name.is_empty()).then(|| (name.to_owned(), first..=last))
    };
    read().ok_or_else(|| format!("`{written}` counts nothing: write ifIndex=1..480"))
}
