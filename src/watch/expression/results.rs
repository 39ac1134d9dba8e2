//! What an expression gives, as a value of ours.

use cel::ExecutionError;
use cel::common::types::{CelBool, CelDouble, CelInt, CelString, CelUInt, Kind};
use cel::common::value::Val;

use super::work::Budget;
use crate::watch::signal::{Fields, Value};

/// Deeper values are not read back: JSON that deep is an attack.
const DEPTH: usize = 64;

/// A result of the language as a value of ours.
pub(super) fn to_value(value: &dyn Val, budget: &Budget) -> Result<Value, ExecutionError> {
    read_back(value, budget, DEPTH)
}

fn read_back(value: &dyn Val, budget: &Budget, depth: usize) -> Result<Value, ExecutionError> {
    let unreadable =
        || ExecutionError::InternalError("the result is not a value that Vigie knows".to_owned());
    let depth = depth.checked_sub(1).ok_or_else(unreadable)?;
    if !budget.spend(1) {
        return Ok(Value::Null);
    }
    if let Some(text) = value.downcast_ref::<CelString>() {
        return Ok(if budget.spend_text(text.inner()) {
            Value::text(text.inner())
        } else {
            Value::Null
        });
    }
    if let Some(number) = value.downcast_ref::<CelInt>() {
        return Ok(Value::Int(*number.inner()));
    }
    if let Some(number) = value.downcast_ref::<CelDouble>() {
        return Ok(Value::Float(*number.inner()));
    }
    if let Some(truth) = value.downcast_ref::<CelBool>() {
        return Ok(Value::Bool(*truth.inner()));
    }
    if let Some(number) = value.downcast_ref::<CelUInt>() {
        return Ok(i64::try_from(*number.inner()).map_or(Value::UInt(*number.inner()), Value::Int));
    }
    match value.get_type().kind() {
        Kind::NullType => Ok(Value::Null),
        Kind::List => {
            let mut elements = value.as_iterable().ok_or_else(unreadable)?.iter();
            let mut list = Vec::new();
            while let Some(element) = elements.next() {
                list.push(read_back(element, budget, depth)?);
                if budget.is_spent() {
                    break;
                }
            }
            Ok(Value::List(list))
        }
        Kind::Map => read_back_map(value, budget, depth),
        _ => Err(unreadable()),
    }
}

fn read_back_map(value: &dyn Val, budget: &Budget, depth: usize) -> Result<Value, ExecutionError> {
    let (Some(keys), Some(elements)) = (value.as_iterable(), value.as_indexer()) else {
        return Err(ExecutionError::InternalError("a map that cannot be read".to_owned()));
    };
    let mut keys = keys.iter();
    let mut fields = Fields::default();
    while let Some(key) = keys.next() {
        let element = read_back(&*elements.get(key)?, budget, depth)?;
        fields.set(read_back(key, budget, depth)?.to_string(), element);
        if budget.is_spent() {
            break;
        }
    }
    Ok(Value::Map(fields))
}
