//! Tables as they are written: which keys there are, which are not built yet, and reading them
//! all the same when one is wrong.
//!
//! Decision (2026-11-23): the structs of [`super::file`] are filled by a walk over toml's spanned
//! tree, not by serde. Serde stops at its first error and forgets where a value stood; the walk
//! tells everything in one run, and each value keeps its place for the cross-checks. Rejected:
//! serde with `Spanned` fields after a pass for unknown keys: two descriptions of the same tables.

use toml::de::{DeTable, DeValue};

use super::finding::{Finding, Findings, Place, Severity, nearest, quoted};
use super::syntax::is_secret;
use super::written::{Slot, Spot, Written, called, hide_all, slot};

/// A table whose keys are fixed.
pub(super) trait Table: Sized {
    /// What it describes, with its article: "a person".
    const CALLED: &'static str;
    /// The keys that it may hold.
    const KEYS: Keys;
    /// The keys of the contract that this version does not do yet.
    const LATER: &'static [Later];
    /// Whether values in it may be secret, under whatever key.
    const SECRETS: bool;

    /// Reads each key.
    fn walk(walk: &mut Walk<'_, '_>) -> Self;
}

/// The keys of a table, in the order in which an operator thinks of them.
#[derive(Clone, Copy, Debug)]
pub struct Keys {
    /// The manual's text of the table.
    pub about: &'static str,
    list: &'static [Key],
}

impl Keys {
    pub(super) const fn new(about: &'static str, list: &'static [Key]) -> Self {
        Self { about, list }
    }
}

impl IntoIterator for Keys {
    type Item = &'static Key;
    type IntoIter = std::slice::Iter<'static, Key>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}

/// A key that the code knows and does.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// The manual's text.
    pub about: &'static str,
    /// What stands to its right, in the manual's words: "text", "list of intervals".
    pub holds: fn() -> String,
}

/// A key of the contract that this version does not do yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Later {
    /// As it is written.
    pub(super) name: &'static str,
    /// What is missing: "this version does not …".
    pub(super) lacks: &'static str,
    /// What to do about it.
    pub(super) help: &'static str,
    /// An error where something would go unwatched without a word; else a warning.
    pub(super) severity: Severity,
}

/// A table on its way through the reader.
pub(super) struct Walk<'t, 'f> {
    table: &'t DeTable<'t>,
    place: Place,
    /// The keys that misspelt ones were meant to be: they are not missing as well.
    meant: Vec<&'static str>,
    findings: &'f mut Findings,
}

impl Walk<'_, '_> {
    /// Where the table stands.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// The value of one key.
    pub(super) fn key<T: Written>(&mut self, name: &str) -> Slot<T> {
        match self.table.get(name) {
            Some(value) => slot(name, value, self.place, self.findings),
            None if self.meant.contains(&name) => Slot::Refused,
            None => Slot::Absent,
        }
    }
}

/// Reads a table, after complaining of the keys that it should not hold.
pub(super) fn read<T: Table>(table: &DeTable<'_>, place: Place, findings: &mut Findings) -> T {
    let mut meant = Vec::new();
    for (key, value) in table {
        let name: &str = key.get_ref();
        if T::KEYS.into_iter().any(|known| known.name == name) {
            continue;
        }
        let later = T::LATER.iter().find(|later| later.name == name);
        let may_be = T::SECRETS || is_secret(name);
        if may_be && later.is_none_or(|later| later.severity == Severity::Error) {
            hide_all(value.get_ref(), place.span(&value.span()), findings);
        }
        let at = place.span(&key.span());
        let finding = match later {
            Some(later) => {
                let finding =
                    Finding::error(at, format!("this version does not {} yet", later.lacks));
                Finding { severity: later.severity, ..finding }.help(later.help)
            }
            None => {
                meant.extend(nearest(name, T::KEYS.into_iter().map(|key| key.name)));
                unknown::<T>(name, at, findings)
            }
        };
        findings.add(finding);
    }
    T::walk(&mut Walk { table, place, meant, findings })
}

fn unknown<T: Table>(name: &str, at: Place, findings: &Findings) -> Finding {
    let known =
        || T::KEYS.into_iter().map(|key| key.name).chain(T::LATER.iter().map(|later| later.name));
    let names: Vec<&str> = T::KEYS.into_iter().map(|key| key.name).collect();
    let help = findings
        .meant(name, known())
        .unwrap_or_else(|| format!("its keys are {}", names.join(", ")));
    Finding::error(at, format!("{} has no key {}", T::CALLED, quoted(name))).help(help)
}

impl<T: Table> Written for T {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        let DeValue::Table(table) = value else {
            if T::SECRETS {
                hide_all(value, spot.place, findings);
            }
            let sentence = format!(
                "{} must be {} as a table, not {}",
                quoted(spot.key),
                T::CALLED,
                called(value)
            );
            let keys: Vec<String> =
                T::KEYS.into_iter().take(3).map(|key| format!("{} = …", key.name)).collect();
            findings.add(
                Finding::error(spot.place, sentence)
                    .help(format!("write {{ {} }}", keys.join(", "))),
            );
            return None;
        };
        Some(read(table, spot.place, findings))
    }

    fn holds() -> String {
        "table".to_owned()
    }
}

/// Describes tables: the struct, its keys with the manual's text, and what is not built yet.
macro_rules! tables {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident = $called:literal $(, secrets: $secrets:literal)? {
            $( $(#[doc = $about:literal])+ $key:literal => $field:ident: $type:ty, )*
        }
        $(later { $($later:literal: $lacks:literal, $help:literal;)+ })?
        $(ignored { $($ignored:literal: $without:literal, $advice:literal;)+ })?
    )+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug)]
        pub(crate) struct $name {
            /// Where the table stands.
            pub(crate) place: $crate::config::finding::Place,
            $( $(#[doc = $about])+ pub(crate) $field: $crate::config::written::Slot<$type>, )*
        }

        impl $crate::config::table::Table for $name {
            const CALLED: &'static str = $called;
            const KEYS: $crate::config::table::Keys = $crate::config::table::Keys::new(
                concat!($($doc, "\n"),+),
                &[$($crate::config::table::Key {
                    name: $key,
                    about: concat!($($about, "\n"),+),
                    holds: <$type as $crate::config::written::Written>::holds,
                },)*],
            );
            const LATER: &'static [$crate::config::table::Later] = &[
                $($($crate::config::table::Later {
                    name: $later,
                    lacks: $lacks,
                    help: $help,
                    severity: $crate::config::finding::Severity::Error,
                },)+)?
                $($($crate::config::table::Later {
                    name: $ignored,
                    lacks: $without,
                    help: $advice,
                    severity: $crate::config::finding::Severity::Warning,
                },)+)?
            ];
            const SECRETS: bool = false $(|| $secrets)?;

            fn walk(walk: &mut $crate::config::table::Walk<'_, '_>) -> Self {
                Self { place: walk.place(), $($field: walk.key($key),)* }
            }
        }
    )+};
}
pub(super) use tables;
