//! What no MIB file says, and what would cost its reader more than it weighs: it is looked for before mib-rs sees a file.
//!
//! # Decision (2026-11-27): a fence before mib-rs, and a bound behind it
//!
//! mib-rs 0.10 recurses into `SEQUENCE {` and `CHOICE {` without a limit (a few KiB end the process), makes a node of every beginning of an OID
//! (32 KiB ask for a GiB), and reads a file again for each module in it. A file that asks for that is left out, and the others are read. What
//! no look at one file finds (a chain of thousands of nodes, each beneath the last) meets the bounds of the child. Rejected: only
//! these bounds, for with the child all names would be gone.

/// Braces stand in one another no deeper; in makers' files two or three.
const DEEPEST: usize = 64;
/// An OID has no more arcs (RFC 2578 §3.5).
const MOST_ARCS: usize = 128;
/// No file holds more modules.
const MOST_MODULES: usize = 256;

/// Why the file is not read; `None` where it can be.
pub(super) fn refusal(octets: &[u8]) -> Option<String> {
    let (mut depth, mut deepest, mut words, mut most_words, mut modules) =
        (0_usize, 0_usize, 0_usize, 0_usize, 0_usize);
    for piece in Pieces(octets) {
        match piece {
            Piece::Open => depth = depth.saturating_add(1),
            Piece::Close => depth = depth.saturating_sub(1),
            Piece::Word(b"DEFINITIONS") => modules = modules.saturating_add(1),
            Piece::Word(_) | Piece::Other => {}
        }
        words = match piece {
            Piece::Word(_) if depth > 0 => words.saturating_add(1),
            Piece::Word(_) | Piece::Open | Piece::Close | Piece::Other => 0,
        };
        (deepest, most_words) = (deepest.max(depth), most_words.max(words));
    }
    if deepest > DEEPEST {
        Some("it is nested too deeply".to_owned())
    } else if most_words > MOST_ARCS {
        Some(format!("it has an OID of more than {MOST_ARCS} arcs"))
    } else if modules > MOST_MODULES {
        Some(format!("it holds more than {MOST_MODULES} modules"))
    } else {
        None
    }
}

/// What stands between blanks; texts and comments are none of it. Parentheses belong to a word: `iso(1)`.
enum Piece<'o> {
    Open,
    Close,
    Word(&'o [u8]),
    Other,
}

struct Pieces<'o>(&'o [u8]);

impl<'o> Iterator for Pieces<'o> {
    type Item = Piece<'o>;

    fn next(&mut self) -> Option<Piece<'o>> {
        loop {
            let (first, rest) = self.0.split_first()?;
            let end = match (first, rest.first()) {
                (b'-', Some(b'-')) => comment(rest),
                (b'"', _) => {
                    let text = rest.iter().position(|octet| *octet == b'"');
                    self.0 = rest.get(text.map_or(rest.len(), |end| end.saturating_add(1))..)?;
                    return Some(Piece::Other);
                }
                (blank, _) if blank.is_ascii_whitespace() => 0,
                (letter, _) if is_of_word(*letter) => {
                    let end = self.0.iter().position(|octet| !is_of_word(*octet));
                    let (word, rest) = self.0.split_at_checked(end.unwrap_or(self.0.len()))?;
                    self.0 = rest;
                    return Some(Piece::Word(word));
                }
                (other, _) => {
                    self.0 = rest;
                    return Some(match other {
                        b'{' => Piece::Open,
                        b'}' => Piece::Close,
                        _ => Piece::Other,
                    });
                }
            };
            self.0 = rest.get(end..)?;
        }
    }
}

/// Where a comment ends that begins one octet before: at the end of its line, or at two hyphens.
fn comment(rest: &[u8]) -> usize {
    let mut before = 0;
    let ends = |octet: &u8| {
        let ended = *octet == b'\n' || (*octet == b'-' && before == b'-');
        before = *octet;
        ended
    };
    let end = rest.iter().skip(1).position(ends);
    end.map_or(rest.len(), |end| end.saturating_add(2))
}

fn is_of_word(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.' | b'(' | b')')
}

#[cfg(test)]
mod tests {
    use super::refusal;

    fn module(rest: &str) -> Vec<u8> {
        format!("A-MIB DEFINITIONS ::= BEGIN\n{rest}END\n").into_bytes()
    }

    #[test]
    fn what_would_cost_more_than_it_weighs_is_left_out_with_a_reason() {
        let refused = |rest: &str| refusal(&module(rest)).unwrap_or_default();
        assert!(refused(&"SEQUENCE { a ".repeat(65)).contains("nested too deeply"));
        assert!(refused(&format!("a ::= {{ iso {}}}", "1 ".repeat(128))).contains("128 arcs"));
        assert!(refused(&"B-MIB DEFINITIONS ::= BEGIN END\n".repeat(256)).contains("256 modules"));
    }

    #[test]
    fn braces_in_texts_and_comments_are_none_and_a_makers_file_is_read() {
        let text = format!("DESCRIPTION \"{}\" ", "{ a ".repeat(100));
        let comments = "-- { -- a ::= { iso 1 } --- {\n".repeat(100);
        let list = format!("INTEGER {{ {} z(0) }}\n", "on(1), ".repeat(500));
        for sound in [&text, &comments, &list] {
            assert_eq!(refusal(&module(sound)), None, "{sound:.60}");
        }
        assert_eq!(refusal(b""), None);
        assert_eq!(refusal(b"\"never ended"), None);
        assert_eq!(refusal(b"--"), None);
    }
}
