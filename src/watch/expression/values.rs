//! A signal's values as the language sees them.
//!
//! Scalars are borrowed; a list or a map is looked into where an expression asks for an element,
//! and is laid out only when the expression goes through all of it.

use std::sync::OnceLock;

use cel::ExecutionError;
use cel::common::traits::{Adder, Container, Indexer, Iterable, Iterator as Elements, Sizer};
use cel::common::types::{
    CelBool, CelDouble, CelInt, CelList, CelNull, CelString, CelUInt, Kind, LIST_TYPE, MAP_TYPE,
    Type,
};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;

use super::traps::TRAP_NUMBER;
use super::work::Budget;
use crate::watch::field::Field;
use crate::watch::signal::{Fields, Signal, Value};

/// A signal's fields as the variables of an expression.
pub(super) struct SignalReader<'s> {
    signal: &'s Signal,
    pub(super) budget: Budget,
}

impl<'s> SignalReader<'s> {
    pub(super) fn new(signal: &'s Signal) -> Self {
        Self { signal, budget: Budget::new() }
    }
}

impl VariableResolver for SignalReader<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let field = match variable {
            // Where nothing tells the two apart, the trap is its number.
            TRAP_NUMBER => self.signal.field("trap_oid").or_else(|| self.signal.field("trap")),
            _ => self.signal.field(variable),
        };
        match field? {
            Field::Text(text) => {
                self.budget.spend_text(text).then(|| CowVal::owned(CelString::from(text)))
            }
            Field::Time(time) => Some(CowVal::owned(CelString::from(time.to_string()))),
            Field::Value(value) => {
                self.budget.spend(1).then(|| borrowed(value, &self.budget)).flatten()
            }
        }
    }
}

/// A value as the language sees it; `None` when the budget is spent.
fn borrowed<'s>(value: &'s Value, budget: &'s Budget) -> Option<CowVal<'s, 's>> {
    Some(CowVal::Owned(boxed(value, budget)?))
}

fn boxed<'s>(value: &'s Value, budget: &'s Budget) -> Option<Box<dyn Val + 's>> {
    Some(match value {
        Value::Null => Box::new(CelNull),
        Value::Bool(truth) => Box::new(CelBool::from(*truth)),
        Value::Int(number) => Box::new(CelInt::from(*number)),
        Value::UInt(number) => Box::new(CelUInt::from(*number)),
        Value::Float(number) => Box::new(CelDouble::from(*number)),
        Value::Text(text) if budget.spend_text(text) => Box::new(CelString::from(&**text)),
        Value::Text(_) => return None,
        Value::List(values) => Box::new(ListView { values, budget, laid_out: OnceLock::new() }),
        Value::Map(fields) => Box::new(MapView { fields, budget, laid_out: OnceLock::new() }),
    })
}

type LaidOut<'s> = OnceLock<Vec<Box<dyn Val + 's>>>;

/// A list in a signal.
struct ListView<'s> {
    values: &'s [Value],
    budget: &'s Budget,
    laid_out: LaidOut<'s>,
}

/// A map in a signal.
struct MapView<'s> {
    fields: &'s Fields,
    budget: &'s Budget,
    laid_out: LaidOut<'s>,
}

impl<'s> ListView<'s> {
    fn elements(&self) -> &[Box<dyn Val + 's>] {
        self.laid_out.get_or_init(|| {
            if !self.budget.spend(self.values.len()) {
                return Vec::new();
            }
            self.values.iter().filter_map(|value| boxed(value, self.budget)).collect()
        })
    }

    fn element(&self, place: &dyn Val) -> Result<Box<dyn Val + 's>, ExecutionError> {
        let wanted = place.downcast_ref::<CelInt>().map(|place| *place.inner());
        let wanted = wanted.ok_or_else(|| {
            let types = [&LIST_TYPE, place.get_type()].map(|known| known.name().to_owned());
            ExecutionError::no_such_overload("_[_]", types.to_vec())
        })?;
        usize::try_from(wanted)
            .ok()
            .and_then(|place| self.values.get(place))
            .and_then(|value| boxed(value, self.budget))
            .ok_or(ExecutionError::IndexOutOfBounds(cel::Value::Int(wanted)))
    }
}

impl<'s> MapView<'s> {
    fn keys(&self) -> &[Box<dyn Val + 's>] {
        self.laid_out.get_or_init(|| {
            if !self.budget.spend(self.fields.iter().count()) {
                return Vec::new();
            }
            self.fields
                .iter()
                .map(|(name, _)| -> Box<dyn Val + 's> { Box::new(CelString::from(name)) })
                .collect()
        })
    }

    fn element(&self, key: &dyn Val) -> Result<Box<dyn Val + 's>, ExecutionError> {
        let key = key.downcast_ref::<CelString>().map(CelString::inner).ok_or_else(|| {
            let types = [&MAP_TYPE, key.get_type()].map(|known| known.name().to_owned());
            ExecutionError::no_such_overload("_[_]", types.to_vec())
        })?;
        self.fields
            .get(key)
            .and_then(|value| boxed(value, self.budget))
            .ok_or_else(|| ExecutionError::no_such_key(key))
    }
}

/// What both views offer the language; they differ in what they are laid out as.
macro_rules! offer {
    ($view:ident, $kind:ident, $laid_out:ident, $elements:ident) => {
        impl std::fmt::Debug for $view<'_> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($view))
            }
        }

        impl<'s> Val for $view<'s> {
            fn get_type(&self) -> &Type {
                &$kind
            }

            fn cel_type() -> &'static Type {
                &$kind
            }

            fn as_adder<'b, 'v>(&'b self) -> Option<&'b (dyn Adder + 'v)>
            where
                Self: 'v,
            {
                Some(self)
            }

            fn as_container(&self) -> Option<&dyn Container> {
                Some(self)
            }

            fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
            where
                Self: 'v,
            {
                Some(self)
            }

            fn as_iterable<'b, 'v>(&'b self) -> Option<&'b (dyn Iterable + 'v)>
            where
                Self: 'v,
            {
                Some(self)
            }

            fn as_sizer(&self) -> Option<&dyn Sizer> {
                Some(self)
            }

            fn equals(&self, other: &dyn Val) -> bool {
                self.same_as(other)
            }

            fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
            where
                Self: 'v,
            {
                Box::new($view {
                    $laid_out: self.$laid_out,
                    budget: self.budget,
                    laid_out: OnceLock::new(),
                })
            }
        }

        impl Indexer for $view<'_> {
            fn get<'b, 'v>(&'b self, place: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
            where
                Self: 'v,
            {
                Ok(CowVal::Owned(self.element(place)?))
            }

            fn steal<'v>(
                self: Box<Self>,
                place: &dyn Val,
            ) -> Result<Box<dyn Val + 'v>, ExecutionError>
            where
                Self: 'v,
            {
                self.element(place)
            }
        }

        impl Iterable for $view<'_> {
            fn iter<'b, 'v>(&'b self) -> Box<dyn Elements<'b, 'v> + 'b>
            where
                Self: 'v,
            {
                Box::new(Through(self.$elements().iter()))
            }
        }

        impl Sizer for $view<'_> {
            fn size(&self) -> CelInt {
                CelInt::from(i64::try_from(self.len()).unwrap_or(i64::MAX))
            }
        }
    };
}

offer!(ListView, LIST_TYPE, values, elements);
offer!(MapView, MAP_TYPE, fields, keys);

struct Through<'b, 's>(std::slice::Iter<'b, Box<dyn Val + 's>>);

impl<'b, 's: 'v, 'v> Elements<'b, 'v> for Through<'b, 's> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'v)> {
        self.0.next().map(|element| -> &'b (dyn Val + 'v) { &**element })
    }
}

impl ListView<'_> {
    fn len(&self) -> usize {
        self.values.len()
    }

    fn same_as(&self, other: &dyn Val) -> bool {
        let (Some(size), Some(others)) = (other.as_sizer(), other.as_iterable()) else {
            return false;
        };
        if other.get_type().kind() != Kind::List || self.size() != size.size() {
            return false;
        }
        let mut others = others.iter();
        self.elements()
            .iter()
            .all(|element| others.next().is_some_and(|other| element.equals(other)))
    }
}

impl MapView<'_> {
    fn len(&self) -> usize {
        self.fields.iter().count()
    }

    fn same_as(&self, other: &dyn Val) -> bool {
        let (Some(size), Some(others)) = (other.as_sizer(), other.as_indexer()) else {
            return false;
        };
        if other.get_type().kind() != Kind::Map || self.size() != size.size() {
            return false;
        }
        self.keys().iter().all(|key| {
            let mine = self.element(key.as_ref());
            mine.is_ok_and(|mine| others.get(key.as_ref()).is_ok_and(|other| mine.equals(&*other)))
        })
    }
}

impl Adder for ListView<'_> {
    fn add<'b, 'v>(&'b self, other: &(dyn Val + 'v)) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let refused = || {
            ExecutionError::no_such_overload(
                "+",
                vec![LIST_TYPE.name().to_owned(), other.get_type().name().to_owned()],
            )
        };
        let mut others = other.as_iterable().ok_or_else(refused)?.iter();
        let mut sum: Vec<Box<dyn Val + 'v>> =
            self.elements().iter().map(|element| element.clone_as_boxed()).collect();
        while let Some(element) = others.next() {
            sum.push(element.clone_as_boxed());
        }
        Ok(CowVal::owned(CelList::from(sum)))
    }
}

impl Adder for MapView<'_> {
    fn add<'b, 'v>(&'b self, other: &(dyn Val + 'v)) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let types = [&MAP_TYPE, other.get_type()].map(|known| known.name().to_owned());
        Err(ExecutionError::no_such_overload("+", types.to_vec()))
    }
}

impl Container for ListView<'_> {
    fn contains(&self, wanted: &dyn Val) -> Result<bool, ExecutionError> {
        Ok(self.elements().iter().any(|element| element.equals(wanted)))
    }
}

impl Container for MapView<'_> {
    fn contains(&self, wanted: &dyn Val) -> Result<bool, ExecutionError> {
        Ok(wanted
            .downcast_ref::<CelString>()
            .is_some_and(|key| self.fields.get(key.inner()).is_some()))
    }
}
