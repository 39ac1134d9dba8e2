//! A complaint: where, what, and what to do, as the operator reads it.
//!
//! It shows the line of the file with carets under what is wrong. What is secret is never shown,
//! and what a terminal would obey instead of showing is made visible.

use std::fmt::{Display, Formatter, Write};
use std::sync::Arc;

use super::finding::{Finding, Findings, Place, Severity};
use super::source::Source;
use crate::watch::letters::is_unseen;

/// So much of a line is shown before what is wrong.
const BEFORE: usize = 80;
/// So much of what is wrong is shown.
const WRONG: usize = 80;
/// So much of a line is shown after what is wrong.
const AFTER: usize = 60;
/// The columns of a tab: fewer than a terminal's, and the same above the carets and below.
const TAB: &str = "    ";

/// One thing that is wrong with the files. `Display` is what the terminal shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Complaint {
    /// Whether it is refused.
    pub severity: Severity,
    /// The file, as it was named.
    pub file: Arc<str>,
    /// What it points at; `None`: the file as a whole.
    pub excerpt: Option<Excerpt>,
    /// What is wrong: one sentence.
    pub sentence: String,
    /// The other place that it is about, where there are two.
    pub first: Option<(Arc<str>, Excerpt)>,
    /// What to do about it.
    pub help: Option<String>,
}

/// One line of a file, and what of it is meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Excerpt {
    /// The number of the line, from 1.
    pub line: usize,
    /// Where in it the carets begin, in characters, from 1.
    pub column: usize,
    /// The line as it is shown: secrets masked, too long ends cut.
    pub shown: String,
    /// How many columns stand before the carets.
    pub indent: usize,
    /// How many carets, one for each column that is meant.
    pub carets: usize,
}

/// All findings as complaints: by file and position, each once.
pub(super) fn complaints(sources: &[Source], findings: Findings) -> Vec<Complaint> {
    let beyond = findings.beyond();
    let severity = if findings.errors() > 0 { Severity::Error } else { Severity::Warning };
    let Findings { mut list, secrets, .. } = findings;
    list.sort_by(|left, right| {
        (left.place, left.severity, &left.sentence).cmp(&(
            right.place,
            right.severity,
            &right.sentence,
        ))
    });
    let mut complaints: Vec<Complaint> =
        list.into_iter().map(|finding| complaint(sources, &secrets, finding)).collect();
    complaints.dedup();
    if beyond > 0 {
        complaints.push(Complaint {
            severity,
            file: sources.first().map_or_else(|| Arc::from(""), |source| Arc::clone(&source.name)),
            excerpt: None,
            sentence: format!("{beyond} more complaints are not shown"),
            first: None,
            help: Some("put right what is shown first".to_owned()),
        });
    }
    complaints
}

fn complaint(sources: &[Source], secrets: &[Place], finding: Finding) -> Complaint {
    let file = |place: Place| {
        sources.get(place.source).map_or_else(|| Arc::from(""), |source| Arc::clone(&source.name))
    };
    let excerpt = |place: Place| Excerpt::of(sources.get(place.source)?, secrets, place);
    Complaint {
        severity: finding.severity,
        file: file(finding.place),
        excerpt: excerpt(finding.place),
        first: finding.first.and_then(|place| Some((file(place), excerpt(place)?))),
        sentence: finding.sentence,
        help: finding.help,
    }
}

impl Excerpt {
    fn of(source: &Source, secrets: &[Place], place: Place) -> Option<Self> {
        let start = place.start?.min(source.text.len());
        let (line, begin, text) = source.line_at(start);
        // Only the secrets that can be in view: a hostile file has a hundred thousand.
        let view = start.saturating_sub(4 * BEFORE)..start.saturating_add(4 * (WRONG + AFTER));
        let in_view = |secret: &&Place| {
            secret.start.is_some_and(|from| from < view.end) && view.start < secret.end
        };
        let hidden: Vec<&Place> =
            secrets.iter().filter(|secret| secret.source == place.source).filter(in_view).collect();
        let is_hidden = |at: usize| {
            hidden
                .iter()
                .any(|secret| secret.start.is_some_and(|start| start <= at) && at < secret.end)
        };
        let before = text.get(..start.saturating_sub(begin)).unwrap_or(text);
        let column = before.chars().count().saturating_add(1);
        let mut drawing = Drawing::default();
        let skipped = column.saturating_sub(1).saturating_sub(BEFORE);
        if skipped > 0 {
            drawing.draw("… ");
        }
        for (at, letter) in before.char_indices().skip(skipped) {
            drawing.letter(letter, is_hidden(begin.saturating_add(at)));
        }
        let indent = drawing.width;
        let wrong = text.get(before.len()..).unwrap_or("");
        let length = place.end.saturating_sub(start);
        let mut rest = wrong.char_indices().peekable();
        for _ in 0..WRONG {
            let Some((at, letter)) = rest.next_if(|(at, _)| *at < length) else {
                break;
            };
            drawing.letter(letter, is_hidden(start.saturating_add(at)));
        }
        let carets = drawing.width.saturating_sub(indent).max(1);
        for (at, letter) in rest.by_ref().take(AFTER) {
            drawing.letter(letter, is_hidden(start.saturating_add(at)));
        }
        if rest.next().is_some() {
            drawing.draw(" …");
        }
        Some(Self { line, column, shown: drawing.text.trim_end().to_owned(), indent, carets })
    }
}

/// A line as it grows, and how many columns of a terminal it takes.
#[derive(Default)]
struct Drawing {
    text: String,
    width: usize,
    hiding: bool,
}

impl Drawing {
    fn draw(&mut self, text: &str) {
        self.text.push_str(text);
        self.width = self.width.saturating_add(text.chars().map(columns).sum());
    }

    /// One letter; of a stretch that is hidden, three stars whatever its length.
    fn letter(&mut self, letter: char, hidden: bool) {
        if hidden && !self.hiding {
            self.draw("***");
        } else if !hidden {
            let mut shown = String::new();
            push_visible(&mut shown, letter);
            self.draw(if letter == '\t' { TAB } else { &shown });
        }
        self.hiding = hidden;
    }
}

/// A letter that a terminal would obey is shown by its picture or its number.
fn push_visible(shown: &mut String, letter: char) {
    let code = u32::from(letter);
    let picture = match code {
        0..=0x1f => char::from_u32(0x2400_u32.saturating_add(code)),
        0x7f => Some('\u{2421}'),
        _ => None,
    };
    match picture {
        Some(picture) => shown.push(picture),
        None if is_unseen(letter) => shown.extend(letter.escape_unicode()),
        None => shown.push(letter),
    }
}

fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    text.chars().for_each(|letter| push_visible(&mut shown, letter));
    shown
}

/// The columns that a terminal gives a letter: two for the wide scripts of East Asia and for
/// emoji, none for an accent that stands on the letter before.
fn columns(letter: char) -> usize {
    match u32::from(letter) {
        0x0300..=0x036f => 0,
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

impl Complaint {
    /// Whether the daemon refuses to start with it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl Display for Complaint {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&visible(&self.file))?;
        if let Some(excerpt) = &self.excerpt {
            write!(f, ":{}:{}", excerpt.line, excerpt.column)?;
        }
        let warning = match self.severity {
            Severity::Error => "",
            Severity::Warning => "warning: ",
        };
        write!(f, ": {warning}{}", visible(&self.sentence))?;
        if let Some(excerpt) = &self.excerpt {
            write!(f, "{excerpt}")?;
        }
        if let Some((file, excerpt)) = &self.first {
            write!(
                f,
                "\n  = also: {}:{}:{}{excerpt}",
                visible(file),
                excerpt.line,
                excerpt.column
            )?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n  = help: {}", visible(help))?;
        }
        Ok(())
    }
}

impl Display for Excerpt {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let mut carets = " ".repeat(self.indent);
        carets.extend(std::iter::repeat_n('^', self.carets));
        f.write_str("\n  |")?;
        if !self.shown.is_empty() {
            f.write_char(' ')?;
            f.write_str(&self.shown)?;
        }
        write!(f, "\n  | {carets}")
    }
}
