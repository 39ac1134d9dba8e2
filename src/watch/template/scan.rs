//! Finding the `{…}` of a template. What stands inside may hold braces, brackets and quotes.

use super::TemplateError;

/// A piece of a template.
#[derive(PartialEq, Debug)]
pub(super) enum Piece<'t> {
    /// Text, with doubled braces already single.
    Literal(&'t str),
    /// What stands between braces, and at which byte it begins.
    Expression { at: usize, source: &'t str },
}

/// Takes a template apart.
pub(super) fn pieces(template: &str) -> Result<Vec<Piece<'_>>, TemplateError> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(rest) = template.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(brace) = rest.find(['{', '}']) else {
            pieces.push(Piece::Literal(rest));
            break;
        };
        pieces.extend(rest.get(..brace).filter(|text| !text.is_empty()).map(Piece::Literal));
        let from_brace = rest.get(brace..).unwrap_or_default();
        let brace_at = at + brace;
        if let Some(doubled) = from_brace.get(..2).filter(|two| matches!(*two, "{{" | "}}")) {
            pieces.extend(doubled.get(..1).map(Piece::Literal));
            at = brace_at + 2;
        } else if from_brace.starts_with('}') {
            return Err(TemplateError {
                at: brace_at,
                problem: "this `}` closes nothing; a brace is written `}}`".into(),
            });
        } else {
            let inside = from_brace.get(1..).unwrap_or_default();
            let length = closing(inside).ok_or_else(|| TemplateError {
                at: brace_at,
                problem: "this `{` is never closed; a brace is written `{{`".into(),
            })?;
            let source = inside.get(..length).unwrap_or_default();
            if source.trim().is_empty() {
                return Err(TemplateError {
                    at: brace_at,
                    problem: "nothing stands between `{` and `}`".into(),
                });
            }
            pieces.push(Piece::Expression { at: brace_at + 1, source });
            at = brace_at + 1 + length + 1;
        }
    }
    Ok(pieces)
}

/// Where the expression ends: the byte of the brace that closes it.
fn closing(inside: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut letters = inside.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\'' | '"' => skip_text(letter, is_raw(inside, at), &mut letters)?,
            '{' | '[' | '(' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' | ']' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// Whether the quote at that byte opens a raw text, `r'…'`, in which a backslash is a backslash.
fn is_raw(inside: &str, at: usize) -> bool {
    let before = inside.get(..at).unwrap_or_default();
    let mut before = before.chars().rev();
    matches!(before.next(), Some('r' | 'R'))
        && !before.next().is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
}

/// Reads up to the quote that closes a text, which may be three quotes.
fn skip_text(quote: char, raw: bool, letters: &mut std::str::CharIndices<'_>) -> Option<()> {
    let mut opening = letters.clone().map(|(_, letter)| letter);
    let tripled = opening.next() == Some(quote) && opening.next() == Some(quote);
    if tripled {
        letters.nth(1)?;
    }
    let mut in_a_row = 0;
    loop {
        let (_, letter) = letters.next()?;
        in_a_row = if letter == quote { in_a_row + 1 } else { 0 };
        if letter == '\\' && !raw {
            letters.next()?;
        } else if in_a_row == if tripled { 3 } else { 1 } {
            return Some(());
        }
    }
}
