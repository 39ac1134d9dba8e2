//! `match`: what a signal must bear to be selected. The part of a definition that can be indexed.
//!
//! All fields must agree, and of a field's patterns any one. A pattern is
//!
//! - a text, a number or `true`/`false` that the field equals, compared as they are written: the
//!   text `"3"` and the number 3 are the same;
//! - a text with `*`, which stands for any text, also none; there is no `?`. OIDs are matched so:
//!   `1.3.6.1.4.1.318.*`;
//! - for `topic`, an MQTT filter: `+` is one level, `#` at the end is any number of levels;
//! - for `source`, an address or a network: `10.0.0.0/8`. `::ffff:10.0.0.1` is `10.0.0.1`;
//! - for `sender`, and for the `source` of a short message, a phone number however it is written.
//!
//! Capitals matter, but not in the `text` of a short message: people type it. A pattern for `trap`
//! is held against the trap's name and against its OID.

mod filter;
mod glob;
mod pattern;
mod possible;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub(super) use filter::Level;
pub use filter::TopicFilter;
pub use glob::Glob;
pub(super) use glob::small_letters;
pub(super) use pattern::{Canonical, Test, Written, address, normalised};
pub use pattern::{Pattern, PatternError, Scalar};

use super::field::Field;
use super::signal::{Kind, Signal, Value};

/// What a signal must bear: every field, one of its patterns.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Match {
    fields: Vec<FieldMatch>,
}

/// One field of a `match`.
#[derive(Clone, PartialEq, Debug)]
pub struct FieldMatch {
    /// Its name.
    pub field: Arc<str>,
    /// What it may be; never empty.
    pub any_of: Vec<Pattern>,
}

/// Why a signal does not match.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Mismatch<'m> {
    /// The signal has no such field.
    Absent(&'m FieldMatch),
    /// None of the field's patterns agrees.
    Differs(&'m FieldMatch),
}

impl Match {
    /// A match that every signal satisfies.
    pub fn everything() -> Self {
        Self::default()
    }

    /// Also asks this of a field. Without patterns nothing is asked.
    #[must_use]
    pub fn and(mut self, field: &str, any_of: Vec<Pattern>) -> Self {
        if !any_of.is_empty() {
            self.fields.reserve_exact(1);
            self.fields.push(FieldMatch { field: field.into(), any_of });
        }
        self
    }

    /// What is asked, in the order of the file.
    pub fn fields(&self) -> &[FieldMatch] {
        &self.fields
    }

    /// Whether a signal satisfies it.
    pub fn admits(&self, signal: &Signal) -> bool {
        self.fields.iter().all(|wanted| wanted.admits(signal) == Some(true))
    }

    /// The first field that keeps a signal from satisfying it.
    pub(super) fn mismatch(&self, signal: &Signal) -> Option<Mismatch<'_>> {
        self.fields.iter().find_map(|wanted| match wanted.admits(signal) {
            None => Some(Mismatch::Absent(wanted)),
            Some(false) => Some(Mismatch::Differs(wanted)),
            Some(true) => None,
        })
    }

    /// Whether a signal of that kind whose field has that value may satisfy it, whatever its other
    /// fields are: with it one finds a `normal` that `match` excludes. A name and an OID of a trap
    /// may be the same trap.
    pub fn allows(&self, kind: Kind, field: &str, value: &Value) -> bool {
        self.fields.iter().filter(|wanted| *wanted.field == *field).all(|wanted| {
            let names = Names { field: &wanted.field, kind };
            let any = |pattern: &Pattern| {
                pattern.holds(names, Field::Value(value)) || names.trap_and_oid(pattern, value)
            };
            wanted.any_of.iter().any(any)
        })
    }

    /// The first field that no signal of that kind can satisfy.
    pub fn impossible_for(&self, kind: Kind) -> Option<&FieldMatch> {
        self.fields.iter().find(|wanted| {
            !kind.can_have(&wanted.field)
                || !wanted.any_of.iter().any(|pattern| pattern.possible(kind, &wanted.field))
        })
    }
}

impl FieldMatch {
    /// Whether the field has one of the patterns; `None` when the signal has no such field.
    fn admits(&self, signal: &Signal) -> Option<bool> {
        let names = Names { field: &self.field, kind: signal.kind };
        let any = |field: Field<'_>| self.any_of.iter().any(|pattern| pattern.holds(names, field));
        let first = signal.field(&self.field);
        let second = if names.is_trap() { signal.field("trap_oid") } else { None };
        match (first, second) {
            (None, None) => None,
            (first, second) => Some(first.is_some_and(any) || second.is_some_and(any)),
        }
    }

    /// The patterns in words: `` `a` or `b` ``.
    pub fn wanted(&self) -> String {
        const SHOWN: usize = 8;
        let shown: Vec<String> =
            self.any_of.iter().take(SHOWN).map(|pattern| format!("`{pattern}`")).collect();
        let rest = self.any_of.len().saturating_sub(SHOWN);
        let more = if rest > 0 { format!(" or one of {rest} more") } else { String::new() };
        format!("{}{more}", shown.join(" or "))
    }
}

/// Of which field of which kind of signal a pattern is held against: both decide what it means.
#[derive(Clone, Copy)]
pub(super) struct Names<'f> {
    /// The field's name.
    pub(super) field: &'f str,
    /// What the signal came by.
    pub(super) kind: Kind,
}

impl Names<'_> {
    /// The name of a trap is also its OID.
    pub(super) fn is_trap(self) -> bool {
        self.kind == Kind::Snmp && self.field == "trap"
    }

    /// Capitals do not matter in what people type.
    pub(super) fn is_typed_text(self) -> bool {
        self.kind == Kind::Gsm && self.field == "text"
    }

    /// A pattern of OIDs and the name of a trap, or the other way round: they may be the same.
    fn trap_and_oid(self, pattern: &Pattern, value: &Value) -> bool {
        let Value::Text(value) = value else {
            return false;
        };
        self.is_trap() && pattern::is_oid(pattern.written()) != pattern::is_oid(value)
    }
}
