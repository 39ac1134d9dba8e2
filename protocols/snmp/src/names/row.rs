//! A row of a table: the INDEX clause, and the values that an instance is made of (RFC 2578 §7.7).
//!
//! An instance that the clause does not account for to its last number is not split at all: half an index names another row.

use std::net::Ipv4Addr;

use super::catalogue::FiledRow;
use super::{Syntax, built_in};
use crate::oid::Oid;
use crate::value::Value;

/// How one object of an INDEX clause stands in an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One number.
    Integer,
    /// Octets, so many.
    Fixed(u16),
    /// Octets, after their count.
    Counted,
    /// Octets to the end (IMPLIED).
    Implied,
    /// An OID, after the count of its numbers.
    CountedOid,
    /// An OID to the end (IMPLIED).
    ImpliedOid,
    /// Four numbers: an IpAddress.
    Address,
}

/// One object of an INDEX clause.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// The object: `ifIndex`.
    pub object: &'a str,
    /// How it stands in an instance.
    pub shape: Shape,
    /// How its values are written.
    pub syntax: Syntax<'a>,
}

/// An INDEX clause; empty where there is none.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a>(pub(super) Clause<'a>);

/// An INDEX clause, wherever it is kept.
#[derive(Debug, Clone, Copy)]
pub(super) enum Clause<'a> {
    /// In the table that is built in.
    BuiltIn(&'static [(&'static str, Shape)]),
    /// In a catalogue.
    Filed(FiledRow<'a>),
}

impl<'a> Row<'a> {
    /// Its objects, in their order.
    pub fn parts(&self) -> Vec<Part<'a>> {
        match self.0 {
            Clause::BuiltIn(parts) => parts
                .iter()
                .map(|&(object, shape)| Part { object, shape, syntax: built_in(object) })
                .collect(),
            Clause::Filed(row) => row.parts(),
        }
    }

    /// The values of which an instance is made; none where it is not made so.
    pub fn split(&self, instance: &[u32]) -> Option<Vec<(Part<'a>, Value)>> {
        let mut rest = instance;
        let mut values = Vec::new();
        for part in self.parts() {
            let value = part.shape.take(&mut rest)?;
            values.push((part, value));
        }
        (rest.is_empty() && !values.is_empty()).then_some(values)
    }
}

impl Shape {
    fn take(self, rest: &mut &[u32]) -> Option<Value> {
        match self {
            Self::Integer => {
                let (number, after) = rest.split_first()?;
                *rest = after;
                Some(Value::Integer(i64::from(*number)))
            }
            Self::Fixed(count) => octets(take(usize::from(count), rest)?),
            Self::Counted => octets(counted(rest)?),
            Self::Implied => octets(std::mem::take(rest)),
            Self::CountedOid => oid(counted(rest)?),
            Self::ImpliedOid => oid(std::mem::take(rest)),
            Self::Address => {
                let Value::OctetString(octets) = octets(take(4, rest)?)? else { return None };
                let octets: [u8; 4] = octets.try_into().ok()?;
                Some(Value::IpAddress(Ipv4Addr::from(octets)))
            }
        }
    }
}

fn take<'r>(count: usize, rest: &mut &'r [u32]) -> Option<&'r [u32]> {
    let (taken, after) = rest.split_at_checked(count)?;
    *rest = after;
    Some(taken)
}

fn counted<'r>(rest: &mut &'r [u32]) -> Option<&'r [u32]> {
    let (count, after) = rest.split_first()?;
    *rest = after;
    take(usize::try_from(*count).ok()?, rest)
}

fn octets(numbers: &[u32]) -> Option<Value> {
    let octets: Result<Vec<u8>, _> = numbers.iter().map(|number| u8::try_from(*number)).collect();
    octets.ok().map(Value::OctetString)
}

fn oid(numbers: &[u32]) -> Option<Value> {
    Oid::new(numbers).ok().map(Value::ObjectIdentifier)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(row: &'static [(&'static str, Shape)], instance: &[u32]) -> Option<Vec<Value>> {
        let split = Row(Clause::BuiltIn(row)).split(instance)?;
        Some(split.into_iter().map(|(_, value)| value).collect())
    }

    #[test]
    fn an_instance_is_split_as_its_index_clause_says() {
        let text = |text: &str| Value::OctetString(text.into());
        let mixed = &[("a", Shape::Integer), ("b", Shape::Counted), ("c", Shape::Address)];
        assert_eq!(
            split(mixed, &[7, 2, 104, 105, 192, 0, 2, 1]),
            Some(vec![Value::Integer(7), text("hi"), Value::IpAddress([192, 0, 2, 1].into())])
        );
        assert_eq!(
            split(&[("a", Shape::Fixed(2)), ("b", Shape::Implied)], &[104, 105, 104, 105, 33]),
            Some(vec![text("hi"), text("hi!")])
        );
        assert_eq!(
            split(&[("a", Shape::CountedOid), ("b", Shape::ImpliedOid)], &[2, 1, 3, 1, 3, 6]),
            Some(vec![
                Value::ObjectIdentifier("1.3".parse().unwrap()),
                Value::ObjectIdentifier("1.3.6".parse().unwrap())
            ])
        );
    }

    #[test]
    fn an_instance_that_does_not_fit_is_not_split() {
        let number = &[("a", Shape::Integer)];
        let counted = &[("a", Shape::Counted)];
        for (row, instance) in [
            (&number[..], &[][..]),
            (number, &[1, 2]),
            (counted, &[3, 104, 105]),
            (counted, &[u32::MAX, 1]),
            (counted, &[1, 256]),
            (&[("a", Shape::Address)], &[192, 0, 2]),
            (&[("a", Shape::CountedOid)], &[2, 3, 1]),
            (&[], &[1]),
        ] {
            assert_eq!(split(row, instance), None, "{instance:?}");
        }
    }
}
