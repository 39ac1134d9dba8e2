//! Reading an expression: its bounds, its faults in the operator's words, and the fields it names.
//!
//! The parser and the interpreter of the language go down into an expression by calling
//! themselves, so a source is bounded before the one and its tree before the other. Loops (`map`,
//! `exists` and their like) do not stand in one another: a signal's sender decides how long lists
//! are, and would decide how long we take.

use cel::Env;
use cel::common::ast::{EntryExpr, Expr, IdedExpr, operators};

use super::ExpressionError;
use super::arithmetic::RENAMED;
use super::traps;
use super::words::complaint;

/// A source is no longer than this, in bytes.
const LENGTH: usize = 4_096;
/// Brackets stand in one another no deeper than this.
const NESTING: usize = 24;
/// A source has no more operators and brackets than this: each may be one step down.
const OPERATORS: usize = 400;
/// The tree is no deeper than this. The interpreter takes some 45 KiB of stack for each level when
/// it is not optimised, and threads have 2 MiB.
const DEPTH: usize = 24;

/// What an expression can call, besides its operators. The language knows more: what is left out
/// takes time that grows faster than its text (`replace`, `indexOf`), or has no use here.
const FUNCTIONS: [&str; 7] = ["size", "string", "int", "uint", "double", "bool", "type"];

/// The functions of a value: `text.contains('…')`. Only `size` is both.
const FUNCTIONS_OF_A_VALUE: [&str; 10] = [
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "lowerAscii",
    "upperAscii",
    "trim",
    "split",
    "substring",
    "charAt",
];

/// Reads a source into a tree that can be evaluated.
pub(super) fn parse(language: &Env, source: &str) -> Result<IdedExpr, ExpressionError> {
    check_bounds(source)?;
    let (mut tree, places) = language
        .parser()
        .parse_with_source_info(source)
        .map_err(|errors| complaint(source, &errors))?;
    let place = |id| {
        places.offset_for(id).and_then(|(start, _)| byte_of(source, usize::try_from(start).ok()?))
    };
    Walk { place: &place }.check(&mut tree, DEPTH, false)?;
    Ok(tree)
}

/// Refuses, before the parser sees it, what would lead it too deep.
fn check_bounds(source: &str) -> Result<(), ExpressionError> {
    let refuse = |at, problem: String| Err(ExpressionError { at: Some(at), problem });
    if source.trim().is_empty() {
        return refuse(0, "the expression is empty".to_owned());
    }
    if source.len() > LENGTH {
        return refuse(0, format!("the expression is longer than {LENGTH} bytes"));
    }
    let (mut depth, mut operators, mut quote, mut escaped) = (0_usize, 0_usize, None, false);
    for (at, letter) in source.char_indices() {
        match (quote, letter) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if letter == open => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        let counts = quote.is_none()
            && letter.is_ascii_punctuation()
            && !matches!(letter, ',' | '_' | '\'' | '"');
        operators += usize::from(counts);
        if depth > NESTING {
            return refuse(at, format!("brackets stand in one another deeper than {NESTING}"));
        }
        if operators > OPERATORS {
            return refuse(at, format!("the expression has more than {OPERATORS} operators"));
        }
    }
    Ok(())
}

/// The walk over a fresh tree: checks it, and makes it ours.
struct Walk<'p> {
    place: &'p dyn Fn(u64) -> Option<usize>,
}

impl Walk<'_> {
    fn refuse(&self, id: u64, problem: impl Into<String>) -> Result<(), ExpressionError> {
        Err(ExpressionError { at: (self.place)(id), problem: problem.into() })
    }

    fn check(
        &self,
        node: &mut IdedExpr,
        depth: usize,
        in_loop: bool,
    ) -> Result<(), ExpressionError> {
        let Some(depth) = depth.checked_sub(1) else {
            return self.refuse(node.id, format!("the expression is nested deeper than {DEPTH}"));
        };
        match &mut node.expr {
            Expr::Ident(_) | Expr::Literal(_) => Ok(()),
            Expr::Unspecified => self.refuse(node.id, "the expression cannot be read"),
            Expr::Struct(_) => self.refuse(node.id, "a name cannot be followed by `{`"),
            Expr::Select(select) => self.check(&mut select.operand, depth, in_loop),
            Expr::List(list) => {
                list.elements.iter_mut().try_for_each(|element| self.check(element, depth, in_loop))
            }
            Expr::Map(map) => map.entries.iter_mut().try_for_each(|entry| match &mut entry.expr {
                EntryExpr::StructField(_) => self.refuse(entry.id, "the expression cannot be read"),
                EntryExpr::MapEntry(entry) => {
                    self.check(&mut entry.key, depth, in_loop)?;
                    self.check(&mut entry.value, depth, in_loop)
                }
            }),
            Expr::Call(call) => {
                self.check_function(node.id, &call.func_name, call.target.is_some())?;
                let parts = call.target.as_deref_mut().into_iter().chain(&mut call.args);
                parts.into_iter().try_for_each(|part| self.check(part, depth, in_loop))?;
                make_ours(call);
                Ok(())
            }
            Expr::Comprehension(_) if in_loop => self.refuse(
                node.id,
                "a loop (`map`, `filter`, `all`, `exists`) cannot stand in another",
            ),
            Expr::Comprehension(the_loop) => {
                self.check(&mut the_loop.iter_range, depth, in_loop)?;
                let parts = [
                    &mut the_loop.accu_init,
                    &mut the_loop.loop_cond,
                    &mut the_loop.loop_step,
                    &mut the_loop.result,
                ];
                parts.into_iter().try_for_each(|part| self.check(part, depth, true))
            }
        }
    }

    fn check_function(&self, id: u64, name: &str, of_a_value: bool) -> Result<(), ExpressionError> {
        let operator = !name.starts_with(|letter: char| letter.is_ascii_alphabetic());
        let (here, there) = if of_a_value {
            (FUNCTIONS_OF_A_VALUE.as_slice(), FUNCTIONS.as_slice())
        } else {
            (FUNCTIONS.as_slice(), FUNCTIONS_OF_A_VALUE.as_slice())
        };
        if operator || here.contains(&name) {
            return Ok(());
        }
        let remedy = match name {
            _ if there.contains(&name) && of_a_value => {
                " of that form; it is written before: `string(value)`"
            }
            _ if there.contains(&name) => {
                " of that form; it is written behind: `text.contains('…')`"
            }
            "has" => "; `has` is given a name with a dot: `has(json.temperature)`",
            "matches" => {
                "; there are no regular expressions, use `contains`, `startsWith` or `endsWith`"
            }
            "toLowerCase" | "lower" => "; did you mean `lowerAscii`?",
            "toUpperCase" | "upper" => "; did you mean `upperAscii`?",
            "len" | "length" => "; did you mean `size`?",
            _ => "",
        };
        self.refuse(id, format!("there is no function `{name}`{remedy}"))
    }
}

/// Arithmetic is renamed to [what mixes numbers](super::arithmetic), except where the interpreter
/// itself grows the list of a `map` or `filter`; and a list that is written out is compared from
/// the other side, because only a signal's own list knows how to compare itself with any other.
fn make_ours(call: &mut cel::common::ast::CallExpr) {
    traps::by_number(call);
    let [left, right] = call.args.as_mut_slice() else {
        return;
    };
    let grows = matches!(&left.expr, Expr::Ident(name) if name.starts_with('@'));
    if let Some((_, ours)) = RENAMED.iter().find(|(theirs, _)| *theirs == call.func_name && !grows)
    {
        (*ours).clone_into(&mut call.func_name);
    } else if matches!(call.func_name.as_str(), operators::EQUALS | operators::NOT_EQUALS)
        && matches!(&left.expr, Expr::List(_) | Expr::Map(_))
    {
        std::mem::swap(left, right);
    }
}

/// The byte at which the letter of that number begins.
fn byte_of(source: &str, letter: usize) -> Option<usize> {
    source.char_indices().nth(letter).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(source: &str) -> String {
        check_bounds(source).err().map_or_else(String::new, |error| error.problem)
    }

    fn brackets(open: &str, close: &str, depth: usize) -> String {
        format!("{}x{}", open.repeat(depth), close.repeat(depth))
    }

    #[test]
    fn an_expression_has_a_longest_length() {
        assert_eq!(told(&"x".repeat(LENGTH)), "");
        assert!(told(&"x".repeat(LENGTH + 1)).contains("longer than"));
        assert!(told(" \t").contains("empty"));
    }

    #[test]
    fn brackets_stand_in_one_another_to_a_depth_and_beside_one_another_as_often_as_fits() {
        for (open, close) in [("(", ")"), ("[", "]"), ("{", "}")] {
            assert_eq!(told(&brackets(open, close, NESTING)), "", "{open}");
            assert!(told(&brackets(open, close, NESTING + 1)).contains("deeper"), "{open}");
            assert_eq!(told(&brackets(open, close, 1).repeat(NESTING + 1)), "", "{open}");
        }
    }

    #[test]
    fn what_stands_in_quotation_marks_is_text_to_its_end_and_no_further() {
        let deep = "(".repeat(NESTING + 1);
        for (open, close) in [
            ("'", "'"),
            ("\"", "\""),
            ("'\"", "'"),
            ("\"'", "\""),
            (r"'\'", "'"),
            (r#"'\\\""#, "'"),
        ] {
            assert_eq!(told(&format!("{open}{deep}{close}")), "", "{open}");
        }
        for before in ["'a'", "'a\"b'", r"'a\\'", "\"\""] {
            assert!(told(&format!("{before}{deep}")).contains("deeper"), "{before}");
        }
    }

    #[test]
    fn an_expression_has_so_many_operators_and_what_is_none_does_not_count() {
        let repeated = |piece: &str, times: usize| piece.repeat(times);
        assert_eq!(told(&repeated("+", OPERATORS)), "");
        assert!(told(&repeated("+", OPERATORS + 1)).contains("operators"));
        assert_eq!(told(&repeated("a,_", OPERATORS + 1)), "");
        assert_eq!(told(&format!("'{}'", repeated("+", OPERATORS + 1))), "");
        assert_eq!(told(&repeated("''", OPERATORS + 1)), "");
    }
}
