//! Scripts: a modem as it was met in the field, and a night with it, read from text.
//!
//! Above `---- night` stands what kind of modem it is (see `head`), below it what happens and what must then be so:
//!
//! ```text
//! maker SIMCOM INCORPORATED          # a key, and its value
//! slots 30
//! boot 6s PB DONE
//!
//! ---- night
//! expect ready within 5s             # a line without a time: at once
//! at 60s deliver +33612345678 4711   # a minute after the start
//! after 1s expect received "4711"    # a second after what stands above
//! ```
//!
//! What the modem obeys is in `control`, what can be expected in `expectation`; besides, `submit TEXT` and
//! `submit-with-report TEXT` send, and `keep` and `delete` say whether messages that were received are deleted.
//! Text may stand in quotation marks; ` # ` outside them begins a comment. It opens no file and plays nothing. A line
//! that it cannot read is an error with its number, never a guess.

use std::str::FromStr;
use std::time::Duration;

use super::control::Control;
use super::expectation::Expectation;
use super::head;
use super::profile::Profile;

/// A modem, and a night with it.
#[derive(Debug, Clone)]
pub struct Script {
    /// The modem, its SIM and its network.
    pub profile: Profile,
    /// What happens, in order.
    pub night: Vec<Step>,
}

/// One line of the night.
#[derive(Debug, Clone)]
pub struct Step {
    /// The number of the line, from 1.
    pub line: usize,
    /// When it happens.
    pub when: When,
    /// What happens, or must be so.
    pub act: Act,
}

/// When something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// As soon as what stands above is done.
    Now,
    /// So long after the start.
    At(Duration),
    /// So long after what stands above is done.
    After(Duration),
}

/// What happens, or must be so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Something happens to the modem.
    Modem(Control),
    /// Its owner wants something.
    Owner(Owner),
    /// This must be so before so much time has passed.
    Expect(Expectation, Duration),
}

/// What the owner of the modem wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// To send a text.
    Submit {
        /// The text; it fits one message.
        text: String,
        /// Whether a status report is asked for.
        report: bool,
    },
    /// From now on, what is received stays where it stands.
    Keep,
    /// What was received is deleted, and so is what comes.
    Delete,
}

/// Why a script cannot be read, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {misread}")]
pub struct ScriptError {
    /// The number of the line, from 1.
    pub line: usize,
    /// Why it cannot be read.
    #[source]
    pub misread: Misread,
}

/// Why a line cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misread {
    /// Nobody knows it.
    #[error("`{0}` is no word that is known here")]
    Word(String),
    /// The line ends too early.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// It is something else.
    #[error("`{value}` is no {what}")]
    Value {
        /// What stands there.
        value: String,
        /// What should.
        what: &'static str,
    },
    /// Once is enough.
    #[error("`{0}` was said before")]
    Twice(String),
}

/// Between the modem and the night.
const NIGHT: &str = "---- night";

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// The first line that cannot be read.
    pub fn read(text: &str) -> Result<Self, ScriptError> {
        let mut lines = text
            .lines()
            .zip(1..)
            .map(|(line, number)| (number, bare(line)))
            .filter(|(_, line)| !line.is_empty());
        let head: Vec<(usize, &str)> =
            lines.by_ref().take_while(|(_, line)| *line != NIGHT).collect();
        let profile = head::read(&head)?;
        let step = |(line, words)| {
            let (when, act) = step(words).map_err(|misread| ScriptError { line, misread })?;
            Ok(Step { line, when, act })
        };
        Ok(Self { profile, night: lines.map(step).collect::<Result<_, _>>()? })
    }
}

fn step(line: &str) -> Result<(When, Act), Misread> {
    let (word, rest) = part(line);
    let timed = |when: fn(Duration) -> When| {
        let (length, rest) = part(rest);
        Ok((when(duration(length)?), act(rest)?))
    };
    match word {
        "at" => timed(When::At),
        "after" => timed(When::After),
        _ => Ok((When::Now, act(line)?)),
    }
}

fn act(line: &str) -> Result<Act, Misread> {
    let (word, rest) = part(line);
    let submit = |report| Ok(Act::Owner(Owner::Submit { text: said(rest, "a text")?, report }));
    match word {
        "" => Err(Misread::Missing("what happens")),
        "expect" => {
            let (words, within) = limited(rest)?;
            Ok(Act::Expect(words.parse()?, within))
        }
        "submit" => submit(false),
        "submit-with-report" => submit(true),
        "keep" => Ok(Act::Owner(Owner::Keep)),
        "delete" => Ok(Act::Owner(Owner::Delete)),
        _ => Ok(Act::Modem(line.parse()?)),
    }
}

/// `received "4711" within 5s`: the words, and the time they have.
fn limited(words: &str) -> Result<(&str, Duration), Misread> {
    match words.rsplit_once(" within ") {
        Some((words, limit)) if !limit.ends_with('"') => Ok((words.trim(), duration(limit)?)),
        _ => Ok((words, Duration::ZERO)),
    }
}

/// The line without its comment.
fn bare(line: &str) -> &str {
    let mut quoted = false;
    let mut begins = |at: usize, letter: char| {
        quoted ^= letter == '"';
        let (before, after) = line.split_at_checked(at).unwrap_or((line, ""));
        let alone = before.ends_with(' ') && (after == "#" || after.starts_with("# "));
        letter == '#' && !quoted && (at == 0 || alone)
    };
    let comment = line.char_indices().find(|(at, letter)| begins(*at, *letter));
    comment.and_then(|(at, _)| line.get(..at)).unwrap_or(line).trim()
}

/// The first word, and what follows it.
pub(super) fn part(line: &str) -> (&str, &str) {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    (word, rest.trim())
}

/// A text that is not empty, with or without quotation marks.
pub(super) fn said(text: &str, what: &'static str) -> Result<String, Misread> {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    if inner.is_empty() { Err(Misread::Missing(what)) } else { Ok(inner.to_owned()) }
}

/// Who rings up: a number, or `withheld`, which is `None`.
pub(super) fn caller(text: &str) -> Result<Option<String>, Misread> {
    Ok(Some(said(text, "the caller")?).filter(|caller| caller != "withheld"))
}

/// A number, or what else has one form.
pub(super) fn value<V: FromStr>(text: &str, what: &'static str) -> Result<V, Misread> {
    if text.is_empty() {
        return Err(Misread::Missing(what));
    }
    text.parse().map_err(|_| Misread::Value { value: text.to_owned(), what })
}

/// `200ms`, `5s` or `2m`.
pub(super) fn duration(text: &str) -> Result<Duration, Misread> {
    let what = "length of time, such as `5s`";
    let wrong = || Misread::Value { value: text.to_owned(), what };
    if text.is_empty() {
        return Err(Misread::Missing("the length of time"));
    }
    let end = text.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at_checked(end).ok_or_else(wrong)?;
    let number: u32 = value(number, what)?;
    match unit {
        "ms" => Ok(Duration::from_millis(number.into())),
        "s" => Ok(Duration::from_secs(number.into())),
        "m" => Ok(Duration::from_secs(u64::from(number).saturating_mul(60))),
        _ => Err(wrong()),
    }
}
