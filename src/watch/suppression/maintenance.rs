//! Windows of maintenance: times at which the files keep alarms quiet, once or every week (behaviour §8).
//!
//! # Decision (2026-11-27): a window hides what begins inside
//!
//! What people are being called about when a window opens was there before the work began, and goes on. When the window closes,
//! what began inside and is still there calls people. Vigie's own alarms are quiet only where the files name them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::watch::name::DefinitionName;
use crate::watch::schedule::{Holidays, Hours, Wall};
use crate::watch::time::Utc;

/// All windows of the files, found by what they keep quiet.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Maintenances {
    of_all: Vec<Arc<Maintenance>>,
    of: HashMap<DefinitionName, Vec<Arc<Maintenance>>>,
}

/// One `[maintenance.NAME]`.
#[derive(Clone, PartialEq, Debug)]
pub struct Maintenance {
    /// Its name.
    pub name: Arc<str>,
    /// When.
    pub times: Times,
}

/// When a window is open.
#[derive(Clone, PartialEq, Debug)]
pub enum Times {
    /// Once.
    Once {
        /// From this instant on.
        from: Utc,
        /// Until this one.
        until: Utc,
    },
    /// Every week, by the clocks of the site.
    Weekly(Hours, Wall),
}

impl Maintenances {
    /// Adds a window that keeps these quiet; `None`: all but Vigie's own.
    pub fn add(&mut self, definitions: Option<Vec<DefinitionName>>, maintenance: Maintenance) {
        let maintenance = Arc::new(maintenance);
        let Some(definitions) = definitions else { return self.of_all.push(maintenance) };
        for definition in definitions {
            self.of.entry(definition).or_default().push(Arc::clone(&maintenance));
        }
    }

    /// Every window by its name: when it is open, and what it keeps quiet; nothing named: all but Vigie's own.
    pub(in crate::watch) fn windows(&self) -> BTreeMap<&str, (&Times, BTreeSet<&DefinitionName>)> {
        let all =
            self.of_all.iter().map(|window| (&*window.name, (&window.times, BTreeSet::new())));
        let mut windows: BTreeMap<_, _> = all.collect();
        for (definition, of) in &self.of {
            for window in of {
                let (_, named) =
                    windows.entry(&*window.name).or_insert((&window.times, BTreeSet::new()));
                named.insert(definition);
            }
        }
        windows
    }

    /// The window that is open for a definition, and when it may close.
    pub(in crate::watch) fn open(
        &self,
        definition: &DefinitionName,
        is_of_vigie: bool,
        at: Utc,
    ) -> Option<(&Arc<str>, Utc)> {
        let named = self.of.get(definition).into_iter().flatten();
        let all = self.of_all.iter().filter(|_| !is_of_vigie);
        let mut open = named.chain(all).filter_map(|window| Some((&window.name, window.open(at)?)));
        open.next()
    }
}

impl Maintenance {
    /// Until when it is open, at least; `None`: it is not.
    fn open(&self, at: Utc) -> Option<Utc> {
        match &self.times {
            Times::Once { from, until } => (*from <= at && at < *until).then_some(*until),
            Times::Weekly(hours, wall) => {
                let is_open = hours.cover(at, wall, &Holidays::default());
                is_open.then(|| hours.next_change(at, wall))
            }
        }
    }
}
