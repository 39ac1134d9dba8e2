//! What can be seen of a condition without a signal: with which values it compares a field, and
//! whether it can hold at all for what `match` lets through.
//!
//! It errs on one side only: a condition of which nothing can be told may hold.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};

use crate::watch::expression::Condition;
use crate::watch::signal::Value;

/// A condition as a tree.
pub(super) struct Shape(IdedExpr);

impl Shape {
    /// The tree of a condition that has been compiled, and is therefore bounded.
    pub(super) fn of(condition: &Condition) -> Option<Self> {
        cel::parser::Parser::new().parse(condition.source()).ok().map(Self)
    }

    /// The texts with which it compares that field, in the order of the source.
    pub(super) fn compared_with(&self, field: &str) -> Vec<String> {
        let of_it = self.comparisons().into_iter().filter(|(name, _)| name == field);
        of_it.filter_map(|(_, value)| value.as_text().map(str::to_owned)).collect()
    }

    /// Each field and each value with which it compares it, in the order of the source.
    pub(super) fn comparisons(&self) -> Vec<(String, Value)> {
        let mut found = Vec::new();
        collect(&self.0, &mut found);
        found
    }

    /// Whether it can hold, where `allows` tells which values a field can have.
    pub(super) fn can_hold(&self, allows: &dyn Fn(&str, &Value) -> bool) -> bool {
        can_hold(&self.0, allows)
    }
}

fn collect(node: &IdedExpr, found: &mut Vec<(String, Value)>) {
    let Expr::Call(call) = &node.expr else { return };
    if let Some((name, values)) = comparison(call) {
        found.extend(values.into_iter().map(|value| (name.to_owned(), value)));
    }
    call.target.as_deref().into_iter().chain(&call.args).for_each(|part| collect(part, found));
}

fn can_hold(node: &IdedExpr, allows: &dyn Fn(&str, &Value) -> bool) -> bool {
    let call = match &node.expr {
        Expr::Literal(LiteralValue::Boolean(truth)) => return *truth.inner(),
        Expr::Call(call) => call,
        _ => return true,
    };
    match (call.func_name.as_str(), call.args.as_slice()) {
        (operators::LOGICAL_AND, [left, right]) => {
            can_hold(left, allows) && can_hold(right, allows)
        }
        (operators::LOGICAL_OR, [left, right]) => can_hold(left, allows) || can_hold(right, allows),
        (operators::EQUALS | operators::IN, _) => match comparison(call) {
            Some((field, values)) => values.iter().any(|value| allows(field, value)),
            None => true,
        },
        _ => true,
    }
}

/// `field == literal`, the same the other way round, or `field in [literal, …]`; `!=` too, for
/// who compares with a name that does not exist has made the same mistake.
fn comparison(call: &CallExpr) -> Option<(&str, Vec<Value>)> {
    let [left, right] = call.args.as_slice() else {
        return None;
    };
    let (field, values) = match (call.func_name.as_str(), &left.expr, &right.expr) {
        (operators::EQUALS | operators::NOT_EQUALS, Expr::Ident(field), Expr::Literal(literal))
        | (operators::EQUALS | operators::NOT_EQUALS, Expr::Literal(literal), Expr::Ident(field)) => {
            (field, vec![value(literal)?])
        }
        (operators::IN, Expr::Ident(field), Expr::List(list)) => {
            let literals = list.elements.iter().map(|element| match &element.expr {
                Expr::Literal(literal) => value(literal),
                _ => None,
            });
            (field, literals.collect::<Option<Vec<Value>>>()?)
        }
        _ => return None,
    };
    let is_trap = matches!(field.as_str(), "trap" | "trap_oid");
    let values = values.into_iter().map(|value| if is_trap { without_dot(value) } else { value });
    Some((field, values.collect()))
}

/// An OID that is compared with a trap may be written with a dot before it; the trap has none.
fn without_dot(value: Value) -> Value {
    let text = value.as_text().and_then(|text| text.strip_prefix('.'));
    text.map(Value::text).unwrap_or(value)
}

fn value(literal: &LiteralValue) -> Option<Value> {
    match literal {
        LiteralValue::Boolean(truth) => Some(Value::Bool(*truth.inner())),
        LiteralValue::Double(number) => Some(Value::Float(*number.inner())),
        LiteralValue::Int(number) => Some(Value::Int(*number.inner())),
        LiteralValue::UInt(number) => Some(Value::UInt(*number.inner())),
        LiteralValue::String(text) => Some(Value::text(text.inner())),
        LiteralValue::Bytes(_) | LiteralValue::Null => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Condition, Shape, Value};

    fn shape(source: &str) -> Shape {
        Shape::of(&Condition::compile(source).unwrap()).unwrap()
    }

    #[test]
    fn a_condition_that_needs_what_match_keeps_out_can_never_hold() {
        let only_up = |field: &str, value: &Value| field != "trap" || *value == Value::text("up");
        for (source, possible) in [
            ("trap == 'up'", true),
            ("trap == 'down'", false),
            ("'down' == trap", false),
            ("trap in ['down', 'gone']", false),
            ("trap in ['down', 'up']", true),
            ("trap == 'down' && ifIndex == 3", false),
            ("trap == 'down' || ifIndex == 3", true),
            ("trap == 'down' || false", false),
            ("!(trap == 'down')", true),
            ("trap != 'down'", true),
            ("trap.startsWith('down')", true),
            ("(trap == 'down') == false", true),
            ("trap == '.up'", true), // a number may have a dot before it
        ] {
            assert_eq!(shape(source).can_hold(&only_up), possible, "{source}");
        }
    }

    #[test]
    fn every_name_with_which_a_field_is_compared_is_found() {
        let shape = shape("trap == 'a' || (ifIndex == 3 && !(trap in ['b', 'c'])) || text == 'd'");
        assert_eq!(shape.compared_with("trap"), ["a", "b", "c"]);
    }
}
