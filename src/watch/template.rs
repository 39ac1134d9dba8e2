//! Templates: text with `{…}` in it, for the key and the text of an alarm.
//!
//! What stands between braces is an [expression](super::expression); `{{` and `}}` are braces.
//! Rendering never fails: a field that is absent, or an expression that cannot be evaluated, reads
//! `?`, because a text with a hole in it still wakes the right person. Control characters become
//! spaces, so that no sender breaks a line of ours. What is too long ends in a hash of the whole,
//! so that two long keys never coincide.

mod scan;
#[cfg(test)]
mod tests;

use std::fmt::Write;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::expression::Expression;
use super::signal::Signal;
use scan::Piece;

/// Text with expressions in it, read and compiled.
#[derive(Clone, Debug)]
pub struct Template {
    source: Arc<str>,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    /// The same for every signal.
    Literal(Arc<str>),
    /// To be put together for each.
    Parts(Vec<Part>),
}

#[derive(Clone, Debug)]
enum Part {
    Literal(Box<str>),
    Expression(Expression),
}

/// A template that cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{problem}")]
pub struct TemplateError {
    /// The byte of the template where it goes wrong.
    pub at: usize,
    /// What is wrong, in a sentence without a full stop.
    pub problem: String,
}

/// What a template reads for a signal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rendered {
    /// The text.
    pub text: Arc<str>,
    /// Whether it was longer than allowed, and cut.
    pub cut: bool,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// [`TemplateError`], with the place, where a brace is left open or an expression cannot be compiled.
    pub fn parse(source: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        for piece in scan::pieces(source)? {
            match piece {
                Piece::Literal(text) => literal.push_str(text),
                Piece::Expression { at, source } => {
                    if !literal.is_empty() {
                        parts.push(Part::Literal(std::mem::take(&mut literal).into()));
                    }
                    let expression =
                        Expression::compile(source).map_err(|error| TemplateError {
                            at: at.saturating_add(error.at.unwrap_or(0)),
                            problem: error.problem,
                        })?;
                    parts.push(Part::Expression(expression));
                }
            }
        }
        let content = if parts.is_empty() {
            Content::Literal(without_controls(&literal).into())
        } else {
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.into()));
            }
            Content::Parts(parts)
        };
        Ok(Self { source: source.into(), content })
    }

    /// A template that reads the same for every signal; braces in it are braces.
    pub fn constant(text: &str) -> Self {
        Self { source: text.into(), content: Content::Literal(without_controls(text).into()) }
    }

    /// The template as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The fields that its expressions name; one that several name comes several times.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.expressions().flat_map(Expression::names)
    }

    /// Its expressions, in the order of the text.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let parts: &[Part] = match &self.content {
            Content::Literal(_) => &[],
            Content::Parts(parts) => parts,
        };
        parts.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Expression(expression) => Some(expression),
        })
    }

    /// The text, when it is the same for every signal.
    pub fn literal(&self) -> Option<&str> {
        match &self.content {
            Content::Literal(text) => Some(text),
            Content::Parts(_) => None,
        }
    }

    /// The text around the expressions, which every rendering contains: what a check of letters
    /// and lengths can know beforehand.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        let (whole, parts): (Option<&str>, &[Part]) = match &self.content {
            Content::Literal(text) => (Some(text), &[]),
            Content::Parts(parts) => (None, parts),
        };
        whole.into_iter().chain(parts.iter().filter_map(|part| match part {
            Part::Literal(text) => Some(&**text),
            Part::Expression(_) => None,
        }))
    }

    /// What it reads for this signal, in at most so many bytes.
    pub fn render(&self, signal: &Signal, limit: usize) -> Rendered {
        let parts = match &self.content {
            Content::Literal(text) if text.len() <= limit => {
                return Rendered { text: Arc::clone(text), cut: false };
            }
            Content::Literal(text) => return cut(text, limit),
            Content::Parts(parts) => parts,
        };
        let mut text = String::with_capacity(self.source.len().saturating_mul(2));
        for part in parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Expression(expression) => append(expression, signal, &mut text),
            }
        }
        if text.contains(char::is_control) {
            text = without_controls(&text);
        }
        if text.len() <= limit {
            Rendered { text: text.into(), cut: false }
        } else {
            cut(&text, limit)
        }
    }
}

fn append(expression: &Expression, signal: &Signal, text: &mut String) {
    let before = text.len();
    let written = match expression.lone_field(signal) {
        Some(field) => field.is_ok_and(|field| write!(text, "{field}").is_ok()),
        None => expression.evaluate(signal).is_ok_and(|value| write!(text, "{value}").is_ok()),
    };
    if !written {
        text.truncate(before);
        text.push('?');
    }
}

fn without_controls(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// The beginning of a text that is too long, and a hash of all of it.
fn cut(text: &str, limit: usize) -> Rendered {
    let hash = Sha256::digest(text.as_bytes());
    let mut ending = String::from("#");
    for byte in hash.iter().take(8) {
        write!(ending, "{byte:02x}").expect("a String takes whatever is written to it");
    }
    let end = text.floor_char_boundary(limit.saturating_sub(ending.len()));
    let beginning = text.get(..end).unwrap_or_default();
    Rendered { text: format!("{beginning}{ending}").into(), cut: true }
}
