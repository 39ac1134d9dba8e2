//! Finding definitions by the value of one field.

use std::collections::HashMap;

use ipnet::IpNet;

use super::index::Fixed;
use super::topics::Topics;
use super::trie::Trie;
use crate::watch::field::Field;
use crate::watch::matching::{
    Canonical, Level, Names, Pattern, Test, Written, address, normalised, small_letters,
};
use crate::watch::signal::Value;

type Places<K> = HashMap<K, Vec<usize>, Fixed>;

/// The definitions that one field finds.
#[derive(Debug, Default)]
pub(super) struct Lookup {
    texts: Places<Box<str>>,
    wholes: Places<i128>,
    phones: Places<Box<str>>,
    topics: Topics,
    networks: Trie,
    beginnings: Trie,
}

/// How well a pattern can be looked up; the better, the less.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Rank {
    /// By its hash.
    Whole,
    /// By the levels of a topic.
    Topic,
    /// By the bits of an address.
    Network,
    /// By how it begins.
    Beginning,
    /// Not at all.
    Never,
}

impl Rank {
    /// None where nothing can be looked up.
    pub(super) fn filter_found(self) -> Option<Self> {
        (self != Self::Never).then_some(self)
    }
}

impl Lookup {
    /// How well a pattern of that field can be looked up.
    pub(super) fn rank(names: Names<'_>, pattern: &Pattern) -> Rank {
        match pattern.test() {
            Test::Equals { value: Canonical::Fraction(_), .. } => Rank::Never,
            Test::Equals { typed, .. } if names.is_typed_text() && typed.is_empty() => Rank::Never,
            Test::Equals { .. } if names.is_typed_text() => Rank::Beginning,
            Test::Equals { .. } | Test::Phone(_) => Rank::Whole,
            Test::Topic(filter)
                if filter.levels().iter().any(|level| matches!(level, Level::Named(_))) =>
            {
                Rank::Topic
            }
            Test::Network(network) if network.prefix_len() > 0 => Rank::Network,
            Test::Form { glob, .. } if names.field != "topic" && !glob.beginning().is_empty() => {
                Rank::Beginning
            }
            Test::Topic(_) | Test::Network(_) | Test::Form { .. } => Rank::Never,
        }
    }

    pub(super) fn insert(&mut self, names: Names<'_>, pattern: &Pattern, place: usize) {
        match pattern.test() {
            Test::Equals { typed, .. } if names.is_typed_text() => {
                self.beginnings.insert(typed.bytes(), place)
            }
            Test::Form { typed, .. } if names.is_typed_text() => {
                self.beginnings.insert(typed.beginning().bytes(), place)
            }
            Test::Equals { value: Canonical::Text(text), .. } => {
                put(&mut self.texts, text.clone(), place)
            }
            Test::Equals { value: Canonical::Whole(number), .. } => {
                put(&mut self.wholes, *number, place)
            }
            Test::Equals { value: Canonical::Fraction(_), .. } => {}
            Test::Form { glob, .. } => self.beginnings.insert(glob.beginning().bytes(), place),
            Test::Network(network) => self.networks.insert(bits(network), place),
            Test::Phone(number) => put(&mut self.phones, number.as_str().into(), place),
            Test::Topic(filter) => {
                self.topics.insert(filter, place);
                // A topic that is no list of levels is compared as a text.
                put(&mut self.texts, pattern.written().into(), place);
            }
        }
    }

    /// Visits the places under that value.
    pub(super) fn find(&self, names: Names<'_>, field: Field<'_>, visit: &mut impl FnMut(usize)) {
        match field {
            Field::Text(text) => self.find_text(names, text, visit),
            Field::Value(Value::Text(text)) => self.find_text(names, text, visit),
            Field::Time(time) => self.find_text(names, &time.to_string(), visit),
            Field::Value(Value::List(values)) => {
                if !self.topics.is_empty() {
                    self.topics.walk(values, visit);
                }
                let scalars =
                    values.iter().filter(|value| !matches!(value, Value::List(_) | Value::Map(_)));
                scalars.for_each(|value| self.find(names, Field::Value(value), visit));
            }
            Field::Value(value) => {
                match Written::of(value) {
                    Some(Written::Text(text)) => visit_all(self.texts.get(text), visit),
                    Some(Written::Whole(number)) => visit_all(self.wholes.get(&number), visit),
                    Some(Written::Fraction(_)) | None => {}
                }
                if !self.beginnings.is_empty() && !matches!(value, Value::Map(_)) {
                    self.beginnings.walk(value.to_string().bytes(), visit);
                }
            }
        }
    }

    fn find_text(&self, names: Names<'_>, text: &str, visit: &mut impl FnMut(usize)) {
        if names.is_typed_text() {
            let mut buffer = [0; 4];
            let bytes = small_letters(text).flat_map(move |letter| {
                let length = letter.encode_utf8(&mut buffer).len();
                buffer.into_iter().take(length)
            });
            return self.beginnings.walk(bytes, visit);
        }
        match Written::of_text(text) {
            Written::Whole(number) => visit_all(self.wholes.get(&number), visit),
            Written::Text(_) | Written::Fraction(_) => {}
        }
        if !self.texts.is_empty() {
            visit_all(self.texts.get(text), visit);
        }
        if !self.phones.is_empty()
            && let Some(number) = normalised(text)
        {
            visit_all(self.phones.get(&*number), visit);
        }
        if !self.networks.is_empty()
            && let Some(address) = address(text)
        {
            self.networks.walk(bits(&IpNet::from(address)), visit);
        }
        if !self.beginnings.is_empty() {
            self.beginnings.walk(text.bytes(), visit);
        }
    }
}

fn put<K: Eq + std::hash::Hash>(places: &mut Places<K>, key: K, place: usize) {
    places.entry(key).or_default().push(place);
}

fn visit_all(places: Option<&Vec<usize>>, visit: &mut impl FnMut(usize)) {
    places.into_iter().flatten().for_each(|place| visit(*place));
}

/// The bits of a network that are fixed, after a step that tells the two kinds of addresses apart.
fn bits(network: &IpNet) -> impl Iterator<Item = u8> {
    let (family, bits) = match network {
        IpNet::V4(four) => (4, u128::from(four.addr().to_bits()) << 96),
        IpNet::V6(six) => (6, six.addr().to_bits()),
    };
    let fixed = u32::from(network.prefix_len());
    let bit = move |place: u32| {
        u8::from(bits.checked_shr(127_u32.saturating_sub(place)).is_some_and(|rest| rest & 1 == 1))
    };
    std::iter::once(family).chain((0..fixed).map(bit))
}
