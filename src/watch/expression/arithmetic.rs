//! The language that expressions are written in: CEL's standard library, a few functions on text,
//! and arithmetic in which whole numbers and fractions mix.
//!
//! The interpreter knows `+ - * /` by their names and never asks for overloads of them; so
//! [`syntax`](super::syntax) renames those operators in the tree to the functions declared here.

use cel::common::ast::operators;
use cel::common::types::{CelDouble, CelInt, CelUInt, DYN_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{Env, ExecutionError};

/// The operators that are renamed: the interpreter's name, ours, and what people write.
pub(super) const RENAMED: [(&str, &str); 4] = [
    (operators::ADD, "@plus"),
    (operators::SUBSTRACT, "@minus"),
    (operators::MULTIPLY, "@times"),
    (operators::DIVIDE, "@by"),
];

type Outcome<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;
type Operation = for<'b, 'v> fn(Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v>;

/// The language, with what is declared here.
pub(super) fn language() -> Env {
    const OPERATIONS: [Operation; 4] = [plus, minus, times, by];
    let mut env = Env::stdlib().with_optional_support(false);
    env.add_extension(cel::extensions::strings)
        .expect("the standard library has none of these functions");
    for ((_, name), operation) in RENAMED.into_iter().zip(OPERATIONS) {
        env.add_overload(name, name, vec![DYN_TYPE, DYN_TYPE], operation)
            .expect("the name holds an @, so that nothing else can have it");
    }
    env
}

fn plus<'b, 'v>(operands: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    reckon("+", &operands, |a, b| a + b, |a, b| Some(a.as_adder()?.add(b).map(CowVal::into_owned)))
}

fn minus<'b, 'v>(operands: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    reckon(
        "-",
        &operands,
        |a, b| a - b,
        |a, b| Some(a.as_subtractor()?.sub(b).map(CowVal::into_owned)),
    )
}

fn times<'b, 'v>(operands: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    reckon(
        "*",
        &operands,
        |a, b| a * b,
        |a, b| Some(a.as_multiplier()?.mul(b).map(CowVal::into_owned)),
    )
}

fn by<'b, 'v>(operands: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    reckon(
        "/",
        &operands,
        |a, b| a / b,
        |a, b| Some(a.as_divider()?.div(b).map(CowVal::into_owned)),
    )
}

/// Two numbers of different types as fractions; everything else as CEL has it.
fn reckon<'b, 'v>(
    sign: &str,
    operands: &[CowVal<'b, 'v>],
    mixed: impl FnOnce(f64, f64) -> f64,
    alike: impl for<'a> FnOnce(
        &'a (dyn Val + 'v),
        &'a (dyn Val + 'v),
    ) -> Option<Result<Box<dyn Val + 'v>, ExecutionError>>,
) -> Outcome<'b, 'v> {
    let [left, right] = operands else {
        return Err(ExecutionError::invalid_argument_count(2, operands.len()));
    };
    let (left, right): (&(dyn Val + 'v), &(dyn Val + 'v)) = (&**left, &**right);
    let refused = || {
        let types = [left, right].map(|operand| operand.get_type().name().to_owned());
        ExecutionError::no_such_overload(sign, types.to_vec())
    };
    if left.get_type() != right.get_type()
        && let (Some(left), Some(right)) = (fraction(left), fraction(right))
    {
        return Ok(CowVal::owned(CelDouble::from(mixed(left, right))));
    }
    match alike(left, right).ok_or_else(refused)? {
        Ok(result) => Ok(CowVal::Owned(result)),
        // The complaint would carry copies of both values, however long.
        Err(
            ExecutionError::UnsupportedBinaryOperator(..) | ExecutionError::UnexpectedType { .. },
        ) => Err(refused()),
        Err(error) => Err(error),
    }
}

/// A number of any type as a fraction.
#[expect(
    clippy::as_conversions,
    reason = "there is no other way; beyond 2^53 the last digits are lost, as in CEL's own comparisons"
)]
fn fraction(value: &dyn Val) -> Option<f64> {
    if let Some(number) = value.downcast_ref::<CelDouble>() {
        return Some(*number.inner());
    }
    if let Some(number) = value.downcast_ref::<CelInt>() {
        return Some(*number.inner() as f64);
    }
    value.downcast_ref::<CelUInt>().map(|number| *number.inner() as f64)
}
