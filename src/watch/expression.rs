//! Expressions: what the files say of a signal's fields in the Common Expression Language.
//!
//! An expression is compiled once, when the configuration is read, and evaluated for each signal
//! that its definition selects. It reads the fields that it names, copies none that it does not
//! name, and neither panics nor runs on: its source is bounded in length and depth, and an
//! evaluation has a budget (`work.rs`). There are no regular expressions.
//!
//! Decision (2026-11-23): numbers mix. CEL refuses `value + 1` where `value` is 8.5, and an operator
//! cannot know whether a sensor sends `8` or `8.0`; so `+ - * /` between a whole number and one
//! with a fraction are done with fractions. Rejected: making every number a fraction, because
//! then a counter of 64 bits loses its last digits.

mod arithmetic;
#[cfg(test)]
mod hostile;
mod names;
mod results;
#[cfg(test)]
pub(crate) mod sample;
mod syntax;
#[cfg(test)]
mod tests;
mod traps;
mod values;
mod words;
mod work;

use std::sync::{Arc, LazyLock};

use cel::common::types::CelBool;
use cel::common::value::CowVal;
use cel::{Context, Env, ExecutionError};

use super::field::Field;
use super::signal::{Signal, Value};
use values::SignalReader;

/// A compiled expression over the fields of a signal.
#[derive(Clone, Debug)]
pub struct Expression(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    source: Box<str>,
    tree: cel::IdedExpr,
    names: Vec<Arc<str>>,
    /// The whole expression is this one field: nothing need be evaluated.
    alone: bool,
}

/// An expression that says yes or no.
#[derive(Clone, Debug)]
pub struct Condition(Expression);

/// An expression that cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{problem}")]
pub struct ExpressionError {
    /// The byte of the source where it goes wrong, if that can be told.
    pub at: Option<usize>,
    /// What is wrong, in a sentence without a full stop.
    pub problem: String,
}

/// A signal of which an expression cannot tell anything.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EvaluationError {
    /// It names a field that this signal does not have.
    #[error("the signal has no field `{0}`")]
    NoField(String),
    /// It looks for a name or a place that is not there: `json.temperature`, `topic[7]`.
    #[error("there is no `{0}` where `{1}` looks for it")]
    NoElement(String, String),
    /// An operation on values that it does not apply to.
    #[error("`{operation}` does not apply to {operands}")]
    DoesNotApply {
        /// The operator or function, as it is written.
        operation: String,
        /// What it was given, in words.
        operands: String,
    },
    /// A condition must be true or false.
    #[error("`{source_text}` gives {value}, which is neither true nor false")]
    NotTruth {
        /// The condition.
        source_text: String,
        /// What it gave.
        value: String,
    },
    /// Arithmetic that has no result.
    #[error("{0}")]
    Arithmetic(&'static str),
    /// More work than a signal may cost.
    #[error("`{0}` would take too long on this signal")]
    TooMuchWork(String),
    /// Anything else that the language complains of.
    #[error("`{source_text}` cannot be evaluated: {problem}")]
    Other {
        /// The expression.
        source_text: String,
        /// What the language says of it.
        problem: String,
    },
}

/// The language: built once, shared by every expression.
static LANGUAGE: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(arithmetic::language()));

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// [`ExpressionError`] where it is no expression, too long or too deep, or uses what is left out of the language.
    pub fn compile(source: &str) -> Result<Self, ExpressionError> {
        let tree = syntax::parse(&LANGUAGE, source)?;
        let names = names::names(&tree, &LANGUAGE);
        let alone = matches!(&tree.expr, cel::common::ast::Expr::Ident(name) if names.iter().any(|known| **known == **name));
        Ok(Self(Arc::new(Compiled { source: source.trim().into(), tree, names, alone })))
    }

    /// The expression as it was written.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// The fields that it names, each once, in the order of the source: the configuration checks
    /// that the inputs can have them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.names.iter().map(|name| &**name)
    }

    /// What it says of this signal.
    ///
    /// # Errors
    /// [`EvaluationError`] where the signal lacks what it names, where values do not fit, or where it costs more than its budget.
    pub fn evaluate(&self, signal: &Signal) -> Result<Value, EvaluationError> {
        self.with_result(signal, |value, reader| {
            results::to_value(&**value, &reader.budget).map_err(|error| self.explain(&error))
        })
    }

    /// The field, when the whole expression is one field.
    pub(super) fn lone_field<'s>(
        &self,
        signal: &'s Signal,
    ) -> Option<Result<Field<'s>, EvaluationError>> {
        self.0.alone.then(|| {
            signal
                .field(&self.0.source)
                .ok_or_else(|| EvaluationError::NoField(self.0.source.to_string()))
        })
    }

    /// Evaluates, and hands the result on before it is copied out of the signal.
    fn with_result<T>(
        &self,
        signal: &Signal,
        read: impl FnOnce(&CowVal<'_, '_>, &SignalReader<'_>) -> Result<T, EvaluationError>,
    ) -> Result<T, EvaluationError> {
        let reader = SignalReader::new(signal);
        let mut context = Context::with_env(Arc::clone(&LANGUAGE));
        context.set_variable_resolver(&reader);
        let result = cel::Value::resolve_val(&self.0.tree, &context);
        let told = match &result {
            Ok(value) => read(value, &reader),
            Err(error) => Err(self.explain(error)),
        };
        // An exhausted budget reads as an absent field or an empty list: whatever came of it.
        if reader.budget.is_spent() {
            return Err(EvaluationError::TooMuchWork(self.0.source.to_string()));
        }
        told
    }

    /// The language's complaint in the operator's words.
    fn explain(&self, error: &ExecutionError) -> EvaluationError {
        let source_text = || self.0.source.to_string();
        match error {
            ExecutionError::UndeclaredReference(name) => {
                EvaluationError::NoField(names::written(name).to_owned())
            }
            ExecutionError::NoSuchKey(key) => {
                EvaluationError::NoElement(words::shortened(key), source_text())
            }
            ExecutionError::IndexOutOfBounds(place) => {
                EvaluationError::NoElement(words::element_name(place), source_text())
            }
            ExecutionError::NoSuchOverload(overload) => EvaluationError::DoesNotApply {
                operation: words::written_operator(overload.function()).to_owned(),
                operands: words::listed(
                    overload.argument_types().iter().map(|name| words::type_in_words(name)),
                ),
            },
            ExecutionError::UnsupportedBinaryOperator(operation, left, right) => {
                EvaluationError::DoesNotApply {
                    operation: words::written_operator(operation).to_owned(),
                    operands: words::listed([left, right].map(words::kind_in_words)),
                }
            }
            ExecutionError::UnexpectedType { got, .. } => EvaluationError::DoesNotApply {
                operation: source_text(),
                operands: words::type_in_words(got).to_owned(),
            },
            ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => {
                EvaluationError::Arithmetic("a division by zero has no result")
            }
            ExecutionError::Overflow(..) => {
                EvaluationError::Arithmetic("the number is too large to reckon with")
            }
            ExecutionError::FunctionError { function, message } => EvaluationError::Other {
                source_text: source_text(),
                problem: words::shortened(&format!("{function}: {message}")),
            },
            other => EvaluationError::Other {
                source_text: source_text(),
                problem: words::shortened(&other.to_string()),
            },
        }
    }
}

impl Condition {
    /// Reads a condition; what can be seen not to give true or false is refused.
    pub fn compile(source: &str) -> Result<Self, ExpressionError> {
        let expression = Expression::compile(source)?;
        match names::surely_not_truth(&expression.0.tree) {
            Some(gives) => Err(ExpressionError {
                at: Some(0),
                problem: format!(
                    "`{}` gives {gives}, but a condition must be true or false",
                    expression.source()
                ),
            }),
            None => Ok(Self(expression)),
        }
    }

    /// Whether it holds for this signal.
    ///
    /// # Errors
    /// [`EvaluationError`], as [`Expression::evaluate`], and where it gives neither true nor false.
    pub fn holds(&self, signal: &Signal) -> Result<bool, EvaluationError> {
        self.0.with_result(signal, |value, reader| match value.downcast_ref::<CelBool>() {
            Some(truth) => Ok(*truth.inner()),
            None => Err(EvaluationError::NotTruth {
                source_text: self.source().to_owned(),
                value: results::to_value(&**value, &reader.budget).map_or_else(
                    |_| "something else".to_owned(),
                    |value| words::shortened(&value.to_string()),
                ),
            }),
        })
    }

    /// The condition as it was written.
    pub fn source(&self) -> &str {
        self.0.source()
    }

    /// The fields that it names, each once, in the order of the source.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.names()
    }

    /// The expression in it.
    pub fn expression(&self) -> &Expression {
        &self.0
    }
}
