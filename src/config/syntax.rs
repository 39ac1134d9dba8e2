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

/// So many things that stand twice are told: each is looked for in the whole file.
const TWICE_LIMIT: usize = 20;

/// How toml says that something stands twice.
const DUPLICATE: &str = "duplicate key";

/// Keys whose values nobody may read; known here because a broken line has no tree, and a key in the wrong table no type.
const SECRET_KEYS: [&str; 5] = ["communit", "passphrase", "password", "secret", "credential"];

/// Whether these words are, or hold, a key whose values nobody may read: in whatever table it was put.
pub(super) fn is_secret(words: &str) -> bool {
    let lower = words.to_lowercase();
    // A ping and what is flapping hold a PIN as letters alone.
    let has_pin =
        || lower.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == "pin");
    SECRET_KEYS.iter().any(|key| lower.contains(key)) || has_pin()
}

/// Reads one file; `None` if what it says cannot be known.
pub(super) fn parse<'s>(
    source: &'s Source,
    number: usize,
    findings: &mut Findings,
) -> Option<Spanned<DeTable<'s>>> {
    let (tree, errors) = DeTable::parse_recoverable(&source.text);
    let fault = |error: &toml::de::Error| {
        let span = error.span().unwrap_or(0..0);
        (Place::new(number, span.start, span.end), error.message().to_owned())
    };
    // A key in a list is an echo of a list above that does not end.
    let unended = errors.iter().any(|error| error.message().starts_with("unexpected `=` in array"));
    let (twice, broken): (Vec<_>, Vec<_>) =
        errors.iter().map(fault).partition(|(_, message)| message == DUPLICATE);
    let mut line = 0;
    let new_line = |(place, _): &&(Place, String)| {
        let above = std::mem::replace(&mut line, source.line_at(place.start.unwrap_or(0)).0);
        above != line
    };
    let told_of = if unended { 1 } else { FAULTS_LIMIT };
    for (place, message) in broken.iter().filter(new_line).take(told_of) {
        hide_line(source, *place, findings);
        let message = if unended { "unclosed array" } else { message };
        let (sentence, help) = told(message, source, *place);
        findings.add(Finding::error(*place, sentence).help(help));
    }
    duplicates(source, &twice, findings);
    if !broken.is_empty() {
        findings.unreadable(number);
        return None;
    }
    Some(tree)
}

/// Tells of what stands twice; of the keys under a header that stands twice, only the header.
fn duplicates(source: &Source, twice: &[(Place, String)], findings: &mut Findings) {
    let mut header_above = None;
    for (place, _) in twice.iter().take(TWICE_LIMIT) {
        let (number, _, line) = source.line_at(place.start.unwrap_or(0));
        if line.trim_start().starts_with('[') {
            header_above = Some(number);
        } else if header_above.is_some_and(|header| is_under(source, header, *place)) {
            continue;
        }
        let finding = duplicate(source, *place);
        for shown in [Some(*place), finding.first].into_iter().flatten() {
            hide_line(source, shown, findings);
        }
        findings.add(finding);
    }
}

/// Whether no other header stands between that line and this place.
fn is_under(source: &Source, header: usize, place: Place) -> bool {
    let above = source.text.get(..place.start.unwrap_or(0)).unwrap_or("");
    !above.lines().skip(header).any(|line| line.trim_start().starts_with('['))
}

fn duplicate(source: &Source, place: Place) -> Finding {
    let start = place.start.unwrap_or(0);
    let key = source.text.get(start..place.end).unwrap_or("");
    let (_, begin, line) = source.line_at(start);
    let header = line.trim_start().starts_with('[');
    if line.trim_start().starts_with("[[") {
        let sentence = format!(
            "{} makes a list of what is a table elsewhere",
            line.split('#').next().unwrap_or(line).trim()
        );
        return Finding::error(place, sentence)
            .help("write [TABLE.NAME] with one pair of brackets, and a name");
    }
    let sentence = if header {
        format!("the table {} stands twice", line.split('#').next().unwrap_or(line).trim())
    } else {
        format!("the key {} stands twice", quoted(key))
    };
    let first =
        if header { first_header(source, begin, line) } else { first_key(source, start, key) };
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
    if is_secret(line) {
        let from = line.find('=').map_or(0, |at| at.saturating_add(1));
        let blank =
            line.get(from..).map_or(0, |rest| rest.len().saturating_sub(rest.trim_start().len()));
        let start = begin.saturating_add(from).saturating_add(blank);
        findings.hide(Place::new(place.source, start, begin.saturating_add(line.len())));
        return;
    }
    let above = source.text.get(..begin).unwrap_or("").lines().rev().take(LINES_BACK);
    let opener =
        above.into_iter().find(|line| line.contains('=') || line.trim_start().starts_with('['));
    if !line.contains('=') && opener.is_some_and(is_secret) {
        findings.hide(Place::new(place.source, begin, begin.saturating_add(line.len())));
    }
}

/// What toml says, what we say, and what to do.
const FAULTS: [(&str, &str, &str); 14] = [
    ("string values must be quoted", "this text is not in quotes", "put it in quotes: \"…\""),
    ("key with no value", "a key stands here without `=` and a value", "write key = value"),
    (
        "missing assignment between key-value pairs",
        "a key stands here without `=` and a value",
        "write key = value",
    ),
    ("missing value for key", "the value is missing", "write a value after the `=`"),
    ("missing value", "the value is missing", "write a value after the `=`"),
    ("unclosed table", "the `]` that ends this table's name is missing", "write [name]"),
    ("unclosed array table", "the `]]` that ends this table's name is missing", "write [[name]]"),
    ("unclosed array", "the `]` that ends the list before this is missing", "end the list with ]"),
    ("unclosed inline table", "the `}` that ends this table is missing", "end the table with }"),
    (
        "missing comma between array elements",
        "a comma is missing in this list",
        "write [\"a\", \"b\"]",
    ),
    (
        "missing comma between key-value pairs",
        "a comma is missing in this table",
        "write { a = 1, b = 2 }",
    ),
    ("extra `=`", "one `=` too many", "write key = value"),
    (
        "unexpected key or value",
        "something stands after the value",
        "begin a new line, or put the text in quotes",
    ),
    (
        "cannot recurse further; max recursion depth met",
        "the file is nested too deeply",
        "no table of Vigie's is nested more than five levels",
    ),
];

fn told(message: &str, source: &Source, place: Place) -> (String, String) {
    let start = place.start.unwrap_or(0);
    let (_, _, line) = source.line_at(start);
    let told = |sentence: &str, help: &str| (sentence.to_owned(), help.to_owned());
    let description = message.split(", expected").next().unwrap_or(message);
    if let Some((_, sentence, help)) = FAULTS.iter().find(|(fault, ..)| *fault == description) {
        return told(sentence, help);
    }
    let is_word =
        source.text.get(start..place.end).is_some_and(|word| word.starts_with(char::is_alphabetic));
    let is_text = matches!(description, "invalid basic string" | "invalid literal string");
    if is_text && line.matches('"').count() % 2 == 1 {
        return told(
            "the quote that ends this text is missing",
            "end the text with the quote with which it began",
        );
    }
    if is_word && description.starts_with("invalid") && !is_text {
        return told("this is neither text in quotes nor a number", "put text in quotes: \"…\"");
    }
    let sentence = format!("this is not TOML: {message}");
    (sentence, "see https://toml.io for how such a file is written".to_owned())
}
