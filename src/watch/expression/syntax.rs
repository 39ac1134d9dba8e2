//! Reading an expression: its bounds, its faults in the operator's words, and the fields it names.
//!
//! The parser and the interpreter of the language go down into an expression by calling
//! themselves, so a source is bounded before the one and its tree before the other. Loops (`map`,
//! `exists` and their like) do not stand in one another: a signal's sender decides how long lists
//! are, and would decide how long we take.

use std::sync::Arc;

use cel::Env;
use cel::common::ast::{EntryExpr, Expr, IdedExpr, LiteralValue, operators};
use cel::parser::{ParseError, ParseErrors};

use super::ExpressionError;
use super::arithmetic::RENAMED;

/// A source is no longer than this, in bytes.
const LENGTH: usize = 4_096;
/// Brackets stand in one another no deeper than this.
const NESTING: usize = 24;
/// A source has no more operators and brackets than this: each may be one step down.
const OPERATORS: usize = 400;
/// The tree is no deeper than this.
const DEPTH: usize = 48;

/// What an expression can call, besides its operators. The language knows more: what is left out
/// takes time that grows faster than its text (`replace`, `indexOf`), or has no use here.
const FUNCTIONS: [&str; 16] = [
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
    "string",
    "int",
    "uint",
    "double",
    "bool",
    "type",
];

/// Reads a source into a tree that can be evaluated.
pub(super) fn parse(language: &Env, source: &str) -> Result<IdedExpr, ExpressionError> {
    check_bounds(source)?;
    let (mut tree, places) = language
        .parser()
        .parse_with_source_info(source)
        .map_err(|errors| complaint(source, &errors))?;
    let place = |id| {
        places
            .offset_for(id)
            .and_then(|(start, _)| byte_of(source, usize::try_from(start).ok()?))
    };
    Walk { place: &place }.check(&mut tree, DEPTH, false)?;
    Ok(tree)
}

/// Refuses, before the parser sees it, what would lead it too deep.
fn check_bounds(source: &str) -> Result<(), ExpressionError> {
    let refuse = |at, problem: String| {
        Err(ExpressionError {
            at: Some(at),
            problem,
        })
    };
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
            return refuse(
                at,
                format!("brackets stand in one another deeper than {NESTING}"),
            );
        }
        if operators > OPERATORS {
            return refuse(
                at,
                format!("the expression has more than {OPERATORS} operators"),
            );
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
        Err(ExpressionError {
            at: (self.place)(id),
            problem: problem.into(),
        })
    }

    fn check(
        &self,
        node: &mut IdedExpr,
        depth: usize,
        in_loop: bool,
    ) -> Result<(), ExpressionError> {
        let Some(depth) = depth.checked_sub(1) else {
            return self.refuse(
                node.id,
                format!("the expression is nested deeper than {DEPTH}"),
            );
        };
        match &mut node.expr {
            Expr::Ident(_) | Expr::Literal(_) => Ok(()),
            Expr::Unspecified => self.refuse(node.id, "the expression cannot be read"),
            Expr::Struct(_) => self.refuse(node.id, "a name cannot be followed by `{`"),
            Expr::Select(select) => self.check(&mut select.operand, depth, in_loop),
            Expr::List(list) => list
                .elements
                .iter_mut()
                .try_for_each(|element| self.check(element, depth, in_loop)),
            Expr::Map(map) => map
                .entries
                .iter_mut()
                .try_for_each(|entry| match &mut entry.expr {
                    EntryExpr::StructField(_) => {
                        self.refuse(entry.id, "the expression cannot be read")
                    }
                    EntryExpr::MapEntry(entry) => {
                        self.check(&mut entry.key, depth, in_loop)?;
                        self.check(&mut entry.value, depth, in_loop)
                    }
                }),
            Expr::Call(call) => {
                self.check_function(node.id, &call.func_name, call.target.is_some())?;
                let parts = call.target.as_deref_mut().into_iter().chain(&mut call.args);
                parts
                    .into_iter()
                    .try_for_each(|part| self.check(part, depth, in_loop))?;
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
                parts
                    .into_iter()
                    .try_for_each(|part| self.check(part, depth, true))
            }
        }
    }

    fn check_function(&self, id: u64, name: &str, of_a_value: bool) -> Result<(), ExpressionError> {
        let operator = !name.starts_with(|letter: char| letter.is_ascii_alphabetic());
        if operator || FUNCTIONS.contains(&name) {
            return Ok(());
        }
        let remedy = match name {
            "has" => "; `has` is given a name with a dot: `has(json.temperature)`",
            "matches" => {
                "; there are no regular expressions, use `contains`, `startsWith` or `endsWith`"
            }
            "toLowerCase" | "lower" => "; did you mean `lowerAscii`?",
            "toUpperCase" | "upper" => "; did you mean `upperAscii`?",
            "len" | "length" => "; did you mean `size`?",
            _ if !of_a_value && matches!(name, "contains" | "startsWith" | "endsWith") => {
                "; write `text.contains('…')`"
            }
            _ => "",
        };
        self.refuse(id, format!("there is no function `{name}`{remedy}"))
    }
}

/// Arithmetic is renamed to [what mixes numbers](super::arithmetic), except where the interpreter
/// itself grows the list of a `map` or `filter`; and a list that is written out is compared from
/// the other side, because only a signal's own list knows how to compare itself with any other.
fn make_ours(call: &mut cel::common::ast::CallExpr) {
    let [left, right] = call.args.as_mut_slice() else {
        return;
    };
    let grows = matches!(&left.expr, Expr::Ident(name) if name.starts_with('@'));
    if let Some((_, ours, _)) = RENAMED
        .iter()
        .find(|(theirs, ..)| *theirs == call.func_name && !grows)
    {
        (*ours).clone_into(&mut call.func_name);
    } else if matches!(
        call.func_name.as_str(),
        operators::EQUALS | operators::NOT_EQUALS
    ) && matches!(&left.expr, Expr::List(_) | Expr::Map(_))
    {
        std::mem::swap(left, right);
    }
}

/// The names that a tree refers to and does not bind itself, each once, in the source's order.
pub(super) fn names(tree: &IdedExpr, language: &Env) -> Vec<Arc<str>> {
    let mut found = Vec::new();
    collect(tree, &mut Vec::new(), &mut found);
    found.sort_by_key(|(id, _)| *id);
    let mut names: Vec<Arc<str>> = Vec::new();
    for (_, name) in found {
        let is_type = language.types().find_type(name).is_some();
        if !is_type && !names.iter().any(|known| **known == *name) {
            names.push(Arc::from(name));
        }
    }
    names
}

fn collect<'t>(node: &'t IdedExpr, bound: &mut Vec<&'t str>, found: &mut Vec<(u64, &'t str)>) {
    match &node.expr {
        Expr::Unspecified | Expr::Literal(_) => {}
        Expr::Ident(name) => {
            let name = name.trim_start_matches('.');
            if !name.starts_with('@') && !bound.contains(&name) {
                found.push((node.id, name));
            }
        }
        Expr::Select(select) => collect(&select.operand, bound, found),
        Expr::List(list) => list
            .elements
            .iter()
            .for_each(|element| collect(element, bound, found)),
        Expr::Call(call) => {
            call.target
                .as_deref()
                .into_iter()
                .chain(&call.args)
                .for_each(|part| collect(part, bound, found));
        }
        Expr::Map(map) => map
            .entries
            .iter()
            .for_each(|entry| collect_entry(&entry.expr, bound, found)),
        Expr::Struct(made) => made
            .entries
            .iter()
            .for_each(|entry| collect_entry(&entry.expr, bound, found)),
        Expr::Comprehension(the_loop) => {
            collect(&the_loop.iter_range, bound, found);
            let outside = bound.len();
            bound.push(&the_loop.iter_var);
            for part in [
                &the_loop.accu_init,
                &the_loop.loop_cond,
                &the_loop.loop_step,
                &the_loop.result,
            ] {
                collect(part, bound, found);
            }
            bound.truncate(outside);
        }
    }
}

fn collect_entry<'t>(
    entry: &'t EntryExpr,
    bound: &mut Vec<&'t str>,
    found: &mut Vec<(u64, &'t str)>,
) {
    match entry {
        EntryExpr::StructField(field) => collect(&field.value, bound, found),
        EntryExpr::MapEntry(entry) => {
            collect(&entry.key, bound, found);
            collect(&entry.value, bound, found);
        }
    }
}

/// What a tree gives, in words, when it can be seen that it is not true or false.
pub(super) fn surely_not_truth(tree: &IdedExpr) -> Option<&'static str> {
    match &tree.expr {
        Expr::Literal(LiteralValue::Boolean(_)) => None,
        Expr::Literal(LiteralValue::String(_)) => Some("text"),
        Expr::Literal(LiteralValue::Int(_) | LiteralValue::UInt(_) | LiteralValue::Double(_)) => {
            Some("a number")
        }
        Expr::Literal(_) => Some("neither"),
        Expr::List(_) => Some("a list"),
        Expr::Map(_) => Some("a map"),
        Expr::Call(call) => match call.func_name.as_str() {
            "@minus"
            | "@times"
            | "@by"
            | operators::MODULO
            | operators::NEGATE
            | "size"
            | "int"
            | "uint"
            | "double" => Some("a number"),
            "string" | "lowerAscii" | "upperAscii" | "trim" | "substring" | "charAt" => {
                Some("text")
            }
            "@plus" => Some("a sum"),
            _ => None,
        },
        Expr::Unspecified
        | Expr::Ident(_)
        | Expr::Select(_)
        | Expr::Struct(_)
        | Expr::Comprehension(_) => None,
    }
}

/// An operator as people write it.
pub(super) fn written_operator(name: &str) -> &str {
    if let Some((.., written)) = RENAMED
        .iter()
        .find(|(theirs, ours, _)| *theirs == name || *ours == name)
    {
        return written;
    }
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

/// The parser's first complaint in the operator's words.
fn complaint(source: &str, errors: &ParseErrors) -> ExpressionError {
    let Some(first) = errors.errors.first() else {
        return ExpressionError {
            at: None,
            problem: "the expression cannot be read".to_owned(),
        };
    };
    let at = byte_at(source, first);
    let unexpected = first.msg.split('\'').nth(1).unwrap_or_default();
    let problem = match unexpected {
        "<EOF>" => "the expression ends too early".to_owned(),
        "=" => "`=` is not expected here; a comparison is written `==`".to_owned(),
        "and" | "AND" => "`and` is written `&&`".to_owned(),
        "or" | "OR" => "`or` is written `||`".to_owned(),
        "not" | "NOT" => "`not` is written `!`".to_owned(),
        "&" => "`&` is not expected here; and is written `&&`".to_owned(),
        "|" => "`|` is not expected here; or is written `||`".to_owned(),
        _ if first.msg.starts_with("Syntax error: ") && !unexpected.is_empty() => {
            format!(
                "`{}` is not expected here",
                super::values::shortened(unexpected)
            )
        }
        _ => format!(
            "the expression cannot be read: {}",
            super::values::shortened(&first.msg.replace('\n', " "))
        ),
    };
    ExpressionError { at, problem }
}

/// The byte of the parser's line and column, both of which begin at one.
fn byte_at(source: &str, error: &ParseError) -> Option<usize> {
    let line = usize::try_from(error.pos.0).ok()?.checked_sub(1)?;
    let column = usize::try_from(error.pos.1).ok()?.checked_sub(1)?;
    let before: usize = source.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = source.get(before..)?;
    Some(
        before
            + rest
                .char_indices()
                .nth(column)
                .map_or(rest.len(), |(at, _)| at),
    )
}

/// The byte at which the letter of that number begins.
fn byte_of(source: &str, letter: usize) -> Option<usize> {
    source.char_indices().nth(letter).map(|(at, _)| at)
}
