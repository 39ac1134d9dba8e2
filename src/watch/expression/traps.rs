//! A number that is compared with `trap` is compared with the trap's number.
//!
//! Whether a trap bears a name is a matter of the MIB files that are in a folder that day. What an
//! expression says by a number (`trap == "1.3.6.1.4.1.318.0.5"`) holds whether they are there or not; in
//! `match` it is the same.

use cel::common::ast::{CallExpr, Expr, IdedExpr, ListExpr, LiteralValue, operators};

/// The trap's number, where a comparison means it; no name that anybody can write.
pub(super) const TRAP_NUMBER: &str = "@trap_oid";

/// Makes comparisons of `trap` with numbers mean its number.
pub(super) fn by_number(call: &mut CallExpr) {
    let [left, right] = call.args.as_mut_slice() else {
        return;
    };
    if names_trap(left) || names_trap(right) {
        [&mut *left, &mut *right].into_iter().for_each(without_dot);
    }
    match call.func_name.as_str() {
        operators::EQUALS | operators::NOT_EQUALS if is_number(left) => rename(right),
        operators::EQUALS | operators::NOT_EQUALS if is_number(right) => rename(left),
        operators::IN if is_trap(left) => {
            let Expr::List(list) = &right.expr else { return };
            let parted: (Vec<IdedExpr>, Vec<IdedExpr>) =
                list.elements.iter().cloned().partition(is_number);
            match parted {
                (numbers, _) if numbers.is_empty() => {}
                (_, others) if others.is_empty() => rename(left),
                (numbers, others) => either(call, numbers, others),
            }
        }
        _ => {}
    }
}

/// Names and numbers in one list: one of these, or one of those.
fn either(call: &mut CallExpr, numbers: Vec<IdedExpr>, others: Vec<IdedExpr>) {
    let among = |name: &str, elements: Vec<IdedExpr>| {
        let ident = IdedExpr { id: 0, expr: Expr::Ident(name.to_owned()) };
        let list = IdedExpr { id: 0, expr: Expr::List(ListExpr::new(elements)) };
        let func_name = operators::IN.to_owned();
        let call = CallExpr { func_name, target: None, args: vec![ident, list] };
        IdedExpr { id: 0, expr: Expr::Call(call) }
    };
    call.args = vec![among("trap", others), among(TRAP_NUMBER, numbers)];
    operators::LOGICAL_OR.clone_into(&mut call.func_name);
}

fn rename(node: &mut IdedExpr) {
    if is_trap(node) {
        node.expr = Expr::Ident(TRAP_NUMBER.to_owned());
    }
}

/// An OID may be written with a dot before it, as snmptrapd has it; no field has it so.
fn without_dot(node: &mut IdedExpr) {
    if let Expr::List(list) = &mut node.expr {
        list.elements.iter_mut().filter(|element| is_number(element)).for_each(without_dot);
    } else if is_number(node)
        && let Expr::Literal(LiteralValue::String(text)) = &mut node.expr
    {
        *text = text.inner().trim_start_matches('.').to_owned().into();
    }
}

fn names_trap(node: &IdedExpr) -> bool {
    is_trap(node) || matches!(&node.expr, Expr::Ident(name) if name == "trap_oid")
}

fn is_trap(node: &IdedExpr) -> bool {
    matches!(&node.expr, Expr::Ident(name) if name == "trap")
}

/// Whether it is the text of an OID.
fn is_number(node: &IdedExpr) -> bool {
    let Expr::Literal(LiteralValue::String(text)) = &node.expr else {
        return false;
    };
    let text = text.inner();
    let letters = text.bytes().all(|letter| letter.is_ascii_digit() || letter == b'.');
    letters && text.contains('.')
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use crate::watch::expression::Condition;
    use crate::watch::signal::{Kind, Value};

    #[test]
    fn a_number_means_the_trap_whether_a_mib_names_it_or_not() {
        let named = |trap: &str| {
            let signal = sample::link(trap, 3);
            sample::with(signal, "trap_oid", Value::text("1.3.6.1.4.1.318.0.5"))
        };
        for trap in ["PowerNet-MIB::upsOnBattery", "1.3.6.1.4.1.318.0.5"] {
            for (source, holds) in [
                ("trap == '1.3.6.1.4.1.318.0.5'", true),
                ("'1.3.6.1.4.1.318.0.5' == trap", true),
                ("trap != '1.3.6.1.4.1.318.0.5'", false),
                ("trap == '1.3.6.1.4.1.318.0.9'", false),
                ("trap in ['1.3.6.1.4.1.318.0.9', '1.3.6.1.4.1.318.0.5']", true),
                ("trap in ['IF-MIB::linkUp', '1.3.6.1.4.1.318.0.5']", true),
                ("trap in ['IF-MIB::linkUp', '1.3.6.1.4.1.318.0.9']", false),
                ("!(trap in ['1.3.6.1.4.1.318.0.5'])", false),
                ("trap == '.1.3.6.1.4.1.318.0.5'", true),
                ("trap in ['IF-MIB::linkUp', '.1.3.6.1.4.1.318.0.5']", true),
            ] {
                let condition = Condition::compile(source).unwrap();
                assert_eq!(condition.holds(&named(trap)), Ok(holds), "{source} of {trap}");
                assert_eq!(condition.names().collect::<Vec<_>>(), ["trap"], "{source}");
            }
        }
        let by_name = Condition::compile("trap == 'PowerNet-MIB::upsOnBattery'").unwrap();
        assert_eq!(by_name.holds(&named("PowerNet-MIB::upsOnBattery")), Ok(true));
    }

    #[test]
    fn a_number_may_be_written_with_a_dot_before_it() {
        for (source, holds) in [
            ("trap_oid == '.1.3.6.1.6.3.1.1.5.3'", true),
            ("'.1.3.6.1.6.3.1.1.5.3' == trap_oid", true),
            ("trap_oid in ['.1.3.6.1.6.3.1.1.5.4', '.1.3.6.1.6.3.1.1.5.3']", true),
            ("trap_oid != '.1.3.6.1.6.3.1.1.5.3'", false),
            ("'.5' in ['.5']", true),
        ] {
            let condition = Condition::compile(source).unwrap();
            assert_eq!(condition.holds(&sample::link("x", 3)), Ok(holds), "{source}");
        }
    }

    #[test]
    fn a_signal_that_has_no_number_beside_its_trap_is_compared_by_that() {
        let trap = Value::text("1.3.6.1.4.1.318.0.5");
        let signal = sample::with(sample::signal(Kind::Snmp), "trap", trap);
        let condition = Condition::compile("trap == '1.3.6.1.4.1.318.0.5'").unwrap();
        assert_eq!(condition.holds(&signal), Ok(true));
    }
}
