//! The index: for a signal, the few definitions that may concern it.
//!
//! Of each definition one part is looked up: that field of `match`, or `from`, whose values the
//! fewest other definitions share. What it finds may concern the signal and is then held against
//! the whole `match`; what it does not find cannot. A definition of which nothing can be looked up
//! (`text = "*FAULT*"` alone) is always a candidate.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use super::lookup::{Lookup, Rank};
use crate::watch::definition::{Definition, Selector};
use crate::watch::matching::{FieldMatch, Names, Pattern, Scalar};
use crate::watch::signal::{Kind, Signal};

/// Hashing without a random seed: the keys are the operator's, no sender can choose them.
pub(super) type Fixed = BuildHasherDefault<DefaultHasher>;

/// Every definition, by the kind of signal.
#[derive(Debug)]
pub(super) struct Index {
    kinds: [OfKind; Kind::ALL.len()],
}

/// The definitions that look at one kind of signal.
#[derive(Debug, Default)]
struct OfKind {
    fields: Vec<(Arc<str>, Lookup)>,
    /// Those that no lookup finds.
    rest: Vec<usize>,
}

/// One way to find a definition: by one field, under each of its patterns.
struct Way<'d> {
    asked: Asked<'d>,
    rank: Rank,
    /// How many definitions would be found together with it.
    company: usize,
}

/// What is asked of one field.
enum Asked<'d> {
    Borrowed(&'d FieldMatch),
    /// `from`, as if it were asked of the field `input`.
    Inputs(FieldMatch),
}

impl Asked<'_> {
    fn asked(&self) -> &FieldMatch {
        match self {
            Self::Borrowed(asked) => asked,
            Self::Inputs(asked) => asked,
        }
    }
}

impl Index {
    pub(super) fn new(all: &[Definition]) -> Self {
        Self { kinds: Kind::ALL.map(|kind| OfKind::new(kind, all)) }
    }

    /// Visits the places of all definitions that may concern a signal, some perhaps twice.
    pub(super) fn candidates(&self, signal: &Signal, visit: &mut impl FnMut(usize)) {
        let place = Kind::ALL.iter().position(|kind| *kind == signal.kind);
        let Some(of_kind) = place.and_then(|place| self.kinds.get(place)) else {
            return;
        };
        for (field, lookup) in &of_kind.fields {
            let names = Names { field, kind: signal.kind };
            if let Some(value) = signal.field(field) {
                lookup.find(names, value, visit);
            }
            if names.is_trap()
                && let Some(oid) = signal.field("trap_oid")
            {
                lookup.find(names, oid, visit);
            }
        }
        of_kind.rest.iter().for_each(|place| visit(*place));
    }
}

impl OfKind {
    fn new(kind: Kind, all: &[Definition]) -> Self {
        let concerned =
            || all.iter().enumerate().filter(|(_, definition)| may_look_at(definition, kind));
        let mut shared: HashMap<(&str, &str), usize, Fixed> = HashMap::default();
        for (_, definition) in concerned() {
            for (field, written) in all_asked(definition, kind) {
                let count = shared.entry((field, written)).or_default();
                *count = count.saturating_add(1);
            }
        }
        let mut of_kind = Self::default();
        for (place, definition) in concerned() {
            let ways = ways(definition, kind, &shared);
            match ways.iter().min_by_key(|way| (way.company, way.rank)) {
                Some(way) => of_kind.put(kind, way.asked.asked(), place),
                None => of_kind.rest.push(place),
            }
        }
        of_kind
    }

    fn put(&mut self, kind: Kind, asked: &FieldMatch, place: usize) {
        let names = Names { field: &asked.field, kind };
        let known = self.fields.iter_mut().find(|(field, _)| *field == asked.field);
        let put = |lookup: &mut Lookup| {
            asked.any_of.iter().for_each(|pattern| lookup.insert(names, pattern, place))
        };
        match known {
            Some((_, lookup)) => put(lookup),
            None => {
                let mut lookup = Lookup::default();
                put(&mut lookup);
                self.fields.push((Arc::clone(&asked.field), lookup));
            }
        }
    }
}

/// Whether signals of that kind can come from where a definition looks. The name of an input
/// begins with its kind; one that does not may be of any.
fn may_look_at(definition: &Definition, kind: Kind) -> bool {
    definition.from.iter().any(|selector| match selector {
        Selector::Kind(selected) => *selected == kind,
        Selector::Input(input) => {
            let of = input.as_str().split('.').next().and_then(Kind::named);
            of.is_none_or(|of| of == kind)
        }
    })
}

/// The inputs that a definition names, unless it looks at all of that kind.
fn inputs(definition: &Definition, kind: Kind) -> Option<Vec<&str>> {
    definition
        .from
        .iter()
        .filter(|selector| !matches!(selector, Selector::Kind(other) if *other != kind))
        .map(|selector| match selector {
            Selector::Input(input) => Some(input.as_str()),
            Selector::Kind(_) => None,
        })
        .collect()
}

/// All that a definition asks: the field, and the pattern as it is written.
fn all_asked(definition: &Definition, kind: Kind) -> impl Iterator<Item = (&str, &str)> {
    let inputs = inputs(definition, kind).unwrap_or_default();
    let fields = definition.matches.fields().iter();
    let patterns = fields
        .flat_map(|asked| asked.any_of.iter().map(|pattern| (&*asked.field, pattern.written())));
    inputs.into_iter().map(|input| ("input", input)).chain(patterns)
}

/// The ways to find a definition.
fn ways<'d>(
    definition: &'d Definition,
    kind: Kind,
    shared: &HashMap<(&str, &str), usize, Fixed>,
) -> Vec<Way<'d>> {
    let by_inputs = inputs(definition, kind).and_then(|inputs| {
        let text = |input: &str| Pattern::new("input", Scalar::Text(input.to_owned())).ok();
        let any_of = inputs.into_iter().map(text).collect::<Option<Vec<_>>>()?;
        Some(Asked::Inputs(FieldMatch { field: "input".into(), any_of }))
    });
    let by_fields = definition.matches.fields().iter().map(Asked::Borrowed);
    by_fields
        .chain(by_inputs)
        .filter_map(|asked| {
            let FieldMatch { field, any_of } = asked.asked();
            let names = Names { field, kind };
            let rank =
                any_of.iter().map(|pattern| Lookup::rank(names, pattern)).max()?.filter_found()?;
            let together = |pattern: &Pattern| {
                shared.get(&(&**field, pattern.written())).copied().unwrap_or(1)
            };
            let company = any_of.iter().map(together).sum();
            Some(Way { asked, rank, company })
        })
        .collect()
}
