//! What was found wrong while reading, and where; [`super::complaint`] makes it presentable.
//!
//! Reading goes on after a finding: the operator is told everything in one run. The list is
//! bounded, because a hostile file can be wrong a million times; the count is not.

use std::collections::{BTreeMap, BTreeSet};

/// So many findings are kept; the rest are counted.
const FINDINGS_LIMIT: usize = 400;
/// A word is compared with so many known names at most, when the nearest is sought.
const CANDIDATES_LIMIT: usize = 4_000;
/// A longer word is no slip of the finger.
const WORD_LIMIT: usize = 64;

/// A stretch of one source, in bytes; the whole file where `start` is beyond any file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Place {
    /// Which source, by its place among those that were read.
    pub(super) source: usize,
    /// Where it begins; `None`: the file as a whole.
    pub(super) start: Option<usize>,
    /// Where it ends; the byte there is the first that does not belong to it.
    pub(super) end: usize,
}

/// A value and where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct At<T> {
    /// The value.
    pub(crate) value: T,
    /// Where it stands.
    pub(crate) place: Place,
}

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// Refused: the daemon does not start with it.
    Error,
    /// Told, and started all the same.
    Warning,
}

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// Whether it refuses the files.
    pub(super) severity: Severity,
    /// Where it stands.
    pub(super) place: Place,
    /// What is wrong, without a full stop.
    pub(super) sentence: String,
    /// What to do about it.
    pub(super) help: Option<String>,
    /// Where the same stood before, of what stands twice.
    pub(super) first: Option<Place>,
}

/// All that was found so far.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// In the order in which they were found; bounded.
    pub(super) list: Vec<Finding>,
    /// What no excerpt may show.
    pub(super) secrets: Vec<Place>,
    /// What every account of the machine may write to, and is not refused: each path once.
    pub(super) open: Vec<String>,
    errors: usize,
    beyond: usize,
    unreadable: BTreeSet<usize>,
    /// The first secret of each source.
    inline: BTreeMap<usize, At<Inline>>,
}

/// What is secret and stands in a file of the site itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Inline {
    /// A PIN, a passphrase, a password, an address that is as good as one.
    Secret,
    /// A community: it travels in clear.
    Community,
}

impl Place {
    /// These bytes of that source.
    pub(super) fn new(source: usize, start: usize, end: usize) -> Self {
        Self { source, start: Some(start), end }
    }

    /// A source as a whole.
    pub(super) fn file(source: usize) -> Self {
        Self { source, start: None, end: 0 }
    }

    /// The same source, at this span.
    pub(super) fn span(self, span: &std::ops::Range<usize>) -> Self {
        Self::new(self.source, span.start, span.end)
    }
}

impl<T> At<T> {
    pub(super) fn new(value: T, place: Place) -> Self {
        Self { value, place }
    }
}

impl Finding {
    /// What is refused.
    pub(super) fn error(place: Place, sentence: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            place,
            sentence: sentence.into(),
            help: None,
            first: None,
        }
    }

    /// What is told, and started all the same.
    pub(super) fn warning(place: Place, sentence: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(place, sentence) }
    }

    /// What to do about it.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// What to do about it, where something is known.
    pub(super) fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }

    /// The other place that it is about.
    pub(super) fn first(mut self, place: Place) -> Self {
        self.first = Some(place);
        self
    }
}

impl Findings {
    /// Keeps a finding, or counts it when the list is full.
    pub(super) fn add(&mut self, finding: Finding) {
        match finding.severity {
            Severity::Error => self.errors = self.errors.saturating_add(1),
            Severity::Warning => {}
        }
        if self.list.len() < FINDINGS_LIMIT {
            self.list.push(finding);
        } else {
            self.beyond = self.beyond.saturating_add(1);
        }
    }

    /// How many errors there are, those beyond the list included.
    pub(super) fn errors(&self) -> usize {
        self.errors
    }

    /// How many findings were only counted.
    pub(super) fn beyond(&self) -> usize {
        self.beyond
    }

    /// This stretch is never shown.
    pub(super) fn hide(&mut self, place: Place) {
        self.secrets.push(place);
    }

    /// Something secret stands there. One of each source is remembered, a secret before a community.
    pub(super) fn stands_here(&mut self, place: Place, what: Inline) {
        let first = self.inline.entry(place.source).or_insert(At::new(what, place));
        if first.value == Inline::Community && what == Inline::Secret {
            *first = At::new(what, place);
        }
    }

    /// What is secret and stands in that source.
    pub(super) fn inline(&self, source: usize) -> Option<At<Inline>> {
        self.inline.get(&source).cloned()
    }

    /// That source could not be read as TOML: what it would have defined is not known.
    pub(super) fn unreadable(&mut self, source: usize) {
        self.unreadable.insert(source);
    }

    /// Whether that source could be read as TOML.
    pub(super) fn is_readable(&self, source: usize) -> bool {
        !self.unreadable.contains(&source)
    }

    /// Whether every source could be read as TOML: else a name that nobody defines says nothing.
    pub(super) fn all_readable(&self) -> bool {
        self.unreadable.is_empty()
    }

    /// "did you mean `…`?", if a known name is near enough to what was written.
    pub(super) fn meant<'k>(
        &self,
        written: &str,
        known: impl IntoIterator<Item = &'k str>,
    ) -> Option<String> {
        // Nobody reads the suggestion of a finding that is only counted.
        if self.list.len() >= FINDINGS_LIMIT {
            return None;
        }
        nearest(written, known).map(|known| format!("did you mean {}?", quoted(known)))
    }
}

/// The known name that a slip of the finger makes of this word.
pub(super) fn nearest<'k>(
    written: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<&'k str> {
    let length = written.chars().count();
    if length > WORD_LIMIT {
        return None;
    }
    let far = (length.saturating_add(2) / 3).clamp(1, 4);
    let lower = written.to_lowercase().replace('_', "-");
    // Of two that are as near, the one that goes on as it was begun: `aes` is `aes-128`, and not `des`.
    let distance = |known: &str| {
        let plain = known.to_lowercase().replace('_', "-");
        let continued = length >= 3
            && (plain.starts_with(&lower) || lower.starts_with(&plain) && plain.len() >= 3);
        let distance = strsim::osa_distance(&lower, &plain);
        (if continued { distance.min(far) } else { distance }, !continued)
    };
    known
        .into_iter()
        .take(CANDIDATES_LIMIT)
        .filter(|known| known.len() <= WORD_LIMIT.saturating_mul(2))
        .map(|known| (distance(known), known))
        .filter(|((distance, _), _)| *distance <= far)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// A word of the file as a sentence shows it: in backquotes, and not too long.
pub(super) fn quoted(word: &str) -> String {
    const SHOWN: usize = 60;
    let mut shown: String = word.chars().take(SHOWN).collect();
    if word.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// Words of the file in a row: "`a`, `b` or `c`".
pub(super) fn listed<'w>(words: impl IntoIterator<Item = &'w str>, last: &str) -> String {
    let mut words: Vec<String> = words.into_iter().map(quoted).collect();
    let end = words.pop().unwrap_or_default();
    if words.is_empty() { end } else { format!("{} {last} {end}", words.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_finger_is_told_from_another_word() {
        let known = ["escalation", "text", "key", "off-delay", "on-delay"];
        for (written, meant) in [
            ("esclation", Some("escalation")),
            ("Text", Some("text")),
            ("off_delay", Some("off-delay")),
            ("texte", Some("text")),
            ("keys", Some("key")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, known), meant, "{written}");
        }
        let encryptions = ["des", "aes-128", "aes-192", "aes-256"];
        assert_eq!(nearest("aes", encryptions), Some("aes-128"));
        assert_eq!(nearest("aes256", encryptions), Some("aes-256"));
        assert_eq!(nearest("dse", encryptions), Some("des"));
        assert_eq!(nearest(&"x".repeat(100_000), known), None);
    }
}
