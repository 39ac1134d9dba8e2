//! A text that is JSON from end to end, counted before it is built: nesting that would fill the stack and values that would
//! fill the memory are refused by looking at each octet once.

use serde_json::Value as Json;

use super::{Limits, Oddity};

/// The JSON that a text is; none where it is something else and does not look like an object or an array either.
pub(super) fn read(text: &str, limits: &Limits) -> Result<Option<Json>, Oddity> {
    let is_container = text.starts_with(['{', '[']);
    if !is_container && !begins_like_a_scalar(text) {
        return Ok(None);
    }
    if is_container {
        count(text, limits)?;
    }
    match serde_json::from_str(text) {
        Ok(json) => Ok(Some(json)),
        Err(error) if is_container => Err(Oddity::NotJson(error.to_string())),
        Err(_) => Ok(None),
    }
}

fn begins_like_a_scalar(text: &str) -> bool {
    text.starts_with(['"', '-', 't', 'f', 'n'])
        || text.starts_with(|letter: char| letter.is_ascii_digit())
}

/// Counts brackets and commas outside of strings. On what is no JSON it may count wrongly; that is refused afterwards anyway,
/// and what it let pass was bounded all the same.
fn count(text: &str, limits: &Limits) -> Result<(), Oddity> {
    let (mut depth, mut values) = (0_usize, 0_usize);
    let (mut in_string, mut escaped) = (false, false);
    for octet in text.bytes() {
        if in_string {
            (in_string, escaped) = match octet {
                _ if escaped => (true, false),
                b'\\' => (true, true),
                b'"' => (false, false),
                _ => (true, false),
            };
            continue;
        }
        match octet {
            b'"' => in_string = true,
            b'{' | b'[' => (depth, values) = (depth + 1, values + 1),
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => values += 1,
            _ => {}
        }
        if depth > limits.depth {
            return Err(Oddity::TooDeep(limits.depth));
        }
        if values > limits.values {
            return Err(Oddity::TooManyValues(limits.values));
        }
    }
    Ok(())
}
