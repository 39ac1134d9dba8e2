//! Topic filters (MQTT 3.1.1 §4.7, 5.0 §4.7): which topics a subscription or a definition means.
//!
//! `+` stands for exactly one level, which may be empty; `#`, which can only be the last level, for any number of levels,
//! also none: `a/#` means `a` too. Neither of them, as the first level, stands for a level that begins with `$`: those topics
//! are the broker's own. Capitals matter. What is no filter is a [`FilterError`], which says where and what to write instead.
//!
//! All questions are answered in one walk over the levels, without a copy: the time is that of reading both texts once.
//!
//! # Decision (2026-11-27): a shared subscription is refused
//!
//! `$share/GROUP/FILTER` (MQTT 5.0 §4.8.2) is a subscription that holds a filter, and no filter. A broker hands each of its
//! messages to one member of the group alone, so a second client, forgotten on a bench, takes every other alarm; and a broker
//! that speaks MQTT 3.1.1 alone takes the text for a plain topic and delivers nothing at all. Rejected: taking it apart and
//! reading the filter inside, which hides both.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use crate::topic::{MAX_OCTETS, Topic};
use crate::words::shown;

/// Which topics are meant.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Filter(Box<str>);

/// Why something is no filter, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError {
    /// What is wrong.
    pub flaw: Flaw,
    /// The level that is to blame, from 1; of a filter that is wrong as a whole, 1.
    pub level: usize,
    /// Where it stands in the text, in octets.
    pub at: Range<usize>,
    /// The level, as a sentence shows it.
    written: String,
}

/// What can be wrong with a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// There is not a single character.
    Empty,
    /// Longer than the protocol can say.
    TooLong(usize),
    /// A NUL, which no topic holds.
    Nul,
    /// `#` beside something else: `a#`.
    HashNotAlone,
    /// `#` before the last level: `a/#/b`.
    HashNotLast,
    /// `+` beside something else: `a+`.
    PlusNotAlone,
    /// `$share/GROUP/...`: a shared subscription.
    Shared,
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// [`FilterError`] with the place, and with what to write instead.
    pub fn parse(written: &str) -> Result<Self, FilterError> {
        let whole =
            |flaw| FilterError { flaw, level: 1, at: 0..written.len(), written: shown(written) };
        if written.is_empty() {
            return Err(whole(Flaw::Empty));
        }
        if written.len() > MAX_OCTETS {
            return Err(whole(Flaw::TooLong(written.len())));
        }
        let mut begin = 0;
        for (level, text) in (1..).zip(written.split('/')) {
            let end = begin + text.len();
            let flaw = flaw_of_a_level(text, level, end == written.len());
            if let Some(flaw) = flaw {
                return Err(FilterError { flaw, level, at: begin..end, written: shown(text) });
            }
            begin = end + 1;
        }
        Ok(Self(written.into()))
    }

    /// The filter that means this topic and no other.
    pub fn of(topic: &Topic) -> Self {
        Self(topic.as_str().into())
    }

    /// The levels, first to last.
    pub fn levels(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }

    /// The filter as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a topic is meant.
    pub fn matches(&self, topic: &Topic) -> bool {
        if self.begins_wild() && topic.is_brokers_own() {
            return false;
        }
        let mut given = topic.levels();
        for wanted in self.levels() {
            match (wanted, given.next()) {
                ("#", _) => return true,
                ("+", Some(_)) => {}
                (name, Some(level)) if name == level => {}
                (_, _) => return false,
            }
        }
        given.next().is_none()
    }

    /// Whether every topic that the other one means is meant by this one too: then the other subscription adds nothing.
    pub fn covers(&self, other: &Self) -> bool {
        if self.begins_wild() && other.0.starts_with('$') {
            return false;
        }
        // A topic has one level at least, so that `+/#` means as much as `#`.
        if &*other.0 == "#" {
            return matches!(&*self.0, "#" | "+/#");
        }
        let mut theirs = other.levels();
        for ours in self.levels() {
            match (ours, theirs.next()) {
                ("#", _) => return true,
                (_, Some("#") | None) => return false,
                ("+", Some(_)) => {}
                (name, Some(level)) if name == level => {}
                (_, Some(_)) => return false,
            }
        }
        theirs.next().is_none()
    }

    /// Whether some topic is meant by both.
    pub fn overlaps(&self, other: &Self) -> bool {
        let apart = |wild: &Self, named: &Self| wild.begins_wild() && named.0.starts_with('$');
        if apart(self, other) || apart(other, self) {
            return false;
        }
        // The shortest topic that both mean; two long filters may have none that MQTT has room for.
        let mut octets = 0_usize;
        let (mut ours, mut theirs) = (self.levels(), other.levels());
        loop {
            let level = match (ours.next(), theirs.next()) {
                (None, None) => break,
                (Some("#"), rest) => return fits(octets, rest, theirs),
                (rest, Some("#")) => return fits(octets, rest, ours),
                (None, Some(_)) | (Some(_), None) => return false,
                (Some("+"), Some("+")) => "",
                (Some("+"), Some(name)) | (Some(name), Some("+")) => name,
                (Some(name), Some(level)) if name == level => name,
                (Some(_), Some(_)) => return false,
            };
            octets = octets.saturating_add(level.len()).saturating_add(1);
        }
        octets.saturating_sub(1) <= MAX_OCTETS
    }

    fn begins_wild(&self) -> bool {
        self.0.starts_with(['+', '#'])
    }
}

/// Whether a topic has room for the levels so far, with their slashes, and for what the other filter still asks for.
fn fits<'f>(octets: usize, next: Option<&'f str>, rest: impl Iterator<Item = &'f str>) -> bool {
    let more = next.into_iter().chain(rest).filter(|level| *level != "#");
    let more = more.map(|level| if level == "+" { 1 } else { level.len().saturating_add(1) });
    let needed = more.fold(octets, usize::saturating_add);
    needed.saturating_sub(1) <= MAX_OCTETS
}

fn flaw_of_a_level(text: &str, level: usize, is_last: bool) -> Option<Flaw> {
    match text {
        "#" if is_last => None,
        "#" => Some(Flaw::HashNotLast),
        "+" => None,
        "$share" if level == 1 && !is_last => Some(Flaw::Shared),
        _ if text.contains('\0') => Some(Flaw::Nul),
        _ if text.contains('#') => Some(Flaw::HashNotAlone),
        _ if text.contains('+') => Some(Flaw::PlusNotAlone),
        _ => None,
    }
}

impl FilterError {
    /// What to do about it, in words that follow "help:".
    pub fn remedy(&self) -> &'static str {
        match self.flaw {
            Flaw::Empty => "write the topic, or `#` for every topic",
            Flaw::TooLong(_) => "write `#` in place of the last levels",
            Flaw::Nul => "remove it: a text editor shows it as `^@` or `\\0`",
            Flaw::HashNotAlone => {
                "make `#` a level of its own, the last one (`plant/#`), or write `+` for one whole level"
            }
            Flaw::HashNotLast => "write `+` for one level, or end the filter with the `#`",
            Flaw::PlusNotAlone => {
                "make `+` a level of its own (`plant/+/alarm`): a part of a level cannot be left open"
            }
            Flaw::Shared => {
                "write the filter without `$share` and its group, so that every message comes here"
            }
        }
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { flaw, level, written, .. } = self;
        match flaw {
            Flaw::Empty => out.write_str("the filter is empty"),
            Flaw::TooLong(octets) => {
                write!(out, "the filter has {octets} octets, and MQTT has room for {MAX_OCTETS}")
            }
            Flaw::Nul => write!(out, "level {level}, `{written}`, holds the character NUL"),
            Flaw::HashNotAlone => write!(out, "level {level}, `{written}`, holds `#` beside other letters"),
            Flaw::HashNotLast => write!(out, "level {level} is `#`, and more levels follow"),
            Flaw::PlusNotAlone => write!(out, "level {level}, `{written}`, holds `+` beside other letters"),
            Flaw::Shared => out.write_str(
                "`$share` makes a shared subscription, in which each message reaches one client of several",
            ),
        }
    }
}

impl std::error::Error for FilterError {}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(written: &str) -> Result<Self, FilterError> {
        Self::parse(written)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Filter({})", shown(&self.0))
    }
}
