//! The language's complaints in the operator's words.

use cel::parser::{ParseError, ParseErrors};

use super::ExpressionError;
use cel::common::ast::operators;

/// How much of a value a complaint quotes, in letters.
const QUOTED: usize = 80;

/// The parser's first complaint in the operator's words.
pub(super) fn complaint(source: &str, errors: &ParseErrors) -> ExpressionError {
    let Some(first) = errors.errors.first() else {
        return ExpressionError { at: None, problem: "the expression cannot be read".to_owned() };
    };
    let at = byte_at(source, first);
    let unexpected = first.msg.split('\'').nth(1).unwrap_or_default().trim();
    let problem = match unexpected {
        "<EOF>" => "the expression ends too early".to_owned(),
        "=" => "`=` is not expected here; a comparison is written `==`".to_owned(),
        "and" | "AND" => "`and` is written `&&`".to_owned(),
        "or" | "OR" => "`or` is written `||`".to_owned(),
        "not" | "NOT" => "`not` is written `!`".to_owned(),
        "&" => "`&` is not expected here; and is written `&&`".to_owned(),
        "|" => "`|` is not expected here; or is written `||`".to_owned(),
        _ if first.msg.contains("has()") => {
            "`has` is given a name with a dot: `has(json.temperature)`".to_owned()
        }
        _ if first.msg.contains("Recursion limit") => {
            "the expression is nested too deep".to_owned()
        }
        _ if first.msg.contains("int literal") => "the number is too large".to_owned(),
        text if first.msg.contains("token recognition")
            && (text.is_empty() || text.starts_with('"')) =>
        {
            "the text that begins here is not closed, or a backslash in it stands for nothing"
                .to_owned()
        }
        _ if first.msg.starts_with("Syntax error: ") => {
            format!("`{}` is not expected here", shortened(unexpected))
        }
        _ => format!("the expression cannot be read: {}", shortened(&first.msg.replace('\n', " "))),
    };
    ExpressionError { at, problem }
}

/// The byte of the parser's line and column, both of which begin at one.
fn byte_at(source: &str, error: &ParseError) -> Option<usize> {
    let line = usize::try_from(error.pos.0).ok()?.checked_sub(1)?;
    let column = usize::try_from(error.pos.1).ok()?.checked_sub(1)?;
    let before: usize = source.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = source.get(before..)?;
    Some(before + rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at))
}

/// An operator as people write it.
pub(super) fn written_operator(name: &str) -> &str {
    match name {
        "@in" => "in",
        operators::INDEX => "[…]",
        "_._" => ".",
        operators::CONDITIONAL => "? :",
        "rem" => "%",
        "add" => "+",
        "sub" => "-",
        "mul" => "*",
        "div" => "/",
        other => other.trim_matches('_'),
    }
}

/// A type of the language, in words.
pub(super) fn type_in_words(name: &str) -> &'static str {
    match name {
        "string" => "text",
        "int" | "uint" => "a whole number",
        "double" => "a number",
        "bool" => "true or false",
        "null_type" => "nothing",
        _ if name.starts_with("list") => "a list",
        _ if name.starts_with("map") => "a map",
        _ => "such a value",
    }
}

/// `text, a number and a list`.
pub(super) fn listed<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let words: Vec<&str> = words.into_iter().collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => (*last).to_owned(),
        None => "nothing".to_owned(),
    }
}

/// The beginning of a text, for a complaint.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(QUOTED).and_then(|(end, _)| text.get(..end)) {
        Some(beginning) => format!("{beginning}…"),
        None => text.to_owned(),
    }
}

/// The place in a list, as it was written.
pub(super) fn element_name(place: &cel::Value) -> String {
    match place {
        cel::Value::Int(place) => place.to_string(),
        cel::Value::UInt(place) => place.to_string(),
        other => shortened(&format!("{other:?}")),
    }
}

/// The kind of a value, in words.
pub(super) fn kind_in_words(value: &cel::Value) -> &'static str {
    type_in_words(match value {
        cel::Value::List(_) => "list",
        cel::Value::Map(_) => "map",
        cel::Value::Int(_) => "int",
        cel::Value::UInt(_) => "uint",
        cel::Value::Float(_) => "double",
        cel::Value::String(_) => "string",
        cel::Value::Bool(_) => "bool",
        cel::Value::Null => "null_type",
        _ => "",
    })
}
