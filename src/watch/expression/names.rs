//! What can be known of an expression without a signal: the fields that it names, and whether it
//! can be true or false at all.

use std::sync::Arc;

use cel::Env;
use cel::common::ast::{EntryExpr, Expr, IdedExpr, LiteralValue, operators};

use super::traps::TRAP_NUMBER;

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

/// A field as its expression names it.
pub(super) fn written(name: &str) -> &str {
    if name == TRAP_NUMBER { "trap" } else { name.trim_start_matches('.') }
}

fn collect<'t>(node: &'t IdedExpr, bound: &mut Vec<&'t str>, found: &mut Vec<(u64, &'t str)>) {
    match &node.expr {
        Expr::Unspecified | Expr::Literal(_) => {}
        Expr::Ident(name) => {
            let name = written(name);
            if !name.starts_with('@') && !bound.contains(&name) {
                found.push((node.id, name));
            }
        }
        Expr::Select(select) => collect(&select.operand, bound, found),
        Expr::List(list) => list.elements.iter().for_each(|element| collect(element, bound, found)),
        Expr::Call(call) => {
            call.target
                .as_deref()
                .into_iter()
                .chain(&call.args)
                .for_each(|part| collect(part, bound, found));
        }
        Expr::Map(map) => {
            map.entries.iter().for_each(|entry| collect_entry(&entry.expr, bound, found))
        }
        Expr::Struct(made) => {
            made.entries.iter().for_each(|entry| collect_entry(&entry.expr, bound, found))
        }
        Expr::Comprehension(the_loop) => {
            collect(&the_loop.iter_range, bound, found);
            let outside = bound.len();
            bound.push(&the_loop.iter_var);
            for part in
                [&the_loop.accu_init, &the_loop.loop_cond, &the_loop.loop_step, &the_loop.result]
            {
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
