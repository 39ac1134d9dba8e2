//! Texts with `*` in them. `*` stands for any text, also none; nothing else is special.

/// A text with `*`.
///
/// Its parts are looked for from left to right, each at its first place: with `*` alone that finds
/// a match if there is one, without ever going back, so no text makes it slow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Glob {
    /// What the text begins with.
    beginning: Box<str>,
    /// What it holds in between, in this order.
    middle: Vec<Box<str>>,
    /// What it ends with.
    ending: Box<str>,
}

impl Glob {
    /// Reads it; `None` when there is no `*` in it.
    pub fn parse(written: &str) -> Option<Self> {
        let (beginning, rest) = written.split_once('*')?;
        let (middle, ending) = rest.rsplit_once('*').unwrap_or(("", rest));
        let middle = middle.split('*').filter(|part| !part.is_empty()).map(Box::from).collect();
        Some(Self { beginning: beginning.into(), middle, ending: ending.into() })
    }

    /// What every text that it matches begins with.
    pub fn beginning(&self) -> &str {
        &self.beginning
    }

    /// Whether it matches the whole of a text.
    pub fn matches(&self, text: &str) -> bool {
        let rest =
            text.strip_prefix(&*self.beginning).and_then(|rest| rest.strip_suffix(&*self.ending));
        let Some(mut rest) = rest else { return false };
        self.middle.iter().all(|part| {
            let after = rest.split_once(&**part).map(|(_, after)| after);
            after.inspect(|after| rest = after).is_some()
        })
    }

    /// The same whatever letters are capitals; this glob is [in small letters](Self::in_small_letters).
    pub fn matches_typed(&self, text: &str) -> bool {
        let rest = without_beginning(text, &self.beginning)
            .and_then(|rest| without_ending(rest, &self.ending));
        let Some(mut rest) = rest else { return false };
        self.middle.iter().all(|part| {
            let mut places = rest.char_indices();
            let after = places.find_map(|(at, _)| without_beginning(rest.get(at..)?, part));
            after.inspect(|after| rest = after).is_some()
        })
    }

    /// The same in small letters.
    #[must_use]
    pub fn in_small_letters(&self) -> Self {
        Self {
            beginning: self.beginning.to_lowercase().into(),
            middle: self.middle.iter().map(|part| part.to_lowercase().into()).collect(),
            ending: self.ending.to_lowercase().into(),
        }
    }
}

/// Whether two texts are the same but for capitals; the second is in small letters.
pub(crate) fn same_typed(text: &str, small: &str) -> bool {
    small_letters(text).eq(small.chars())
}

/// The letters of a text, small.
pub(crate) fn small_letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

fn without_beginning<'t>(text: &'t str, small: &str) -> Option<&'t str> {
    let mut wanted = small.chars();
    let mut letters = text.chars();
    while !wanted.as_str().is_empty() {
        let mut small = letters.next()?.to_lowercase();
        small.all(|letter| wanted.next() == Some(letter)).then_some(())?;
    }
    Some(letters.as_str())
}

fn without_ending<'t>(text: &'t str, small: &str) -> Option<&'t str> {
    let mut wanted = small.chars();
    let mut letters = text.chars();
    while !wanted.as_str().is_empty() {
        let mut small = letters.next_back()?.to_lowercase().rev();
        small.all(|letter| wanted.next_back() == Some(letter)).then_some(())?;
    }
    Some(letters.as_str())
}
