//! All definitions, and which of them concern a signal.
//!
//! They are indexed by kind of input and by what tells them best apart: the cost of a signal does
//! not grow with the number of definitions that do not concern it. The order is the file's.
//! Vigie's [own](super::own_alarms) definitions stand behind: one is used when no definition of
//! the files selects the signal.

mod index;
mod lookup;
#[cfg(test)]
mod tests;
mod topics;
mod trie;

use std::collections::HashMap;

use super::definition::Definition;
use super::name::DefinitionName;
use super::signal::Signal;
use index::{Fixed, Index};

/// The definitions of a site.
#[derive(Debug)]
pub struct Definitions {
    configured: Indexed,
    own: Indexed,
}

#[derive(Debug)]
struct Indexed {
    all: Vec<Definition>,
    names: HashMap<DefinitionName, usize, Fixed>,
    index: Index,
}

impl Definitions {
    /// The definitions of the files, in their order.
    pub fn new(configured: Vec<Definition>) -> Self {
        Self { configured: Indexed::new(configured), own: Indexed::new(Vec::new()) }
    }

    /// With those that Vigie has for its own alarms.
    #[must_use]
    pub fn with_own(self, own: Vec<Definition>) -> Self {
        Self { own: Indexed::new(own), ..self }
    }

    /// The same, with this definition in the place of the one that bears its name.
    #[must_use]
    pub fn with(self, definition: Definition) -> Self {
        let mut own = self.own.all;
        let mut configured = self.configured.all;
        own.retain(|known| known.name != definition.name);
        configured.retain(|known| known.name != definition.name);
        configured.push(definition);
        Self::new(configured).with_own(own)
    }

    /// The definitions that select a signal, in the order of the files.
    pub fn select(&self, signal: &Signal) -> impl Iterator<Item = &Definition> {
        let configured = self.configured.selecting(signal);
        let own = if configured.is_empty() { self.own.selecting(signal) } else { Vec::new() };
        configured.into_iter().chain(own)
    }

    /// The definition of that name; one of the files hides one of Vigie's own.
    pub fn get(&self, name: &str) -> Option<&Definition> {
        self.configured.get(name).or_else(|| self.own.get(name))
    }

    /// Those of the files, in their order.
    pub fn configured(&self) -> impl Iterator<Item = &Definition> {
        self.configured.all.iter()
    }

    /// All: those of the files in their order, then Vigie's own.
    pub fn iter(&self) -> impl Iterator<Item = &Definition> {
        self.configured.all.iter().chain(&self.own.all)
    }
}

impl Indexed {
    fn new(all: Vec<Definition>) -> Self {
        let names = all
            .iter()
            .enumerate()
            .map(|(place, definition)| (definition.name.clone(), place))
            .collect();
        Self { names, index: Index::new(&all), all }
    }

    fn get(&self, name: &str) -> Option<&Definition> {
        self.names.get(name).and_then(|place| self.all.get(*place))
    }

    /// Nothing is allocated where nothing is selected.
    fn selecting(&self, signal: &Signal) -> Vec<&Definition> {
        let mut selected: Vec<usize> = Vec::new();
        self.index.candidates(signal, &mut |place| {
            if self.all.get(place).is_some_and(|definition| definition.concerns(signal)) {
                selected.push(place);
            }
        });
        selected.sort_unstable();
        selected.dedup();
        selected.into_iter().filter_map(|place| self.all.get(place)).collect()
    }
}
