//! What no MIB file says, and what would cost its reader more than it weighs: it is looked for before mib-rs builds anything of a file.
//!
//! # Decision (2026-11-27): a fence before mib-rs, and a bound behind it
//!
//! mib-rs 0.10 recurses into `SEQUENCE {`, `CHOICE {` and `[1]` without a limit (a few KiB end the process), makes a node of every beginning of an
//! OID (32 KiB ask for a GiB), reads a file again for each module in it, and looks at each name that a module imports as often as it imports
//! names (8,000 take 0.14 s, four times as many sixteen times as long). A file that asks for that is left out, and the others are read. What
//! no look at one file finds (a chain of thousands of nodes, each beneath the last) meets the bounds of the child. Rejected: only
//! these bounds, for with the child all names would be gone.
//!
//! # Decision (2026-11-27): the fence reads by mib-rs's own tokens
//!
//! What ends a comment, quotes a quote, or is passed over whole (a MACRO, what is EXPORTed, the rest of a line after a letter that no MIB has) is
//! decided by mib-rs: whatever else reads the same file reads another text somewhere, and there a bomb fits. Its tokens take no more memory here
//! than a moment later, when it looks for modules in the same way. Rejected: a reader of our own, which was one and took `\r` for no end of a line.

use std::sync::Arc;

use mib_rs::token::{SyntaxKind, tokenize_with_config};
use mib_rs::{DiagnosticConfig, SourceOrigin, SourceSet};

/// Braces stand in one another no deeper; in makers' files two or three.
const DEEPEST: usize = 64;
/// So many tags stand before a type; in makers' files one.
const MOST_TAGS: usize = 8;
/// An OID has no more arcs (RFC 2578 §3.5).
const MOST_ARCS: usize = 128;
/// No file holds more modules.
const MOST_MODULES: usize = 256;

/// No module imports more names; makers' do a hundred.
const MOST_IMPORTS: usize = 2_048;

/// Why the file is not read; `None` where it can be.
pub(super) fn refusal(octets: &[u8]) -> Option<String> {
    let mut sources = SourceSet::new();
    let id = match sources.insert(SourceOrigin::memory("fence"), "fence", Arc::from(octets)) {
        Ok(id) => id,
        Err(error) => return Some(error.to_string()),
    };
    let (tokens, _) = tokenize_with_config(sources.get(id)?, &DiagnosticConfig::silent());
    let mut weight = Weight::default();
    tokens.iter().for_each(|token| weight.add(token.kind));
    if weight.deepest > DEEPEST || weight.most_tags > MOST_TAGS {
        Some("it is nested too deeply".to_owned())
    } else if weight.most_arcs > MOST_ARCS {
        Some(format!("it has an OID of more than {MOST_ARCS} arcs"))
    } else if weight.modules > MOST_MODULES {
        Some(format!("it holds more than {MOST_MODULES} modules"))
    } else if weight.most_imports > MOST_IMPORTS {
        Some(format!("a module of it imports more than {MOST_IMPORTS} names"))
    } else {
        None
    }
}

/// What of a file costs more than it weighs.
#[derive(Default)]
struct Weight {
    depth: usize,
    deepest: usize,
    /// Of the type that is being read.
    tags: usize,
    most_tags: usize,
    /// Of the OID that is being read.
    arcs: usize,
    most_arcs: usize,
    modules: usize,
    /// Of the module whose IMPORTS are being read.
    imports: Option<usize>,
    most_imports: usize,
    /// A parenthesis has just been opened: what follows is the number of the arc that was named before it, `iso(1)`.
    is_numbered: bool,
}

impl Weight {
    fn add(&mut self, kind: SyntaxKind) {
        self.add_import(kind);
        let was_numbered = std::mem::take(&mut self.is_numbered);
        let (mut arcs, mut tags) = (0, 0);
        match kind {
            SyntaxKind::Comment => (arcs, tags) = (self.arcs, self.tags),
            SyntaxKind::LBrace => self.depth = self.depth.saturating_add(1),
            SyntaxKind::RBrace => self.depth = self.depth.saturating_sub(1),
            SyntaxKind::KwDefinitions => self.modules = self.modules.saturating_add(1),
            SyntaxKind::LBracket => tags = self.tags.saturating_add(1),
            SyntaxKind::RBracket
            | SyntaxKind::KwApplication
            | SyntaxKind::KwUniversal
            | SyntaxKind::KwImplicit => tags = self.tags,
            SyntaxKind::LParen => (arcs, self.is_numbered) = (self.arcs, true),
            SyntaxKind::RParen | SyntaxKind::Dot => arcs = self.arcs,
            SyntaxKind::Number => {
                let more = usize::from(self.depth > 0 && !was_numbered);
                (arcs, tags) = (self.arcs.saturating_add(more), self.tags);
            }
            word if self.depth > 0 && (word.is_identifier() || word.is_keyword()) => {
                arcs = self.arcs.saturating_add(1);
            }
            _ => {}
        }
        (self.arcs, self.tags) = (arcs, tags);
        self.deepest = self.deepest.max(self.depth);
        self.most_arcs = self.most_arcs.max(arcs);
        self.most_tags = self.most_tags.max(tags);
    }

    /// Names between IMPORTS and its end; where the semicolon is forgotten, the first definition is that.
    fn add_import(&mut self, kind: SyntaxKind) {
        self.imports = match kind {
            SyntaxKind::KwImports => Some(0),
            SyntaxKind::Semicolon | SyntaxKind::ColonColonEqual | SyntaxKind::KwDefinitions => None,
            word if word.is_identifier() || word.is_keyword() => {
                self.imports.map(|imports| imports.saturating_add(1))
            }
            _ => self.imports,
        };
        self.most_imports = self.most_imports.max(self.imports.unwrap_or_default());
    }
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
        assert!(refused(&format!("T ::= {}INTEGER\n", "[1] ".repeat(20_000))).contains("nested"));
        assert!(refused(&format!("a ::= {{ iso {}}}", "1 ".repeat(128))).contains("128 arcs"));
        assert!(refused(&"B-MIB DEFINITIONS ::= BEGIN END\n".repeat(256)).contains("256 modules"));
        let imports = |count: usize| format!("IMPORTS {}s FROM B-MIB;\n", "s, ".repeat(count));
        assert!(refused(&imports(2_048)).contains("2048 names"));
        assert_eq!(refused(&imports(2_000).repeat(3)), "");
        assert_eq!(
            refused(&format!("IMPORTS s FROM B-MIB\nt ::= {}", "u ::= v ".repeat(5_000))),
            ""
        );
    }

    #[test]
    fn no_comment_text_or_body_hides_what_mib_rs_reads() {
        let deep = format!("T ::= {}\n", "SEQUENCE { a ".repeat(20_000));
        for before in [
            "-- the line ends here for mib-rs \r",
            "-- or here ---\r",
            "a-- \" a word has ended\n",
            "'\"' ",
            "'-- no comment' ",
            "M MACRO ::= BEGIN -- \" \rEND ",
            "EXPORTS a \" b ; ",
            "$ \" the rest of the line is nothing\n",
            "\u{e9} -- \" nor is it here\r",
            "_\" nor here\n",
        ] {
            let refused = refusal(&module(&format!("{before}{deep}")));
            assert!(refused.is_some_and(|why| why.contains("nested too deeply")), "{before:?}");
        }
    }

    #[test]
    fn braces_in_texts_and_comments_are_none_and_a_makers_file_is_read() {
        let text = format!("DESCRIPTION \"{}\" ", "{ a ".repeat(100));
        let comments = "-- { -- a ::= { iso 1 } --- {\n".repeat(100);
        let list = format!("INTEGER {{ {} z(0) }}\n", "on(1), ".repeat(500));
        let named = format!("a ::= {{ {}}}\n", "x(1) ".repeat(100));
        for sound in [&text, &comments, &list, &named] {
            assert_eq!(refusal(&module(sound)), None, "{sound:.60}");
        }
        assert_eq!(refusal(b""), None);
        assert_eq!(refusal(b"\"never ended"), None);
        assert_eq!(refusal(b"--"), None);
    }
}
