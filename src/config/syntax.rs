//! TOML that is no TOML, told in the operator's words.
//!
//! A file with such a fault gives only these complaints: what its tables would have said is a
//! guess. A key that stands twice is the exception, for the rest of its file can be read.

use toml::Spanned;
use toml::de::DeTable;

use super::finding::{Finding, Findings, Place, quoted};
use super::source::Source;

/// So many faults of one file are told: after the first, many are echoes.
const FAULTS_LIMIT: usize = 5;

/// Keys whose values nobody may read; known here because a broken line has no tree.
const SECRET_KEYS: [&str; 6] = ["pin", "communit", "passphrase", "password", "secret", "credential"];

/// Reads one file; `None` if what it says cannot be known.
pub(super) fn parse<'s>(source: &'s Source, number: usize, findings: &mut Findings) -> Option<Spanned<DeTable<'s>>> {
    let (tree, errors) = DeTable::parse_recoverable(&source.text);
    let mut broken = 0_usize;
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        let place = Place::new(number, span.start, span.end);
        if error.message() == "duplicate key" {
            findings.add(duplicate(source, place));
            continue;
        }
        broken = broken.saturating_add(1);
        if broken <= FAULTS_LIMIT {
            hide_line(source, place, findings);
            let (sentence, help) = told(error.message(), source, place);
            findings.add(Finding::error(place, sentence).help(help));
        }
    }
    if broken > 0 {
        findings.unreadable(number);
        return None;
    }
    Some(tree)
}

fn duplicate(source: &Source, place: Place) -> Finding {
    let start = place.start.unwrap_or(0);
    let key = source.text.get(start..place.end).unwrap_or("");
    let (_, begin, line) = source.line_at(start);
    let header = line.trim_start().starts_with('[');
    let sentence = if header {
        format!("the table {} stands twice", line.split('#').next().unwrap_or(line).trim())
    } else {
        format!("the key {} stands twice", quoted(key))
    };
    let first = if header { first_header(source, begin, line) } else { first_key(source, start, key) };
    let finding = Finding::error(place, sentence).help("keep one of the two");
    match first {
        Some((start, end)) => finding.first(Place::new(place.source, start, end)),
        None => finding,
    }
}

/// Where the same header stood before: toml does not say.
fn first_header(source: &Source, begin: usize, line: &str) -> Option<(usize, usize)> {
    let plain = |line: &str| line.split('#').next().unwrap_or("").replace(char::is_whitespace, "");
    let wanted = plain(line);
    let mut at = 0_usize;
    for earlier in source.text.get(..begin)?.split_inclusive('\n') {
        if plain(earlier) == wanted {
            let open = at.saturating_add(earlier.len().saturating_sub(earlier.trim_start().len()));
            return Some((open, open.saturating_add(earlier.trim().len())));
        }
        at = at.saturating_add(earlier.len());
    }
    None
}

/// Where the same key stood before in this table: the nearest line above, up to the header, that
/// begins with it, or in the same line.
fn first_key(source: &Source, start: usize, key: &str) -> Option<(usize, usize)> {
    let mut end = start;
    for line in source.text.get(..start)?.split_inclusive('\n').rev() {
        let begin = end.saturating_sub(line.len());
        let found = line.match_indices(key).find(|(at, _)| {
            let before = line.get(..*at).unwrap_or("");
            let after = line.get(at.saturating_add(key.len())..).unwrap_or("");
            let alone = before.trim().is_empty() || before.trim_end().ends_with(['{', ',']);
            alone && after.trim_start().starts_with('=')
        });
        if let Some((at, _)) = found {
            let at = begin.saturating_add(at);
            return Some((at, at.saturating_add(key.len())));
        }
        if line.trim_start().starts_with('[') {
            return None;
        }
        end = begin;
    }
    None
}

/// Hides what may be a secret in a line that has no tree: all that stands after the `=` of a
/// secret key, or in the lines of a list that began there.
fn hide_line(source: &Source, place: Place, findings: &mut Findings) {
    const LINES_BACK: usize = 50;
    let (_, begin, line) = source.line_at(place.start.unwrap_or(0));
    let is_secret = |line: &str| {
        let lower = line.to_lowercase();
        SECRET_KEYS.iter().any(|key| lower.contains(key))
    };
    if is_secret(line) {
        let from = line.find('=').map_or(0, |at| at.saturating_add(1));
        let blank = line.get(from..).map_or(0, |rest| rest.len().saturating_sub(rest.trim_start().len()));
        let start = begin.saturating_add(from).saturating_add(blank);
        findings.hide(Place::new(place.source, start, begin.saturating_add(line.len())));
        return;
    }
    let above = source.text.get(..begin).unwrap_or("").lines().rev().take(LINES_BACK);
    let opener = above.into_iter().find(|line| line.contains('=') || line.trim_start().starts_with('['));
    if !line.contains('=') && opener.is_some_and(is_secret) {
        findings.hide(Place::new(place.source, begin, begin.saturating_add(line.len())));
    }
}

fn told(message: &str, source: &Source, place: Place) -> (String, String) {
    let (_, _, line) = source.line_at(place.start.unwrap_or(0));
    let told = |sentence: &str, help: &str| (sentence.to_owned(), help.to_owned());
    let description = message.split(", expected").next().unwrap_or(message);
    match description {
        "string values must be quoted" => told("this text is not in quotes", "put it in quotes: \"…\""),
        "key with no value" | "missing assignment between key-value pairs" => {
            told("a key stands here without `=` and a value", "write key = value")
        }
        "missing value for key" | "missing value" => told("the value is missing", "write a value after the `=`"),
        "unclosed table" => told("the `]` that ends this table's name is missing", "write [name]"),
        "unclosed array table" => told("the `]]` that ends this table's name is missing", "write [[name]]"),
        "unclosed array" => told("the `]` that ends this list is missing", "end the list with ]"),
        "unclosed inline table" => told("the `}` that ends this table is missing", "end the table with }"),
        "missing comma between array elements" => told("a comma is missing in this list", "write [\"a\", \"b\"]"),
        "missing comma between key-value pairs" => told("a comma is missing in this table", "write { a = 1, b = 2 }"),
        "extra `=`" => told("one `=` too many", "write key = value"),
        "unexpected key or value" => told("something stands after the value", "begin a new line, or put the text in quotes"),
        "cannot recurse further; max recursion depth met" => {
            told("the file is nested too deeply", "no table of Vigie's is nested more than five levels")
        }
        "invalid basic string" | "invalid literal string" if line.matches('"').count() % 2 == 1 => {
            told("the quote that ends this text is missing", "end the text with the quote with which it began")
        }
        _ => (format!("this is not TOML: {}", message.replace('\n', " ")), "see https://toml.io for how such a file is written".to_owned()),
    }
}
