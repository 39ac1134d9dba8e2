//! Writing text that a sender chose into a file and into an expression, so that it stays text.

use std::fmt::Write;

/// A TOML string: as it is between single quotes where that is possible and easier to read.
pub(super) fn toml(text: &str) -> String {
    let easier =
        text.contains(['"', '\\']) && !text.contains('\'') && !text.contains(char::is_control);
    if easier { format!("'{text}'") } else { escaped(text) }
}

/// A text of an expression.
pub(super) fn cel(text: &str) -> String {
    escaped(text)
}

/// Between double quotes. TOML and the expression language escape alike what we escape.
fn escaped(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len().saturating_add(2));
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            _ if letter.is_control() => {
                write!(quoted, "\\u{:04X}", u32::from(letter))
                    .expect("a String takes whatever is written to it");
            }
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// The name of a table, made of a text: `linkDown` becomes `link-down`.
pub(super) fn name_of(text: &str, otherwise: &str) -> String {
    const LONGEST: usize = 40;
    let mut name = String::new();
    let mut previous = '-';
    for letter in text.chars() {
        let hump = letter.is_ascii_uppercase() && previous.is_ascii_lowercase();
        if (hump || !letter.is_ascii_alphanumeric()) && !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
        if letter.is_ascii_alphanumeric() {
            name.push(letter.to_ascii_lowercase());
        }
        previous = letter;
        if name.len() >= LONGEST {
            break;
        }
    }
    let name = name.trim_end_matches('-');
    if name.is_empty() { otherwise.to_owned() } else { name.to_owned() }
}
