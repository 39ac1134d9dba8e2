//! `mibs` of `[snmp.*]`: the names that the traps of each receiver may bear, and what is to be told of its folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vigie_snmp::names::Names;

use super::Disk;
use super::fields::Inputs;
use crate::config::file::wires::Snmp;
use crate::config::file::{Files, Named};
use crate::config::finding::{Finding, Findings};
use crate::config::mibs::{self, Filed, Kept};
use crate::watch::definition::Selector;
use crate::watch::name::InputName;

/// The names of every receiver.
#[derive(Debug)]
pub(super) struct Mibs {
    receivers: Vec<(InputName, Filed)>,
}

/// Reads `mibs` of every receiver. Receivers that have the same folders share their names.
pub(super) fn mibs(files: &Files, store: &Path, disk: Disk<'_>, findings: &mut Findings) -> Mibs {
    let mut read: Vec<(Vec<PathBuf>, Filed)> = Vec::new();
    let mut receivers = Vec::new();
    for Named { name, table } in &files.snmp {
        let folders = folders(table);
        let known =
            read.iter().find(|(known, _)| *known == folders).map(|(_, filed)| filed.clone());
        let filed = known.unwrap_or_else(|| {
            let filed = names(&folders, store, disk);
            tell(table, &filed, findings);
            read.push((folders, filed.clone()));
            filed
        });
        receivers.push((InputName::new(&format!("snmp.{}", name.value)), filed));
    }
    Mibs { receivers }
}

fn folders(table: &Snmp) -> Vec<PathBuf> {
    let list = table.mibs.value();
    list.map(|list| list.items.iter().map(|folder| folder.value.clone()).collect())
        .unwrap_or_default()
}

fn names(folders: &[PathBuf], store: &Path, disk: Disk<'_>) -> Filed {
    match disk {
        _ if folders.is_empty() => Filed { lacks_names: false, ..Filed::unknown() },
        Disk::Look(means) => mibs::read(folders, store, means),
        Disk::Ignore => Filed::unknown(),
    }
}

fn tell(table: &Snmp, filed: &Filed, findings: &mut Findings) {
    let Some(list) = table.mibs.read() else { return };
    for note in &filed.notes {
        let at = list.value.items.iter().find(|folder| {
            let folder = folder.value.display().to_string();
            note.strip_prefix(&folder).is_some_and(|rest| rest.starts_with(' '))
        });
        let finding = Finding::warning(at.map_or(list.place, |folder| folder.place), note);
        findings.add(finding.help("names that are not known stay numbers, which always work"));
    }
}

impl Mibs {
    /// Adds the names of the receivers that are selected; none is where the selector is wrong.
    pub(super) fn add_names(&self, selector: Option<&Selector>, inputs: &mut Inputs) {
        let selected = self.receivers.iter().filter(|(name, _)| match selector {
            Some(Selector::Input(input)) => input == name,
            Some(Selector::Kind(_)) => true,
            None => false,
        });
        for (_, filed) in selected {
            inputs.lacks_names |= filed.lacks_names;
            if !inputs.names.iter().any(|known| Arc::ptr_eq(known, &filed.names)) {
                inputs.names.push(Arc::clone(&filed.names));
            }
        }
        // Of an input that does not exist the built-in names are still right.
        if inputs.names.is_empty() {
            inputs.names.push(Arc::new(Names::built_in()));
        }
    }

    /// What the daemon is told.
    pub(super) fn into_settings(self) -> (BTreeMap<InputName, Arc<Names>>, Vec<Kept>) {
        let mut catalogues: Vec<Kept> = Vec::new();
        for fresh in self.receivers.iter().filter_map(|(_, filed)| filed.fresh.as_ref()) {
            if !catalogues.iter().any(|known| known.path() == fresh.path()) {
                catalogues.push(fresh.clone());
            }
        }
        let names = self.receivers.into_iter().map(|(name, filed)| (name, filed.names));
        (names.collect(), catalogues)
    }
}
