//! Writing text that a sender chose into a file and into an expression, so that it stays text.

use std::fmt::Write;

use crate::watch::letters::is_unseen;

/// A TOML string: as it is between single quotes where that is possible and easier to read.
pub(super) fn toml(text: &str) -> String {
    let easier = text.contains(['"', '\\']) && !text.contains('\'') && !text.contains(is_unseen);
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
            _ if is_unseen(letter) => {
                let (mark, digits) = if letter <= '\u{ffff}' { ('u', 4) } else { ('U', 8) };
                write!(quoted, "\\{mark}{:0digits$X}", u32::from(letter))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_that_nobody_sees_is_written_by_its_number() {
        assert_eq!(toml("a\\\u{202e}b\u{e0041}\u{ad}"), r#""a\\\u202Eb\U000E0041\u00AD""#);
        assert_eq!(toml("C:\\temp"), r"'C:\temp'");
    }
}
