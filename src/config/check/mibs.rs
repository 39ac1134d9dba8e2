//! `mibs` of `[snmp.*]`: the names that the traps of each receiver may bear, and what is to be told of its folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vigie_snmp::names::Names;

use super::Disk;
use super::fields::Inputs;
use super::from::means;
use crate::config::file::wires::Snmp;
use crate::config::file::{Files, Named};
use crate::config::finding::{Finding, Findings};
use crate::config::mibs::{self, Earlier, Filed, Kept, LAST_ARE_USED};
use crate::watch::definition::Selector;
use crate::watch::name::InputName;

/// So many modules are named in a complaint.
const NAMED: usize = 3;

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
        Disk::Look(means, _) => mibs::read(folders, store, means),
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

fn tell_of_earlier(table: &Snmp, earlier: &Earlier, findings: &mut Findings) {
    let Some(list) = table.mibs.read() else { return };
    let named: Vec<&str> = earlier.modules.iter().take(NAMED).map(String::as_str).collect();
    let more = earlier.modules.len().saturating_sub(named.len());
    let others = if more > 0 { format!(" and {more} more") } else { String::new() };
    let sentence = format!(
        "names of {}{others} are in no file any more: {LAST_ARE_USED}, since an alarm needs them",
        named.join(", ")
    );
    let help = "put the MIB file back, or write numbers, which always work";
    findings.add(Finding::warning(list.place, sentence).help(help));
}

impl Mibs {
    /// Goes on with names that the files no longer give, where fewer errors are found with them: what a definition needs is not
    /// taken from it because a file is away.
    pub(super) fn keep_what_is_needed(
        &mut self,
        files: &Files,
        findings: &mut Findings,
        errors_with: impl Fn(&Self) -> usize,
    ) {
        if self.receivers.iter().all(|(_, filed)| filed.earlier.is_none()) {
            return;
        }
        if errors_with(&self.strict(false)) <= errors_with(&self.strict(true)) {
            return;
        }
        let mut told: Vec<Arc<Names>> = Vec::new();
        for (Named { table, .. }, (_, filed)) in files.snmp.iter().zip(&mut self.receivers) {
            let Some(earlier) = filed.earlier.take() else { continue };
            if !told.iter().any(|names| Arc::ptr_eq(names, &earlier.names)) {
                told.push(Arc::clone(&earlier.names));
                tell_of_earlier(table, &earlier, findings);
            }
            filed.names = earlier.names;
            // Nor is the one before replaced: the next start needs it again.
            filed.fresh = None;
        }
    }

    /// The same, where every name that is not known counts: also one that nobody calls wrong while a file cannot be read.
    fn strict(&self, with_earlier: bool) -> Self {
        let strict = |filed: &Filed| {
            let earlier = filed.earlier.as_ref().filter(|_| with_earlier);
            let names = earlier.map_or(&filed.names, |earlier| &earlier.names);
            Filed { names: Arc::clone(names), lacks_names: false, ..Filed::unknown() }
        };
        let receivers = self.receivers.iter();
        Self { receivers: receivers.map(|(name, filed)| (name.clone(), strict(filed))).collect() }
    }

    /// Adds the names of the receivers that are selected; none is where the selector is wrong.
    pub(super) fn add_names(&self, selector: Option<&Selector>, inputs: &mut Inputs) {
        let selected = self
            .receivers
            .iter()
            .filter(|(name, _)| selector.is_some_and(|selector| means(selector, name.as_str())));
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
